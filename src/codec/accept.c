/* accept.c: content negotiation (see <clef/codec/accept.h>). */
#include <clef/base/vec.h>
#include <clef/codec/accept.h>

#include "codec/text.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/*
 * A quality in thousandths: a decimal number, with an exponent where Python's float() takes one. 1000 for anything that
 * is no number or not between 0 and 1.
 */
static uint16_t quality_of(Str s)
{
    s = text_strip(s);
    bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from_byte(s, 1);
    double v = 0, scale = 1;
    size_t i = 0, digits = 0;
    for (; i < s.n && is_digit(s.p[i]); i++, digits++)
        v = v * 10 + (s.p[i] - '0');
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && is_digit(s.p[i]); i++, digits++)
            v += (s.p[i] - '0') * (scale /= 10);
    if (digits == 0)
        return 1000;
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        Str exponent = str_from_byte(s, i + 1);
        int64_t e;
        if (!str_to_i64(exponent, &e))
            return 1000;
        for (; e > 0 && v > 0 && v < 10; e--)
            v *= 10;
        for (; e < 0 && v > 1e-9; e++)
            v /= 10;
        i = s.n;
    }
    if (i < s.n || !(v >= 0 && v <= 1) || (negative && v > 0))
        return 1000;
    return (uint16_t)(v * 1000 + 0.5);
}

bool media_type_parse(Arena *a, Str text, MediaType *out)
{
    HeaderValue h;
    if (!parse_header_parameters(a, text, &h))
        return false;
    size_t slash = str_find_byte(h.value, '/');
    MediaType type = { .main = str_slice(h.value, 0, slash), .params = h.params, .n = h.n, .quality = 1000 };
    type.sub = slash == STR_NPOS ? STR("") : str_from_byte(h.value, slash + 1);
    for (size_t i = 0; i < h.n; i++) {
        if (str_eq(h.params[i].name, STR("q")))
            type.quality = quality_of(h.params[i].value);
        else
            type.has_range_params = true;
    }
    type.specificity = str_eq(type.main, STR("*")) ? 0 : str_eq(type.sub, STR("*")) ? 1 : type.has_range_params ? 3 : 2;
    *out = type;
    return true;
}

/* Each parameter of x, q left out, is in y with the same value. */
static bool params_in(const MediaType *x, const MediaType *y)
{
    HeaderValue other = { .params = y->params, .n = y->n };
    for (size_t i = 0; i < x->n; i++) {
        if (str_eq(x->params[i].name, STR("q")))
            continue;
        Str value = header_param(&other, x->params[i].name);
        if (str_is_null(value) || !str_eq(value, x->params[i].value))
            return false;
    }
    return true;
}

static bool part_fits(Str x, Str y) { return str_eq(x, y) || str_eq(x, STR("*")) || str_eq(y, STR("*")); }

bool media_type_match(const MediaType *type, const MediaType *range)
{
    if (!type->main.n || !type->sub.n || !range->main.n || !range->sub.n)
        return false;
    if (!part_fits(type->main, range->main) || !part_fits(type->sub, range->sub))
        return false;
    if (type->has_range_params && range->has_range_params)
        return params_in(type, range) && params_in(range, type);
    return !range->has_range_params;
}

Str media_type_text(Arena *a, const MediaType *type)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_str(&b, type->main);
    if (type->sub.n) {
        buf_byte(&b, '/');
        buf_str(&b, type->sub);
    }
    for (size_t i = 0; i < type->n; i++) {
        BUF_LIT(&b, "; ");
        buf_str(&b, type->params[i].name);
        buf_byte(&b, '=');
        buf_str(&b, type->params[i].value);
    }
    return buf_view(&b);
}

static bool preferred_to(const MediaType *x, const MediaType *y)
{
    return x->quality != y->quality ? x->quality > y->quality : x->specificity > y->specificity;
}
static bool precedes(const MediaType *x, const MediaType *y)
{
    return x->specificity != y->specificity ? x->specificity > y->specificity : x->quality > y->quality;
}

