/*
 * http1_chunks.c: chunked bodies (RFC 9112 section 7.1). Sizes, extensions and trailers are walked byte by byte, because
 * they are short; the data of a chunk is handed on as it lies.
 */
#include "codec/http1_head.h"

enum { EXTENSIONS_MAX = 4096, TRAILERS_MAX = 4096, SIZE_DIGITS = 16 };

enum {
    AT_SIZE,
    AT_SIZE_SPACE, /* white space behind the size: an extension must follow */
    AT_EXTENSION,
    AT_SIZE_LF,
    AT_DATA,
    AT_DATA_CR,
    AT_DATA_LF,
    AT_TRAILER, /* the first byte of a trailer line */
    AT_TRAILER_NAME,
    AT_TRAILER_VALUE,
    AT_TRAILER_LF,
    AT_LAST_LF,
    AT_END,
};

static CLEF_COLD Http1Result refuse(Http1Chunks *c, Http1Reason reason)
{
    c->reason = reason;
    return HTTP1_BAD;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static Http1Reason line_end_or(char c, Http1Reason otherwise) { return c == '\n' ? HTTP1_BARE_LF : otherwise; }

/* A byte of the size line behind the size's digits. */
static Http1Reason size_byte(Http1Chunks *c, char b)
{
    int digit;
    switch (c->state) {
    case AT_SIZE:
        digit = hex_digit(b);
        if (digit >= 0) {
            if (++c->digits > SIZE_DIGITS || c->left >> 59)
                return HTTP1_CHUNK_SIZE_OVERFLOW;
            c->left = c->left << 4 | (unsigned)digit;
            return HTTP1_OK;
        }
        if (c->digits == 0)
            return line_end_or(b, HTTP1_BAD_CHUNK_SIZE);
        /* fall through */
    case AT_SIZE_SPACE:
        if (b == '\r' && c->state == AT_SIZE)
            c->state = AT_SIZE_LF;
        else if (b == ';')
            c->state = AT_EXTENSION;
        else if (b == ' ' || b == '\t')
            c->state = AT_SIZE_SPACE;
        else
            return line_end_or(b, HTTP1_BAD_CHUNK_SIZE);
        break;
    case AT_EXTENSION:
        if (b == '\r')
            c->state = AT_SIZE_LF;
        else if (!http1_is(b, CLASS_VALUE))
            return line_end_or(b, HTTP1_BAD_CHUNK_EXTENSION);
        break;
    default: /* AT_SIZE_LF */
        if (b != '\n')
            return HTTP1_BARE_CR;
        c->state = c->left ? AT_DATA : AT_TRAILER;
        return HTTP1_OK;
    }
    if (c->state != AT_SIZE_LF && ++c->extensions > (c->extensions_max ? c->extensions_max : EXTENSIONS_MAX))
        return HTTP1_CHUNK_EXTENSIONS_TOO_LARGE;
    return HTTP1_OK;
}

bool http1_trailer_allowed(Str name)
{
    static const Str forbidden[] = {
        STR("transfer-encoding"),
        STR("content-length"),
        STR("host"),
        STR("connection"),
        STR("keep-alive"),
        STR("upgrade"),
        STR("trailer"),
        STR("te"),
        STR("cache-control"),
        STR("expect"),
        STR("max-forwards"),
        STR("pragma"),
        STR("range"),
        STR("authorization"),
        STR("cookie"),
        STR("set-cookie"),
        STR("proxy-connection"),
        STR("proxy-authorization"),
        STR("content-type"),
        STR("content-encoding"),
        STR("content-range"),
        STR("x-forwarded-for"),
        STR("if-match"),
        STR("if-none-match"),
        STR("if-modified-since"),
        STR("if-unmodified-since"),
        STR("if-range"),
        STR("www-authenticate"),
        STR("x-forwarded-host"),
        STR("x-forwarded-proto"),
        STR("forwarded"),
        STR("location"),
    };
    for (size_t i = 0; i < CLEF_COUNT(forbidden); i++)
        if (str_ieq(name, forbidden[i]))
            return false;
    return true;
}

static Http1Reason trailer_byte(Http1Chunks *c, char b)
{
    if (++c->trailer_bytes > (c->trailers_max ? c->trailers_max : TRAILERS_MAX))
        return HTTP1_TRAILERS_TOO_LARGE;
    switch (c->state) {
    case AT_TRAILER:
        if (b == '\r') {
            c->state = AT_LAST_LF;
            return HTTP1_OK;
        }
        c->name_n = 0;
        c->state = AT_TRAILER_NAME;
        if (b == ' ' || b == '\t')
            return HTTP1_FOLDED;
        if (b == ':')
            return HTTP1_BAD_NAME;
        /* fall through */
    case AT_TRAILER_NAME:
        if (b == ':') {
            /* A name that does not fit is none of the forbidden ones. */
            if (c->name_n <= sizeof c->name && !http1_trailer_allowed(str_from(c->name, c->name_n)))
                return HTTP1_TRAILER_FORBIDDEN;
            c->state = AT_TRAILER_VALUE;
        } else if (!http1_is(b, CLASS_TOKEN)) {
            return b == ' ' || b == '\t' ? HTTP1_SPACE_BEFORE_COLON : line_end_or(b, HTTP1_BAD_NAME);
        } else if (c->name_n < sizeof c->name) {
            c->name[c->name_n++] = b;
        } else {
            c->name_n = sizeof c->name + 1;
        }
        break;
    case AT_TRAILER_VALUE:
        if (b == '\r')
            c->state = AT_TRAILER_LF;
        else if (!http1_is(b, CLASS_VALUE))
            return line_end_or(b, HTTP1_BAD_VALUE);
        break;
    case AT_TRAILER_LF:
        if (b != '\n')
            return HTTP1_BARE_CR;
        c->state = AT_TRAILER;
        break;
    default: /* AT_LAST_LF */
        if (b != '\n')
            return HTTP1_BARE_CR;
        c->state = AT_END;
        return HTTP1_OK;
    }
    if (c->trailers && !buf_byte(c->trailers, b))
        return HTTP1_TRAILERS_TOO_LARGE;
    return HTTP1_OK;
}

Http1Result http1_chunks_next(Http1Chunks *c, Str *in, Str *data)
{
    const char *p = in->p, *end = p + in->n;
    Http1Reason reason = HTTP1_OK;
    *data = (Str){ 0 };
    if (c->reason != HTTP1_OK)
        return HTTP1_BAD;
    while (p < end && c->state != AT_END && reason == HTTP1_OK) {
        if (c->state == AT_DATA) {
            size_t n = (size_t)(end - p) < c->left ? (size_t)(end - p) : (size_t)c->left;
            *data = str_from(p, n);
            p += n;
            c->left -= n;
            if (c->left == 0)
                c->state = AT_DATA_CR;
            break;
        }
        char b = *p++;
        if (c->state < AT_DATA) {
            reason = size_byte(c, b);
        } else if (c->state >= AT_TRAILER) {
            reason = trailer_byte(c, b);
        } else if (b != (c->state == AT_DATA_CR ? '\r' : '\n')) {
            reason = HTTP1_BAD_CHUNK_END;
        } else if (c->state == AT_DATA_CR) {
            c->state = AT_DATA_LF;
        } else {
            c->state = AT_SIZE;
            c->digits = 0;
        }
    }
    *in = str_from(p, (size_t)(end - p));
    if (CLEF_UNLIKELY(reason != HTTP1_OK))
        return refuse(c, reason);
    return c->state == AT_END ? HTTP1_DONE : HTTP1_MORE;
}

void http1_chunks_unread(Http1Chunks *c, size_t n)
{
    c->left += n;
    c->state = AT_DATA;
}

size_t http1_trailers(Str kept, HttpHeader *out, size_t n)
{
    size_t found = 0;
    Str line;
    while (found < n && str_cut(&kept, '\n', &line)) {
        size_t colon = str_find_byte(line, ':');
        if (colon == STR_NPOS)
            continue;
        out[found].name = str_slice(line, 0, colon);
        out[found++].value = str_trim(str_from_byte(line, colon + 1));
    }
    return found;
}
