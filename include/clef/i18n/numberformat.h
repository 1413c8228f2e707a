/*
 * numberformat.h: numbers, dates and times as a locale writes them: what {{ value }} shows. Django's pages: "Format
 * localization"; the functions are those of django.utils.formats and django.utils.numberformat.
 */
#ifndef CLEF_I18N_NUMBERFORMAT_H
#define CLEF_I18N_NUMBERFORMAT_H

#include <clef/base/buf.h>
#include <clef/base/value.h>
#include <clef/i18n/locale.h>

typedef struct NumberFormat {
    Str decimal_separator, thousand_separator;
    uint8_t grouping[GROUPING_MAX]; /* as in Formats */
    bool grouped;                   /* write the thousand separators */
    bool fixed;                     /* exactly `places` digits behind the separator: cut, not rounded, or filled */
    uint32_t places;                /* at most NUMBER_PLACES_MAX */
} NumberFormat;

#define NUMBER_PLACES_MAX 100000u
/* Digits of a number written out; a Decimal that would need more has an exponent. */
#define NUMBER_DIGITS_MAX 200

/* How the locale writes numbers; `localised` false: as the settings say, without USE_THOUSAND_SEPARATOR. */
CLEF_API(NumberFormat, number_format, const Locale *l, bool localised, bool force_grouping);
/*
 * Appends an INT, BIGINT, DOUBLE, DECIMAL or a text of digits; a BOOL is its number. Any other value: nothing. Numbers that
 * are none (NaN, infinities) are written as Python does.
 */
CLEF_API(void, number_format_add, Buf *out, Arena *a, Value number, const NumberFormat *f);

/*
 * Django's localize(): appends numbers, dates and times in the locale's formats (in the settings' when not `localised`;
 * numbers are then plain). False, and nothing appended, for every other value: its plain text counts.
 */
CLEF_API(bool, localize_add, Buf *out, Arena *a, Value v, const Locale *l, bool localised) CLEF_MUST_USE;
/* The same for the value of an input: dates by the first of the locale's input formats. */
CLEF_API(bool, localize_input_add, Buf *out, Arena *a, Value v, const Locale *l) CLEF_MUST_USE;
/* A number as people of the locale type it ("1.234,5"), with a point and without groups; what is none stays as it is. */
CLEF_API(Str, sanitize_separators, Arena *a, const Locale *l, Str text);
/* strftime for %Y %y %m %d %H %M %S %f %b %B %a %A %p %I %j %%, English names. Other directives stay. */
CLEF_API(void, strftime_add, Buf *out, Value v, Str format);

#endif
