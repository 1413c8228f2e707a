/*
 * signed_cookie.h: cookies that the client can read and cannot change, as Django's get_signed_cookie and
 * set_signed_cookie: the same bytes for the same SECRET_KEY, name and salt.
 *
 *     SET_SIGNED_COOKIE(r, response, "basket", basket, "shop", .max_age = 3600);
 *     Str basket = SIGNED_COOKIE(r, "basket", .salt = "shop", .max_age = 3600);      NULL string: none, or not ours
 */
#ifndef CLEF_HTTP_SIGNED_COOKIE_H
#define CLEF_HTTP_SIGNED_COOKIE_H

#include <clef/http/request.h>
#include <clef/signing/signer.h>

typedef struct SignedCookieOptions {
    const char *salt;      /* more than the cookie's name, which always counts */
    int64_t max_age;       /* seconds since it was signed; 0: any */
    SignatureError *error; /* why there is none; its message is empty when there is no such cookie. NULL: not wanted */
} SignedCookieOptions;

/* The value, or the NULL string for a cookie that is not there, was changed, or is too old. */
CLEF_API(Str, request_signed_cookie, Request *r, Str name, SignedCookieOptions options);
#define SIGNED_COOKIE(r, name, ...) request_signed_cookie((r), str_c(name), (SignedCookieOptions){ __VA_ARGS__ })

/* Raises what response_set_cookie raises. */
CLEF_API(void, response_set_signed_cookie, Request *r, Response *response, Str name, Str value, const char *salt,
         CookieOptions options);
#define SET_SIGNED_COOKIE(r, response, name, value, salt, ...) \
    response_set_signed_cookie((r), (response), TEXT(name), TEXT(value), (salt), (CookieOptions){ __VA_ARGS__ })

#endif
