/* text.h: code points, for the parsers of this domain that follow the rules of Unicode text. */
#ifndef CLEF_CODEC_TEXT_H
#define CLEF_CODEC_TEXT_H

#include <clef/base/buf.h>

/*
 * The character at p, of n > 0 bytes: its length, and *code point; or, where the bytes are ill-formed, the length of the
 * maximal ill-formed part (1 to 3) and *code = TEXT_BAD.
 */
#define TEXT_BAD UINT32_MAX
CLEF_PRIVATE(size_t, text_char, const char *p, size_t n, uint32_t *code);
/* Appends a code point below 0x110000 as UTF-8; nothing for a surrogate. */
CLEF_PRIVATE(bool, text_add, Buf *out, uint32_t code);

/* White space as Python's str.isspace has it; a Str without it at both ends. */
CLEF_PRIVATE(bool, text_is_space, uint32_t code);
CLEF_PRIVATE(Str, text_strip, Str s);
/* Control, format, surrogate and private-use characters (Unicode's C without the unassigned ones). */
CLEF_PRIVATE(bool, text_is_other, uint32_t code);
/* Neither of those nor a separator other than the ASCII space. */
CLEF_PRIVATE(bool, text_is_printable, uint32_t code);

/* The first byte of s that is not ASCII, or s.n. */
CLEF_PRIVATE(size_t, text_ascii_run, Str s);

/* 0-15, or -1. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#define TEXT_SIZE_MAX (SIZE_MAX / 2)

#endif
