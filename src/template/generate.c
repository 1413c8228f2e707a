/*
 * generate.c: parsed templates into C (see compiled.h). Each list of nodes becomes a function, but the lists of {% for %},
 * {% if %}, {% with %}, {% autoescape %} and {% verbatim %} are drawn into the function around them.
 *
 * Names. The names of a loop or a with have known places in the context, as long as nothing within could have set the
 * same name: a tag that is only called may set names in the scope where it stands, so a scope that contains one is
 * `open`, and from there names are looked up at run time.
 */
#include "template/nodes.h"
#include <clef/template/generate.h>

enum { GENERATED_MAX = 256 << 20, GUESSES = 16, LINE_MAX_TEXT = 100 };

typedef struct Scope {
    const struct Scope *outer;
    const Str *names;
    size_t n;
    unsigned id;
    bool is_loop, open;
    bool *peeked; /* of a loop with one name: whether what it generated reads a map's entries by rowN */
} Scope;

typedef struct Generator {
    Arena *arena;
    Buf *out;
    const TemplateTrace *trace;
    bool *drawn; /* lists that stand in another's function */
    unsigned ids, guesses, indent, loops;
} Generator;

CLEF_PRINTF(2, 3) static void line(Generator *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)buf_fill(g->out, ' ', (size_t)g->indent * 4);
    buf_vprintf(g->out, format, args);
    buf_byte(g->out, '\n');
    va_end(args);
}

/* A text as string literals, one for each line of it. */
static void add_literal(Buf *b, Str s, unsigned indent)
{
    buf_byte(b, '"');
    for (size_t i = 0, column = 0; i < s.n; i++, column++) {
        unsigned char c = (unsigned char)s.p[i];
        if (column && (s.p[i - 1] == '\n' || column >= LINE_MAX_TEXT)) {
            BUF_LIT(b, "\"\n");
            (void)buf_fill(b, ' ', (size_t)indent * 4);
            buf_byte(b, '"');
            column = 0;
        }
        if (c == '\n')
            BUF_LIT(b, "\\n");
        else if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < ' ' || c >= 0x7f || c == '?')
            buf_printf(b, "\\%03o", c);
        else
            buf_byte(b, (char)c);
    }
    buf_byte(b, '"');
}

static Str literal(Generator *g, Str s)
{
    Buf b = BUF_INIT(g->arena, GENERATED_MAX);
    BUF_LIT(&b, "STR(");
    add_literal(&b, s, g->indent + 1);
    buf_byte(&b, ')');
    return buf_view(&b);
}

static size_t node_number(const Generator *g, const TemplateNode *node)
{
    for (size_t i = 0; i < g->trace->nodes.n; i++)
        if (g->trace->nodes.p[i] == node)
            return i;
    ASSERT(!"a node of the trace");
    return 0;
}

static size_t expr_number(const Generator *g, const TemplateExpr *e)
{
    for (size_t i = 0; i < g->trace->exprs.n; i++)
        if (g->trace->exprs.p[i] == e)
            return i;
    ASSERT(!"an expression of the trace");
    return 0;
}

/* --- expressions */

/* The scope that binds a name, and the name's number there; NULL when that is only known at run time. */
static const Scope *scope_of(const Scope *scope, Str name, size_t *number)
{
    for (; scope && !scope->open; scope = scope->outer) {
        for (size_t i = scope->n; i-- > 0;)
            if (str_eq(scope->names[i], name)) {
                *number = i;
                return scope;
            }
        if (scope->is_loop && str_eq(name, STR("forloop"))) {
            *number = SIZE_MAX;
            return scope;
        }
    }
    return NULL;
}

/*
 * The place of a name as C, and in *loop the loop whose `forloop` it is; the NULL string when it is only known at run
 * time.
 */
static Str place_of(Generator *g, const Scope *scope, Str name, const Scope **loop)
{
    size_t i;
    const Scope *found = scope_of(scope, name, &i);
    *loop = found && i == SIZE_MAX ? found : NULL;
    if (!found)
        return (Str){ 0 };
    if (*loop)
        return str_format(g->arena, "loop%u.place - 1", found->id);
    return str_format(g->arena, "%s%u%s + %zu", found->is_loop ? "loop" : "place", found->id,
                      found->is_loop ? ".place" : "", i);
}

