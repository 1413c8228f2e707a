/*
 * ddl_expr.c: expressions and conditions with their values in them, as Django's schema editor writes them: DDL takes no
 * parameters. Names are resolved as those of querysets are; what is written differs (no tables before columns, Django's
 * parentheses), because the text of a constraint stays in the database and is compared there.
 */
#include "orm/ddl.h"
#include "orm/queryset.h"
#include <clef/base/vec.h>

typedef struct Writing {
    Context *cx;
    const TableShape *t;
    Resolving r;
    unsigned depth;
    bool is_condition; /* an expression that is a whole condition: what its CASE asks stands in parentheses */
} Writing;

static CLEF_COLD CLEF_NORETURN void too_deep(const Writing *w)
{
    RAISE(w->cx, 500, "schema_error", "An expression or a condition of %s is nested deeper than %d.",
          w->t->meta->m->name, QUERY_MAX_DEPTH);
}

/* The model as the table has it now: fields of two states, a renamed one by both of its names. */
static const ModelInfo *info_of(Context *cx, const TableShape *t)
{
    ModelInfo *info = NEW(cx->arena, ModelInfo);
    *info = *t->meta;
    info->fields = NEW_ARRAY(cx->arena, FieldInfo, t->n + 1);
    info->n = t->n;
    for (size_t i = 0; i < t->n; i++) {
        info->fields[i] = *t->fields[i];
        if (t->fields[i]->f->primary_key && t->fields[i] != t->plain_key)
            info->pk = &info->fields[i];
        if (t->renamed && str_eq(t->fields[i]->name, str_c(t->renamed_to))) {
            info->fields[info->n] = *t->fields[i];
            info->fields[info->n++].name = str_c(t->renamed);
        }
    }
    return info;
}

static Writing writing(Context *cx, const TableShape *t)
{
    return (Writing){ .cx = cx, .t = t, .r = { .q = queryset_bare(cx, info_of(cx, t)), .d = t->d } };
}

/* --- expressions */

static void write_expr(Writing *w, Buf *b, const Expr *e);

/* A value that is part of an expression: SQLite computes with doubles, unless it is told that this is a decimal. */
static void write_value(Writing *w, Buf *b, Value v)
{
    if (v.tag == VALUE_DECIMAL && w->t->d->has.decimals_are_doubles)
        buf_printf(b, "(CAST(%.*s AS NUMERIC))", STR_FMT(ddl_literal(w->cx, w->t->d, v)));
    else
        buf_str(b, ddl_literal(w->cx, w->t->d, v));
}

static void write_template(Writing *w, Buf *b, const char *template, const Str *args, size_t n)
{
    (void)w;
    for (const char *s = template; *s; s++) {
        if (*s == '%' && s[1] == '%') {
            buf_byte(b, *s++);
        } else if (*s == '%' && s[1] != ' ') {
            for (size_t i = 0; i < n; i++) {
                buf_c(b, i ? ", " : "");
                buf_str(b, args[i]);
            }
        } else if (*s == '$') {
            size_t at = (size_t)(*++s - '1');
            if (at < n)
                buf_str(b, args[at]);
        } else {
            buf_byte(b, *s);
        }
    }
}

static void write_function(Writing *w, Buf *b, const Node *call, const Str *args, size_t n)
{
    const Function *fn = call->fn;
    const char *template = function_template(w->cx, w->t->d, call);
    if (!template)
        RAISE(w->cx, 500, "not_supported_error", "%s is not supported on %s.", fn->name, w->t->d->vendor);
    if (n > 2 && str_eq(str_c(fn->name), STR("Concat"))) { /* by twos, as Django nests them */
        Buf rest = BUF_INIT(w->cx->arena, DDL_MAX);
        write_function(w, &rest, call, args + 1, n - 1);
        write_template(w, b, template, (const Str[]){ args[0], buf_view(&rest) }, 2);
        return;
    }
    write_template(w, b, template, args, n);
}

