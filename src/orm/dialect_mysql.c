/*
 * dialect_mysql.c: SQL as MariaDB (10.6 and newer) and MySQL (8 and newer) understand it, in sessions with ANSI_QUOTES,
 * PIPES_AS_CONCAT and NO_BACKSLASH_ESCAPES, in UTC. Time zones other than offsets need the server's tables of zones.
 */
#include "orm/dialect.h"

/* $1 as a wall time of the zone. */
static Str there(Arena *a, FieldKind of, Str zone)
{
    if (of != FIELD_DATETIME || !zone.n || str_eq(zone, STR("UTC")))
        return STR("$1");
    return str_format(a, "CONVERT_TZ($1, 'UTC', %.*s)", STR_FMT(dialect_zone(a, zone, false)));
}

static Str extract_part(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    static const char *const forms[][2] = {
        { "week_day", "DAYOFWEEK(" },
        { "iso_week_day", "WEEKDAY(" },
        { "week", "WEEK(" },
        { "iso_year", "YEARWEEK(" },
        { "year", "EXTRACT(YEAR FROM " },
        { "quarter", "EXTRACT(QUARTER FROM " },
        { "month", "EXTRACT(MONTH FROM " },
        { "day", "EXTRACT(DAY FROM " },
        { "hour", "EXTRACT(HOUR FROM " },
        { "minute", "EXTRACT(MINUTE FROM " },
        { "second", "EXTRACT(SECOND FROM " },
        { "microsecond", "EXTRACT(MICROSECOND FROM " },
    };
    Str what = there(a, of, zone);
    (void)to;
    for (size_t i = 0; i < CLEF_COUNT(forms); i++)
        if (str_eq(part, str_c(forms[i][0])))
            return str_format(a, "%s%s%.*s%s",
                              i == 3   ? "FLOOR("
                              : i == 1 ? "("
                                       : "",
                              forms[i][1], STR_FMT(what),
                              i == 1   ? ") + 1)"
                              : i == 2 ? ", 3)"
                              : i == 3 ? ", 3) / 100)"
                                       : ")");
    return (Str){ 0 };
}

static Str cut_down(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    static const char *const formats[][2] = {
        { "year", "%%Y-01-01 00:00:00" },       { "month", "%%Y-%%m-01 00:00:00" },
        { "day", "%%Y-%%m-%%d 00:00:00" },      { "hour", "%%Y-%%m-%%d %%H:00:00" },
        { "minute", "%%Y-%%m-%%d %%H:%%i:00" }, { "second", "%%Y-%%m-%%d %%H:%%i:%%s" },
    };
    Str what = there(a, of, zone);
    const char *type = to == FIELD_DATE ? "DATE" : to == FIELD_TIME ? "TIME" : "DATETIME";
    if (str_eq(part, STR("quarter")))
        return str_format(a,
                          "CAST(MAKEDATE(YEAR(%.*s), 1) + INTERVAL QUARTER(%.*s) QUARTER - INTERVAL 1 QUARTER AS %s)",
                          STR_FMT(what), STR_FMT(what), type);
    if (str_eq(part, STR("week")))
        return str_format(a, "CAST(DATE_SUB(DATE(%.*s), INTERVAL WEEKDAY(%.*s) DAY) AS %s)", STR_FMT(what),
                          STR_FMT(what), type);
    for (size_t i = 0; i < CLEF_COUNT(formats); i++)
        if (str_eq(part, str_c(formats[i][0]))) {
            Str format = str_c(formats[i][1]);
            if (of == FIELD_TIME)
                format = str_from_byte(format, str_find_byte(format, ' ') + 1);
            return str_format(a, "CAST(DATE_FORMAT(%.*s, '%.*s') AS %s)", STR_FMT(what), STR_FMT(format), type);
        }
    return (Str){ 0 };
}

static Str convert(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    (void)part;
    return str_format(a, "%s(%.*s)", to == FIELD_TIME ? "TIME" : "DATE", STR_FMT(there(a, of, zone)));
}

