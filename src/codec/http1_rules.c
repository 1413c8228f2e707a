/* http1_rules.c: what a complete head means: target forms, host, framing, the connection's life. */
#include "codec/http1_head.h"

#include <clef/codec/host.h>

#define BIT(id) (1ull << (id))

static bool is_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* "[...]" around an IPv6 address or a future form: s is what stands between the brackets. */
static bool is_ip_literal(Str s)
{
    if (s.n < 2)
        return false;
    if ((s.p[0] | 0x20) == 'v') {
        size_t dot = str_find_byte(s, '.');
        if (dot == STR_NPOS || dot < 2 || dot + 1 == s.n)
            return false;
        for (size_t i = 1; i < s.n; i++)
            if (i < dot ? !http1_is(s.p[i], CLASS_HEX) : !http1_is(s.p[i], CLASS_HOST) && s.p[i] != ':')
                return false;
        return true;
    }
    uint8_t address[16];
    return ip6_parse(s, address);
}

bool http_is_host(Str s)
{
    size_t at = 0;
    if (s.n && s.p[0] == '[') {
        size_t close = str_find_byte(s, ']');
        if (close == STR_NPOS || !is_ip_literal(str_slice(s, 1, close)))
            return false;
        at = close + 1;
    } else {
        for (; at < s.n; at++) {
            if (CLEF_LIKELY(http1_is(s.p[at], CLASS_HOST)))
                continue;
            if (s.p[at] != '%' || s.n - at < 3 || !http1_is(s.p[at + 1], CLASS_HEX) ||
                !http1_is(s.p[at + 2], CLASS_HEX))
                break;
            at += 2;
        }
        if (at == 0)
            return false;
    }
    if (at == s.n)
        return true;
    Str port = str_from_byte(s, at + 1);
    uint64_t number = 0;
    return s.p[at] == ':' && (port.n == 0 || (is_digits(port) && str_to_u64(port, &number) && number <= 65535));
}

/*
 * The usual host: at most 16 bytes, a name of letters, digits, dots and dashes, with a port of up to four digits or
 * without. HTTP1_PAD bytes behind it are readable. The last one is kept, for nearly all requests name the same host. False:
 * ask http_is_host().
 */
static inline bool is_plain_host(Http1Parser *ps, Str s)
{
#if defined(__SSE2__)
    __m128i v = http1_load(s.p);
    unsigned differ = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, http1_load(ps->host)));
    if (CLEF_LIKELY(s.n == ps->host_n && (unsigned)__builtin_ctz(differ) >= s.n))
        return s.n > 0;
    if (s.n - 1 >= 16)
        return false;
    __m128i digit = http1_in_range(v, '0', 9);
    __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')), _mm_cmpeq_epi8(v, _mm_set1_epi8('.')));
    __m128i alpha = http1_in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 25);
    unsigned other = ~(unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(alpha, digit), mark));
    other &= (1u << s.n) - 1;
    if (other) {
        unsigned colon = (unsigned)__builtin_ctz(other), port = (unsigned)s.n - colon - 1;
        unsigned digits = (unsigned)_mm_movemask_epi8(digit) >> (colon + 1);
        if (s.p[colon] != ':' || colon == 0 || port - 1 >= 4 || (~digits & ((1u << port) - 1)) != 0)
            return false;
    }
    _mm_storeu_si128((__m128i *)(void *)ps->host, v);
    ps->host_n = (uint8_t)s.n;
    return true;
#else
    (void)ps, (void)s;
    return false;
#endif
}

bool http1_target(HttpHead *h, const char *query, Http1Reason *reason)
{
    Str t = h->target;
    *reason = HTTP1_BAD_TARGET;
    h->query = (Str){ 0 };
    if (h->method == HTTP_CONNECT) {
        size_t colon = str_rfind_byte(t, ':');
        h->path = str_slice(t, 0, 0);
        h->host = t;
        return http_is_host(t) && colon != STR_NPOS && colon + 1 < t.n && t.p[t.n - 1] != ']';
    }
    if (t.n == 1 && t.p[0] == '*') {
        h->path = t;
        /* The HTTP/2 preface is answered by its version, which stands behind the target. */
        return h->method == HTTP_OPTIONS;
    }
    size_t scheme = str_istarts(t, STR("http://")) ? 7 : str_istarts(t, STR("https://")) ? 8 : 0;
    if (!scheme)
        return false;
    h->absolute = true;
    size_t end = scheme;
    while (end < t.n && t.p[end] != '/' && t.p[end] != '?')
        end++;
    h->host = str_slice(t, scheme, end);
    if (!http_is_host(h->host)) {
        *reason = HTTP1_BAD_HOST;
        return false;
    }
    size_t mark = query ? (size_t)(query - t.p) : t.n;
    if (query)
        h->query = str_from_byte(t, mark + 1);
    h->path = str_slice(t, end, mark);
    /* Views into the buffer only, because they may move with it: the slash is that of "://". */
    if (h->path.n == 0 && (h->method != HTTP_OPTIONS || query))
        h->path = str_slice(t, scheme - 1, scheme);
    return true;
}

/* Every element of a list header, over all its lines. Start with {0}; false at the end. Elements are trimmed. */
typedef struct Elements {
    Str rest;
    size_t at;
    bool inside;
} Elements;