/* What a member of `forloop` is, as C over the loop; NULL for others. */
static const char *forloop_member(Str name)
{
    static const struct {
        Str name;
        const char *value;
    } members[] = {
        { STR("counter"), "value_int((int64_t)loop%u.at)" },
        { STR("counter0"), "value_int((int64_t)loop%u.at - 1)" },
        { STR("revcounter"), "value_int((int64_t)(loop%u.n - loop%u.at) + 1)" },
        { STR("revcounter0"), "value_int((int64_t)(loop%u.n - loop%u.at))" },
        { STR("first"), "value_bool(loop%u.at == 1)" },
        { STR("last"), "value_bool(loop%u.at == loop%u.n)" },
        { STR("length"), "value_int((int64_t)loop%u.n)" },
    };
    for (size_t i = 0; i < CLEF_COUNT(members); i++)
        if (str_eq(members[i].name, name))
            return members[i].value;
    return NULL;
}

/* "name, guess": what template_step wants of one part of a name. */
static const char *step(Generator *g, Str name)
{
    Str text = literal(g, name);
    return str_format(g->arena, "%.*s, &guess[%u]", STR_FMT(text), g->guesses++ % GUESSES).p;
}

/* A C expression: true, and `to` has the value, when the variable is found. */
static Str lookup(Generator *g, const Scope *scope, const Variable *v, const char *to)
{
    Buf b = BUF_INIT(g->arena, GENERATED_MAX);
    const Scope *loop;
    Str place = place_of(g, scope, v->lookups[0], &loop);
    uint32_t i = 1;
    const char *member = loop && v->nlookups == 2 ? forloop_member(v->lookups[1]) : NULL;
    if (member) {
        buf_printf(&b, "(%s = ", to);
        for (const char *p = member; *p; p++)
            if (p[0] == '%' && p[1] == 'u') {
                buf_printf(&b, "%u", loop->id);
                p++;
            } else {
                buf_byte(&b, *p);
            }
        buf_c(&b, ", true)");
        return buf_view(&b);
    }
    if (!place.p) {
        Str name = literal(g, v->lookups[0]);
        buf_printf(&b, "template_named(r, %.*s, %#xu, &%s)", STR_FMT(name), (unsigned)v->hash, to);
    } else if (v->nlookups == 1) {
        buf_printf(&b, "template_place(r, %.*s, &%s)", STR_FMT(place), to);
    } else {
        buf_printf(&b, "template_place_step(r, %.*s, %s, &%s)", STR_FMT(place), step(g, v->lookups[1]), to);
        i = 2;
    }
    for (; i < v->nlookups; i++)
        buf_printf(&b, " && template_step(r, &%s, %s, &%s)", to, step(g, v->lookups[i]), to);
    return buf_view(&b);
}

/* Where the value of a name stands, as a C expression; the NULL string for what has no such place. */
static Str peek(Generator *g, const Scope *scope, const TemplateExpr *e)
{
    const Scope *loop;
    if (!e->is_variable || !e->variable.lookups || e->nfilters)
        return (Str){ 0 };
    const Variable *v = &e->variable;
    Str place = place_of(g, scope, v->lookups[0], &loop), out = { 0 };
    if (loop)
        return (Str){ 0 };
    size_t number;
    const Scope *binds = place.p && v->nlookups > 1 ? scope_of(scope, v->lookups[0], &number) : NULL;
    const char *row = NULL;
    if (binds && binds->peeked) {
        *binds->peeked = true;
        row = str_format(g->arena, "row%u", binds->id).p;
    } else if (place.p) {
        out = str_format(g->arena, "template_peek(r, %.*s)", STR_FMT(place));
    } else {
        Str name = literal(g, v->lookups[0]);
        out = str_format(g->arena, "template_find(r->context, %.*s, %#xu)", STR_FMT(name), (unsigned)v->hash);
    }
    for (uint32_t i = 1; i < v->nlookups; i++) {
        Str name = literal(g, v->lookups[i]);
        unsigned guess = (g->guesses + i - 1) % GUESSES;
        out =
            row && i == 1
                ? str_format(g->arena, "template_peek_entry(%s, %.*s, &guess[%u])", row, STR_FMT(name), guess)
                : str_format(g->arena, "template_peek_in(%.*s, %.*s, &guess[%u])", STR_FMT(out), STR_FMT(name), guess);
    }
    return out;
}

