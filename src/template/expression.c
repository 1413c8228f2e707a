/*
 * expression.c: `name.attribute|filter:argument`, read and evaluated. The grammar is Django's: a constant or a dotted name
 * first, then filters, each with at most one argument.
 */
#include "codec/text.h"
#include "template/libraries.h"
#include "template/nodes.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>

/* --- reading */

static bool is_word_at(Str s, size_t i, size_t *step)
{
    unsigned char c = (unsigned char)s.p[i];
    *step = 1;
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    uint32_t code;
    *step = text_char(s.p + i, s.n - i, &code);
    return code != TEXT_BAD && text_is_printable(code) && !text_is_space(code);
}

static size_t variable_end(Str s, size_t i)
{
    for (size_t step; i < s.n; i += step)
        if (!is_word_at(s, i, &step) && s.p[i] != '.' && s.p[i] != '+' && s.p[i] != '-')
            break;
    return i;
}

static size_t string_end(Str s, size_t i)
{
    char quote = s.p[i];
    for (i++; i < s.n; i++) {
        if (s.p[i] == quote)
            return i + 1;
        if (s.p[i] == '\\' && (++i >= s.n || s.p[i] == '\n'))
            return 0;
    }
    return 0;
}

/* The end of a constant (a string, or _("...")) at i; 0 when there is none. */
static size_t constant_end(Str s, size_t i)
{
    if (i < s.n && (s.p[i] == '"' || s.p[i] == '\''))
        return string_end(s, i);
    if (i + 2 < s.n && s.p[i] == '_' && s.p[i + 1] == '(' && (s.p[i + 2] == '"' || s.p[i + 2] == '\'')) {
        size_t end = string_end(s, i + 2);
        return end && end < s.n && s.p[end] == ')' ? end + 1 : 0;
    }
    return 0;
}

/* A number as Python's int() and float() read it. */
static bool number_literal(Arena *a, Str s, Value *out)
{
    bool is_float = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-' || c == '_'))
            return false;
        is_float |= c == '.' || c == 'e' || c == 'E';
    }
    if (s.n == 0 || s.p[0] == '_' || s.p[s.n - 1] == '_' || s.p[s.n - 1] == '.')
        return false;
    if (str_find_byte(s, '_') != STR_NPOS) {
        if (str_contains(s, STR("__")))
            return false;
        s = str_replace(a, s, STR("_"), STR(""));
    }
    double d;
    int64_t i;
    if (is_float) {
        if (!double_parse(s, &d))
            return false;
        *out = value_double(d);
        return true;
    }
    if (str_to_i64(s, &i)) {
        *out = value_int(i);
        return true;
    }
    Decimal *big = NEW(a, Decimal);
    if (s.n > 4300 || decimal_parse(a, s, big) != DECIMAL_OK)
        return false;
    *out = value_bigint(big);
    return true;
}

bool variable_make(Arena *a, Str text, Variable *out)
{
    *out = (Variable){ .text = text };
    if (number_literal(a, text, &out->literal))
        return true;
    Str s = text;
    if (s.n > 3 && str_starts(s, STR("_(")) && s.p[s.n - 1] == ')') {
        out->translate = true;
        s = str_slice(s, 2, s.n - 1);
    }
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0]) {
        Str literal;
        if (!unescape_string_literal(a, s, &literal))
            return false;
        out->literal = value_safe((SafeStr){ str_copy(a, literal) });
        return true;
    }
    if ((s.n && s.p[0] == '_') || str_contains(s, STR("._")))
        return false;
    VEC(Str) parts = { 0 };
    Str rest = s, part;
    while (str_cut(&rest, '.', &part))
        VEC_PUSH(a, &parts, part);
    out->lookups = parts.p;
    out->nlookups = (uint32_t)parts.n;
    out->hash = parts.n ? template_name_hash(parts.p[0]) : 0;
    return true;
}

