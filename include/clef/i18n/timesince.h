/*
 * timesince.h: the time between two moments in words: "1 year, 4 months". Django's timesince() and timeuntil():
 * neighbouring units only, months and years by the calendar, never less than "0 minutes".
 */
#ifndef CLEF_I18N_TIMESINCE_H
#define CLEF_I18N_TIMESINCE_H

#include <clef/base/buf.h>
#include <clef/base/value.h>
#include <clef/i18n/locale.h>

typedef struct TimeSinceOptions {
    bool until;     /* from `now` to `d` */
    unsigned depth; /* how many units at most; 0: 2 */
    Str context;    /* of the messages "%(num)d day" and so on; p NULL: none */
} TimeSinceOptions;

/*
 * Appends the time from `d` to `now`, each a VALUE_DATE or VALUE_DATETIME. Clocks of d's zone count. False, and nothing
 * appended, when one is aware and the other naive, or when one is no date: Python's TypeError.
 */
CLEF_API(bool, timesince_add, Buf *out, const Locale *l, Value d, Value now, TimeSinceOptions options) CLEF_MUST_USE;
/* The moment `t` as something to compare `d` with: aware like it, or naive in the locale's default zone. */
CLEF_API(Value, now_like, const Locale *l, Value d, DateTime t);

#endif
