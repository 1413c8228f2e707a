/*
 * lib_blocktranslate.c: {% blocktranslate %}: text with variables, as one message. The message is made when the template is
 * compiled: text with its percent signs doubled, and `%(name)s` for each variable.
 */
#include "template/libraries.h"

typedef struct BlockMessage {
    Str text; /* p NULL: none */
    const Str *names;
    size_t nnames;
} BlockMessage;

typedef struct BlockTranslateNode {
    TemplateNode node;
    Str tag;
    Assignments values; /* with */
    Assignment count;   /* value NULL: none */
    const TemplateExpr *context;
    BlockMessage one, many;
    Str name; /* asvar; p NULL: none */
} BlockTranslateNode;

/* --- rendering */

static Value value_of_name(TemplateRender *r, Str name)
{
    Value v;
    if (template_lookup(r->context, name, &v))
        return rendered_value(r, value_translated(r->locale, r->arena, v));
    Str invalid = r->engine->options.string_if_invalid;
    if (str_contains(invalid, STR("%s")))
        invalid = str_replace(r->arena, invalid, STR("%s"), name);
    return rendered_value(r, value_str(invalid));
}

static bool find_argument(const TextArgument *args, size_t n, Str name, Str *out)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(args[i].name, name)) {
            *out = args[i].text;
            return true;
        }
    return false;
}

/* Python's `text % arguments`, for texts; false where that raises a KeyError or ValueError. */
static bool format_message(Buf *b, Str text, const TextArgument *args, size_t n)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '%') {
            buf_byte(b, text.p[i]);
            continue;
        }
        if (++i == text.n)
            return false;
        if (text.p[i] == '%') {
            buf_byte(b, '%');
            continue;
        }
        size_t close = text.p[i] == '(' ? str_find_byte(str_from_byte(text, i), ')') : STR_NPOS;
        Str value;
        if (close == STR_NPOS || !find_argument(args, n, str_slice(text, i + 1, i + close), &value))
            return false;
        i += close + 1;
        if (i >= text.n || text.p[i] != 's')
            return false;
        buf_str(b, value);
    }
    return true;
}

static int64_t count_of(TemplateRender *r, const BlockTranslateNode *n, Value *v)
{
    int64_t i = 0;
    double d = 0;
    *v = template_eval(r, n->count.value, false);
    if (value_to_int(*v, &i))
        return i;
    if (v->tag == VALUE_DECIMAL || v->tag == VALUE_BIGINT)
        d = decimal_to_double(*v->decimal);
    else if (!value_to_double(*v, &d))
        template_raise(r, "TemplateSyntaxError", "%.*s argument to %.*s tag must be a number.",
                       STR_FMT(repr_text(r->arena, n->count.name)), STR_FMT(repr_text(r->arena, n->tag)));
    if (d >= 9e18 || d <= -9e18 || d != d)
        return INT64_MAX;
    i = (int64_t)d;
    return (double)i == d ? i : i + (d > 0 ? 1 : -1); /* a part of one more */
}

static Str translate_block(TemplateRender *r, const BlockTranslateNode *n, bool nested)
{
    Str context = { 0 };
    if (n->context) {
        Value v = template_eval(r, n->context, false);
        if (value_truth(v))
            context = template_text(r, v).s;
    }
    Value *values = NEW_ARRAY(r->arena, Value, n->values.n + 1), number;
    for (size_t i = 0; i < n->values.n; i++)
        values[i] = template_eval(r, n->values.p[i].value, false);
    TemplateMark mark = template_push(r->context);
    for (size_t i = 0; i < n->values.n; i++)
        template_set(r->context, n->values.p[i].name, values[i]);
    Str text;
    size_t nmany = 0;
    if (n->many.text.p) {
        int64_t count = count_of(r, n, &number);
        template_set(r->context, n->count.name, number);
        text = locale_ngettext(r->locale, context, n->one.text, n->many.text, count);
        nmany = n->many.nnames;
    } else {
        text = locale_gettext(r->locale, context, n->one.text);
    }
    TextArgument *args = NEW_ARRAY(r->arena, TextArgument, n->one.nnames + nmany + 1);
    size_t nargs = 0;
    Str seen;
    for (size_t i = 0; i < n->one.nnames + nmany; i++) {
        Str name = i < n->one.nnames ? n->one.names[i] : n->many.names[i - n->one.nnames];
        if (!find_argument(args, nargs, name, &seen))
            args[nargs++] = (TextArgument){ name, value_of_name(r, name).s };
    }
    template_pop(r->context, mark);
    Buf b = render_buf(r);
    if (!format_message(&b, text, args, nargs)) {
        if (nested)
            template_raise(r, "TemplateSyntaxError", "%.*s is unable to format string returned by gettext: %.*s",
                           STR_FMT(repr_text(r->arena, n->tag)), STR_FMT(repr_text(r->arena, text)));
        const Locale *outer = r->locale;
        r->locale = locale_language(r->cx, STR(""));
        Str plain = translate_block(r, n, true);
        r->locale = outer;
        return n->name.p ? STR("") : plain; /* with asvar Django's second rendering returns nothing */
    }
    return render_text_of(r, &b);
}

static void render_blocktranslate(TemplateRender *r, const TemplateNode *node)
{
    const BlockTranslateNode *n = (const BlockTranslateNode *)node;
    Str text = translate_block(r, n, false);
    if (n->name.p)
        template_set(r->context, n->name, value_safe((SafeStr){ text }));
    else
        buf_str(r->out, text);
}