/* Statements that put the expression's value into the Value `to`. */
static void put_expr(Generator *g, const Scope *scope, const TemplateExpr *e, bool ignore_failures, const char *to)
{
    size_t number = expr_number(g, e);
    Value v = e->is_variable ? e->variable.literal : e->constant;
    bool constant = !e->is_variable || !e->variable.lookups;
    bool plain = constant && !e->translate && !e->variable.translate;
    if (plain && v.tag == VALUE_INT && v.i > INT64_MIN) {
        line(g, "%s = value_int(INT64_C(%lld));", to, (long long)v.i);
    } else if (plain && v.tag == VALUE_SAFE) {
        Str text = literal(g, v.s);
        line(g, "%s = value_safe((SafeStr){ %.*s });", to, STR_FMT(text));
    } else if (constant) {
        line(g, "%s = template_eval(r, u->exprs[%zu], %s);", to, number, ignore_failures ? "true" : "false");
        return;
    } else {
        Str found = lookup(g, scope, &e->variable, to);
        const char *ignored = ignore_failures ? "true" : "false";
        if (!e->nfilters) {
            line(g, "if (CLEF_UNLIKELY(!(%.*s)))", STR_FMT(found));
            line(g, "    (void)template_invalid(r, u->exprs[%zu], %s, &%s);", number, ignored, to);
            return;
        }
        line(g, "if (CLEF_LIKELY(%.*s) || template_invalid(r, u->exprs[%zu], %s, &%s)) {", STR_FMT(found), number,
             ignored, to);
        for (size_t i = 0; i < e->nfilters; i++)
            line(g, "    %s = template_apply(r, u->exprs[%zu], %zu, %s);", to, number, i, to);
        line(g, "}");
        return;
    }
    for (size_t i = 0; i < e->nfilters; i++)
        line(g, "%s = template_apply(r, u->exprs[%zu], %zu, %s);", to, number, i, to);
}

/* --- conditions */

/* Whether C can say it: and, or and not over values and comparisons of two values. */
static bool is_drawable(const Condition *c)
{
    if (c->raises)
        return false;
    switch (c->op) {
    case TEMPLATE_OP_LITERAL:
        return true;
    case TEMPLATE_OP_NOT:
        return is_drawable(c->first);
    case TEMPLATE_OP_AND:
    case TEMPLATE_OP_OR:
        return is_drawable(c->first) && is_drawable(c->second);
    default:
        return c->first->op == TEMPLATE_OP_LITERAL && c->second->op == TEMPLATE_OP_LITERAL;
    }
}

static const char *operator_name(TemplateOperator op)
{
    static const char *const names[] = {
        [TEMPLATE_OP_IN] = "IN",         [TEMPLATE_OP_NOT_IN] = "NOT_IN", [TEMPLATE_OP_IS] = "IS",
        [TEMPLATE_OP_IS_NOT] = "IS_NOT", [TEMPLATE_OP_EQ] = "EQ",         [TEMPLATE_OP_NE] = "NE",
        [TEMPLATE_OP_GT] = "GT",         [TEMPLATE_OP_GE] = "GE",         [TEMPLATE_OP_LT] = "LT",
        [TEMPLATE_OP_LE] = "LE",
    };
    return names[op];
}

/* Statements that leave the condition's truth in the bool `to`. */
static void put_condition(Generator *g, const Scope *scope, const Condition *c, const char *to)
{
    switch (c->op) {
    case TEMPLATE_OP_LITERAL:
        line(g, "{");
        g->indent++;
        line(g, "Value v;");
        if (c->expr->is_variable && c->expr->variable.lookups && !c->expr->nfilters) {
            Str found = lookup(g, scope, &c->expr->variable, "v");
            line(g, "%s = %.*s && template_truth(&v);", to, STR_FMT(found));
        } else {
            put_expr(g, scope, c->expr, true, "v");
            line(g, "%s = template_truth(&v);", to);
        }
        g->indent--;
        line(g, "}");
        return;
    case TEMPLATE_OP_NOT:
        put_condition(g, scope, c->first, to);
        line(g, "%s = !%s;", to, to);
        return;
    case TEMPLATE_OP_AND:
    case TEMPLATE_OP_OR:
        put_condition(g, scope, c->first, to);
        line(g, "if (%s%s) {", c->op == TEMPLATE_OP_OR ? "!" : "", to);
        g->indent++;
        put_condition(g, scope, c->second, to);
        g->indent--;
        line(g, "}");
        return;
    default:
        line(g, "{");
        g->indent++;
        line(g, "Value a, b;");
        put_expr(g, scope, c->first->expr, true, "a");
        put_expr(g, scope, c->second->expr, true, "b");
        line(g, "%s = template_compare(r, TEMPLATE_OP_%s, a, b);", to, operator_name(c->op));
        g->indent--;
        line(g, "}");
    }
}

