/* check_warnings.c: Django's warnings of models: options without an effect, and what a database does not have. */
#include "orm/dialect.h"
#include "orm/node.h"
#include <clef/base/vec.h>
#include <clef/orm/checks.h>
#include <clef/orm/router.h>
#include <clef/validators/validator.h>

typedef struct Warnings {
    Arena *a;
    VEC(ModelWarning) list;
    const ModelInfo *info;
    const Dialect *d;
    const char *database; /* its name for people */
} Warnings;

static CLEF_PRINTF(5, 6) void warn(Warnings *w, const Field *f, const char *id, const char *hint, const char *format,
                                   ...)
{
    Arena *a = w->a;
    const ModelInfo *info = w->info;
    Buf b = BUF_INIT(a, 1 << 16);
    va_list args;
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    Str object = str_format(a, "%.*s.%s%s%s", STR_FMT(info->label), info->m->name, f ? "." : "", f ? f->name : "");
    VEC_PUSH(a, &w->list, ((ModelWarning){ .id = id, .object = object, .text = buf_view(&b), .hint = str_c(hint) }));
}

/* --- fields by themselves */

static bool ignores_length(const Field *f)
{
    return f->max_length != 0 &&
           (field_is_auto(f) || (f->kind >= FIELD_INTEGER && f->kind <= FIELD_POSITIVE_SMALL_INTEGER));
}

/* A default that is now, or today, was meant to be computed. */
static bool is_now(Arena *a, const Field *f)
{
    enum { NEAR_US = 10 * 1000000 };
    if (!f->default_value.box || (f->kind != FIELD_DATE && f->kind != FIELD_DATETIME))
        return false;
    Value v = f->default_value.box(a, f->default_value.at);
    DateTime now = datetime_now();
    if (v.tag == VALUE_DATE)
        return v.us == naive_date(datetime_utc(now)).days;
    int64_t apart = v.tag == VALUE_DATETIME ? v.us - now.us : NEAR_US + 1;
    return apart >= -NEAR_US && apart <= NEAR_US;
}

static void check_column(Warnings *w, const Field *f)
{
    static const char *const generated = "GeneratedField.output_field has warnings:\n    "
                                         "'max_length' is ignored when used with %s. (fields.W122)";
    if (ignores_length(f) && field_is_generated(f))
        warn(w, f, "fields.W224", "", generated, field_class(f));
    else if (ignores_length(f))
        warn(w, f, "fields.W122", "Remove 'max_length' from field", "'max_length' is ignored when used with %s.",
             field_class(f));
    if (is_now(w->a, f))
        warn(
            w, f, "fields.W161",
            "It seems you set a fixed date / time / datetime value as default for this field. This may not be what you "
            "want. If you want to have the current date as default, use .default_fn",
            "Fixed default value provided.");
    if (f->kind == FIELD_FOREIGN_KEY && f->unique)
        warn(w, f, "fields.W342", "ForeignKey(unique=True) is usually better served by a OneToOneField.",
             "Setting unique=True on a ForeignKey has the same effect as using a OneToOneField.");
}

static void check_between(Warnings *w, const Field *f)
{
    if (f->null)
        warn(w, f, "fields.W340", "", "null has no effect on ManyToManyField.");
    if (f->validators && f->validators->check)
        warn(w, f, "fields.W341", "", "ManyToManyField does not support validators.");
    if (f->symmetrical && f->related_name)
        warn(w, f, "fields.W345", "",
             "related_name has no effect on ManyToManyField with a symmetrical relationship, e.g. to \"self\".");
    if (f->db_comment)
        warn(w, f, "fields.W346", "", "db_comment has no effect on ManyToManyField.");
}

/* --- tables that are shared, which routers may keep apart */

static void check_table(Warnings *w, size_t at)
{
    const ModelInfo *info = w->info;
    Buf b = BUF_INIT(w->a, 1 << 16);
    size_t n = 0;
    for (size_t i = 0; model_at(i); i++) {
        const ModelInfo *other = model_at(i)->slot->info;
        if (other->concrete != other || other->meta->unmanaged || !str_eq(other->table, info->table))
            continue;
        if (i < at)
            return;
        buf_printf(&b, "%s%.*s.%s", n++ ? ", " : "", STR_FMT(other->label), other->m->name);
    }
    if (n < 2 || !routers_are_installed())
        return;
    Str models = buf_view(&b);
    Str hint = str_format(w->a,
                          "You have configured settings.DATABASE_ROUTERS. Verify that %.*s are correctly routed to "
                          "separate databases.",
                          STR_FMT(models));
    warn(w, NULL, "models.W035", hint.p, "db_table '%.*s' is used by multiple models: %.*s.", STR_FMT(info->table),
         STR_FMT(models));
    w->list.p[w->list.n - 1].object = info->table;
}

size_t models_warnings(Arena *a, const ModelWarning **out)
{
    Warnings w = { .a = a };
    for (size_t i = 0; model_at(i); i++) {
        const ModelInfo *info = w.info = model_at(i)->slot->info;
        if (info->concrete != info)
            continue;
        for (size_t j = 0; j < info->n; j++)
            check_column(&w, info->fields[j].f);
        for (size_t j = 0; j < info->nbetween; j++)
            check_between(&w, info->between[j].f);
        if (!info->meta->unmanaged)
            check_table(&w, i);
    }
    *out = w.list.p;
    return w.list.n;
}

