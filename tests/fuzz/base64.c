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
    (void)base62_decode(text, &i);
    (void)base36_decode(text, &u);
    arena_destroy(a);
    return 0;
}