/* --- nodes */

/* Whether a tag that may set names stands in this scope (not in one further in). */
static bool sets_names(TemplateNodes nodes)
{
    nodes = nodes_plain(nodes);
    for (size_t i = 0; i < nodes.n; i++) {
        const TemplateNode *node = nodes.p[i];
        switch ((NodeKind)node->kind) {
        case NODE_TAG:
            return true;
        case NODE_BODY:
        case NODE_AUTOESCAPE:
            if (sets_names(((const BodyNode *)node)->nodes))
                return true;
            break;
        case NODE_IF:
            for (size_t k = 0; k < ((const IfNode *)node)->n; k++)
                if (sets_names(((const IfNode *)node)->branches[k].nodes))
                    return true;
            break;
        default:
            break;
        }
    }
    return false;
}

static void put_list(Generator *g, const Scope *scope, TemplateNodes nodes);

/* A list within a node: its level is counted as the interpreter counts it. */
static void put_inner(Generator *g, const Scope *scope, TemplateNodes nodes, size_t node)
{
    if (nodes_number(nodes) >= 0)
        g->drawn[nodes_number(nodes)] = true;
    line(g, "template_enter(r);");
    put_list(g, scope, nodes);
    line(g, "template_leave(r, u->nodes[%zu]);", node);
}

static void put_for(Generator *g, const Scope *scope, const ForNode *n, size_t number)
{
    bool peeked = false;
    Scope inner = { .outer = scope,
                    .names = n->names,
                    .n = n->n,
                    .id = ++g->ids,
                    .is_loop = true,
                    .open = sets_names(n->body),
                    .peeked = n->n == 1 ? &peeked : NULL };
    Buf body = BUF_INIT(g->arena, GENERATED_MAX), *out = g->out;
    Scope empty = { .outer = scope, .open = sets_names(n->empty) };
    line(g, "TemplateLoop loop%u;", inner.id);
    const char *values = str_format(g->arena, "values%u", inner.id).p;
    line(g, "Value %s;", values);
    line(g, "r->node = u->nodes[%zu];", number);
    put_expr(g, scope, n->sequence, true, values);
    line(g, "if (template_loop_begin(r, &loop%u, u->nodes[%zu], &%s)) {", inner.id, number, values);
    g->indent++;
    if (nodes_number(n->body) >= 0)
        g->drawn[nodes_number(n->body)] = true;
    line(g, "template_enter(r);");
    line(g, "while (template_loop_next(r, &loop%u)) {", inner.id);
    g->indent++;
    g->out = &body;
    put_list(g, &inner, n->body);
    g->out = out;
    if (peeked) /* what is written meanwhile cannot change it, which a compiler cannot see */
        line(g, "const Map *row%u = template_peek_map(template_peek(r, loop%u.place));", inner.id, inner.id);
    buf_str(out, buf_view(&body));
    g->indent--;
    line(g, "}");
    line(g, "template_leave(r, u->nodes[%zu]);", number);
    g->indent--;
    line(g, "} else {");
    g->indent++;
    put_inner(g, &empty, n->empty, number);
    g->indent--;
    line(g, "}");
    line(g, "template_loop_end(r, &loop%u);", inner.id);
}

static void put_if(Generator *g, const Scope *scope, const IfNode *n, size_t number)
{
    size_t opened = 0;
    line(g, "r->node = u->nodes[%zu];", number);
    for (size_t i = 0; i < n->n; i++) {
        const Condition *c = n->branches[i].condition;
        if (c) {
            unsigned id = ++g->ids;
            line(g, "bool is%u;", id);
            if (is_drawable(c))
                put_condition(g, scope, c, str_format(g->arena, "is%u", id).p);
            else
                line(g, "is%u = template_condition(r, u->nodes[%zu], %zu);", id, number, i);
            line(g, "if (is%u) {", id);
            g->indent++;
        }
        put_inner(g, scope, n->branches[i].nodes, number);
        if (c) {
            g->indent--;
            line(g, i + 1 < n->n ? "} else {" : "}");
        }
        if (c && i + 1 < n->n) {
            g->indent++;
            opened++;
        }
    }
    for (; opened; opened--) {
        g->indent--;
        line(g, "}");
    }
}

