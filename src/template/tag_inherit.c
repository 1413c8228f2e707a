/*
 * tag_inherit.c: {% extends %}, {% block %}, {% include %}, {% partialdef %}. Blocks of the templates in a chain stand
 * in one queue for each name, the root's first; a block renders the last of its queue, and block.super the one before.
 */
#include "template/nodes.h"
#include "template/tags.h"

struct BlockNode {
    TemplateNode node;
    Str name;
    TemplateNodes nodes;
    const Template *t;
};

typedef struct ExtendsNode {
    TemplateNode node;
    const TemplateExpr *parent;
    const Template *t;
} ExtendsNode;

typedef struct IncludeNode {
    TemplateNode node;
    const TemplateExpr *name;
    Assignments values;
    bool only;
    const Template *t;
} IncludeNode;

/* --- the variable `block` */

typedef struct BlockObject {
    TemplateRender *r;
    const BlockNode *block;
    bool has_context;
} BlockObject;

static void render_block_nodes(TemplateRender *r, const BlockNode *b);

static BlockQueue *queue_of(TemplateFrame *f, Str name)
{
    for (BlockQueue *q = f->blocks; q; q = q->next)
        if (str_eq(q->name, name))
            return q;
    return NULL;
}

static bool block_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    const BlockObject *o = self;
    if (!value_is_text(key))
        return false;
    if (str_eq(key.s, STR("name"))) {
        *out = value_str(o->block->name);
        return true;
    }
    if (!str_eq(key.s, STR("super")))
        return false;
    TemplateRender *r = o->r;
    if (!o->has_context)
        template_raise(
            r, "TemplateSyntaxError",
            "'BlockNode' object has no attribute 'context'. Did you use {{ block.super }} in a base template?");
    TemplateFrame *f = frame_state(r);
    BlockQueue *q = queue_of(f, o->block->name);
    *out = value_safe((SafeStr){ STR("") });
    if (f->has_blocks && q && q->n) {
        Buf *outer = r->out, b = render_buf(r);
        r->out = &b;
        render_block_nodes(r, o->block);
        r->out = outer;
        *out = value_safe((SafeStr){ render_text_of(r, &b) });
    }
    return true;
}

static const ValueClass block_class = { .name = "BlockNode", .item = block_item };

/* --- block */

static void render_block_nodes(TemplateRender *r, const BlockNode *b)
{
    TemplateFrame *f = frame_state(r);
    BlockQueue *q = f->has_blocks ? queue_of(f, b->name) : NULL;
    const BlockNode *shown = b;
    bool popped = q && q->n;
    if (popped)
        shown = q->p[--q->n];
    TemplateMark mark = template_push(r->context);
    BlockObject *o = NEW(r->arena, BlockObject);
    *o = (BlockObject){ r, shown, f->has_blocks };
    template_set(r->context, STR("block"), value_object(o, &block_class));
    const Template *t = r->frame->t;
    r->frame->t = shown->t;
    template_render_nodes(r, shown->nodes);
    r->frame->t = t;
    template_pop(r->context, mark);
    if (popped)
        q->p[q->n++] = shown;
}

static void render_block(TemplateRender *r, const TemplateNode *node)
{
    render_block_nodes(r, (const BlockNode *)node);
}

static void end_tag(TemplateParser *p, const char *end, Str name)
{
    TemplateToken t;
    if (!template_next_token(p, &t) || str_eq(t.contents, str_c(end)))
        return;
    Str named = str_format(p->arena, "%s %.*s", end, STR_FMT(name));
    if (!str_eq(t.contents, named))
        invalid_block_tag(p, &t, str_c(end), (const char *const[]){ end, named.p, NULL });
}

TemplateNode *compile_block_tag(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n != 2)
        template_syntax_error(p, "'%.*s' tag takes only one argument", STR_FMT(w.p[0]));
    BlockNode *b = TEMPLATE_NODE(p, BlockNode, render_block);
    b->node.kind = NODE_SCOPED;
    b->name = w.p[1];
    b->t = p->t;
    for (size_t i = 0; i < p->blocks.n; i++)
        if (str_eq(p->blocks.p[i]->name, b->name))
            template_syntax_error(p, "'%.*s' tag with name '%.*s' appears more than once", STR_FMT(w.p[0]),
                                  STR_FMT(b->name));
    VEC_PUSH(p->arena, &p->blocks, b);
    b->nodes = TEMPLATE_PARSE(p, "endblock");
    end_tag(p, "endblock", b->name);
    return &b->node;
}

