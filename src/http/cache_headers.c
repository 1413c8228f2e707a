/* cache_headers.c: Vary, Cache-Control, Expires; the contract is in <clef/http/cache_headers.h>. */
#include <clef/base/datetime.h>
#include <clef/base/vec.h>
#include <clef/codec/header.h>
#include <clef/codec/httpdate.h>
#include <clef/http/cache_headers.h>

void patch_vary_headers(Request *r, Response *response, Str names) { response_vary_on(r, response, names); }

bool has_vary_header(const Response *response, Str name)
{
    return vary_has(headers_get_id(&response->headers, HEADER_VARY), name);
}

void patch_cache_control(Request *r, Response *response, Str directives)
{
    enum { MOST = 32 };
    CacheDirective set[MOST];
    size_t n = 0;
    Str piece;
    while (str_cut(&directives, ',', &piece)) {
        piece = str_trim(piece);
        if (!piece.n)
            continue;
        if (n == MOST)
            RAISE(r, 500, "cache_control", "more than %d directives for Cache-Control", MOST);
        size_t equals = str_find_byte(piece, '=');
        set[n++] = (CacheDirective){
            .name = str_trim(str_slice(piece, 0, equals)),
            .value = equals == STR_NPOS ? (Str){ 0 } : str_trim(str_from_byte(piece, equals + 1)),
        };
    }
    Str now = headers_get_id(&response->headers, HEADER_CACHE_CONTROL);
    headers_set_id(&r->cx, &response->headers, HEADER_CACHE_CONTROL, cache_control_patch(r->cx.arena, now, set, n));
}

bool get_max_age(const Response *response, int64_t *seconds)
{
    return cache_control_max_age(headers_get_id(&response->headers, HEADER_CACHE_CONTROL), seconds);
}

/* Four digits of a year are all that HTTP can write. */
enum { FAR_FUTURE = 100 * 366 * 86400ll };

void patch_response_headers(Request *r, Response *response, int64_t seconds)
{
    seconds = seconds < 0 ? 0 : seconds;
    if (!headers_has_id(&response->headers, HEADER_EXPIRES)) {
        Buf date = BUF_INIT(r->cx.arena, HTTPDATE_LEN);
        int64_t ahead = seconds < FAR_FUTURE ? seconds : FAR_FUTURE;
        if (buf_httpdate(&date, (DateTime){ .us = datetime_now().us + ahead * 1000000 }))
            headers_set_id(&r->cx, &response->headers, HEADER_EXPIRES, buf_view(&date));
    }
    patch_cache_control(r, response, str_format(r->cx.arena, "max-age=%lld", (long long)seconds));
}

void add_never_cache_headers(Request *r, Response *response)
{
    patch_response_headers(r, response, -1);
    patch_cache_control(r, response, STR("no-cache, no-store, must-revalidate, private"));
}
