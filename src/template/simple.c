/*
 * simple.c: tags that are functions (simple_tag, simple_block_tag, inclusion_tag): their words are matched with the
 * table of parameters when the template is compiled, evaluated when it is rendered, and given to the function in the
 * table's order.
 */
#include "template/template.h"
#include <clef/codec/html.h>

enum { PARAMETERS_MAX = 16 };

typedef struct Parameter {
    Str name, default_;
    bool has_default, keyword_only;
} Parameter;

typedef struct Signature {
    Parameter p[PARAMETERS_MAX];
    size_t n;
    bool rest, named; /* "*args", "**kwargs" */
} Signature;

typedef struct SimpleNode {
    TemplateNode node;
    const TemplateSimpleTag *tag;
    const TemplateExpr **args; /* of each parameter */
    size_t nargs;
    const TemplateExpr **rest;
    size_t nrest;
    const Assignment *named;
    size_t nnamed;
    Str target; /* `as name`; NULL string: none */
    TemplateNodes nodes;
} SimpleNode;

static void read_signature(TemplateParser *p, const TemplateSimpleTag *tag, Signature *out)
{
    bool keyword_only = false;
    *out = (Signature){ .n = 0 };
    for (const char *const *at = tag->parameters; at && *at; at++) {
        Str s = str_c(*at);
        if (str_starts(s, STR("**"))) {
            out->named = true;
        } else if (str_starts(s, STR("*"))) {
            out->rest = s.n > 1;
            keyword_only = true;
        } else {
            if (out->n == PARAMETERS_MAX)
                template_syntax_error(p, "'%s' has more than %d parameters", tag->name, PARAMETERS_MAX);
            Parameter *parameter = &out->p[out->n++];
            size_t equals = str_find_byte(s, '=');
            *parameter = (Parameter){ .name = str_slice(s, 0, equals), .keyword_only = keyword_only };
            parameter->has_default = equals != STR_NPOS;
            if (parameter->has_default)
                parameter->default_ = str_from_byte(s, equals + 1);
        }
    }
}

static const Parameter *find_parameter(const Signature *s, Str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->p[i].name, name))
            return &s->p[i];
    return NULL;
}

static bool is_given(const Assignment *p, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(p[i].name, name))
            return true;
    return false;
}

/* Django looks at the parameters that were not handled, and takes off the end as many as have a default. */
static void check_missing(TemplateParser *p, const char *name, const Signature *s, const SimpleNode *n,
                          const Assignment *given, size_t ngiven, size_t positional)
{
    Buf b = BUF_INIT(p->arena, 4096);
    size_t defaults = 0, missing = 0, at = 0, place = 0;
    (void)n;
    for (size_t i = 0; i < s->n; i++)
        if (!s->p[i].keyword_only) {
            defaults += s->p[i].has_default;
            missing += at++ >= positional && !is_given(given, ngiven, s->p[i].name);
        }
    size_t shown = missing > defaults ? missing - defaults : 0;
    at = 0;
    for (size_t i = 0; i < s->n; i++) {
        bool wanted;
        if (s->p[i].keyword_only)
            wanted = !s->p[i].has_default && !is_given(given, ngiven, s->p[i].name);
        else
            wanted = at++ >= positional && !is_given(given, ngiven, s->p[i].name) && place++ < shown;
        if (wanted)
            buf_printf(&b, "%s'%.*s'", b.n ? ", " : "", STR_FMT(s->p[i].name));
    }
    if (b.n)
        template_syntax_error(p, "'%s' did not receive value(s) for the argument(s): %.*s", name,
                              STR_FMT(buf_view(&b)));
}