static bool next_element(Elements *e, const HttpHead *h, HttpKnown id, Str *out)
{
    while (!e->inside) {
        const HttpHeader *line = http_header_next(h, http_known_name(id), &e->at);
        if (!line)
            return false;
        e->rest = line->value;
        e->inside = true;
    }
    if (!str_cut(&e->rest, ',', out))
        return false;
    e->inside = !str_is_null(e->rest);
    *out = str_trim(*out);
    return true;
}

static CLEF_COLD void connection_list(HttpHead *h)
{
    Elements e = { 0 };
    bool close = false, keep = false;
    for (Str word; next_element(&e, h, HDR_CONNECTION, &word);) {
        close |= str_ieq(word, STR("close"));
        keep |= str_ieq(word, STR("keep-alive"));
        h->upgrade |= str_ieq(word, STR("upgrade"));
    }
    h->keep_alive = !close && (h->minor || keep);
    h->upgrade = h->upgrade && h->minor && http_has(h, HDR_UPGRADE);
}

static inline void connection(HttpHead *h)
{
    Str v = http_known(h, HDR_CONNECTION);
    /* The usual value in its usual spelling. */
    if (CLEF_LIKELY(v.n == 10 && !(h->repeated & BIT(HDR_CONNECTION)) && memcmp(v.p, "keep-alive", 10) == 0))
        h->keep_alive = true;
    else
        connection_list(h);
}

static CLEF_COLD Http1Reason transfer_coding(HttpHead *h)
{
    if (h->minor == 0)
        return HTTP1_CODING_IN_HTTP10;
    if (http_has(h, HDR_CONTENT_LENGTH))
        return HTTP1_LENGTH_WITH_CODING;
    Elements e = { 0 };
    bool last_chunked = false, other = false, any = false;
    for (Str word; next_element(&e, h, HDR_TRANSFER_ENCODING, &word); any = true) {
        if (last_chunked || word.n == 0)
            return HTTP1_BAD_CODING;
        last_chunked = str_ieq(word, STR("chunked"));
        other |= !last_chunked;
    }
    if (!last_chunked || !any)
        return HTTP1_BAD_CODING;
    if (other)
        return HTTP1_CODING_UNSUPPORTED;
    h->chunked = true;
    return HTTP1_OK;
}

static inline Http1Reason length(HttpHead *h)
{
    Str v = http_known(h, HDR_CONTENT_LENGTH);
    if (h->repeated & BIT(HDR_CONTENT_LENGTH))
        return HTTP1_REPEATED_LENGTH;
    if (v.n == 0 || v.n > 19 || !is_digits(v))
        return HTTP1_BAD_LENGTH;
    uint64_t n = 0;
    for (size_t i = 0; i < v.n; i++)
        n = n * 10 + (uint64_t)(v.p[i] - '0');
    if (n > INT64_MAX)
        return HTTP1_BAD_LENGTH;
    h->has_length = true;
    h->content_length = n;
    return HTTP1_OK;
}

static inline Http1Reason host_rules(Http1Parser *ps)
{
    HttpHead *h = &ps->head;
    if (CLEF_UNLIKELY(!http_has(h, HDR_HOST)))
        return h->minor ? HTTP1_NO_HOST : HTTP1_OK;
    if (CLEF_UNLIKELY(h->repeated & BIT(HDR_HOST)))
        return HTTP1_REPEATED_HOST;
    Str host = http_known(h, HDR_HOST);
    if (CLEF_UNLIKELY(!is_plain_host(ps, host) && !http_is_host(host)))
        return HTTP1_BAD_HOST;
    /* An authority in the target replaces the header. */
    if (CLEF_LIKELY(str_is_null(h->host)))
        h->host = host;
    return HTTP1_OK;
}

Http1Reason http1_head_rules(Http1Parser *ps, bool request)
{
    HttpHead *h = &ps->head;
    h->keep_alive = h->minor;
    h->chunked = h->has_length = h->expect_continue = h->upgrade = false;
    h->content_length = 0;
    Http1Reason reason = HTTP1_OK;
    if (request)
        reason = host_rules(ps);
    /* "OPTIONS http://host" asks about the server as a whole; nothing moves any more. */
    if (CLEF_UNLIKELY(request && h->absolute && h->path.n == 0))
        h->path = STR("*");
    const uint64_t framing =
        BIT(HDR_CONNECTION) | BIT(HDR_CONTENT_LENGTH) | BIT(HDR_TRANSFER_ENCODING) | BIT(HDR_EXPECT);
    if (CLEF_LIKELY(!(h->present & framing)) || reason != HTTP1_OK)
        return reason;
    if (http_has(h, HDR_CONNECTION))
        connection(h);
    if (http_has(h, HDR_TRANSFER_ENCODING))
        reason = transfer_coding(h);
    else if (http_has(h, HDR_CONTENT_LENGTH))
        reason = length(h);
    if (reason != HTTP1_OK)
        return reason;
    /* HTTP/1.0 clients never wait: RFC 9110 section 10.1.1. */
    if (http_has(h, HDR_EXPECT) && request && h->minor) {
        if ((h->repeated & BIT(HDR_EXPECT)) || !str_ieq(http_known(h, HDR_EXPECT), STR("100-continue")))
            return HTTP1_EXPECTATION_FAILED;
        h->expect_continue = true;
    }
    return HTTP1_OK;
}