void variable_init(TemplateParser *p, Str text, Variable *out)
{
    if (!variable_make(p->arena, text, out))
        template_syntax_error(p, "Variables and attributes may not begin with underscores: '%.*s'", STR_FMT(text));
    for (size_t i = 0; out->lookups && i < 2; i++) /* of numbers, not of names */
        if (str_find_byte(text, "+-"[i]) != STR_NPOS)
            template_syntax_error(p, "Invalid character ('%c') in variable name: '%.*s'", "+-"[i], STR_FMT(text));
    if (out->nlookups > TEMPLATE_NAME_LOOKUPS)
        template_syntax_error(p, "'%.*s' has more than %u parts", STR_FMT(text), TEMPLATE_NAME_LOOKUPS);
}

/* "  |  name" at i: where the name stands; 0 when there is no filter. */
static size_t filter_name(Str s, size_t i, size_t *end)
{
    size_t step;
    uint32_t c;
    while (i < s.n && (step = text_char(s.p + i, s.n - i, &c), text_is_space(c)))
        i += step;
    if (i >= s.n || s.p[i] != '|')
        return 0;
    i++;
    while (i < s.n && (step = text_char(s.p + i, s.n - i, &c), text_is_space(c)))
        i += step;
    size_t from = i;
    while (i < s.n && is_word_at(s, i, &step))
        i += step;
    *end = i;
    return i > from ? from : 0;
}

static void check_arguments(TemplateParser *p, const TemplateFilter *f, bool given)
{
    unsigned least = f->argument == TEMPLATE_ARGUMENT ? 2 : 1, most = f->argument == TEMPLATE_NO_ARGUMENT ? 1 : 2;
    unsigned n = given ? 2 : 1;
    if (n < least || n > most)
        template_syntax_error(p, "%s requires %u arguments, %u provided", f->name, least, n);
}

static void bad_characters(TemplateParser *p, Str s, size_t upto) CLEF_NORETURN;
static void bad_characters(TemplateParser *p, Str s, size_t upto)
{
    /* As Django's search: when some filter stands further on, the text up to it is what could not be read. */
    for (size_t i = upto + 1, end; i < s.n; i++)
        if (filter_name(s, i, &end))
            template_syntax_error(p, "Could not parse some characters: %.*s|%.*s|%.*s", STR_FMT(str_slice(s, 0, upto)),
                                  STR_FMT(str_slice(s, upto, i)), STR_FMT(str_from_byte(s, i)));
    template_syntax_error(p, "Could not parse the remainder: '%.*s' from '%.*s'", STR_FMT(str_from_byte(s, upto)),
                          STR_FMT(s));
}

TemplateExpr *template_compile_expr(TemplateParser *p, Str s)
{
    TemplateExpr *e = NEW(p->arena, TemplateExpr);
    if (CLEF_UNLIKELY(p->trace != NULL))
        VEC_PUSH(p->arena, &p->trace->exprs, e);
    e->token = s;
    size_t at = constant_end(s, 0), end;
    if (at) {
        Variable v;
        variable_init(p, str_slice(s, 0, at), &v);
        e->constant = v.literal;
        e->translate = v.translate;
    } else {
        at = variable_end(s, 0);
        if (at == 0) {
            if (filter_name(s, 0, &end))
                template_syntax_error(p, "Could not find variable at start of %.*s.", STR_FMT(s));
            bad_characters(p, s, 0);
        }
        e->is_variable = true;
        variable_init(p, str_slice(s, 0, at), &e->variable);
    }
    VEC(FilterUse) filters = { 0 };
    while (at < s.n) {
        size_t name = filter_name(s, at, &end);
        if (!name)
            bad_characters(p, s, at);
        FilterUse use = { 0 };
        Str text = str_slice(s, name, end);
        at = end;
        if (at < s.n && s.p[at] == ':') {
            size_t arg = at + 1, arg_end = constant_end(s, arg);
            if (arg_end) {
                Variable v;
                variable_init(p, str_slice(s, arg, arg_end), &v);
                use.has_arg = true;
                use.constant = v.literal;
                use.translate = v.translate;
                at = arg_end;
            } else if ((arg_end = variable_end(s, arg)) > arg) {
                use.has_arg = use.arg_is_variable = true;
                variable_init(p, str_slice(s, arg, arg_end), &use.variable);
                at = arg_end;
            }
        }
        use.filter = parser_find_filter(p, text);
        check_arguments(p, use.filter, use.has_arg);
        VEC_PUSH(p->arena, &filters, use);
    }
    e->filters = filters.p;
    e->nfilters = filters.n;
    if (CLEF_UNLIKELY(p->trace != NULL))
        trace_mix(p->trace, (uint64_t)s.n << 32 ^ e->nfilters << 8 ^ e->variable.nlookups);
    return e;
}

