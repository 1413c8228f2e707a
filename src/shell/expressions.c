/*
 * expressions.c: Django's expressions: Q, F, Value, functions of the database, aggregates, windows, conditions. An
 * expression is a struct Expr with Django's class name; what is said by keywords goes to its members.
 */
#include "orm/node.h"
#include "shell/eval.h"

Value shell_expr(Shell *s, const Expr *e)
{
    Expr *kept = NEW(s->cx->arena, Expr);
    *kept = *e;
    return value_object(kept, &expr_class);
}

static const Pred *condition(Shell *s, Value v) { return shell_conditions(s, (Args){ .p = &v, .n = 1 }); }

static const Boxed *boxed(Shell *s, const Value *p, size_t n)
{
    Boxed *out = NEW_ARRAY(s->cx->arena, Boxed, n ? n : 1);
    for (size_t i = 0; i < n; i++) /* a Q is whether it holds */
        out[i] = shell_boxed(s, is_a(p[i], &shell_q_class)
                                    ? shell_expr(s, &(Expr){ .kind = EXPR_CONDITION, .where = condition(s, p[i]) })
                                    : p[i]);
    return out;
}

/* A text is the name of a field. */
static Value named(Shell *s, Value v)
{
    return value_is_text(v) ? shell_expr(s, &(Expr){ .kind = EXPR_FIELD, .name = str_dup_c(s->cx->arena, v.s) }) : v;
}

/* --- options */

static void set_type(Shell *s, Expr *e, Value v)
{
    if (!is_a(v, &shell_field_class))
        RAISE(s->cx, 500, "type_error", "output_field takes a field such as IntegerField(), not a %s",
              value_type_name(v));
    const FieldType *f = v.object;
    e->output = f->kind;
    e->max_length = f->max_length;
    e->max_digits = f->max_digits;
    e->decimal_places = f->decimal_places;
}

static Values terms(Shell *s, Value v)
{
    if (v.tag == VALUE_NULL)
        return (Values){ 0 };
    List one = { .p = &v, .n = 1 };
    const List *list = is_list(v) ? list_of(v) : &one;
    return (Values){ boxed(s, list->p, list->n), list->n };
}

static const ValueClass frame_class = { .name = "WindowFrame" };

/* Names that any expression may be given; false: it is none of them. */
static bool option(Shell *s, Expr *e, Str name, Value v)
{
#define IS(text) str_eq(name, STR(text))
    if (IS("output_field")) {
        if (v.tag != VALUE_NULL)
            set_type(s, e, v);
    } else if (IS("distinct")) {
        e->distinct = shell_truth(s, v);
    } else if (IS("sample")) {
        e->sample = shell_truth(s, v);
    } else if (IS("default")) {
        Value given = e->kind == EXPR_CASE ? named(s, v) : v;
        if (v.tag != VALUE_NULL || e->kind == EXPR_CASE)
            e->otherwise = *boxed(s, &given, 1);
    } else if (IS("filter")) {
        e->where = v.tag == VALUE_NULL ? NULL : condition(s, v);
    } else if (IS("order_by")) {
        e->order = terms(s, v);
    } else if (IS("partition_by")) {
        e->partition = terms(s, v);
    } else if (IS("tzinfo")) {
        e->zone = shell_zone(s, v);
    } else if (IS("function") || IS("lookup_name") || IS("kind") || IS("collation")) {
        e->detail = shell_text(s, v, "this keyword");
    } else if (IS("nulls_first") || IS("nulls_last")) {
        if (shell_truth(s, v)) {
            if (e->nulls_first || e->nulls_last)
                RAISE(s->cx, 500, "value_error", "nulls_first and nulls_last are mutually exclusive");
            *(IS("nulls_first") ? &e->nulls_first : &e->nulls_last) = true;
        } else if (v.tag == VALUE_BOOL) {
            RAISE(s->cx, 500, "value_error", "nulls_first and nulls_last values must be True or None.");
        }
    } else if (IS("descending")) {
        e->descending = shell_truth(s, v);
    } else if (IS("frame")) {
        if (v.tag != VALUE_NULL && !is_a(v, &frame_class))
            RAISE(s->cx, 500, "type_error", "frame takes RowRange() or ValueRange().");
        if (v.tag != VALUE_NULL)
            e->frame = *(const WindowFrame *)v.object;
    } else {
        return IS("arity") || IS("is_dst");
    }
#undef IS
    return true;
}

