/*
 * http1_head: the result of a head does not depend on how its bytes arrive, nor on what stands behind them, nor on the head
 * that stood before it in the same buffer.
 */
#include <clef/base.h>
#include <clef/codec/http1.h>

static bool same(Str a, Str b) { return str_is_null(a) == str_is_null(b) && str_eq(a, b); }

static const Http1Limits limits = { .line = 64, .bytes = 160, .headers = 6 };

static Http1Result run(Arena *a, Http1Parser *ps, HttpHeader *room, const uint8_t *data, size_t n, size_t cut,
                       size_t step, char fill)
{
    Http1Result result = HTTP1_MORE;
    http1_parser_init(ps, &limits, room);
    for (size_t at = cut < n ? cut : n;; at = n - at < step ? n : at + step) {
        char *p = arena_alloc(a, at + HTTP1_PAD);
        if (at)
            memcpy(p, data, at);
        memset(p + at, fill, HTTP1_PAD);
        p[at] = 0;
        result = http1_request_parse(ps, p, at);
        if (result != HTTP1_MORE || at == n)
            return result;
    }
}

/* The lines of a head that was accepted, read again byte by byte. */
static void read_slowly(const HttpHead *h, const char *text)
{
    const char *s = text;
    uint64_t present = 0, repeated = 0;
    for (bool first = true; first; s++)
        first = *s != '\n' || s == text + 1; /* an empty line in front is not the request line */
    for (size_t i = 0; i < h->nheaders; i++) {
        const char *end = s, *colon = s;
        while (*end != '\r')
            end++;
        while (*colon != ':')
            colon++;
        ASSERT(end[1] == '\n' && colon < end);
        Str name = str_from(s, (size_t)(colon - s)),
            value = str_trim_set(str_from(colon + 1, (size_t)(end - colon - 1)), STR(" \t"));
        ASSERT(str_eq(h->headers[i].name, name) && str_eq(h->headers[i].value, value));
        HttpKnown known = http_known_find(name);
        uint64_t bit = known ? (uint64_t)1 << known : 0;
        ASSERT(!bit || (present & bit) || h->at[known] == i);
        repeated |= present & bit;
        present |= bit;
        s = end + 2;
    }
    ASSERT(s[0] == '\r' && s[1] == '\n' && (size_t)(s + 2 - text) == h->size);
    ASSERT(h->present == present && h->repeated == repeated);
    ASSERT(h->escaped == (memchr(h->target.p, '%', h->target.n) != NULL));
}

/* The same outcome and, of a complete head, the same meaning. */
static void compare(Http1Result result, const Http1Parser *a, const Http1Parser *b)
{
    const HttpHead *x = &a->head, *y = &b->head;
    if (result == HTTP1_BAD) {
        ASSERT(a->reason == b->reason && a->reason != HTTP1_OK);
        ASSERT(http1_reason_status(a->reason) >= 400);
    }
    if (result != HTTP1_DONE)
        return;
    ASSERT(x->size == y->size && x->nheaders == y->nheaders && x->method == y->method && x->minor == y->minor);
    ASSERT(same(x->method_name, y->method_name) && same(x->target, y->target));
    ASSERT(same(x->path, y->path) && same(x->query, y->query) && same(x->host, y->host));
    ASSERT(x->present == y->present && x->repeated == y->repeated && x->keep_alive == y->keep_alive);
    ASSERT(x->chunked == y->chunked && x->content_length == y->content_length && !(x->chunked && x->has_length));
    ASSERT(x->has_length == y->has_length && x->expect_continue == y->expect_continue && x->upgrade == y->upgrade);
    ASSERT(x->absolute == y->absolute && x->escaped == y->escaped);
    for (int i = 1; i < HDR_COUNT; i++)
        ASSERT(!http_has(x, (HttpKnown)i) || x->at[i] == y->at[i]);
    for (size_t i = 0; i < x->nheaders; i++) {
        ASSERT(same(x->headers[i].name, y->headers[i].name) && same(x->headers[i].value, y->headers[i].value));
        ASSERT(http_is_token(x->headers[i].name) && http_is_value(x->headers[i].value));
    }
}

/* The heads behind the first one, each in the light of the one before it and by a parser of its own. */
static void read_on(Http1Parser *ps, const char *p, size_t n)
{
    while (ps->head.size < n) {
        HttpHeader room[6];
        Http1Parser fresh;
        p += ps->head.size;
        n -= ps->head.size;
        http1_parser_init(&fresh, &limits, room);
        Http1Result alone = http1_request_parse(&fresh, p, n);
        Http1Result next = http1_request_parse_next(ps, p, n);
        ASSERT(alone == next);
        compare(next, ps, &fresh);
        if (next != HTTP1_DONE)
            return;
        read_slowly(&ps->head, p);
        for (size_t i = 0; i < ps->head.nheaders; i++)
            ASSERT(ps->head.headers[i].name.p == room[i].name.p && ps->head.headers[i].value.p == room[i].value.p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2 || n > 1024)
        return 0;
    Arena *a = arena_create(NULL, 0, 1 << 16);
    HttpHeader room[2][6];
    Http1Parser ps[2];
    size_t cut = data[0], step = data[1] % 16u + 1;
    Http1Result whole = run(a, &ps[0], room[0], data + 2, n - 2, n, n, 'a');
    Http1Result pieces = run(a, &ps[1], room[1], data + 2, n - 2, cut, step, '\n');
    ASSERT(whole == pieces);
    compare(whole, &ps[0], &ps[1]);
    if (whole == HTTP1_DONE) {
        const HttpHead *x = &ps[0].head;
        ASSERT(x->size <= n - 2 && !memchr(x->target.p, ' ', x->target.n));
        read_slowly(x, (const char *)data + 2);
        read_on(&ps[0], ps[0].base, n - 2);
    }
    arena_destroy(a);
    return 0;
}
