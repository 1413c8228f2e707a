/* base64: what a decoder accepts comes back from the encoder; the lenient reading only has to be safe. */
#include <clef/base.h>
#include <clef/codec/base64.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str text = { (const char *)data, n }, out;
    for (unsigned flags = 0; flags < 8; flags++)
        if (base64_decode(a, text, flags, &out) && flags < 4) {
            bool padded = n && data[n - 1] == '=';
            ASSERT(str_eq(base64_encode(a, out, padded ? flags & ~(unsigned)BASE64_UNPADDED : flags), text));
        }
    if (hex_decode(a, text, &out))
        ASSERT(str_ieq(hex_encode(a, out), text));
    int64_t i;
    uint64_t u;
    bool ok = base62_decode(text, &i);
    ok = base36_decode(text, &u) || ok;
    ASSERT(!ok || n == 0 || memchr(data, 0, n) == NULL);
    arena_destroy(a);
    return 0;
}
