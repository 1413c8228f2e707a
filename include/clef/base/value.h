/*
 * value.h: one boxed value, whatever its type: what JSON reads and writes, what a template's context and a query's
 * parameter hold. 24 bytes, by value; what it points at is borrowed (an arena's, a literal's) and is never freed through it.
 *
 * Upper floors bring their own kinds (a model row, a queryset, a form) as VALUE_OBJECT with a class: a const table of what
 * such an object can do.
 */
#ifndef CLEF_BASE_VALUE_H
#define CLEF_BASE_VALUE_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct Decimal Decimal;
typedef struct TimeZone TimeZone;
typedef struct List List;
typedef struct Map Map;
typedef struct Uuid Uuid;
typedef struct ValueClass ValueClass;

typedef enum ValueTag {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_BIGINT,   /* an integer beyond int64_t: `decimal`, its exponent 0 */
    VALUE_DOUBLE,
    VALUE_DECIMAL,
    VALUE_STR,
    VALUE_SAFE,     /* text that is markup already */
    VALUE_BYTES,
    VALUE_DATE,
    VALUE_TIME,
    VALUE_DATETIME, /* `zone` NULL: a naive time */
    VALUE_DURATION,
    VALUE_UUID,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_OBJECT,
} ValueTag;

typedef struct Value {
    uint8_t tag;   /* ValueTag */
    uint8_t flags; /* of the tag's own; 0 */
    union {
        bool b;
        int64_t i;
        double d;
        Str s;                  /* STR, SAFE, BYTES */
        const Decimal *decimal; /* BIGINT, DECIMAL */
        struct {
            int64_t us;           /* TIME, DURATION: microseconds; DATE: days since 1970-01-01; DATETIME: see time.h */
            const TimeZone *zone; /* DATETIME */
        };
        const Uuid *uuid;
        List *list;
        Map *map;
        struct {
            const void *object;
            const ValueClass *cls;
        };
    };
} Value;

_Static_assert(sizeof(Value) == 24, "a Value is three words");

struct List {
    Value *p;
    size_t n, cap;
};

#endif
