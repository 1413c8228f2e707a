/* functions.c: what the database computes, by Django's names. In `sql`, % is the list of arguments, $1 and $2 single ones. */
#include "orm/queryset.h"

/* Text fails to be a name only in operators: F("a") + "b" means the text b. */
static const Function functions[] = {
    { "+", "($1 + $2)", FIELD_NONE, true, 2, 2 },
    { "-", "($1 - $2)", FIELD_NONE, true, 2, 2 },
    { "*", "($1 * $2)", FIELD_NONE, true, 2, 2 },
    { "/", "($1 / $2)", FIELD_NONE, true, 2, 2 },
    { "%", "($1 % $2)", FIELD_NONE, true, 2, 2 },
    { "**", "POWER($1, $2)", FIELD_NONE, true, 2, 2 },
    { "Lower", "LOWER(%)", FIELD_NONE, false, 1, 1 },
    { "Upper", "UPPER(%)", FIELD_NONE, false, 1, 1 },
    { "Length", "LENGTH(%)", FIELD_INTEGER, false, 1, 1 },
    { "Trim", "TRIM(%)", FIELD_NONE, false, 1, 1 },
    { "LTrim", "LTRIM(%)", FIELD_NONE, false, 1, 1 },
    { "RTrim", "RTRIM(%)", FIELD_NONE, false, 1, 1 },
    { "Abs", "ABS(%)", FIELD_NONE, false, 1, 1 },
    { "Round", "ROUND(%)", FIELD_NONE, false, 1, 2 },
    { "Concat", "(COALESCE($1, '') || COALESCE($2, ''))", FIELD_TEXT, false, 2, 0 },
    { "Coalesce", "COALESCE(%)", FIELD_NONE, false, 2, 0 },
    { "Greatest", "MAX(%)", FIELD_NONE, false, 2, 0 },
    { "Least", "MIN(%)", FIELD_NONE, false, 2, 0 },
    { "NullIf", "NULLIF(%)", FIELD_NONE, false, 2, 2 },
    { "Substr", "SUBSTR(%)", FIELD_TEXT, false, 2, 3 },
    { "Replace", "REPLACE(%)", FIELD_TEXT, false, 3, 3 },
};

static const Function aggregates[] = {
    { "Count", "COUNT(%)", FIELD_INTEGER, false, 1, 1 }, { "Sum", "SUM(%)", FIELD_NONE, false, 1, 1 },
    { "Avg", "AVG(%)", FIELD_FLOAT, false, 1, 1 },       { "Max", "MAX(%)", FIELD_NONE, false, 1, 1 },
    { "Min", "MIN(%)", FIELD_NONE, false, 1, 1 },
};

#define EXTRACT(part) \
    { part, "@date", FIELD_INTEGER, false, 1, 1 }, { part, "@instant", FIELD_INTEGER, false, 1, 1 }
#define EXTRACT_TIME(part) \
    { part, "@time", FIELD_INTEGER, false, 1, 1 }, { part, "@instant", FIELD_INTEGER, false, 1, 1 }
/* A pair each: of a date, of an instant. */
static const Function of_dates[] = {
    EXTRACT("year"), EXTRACT("iso_year"), EXTRACT("quarter"),  EXTRACT("month"),
    EXTRACT("week"), EXTRACT("day"),      EXTRACT("week_day"), EXTRACT("iso_week_day")
};
static const Function of_times[] = { EXTRACT_TIME("hour"), EXTRACT_TIME("minute"), EXTRACT_TIME("second") };
static const Function of_instants[] = {
    { "date", "@instant", FIELD_DATE, false, 1, 1 },
    { "time", "@instant", FIELD_TIME, false, 1, 1 },
};

const char *function_template(Context *cx, const Dialect *d, const Function *fn)
{
    if (fn->sql[0] != '@')
        return dialect_function(d, fn->name, fn->sql);
    FieldKind of = fn->sql[1] == 'd' ? FIELD_DATE : fn->sql[1] == 't' ? FIELD_TIME : FIELD_DATETIME;
    Str text = fn->out == FIELD_INTEGER ? d->extract(cx->arena, of, fn->out, str_c(fn->name), STR("UTC"))
                                        : d->convert(cx->arena, of, fn->out, str_c(fn->name), STR("UTC"));
    return text.p;
}

static const Function *find(const Function *table, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_c(table[i].name), name))
            return &table[i];
    return NULL;
}

const Function *function_find(Str name) { return find(functions, sizeof functions / sizeof *functions, name); }
const Function *aggregate_find(Str name) { return find(aggregates, sizeof aggregates / sizeof *aggregates, name); }

const Function *transform_find(Str name, const FieldInfo *of)
{
    bool instant = of->kind == FIELD_DATETIME;
    const Function *fn = NULL;
    if (of->kind == FIELD_DATE || instant)
        fn = find(of_dates, sizeof of_dates / sizeof *of_dates, name);
    if (!fn && (of->kind == FIELD_TIME || instant))
        fn = find(of_times, sizeof of_times / sizeof *of_times, name);
    if (fn)
        return fn + instant;
    return instant ? find(of_instants, sizeof of_instants / sizeof *of_instants, name) : NULL;
}

/* --- types of what is computed */

