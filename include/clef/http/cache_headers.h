/*
 * cache_headers.h: what a response tells caches, with the names and the rules of django.utils.cache. Texts given here are
 * borrowed for the request's time, as everything of a response. The pure parts are in <clef/codec/header.h>.
 */
#ifndef CLEF_HTTP_CACHE_HEADERS_H
#define CLEF_HTTP_CACHE_HEADERS_H

#include <clef/http/request.h>

/* Adds the names ("Cookie, Accept-Language") that Vary lacks; a "*" anywhere makes it "*". */
CLEF_API(void, patch_vary_headers, Request *r, Response *response, Str names);
CLEF_API(bool, has_vary_header, const Response *response, Str name);

/*
 * Sets directives of Cache-Control ("private, max-age=3600"), the others stay: a max-age only gets smaller, private and
 * public replace each other, a no-cache with field names collects them.
 */
CLEF_API(void, patch_cache_control, Request *r, Response *response, Str directives);
/* False when Cache-Control has no max-age, or one that is no number. */
CLEF_API(bool, get_max_age, const Response *response, int64_t *seconds);

/* Expires, unless it is set, and max-age; below 0 counts as 0. */
CLEF_API(void, patch_response_headers, Request *r, Response *response, int64_t seconds);
/* Expires now, and max-age=0, no-cache, no-store, must-revalidate, private. */
CLEF_API(void, add_never_cache_headers, Request *r, Response *response);

/* The MD5 of the content as a strong ETag; nothing for a response without content, a file or a stream. */
CLEF_API(void, set_response_etag, Request *r, Response *response);

/*
 * The preconditions of the request (If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since), in the order of RFC
 * 9110 section 13.2.2. `etag` has its quotes, or is the NULL string; `last_modified` is in seconds since 1970, 0: none.
 * Returns a 304 (with the headers of `response` that belong on one, and its cookies) or a 412, else `response`. A
 * `response` that is not a 2xx is returned as it is; NULL is asked for before there is one.
 */
CLEF_API(Response *, get_conditional_response, Request *r, Str etag, int64_t last_modified, Response *response);
/*
 * The same with the ETag and Last-Modified that the response has, when it answers a GET; an ETag is made where it has
 * none.
 */
CLEF_API(Response *, conditional_page, Request *r, Response *response) CLEF_NONNULL;

#endif
