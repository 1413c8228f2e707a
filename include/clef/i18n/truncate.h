/*
 * truncate.h: text cut to so many characters or words, as Django's Truncator does it. Characters are counted without
 * combining marks, in the normal form C. What shows the cut counts as well: `mark` NULL is "…", else a text to put
 * behind, or one with "%(truncated_text)s" for the place of what is left (catalogues have it so). A length of 0 or less
 * gives "".
 *
 * The html_ functions cut markup: tags do not count, open elements are closed, character references become characters.
 */
#ifndef CLEF_I18N_TRUNCATE_H
#define CLEF_I18N_TRUNCATE_H

#include <clef/base/str.h>

CLEF_API(Str, text_truncate_chars, Arena *a, Str s, int64_t length, Str mark);
/* White space between the words becomes one space. */
CLEF_API(Str, text_truncate_words, Arena *a, Str s, int64_t length, Str mark);
CLEF_API(Str, html_truncate_chars, Arena *a, Str s, int64_t length, Str mark);
CLEF_API(Str, html_truncate_words, Arena *a, Str s, int64_t length, Str mark);

#endif
