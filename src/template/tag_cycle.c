/* tag_cycle.c: tags that remember: cycle, resetcycle, ifchanged; and regroup and firstof, which choose. */
#include "template/tags.h"

typedef struct CycleNode {
    TemplateNode node;
    const TemplateExpr **values;
    size_t n;
    Str name; /* NULL string: none */
    bool silent;
} CycleNode;

typedef struct CycleState {
    size_t next;
} CycleState;

static void render_cycle(TemplateRender *r, const TemplateNode *node)
{
    const CycleNode *n = (const CycleNode *)node;
    CycleState *s = template_state(r, node, sizeof *s);
    Value v = template_eval(r, n->values[s->next], false);
    s->next = (s->next + 1) % n->n;
    if (n->name.p)
        template_set_upward(r->context, n->name, v);
    if (!n->silent)
        template_write_value(r, v);
}

typedef struct CycleUseNode {
    TemplateNode node;
    TemplateNode *cycle;
} CycleUseNode;

static void render_cycle_use(TemplateRender *r, const TemplateNode *node)
{
    render_cycle(r, ((const CycleUseNode *)node)->cycle);
}

static void render_resetcycle(TemplateRender *r, const TemplateNode *node)
{
    CycleState *s = template_state(r, ((const CycleUseNode *)node)->cycle, sizeof *s);
    s->next = 0;
}

static TemplateNode *named_cycle(TemplateParser *p, Str name)
{
    for (size_t i = p->cycles.n; i-- > 0;)
        if (str_eq(p->cycles.p[i].name, name))
            return p->cycles.p[i].node;
    return NULL;
}

TemplateNode *compile_cycle(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'cycle' tag requires at least two arguments");
    if (w.n == 2) {
        if (!p->cycles.n)
            template_syntax_error(p, "No named cycles in template. '%.*s' is not defined", STR_FMT(w.p[1]));
        CycleUseNode *use = TEMPLATE_NODE(p, CycleUseNode, render_cycle_use);
        if (!(use->cycle = named_cycle(p, w.p[1])))
            template_syntax_error(p, "Named cycle '%.*s' does not exist", STR_FMT(w.p[1]));
        return &use->node;
    }
    CycleNode *n = TEMPLATE_NODE(p, CycleNode, render_cycle);
    size_t end = w.n;
    if (w.n > 4 && str_eq(w.p[w.n - 3], STR("as"))) {
        if (!str_eq(w.p[w.n - 1], STR("silent")))
            template_syntax_error(p, "Only 'silent' flag is allowed after cycle's name, not '%.*s'.",
                                  STR_FMT(w.p[w.n - 1]));
        n->silent = true;
        end--;
    }
    if (end >= 4 && str_eq(w.p[end - 2], STR("as"))) {
        n->name = w.p[end - 1];
        end -= 2;
    }
    n->n = end - 1;
    n->values = NEW_ARRAY(p->arena, const TemplateExpr *, n->n);
    for (size_t i = 0; i < n->n; i++)
        n->values[i] = template_compile_expr(p, w.p[i + 1]);
    if (n->name.p)
        VEC_PUSH(p->arena, &p->cycles, (NamedCycle){ n->name, &n->node });
    p->last_cycle = &n->node;
    return &n->node;
}

TemplateNode *compile_resetcycle(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n > 2)
        template_syntax_error(p, "%.*s tag accepts at most one argument.", STR_FMT(w.p[0]));
    CycleUseNode *n = TEMPLATE_NODE(p, CycleUseNode, render_resetcycle);
    if (w.n == 2) {
        if (!(n->cycle = named_cycle(p, w.p[1])))
            template_syntax_error(p, "Named cycle '%.*s' does not exist.", STR_FMT(w.p[1]));
    } else if (!(n->cycle = p->last_cycle)) {
        template_syntax_error(p, "No cycles in template.");
    }
    return &n->node;
}

/* --- ifchanged */

typedef struct IfChangedNode {
    TemplateNode node;
    const TemplateExpr **values;
    size_t n;
    TemplateNodes nodes, otherwise;
} IfChangedNode;

typedef struct IfChangedState {
    bool seen;
    Str text;      /* of the body */
    Value *values; /* of the expressions */
} IfChangedState;

static void render_ifchanged(TemplateRender *r, const TemplateNode *node)
{
    const IfChangedNode *n = (const IfChangedNode *)node;
    IfChangedState *s = loop_state(r, node, sizeof *s);
    bool changed = !s->seen;
    Str text = { 0 };
    if (n->n) {
        bool first = !s->values;
        if (first)
            s->values = NEW_ARRAY(r->arena, Value, n->n);
        for (size_t i = 0; i < n->n; i++) {
            Value v = template_eval(r, n->values[i], true);
            changed |= first || !python_eq(v, s->values[i]);
            s->values[i] = v;
        }
    } else {
        text = template_capture(r, n->nodes);
        changed |= !str_eq(text, s->text);
        s->text = text;
    }
    s->seen = true;
    if (!changed)
        template_render_nodes(r, n->otherwise);
    else if (n->n)
        template_render_nodes(r, n->nodes);
    else
        buf_str(r->out, text);
}