static void options(Shell *s, Expr *e, const char *of, Args args)
{
    for (size_t i = 0; i < args.nkeywords; i++)
        if (!option(s, e, args.keywords[i].name, args.keywords[i].value))
            RAISE(s->cx, 500, "type_error", "%s() got an unexpected keyword argument '%.*s'", of,
                  STR_FMT(args.keywords[i].name));
}

/* --- conditions */

static Value call_q(Shell *s, const ShellFunction *f, Args args)
{
    Value connector = shell_keyword(args, "_connector", value_str(STR("AND")));
    bool negated = shell_truth(s, shell_keyword(args, "_negated", value_bool(false)));
    args = shell_without(s, shell_without(s, args, "_connector"), "_negated");
    const Pred *parts = shell_conditions(s, args);
    size_t n = args.n + args.nkeywords;
    Str how = connector.tag == VALUE_NULL ? STR("AND") : str_c(shell_text(s, connector, f->name));
    if (!str_eq(how, STR("AND")) && !str_eq(how, STR("OR")) && !str_eq(how, STR("XOR")))
        RAISE(s->cx, 500, "value_error", "_connector must be one of 'AND', 'OR', 'XOR', or None.");
    Pred *q = NEW(s->cx->arena, Pred);
    *q = n == 1 ? parts[0]
                : (Pred){ .connector = str_eq(how, STR("OR"))    ? CONNECT_OR
                                       : str_eq(how, STR("XOR")) ? CONNECT_XOR
                                                                 : CONNECT_AND,
                          .children = parts,
                          .nchildren = n };
    if (negated)
        return shell_q(s, CONNECT_NOT, (const Pred *const[]){ q }, 1);
    return value_object(q, &shell_q_class);
}

static Value call_when(Shell *s, const ShellFunction *f, Args args)
{
    Value then = shell_keyword(args, "then", value_null()), given = shell_keyword(args, "condition", value_null());
    args = shell_without(s, shell_without(s, args, "then"), "condition");
    if (given.tag != VALUE_NULL)
        args = (Args){ .p = &given, .n = 1 };
    if (args.n == 2 && then.tag == VALUE_NULL) {
        then = args.p[1];
        args.n = 1;
    }
    then = named(s, then);
    Pred any;
    bool bare = args.n == 1 && is_a(args.p[0], &expr_class) && ((const Expr *)args.p[0].object)->kind == EXPR_FIELD;
    if (bare || (args.n == 1 && !shell_condition(s, args.p[0], &any)) || (!args.n && !args.nkeywords))
        RAISE(s->cx, 500, "type_error", "%s() supports a Q object, a boolean expression, or lookups as a condition.",
              f->name);
    const Pred *where = shell_conditions(s, args);
    if ((!args.n && !args.nkeywords) || (where->connector == CONNECT_AND && !where->nchildren))
        RAISE(s->cx, 500, "value_error", "An empty Q() can't be used as a %s() condition.", f->name);
    return shell_expr(s, &(Expr){ .kind = EXPR_WHEN, .where = where, .args = boxed(s, &then, 1), .n = 1 });
}

static Value call_case(Shell *s, const ShellFunction *f, Args args)
{
    Expr e = { .kind = EXPR_CASE, .name = f->name, .args = boxed(s, args.p, args.n), .n = args.n };
    for (size_t i = 0; i < args.n; i++)
        if (!is_a(args.p[i], &expr_class) || ((const Expr *)args.p[i].object)->kind != EXPR_WHEN)
            RAISE(s->cx, 500, "type_error", "Positional arguments must all be When objects.");
    e.otherwise = shell_boxed(s, value_null());
    options(s, &e, f->name, args);
    return shell_expr(s, &e);
}

