/* tag_for.c: {% for %}: over lists in place, over objects by their cursor, and over what has no length by a copy. */
#include "template/tags.h"

enum { LOOP_VARIABLES = 16 };

typedef struct ForNode {
    TemplateNode node;
    const TemplateExpr *sequence;
    Str names[LOOP_VARIABLES];
    uint32_t hashes[LOOP_VARIABLES];
    uint32_t n;
    bool reversed;
    TemplateNodes body, empty;
} ForNode;

/* The variable `forloop`. */
typedef struct Loop {
    uint64_t at, n;
    Value parent;
    NodeState *states;
} Loop;

static bool loop_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    const Loop *l = self;
    if (!value_is_text(key))
        return false;
    Str s = key.s;
    if (str_eq(s, STR("counter")))
        *out = value_int((int64_t)l->at + 1);
    else if (str_eq(s, STR("counter0")))
        *out = value_int((int64_t)l->at);
    else if (str_eq(s, STR("revcounter")))
        *out = value_int((int64_t)(l->n - l->at));
    else if (str_eq(s, STR("revcounter0")))
        *out = value_int((int64_t)(l->n - l->at) - 1);
    else if (str_eq(s, STR("first")))
        *out = value_bool(l->at == 0);
    else if (str_eq(s, STR("last")))
        *out = value_bool(l->at + 1 == l->n);
    else if (str_eq(s, STR("length")))
        *out = value_int((int64_t)l->n);
    else if (str_eq(s, STR("parentloop")))
        *out = l->parent;
    else
        return false;
    return true;
}

static Str loop_str(Arena *a, const void *self)
{
    const Loop *l = self;
    Buf b = BUF_INIT(a, TEXT_MAX);
    BUF_LIT(&b, "{'parentloop': ");
    write_repr(&b, a, l->parent);
    buf_printf(&b, ", 'length': %llu, 'counter0': %llu, 'counter': %llu, 'revcounter': %llu, 'revcounter0': %llu",
               (unsigned long long)l->n, (unsigned long long)l->at, (unsigned long long)l->at + 1,
               (unsigned long long)(l->n - l->at), (unsigned long long)(l->n - l->at - 1));
    buf_printf(&b, ", 'first': %s, 'last': %s}", l->at ? "False" : "True", l->at + 1 == l->n ? "True" : "False");
    return buf_view(&b);
}

static const ValueClass loop_class = { .name = "dict", .item = loop_item, .str = loop_str };

void *loop_state(TemplateRender *r, const TemplateNode *node, size_t size)
{
    Value v;
    if (!template_lookup(r->context, STR("forloop"), &v) || v.tag != VALUE_OBJECT || v.cls != &loop_class)
        return template_state(r, node, size);
    Loop *l = (Loop *)(uintptr_t)v.object;
    for (NodeState *s = l->states; s; s = s->next)
        if (s->node == node && s->caller == r->frame->caller)
            return s + 1;
    NodeState *s = arena_zalloc(r->arena, sizeof *s + size);
    s->node = node;
    s->caller = r->frame->caller; /* each include has a state of its own */
    s->next = l->states;
    l->states = s;
    return s + 1;
}

static void count_step(TemplateRender *r)
{
    if (CLEF_UNLIKELY(++r->steps > r->engine->options.limits.loop_steps))
        template_raise(r, "LoopError",
                       "The loops of the template take more than %llu steps (the engine's limits.loop_steps)",
                       (unsigned long long)r->engine->options.limits.loop_steps);
    if (CLEF_UNLIKELY(r->out->failed))
        template_raise(r, "OutputError", "The output is larger than %llu bytes (the engine's limits.output_bytes)",
                       (unsigned long long)r->engine->options.limits.output_bytes);
}

static void unpack(TemplateRender *r, const ForNode *n, uint32_t first, Value item)
{
    size_t len, at = 0;
    if (!value_length(item, &len))
        len = 1;
    if (len != n->n)
        template_raise(r, "ValueError", "Need %u values to unpack in for loop; got %zu. ", (unsigned)n->n, len);
    for (uint32_t i = 0; i < n->n; i++) {
        Value v;
        if (!value_next(r->arena, item, &at, &v))
            break;
        r->context->p[first + i].value = v;
    }
}