/* --- extends */

static void add_blocks(TemplateRender *r, TemplateFrame *f, const Template *t)
{
    f->has_blocks = true;
    for (size_t i = 0; i < t->nblocks; i++) {
        BlockQueue *q = queue_of(f, t->blocks[i]->name);
        if (!q) {
            q = NEW(r->arena, BlockQueue);
            q->name = t->blocks[i]->name;
            q->next = f->blocks;
            f->blocks = q;
        }
        if (q->n == q->cap)
            q->p = vec_grow(r->arena, q->p, &q->cap, sizeof *q->p);
        memmove(q->p + 1, q->p, q->n * sizeof *q->p);
        q->p[0] = t->blocks[i];
        q->n++;
    }
}

static const Template *find_parent(TemplateRender *r, const ExtendsNode *n)
{
    Value v = template_eval(r, n->parent, false);
    if (!value_truth(v)) {
        Buf b = BUF_INIT(r->arena, 4096);
        write_repr(&b, r->arena, v);
        if (n->parent->nfilters || n->parent->is_variable)
            buf_printf(&b, ". Got this from the '%.*s' variable", STR_FMT(n->parent->token));
        template_raise(r, "TemplateSyntaxError", "Invalid template name in 'extends' tag: %.*s.",
                       STR_FMT(buf_view(&b)));
    }
    const Template *t = value_template(v);
    if (t)
        return t;
    TemplateFrame *f = frame_state(r);
    Str *history = NEW_ARRAY(r->arena, Str, f->nhistory + 2);
    for (size_t i = 0; i < f->nhistory; i++)
        history[i] = f->history[i];
    size_t count = f->nhistory;
    if (!count)
        history[count++] = f->t->origin;
    t = template_from_value(r, v, history, count);
    history[count++] = t->origin;
    f->history = history;
    f->nhistory = count;
    return t;
}

static void render_extends(TemplateRender *r, const TemplateNode *node)
{
    const ExtendsNode *n = (const ExtendsNode *)node;
    const Template *parent = find_parent(r, n);
    TemplateFrame *f = frame_state(r), frame;
    add_blocks(r, f, n->t);
    size_t i = 0;
    while (i < parent->nodes.n && parent->nodes.p[i]->is_text)
        i++;
    if (i < parent->nodes.n && parent->nodes.p[i]->render != render_extends)
        add_blocks(r, f, parent);
    render_template_in(r, parent, &frame, true);
}

/* The name that a relative path means in this template. `expr`: the text as it stands in the tag, quotes included. */
static Str relative_path(TemplateParser *p, TemplateRender *r, Str current, Str text, bool recursion)
{
    Arena *a = p ? p->arena : r->arena;
    Str path = str_trim_set(text, STR("'\""));
    if (!str_starts(path, STR("./")) && !str_starts(path, STR("../")))
        return text;
#define FAIL(...) (p ? template_syntax_error(p, __VA_ARGS__) : template_raise(r, "TemplateSyntaxError", __VA_ARGS__))
    if (current.n == 0)
        FAIL("The relative path %.*s cannot be evaluated due to an unknown template origin.", STR_FMT(text));
    while (current.n && current.p[0] == '/')
        current = str_from_byte(current, 1);
    VEC(Str) parts = { 0 };
    size_t slash = str_rfind_byte(current, '/');
    Str rest = slash == STR_NPOS ? (Str){ 0 } : str_slice(current, 0, slash), part;
    for (int round = 0; round < 2; round++, rest = path)
        while (str_cut(&rest, '/', &part)) {
            if (part.n == 0 || str_eq(part, STR(".")))
                continue;
            if (!str_eq(part, STR(".."))) {
                VEC_PUSH(a, &parts, part);
                continue;
            }
            if (parts.n == 0)
                FAIL("The relative path '%.*s' points outside the file hierarchy that template '%.*s' is in.",
                     STR_FMT(text), STR_FMT(current));
            parts.n--;
        }
    Buf b = BUF_INIT(a, TEXT_MAX);
    bool quoted = text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[text.n - 1] == text.p[0];
    for (size_t i = 0; i < parts.n; i++)
        buf_printf(&b, "%s%.*s", i ? "/" : "", STR_FMT(parts.p[i]));
    if (!recursion && str_eq(buf_view(&b), current))
        FAIL("The relative path '%.*s' was translated to template name '%.*s', the same template in which the tag "
             "appears.",
             STR_FMT(text), STR_FMT(current));
    return quoted ? str_format(a, "\"%.*s\"", STR_FMT(buf_view(&b))) : buf_view(&b);
#undef FAIL
}

