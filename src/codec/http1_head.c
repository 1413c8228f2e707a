/*
 * http1_head.c: request and response heads, line by line. A line is judged only once it is complete, so that the result
 * does not depend on how the bytes arrived; what a complete head means is http1_rules.c's subject.
 */
#include "codec/http1_head.h"

enum { STAGE_START, STAGE_FIRST_LINE, STAGE_HEADERS, STAGE_DONE };
enum { LINE_MAX = 8192, BYTES_MAX = 32768, HEADERS_MAX = 100, METHOD_MAX = 32 };

void http1_parser_init(Http1Parser *ps, const Http1Limits *limits, HttpHeader *headers)
{
    *ps = (Http1Parser){ .head.headers = headers };
    if (limits)
        ps->limits = *limits;
    if (!ps->limits.line)
        ps->limits.line = LINE_MAX;
    if (!ps->limits.bytes)
        ps->limits.bytes = BYTES_MAX;
    if (!ps->limits.headers)
        ps->limits.headers = HEADERS_MAX;
    if (ps->limits.headers > HTTP1_HEADERS_MAX)
        ps->limits.headers = HTTP1_HEADERS_MAX;
}

static CLEF_COLD Http1Result refuse(Http1Parser *ps, Http1Reason reason)
{
    ps->reason = reason;
    return HTTP1_BAD;
}

/* The line that begins at ps->line has no LF before n. */
static CLEF_COLD Http1Result wait_for_line(Http1Parser *ps, size_t n)
{
    ps->searched = (uint32_t)n;
    /* A CR at the end may belong to the line's end. */
    if (ps->stage <= STAGE_FIRST_LINE)
        return n - ps->line > (size_t)ps->limits.line + 1 ? refuse(ps, HTTP1_LINE_TOO_LONG) : HTTP1_MORE;
    return n - ps->fields >= ps->limits.bytes ? refuse(ps, HTTP1_HEADERS_TOO_LARGE) : HTTP1_MORE;
}

/* The line at ps->line does not parse, or is not complete: a limit first, then what ps->reason says. */
static CLEF_COLD Http1Result line_failed(Http1Parser *ps, const char *p, size_t n)
{
    const char *lf = http1_find_lf(p + ps->line, p + n);
    if (!lf)
        return wait_for_line(ps, n);
    size_t end = (size_t)(lf - p);
    if (ps->stage <= STAGE_FIRST_LINE && end - ps->line > (size_t)ps->limits.line + 1)
        ps->reason = HTTP1_LINE_TOO_LONG;
    else if (ps->stage == STAGE_HEADERS && end + 1 - ps->fields > ps->limits.bytes)
        ps->reason = HTTP1_HEADERS_TOO_LARGE;
    return HTTP1_BAD;
}

/* What is wrong at s, where a line's text ended and no CR LF stands. */
static CLEF_COLD Http1Reason bad_line_end(const char *s, Http1Reason otherwise)
{
    return *s == '\n' ? HTTP1_BARE_LF : *s == '\r' && s[1] != '\n' ? HTTP1_BARE_CR : otherwise;
}

/* The buffer may have moved since the last call: the views move with it. */
static CLEF_COLD void rebase(Http1Parser *ps, const char *p)
{
    HttpHead *h = &ps->head;
    const char *old = ps->base;
#define MOVE(s) ((s).p = (s).p ? p + ((s).p - old) : NULL)
    MOVE(h->method_name);
    MOVE(h->target);
    MOVE(h->path);
    MOVE(h->query);
    MOVE(h->host);
    MOVE(h->phrase);
    for (size_t i = 0; i < h->nheaders; i++) {
        MOVE(h->headers[i].name);
        MOVE(h->headers[i].value);
    }
#undef MOVE
    ps->base = p;
}

static CLEF_COLD const char *other_method(HttpHead *h, const char *s, Http1Reason *reason)
{
    const char *at = s;
    while (http1_is(*at, CLASS_TOKEN))
        at++;
    h->method_name = str_from(s, (size_t)(at - s));
    if (*at != ' ' || at == s) {
        *reason = bad_line_end(at, HTTP1_BAD_METHOD);
        return NULL;
    }
    if (at - s > METHOD_MAX) {
        *reason = HTTP1_LONG_METHOD;
        return NULL;
    }
    h->method = HTTP_OTHER;
    for (HttpMethod m = HTTP_PATCH; m <= HTTP_TRACE; m++)
        if (str_eq(h->method_name, http_method_text(m)))
            h->method = m;
    return at + 1;
}

static inline bool is4(const char *s, const char *text) { return memcmp(s, text, 4) == 0; }

