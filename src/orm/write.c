/* write.c: SQL of expressions and conditions. Names are quoted, values are parameters. */
#include "orm/write.h"
#include <clef/base/vec.h>

static void push_param(Writer *w, Value v, const Value *from)
{
    Params *params = w->params;
    if (params->tracked) {
        VEC(const Value *) all = { params->from, params->n, params->from_cap };
        VEC_PUSH(w->cx->arena, &all, from);
        params->from = all.p, params->from_cap = all.cap;
    }
    VEC_PUSH(w->cx->arena, params, v);
}

static void write_param(Writer *w, Buf *b, Value v)
{
    if (v.tag == VALUE_LIST) { /* of a composite key */
        for (size_t i = 0; i < v.list->n; i++) {
            buf_c(b, i ? ", " : "(");
            write_param(w, b, v.list->p[i]);
        }
        buf_byte(b, ')');
        return;
    }
    push_param(w, v, NULL);
    buf_byte(b, '?');
}

/* A value of the nodes: the one that another queryset of the same shape has in this place serves as well. */
static void write_value(Writer *w, Buf *b, const Node *n)
{
    if (n->value.tag == VALUE_LIST) {
        write_param(w, b, n->value);
        return;
    }
    push_param(w, n->value, &n->value);
    buf_byte(b, '?');
}

static void write_column(const Writer *w, Buf *b, uint32_t join, const FieldInfo *field)
{
    const ModelInfo *info = field->model;
    bool composite = field->kind == FIELD_COMPOSITE;
    for (size_t i = 0; i < (composite ? info->nkeys : 1); i++) {
        buf_c(b, i ? ", " : composite ? "(" : "");
        if (w->aliases) {
            buf_str(b, w->aliases[join]);
            buf_byte(b, '.');
        }
        buf_str(b, composite ? info->keys[i]->quoted : field->quoted);
    }
    buf_c(b, composite ? ")" : "");
}

/* A parameter whose type nothing says, cast to its own. */
static void write_typed(Writer *w, Buf *b, const Node *n)
{
    FieldKind kind = value_is_text(n->value) || n->value.tag == VALUE_NULL ? FIELD_TEXT : FIELD_NONE;
    const FieldInfo *type = n->out ? n->out : type_field(kind);
    Node call = { .kind = NODE_CALL, .args = (const Node *[]){ n }, .n = 1 };
    if (type)
        template_write(w, b, w->d->cast(w->cx->arena, type).p, &call);
    else
        node_write(w, b, n, false);
}

static void write_truth(const Writer *w, Buf *b, size_t begin, Truth t);

static void write_args(Writer *w, Buf *b, const Node *n, size_t from)
{
    bool typed = n->kind == NODE_CALL && n->fn && n->fn->out == FIELD_JSON && w->d->has.requires_casted_json_arguments;
    for (size_t i = from; i < n->n; i++) {
        if (i > from)
            BUF_LIT(b, ", ");
        if (typed && n->args[i]->kind == NODE_VALUE)
            write_typed(w, b, n->args[i]);
        else {
            size_t begin = b->n;
            write_truth(w, b, begin, node_write(w, b, n->args[i], false));
        }
    }
}

static void write_sorted(Writer *w, Buf *b, const Node *n)
{
    for (size_t i = 0; i < n->nsorted; i++) {
        buf_c(b, i ? ", " : " ORDER BY ");
        order_write(w, b, n->sorted[i], false);
    }
}

static void write_literal(Writer *w, Buf *b, const Node *n, const Node *arg)
{
    if (arg->kind != NODE_VALUE || !value_is_text(arg->value))
        RAISE(w->cx, 500, "not_supported_error", "%s takes a text here on %s, nothing that is computed.", n->fn->name,
              w->d->vendor);
    buf_str(b, dialect_text(w->cx->arena, arg->value.s));
    w->params->tracked = false; /* the text is a part of the SQL: such a shape is not kept */
}

