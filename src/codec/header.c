/* header.c: parameters, dispositions, tags and ranges (see <clef/codec/header.h>). */
#include <clef/base/utf8.h>
#include <clef/base/vec.h>
#include <clef/codec/charset.h>
#include <clef/codec/header.h>
#include <clef/codec/url.h>

#include "codec/text.h"

/* One piece of an RFC 2231 parameter. */
typedef struct Continuation {
    Str name;
    Str value;
    int number;   /* -1: none */
    bool encoded; /* its name ended in a star */
} Continuation;

typedef VEC(HeaderParam) Params;
typedef VEC(Continuation) Continuations;

enum { CONTINUATION_MAX = 9999 };

static Str lower(Arena *a, Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return str_lower(a, s);
    return s;
}

/* Takes the piece up to the next ; outside quotes. A quote after a backslash does not count. */
static bool cut_piece(Str *rest, Str *piece)
{
    if (str_is_null(*rest))
        return false;
    bool quoted = false;
    for (size_t i = 0; i < rest->n; i++) {
        char c = rest->p[i];
        if (c == '"' && (i == 0 || rest->p[i - 1] != '\\'))
            quoted = !quoted;
        else if (c == ';' && !quoted) {
            *piece = str_slice(*rest, 0, i);
            *rest = str_from_byte(*rest, i + 1);
            return true;
        }
    }
    *piece = *rest;
    *rest = (Str){ 0 };
    return true;
}

/* The text in quotes (\\ and \" undone, in this order) or in <>; other text as it is. */
static Str unquote(Arena *a, Str s)
{
    if (s.n < 2)
        return s;
    if (s.p[0] == '<' && s.p[s.n - 1] == '>')
        return str_slice(s, 1, s.n - 1);
    if (s.p[0] != '"' || s.p[s.n - 1] != '"')
        return s;
    s = str_slice(s, 1, s.n - 1);
    if (str_find_byte(s, '\\') == STR_NPOS)
        return s;
    s = str_replace(a, s, STR("\\\\"), STR("\\"));
    return str_replace(a, s, STR("\\\""), STR("\""));
}

/* "name*", "name*3" or "name*3*": false for any other name, and a number past all reason. */
static bool continuation_name(Str name, Continuation *out, bool *bad)
{
    size_t star = str_find_byte(name, '*');
    if (star == STR_NPOS || star == 0)
        return false;
    for (size_t i = 0; i < star; i++) {
        char c = name.p[i];
        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_'))
            return false;
    }
    Str number = str_from_byte(name, star + 1);
    if (str_ends(number, STR("*")) && number.n > 1)
        number.n--;
    *out = (Continuation){ .name = str_slice(name, 0, star), .number = -1, .encoded = str_ends(name, STR("*")) };
    if (number.n == 0)
        return true;
    uint64_t v;
    if (number.p[0] == '+' || !str_to_u64(number, &v)) {
        for (size_t i = 0; i < number.n; i++)
            if (number.p[i] < '0' || number.p[i] > '9')
                return false;
        v = UINT64_MAX;
    }
    if (v > CONTINUATION_MAX)
        *bad = true;
    else
        out->number = (int)v;
    return true;
}

static void set_param(Arena *a, Params *params, Str name, Str value)
{
    for (size_t i = 0; i < params->n; i++)
        if (str_eq(params->p[i].name, name)) {
            params->p[i].value = value;
            return;
        }
    VEC_PUSH(a, params, (HeaderParam){ name, value });
}

static bool before(const Continuation *x, const Continuation *y)
{
    if (x->number != y->number)
        return x->number < y->number;
    int order = str_cmp(x->value, y->value);
    return order ? order < 0 : x->encoded < y->encoded;
}

/* Percent escapes as characters U+0000 to U+00FF, which decode_extended makes bytes again. */
static void add_latin1(Arena *a, Buf *out, Str s)
{
    size_t at;
    while ((at = str_find_byte(s, '%')) != STR_NPOS) {
        Str escape = str_slice(s, at, at + 3), byte = url_unquote_bytes(a, escape);
        buf_str(out, str_slice(s, 0, at));
        if (byte.n == 1) {
            text_add(out, (unsigned char)byte.p[0]);
            s = str_from_byte(s, at + 3);
        } else {
            buf_byte(out, '%');
            s = str_from_byte(s, at + 1);
        }
    }
    buf_str(out, s);
}