/* Exact(Lower("name"), "bob") */
static Value call_lookup(Shell *s, const ShellFunction *f, Args args)
{
    static const char *const names[][2] = {
        { "Exact", "exact" },
        { "IExact", "iexact" },
        { "GreaterThan", "gt" },
        { "LessThan", "lt" },
        { "LessThanOrEqual", "lte" },
        { "GreaterThanOrEqual", "gte" },
        { "In", "in" },
        { "Contains", "contains" },
        { "IContains", "icontains" },
        { "StartsWith", "startswith" },
        { "EndsWith", "endswith" },
        { "IStartsWith", "istartswith" },
        { "IEndsWith", "iendswith" },
        { "Range", "range" },
        { "IsNull", "isnull" },
        { "Regex", "regex" },
        { "IRegex", "iregex" },
    };
    shell_expect(s, f->name, args, 2, 2);
    Expr e = { .kind = EXPR_LOOKUP, .args = boxed(s, args.p, 2), .n = 2 };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_eq(str_c(names[i][0]), str_c(f->name)))
            e.name = names[i][1];
    return shell_expr(s, &e);
}

static Value call_filtered(Shell *s, const ShellFunction *f, Args args)
{
    Value name = shell_argument(args, 0, "relation_name", value_null());
    Value where = shell_keyword(args, "condition", value_null());
    if (value_is_text(name) && !name.s.n)
        RAISE(s->cx, 500, "value_error", "relation_name cannot be empty.");
    if (where.tag != VALUE_NULL && !is_a(where, &shell_q_class))
        RAISE(s->cx, 500, "value_error", "condition argument must be a Q() instance.");
    return shell_expr(
        s, &(Expr){ .kind = EXPR_FILTERED,
                    .name = shell_text(s, name, f->name),
                    .where = where.tag == VALUE_NULL ? shell_conditions(s, (Args){ 0 }) : condition(s, where) });
}

/* --- names, values, subqueries */

static Value call_name(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    if (*f->name == 'O' && is_a(args.p[0], &expr_class)) /* OuterRef(OuterRef("pk")) */
        return shell_expr(s, &(Expr){ .kind = EXPR_OUTER, .args = boxed(s, args.p, 1), .n = 1 });
    return shell_expr(
        s, &(Expr){ .kind = *f->name == 'F' ? EXPR_FIELD : EXPR_OUTER, .name = shell_text(s, args.p[0], f->name) });
}

static Value call_value(Shell *s, const ShellFunction *f, Args args)
{
    Expr e = { .kind = EXPR_VALUE, .name = f->name };
    Value v = shell_argument(args, 0, "value", value_null());
    e.args = boxed(s, &v, 1);
    e.n = 1;
    if (args.n > 1)
        set_type(s, &e, args.p[1]);
    options(s, &e, f->name, shell_without(s, args, "value"));
    return shell_expr(s, &e);
}

/* The JSON text null, which is not the NULL of a column. */
static Value call_json_null(Shell *s, const ShellFunction *f, Args args)
{
    Value v = value_null();
    shell_expect(s, f->name, args, 0, 0);
    return shell_expr(s, &(Expr){ .kind = EXPR_VALUE, .args = boxed(s, &v, 1), .n = 1, .output = FIELD_JSON });
}

static Value call_subquery(Shell *s, const ShellFunction *f, Args args)
{
    Value of = shell_argument(args, 0, "queryset", value_null());
    Expr e = { .kind = *f->name == 'E' ? EXPR_EXISTS : EXPR_SUBQUERY, .query = shell_queryset(s, of) };
    if (!e.query)
        RAISE(s->cx, 500, "type_error", "%s takes a queryset.", f->name);
    options(s, &e, f->name, shell_without(s, args, "queryset"));
    return shell_expr(s, &e);
}

static Value call_wrapper(Shell *s, const ShellFunction *f, Args args)
{
    Value of = shell_argument(args, 0, "expression", value_null());
    Expr e = { .kind = EXPR_WRAPPED, .args = boxed(s, &of, 1), .n = 1 };
    if (is_a(of, &shell_q_class)) {
        Value q = shell_expr(s, &(Expr){ .kind = EXPR_CONDITION, .where = condition(s, of) });
        e.args = boxed(s, &q, 1);
    }
    if (args.n > 1)
        set_type(s, &e, args.p[1]);
    options(s, &e, f->name, shell_without(s, args, "expression"));
    return shell_expr(s, &e);
}

