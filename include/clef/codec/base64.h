/*
 * base64.h: bytes as text and back: base64 (RFC 4648 and the lenient reading of MIME, RFC 2045), hexadecimal, and the
 * base-62 and base-36 integers that Django's signatures and reset tokens carry.
 *
 * The `_add` functions append to a Buf: false when the text is bad or the Buf's maximum is passed (then the Buf says
 * `failed`), and a failed decode leaves the Buf as it was. The others allocate their result in an arena, NUL-terminated.
 * Only lengths and the place of bad input decide the time that encoding takes; table look-ups make decoding unfit for
 * secrets whose bytes must not show in a cache: compare encoded secrets by str_eq_secret.
 */
#ifndef CLEF_CODEC_BASE64_H
#define CLEF_CODEC_BASE64_H

#include <clef/base/buf.h>

typedef enum Base64Flags {
    BASE64_STANDARD = 0, /* + and /, padded with = */
    BASE64_URL = 1,      /* - and _ */
    BASE64_UNPADDED = 2, /* encode: no =. Decode: = may be missing, but what stands there must be right */
    BASE64_MIME = 4,     /* decode: skip bytes outside the alphabet, end at the padding, ignore stray bits */
} Base64Flags;

/*
 * Encodes; or decodes the whole of `text`. A strict decode (without BASE64_MIME) refuses foreign bytes, white space
 * included, wrong padding, and bits behind the last byte that are not zero, so that each value has one spelling. The
 * MIME decode accepts what Python's binascii.a2b_base64 accepts.
 */
CLEF_API(bool, base64_add, Buf *out, Str data, unsigned flags);
CLEF_API(bool, base64_decode_add, Buf *out, Str text, unsigned flags);
CLEF_API(Str, base64_encode, Arena *a, Str data, unsigned flags);
/* False, and *out unchanged, when the text is bad. */
CLEF_API(bool, base64_decode, Arena *a, Str text, unsigned flags, Str *out) CLEF_MUST_USE;

/* Lower-case digits; decoding takes both cases, and refuses an odd length and anything else. */
CLEF_API(bool, hex_add, Buf *out, Str data);
CLEF_API(bool, hex_decode_add, Buf *out, Str text);
CLEF_API(Str, hex_encode, Arena *a, Str data);
CLEF_API(bool, hex_decode, Arena *a, Str text, Str *out) CLEF_MUST_USE;

/*
 * Integers with the digits 0-9A-Za-z and a leading minus, as django.core.signing writes time stamps. Decoding refuses
 * other bytes and what does not fit; "" and "-" are 0, as in Django.
 */
CLEF_API(bool, base62_add, Buf *out, int64_t v);
CLEF_API(bool, base62_decode, Str text, int64_t *out) CLEF_MUST_USE;

/*
 * Integers with the digits 0-9a-z, as django.utils.http.int_to_base36 writes them. Decoding takes both cases and
 * refuses the empty text, more than BASE36_DIGITS_MAX digits, what does not fit, and (unlike Python's int) signs,
 * blanks and underscores, which no encoder writes.
 */
enum { BASE36_DIGITS_MAX = 13 };
CLEF_API(bool, base36_add, Buf *out, uint64_t v);
CLEF_API(bool, base36_decode, Str text, uint64_t *out) CLEF_MUST_USE;

#endif