/* "charset'language'text" with characters for bytes. */
static bool decode_extended(Arena *a, Str s, Str *out)
{
    Charset charset = CHARSET_ASCII;
    size_t tick = str_find_byte(s, '\'');
    size_t second = tick == STR_NPOS ? STR_NPOS : str_find_byte(str_from_byte(s, tick + 1), '\'');
    if (second != STR_NPOS) {
        Str name = str_slice(s, 0, tick);
        s = str_from_byte(s, tick + 1 + second + 1);
        if (name.n == 0) {
            *out = unquote(a, s);
            return true;
        }
        charset = charset_find(name);
        if (charset == CHARSET_UNKNOWN)
            return false;
    }
    Buf bytes = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < s.n;) {
        uint32_t code;
        size_t n = text_char(s.p + i, s.n - i, &code);
        if (code == TEXT_BAD)
            buf_add(&bytes, s.p + i, n);
        else if (code <= 0xff)
            buf_byte(&bytes, (char)code);
        else
            buf_printf(&bytes, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
        i += n;
    }
    *out = charset_decode(a, buf_view(&bytes), charset);
    return true;
}

/* Puts the pieces of each name together, in the order of the names. */
static bool join_continuations(Arena *a, const Continuations *pieces, Params *params)
{
    bool done[HEADER_PARAMS_MAX] = { 0 };
    for (size_t i = 0; i < pieces->n; i++) {
        if (done[i])
            continue;
        Continuations same = { 0 };
        for (size_t k = i; k < pieces->n; k++)
            if (!done[k] && str_eq(pieces->p[k].name, pieces->p[i].name)) {
                done[k] = true;
                size_t at = same.n;
                VEC_PUSH(a, &same, pieces->p[k]);
                for (; at > 0 && before(&pieces->p[k], &same.p[at - 1]); at--)
                    same.p[at] = same.p[at - 1];
                same.p[at] = pieces->p[k];
            }
        if (same.p[0].number < 0 && VEC_LAST(&same).number >= 0)
            return false;
        Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
        bool extended = false;
        for (size_t k = 0; k < same.n; k++) {
            extended |= same.p[k].encoded;
            if (same.p[k].encoded)
                add_latin1(a, &b, same.p[k].value);
            else
                buf_str(&b, same.p[k].value);
        }
        Str value = buf_view(&b);
        if (extended && !decode_extended(a, value, &value))
            return false;
        set_param(a, params, same.p[0].name, value);
    }
    return true;
}

bool parse_header_parameters(Arena *a, Str line, HeaderValue *out)
{
    if (line.n > HEADER_LENGTH_MAX && utf8_count(line) > HEADER_LENGTH_MAX)
        return false;
    if (str_find_byte(line, ';') == STR_NPOS) {
        *out = (HeaderValue){ .value = lower(a, text_strip(line)) };
        return true;
    }
    Params params = { 0 };
    Continuations pieces = { 0 };
    Str value = { 0 }, piece;
    bool first = true, bad = false;
    size_t count = 0;
    while (cut_piece(&line, &piece)) {
        size_t equals = str_find_byte(piece, '=');
        Str name = text_strip(str_slice(piece, 0, equals));
        if (first) {
            first = false;
            value = lower(a, name);
            continue;
        }
        if (name.n == 0)
            continue;
        if (++count > HEADER_PARAMS_MAX)
            return false;
        Str text = STR("");
        if (equals != STR_NPOS) {
            name = lower(a, name);
            text = unquote(a, text_strip(str_from_byte(piece, equals + 1)));
        }
        Continuation c;
        if (continuation_name(name, &c, &bad)) {
            c.value = text;
            VEC_PUSH(a, &pieces, c);
        } else
            set_param(a, &params, name, text);
    }
    if (bad || !join_continuations(a, &pieces, &params))
        return false;
    *out = (HeaderValue){ .value = value, .params = params.p, .n = params.n };
    return true;
}

