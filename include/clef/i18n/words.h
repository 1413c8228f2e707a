/*
 * words.h: text in words, lines and lists, as django.utils.text has it (whose names are kept): wrapping, splitting,
 * joining, plain names. Text is UTF-8. Results are new in the arena, or the argument itself where nothing changes.
 */
#ifndef CLEF_I18N_WORDS_H
#define CLEF_I18N_WORDS_H

#include <clef/base/buf.h>

typedef struct TextWords {
    Str *p; /* views into the text */
    size_t n;
} TextWords;

/* Split at white space (any script's): Python's str.split(). */
CLEF_API(TextWords, text_words, Arena *a, Str s);
/* Split at white space outside of quotes; a quoted string stays whole, with its quotes: Django's smart_split. */
CLEF_API(TextWords, smart_split, Arena *a, Str s);
/* A quoted string without its quotes, \" and \\ resolved. False when it is none. */
CLEF_API(bool, unescape_string_literal, Arena *a, Str s, Str *out) CLEF_MUST_USE;

/*
 * Lines of at most `width` characters where spaces allow it; longer words stay whole, line breaks stay. False for a width
 * below 1 (and text to wrap).
 */
CLEF_API(bool, text_wrap, Arena *a, Str s, int64_t width, Str *out) CLEF_MUST_USE;
/* CR and CRLF become LF. */
CLEF_API(Str, normalize_newlines, Arena *a, Str s);
/* "a, b or c": `comma` and `last` are words of the language, ", " and "or" in English. */
CLEF_API(Str, get_text_list, Arena *a, const Str *items, size_t n, Str comma, Str last);
/* Letters as the digits of a telephone's keys. */
CLEF_API(Str, phone2numeric, Arena *a, Str s);
/* "CamelCase" as "camel case". */
CLEF_API(Str, camel_case_to_spaces, Arena *a, Str s);
/* A name for a file: word characters, dots and hyphens; spaces as underscores. False when nothing, "." or ".." is left. */
CLEF_API(bool, get_valid_filename, Arena *a, Str s, Str *out) CLEF_MUST_USE;
/* Django's slugify(allow_unicode=True): word characters of any script in lower case, and hyphens. */
CLEF_API(Str, slugify_unicode, Arena *a, Str s);

#endif
