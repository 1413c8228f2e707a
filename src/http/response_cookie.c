/* response_cookie.c: Set-Cookie of a response. A cookie set twice is sent once, as it was set last. */
#include "http/response.h"
#include <clef/base/datetime.h>
#include <clef/codec/cookie.h>
#include <clef/codec/httpdate.h>

static ResponseCookie *cookie_named(Request *r, Response *response, Str name)
{
    ResponseCookie **at = &response->cookies;
    for (; *at; at = &(*at)->next)
        if (str_eq((*at)->name, name))
            return *at;
    *at = NEW(r->cx.arena, ResponseCookie);
    return *at;
}

static void set(Request *r, Response *response, const SetCookie *c)
{
    Buf b = BUF_INIT(r->cx.arena, 1 << 20);
    static const char *const problems[] = {
        [COOKIE_BAD_NAME] = "the name is no token, or reserved",
        [COOKIE_BAD_VALUE] = "the value is not UTF-8",
        [COOKIE_BAD_ATTRIBUTE] = "domain, path or expires contains a control character or a semicolon",
        [COOKIE_BAD_SAMESITE] = "samesite must be \"lax\", \"none\", or \"strict\"",
        [COOKIE_FULL] = "it is longer than a megabyte",
    };
    CookieStatus status = cookie_write(&b, c);
    if (status != COOKIE_OK)
        RAISE(r, 500, "bad_cookie", "The cookie \"%.*s\" cannot be set: %s.", STR_FMT(c->name), problems[status]);
    ResponseCookie *cookie = cookie_named(r, response, c->name);
    cookie->name = c->name;
    cookie->line = buf_view(&b);
}

static Str http_date(Request *r, int64_t seconds)
{
    Buf b = BUF_INIT(r->cx.arena, 64);
    buf_httpdate(&b, (DateTime){ .us = seconds * 1000000 });
    return buf_view(&b);
}

void response_set_cookie(Request *r, Response *response, Str name, Str value, CookieOptions o)
{
    SetCookie c = {
        .name = name,
        .value = value,
        .domain = str_c(o.domain),
        .path = o.path ? str_c(o.path) : STR("/"),
        .samesite = str_c(o.samesite),
        .has_max_age = o.has_max_age || o.max_age,
        .max_age = o.max_age,
        .secure = o.secure,
        .httponly = o.httponly,
        .partitioned = o.partitioned,
    };
    int64_t expires = o.expires;
    if (!expires && c.has_max_age)
        expires = datetime_now().us / 1000000 + o.max_age;
    if (expires)
        c.expires = http_date(r, expires);
    set(r, response, &c);
}

void response_delete_cookie(Request *r, Response *response, Str name, CookieOptions o)
{
    SetCookie c = cookie_deletion(name, o.path ? str_c(o.path) : STR("/"), str_c(o.domain), str_c(o.samesite));
    set(r, response, &c);
}
