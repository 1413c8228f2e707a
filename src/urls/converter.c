/* converter.c: the converters, from text to value and back. */
#include "urls/urlconf.h"

#include <clef/base/buf.h>
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/base/uuid.h>

static const Converter builtin[] = {
    { .kind = CONVERT_STR, .name = { "str", 3 }, .regex = { "[^/]+", 5 } },
    { .kind = CONVERT_INT, .name = { "int", 3 }, .regex = { "[0-9]+", 6 } },
    { .kind = CONVERT_SLUG, .name = { "slug", 4 }, .regex = { "[-a-zA-Z0-9_]+", 14 } },
    { .kind = CONVERT_UUID,
      .name = { "uuid", 4 },
      .regex = { "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", 60 } },
    { .kind = CONVERT_PATH, .name = { "path", 4 }, .regex = { ".+", 2 } },
};

const Converter *converters_make(Arena *a, const UrlConverter *const *user, size_t *count, Str *error)
{
    size_t n = 0;
    while (user && user[n])
        n++;
    Converter *all = NEW_ARRAY(a, Converter, n + CLEF_COUNT(builtin));
    for (size_t i = 0; i < n; i++) {
        const UrlConverter *u = user[i];
        if (!u->name || !u->regex || !*u->name || !*u->regex) {
            *error = str_format(a, "URL converter '%s' has no %s", u->name ? u->name : "",
                                u->name && *u->name ? "regex: say which text it takes" : "name");
            return NULL;
        }
        all[i] = (Converter){ .kind = CONVERT_USER, .name = str_c(u->name), .regex = str_c(u->regex), .user = u };
    }
    memcpy(all + n, builtin, sizeof builtin); /* after the program's, which may so replace one */
    *count = n + CLEF_COUNT(builtin);
    return all;
}

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

static bool is_uuid(const char *p)
{
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? p[i] != '-' : !is_hex(p[i]))
            return false;
    return true;
}

static bool in_slug(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

size_t converter_take(ConverterKind kind, Str s)
{
    size_t n = 0;
    switch (kind) {
    case CONVERT_STR:
        n = str_find_byte(s, '/');
        return n == STR_NPOS ? s.n : n;
    case CONVERT_PATH:
        n = str_find_byte(s, '\n');
        return n == STR_NPOS ? s.n : n;
    case CONVERT_INT:
        while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
            n++;
        return n;
    case CONVERT_SLUG:
        while (n < s.n && in_slug(s.p[n]))
            n++;
        return n;
    case CONVERT_UUID:
        return s.n >= 36 && is_uuid(s.p) ? 36 : 0;
    case CONVERT_USER:
        break;
    }
    return 0;
}

/* Digits that do not fit an int64_t, as the exact number that they are. False past DECIMAL_MAX_DIGITS. */
static bool big_integer(Arena *a, Str digits, Value *out)
{
    Decimal *d = NEW(a, Decimal);
    if (decimal_parse(a, digits, d) != DECIMAL_OK)
        return false;
    *out = (Value){ .tag = VALUE_BIGINT, .decimal = d };
    return true;
}

bool converter_to_value(const Converter *c, Arena *a, Str text, Value *out)
{
    *out = (Value){ .tag = VALUE_STR, .s = text };
    switch (c->kind) {
    case CONVERT_INT: {
        int64_t i;
        if (!str_to_i64(text, &i))
            return big_integer(a, text, out);
        *out = (Value){ .tag = VALUE_INT, .i = i };
        return true;
    }
    case CONVERT_UUID: {
        Uuid *u = NEW(a, Uuid);
        *out = (Value){ .tag = VALUE_UUID, .uuid = u };
        return uuid_parse_strict(text, u);
    }
    case CONVERT_USER:
        return !c->user->to_value || c->user->to_value(a, text, out);
    default:
        return true;
    }
}

bool converter_to_url(const Converter *c, Arena *a, Value v, Str *out)
{
    if (c && c->kind == CONVERT_USER && c->user->to_url)
        return c->user->to_url(a, v, out);
    return value_url_text(a, v, out);
}

static Str uuid_text(Arena *a, const Uuid *u)
{
    char *p = arena_alloc(a, UUID_TEXT_LEN);
    uuid_format(*u, p);
    return (Str){ p, UUID_TEXT_LEN };
}

static Str int_text(Arena *a, int64_t i)
{
    Buf b = BUF_INIT(a, 20);
    buf_i64(&b, i);
    return buf_view(&b);
}

static Str double_text(Arena *a, double d)
{
    Buf b = BUF_INIT(a, DOUBLE_TEXT_MAX);
    buf_double(&b, d);
    return buf_view(&b);
}

bool value_url_text(Arena *a, Value v, Str *out)
{
    switch ((ValueTag)v.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
        *out = v.s;
        return true;
    case VALUE_INT:
        *out = int_text(a, v.i);
        return true;
    case VALUE_BOOL:
        *out = v.b ? STR("True") : STR("False");
        return true;
    case VALUE_NULL:
        *out = STR("None");
        return true;
    case VALUE_DOUBLE:
        *out = double_text(a, v.d);
        return true;
    case VALUE_BIGINT:
        *out = decimal_str(a, *v.decimal);
        return true;
    case VALUE_UUID:
        *out = uuid_text(a, v.uuid);
        return true;
    case VALUE_OBJECT:
        if (!v.cls || !v.cls->str)
            return false;
        *out = v.cls->str(a, v.object);
        return true;
    default:
        return false;
    }
}

/* As Python writes a text between quotes. */
static Str text_repr(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, s.n * 4 + 2);
    char quote = str_find_byte(s, '\'') != STR_NPOS && str_find_byte(s, '"') == STR_NPOS ? '"' : '\'';
    buf_byte(&b, quote);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == (unsigned char)quote || c == '\\')
            buf_printf(&b, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_printf(&b, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < 0x20 || c == 0x7f)
            buf_printf(&b, "\\x%02x", c);
        else
            buf_byte(&b, (char)c);
    }
    buf_byte(&b, quote);
    return buf_view(&b);
}

Str value_python_repr(Arena *a, Value v)
{
    Str text;
    if (v.tag == VALUE_STR || v.tag == VALUE_SAFE)
        return text_repr(a, v.s);
    if (!value_url_text(a, v, &text))
        return STR("...");
    return v.tag == VALUE_UUID ? str_format(a, "UUID('%.*s')", STR_FMT(text)) : text;
}