/* --- evaluating */

bool template_call_object(TemplateRender *r, Value *v)
{
    if (v->cls == &lazy_text_class)
        *v = value_translate_lazy(r->locale, r->arena, *v);
    if (v->tag != VALUE_OBJECT || !v->cls->call)
        return true;
    return v->cls->call(r->arena, v->object, NULL, 0, v);
}

bool value_lookup(TemplateRender *r, Value v, Str name, Value *out)
{
    const Value *found;
    switch ((ValueTag)v.tag) {
    case VALUE_MAP:
        if ((found = map_get(v.map, name)) != NULL) {
            *out = *found;
            return true;
        }
        break;
    case VALUE_OBJECT:
        if (v.cls->item && v.cls->item(r->arena, v.object, value_str(name), out))
            return true;
        break;
    default:
        break;
    }
    int64_t i;
    if (name.n && (name.p[0] <= '9' && (name.p[0] >= '0' || name.p[0] == '-' || name.p[0] == '+')) &&
        str_to_i64(name, &i))
        return v.tag != VALUE_MAP && !value_is_view(v) && value_item(r->arena, v, value_int(i), out);
    return value_attribute(r->arena, v, name, out);
}

bool variable_resolve_in(TemplateRender *r, const Variable *v, Value object, Value *out)
{
    for (uint32_t i = 0; i < v->nlookups; i++)
        if (!value_lookup(r, object, v->lookups[i], &object) || !template_call(r, &object))
            return false;
    *out = object;
    return true;
}

bool template_step_any(TemplateRender *r, const Value *v, Str name, uint32_t *guess, Value *out)
{
    const Value *found = v->tag == VALUE_MAP ? map_get(v->map, name) : NULL;
    if (!found)
        return value_lookup(r, *v, name, out) && template_call(r, out);
    *guess = (uint32_t)(CLEF_CONTAINER(found, const MapEntry, value) - v->map->entries);
    *out = *found;
    return template_call(r, out);
}

static inline bool resolve(TemplateRender *r, const Variable *v, Value *out)
{
    if (!template_named(r, v->lookups[0], v->hash, out))
        return false;
    for (uint32_t i = 1; i < v->nlookups; i++) {
        const Value *found = out->tag == VALUE_MAP ? map_get(out->map, v->lookups[i]) : NULL;
        if (CLEF_LIKELY(found != NULL))
            *out = *found;
        else if (!value_lookup(r, *out, v->lookups[i], out))
            return false;
        if (!template_call(r, out))
            return false;
    }
    return true;
}

bool variable_resolve(TemplateRender *r, const Variable *v, Value *out)
{
    Value found;
    if (CLEF_UNLIKELY(!v->lookups)) {
        *out = v->literal;
        return true;
    }
    if (!resolve(r, v, &found))
        return false;
    *out = found;
    return true;
}

static CLEF_COLD Value invalid_text(TemplateRender *r, const TemplateExpr *e)
{
    Str s = r->engine->options.string_if_invalid;
    return value_str(str_contains(s, STR("%s")) ? str_replace(r->arena, s, STR("%s"), e->variable.text) : s);
}

/* A text in the language in force; what is safe stays safe. */
static Value translated(TemplateRender *r, Value text, Str context)
{
    text.s = locale_gettext(r->locale, context, plain_newlines(r->arena, text.s));
    return text;
}

