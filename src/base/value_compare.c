/* value_compare.c: equality and order of boxed values, as Python compares the types. */
#include "base/decimal_limbs.h"
#include <clef/base/map.h>
#include <clef/base/value.h>

#include <math.h>

static bool is_number(Value v) { return v.tag >= VALUE_BOOL && v.tag <= VALUE_DECIMAL; }
static ValueOrder sign(int order) { return order < 0 ? VALUE_LESS : order > 0 ? VALUE_GREATER : VALUE_EQUAL; }
static ValueOrder order_i64(int64_t a, int64_t b) { return sign((a > b) - (a < b)); }

/* The exact value of any number but a double that is no number. */
static Decimal exact(Value v, uint32_t room[LIMBS_OF_DOUBLE])
{
    int64_t i;
    if (value_to_int(v, &i))
        return decimal_from_i64(i);
    if (v.tag != VALUE_DOUBLE)
        return *v.decimal;
    if (isinf(v.d))
        return (Decimal){ .kind = DECIMAL_INFINITY, .negative = v.d < 0 };
    return decimal_of_double(v.d, room);
}

static CLEF_COLD ValueOrder compare_mixed(Value a, Value b)
{
    uint32_t room_a[LIMBS_OF_DOUBLE], room_b[LIMBS_OF_DOUBLE];
    int order;
    return decimal_cmp(exact(a, room_a), exact(b, room_b), &order) ? sign(order) : VALUE_UNORDERED;
}

static ValueOrder compare_numbers(Value a, Value b)
{
    int64_t i, j;
    if (value_to_int(a, &i) && value_to_int(b, &j))
        return order_i64(i, j);
    if ((a.tag == VALUE_DOUBLE && isnan(a.d)) || (b.tag == VALUE_DOUBLE && isnan(b.d)))
        return VALUE_UNORDERED;
    if (a.tag == VALUE_DOUBLE && b.tag == VALUE_DOUBLE)
        return sign((a.d > b.d) - (a.d < b.d));
    return compare_mixed(a, b);
}

static ValueOrder compare(Value a, Value b, unsigned depth);

/* The first pair that differs decides, else the lengths; `lengths_first`: only equality is asked for. */
static ValueOrder compare_lists(const List *a, const List *b, bool lengths_first, unsigned depth)
{
    if (lengths_first && a->n != b->n)
        return VALUE_INCOMPARABLE;
    size_t n = a->n < b->n ? a->n : b->n;
    for (size_t i = 0; i < n; i++) {
        ValueOrder order = compare(a->p[i], b->p[i], depth + 1);
        if (order != VALUE_EQUAL)
            return order;
    }
    return sign((a->n > b->n) - (a->n < b->n));
}

/* Maps are equal or not. */
static ValueOrder compare_maps(const Map *a, const Map *b, unsigned depth)
{
    if (map_count(a) != map_count(b))
        return VALUE_INCOMPARABLE;
    MapEntry *e;
    for (size_t at = 0; (e = map_next(a, &at)) != NULL;) {
        const Value *other = map_get(b, e->key);
        if (!other || compare(e->value, *other, depth + 1) != VALUE_EQUAL)
            return VALUE_INCOMPARABLE;
    }
    return VALUE_EQUAL;
}

static ValueOrder compare_objects(Value a, Value b)
{
    if (a.cls != b.cls)
        return VALUE_INCOMPARABLE;
    return a.object == b.object || (a.cls->equal && a.cls->equal(a.object, b.object)) ? VALUE_EQUAL
                                                                                      : VALUE_INCOMPARABLE;
}

static ValueOrder compare(Value a, Value b, unsigned depth)
{
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b);
    if (value_is_text(a) && value_is_text(b))
        return sign(str_cmp(a.s, b.s));
    if (a.tag != b.tag || ((a.tag == VALUE_LIST || a.tag == VALUE_MAP) && depth >= VALUE_MAX_DEPTH))
        return VALUE_INCOMPARABLE;
    switch ((ValueTag)a.tag) {
    case VALUE_NULL:
        return VALUE_EQUAL;
    case VALUE_BYTES:
        return sign(str_cmp(a.s, b.s));
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DURATION:
        return order_i64(a.us, b.us);
    case VALUE_DATETIME:
        return (a.zone == NULL) == (b.zone == NULL) ? order_i64(a.us, b.us) : VALUE_INCOMPARABLE;
    case VALUE_UUID:
        return sign(uuid_cmp(*a.uuid, *b.uuid));
    case VALUE_LIST:
        return compare_lists(a.list, b.list, false, depth);
    case VALUE_MAP:
        return compare_maps(a.map, b.map, depth);
    case VALUE_OBJECT:
        return compare_objects(a, b);
    default:
        return VALUE_INCOMPARABLE;
    }
}

ValueOrder value_cmp(Value a, Value b) { return compare(a, b, 0); }

bool value_eq(Value a, Value b)
{
    if (a.tag == VALUE_LIST && b.tag == VALUE_LIST)
        return compare_lists(a.list, b.list, true, 0) == VALUE_EQUAL;
    return compare(a, b, 0) == VALUE_EQUAL;
}