static Str key_type(Arena *a, const FieldInfo *field)
{
    (void)a;
    return field->kind == FIELD_BIG_AUTO     ? STR("bigint")
           : field->kind == FIELD_SMALL_AUTO ? STR("smallint")
                                             : STR("integer");
}

static Str column_type(Arena *a, const FieldInfo *field)
{
    switch (field->kind) {
    case FIELD_AUTO:
    case FIELD_BIG_AUTO:
    case FIELD_SMALL_AUTO:
        return key_type(a, field);
    case FIELD_CHAR:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_SLUG:
    case FIELD_FILE:
    case FIELD_IMAGE:
    case FIELD_FILE_PATH:
        return dialect_varchar(a, field);
    case FIELD_GENERIC_IP:
        return STR("char(39)");
    case FIELD_BINARY:
        return STR("longblob");
    case FIELD_INTEGER:
        return STR("integer");
    case FIELD_BIG_INTEGER:
    case FIELD_DURATION:
        return STR("bigint");
    case FIELD_SMALL_INTEGER:
        return STR("smallint");
    case FIELD_POSITIVE_INTEGER:
        return STR("integer UNSIGNED");
    case FIELD_POSITIVE_BIG_INTEGER:
        return STR("bigint UNSIGNED");
    case FIELD_POSITIVE_SMALL_INTEGER:
        return STR("smallint UNSIGNED");
    case FIELD_BOOLEAN:
        return STR("bool");
    case FIELD_FLOAT:
        return STR("double precision");
    case FIELD_DECIMAL:
        return str_format(a, "numeric(%d, %d)", field->stored->max_digits, field->stored->decimal_places);
    case FIELD_DATE:
        return STR("date");
    case FIELD_TIME:
        return STR("time(6)");
    case FIELD_DATETIME:
        return STR("datetime(6)");
    case FIELD_UUID:
        return STR("char(32)");
    case FIELD_JSON:
        return STR("json");
    default:
        return STR("longtext");
    }
}

static Str column_type_mariadb(Arena *a, const FieldInfo *field)
{
    return field->kind == FIELD_UUID ? STR("uuid") : column_type(a, field);
}

static Str cast(Arena *a, const FieldInfo *to)
{
    switch (to->kind) {
    case FIELD_CHAR:
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_SLUG:
        return field_max_length(to->stored) > 0 ? str_format(a, "CAST($1 AS char(%d))", field_max_length(to->stored))
                                                : STR("CAST($1 AS char)");
    case FIELD_TEXT:
        return STR("CAST($1 AS char)");
    case FIELD_AUTO:
    case FIELD_BIG_AUTO:
    case FIELD_SMALL_AUTO:
    case FIELD_INTEGER:
    case FIELD_BIG_INTEGER:
    case FIELD_SMALL_INTEGER:
    case FIELD_DURATION:
        return STR("CAST($1 AS signed integer)");
    case FIELD_POSITIVE_INTEGER:
    case FIELD_POSITIVE_BIG_INTEGER:
    case FIELD_POSITIVE_SMALL_INTEGER:
        return STR("CAST($1 AS unsigned integer)");
    case FIELD_DECIMAL:
        if (to->stored->max_digits >= 1000)
            return STR("CAST($1 AS decimal(65, 30))");
        return str_format(a, "CAST($1 AS decimal(%d, %d))", to->stored->max_digits, to->stored->decimal_places);
    case FIELD_FLOAT: /* CAST knows no double */
        return STR("(($1) + 0.0)");
    case FIELD_BINARY:
        return STR("CAST($1 AS binary)");
    case FIELD_DATE:
        return STR("CAST($1 AS date)");
    case FIELD_DATETIME:
        return STR("CAST($1 AS datetime(6))");
    case FIELD_TIME:
        return STR("CAST($1 AS time(6))");
    default:
        return STR("$1");
    }
}

/* Neither counts elements of arrays from their end. */
static Str json_path(Arena *a, const Str *keys, size_t n, bool name)
{
    int64_t index;
    for (size_t i = 0; i + name < n; i++)
        if (str_to_i64(keys[i], &index) && index < 0)
            return (Str){ 0 };
    return dialect_json_path(a, keys, n, name);
}

