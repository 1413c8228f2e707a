/* lib_i18n.c: {% load i18n %}: messages, languages and what is known of them. Blocks of text: lib_blocktranslate.c. */
#include "template/libraries.h"

Str repr_words(Arena *a, TemplateWords w, size_t from)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_byte(&b, '[');
    for (size_t i = from; i < w.n; i++)
        buf_printf(&b, "%s%.*s", i > from ? ", " : "", STR_FMT(repr_text(a, w.p[i])));
    buf_byte(&b, ']');
    return buf_view(&b);
}

Str as_variable(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split_plain(p, token->contents);
    if (w.n != 3 || !str_eq(w.p[1], STR("as")))
        template_syntax_error(p, "'%.*s' requires 'as variable' (got %.*s)", STR_FMT(w.p[0]),
                              STR_FMT(repr_words(template_parser_arena(p), w, 0)));
    return w.p[2];
}

Value rendered_value(TemplateRender *r, Value v)
{
    Buf *outer = r->out, b = render_buf(r);
    r->out = &b;
    template_write_value(r, v);
    r->out = outer;
    return (Value){ .tag = r->autoescape || v.tag == VALUE_SAFE ? VALUE_SAFE : VALUE_STR, .s = render_text_of(r, &b) };
}

void render_in_locale(TemplateRender *r, const Locale *locale, TemplateNodes nodes)
{
    const Locale *outer = r->locale;
    LOCALE_OVERRIDE(r->cx, locale)
    {
        r->locale = locale;
        template_render_nodes(r, nodes);
    }
    r->locale = outer;
}

Str plain_newlines(Arena *a, Str s)
{
    if (CLEF_LIKELY(str_find_byte(s, '\r') == STR_NPOS))
        return s;
    return str_replace(a, str_replace(a, s, STR("\r\n"), STR("\n")), STR("\r"), STR("\n"));
}

/* --- translate */

typedef struct TranslateNode {
    TemplateNode node;
    const TemplateExpr *message, *context;
    Str name;
    bool noop;
} TranslateNode;

static void render_translate(TemplateRender *r, const TemplateNode *node)
{
    const TranslateNode *n = (const TranslateNode *)node;
    Str context = { 0 };
    if (n->context) {
        Value v = template_eval(r, n->context, false);
        if (value_truth(v))
            context = template_text(r, v).s;
    }
    Value v = rendered_value(r, expr_translated(r, n->message, n->noop, context));
    if (str_contains(v.s, STR("%%")))
        v.s = str_replace(r->arena, v.s, STR("%%"), STR("%"));
    if (n->name.p)
        template_set(r->context, n->name, v);
    else
        buf_str(r->out, v.s);
}

static TemplateNode *compile_translate(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n < 2)
        template_syntax_error(p, "'%.*s' takes at least one argument", STR_FMT(w.p[0]));
    TranslateNode *n = TEMPLATE_NODE(p, TranslateNode, render_translate);
    n->message = template_compile_expr(p, w.p[1]);
    for (size_t i = 2; i < w.n; i++) {
        Str option = w.p[i];
        bool is_context = str_eq(option, STR("context")), is_as = str_eq(option, STR("as"));
        bool is_noop = str_eq(option, STR("noop"));
        if ((is_noop && n->noop) || (is_context && n->context) || (is_as && n->name.p))
            template_syntax_error(p, "The '%.*s' option was specified more than once.", STR_FMT(option));
        if (is_noop) {
            n->noop = true;
            continue;
        }
        if (!is_context && !is_as)
            template_syntax_error(p,
                                  "Unknown argument for '%.*s' tag: '%.*s'. The only options available are 'noop', "
                                  "'context' \"xxx\", and 'as VAR'.",
                                  STR_FMT(w.p[0]), STR_FMT(option));
        if (++i == w.n)
            template_syntax_error(p, "No argument provided to the '%.*s' tag for the %.*s option.", STR_FMT(w.p[0]),
                                  STR_FMT(option));
        if (is_as) {
            n->name = w.p[i];
        } else {
            if (str_eq(w.p[i], STR("as")) || str_eq(w.p[i], STR("noop")))
                template_syntax_error(p, "Invalid argument '%.*s' provided to the '%.*s' tag for the context option",
                                      STR_FMT(w.p[i]), STR_FMT(w.p[0]));
            n->context = template_compile_expr(p, w.p[i]);
        }
    }
    return &n->node;
}

