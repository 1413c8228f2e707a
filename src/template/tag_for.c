/* tag_for.c: {% for %}: over lists in place, over objects by their cursor, and over what has no length by a copy. */
#include "template/nodes.h"
#include "template/tags.h"

/* The loop around it, as Django has it: a dict without entries when there is none. */
static Value parent_of(Arena *a, const TemplateForloop *l)
{
    return value_is_null(l->parent) ? value_map(map_new(a)) : l->parent;
}

static bool loop_item(Arena *a, const void *self, Value key, Value *out)
{
    const TemplateForloop *l = self;
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
        *out = parent_of(a, l);
    else
        return false;
    return true;
}

static Str loop_str(Arena *a, const void *self)
{
    const TemplateForloop *l = self;
    Buf b = BUF_INIT(a, TEXT_MAX);
    BUF_LIT(&b, "{'parentloop': ");
    write_repr(&b, a, parent_of(a, l));
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
    TemplateForloop *l = (TemplateForloop *)(uintptr_t)v.object;
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

void template_loop_stop(TemplateRender *r, const TemplateLoop *l)
{
    r->node = l->node;
    if (r->out->failed)
        template_too_much_output(r);
    template_raise(r, "LoopError",
                   "The loops of the template take more than %llu steps (the engine's limits.loop_steps)",
                   (unsigned long long)r->max_steps);
}

static inline void count_step(TemplateRender *r, const TemplateLoop *l)
{
    if (CLEF_UNLIKELY(++r->steps > r->max_steps || r->out->failed))
        template_loop_stop(r, l);
}

static void unpack(TemplateRender *r, const TemplateLoop *l, Value item)
{
    size_t len, at = 0;
    if (!value_length(item, &len))
        len = 1;
    if (len != l->names) {
        r->node = l->node;
        template_raise(r, "ValueError", "Need %u values to unpack in for loop; got %zu. ", (unsigned)l->names, len);
    }
    for (uint32_t i = 0; i < l->names; i++) {
        Value v;
        if (!value_next(r->arena, item, &at, &v))
            break;
        r->context->p[l->place + i].value = v;
    }
}

static List *copy_all(TemplateRender *r, const TemplateLoop *l, Value v)
{
    List *list = list_new(r->arena);
    Value item;
    for (size_t at = 0; value_next(r->arena, v, &at, &item);) {
        count_step(r, l);
        list_push(r->arena, list, item);
    }
    return list;
}

static CLEF_COLD size_t count_of(TemplateRender *r, TemplateLoop *l, const ForNode *n)
{
    if (!value_is_iterable(l->values))
        template_raise(r, "TypeError", "'%s' object is not iterable", value_type_name(l->values));
    if (!n->reversed && value_length(l->values, &l->n))
        return l->n;
    l->values = value_list(copy_all(r, l, l->values));
    return l->values.list->n;
}

bool template_loop_begin(TemplateRender *r, TemplateLoop *l, const TemplateNode *node, const Value *values)
{
    static const Str forloop = STR("forloop");
    const ForNode *n = (const ForNode *)node;
    TemplateContext *c = r->context;
    /* By members: the loops within loops begin often, and not all of the struct matters to all of them. */
    l->node = node;
    l->values = *values;
    l->mark = template_push(c);
    if (value_is_null(*values))
        return false;
    l->n = CLEF_LIKELY(values->tag == VALUE_LIST) ? values->list->n : count_of(r, l, n);
    if (!l->n)
        return false;
    l->at = l->cursor = 0;
    l->reversed = n->reversed;
    l->names = n->n;
    uint32_t hash = template_name_hash(forloop);
    const Value *outer = template_find(c, forloop, hash);
    TemplateForloop *f = arena_alloc(r->arena, sizeof *f);
    f->at = 0;
    f->n = l->n;
    f->parent = outer ? *outer : value_null();
    f->states = NULL;
    l->forloop = f;
    /* Places of their own, so that each step only stores a value. */
    context_add(c, (TemplateBinding){ .name = forloop, .hash = hash, .value = value_object(f, &loop_class) });
    l->place = c->n;
    for (uint32_t i = 0; i < n->n; i++)
        context_add(c, (TemplateBinding){ .name = n->names[i], .hash = n->hashes[i] });
    return true;
}

bool template_loop_next_any(TemplateRender *r, TemplateLoop *l)
{
    Value item;
    size_t i = l->at;
    if (i >= l->n)
        return false;
    count_step(r, l);
    if (l->names > 1)
        r->context->n = l->place + l->names;
    if (l->values.tag == VALUE_LIST) {
        if (i >= l->values.list->n)
            return false;
        item = l->values.list->p[l->reversed ? l->values.list->n - 1 - i : i];
    } else if (!value_next(r->arena, l->values, &l->cursor, &item)) {
        return false;
    }
    l->at = i + 1;
    l->forloop->at = i;
    if (l->names > 1)
        unpack(r, l, item);
    else
        r->context->p[l->place].value = item;
    return true;
}

void template_loop_end(TemplateRender *r, TemplateLoop *l) { template_pop(r->context, l->mark); }

static void render_for(TemplateRender *r, const TemplateNode *node)
{
    const ForNode *n = (const ForNode *)node;
    Value values = template_eval(r, n->sequence, true);
    TemplateLoop loop;
    if (!template_loop_begin(r, &loop, node, &values)) {
        template_render_nodes(r, n->empty);
    } else {
        template_enter(r);
        while (template_loop_next(r, &loop))
            render_each(r, n->body);
        template_leave(r, node);
    }
    template_loop_end(r, &loop);
}

TemplateNode *compile_for(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    Str contents = token->contents;
    if (w.n < 4)
        template_syntax_error(p, "'for' statements should have at least four words: %.*s", STR_FMT(contents));
    ForNode *n = TEMPLATE_NODE(p, ForNode, render_for);
    n->node.kind = NODE_FOR;
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
        n->hashes[n->n] = template_name_hash(name);
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
