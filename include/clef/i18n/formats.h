/*
 * formats.h: how a locale writes dates and numbers: Django's format names and separators, with the data of its locales.
 *
 * A format's value is that of the language ("de-at"), else of its base language ("de"), else of the settings. What is not
 * localised (use_l10n off) takes the settings' only. Django's page: "Format localization".
 */
#ifndef CLEF_I18N_FORMATS_H
#define CLEF_I18N_FORMATS_H

#include <clef/base/str.h>

typedef enum FormatName {
    FORMAT_DATE,
    FORMAT_DATETIME,
    FORMAT_TIME,
    FORMAT_YEAR_MONTH,
    FORMAT_MONTH_DAY,
    FORMAT_SHORT_DATE,
    FORMAT_SHORT_DATETIME,
    FORMAT_NAMES,
} FormatName;

typedef enum InputFormats { INPUT_DATE, INPUT_DATETIME, INPUT_TIME, INPUT_KINDS } InputFormats;

#define GROUPING_MAX 4
typedef struct Formats {
    Str text[FORMAT_NAMES]; /* by Django's letters */
    Str decimal_separator, thousand_separator;
    uint8_t
        grouping[GROUPING_MAX]; /* NUMBER_GROUPING: sizes from the right, the last one not 0 repeats; 0: no groups */
    uint8_t first_day_of_week;  /* 0: Sunday */
    Str input[INPUT_KINDS];     /* strptime formats with a newline between; the ISO ones are among them */
} Formats;

/* Django's global defaults. */
CLEF_DATA(const Formats, formats_default);

/* The format that a name such as "DATE_FORMAT" or "SHORT_DATE_FORMAT" stands for; false: it is no such name. */
CLEF_API(bool, format_named, const Formats *f, Str name, Str *out) CLEF_MUST_USE;
/* The same, but a format that is no name stands for itself. */
static inline Str format_or(const Formats *f, Str format)
{
    Str out = format;
    return format_named(f, format, &out) ? out : format;
}
/* The next one of a list of input formats: walks *list. */
CLEF_API(bool, input_format_next, Str *list, Str *out);

#endif
