/* dialect_postgresql.c: SQL as PostgreSQL (14 and newer) understands it. Sessions are in UTC. */
#include "orm/dialect.h"

/* $1 as a wall time of the zone. */
static Str there(Arena *a, FieldKind of, Str zone)
{
    return of == FIELD_DATETIME ? str_format(a, "($1 AT TIME ZONE %.*s)", STR_FMT(dialect_zone(a, zone, true)))
                                : STR("$1");
}

static Str extract_part(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    static const char *const words[][2] = {
        { "year", "YEAR" }, { "iso_year", "ISOYEAR" }, { "quarter", "QUARTER" }, { "month", "MONTH" },
        { "week", "WEEK" }, { "day", "DAY" },          { "week_day", "DOW" },    { "iso_week_day", "ISODOW" },
        { "hour", "HOUR" }, { "minute", "MINUTE" },    { "second", "SECOND" },   { "microsecond", "MICROSECONDS" },
    };
    Str what = there(a, of, zone);
    (void)to;
    for (size_t i = 0; i < CLEF_COUNT(words); i++) {
        if (!str_eq(part, str_c(words[i][0])))
            continue;
        if (str_eq(part, STR("second")))
            return str_format(a, "EXTRACT(SECOND FROM DATE_TRUNC('second', %.*s))::integer", STR_FMT(what));
        return str_format(a,
                          str_eq(part, STR("week_day")) ? "(EXTRACT(%s FROM %.*s) + 1)::integer"
                                                        : "EXTRACT(%s FROM %.*s)::integer",
                          words[i][1], STR_FMT(what));
    }
    return (Str){ 0 };
}

static Str cut_down(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    const char *type = to == FIELD_DATE ? "::date" : to == FIELD_TIME ? "::time" : "";
    return str_format(a, "DATE_TRUNC('%.*s', %.*s)%s", STR_FMT(part), STR_FMT(there(a, of, zone)), type);
}

static Str convert(Arena *a, FieldKind of, FieldKind to, Str part, Str zone)
{
    (void)part;
    return str_format(a, "%.*s::%s", STR_FMT(there(a, of, zone)), to == FIELD_TIME ? "time" : "date");
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
        return field_max_length(field->stored) ? dialect_varchar(a, field) : STR("varchar");
    case FIELD_EMAIL:
    case FIELD_URL:
    case FIELD_SLUG:
    case FIELD_FILE:
    case FIELD_IMAGE:
    case FIELD_FILE_PATH:
        return dialect_varchar(a, field);
    case FIELD_GENERIC_IP:
        return STR("inet");
    case FIELD_BINARY:
        return STR("bytea");
    case FIELD_INTEGER:
    case FIELD_POSITIVE_INTEGER:
        return STR("integer");
    case FIELD_BIG_INTEGER:
    case FIELD_POSITIVE_BIG_INTEGER:
        return STR("bigint");
    case FIELD_SMALL_INTEGER:
    case FIELD_POSITIVE_SMALL_INTEGER:
        return STR("smallint");
    case FIELD_DURATION:
        return STR("interval");
    case FIELD_BOOLEAN:
        return STR("boolean");
    case FIELD_FLOAT:
        return STR("double precision");
    case FIELD_DECIMAL:
        if (!field->stored->max_digits)
            return STR("numeric");
        return str_format(a, "numeric(%d, %d)", field->stored->max_digits, field->stored->decimal_places);
    case FIELD_DATE:
        return STR("date");
    case FIELD_TIME:
        return STR("time");
    case FIELD_DATETIME:
        return STR("timestamp with time zone");
    case FIELD_UUID:
        return STR("uuid");
    case FIELD_JSON:
        return STR("jsonb");
    default:
        return STR("text");
    }
}

static Str cast(Arena *a, const FieldInfo *to)
{
    if (to->stored->max_digits >= 1000) /* a computed decimal, of any size */
        return STR("($1)::numeric");
    return str_format(a, "($1)::%.*s", STR_FMT(column_type(a, to)));
}

