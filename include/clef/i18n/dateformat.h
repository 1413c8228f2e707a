/*
 * dateformat.h: dates and times by Django's format letters (PHP's), as {{ value|date:"j F Y" }} has them, with the names
 * of a locale.
 * Django's page: "Built-in template tags and filters: date".
 */
#ifndef CLEF_I18N_DATEFORMAT_H
#define CLEF_I18N_DATEFORMAT_H

#include <clef/base/buf.h>
#include <clef/base/value.h>
#include <clef/i18n/locale.h>

typedef enum DateFormatOutcome {
    DATE_FORMAT_OK,
    DATE_FORMAT_NO_ATTRIBUTE, /* the letter needs what the value has not (a year of a time): Python's AttributeError */
    DATE_FORMAT_TIME_LETTER,  /* a letter of times with a date: Python's TypeError; *letter says which */
    DATE_FORMAT_NO_DATE,      /* the value is neither a date, a time nor both */
} DateFormatOutcome;

/*
 * Appends a VALUE_DATE, VALUE_TIME or VALUE_DATETIME in that format; naive times are of the locale's default zone. After an
 * outcome other than OK a part may have been appended. `time_only`: Django's time_format, without date letters.
 * A format's name is looked up by format_or(locale->formats, name).
 */
CLEF_API(DateFormatOutcome, date_format_add, Buf *out, Value v, Str format, bool time_only, const Locale *locale,
         char *letter)
CLEF_MUST_USE;

#endif
