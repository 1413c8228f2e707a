/* attribute.c: what templates ask of values that are no objects: dict.items, date.year, text.upper. */
#include "template/template.h"
#include <clef/i18n.h>

static Value pair(Arena *a, Value x, Value y)
{
    List *l = list_new(a);
    list_push(a, l, x);
    list_push(a, l, y);
    return value_tuple(l);
}

static bool map_attribute(Arena *a, const Map *m, Str name, Value *out)
{
    bool keys = str_eq(name, STR("keys")), values = str_eq(name, STR("values")), items = str_eq(name, STR("items"));
    if (!keys && !values && !items)
        return false;
    List *l = list_new(a);
    MapEntry *e;
    for (size_t at = 0; (e = map_next(m, &at)) != NULL;)
        list_push(a, l, keys ? value_str(e->key) : values ? e->value : pair(a, value_str(e->key), e->value));
    *out = value_list(l);
    out->flags = keys ? LIST_KEYS : values ? LIST_VALUES : LIST_ITEMS;
    return true;
}

/* Bytes have letter case of ASCII only. */
static bool bytes_attribute(Arena *a, Str s, Str name, Value *out)
{
    bool upper = str_eq(name, STR("upper")), title = str_eq(name, STR("title")),
         capitalize = str_eq(name, STR("capitalize"));
    if (!upper && !title && !capitalize && !str_eq(name, STR("lower")))
        return false;
    char *p = str_dup_c(a, s);
    bool within = false;
    for (size_t i = 0; i < s.n; i++) {
        bool small = p[i] >= 'a' && p[i] <= 'z', large = p[i] >= 'A' && p[i] <= 'Z';
        bool raise = upper || (title && !within) || (capitalize && i == 0);
        p[i] = (char)(small && raise ? p[i] - 32 : large && !raise ? p[i] + 32 : p[i]);
        within = small || large;
    }
    *out = value_bytes((Str){ p, s.n });
    return true;
}

static bool text_attribute(Arena *a, Str s, Str name, Value *out)
{
    static const struct {
        Str name;
        Str (*fn)(Arena *a, Str s);
    } methods[] = {
        { STR("upper"), text_upper },
        { STR("lower"), text_lower },
        { STR("title"), text_title },
        { STR("capitalize"), text_capitalize },
    };
    for (size_t i = 0; i < CLEF_COUNT(methods); i++)
        if (str_eq(name, methods[i].name)) {
            *out = value_str(methods[i].fn(a, s));
            return true;
        }
    if (str_eq(name, STR("strip"))) {
        *out = value_str(str_trim(s));
        return true;
    }
    return false;
}

static bool number_of(Str name, const Str *names, const int64_t *values, size_t n, Value *out)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, names[i])) {
            *out = value_int(values[i]);
            return true;
        }
    return false;
}

static bool time_attribute(Value v, Str name, Value *out)
{
    static const Str names[] = { STR("year"),   STR("month"),  STR("day"),        STR("hour"),
                                 STR("minute"), STR("second"), STR("microsecond") };
    NaiveDateTime t = { v.tag == VALUE_DATE ? v.us * US_PER_DAY : v.us };
    if (v.tag == VALUE_DATETIME && v.zone)
        (void)!timezone_local(v.zone, (DateTime){ v.us }, &t, NULL);
    DateTimeParts p = naive_parts(t);
    int64_t values[] = { p.year, p.month, p.day, p.hour, p.minute, p.second, p.microsecond };
    size_t from = v.tag == VALUE_TIME ? 3 : 0, to = v.tag == VALUE_DATE ? 3 : 7;
    if (v.tag != VALUE_TIME && str_eq(name, STR("weekday"))) {
        *out = value_int(date_weekday(naive_date(t)));
        return true;
    }
    return number_of(name, names + from, values + from, to - from, out);
}

static bool number_attribute(Value v, Str name, Value *out)
{
    bool whole = v.tag != VALUE_DOUBLE;
    if (str_eq(name, STR("real")) || (whole && str_eq(name, STR("numerator"))))
        *out = v.tag == VALUE_BOOL ? value_int(v.b) : v;
    else if (str_eq(name, STR("imag")))
        *out = whole ? value_int(0) : value_double(0);
    else if (whole && str_eq(name, STR("denominator")))
        *out = value_int(1);
    else
        return false;
    return true;
}

bool value_attribute(Arena *a, Value v, Str name, Value *out)
{
    static const Str duration_names[] = { STR("days"), STR("seconds"), STR("microseconds") };
    switch ((ValueTag)v.tag) {
    case VALUE_MAP:
        return map_attribute(a, v.map, name, out);
    case VALUE_STR:
    case VALUE_SAFE:
        return text_attribute(a, v.s, name, out);
    case VALUE_BYTES:
        return bytes_attribute(a, v.s, name, out);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
        return time_attribute(v, name, out);
    case VALUE_DURATION: {
        DurationParts p = duration_parts((Duration){ v.us });
        int64_t values[] = { p.days, p.seconds, p.microseconds };
        if (str_eq(name, STR("total_seconds"))) {
            *out = value_double(duration_seconds((Duration){ v.us }));
            return true;
        }
        return number_of(name, duration_names, values, 3, out);
    }
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_BIGINT:
    case VALUE_DOUBLE:
        return number_attribute(v, name, out);
    default:
        return false;
    }
}