/* --- compiling */

Str trimmed_lines(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n + 1);
    buf_add(&b, "", 0);
    s = text_strip(s);
    for (size_t i = 0; i < s.n;) {
        size_t end = i, step;
        uint32_t c;
        bool newline = false;
        while (end < s.n && (step = text_char(s.p + end, s.n - end, &c), text_is_space(c))) {
            newline |= c == '\n';
            end += step;
        }
        if (end == i)
            end++;
        if (newline)
            buf_byte(&b, ' ');
        else
            buf_str(&b, str_slice(s, i, end));
        i = end;
    }
    return buf_view(&b);
}

typedef struct MessageReader {
    TemplateToken token; /* what stopped it */
    Buf text;
    VEC(Str) names;
} MessageReader;

static BlockMessage read_message(TemplateParser *p, MessageReader *m, bool trimmed)
{
    Arena *a = template_parser_arena(p);
    m->text = BUF_INIT(a, TEXT_MAX);
    buf_add(&m->text, "", 0);
    m->names.p = NULL;
    m->names.n = m->names.cap = 0;
    TemplateToken t;
    bool any = false;
    while (template_next_token(p, &t)) {
        m->token = t;
        any |= t.kind == TEMPLATE_TEXT || t.kind == TEMPLATE_VAR;
        if (t.kind == TEMPLATE_TEXT) {
            buf_str(&m->text,
                    str_contains(t.contents, STR("%")) ? str_replace(a, t.contents, STR("%"), STR("%%")) : t.contents);
        } else if (t.kind == TEMPLATE_VAR) {
            buf_printf(&m->text, "%%(%.*s)s", STR_FMT(t.contents));
            VEC_PUSH(a, &m->names, t.contents);
        } else {
            break;
        }
    }
    if (!any)
        return (BlockMessage){ 0 };
    Str text = buf_view(&m->text);
    return (BlockMessage){ plain_newlines(a, trimmed ? trimmed_lines(a, text) : text), m->names.p, m->names.n };
}

typedef enum BlockOption { OPT_WITH, OPT_COUNT, OPT_CONTEXT, OPT_TRIMMED, OPT_ASVAR, OPTIONS } BlockOption;

static bool read_options(TemplateParser *p, TemplateWords w, BlockTranslateNode *n)
{
    static const Str names[OPTIONS] = { STR("with"), STR("count"), STR("context"), STR("trimmed"), STR("asvar") };
    Arena *a = template_parser_arena(p);
    bool seen[OPTIONS] = { false };
    Str tag = repr_text(a, w.p[0]);
    for (size_t i = 1; i < w.n;) {
        Str word = w.p[i++];
        unsigned option = 0;
        while (option < OPTIONS && !str_eq(word, names[option]))
            option++;
        if (option == OPTIONS)
            template_syntax_error(p, "Unknown argument for %.*s tag: %.*s.", STR_FMT(tag), STR_FMT(repr_text(a, word)));
        if (seen[option])
            template_syntax_error(p, "The %.*s option was specified more than once.", STR_FMT(repr_text(a, word)));
        seen[option] = true;
        if (option == OPT_WITH) {
            n->values = parse_assignments(p, w, &i, true);
            if (!n->values.n)
                template_syntax_error(p, "\"with\" in %.*s tag needs at least one keyword argument.", STR_FMT(tag));
        } else if (option == OPT_COUNT) {
            Assignments count = parse_assignments(p, w, &i, true);
            if (count.n != 1)
                template_syntax_error(p, "\"count\" in %.*s tag expected exactly one keyword argument.", STR_FMT(tag));
            n->count = count.p[0];
        } else if (option == OPT_CONTEXT) {
            if (i == w.n || !expr_try(p, w.p[i], &n->context))
                template_syntax_error(p, "\"context\" in %.*s tag expected exactly one argument.", STR_FMT(tag));
            i++;
        } else if (option == OPT_ASVAR) {
            if (i == w.n)
                template_syntax_error(p, "No argument provided to the '%.*s' tag for the asvar option.",
                                      STR_FMT(w.p[0]));
            n->name = w.p[i++];
        }
    }
    return seen[OPT_TRIMMED];
}

TemplateNode *compile_blocktranslate(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    Arena *a = template_parser_arena(p);
    BlockTranslateNode *n = TEMPLATE_NODE(p, BlockTranslateNode, render_blocktranslate);
    n->tag = w.p[0];
    bool trimmed = read_options(p, w, n);
    MessageReader m = { .token = *token };
    n->one = read_message(p, &m, trimmed);
    if (n->count.value) {
        if (!str_eq(text_strip(m.token.contents), STR("plural")))
            template_syntax_error(p, "%.*s doesn't allow other block tags inside it", STR_FMT(repr_text(a, w.p[0])));
        n->many = read_message(p, &m, trimmed);
    }
    Str end = str_concat(a, STR("end"), w.p[0]);
    if (!str_eq(text_strip(m.token.contents), end))
        template_syntax_error(p, "%.*s doesn't allow other block tags (seen %.*s) inside it",
                              STR_FMT(repr_text(a, w.p[0])), STR_FMT(repr_text(a, m.token.contents)));
    return &n->node;
}