/* Sets the method; returns what follows its space, or NULL with *reason set. */
static inline const char *method(HttpHead *h, const char *s, Http1Reason *reason)
{
    size_t n;
    if (CLEF_LIKELY(is4(s, "GET "))) {
        h->method = HTTP_GET;
        n = 3;
    } else if (is4(s, "POST") && s[4] == ' ') {
        h->method = HTTP_POST;
        n = 4;
    } else if (is4(s, "HEAD") && s[4] == ' ') {
        h->method = HTTP_HEAD;
        n = 4;
    } else if (is4(s, "PUT ")) {
        h->method = HTTP_PUT;
        n = 3;
    } else {
        return other_method(h, s, reason);
    }
    h->method_name = str_from(s, n);
    return s + n + 1;
}

/* Why the text at s, behind a request target, is not "HTTP/1.x" and CR LF. */
static CLEF_COLD Http1Reason version_reason(const HttpHead *h, const char *s)
{
    static const char name[] = "HTTP/";
    for (size_t i = 0; i < 5; i++)
        if (s[i] != name[i])
            return bad_line_end(s + i, HTTP1_BAD_VERSION);
    bool digits = s[5] >= '0' && s[5] <= '9' && s[6] == '.' && s[7] >= '0' && s[7] <= '9';
    if (!digits)
        return HTTP1_BAD_VERSION;
    if (s[8] != '\r' || s[9] != '\n')
        return bad_line_end(s + 8, HTTP1_BAD_VERSION);
    if (s[5] == '2' && str_eq(h->method_name, STR("PRI")) && str_eq(h->target, STR("*")))
        return HTTP1_HTTP2_PREFACE;
    return HTTP1_VERSION_UNSUPPORTED;
}

/* "1.x" at s: the minor version read as 0 or 1; false for another major version. */
static inline bool version(HttpHead *h, const char *s)
{
    static const char known[8] = { 'H', 'T', 'T', 'P', '/', '1', '.', '1' };
    h->minor = 1;
    if (CLEF_LIKELY(memcmp(s, known, 8) == 0))
        return true;
    if (memcmp(s, known, 7) != 0 || s[7] < '0' || s[7] > '9')
        return false;
    h->minor = s[7] != '0';
    return true;
}

/* The request line at s; returns the next line's place, or NULL with *reason set. */
static inline __attribute__((always_inline)) const char *request_line(HttpHead *h, const char *s, Http1Reason *reason)
{
    s = method(h, s, reason);
    if (!s)
        return NULL;
    const char *query = NULL;
    h->escaped = false;
    const char *end = http1_skip_target(s, &query, &h->escaped);
    if (CLEF_UNLIKELY(end == s || *end != ' ')) {
        *reason = bad_line_end(end, HTTP1_BAD_TARGET);
        return NULL;
    }
    h->target = str_from(s, (size_t)(end - s));
    h->host = (Str){ 0 };
    h->absolute = false;
    if (CLEF_UNLIKELY(!version(h, end + 1) || !http1_is_crlf(end + 9))) {
        *reason = version_reason(h, end + 1);
        return NULL;
    }
    if (CLEF_LIKELY(*s == '/' && h->method != HTTP_CONNECT)) {
        h->path = query ? str_from(s, (size_t)(query - s)) : h->target;
        h->query = query ? str_from(query + 1, (size_t)(end - query - 1)) : (Str){ 0 };
    } else if (!http1_target(h, query, reason)) {
        return NULL;
    }
    return end + 11;
}

/* "HTTP/1.1 200 OK": the phrase may be empty or missing with its space. */
static const char *status_line(HttpHead *h, const char *s, Http1Reason *reason)
{
    if (!version(h, s)) {
        *reason = HTTP1_BAD_VERSION;
        return NULL;
    }
    *reason = HTTP1_BAD_STATUS;
    if (s[8] != ' ')
        return NULL;
    int status = 0;
    for (int i = 9; i < 12; i++) {
        if (s[i] < '0' || s[i] > '9')
            return NULL;
        status = status * 10 + (s[i] - '0');
    }
    if (status < 100 || status > 599)
        return NULL;
    h->status = (uint16_t)status;
    s += 12;
    if (*s == ' ')
        s++;
    else if (*s != '\r')
        return NULL;
    const char *end = http1_skip_value(s);
    h->phrase = str_from(s, (size_t)(end - s));
    if (end[0] != '\r' || end[1] != '\n') {
        *reason = bad_line_end(end, HTTP1_BAD_STATUS);
        return NULL;
    }
    return end + 2;
}

