/*
 * humanize.h: numbers and dates as people say them: Django's django.contrib.humanize, as functions. What a function
 * does not take (a text that is no number, a value of another type) comes back as it is.
 */
#ifndef CLEF_I18N_HUMANIZE_H
#define CLEF_I18N_HUMANIZE_H

#include <clef/base/value.h>
#include <clef/i18n/locale.h>

/* 1 (INT, BIGINT) is "1st"; SAFE, because languages write it with markup. Negative numbers are plain. */
CLEF_API(Value, humanize_ordinal, Arena *a, const Locale *l, Value whole);
/*
 * 4500000 is "4,500,000": the locale's groups. `v` is a number, or a text of one; in any other text, and in all of them
 * when not `localised`, the digits that it begins with get commas.
 */
CLEF_API(Value, humanize_intcomma, Arena *a, const Locale *l, Value v, bool localised);
/* 1200000 is "1.2 million", from a million on; INT, BIGINT. */
CLEF_API(Value, humanize_intword, Arena *a, const Locale *l, Value whole);
/* 1 to 9 in words. */
CLEF_API(Value, humanize_apnumber, const Locale *l, int64_t n);
/* "today", "tomorrow", "yesterday"; the NULL string for any other day. */
CLEF_API(Str, humanize_naturalday, const Locale *l, Date d, Date today);
/* "3 minutes ago", "2 hours from now", "now" of a DATE or DATETIME. */
CLEF_API(Value, humanize_naturaltime, Arena *a, const Locale *l, Value v, DateTime now);

#endif