#define TYPE(k, m, ...) [k] = { .name = "expression", .kind = k, .member = m, .null = true, __VA_ARGS__ }
static const Field type_fields[FIELD_KINDS] = {
    TYPE(FIELD_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_BIG_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_FLOAT, MEMBER_OPT_DOUBLE),
    TYPE(FIELD_DECIMAL, MEMBER_OPT_DECIMAL, .max_digits = 1000),
    TYPE(FIELD_BOOLEAN, MEMBER_OPT_BOOL),
    TYPE(FIELD_CHAR, MEMBER_STR),
    TYPE(FIELD_TEXT, MEMBER_STR),
    TYPE(FIELD_DATE, MEMBER_OPT_DATE),
    TYPE(FIELD_TIME, MEMBER_OPT_TIME),
    TYPE(FIELD_DATETIME, MEMBER_OPT_DATETIME),
    TYPE(FIELD_DURATION, MEMBER_OPT_DURATION),
    TYPE(FIELD_UUID, MEMBER_OPT_UUID),
    TYPE(FIELD_BINARY, MEMBER_STR),
};
#define INFO(k)                              \
    [k] = { .f = &type_fields[k],            \
            .kind = k,                       \
            .stored = &type_fields[k],       \
            .name = { "expression", 10 },    \
            .attname = { "expression", 10 }, \
            .column = { "expression", 10 } }
static const FieldInfo type_infos[FIELD_KINDS] = {
    INFO(FIELD_INTEGER),  INFO(FIELD_BIG_INTEGER), INFO(FIELD_FLOAT),  INFO(FIELD_DECIMAL), INFO(FIELD_BOOLEAN),
    INFO(FIELD_CHAR),     INFO(FIELD_TEXT),        INFO(FIELD_DATE),   INFO(FIELD_TIME),    INFO(FIELD_DATETIME),
    INFO(FIELD_DURATION), INFO(FIELD_UUID),        INFO(FIELD_BINARY),
};

const FieldInfo *type_field(FieldKind kind) { return type_infos[kind].f ? &type_infos[kind] : NULL; }

/* What mixes, and what comes of it. */
typedef enum Family { OTHER, WHOLE, REAL, EXACT, DAY, INSTANT, SPAN } Family;

static Family family_of(const FieldInfo *t)
{
    switch (t ? t->kind : FIELD_NONE) {
    case FIELD_FLOAT:
        return REAL;
    case FIELD_DECIMAL:
        return EXACT;
    case FIELD_DATE:
        return DAY;
    case FIELD_DATETIME:
        return INSTANT;
    case FIELD_DURATION:
        return SPAN;
    default:
        return t && ((t->kind >= FIELD_INTEGER && t->kind <= FIELD_POSITIVE_SMALL_INTEGER) ||
                     (t->kind >= FIELD_AUTO && t->kind <= FIELD_SMALL_AUTO))
                   ? WHOLE
                   : OTHER;
    }
}

static const FieldInfo *type_of_operator(Context *cx, const char *operator, const FieldInfo * a, const FieldInfo *b)
{
    Family left = family_of(a), right = family_of(b);
    if (!a || !b)
        return a ? a : b;
    if (left == WHOLE && right == WHOLE)
        return type_field(FIELD_INTEGER);
    if ((left == REAL || left == WHOLE) && (right == REAL || right == WHOLE))
        return type_field(FIELD_FLOAT);
    if ((left == EXACT || left == WHOLE) && (right == EXACT || right == WHOLE))
        return type_field(FIELD_DECIMAL);
    if (left == SPAN && right == SPAN && (*operator== '+' || * operator== '-'))
        return type_field(FIELD_DURATION);
    RAISE(cx, 500, "field_error",
          "Cannot infer type of '%s' expression involving these types: %s, %s. You must set output_field.", operator,
          field_class(a->f), field_class(b->f));
}

const Node *function_call(Resolving *r, const Function *fn, const Node *const *args, size_t n)
{
    Context *cx = r->q->cx;
    bool aggregate = fn >= aggregates && fn < aggregates + sizeof aggregates / sizeof *aggregates;
    if ((int)n < fn->least || (fn->most && (int)n > fn->most))
        RAISE(cx, 500, "type_error", "%s takes %d arguments, not %zu.", fn->name, fn->least, n);
    if (n > 2 && str_eq(str_c(fn->name), STR("Concat"))) { /* by twos, as Django nests them */
        const Node *rest = function_call(r, fn, args + 1, n - 1);
        return function_call(r, fn, (const Node *const[]){ args[0], rest }, 2);
    }
    Node *node = node_new(cx, aggregate ? NODE_AGGREGATE : NODE_CALL, n);
    node->fn = fn;
    node->aggregate = aggregate;
    node->nullable = true;
    for (size_t i = 0; i < n; i++) {
        node->args[i] = args[i];
        if (args[i]->aggregate && aggregate && !r->summarizes)
            RAISE(cx, 500, "field_error", "Cannot compute %s('%s'): '%s' is an aggregate", fn->name,
                  args[i]->fn ? args[i]->fn->name : "expression", args[i]->fn ? args[i]->fn->name : "expression");
        node->aggregate |= args[i]->aggregate;
        if (!node->out)
            node->out = args[i]->out;
    }
    bool is_operator = fn < functions + 6 && fn >= functions;
    if (is_operator)
        node->out = type_of_operator(cx, fn->name, args[0]->out, args[1]->out);
    else if (fn->out != FIELD_NONE &&
             !(fn->out == FIELD_FLOAT && aggregate && node->out && node->out->kind == FIELD_DECIMAL))
        node->out = type_field(fn->out);
    else if (node->out && node->out->kind == FIELD_DECIMAL)
        node->out = type_field(FIELD_DECIMAL);
    return node;
}
