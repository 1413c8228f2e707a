/* tag_output.c: tags that write something of their own: csrf_token, now, templatetag, widthratio, url. */
#include "template/tags.h"
#include <clef/base/double.h>
#include <clef/codec/html.h>
#include <clef/http/request.h>
#include <clef/http/site.h>
#include <clef/i18n.h>

#include <math.h>

typedef struct PlainNode {
    TemplateNode node;
    Str text;
} PlainNode;

static void render_csrf_token(TemplateRender *r, const TemplateNode *node)
{
    (void)node;
    Value v;
    if (!template_lookup(r->context, STR("csrf_token"), &v) || !value_truth(v) ||
        (value_is_text(v) && str_eq(v.s, STR("NOTPROVIDED"))))
        return;
    BUF_LIT(r->out, "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"");
    write_escaped(r, r->out, v);
    BUF_LIT(r->out, "\">");
}

TemplateNode *compile_csrf_token(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    PlainNode *n = TEMPLATE_NODE(p, PlainNode, render_csrf_token);
    return &n->node;
}

static void render_plain(TemplateRender *r, const TemplateNode *node)
{
    buf_str(r->out, ((const PlainNode *)node)->text);
}

TemplateNode *compile_templatetag(TemplateParser *p, const TemplateToken *token)
{
    static const Str names[][2] = {
        { STR("openblock"), STR("{%") },     { STR("closeblock"), STR("%}") },   { STR("openvariable"), STR("{{") },
        { STR("closevariable"), STR("}}") }, { STR("openbrace"), STR("{") },     { STR("closebrace"), STR("}") },
        { STR("opencomment"), STR("{#") },   { STR("closecomment"), STR("#}") },
    };
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n != 2)
        template_syntax_error(p, "'templatetag' statement takes one argument");
    PlainNode *n = TEMPLATE_NODE(p, PlainNode, render_plain);
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_eq(names[i][0], w.p[1])) {
            n->text = names[i][1];
            return &n->node;
        }
    template_syntax_error(p,
                          "Invalid templatetag argument: '%.*s'. Must be one of: ['openblock', 'closeblock', "
                          "'openvariable', 'closevariable', 'openbrace', 'closebrace', 'opencomment', 'closecomment']",
                          STR_FMT(w.p[1]));
}

/* --- now */

typedef struct NowNode {
    TemplateNode node;
    Str format, name;
} NowNode;

static void render_now_tag(TemplateRender *r, const TemplateNode *node)
{
    const NowNode *n = (const NowNode *)node;
    const Locale *l = r->locale;
    DateTime t = render_now(r);
    Buf b = render_buf(r);
    char letter;
    Value v = value_datetime(t, l->zone);
    NaiveDateTime local;
    if (!l->use_tz && timezone_local(l->default_zone, t, &local, NULL))
        v = value_naive(local);
    (void)!date_format_add(&b, v, format_or(l->formats, n->format), false, l, &letter);
    if (n->name.p)
        template_set(r->context, n->name, value_str(render_text_of(r, &b)));
    else
        buf_str(r->out, render_text_of(r, &b));
}

TemplateNode *compile_now(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    NowNode *n = TEMPLATE_NODE(p, NowNode, render_now_tag);
    if (w.n == 4 && str_eq(w.p[2], STR("as"))) {
        n->name = w.p[3];
        w.n = 2;
    }
    if (w.n != 2)
        template_syntax_error(p, "'now' statement takes one argument");
    n->format = str_slice(w.p[1], 1, w.p[1].n ? w.p[1].n - 1 : 0);
    return &n->node;
}

/* --- widthratio */

typedef struct WidthRatioNode {
    TemplateNode node;
    const TemplateExpr *value, *max, *width;
    Str name;
} WidthRatioNode;

static bool as_double(Value v, double *out)
{
    if (value_to_double(v, out))
        return true;
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT) {
        *out = decimal_to_double(*v.decimal);
        return true;
    }
    return value_is_text(v) && double_parse_any(str_trim(v.s), out);
}

/* The three values; `width` is Python's int() of the third. */
typedef struct WidthRatio {
    TemplateRender *r;
    const WidthRatioNode *node;
    Value value, max, width;
} WidthRatio;

static void evaluate_width_ratio(Context *cx, void *arg)
{
    (void)cx;
    WidthRatio *w = arg;
    w->value = template_eval(w->r, w->node->value, false);
    w->max = template_eval(w->r, w->node->max, false);
    w->width = need_integer(w->r, template_eval(w->r, w->node->width, false));
}

