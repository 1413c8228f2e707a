/* response.c: ordinary responses, redirects, JSON. Cookies, files and streams have files of their own. */
#include "http/headers.h"
#include <clef/base/utf8.h>
#include <clef/codec/header.h>
#include <clef/codec/json.h>
#include <clef/codec/url.h>
#include <clef/conf.h>
#include <clef/http/request.h>
#include <clef/http/response.h>
#include <clef/net/http_server.h>

enum { MAX_REDIRECT = 16384, JSON_MAX = 1 << 30 };

/* The first header. The value for text/html in the default charset, which nearly every page has, is made once. */
static inline void set_content_type(Request *r, Response *response, const ResponseOptions *o)
{
    if (o->content_type) {
        headers_begin(&r->cx, &response->headers, HEADER_CONTENT_TYPE, str_c(o->content_type));
        return;
    }
    Str charset = o->charset ? str_c(o->charset) : r->settings ? r->settings->default_charset : STR("utf-8");
    if (CLEF_LIKELY(str_eq(charset, STR("utf-8"))))
        headers_default_checked(&r->cx, &response->headers, HEADER_CONTENT_TYPE, STR("text/html; charset=utf-8"));
    else
        headers_begin(&r->cx, &response->headers, HEADER_CONTENT_TYPE,
                      str_format(r->cx.arena, "text/html; charset=%.*s", STR_FMT(charset)));
}

static CLEF_COLD void set_reason(Request *r, Response *response, Str reason)
{
    if (reason.n > HTTP_REASON_MAX || !http_is_value(reason))
        RAISE(r, 500, "bad_reason", "A reason phrase is one line of at most %u bytes, without control characters.",
              HTTP_REASON_MAX);
    response->reason = reason;
}

Response *response_create(Request *r, Str content, ResponseOptions o)
{
    if (CLEF_UNLIKELY(o.status && (o.status < 100 || o.status > 599)))
        RAISE(r, 500, "bad_status", "HTTP status code must be an integer from 100 to 599, not %d.", o.status);
    /* The response and the headers that most pages have come in one piece; only the response needs to be zero. */
    enum { HEADERS = 8 };
    Response *response = arena_alloc(r->cx.arena, sizeof *response + HEADERS * sizeof(Header));
    response->status = o.status ? o.status : 200;
    response->reason = (Str){ 0 };
    if (CLEF_UNLIKELY(o.reason != NULL))
        set_reason(r, response, str_c(o.reason));
    response->content = content;
    response->headers = (Headers){ .p = (Header *)(response + 1), .cap = HEADERS };
    memset(&response->cookies, 0, sizeof *response - offsetof(Response, cookies));
    if (CLEF_LIKELY(response->status != 304 || o.content_type)) /* a 304 says nothing of the content */
        set_content_type(r, response, &o);
    return response;
}

Response *response_not_allowed(Request *r, const char *const *methods)
{
    Buf b = BUF_INIT(r->cx.arena, 1024);
    for (size_t i = 0; methods[i]; i++) {
        if (i)
            BUF_LIT(&b, ", ");
        buf_c(&b, methods[i]);
    }
    Response *response = HttpResponse(r, "", .status = 405);
    headers_set_id(&r->cx, &response->headers, HEADER_ALLOW, buf_view(&b));
    return response;
}

Response *response_redirect(Request *r, Str location, RedirectOptions o)
{
    if (location.n > MAX_REDIRECT && utf8_count(location) > MAX_REDIRECT)
        RAISE(r, 400, "disallowed_redirect", "Unsafe redirect exceeding %d characters", MAX_REDIRECT);
    Str uri = iri_to_uri(r->cx.arena, location);
    UrlParts parts;
    if (!url_split(r->cx.arena, uri, &parts))
        RAISE(r, 400, "disallowed_redirect", "\"%.*s\" is not a URL", STR_FMT(location));
    Str scheme = parts.scheme;
    if (scheme.n && !str_ieq(scheme, STR("http")) && !str_ieq(scheme, STR("https")) && !str_ieq(scheme, STR("ftp")))
        RAISE(r, 400, "disallowed_redirect", "Unsafe redirect to URL with protocol '%.*s'", STR_FMT(scheme));
    int status = o.permanent ? (o.preserve_request ? 308 : 301) : (o.preserve_request ? 307 : 302);
    Response *response = HttpResponse(r, "", .status = status);
    headers_set_id(&r->cx, &response->headers, HEADER_LOCATION, uri);
    return response;
}

Response *response_json(Request *r, Value v, JsonResponseOptions o)
{
    if (!o.any && v.tag != VALUE_MAP)
        RAISE(r, 500, "json",
              "In order to allow non-dict objects to be serialized set the .any option (Django's safe=False).");
    Buf b = BUF_INIT(r->cx.arena, JSON_MAX);
    JsonStyle style = { .indent = (uint8_t)(o.indent > 0 ? o.indent : 0),
                        .unicode = o.utf8,
                        .sort_names = o.sort_keys };
    JsonWriter w;
    json_writer_init(&w, &b, style);
    json_value(&w, v);
    if (!json_writer_end(&w))
        RAISE(r, 500, "json", "The response cannot be written as JSON: %s%s%s", w.error ? w.error : "it is too large",
              w.type ? " " : "", w.type ? w.type : "");
    return response_create(
        r, buf_view(&b),
        (ResponseOptions){ .status = o.status, .content_type = o.content_type ? o.content_type : "application/json" });
}

void response_set_header(Request *r, Response *response, Str name, Str value)
{
    headers_set(&r->cx, &response->headers, name, value);
}

Str response_header(const Response *response, Str name) { return headers_get(&response->headers, name); }

Response *response_streaming(Request *r, StreamFn *fn, void *arg, ResponseOptions o)
{
    Response *response = response_create(r, STR(""), o);
    response->stream = fn;
    response->stream_arg = arg;
    response->streaming = true;
    return response;
}

void response_write(ResponseStream *stream, Str bytes)
{
    if (bytes.n)
        stream->write(stream, bytes);
}

void response_flush(ResponseStream *stream) { stream->flush(stream); }

void response_vary_on(Request *r, Response *response, Str names)
{
    enum { MOST = 32 };
    Str list[MOST], piece;
    size_t n = 0;
    if (!headers_has_id(&response->headers, HEADER_VARY) && str_find_byte(names, ',') == STR_NPOS) {
        headers_set_id(&r->cx, &response->headers, HEADER_VARY, names);
        return;
    }
    while (n < MOST && str_cut(&names, ',', &piece))
        if ((piece = str_trim(piece)).n)
            list[n++] = piece;
    Str vary = vary_patch(r->cx.arena, headers_get_id(&response->headers, HEADER_VARY), list, n);
    headers_set_id(&r->cx, &response->headers, HEADER_VARY, vary);
}