TemplateNode *compile_extends(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 2)
        template_syntax_error(p, "'%.*s' takes one argument", STR_FMT(w.p[0]));
    ExtendsNode *n = TEMPLATE_NODE(p, ExtendsNode, render_extends);
    n->node.kind = NODE_EXTENDS;
    n->node.must_be_first = true;
    n->t = p->t;
    n->parent = template_compile_expr(p, relative_path(p, NULL, p->t->name, w.p[1], false));
    uint32_t before = ++p->nextends;
    TemplateNodes rest = template_parse(p, NULL);
    if (nodes_number(rest) >= 0)
        ((ListNode *)(uintptr_t)rest.p[0])->dropped = true;
    if (p->nextends != before)
        template_syntax_error(p, "'%.*s' cannot appear more than once in the same template", STR_FMT(w.p[0]));
    return &n->node;
}

/* --- include */

const Template *template_from_value(TemplateRender *r, Value v, const Str *skip, size_t nskip)
{
    const Template *t = value_template(v);
    TriedList tried = { 0 };
    Buf b = BUF_INIT(r->cx->arena, 1 << 16);
    if (t)
        return t;
    if (!value_truth(v))
        raise_not_found(r->cx, STR("No template names provided"), &tried);
    if (value_is_text(v)) {
        if ((t = engine_find(r->cx, r->engine, v.s, skip, nskip, &tried)) != NULL)
            return t;
        raise_not_found(r->cx, str_copy(r->cx->arena, template_missing_name(v.s)), &tried);
    }
    if (!value_is_null(v) && !value_is_iterable(v))
        template_raise(r, "TypeError", "'%s' object is not iterable", value_type_name(v));
    Value item;
    for (size_t at = 0; value_next(r->arena, v, &at, &item);) {
        if (item.tag == VALUE_MAP || (item.tag == VALUE_LIST && !(item.flags & LIST_TUPLE)))
            template_raise(r, "TypeError", "unhashable type: '%s'", value_type_name(item));
        item = template_text(r, item);
        if ((t = engine_find(r->cx, r->engine, item.s, skip, nskip, &tried)) != NULL)
            return t;
        buf_printf(&b, "%s%.*s", b.n ? ", " : "", STR_FMT(item.s));
    }
    raise_not_found(r->cx, b.n ? buf_view(&b) : STR("No template names provided"), &tried);
}

static void render_include(TemplateRender *r, const TemplateNode *node)
{
    const IncludeNode *n = (const IncludeNode *)node;
    Value v = template_eval(r, n->name, false);
    if (value_is_text(v)) {
        v.s = relative_path(NULL, r, n->t->name, v.s, true);
        if (v.s.n == 0)
            v = value_null();
    }
    const Template *t = template_from_value(r, v, NULL, 0);
    TemplateFrame frame;
    Value *values = n->values.n ? NEW_ARRAY(r->arena, Value, n->values.n) : NULL;
    for (size_t i = 0; i < n->values.n; i++)
        values[i] = template_eval(r, n->values.p[i].value, false);
    TemplateMark mark = n->only ? template_push_isolated(r->context) : template_push(r->context);
    for (size_t i = 0; i < n->values.n; i++)
        template_set(r->context, n->values.p[i].name, values[i]);
    render_template_in(r, t, &frame, false);
    template_pop(r->context, mark);
}

