/*
 * cookie.h: cookies, in and out. Reading is as lenient as Django's parse_cookie (a superset of RFC 6265's client side):
 * pieces between semicolons, white space around names and values is dropped, a piece without = is a value without a name,
 * and a quoted value is unquoted as Python's http.cookies does. Writing is strict: a name is a token, a value is quoted
 * where it must be, and nothing can leave its attribute, so that no header can be injected.
 */
#ifndef CLEF_CODEC_COOKIE_H
#define CLEF_CODEC_COOKIE_H

#include <clef/base/buf.h>
#include <clef/codec/query.h>

/* The next cookie of a Cookie header, as it stands there, the last piece included; false at the end. */
CLEF_API(bool, cookie_next, Str *header, Str *name, Str *value);
/* The value that a quoted text stands for (\ooo an octal character, \x the character x); other text as it is. */
CLEF_API(Str, cookie_unquote, Arena *a, Str value);
/*
 * The value of one cookie, unquoted: of several with this name the last. NULL when there is none. For who wants one or
 * two: nothing is allocated but a quoted value.
 */
CLEF_API(Str, cookie_find, Arena *a, Str header, Str name);
/*
 * All of them, unquoted, one value for a name: of several the last, in the place of the first. Bytes that are not UTF-8
 * become U+FFFD. Cookies after the first COOKIES_MAX pieces are left out.
 */
enum { COOKIES_MAX = 1000 };
CLEF_API(QueryDict *, cookies_parse, Arena *a, Str header) CLEF_NONNULL;

typedef enum CookieStatus {
    COOKIE_OK,
    COOKIE_BAD_NAME,      /* not a token, or the name of an attribute */
    COOKIE_BAD_VALUE,     /* not UTF-8 */
    COOKIE_BAD_ATTRIBUTE, /* a control character or ; in domain, path or expires */
    COOKIE_BAD_SAMESITE,  /* not lax, none or strict */
    COOKIE_FULL,          /* the Buf's maximum */
} CookieStatus;

/* What a response sets. A NULL string or a false flag leaves its attribute out. */
typedef struct SetCookie {
    Str name, value;
    Str domain, path;
    Str expires;  /* an HTTP date */
    Str samesite; /* "Lax", "Strict" or "None", in any case; written as given */
    int64_t max_age;
    bool has_max_age, secure, httponly, partitioned;
} SetCookie;

/*
 * Appends the value of a Set-Cookie header, its attributes in the order of Python's http.cookies (alphabetic). On an
 * error nothing is appended.
 */
CLEF_API(CookieStatus, cookie_write, Buf *out, const SetCookie *c);
/* The value as it is written: itself when it is a token, else in quotes. */
CLEF_API(Str, cookie_quote, Arena *a, Str value);
/* A cookie that deletes: expired in 1970, secure where its name's prefix or SameSite=None asks for it. */
CLEF_API(SetCookie, cookie_deletion, Str name, Str path, Str domain, Str samesite);

#endif
