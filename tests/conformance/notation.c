/* notation.c: values of the recordings, from and to what Clef has. */
#include "conformance/conformance.h"

#include "urls/urlconf.h"
#include <clef/base/buf.h>

Value record_get(const Map *record, const char *name)
{
    const Value *v = map_get(record, str_c(name));
    return v ? *v : (Value){ 0 };
}

Str record_text(const Map *record, const char *name)
{
    Value v = record_get(record, name);
    return v.tag == VALUE_STR ? v.s : (Str){ 0 };
}

bool notation(Value v, Str *name, Value *inside)
{
    if (v.tag != VALUE_MAP || map_count(v.map) != 1)
        return false;
    const MapEntry *e = map_at(v.map, 0);
    if (e->key.n == 0 || e->key.p[0] != '$')
        return false;
    *name = str_from_byte(e->key, 1);
    *inside = e->value;
    return true;
}

Value notation_of(Arena *a, const char *name, Value inside)
{
    Map *m = map_new(a);
    map_set(m, str_c(name), inside);
    return value_map(m);
}

/* Latin-1 text of one character a byte, and back. */
static Str bytes_of(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0xc0 && i + 1 < s.n)
            c = (unsigned char)((c & 3) << 6 | ((unsigned char)s.p[++i] & 0x3f));
        buf_byte(&b, (char)c);
    }
    return buf_view(&b);
}

static Str latin1_of(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n * 2);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80) {
            buf_byte(&b, (char)(0xc0 | c >> 6));
            c = (unsigned char)(0x80 | (c & 0x3f));
        }
        buf_byte(&b, (char)c);
    }
    return buf_view(&b);
}

Value from_notation(Arena *a, Value v)
{
    Str name;
    Value inside, out;
    if (notation(v, &name, &inside)) {
        if (str_eq(name, STR("uuid")) && inside.tag == VALUE_STR && inside.s.n == 36 &&
            converter_to_value(&(Converter){ .kind = CONVERT_UUID }, a, inside.s, &out))
            return out;
        if (str_eq(name, STR("bytes")))
            return value_bytes(bytes_of(a, inside.s));
        if (str_eq(name, STR("tuple")) || str_eq(name, STR("set")) || str_eq(name, STR("lazy")) ||
            str_eq(name, STR("safe")))
            return from_notation(a, inside);
        return v;
    }
    if (v.tag == VALUE_LIST) {
        List *list = list_new(a);
        for (size_t i = 0; i < v.list->n; i++)
            list_push(a, list, from_notation(a, v.list->p[i]));
        return value_list(list);
    }
    if (v.tag == VALUE_MAP) {
        Map *m = map_new(a);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            map_set(m, e->key, from_notation(a, e->value));
        return value_map(m);
    }
    return v;
}

Value to_notation(Arena *a, Value v)
{
    Str text;
    if (v.tag == VALUE_UUID && value_url_text(a, v, &text))
        return notation_of(a, "$uuid", value_str(text));
    if (v.tag == VALUE_BYTES)
        return notation_of(a, "$bytes", value_str(latin1_of(a, v.s)));
    if (v.tag == VALUE_SAFE)
        return notation_of(a, "$safe", value_str(v.s));
    return v;
}

Value error_value(Arena *a, const char *type, Str message)
{
    Map *m = map_new(a);
    map_set(m, STR("type"), value_str(str_c(type)));
    if (!str_is_null(message))
        map_set(m, STR("message"), value_str(message));
    Map *out = map_new(a);
    map_set(out, STR("error"), value_map(m));
    return value_map(out);
}
