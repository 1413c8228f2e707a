/*
 * view_options.h: what stands around one view: Django's view decorators, as members of one table. A url carries them:
 *
 *     PATH("orders/",     order_list, VIEW_OPTIONS(.methods = METHODS(GET, HEAD), .vary_on = "Cookie")),
 *     PATH("orders/new/", new_order,  VIEW_OPTIONS(.methods = METHODS(POST), .never_cache = true,
 *                                                  .decorators = DECORATORS(login_required,
 *                                                                           (permission_required, "shop.add_order")))),
 *
 * A decorator of your own is a function with the shape of Middleware.call, so one function serves as both:
 *
 *     Response *logged(Request *r, Next *next)
 *     {
 *         Response *response = next_call(next, r);
 *         ...
 *         return response;
 *     }
 *
 * In brackets with an argument, (permission_required, "shop.add_order"), it reads that by decorator_arg(next). What the
 * view raises passes through a decorator, as in Django: what must be undone goes by DEFER.
 *
 * The order is fixed, from the outside inwards: flags and headers (never_cache, cache_control, vary_on, xframe_options,
 * csp), gzip_page, conditional_page, methods, decorators in the order of their list, condition (etag, last_modified), the
 * view. So a 405 may be cached as the page is, and nobody learns an ETag whom a decorator keeps out. A raise passes all.
 */
#ifndef CLEF_HTTP_VIEW_OPTIONS_H
#define CLEF_HTTP_VIEW_OPTIONS_H

#include <clef/base/macro.h>
#include <clef/base/opt.h>
#include <clef/http/middleware.h>

typedef struct CspConfig CspConfig;

typedef Response *DecoratorFn(Request *r, Next *next);
/* DECORATORS(...) makes a list of them. */
typedef struct Decorator {
    DecoratorFn *call; /* NULL ends the list */
    const void *arg;
} Decorator;

struct ViewOptions {
    /* require_http_methods: METHODS(GET, POST), or one of the REQUIRE_ names; any other is answered 405. 0: all. */
    uint32_t methods;
    /*
     * condition: what the view would answer with, found out before it runs, so that it need not (304), or must not (412).
     * The tag may lack its quotes; the NULL string and an unset time mean that there is none.
     */
    Str (*etag)(Request *r);
    OptDateTime (*last_modified)(Request *r);
    const char *vary_on;                    /* vary_on_headers: "Cookie, Accept-Language" */
    const char *cache_control;              /* cache_control: "private, max-age=3600" */
    const char *xframe_options;             /* "DENY" or "SAMEORIGIN", instead of X_FRAME_OPTIONS */
    const CspConfig *csp, *csp_report_only; /* csp_override, csp_report_only_override; &csp_off: no header */
    const Decorator *decorators;
    bool never_cache;
    bool gzip_page;
    bool conditional_page;
    bool xframe_options_exempt;
    bool no_append_slash;                                                    /* read by CommonMiddleware */
    bool csrf_exempt, csrf_protect, requires_csrf_token, ensure_csrf_cookie; /* read by CsrfViewMiddleware */
};

/* For PATH and its kin, beside .name and .kwargs. */
#define VIEW_OPTIONS(...) \
    .options = &(const ViewOptions) { __VA_ARGS__ }

enum {
    REQUIRE_GET = 1 << HTTP_GET,
    REQUIRE_POST = 1 << HTTP_POST,
    REQUIRE_SAFE = 1 << HTTP_GET | 1 << HTTP_HEAD,
};

/* clang-format off */
/* METHODS(GET, POST): from the names of HttpMethod. */
#define METHODS(...)                (0u __VA_OPT__(CLEF_METHOD_1(__VA_ARGS__)))
#define CLEF_METHOD_1(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_2(__VA_ARGS__))
#define CLEF_METHOD_2(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_3(__VA_ARGS__))
#define CLEF_METHOD_3(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_4(__VA_ARGS__))
#define CLEF_METHOD_4(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_5(__VA_ARGS__))
#define CLEF_METHOD_5(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_6(__VA_ARGS__))
#define CLEF_METHOD_6(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_7(__VA_ARGS__))
#define CLEF_METHOD_7(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_8(__VA_ARGS__))
#define CLEF_METHOD_8(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_9(__VA_ARGS__))
#define CLEF_METHOD_9(name, ...) | 1u << HTTP_##name __VA_OPT__(CLEF_METHOD_10(__VA_ARGS__))
#define CLEF_METHOD_10(name)    | 1u << HTTP_##name

/* Outermost first; each a function, or (function, argument). */
#define DECORATORS(...)             ((const Decorator[]){ CLEF_EACH(CLEF_DECORATOR, , __VA_ARGS__) { .call = NULL } })
#define CLEF_DECORATOR(unused, d)   CLEF_DECORATOR_1(CLEF_BARE(d))
#define CLEF_DECORATOR_1(...)       CLEF_DECORATOR_2(__VA_ARGS__)
#define CLEF_DECORATOR_2(call_, ...) { .call = (call_), .arg = CLEF_FIRST(__VA_ARGS__ __VA_OPT__(,) NULL) }
#define CLEF_FIRST(a, ...)          (a)
/* x, or what stands between the brackets when x is in brackets. */
#define CLEF_BARE(x)                CLEF_BARE_1(CLEF_BARE_X x)
#define CLEF_BARE_X(...)            CLEF_BARE_X __VA_ARGS__
#define CLEF_BARE_1(...)            CLEF_BARE_2(__VA_ARGS__)
#define CLEF_BARE_2(...)            CLEF_NOTHING_##__VA_ARGS__
#define CLEF_NOTHING_CLEF_BARE_X
/* clang-format on */

/* In a decorator: the argument that stands beside it in the list; NULL when there is none. */
CLEF_API(const void *, decorator_arg, const Next *next);

/* What the url of this request asks for; NULL before it was resolved, and when it asks for nothing. */
static inline const ViewOptions *request_view_options(const Request *r)
{
    return r->resolver_match ? r->resolver_match->options : NULL;
}

#endif
