/*
 * utf8.h: UTF-8 (RFC 3629: no surrogates, nothing overlong, at most U+10FFFF). utf8_valid is the gate for bytes from
 * outside; the other functions take any bytes and read each maximal ill-formed part (Unicode 15, section 3.9, table
 * 3-8; the same parts as Python's errors="replace") as one U+FFFD, so that they agree with each other on counts and
 * places.
 */
#ifndef CLEF_BASE_UTF8_H
#define CLEF_BASE_UTF8_H

#include <clef/base/str.h>

#define UTF8_REPLACEMENT 0xfffdu
/* The longest sequence. */
#define UTF8_MAX 4u

/* A vector at a time over ASCII. */
CLEF_API(bool, utf8_valid, Str s) CLEF_PURE;
/* How many bytes from the start are valid: s.n when all are. A sequence cut off by the end counts as invalid. */
CLEF_API(size_t, utf8_valid_prefix, Str s) CLEF_PURE;
CLEF_API(bool, utf8_is_ascii, Str s) CLEF_PURE;

/*
 * The code point at byte *at (less than s.n), and *at moved behind it; UTF8_REPLACEMENT for an ill-formed part. A U+FFFD
 * that stands in the text is three bytes long, an ill-formed part at most three and never that sequence.
 */
CLEF_API(uint32_t, utf8_next, Str s, size_t *at);
/* Writes 1 to 4 bytes and says how many. 0, and nothing written, for a surrogate or above U+10FFFF. */
CLEF_API(size_t, utf8_encode, uint32_t c, char out[UTF8_MAX]);

/* Code points. */
CLEF_API(size_t, utf8_count, Str s) CLEF_PURE;
/* The byte where code point n starts; s.n when there are not so many. */
CLEF_API(size_t, utf8_offset, Str s, size_t n) CLEF_PURE;
/* From code point `from` up to `to`, both cut to the length. */
CLEF_API(Str, utf8_slice, Str s, size_t from, size_t to) CLEF_PURE;
/* s itself when valid; else a copy with U+FFFD for each ill-formed part. */
CLEF_API(Str, utf8_replace, Arena *a, Str s);

#endif
