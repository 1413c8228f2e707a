/* header.c: parameters, dispositions, tags and ranges (see <clef/codec/header.h>). */
#include <clef/base/utf8.h>
#include <clef/base/vec.h>
#include <clef/codec/charset.h>
#include <clef/codec/header.h>
#include <clef/codec/url.h>

#include "codec/text.h"

typedef VEC(HeaderParam) Params;

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

/* The text in quotes (\\ and \" undone, in this order); other text as it is. */
static Str unquote(Arena *a, Str s)
{
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return s;
    s = str_slice(s, 1, s.n - 1);
    if (str_find_byte(s, '\\') == STR_NPOS)
        return s;
    s = str_replace(a, s, STR("\\\\"), STR("\\"));
    return str_replace(a, s, STR("\\\""), STR("\""));
}

/* Escapes undone in a charset. What is not ASCII was no escape, and stays. */
static Str decode_escapes(Arena *a, Str s, Charset charset)
{
    if (charset == CHARSET_UTF8)
        return url_unquote(a, s);
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    while (s.n) {
        size_t n = 0;
        while (n < s.n && (unsigned char)s.p[n] < 0x80)
            n++;
        buf_str(&b, charset_decode(a, url_unquote_bytes(a, str_slice(s, 0, n)), charset));
        s = str_from_byte(s, n);
        for (n = 0; n < s.n && (unsigned char)s.p[n] >= 0x80;)
            n++;
        buf_str(&b, str_slice(s, 0, n));
        s = str_from_byte(s, n);
    }
    return buf_view(&b);
}

/* "charset'language'text", cut at its two ticks. */
static bool decode_extended(Arena *a, Str s, Str *out)
{
    Str charset, language;
    if (!str_cut(&s, '\'', &charset) || str_is_null(s) || !str_cut(&s, '\'', &language) || str_is_null(s) ||
        str_find_byte(s, '\'') != STR_NPOS)
        return false;
    *out = s;
    if (str_find_byte(s, '%') == STR_NPOS)
        return true;
    Charset known = charset_find(charset);
    if (!charset.n || known == CHARSET_UNKNOWN)
        return false;
    *out = decode_escapes(a, s, known);
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

static size_t count_byte(Str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
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
    Str piece = { 0 };
    (void)cut_piece(&line, &piece);
    Str value = lower(a, text_strip(piece));
    for (size_t count = 0; cut_piece(&line, &piece);) {
        size_t equals = str_find_byte(piece, '=');
        if (equals == STR_NPOS)
            continue;
        if (++count > HEADER_PARAMS_MAX)
            return false;
        Str name = lower(a, text_strip(str_slice(piece, 0, equals)));
        Str text = unquote(a, text_strip(str_from_byte(piece, equals + 1)));
        if (str_ends(name, STR("*"))) {
            name.n--;
            if (count_byte(piece, '\'') == 2 && !decode_extended(a, text, &text))
                return false;
        }
        set_param(a, &params, name, text);
    }
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

static bool are_near(ByteRange a, ByteRange b, uint64_t gap)
{
    return a.first > b.last ? a.first - b.last - 1 <= gap : b.first > a.last ? b.first - a.last - 1 <= gap : true;
}

size_t ranges_join(ByteRange *r, size_t n, uint64_t gap)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n;) {
            if (!are_near(r[i], r[k], gap)) {
                k++;
                continue;
            }
            r[i].first = r[k].first < r[i].first ? r[k].first : r[i].first;
            r[i].last = r[k].last > r[i].last ? r[k].last : r[i].last;
            memmove(r + k, r + k + 1, (--n - k) * sizeof *r);
            k = i + 1; /* the wider one may reach those that were passed */
        }
    return n;
}
