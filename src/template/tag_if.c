/* tag_if.c: {% if %} with its operators: top-down operator precedence over the words of the tag, as in Python. */
#include "template/nodes.h"
#include "template/tags.h"

typedef struct IfWord {
    TemplateOperator op;
    Str text;
    TemplateExpr *expr; /* of a literal */
} IfWord;

typedef struct IfParser {
    TemplateParser *p;
    IfWord *words;
    size_t n, at;
    uint32_t depth;
} IfParser;

static const struct {
    Str name;
    uint32_t power;
} operators[] = {
    [TEMPLATE_OP_OR] = { STR("or"), 6 },          [TEMPLATE_OP_AND] = { STR("and"), 7 },
    [TEMPLATE_OP_NOT] = { STR("not"), 8 },        [TEMPLATE_OP_IN] = { STR("in"), 9 },
    [TEMPLATE_OP_NOT_IN] = { STR("not in"), 9 },  [TEMPLATE_OP_IS] = { STR("is"), 10 },
    [TEMPLATE_OP_IS_NOT] = { STR("is not"), 10 }, [TEMPLATE_OP_EQ] = { STR("=="), 10 },
    [TEMPLATE_OP_NE] = { STR("!="), 10 },         [TEMPLATE_OP_GT] = { STR(">"), 10 },
    [TEMPLATE_OP_GE] = { STR(">="), 10 },         [TEMPLATE_OP_LT] = { STR("<"), 10 },
    [TEMPLATE_OP_LE] = { STR("<="), 10 },
};

static TemplateOperator operator_of(Str word)
{
    for (size_t i = TEMPLATE_OP_OR; i < CLEF_COUNT(operators); i++)
        if (str_eq(word, operators[i].name) && i != TEMPLATE_OP_NOT_IN && i != TEMPLATE_OP_IS_NOT)
            return (TemplateOperator)i;
    return TEMPLATE_OP_LITERAL;
}

static IfWord current(const IfParser *ip)
{
    return ip->at < ip->n ? ip->words[ip->at] : (IfWord){ .op = TEMPLATE_OP_END };
}
static uint32_t power(IfWord w)
{
    return w.op == TEMPLATE_OP_LITERAL || w.op == TEMPLATE_OP_END ? 0 : operators[w.op].power;
}

static const Condition *expression(IfParser *ip, uint32_t right);

static Condition *condition(IfParser *ip, TemplateOperator op, const Condition *first, const Condition *second)
{
    Condition *c = NEW(ip->p->arena, Condition);
    *c = (Condition){ .op = op, .first = first, .second = second };
    uint32_t other = second ? second->depth : 0;
    c->depth = 1 + (first->depth > other ? first->depth : other);
    c->raises = first->raises || (second && second->raises);
    if (c->depth > TEMPLATE_IF_DEPTH)
        template_syntax_error(ip->p, "The if tag has more than %u operators within each other", TEMPLATE_IF_DEPTH);
    return c;
}

/* The common filters that never do are worth knowing: catching costs a jump buffer for each test. */
static bool may_raise(const FilterUse *use)
{
    static const char *const safe[] = { "default", "default_if_none", "length", "lower", "upper", "safe", "escape" };
    if (use->arg_is_variable)
        return true;
    for (size_t i = 0; i < CLEF_COUNT(safe); i++)
        if (strcmp(use->filter->name, safe[i]) == 0)
            return false;
    return true;
}

static const Condition *prefix(IfParser *ip, IfWord w)
{
    if (w.op == TEMPLATE_OP_LITERAL) {
        Condition *c = NEW(ip->p->arena, Condition);
        c->expr = w.expr;
        for (size_t i = 0; i < c->expr->nfilters; i++)
            c->raises |= may_raise(&c->expr->filters[i]);
        return c;
    }
    if (w.op == TEMPLATE_OP_NOT)
        return condition(ip, TEMPLATE_OP_NOT, expression(ip, operators[TEMPLATE_OP_NOT].power), NULL);
    if (w.op == TEMPLATE_OP_END)
        template_syntax_error(ip->p, "Unexpected end of expression in if tag.");
    template_syntax_error(ip->p, "Not expecting '%.*s' in this position in if tag.", STR_FMT(operators[w.op].name));
}

