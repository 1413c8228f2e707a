/* introspect_server.c: the tables of PostgreSQL (pg_catalog) and of MariaDB and MySQL (information_schema). */
#include "migrations/introspect_server.h"

static bool is_postgresql(const char *vendor) { return strcmp(vendor, "postgresql") == 0; }

const char *introspect_server_tables(const char *vendor)
{
    if (is_postgresql(vendor))
        return "SELECT c.relname::text, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE "
               "'t' "
               "END FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
               "WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', "
               "'information_schema') AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1";
    return "SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'v' ELSE 't' END FROM information_schema.tables "
           "WHERE table_schema = DATABASE() ORDER BY 1";
}

/* --- kinds */

typedef struct KindOf {
    const char *type;
    FieldKind kind;
} KindOf;

static const KindOf postgresql_kinds[] = {
    { "bool", FIELD_BOOLEAN },
    { "bytea", FIELD_BINARY },
    { "int8", FIELD_BIG_INTEGER },
    { "int2", FIELD_SMALL_INTEGER },
    { "int4", FIELD_INTEGER },
    { "text", FIELD_TEXT },
    { "float4", FIELD_FLOAT },
    { "float8", FIELD_FLOAT },
    { "inet", FIELD_GENERIC_IP },
    { "bpchar", FIELD_CHAR },
    { "varchar", FIELD_CHAR },
    { "date", FIELD_DATE },
    { "time", FIELD_TIME },
    { "timetz", FIELD_TIME },
    { "timestamp", FIELD_DATETIME },
    { "timestamptz", FIELD_DATETIME },
    { "interval", FIELD_DURATION },
    { "numeric", FIELD_DECIMAL },
    { "uuid", FIELD_UUID },
    { "jsonb", FIELD_JSON },
    { NULL, FIELD_NONE },
};
static const KindOf mysql_kinds[] = {
    { "tinyint", FIELD_INTEGER },
    { "smallint", FIELD_SMALL_INTEGER },
    { "mediumint", FIELD_INTEGER },
    { "int", FIELD_INTEGER },
    { "bigint", FIELD_BIG_INTEGER },
    { "decimal", FIELD_DECIMAL },
    { "float", FIELD_FLOAT },
    { "double", FIELD_FLOAT },
    { "char", FIELD_CHAR },
    { "varchar", FIELD_CHAR },
    { "tinytext", FIELD_TEXT },
    { "text", FIELD_TEXT },
    { "mediumtext", FIELD_TEXT },
    { "longtext", FIELD_TEXT },
    { "tinyblob", FIELD_BINARY },
    { "blob", FIELD_BINARY },
    { "mediumblob", FIELD_BINARY },
    { "longblob", FIELD_BINARY },
    { "binary", FIELD_BINARY },
    { "varbinary", FIELD_BINARY },
    { "date", FIELD_DATE },
    { "datetime", FIELD_DATETIME },
    { "timestamp", FIELD_DATETIME },
    { "time", FIELD_TIME },
    { "json", FIELD_JSON },
    { "uuid", FIELD_UUID },
    { "inet4", FIELD_GENERIC_IP },
    { "inet6", FIELD_GENERIC_IP },
    { NULL, FIELD_NONE },
};

static FieldKind kind_of(const KindOf *kinds, Str type, bool *guessed)
{
    for (; kinds->type; kinds++)
        if (str_eq(type, str_c(kinds->type)))
            return kinds->kind;
    *guessed = true;
    return FIELD_TEXT;
}

static FieldKind without_sign(FieldKind kind)
{
    return kind == FIELD_BIG_INTEGER     ? FIELD_POSITIVE_BIG_INTEGER
           : kind == FIELD_SMALL_INTEGER ? FIELD_POSITIVE_SMALL_INTEGER
           : kind == FIELD_INTEGER       ? FIELD_POSITIVE_INTEGER
                                         : kind;
}