/*
 * % of the template is the list of arguments, %% a percent sign, $1 and $2 single ones, $* the first with DISTINCT and the
 * order of an aggregate, $!2 a text that must stand as a literal; other text stands as it is.
 */
void template_write(Writer *w, Buf *b, const char *template, const Node *n)
{
    for (const char *s = template; *s; s++) {
        if (*s == '%' && s[1] == '%') {
            buf_byte(b, *s++);
        } else if (*s == '%' && s[1] != ' ') {
            if (n->distinct && n->n > 1)
                RAISE(w->cx, 500, "not_supported_error",
                      "%s does not support distinct with multiple expressions on this database backend.", n->fn->name);
            if (n->nsorted && !w->d->has.supports_aggregate_order_by_clause)
                RAISE(w->cx, 500, "not_supported_error",
                      "This database backend does not support specifying an order on aggregates.");
            if (n->distinct)
                BUF_LIT(b, "DISTINCT ");
            if (!n->n && n->kind == NODE_AGGREGATE)
                buf_byte(b, '*');
            write_args(w, b, n, 0);
            write_sorted(w, b, n);
        } else if (*s == '$' && s[1] == '*') {
            s++;
            buf_c(b, n->distinct ? "DISTINCT " : "");
            node_write(w, b, n->args[0], false);
            write_sorted(w, b, n);
        } else if (*s == '$' && s[1] == '!' && s[2] >= '1' && s[2] <= '9') {
            s += 2;
            write_literal(w, b, n, n->args[*s - '1']);
        } else if (*s == '$' && s[1] >= '1' && s[1] <= '9') {
            node_write(w, b, n->args[*++s - '1'], false);
        } else {
            buf_byte(b, *s);
        }
    }
}

/* What an aggregate sums up, where the database has no FILTER: CASE WHEN condition THEN argument. */
static const Node *filtered_argument(Writer *w, const Node *n)
{
    Node *copy = NEW(w->cx->arena, Node), *when = node_new(w->cx, NODE_CASE, 3);
    when->args[0] = n->where;
    when->args[1] = n->args[0];
    when->args[2] = node_value(w->cx, value_null(), NULL);
    *copy = *n;
    copy->args = NEW_ARRAY(w->cx->arena, const Node *, n->n);
    memcpy(copy->args, n->args, n->n * sizeof *n->args);
    copy->args[0] = when;
    copy->where = NULL;
    return copy;
}

static void write_truth(const Writer *w, Buf *b, size_t begin, Truth t)
{
    if (t == UNKNOWN)
        return;
    buf_truncate(b, begin);
    buf_c(b, t == ALWAYS ? w->d->true_literal : w->d->false_literal);
}

/* Computed by SQLite with doubles: Django casts what should be a decimal. */
static bool is_cast_to_decimal(const Writer *w, const Node *n)
{
    return w->d->has.decimals_are_doubles && n->out && n->out->kind == FIELD_DECIMAL;
}

static void write_call(Writer *w, Buf *b, const Node *n)
{
    if (n->where && n->n && !w->d->has.supports_aggregate_filter_clause)
        n = filtered_argument(w, n);
    const char *template = function_template(w->cx, w->d, n);
    if (!template)
        RAISE(w->cx, 500, "not_supported_error", "%s is not supported on %s.", n->fn->name, w->d->vendor);
    template_write(w, b, template, n);
    if (n->where) {
        BUF_LIT(b, " FILTER (WHERE ");
        size_t begin = b->n;
        write_truth(w, b, begin, node_write(w, b, n->where, false));
        BUF_LIT(b, ")");
    }
}

/* --- windows */

static void write_bound(Buf *b, bool unbounded, int64_t at, bool end)
{
    if (unbounded)
        buf_c(b, end ? "UNBOUNDED FOLLOWING" : "UNBOUNDED PRECEDING");
    else if (!at)
        BUF_LIT(b, "CURRENT ROW");
    else
        buf_printf(b, "%lld %s", (long long)(at < 0 ? -at : at), at < 0 ? "PRECEDING" : "FOLLOWING");
}

