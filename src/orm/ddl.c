/* ddl.c: names, types, columns and indexes, as Django's schema editor writes them for SQLite. */
#include "orm/ddl.h"
#include "orm/dialect.h"
#include <clef/codec/crypto.h>
#include <clef/orm/expr.h>

enum { NAME_MAX_BYTES = 200, META_TABLE_MAX = 11, META_COLUMN_MAX = 7 };

/* --- names */

/* The first `length` hexadecimal digits of MD5 over the texts, as Django's names_digest. */
static Str names_digest(Arena *a, const Str *texts, size_t n, size_t length)
{
    Buf b = BUF_INIT(a, DDL_MAX);
    uint8_t digest[DIGEST_MAX] = { 0 };
    for (size_t i = 0; i < n; i++)
        buf_str(&b, texts[i]);
    if (!digest_bytes(DIGEST_MD5, buf_view(&b), digest))
        memset(digest, 0, sizeof digest);
    Buf out = BUF_INIT(a, 64);
    for (size_t i = 0; i < length; i++)
        buf_byte(&out, "0123456789abcdef"[i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4]);
    return buf_view(&out);
}

Str ddl_joined(Arena *a, const Str *texts, size_t n, const char *between)
{
    Buf b = BUF_INIT(a, DDL_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_c(&b, between);
        buf_str(&b, texts[i]);
    }
    return buf_view(&b);
}

Str ddl_quoted(Arena *a, Str name)
{
    return str_format(a, "\"%.*s\"", STR_FMT(str_replace(a, name, STR("\""), STR("\"\""))));
}

/* No database takes a name that begins so. */
static Str with_first_letter(Arena *a, Str name, size_t keep)
{
    if (name.p[0] != '_' && (name.p[0] < '0' || name.p[0] > '9'))
        return name;
    return str_format(a, "D%.*s", STR_FMT(str_slice(name, keep ? 0 : 1, name.n - keep)));
}

Str ddl_index_name(Arena *a, const Dialect *d, Str table, const Str *columns, size_t n, Str suffix)
{
    size_t most = d->max_name_length ? d->max_name_length : NAME_MAX_BYTES;
    Str *parts = NEW_ARRAY(a, Str, n + 1);
    parts[0] = table;
    for (size_t i = 0; i < n; i++)
        parts[i + 1] = columns[i];
    Str tail = str_concat(a, names_digest(a, parts, n + 1, 8), suffix), names = ddl_joined(a, columns, n, "_");
    Str name = str_format(a, "%.*s_%.*s_%.*s", STR_FMT(table), STR_FMT(names), STR_FMT(tail));
    if (name.n <= most)
        return name;
    if (tail.n > most / 3)
        tail = str_slice(tail, 0, most / 3);
    size_t other = (most - tail.n) / 2 - 1;
    name = str_format(a, "%.*s_%.*s_%.*s", STR_FMT(str_slice(table, 0, other)), STR_FMT(str_slice(names, 0, other)),
                      STR_FMT(tail));
    return with_first_letter(a, name, 1);
}

Str schema_index_name(Arena *a, Str table, const Str *columns, size_t n, Str suffix)
{
    return ddl_index_name(a, &dialect_sqlite, table, columns, n, suffix);
}

/* --- shapes */

TableShape ddl_shape(Arena *a, const Dialect *d, const ModelInfo *info)
{
    const FieldInfo **fields = NEW_ARRAY(a, const FieldInfo *, info->n + 1);
    for (size_t i = 0; i < info->n; i++)
        fields[i] = &info->fields[i];
    return (TableShape){ .d = d, .table = info->table, .fields = fields, .n = info->n, .meta = info };
}

const FieldInfo *ddl_field(const TableShape *t, Str name)
{
    if (t->renamed && str_eq(name, str_c(t->renamed)))
        name = str_c(t->renamed_to);
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->fields[i]->name, name) || str_eq(t->fields[i]->attname, name))
            return t->fields[i];
    return NULL;
}

static const FieldInfo *field_of(Context *cx, const TableShape *t, Str name, const char *what)
{
    const FieldInfo *field = ddl_field(t, name);
    if (!field)
        RAISE(cx, 500, "schema_error", "%s of %s names the field '%.*s', which it has not.", what, t->meta->m->name,
              STR_FMT(name));
    return field;
}

static Str column_list(Context *cx, const TableShape *t, const char *const *names, const char *what, Str **columns,
                       size_t *n)
{
    Arena *a = cx->arena;
    for (*n = 0; names[*n];)
        ++*n;
    *columns = NEW_ARRAY(a, Str, *n);
    Str *all = NEW_ARRAY(a, Str, *n);
    for (size_t i = 0; i < *n; i++) {
        const FieldInfo *field = field_of(cx, t, str_c(names[i]), what);
        (*columns)[i] = field->column;
        all[i] = field->quoted;
    }
    return ddl_joined(a, all, *n, ", ");
}