static void lock(Buf *b, const LockOptions *o)
{
    if (!o->on)
        return;
    BUF_LIT(b, " FOR UPDATE");
    buf_c(b, o->nowait ? " NOWAIT" : o->skip_locked ? " SKIP LOCKED" : "");
}

static void lock_of(Buf *b, const LockOptions *o)
{
    if (!o->on)
        return;
    BUF_LIT(b, " FOR UPDATE");
    for (size_t i = 0; i < o->nof; i++)
        buf_printf(b, "%s%.*s", i ? ", " : " OF ", STR_FMT(o->of[i]));
    buf_c(b, o->nowait ? " NOWAIT" : o->skip_locked ? " SKIP LOCKED" : "");
}

static void upsert(Buf *b, const Str *unique, size_t nunique, const Str *update, size_t nupdate)
{
    (void)unique, (void)nunique;
    BUF_LIT(b, " ON DUPLICATE KEY UPDATE ");
    for (size_t i = 0; i < nupdate; i++)
        buf_printf(b, "%s%.*s = VALUES(%.*s)", i ? ", " : "", STR_FMT(update[i]), STR_FMT(update[i]));
}

static const char *const own_functions[] = {
    "Greatest",   "GREATEST(%)",
    "Least",      "LEAST(%)",
    "Concat",     "CONCAT_WS('', $1, $2)",
    "Length",     "CHAR_LENGTH(%)",
    "Chr",        "CHAR($1 USING utf16)",
    "Ord",        "ORD($1)",
    "StrIndex",   "INSTR($1, $2)",
    "Substr",     "SUBSTRING(%)",
    "Left",       "LEFT($1, $2)",
    "Right",      "RIGHT($1, $2)",
    "Ceil",       "CEILING($1)",
    "Random",     "RAND()",
    "Now",        "CURRENT_TIMESTAMP(6)",
    "MD5",        "MD5($1)",
    "SHA1",       "SHA1($1)",
    "SHA224",     "SHA2($1, 224)",
    "SHA256",     "SHA2($1, 256)",
    "SHA384",     "SHA2($1, 384)",
    "SHA512",     "SHA2($1, 512)",
    "JSONArray",  "JSON_ARRAY(%)",
    "JSONObject", "JSON_OBJECT(%)",
    "StringAgg",  "GROUP_CONCAT($* SEPARATOR $!2)",
    "AnyValue",   "MIN($1)",
    "**",         "POWER($1, $2)",
    NULL,
};

/* clang-format off */
#define MYSQL_FEATURES                           \
    .supports_aggregate_order_by_clause = true,  \
    .can_sum_moments = true,                     \
    .can_round_left = true,                      \
    .supports_parentheses_in_compound = true,    \
    .supports_slicing_ordering_in_compound = true, \
    .supports_select_intersection = true,        \
    .supports_select_difference = true,          \
    .order_by_nulls_first = true,                \
    .supports_over_clause = true,                \
    .supports_ignore_conflicts = true,           \
    .supports_update_conflicts = true,           \
    .has_select_for_update = true,               \
    .has_select_for_update_nowait = true,        \
    .has_select_for_update_skip_locked = true,   \
    .supports_index_column_ordering = true,      \
    .supports_table_check_constraints = true,    \
    .supports_comments = true,                   \
    .supports_json_field_contains = true,        \
    .supports_primitives_in_json_field = true,   \
    .supports_stored_generated_columns = true,   \
    .supports_virtual_generated_columns = true,  \
    .supports_temporal_subtraction = true,       \
    .supports_collation_on_charfield = true,     \
    .uses_savepoints = true,                     \
    .durations_are_integers = true,              \
    .allows_group_by_selected_pks = true