const char *http1_field(HttpHeader *to, const char *s, Http1Reason *reason)
{
    const char *colon = http1_skip_token(s);
    if (CLEF_UNLIKELY(*colon != ':' || colon == s)) {
        *reason = bad_line_end(colon, HTTP1_BAD_NAME);
        if (*colon == ' ' || *colon == '\t')
            *reason = colon == s ? HTTP1_FOLDED : HTTP1_SPACE_BEFORE_COLON;
        return NULL;
    }
    to->name = str_from(s, (size_t)(colon - s));
    const char *value = colon + 1;
    if (CLEF_LIKELY(*value == ' '))
        value++;
    if (CLEF_UNLIKELY((unsigned char)*value <= ' '))
        while (*value == ' ' || *value == '\t')
            value++;
    const char *end = http1_skip_value(value), *last = end;
    if (CLEF_UNLIKELY(!http1_is_crlf(end))) {
        *reason = bad_line_end(end, HTTP1_BAD_VALUE);
        return NULL;
    }
    if (CLEF_UNLIKELY((unsigned char)last[-1] <= ' '))
        while (last > value && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
    to->value = str_from(value, (size_t)(last - value));
    return end + 2;
}

#if defined(__SSE2__)
/*
 * The usual line: a known name that ends in the first fifteen bytes, one space, a value of visible ASCII with no white
 * space at its ends. One pass serves the name and the value. What equals a known name and its colon is a token, but for
 * control characters that the folding of case changes; the search for the value's end stops at them, and no known name
 * has a byte that LF is folded to, so that no CR LF stands there. NULL: look closer, by http1_field().
 */
static inline const char *known_field(HttpHeader *to, const char *s, unsigned *known)
{
    __m128i v = http1_load(s);
    unsigned n = (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(':'))) | 0x10000);
    unsigned id = http1_slots[http1_slot(s, n)];
    __m128i name = _mm_load_si128((const __m128i *)(const void *)http1_names[id].text);
    __m128i same = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), name);
    if (CLEF_UNLIKELY((unsigned)__builtin_ctz(~(unsigned)_mm_movemask_epi8(same)) <= n))
        return NULL;
    const char *value = s + n + 2, *p = s;
    unsigned stop = http1_unusual(v);
    while (!stop) {
        p += 16;
        stop = http1_unusual(http1_load(p));
    }
    const char *end = p + (unsigned)__builtin_ctz(stop);
    if (CLEF_UNLIKELY(value[-1] != ' ' || (uint8_t)*value <= ' ' || end[-1] == ' ' || !http1_is_crlf(end)))
        return NULL;
    *known = id;
    to->name = str_from(s, n);
    to->value = str_from(value, (size_t)(end - value));
    return end + 2;
}
#else
static inline const char *known_field(HttpHeader *to, const char *s, unsigned *known)
{
    (void)to, (void)s, (void)known;
    return NULL;
}
#endif

/* Apart, because it is long and seldom comes. */
static __attribute__((noinline)) unsigned name_of(const HttpHeader *h) { return http1_known(h->name.p, h->name.n); }

/* The header lines from ps->line on, up to and with the empty line. */
static inline Http1Result header_lines(Http1Parser *ps, const char *p, size_t n)
{
    HttpHead *h = &ps->head;
    unsigned i = h->nheaders, limit = ps->limits.headers;
    const char *s = p + ps->line, *end = p + n, *next;
    /*
     * The end of the head behind this is too many bytes; the addition cannot pass the buffer's end by more than the
     * limit.
     */
    size_t room = n - ps->fields < ps->limits.bytes ? n - ps->fields : ps->limits.bytes;
    const char *most = p + ps->fields + room;
    uint64_t present = h->present, repeated = h->repeated;
    while (*s != '\r') {
        if (CLEF_UNLIKELY(i == limit)) {
            ps->reason = HTTP1_TOO_MANY_HEADERS;
            break;
        }
        HttpHeader *to = &h->headers[i];
        unsigned known = 0;
        next = known_field(to, s, &known);
        if (CLEF_UNLIKELY(!next)) {
            next = http1_field(to, s, &ps->reason);
            if (!next)
                break;
            known = name_of(to);
        }
        uint64_t bit = (uint64_t)1 << known;
        if (CLEF_LIKELY(!(present & bit))) {
            h->at[known] = (uint8_t)i;
            present |= bit;
        } else {
            repeated |= bit;
        }
        s = next;
        i++;
    }
    h->nheaders = (uint16_t)i;
    /* Unknown names share the lowest bit, which says nothing. */
    h->present = present & ~(uint64_t)1;
    h->repeated = repeated & ~(uint64_t)1;
    ps->line = (uint32_t)(s - p);
    if (CLEF_UNLIKELY(*s != '\r' || s[1] != '\n' || s + 2 > most)) {
        if (end - s >= 2 && s[0] == '\r' && s[1] != '\n')
            ps->reason = HTTP1_BARE_CR;
        return line_failed(ps, p, n);
    }
    h->size = (uint32_t)(s + 2 - p);
    return HTTP1_DONE;
}

