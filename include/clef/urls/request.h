/*
 * request.h: URLs as views use them: the captured values of the request, and paths by name.
 *
 *     Str slug = url_str(r, "slug");
 *     int64_t year = url_int(r, "year");
 *     return HttpResponseRedirect(r, REVERSE(r, "blog:detail", "slug", slug));
 */
#ifndef CLEF_URLS_REQUEST_H
#define CLEF_URLS_REQUEST_H

#include <clef/base/macro.h>
#include <clef/base/uuid.h>
#include <clef/http/request.h>
#include <clef/http/site.h>
#include <clef/urls/reverse.h>

/* The value that the view got under that name (captured, or a default of the table); null when there is none. */
CLEF_API(Value, url_value, const Request *r, const char *name);
/* Its text; the NULL string when there is none (an optional group that took no part). */
CLEF_API(Str, url_str, Request *r, const char *name);
/*
 * As an integer or a UUID; raises 404 "not_found" when there is none, it is none, or it is beyond int64_t: nothing has
 * that key.
 */
CLEF_API(int64_t, url_int, Request *r, const char *name);
CLEF_API(Uuid, url_uuid, Request *r, const char *name);
/* The i-th unnamed group; the NULL string when there is none. */
CLEF_API(Str, url_arg, const Request *r, size_t i);

/*
 * The path of a name, in the table of this request. The namespaces of the page that is shown are preferred where an
 * application has several instances (current_app). Raises 500 "no_reverse_match" with Django's sentence. The pairs end at
 * an empty name.
 */
CLEF_API(Str, url_reverse, Request *r, const char *name, const UrlArg *kwargs);
CLEF_API(Str, url_reverse_args, Request *r, const char *name, const Value *args, size_t nargs);
/* The same for a view, in no namespace: Django's reverse(view). REVERSE_VIEW(r, post_detail, "slug", slug) */
CLEF_API(Str, url_reverse_view, Request *r, UrlView view, const UrlArg *kwargs);

/* clang-format off */
#define REVERSE(r, name_, ...) url_reverse((r), (name_), (const UrlArg[]){ CLEF_URL_PAIRS(__VA_ARGS__) { .name = { .p = NULL } } })
#define REVERSE_VIEW(r, v, ...) url_reverse_view((r), URL_VIEW(v), (const UrlArg[]){ CLEF_URL_PAIRS(__VA_ARGS__) { .name = { .p = NULL } } })
#define CLEF_URL_PAIRS(...)               CLEF_PAIRS(CLEF_URL_PAIR, , __VA_ARGS__)
#define CLEF_URL_PAIR(unused, n, v)       { str_c(n), VALUE(v) }
#define REVERSE_ARGS(r, name_, ...)                                                              \
    url_reverse_args((r), (name_), (const Value[]){ CLEF_EACH(CLEF_URL_VALUE, , __VA_ARGS__) }, \
                     sizeof((const Value[]){ CLEF_EACH(CLEF_URL_VALUE, , __VA_ARGS__) }) / sizeof(Value))
#define CLEF_URL_VALUE(unused, v) VALUE(v)
/* clang-format on */

/* How a site reaches its compiled table: site_create(cx, settings, middleware, &urls_router, conf). */
CLEF_DATA(const SiteRouter, urls_router);

#endif
