/*
 * value.h: one boxed value, whatever its type: what JSON reads and writes, what a template's context and a query's
 * parameter hold. 24 bytes, by value; what it points at is borrowed (an arena's, a literal's) and is never freed
 * through it.
 *
 * Upper floors bring their own kinds (a model row, a queryset, a form) as VALUE_OBJECT with a class: a const table of what
 * such an object can do.
 */
#ifndef CLEF_BASE_VALUE_H
#define CLEF_BASE_VALUE_H

#include <clef/base/arena.h>
#include <clef/base/opt.h>
#include <clef/base/str.h>
#include <clef/base/timezone.h>

typedef struct List List;
typedef struct Map Map;
typedef struct ValueClass ValueClass;

typedef enum ValueTag {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_BIGINT, /* an integer beyond int64_t: `decimal`, its exponent 0 */
    VALUE_DOUBLE,
    VALUE_DECIMAL,
    VALUE_STR,
    VALUE_SAFE, /* text that is markup already */
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

/*
 * What objects of an upper floor can do. Any member but the name may be NULL: the object cannot do that. Results live in
 * the arena or as long as the object. The functions may raise where their floor may; base holds nothing across them.
 */
struct ValueClass {
    const char *name;                                                     /* as messages show it: "QuerySet" */
    Str (*str)(Arena *a, const void *self);                               /* its text; NULL: "<name>" */
    bool (*truth)(const void *self);                                      /* NULL: length != 0, or true */
    bool (*length)(const void *self, size_t *out);                        /* false: it has none */
    bool (*item)(Arena *a, const void *self, Value key, Value *out);      /* attribute or item; false: no such */
    bool (*next)(Arena *a, const void *self, size_t *cursor, Value *out); /* *cursor is 0 at first; false: the end */
    bool (*call)(Arena *a, const void *self, const Value *args, size_t nargs, Value *out);
    bool (*equal)(const void *self, const void *other); /* of the same class; NULL: the same object */
    bool is_markup;                                     /* its text is HTML-safe */
    /* Python's self[start:stop:step]; a NULL bound is an absent one. NULL, or false: the items one by one. */
    bool (*slice)(Arena *a, const void *self, const int64_t *start, const int64_t *stop, int64_t step, Value *out);
};

/* Boxing. Strings and what pointers lead to are borrowed. A NULL pointer gives null; a NULL Str is the empty text. */
static inline Value value_null(void) { return (Value){ 0 }; }
static inline Value value_bool(bool b) { return (Value){ .tag = VALUE_BOOL, .b = b }; }
static inline Value value_int(int64_t i) { return (Value){ .tag = VALUE_INT, .i = i }; }
static inline Value value_double(double d) { return (Value){ .tag = VALUE_DOUBLE, .d = d }; }
static inline Value value_str(Str s) { return (Value){ .tag = VALUE_STR, .s = s }; }
static inline Value value_safe(SafeStr s) { return (Value){ .tag = VALUE_SAFE, .s = s.s }; }
static inline Value value_bytes(Str s) { return (Value){ .tag = VALUE_BYTES, .s = s }; }
static inline Value value_c(const char *s) { return s ? value_str(str_c(s)) : value_null(); }
static inline Value value_decimal(const Decimal *d)
{
    return d ? (Value){ .tag = VALUE_DECIMAL, .decimal = d } : value_null();
}
/* An integer of any size: finite, exponent 0. */
static inline Value value_bigint(const Decimal *d)
{
    return d ? (Value){ .tag = VALUE_BIGINT, .decimal = d } : value_null();
}
static inline Value value_uuid(const Uuid *u) { return u ? (Value){ .tag = VALUE_UUID, .uuid = u } : value_null(); }
static inline Value value_list(List *l) { return l ? (Value){ .tag = VALUE_LIST, .list = l } : value_null(); }
static inline Value value_map(Map *m) { return m ? (Value){ .tag = VALUE_MAP, .map = m } : value_null(); }
static inline Value value_object(const void *object, const ValueClass *cls)
{
    return object ? (Value){ .tag = VALUE_OBJECT, .object = object, .cls = cls } : value_null();
}
static inline Value value_date(Date d) { return (Value){ .tag = VALUE_DATE, .us = d.days }; }
static inline Value value_time(Time t) { return (Value){ .tag = VALUE_TIME, .flags = t.fold, .us = t.us }; }
static inline Value value_naive(NaiveDateTime t) { return (Value){ .tag = VALUE_DATETIME, .us = t.us }; }
/* To be shown in that zone; NULL: in UTC. */
static inline Value value_datetime(DateTime t, const TimeZone *zone)
{
    return (Value){ .tag = VALUE_DATETIME, .us = t.us, .zone = zone ? zone : timezone_utc() };
}
static inline Value value_duration(Duration d) { return (Value){ .tag = VALUE_DURATION, .us = d.us }; }
/* INT, or BIGINT in the arena when it does not fit. */
CLEF_API(Value, value_u64, Arena *a, uint64_t v);

/*
 * VALUE(v) boxes by the type of v: numbers, bool, char *, Str, SafeStr, Decimal, Uuid, dates and times, the Opt types
 * (null when absent), List *, Map *, Value. It may point at temporaries that live as long as the block it stands in:
 * who keeps it longer takes value_copy. An upper floor adds its types by defining one of the CLEF_VALUE_UPPERs that no
 * other has taken anew, as a run of `Type: F(box_function),` (each a function of a const pointer to the type and of a
 * Decimal * that it may ignore), and one of them what becomes of all other types, in CLEF_VALUE_OTHER(v).
 */
#define CLEF_VALUE_OTHER(v)
#define CLEF_VALUE_UPPER(F)
#define CLEF_VALUE_UPPER_2(F)
#define CLEF_VALUE_UPPER_3(F)
#define CLEF_VALUE_UPPER_4(F)
#define CLEF_VALUE_UPPER_5(F)
#define CLEF_VALUE_UPPER_6(F)
#define CLEF_VALUE_UPPERS(F) \
    CLEF_VALUE_UPPER(F)      \
    CLEF_VALUE_UPPER_2(F) CLEF_VALUE_UPPER_3(F) CLEF_VALUE_UPPER_4(F) CLEF_VALUE_UPPER_5(F) CLEF_VALUE_UPPER_6(F)
/* clang-format off */
#define CLEF_VALUE_POINTERS(F) \
    char *: F(clef_value_of_c), const char *: F(clef_value_of_c), List *: F(clef_value_of_list), Map *: F(clef_value_of_map),
#define CLEF_VALUE_BY(function) function
#define VALUE(v) \
    _Generic((v), CLEF_VALUE_OTHER(v) CLEF_VALUE_UPPERS(CLEF_VALUE_BY) CLEF_VALUE_POINTERS(CLEF_VALUE_BY) \
        bool: clef_value_of_bool, char: clef_value_of_char, signed char: clef_value_of_schar, unsigned char: clef_value_of_uchar, \
        short: clef_value_of_short, unsigned short: clef_value_of_ushort, int: clef_value_of_int, unsigned: clef_value_of_unsigned, \
        long: clef_value_of_long, unsigned long: clef_value_of_ulong, long long: clef_value_of_llong, \
        unsigned long long: clef_value_of_ullong, float: clef_value_of_float, double: clef_value_of_double, Str: clef_value_of_str, \
        SafeStr: clef_value_of_safe, Decimal: clef_value_of_decimal, \
        Uuid: clef_value_of_uuid, Date: clef_value_of_date, Time: clef_value_of_time, NaiveDateTime: clef_value_of_naive, \
        DateTime: clef_value_of_datetime, Duration: clef_value_of_duration, OptInt: clef_value_of_opt_int, \
        OptBool: clef_value_of_opt_bool, OptDouble: clef_value_of_opt_double, OptDate: clef_value_of_opt_date, \
        OptTime: clef_value_of_opt_time, OptDateTime: clef_value_of_opt_datetime, OptNaiveDateTime: clef_value_of_opt_naive, \
        OptDuration: clef_value_of_opt_duration, OptDecimal: clef_value_of_opt_decimal, OptUuid: clef_value_of_opt_uuid, \
        Value: clef_value_of_value) \
    ((__typeof__((void)0, (v))[1]){ [0] = (v) }, &(Decimal){ .exponent = 0 })
/* clang-format on */

#define CLEF_BOX(name, T, ...)                                          \
    static inline Value clef_value_of_##name(T const *v, Decimal *room) \
    {                                                                   \
        (void)room;                                                     \
        return __VA_ARGS__;                                             \
    }
#define CLEF_BOX_UNSIGNED(name, T) \
    CLEF_BOX(name, T, *v <= INT64_MAX ? value_int((int64_t)*v) : value_bigint((room->coefficient = *v, room)))
CLEF_BOX(bool, bool, value_bool(*v))
CLEF_BOX(char, char, value_int(*v))
CLEF_BOX(schar, signed char, value_int(*v))
CLEF_BOX(uchar, unsigned char, value_int(*v))
CLEF_BOX(short, short, value_int(*v))
CLEF_BOX(ushort, unsigned short, value_int(*v))
CLEF_BOX(int, int, value_int(*v))
CLEF_BOX(unsigned, unsigned, value_int(*v))
CLEF_BOX(long, long, value_int(*v))
CLEF_BOX_UNSIGNED(ulong, unsigned long)
CLEF_BOX(llong, long long, value_int(*v))
CLEF_BOX_UNSIGNED(ullong, unsigned long long)
CLEF_BOX(float, float, value_double((double)*v))
CLEF_BOX(double, double, value_double(*v))
CLEF_BOX(c, void, value_c(*(const char *const *)v))
CLEF_BOX(str, Str, value_str(*v))
CLEF_BOX(safe, SafeStr, value_safe(*v))
CLEF_BOX(decimal, Decimal, value_decimal(v))
CLEF_BOX(uuid, Uuid, value_uuid(v))
CLEF_BOX(date, Date, value_date(*v))
CLEF_BOX(time, Time, value_time(*v))
CLEF_BOX(naive, NaiveDateTime, value_naive(*v))
CLEF_BOX(datetime, DateTime, value_datetime(*v, NULL))
CLEF_BOX(duration, Duration, value_duration(*v))
CLEF_BOX(opt_int, OptInt, v->set ? value_int(v->value) : value_null())
CLEF_BOX(opt_bool, OptBool, v->set ? value_bool(v->value) : value_null())
CLEF_BOX(opt_double, OptDouble, v->set ? value_double(v->value) : value_null())
CLEF_BOX(opt_date, OptDate, v->set ? value_date(v->value) : value_null())
CLEF_BOX(opt_time, OptTime, v->set ? value_time(v->value) : value_null())
CLEF_BOX(opt_datetime, OptDateTime, v->set ? value_datetime(v->value, NULL) : value_null())
CLEF_BOX(opt_naive, OptNaiveDateTime, v->set ? value_naive(v->value) : value_null())
CLEF_BOX(opt_duration, OptDuration, v->set ? value_duration(v->value) : value_null())
CLEF_BOX(opt_decimal, OptDecimal, v->set ? value_decimal(&v->value) : value_null())
CLEF_BOX(opt_uuid, OptUuid, v->set ? value_uuid(&v->value) : value_null())
CLEF_BOX(list, List *, value_list(*v))
CLEF_BOX(map, Map *, value_map(*v))
CLEF_BOX(value, Value, *v)

/*
 * A copy that owns all it points at in the arena: text, numbers, lists and maps to VALUE_MAX_DEPTH. Objects stay
 * borrowed.
 */
#define VALUE_MAX_DEPTH 256
CLEF_API(Value, value_copy, Arena *a, Value v);

typedef enum ValueOrder {
    VALUE_LESS = -1,
    VALUE_EQUAL,
    VALUE_GREATER,
    VALUE_UNORDERED,    /* a NaN is among them */
    VALUE_INCOMPARABLE, /* different, of types without an order between them: what is a TypeError of Python */
} ValueOrder;
/*
 * As Python compares: numbers of all types by their exact value (True is 1, and 0.1 is not Decimal("0.1")), text by code
 * points whether safe or not, lists element by element, maps for equality. Naive and aware times are different and have no
 * order. What is nested deeper than VALUE_MAX_DEPTH counts as different.
 */
CLEF_API(ValueOrder, value_cmp, Value a, Value b);
CLEF_API(bool, value_eq, Value a, Value b);

CLEF_API(List *, list_new, Arena *a) CLEF_NONNULL CLEF_MUST_USE;
CLEF_API(void, list_push, Arena *a, List *list, Value v);

/*
 * Adds the text that Python's str() makes of it; a datetime with a zone stands in that zone's wall time. False, and nothing
 * added, for bytes, a list, a map and an object: how deep those are shown is their caller's business.
 */
CLEF_API(bool, buf_scalar, Buf *b, Value v);

/* "str", "int", "float", "Decimal", ... as Python names the type; an object's class name. */
CLEF_API(const char *, value_type_name, Value v) CLEF_NONNULL;
static inline bool value_is_null(Value v) { return v.tag == VALUE_NULL; }
static inline bool value_is_text(Value v) { return v.tag == VALUE_STR || v.tag == VALUE_SAFE; }
/* False, and *out unchanged, when the value is not exactly that: INT or BOOL; STR or SAFE; INT, BOOL or DOUBLE. */
CLEF_API(bool, value_to_int, Value v, int64_t *out) CLEF_MUST_USE;
CLEF_API(bool, value_to_str, Value v, Str *out) CLEF_MUST_USE;
CLEF_API(bool, value_to_double, Value v, double *out) CLEF_MUST_USE;
/* As Python's truth: false are null, false, zeros, the empty text, list and map, and an object that says so. */
CLEF_API(bool, value_truth, Value v);
/* Code points of a text, bytes, elements. False when the value has no length. */
CLEF_API(bool, value_length, Value v, size_t *out) CLEF_MUST_USE;
/*
 * The entry of a map by text, the element of a list, the character of a text or a byte by integer (from the end when
 * negative), an object's item. False, and *out unchanged, when there is none.
 */
CLEF_API(bool, value_item, Arena *a, Value v, Value key, Value *out) CLEF_MUST_USE;
/*
 * Visits elements of a list, names of a map, characters of a text, bytes as integers, items of an object. *cursor is 0
 * first.
 */
CLEF_API(bool, value_next, Arena *a, Value v, size_t *cursor, Value *out) CLEF_MUST_USE;
static inline bool value_is_iterable(Value v)
{
    return v.tag == VALUE_LIST || v.tag == VALUE_MAP || value_is_text(v) || v.tag == VALUE_BYTES ||
           (v.tag == VALUE_OBJECT && v.cls->next);
}

#endif