/* The first line does not parse, or is not complete; its first byte is judged as soon as it is there. */
static CLEF_COLD Http1Result first_line_failed(Http1Parser *ps, const char *p, size_t n)
{
    char first = p[ps->line];
    if (!http1_is(first, CLASS_TOKEN))
        return refuse(ps, first == '\n' ? HTTP1_BARE_LF : HTTP1_BAD_START);
    ps->stage = STAGE_FIRST_LINE;
    return line_failed(ps, p, n);
}

/* The first line, at p + ps->line, and the place behind it; NULL when it does not parse or is not complete. */
static inline __attribute__((always_inline)) const char *first_line(Http1Parser *ps, const char *p, size_t n,
                                                                    bool request)
{
    HttpHead *h = &ps->head;
    const char *s = p + ps->line;
    const char *next = request ? request_line(h, s, &ps->reason) : status_line(h, s, &ps->reason);
    if (CLEF_UNLIKELY(!next || next > p + n || (size_t)(next - s) - 2 > ps->limits.line))
        return NULL;
    ps->line = ps->fields = (uint32_t)(next - p);
    return next;
}

static inline Http1Result head_parse(Http1Parser *ps, const char *p, size_t n, bool request)
{
    if (CLEF_UNLIKELY(ps->stage != STAGE_START)) {
        if (ps->stage == STAGE_DONE)
            return HTTP1_DONE;
        if (p != ps->base)
            rebase(ps, p);
        if (!http1_find_lf(p + ps->searched, p + n))
            return wait_for_line(ps, n);
        if (ps->stage == STAGE_HEADERS)
            goto headers;
    } else {
        if (CLEF_UNLIKELY(n == 0))
            return HTTP1_MORE;
        ps->base = p;
        ps->line = 0;
        /* One empty line in front of a request is ignored, as RFC 9112 section 2.2 asks. */
        if (CLEF_UNLIKELY(*p == '\r') && request) {
            if (n < 2)
                return HTTP1_MORE;
            if (p[1] != '\n')
                return refuse(ps, HTTP1_BARE_CR);
            if (n == 2)
                return HTTP1_MORE;
            ps->line = 2;
        }
    }
    if (CLEF_UNLIKELY(!first_line(ps, p, n, request)))
        return first_line_failed(ps, p, n);
    ps->stage = STAGE_HEADERS;
headers:;
    Http1Result result = header_lines(ps, p, n);
    if (CLEF_UNLIKELY(result != HTTP1_DONE))
        return result;
    Http1Reason reason = http1_head_rules(ps, request);
    if (CLEF_UNLIKELY(reason != HTTP1_OK))
        return refuse(ps, reason);
    ps->stage = STAGE_DONE;
    return HTTP1_DONE;
}

Http1Result http1_request_parse(Http1Parser *ps, const char *p, size_t n) { return head_parse(ps, p, n, true); }

Http1Result http1_response_parse(Http1Parser *ps, const char *p, size_t n) { return head_parse(ps, p, n, false); }

/*
 * The same header lines as in the request before, behind a request line of the same kind: what was found in them holds
 * again, and the views move by the distance between the two.
 */
static bool same_lines(Http1Parser *ps, const char *p, size_t n)
{
    HttpHead *h = &ps->head;
    const char *lines = ps->base + ps->fields;
    size_t bytes = h->size - ps->fields;
    uint8_t minor = h->minor;
    if (CLEF_UNLIKELY(h->absolute || h->method == HTTP_CONNECT))
        return false; /* the host is not that of the header */
    ps->line = 0;
    const char *s = first_line(ps, p, n, true);
    if (CLEF_UNLIKELY(!s || h->minor != minor || h->absolute || h->method == HTTP_CONNECT ||
                      bytes > (size_t)(p + n - s) || memcmp(s, lines, bytes) != 0))
        return false;
    ptrdiff_t distance = s - lines;
    for (size_t i = 0; i < h->nheaders; i++) {
        h->headers[i].name.p += distance;
        h->headers[i].value.p += distance;
    }
    h->host = http_known(h, HDR_HOST);
    h->size = ps->fields + (uint32_t)bytes;
    ps->base = p;
    return true;
}

Http1Result http1_request_parse_next(Http1Parser *ps, const char *p, size_t n)
{
    if (CLEF_LIKELY(ps->stage == STAGE_DONE && same_lines(ps, p, n)))
        return HTTP1_DONE;
    http1_parser_reset(ps);
    return http1_request_parse(ps, p, n);
}
