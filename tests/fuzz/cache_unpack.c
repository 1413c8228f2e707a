/* cache_unpack.c: bytes that a cache's server gave back: what is read can be packed again. */
#include "cache/pack.h"
#include <clef/base/assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Value v;
    if (cache_unpack(a, (Str){ (const char *)data, n }, &v)) {
        Buf b = BUF_INIT(a, CACHE_VALUE_MAX);
        ASSERT(cache_pack(&b, v));
    }
    arena_destroy(a);
    return 0;
}