#define MYSQL_COMMON                                                                                            \
    .max_name_length = 64,                                                                                      \
    .max_parameters = 65535,                                                                                    \
    .true_literal = "1",                                                                                        \
    .false_literal = "0",                                                                                       \
    .random = "RAND()",                                                                                         \
    .no_limit = "18446744073709551615",                                                                         \
    .default_values = " () VALUES ()",                                                                          \
    .insert_ignore = "INSERT IGNORE INTO",                                                                      \
    .conflict_ignore = "",                                                                                      \
    .conflict_value = "VALUES($1)",                                                                             \
    .pattern_of = "REPLACE(REPLACE(REPLACE($1, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')",                      \
    .ip_as_text = "$1",                                                                                         \
    .json_has = "JSON_CONTAINS_PATH($1, 'one', $2)",                                                            \
    .json_contains = "JSON_CONTAINS($1, $2)",                                                                   \
    .json_contained = "JSON_CONTAINS($2, $1)",                                                                  \
    .moment_add = "($1 + INTERVAL $2 MICROSECOND)",                                                             \
    .moment_subtract = "($1 - INTERVAL $2 MICROSECOND)",                                                        \
    .difference = { "TIMESTAMPDIFF(MICROSECOND, $2, $1)", "TIMESTAMPDIFF(MICROSECOND, $2, $1)",                 \
                    "((TIME_TO_SEC($1) * 1000000 + MICROSECOND($1)) - (TIME_TO_SEC($2) * 1000000 + MICROSECOND($2)))" }, \
    .bit_and = "($1 & $2)",                                                                                     \
    .bit_or = "($1 | $2)",                                                                                      \
    .bit_xor = "($1 ^ $2)",                                                                                     \
    .bit_left = "($1 << $2)",                                                                                   \
    .bit_right = "($1 >> $2)",                                                                                  \
    .explain = "EXPLAIN ", \
    .functions = own_functions,                                                                                 \
    .cast = cast,                                                                                               \
    .key_type = key_type,                                                                                       \
    .extract = extract_part,                                                                                         \
    .trunc = cut_down,                                                                                             \
    .convert = convert,                                                                                         \
    .json_path = json_path,                                                                                     \
    .json_extract = "JSON_EXTRACT($1, $2)",                                                                     \
    .json_text = "JSON_UNQUOTE(JSON_EXTRACT($1, $2))",                                                          \
    .json_search = "JSON_UNQUOTE($1)",                                                                          \
    .json_any_case = "LOWER(",                                                                                  \
    .upsert = upsert

#define CASED "$1 LIKE BINARY $2 ESCAPE '\\'"
#define ANY_CASE "$1 LIKE $2 ESCAPE '\\'"
#define LIKES               \
    [OP_IEXACT] = ANY_CASE, \
    [OP_CONTAINS] = CASED, \
    [OP_ICONTAINS] = ANY_CASE, \
    [OP_STARTSWITH] = CASED, \
    [OP_ISTARTSWITH] = ANY_CASE, \
    [OP_ENDSWITH] = CASED, \
    [OP_IENDSWITH] = ANY_CASE
/* clang-format on */

const Dialect dialect_mysql = {
    .vendor = "mysql",
    .has = { MYSQL_FEATURES, .has_select_for_update_of = true, .supports_expression_indexes = true,
             .has_native_json_field = true },
    MYSQL_COMMON,
    .lookups = { LIKES, [OP_REGEX] = "REGEXP_LIKE($1, $2, 'c')", [OP_IREGEX] = "REGEXP_LIKE($1, $2, 'i')" },
    .json_value = "CAST($1 AS JSON)",
    .explain_formats = "JSON TEXT TRADITIONAL TREE",
    .column_type = column_type,
    .lock = lock_of,
};

const Dialect dialect_mariadb = {
    .vendor = "mariadb",
    .has = { MYSQL_FEATURES, .can_return_columns_from_insert = true, .can_return_rows_from_bulk_insert = true,
             .has_native_uuid_field = true },
    MYSQL_COMMON,
    .lookups = { LIKES, [OP_REGEX] = "$1 REGEXP BINARY $2", [OP_IREGEX] = "$1 REGEXP $2" },
    .json_same = "JSON_NORMALIZE($1)", /* JSON is a text to MariaDB: spaces and the order of keys would count */
    .explain_formats = "JSON TRADITIONAL",
    .column_type = column_type_mariadb,
    .lock = lock,
};
