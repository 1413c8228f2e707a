/* The corpus of requests against the parser and the chunk decoder, whole and byte by byte. */
#include "../net/requests.h"

#include <clef/test.h>
#include <stdio.h>

/* The bytes that have arrived, with the 0 and the padding that the parser asks for, at a new place each time. */
static char *arrived(Arena *a, Str s)
{
    char *p = arena_alloc(a, s.n + HTTP1_PAD);
    memcpy(p, s.p, s.n);
    p[s.n] = 0;
    memset(p + s.n + 1, 'a', HTTP1_PAD - 1);
    return p;
}

static bool body(Arena *a, const HttpHead *h, Str in, size_t step, Str *rest, Answer *got)
{
    if (!h->chunked) {
        if (in.n < h->content_length)
            return false;
        got->body = str_slice(in, 0, (size_t)h->content_length);
        *rest = str_from_byte(in, (size_t)h->content_length);
        return true;
    }
    Http1Chunks c = { 0 };
    Buf b = BUF_INIT(a, 1 << 20);
    size_t given = 0;
    for (;;) {
        size_t n = in.n - given < step ? in.n - given : step;
        Str piece = str_slice(in, given, given + n), data;
        if (n == 0)
            return false;
        Http1Result result = http1_chunks_next(&c, &piece, &data);
        given = (size_t)(piece.p - in.p);
        buf_str(&b, data);
        if (result == HTTP1_BAD) {
            *got = (Answer){ .status = http1_reason_status(c.reason), .reason = c.reason, .close = true };
            return true;
        }
        if (result == HTTP1_DONE) {
            *rest = str_from_byte(in, given);
            got->body = buf_view(&b);
            return true;
        }
    }
}

static void play(Arena *outer, const RequestCase *c, size_t step)
{
    Arena *a = arena_create(outer, 0, 0);
    HttpHeader room[100];
    Str rest = c->send;
    bool closed = false;
    for (size_t i = 0; i < c->n; i++) {
        Answer got = { 0 }, want = c->answers[i];
        Http1Parser ps;
        http1_parser_init(&ps, NULL, room);
        Http1Result result = HTTP1_MORE;
        for (size_t n = 0; result == HTTP1_MORE && n < rest.n && !closed;) {
            n = rest.n - n < step ? rest.n : n + step;
            if (step == 1 && n % 61 && n + 200 < rest.n && n > 200)
                continue; /* long cases: not a copy for every byte */
            result = http1_request_parse(&ps, arrived(a, str_slice(rest, 0, n)), n);
        }
        if (result == HTTP1_BAD) {
            got = (Answer){ .status = http1_reason_status(ps.reason), .reason = ps.reason, .close = true };
        } else if (result == HTTP1_DONE) {
            got.status = 200;
            got.close = !ps.head.keep_alive;
            if (!body(a, &ps.head, str_from_byte(rest, ps.head.size), step, &rest, &got))
                got.status = 0;
        }
        closed |= got.close;
        if (got.status != want.status || got.reason != want.reason || got.close != want.close ||
            !str_eq(got.body, want.body)) {
            fprintf(stderr, "%.*s: %.*s (in steps of %zu), answer %zu: %d %s%s \"%.*s\"\n", STR_FMT(c->file),
                    STR_FMT(c->name), step, i + 1, got.status, reason_name(got.reason), got.close ? " close" : "",
                    STR_FMT(got.body));
            CHECK(!"the answer that the case wants");
        }
    }
    arena_destroy(a);
}

static void both_ways(Arena *a, const RequestCase *c, void *arg)
{
    (void)arg;
    play(a, c, SIZE_MAX);
    play(a, c, 1);
}

TEST(http1, corpus_of_requests)
{
    CHECK(request_cases(test_arena(), both_ways, NULL) >= 250);
}