static void read_words(TemplateParser *p, TemplateWords w, const char *name, const Signature *s, SimpleNode *n)
{
    VEC(Assignment) given = { 0 };
    VEC(const TemplateExpr *) positional = { 0 };
    size_t places = 0;
    for (size_t i = 0; i < s->n; i++)
        places += !s->p[i].keyword_only;
    for (size_t i = 1; i < w.n; i++) {
        Str keyword, value;
        if (split_keyword(w.p[i], &keyword, &value)) {
            const TemplateExpr *e = template_compile_expr(p, value);
            if (!find_parameter(s, keyword) && !s->named)
                template_syntax_error(p, "'%s' received unexpected keyword argument '%.*s'", name, STR_FMT(keyword));
            const Parameter *parameter = find_parameter(s, keyword);
            bool again = parameter && !parameter->keyword_only && (size_t)(parameter - s->p) < positional.n;
            if (again || is_given(given.p, given.n, keyword))
                template_syntax_error(p, "'%s' received multiple values for keyword argument '%.*s'", name,
                                      STR_FMT(keyword));
            VEC_PUSH(p->arena, &given, (Assignment){ keyword, e });
            continue;
        }
        if (given.n)
            template_syntax_error(p, "'%s' received some positional argument(s) after some keyword argument(s)", name);
        VEC_PUSH(p->arena, &positional, template_compile_expr(p, w.p[i]));
        if (positional.n > places && !s->rest)
            template_syntax_error(p, "'%s' received too many positional arguments", name);
    }
    check_missing(p, name, s, n, given.p, given.n, positional.n);

    VEC(Assignment) named = { 0 };
    n->nargs = s->n;
    n->args = NEW_ARRAY(p->arena, const TemplateExpr *, s->n + 1);
    for (size_t i = 0, at = 0; i < s->n; i++)
        if (!s->p[i].keyword_only && at < positional.n)
            n->args[i] = positional.p[at++];
    for (size_t i = 0; i < given.n; i++) {
        const Parameter *parameter = find_parameter(s, given.p[i].name);
        if (parameter)
            n->args[parameter - s->p] = given.p[i].value;
        else
            VEC_PUSH(p->arena, &named, given.p[i]);
    }
    for (size_t i = 0; i < s->n; i++)
        if (!n->args[i] && s->p[i].has_default)
            n->args[i] = template_compile_expr(p, s->p[i].default_);
    if (positional.n > places) {
        n->rest = positional.p + places;
        n->nrest = positional.n - places;
    }
    n->named = named.p;
    n->nnamed = named.n;
}

/* --- rendering */

static void evaluate(TemplateRender *r, const SimpleNode *n, TemplateTagCall *c)
{
    Value *args = NEW_ARRAY(r->arena, Value, n->nargs + n->nrest + 1);
    TemplateNamed *named = NEW_ARRAY(r->arena, TemplateNamed, n->nnamed + 1);
    for (size_t i = 0; i < n->nargs; i++)
        args[i] = n->args[i] ? template_eval(r, n->args[i], false) : value_null();
    for (size_t i = 0; i < n->nrest; i++)
        args[n->nargs + i] = template_eval(r, n->rest[i], false);
    for (size_t i = 0; i < n->nnamed; i++)
        named[i] = (TemplateNamed){ n->named[i].name, template_eval(r, n->named[i].value, false) };
    *c = (TemplateTagCall){
        .r = r, .args = args, .rest = args + n->nargs, .nrest = n->nrest, .named = named, .nnamed = n->nnamed
    };
}

static void render_simple(TemplateRender *r, const TemplateNode *node)
{
    const SimpleNode *n = (const SimpleNode *)node;
    TemplateTagCall c;
    evaluate(r, n, &c);
    if (n->tag->block)
        c.content = (SafeStr){ template_capture(r, n->nodes) };
    Value v = n->tag->fn(&c);
    if (n->target.p) {
        template_set(r->context, n->target, v);
        return;
    }
    v = template_text(r, v);
    if (r->autoescape && v.tag != VALUE_SAFE)
        html_escape_add(r->out, v.s);
    else
        buf_str(r->out, v.s);
}

static void render_inclusion(TemplateRender *r, const TemplateNode *node)
{
    const SimpleNode *n = (const SimpleNode *)node;
    TemplateTagCall c;
    evaluate(r, n, &c);
    TemplateContext inner, *outer = r->context;
    template_context_init(&inner, r->arena, r->request);
    n->tag->inclusion(&c, &inner);
    Value token;
    if (template_lookup(outer, STR("csrf_token"), &token) && !value_is_null(token))
        template_set(&inner, STR("csrf_token"), token);
    const Template *t = template_from_value(r, value_str(str_c(n->tag->template_name)), NULL, 0);
    TemplateFrame frame;
    r->context = &inner;
    render_template_in(r, t, &frame, false);
    r->context = outer;
}

TemplateNode *compile_simple(TemplateParser *p, const TemplateToken *token, const TemplateSimpleTag *tag)
{
    TemplateWords w = template_split(p, token);
    Signature *s = NEW(p->arena, Signature);
    SimpleNode *n = TEMPLATE_NODE(p, SimpleNode, tag->inclusion ? render_inclusion : render_simple);
    n->tag = tag;
    if (!tag->inclusion && w.n >= 3 && str_eq(w.p[w.n - 2], STR("as"))) {
        n->target = w.p[w.n - 1];
        w.n -= 2;
    }
    read_signature(p, tag, s);
    read_words(p, w, tag->name, s, n);
    if (tag->block) {
        const char *end = tag->end ? tag->end : str_format(p->arena, "end%s", tag->name).p;
        TemplateToken end_token;
        n->nodes = TEMPLATE_PARSE(p, end);
        (void)template_next_token(p, &end_token);
    }
    return &n->node;
}
