/* dialect_sqlite.c: SQL as SQLite understands it, with the functions that db/sqlite_functions.c gives it. */
#include "orm/dialect.h"

static Str extract_part(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    (void)to;
    if (of == FIELD_DATETIME)
        return str_format(a, "django_datetime_extract('%.*s', $1, %.*s, 'UTC')", STR_FMT(part),
                          STR_FMT(dialect_zone(a, zone, false)));
    return str_format(a, "django_%s_extract('%.*s', $1)", of == FIELD_TIME ? "time" : "date", STR_FMT(part));
}

static Str cut_down(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    const char *what = to == FIELD_DATETIME ? "datetime" : to == FIELD_TIME ? "time" : "date";
    if (of != FIELD_DATETIME)
        return str_format(a, "django_%s_trunc('%.*s', $1, NULL, NULL)", what, STR_FMT(part));
    return str_format(a, "django_%s_trunc('%.*s', $1, %.*s, 'UTC')", what, STR_FMT(part),
                      STR_FMT(dialect_zone(a, zone, false)));
}

static Str convert(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    (void)of, (void)part;
    return str_format(a, "django_datetime_cast_%s($1, %.*s, 'UTC')", to == FIELD_TIME ? "time" : "date",
                      STR_FMT(dialect_zone(a, zone, false)));
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
        return field->to ? key_type(a, field) : STR("integer");
    case FIELD_CHAR:
        return field_max_length(field->stored) ? dialect_varchar(a, field) : STR("varchar");
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
        return STR("BLOB");
    case FIELD_INTEGER:
        return STR("integer");
    case FIELD_BIG_INTEGER:
    case FIELD_DURATION:
        return STR("bigint");
    case FIELD_SMALL_INTEGER:
        return STR("smallint");
    case FIELD_POSITIVE_INTEGER:
        return field->to ? STR("integer") : STR("integer unsigned");
    case FIELD_POSITIVE_BIG_INTEGER:
        return field->to ? STR("bigint") : STR("bigint unsigned");
    case FIELD_POSITIVE_SMALL_INTEGER:
        return field->to ? STR("smallint") : STR("smallint unsigned");
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

/* SQLite has no types of its own for moments: they go through its functions. */
static Str cast(Arena *a, const FieldInfo *to)
{
    switch (to->kind) {
    case FIELD_DATETIME:
        return STR("strftime('%%Y-%%m-%%d %%H:%%M:%%f', $1)");
    case FIELD_DATE:
        return STR("date($1)");
    case FIELD_TIME:
        return STR("strftime('%%H:%%M:%%f', $1)");
    case FIELD_DECIMAL:
        return STR("CAST($1 AS NUMERIC)");
    default:
        return str_format(a, "CAST($1 AS %.*s)", STR_FMT(column_type(a, to)));
    }
}

static void lock(Buf *b, const LockOptions *o) { (void)b, (void)o; }

/* Django compares keys as what they are, texts among them. */
#define JSON_AT                                                                       \
    "(CASE WHEN JSON_TYPE($1, $2) IN ('false','true','null') THEN JSON_TYPE($1, $2) " \
    "ELSE JSON_EXTRACT($1, $2) END)"

#define LIKE "$1 LIKE $2 ESCAPE '\\'"

const Dialect dialect_sqlite = {
    .vendor = "sqlite",
    .has = {
        .can_return_columns_from_insert = true, .can_return_rows_from_update = true,
        .can_return_rows_from_bulk_insert = true,
        .can_rollback_ddl = true,
        .supports_aggregate_filter_clause = true,
        .supports_select_intersection = true,
        .supports_select_difference = true,
        .supports_order_by_nulls_modifier = true,
        .order_by_nulls_first = true,
        .supports_over_clause = true,
        .supports_frame_range_fixed_distance = true,
        .supports_frame_exclusion = true,
        .supports_ignore_conflicts = true,
        .supports_update_conflicts = true,
        .supports_update_conflicts_with_target = true,
        .supports_partial_indexes = true,
        .supports_expression_indexes = true,
        .supports_index_column_ordering = true,
        .supports_table_check_constraints = true,
        .can_defer_constraint_checks = true,
        .supports_primitives_in_json_field = true,
        .supports_stored_generated_columns = true,
        .supports_virtual_generated_columns = true,
        .supports_temporal_subtraction = true,
        .allow_sliced_subqueries_with_in = true,
        .update_can_self_select = true,
        .supports_collation_on_charfield = true,
        .uses_savepoints = true,
        .decimals_are_doubles = true,
        .durations_are_integers = true,
        .allows_group_by_selected_pks = true,
    },
    .max_parameters = 32766,
    .true_literal = "1",
    .false_literal = "0",
    .random = "RANDOM()",
    .no_limit = "-1",
    .default_values = " DEFAULT VALUES",
    .insert_ignore = "INSERT OR IGNORE INTO",
    .conflict_ignore = "",
    .conflict_value = "EXCLUDED.$1",
    .lookups = {
        [OP_IEXACT] = LIKE,
        [OP_CONTAINS] = LIKE,
        [OP_ICONTAINS] = LIKE,
        [OP_STARTSWITH] = LIKE,
        [OP_ISTARTSWITH] = LIKE,
        [OP_ENDSWITH] = LIKE,
        [OP_IENDSWITH] = LIKE,
        [OP_REGEX] = "$1 REGEXP $2",
        [OP_IREGEX] = "$1 REGEXP '(?i)' || $2",
    },
    .pattern_of = "REPLACE(REPLACE(REPLACE($1, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')",
    .ip_as_text = "$1",
    .json_extract = JSON_AT,
    .json_text = JSON_AT,
    .json_has = "JSON_TYPE($1, $2) IS NOT NULL",
    .json_missing = "JSON_TYPE($1, $2) IS NULL",
    .json_value = "JSON_EXTRACT($1, '$')",
    .moment_add = "django_format_dtdelta('+', $1, $2)",
    .moment_subtract = "django_format_dtdelta('-', $1, $2)",
    .difference = { "django_timestamp_diff($1, $2)", "django_timestamp_diff($1, $2)", "django_time_diff($1, $2)" },
    .bit_and = "($1 & $2)",
    .bit_or = "($1 | $2)",
    .bit_xor = "BITXOR($1, $2)",
    .bit_left = "($1 << $2)",
    .bit_right = "($1 >> $2)",
    .explain = "EXPLAIN QUERY PLAN ",
    .explain_formats = "",
    .cast = cast,
    .column_type = column_type,
    .key_type = key_type,
    .extract = extract_part,
    .trunc = cut_down,
    .convert = convert,
    .json_path = dialect_json_path,
    .lock = lock,
    .upsert = dialect_upsert_conflict,
};