/* As a query has it, with the values in the places of its parameters; `??` is an operator. */
static Str as_in_query(Writing *w, const Node *n)
{
    Arena *a = w->cx->arena;
    Params params = { 0 };
    Writer writer = { .cx = w->cx, .d = w->t->d, .q = w->r.q, .params = &params };
    Buf sql = BUF_INIT(a, DDL_MAX), b = BUF_INIT(a, DDL_MAX);
    node_write(&writer, &sql, n, false);
    Str text = buf_view(&sql);
    for (size_t i = 0, at = 0; i < text.n; i++) {
        if (text.p[i] != '?')
            buf_byte(&b, text.p[i]);
        else if (i + 1 < text.n && text.p[i + 1] == '?')
            buf_byte(&b, text.p[i++]);
        else
            buf_str(&b, ddl_literal(w->cx, w->t->d, params.p[at++]));
    }
    return buf_view(&b);
}

/* What a name stands for: a column, with transforms around it. */
static void write_node(Writing *w, Buf *b, const Node *n)
{
    if (n->kind == NODE_COLUMN && n->join == 0) {
        buf_str(b, n->field->quoted);
        return;
    }
    if (n->kind == NODE_KEY) {
        buf_str(b, as_in_query(w, n));
        return;
    }
    if (n->kind != NODE_CALL)
        RAISE(w->cx, 500, "field_error", "Joined field references are not permitted in this query.");
    Str *args = NEW_ARRAY(w->cx->arena, Str, n->n);
    for (size_t i = 0; i < n->n; i++) {
        Buf one = BUF_INIT(w->cx->arena, DDL_MAX);
        write_node(w, &one, n->args[i]);
        args[i] = buf_view(&one);
    }
    write_function(w, b, n, args, n->n);
}

static Str argument(Writing *w, const Boxed *boxed, bool names)
{
    Buf b = BUF_INIT(w->cx->arena, DDL_MAX);
    Value v = boxed->box ? boxed->box(w->cx->arena, boxed->at) : value_null();
    const Expr *e = expr_of(v);
    if (e)
        write_expr(w, &b, e);
    else if (names && value_is_text(v))
        write_node(w, &b, name_resolve(&w->r, v.s));
    else
        write_value(w, &b, v);
    return buf_view(&b);
}

/* The kind of what an argument gives, as far as it tells; FIELD_NONE. */
static FieldKind kind_of(Writing *w, const Boxed *boxed, bool names);

static FieldKind kind_of_expr(Writing *w, const Expr *e)
{
    FieldKind kind = FIELD_NONE;
    if (e->output)
        return e->output;
    if (e->kind == EXPR_FIELD) {
        const Node *n = name_resolve(&w->r, str_c(e->name));
        return n->out ? n->out->kind : FIELD_NONE;
    }
    const Function *fn = e->kind == EXPR_CALL ? function_find(str_c(e->name)) : NULL;
    if (fn && fn->out)
        return fn->out;
    for (size_t i = 0; i < e->n && kind != FIELD_DECIMAL; i++) {
        FieldKind one = kind_of(w, &e->args[i], fn && !(fn->flags & FN_TEXTS));
        if (!kind || one == FIELD_DECIMAL)
            kind = one;
    }
    return kind;
}

static FieldKind kind_of(Writing *w, const Boxed *boxed, bool names)
{
    Value v = boxed->box ? boxed->box(w->cx->arena, boxed->at) : value_null();
    const Expr *e = expr_of(v);
    if (w->depth >= QUERY_MAX_DEPTH)
        too_deep(w);
    if (!e && !(names && value_is_text(v)))
        return v.tag == VALUE_DECIMAL ? FIELD_DECIMAL : FIELD_NONE;
    w->depth++;
    FieldKind kind = kind_of_expr(w, e ? e : &(Expr){ .kind = EXPR_FIELD, .name = str_dup_c(w->cx->arena, v.s) });
    w->depth--;
    return kind;
}