Str header_param(const HeaderValue *h, Str name)
{
    for (size_t i = 0; i < h->n; i++)
        if (str_eq(h->params[i].name, name))
            return h->params[i].value;
    return (Str){ 0 };
}

static bool is_quotable(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] > '~')
            return false;
    return true;
}

Str content_disposition_header(Arena *a, bool as_attachment, Str filename)
{
    if (filename.n == 0)
        return as_attachment ? STR("attachment") : (Str){ 0 };
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_str(&b, as_attachment ? STR("attachment; ") : STR("inline; "));
    if (is_quotable(filename)) {
        BUF_LIT(&b, "filename=\"");
        for (size_t i = 0; i < filename.n; i++) {
            if (filename.p[i] == '"' || filename.p[i] == '\\')
                buf_byte(&b, '\\');
            buf_byte(&b, filename.p[i]);
        }
        buf_byte(&b, '"');
    } else {
        BUF_LIT(&b, "filename*=utf-8''");
        url_quote_add(&b, filename, STR("/"));
    }
    return buf_view(&b);
}

static bool is_etag(Str s)
{
    if (str_starts(s, STR("W/")))
        s = str_from_byte(s, 2);
    return s.n >= 2 && s.p[0] == '"' && str_find_byte(str_from_byte(s, 1), '"') == s.n - 2;
}

Str quote_etag(Arena *a, Str tag) { return is_etag(tag) ? tag : str_format(a, "\"%.*s\"", STR_FMT(tag)); }

bool etag_any(Str header) { return str_eq(text_strip(header), STR("*")); }

bool etag_next(Str *header, Str *tag)
{
    while (str_cut(header, ',', tag)) {
        *tag = text_strip(*tag);
        if (is_etag(*tag))
            return true;
    }
    return false;
}

static Str opaque(Str tag) { return str_starts(tag, STR("W/")) ? str_from_byte(tag, 2) : tag; }

bool etag_matches(Str header, Str etag, bool weak)
{
    Str tag;
    if (etag_any(header))
        return true;
    while (etag_next(&header, &tag))
        if (weak ? str_eq(opaque(tag), opaque(etag)) : str_eq(tag, etag) && !str_starts(tag, STR("W/")))
            return true;
    return false;
}

bool if_range_matches(Str header, Str etag, Str last_modified)
{
    if (str_is_null(header))
        return true;
    header = str_trim(header);
    if (is_etag(header))
        return header.p[0] == '"' && str_eq(header, etag);
    return last_modified.n && str_eq(header, last_modified);
}

/* Digits, at most what fits; a longer number is past every content's end. */
static bool range_number(Str s, uint64_t *out)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    if (s.n && !str_to_u64(s, out))
        *out = UINT64_MAX;
    return s.n > 0;
}

RangeStatus range_parse(Str header, uint64_t size, ByteRange *out, size_t max, size_t *n)
{
    *n = 0;
    header = str_trim(header);
    if (!str_istarts(header, STR("bytes=")))
        return RANGE_NONE;
    Str rest = str_from_byte(header, 6), spec;
    size_t count = 0, good = 0;
    while (str_cut(&rest, ',', &spec)) {
        spec = str_trim(spec);
        if (spec.n == 0)
            continue; /* a list may have empty elements (RFC 9110, 5.6.1) */
        size_t dash = str_find_byte(spec, '-');
        if (dash == STR_NPOS || ++count > max)
            return RANGE_NONE;
        Str from = str_slice(spec, 0, dash), to = str_from_byte(spec, dash + 1);
        uint64_t first = 0, last = UINT64_MAX;
        if (from.n == 0) {
            if (!range_number(to, &last))
                return RANGE_NONE;
            if (last == 0 || size == 0)
                continue;
            first = last < size ? size - last : 0;
            last = size - 1;
        } else {
            if (!range_number(from, &first) || (to.n && !range_number(to, &last)) || last < first)
                return RANGE_NONE;
            if (first >= size)
                continue;
            if (last >= size)
                last = size - 1;
        }
        out[good++] = (ByteRange){ first, last };
    }
    *n = good;
    return good ? RANGE_OK : count ? RANGE_UNSATISFIABLE : RANGE_NONE;
}
