/* cookie: any header is read; what is written has no control character, stays one cookie, and is read as it was. */
#include <clef/base.h>
#include <clef/base/utf8.h>
#include <clef/codec/cookie.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str text = str_from((const char *)data, n), value;
    QueryDict *cookies = cookies_parse(a, text);
    for (QueryName at = { 0 }; query_next(cookies, &at);) {
        while (query_next_value(cookies, &at, &value))
            ASSERT(utf8_valid(value));
        cookie_find(a, text, at.name);
        SetCookie c = { .name = at.name, .value = query_get(cookies, at.name), .path = at.name };
        Buf b = BUF_INIT(a, 1 << 20);
        if (cookie_write(&b, &c) == COOKIE_OK) {
            for (size_t i = 0; i < b.n; i++)
                ASSERT((unsigned char)b.p[i] >= ' ' && b.p[i] != 0x7f);
            Str written = buf_view(&b);
            ASSERT(str_eq(cookie_find(a, written, c.name), c.value));
        }
    }
    SetCookie c = { .name = STR("n"), .value = text, .domain = text, .path = text, .samesite = STR("Lax") };
    Buf b = BUF_INIT(a, 1 << 20);
    if (cookie_write(&b, &c) == COOKIE_OK)
        ASSERT(str_find_byte(buf_view(&b), '\n') == STR_NPOS);
    arena_destroy(a);
    return 0;
}
