/* write.c: SQL of expressions and conditions. Names are quoted, values are parameters. */
#include "orm/queryset.h"
#include <clef/base/vec.h>

static void write_param(Writer *w, Buf *b, Value v)
{
    VEC_PUSH(w->cx->arena, w->params, v);
    buf_byte(b, '?');
}

static void write_column(const Writer *w, Buf *b, uint32_t join, const FieldInfo *field)
{
    buf_str(b, w->aliases[join]);
    buf_byte(b, '.');
    buf_str(b, field->quoted);
}

static void write_args(Writer *w, Buf *b, const Node *n, size_t from)
{
    for (size_t i = from; i < n->n; i++) {
        if (i > from)
            BUF_LIT(b, ", ");
        node_write(w, b, n->args[i], false);
    }
}

/* % of the template is the list of arguments, %% a percent sign, $1 and $2 single ones; other text stands as it is. */
static void write_template(Writer *w, Buf *b, const char *template, const Node *n)
{
    for (const char *s = template; *s; s++) {
        if (*s == '%' && s[1] == '%') {
            buf_byte(b, *s++);
        } else if (*s == '%' && s[1] != ' ') {
            if (n->distinct)
                BUF_LIT(b, "DISTINCT ");
            if (!n->n)
                buf_byte(b, '*');
            write_args(w, b, n, 0);
        } else if (*s == '$') {
            node_write(w, b, n->args[*++s - '1'], false);
        } else {
            buf_byte(b, *s);
        }
    }
}

static void write_call(Writer *w, Buf *b, const Node *n)
{
    /* SQLite computes with doubles; Django casts what should be a decimal. */
    bool decimal = w->d->has.decimals_are_doubles && n->kind == NODE_CALL && n->out && n->out->kind == FIELD_DECIMAL;
    const char *template = function_template(w->cx, w->d, n->fn);
    if (!template)
        RAISE(w->cx, 500, "not_supported_error", "%s is not supported on %s.", n->fn->name, w->d->vendor);
    if (decimal)
        BUF_LIT(b, "CAST(");
    write_template(w, b, template, n);
    if (decimal)
        BUF_LIT(b, " AS NUMERIC)");
    if (n->where) {
        BUF_LIT(b, " FILTER (WHERE ");
        size_t begin = b->n;
        Truth t = node_write(w, b, n->where, false);
        if (t != UNKNOWN) {
            buf_truncate(b, begin);
            buf_c(b, t == ALWAYS ? w->d->true_literal : w->d->false_literal);
        }
        BUF_LIT(b, ")");
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
    write_template(w, b, w->d->pattern_of, &n);
    if (after)
        BUF_LIT(b, " || '%'");
}

/* A search in texts: $1 of the dialect's template is searched, $2 is the pattern. */
static void write_search(Writer *w, Buf *b, const Node *left, const Node *right, Op op)
{
    const Node *args[] = { left };
    Node n = { .args = args, .n = 1 };
    for (const char *s = w->d->lookups[op]; *s; s++) {
        if (*s != '$') {
            buf_byte(b, *s);
        } else if (*++s == '1') {
            write_template(w, b, left->out && left->out->kind == FIELD_GENERIC_IP ? w->d->ip_as_text : "$1", &n);
        } else if (right->kind == NODE_VALUE || op >= OP_REGEX) {
            node_write(w, b, right, false);
        } else {
            write_pattern_of(w, b, right, op);
        }
    }
}

static Truth write_in(Writer *w, Buf *b, const Node *n)
{
    size_t begin = b->n;
    if (n->query) {
        size_t params = w->params->n;
        node_write(w, b, n->args[0], false);
        BUF_LIT(b, " IN (");
        if (!subquery_write(w, b, n->query, n->outers, SELECT_KEYS)) {
            buf_truncate(b, begin);
            w->params->n = params;
            return NEVER;
        }
        BUF_LIT(b, ")");
        return UNKNOWN;
    }
    if (n->n < 2)
        return NEVER;
    node_write(w, b, n->args[0], false);
    BUF_LIT(b, " IN (");
    write_args(w, b, n, 1);
    BUF_LIT(b, ")");
    return UNKNOWN;
}

/* Under a NOT a NULL would make the condition unknown instead of false, so it is said to be false: as Django does. */
static Truth write_compare(Writer *w, Buf *b, const Node *n, bool negated)
{
    static const char *const operators[OP_COUNT] = {
        [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
    };
    const Node *left = n->args[0], *right = n->n > 1 ? n->args[1] : NULL;
    if (n->op == OP_ISNULL) {
        node_write(w, b, left, false);
        buf_c(b, n->value.b ? " IS NULL" : " IS NOT NULL");
        return UNKNOWN;
    }
    bool guard_left = negated && left->nullable,
         guard_right = negated && right && right->kind != NODE_VALUE && right->nullable;
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
        node_write(w, b, left, false);
        BUF_LIT(b, " BETWEEN ");
        node_write(w, b, n->args[1], false);
        BUF_LIT(b, " AND ");
        node_write(w, b, n->args[2], false);
        break;
    default:
        if (w->d->lookups[n->op]) {
            write_search(w, b, left, right, n->op);
            break;
        }
        node_write(w, b, left, false);
        buf_c(b, operators[n->op]);
        node_write(w, b, right, false);
    }
    if (guard_left) {
        BUF_LIT(b, " AND ");
        node_write(w, b, left, false);
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

Truth node_write(Writer *w, Buf *b, const Node *n, bool negated)
{
    switch (n->kind) {
    case NODE_COLUMN:
        write_column(w, b, n->join, n->field);
        break;
    case NODE_VALUE:
        write_param(w, b, n->value);
        break;
    case NODE_CALL:
    case NODE_AGGREGATE:
        write_call(w, b, n);
        break;
    case NODE_CASE:
        write_case(w, b, n);
        break;
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

Truth where_write(Writer *w, Buf *b, const Node *where, bool aggregates)
{
    if (!where)
        return ALWAYS;
    if (where->kind == NODE_AND && (where->aggregate || b->n == 0)) { /* its parts may go to different clauses */
        size_t begin = b->n;
        for (size_t i = 0; i < where->n; i++) {
            size_t before = b->n, params = w->params->n;
            if (b->n > begin)
                BUF_LIT(b, " AND ");
            size_t text = b->n;
            Truth t = where_write(w, b, where->args[i], aggregates);
            if (t == NEVER)
                return NEVER;
            if (t == ALWAYS || b->n == text) {
                buf_truncate(b, before);
                w->params->n = params;
            }
        }
        return b->n > begin ? UNKNOWN : ALWAYS;
    }
    return where->aggregate == aggregates ? node_write(w, b, where, false) : ALWAYS;
}