static Value call_order(Shell *s, const ShellFunction *f, Args args)
{
    Expr e = { .kind = EXPR_ORDER, .args = boxed(s, args.p, 1), .n = 1 };
    shell_expect(s, f->name, args, 1, 1);
    options(s, &e, f->name, args);
    return shell_expr(s, &e);
}

static Value call_raw(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 2);
    const List *params = args.n > 1 ? shell_elements(s, args.p[1]) : list_new(s->cx->arena);
    Str sql = str_replace(s->cx->arena, str_c(shell_text(s, args.p[0], f->name)), STR("%s"), STR("?"));
    Expr e = { .kind = EXPR_RAW, .detail = sql.p, .args = boxed(s, params->p, params->n), .n = params->n };
    options(s, &e, f->name, args);
    return shell_expr(s, &e);
}

/* --- functions */

static Value call_expr(Shell *s, const ShellFunction *f, Args args)
{
    Expr e = { .kind = EXPR_CALL, .name = f->name };
    /* NthValue("pages", nth=2), Lag("pages", offset=1, default=0) and their kin */
    static const char *const more[] = { "expression", "nth", "offset",    "num_buckets", "length", "fill_text",
                                        "text",       "pos", "substring", "precision",   NULL };
    Value *values = NEW_ARRAY(s->cx->arena, Value, args.n + args.nkeywords + 1);
    size_t n = args.n;
    if (args.n)
        memcpy(values, args.p, args.n * sizeof *values);
    bool lags = str_eq(str_c(f->name), STR("Lag")) || str_eq(str_c(f->name), STR("Lead"));
    for (size_t i = 0; more[i]; i++) {
        Value none = value_object(&e, &frame_class), v = shell_keyword(args, more[i], none);
        if (v.tag == VALUE_OBJECT && v.object == &e)
            continue;
        values[n++] = v;
        args = shell_without(s, args, more[i]);
    }
    Value otherwise = lags ? shell_keyword(args, "default", value_null()) : value_null();
    if (otherwise.tag != VALUE_NULL) {
        if (n == 1)
            values[n++] = value_int(1);
        values[n++] = otherwise;
        args = shell_without(s, args, "default");
    }
    shell_check_arguments(s, f->name, values, n);
    e.args = boxed(s, values, n);
    e.n = n;
    options(s, &e, f->name, args);
    return shell_expr(s, &e);
}

static Value call_aggregate(Shell *s, const ShellFunction *f, Args args)
{
    Value delimiter = shell_keyword(args, "delimiter", value_null());
    Value of = shell_keyword(args, "expression", value_null());
    args = shell_without(s, shell_without(s, args, "delimiter"), "expression");
    Value values[2] = { args.n ? args.p[0] : of, args.n > 1 ? args.p[1] : delimiter };
    size_t n = values[1].tag == VALUE_NULL ? 1 : 2;
    if (args.n > 2 || values[0].tag == VALUE_NULL)
        RAISE(s->cx, 500, "type_error", "%s() takes 1 argument, not %zu", f->name, args.n);
    Expr e = { .kind = EXPR_AGGREGATE, .name = f->name, .args = boxed(s, values, n), .n = n };
    options(s, &e, f->name, args);
    if (e.where && value_is_text(values[0]) && str_eq(values[0].s, STR("*")))
        RAISE(s->cx, 500, "value_error", "Star cannot be used with filter. Please specify a field.");
    bool once = *f->name == 'C' || str_eq(str_c(f->name), STR("Sum")) || str_eq(str_c(f->name), STR("Avg")) ||
                str_eq(str_c(f->name), STR("StringAgg"));
    if (e.distinct && !once)
        RAISE(s->cx, 500, "type_error", "%s does not allow distinct.", f->name);
    return shell_expr(s, &e);
}