/* --- columns */

Str ddl_type_of_kind(Arena *a, FieldKind kind)
{
    const Field f = { .kind = kind };
    return dialect_sqlite.column_type(a, &(FieldInfo){ .f = &f, .stored = &f, .kind = kind });
}

bool ddl_is_unique(const FieldInfo *field) { return field->f->unique || field->f->kind == FIELD_ONE_TO_ONE; }

bool ddl_is_indexed(const FieldInfo *field)
{
    const Field *f = field->f;
    if (f->no_db_index || f->primary_key || ddl_is_unique(field))
        return false;
    return f->db_index || f->kind == FIELD_SLUG || f->kind == FIELD_FOREIGN_KEY;
}

static void write_check(Buf *b, const Dialect *d, const FieldInfo *field)
{
    if (field->f->expression) /* what the database computes it does not check */
        return;
    if (field->kind >= FIELD_POSITIVE_INTEGER && field->kind <= FIELD_POSITIVE_SMALL_INTEGER) {
        BUF_LIT(b, " CHECK (");
        buf_str(b, field->quoted);
        BUF_LIT(b, " >= 0)");
    } else if (field->kind == FIELD_JSON && d == &dialect_sqlite) {
        BUF_LIT(b, " CHECK ((JSON_VALID(");
        buf_str(b, field->quoted);
        BUF_LIT(b, ") OR ");
        buf_str(b, field->quoted);
        BUF_LIT(b, " IS NULL))");
    }
}

/* The expression of a db_default that the database computes; NULL: a constant. */
static const Expr *computed_default(Context *cx, const FieldInfo *field)
{
    if (!field->f->db_default.box)
        return NULL;
    Value v = field->f->db_default.box(cx->arena, field->f->db_default.at);
    const Expr *e = v.tag == VALUE_OBJECT && v.cls == &expr_class ? v.object : NULL;
    return e && e->kind != EXPR_VALUE ? e : NULL;
}

bool ddl_default_is_value(Context *cx, const FieldInfo *field)
{
    if (!field->f->db_default.box)
        return true;
    Value v = field->f->db_default.box(cx->arena, field->f->db_default.at);
    return v.tag == VALUE_OBJECT && v.cls == &expr_class && ((const Expr *)v.object)->kind == EXPR_VALUE;
}

Str ddl_db_default(Context *cx, const TableShape *t, const FieldInfo *field)
{
    Arena *a = cx->arena;
    const Expr *e = computed_default(cx, field);
    if (e)
        return str_format(a, "(%.*s)", STR_FMT(ddl_expression(cx, t, e)));
    Value v = field->f->db_default.box(a, field->f->db_default.at);
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
        const Expr *constant = v.object;
        v = constant->args[0].box(a, constant->args[0].at);
    } else if (v.tag == VALUE_INT && field->f->member == MEMBER_STR && field->kind != FIELD_JSON) {
        v = value_str(str_format(a, "%lld", (long long)v.i)); /* as Django has str() of it */
    }
    if (field->kind == FIELD_JSON)
        v = ddl_json(cx, v);
    if (t->d->has.decimals_are_doubles && (v.tag == VALUE_DECIMAL || field->kind == FIELD_DECIMAL)) {
        Value text = v.tag == VALUE_DECIMAL || v.tag == VALUE_NULL ? v : value_str(ddl_literal(cx, t->d, v));
        return str_format(a, "(CAST(%.*s AS NUMERIC))", STR_FMT(ddl_literal(cx, t->d, text)));
    }
    if (field->kind == FIELD_FLOAT && v.tag == VALUE_INT)
        v = value_double((double)v.i);
    if (field->kind == FIELD_BOOLEAN && v.tag == VALUE_INT)
        v = value_bool(v.i != 0);
    return ddl_literal(cx, t->d, v);
}

static void write_definition(Context *cx, Buf *b, const TableShape *t, const FieldInfo *field, bool plain_key)
{
    const Field *f = field->f;
    bool key = f->primary_key && !plain_key;
    buf_str(b, t->d->column_type(cx->arena, field));
    if (key && field_is_auto(f) && !t->d->has.supports_identity && t->d != &dialect_sqlite)
        BUF_LIT(b, " AUTO_INCREMENT");
    if (field->stored->db_collation)
        buf_printf(b, t->d == &dialect_sqlite ? " COLLATE %s" : " COLLATE \"%s\"", field->stored->db_collation);
    if (f->db_default.box)
        buf_printf(b, " DEFAULT %.*s", STR_FMT(ddl_db_default(cx, t, field)));
    if (f->expression)
        buf_printf(b, " GENERATED ALWAYS AS (%.*s) %s", STR_FMT(ddl_expression(cx, t, f->expression)),
                   f->db_persist ? "STORED" : "VIRTUAL");
    else
        buf_c(b, f->null ? " NULL" : " NOT NULL");
    if (key)
        BUF_LIT(b, " PRIMARY KEY");
    else if (ddl_is_unique(field))
        BUF_LIT(b, " UNIQUE");
    if (key && field_is_auto(f) && t->d == &dialect_sqlite)
        BUF_LIT(b, " AUTOINCREMENT");
    else if (key && field_is_auto(f) && t->d->has.supports_identity)
        BUF_LIT(b, " GENERATED BY DEFAULT AS IDENTITY");
}

