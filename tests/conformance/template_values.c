/*
 * template_values.c: contexts of recorded cases as values, with objects for what only Python has: ranges, sets, other
 * keys.
 */
#include "conformance/template_values.h"

#include "template/template.h"
#include <clef/base/double.h>

/* --- ranges */

typedef struct Range {
    int64_t start, stop, step;
    size_t n;
} Range;

static Str range_str(Arena *a, const void *self)
{
    const Range *x = self;
    if (x->step == 1)
        return str_format(a, "range(%lld, %lld)", (long long)x->start, (long long)x->stop);
    return str_format(a, "range(%lld, %lld, %lld)", (long long)x->start, (long long)x->stop, (long long)x->step);
}
static bool range_length(const void *self, size_t *out)
{
    *out = ((const Range *)self)->n;
    return true;
}
static bool range_item(Arena *a, const void *self, Value key, Value *out)
{
    const Range *x = self;
    int64_t i;
    (void)a;
    if (!value_to_int(key, &i))
        return false;
    if (i < 0)
        i += (int64_t)x->n;
    if (i < 0 || (uint64_t)i >= x->n)
        return false;
    *out = value_int(x->start + i * x->step);
    return true;
}
static bool range_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    return range_item(a, self, value_int((int64_t)*cursor), out) && ++*cursor;
}
static const ValueClass range_class;
static bool range_slice(Arena *a, const void *self, const int64_t *start, const int64_t *stop, int64_t step, Value *out)
{
    const Range *x = self;
    int64_t n = (int64_t)x->n, low = step < 0 ? -1 : 0, high = step < 0 ? n - 1 : n;
    int64_t from = step < 0 ? high : low, to = step < 0 ? low : high;
    if (start) {
        from = *start < 0 ? *start + n : *start;
        from = from < low ? low : from > high ? high : from;
    }
    if (stop) {
        to = *stop < 0 ? *stop + n : *stop;
        to = to < low ? low : to > high ? high : to;
    }
    Range *r = NEW(a, Range);
    r->start = x->start + from * x->step;
    r->step = x->step * step;
    r->n = step > 0 ? (to > from ? (size_t)((to - from - 1) / step + 1) : 0)
                    : (from > to ? (size_t)((from - to - 1) / -step + 1) : 0);
    r->stop = x->start + to * x->step;
    *out = value_object(r, &range_class);
    return true;
}
static bool range_equal(const void *a, const void *b) { return memcmp(a, b, sizeof(Range)) == 0; }
static const ValueClass range_class = { .name = "range",
                                        .str = range_str,
                                        .length = range_length,
                                        .item = range_item,
                                        .next = range_next,
                                        .equal = range_equal,
                                        .slice = range_slice };

/* --- sets, and dicts whose keys are no text: pairs of key and value; a set has no values */

typedef struct Pairs {
    List *keys, *values;
} Pairs;

static Str pairs_str(Arena *a, const void *self)
{
    const Pairs *x = self;
    Buf b = BUF_INIT(a, TEXT_MAX);
    if (!x->values && !x->keys->n)
        return STR("set()");
    buf_byte(&b, '{');
    for (size_t i = 0; i < x->keys->n; i++) {
        if (i)
            buf_c(&b, ", ");
        write_repr(&b, a, x->keys->p[i]);
        if (x->values) {
            buf_c(&b, ": ");
            write_repr(&b, a, x->values->p[i]);
        }
    }
    buf_byte(&b, '}');
    return buf_view(&b);
}
static bool pairs_length(const void *self, size_t *out)
{
    *out = ((const Pairs *)self)->keys->n;
    return true;
}
static Value pair_of(Arena *a, Value k, Value v)
{
    List *l = list_new(a);
    list_push(a, l, k);
    list_push(a, l, v);
    return value_tuple(l);
}
static bool pairs_item(Arena *a, const void *self, Value key, Value *out)
{
    const Pairs *x = self;
    for (size_t i = 0; i < x->keys->n; i++)
        if (value_eq(x->keys->p[i], key)) {
            *out = x->values->p[i];
            return true;
        }
    if (value_is_text(key) && str_eq(key.s, STR("items"))) {
        List *l = list_new(a);
        for (size_t i = 0; i < x->keys->n; i++)
            list_push(a, l, pair_of(a, x->keys->p[i], x->values->p[i]));
        *out = value_list(l);
        return true;
    }
    return false;
}
static bool pairs_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    const Pairs *x = self;
    if (*cursor >= x->keys->n)
        return false;
    *out = x->keys->p[(*cursor)++];
    return true;
}
static bool pairs_equal(const void *a, const void *b)
{
    const Pairs *x = a, *y = b;
    return value_eq(value_list(x->keys), value_list(y->keys)) &&
           (!x->values || value_eq(value_list(x->values), value_list(y->values)));
}
static const ValueClass set_class = {
    .name = "set", .str = pairs_str, .length = pairs_length, .next = pairs_next, .equal = pairs_equal
};
static const ValueClass dict_class = { .name = "dict",
                                       .str = pairs_str,
                                       .length = pairs_length,
                                       .item = pairs_item,
                                       .next = pairs_next,
                                       .equal = pairs_equal };