static void write_call(Writing *w, Buf *b, const Expr *e)
{
    Arena *a = w->cx->arena;
    Str name = str_c(e->name);
    if (str_eq(name, STR("Now"))) {
        buf_c(b, dialect_function(w->t->d, "Now", "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')"));
        return;
    }
    bool part = str_eq(name, STR("Extract")) || str_eq(name, STR("Convert"));
    const Expr *on = part && e->n ? expr_of(e->args[0].box(a, e->args[0].at)) : NULL;
    if (part && e->n && e->detail && (!on || on->kind == EXPR_FIELD)) { /* as in a condition: "at__year" */
        Str field = on ? str_c(on->name) : e->args[0].box(a, e->args[0].at).s;
        write_node(w, b, name_resolve(&w->r, str_format(a, "%.*s__%s", STR_FMT(field), e->detail)));
        return;
    }
    if (str_eq(name, STR("Collate"))) {
        buf_printf(b, "%.*s COLLATE %.*s", STR_FMT(argument(w, e->args, true)),
                   STR_FMT(ddl_quoted(a, str_c(e->detail))));
        return;
    }
    if (str_eq(name, STR("Cast"))) {
        if (w->t->d != &dialect_sqlite) {
            Str one = argument(w, e->args, true);
            write_template(
                w, b, w->t->d->cast(a, type_with(w->cx, e->output, e->max_length, e->max_digits, e->decimal_places)).p,
                &one, 1);
            return;
        }
        const Field output = { .kind = e->output,
                               .max_length = e->max_length,
                               .max_digits = e->max_digits,
                               .decimal_places = e->decimal_places };
        bool open = e->output == FIELD_CHAR && !e->max_length;
        Str type =
            open ? STR("text")
                 : dialect_sqlite.column_type(a, &(FieldInfo){ .f = &output, .stored = &output, .kind = e->output });
        buf_printf(b, "CAST(%.*s AS %.*s)", STR_FMT(argument(w, e->args, true)), STR_FMT(type));
        return;
    }
    const Function *fn = function_find(name);
    if (!fn)
        RAISE(w->cx, 500, "schema_error", "The function %s of %s is none that a table can have.", e->name,
              w->t->meta->m->name);
    Str *args = NEW_ARRAY(a, Str, e->n + 1);
    for (size_t i = 0; i < e->n; i++)
        args[i] = argument(w, &e->args[i], !(fn->flags & FN_TEXTS));
    size_t n = e->n;
    if (n == 1 && str_eq(name, STR("Round"))) /* to whole numbers, and Django says so */
        args[n++] = STR("0");
    bool cast = w->t->d->has.decimals_are_doubles && kind_of_expr(w, e) == FIELD_DECIMAL;
    buf_c(b, cast ? "(CAST(" : "");
    const Node call = { .kind = NODE_CALL, .fn = fn, .detail = e->detail ? str_c(e->detail) : (Str){ 0 } };
    write_function(w, b, &call, args, n);
    buf_c(b, cast ? " AS NUMERIC))" : "");
}

static void write_preds(Writing *w, Buf *b, const Pred *preds, Connector how);
static void write_lookup(Writing *w, Buf *b, const Expr *e);

static void write_case(Writing *w, Buf *b, const Expr *e)
{
    BUF_LIT(b, "CASE");
    for (size_t i = 0; i < e->n; i++) {
        Value v = e->args[i].box(w->cx->arena, e->args[i].at);
        const Expr *when = expr_of(v);
        if (!when || when->kind != EXPR_WHEN)
            RAISE(w->cx, 500, "type_error", "Positional arguments must all be When objects.");
        BUF_LIT(b, " WHEN ");
        Buf asked = BUF_INIT(w->cx->arena, DDL_MAX);
        write_preds(w, &asked, when->where, CONNECT_AND);
        bool bare = w->is_condition && !str_starts(buf_view(&asked), STR("("));
        buf_printf(b, bare ? "(%.*s)" : "%.*s", STR_FMT(buf_view(&asked)));
        buf_printf(b, " THEN %.*s", STR_FMT(argument(w, when->args, false)));
    }
    buf_printf(b, " ELSE %.*s END", STR_FMT(argument(w, &e->otherwise, false)));
}