TemplateNode *compile_ifchanged(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    IfChangedNode *n = TEMPLATE_NODE(p, IfChangedNode, render_ifchanged);
    n->nodes = TEMPLATE_PARSE(p, "else", "endifchanged");
    TemplateToken t;
    if (template_next_token(p, &t) && str_eq(t.contents, STR("else"))) {
        n->otherwise = TEMPLATE_PARSE(p, "endifchanged");
        (void)template_next_token(p, &t);
    }
    n->n = w.n - 1;
    n->values = NEW_ARRAY(p->arena, const TemplateExpr *, w.n);
    for (size_t i = 0; i < n->n; i++)
        n->values[i] = template_compile_expr(p, w.p[i + 1]);
    return &n->node;
}

/* --- regroup */

typedef struct RegroupNode {
    TemplateNode node;
    const TemplateExpr *target, *by;
    Str item, name;
} RegroupNode;

/* One group: it has the names `grouper` and `list`, and is a pair to unpack. */
typedef struct Group {
    Value grouper, list;
} Group;

static bool group_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    const Group *g = self;
    int64_t i = -1;
    if (value_is_text(key))
        i = str_eq(key.s, STR("grouper")) ? 0 : str_eq(key.s, STR("list")) ? 1 : -1;
    else if (!value_to_int(key, &i))
        return false;
    if (i != 0 && i != 1)
        return false;
    *out = i ? g->list : g->grouper;
    return true;
}

static bool group_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    return group_item(a, self, value_int((int64_t)*cursor), out) && ++*cursor;
}

static bool group_length(const void *self, size_t *out)
{
    (void)self;
    *out = 2;
    return true;
}

static Str group_str(Arena *a, const void *self)
{
    const Group *g = self;
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_c(&b, "GroupedResult(grouper=");
    write_repr(&b, a, g->grouper);
    buf_c(&b, ", list=");
    write_repr(&b, a, g->list);
    buf_byte(&b, ')');
    return buf_view(&b);
}

static const ValueClass group_class = {
    .name = "GroupedResult", .str = group_str, .item = group_item, .next = group_next, .length = group_length
};

static Value group(TemplateRender *r, Value key, List *members)
{
    Group *g = NEW(r->arena, Group);
    *g = (Group){ key, value_list(members) };
    return value_object(g, &group_class);
}

static void render_regroup(TemplateRender *r, const TemplateNode *node)
{
    const RegroupNode *n = (const RegroupNode *)node;
    Value target = template_eval(r, n->target, true), item, key = { 0 };
    List *groups = list_new(r->arena), *members = NULL;
    if (!value_is_null(target) && !value_is_iterable(target))
        template_raise(r, "TypeError", "'%s' object is not iterable", value_type_name(target));
    for (size_t at = 0; value_next(r->arena, target, &at, &item);) {
        template_set(r->context, n->item, item);
        Value k = template_eval(r, n->by, true);
        if (!members || !python_eq(k, key)) {
            members = list_new(r->arena);
            list_push(r->arena, groups, group(r, k, members));
            key = k;
        }
        list_push(r->arena, members, item);
    }
    template_set(r->context, n->name, value_list(groups));
}

TemplateNode *compile_regroup(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 6)
        template_syntax_error(p, "'regroup' tag takes five arguments");
    if (!str_eq(w.p[2], STR("by")))
        template_syntax_error(p, "second argument to 'regroup' tag must be 'by'");
    if (!str_eq(w.p[4], STR("as")))
        template_syntax_error(p, "next-to-last argument to 'regroup' tag must be 'as'");
    RegroupNode *n = TEMPLATE_NODE(p, RegroupNode, render_regroup);
    n->target = template_compile_expr(p, w.p[1]);
    n->name = n->item = w.p[5];
    n->by = template_compile_expr(p, str_format(p->arena, "%.*s.%.*s", STR_FMT(w.p[5]), STR_FMT(w.p[3])));
    return &n->node;
}

/* --- firstof */

typedef struct FirstOfNode {
    TemplateNode node;
    const TemplateExpr **values;
    size_t n;
    Str name;
} FirstOfNode;

static void render_firstof(TemplateRender *r, const TemplateNode *node)
{
    const FirstOfNode *n = (const FirstOfNode *)node;
    Value v = { 0 };
    size_t i = 0;
    while (i < n->n && !value_truth(v = template_eval(r, n->values[i], true)))
        i++;
    if (n->name.p) {
        Buf *outer = r->out, b = render_buf(r);
        r->out = &b;
        if (i < n->n)
            template_write_value(r, v);
        r->out = outer;
        Str text = render_text_of(r, &b);
        template_set(r->context, n->name, r->autoescape ? value_safe((SafeStr){ text }) : value_str(text));
    } else if (i < n->n) {
        template_write_value(r, v);
    }
}

TemplateNode *compile_firstof(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'firstof' statement requires at least one argument");
    FirstOfNode *n = TEMPLATE_NODE(p, FirstOfNode, render_firstof);
    n->n = w.n - 1;
    if (w.n >= 4 && str_eq(w.p[w.n - 2], STR("as"))) {
        n->name = w.p[w.n - 1];
        n->n -= 2;
    }
    n->values = NEW_ARRAY(p->arena, const TemplateExpr *, n->n + 1);
    for (size_t i = 0; i < n->n; i++)
        n->values[i] = template_compile_expr(p, w.p[i + 1]);
    return &n->node;
}