TemplateNode *compile_include(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "%.*s tag takes at least one argument: the name of the template to be included.",
                              STR_FMT(repr_text(p->arena, w.p[0])));
    IncludeNode *n = TEMPLATE_NODE(p, IncludeNode, render_include);
    n->node.kind = NODE_SCOPED;
    n->t = p->t;
    bool with = false;
    for (size_t i = 2; i < w.n;) {
        Str option = w.p[i++];
        if ((n->only && str_eq(option, STR("only"))) || (with && str_eq(option, STR("with"))))
            template_syntax_error(p, "The %.*s option was specified more than once.",
                                  STR_FMT(repr_text(p->arena, option)));
        if (str_eq(option, STR("with"))) {
            with = true;
            n->values = parse_assignments(p, w, &i, false);
            if (!n->values.n)
                template_syntax_error(p, "\"with\" in %.*s tag needs at least one keyword argument.",
                                      STR_FMT(repr_text(p->arena, w.p[0])));
        } else if (str_eq(option, STR("only"))) {
            n->only = true;
        } else {
            template_syntax_error(p, "Unknown argument for %.*s tag: %.*s.", STR_FMT(repr_text(p->arena, w.p[0])),
                                  STR_FMT(repr_text(p->arena, option)));
        }
    }
    n->name = template_compile_expr(p, relative_path(p, NULL, p->t->name, w.p[1], true));
    return &n->node;
}

/* --- partials */

struct PartialNode {
    TemplateNode node;
    Str name;
    TemplateNodes nodes;
    bool inline_;
};

typedef struct UsePartialNode {
    TemplateNode node;
    Str name;
    const Template *t;
} UsePartialNode;

static void render_partialdef(TemplateRender *r, const TemplateNode *node)
{
    const PartialNode *n = (const PartialNode *)node;
    if (n->inline_)
        template_render_nodes(r, n->nodes);
}

static void render_partial(TemplateRender *r, const TemplateNode *node)
{
    const UsePartialNode *n = (const UsePartialNode *)node;
    for (size_t i = 0; i < n->t->npartials; i++)
        if (str_eq(n->t->partials[i]->name, n->name)) {
            template_render_nodes(r, n->t->partials[i]->nodes);
            return;
        }
    template_raise(r, "TemplateSyntaxError", "Partial '%.*s' is not defined in the current template.",
                   STR_FMT(n->name));
}

const Template *template_partial(Arena *a, const Template *t, Str name)
{
    for (size_t i = 0; i < t->npartials; i++)
        if (str_eq(t->partials[i]->name, name)) {
            Template *part = NEW(a, Template);
            *part = *t;
            part->name = str_format(a, "%.*s#%.*s", STR_FMT(t->name), STR_FMT(name));
            part->body = t->partials[i]->nodes;
            part->nodes = nodes_plain(part->body);
            return part;
        }
    return NULL;
}

TemplateNode *compile_partialdef(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'partialdef' tag requires a name");
    if (w.n > 3)
        template_syntax_error(p, "'partialdef' tag takes at most 2 arguments");
    PartialNode *n = TEMPLATE_NODE(p, PartialNode, render_partialdef);
    n->name = w.p[1];
    n->inline_ = w.n >= 3 && str_eq(w.p[2], STR("inline"));
    if (w.n >= 3 && !n->inline_)
        template_syntax_error(p, "The 'inline' argument does not have any parameters; either use 'inline' or remove it "
                                 "completely.");
    Str named = str_format(p->arena, "endpartialdef %.*s", STR_FMT(n->name));
    n->nodes = template_parse(p, (const char *const[]){ "endpartialdef", named.p, NULL });
    end_tag(p, "endpartialdef", n->name);
    for (size_t i = 0; i < p->partials.n; i++)
        if (str_eq(p->partials.p[i]->name, n->name))
            template_syntax_error(p, "Partial '%.*s' is already defined in the '%.*s' template.", STR_FMT(n->name),
                                  STR_FMT(p->t->origin));
    VEC_PUSH(p->arena, &p->partials, n);
    return &n->node;
}

TemplateNode *compile_partial(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 2)
        template_syntax_error(p, "'partial' tag requires a single argument");
    UsePartialNode *n = TEMPLATE_NODE(p, UsePartialNode, render_partial);
    n->name = w.p[1];
    n->t = p->t;
    return &n->node;
}