Accept accept_parse(Arena *a, Str header)
{
    VEC(MediaType) types = { 0 };
    Str token;
    if (str_is_null(header))
        header = STR("*/*");
    for (int read = 0; read < ACCEPT_MAX && str_cut(&header, ',', &token); read++) {
        MediaType type;
        if (text_strip(token).n == 0 || !media_type_parse(a, token, &type) || type.quality == 0)
            continue;
        size_t at = types.n;
        VEC_PUSH(a, &types, type);
        for (; at > 0 && preferred_to(&type, &types.p[at - 1]); at--)
            types.p[at] = types.p[at - 1];
        types.p[at] = type;
    }
    uint16_t *order = NEW_ARRAY(a, uint16_t, types.n + 1);
    for (size_t i = 0; i < types.n; i++) {
        size_t at = i;
        for (; at > 0 && precedes(&types.p[i], &types.p[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = (uint16_t)i;
    }
    return (Accept){ .types = types.p, .by_precedence = order, .n = types.n };
}

const MediaType *accept_find(const Accept *accept, const MediaType *type)
{
    for (size_t i = 0; i < accept->n; i++) {
        const MediaType *range = &accept->types[accept->by_precedence[i]];
        if (media_type_match(type, range))
            return range;
    }
    return NULL;
}

bool accept_has(Arena *a, const Accept *accept, Str type)
{
    MediaType t;
    return media_type_parse(a, type, &t) && accept_find(accept, &t) != NULL;
}

size_t accept_preferred(Arena *a, const Accept *accept, const Str *offers, size_t n)
{
    size_t best = STR_NPOS;
    const MediaType *best_range = NULL;
    for (size_t i = 0; i < n; i++) {
        MediaType type;
        if (!media_type_parse(a, offers[i], &type))
            continue;
        const MediaType *range = accept_find(accept, &type);
        if (range && (!best_range || range < best_range)) {
            best = i;
            best_range = range;
        }
    }
    return best;
}

/* The element's name, and its quality where a q stands. */
static Str coding_of(Str element, unsigned *quality)
{
    Str name, param;
    *quality = 1000;
    if (!str_cut(&element, ';', &name))
        return (Str){ 0 };
    while (str_cut(&element, ';', &param)) {
        param = str_trim(param);
        if (param.n >= 2 && (param.p[0] | 0x20) == 'q' && param.p[1] == '=')
            *quality = quality_of(str_from_byte(param, 2));
    }
    return str_trim(name);
}

unsigned accept_coding(Str header, Str coding)
{
    if (str_is_null(header))
        return 1000;
    int named = -1, any = -1;
    Str element;
    while (str_cut(&header, ',', &element)) {
        unsigned quality;
        Str name = coding_of(element, &quality);
        if (str_ieq(name, coding))
            named = (int)quality;
        else if (str_eq(name, STR("*")))
            any = (int)quality;
    }
    if (named >= 0)
        return (unsigned)named;
    if (any >= 0)
        return (unsigned)any;
    return str_ieq(coding, STR("identity")) ? 1000 : 0;
}

static size_t skip_space(Str s, size_t i)
{
    for (;;) {
        uint32_t code;
        if (i >= s.n)
            return i;
        size_t n = text_char(s.p + i, s.n - i, &code);
        if (!text_is_space(code))
            return i;
        i += n;
    }
}

static bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* 1 to 8 letters, then parts of 1 to 8 letters and digits after hyphens; or *. 0 when there is none. */
static size_t language_tag(Str s)
{
    if (s.n && s.p[0] == '*')
        return 1;
    size_t i = 0, run = 0;
    bool digits = false;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (is_alpha(c) || (digits && is_digit(c))) {
            if (++run > 8)
                return 0;
        } else if (c == '-' && run && i + 1 < s.n && (is_alpha(s.p[i + 1]) || is_digit(s.p[i + 1]))) {
            run = 0;
            digits = true;
        } else
            break;
    }
    return run ? i : 0;
}

/* "0", "0.123", "1", "1.000": its length, and the thousandths. */
static size_t language_quality(Str s, uint16_t *quality)
{
    if (s.n == 0 || (s.p[0] != '0' && s.p[0] != '1'))
        return 0;
    unsigned v = s.p[0] == '1' ? 1000 : 0, unit = 100;
    size_t i = 1;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && i < 5 && is_digit(s.p[i]) && (v < 1000 || s.p[i] == '0'); i++, unit /= 10)
            v += (unsigned)(s.p[i] - '0') * unit;
    *quality = (uint16_t)v;
    return i;
}

/* One "tag;q=0.5" and the comma behind it, from *at. */
static bool take_language(Str s, size_t *at, AcceptLanguage *out)
{
    size_t n = language_tag(str_from_byte(s, *at));
    if (n == 0)
        return false;
    *out = (AcceptLanguage){ str_slice(s, *at, *at + n), 1000 };
    size_t i = skip_space(s, *at + n);
    if (i < s.n && s.p[i] == ';') {
        i = skip_space(s, i + 1);
        if (s.n - i < 3 || s.p[i] != 'q' || s.p[i + 1] != '=')
            return false;
        size_t q = language_quality(str_from_byte(s, i + 2), &out->quality);
        if (q == 0)
            return false;
        *at = i + 2 + q;
        i = skip_space(s, *at);
    } else
        *at += n;
    if (*at == s.n)
        return true;
    if (i == s.n || s.p[i] != ',')
        return false;
    *at = skip_space(s, i + 1);
    return true;
}

const AcceptLanguage *parse_accept_lang_header(Arena *a, Str header, size_t *n)
{
    *n = 0;
    if (header.n > ACCEPT_LANGUAGE_MAX) {
        size_t comma = str_rfind_byte(str_slice(header, 0, ACCEPT_LANGUAGE_MAX), ',');
        if (comma == STR_NPOS || comma == 0)
            return NULL;
        header = str_slice(header, 0, comma);
    }
    header = str_lower(a, header);
    VEC(AcceptLanguage) list = { 0 };
    for (size_t at = 0; at < header.n;) {
        AcceptLanguage one;
        if (!take_language(header, &at, &one))
            return NULL;
        size_t to = list.n;
        VEC_PUSH(a, &list, one);
        for (; to > 0 && one.quality > list.p[to - 1].quality; to--)
            list.p[to] = list.p[to - 1];
        list.p[to] = one;
    }
    *n = list.n;
    return list.p;
}