/* An array of texts: {"key","0"}. */
static Str json_path(Arena *a, const Str *keys, size_t n, bool name)
{
    (void)name;
    Buf b = BUF_INIT(a, 1 << 16);
    buf_byte(&b, '{');
    for (size_t i = 0; i < n; i++) {
        buf_c(&b, i ? ",\"" : "\"");
        for (size_t j = 0; j < keys[i].n; j++) {
            if (keys[i].p[j] == '"' || keys[i].p[j] == '\\')
                buf_byte(&b, '\\');
            buf_byte(&b, keys[i].p[j]);
        }
        buf_byte(&b, '"');
    }
    buf_byte(&b, '}');
    return buf_view(&b);
}

static void lock(Buf *b, const LockOptions *o)
{
    if (!o->on)
        return;
    buf_c(b, o->no_key ? " FOR NO KEY UPDATE" : " FOR UPDATE");
    for (size_t i = 0; i < o->nof; i++)
        buf_printf(b, "%s%.*s", i ? ", " : " OF ", STR_FMT(o->of[i]));
    buf_c(b, o->nowait ? " NOWAIT" : o->skip_locked ? " SKIP LOCKED" : "");
}

static const char *const own_functions[] = {
    "Greatest",   "GREATEST(%)",
    "Least",      "LEAST(%)",
    "Concat",     "(COALESCE(($1)::text, '') || COALESCE(($2)::text, ''))",
    "Round",      "ROUND(($1)::numeric, $2)",
    "Length",     "LENGTH(%)",
    "Chr",        "CHR($1)",
    "Ord",        "ASCII($1)",
    "StrIndex",   "STRPOS($1, $2)",
    "Substr",     "SUBSTRING(%)",
    "Left",       "LEFT($1, $2)",
    "Right",      "RIGHT($1, $2)",
    "Ceil",       "CEILING($1)",
    "Log",        "LOG(($1)::numeric, ($2)::numeric)",
    "Mod",        "MOD(($1)::numeric, ($2)::numeric)",
    "Power",      "POWER($1, $2)",
    "Random",     "RANDOM()",
    "Pi",         "PI()",
    "Now",        "STATEMENT_TIMESTAMP()",
    "MD5",        "MD5($1)",
    "SHA1",       "ENCODE(DIGEST($1, 'sha1'), 'hex')",
    "SHA224",     "ENCODE(SHA224(($1)::bytea), 'hex')",
    "SHA256",     "ENCODE(SHA256(($1)::bytea), 'hex')",
    "SHA384",     "ENCODE(SHA384(($1)::bytea), 'hex')",
    "SHA512",     "ENCODE(SHA512(($1)::bytea), 'hex')",
    "JSONArray",  "JSONB_BUILD_ARRAY(%)",
    "JSONObject", "JSONB_BUILD_OBJECT(%)",
    "StringAgg",  "STRING_AGG($1, $2)",
    "AnyValue",   "(ARRAY_AGG($1))[1]",
    "**",         "POWER($1, $2)",
    NULL,
};

#define TEXT_LIKE  "$1::text LIKE $2"
#define UPPER_LIKE "UPPER($1::text) LIKE UPPER($2)"

