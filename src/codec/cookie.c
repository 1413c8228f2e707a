/* cookie.c: see <clef/codec/cookie.h>. */
#include <clef/base/utf8.h>
#include <clef/codec/cookie.h>

#include "codec/text.h"

/* Letters, digits and !#$%&'*+-.^_`|~: */
static bool is_token_byte(unsigned char c)
{
    static const uint64_t set[2] = { 0x07ff6cfa00000000, 0x57ffffffc7fffffe };
    return c < 0x80 && (set[c >> 6] >> (c & 63) & 1);
}

/* Token bytes and the space and ()/<=>?@[]{} stay as they are between quotes. */
static bool is_plain_byte(unsigned char c)
{
    return is_token_byte(c) || (c < 0x80 && c && memchr(" ()/<=>?@[]{}", c, 13) != NULL);
}

static bool is_token(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_byte((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

bool cookie_next(Str *header, Str *name, Str *value)
{
    Str piece;
    while (str_cut(header, ';', &piece)) {
        size_t equals = str_find_byte(piece, '=');
        *name = equals == STR_NPOS ? STR("") : text_strip(str_slice(piece, 0, equals));
        *value = text_strip(equals == STR_NPOS ? piece : str_from_byte(piece, equals + 1));
        if (name->n || value->n)
            return true;
    }
    return false;
}

static bool is_octal(Str s)
{
    return s.n >= 3 && s.p[0] >= '0' && s.p[0] <= '3' && s.p[1] >= '0' && s.p[1] <= '7' && s.p[2] >= '0' &&
           s.p[2] <= '7';
}

Str cookie_unquote(Arena *a, Str value)
{
    if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
        return value;
    value = str_slice(value, 1, value.n - 1);
    if (str_find_byte(value, '\\') == STR_NPOS)
        return value;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (;;) {
        size_t at = str_find_byte(value, '\\');
        buf_str(&b, str_slice(value, 0, at));
        if (at == STR_NPOS)
            return buf_view(&b);
        value = str_from_byte(value, at + 1);
        if (is_octal(value)) {
            unsigned char code =
                (unsigned char)((value.p[0] - '0') << 6 | (value.p[1] - '0') << 3 | (value.p[2] - '0'));
            text_add(&b, code);
            value = str_from_byte(value, 3);
        } else if (value.n == 0 || value.p[0] == '\n')
            buf_byte(&b, '\\');
        else {
            /* The first byte only: the rest of a longer character follows as it is. */
            buf_byte(&b, value.p[0]);
            value = str_from_byte(value, 1);
        }
    }
}

Str cookie_find(Arena *a, Str header, Str name)
{
    Str key, value, found = { 0 };
    while (cookie_next(&header, &key, &value))
        if (str_eq(key, name))
            found = value;
    if (str_is_null(found))
        return found;
    return cookie_unquote(a, charset_decode(a, found, CHARSET_UTF8));
}

QueryDict *cookies_parse(Arena *a, Str header)
{
    QueryDict *cookies = query_create(a);
    Str name, value;
    header = charset_decode(a, header, CHARSET_UTF8);
    for (int n = 0; n < COOKIES_MAX && cookie_next(&header, &name, &value); n++)
        query_set(cookies, name, cookie_unquote(a, value));
    return cookies;
}

/* Characters up to U+00FF by their number in octal, as Python has it; above, as they are. */
static void quote_add(Buf *out, Str value)
{
    if (is_token(value) || value.n == 0) {
        /* An empty value is quoted by Python; "" is what readers expect then. */
        if (value.n == 0)
            BUF_LIT(out, "\"\"");
        else
            buf_str(out, value);
        return;
    }
    buf_byte(out, '"');
    for (size_t i = 0; i < value.n;) {
        uint32_t code;
        size_t n = text_char(value.p + i, value.n - i, &code);
        if (code == '"' || code == '\\') {
            buf_byte(out, '\\');
            buf_byte(out, value.p[i]);
        } else if (code > 0xff || is_plain_byte((unsigned char)code))
            buf_add(out, value.p + i, n);
        else {
            char octal[4] = { '\\', (char)('0' + (code >> 6)), (char)('0' + (code >> 3 & 7)),
                              (char)('0' + (code & 7)) };
            buf_add(out, octal, 4);
        }
        i += n;
    }
    buf_byte(out, '"');
}

Str cookie_quote(Arena *a, Str value)
{
    if (is_token(value))
        return value;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    quote_add(&b, value);
    return buf_view(&b);
}

static bool is_attribute_name(Str name)
{
    static const char *const reserved[] = { "expires", "path",     "comment", "domain",   "max-age",
                                            "secure",  "httponly", "version", "samesite", "partitioned" };
    for (size_t i = 0; i < CLEF_COUNT(reserved); i++)
        if (str_ieq(name, str_c(reserved[i])))
            return true;
    return false;
}

static bool attribute_ok(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f || c == ';')
            return false;
    }
    return true;
}

static void attribute_add(Buf *out, const char *name, Str value)
{
    if (value.n == 0)
        return;
    buf_c(out, name);
    buf_str(out, value);
}

CookieStatus cookie_write(Buf *out, const SetCookie *c)
{
    if (!is_token(c->name) || is_attribute_name(c->name))
        return COOKIE_BAD_NAME;
    if (!utf8_valid(c->value))
        return COOKIE_BAD_VALUE;
    if (!attribute_ok(c->domain) || !attribute_ok(c->path) || !attribute_ok(c->expires))
        return COOKIE_BAD_ATTRIBUTE;
    if (c->samesite.n && !str_ieq(c->samesite, STR("lax")) && !str_ieq(c->samesite, STR("strict")) &&
        !str_ieq(c->samesite, STR("none")))
        return COOKIE_BAD_SAMESITE;
    size_t before = out->n;
    buf_str(out, c->name);
    buf_byte(out, '=');
    quote_add(out, c->value);
    attribute_add(out, "; Domain=", c->domain);
    attribute_add(out, "; expires=", c->expires);
    if (c->httponly)
        BUF_LIT(out, "; HttpOnly");
    if (c->has_max_age) {
        BUF_LIT(out, "; Max-Age=");
        buf_i64(out, c->max_age);
    }
    if (c->partitioned)
        BUF_LIT(out, "; Partitioned");
    attribute_add(out, "; Path=", c->path);
    attribute_add(out, "; SameSite=", c->samesite);
    if (c->secure)
        BUF_LIT(out, "; Secure");
    if (out->failed) {
        buf_truncate(out, before);
        return COOKIE_FULL;
    }
    return COOKIE_OK;
}

SetCookie cookie_deletion(Str name, Str path, Str domain, Str samesite)
{
    return (SetCookie){
        .name = name,
        .path = path,
        .domain = domain,
        .samesite = samesite,
        .expires = STR("Thu, 01 Jan 1970 00:00:00 GMT"),
        .has_max_age = true,
        .secure =
            str_starts(name, STR("__Secure-")) || str_starts(name, STR("__Host-")) || str_ieq(samesite, STR("none")),
    };
}