static void put_with(Generator *g, const Scope *scope, const BodyNode *n, size_t number)
{
    Str *names = NEW_ARRAY(g->arena, Str, n->values.n);
    Scope inner = { .outer = scope, .names = names, .n = n->values.n, .id = ++g->ids, .open = sets_names(n->nodes) };
    line(g, "Value with%u[%zu];", inner.id, n->values.n);
    line(g, "r->node = u->nodes[%zu];", number);
    for (size_t i = 0; i < n->values.n; i++) {
        names[i] = n->values.p[i].name;
        put_expr(g, scope, n->values.p[i].value, false, str_format(g->arena, "with%u[%zu]", inner.id, i).p);
    }
    line(g, "const TemplateMark mark%u = template_push(r->context);", inner.id);
    line(g, "const uint32_t place%u = r->context->n;", inner.id);
    line(g, "(void)place%u;", inner.id);
    for (size_t i = 0; i < n->values.n; i++) {
        Str name = literal(g, names[i]);
        line(g, "template_set(r->context, %.*s, with%u[%zu]);", STR_FMT(name), inner.id, i);
    }
    put_inner(g, &inner, n->nodes, number);
    line(g, "template_pop(r->context, mark%u);", inner.id);
}

static void put_block(Generator *g, const Scope *scope, const TemplateNode *node, size_t number)
{
    const BodyNode *body = (const BodyNode *)node;
    switch ((NodeKind)node->kind) {
    case NODE_BODY:
        line(g, "r->node = u->nodes[%zu];", number);
        put_inner(g, scope, body->nodes, number);
        break;
    case NODE_AUTOESCAPE: {
        unsigned id = ++g->ids;
        line(g, "r->node = u->nodes[%zu];", number);
        line(g, "const bool escape%u = r->autoescape;", id);
        line(g, "r->autoescape = %s;", body->on ? "true" : "false");
        put_inner(g, scope, body->nodes, number);
        line(g, "r->autoescape = escape%u;", id);
        break;
    }
    case NODE_WITH:
        put_with(g, scope, body, number);
        break;
    case NODE_FOR:
        put_for(g, scope, (const ForNode *)node, number);
        break;
    default:
        put_if(g, scope, (const IfNode *)node, number);
    }
}

/* A variable and the text before it. */
static void put_variable(Generator *g, const Scope *scope, Str text, const TemplateNode *node, size_t number)
{
    const TemplateExpr *e = ((const VariableNode *)node)->expr;
    Str place = peek(g, scope, e);
    Buf b = BUF_INIT(g->arena, GENERATED_MAX);
    add_literal(&b, text, g->indent + 1);
    if (place.p) {
        line(g, "const Value *at = %.*s;", STR_FMT(place));
        line(g, "if (CLEF_UNLIKELY(!template_write_both(r, %.*s, %zu, at))) {", STR_FMT(buf_view(&b)), text.n);
        g->indent++;
    } else if (text.n) {
        line(g, "template_write_text(r, %.*s, %zu);", STR_FMT(buf_view(&b)), text.n);
    }
    line(g, "Value v;");
    line(g, "r->node = u->nodes[%zu];", number);
    put_expr(g, scope, e, false, "v");
    line(g, "template_write(r, &v);");
    if (place.p) {
        g->indent--;
        line(g, "}");
    }
}

static void put_node(Generator *g, const Scope *scope, Str before, const TemplateNode *node)
{
    size_t number;
    switch ((NodeKind)node->kind) {
    case NODE_TEXT: {
        Str text = ((const TextNode *)node)->text;
        Buf b = BUF_INIT(g->arena, GENERATED_MAX);
        add_literal(&b, text, g->indent + 1);
        line(g, "template_write_text(r, %.*s, %zu);", STR_FMT(buf_view(&b)), text.n);
        break;
    }
    case NODE_NOTHING:
        break;
    case NODE_VARIABLE:
    case NODE_BODY:
    case NODE_AUTOESCAPE:
    case NODE_WITH:
    case NODE_FOR:
    case NODE_IF:
        number = node_number(g, node);
        line(g, "{ /* line %u */", (unsigned)node->line);
        g->indent++;
        if (node->kind == NODE_VARIABLE)
            put_variable(g, scope, before, node, number);
        else
            put_block(g, scope, node, number);
        g->indent--;
        line(g, "}");
        break;
    default:
        line(g, "template_node(r, u->nodes[%zu]); /* line %u */", node_number(g, node), (unsigned)node->line);
    }
}

