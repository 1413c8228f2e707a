/* json_write.c: values as JSON text. Levels are an array, not calls. */
#include <clef/base/decimal.h>
#include <clef/base/map.h>
#include <clef/base/timezone.h>
#include <clef/base/vec.h>

#include "codec/json_text.h"

#include <clef/base/double.h>

static bool text_value(JsonWriter *w, const char *p, size_t n)
{
    /* The texts of dates and numbers have nothing to escape. */
    return json_place(w) && buf_byte(w->out, '"') && buf_add(w->out, p, n) && json_done(w, buf_byte(w->out, '"'));
}

/* Cuts microseconds to milliseconds where DjangoJSONEncoder does. `seconds_end` is where a fraction would begin. */
static size_t cut_fraction(const JsonWriter *w, char *p, size_t n, size_t seconds_end)
{
    if (w->style.forms != JSON_DJANGO || n <= seconds_end || p[seconds_end] != '.')
        return n;
    memmove(p + seconds_end + 4, p + seconds_end + 7, n - seconds_end - 7);
    return n - 3;
}

static bool date_value(JsonWriter *w, Value v)
{
    char p[DATE_TEXT_LEN];
    date_format_iso((Date){ (int32_t)v.us }, p);
    return text_value(w, p, sizeof p);
}

static bool time_value(JsonWriter *w, Value v)
{
    char p[TIME_TEXT_MAX];
    size_t n = time_format_iso((Time){ .us = v.us, .fold = v.flags }, p);
    return text_value(w, p, cut_fraction(w, p, n, 8));
}

static bool datetime_value(JsonWriter *w, Value v)
{
    char p[DATETIME_TEXT_MAX];
    if (!v.zone) {
        size_t n = naive_format_iso((NaiveDateTime){ v.us }, 'T', p);
        return text_value(w, p, cut_fraction(w, p, n, 19));
    }
    DateTime t = { v.us };
    size_t n = datetime_format_iso(t, timezone_offset(v.zone, t).seconds, 'T', p);
    n = cut_fraction(w, p, n, 19);
    if (str_ends((Str){ p, n }, STR("+00:00"))) {
        n -= 5;
        p[n - 1] = 'Z';
    }
    return text_value(w, p, n);
}

static bool duration_value(JsonWriter *w, Value v)
{
    Duration d = { v.us };
    if (w->style.forms == JSON_REST) {
        char p[DOUBLE_TEXT_MAX];
        return text_value(w, p, double_format(duration_seconds(d), p));
    }
    return json_place(w) && buf_byte(w->out, '"') && duration_iso_string(w->out, d) &&
           json_done(w, buf_byte(w->out, '"'));
}

static bool uuid_value(JsonWriter *w, Value v)
{
    static const char digits[] = "0123456789abcdef";
    char p[36], *at = p;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[v.uuid->b[i] >> 4];
        *at++ = digits[v.uuid->b[i] & 15];
    }
    return text_value(w, p, sizeof p);
}

static bool decimal_value(JsonWriter *w, Value v)
{
    bool number = v.tag == VALUE_BIGINT || w->style.decimals;
    if (number && v.decimal->kind != DECIMAL_FINITE)
        return json_fail(w, "Out of range float values are not JSON compliant");
    if (!json_place(w))
        return false;
    if (!number)
        buf_byte(w->out, '"');
    bool ok = buf_decimal(w->out, *v.decimal);
    /* "-0" alone would be read as the integer 0, without its sign. */
    if (number && v.decimal->negative && !v.decimal->exponent && decimal_is_zero(*v.decimal))
        ok = BUF_LIT(w->out, "E+0");
    return json_done(w, number ? ok : buf_byte(w->out, '"'));
}