const Dialect dialect_postgresql = {
    .vendor = "postgresql",
    .has = {
        .can_return_columns_from_insert = true, .can_return_rows_from_update = true,
        .can_return_rows_from_bulk_insert = true,
        .can_rollback_ddl = true,
        .supports_aggregate_filter_clause = true,
        .supports_aggregate_order_by_clause = true,
        .supports_parentheses_in_compound = true,
        .supports_slicing_ordering_in_compound = true,
        .supports_select_intersection = true,
        .supports_select_difference = true,
        .supports_order_by_nulls_modifier = true,
        .supports_over_clause = true,
        .supports_frame_range_fixed_distance = false,
        .supports_frame_exclusion = true,
        .supports_distinct_on = true,
        .supports_ignore_conflicts = true,
        .supports_update_conflicts = true,
        .supports_update_conflicts_with_target = true,
        .has_select_for_update = true,
        .has_select_for_update_nowait = true,
        .has_select_for_update_skip_locked = true,
        .has_select_for_update_of = true,
        .has_select_for_no_key_update = true,
        .supports_partial_indexes = true,
        .supports_expression_indexes = true,
        .supports_covering_indexes = true,
        .supports_index_column_ordering = true,
        .supports_deferrable_unique_constraints = true,
        .supports_nulls_distinct_unique_constraints = true,
        .supports_exclusion_constraints = true,
        .supports_table_check_constraints = true,
        .can_defer_constraint_checks = true,
        .supports_comments = true,
        .supports_identity = true,
        .supports_json_field_contains = true,
        .supports_primitives_in_json_field = true,
        .supports_stored_generated_columns = true,
        .supports_temporal_subtraction = true,
        .has_native_duration_field = true,
        .has_native_uuid_field = true,
        .has_native_json_field = true,
        .can_sum_moments = true,
        .can_round_left = true,
        .requires_casted_json_arguments = true,
        .allow_sliced_subqueries_with_in = true,
        .has_bulk_insert_unnest = true,
        .update_can_self_select = true,
        .supports_tablespaces = true,
        .supports_collation_on_charfield = true,
        .uses_savepoints = true,
        .allows_group_by_selected_pks = true,
    },
    .max_name_length = 63,
    .max_parameters = 65535,
    .true_literal = "true",
    .false_literal = "false",
    .random = "RANDOM()",
    .no_limit = "",
    .unnests = true,
    .default_values = " DEFAULT VALUES",
    .key_by_returning = true,
    .insert_ignore = "INSERT INTO",
    .conflict_ignore = " ON CONFLICT DO NOTHING",
    .conflict_value = "EXCLUDED.$1",
    .lookups = {
        [OP_IEXACT] = UPPER_LIKE,
        [OP_CONTAINS] = TEXT_LIKE,
        [OP_ICONTAINS] = UPPER_LIKE,
        [OP_STARTSWITH] = TEXT_LIKE,
        [OP_ISTARTSWITH] = UPPER_LIKE,
        [OP_ENDSWITH] = TEXT_LIKE,
        [OP_IENDSWITH] = UPPER_LIKE,
        [OP_REGEX] = "$1::text ~ $2",
        [OP_IREGEX] = "$1::text ~* $2",
    },
    .pattern_of = "REPLACE(REPLACE(REPLACE(($1)::text, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')",
    .ip_as_text = "HOST($1)",
    .json_extract = "($1 #> $2)",
    .json_text = "($1 #>> $2)",
    .json_key = "($1 -> $2)",
    .json_key_text = "($1 ->> $2)",
    .json_has = "$1 ?? $2",
    .json_contains = "$1 @> ($2)::jsonb",
    .json_contained = "$1 <@ ($2)::jsonb",
    .json_value = "($1)::jsonb",
    .moment_add = "($1 + $2)",
    .moment_subtract = "($1 - $2)",
    .difference = { "(interval '1 day' * ($1 - $2))", "($1 - $2)", "($1 - $2)" },
    .bit_and = "($1 & $2)",
    .bit_or = "($1 | $2)",
    .bit_xor = "($1 # $2)",
    .bit_left = "($1 << ($2)::integer)",
    .bit_right = "($1 >> ($2)::integer)",
    .explain = "EXPLAIN ",
    .explain_formats = "TEXT XML JSON YAML",
    .functions = own_functions,
    .cast = cast,
    .column_type = column_type,
    .key_type = key_type,
    .extract = extract_part,
    .trunc = cut_down,
    .convert = convert,
    .json_path = json_path,
    .lock = lock,
    .upsert = dialect_upsert_conflict,
};