static void sized(TableColumn *c, int64_t length, int64_t digits, int64_t places)
{
    if (c->kind == FIELD_CHAR && length > 0 && length < 1 << 20)
        c->max_length = (int)length;
    else if (c->kind == FIELD_CHAR)
        c->kind = FIELD_TEXT;
    if (c->kind == FIELD_DECIMAL) {
        c->digits_guessed = digits <= 0;
        c->digits = digits > 0 && digits < 1001 ? (int)digits : 10;
        c->places = digits > 0 && places >= 0 && places <= digits ? (int)places : digits > 0 ? 0 : 5;
    }
}

/* --- columns: name, type, null, length, digits, places, automatic, unsigned, JSON by a check, comment, collation */

static const char postgresql_columns[] =
    "SELECT a.attname::text, t.typname::text, NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)), "
    "CASE WHEN t.typname IN ('bpchar', 'varchar') THEN a.atttypmod - 4 ELSE 0 END, "
    "CASE WHEN t.typname = 'numeric' AND a.atttypmod > 0 THEN ((a.atttypmod - 4) >> 16) & 65535 ELSE 0 END, "
    "CASE WHEN t.typname = 'numeric' AND a.atttypmod > 0 THEN (a.atttypmod - 4) & 65535 ELSE 0 END, "
    "a.attidentity <> '' OR coalesce(pg_get_expr(ad.adbin, ad.adrelid), '') LIKE 'nextval(%', false, false, "
    "col_description(a.attrelid, a.attnum)::text, CASE WHEN co.collname = 'default' THEN NULL ELSE co.collname::text "
    "END "
    "FROM pg_attribute a LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum "
    "LEFT JOIN pg_collation co ON a.attcollation = co.oid JOIN pg_type t ON a.atttypid = t.oid "
    "JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n ON c.relnamespace = n.oid "
    "WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped "
    "AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_table_is_visible(c.oid) ORDER BY a.attnum";
static const char mysql_columns[] =
    "SELECT c.column_name, lower(c.data_type), c.is_nullable = 'YES', CAST(coalesce(c.character_maximum_length, 0) AS "
    "SIGNED), "
    "CAST(coalesce(c.numeric_precision, 0) AS SIGNED), CAST(coalesce(c.numeric_scale, 0) AS SIGNED), c.extra LIKE "
    "'%auto_increment%', "
    "c.column_type LIKE '%unsigned%', "
    "CASE WHEN c.data_type = 'longtext' AND EXISTS (SELECT 1 FROM information_schema.table_constraints k "
    "WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.constraint_type = 'CHECK' AND "
    "k.constraint_name = c.column_name) THEN 1 ELSE 0 END, c.column_comment, "
    "CASE WHEN c.collation_name = t.table_collation THEN NULL ELSE c.collation_name END "
    "FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema "
    "AND t.table_name = c.table_name WHERE c.table_schema = DATABASE() AND c.table_name = ? "
    "ORDER BY c.ordinal_position";

static void read_columns(Context *cx, Str alias, bool postgresql, TableShown *t)
{
    Value name = value_str(t->name);
    SqlRows rows = sql_query(cx, alias, str_c(postgresql ? postgresql_columns : mysql_columns), &name, 1);
    for (size_t i = 0; i < rows.n; i++) {
        TableColumn c = { .name = introspect_text(&rows, i, 0), .type = introspect_text(&rows, i, 1) };
        c.kind = kind_of(postgresql ? postgresql_kinds : mysql_kinds, c.type, &c.guessed);
        c.null = introspect_number(&rows, i, 2) != 0;
        c.is_auto = introspect_number(&rows, i, 6) != 0;
        if (introspect_number(&rows, i, 7))
            c.kind = without_sign(c.kind);
        if (introspect_number(&rows, i, 8))
            c.kind = FIELD_JSON;
        c.comment = introspect_text(&rows, i, 9);
        c.collation = introspect_text(&rows, i, 10);
        sized(&c, introspect_number(&rows, i, 3), introspect_number(&rows, i, 4), introspect_number(&rows, i, 5));
        VEC_PUSH(cx->arena, &t->columns, c);
    }
}