/* --- language */

typedef struct LanguageNode {
    TemplateNode node;
    const TemplateExpr *language;
    TemplateNodes nodes;
} LanguageNode;

static void render_language(TemplateRender *r, const TemplateNode *node)
{
    const LanguageNode *n = (const LanguageNode *)node;
    Value v = template_eval(r, n->language, false);
    /* None is deactivate_all(); the empty text leaves the language as it is, as Django's activate("") does */
    const Locale *locale = r->locale;
    if (value_is_null(v))
        locale = locale_language(r->cx, STR(""));
    else if (value_truth(v))
        locale = locale_language(r->cx, template_text(r, v).s);
    render_in_locale(r, locale, n->nodes);
}

static TemplateNode *compile_language(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 2)
        template_syntax_error(p, "'%.*s' takes one argument (language)", STR_FMT(w.p[0]));
    LanguageNode *n = TEMPLATE_NODE(p, LanguageNode, render_language);
    n->language = template_compile_expr(p, w.p[1]);
    n->nodes = TEMPLATE_PARSE(p, "endlanguage");
    take_end(p);
    return &n->node;
}

/* --- what is known of languages */

/* Django's dictionary knows codes in small letters only, and asks what is no text whether it holds a hyphen. */
static LanguageInfo info_of(TemplateRender *r, Value v)
{
    LanguageInfo info;
    if (!value_is_text(v))
        template_raise(r, "TypeError", "argument of type '%s' is not iterable", value_type_name(v));
    Str code = v.s;
    bool capitals = false;
    for (size_t i = 0; i < code.n; i++)
        capitals |= code.p[i] >= 'A' && code.p[i] <= 'Z';
    if (!capitals && language_info(code, &info))
        return info;
    Str base = language_base(code);
    if (base.n == code.n)
        template_raise(r, "KeyError", "'Unknown language code %.*s.'", STR_FMT(code));
    template_raise(r, "KeyError", "'Unknown language code %.*s and %.*s.'", STR_FMT(code), STR_FMT(base));
}

static Str name_translated(TemplateRender *r, const LanguageInfo *info)
{
    return locale_gettext(r->locale, (Str){ 0 }, info->name);
}

static Value info_map(TemplateRender *r, Value code)
{
    LanguageInfo info = info_of(r, code);
    Map *m = map_new(r->arena);
    map_set(m, STR("bidi"), value_bool(info.bidi));
    map_set(m, STR("code"), value_str(info.code));
    map_set(m, STR("name"), value_str(info.name));
    map_set(m, STR("name_local"), value_str(info.name_local));
    map_set(m, STR("name_translated"), value_str(name_translated(r, &info)));
    return value_map(m);
}

typedef struct SetNode {
    TemplateNode node;
    const TemplateExpr *value;
    Str name;
} SetNode;

static void render_available(TemplateRender *r, const TemplateNode *node)
{
    List *list = list_new(r->arena);
    I18nLanguage l;
    for (size_t i = 0; r->locale->i18n && i18n_language_at(r->locale->i18n, i, &l); i++) {
        List *pair = list_new(r->arena);
        list_push(r->arena, pair, value_str(l.code));
        list_push(r->arena, pair, value_str(locale_gettext(r->locale, (Str){ 0 }, l.name)));
        list_push(r->arena, list, value_tuple(pair));
    }
    template_set(r->context, ((const SetNode *)node)->name, value_list(list));
}

static void render_current(TemplateRender *r, const TemplateNode *node)
{
    Str code = locale_language_code(r->locale);
    template_set(r->context, ((const SetNode *)node)->name, code.n ? value_str(code) : value_null());
}

static void render_current_bidi(TemplateRender *r, const TemplateNode *node)
{
    template_set(r->context, ((const SetNode *)node)->name, value_bool(locale_is_bidi(r->locale)));
}