static void write_expr(Writing *w, Buf *b, const Expr *e)
{
    if (w->depth++ >= QUERY_MAX_DEPTH)
        too_deep(w);
    switch (e->kind) {
    case EXPR_FIELD:
        write_node(w, b, name_resolve(&w->r, str_c(e->name)));
        break;
    case EXPR_VALUE:
        buf_str(b, argument(w, e->args, false));
        break;
    case EXPR_CALL:
        write_call(w, b, e);
        break;
    case EXPR_CASE:
        write_case(w, b, e);
        break;
    case EXPR_CONDITION:
        write_preds(w, b, e->where, CONNECT_AND);
        break;
    case EXPR_LOOKUP:
        write_lookup(w, b, e);
        break;
    case EXPR_RAW:
        if (e->n)
            RAISE(w->cx, 500, "schema_error", "RawSQL of a table of %s takes no parameters: write them into it.",
                  w->t->meta->m->name);
        buf_printf(b, "(%s)", e->detail ? e->detail : "");
        break;
    case EXPR_WRAPPED: {
        const Expr *inner = expr_of(e->args[0].box(w->cx->arena, e->args[0].at));
        bool condition = inner && inner->kind == EXPR_CONDITION;
        buf_printf(b, condition ? "(%.*s)" : "%.*s", STR_FMT(argument(w, e->args, true)));
        break;
    }
    default:
        RAISE(w->cx, 500, "schema_error",
              "An expression of %s asks other rows (an aggregate, a subquery), which a table cannot.",
              w->t->meta->m->name);
    }
    w->depth--;
}

/* --- one condition */

/* "author__email__gt": what is compared, and how. */
static const Node *left_of(Writing *w, const Pred *p, Op *op)
{
    Str name = p->path ? str_replace(w->cx->arena, str_c(p->path), STR("->"), STR("__")) : str_c(p->lookup);
    *op = p->path ? p->op : OP_EQ;
    for (size_t at = name.n; at-- > 1 && !p->path;)
        if (name.p[at] == '_' && name.p[at - 1] == '_') {
            if (op_find(str_from_byte(name, at + 1), op))
                name = str_slice(name, 0, at - 1);
            break;
        }
    return name_resolve(&w->r, name);
}

static const FieldInfo *column_of(const Node *n)
{
    while ((n->kind == NODE_CALL && n->n) || n->kind == NODE_KEY)
        n = n->args[0];
    return n->kind == NODE_COLUMN ? n->field : NULL;
}

/* As the column has it; a decimal keeps its own digits. */
static Value fitted(Writing *w, const FieldInfo *field, Op op, Value v)
{
    if (!field || v.tag == VALUE_NULL)
        return v;
    if (field->kind == FIELD_DECIMAL && v.tag == VALUE_INT) {
        Decimal *d = NEW(w->cx->arena, Decimal);
        *d = decimal_from_i64(v.i);
        return value_decimal(d);
    }
    if (field->kind == FIELD_DECIMAL && v.tag == VALUE_DECIMAL)
        return v;
    if (field->kind == FIELD_FLOAT && v.tag == VALUE_INT)
        return value_double((double)v.i);
    return value_for_lookup(w->cx, field, op, v);
}

static Str right_of(Writing *w, const FieldInfo *field, Op op, Value v, bool wrapped)
{
    Buf b = BUF_INIT(w->cx->arena, DDL_MAX);
    const Expr *e = expr_of(v);
    if (!e)
        return ddl_literal(w->cx, w->t->d, fitted(w, field, op, v));
    write_expr(w, &b, e);
    Str text = buf_view(&b);
    if (wrapped && e->kind != EXPR_VALUE && !str_starts(text, STR("(")))
        return str_format(w->cx->arena, "(%.*s)", STR_FMT(text));
    return text;
}

static const char *pattern_of(Op op, bool before)
{
    bool any = op == OP_CONTAINS || op == OP_ICONTAINS;
    if (before)
        return any || op == OP_ENDSWITH || op == OP_IENDSWITH ? "'%' || " : "";
    return any || op == OP_STARTSWITH || op == OP_ISTARTSWITH ? " || '%'" : "";
}

static void write_search(Writing *w, Buf *b, Op op, Value v)
{
    if (op == OP_REGEX || op == OP_IREGEX) {
        buf_c(b, op == OP_REGEX ? " REGEXP " : " REGEXP '(?i)' || ");
        buf_str(b, right_of(w, NULL, op, v, true));
        return;
    }
    if (!expr_of(v)) {
        buf_printf(b, " LIKE %.*s ESCAPE '\\'", STR_FMT(ddl_literal(w->cx, w->t->d, value_for_pattern(w->cx, op, v))));
        return;
    }
    buf_printf(b, " LIKE %sREPLACE(REPLACE(REPLACE(%.*s, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')%s ESCAPE '\\'",
               pattern_of(op, true), STR_FMT(right_of(w, NULL, op, v, true)), pattern_of(op, false));
}