static Value range_of(Arena *a, Value v)
{
    Range *x = NEW(a, Range);
    x->start = v.list->p[0].i;
    x->step = v.list->p[2].i;
    int64_t stop = x->stop = v.list->p[1].i;
    while (x->step > 0 ? x->start + (int64_t)x->n * x->step < stop : x->start + (int64_t)x->n * x->step > stop)
        x->n++;
    return value_object(x, &range_class);
}

static Value datetime_of(Arena *a, TimeZones *zones, Str text, Value zone, Value name)
{
    ParsedDateTime p;
    const TimeZone *z = NULL;
    DateTime t;
    if (datetime_parse(text, &p) != PARSE_OK)
        return value_null();
    if (!p.aware)
        return value_naive(p.local);
    if (!datetime_from_naive(p.local, p.offset, &t))
        return value_null();
    if (zone.tag == VALUE_STR && timezones_get(zones, zone.s, &z) == TIMEZONE_OK)
        return value_datetime(t, z);
    if (name.tag == VALUE_STR && !str_eq(name.s, STR("UTC")))
        return value_datetime(t, timezone_fixed(a, p.offset, name.s));
    return value_datetime(t, p.offset ? timezone_fixed(a, p.offset, (Str){ 0 }) : timezone_utc());
}

/* "-1.999995" is a second down and 999,995 microseconds up. */
static Value duration_of(Str text)
{
    Str rest = text, seconds;
    int64_t s = 0, us = 0;
    (void)str_cut(&rest, '.', &seconds);
    bool ok = str_to_i64(seconds, &s) && (!rest.n || str_to_i64(rest, &us));
    for (size_t i = rest.n; ok && i && i < 6; i++)
        us *= 10;
    if (!ok || __builtin_mul_overflow(s, (int64_t)1000000, &s) || __builtin_add_overflow(s, us, &s))
        return value_null();
    return value_duration((Duration){ s });
}

static Value special(Arena *a, TimeZones *zones, Str name, const Map *m, Value v)
{
    Decimal *d;
    Date date;
    Time time;
    double x;
    List *keys = list_new(a), *values = list_new(a);
    if (str_eq(name, STR("safe")))
        return value_safe((SafeStr){ v.s });
    if (str_eq(name, STR("lazy")))
        return template_case_value(a, zones, v);
    if (str_eq(name, STR("date")) && date_parse_iso(v.s, &date))
        return value_date(date);
    if (str_eq(name, STR("time")) && time_parse(v.s, &time) == PARSE_OK)
        return value_time(time);
    if (str_eq(name, STR("datetime")))
        return datetime_of(a, zones, v.s, record_get(m, "tz"), record_get(m, "tzname"));
    if (str_eq(name, STR("timedelta")))
        return duration_of(v.s);
    if (str_eq(name, STR("decimal")) && decimal_parse(a, v.s, d = NEW(a, Decimal)) == DECIMAL_OK)
        return value_decimal(d);
    if (str_eq(name, STR("float")) && double_parse_any(v.s, &x))
        return value_double(x);
    if (str_eq(name, STR("range")))
        return range_of(a, v);
    if (str_eq(name, STR("tuple"))) {
        Value l = template_case_value(a, zones, v);
        l.flags = LIST_TUPLE;
        return l;
    }
    if (str_eq(name, STR("set"))) {
        Pairs *p = NEW(a, Pairs);
        p->keys = template_case_value(a, zones, v).list;
        return value_object(p, &set_class);
    }
    if (str_eq(name, STR("querydict")))
        return template_case_value(a, zones, v);
    if (str_eq(name, STR("dict"))) {
        Pairs *p = NEW(a, Pairs);
        *p = (Pairs){ keys, values };
        for (size_t i = 0; i < v.list->n; i++) {
            list_push(a, keys, template_case_value(a, zones, v.list->p[i].list->p[0]));
            list_push(a, values, template_case_value(a, zones, v.list->p[i].list->p[1]));
        }
        return value_object(p, &dict_class);
    }
    return from_notation(a, value_map((Map *)(uintptr_t)m));
}

Value template_case_value(Arena *a, TimeZones *zones, Value v)
{
    if (v.tag == VALUE_MAP) {
        const MapEntry *first = map_at(v.map, 0);
        if (first && first->key.n && first->key.p[0] == '$')
            return special(a, zones, str_from_byte(first->key, 1), v.map, first->value);
        Map *m = map_new(a);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            map_set(m, e->key, template_case_value(a, zones, e->value));
        return value_map(m);
    }
    if (v.tag == VALUE_LIST) {
        List *l = list_new(a);
        for (size_t i = 0; i < v.list->n; i++)
            list_push(a, l, template_case_value(a, zones, v.list->p[i]));
        return value_list(l);
    }
    return v;
}