static void write_frame(Writer *w, Buf *b, const WindowFrame *f)
{
    static const char *const exclusions[] = { "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES" };
    bool fixed = (!f->from_first && f->start) || (!f->to_last && f->end);
    if (f->kind == FRAME_RANGE && fixed && !w->d->has.supports_frame_range_fixed_distance)
        RAISE(w->cx, 500, "not_supported_error", "%s only supports UNBOUNDED together with PRECEDING and FOLLOWING.",
              w->d->vendor);
    if (f->exclusion && !w->d->has.supports_frame_exclusion)
        RAISE(w->cx, 500, "not_supported_error", "This backend does not support window frame exclusions.");
    buf_c(b, f->kind == FRAME_ROWS ? " ROWS BETWEEN " : " RANGE BETWEEN ");
    write_bound(b, f->from_first, f->start, false);
    BUF_LIT(b, " AND ");
    write_bound(b, f->to_last, f->end, true);
    buf_c(b, exclusions[f->exclusion]);
}

static void write_window(Writer *w, Buf *b, const Node *n)
{
    const WindowParts *parts = n->parts;
    write_call(w, b, n->args[0]);
    BUF_LIT(b, " OVER (");
    size_t begin = b->n;
    for (size_t i = 0; i < parts->npartition; i++) {
        buf_c(b, i ? ", " : "PARTITION BY ");
        node_write(w, b, n->args[1 + i], false);
    }
    for (size_t i = 0; i < parts->norder; i++) {
        buf_c(b, i ? ", " : b->n > begin ? " ORDER BY " : "ORDER BY ");
        order_write(w, b, n->args[1 + parts->npartition + i], false);
    }
    if (parts->frame.kind)
        write_frame(w, b, &parts->frame);
    BUF_LIT(b, ")");
}

/* --- orders */

