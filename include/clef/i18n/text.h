/*
 * text.h: letter case and plain forms of text in any script, by the Unicode data of Python 3, whose str methods these
 * follow. Text is UTF-8; ill-formed bytes stay as they are. Results are new in the arena, or the argument itself where
 * nothing changes.
 */
#ifndef CLEF_I18N_TEXT_H
#define CLEF_I18N_TEXT_H

#include <clef/base/buf.h>

/* str.lower(), upper(), title() and capitalize(); full mappings ("ß" becomes "SS"), the final sigma too. */
CLEF_API(Str, text_lower, Arena *a, Str s);
CLEF_API(Str, text_upper, Arena *a, Str s);
CLEF_API(Str, text_title, Arena *a, Str s);
CLEF_API(Str, text_capitalize, Arena *a, Str s);
/* Django's capfirst: the first character in upper case. */
CLEF_API(Str, text_capfirst, Arena *a, Str s);
/* The ASCII characters of the compatibility decomposition: "Jürgen" is "Jurgen". */
CLEF_API(Str, text_to_ascii, Arena *a, Str s);
/* Decimal digits of every script as 0 to 9, as Python's int() and Decimal() read them. */
CLEF_API(Str, text_ascii_digits, Arena *a, Str s);
/* Django's slugify(): ASCII letters, digits, hyphens and underscores. */
CLEF_API(Str, slugify, Arena *a, Str s);

#endif