Str ddl_column(Context *cx, const TableShape *t, const FieldInfo *field, bool plain_key)
{
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    write_definition(cx, &b, t, field, plain_key);
    if (field->f->db_comment && t->d != &dialect_sqlite && t->d != &dialect_postgresql)
        buf_printf(&b, " COMMENT %.*s", STR_FMT(dialect_text(cx->arena, str_c(field->f->db_comment))));
    if (!field->to || field->f->kind == FIELD_MANY_TO_MANY)
        write_check(&b, t->d, field);
    /* Elsewhere a constraint of the table, when all tables are there. */
    if (field->to && !field->f->no_constraint && t->d == &dialect_sqlite)
        buf_printf(&b, " REFERENCES %.*s (%.*s) DEFERRABLE INITIALLY DEFERRED", STR_FMT(field->to->quoted),
                   STR_FMT(field->to_field->quoted));
    return buf_view(&b);
}

bool ddl_same_column(Context *cx, const Dialect *d, const FieldInfo *x, const FieldInfo *y)
{
    Buf a = BUF_INIT(cx->arena, DDL_MAX), b = BUF_INIT(cx->arena, DDL_MAX);
    TableShape t = ddl_shape(cx->arena, d, x->model), u = ddl_shape(cx->arena, d, y->model);
    write_definition(cx, &a, &t, x, false);
    write_definition(cx, &b, &u, y, false);
    return str_eq(buf_view(&a), buf_view(&b));
}

/* --- indexes */

/* `index`: one of Meta, whose method counts where there are several; NULL. */
static Str create_index(Context *cx, const Dialect *d, const Index *index, bool unique, Str name, Str table,
                        Str columns, Str include, Str condition)
{
    Arena *a = cx->arena;
    const char *method = index && index->using && d->has.supports_covering_indexes ? index->using : NULL;
    return str_format(a, "CREATE %sINDEX %.*s ON %.*s%s%s (%.*s)%.*s%s%.*s", unique ? "UNIQUE " : "",
                      STR_FMT(ddl_quoted(a, name)), STR_FMT(ddl_quoted(a, table)), method ? " USING " : "",
                      method ? method : "", STR_FMT(columns), STR_FMT(include), condition.n ? " WHERE " : "",
                      STR_FMT(condition));
}

/* " INCLUDE (a, b)", where there is such a thing. */
static Str include_list(Context *cx, const TableShape *t, const char *const *names)
{
    Str *columns;
    size_t n;
    if (!names || !t->d->has.supports_covering_indexes)
        return (Str){ 0 };
    Str list = column_list(cx, t, names, "An index", &columns, &n);
    return str_format(cx->arena, " INCLUDE (%.*s)", STR_FMT(list));
}

Str ddl_create_field_index(Context *cx, const Dialect *d, Str table, Str column)
{
    Arena *a = cx->arena;
    return create_index(cx, d, NULL, false, ddl_index_name(a, d, table, &column, 1, STR("")), table,
                        ddl_quoted(a, column), (Str){ 0 }, (Str){ 0 });
}

Str ddl_columns(Context *cx, const TableShape *t, const char *const *names)
{
    Str *columns;
    size_t n;
    return column_list(cx, t, names, "unique_together", &columns, &n);
}

Str ddl_together_name(Context *cx, const TableShape *t, const char *const *names, bool unique)
{
    Str *columns;
    size_t n;
    column_list(cx, t, names, "unique_together", &columns, &n);
    return ddl_index_name(cx->arena, t->d, t->table, columns, n, unique ? STR("_uniq") : STR("_idx"));
}

Str ddl_create_together(Context *cx, const TableShape *t, const char *const *names, bool unique)
{
    Str *columns;
    size_t n;
    Str list = column_list(cx, t, names, "unique_together", &columns, &n);
    return create_index(cx, t->d, NULL, unique, ddl_together_name(cx, t, names, unique), t->table, list, (Str){ 0 },
                        (Str){ 0 });
}

static Str without_sign(Str name) { return str_from_byte(name, str_starts(name, STR("-"))); }

