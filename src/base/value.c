/* value.c: what can be done with any boxed value. */
#include <clef/base/map.h>
#include <clef/base/utf8.h>
#include <clef/base/value.h>
#include <clef/base/vec.h>

List *list_new(Arena *a) { return NEW(a, List); }
void list_push(Arena *a, List *list, Value v) { VEC_PUSH(a, list, v); }

Value value_u64(Arena *a, uint64_t v)
{
    if (v <= INT64_MAX)
        return value_int((int64_t)v);
    Decimal *d = NEW(a, Decimal);
    d->coefficient = v;
    return value_bigint(d);
}

static Value copy_at(Arena *a, Value v, unsigned depth)
{
    switch ((ValueTag)v.tag) {
    case VALUE_BIGINT:
    case VALUE_DECIMAL: {
        Decimal *d = arena_alloc(a, sizeof *d);
        *d = *v.decimal;
        if (d->nlimbs) {
            uint32_t *limbs = NEW_ARRAY(a, uint32_t, d->nlimbs);
            memcpy(limbs, d->limbs, d->nlimbs * sizeof *limbs);
            d->limbs = limbs;
        }
        v.decimal = d;
        return v;
    }
    case VALUE_STR:
    case VALUE_SAFE:
    case VALUE_BYTES:
        v.s = str_copy(a, v.s);
        return v;
    case VALUE_UUID: {
        Uuid *u = arena_alloc(a, sizeof *u);
        *u = *v.uuid;
        v.uuid = u;
        return v;
    }
    case VALUE_LIST: {
        if (depth >= VALUE_MAX_DEPTH)
            return value_null();
        List *list = list_new(a);
        list->p = NEW_ARRAY(a, Value, v.list->n);
        list->cap = v.list->n;
        for (size_t i = 0; i < v.list->n; i++)
            list->p[list->n++] = copy_at(a, v.list->p[i], depth + 1);
        return value_list(list);
    }
    case VALUE_MAP: {
        if (depth >= VALUE_MAX_DEPTH)
            return value_null();
        Map *map = map_create(a, v.map->max);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            map_set(map, str_copy(a, e->key), copy_at(a, e->value, depth + 1));
        return value_map(map);
    }
    default:
        return v;
    }
}

Value value_copy(Arena *a, Value v) { return copy_at(a, v, 0); }

const char *value_type_name(Value v)
{
    static const char *const names[] = {
        [VALUE_NULL] = "NoneType", [VALUE_BOOL] = "bool",          [VALUE_INT] = "int",   [VALUE_BIGINT] = "int",
        [VALUE_DOUBLE] = "float",  [VALUE_DECIMAL] = "Decimal",    [VALUE_STR] = "str",   [VALUE_SAFE] = "SafeString",
        [VALUE_BYTES] = "bytes",   [VALUE_DATE] = "date",          [VALUE_TIME] = "time", [VALUE_DATETIME] = "datetime",
        [VALUE_UUID] = "UUID",     [VALUE_DURATION] = "timedelta", [VALUE_LIST] = "list", [VALUE_MAP] = "dict",
    };
    return v.tag == VALUE_OBJECT ? v.cls->name : v.tag < CLEF_COUNT(names) ? names[v.tag] : "?";
}

bool value_to_int(Value v, int64_t *out)
{
    if (v.tag != VALUE_INT && v.tag != VALUE_BOOL)
        return false;
    *out = v.tag == VALUE_INT ? v.i : v.b;
    return true;
}

bool value_to_str(Value v, Str *out)
{
    if (!value_is_text(v))
        return false;
    *out = v.s;
    return true;
}

bool value_to_double(Value v, double *out)
{
    int64_t i;
    if (v.tag == VALUE_DOUBLE)
        *out = v.d;
    else if (value_to_int(v, &i))
        *out = (double)i;
    else
        return false;
    return true;
}

bool value_truth(Value v)
{
    size_t n;
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return v.b;
    case VALUE_INT:
    case VALUE_DURATION:
        return v.i != 0;
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        return v.decimal->kind != DECIMAL_FINITE || v.decimal->nlimbs || v.decimal->coefficient;
    case VALUE_DOUBLE:
        return v.d != 0;
    case VALUE_STR:
    case VALUE_SAFE:
    case VALUE_BYTES:
        return v.s.n != 0;
    case VALUE_LIST:
        return v.list->n != 0;
    case VALUE_MAP:
        return map_count(v.map) != 0;
    case VALUE_OBJECT:
        return v.cls->truth ? v.cls->truth(v.object) : v.cls->length && v.cls->length(v.object, &n) ? n != 0 : true;
    default:
        return true;
    }
}

bool value_length(Value v, size_t *out)
{
    switch ((ValueTag)v.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
        *out = utf8_count(v.s);
        return true;
    case VALUE_BYTES:
        *out = v.s.n;
        return true;
    case VALUE_LIST:
        *out = v.list->n;
        return true;
    case VALUE_MAP:
        *out = map_count(v.map);
        return true;
    case VALUE_OBJECT:
        return v.cls->length && v.cls->length(v.object, out);
    default:
        return false;
    }
}

/* Where a Python index leads in n elements. */
static bool place(Value key, size_t n, size_t *out)
{
    int64_t i;
    if (!value_to_int(key, &i))
        return false;
    uint64_t at = i >= 0 ? (uint64_t)i : (uint64_t)n - (0 - (uint64_t)i);
    if (i < 0 && 0 - (uint64_t)i > n)
        return false;
    if (at >= n)
        return false;
    *out = (size_t)at;
    return true;
}

bool value_item(Arena *a, Value v, Value key, Value *out)
{
    size_t at;
    switch ((ValueTag)v.tag) {
    case VALUE_MAP: {
        const Value *found = value_is_text(key) ? map_get(v.map, key.s) : NULL;
        if (!found)
            return false;
        *out = *found;
        return true;
    }
    case VALUE_LIST:
        if (!place(key, v.list->n, &at))
            return false;
        *out = v.list->p[at];
        return true;
    case VALUE_STR:
    case VALUE_SAFE: {
        if (!place(key, utf8_count(v.s), &at))
            return false;
        *out = value_str(utf8_slice(v.s, at, at + 1));
        return true;
    }
    case VALUE_BYTES:
        if (!place(key, v.s.n, &at))
            return false;
        *out = value_int((unsigned char)v.s.p[at]);
        return true;
    case VALUE_OBJECT:
        return v.cls->item && v.cls->item(a, v.object, key, out);
    default:
        return false;
    }
}

bool value_next(Arena *a, Value v, size_t *cursor, Value *out)
{
    switch ((ValueTag)v.tag) {
    case VALUE_LIST:
        if (*cursor >= v.list->n)
            return false;
        *out = v.list->p[(*cursor)++];
        return true;
    case VALUE_MAP: {
        const MapEntry *e = map_next(v.map, cursor);
        if (!e)
            return false;
        *out = value_str(e->key);
        return true;
    }
    case VALUE_STR:
    case VALUE_SAFE: {
        size_t from = *cursor;
        if (from >= v.s.n)
            return false;
        utf8_next(v.s, cursor);
        *out = value_str(str_slice(v.s, from, *cursor));
        return true;
    }
    case VALUE_BYTES:
        if (*cursor >= v.s.n)
            return false;
        *out = value_int((unsigned char)v.s.p[(*cursor)++]);
        return true;
    case VALUE_OBJECT:
        return v.cls->next && v.cls->next(a, v.object, cursor, out);
    default:
        return false;
    }
}
