/* http1_chunks: body, end and reason do not depend on how the bytes arrive. */
#include <clef/base.h>
#include <clef/codec/http1.h>

typedef struct Outcome {
    Http1Result result;
    Http1Reason reason;
    Str body, trailers;
    size_t used;
} Outcome;

static Outcome run(Arena *a, Str in, size_t step)
{
    Buf body = BUF_INIT(a, 1 << 20), kept = BUF_INIT(a, 256);
    Http1Chunks c = { .extensions_max = 32, .trailers_max = 64, .trailers = &kept };
    Outcome out = { 0 };
    while (out.result == HTTP1_MORE && out.used < in.n) {
        Str piece = str_slice(in, out.used, in.n - out.used < step ? in.n : out.used + step), data;
        size_t before = piece.n;
        out.result = http1_chunks_next(&c, &piece, &data);
        ASSERT(piece.n < before || out.result == HTTP1_BAD);
        out.used += before - piece.n;
        buf_str(&body, data);
    }
    out.reason = c.reason;
    out.body = buf_view(&body);
    out.trailers = buf_view(&kept);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1 || n > 4096)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    Str in = str_from((const char *)data + 1, n - 1);
    Outcome whole = run(a, in, n), pieces = run(a, in, data[0] % 16u + 1);
    ASSERT(whole.result == pieces.result && whole.reason == pieces.reason && whole.used == pieces.used);
    ASSERT(str_eq(whole.body, pieces.body) && str_eq(whole.trailers, pieces.trailers));
    HttpHeader out[8];
    if (whole.result == HTTP1_DONE)
        for (size_t i = http1_trailers(whole.trailers, out, 8); i-- > 0;)
            ASSERT(http_is_token(out[i].name) && http_is_value(out[i].value));
    arena_destroy(a);
    return 0;
}
