/* zone.h: what a TimeZone is, for the file that reads one and the files that use it. */
#ifndef CLEF_BASE_ZONE_H
#define CLEF_BASE_ZONE_H

#include "base/posixtz.h"

#include <clef/base/timezone.h>

struct TimeZone {
    Str name;
    size_t n;            /* transitions */
    const int64_t *at;   /* when, in seconds since 1970, ascending; within +-2^59 */
    const uint8_t *type; /* the index in types of what holds from there */
    const TimeOffset *types;
    size_t before; /* the type before the first transition */
    size_t after;  /* the type after the last one when there is no rule */
    bool has_rule;
    PosixTz rule;
};

#endif