void order_tail_write(const Writer *w, Buf *b, bool descending, NullsPlace nulls)
{
    buf_c(b, descending ? " DESC" : " ASC");
    if (nulls != NULLS_ANYWHERE && w->d->has.supports_order_by_nulls_modifier)
        buf_c(b, nulls == NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST");
}

void order_write(Writer *w, Buf *b, const Node *n, bool reversed)
{
    bool descending = n->descending ^ reversed;
    NullsPlace nulls = !n->nulls || !reversed ? n->nulls : n->nulls == NULLS_FIRST ? NULLS_LAST : NULLS_FIRST;
    size_t begin = b->n;
    if (nulls != NULLS_ANYWHERE && !w->d->has.supports_order_by_nulls_modifier &&
        (nulls == NULLS_FIRST) != (w->d->has.order_by_nulls_first != descending)) {
        node_write(w, b, n->args[0], false);
        buf_c(b, nulls == NULLS_LAST ? " IS NULL, " : " IS NOT NULL, ");
    }
    if (node_write(w, b, n->args[0], false) != UNKNOWN) { /* the same for every row; a literal would be a place */
        buf_truncate(b, begin);
        BUF_LIT(b, "NULL");
    }
    order_tail_write(w, b, descending, nulls);
}

/* --- comparing */

/* The left side of a comparison. */
static void write_left(Writer *w, Buf *b, const Node *left, Op op)
{
    if (node_is_json(left) && (op == OP_EQ || op == OP_IN))
        template_around(w, b, w->d->json_same, left);
    else if (node_is_json(left) && !w->d->has.has_native_json_field)
        template_around(w, b, w->d->json_search, left);
    else {
        size_t begin = b->n;
        write_truth(w, b, begin, node_write(w, b, left, false));
    }
}

static void write_case(Writer *w, Buf *b, const Node *n)
{
    size_t begin = b->n, written = 0, i;
    BUF_LIT(b, "CASE");
    for (i = 0; i + 2 < n->n; i += 2) {
        size_t before = b->n, params = w->params->n;
        BUF_LIT(b, " WHEN ");
        Truth t = node_write(w, b, n->args[i], false);
        if (t == NEVER) {
            buf_truncate(b, before);
            w->params->n = params;
            continue;
        }
        if (t == ALWAYS) {
            buf_truncate(b, before);
            w->params->n = params;
            break;
        }
        BUF_LIT(b, " THEN ");
        node_write(w, b, n->args[i + 1], false);
        written++;
    }
    const Node *otherwise = i + 2 < n->n ? n->args[i + 1] : n->args[n->n - 1];
    if (!written) {
        buf_truncate(b, begin);
        node_write(w, b, otherwise, false);
        return;
    }
    BUF_LIT(b, " ELSE ");
    node_write(w, b, otherwise, false);
    BUF_LIT(b, " END");
}

static void write_outer(Writer *w, Buf *b, const Node *n)
{
    for (const OuterName *o = w->outers; o; o = o->next)
        if (w->around && str_eq(o->name, n->name)) {
            Writer around = *w->around;
            node_write(&around, b, o->node, false);
            return;
        }
    RAISE(w->cx, 500, "value_error",
          "This queryset contains a reference to an outer query and may only be used in a subquery.");
}

/* SQL as a user wrote it; each ? is the next of the values. */
static void write_raw(Writer *w, Buf *b, const Node *n)
{
    size_t used = 0;
    BUF_LIT(b, "(");
    for (size_t i = 0; i < n->detail.n; i++) {
        if (n->detail.p[i] != '?')
            buf_byte(b, n->detail.p[i]);
        else if (used < n->n)
            node_write(w, b, n->args[used++], false);
        else
            RAISE(w->cx, 500, "value_error", "RawSQL has more placeholders than values.");
    }
    if (used < n->n)
        RAISE(w->cx, 500, "value_error", "RawSQL has more values than placeholders.");
    BUF_LIT(b, ")");
}

/* --- conditions */

/* A pattern of LIKE made of a text that the database computes: what has a meaning in patterns is escaped there. */
static void write_pattern_of(Writer *w, Buf *b, const Node *right, Op op)
{
    bool before = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_ENDSWITH || op == OP_IENDSWITH;
    bool after = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_STARTSWITH || op == OP_ISTARTSWITH;
    const Node *args[] = { right };
    Node n = { .args = args, .n = 1 };
    if (before)
        BUF_LIT(b, "'%' || ");
    template_write(w, b, w->d->pattern_of, &n);
    if (after)
        BUF_LIT(b, " || '%'");
}

static bool op_in_any_case(Op op)
{
    return op == OP_IEXACT || op == OP_ICONTAINS || op == OP_ISTARTSWITH || op == OP_IENDSWITH || op == OP_IREGEX;
}

/* What is searched: keys of JSON as texts. */
static void write_searched(Writer *w, Buf *b, const Node *left)
{
    if (left->out && left->out->kind == FIELD_GENERIC_IP) {
        template_around(w, b, w->d->ip_as_text, left);
    } else if (left->kind == NODE_KEY) {
        Node text = *left;
        text.as_text = true;
        node_write(w, b, &text, false);
    } else {
        template_around(w, b, node_is_json(left) ? w->d->json_search : NULL, left);
    }
}

static void write_sought(Writer *w, Buf *b, const Node *right, Op op)
{
    if (right->kind == NODE_VALUE || op >= OP_REGEX)
        node_write(w, b, right, false);
    else
        write_pattern_of(w, b, right, op);
}

/* A search in texts: $1 of the dialect's template is searched, $2 is the pattern. */
static void write_search(Writer *w, Buf *b, const Node *left, const Node *right, Op op)
{
    /* JSON has a collation that minds the case everywhere. */
    const char *fold = node_is_json(left) && op_in_any_case(op) ? w->d->json_any_case : NULL;
    for (const char *s = w->d->lookups[op]; *s; s++) {
        if (*s != '$') {
            buf_byte(b, *s);
            continue;
        }
        buf_c(b, fold ? fold : "");
        if (*++s == '1')
            write_searched(w, b, left);
        else
            write_sought(w, b, right, op);
        buf_c(b, fold ? ")" : "");
    }
}

static Truth write_in(Writer *w, Buf *b, const Node *n)
{
    size_t begin = b->n;
    if (n->query) {
        size_t params = w->params->n;
        node_write(w, b, n->args[0], false);
        bool within = n->query->sliced && !w->d->has.allow_sliced_subqueries_with_in;
        buf_c(b, within ? " IN (SELECT * FROM (" : " IN (");
        if (!subquery_write(w, b, n->query, n->outers, SELECT_KEYS)) {
            buf_truncate(b, begin);
            w->params->n = params;
            return NEVER;
        }
        buf_c(b, within ? ") \"subquery\")" : ")");
        return UNKNOWN;
    }
    if (n->n < 2)
        return NEVER;
    size_t most = w->d->max_in_list ? w->d->max_in_list : SIZE_MAX;
    if (n->n - 1 > most)
        BUF_LIT(b, "(");
    for (size_t i = 1; i < n->n; i++) {
        if ((i - 1) % most == 0) {
            if (i > 1)
                BUF_LIT(b, ") OR ");
            write_left(w, b, n->args[0], OP_IN);
            BUF_LIT(b, " IN (");
        } else {
            BUF_LIT(b, ", ");
        }
        if (node_is_json(n->args[0]))
            json_value_write(w, b, n->args[0], n->args[i]);
        else
            node_write(w, b, n->args[i], false);
    }
    BUF_LIT(b, ")");
    if (n->n - 1 > most)
        BUF_LIT(b, ")");
    return UNKNOWN;
}

static void write_null_test(Writer *w, Buf *b, const Node *n)
{
    const Node *left = n->args[0];
    if (left->kind == NODE_KEY && w->d->json_missing &&
        !left->as_text) { /* a key that is there, and null, is not NULL */
        const Node *args[] = { left->args[0], json_path_node(w, left->keys, left->nkeys, false) };
        Node call = { .kind = NODE_CALL, .args = args, .n = 2 };
        template_write(w, b, n->value.b ? w->d->json_missing : w->d->json_has, &call);
        return;
    }
    size_t begin = b->n;
    write_truth(w, b, begin, node_write(w, b, left, false));
    buf_c(b, n->value.b ? " IS NULL" : " IS NOT NULL");
}

/* A condition may be compared with another: each in parentheses. */
static void write_operand(Writer *w, Buf *b, const Node *n)
{
    size_t begin = b->n;
    if (n->kind != NODE_COMPARE && n->kind != NODE_NOT) {
        write_truth(w, b, begin, node_write(w, b, n, false));
        return;
    }
    BUF_LIT(b, "(");
    size_t inner = b->n;
    write_truth(w, b, inner, node_write(w, b, n, false));
    BUF_LIT(b, ")");
}

/* Under a NOT a NULL would make the condition unknown instead of false, so it is said to be false: as Django does. */
static Truth write_compare(Writer *w, Buf *b, const Node *n, bool negated)
{
    static const char *const operators[OP_COUNT] = {
        [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
    };
    const Node *left = n->args[0], *right = n->n > 1 ? n->args[1] : NULL;
    if (n->op == OP_ISNULL) {
        write_null_test(w, b, n);
        return UNKNOWN;
    }
    const Node *guard = n->unguarded ? NULL : n->guard;
    bool guard_left = negated && guard, guard_right = negated && !n->unguarded && right && right->kind == NODE_COLUMN &&
                                                      right->field && right->field->f->null;
    size_t begin = b->n;
    if (guard_left || guard_right)
        BUF_LIT(b, "(");
    switch (n->op) {
    case OP_IN: {
        Truth truth = write_in(w, b, n);
        if (truth != UNKNOWN) {
            buf_truncate(b, begin);
            return truth;
        }
        break;
    }
    case OP_RANGE:
        write_left(w, b, left, OP_RANGE);
        BUF_LIT(b, " BETWEEN ");
        node_write(w, b, n->args[1], false);
        BUF_LIT(b, " AND ");
        node_write(w, b, n->args[2], false);
        break;
    case OP_HAS_KEY:
    case OP_HAS_KEYS:
    case OP_HAS_ANY_KEYS:
    case OP_CONTAINED_BY:
        json_compare_write(w, b, n);
        break;
    default:
        if (n->op == OP_CONTAINS && node_is_json(left)) {
            json_compare_write(w, b, n);
            break;
        }
        if (w->d->lookups[n->op]) {
            write_search(w, b, left, right, n->op);
            break;
        }
        write_left(w, b, left, n->op);
        buf_c(b, operators[n->op]);
        if (n->op == OP_EQ && node_is_json(left))
            json_value_write(w, b, left, right);
        else
            write_operand(w, b, right);
    }
    if (guard_left) {
        BUF_LIT(b, " AND ");
        node_write(w, b, guard, false);
        BUF_LIT(b, " IS NOT NULL");
    }
    if (guard_right) {
        BUF_LIT(b, " AND ");
        node_write(w, b, right, false);
        BUF_LIT(b, " IS NOT NULL");
    }
    if (guard_left || guard_right)
        BUF_LIT(b, ")");
    return UNKNOWN;
}

static Truth negate(Truth t) { return t == ALWAYS ? NEVER : t == NEVER ? ALWAYS : UNKNOWN; }

static Truth write_joined(Writer *w, Buf *b, const Node *n, bool negated)
{
    bool is_or = n->kind == NODE_OR;
    size_t begin = b->n, written = 0, params = w->params->n;
    Truth decided = is_or ? ALWAYS : NEVER; /* the answer of a part that settles all */
    BUF_LIT(b, "(");
    for (size_t i = 0; i < n->n; i++) {
        size_t before = b->n, params_before = w->params->n;
        if (written)
            buf_c(b, is_or ? " OR " : " AND ");
        Truth t = node_write(w, b, n->args[i], negated);
        if (t == UNKNOWN) {
            written++;
            continue;
        }
        buf_truncate(b, before);
        w->params->n = params_before;
        if (t == decided) {
            buf_truncate(b, begin);
            w->params->n = params;
            return t;
        }
    }
    if (!written) {
        buf_truncate(b, begin);
        /* An empty AND holds; an OR of parts that all fail fails; Django leaves an empty OR out. */
        return is_or && n->n ? NEVER : ALWAYS;
    }
    BUF_LIT(b, ")");
    return UNKNOWN;
}

/* An odd number of them holds. */
static Truth write_xor(Writer *w, Buf *b, const Node *n)
{
    BUF_LIT(b, "((");
    for (size_t i = 0; i < n->n; i++) {
        buf_c(b, i ? " + CASE WHEN " : "CASE WHEN ");
        size_t begin = b->n;
        Truth t = node_write(w, b, n->args[i], false);
        if (t != UNKNOWN) {
            buf_truncate(b, begin);
            buf_c(b, t == ALWAYS ? "1 = 1" : "1 = 0");
        }
        BUF_LIT(b, " THEN 1 ELSE 0 END");
    }
    buf_c(b, n->n ? ") % 2 = 1)" : "0) = 1)");
    return UNKNOWN;
}

static Truth write_not(Writer *w, Buf *b, const Node *n, bool negated)
{
    const Node *inner = n->args[0];
    bool bare = inner->kind != NODE_AND && inner->kind != NODE_OR;
    size_t begin = b->n;
    buf_c(b, bare ? "NOT (" : "NOT ");
    Truth t = node_write(w, b, inner, !negated);
    if (t != UNKNOWN) {
        buf_truncate(b, begin);
        /* NOT of nothing is nothing, as in Django. */
        return inner->kind == NODE_AND && !inner->n ? ALWAYS : negate(t);
    }
    if (bare)
        BUF_LIT(b, ")");
    return UNKNOWN;
}

static void write_computed(Writer *w, Buf *b, const Node *n)
{
    bool decimal = is_cast_to_decimal(w, n);
    if (decimal)
        BUF_LIT(b, "CAST(");
    if (n->kind == NODE_CASE)
        write_case(w, b, n);
    else if (n->kind == NODE_WINDOW)
        write_window(w, b, n);
    else
        write_call(w, b, n);
    if (decimal)
        BUF_LIT(b, " AS NUMERIC)");
}

Truth node_write(Writer *w, Buf *b, const Node *n, bool negated)
{
    switch (n->kind) {
    case NODE_COLUMN:
        write_column(w, b, n->join, n->field);
        break;
    case NODE_VALUE:
        if (n->literal && is_cast_to_decimal(w, n)) {
            BUF_LIT(b, "CAST(");
            write_value(w, b, n);
            BUF_LIT(b, " AS NUMERIC)");
        } else if (n->field) { /* which model a generic relation leads to: each database has its own number for it */
            const Writer *whole = w;
            while (whole->around)
                whole = whole->around;
            write_param(w, b, value_int(generic_type(w->cx, whole->q->alias, n->field)));
        } else {
            write_value(w, b, n);
        }
        break;
    case NODE_CALL:
    case NODE_CASE:
    case NODE_AGGREGATE:
    case NODE_WINDOW:
        /* OVER stands right behind what is summed up. */
        if (n->kind == NODE_CALL && n->fn->flags & FN_WINDOW)
            write_call(w, b, n);
        else
            write_computed(w, b, n);
        break;
    case NODE_ORDER:
        order_write(w, b, n, false);
        break;
    case NODE_KEY:
        json_key_write(w, b, n);
        break;
    case NODE_RAW:
        write_raw(w, b, n);
        break;
    case NODE_ALIAS:
        buf_printf(b, "\"%.*s\"", STR_FMT(n->name));
        break;
    case NODE_XOR:
        return write_xor(w, b, n);
    case NODE_COMPARE:
        return write_compare(w, b, n, negated);
    case NODE_AND:
    case NODE_OR:
        return write_joined(w, b, n, negated);
    case NODE_NOT:
        return write_not(w, b, n, negated);
    case NODE_OUTER:
        write_outer(w, b, n);
        break;
    case NODE_INNER:
        buf_printf(b, "subquery.\"__col%u\"", n->join);
        break;
    case NODE_EXISTS:
    case NODE_SUBQUERY: {
        size_t begin = b->n, params = w->params->n;
        bool exists = n->kind == NODE_EXISTS;
        buf_c(b, exists ? "EXISTS(" : "(");
        if (!subquery_write(w, b, n->query, n->outers, exists ? SELECT_EXISTS : SELECT_KEYS)) {
            buf_truncate(b, begin);
            w->params->n = params;
            if (exists)
                return NEVER;
            BUF_LIT(b, "NULL");
            break;
        }
        BUF_LIT(b, ")");
    }
    }
    return UNKNOWN;
}

/* Which clause a condition belongs to: over windows before groups before rows. */
static WhereClause clause_of(const Node *n)
{
    return n->window ? CLAUSE_QUALIFY : n->aggregate ? CLAUSE_HAVING : CLAUSE_WHERE;
}

Truth where_write(Writer *w, Buf *b, const Node *where, WhereClause clause)
{
    if (!where)
        return ALWAYS;
    if (where->kind == NODE_AND && (where->aggregate || where->window || b->n == 0)) {
        /* Its parts may go to different clauses. */
        size_t begin = b->n;
        for (size_t i = 0; i < where->n; i++) {
            size_t before = b->n, params = w->params->n;
            if (b->n > begin)
                BUF_LIT(b, " AND ");
            size_t text = b->n;
            Truth t = where_write(w, b, where->args[i], clause);
            if (t == NEVER)
                return NEVER;
            if (t == ALWAYS || b->n == text) {
                buf_truncate(b, before);
                w->params->n = params;
            }
        }
        return b->n > begin ? UNKNOWN : ALWAYS;
    }
    return clause_of(where) == clause ? node_write(w, b, where, false) : ALWAYS;
}
