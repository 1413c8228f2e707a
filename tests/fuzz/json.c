/* json: any bytes are safe; what is accepted is the same value after it was written in any style and read again. */
#include <clef/base.h>
#include <clef/codec/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    uint8_t pick = data[0];
    Str text = { (const char *)data + 1, n - 1 };
    JsonOptions o = { .decimals = pick & 1, .unique_names = pick & 2, .nan = pick & 4, .replace_surrogates = pick & 8 };
    JsonStyle style = { .compact = pick & 16,
                        .unicode = pick & 32,
                        .html_safe = pick & 64,
                        .indent = pick & 128 ? 1 : 0,
                        .nan = pick & 4,
                        .decimals = true };
    o.borrow = pick & 16;
    Value v, again;
    JsonError e = { 0 };
    if (json_read(a, text, o, &v, &e)) {
        Buf first = BUF_INIT(a, SIZE_MAX - 1), second = BUF_INIT(a, SIZE_MAX - 1);
        ASSERT(json_write(&first, v, style));
        ASSERT(json_read(a, buf_view(&first), o, &again, NULL));
        ASSERT(json_write(&second, again, style));
        ASSERT(str_eq(buf_view(&first), buf_view(&second)));
    } else {
        ASSERT(e.message && e.offset <= text.n && e.character <= e.offset && e.line && e.column);
        json_error_text(a, &e);
    }
    JsonReader r;
    json_reader_init(&r, text, o);
    JsonToken token;
    do {
        token = json_next(&r);
        if (token == JSON_STRING || token == JSON_NAME)
            json_reader_text(&r, a);
        if (token == JSON_NAME && pick & 2 && !json_skip(&r))
            break;
    } while (token != JSON_END && token != JSON_ERROR);
    /* Any bytes as text: what is written is valid. */
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    ASSERT(json_string_add(&b, text, style));
    ASSERT(json_read(a, buf_view(&b), (JsonOptions){ 0 }, &v, NULL));
    arena_destroy(a);
    return 0;
}
