/*
 * normalize.h: the normal forms C and KC of Unicode (UAX #15), and what a character is, by the Unicode data of Python 3's
 * unicodedata. Text is UTF-8; ill-formed bytes stay as they are and end a sequence. Two user names that look alike are
 * compared in form KC; text that is counted or cut is brought to form C first.
 */
#ifndef CLEF_I18N_NORMALIZE_H
#define CLEF_I18N_NORMALIZE_H

#include <clef/base/buf.h>

typedef enum TextForm { TEXT_NFC, TEXT_NFKC } TextForm;

/* In that form: s itself when it is ASCII, else new in the arena. */
CLEF_API(Str, text_normalize, Arena *a, Str s, TextForm form);
/* The canonical combining class: 0 for a character that stands by itself. */
CLEF_API(unsigned, text_combining, uint32_t c) CLEF_PURE;
/* Python's str.isalnum() of one character; with the underscore, the \w of its regular expressions. */
CLEF_API(bool, text_is_alnum, uint32_t c) CLEF_PURE;
static inline bool text_is_word(uint32_t c) { return c == '_' || text_is_alnum(c); }

#endif
