/* schema.c: CREATE TABLE and CREATE INDEX as Django's schema editor writes them for SQLite. */
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/codec/crypto.h>
#include <clef/orm/schema.h>

enum { SQL_MAX = 1 << 18, NAME_MAX_BYTES = 200, INDEX_NAME_MAX = 30 };

typedef VEC(Str) Statements;

typedef struct Schema {
    Context *cx;
    Arena *a;
    Statements tables, deferred;
} Schema;

/* --- names */

/* The first `length` hexadecimal digits of MD5 over the texts, as Django's names_digest. */
static Str names_digest(Arena *a, const Str *texts, size_t n, size_t length)
{
    Buf b = BUF_INIT(a, SQL_MAX);
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

static Str joined(Arena *a, const Str *texts, size_t n, const char *between)
{
    Buf b = BUF_INIT(a, SQL_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_c(&b, between);
        buf_str(&b, texts[i]);
    }
    return buf_view(&b);
}

Str schema_index_name(Arena *a, Str table, const Str *columns, size_t n, Str suffix)
{
    Str *parts = NEW_ARRAY(a, Str, n + 1);
    parts[0] = table;
    for (size_t i = 0; i < n; i++)
        parts[i + 1] = columns[i];
    Str tail = str_concat(a, names_digest(a, parts, n + 1, 8), suffix), names = joined(a, columns, n, "_");
    Str name = str_format(a, "%.*s_%.*s_%.*s", STR_FMT(table), STR_FMT(names), STR_FMT(tail));
    if (name.n <= NAME_MAX_BYTES)
        return name;
    if (tail.n > NAME_MAX_BYTES / 3)
        tail = str_slice(tail, 0, NAME_MAX_BYTES / 3);
    size_t other = (NAME_MAX_BYTES - tail.n) / 2 - 1;
    name = str_format(a, "%.*s_%.*s_%.*s", STR_FMT(str_slice(table, 0, other)), STR_FMT(str_slice(names, 0, other)),
                      STR_FMT(tail));
    if (name.p[0] == '_' || (name.p[0] >= '0' && name.p[0] <= '9'))
        name = str_format(a, "D%.*s", STR_FMT(str_slice(name, 0, name.n - 1)));
    return name;
}

static Str quoted(Arena *a, Str name)
{
    return str_format(a, "\"%.*s\"", STR_FMT(str_replace(a, name, STR("\""), STR("\"\""))));
}

/* --- columns */

static Str type_of(Arena *a, const FieldInfo *field, bool is_key_of_other)
{
    const Field *f = field->stored;
    switch (field->kind) {
    case FIELD_AUTO:
    case FIELD_SMALL_AUTO:
    case FIELD_BIG_AUTO:
        return is_key_of_other && field->kind == FIELD_BIG_AUTO     ? STR("bigint")
               : is_key_of_other && field->kind == FIELD_SMALL_AUTO ? STR("smallint")
                                                                    : STR("integer");
    case FIELD_CHAR:
        return str_format(a, "varchar(%d)", f->max_length);
    case FIELD_SLUG:
        return str_format(a, "varchar(%d)", f->max_length ? f->max_length : 50);
    case FIELD_EMAIL:
        return str_format(a, "varchar(%d)", f->max_length ? f->max_length : 254);
    case FIELD_URL:
        return str_format(a, "varchar(%d)", f->max_length ? f->max_length : 200);
    case FIELD_TEXT:
        return STR("text");
    case FIELD_GENERIC_IP:
        return STR("char(39)");
    case FIELD_BINARY:
        return STR("BLOB");
    case FIELD_INTEGER:
        return STR("integer");
    case FIELD_BIG_INTEGER:
    case FIELD_DURATION:
        return STR("bigint");
    case FIELD_SMALL_INTEGER:
        return STR("smallint");
    case FIELD_POSITIVE_INTEGER:
        return STR("integer unsigned");
    case FIELD_POSITIVE_BIG_INTEGER:
        return STR("bigint unsigned");
    case FIELD_POSITIVE_SMALL_INTEGER:
        return STR("smallint unsigned");
    case FIELD_BOOLEAN:
        return STR("bool");
    case FIELD_FLOAT:
        return STR("real");
    case FIELD_DECIMAL:
        return STR("decimal");
    case FIELD_DATE:
        return STR("date");
    case FIELD_TIME:
        return STR("time");
    case FIELD_DATETIME:
        return STR("datetime");
    case FIELD_UUID:
        return STR("char(32)");
    default:
        return STR("text");
    }
}

static bool is_unique(const Field *f) { return f->unique || f->kind == FIELD_ONE_TO_ONE; }

static void write_reference(Buf *b, const ModelInfo *to, const FieldInfo *to_field)
{
    BUF_LIT(b, " REFERENCES ");
    buf_str(b, to->quoted);
    BUF_LIT(b, " (");
    buf_str(b, to_field->quoted);
    BUF_LIT(b, ") DEFERRABLE INITIALLY DEFERRED");
}

static void write_column(Schema *s, Buf *b, const FieldInfo *field)
{
    const Field *f = field->f;
    bool relation = field->to != NULL;
    buf_str(b, field->quoted);
    buf_byte(b, ' ');
    buf_str(b, type_of(s->a, field, relation));
    buf_c(b, f->null ? " NULL" : " NOT NULL");
    if (f->primary_key)
        BUF_LIT(b, " PRIMARY KEY");
    else if (is_unique(f))
        BUF_LIT(b, " UNIQUE");
    if (field->kind >= FIELD_POSITIVE_INTEGER && field->kind <= FIELD_POSITIVE_SMALL_INTEGER) {
        BUF_LIT(b, " CHECK (");
        buf_str(b, field->quoted);
        BUF_LIT(b, " >= 0)");
    }
    if (!relation && f->kind >= FIELD_AUTO && f->kind <= FIELD_SMALL_AUTO)
        BUF_LIT(b, " AUTOINCREMENT");
    if (relation && !f->no_constraint)
        write_reference(b, field->to, field->to_field);
}

/* --- constraints */

static Str literal_of(Schema *s, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_BOOL:
        return v.b ? STR("1") : STR("0");
    case VALUE_INT:
        return str_format(s->a, "%lld", (long long)v.i);
    case VALUE_STR:
        return str_format(s->a, "'%.*s'", STR_FMT(str_replace(s->a, v.s, STR("'"), STR("''"))));
    case VALUE_DOUBLE: {
        Buf b = BUF_INIT(s->a, 64);
        buf_printf(&b, "%.17g", v.d);
        return buf_view(&b);
    }
    case VALUE_DECIMAL:
        return str_format(s->a, "'%.*s'", STR_FMT(decimal_str(s->a, *v.decimal)));
    default:
        RAISE(s->cx, 500, "schema_error", "A check constraint compares with a %s, which has no literal form.",
              value_type_name(v));
    }
}