static bool scalar(JsonWriter *w, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return json_null(w);
    case VALUE_BOOL:
        return json_bool(w, v.b);
    case VALUE_INT:
        return json_int(w, v.i);
    case VALUE_DOUBLE:
        return json_double(w, v.d);
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        return decimal_value(w, v);
    case VALUE_STR:
    case VALUE_SAFE:
        return json_str(w, v.s);
    case VALUE_DATE:
        return date_value(w, v);
    case VALUE_TIME:
        return time_value(w, v);
    case VALUE_DATETIME:
        return datetime_value(w, v);
    case VALUE_DURATION:
        return duration_value(w, v);
    case VALUE_UUID:
        return uuid_value(w, v);
    case VALUE_BYTES:
    case VALUE_OBJECT:
    case VALUE_LIST:
    case VALUE_MAP:
        break;
    }
    w->type = value_type_name(v);
    return json_fail(w, "a value of this type is not JSON serializable");
}

/* A list or map that is being written. */
typedef struct Level {
    const List *list;
    const Map *map;
    const MapEntry **sorted; /* of a map, by name; NULL: in the map's order */
    size_t cursor;
} Level;

typedef struct Walk {
    JsonWriter *w;
    Arena *own; /* where the Buf has no arena, and one was needed */
    VEC(Level) levels;
} Walk;

/* A Buf without an arena never leaves by a jump, so that our own is destroyed in any case. */
static Arena *scratch(Walk *k)
{
    if (k->w->out->arena)
        return k->w->out->arena;
    if (!k->own)
        k->own = arena_create(NULL, 0, 0);
    return k->own;
}

static void sift(const MapEntry **p, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && str_cmp(p[child]->key, p[child + 1]->key) < 0)
            child++;
        if (str_cmp(p[root]->key, p[child]->key) >= 0)
            return;
        const MapEntry *swap = p[root];
        p[root] = p[child];
        p[child] = swap;
    }
}

static const MapEntry **by_name(Walk *k, const Map *m)
{
    size_t n = 0, cursor = 0;
    const MapEntry **p = NEW_ARRAY(scratch(k), const MapEntry *, map_count(m));
    for (const MapEntry *e; (e = map_next(m, &cursor)) != NULL;)
        p[n++] = e;
    for (size_t i = n / 2; i-- > 0;)
        sift(p, i, n);
    for (size_t i = n; i-- > 1;) {
        const MapEntry *last = p[i];
        p[i] = p[0];
        p[0] = last;
        sift(p, 0, i);
    }
    return p;
}

static bool open_level(Walk *k, Value v)
{
    JsonWriter *w = k->w;
    if (!(v.tag == VALUE_LIST ? json_array(w) : json_object(w)))
        return false;
    Level level = { .list = v.tag == VALUE_LIST ? v.list : NULL, .map = v.tag == VALUE_MAP ? v.map : NULL };
    if (level.map && w->style.sort_names && map_count(v.map) > 1)
        level.sorted = by_name(k, v.map);
    VEC_PUSH(scratch(k), &k->levels, level);
    return true;
}

/* The next value of a level, its name written; false at the level's end or after an error. */
static bool next_value(JsonWriter *w, Level *level, Value *v)
{
    if (level->list) {
        if (level->cursor == level->list->n)
            return false;
        *v = level->list->p[level->cursor++];
        return true;
    }
    const MapEntry *e;
    if (level->sorted)
        e = level->cursor < map_count(level->map) ? level->sorted[level->cursor++] : NULL;
    else
        e = map_next(level->map, &level->cursor);
    if (!e || !json_name(w, e->key))
        return false;
    *v = e->value;
    return true;
}

bool json_value(JsonWriter *w, Value v)
{
    if (v.tag != VALUE_LIST && v.tag != VALUE_MAP)
        return scalar(w, v);
    Walk k = { .w = w };
    if (open_level(&k, v))
        while (k.levels.n && !w->error) {
            Level *level = &VEC_LAST(&k.levels);
            if (next_value(w, level, &v)) {
                if (v.tag == VALUE_LIST || v.tag == VALUE_MAP)
                    open_level(&k, v);
                else
                    scalar(w, v);
            } else if (!w->error) {
                if (level->list)
                    json_array_end(w);
                else
                    json_object_end(w);
                k.levels.n--;
            }
        }
    arena_destroy(k.own);
    return !w->error;
}

bool json_write(Buf *out, Value v, JsonStyle style)
{
    JsonWriter w;
    json_writer_init(&w, out, style);
    json_value(&w, v);
    return json_writer_end(&w);
}