static void write_list(Writing *w, Buf *b, const FieldInfo *field, const List *list, const char *between)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_c(b, i ? between : "");
        buf_str(b, right_of(w, field, OP_EQ, list->p[i], false));
    }
}

/*
 * JSON is compared as in a query: keys, and what they are compared with, are the business of each database. The same of
 * years, which Django asks for by their first and last moments, so that an index helps.
 */
static bool write_as_query(Writing *w, Buf *b, const Node *left, Op op, const Pred *p, Value v)
{
    bool json = left->kind == NODE_KEY || (left->out && left->out->kind == FIELD_JSON);
    bool year = left->kind == NODE_CALL && str_eq(str_c(left->fn->name), STR("Extract")) && v.tag == VALUE_INT &&
                (str_eq(left->detail, STR("year")) || str_eq(left->detail, STR("iso_year")));
    if ((!json && !year) || expr_of(v))
        return false;
    const Pred one[2] = { *p };
    const Node *n = where_resolve(&w->r, one, CONNECT_AND);
    Str text = as_in_query(w, n->kind == NODE_AND && n->n == 1 ? n->args[0] : n);
    if (op == OP_HAS_KEY)
        text = str_slice(text, 1, text.n - 1); /* a list of one */
    buf_str(b, text);
    return true;
}

typedef VEC(Str) Parts;

/* A Q of Django: its parts are joined by one connector, all of them perhaps negated. */
typedef struct Clause {
    Connector how;
    bool negated;
    Parts parts;
} Clause;

