/*
 * opt.h: values that may be absent, for nullable columns and optional settings. Each is { value, set }; {0} is absent.
 * A nullable text needs none: the NULL Str is it.
 */
#ifndef CLEF_BASE_OPT_H
#define CLEF_BASE_OPT_H

#include <clef/base/datetime.h>
#include <clef/base/decimal.h>
#include <clef/base/uuid.h>

#define OPT_TYPE(name, type) \
    typedef struct name {    \
        type value;          \
        bool set;            \
    } name

OPT_TYPE(OptInt, int64_t);
OPT_TYPE(OptBool, bool);
OPT_TYPE(OptDouble, double);
OPT_TYPE(OptDate, Date);
OPT_TYPE(OptTime, Time);
OPT_TYPE(OptDateTime, DateTime);
OPT_TYPE(OptNaiveDateTime, NaiveDateTime);
OPT_TYPE(OptDuration, Duration);
OPT_TYPE(OptDecimal, Decimal);
OPT_TYPE(OptUuid, Uuid);

/* A present value, as an initialiser or in an assignment: post->rating = OPT(OptInt, 5). */
#define OPT(type, ...) ((type){ .value = __VA_ARGS__, .set = true })
/* The value, or `otherwise` when it is absent. The first argument is evaluated twice. */
#define OPT_OR(opt, otherwise) ((opt).set ? (opt).value : (otherwise))

#endif