static void put_list(Generator *g, const Scope *scope, TemplateNodes nodes)
{
    nodes = nodes_plain(nodes);
    for (size_t i = 0; i < nodes.n; i++) {
        Str before = STR("");
        if (nodes.p[i]->kind == NODE_TEXT && i + 1 < nodes.n && nodes.p[i + 1]->kind == NODE_VARIABLE)
            before = ((const TextNode *)nodes.p[i++])->text;
        put_node(g, scope, before, nodes.p[i]);
    }
}

/* --- templates */

static void put_function(Generator *g, const ListNode *list, const char *table, size_t number)
{
    Buf inside = BUF_INIT(g->arena, GENERATED_MAX), *out = g->out;
    g->guesses = g->ids = 0;
    g->indent = 1;
    g->out = &inside;
    put_list(g, NULL, list->plain);
    g->out = out;
    if (list->dropped) /* the walk has marked what stands in it */
        return;
    buf_printf(out, "static void %s_%zu_%u(TemplateRender *r, const CompiledUnit *u)\n{\n    (void)u;\n", table, number,
               (unsigned)list->number);
    if (g->guesses)
        buf_printf(out, "    uint32_t guess[%u] = { 0 };\n", g->guesses < GUESSES ? g->guesses : GUESSES);
    buf_str(out, buf_view(&inside));
    BUF_LIT(out, "}\n\n");
}

static bool has_function(const Generator *g, const ListNode *list)
{
    return list->plain.n && !list->dropped && !g->drawn[list->number];
}

static uint64_t put_template(Context *cx, TemplateEngine *engine, const GeneratedSource *source, const char *table,
                             size_t number, Buf *out, uint32_t *nlists)
{
    Arena *a = cx->arena;
    TemplateTrace *trace = NEW(a, TemplateTrace);
    (void)template_traced(cx, engine, source->name, source->origin, source->text, trace);
    Generator g = { .arena = a, .out = out, .trace = trace, .drawn = NEW_ARRAY(a, bool, trace->lists.n + 1) };
    if (!str_contains(source->name, STR("*/")) && str_find_byte(source->name, '\n') == STR_NPOS)
        buf_printf(out, "/* %.*s */\n\n", STR_FMT(source->name));
    for (size_t i = 0; i < trace->lists.n; i++)
        if (trace->lists.p[i]->plain.n && !g.drawn[i])
            put_function(&g, trace->lists.p[i], table, number);
    buf_printf(out, "static CompiledListFn *const %s_%zu[] = {\n", table, number);
    for (size_t i = 0; i < trace->lists.n; i++)
        if (has_function(&g, trace->lists.p[i]))
            buf_printf(out, "    %s_%zu_%zu,\n", table, number, i);
        else
            BUF_LIT(out, "    NULL,\n");
    BUF_LIT(out, "};\n\n");
    *nlists = (uint32_t)trace->lists.n;
    return trace->check;
}

void template_generate_head(Buf *out)
{
    BUF_LIT(out, "/* Made of templates by Clef's compiletemplates: change the templates, not this file. */\n"
                 "#include <clef/template/compiled.h>\n\n");
}

void template_generate(Context *cx, TemplateEngine *engine, const GeneratedSource *sources, size_t n, const char *table,
                       Buf *out)
{
    uint64_t *checks = NEW_ARRAY(cx->arena, uint64_t, n + 1);
    uint32_t *nlists = NEW_ARRAY(cx->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        checks[i] = put_template(cx, engine, &sources[i], table, i, out, &nlists[i]);
    Generator g = { .arena = cx->arena, .indent = 1 };
    buf_printf(out, "extern const CompiledTemplate %s[];\nconst CompiledTemplate %s[] = {\n", table, table);
    for (size_t i = 0; i < n; i++) {
        Str name = sources[i].name.p ? literal(&g, sources[i].name) : STR("{ 0 }");
        Str origin = literal(&g, sources[i].origin), text = literal(&g, sources[i].text);
        buf_printf(out, "    { .name = %.*s,\n      .origin = %.*s,\n      .source = ", STR_FMT(name), STR_FMT(origin));
        buf_str(out, text);
        buf_printf(out, ",\n      .lists = %s_%zu, .nlists = %u, .check = %#llxu },\n", table, i, (unsigned)nlists[i],
                   (unsigned long long)checks[i]);
    }
    BUF_LIT(out, "    { .lists = NULL },\n};\n\n");
    if (out->failed)
        RAISE(cx, 500, "generated_code", "The C of the templates is larger than the buffer for it (%zu bytes)",
              out->max);
}