/* Func(template=..., arg_joiner=...): SQL with the arguments in the place of %(expressions)s. */
static Value call_template(Shell *s, const ShellFunction *f, Args args, Value template, Value joiner)
{
    Value *values = NEW_ARRAY(s->cx->arena, Value, args.n + 1);
    Value function = shell_keyword(args, "function", value_str(STR("")));
    Buf list = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX);
    Str between = joiner.tag == VALUE_NULL ? STR(", ") : str_c(shell_text(s, joiner, "arg_joiner"));
    for (size_t i = 0; i < args.n; i++) {
        values[i] = named(s, args.p[i]);
        if (i)
            buf_str(&list, between);
        buf_byte(&list, '?');
    }
    Str text =
        template.tag == VALUE_NULL ? STR("%(function)s(%(expressions)s)") : str_c(shell_text(s, template, "template"));
    Map *parts = map_new(s->cx->arena);
    map_set(parts, STR("function"), function);
    map_set(parts, STR("expressions"), value_str(buf_view(&list)));
    for (size_t i = 0; i < args.nkeywords; i++)
        map_set(parts, args.keywords[i].name, args.keywords[i].value);
    Value sql = shell_percent(s, text, value_map(parts));
    size_t marks = 0;
    for (size_t i = 0; i < sql.s.n; i++)
        marks += sql.s.p[i] == '?';
    if (marks != args.n)
        RAISE(s->cx, 500, "value_error", "The template of %s() names its expressions once.", f->name);
    Expr e = { .kind = EXPR_RAW, .name = f->name, .detail = sql.s.p, .args = boxed(s, values, args.n), .n = args.n };
    options(s, &e, f->name, shell_without(s, shell_without(s, args, "function"), "template"));
    return shell_expr(s, &e);
}

static Value call_concat_pair(Shell *s, const ShellFunction *f, Args args)
{
    static const ShellFunction concat = { "Concat", NULL };
    shell_expect(s, f->name, args, 2, 2);
    Expr e = { .kind = EXPR_CALL, .name = concat.name, .args = boxed(s, args.p, args.n), .n = args.n };
    options(s, &e, f->name, args);
    return shell_expr(s, &e);
}

static Value call_func(Shell *s, const ShellFunction *f, Args args)
{
    Value template = shell_keyword(args, "template", value_null()),
          joiner = shell_keyword(args, "arg_joiner", value_null());
    args = shell_without(s, shell_without(s, args, "template"), "arg_joiner");
    if (template.tag != VALUE_NULL || joiner.tag != VALUE_NULL)
        return call_template(s, f, args, template, joiner);
    Expr e = { .kind = EXPR_CALL, .name = f->name, .args = boxed(s, args.p, args.n), .n = args.n };
    options(s, &e, f->name, args);
    if (!e.detail)
        RAISE(s->cx, 500, "type_error", "Func() needs function=\"NAME\" here.");
    return shell_expr(s, &e);
}

/* Cast("price", IntegerField()), Collate("name", "nocase"), KT("metadata__origin") */
static Value call_detailed(Shell *s, const ShellFunction *f, Args args)
{
    Str name = str_c(f->name);
    Value first = shell_argument(args, 0, "expression", value_null());
    bool kt = str_eq(name, STR("KT"));
    Expr e = { .kind = EXPR_CALL, .name = f->name, .args = boxed(s, &first, 1), .n = kt ? 0 : 1 };
    if (kt)
        e.detail = shell_text(s, first, f->name);
    else if (args.n > 1 && str_eq(name, STR("Cast")))
        set_type(s, &e, args.p[1]);
    else if (args.n > 1)
        e.detail = shell_text(s, args.p[1], f->name);
    options(s, &e, f->name, shell_without(s, args, "expression"));
    return shell_expr(s, &e);
}

