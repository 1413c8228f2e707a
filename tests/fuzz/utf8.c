/* utf8: the vectors and the steps agree with a decoder by arithmetic. */
#include <clef/base.h>

/* One sequence by its bit pattern, judged by its value: the length, or 0. */
static size_t decode(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
    if (length == 0 || length > n || p[0] > 0xf7)
        return 0;
    uint32_t c = p[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    return c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str s = { (const char *)data, n };
    size_t good = 0, step;
    while (good < n && (step = decode(data + good, n - good)) != 0)
        good += step;
    ASSERT(utf8_valid_prefix(s) == good);
    ASSERT(utf8_valid(s) == (good == n));
    size_t count = 0, bad = 0;
    for (size_t at = 0; at < n; count++) {
        size_t before = at, length = decode(data + at, n - at);
        ASSERT(utf8_offset(s, count) == at || n > 300);
        uint32_t c = utf8_next(s, &at);
        ASSERT(at > before && at <= n);
        ASSERT(length ? at - before == length : c == UTF8_REPLACEMENT && at - before <= 3);
        bad += length == 0;
    }
    ASSERT(utf8_count(s) == count);
    Str replaced = utf8_replace(a, s);
    ASSERT(utf8_valid(replaced) && utf8_count(replaced) == count);
    ASSERT(bad ? replaced.p != s.p : replaced.p == s.p);
    ASSERT(str_eq(utf8_slice(s, 0, count / 2), str_slice(s, 0, utf8_offset(s, count / 2))));
    arena_destroy(a);
    return 0;
}