/* --- keys: kind ('p', 'u', 'f'), name, column, table and column that it leads to */

static const char postgresql_constraints[] =
    "SELECT k.contype::text, k.conname::text, a.attname::text, r.relname::text, ra.attname::text "
    "FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS u(num, at) "
    "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num "
    "LEFT JOIN pg_class r ON r.oid = k.confrelid "
    "LEFT JOIN pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = k.confkey[u.at] "
    "WHERE c.relname = ? AND pg_table_is_visible(c.oid) AND k.contype IN ('p', 'u', 'f') "
    "UNION ALL SELECT CASE WHEN x.indpred IS NULL AND a.attname IS NOT NULL THEN 'u' ELSE 'x' END, i.relname::text, "
    "a.attname::text, NULL, NULL FROM pg_index x CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS u(num, "
    "at) "
    "JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
    "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num AND u.num > 0 "
    "WHERE c.relname = ? AND pg_table_is_visible(c.oid) AND x.indisunique AND NOT x.indisprimary AND u.at <= "
    "x.indnkeyatts "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) "
    "ORDER BY 2";
static const char mysql_constraints[] =
    "SELECT CASE k.constraint_type WHEN 'PRIMARY KEY' THEN 'p' WHEN 'UNIQUE' THEN 'u' ELSE 'f' END, u.constraint_name, "
    "u.column_name, u.referenced_table_name, u.referenced_column_name FROM information_schema.key_column_usage u "
    "JOIN information_schema.table_constraints k ON k.table_schema = u.table_schema AND k.table_name = u.table_name "
    "AND k.constraint_name = u.constraint_name WHERE u.table_schema = DATABASE() AND u.table_name = ? AND u.table_name "
    "= ? "
    "ORDER BY u.constraint_name, u.ordinal_position";

static void add_constraint(Context *cx, const SqlRows *rows, size_t from, size_t to, TableShown *t)
{
    char kind = introspect_text(rows, from, 0).p[0];
    TableNames names = { 0 };
    bool odd = false;
    for (size_t i = from; i < to; i++) {
        odd |= introspect_text(rows, i, 0).p[0] == 'x';
        VEC_PUSH(cx->arena, &names, introspect_text(rows, i, 2));
    }
    if (kind == 'f') {
        if (names.n == 1)
            VEC_PUSH(cx->arena, &t->keys,
                     (TableKey){ names.p[0], introspect_text(rows, from, 3), introspect_text(rows, from, 4) });
    } else if (odd) {
        t->unreadable_unique = true;
    } else if (kind == 'p') {
        t->pk = names;
    } else {
        VEC_PUSH(cx->arena, &t->unique, names);
    }
}

void introspect_server(Context *cx, Str alias, const char *vendor, TableShown *t)
{
    bool postgresql = is_postgresql(vendor);
    Value names[] = { value_str(t->name), value_str(t->name) };
    read_columns(cx, alias, postgresql, t);
    SqlRows rows = sql_query(cx, alias, str_c(postgresql ? postgresql_constraints : mysql_constraints), names, 2);
    for (size_t i = 0, begin = 0; i < rows.n; i++)
        if (i + 1 == rows.n || !str_eq(introspect_text(&rows, i, 1), introspect_text(&rows, i + 1, 1))) {
            add_constraint(cx, &rows, begin, i + 1, t);
            begin = i + 1;
        }
    SqlRows comment = sql_query(
        cx, alias,
        str_c(postgresql ? "SELECT obj_description(c.oid, 'pg_class')::text FROM pg_class c WHERE c.relname = ? AND "
                           "pg_table_is_visible(c.oid)"
                         : "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE() AND "
                           "table_name = ?"),
        names, 1);
    t->comment = comment.n ? introspect_text(&comment, 0, 0) : (Str){ 0 };
    TableColumn *pk = t->pk.n == 1 ? introspect_column(t, t->pk.p[0]) : NULL;
    for (size_t i = 0; i < t->columns.n; i++) /* elsewhere it is a default like others */
        t->columns.p[i].is_auto &= &t->columns.p[i] == pk;
}
