/* locale_data.h: the tables of locale_data.c: languages, formats of dates and numbers, and what Clef itself says. */
#ifndef I18N_LOCALE_DATA_H
#define I18N_LOCALE_DATA_H

#include <clef/base/str.h>

/* A language's own information, as Django's LANG_INFO has it. */
typedef struct LanguageRow {
    const char *code, *name, *name_local;
    const char *fallback; /* the code whose information it has; then the names are NULL */
    bool bidi;
    bool listed; /* in Django's default of LANGUAGES */
} LanguageRow;

/* What a locale says, packed: forms that end with NUL, a message's one after the other, behind a first NUL. */
typedef struct LocaleTexts {
    const uint8_t *packed; /* raw DEFLATE */
    uint16_t packed_n, n;
} LocaleTexts;

/* What a locale says of formats. NULL and -1: nothing, the settings' value holds. */
typedef struct LocaleRow {
    const char *code;
    const char *plural; /* the expression of its plural forms; NULL: n != 1 */
    const uint16_t *at; /* for each message, where in the texts its forms begin; 0: not translated; NULL: none is */
    const LocaleTexts *texts;
    uint8_t nplurals;       /* how many of a message with a plural; the others have one */
    const char *formats[7]; /* FormatName */
    const char *decimal_separator, *thousand_separator;
    int8_t first_day_of_week;
    int8_t grouping[4];    /* sizes from the right; the last one repeats */
    const char *inputs[3]; /* strptime formats with a newline between: dates, dates with times, times */
} LocaleRow;

enum { LOCALE_NAMES = 68, LOCALE_PLURALS = 267, LOCALE_MESSAGES = 312 };
extern CLEF_HIDDEN const LanguageRow language_rows[] __asm__("clef__language_rows"); /* by code */
extern CLEF_HIDDEN const size_t language_rows_n __asm__("clef__language_rows_n");
extern CLEF_HIDDEN const LocaleTexts locale_texts[] __asm__("clef__locale_texts");
extern CLEF_HIDDEN const LocaleRow locale_rows[] __asm__("clef__locale_rows"); /* by code */
extern CLEF_HIDDEN const size_t locale_rows_n __asm__("clef__locale_rows_n");
/*
 * The msgids (with their context, as in a .mo file): first the names of dates, then others, those with a plural from
 * LOCALE_PLURALS on; and all of them in order.
 */
extern CLEF_HIDDEN const Str locale_messages[LOCALE_MESSAGES] __asm__("clef__locale_messages");
extern CLEF_HIDDEN const uint16_t locale_messages_sorted[LOCALE_MESSAGES] __asm__("clef__locale_messages_sorted");

#endif
