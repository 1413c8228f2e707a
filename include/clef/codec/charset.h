/*
 * charset.h: text that arrives in some character encoding, made into the valid UTF-8 that everything above this floor
 * holds. Decoding never fails: what the encoding does not know becomes U+FFFD, one for each maximal ill-formed part, as
 * Python's "replace" handler and the Unicode standard (3.9, table 3-8) have it.
 *
 * UTF-8 is the encoding of the web and the fast path: valid text is returned as it is, not copied. The others are those
 * that old clients still send. A name that is not known is CHARSET_UNKNOWN, and the caller refuses it.
 */
#ifndef CLEF_CODEC_CHARSET_H
#define CLEF_CODEC_CHARSET_H

#include <clef/base/buf.h>

typedef enum Charset {
    CHARSET_UNKNOWN,
    CHARSET_UTF8,
    CHARSET_ASCII,
    CHARSET_LATIN1, /* ISO 8859-1, byte n is U+00n */
    CHARSET_LATIN9, /* ISO 8859-15 */
    CHARSET_CP1252, /* Windows, western Europe */
    CHARSET_CP1251, /* Windows, Cyrillic */
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
} Charset;

/* By any of its usual names, in any case, `_` and space as `-`: "utf8", "UTF-8", "latin_1", "windows-1252", ... */
CLEF_API(Charset, charset_find, Str name) CLEF_PURE;

/* s as UTF-8: s itself when it is that already, else new text in the arena. CHARSET_UNKNOWN reads as UTF-8. */
CLEF_API(Str, charset_decode, Arena *a, Str s, Charset charset);
CLEF_API(bool, charset_decode_add, Buf *out, Str s, Charset charset);

#endif