static const char *const operators[OP_COUNT] = {
    [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
};

static void add_leaf(Writing *w, Clause *c, const Pred *p, bool negated)
{
    Arena *a = w->cx->arena;
    Buf b = BUF_INIT(a, DDL_MAX);
    if (!p->path && !p->lookup[0]) { /* an expression that is true or false */
        w->is_condition = true;
        VEC_PUSH(a, &c->parts, argument(w, &p->value, true));
        w->is_condition = false;
        return;
    }
    Op op;
    const Node *left = left_of(w, p, &op);
    const FieldInfo *column = column_of(left);
    Value v = p->value.box ? p->value.box(a, p->value.at) : value_null();
    bool json = left->out && left->out->kind == FIELD_JSON;
    if (op == OP_EQ && v.tag == VALUE_NULL && !json) {
        op = OP_ISNULL;
        v = value_bool(true);
    }
    bool is_null = op == OP_ISNULL;
    if (write_as_query(w, &b, left, op, p, v)) {
        ;
    } else if (op == OP_EQ && v.tag == VALUE_BOOL && left->out && left->out->kind == FIELD_BOOLEAN) {
        buf_c(&b, v.b ? "" : "NOT ");
        write_node(w, &b, left);
    } else if (w->t->d->lookups[op] && w->t->d != &dialect_sqlite && !expr_of(v)) {
        Buf name = BUF_INIT(a, DDL_MAX);
        write_node(w, &name, left);
        Value pattern = op >= OP_REGEX ? v : value_for_pattern(w->cx, op, v);
        write_template(w, &b, w->t->d->lookups[op],
                       (const Str[]){ buf_view(&name), ddl_literal(w->cx, w->t->d, pattern) }, 2);
    } else {
        write_node(w, &b, left);
        if (is_null) {
            buf_c(&b, value_truth(v) ? " IS NULL" : " IS NOT NULL");
        } else if (operators[op]) {
            buf_c(&b, operators[op]);
            buf_str(&b, right_of(w, left->out, op, v, true));
        } else if (op == OP_RANGE && v.tag == VALUE_LIST && v.list->n == 2) {
            BUF_LIT(&b, " BETWEEN ");
            write_list(w, &b, left->out, v.list, " AND ");
        } else if (op == OP_IN && v.tag == VALUE_LIST && v.list->n) {
            BUF_LIT(&b, " IN (");
            List *some = list_new(a); /* NULL is in no list */
            for (size_t i = 0; i < v.list->n; i++)
                if (v.list->p[i].tag != VALUE_NULL)
                    list_push(a, some, v.list->p[i]);
            write_list(w, &b, left->out, some, ", ");
            BUF_LIT(&b, ")");
        } else if ((op >= OP_IEXACT && op <= OP_IENDSWITH) || op == OP_REGEX || op == OP_IREGEX) {
            write_search(w, &b, op, v);
        } else {
            RAISE(w->cx, 500, "schema_error", "A condition of %s compares by '%s' with a %s, which it cannot.",
                  w->t->meta->m->name, op_name(op), value_type_name(v));
        }
    }
    VEC_PUSH(a, &c->parts, buf_view(&b));
    /* NOT over NULL is NULL: rows without a value must count as different. */
    if (!negated || is_null)
        return;
    if (column && column->f->null)
        VEC_PUSH(a, &c->parts, str_format(a, "%.*s IS NOT NULL", STR_FMT(column->quoted)));
    const Expr *e = expr_of(v);
    const Node *right = e && e->kind == EXPR_FIELD ? name_resolve(&w->r, str_c(e->name)) : NULL;
    if (right && right->kind == NODE_COLUMN && right->field->f->null)
        VEC_PUSH(a, &c->parts, str_format(a, "%.*s IS NOT NULL", STR_FMT(right->field->quoted)));
}

/* "a__gt" of an expression, not of a field. */
static void write_lookup(Writing *w, Buf *b, const Expr *e)
{
    Op op;
    Value v = e->args[1].box(w->cx->arena, e->args[1].at);
    if (!op_find(str_c(e->name), &op))
        RAISE(w->cx, 500, "schema_error", "'%s' is no lookup.", e->name);
    buf_str(b, argument(w, &e->args[0], true));
    if (op == OP_ISNULL) {
        buf_c(b, value_truth(v) ? " IS NULL" : " IS NOT NULL");
    } else if (operators[op]) {
        buf_c(b, operators[op]);
        buf_str(b, right_of(w, NULL, op, v, true));
    } else if ((op == OP_IN || op == OP_RANGE) && v.tag == VALUE_LIST) {
        buf_c(b, op == OP_IN ? " IN (" : " BETWEEN ");
        write_list(w, b, NULL, v.list, op == OP_IN ? ", " : " AND ");
        buf_c(b, op == OP_IN ? ")" : "");
    } else {
        write_search(w, b, op, v);
    }
}

static Str clause_text(Writing *w, const Clause *c)
{
    Str all = ddl_joined(w->cx->arena, c->parts.p, c->parts.n, c->how == CONNECT_OR ? " OR " : " AND ");
    if (c->negated)
        return str_format(w->cx->arena, "NOT (%.*s)", STR_FMT(all));
    return c->parts.n > 1 ? str_format(w->cx->arena, "(%.*s)", STR_FMT(all)) : all;
}

static Clause clause_of(Writing *w, const Pred *p, bool negated);

/* One of them, and an odd number of them. */
static void write_xor(Writing *w, Clause *c, const Pred *p, bool negated)
{
    Arena *a = w->cx->arena;
    Str *parts = NEW_ARRAY(a, Str, p->nchildren + 1), sum = { 0 };
    for (size_t i = 0; i < p->nchildren; i++) {
        Clause inner = clause_of(w, &p->children[i], negated);
        parts[i] = clause_text(w, &inner);
        Str one = str_format(a, "CASE WHEN %.*s THEN 1 ELSE 0 END", STR_FMT(parts[i]));
        sum = i ? str_format(a, "(%.*s + %.*s)", STR_FMT(sum), STR_FMT(one)) : one;
    }
    if (p->nchildren > 2)
        sum = str_format(a, "(MOD(%.*s, 2))", STR_FMT(sum));
    VEC_PUSH(a, &c->parts, str_format(a, "(%.*s)", STR_FMT(ddl_joined(a, parts, p->nchildren, " OR "))));
    VEC_PUSH(a, &c->parts, str_format(a, "1 = %.*s", STR_FMT(sum)));
}

static Clause clause_of(Writing *w, const Pred *p, bool negated)
{
    Clause c = { .how = CONNECT_AND };
    if (w->depth++ >= QUERY_MAX_DEPTH)
        too_deep(w);
    if (!p->connector) {
        add_leaf(w, &c, p, negated);
        w->depth--;
        return c;
    }
    if (p->connector == CONNECT_NOT) {
        c.negated = true;
        negated = !negated;
        if (p->nchildren == 1 && p->children[0].connector && p->children[0].connector != CONNECT_NOT)
            p = &p->children[0]; /* NOT (OR (...)) is one level */
    }
    if (p->connector == CONNECT_XOR) {
        write_xor(w, &c, p, negated);
        w->depth--;
        return c;
    }
    c.how = p->connector == CONNECT_OR ? CONNECT_OR : CONNECT_AND;
    for (size_t i = 0; i < p->nchildren; i++) {
        Clause inner = clause_of(w, &p->children[i], negated);
        if (inner.negated || (inner.how != c.how && inner.parts.n > 1)) {
            VEC_PUSH(w->cx->arena, &c.parts, clause_text(w, &inner));
            continue;
        }
        for (size_t j = 0; j < inner.parts.n; j++)
            VEC_PUSH(w->cx->arena, &c.parts, inner.parts.p[j]);
    }
    w->depth--;
    return c;
}

static void write_preds(Writing *w, Buf *b, const Pred *preds, Connector how)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    Clause c = clause_of(w, n == 1 ? preds : &(Pred){ .connector = how, .children = preds, .nchildren = n }, false);
    buf_str(b, clause_text(w, &c));
}