/* --- what a database does not have */

static const char no_index[] = "An index won't be created. Silence this warning if you don't care about it.";
static const char no_constraint[] = "A constraint won't be created. Silence this warning if you don't care about it.";

static void check_stored(Warnings *w, const FieldInfo *field)
{
    const Field *f = field->f;
    bool my = str_eq(str_c(w->d->vendor), STR("mysql")) || str_eq(str_c(w->d->vendor), STR("mariadb"));
    const char *type = f->kind == FIELD_TEXT     ? "longtext"
                       : f->kind == FIELD_BINARY ? "longblob"
                       : f->kind == FIELD_JSON   ? "json"
                                                 : NULL;
    if (f->db_comment && !w->d->has.supports_comments)
        warn(w, f, "fields.W163", "", "%s does not support comments on columns (db_comment).", w->database);
    if (my && f->db_index && type)
        warn(w, f, "fields.W162", no_index, "%s does not support a database index on %s columns.", w->database, type);
}

static void check_index(Warnings *w, const Index *index)
{
    const DialectFeatures *has = &w->d->has;
    if (index->condition && !has->supports_partial_indexes)
        warn(w, NULL, "models.W037", "Conditions will be ignored. Silence this warning if you don't care about it.",
             "%s does not support indexes with conditions.", w->database);
    if (index->include && index->include[0] && !has->supports_covering_indexes)
        warn(w, NULL, "models.W040",
             "Non-key columns will be ignored. Silence this warning if you don't care about it.",
             "%s does not support indexes with non-key columns.", w->database);
    if (index->expressions && !has->supports_expression_indexes)
        warn(w, NULL, "models.W043", no_index, "%s does not support indexes on expressions.", w->database);
}

static bool has_raw(Arena *a, const Pred *p, unsigned depth)
{
    Value v = p->value.box && !p->connector ? p->value.box(a, p->value.at) : value_null();
    const Expr *e = expr_of(v);
    if (e && e->kind == EXPR_RAW)
        return true;
    for (size_t i = 0; i < p->nchildren && depth < QUERY_MAX_DEPTH; i++)
        if (has_raw(a, &p->children[i], depth + 1))
            return true;
    return false;
}

static void check_unique(Warnings *w, const Constraint *c)
{
    const DialectFeatures *has = &w->d->has;
    const struct {
        bool asked;
        const char *id, *what;
    } rows[] = {
        { c->check && !has->supports_partial_indexes, "models.W036", "with conditions" },
        { (c->deferrable || c->deferrable_immediate) && !has->supports_deferrable_unique_constraints, "models.W038",
          NULL },
        { c->include && c->include[0] && !has->supports_covering_indexes, "models.W039", "with non-key columns" },
        { c->expressions && !has->supports_expression_indexes, "models.W044", "on expressions" },
        { (c->nulls_not_distinct || c->nulls_distinct) && !has->supports_nulls_distinct_unique_constraints,
          "models.W047", "with nulls distinct" },
    };
    for (size_t i = 0; i < CLEF_COUNT(rows); i++)
        if (rows[i].asked && rows[i].what)
            warn(w, NULL, rows[i].id, no_constraint, "%s does not support unique constraints %s.", w->database,
                 rows[i].what);
        else if (rows[i].asked)
            warn(w, NULL, rows[i].id, no_constraint, "%s does not support deferrable unique constraints.", w->database);
}

static void check_stored_model(Warnings *w)
{
    const ModelInfo *info = w->info;
    const Model *m = info->meta;
    if (m->db_table_comment && !w->d->has.supports_comments)
        warn(w, NULL, "models.W046", "", "%s does not support comments on tables (db_table_comment).", w->database);
    for (size_t i = 0; i < info->n; i++)
        check_stored(w, &info->fields[i]);
    for (size_t i = 0; i < m->nindexes; i++)
        check_index(w, &m->indexes[i]);
    for (size_t i = 0; i < m->nconstraints; i++) {
        const Constraint *c = &m->constraints[i];
        if (constraint_is_unique(c))
            check_unique(w, c);
        else if (!w->d->has.supports_table_check_constraints)
            warn(w, NULL, "models.W027", no_constraint, "%s does not support check constraints.", w->database);
        else if (c->check && has_raw(w->a, c->check, 0))
            warn(w, NULL, "models.W045", "Silence this warning if you don't care about it.",
                 "Check constraint '%s' contains RawSQL() expression and won't be validated during the model "
                 "full_clean().",
                 c->name);
    }
}

size_t models_database_warnings(Context *cx, Str alias, const ModelWarning **out)
{
    static const char *const names[][2] = {
        { "sqlite", "SQLite" }, { "postgresql", "PostgreSQL" }, { "mysql", "MySQL" }, { "mariadb", "MariaDB" }
    };
    Warnings w = { .a = cx->arena, .d = dialect_of(cx, alias) };
    w.database = w.d->vendor;
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_eq(str_c(names[i][0]), str_c(w.d->vendor)))
            w.database = names[i][1];
    for (size_t i = 0; model_at(i); i++) {
        w.info = model_at(i)->slot->info;
        if (w.info->concrete == w.info && router_allow_migrate(alias, w.info->label, w.info->m))
            check_stored_model(&w);
    }
    *out = w.list.p;
    return w.list.n;
}
