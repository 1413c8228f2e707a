/* pack.h: values as bytes and back, for every backend. */
#ifndef CACHE_PACK_H
#define CACHE_PACK_H

#include <clef/base/buf.h>
#include <clef/cache/cache.h>

/* False: an object, nested too deep, or larger than the Buf may be. */
CLEF_PRIVATE(bool, cache_pack, Buf *out, Value v) CLEF_MUST_USE;
/* Texts and all else are copied into the arena. False for bytes that no value was packed to. */
CLEF_PRIVATE(bool, cache_unpack, Arena *a, Str data, Value *out) CLEF_MUST_USE;

#endif
