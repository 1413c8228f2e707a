/* locale.h: inside of languages and of what they come from. */
#ifndef I18N_LOCALE_H
#define I18N_LOCALE_H

#include "i18n/catalog.h"
#include <clef/base/vec.h>
#include <clef/i18n/language.h>
#include <clef/i18n/locale.h>

/* Names of days, months and halves of days; the order of the first messages of locale_data.c. Each is a run. */
typedef enum DateName {
    NAME_MONTH = 0,       /* "January" */
    NAME_MONTH_3 = 12,    /* "jan" */
    NAME_MONTH_AP = 24,   /* "Jan.", "Sept." */
    NAME_MONTH_ALT = 36,  /* in a date, where grammar asks for another form */
    NAME_DAY = 48,        /* "Monday" */
    NAME_DAY_3 = 55,      /* "Mon" */
    NAME_HALF_LOWER = 62, /* "a.m.", "p.m." */
    NAME_HALF = 64,       /* "AM", "PM" */
    NAME_MIDNIGHT = 66,
    NAME_NOON = 67,
} DateName;

struct Language {
    Str code; /* as it was activated; empty: no language */
    bool bidi;
    Formats formats;
    const Catalog *const *catalogs; /* the first that has a message answers */
    size_t ncatalogs;
    Str names[LOCALE_NAMES];
    Str month_titles[12]; /* NAME_MONTH_3 in title case */
};

/* Django's defaults, for static tables. */
#define DEFAULT_TEXTS                                                                                          \
    {                                                                                                          \
        [FORMAT_DATE] = STR("N j, Y"), [FORMAT_DATETIME] = STR("N j, Y, P"), [FORMAT_TIME] = STR("P"),         \
        [FORMAT_YEAR_MONTH] = STR("F Y"), [FORMAT_MONTH_DAY] = STR("F j"), [FORMAT_SHORT_DATE] = STR("m/d/Y"), \
        [FORMAT_SHORT_DATETIME] = STR("m/d/Y P")                                                               \
    }
#define DEFAULT_INPUTS                                                                                           \
    {                                                                                                            \
        [INPUT_DATE] = STR("%Y-%m-%d\n%m/%d/%Y\n%m/%d/%y\n%b %d %Y\n%b %d, %Y\n%d %b %Y\n%d %b, %Y\n%B %d %Y\n"  \
                           "%B %d, %Y\n%d %B %Y\n%d %B, %Y"),                                                    \
        [INPUT_DATETIME] = STR("%Y-%m-%d %H:%M:%S\n%Y-%m-%d %H:%M:%S.%f\n%Y-%m-%d %H:%M\n%m/%d/%Y %H:%M:%S\n"    \
                               "%m/%d/%Y %H:%M:%S.%f\n%m/%d/%Y %H:%M\n%m/%d/%y %H:%M:%S\n%m/%d/%y %H:%M:%S.%f\n" \
                               "%m/%d/%y %H:%M"),                                                                \
        [INPUT_TIME] = STR("%H:%M:%S\n%H:%M:%S.%f\n%H:%M")                                                       \
    }

/* The language of `l` has been resolved into names once: no search. */
static inline Str locale_name(const Locale *l, unsigned name) { return l->language->names[name]; }

/* NULL: none of that code. */
CLEF_PRIVATE(const LocaleRow *, locale_row, Str code);
CLEF_PRIVATE(const LanguageRow *, language_row, Str code);
/* The formats of a language over those of the settings. */
CLEF_PRIVATE(void, formats_of, Arena *a, const LocaleRow *own, const LocaleRow *base, const Formats *plain,
             Formats *out);
/* The catalogues of one language: what is there in the folders, in the program and of Clef. */
typedef struct Catalogs {
    const Catalog **p;
    size_t n, cap;
} Catalogs;
CLEF_PRIVATE(void, catalogs_load, Arena *a, const I18nOptions *o, Str code, Catalogs *own, Catalogs *base);
CLEF_PRIVATE(bool, catalogs_exist, Arena *a, const I18nOptions *o, Str code);

#endif
