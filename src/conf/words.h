/* words.h: the words of the environment: truth values and lists. */
#ifndef CONF_WORDS_H
#define CONF_WORDS_H

#include <clef/conf/settings.h>

/* true, on, yes, y, 1, ok; false, off, no, n, 0 and nothing; in any case. */
CLEF_PRIVATE(bool, word_to_bool, Str s, bool *out);
/* Separated by commas, white space around them and empty ones dropped. The words are views into the text. */
CLEF_PRIVATE(StrList, words_split, Arena *a, Str text);

#endif