static Value apply(TemplateRender *r, const FilterUse *use, Value v)
{
    const TemplateFilter *f = use->filter;
    TemplateFilterCall call = { .r = r, .filter = f, .has_arg = use->has_arg, .autoescape = r->autoescape };
    if (use->arg_is_variable) {
        if (!variable_resolve(r, &use->variable, &call.arg))
            template_raise(r, "VariableDoesNotExist", "Failed lookup for key [%.*s]",
                           STR_FMT(use->variable.nlookups ? use->variable.lookups[0] : use->variable.text));
    } else {
        call.arg = CLEF_UNLIKELY(use->translate) ? translated(r, use->constant, (Str){ 0 }) : use->constant;
    }
    if (f->expects_localtime)
        v = local_time(r, v);
    bool safe = v.tag == VALUE_SAFE;
    if (f->text)
        v = template_text(r, v);
    size_t before = value_is_text(v) ? v.s.n : 0;
    Value out = f->fn(&call, v);
    if (CLEF_UNLIKELY(value_is_text(out) && out.s.n > r->max_text) && out.s.n > before)
        template_too_much_output(r);
    if (f->is_safe && safe && out.tag != VALUE_SAFE) {
        out = template_text(r, out);
        out.tag = VALUE_SAFE;
    }
    return out;
}

bool template_invalid(TemplateRender *r, const TemplateExpr *e, bool ignore_failures, Value *out)
{
    *out = ignore_failures ? value_null() : value_str(STR(""));
    if (ignore_failures || !r->engine->options.string_if_invalid.n)
        return true;
    *out = invalid_text(r, e);
    return false;
}

Value template_apply(TemplateRender *r, const TemplateExpr *e, size_t i, Value v)
{
    return apply(r, &e->filters[i], v);
}

Value template_eval(TemplateRender *r, const TemplateExpr *e, bool ignore_failures)
{
    Value v;
    const Value *found = variable_peek(r->context, &e->variable);
    if (CLEF_LIKELY(found != NULL))
        v = *found;
    else if (CLEF_UNLIKELY(!e->is_variable))
        v = CLEF_UNLIKELY(e->translate) ? translated(r, e->constant, (Str){ 0 }) : e->constant;
    else if (CLEF_UNLIKELY(!e->variable.lookups))
        v = e->variable.literal;
    else if (CLEF_UNLIKELY(!resolve(r, &e->variable, &v)) && !template_invalid(r, e, ignore_failures, &v))
        return v;
    if (CLEF_UNLIKELY(e->translate) && e->nfilters && !e->filters[0].filter->text)
        v.tag = VALUE_STR; /* Django's lazy text is safe only once it is text */
    for (size_t i = 0; i < e->nfilters; i++)
        v = apply(r, &e->filters[i], v);
    return v;
}

Value expr_translated(TemplateRender *r, const TemplateExpr *e, bool noop, Str context)
{
    Value v = e->constant;
    if (e->is_variable && !variable_resolve(r, &e->variable, &v))
        return template_eval(r, e, false);
    if (!noop) {
        bool replaces = v.tag == VALUE_DATE || v.tag == VALUE_TIME || v.tag == VALUE_DATETIME || v.tag == VALUE_BYTES;
        if (replaces) /* Python's replace() of these takes something else */
            template_raise(r, "TypeError", "replace() takes no texts of '%s'", value_type_name(v));
        if (!value_is_text(v))
            template_raise(r, "AttributeError", "'%s' object has no attribute 'replace'", value_type_name(v));
        if (str_contains(v.s, STR("%")))
            v.s = str_replace(r->arena, v.s, STR("%"), STR("%%"));
        v = translated(r, v, context);
    }
    for (size_t i = 0; i < e->nfilters; i++)
        v = apply(r, &e->filters[i], v);
    return v;
}

typedef struct TryExpr {
    TemplateParser *p;
    Str text;
    const TemplateExpr *out;
} TryExpr;

static void try_compile(Context *cx, void *arg)
{
    (void)cx;
    TryExpr *t = arg;
    t->out = template_compile_expr(t->p, t->text);
}

bool expr_try(TemplateParser *p, Str text, const TemplateExpr **out)
{
    TryExpr t = { p, text, NULL };
    if (attempt(p->cx, try_compile, &t))
        return false;
    *out = t.out;
    return true;
}