static const Condition *expression(IfParser *ip, uint32_t right)
{
    if (++ip->depth > TEMPLATE_IF_DEPTH)
        template_syntax_error(ip->p, "The if tag has more than %u operators within each other", TEMPLATE_IF_DEPTH);
    IfWord w = current(ip);
    ip->at++;
    const Condition *left = prefix(ip, w);
    while (right < power(w = current(ip))) {
        ip->at++;
        if (w.op == TEMPLATE_OP_NOT)
            template_syntax_error(ip->p, "Not expecting 'not' as infix operator in if tag.");
        left = condition(ip, w.op, left, expression(ip, operators[w.op].power));
    }
    ip->depth--;
    return left;
}

static const Condition *parse_condition(TemplateParser *p, TemplateWords words)
{
    IfParser ip = { .p = p, .words = NEW_ARRAY(p->arena, IfWord, words.n + 1) };
    for (size_t i = 1; i < words.n; i++) {
        IfWord w = { .op = operator_of(words.p[i]), .text = words.p[i] };
        TemplateOperator next = i + 1 < words.n ? operator_of(words.p[i + 1]) : TEMPLATE_OP_LITERAL;
        if (w.op == TEMPLATE_OP_IS && next == TEMPLATE_OP_NOT) {
            w.op = TEMPLATE_OP_IS_NOT;
            i++;
        } else if (w.op == TEMPLATE_OP_NOT && next == TEMPLATE_OP_IN) {
            w.op = TEMPLATE_OP_NOT_IN;
            i++;
        }
        if (w.op == TEMPLATE_OP_LITERAL) /* all of them before the order is looked at */
            w.expr = template_compile_expr(p, w.text);
        ip.words[ip.n++] = w;
    }
    const Condition *c = expression(&ip, 0);
    IfWord w = current(&ip);
    if (w.op != TEMPLATE_OP_END)
        template_syntax_error(p, "Unused '%.*s' at end of if expression.",
                              STR_FMT(w.op == TEMPLATE_OP_LITERAL ? w.text : operators[w.op].name));
    return c;
}

/* --- evaluating */

bool python_eq(Value a, Value b)
{
    if (a.tag == VALUE_LIST && b.tag == VALUE_LIST && a.flags != b.flags)
        return false;
    return value_eq(a, b);
}

static bool is_same(Value a, Value b)
{
    if (a.tag != b.tag)
        return false;
    switch ((ValueTag)a.tag) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a.b == b.b;
    case VALUE_STR:
    case VALUE_SAFE:
        return a.s.p == b.s.p && a.s.n == b.s.n;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OBJECT:
        return a.object == b.object;
    default:
        return value_eq(a, b);
    }
}

static bool contains(TemplateRender *r, Value container, Value v)
{
    Value item;
    if (value_is_text(container))
        return value_is_text(v) && str_contains(container.s, v.s);
    if (container.tag == VALUE_MAP)
        return value_is_text(v) && map_has(container.map, v.s);
    if (container.tag == VALUE_BYTES)
        return v.tag == VALUE_BYTES && str_contains(container.s, v.s);
    for (size_t at = 0; value_next(r->arena, container, &at, &item);)
        if (python_eq(item, v))
            return true;
    return false;
}

/* Whether Python answers `v in container` at all, and does not raise. */
static bool can_contain(Value container, Value v)
{
    if (value_is_text(container))
        return value_is_text(v);
    if (container.tag == VALUE_MAP) /* a key must have a hash */
        return v.tag != VALUE_MAP && (v.tag != VALUE_LIST || v.flags & LIST_TUPLE);
    return value_is_iterable(container);
}

static Value evaluate(TemplateRender *r, const Condition *c);

bool template_compare(TemplateRender *r, TemplateOperator op, Value a, Value b)
{
    ValueOrder order;
    switch (op) {
    case TEMPLATE_OP_IN:
        return contains(r, b, a);
    case TEMPLATE_OP_NOT_IN:
        return can_contain(b, a) && !contains(r, b, a);
    case TEMPLATE_OP_IS:
        return is_same(a, b);
    case TEMPLATE_OP_IS_NOT:
        return !is_same(a, b);
    case TEMPLATE_OP_EQ:
        return python_eq(a, b);
    case TEMPLATE_OP_NE:
        return !python_eq(a, b);
    default:
        break;
    }
    if (a.tag == VALUE_NULL || a.tag == VALUE_MAP || (a.tag == VALUE_LIST && a.flags != b.flags))
        return false;
    order = value_cmp(a, b);
    switch (order) {
    case VALUE_LESS:
        return op == TEMPLATE_OP_LT || op == TEMPLATE_OP_LE;
    case VALUE_EQUAL:
        return op == TEMPLATE_OP_GE || op == TEMPLATE_OP_LE;
    case VALUE_GREATER:
        return op == TEMPLATE_OP_GT || op == TEMPLATE_OP_GE;
    default:
        return false;
    }
}