/* Table (11 letters), first column (7), a digest over names and directions. */
Str ddl_meta_index_name(Context *cx, const TableShape *t, const Index *index)
{
    Arena *a = cx->arena;
    size_t n = 0;
    if (index->name)
        return str_c(index->name);
    if (!index->fields || !index->fields[0])
        RAISE(cx, 500, "schema_error", "An index of %s over expressions needs a name.", t->meta->m->name);
    while (index->fields[n])
        n++;
    Str *parts = NEW_ARRAY(a, Str, n + 2), first = { 0 };
    parts[0] = t->table;
    for (size_t i = 0; i < n; i++) {
        Str name = str_c(index->fields[i]);
        const FieldInfo *field = field_of(cx, t, without_sign(name), "An index");
        if (i == 0)
            first = field->column;
        parts[i + 1] = str_starts(name, STR("-")) ? str_concat(a, STR("-"), field->column) : field->column;
    }
    parts[n + 1] = STR("idx");
    Str name = str_format(a, "%.*s_%.*s_%.*s_idx", STR_FMT(str_slice(t->table, 0, META_TABLE_MAX)),
                          STR_FMT(str_slice(first, 0, META_COLUMN_MAX)), STR_FMT(names_digest(a, parts, n + 2, 6)));
    return with_first_letter(a, name, 0);
}

bool ddl_index_is_made(const Dialect *d, const Index *index)
{
    return !index->expressions || d->has.supports_expression_indexes;
}

Str ddl_create_index(Context *cx, const TableShape *t, const Index *index)
{
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    if (!ddl_index_is_made(t->d, index))
        return (Str){ 0 };
    if (index->expressions)
        buf_str(&b, ddl_indexed_expressions(cx, t, index->expressions));
    for (size_t i = 0; !index->expressions && index->fields[i]; i++) {
        Str name = str_c(index->fields[i]);
        if (i)
            BUF_LIT(&b, ", ");
        buf_str(&b, field_of(cx, t, without_sign(name), "An index")->quoted);
        if (index->opclasses && t->d->has.supports_covering_indexes)
            buf_printf(&b, " %s", index->opclasses[i]);
        if (str_starts(name, STR("-")))
            BUF_LIT(&b, " DESC");
    }
    bool partial = index->condition && t->d->has.supports_partial_indexes; /* else it is over all rows, as Django's */
    Str condition = partial ? ddl_condition(cx, t, index->condition) : (Str){ 0 };
    return create_index(cx, t->d, index, false, ddl_meta_index_name(cx, t, index), t->table, buf_view(&b),
                        include_list(cx, t, index->include), condition);
}

/* --- constraints */

bool ddl_constraint_is_index(const Constraint *c)
{
    return constraint_is_unique(c) && (c->check || c->expressions || c->opclasses || c->include);
}
bool ddl_constraint_is_made(const Dialect *d, const Constraint *c)
{
    if (d->has.supports_deferrable_unique_constraints)
        return true;
    if (c->check && constraint_is_unique(c) && !d->has.supports_partial_indexes)
        return false;
    if (c->expressions && !d->has.supports_expression_indexes)
        return false;
    return !c->deferrable && !c->deferrable_immediate && !c->nulls_not_distinct && !c->nulls_distinct && !c->include;
}

Str ddl_constraint(Context *cx, const TableShape *t, const Constraint *c)
{
    Arena *a = cx->arena;
    Str *columns, quoted = ddl_quoted(a, str_c(c->name));
    size_t n;
    if (!constraint_is_unique(c))
        return str_format(a, "CONSTRAINT %.*s CHECK (%.*s)", STR_FMT(quoted), STR_FMT(ddl_condition(cx, t, c->check)));
    Str list = c->expressions ? ddl_indexed_expressions(cx, t, c->expressions)
                              : column_list(cx, t, c->unique, "A constraint", &columns, &n);
    if (ddl_constraint_is_index(c))
        return create_index(cx, t->d, NULL, true, str_c(c->name), t->table, list, include_list(cx, t, c->include),
                            c->check ? ddl_condition(cx, t, c->check) : (Str){ 0 });
    return str_format(a, "CONSTRAINT %.*s UNIQUE%s (%.*s)%.*s%s", STR_FMT(quoted),
                      c->nulls_not_distinct ? " NULLS NOT DISTINCT"
                      : c->nulls_distinct   ? " NULLS DISTINCT"
                                            : "",
                      STR_FMT(list), STR_FMT(include_list(cx, t, c->include)),
                      c->deferrable             ? " DEFERRABLE INITIALLY DEFERRED"
                      : c->deferrable_immediate ? " DEFERRABLE INITIALLY IMMEDIATE"
                                                : "");
}
