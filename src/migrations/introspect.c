/* introspect.c: the tables of SQLite, and what all databases share; those of servers are in introspect_server.c. */
#include "migrations/introspect.h"
#include "migrations/introspect_server.h"
#include "orm/node.h"
#include <clef/orm/databases.h>

Str introspect_text(const SqlRows *rows, size_t row, size_t column)
{
    Value v = rows->rows[row][column];
    return v.tag == VALUE_STR || v.tag == VALUE_SAFE ? v.s : (Str){ 0 };
}

int64_t introspect_number(const SqlRows *rows, size_t row, size_t column)
{
    Value v = rows->rows[row][column];
    if (v.tag == VALUE_STR) {
        int64_t n;
        return str_to_i64(v.s, &n) ? n : 0;
    }
    return v.tag == VALUE_INT ? v.i : v.tag == VALUE_BOOL ? v.b : v.tag == VALUE_DOUBLE ? (int64_t)v.d : 0;
}

TableColumn *introspect_column(TableShown *t, Str name)
{
    for (size_t i = 0; i < t->columns.n; i++)
        if (str_eq(t->columns.p[i].name, name))
            return &t->columns.p[i];
    return NULL;
}

/* --- SQLite */

/* "varchar(30)" is "varchar" and 30; "decimal(10, 2)" has two numbers. */
static Str type_parts(Arena *a, Str type, int numbers[2])
{
    size_t open = str_find(type, STR("("));
    int64_t n;
    numbers[0] = numbers[1] = 0;
    if (open == STR_NPOS)
        return str_lower(a, str_trim(type));
    Str inside = str_from_byte(type, open + 1), one;
    size_t close = str_find(inside, STR(")"));
    inside = close == STR_NPOS ? inside : str_slice(inside, 0, close);
    for (int i = 0; i < 2 && str_cut(&inside, ',', &one); i++)
        if (str_to_i64(str_trim(one), &n) && n > 0 && n < 1 << 20)
            numbers[i] = (int)n;
    return str_lower(a, str_trim(str_slice(type, 0, open)));
}

static FieldKind sqlite_kind(Str type, bool *guessed)
{
    static const struct {
        const char *type;
        FieldKind kind;
    } kinds[] = {
        { "bool", FIELD_BOOLEAN },
        { "boolean", FIELD_BOOLEAN },
        { "smallint", FIELD_SMALL_INTEGER },
        { "smallinteger", FIELD_SMALL_INTEGER },
        { "smallint unsigned", FIELD_POSITIVE_SMALL_INTEGER },
        { "int", FIELD_INTEGER },
        { "integer", FIELD_INTEGER },
        { "bigint", FIELD_BIG_INTEGER },
        { "integer unsigned", FIELD_POSITIVE_INTEGER },
        { "bigint unsigned", FIELD_POSITIVE_BIG_INTEGER },
        { "decimal", FIELD_DECIMAL },
        { "real", FIELD_FLOAT },
        { "text", FIELD_TEXT },
        { "char", FIELD_CHAR },
        { "varchar", FIELD_CHAR },
        { "blob", FIELD_BINARY },
        { "date", FIELD_DATE },
        { "datetime", FIELD_DATETIME },
        { "time", FIELD_TIME },
    };
    for (size_t i = 0; i < CLEF_COUNT(kinds); i++)
        if (str_eq(type, str_c(kinds[i].type)))
            return kinds[i].kind;
    *guessed = true;
    return FIELD_TEXT;
}

static void finish_column(TableColumn *c, const int numbers[2])
{
    if (c->kind == FIELD_CHAR && numbers[0] > 0)
        c->max_length = numbers[0];
    else if (c->kind == FIELD_CHAR) /* without a length there is no CharField in C */
        c->kind = FIELD_TEXT;
    if (c->kind == FIELD_DECIMAL) {
        c->digits_guessed = numbers[0] <= 0;
        c->digits = numbers[0] > 0 ? numbers[0] : 10;
        c->places = numbers[0] > 0 ? numbers[1] : 5;
    }
}

static void sqlite_unique(Context *cx, Str alias, TableShown *t, Str index)
{
    Value name = value_str(index);
    SqlRows columns = sql_query(cx, alias, STR("SELECT name FROM pragma_index_info(?) ORDER BY seqno"), &name, 1);
    TableNames names = { 0 };
    for (size_t i = 0; i < columns.n; i++) {
        if (!introspect_text(&columns, i, 0).n) { /* an expression */
            t->unreadable_unique = true;
            return;
        }
        VEC_PUSH(cx->arena, &names, introspect_text(&columns, i, 0));
    }
    VEC_PUSH(cx->arena, &t->unique, names);
}