/* ExtractIsoWeekDay is Extract with "iso_week_day", TruncDate Trunc with "date". */
static Value call_part(Shell *s, const ShellFunction *f, Args args)
{
    bool extract = *f->name == 'E';
    const char *rest = f->name + (extract ? 7 : 5);
    Value first = shell_argument(args, 0, "expression", value_null());
    Expr e = { .kind = EXPR_CALL, .name = extract ? "Extract" : "Trunc", .args = boxed(s, &first, 1), .n = 1 };
    Buf part = BUF_INIT(s->cx->arena, 64);
    for (size_t i = 0; rest[i]; i++) {
        if (rest[i] >= 'A' && rest[i] <= 'Z' && i)
            buf_byte(&part, '_');
        buf_byte(&part, (char)(rest[i] >= 'A' && rest[i] <= 'Z' ? rest[i] + 32 : rest[i]));
    }
    if (*rest)
        e.detail = str_dup_c(s->cx->arena, buf_view(&part));
    else if (args.n > 1)
        e.detail = shell_text(s, args.p[1], f->name);
    options(s, &e, f->name, shell_without(s, args, "expression"));
    if (!e.detail)
        RAISE(s->cx, 500, "value_error", "lookup_name must be provided");
    return shell_expr(s, &e);
}

static Value call_json_object(Shell *s, const ShellFunction *f, Args args)
{
    NamedExpr *pairs = NEW_ARRAY(s->cx->arena, NamedExpr, args.nkeywords + 1);
    shell_expect(s, f->name, args, 0, 0);
    for (size_t i = 0; i < args.nkeywords; i++)
        pairs[i] =
            (NamedExpr){ str_dup_c(s->cx->arena, args.keywords[i].name), shell_boxed(s, args.keywords[i].value) };
    return shell_expr(s, &(Expr){ .kind = EXPR_CALL, .name = f->name, .pairs = pairs });
}

static Value call_prefetch(Shell *s, const ShellFunction *f, Args args)
{
    Value queryset = shell_argument(args, 1, "queryset", value_null()), none = value_null();
    Value to_attr = shell_argument(args, 2, "to_attr", none);
    Prefetch *p = NEW(s->cx->arena, Prefetch);
    p->path = shell_text(s, shell_argument(args, 0, "lookup", none), f->name);
    if (queryset.tag != VALUE_NULL && !(p->queryset = shell_queryset(s, queryset)))
        RAISE(s->cx, 500, "type_error", "queryset= takes a queryset.");
    if (to_attr.tag != VALUE_NULL)
        p->to_attr = shell_text(s, to_attr, f->name);
    return value_object(p, &shell_prefetch_class);
}

/* --- windows */

static Value call_window(Shell *s, const ShellFunction *f, Args args)
{
    Value of = shell_argument(args, 0, "expression", value_null());
    static const char *const places[] = { "expression", "partition_by", "order_by", "frame", "output_field" };
    Expr e = { .kind = EXPR_WINDOW, .args = boxed(s, &of, 1), .n = 1 };
    for (size_t i = 1; i < args.n && i < CLEF_COUNT(places); i++)
        option(s, &e, str_c(places[i]), args.p[i]);
    options(s, &e, f->name, shell_without(s, args, "expression"));
    return shell_expr(s, &e);
}

static Value call_frame(Shell *s, const ShellFunction *f, Args args)
{
    static const char *const exclusions[] = { "NO_OTHERS", "CURRENT_ROW", "GROUP", "TIES" };
    Value start = shell_argument(args, 0, "start", value_null()), end = shell_argument(args, 1, "end", value_null());
    Value exclusion = shell_argument(args, 2, "exclusion", value_null());
    WindowFrame *frame = NEW(s->cx->arena, WindowFrame);
    for (int i = 0; i < 2; i++) {
        Value v = i ? end : start;
        if (v.tag != VALUE_INT && v.tag != VALUE_NULL)
            RAISE(s->cx, 500, "value_error", "%s argument must be an integer, zero, or None, but got '%.*s'.",
                  i ? "end" : "start", STR_FMT(shell_str(s, v)));
    }
    *frame = (WindowFrame){ .kind = *f->name == 'R' ? FRAME_ROWS : FRAME_RANGE,
                            .from_first = start.tag == VALUE_NULL,
                            .to_last = end.tag == VALUE_NULL,
                            .start = start.tag == VALUE_NULL ? 0 : start.i,
                            .end = end.tag == VALUE_NULL ? 0 : end.i };
    bool known = exclusion.tag == VALUE_NULL;
    for (int i = 0; i < 4 && value_is_text(exclusion); i++)
        if (str_eq(exclusion.s, str_c(exclusions[i]))) {
            frame->exclusion = i;
            known = true;
        }
    if (!known)
        RAISE(s->cx, 500, "type_error", "%s.exclusion must be a WindowFrameExclusion instance.", f->name);
    return value_object(frame, &frame_class);
}

