/* json_read.c: trees of values from JSON text. Levels are a stack in the arena, not calls. */
#include <clef/base/decimal.h>
#include <clef/base/map.h>
#include <clef/base/vec.h>

#include "codec/json_text.h"

/* A list or object that is being read. */
typedef struct Level {
    Map *map;     /* NULL: a list */
    Str name;     /* of the member whose value comes next */
    size_t first; /* of a list: where its values begin in `pending` */
} Level;

typedef struct Tree {
    JsonReader r;
    Arena *arena;
    VEC(Level) levels;
    VEC(Value) pending; /* values of open lists, the outer ones' first */
} Tree;

static Str text_of(Tree *t)
{
    Str s = json_reader_text(&t->r, t->arena);
    return t->r.escaped || t->r.options.borrow ? s : str_copy(t->arena, s);
}

static bool number(Tree *t, bool real, Value *out)
{
    char last = t->r.raw.p[t->r.raw.n - 1];
    if (real && (!t->r.options.decimals || last == 'N' || last == 'y')) {
        *out = (Value){ .tag = VALUE_DOUBLE };
        return json_reader_double(&t->r, &out->d);
    }
    Decimal *d = NEW(t->arena, Decimal);
    *out = (Value){ .tag = real ? VALUE_DECIMAL : VALUE_BIGINT, .decimal = d };
    if (decimal_parse(t->arena, t->r.raw, d) == DECIMAL_OK)
        return true;
    json_reader_fail(&t->r, "Number is out of range", t->r.raw.p);
    return false;
}

static bool name(Tree *t)
{
    Level *level = &VEC_LAST(&t->levels);
    level->name = text_of(t);
    if (!t->r.options.unique_names || !map_has(level->map, level->name))
        return true;
    json_reader_fail(&t->r, "Property name is given twice", t->r.raw.p - 1);
    return false;
}

static Value close_level(Tree *t)
{
    Level level = VEC_LAST(&t->levels);
    t->levels.n--;
    if (level.map)
        return value_map(level.map);
    size_t n = t->pending.n - level.first;
    List *list = NEW(t->arena, List);
    if (n) {
        list->p = arena_alloc(t->arena, n * sizeof(Value));
        memcpy(list->p, t->pending.p + level.first, n * sizeof(Value));
        list->n = list->cap = n;
    }
    t->pending.n = level.first;
    return value_list(list);
}

bool json_read(Arena *a, Str text, JsonOptions options, Value *out, JsonError *error)
{
    Tree t = { .arena = a };
    json_reader_init(&t.r, text, options);
    Value v, root = { 0 };
    bool whole; /* v is a complete value */
    for (;;) {
        whole = true;
        switch (json_next(&t.r)) {
        case JSON_END:
            *out = root;
            return true;
        case JSON_ERROR:
            goto bad;
        case JSON_OBJECT:
            VEC_PUSH(a, &t.levels, (Level){ .map = map_new(a) });
            whole = false;
            break;
        case JSON_ARRAY:
            VEC_PUSH(a, &t.levels, (Level){ .first = t.pending.n });
            whole = false;
            break;
        case JSON_NAME:
            if (!name(&t))
                goto bad;
            whole = false;
            break;
        case JSON_OBJECT_END:
        case JSON_ARRAY_END:
            v = close_level(&t);
            break;
        case JSON_STRING:
            v = value_str(text_of(&t));
            break;
        case JSON_INT:
            v = value_int(t.r.integer);
            break;
        case JSON_BIGINT:
            if (!number(&t, false, &v))
                goto bad;
            break;
        case JSON_REAL:
            if (!number(&t, true, &v))
                goto bad;
            break;
        case JSON_TRUE:
            v = value_bool(true);
            break;
        case JSON_FALSE:
            v = value_bool(false);
            break;
        case JSON_NULL:
            v = value_null();
            break;
        }
        if (!whole)
            continue;
        if (t.levels.n == 0) {
            root = v;
        } else if (!VEC_LAST(&t.levels).map) {
            VEC_PUSH(a, &t.pending, v);
        } else if (!map_set(VEC_LAST(&t.levels).map, VEC_LAST(&t.levels).name, v)) {
            json_reader_fail(&t.r, "Too many property names", t.r.at);
            goto bad;
        }
    }
bad:
    if (error)
        *error = t.r.error;
    return false;
}

Str json_error_text(Arena *a, const JsonError *e)
{
    return str_format(a, "%s: line %zu column %zu (char %zu)", e->message ? e->message : "No error", e->line, e->column,
                      e->character);
}
