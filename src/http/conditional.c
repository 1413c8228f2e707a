/* conditional.c: entity tags and the preconditions of a request; the contract is in <clef/http/cache_headers.h>. */
#include "http/request.h"
#include "http/response.h"
#include <clef/base/datetime.h>
#include <clef/codec/crypto.h>
#include <clef/codec/header.h>
#include <clef/codec/httpdate.h>
#include <clef/http/cache_headers.h>

enum { MD5_SIZE = 16 };

void set_response_etag(Request *r, Response *response)
{
    uint8_t digest[DIGEST_MAX];
    if (response->stream || response->file || !response->content.n ||
        !digest_bytes(DIGEST_MD5, response->content, digest))
        return; /* where policy forbids MD5 there is no tag: the page is sent in full each time */
    static const char hex[] = "0123456789abcdef";
    char *tag = arena_alloc(r->cx.arena, 2 * MD5_SIZE + 3), *p = tag;
    *p++ = '"';
    for (size_t i = 0; i < MD5_SIZE; i++) {
        *p++ = hex[digest[i] >> 4];
        *p++ = hex[digest[i] & 15];
    }
    *p++ = '"';
    *p = 0;
    headers_set_id(&r->cx, &response->headers, HEADER_ETAG, (Str){ tag, 2 * MD5_SIZE + 2 });
}

static Response *precondition_failed(Request *r) { return HttpResponse(r, "", .status = 412); }

/* RFC 9110 section 15.4.5: what a cache needs, and Last-Modified and cookies as Django has it. */
static Response *not_modified(Request *r, const Response *full)
{
    static const HeaderId kept[] = { HEADER_CACHE_CONTROL, HEADER_ETAG, HEADER_EXPIRES, HEADER_LAST_MODIFIED,
                                     HEADER_VARY };
    Response *response = HttpResponseNotModified(r);
    if (!full)
        return response;
    for (size_t i = 0; i < CLEF_COUNT(kept); i++)
        if (headers_has_id(&full->headers, kept[i]))
            headers_set_id(&r->cx, &response->headers, kept[i], headers_get_id(&full->headers, kept[i]));
    Str location = headers_get(&full->headers, STR("Content-Location"));
    if (!str_is_null(location))
        headers_set(&r->cx, &response->headers, STR("Content-Location"), location);
    response->cookies = full->cookies;
    return response;
}

/* Seconds since 1970, or 0 when there is no such header or it is no date. */
static int64_t date_header(Request *r, HttpKnown id)
{
    Str text = http_known(r->source->head, id);
    DateTime t;
    if (!text.n || httpdate_parse(text, datetime_now(), &t) != PARSE_OK)
        return 0;
    return t.us / 1000000;
}

static bool has_tags(Str header)
{
    Str tag;
    return etag_any(header) || etag_next(&header, &tag);
}

Response *get_conditional_response(Request *r, Str etag, int64_t last_modified, Response *response)
{
    const HttpHead *head = r->source->head;
    const uint64_t asks = 1ull << HDR_IF_MATCH | 1ull << HDR_IF_UNMODIFIED_SINCE | 1ull << HDR_IF_NONE_MATCH |
                          1ull << HDR_IF_MODIFIED_SINCE;
    if (CLEF_LIKELY(!(head->present & asks)) || (response && (response->status < 200 || response->status > 299)))
        return response;
    bool safe = r->method == HTTP_GET || r->method == HTTP_HEAD;
    Str match = request_known_header(r, HDR_IF_MATCH), none_match = request_known_header(r, HDR_IF_NONE_MATCH);
    bool has_match = has_tags(match), has_none_match = has_tags(none_match);
    if (has_match && (!etag.n || !etag_matches(match, etag, false)))
        return precondition_failed(r);
    int64_t since;
    if (!has_match && (since = date_header(r, HDR_IF_UNMODIFIED_SINCE)) && (!last_modified || last_modified > since))
        return precondition_failed(r);
    if (has_none_match && etag.n && etag_matches(none_match, etag, true))
        return safe ? not_modified(r, response) : precondition_failed(r);
    if (!has_none_match && safe && (since = date_header(r, HDR_IF_MODIFIED_SINCE)) && last_modified &&
        last_modified <= since)
        return not_modified(r, response);
    return response;
}

static bool forbids_store(const Response *response)
{
    return headers_has_id(&response->headers, HEADER_CACHE_CONTROL) &&
           !str_is_null(cache_control_get(headers_get_id(&response->headers, HEADER_CACHE_CONTROL), STR("no-store")));
}

Response *conditional_page(Request *r, Response *response)
{
    if (r->method != HTTP_GET) /* too late to prevent what another method did; HEAD may have no content to hash */
        return response;
    if (!headers_has_id(&response->headers, HEADER_ETAG) && !forbids_store(response))
        set_response_etag(r, response);
    Str etag = headers_get_id(&response->headers, HEADER_ETAG);
    Str date = headers_get_id(&response->headers, HEADER_LAST_MODIFIED);
    DateTime t = { 0 };
    if (date.n && httpdate_parse(date, datetime_now(), &t) != PARSE_OK)
        t.us = 0;
    if (!etag.n && !t.us)
        return response;
    return get_conditional_response(r, etag, t.us / 1000000, response);
}