/* A condition over the table's own columns, with its values as literals: no parameters in DDL. */
static void write_check(Schema *s, Buf *b, const ModelInfo *info, const Pred *p, unsigned depth)
{
    static const char *const operators[OP_COUNT] = {
        [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
    };
    if (depth > QUERY_MAX_DEPTH)
        RAISE(s->cx, 500, "schema_error", "A check constraint is nested deeper than %d.", QUERY_MAX_DEPTH);
    if (p->connector) {
        buf_c(b, p->connector == CONNECT_NOT ? "NOT (" : "(");
        for (size_t i = 0; i < p->nchildren; i++) {
            if (i)
                buf_c(b, p->connector == CONNECT_OR ? " OR " : " AND ");
            write_check(s, b, info, &p->children[i], depth + 1);
        }
        BUF_LIT(b, ")");
        return;
    }
    const FieldInfo *field = info_field(info, str_c(p->path ? p->path : p->lookup));
    if (!field || !p->path)
        RAISE(s->cx, 500, "schema_error", "A check constraint of %s: '%s' is no column of it: use Q with a member.",
              info->m->name, p->path ? p->path : p->lookup);
    Value v = p->value.box(s->a, p->value.at);
    buf_str(b, field->quoted);
    if (p->op == OP_ISNULL) {
        buf_c(b, value_truth(v) ? " IS NULL" : " IS NOT NULL");
    } else if (operators[p->op]) {
        buf_c(b, operators[p->op]);
        buf_str(b, literal_of(s, v));
    } else if (p->op == OP_RANGE && v.tag == VALUE_LIST && v.list->n == 2) {
        BUF_LIT(b, " BETWEEN ");
        buf_str(b, literal_of(s, v.list->p[0]));
        BUF_LIT(b, " AND ");
        buf_str(b, literal_of(s, v.list->p[1]));
    } else if (p->op == OP_IN && v.tag == VALUE_LIST && v.list->n) {
        BUF_LIT(b, " IN (");
        for (size_t i = 0; i < v.list->n; i++) {
            if (i)
                BUF_LIT(b, ", ");
            buf_str(b, literal_of(s, v.list->p[i]));
        }
        BUF_LIT(b, ")");
    } else {
        RAISE(s->cx, 500, "schema_error", "A check constraint of %s uses a lookup that checks cannot have.",
              info->m->name);
    }
}

static size_t columns_of(Schema *s, const ModelInfo *info, const char *const *names, Str **columns)
{
    size_t n = 0;
    while (names[n])
        n++;
    *columns = NEW_ARRAY(s->a, Str, n);
    for (size_t i = 0; i < n; i++) {
        const FieldInfo *field = info_field(info, str_c(names[i]));
        if (!field)
            RAISE(s->cx, 500, "schema_error", "%s has no field '%s'.", info->m->name, names[i]);
        (*columns)[i] = field->column;
    }
    return n;
}

static Str quoted_list(Schema *s, const Str *columns, size_t n)
{
    Str *all = NEW_ARRAY(s->a, Str, n);
    for (size_t i = 0; i < n; i++)
        all[i] = quoted(s->a, columns[i]);
    return joined(s->a, all, n, ", ");
}

static void write_constraints(Schema *s, Buf *b, const ModelInfo *info)
{
    for (size_t i = 0; i < info->m->nconstraints; i++) {
        const Constraint *c = &info->m->constraints[i];
        Str *columns;
        BUF_LIT(b, ", CONSTRAINT ");
        buf_str(b, quoted(s->a, str_c(c->name)));
        if (c->unique) {
            size_t n = columns_of(s, info, c->unique, &columns);
            BUF_LIT(b, " UNIQUE (");
            buf_str(b, quoted_list(s, columns, n));
        } else {
            BUF_LIT(b, " CHECK (");
            write_check(s, b, info, c->check, 0);
        }
        BUF_LIT(b, ")");
    }
}

/* --- indexes */

static void add_index(Schema *s, bool unique, Str name, Str table, Str columns)
{
    VEC_PUSH(s->a, &s->deferred,
             str_format(s->a, "CREATE %sINDEX %.*s ON %.*s (%.*s)", unique ? "UNIQUE " : "",
                        STR_FMT(quoted(s->a, name)), STR_FMT(quoted(s->a, table)), STR_FMT(columns)));
}

static void index_column(Schema *s, Str table, Str column)
{
    add_index(s, false, schema_index_name(s->a, table, &column, 1, STR("")), table, quoted(s->a, column));
}

static void unique_columns(Schema *s, Str table, const Str *columns, size_t n)
{
    add_index(s, true, schema_index_name(s->a, table, columns, n, STR("_uniq")), table, quoted_list(s, columns, n));
}

/* Meta.indexes: table (11 letters), first column (7), a digest over names and directions. */
static void index_of_meta(Schema *s, const ModelInfo *info, const Index *index)
{
    size_t n = 0;
    while (index->fields[n])
        n++;
    Str *parts = NEW_ARRAY(s->a, Str, n + 2);
    Buf b = BUF_INIT(s->a, SQL_MAX);
    Str first = { 0 };
    parts[0] = info->table;
    for (size_t i = 0; i < n; i++) {
        Str name = str_c(index->fields[i]);
        bool descending = str_starts(name, STR("-"));
        const FieldInfo *field = info_field(info, str_from_byte(name, descending));
        if (!field)
            RAISE(s->cx, 500, "schema_error", "An index of %s names the field '%s', which it has not.", info->m->name,
                  index->fields[i]);
        if (i == 0)
            first = field->column;
        else
            BUF_LIT(&b, ", ");
        parts[i + 1] = descending ? str_format(s->a, "-%.*s", STR_FMT(field->column)) : field->column;
        buf_str(&b, field->quoted);
        if (descending)
            BUF_LIT(&b, " DESC");
    }
    parts[n + 1] = STR("idx");
    Str name = str_c(index->name);
    if (!name.n) {
        name = str_format(s->a, "%.*s_%.*s_%.*s_idx", STR_FMT(str_slice(info->table, 0, 11)),
                          STR_FMT(str_slice(first, 0, 7)), STR_FMT(names_digest(s->a, parts, n + 2, 6)));
        if (name.p[0] == '_' || (name.p[0] >= '0' && name.p[0] <= '9'))
            name = str_format(s->a, "D%.*s", STR_FMT(str_from_byte(name, 1)));
    }
    add_index(s, false, name, info->table, buf_view(&b));
}

static bool has_index(const Field *f)
{
    if (f->no_db_index || f->primary_key || is_unique(f))
        return false;
    return f->db_index || f->kind == FIELD_SLUG || f->kind == FIELD_FOREIGN_KEY;
}

/* --- tables */

static void create_between(Schema *s, const ModelInfo *info, const FieldInfo *field)
{
    if (field->f->through)
        return;
    bool self = field->to == info;
    Str table = field->f->db_table ? str_c(field->f->db_table)
                                   : str_format(s->a, "%.*s_%s", STR_FMT(info->table), field->f->name);
    const ModelInfo *ends[2] = { info, field->to };
    Str columns[2];
    Buf b = BUF_INIT(s->a, SQL_MAX);
    BUF_LIT(&b, "CREATE TABLE ");
    buf_str(&b, quoted(s->a, table));
    BUF_LIT(&b, " (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT");
    for (int i = 0; i < 2; i++) {
        columns[i] = str_format(s->a, "%s%.*s_id", self ? (i ? "to_" : "from_") : "", STR_FMT(ends[i]->lower));
        BUF_LIT(&b, ", ");
        buf_str(&b, quoted(s->a, columns[i]));
        buf_byte(&b, ' ');
        buf_str(&b, type_of(s->a, ends[i]->pk, true));
        BUF_LIT(&b, " NOT NULL");
        write_reference(&b, ends[i], ends[i]->pk);
    }
    BUF_LIT(&b, ")");
    VEC_PUSH(s->a, &s->tables, buf_view(&b));
    unique_columns(s, table, columns, 2);
    index_column(s, table, columns[0]);
    index_column(s, table, columns[1]);
}

static void create_table(Schema *s, const ModelInfo *info)
{
    Buf b = BUF_INIT(s->a, SQL_MAX);
    Str *columns;
    BUF_LIT(&b, "CREATE TABLE ");
    buf_str(&b, info->quoted);
    for (size_t i = 0; i < info->n; i++) {
        buf_c(&b, i ? ", " : " (");
        write_column(s, &b, &info->fields[i]);
    }
    write_constraints(s, &b, info);
    BUF_LIT(&b, ")");
    if (b.failed)
        RAISE(s->cx, 500, "schema_error", "The table of %s needs more than %d bytes of SQL.", info->m->name, SQL_MAX);
    VEC_PUSH(s->a, &s->tables, buf_view(&b));
    if (info->m->unique_together) {
        size_t n = columns_of(s, info, info->m->unique_together, &columns);
        unique_columns(s, info->table, columns, n);
    }
    for (size_t i = 0; i < info->n; i++)
        if (has_index(info->fields[i].f))
            index_column(s, info->table, info->fields[i].column);
    for (size_t i = 0; i < info->m->nindexes; i++)
        index_of_meta(s, info, &info->m->indexes[i]);
    for (size_t i = 0; i < info->nbetween; i++)
        create_between(s, info, &info->between[i]);
}

size_t schema_create_sql(Context *cx, Str vendor, const Model *const *models, const Str **statements)
{
    if (!str_eq(vendor, STR("sqlite")))
        RAISE(cx, 500, "schema_error", "Tables cannot be made on a database of the kind %.*s.", STR_FMT(vendor));
    Schema s = { .cx = cx, .a = cx->arena };
    for (size_t i = 0; models && models[i]; i++)
        if (!models[i]->unmanaged)
            create_table(&s, model_info(cx, models[i]));
    for (size_t i = 0; i < s.deferred.n; i++)
        VEC_PUSH(s.a, &s.tables, s.deferred.p[i]);
    *statements = s.tables.p;
    return s.tables.n;
}

void schema_create(Context *cx, Str alias, const App *app)
{
    const Str *statements;
    const DbDriver *driver = db_pool_config(work_pool(cx, alias))->driver;
    size_t n = schema_create_sql(cx, str_c(driver->vendor), app->models, &statements);
    ATOMIC(cx, .using = alias)
    for (size_t i = 0; i < n; i++)
        sql_execute(cx, alias, statements[i], NULL, 0);
}
