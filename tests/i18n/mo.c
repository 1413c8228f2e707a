#include "i18n/mo.h"

static void word(Buf *b, uint32_t v, bool swapped)
{
    v = swapped ? __builtin_bswap32(v) : v;
    buf_add(b, &v, 4);
}

Str mo_make(Arena *a, const MoMessage *m, size_t n, bool swapped)
{
    Buf b = BUF_INIT(a, 1 << 24);
    uint32_t count = (uint32_t)n, at = 28 + 16 * count;
    const uint32_t head[] = { 0x950412de, 0, count, 28, 28 + 8 * count, 0, 0 };
    for (size_t i = 0; i < CLEF_COUNT(head); i++)
        word(&b, head[i], swapped);
    for (int texts = 0; texts < 2; texts++)
        for (size_t i = 0; i < n; i++) {
            Str s = texts ? m[i].text : m[i].id;
            word(&b, (uint32_t)s.n, swapped);
            word(&b, at, swapped);
            at += (uint32_t)s.n + 1;
        }
    for (int texts = 0; texts < 2; texts++)
        for (size_t i = 0; i < n; i++) {
            buf_str(&b, texts ? m[i].text : m[i].id);
            buf_byte(&b, 0);
        }
    return buf_view(&b);
}