static Value call_exclusion(Shell *s, const ShellFunction *f, Args args)
{
    (void)args;
    RAISE(s->cx, 500, "type_error", "%s has names: NO_OTHERS, CURRENT_ROW, GROUP, TIES.", f->name);
}

/* --- methods of expressions */

static const char *const methods[] = {
    "asc", "desc", "bitand", "bitor", "bitxor", "bitleftshift", "bitrightshift", NULL
};
static const char *const method_signs[] = { NULL, NULL, "&", "|", "^", "<<", ">>" };

bool shell_expr_method(Str name)
{
    for (size_t i = 0; methods[i]; i++)
        if (str_eq(name, str_c(methods[i])))
            return true;
    return false;
}

Value shell_expr_call(Shell *s, const Method *m, Args args)
{
    size_t i = 0;
    while (methods[i] && !str_eq(m->name, str_c(methods[i])))
        i++;
    if (i > 1) {
        shell_expect(s, methods[i], args, 1, 1);
        Value both[2] = { m->self, args.p[0] };
        return shell_expr(s, &(Expr){ .kind = EXPR_CALL, .name = method_signs[i], .args = boxed(s, both, 2), .n = 2 });
    }
    Expr e = { .kind = EXPR_ORDER, .args = boxed(s, &m->self, 1), .n = 1, .descending = i == 1 };
    options(s, &e, methods[i], args);
    return shell_expr(s, &e);
}

/* F("title")[4:8] */
Value shell_expr_slice(Shell *s, Value v, const int64_t *from, const int64_t *to)
{
    if ((from && *from < 0) || (to && *to < 0))
        RAISE(s->cx, 500, "value_error", "Negative indexing is not supported.");
    int64_t begin = from ? *from : 0;
    if (to && *to < begin)
        RAISE(s->cx, 500, "value_error", "Slice stop must be greater than slice start.");
    Value parts[3] = { v, value_int(begin + 1), value_int(to ? *to - begin : 0) };
    return shell_expr(
        s, &(Expr){ .kind = EXPR_CALL, .name = "Substr", .args = boxed(s, parts, to ? 3 : 2), .n = to ? 3 : 2 });
}