static Value evaluate_now(TemplateRender *r, const Condition *c)
{
    Value a = evaluate(r, c->first);
    switch (c->op) {
    case TEMPLATE_OP_OR:
        return value_truth(a) ? a : evaluate(r, c->second);
    case TEMPLATE_OP_AND:
        return value_truth(a) ? evaluate(r, c->second) : a;
    case TEMPLATE_OP_NOT:
        return value_bool(!value_truth(a));
    default:
        return value_bool(template_compare(r, c->op, a, evaluate(r, c->second)));
    }
}

typedef struct Evaluation {
    TemplateRender *r;
    const Condition *c;
    Value out;
} Evaluation;

static void evaluate_caught(Context *cx, void *arg)
{
    (void)cx;
    Evaluation *e = arg;
    e->out = evaluate_now(e->r, e->c);
}

static void evaluate_literal(Context *cx, void *arg)
{
    (void)cx;
    Evaluation *e = arg;
    e->out = template_eval(e->r, e->c->expr, true);
}

/* As in Django, an operator whose operand raises is false. */
static CLEF_COLD Value evaluate_guarded(TemplateRender *r, const Condition *c)
{
    TemplateRender saved = *r;
    TemplateMark mark = { r->context->n, r->context->scope, r->context->floor };
    Evaluation e = { .r = r, .c = c };
    if (!attempt(r->cx, evaluate_caught, &e))
        return e.out;
    uint64_t steps = r->steps;
    *r = saved;
    r->steps = steps;
    template_pop(r->context, mark);
    return value_bool(false);
}

static Value evaluate(TemplateRender *r, const Condition *c)
{
    if (c->op == TEMPLATE_OP_LITERAL)
        return template_eval(r, c->expr, true);
    return c->raises ? evaluate_guarded(r, c) : evaluate_now(r, c);
}

/* A filter's argument that does not exist makes the whole condition false; other errors go on. */
static CLEF_COLD bool literal_is_true(TemplateRender *r, const Condition *c)
{
    TemplateRender saved = *r;
    TemplateMark mark = { r->context->n, r->context->scope, r->context->floor };
    Evaluation e = { .r = r, .c = c };
    const Error *error = attempt(r->cx, evaluate_literal, &e);
    if (!error)
        return value_truth(e.out);
    const TemplateError *t = template_error_of(error);
    if (!t || strcmp(t->type, "VariableDoesNotExist") != 0)
        context_raise_error(r->cx, error);
    *r = saved;
    template_pop(r->context, mark);
    return false;
}

static bool is_true(TemplateRender *r, const Condition *c)
{
    if (CLEF_UNLIKELY(c->op == TEMPLATE_OP_LITERAL && c->raises))
        return literal_is_true(r, c);
    Value v = evaluate(r, c);
    return template_truth(&v);
}

bool template_condition(TemplateRender *r, const TemplateNode *node, size_t i)
{
    return is_true(r, ((const IfNode *)node)->branches[i].condition);
}

static void render_if(TemplateRender *r, const TemplateNode *node)
{
    const IfNode *n = (const IfNode *)node;
    for (size_t i = 0; i < n->n; i++)
        if (!n->branches[i].condition || is_true(r, n->branches[i].condition)) {
            template_render_nodes(r, n->branches[i].nodes);
            return;
        }
}

TemplateNode *compile_if(TemplateParser *p, const TemplateToken *token)
{
    IfNode *n = TEMPLATE_NODE(p, IfNode, render_if);
    n->node.kind = NODE_IF;
    VEC(Branch) branches = { 0 };
    TemplateToken t = *token;
    const Condition *c = parse_condition(p, template_split(p, &t));
    for (;;) {
        bool otherwise = !c;
        TemplateNodes nodes = otherwise ? TEMPLATE_PARSE(p, "endif") : TEMPLATE_PARSE(p, "elif", "else", "endif");
        VEC_PUSH(p->arena, &branches, (Branch){ c, nodes });
        if (!template_next_token(p, &t))
            break;
        if (str_eq(t.contents, STR("endif")))
            break;
        p->token = t;
        if (!otherwise && str_eq(t.contents, STR("else")))
            c = NULL;
        else if (!otherwise && str_starts(t.contents, STR("elif")))
            c = parse_condition(p, template_split(p, &t));
        else
            template_syntax_error(p, "Malformed template tag at line %u: \"%.*s\"", (unsigned)t.line,
                                  STR_FMT(t.contents));
    }
    n->branches = branches.p;
    n->n = branches.n;
    return &n->node;
}
