/*
 * functions.c: what the database computes, by Django's names. The SQL is SQLite's, with Django's functions registered
 * (db/sqlite_functions.c); what another database says otherwise stands in its dialect, by the same name.
 */
#include "orm/queryset.h"

static const Function functions[] = {
    { "+", "($1 + $2)", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "-", "($1 - $2)", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "*", "($1 * $2)", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "/", "($1 / $2)", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "%", "($1 % $2)", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "**", "(POWER($1,$2))", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "&", "@bit", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "|", "@bit", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "^", "@bit", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { "<<", "@bit", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    { ">>", "@bit", FIELD_NONE, FN_TEXTS | FN_OPERATOR, 2, 2 },
    /* What + and - become between moments and durations. */
    { "moment", "@moment", FIELD_NONE, FN_TEXTS, 2, 2 },
    { "difference", "@difference", FIELD_DURATION, FN_TEXTS, 2, 2 },
    /* text */
    { "Chr", "CHAR(%)", FIELD_CHAR, 0, 1, 1 },
    { "Concat", "(COALESCE($1, '') || COALESCE($2, ''))", FIELD_NONE, 0, 2, 0 },
    { "Left", "SUBSTR($1, 1, $2)", FIELD_CHAR, 0, 2, 2 },
    { "Length", "LENGTH(%)", FIELD_INTEGER, 0, 1, 1 },
    { "Lower", "LOWER(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "LPad", "LPAD(%)", FIELD_CHAR, 0, 2, 3 },
    { "LTrim", "LTRIM(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "MD5", "MD5(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Ord", "UNICODE(%)", FIELD_INTEGER, 0, 1, 1 },
    { "Repeat", "REPEAT(%)", FIELD_CHAR, 0, 2, 2 },
    { "Replace", "REPLACE(%)", FIELD_NONE, 0, 2, 3 },
    { "Reverse", "REVERSE(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Right", "SUBSTR($1, ($2 * -1), $2)", FIELD_CHAR, 0, 2, 2 },
    { "RPad", "RPAD(%)", FIELD_CHAR, 0, 2, 3 },
    { "RTrim", "RTRIM(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "SHA1", "SHA1(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "SHA224", "SHA224(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "SHA256", "SHA256(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "SHA384", "SHA384(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "SHA512", "SHA512(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "StrIndex", "INSTR(%)", FIELD_INTEGER, 0, 2, 2 },
    { "Substr", "SUBSTR(%)", FIELD_CHAR, 0, 2, 3 },
    { "Trim", "TRIM(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Upper", "UPPER(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    /* comparison and conversion */
    { "Cast", "@cast", FIELD_NONE, 0, 1, 1 },
    { "Coalesce", "COALESCE(%)", FIELD_NONE, 0, 2, 0 },
    { "Collate", "@collate", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Greatest", "MAX(%)", FIELD_NONE, 0, 2, 0 },
    { "JSONArray", "JSON_ARRAY(%)", FIELD_JSON, 0, 0, 0 },
    { "JSONObject", "JSON_OBJECT(%)", FIELD_JSON, 0, 0, 0 },
    { "Least", "MIN(%)", FIELD_NONE, 0, 2, 0 },
    { "NullIf", "NULLIF(%)", FIELD_NONE, FN_KEEPS, 2, 2 },
    { "Func", "@func", FIELD_NONE, 0, 0, 0 },
    /* numbers */
    { "Abs", "ABS(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "ACos", "ACOS(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "ASin", "ASIN(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "ATan", "ATAN(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "ATan2", "ATAN2(%)", FIELD_NONE, FN_FLOAT, 2, 2 },
    { "Ceil", "CEILING(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Cos", "COS(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Cot", "COT(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Degrees", "DEGREES(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Exp", "EXP(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Floor", "FLOOR(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Ln", "LN(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Log", "LOG(%)", FIELD_NONE, FN_FLOAT, 2, 2 },
    { "Mod", "MOD(%)", FIELD_NONE, FN_FLOAT, 2, 2 },
    { "Pi", "PI()", FIELD_FLOAT, 0, 0, 0 },
    { "Power", "POWER(%)", FIELD_NONE, FN_FLOAT, 2, 2 },
    { "Radians", "RADIANS(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Random", "RAND()", FIELD_FLOAT, 0, 0, 0 },
    { "Round", "ROUND(%)", FIELD_NONE, FN_KEEPS, 1, 2 },
    { "Sign", "SIGN(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Sin", "SIN(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Sqrt", "SQRT(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Tan", "TAN(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    /* dates and times: Extract and Trunc become one of these by the type of what they are of */
    { "Now", "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')", FIELD_DATETIME, 0, 0, 0 },
    { "Extract", "@extract", FIELD_INTEGER, 0, 1, 1 },
    { "Trunc", "@trunc", FIELD_NONE, 0, 1, 1 },
    { "Convert", "@convert", FIELD_NONE, 0, 1, 1 },
    /* windows */
    { "CumeDist", "CUME_DIST()", FIELD_FLOAT, FN_WINDOW, 0, 0 },
    { "DenseRank", "DENSE_RANK()", FIELD_INTEGER, FN_WINDOW, 0, 0 },
    { "FirstValue", "FIRST_VALUE(%)", FIELD_NONE, FN_WINDOW | FN_KEEPS, 1, 1 },
    { "Lag", "LAG(%)", FIELD_NONE, FN_WINDOW | FN_KEEPS, 1, 3 },
    { "LastValue", "LAST_VALUE(%)", FIELD_NONE, FN_WINDOW | FN_KEEPS, 1, 1 },
    { "Lead", "LEAD(%)", FIELD_NONE, FN_WINDOW | FN_KEEPS, 1, 3 },
    { "NthValue", "NTH_VALUE(%)", FIELD_NONE, FN_WINDOW | FN_KEEPS, 2, 2 },
    { "Ntile", "NTILE(%)", FIELD_INTEGER, FN_WINDOW, 0, 1 },
    { "PercentRank", "PERCENT_RANK()", FIELD_FLOAT, FN_WINDOW, 0, 0 },
    { "Rank", "RANK()", FIELD_INTEGER, FN_WINDOW, 0, 0 },
    { "RowNumber", "ROW_NUMBER()", FIELD_INTEGER, FN_WINDOW, 0, 0 },
};

static const Function aggregates[] = {
    { "Count", "COUNT(%)", FIELD_INTEGER, 0, 1, 1 },
    { "Sum", "SUM(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Avg", "AVG(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Max", "MAX(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "Min", "MIN(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "AnyValue", "ANY_VALUE(%)", FIELD_NONE, FN_KEEPS, 1, 1 },
    { "StringAgg", "GROUP_CONCAT(%)", FIELD_TEXT, 0, 2, 2 },
    { "StdDev", "STDDEV_POP(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "StdDevSample", "STDDEV_SAMP(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "Variance", "VAR_POP(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
    { "VarianceSample", "VAR_SAMP(%)", FIELD_NONE, FN_FLOAT, 1, 1 },
};

static const Function *find(const Function *table, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_c(table[i].name), name))
            return &table[i];
    return NULL;
}

const Function *function_find(Str name) { return find(functions, sizeof functions / sizeof *functions, name); }
const Function *aggregate_find(Str name) { return find(aggregates, sizeof aggregates / sizeof *aggregates, name); }

/* --- templates */

const char *function_template(Context *cx, const Dialect *d, const Node *n)
{
    Arena *a = cx->arena;
    const Function *fn = n->fn;
    if (fn->flags & FN_CUSTOM)
        return custom_template(d, fn);
    if (fn->sql[0] != '@')
        return dialect_function(d, fn->name, fn->sql);
    FieldKind of = n->n && n->args[0]->out ? n->args[0]->out->kind : FIELD_NONE,
              to = n->out ? n->out->kind : FIELD_NONE;
    Str zone = n->zone ? timezone_name(n->zone) : (Str){ 0 };
    switch (fn->sql[1]) {
    case 'e':
        return d->extract(a, of, to, n->detail, zone).p;
    case 't':
        return d->trunc(a, of, to, n->detail, zone).p;
    case 'm':
        return n->detail.p[0] == '-' ? d->moment_subtract : d->moment_add;
    case 'd': {
        FieldKind other = n->args[1]->out->kind;
        return d->difference[of == FIELD_TIME ? 2 : of == FIELD_DATE && other == FIELD_DATE ? 0 : 1];
    }
    case 'b':
        return *fn->name == '&'   ? d->bit_and
               : *fn->name == '|' ? d->bit_or
               : *fn->name == '^' ? d->bit_xor
               : *fn->name == '<' ? d->bit_left
                                  : d->bit_right;
    case 'f':
        return str_concat(a, n->detail, STR("(%)")).p;
    default: /* convert, cast, collate */
        if (fn->sql[2] == 'a')
            return d->cast(a, n->out).p;
        if (str_eq(str_c(fn->sql), STR("@collate")))
            return str_format(a, "$1 COLLATE \"%.*s\"", STR_FMT(n->detail)).p;
        return d->convert(a, of, to, n->detail, zone).p;
    }
}

/* --- calls */

static void check_count(Context *cx, const Function *fn, size_t n)
{
    bool any =
        !fn->most && fn->least == 0 && (str_ends(str_c(fn->sql), STR("(%)")) || str_eq(str_c(fn->sql), STR("@func")));
    if ((int)n >= fn->least && ((int)n <= fn->most || (!fn->most && (fn->least || any))))
        return;
    RAISE(cx, 500, "type_error", "'%s' takes exactly %d argument%s (%zu given)", fn->name, fn->least,
          fn->least == 1 ? "" : "s", n);
}

static Node *called(Resolving *r, const Function *fn, NodeKind kind, const Node *const *args, size_t n)
{
    Context *cx = r->q->cx;
    Node *node = node_new(cx, kind, n);
    node->fn = fn;
    node->nullable = true;
    for (size_t i = 0; i < n; i++) {
        node->args[i] = args[i];
        node->aggregate |= args[i]->aggregate;
        node->window |= args[i]->window;
    }
    if (fn->out != FIELD_NONE) {
        node->out = type_field(fn->out);
    } else if (fn->flags & FN_OPERATOR) {
        type_of_operator(cx, node);
    } else if (fn->flags & FN_FLOAT) {
        bool exact = false;
        for (size_t i = 0; i < n; i++)
            exact |= args[i]->out && args[i]->out->kind == FIELD_DECIMAL;
        bool span = n == 1 && args[0]->out && args[0]->out->kind == FIELD_DURATION;
        node->out = span ? args[0]->out : type_field(exact ? FIELD_DECIMAL : FIELD_FLOAT);
        for (size_t i = 0; i < n; i++)
            if (args[i]->trouble.p)
                node->trouble = args[i]->trouble;
    } else {
        type_of_same(cx, node, args, (fn->flags & FN_KEEPS) && n ? 1 : n);
    }
    return node;
}

/* A detail stands in the SQL where it is a name: letters, digits and "_" only. */
static void check_word(Context *cx, Str word, const char *what)
{
    bool right = word.n > 0 && word.n <= 63;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        right &= c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (!right)
        RAISE(cx, 500, "value_error", "Invalid %s name: '%.*s'.", what, STR_FMT(word));
}

/* + and - of moments and durations. */
static const Function *temporal(const Node *node)
{
    const FieldInfo *a = node->args[0]->out, *b = node->args[1]->out;
    char sign = *node->fn->name;
    if (!a || !b || (sign != '+' && sign != '-') || node->fn->name[1])
        return NULL;
    if ((a->kind == FIELD_DURATION) != (b->kind == FIELD_DURATION))
        return function_find(STR("moment"));
    bool times = a->kind == FIELD_TIME && b->kind == FIELD_TIME;
    bool days =
        (a->kind == FIELD_DATE || a->kind == FIELD_DATETIME) && (b->kind == FIELD_DATE || b->kind == FIELD_DATETIME);
    return sign == '-' && (days || times) ? function_find(STR("difference")) : NULL;
}

static bool is_clock_part(Str part)
{
    return str_eq(part, STR("hour")) || str_eq(part, STR("minute")) || str_eq(part, STR("second"));
}

static bool is_day_part(Str part)
{
    static const char *const parts[] = { "year", "iso_year", "quarter",      "month",
                                         "week", "day",      "iso_week_day", "week_day" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_eq(str_c(parts[i]), part))
            return true;
    return false;
}

static const Node *extract(Resolving *r, const Node *of, Str part, const TimeZone *zone)
{
    Context *cx = r->q->cx;
    const FieldInfo *type = node_type(cx, of);
    FieldKind kind = type ? type->kind : FIELD_NONE;
    if (kind != FIELD_DATE && kind != FIELD_DATETIME && kind != FIELD_TIME)
        RAISE(cx, 500, "value_error",
              kind == FIELD_DURATION
                  ? "Extract requires native DurationField database support."
                  : "Extract input expression must be DateField, DateTimeField, TimeField, or DurationField.");
    if (!is_day_part(part) && !is_clock_part(part))
        RAISE(cx, 500, "value_error", "Invalid lookup type: '%.*s'", STR_FMT(part));
    if (kind == FIELD_DATE && is_clock_part(part))
        RAISE(cx, 500, "value_error", "Cannot extract time component '%.*s' from DateField '%.*s'.", STR_FMT(part),
              STR_FMT(type->name));
    if (kind == FIELD_TIME && is_day_part(part))
        RAISE(cx, 500, "value_error", "Cannot extract '%.*s' from TimeField '%.*s'.", STR_FMT(part),
              STR_FMT(type->name));
    Node *node = called(r, function_find(STR("Extract")), NODE_CALL, &of, 1);
    node->detail = part;
    if (kind == FIELD_DATETIME)
        node->zone = zone ? zone : current_zone(cx);
    return node;
}

static const Node *cut_down(Resolving *r, const Node *of, Str part, const TimeZone *zone, FieldKind output)
{
    Context *cx = r->q->cx;
    const FieldInfo *type = node_type(cx, of);
    FieldKind kind = type ? type->kind : FIELD_NONE;
    if (kind != FIELD_DATE && kind != FIELD_DATETIME && kind != FIELD_TIME)
        RAISE(cx, 500, "type_error", "'%.*s' isn't a DateField, TimeField, or DateTimeField.",
              STR_FMT(type ? type->name : STR("expression")));
    bool to_date = str_eq(part, STR("date")), to_time = str_eq(part, STR("time"));
    if (!to_date && !to_time && !is_clock_part(part) &&
        (!is_day_part(part) || str_contains(part, STR("iso")) || str_eq(part, STR("week_day"))))
        RAISE(cx, 500, "value_error", "'%.*s' is no part to truncate to.", STR_FMT(part));
    if (output != FIELD_NONE && output != FIELD_DATE && output != FIELD_DATETIME && output != FIELD_TIME)
        RAISE(cx, 500, "value_error", "output_field must be either DateField, TimeField, or DateTimeField");
    FieldKind to = to_date ? FIELD_DATE : to_time ? FIELD_TIME : output != FIELD_NONE ? output : kind;
    const char *shown = to != kind ? field_class(type_field(to)->f) : "DateTimeField";
    if (kind == FIELD_DATE && (to == FIELD_DATETIME || is_clock_part(part) || to_time))
        RAISE(cx, 500, "value_error", "Cannot truncate DateField '%.*s' to %s.", STR_FMT(type->name), shown);
    if (kind == FIELD_TIME && (to == FIELD_DATETIME || to_date || (!is_clock_part(part) && !to_time)))
        RAISE(cx, 500, "value_error", "Cannot truncate TimeField '%.*s' to %s.", STR_FMT(type->name), shown);
    bool zoned = kind == FIELD_DATETIME;
    bool whole = zoned && (to_date || to_time);
    Node *node = called(r, function_find(whole ? STR("Convert") : STR("Trunc")), NODE_CALL, &of, 1);
    node->out = type_field(to);
    node->detail = part;
    if (zoned)
        node->zone = zone ? zone : current_zone(cx);
    return node;
}

static const Node *cast(Resolving *r, const Node *of, const Expr *options)
{
    Context *cx = r->q->cx;
    FieldKind kind = options ? options->output : FIELD_NONE;
    const FieldInfo *to =
        options ? type_with(cx, kind, options->max_length, options->max_digits, options->decimal_places) : NULL;
    if (!to)
        RAISE(cx, 500, "type_error", "Cast needs the kind of field to cast to.");
    Node *node = called(r, function_find(STR("Cast")), NODE_CALL, &of, 1);
    node->out = to;
    node->trouble = (Str){ 0 };
    return node;
}

const Node *function_call(Resolving *r, const Function *fn, const Node *const *args, size_t n, const Expr *options)
{
    Context *cx = r->q->cx;
    Str name = str_c(fn->name),
        detail = options && options->detail ? str_copy(cx->arena, str_c(options->detail)) : (Str){ 0 };
    check_count(cx, fn, n);
    if (str_eq(name, STR("Round")) && n > 1 && args[1]->kind == NODE_VALUE && args[1]->value.tag == VALUE_INT &&
        args[1]->value.i < 0 && !dialect_of(cx, r->q->alias)->has.can_round_left)
        RAISE(cx, 500, "value_error", "SQLite does not support negative precision.");
    if (str_eq(name, STR("Cast")))
        return cast(r, args[0], options);
    if (str_eq(name, STR("Concat")) && n > 2) { /* by twos, as Django nests them */
        const Node *rest = function_call(r, fn, args + 1, n - 1, NULL);
        return function_call(r, fn, (const Node *const[]){ args[0], rest }, 2, NULL);
    }
    const Node *filled[3] = { n ? args[0] : NULL, n > 1 ? args[1] : NULL, NULL };
    if (str_eq(name, STR("Replace")) && n == 2)
        filled[2] = node_value(cx, value_str(STR("")), NULL), args = filled, n = 3;
    else if ((str_eq(name, STR("LPad")) || str_eq(name, STR("RPad"))) && n == 2)
        filled[2] = node_value(cx, value_str(STR(" ")), NULL), args = filled, n = 3;
    else if (str_eq(name, STR("Round")) && n == 1)
        filled[1] = node_value(cx, value_int(0), NULL), args = filled, n = 2;
    else if (str_eq(name, STR("Ntile")) && n == 0)
        filled[0] = node_value(cx, value_int(1), NULL), args = filled, n = 1;
    else if ((str_eq(name, STR("Lag")) || str_eq(name, STR("Lead"))) && n == 1)
        filled[1] = node_value(cx, value_int(1), NULL), args = filled, n = 2;
    Node *node = called(r, fn, NODE_CALL, args, n);
    if (fn->flags & FN_OPERATOR) {
        const Function *moments = temporal(node);
        if (moments) {
            node->detail = str_c(node->fn->name);
            node->fn = moments;
            /* The moment stands first. */
            if (args[0]->out->kind == FIELD_DURATION && args[1]->out->kind != FIELD_DURATION)
                node->args[0] = args[1], node->args[1] = args[0];
        }
    }
    if (str_eq(name, STR("Func")))
        check_word(cx, detail, "function");
    if (str_eq(name, STR("Collate")))
        check_word(cx, detail, "collation");
    if (detail.n)
        node->detail = detail;
    return node;
}

/* What cannot be added up; the type of a mixture is unknown unless it is said. */
static void check_summed(Resolving *r, const Function *fn, Node *node, const Node *const *args, size_t n)
{
    static const char *const sums[] = { "Sum", "Avg", "StdDev", "StdDevSample", "Variance", "VarianceSample" };
    bool adds = false;
    for (size_t i = 0; i < CLEF_COUNT(sums); i++)
        adds |= str_eq(str_c(fn->name), str_c(sums[i]));
    for (size_t i = 0; i < n; i++) {
        const FieldInfo *type = args[i]->out;
        FieldKind kind = type && !args[i]->trouble.p ? type->kind : FIELD_NONE;
        if (args[i]->trouble.p && !node->trouble.p)
            node->trouble = args[i]->trouble;
        if (adds && !dialect_of(r->q->cx, r->q->alias)->has.can_sum_moments &&
            (kind == FIELD_DATE || kind == FIELD_DATETIME || kind == FIELD_TIME))
            RAISE(r->q->cx, 500, "not_supported_error",
                  "You cannot use Sum, Avg, StdDev, and Variance aggregations on date/time fields in sqlite3 since "
                  "date/time is saved as text.");
        if (kind == FIELD_BOOLEAN && str_eq(str_c(fn->name), STR("Sum")))
            node->out = type_field(FIELD_INTEGER);
    }
}

const Node *function_sum_up(Resolving *r, const Function *fn, const Node *const *args, size_t n)
{
    Context *cx = r->q->cx;
    check_count(cx, fn, n);
    for (size_t i = 0; i < n; i++) {
        const char *inner = args[i]->fn ? args[i]->fn->name : "expression";
        if (args[i]->aggregate && !r->summarizes)
            RAISE(cx, 500, "field_error", "Cannot compute %s('%s'): '%s' is an aggregate", fn->name, inner, inner);
        if (args[i]->window && !r->summarizes)
            RAISE(cx, 500, "field_error", "Cannot compute %s('%s'): '%s' is a window", fn->name, inner, inner);
    }
    Node *node = called(r, fn, NODE_AGGREGATE, args, n);
    node->aggregate = true;
    if (!(fn->flags & FN_WINDOW) && *fn->name != 'C')
        check_summed(r, fn, node, args, n);
    return node;
}

/* Extract and Trunc have no row of their own: they depend on the type. */
static const Node *dated(Resolving *r, const Expr *e, const Node *arg)
{
    Str part = str_copy(r->q->cx->arena, str_c(e->detail ? e->detail : ""));
    return str_eq(str_c(e->name), STR("Extract")) ? extract(r, arg, part, e->zone)
                                                  : cut_down(r, arg, part, e->zone, e->output);
}

const Node *function_of_date(Resolving *r, const Expr *e, const Node *arg) { return dated(r, e, arg); }

/* --- transforms of lookup paths */

const Node *transform_call(Resolving *r, Str name, const Node *of)
{
    FieldKind kind = of->out ? of->out->kind : FIELD_NONE;
    bool instant = kind == FIELD_DATETIME;
    const Node *own = custom_transform(r, name, of);
    if (own)
        return own;
    if ((kind == FIELD_DATE || instant) && is_day_part(name))
        return extract(r, of, name, NULL);
    if ((kind == FIELD_TIME || instant) && is_clock_part(name))
        return extract(r, of, name, NULL);
    if (instant && (str_eq(name, STR("date")) || str_eq(name, STR("time"))))
        return cut_down(r, of, name, NULL, FIELD_NONE);
    return NULL;
}

size_t transform_names(const FieldInfo *of, Str *out, size_t max)
{
    static const char *const names[] = { "year",         "iso_year", "quarter", "month",  "week", "day", "week_day",
                                         "iso_week_day", "hour",     "minute",  "second", "date", "time" };
    FieldKind kind = of->kind;
    size_t n = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && n < max; i++)
        if (kind == FIELD_DATETIME || (kind == FIELD_DATE && i < 8) || (kind == FIELD_TIME && i >= 8 && i < 11))
            out[n++] = str_c(names[i]);
    return n;
}