static const ShellFunction functions[] = {
    { "Q", call_q },
    { "F", call_name },
    { "OuterRef", call_name },
    { "Value", call_value },
    { "JSONNull", call_json_null },
    { "Subquery", call_subquery },
    { "Exists", call_subquery },
    { "Case", call_case },
    { "When", call_when },
    { "ExpressionWrapper", call_wrapper },
    { "FilteredRelation", call_filtered },
    { "OrderBy", call_order },
    { "RawSQL", call_raw },
    { "Func", call_func },
    { "ConcatPair", call_concat_pair },
    { "Cast", call_detailed },
    { "Collate", call_detailed },
    { "KT", call_detailed },
    { "KeyTextTransform", call_detailed },
    { "JSONObject", call_json_object },
    { "Prefetch", call_prefetch },
    { "Window", call_window },
    { "RowRange", call_frame },
    { "ValueRange", call_frame },
    { "WindowFrameExclusion", call_exclusion },
    { "Count", call_aggregate },
    { "Sum", call_aggregate },
    { "Avg", call_aggregate },
    { "Max", call_aggregate },
    { "Min", call_aggregate },
    { "StdDev", call_aggregate },
    { "Variance", call_aggregate },
    { "AnyValue", call_aggregate },
    { "StringAgg", call_aggregate },
#define EXPRESSION(name) \
    {                    \
#name, call_expr \
    }
    EXPRESSION(RowNumber),
    EXPRESSION(Rank),
    EXPRESSION(DenseRank),
    EXPRESSION(PercentRank),
    EXPRESSION(CumeDist),
    EXPRESSION(Ntile),
    EXPRESSION(FirstValue),
    EXPRESSION(LastValue),
    EXPRESSION(NthValue),
    EXPRESSION(Lag),
    EXPRESSION(Lead),
    EXPRESSION(Lower),
    EXPRESSION(Upper),
    EXPRESSION(Length),
    EXPRESSION(Trim),
    EXPRESSION(LTrim),
    EXPRESSION(RTrim),
    EXPRESSION(Left),
    EXPRESSION(Right),
    EXPRESSION(LPad),
    EXPRESSION(RPad),
    EXPRESSION(Repeat),
    EXPRESSION(Reverse),
    EXPRESSION(Concat),
    EXPRESSION(Substr),
    EXPRESSION(Replace),
    EXPRESSION(StrIndex),
    EXPRESSION(Chr),
    EXPRESSION(Ord),
    EXPRESSION(MD5),
    EXPRESSION(SHA1),
    EXPRESSION(SHA224),
    EXPRESSION(SHA256),
    EXPRESSION(SHA384),
    EXPRESSION(SHA512),
    EXPRESSION(Coalesce),
    EXPRESSION(Greatest),
    EXPRESSION(Least),
    EXPRESSION(NullIf),
    EXPRESSION(JSONArray),
    EXPRESSION(Abs),
    EXPRESSION(Ceil),
    EXPRESSION(Floor),
    EXPRESSION(Round),
    EXPRESSION(Sign),
    EXPRESSION(Sqrt),
    EXPRESSION(Exp),
    EXPRESSION(Ln),
    EXPRESSION(Log),
    EXPRESSION(Mod),
    EXPRESSION(Power),
    EXPRESSION(Sin),
    EXPRESSION(Cos),
    EXPRESSION(Tan),
    EXPRESSION(Cot),
    EXPRESSION(ASin),
    EXPRESSION(ACos),
    EXPRESSION(ATan),
    EXPRESSION(ATan2),
    EXPRESSION(Degrees),
    EXPRESSION(Radians),
    EXPRESSION(Pi),
    EXPRESSION(Random),
    EXPRESSION(Now),
    EXPRESSION(UUID4),
    EXPRESSION(UUID7),
#define PART(name)       \
    {                    \
#name, call_part \
    }
    PART(Extract),
    PART(ExtractYear),
    PART(ExtractMonth),
    PART(ExtractDay),
    PART(ExtractHour),
    PART(ExtractMinute),
    PART(ExtractSecond),
    PART(ExtractWeek),
    PART(ExtractWeekDay),
    PART(ExtractIsoWeekDay),
    PART(ExtractIsoYear),
    PART(ExtractQuarter),
    PART(Trunc),
    PART(TruncYear),
    PART(TruncQuarter),
    PART(TruncMonth),
    PART(TruncWeek),
    PART(TruncDay),
    PART(TruncDate),
    PART(TruncTime),
    PART(TruncHour),
    PART(TruncMinute),
    PART(TruncSecond),
#define LOOKUP_CLASS(name) \
    {                      \
#name, call_lookup \
    }
    LOOKUP_CLASS(Exact),
    LOOKUP_CLASS(IExact),
    LOOKUP_CLASS(GreaterThan),
    LOOKUP_CLASS(LessThan),
    LOOKUP_CLASS(LessThanOrEqual),
    LOOKUP_CLASS(GreaterThanOrEqual),
    LOOKUP_CLASS(In),
    LOOKUP_CLASS(Contains),
    LOOKUP_CLASS(IContains),
    LOOKUP_CLASS(StartsWith),
    LOOKUP_CLASS(EndsWith),
    LOOKUP_CLASS(IStartsWith),
    LOOKUP_CLASS(IEndsWith),
    LOOKUP_CLASS(Range),
    LOOKUP_CLASS(IsNull),
    LOOKUP_CLASS(Regex),
    LOOKUP_CLASS(IRegex),
    { NULL, NULL },
};
const ShellFunction *const shell_expressions = functions;