static List *copy_all(TemplateRender *r, Value v)
{
    List *l = list_new(r->arena);
    Value item;
    for (size_t at = 0; value_next(r->arena, v, &at, &item);) {
        count_step(r);
        list_push(r->arena, l, item);
    }
    return l;
}

static void run(TemplateRender *r, const ForNode *n, Value values, size_t count)
{
    TemplateContext *c = r->context;
    Loop *loop = NEW(r->arena, Loop);
    loop->n = count;
    if (!template_lookup(c, STR("forloop"), &loop->parent))
        loop->parent = value_map(map_new(r->arena));
    template_set(c, STR("forloop"), value_object(loop, &loop_class));
    uint32_t first = c->n;
    static const Value none = { 0 };
    for (uint32_t i = 0; i < n->n; i++) { /* places of their own, so that each step only stores a value */
        template_set_map(c, NULL);
        c->p[c->n - 1] = (TemplateBinding){ .name = n->names[i], .value = none, .hash = n->hashes[i] };
    }
    size_t cursor = 0;
    for (size_t i = 0; i < count; i++) {
        Value item;
        count_step(r);
        if (CLEF_LIKELY(values.tag == VALUE_LIST)) {
            if (i >= values.list->n)
                break;
            item = values.list->p[n->reversed ? values.list->n - 1 - i : i];
        } else if (!value_next(r->arena, values, &cursor, &item)) {
            break;
        }
        loop->at = i;
        if (n->n > 1) {
            unpack(r, n, first, item);
            template_render_nodes(r, n->body);
            c->n = first + n->n;
        } else {
            c->p[first].value = item;
            template_render_nodes(r, n->body);
        }
    }
}

static void render_for(TemplateRender *r, const TemplateNode *node)
{
    const ForNode *n = (const ForNode *)node;
    Value values = template_eval(r, n->sequence, true);
    size_t count = 0;
    TemplateMark mark = template_push(r->context);
    if (!value_is_null(values)) {
        if (!value_is_iterable(values))
            template_raise(r, "TypeError", "'%s' object is not iterable", value_type_name(values));
        if ((n->reversed && values.tag != VALUE_LIST) || !value_length(values, &count)) {
            values = value_list(copy_all(r, values));
            count = values.list->n;
        }
    }
    if (count)
        run(r, n, values, count);
    else
        template_render_nodes(r, n->empty);
    template_pop(r->context, mark);
}

TemplateNode *compile_for(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    Str contents = token->contents;
    if (w.n < 4)
        template_syntax_error(p, "'for' statements should have at least four words: %.*s", STR_FMT(contents));
    ForNode *n = TEMPLATE_NODE(p, ForNode, render_for);
    n->reversed = str_eq(w.p[w.n - 1], STR("reversed"));
    size_t in = n->reversed ? w.n - 3 : w.n - 2;
    if (!str_eq(w.p[in], STR("in")))
        template_syntax_error(p, "'for' statements should use the format 'for x in y': %.*s", STR_FMT(contents));
    Buf names = BUF_INIT(p->arena, contents.n + 1);
    buf_add(&names, "", 0);
    for (size_t i = 1; i < in; i++) {
        if (i > 1)
            buf_byte(&names, ' ');
        buf_str(&names, w.p[i]);
    }
    Str rest = buf_view(&names), name;
    while (str_cut(&rest, ',', &name)) {
        name = str_trim(name);
        bool bad = name.n == 0;
        for (size_t i = 0; i < name.n; i++)
            bad |= strchr(" \"'|", name.p[i]) != NULL;
        if (bad)
            template_syntax_error(p, "'for' tag received an invalid argument: %.*s", STR_FMT(contents));
        if (n->n == LOOP_VARIABLES)
            template_syntax_error(p, "'for' tag with more than %d variables: %.*s", LOOP_VARIABLES, STR_FMT(contents));
        n->hashes[n->n] = name_hash(name);
        n->names[n->n++] = name;
    }
    n->sequence = template_compile_expr(p, w.p[in + 1]);
    n->body = TEMPLATE_PARSE(p, "empty", "endfor");
    TemplateToken t;
    if (template_next_token(p, &t) && str_eq(t.contents, STR("empty"))) {
        n->empty = TEMPLATE_PARSE(p, "endfor");
        (void)template_next_token(p, &t);
    }
    return &n->node;
}