/* --- for tables */

Str ddl_condition(Context *cx, const TableShape *t, const Pred *p)
{
    Writing w = writing(cx, t);
    Clause c = clause_of(&w, p, false);
    return clause_text(&w, &c);
}

Str ddl_expression(Context *cx, const TableShape *t, const Expr *e)
{
    Writing w = writing(cx, t);
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    write_expr(&w, &b, e);
    return buf_view(&b);
}

/* What is no column stands in parentheses; collation and direction stand outside of them. */
static void write_indexed(Writing *w, Buf *b, const Expr *e)
{
    const char *direction = "", *nulls = "", *collation = NULL;
    for (bool wrapper = true; wrapper && e->n;) {
        Value v = e->args[0].box(w->cx->arena, e->args[0].at);
        const Expr *inner = expr_of(v);
        if (!inner && value_is_text(v)) {
            Expr *name = NEW(w->cx->arena, Expr);
            *name = (Expr){ .kind = EXPR_FIELD, .name = str_dup_c(w->cx->arena, v.s) };
            inner = name;
        }
        if (e->kind == EXPR_ORDER) {
            direction = e->descending ? " DESC" : " ASC";
            nulls = e->nulls_first ? " NULLS FIRST" : e->nulls_last ? " NULLS LAST" : "";
        } else if (e->kind == EXPR_CALL && str_eq(str_c(e->name), STR("Collate"))) {
            collation = e->detail;
        } else {
            wrapper = false;
            inner = e;
        }
        e = inner;
    }
    Buf one = BUF_INIT(w->cx->arena, DDL_MAX);
    write_expr(w, &one, e);
    const Expr *within = e->kind == EXPR_WRAPPED ? expr_of(e->args[0].box(w->cx->arena, e->args[0].at)) : NULL;
    bool condition = within && within->kind == EXPR_CONDITION; /* which has its parentheses */
    bool column = e->kind == EXPR_FIELD && name_resolve(&w->r, str_c(e->name))->kind == NODE_COLUMN;
    bool decimal = !column && w->t->d->has.decimals_are_doubles && kind_of_expr(w, e) == FIELD_DECIMAL;
    buf_printf(b,
               column || condition ? "%.*s"
               : decimal           ? "(CAST((%.*s) AS NUMERIC))"
                                   : "(%.*s)",
               STR_FMT(buf_view(&one)));
    if (collation)
        buf_printf(b, " COLLATE %.*s", STR_FMT(ddl_quoted(w->cx->arena, str_c(collation))));
    buf_printf(b, "%s%s", direction, nulls);
}

Str ddl_indexed_expressions(Context *cx, const TableShape *t, const Expr *const *expressions)
{
    Writing w = writing(cx, t);
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    for (size_t i = 0; expressions[i]; i++) {
        buf_c(&b, i ? ", " : "");
        write_indexed(&w, &b, expressions[i]);
    }
    return buf_view(&b);
}