static void render_info(TemplateRender *r, const TemplateNode *node)
{
    const SetNode *n = (const SetNode *)node;
    template_set(r->context, n->name, info_map(r, template_eval(r, n->value, false)));
}

/* An item is a code, or a sequence whose first item is one. */
static Value code_of(TemplateRender *r, Value v)
{
    Value first;
    size_t n;
    if (value_is_text(v))
        return v;
    if (v.tag == VALUE_MAP || !value_item(r->arena, v, value_int(0), &first) || !value_length(first, &n))
        template_raise(r, v.tag == VALUE_MAP ? "KeyError" : "TypeError", "'%s' object is not subscriptable",
                       value_type_name(v));
    return n > 1 ? first : template_text(r, v);
}

static void render_info_list(TemplateRender *r, const TemplateNode *node)
{
    const SetNode *n = (const SetNode *)node;
    Value languages = template_eval(r, n->value, false), one;
    List *list = list_new(r->arena);
    if (!value_is_iterable(languages))
        template_raise(r, "TypeError", "'%s' object is not iterable", value_type_name(languages));
    for (size_t at = 0; value_next(r->arena, languages, &at, &one);)
        list_push(r->arena, list, info_map(r, code_of(r, one)));
    template_set(r->context, n->name, value_list(list));
}

static TemplateNode *set_node(TemplateParser *p, const TemplateToken *token, TemplateNodeFn *render)
{
    SetNode *n = TEMPLATE_NODE(p, SetNode, render);
    n->name = as_variable(p, token);
    return &n->node;
}

static TemplateNode *compile_available(TemplateParser *p, const TemplateToken *token)
{
    return set_node(p, token, render_available);
}
static TemplateNode *compile_current(TemplateParser *p, const TemplateToken *token)
{
    return set_node(p, token, render_current);
}
static TemplateNode *compile_current_bidi(TemplateParser *p, const TemplateToken *token)
{
    return set_node(p, token, render_current_bidi);
}

static TemplateNode *info_node(TemplateParser *p, const TemplateToken *token, TemplateNodeFn *render, const char *what)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 5 || !str_eq(w.p[1], STR("for")) || !str_eq(w.p[3], STR("as")))
        template_syntax_error(p, "'%.*s' requires 'for %s as variable' (got %.*s)", STR_FMT(w.p[0]), what,
                              STR_FMT(repr_words(template_parser_arena(p), w, 1)));
    SetNode *n = TEMPLATE_NODE(p, SetNode, render);
    n->value = template_compile_expr(p, w.p[2]);
    n->name = w.p[4];
    return &n->node;
}

static TemplateNode *compile_info(TemplateParser *p, const TemplateToken *token)
{
    return info_node(p, token, render_info, "string");
}
static TemplateNode *compile_info_list(TemplateParser *p, const TemplateToken *token)
{
    return info_node(p, token, render_info_list, "sequence");
}

/* --- filters */

FILTER(language_name) { return value_str(info_of(c->r, v).name); }
FILTER(language_name_local) { return value_str(info_of(c->r, v).name_local); }
FILTER(language_bidi) { return value_bool(info_of(c->r, v).bidi); }
FILTER(language_name_translated)
{
    LanguageInfo info = info_of(c->r, v);
    return value_str(name_translated(c->r, &info));
}

static const TemplateFilter filters[] = {
    { .name = "language_name", .fn = language_name },
    { .name = "language_name_local", .fn = language_name_local },
    { .name = "language_name_translated", .fn = language_name_translated },
    { .name = "language_bidi", .fn = language_bidi },
    { .name = NULL },
};
static const TemplateTag tags[] = {
    { "translate", compile_translate },
    { "trans", compile_translate },
    { "blocktranslate", compile_blocktranslate },
    { "blocktrans", compile_blocktranslate },
    { "language", compile_language },
    { "get_available_languages", compile_available },
    { "get_current_language", compile_current },
    { "get_current_language_bidi", compile_current_bidi },
    { "get_language_info", compile_info },
    { "get_language_info_list", compile_info_list },
    { .name = NULL },
};
const TemplateLibrary template_i18n_library = { .name = "i18n", .filters = filters, .tags = tags };