/* Is the column checked to be JSON? Django's own check is written so. */
static bool is_json(Str sql, Arena *a, Str column)
{
    return str_find(sql, str_format(a, "JSON_VALID(\"%.*s\")", STR_FMT(column))) != STR_NPOS;
}

static void sqlite_show(Context *cx, Str alias, TableShown *t)
{
    Arena *a = cx->arena;
    Value name = value_str(t->name);
    SqlRows rows = sql_query(
        cx, alias, STR("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid"), &name, 1);
    SqlRows made = sql_query(cx, alias, STR("SELECT sql FROM sqlite_master WHERE name = ?"), &name, 1);
    Str sql = made.n ? introspect_text(&made, 0, 0) : (Str){ 0 };
    int64_t npk = 0;
    for (size_t i = 0; i < rows.n; i++) {
        int numbers[2];
        TableColumn c = { .name = introspect_text(&rows, i, 0) };
        int64_t pk = introspect_number(&rows, i, 3);
        if (introspect_number(&rows, i, 4) == 1) /* of a virtual table: no column that one reads */
            continue;
        c.type = type_parts(a, introspect_text(&rows, i, 1), numbers);
        c.kind = sqlite_kind(c.type, &c.guessed);
        c.null = !introspect_number(&rows, i, 2) && !pk;
        finish_column(&c, numbers);
        if (c.kind == FIELD_TEXT && is_json(sql, a, c.name))
            c.kind = FIELD_JSON;
        npk = pk > npk ? pk : npk;
        VEC_PUSH(a, &t->columns, c);
    }
    for (int64_t at = 1; at <= npk; at++) /* in the order of the key */
        for (size_t i = 0; i < rows.n; i++)
            if (introspect_number(&rows, i, 3) == at)
                VEC_PUSH(a, &t->pk, introspect_text(&rows, i, 0));
    TableColumn *pk = t->pk.n == 1 ? introspect_column(t, t->pk.p[0]) : NULL;
    if (pk && kind_is_integer(pk->kind)) /* an alias of the row's own number */
        pk->is_auto = true;
    SqlRows keys = sql_query(cx, alias,
                             STR("SELECT \"from\", \"table\", \"to\", id, "
                                 "(SELECT count(*) FROM pragma_foreign_key_list(?1) AS o WHERE o.id = k.id) "
                                 "FROM pragma_foreign_key_list(?1) AS k ORDER BY id"),
                             &name, 1);
    for (size_t i = 0; i < keys.n; i++)
        if (introspect_number(&keys, i, 4) == 1)
            VEC_PUSH(
                a, &t->keys,
                (TableKey){ introspect_text(&keys, i, 0), introspect_text(&keys, i, 1), introspect_text(&keys, i, 2) });
    SqlRows indexes = sql_query(
        cx, alias,
        STR("SELECT name, partial FROM pragma_index_list(?) WHERE \"unique\" = 1 AND origin <> 'pk' ORDER BY name"),
        &name, 1);
    for (size_t i = 0; i < indexes.n; i++)
        if (introspect_number(&indexes, i, 1))
            t->unreadable_unique = true;
        else
            sqlite_unique(cx, alias, t, introspect_text(&indexes, i, 0));
}

/* --- all of them */

TablesListed tables_list(Context *cx, Str alias)
{
    const char *vendor = dialect_of(cx, alias)->vendor;
    TablesListed out = { 0 };
    const char *sql = strcmp(vendor, "sqlite") == 0
                          ? "SELECT name, substr(type, 1, 1) FROM sqlite_master WHERE type IN ('table', 'view') AND "
                            "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
                          : introspect_server_tables(vendor);
    SqlRows rows = sql_query(cx, alias, str_c(sql), NULL, 0);
    for (size_t i = 0; i < rows.n; i++)
        VEC_PUSH(cx->arena, &out,
                 (TableListed){ introspect_text(&rows, i, 0),
                                introspect_text(&rows, i, 1).n ? introspect_text(&rows, i, 1).p[0] : 't' });
    return out;
}

TableShown *table_show(Context *cx, Str alias, Str name)
{
    const char *vendor = dialect_of(cx, alias)->vendor;
    TableShown *t = NEW(cx->arena, TableShown);
    *t = (TableShown){ .name = name };
    if (strcmp(vendor, "sqlite") == 0)
        sqlite_show(cx, alias, t);
    else
        introspect_server(cx, alias, vendor, t);
    return t;
}