static Str width_ratio(TemplateRender *r, const WidthRatioNode *n)
{
    WidthRatio x = { .r = r, .node = n };
    TemplateRender saved = *r;
    TemplateMark mark = { r->context->n, r->context->scope, r->context->floor };
    const Error *error = attempt(r->cx, evaluate_width_ratio, &x);
    if (error) {
        const TemplateError *t = template_error_of(error);
        bool missing = t && strcmp(t->type, "VariableDoesNotExist") == 0;
        if (!missing && (!t || (strcmp(t->type, "ValueError") != 0 && strcmp(t->type, "TypeError") != 0)))
            context_raise_error(r->cx, error);
        *r = saved;
        template_pop(r->context, mark);
        if (missing)
            return STR("");
        template_raise(r, "TemplateSyntaxError", "widthratio final argument must be a number");
    }
    double a, b, w;
    if (!as_double(x.value, &a) || !as_double(x.max, &b) || !as_double(x.width, &w))
        return STR("");
    if (b == 0)
        return STR("0");
    double ratio = a / b * w;
    if (!isfinite(ratio))
        return STR("");
    Buf out = BUF_INIT(r->arena, 400);
    buf_printf(&out, "%.0f", nearbyint(ratio));
    return str_eq(buf_view(&out), STR("-0")) ? STR("0") : buf_view(&out);
}

static void render_widthratio(TemplateRender *r, const TemplateNode *node)
{
    const WidthRatioNode *n = (const WidthRatioNode *)node;
    Str text = width_ratio(r, n);
    if (n->name.p)
        template_set(r->context, n->name, value_str(text));
    else
        buf_str(r->out, text);
}

TemplateNode *compile_widthratio(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    WidthRatioNode *n = TEMPLATE_NODE(p, WidthRatioNode, render_widthratio);
    if (w.n == 6) {
        if (!str_eq(w.p[4], STR("as")))
            template_syntax_error(p, "Invalid syntax in widthratio tag. Expecting 'as' keyword");
        n->name = w.p[5];
    } else if (w.n != 4) {
        template_syntax_error(p, "widthratio takes at least three arguments");
    }
    n->value = template_compile_expr(p, w.p[1]);
    n->max = template_compile_expr(p, w.p[2]);
    n->width = template_compile_expr(p, w.p[3]);
    return &n->node;
}

/* --- url */

typedef struct UrlNode {
    TemplateNode node;
    const TemplateExpr *view;
    const TemplateExpr **args;
    size_t nargs;
    const Assignment *kwargs;
    size_t nkwargs;
    Str name;
} UrlNode;

static void render_url(TemplateRender *r, const TemplateNode *node)
{
    const UrlNode *n = (const UrlNode *)node;
    const TemplateEngineOptions *o = &r->engine->options;
    Value view = template_text(r, template_eval(r, n->view, false));
    Value *args = NEW_ARRAY(r->arena, Value, n->nargs + 1);
    UrlArg *kwargs = NEW_ARRAY(r->arena, UrlArg, n->nkwargs + 1);
    for (size_t i = 0; i < n->nargs; i++)
        args[i] = template_eval(r, n->args[i], false);
    for (size_t i = 0; i < n->nkwargs; i++)
        kwargs[i] = (UrlArg){ n->kwargs[i].name, template_eval(r, n->kwargs[i].value, false) };
    Str path = { 0 }, error = STR("");
    UrlArgs named = { kwargs, n->nkwargs };
    bool ok;
    if (o->reverse)
        ok = o->reverse(r->context, o->reverse_arg, view.s, args, n->nargs, named, &path, &error);
    else if (r->request)
        ok = request_reverse(r->request, view.s, args, n->nargs, named, &path, &error);
    else
        ok = false, error = STR("The url tag needs a request, or an engine with the option .reverse");
    if (!ok && !n->name.p)
        template_raise(r, "NoReverseMatch", "%.*s", STR_FMT(error));
    if (n->name.p)
        template_set(r->context, n->name, value_str(ok ? path : STR("")));
    else if (r->autoescape)
        html_escape_add(r->out, path);
    else
        buf_str(r->out, path);
}

TemplateNode *compile_url(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'%.*s' takes at least one argument, a URL pattern name.", STR_FMT(w.p[0]));
    UrlNode *n = TEMPLATE_NODE(p, UrlNode, render_url);
    n->view = template_compile_expr(p, w.p[1]);
    if (w.n >= 4 && str_eq(w.p[w.n - 2], STR("as"))) {
        n->name = w.p[w.n - 1];
        w.n -= 2;
    }
    VEC(const TemplateExpr *) args = { 0 };
    VEC(Assignment) kwargs = { 0 };
    for (size_t i = 2; i < w.n; i++) {
        Str name, value;
        if (split_keyword(w.p[i], &name, &value))
            VEC_PUSH(p->arena, &kwargs, (Assignment){ name, template_compile_expr(p, value) });
        else
            VEC_PUSH(p->arena, &args, template_compile_expr(p, w.p[i]));
    }
    n->args = args.p;
    n->nargs = args.n;
    n->kwargs = kwargs.p;
    n->nkwargs = kwargs.n;
    return &n->node;
}
