/*
 * request_form.c: the query, the cookies, the body, and what a form brings. A body is read once: whole into memory
 * (request_body), through a parser that keeps only the fields and puts uploads where they belong (POST, FILES), or in the
 * view's own pieces (request_read).
 */
#include "http/request.h"
#include "http/upload.h"
#include <clef/codec/charset.h>
#include <clef/codec/cookie.h>
#include <clef/codec/json.h>
#include <clef/conf.h>

static uint32_t max_fields(const Settings *s)
{
    int64_t n = s->data_upload_max_number_fields;
    return n < 0 ? QUERY_NO_LIMIT : n > QUERY_FIELDS_MAX ? QUERY_FIELDS_MAX : (uint32_t)n;
}

static const QueryDict *parse_fields(Request *r, Str text, Charset charset)
{
    QueryOptions options = { .max_fields = max_fields(r->settings), .charset = charset };
    const QueryDict *q = query_parse(r->cx.arena, text, &options);
    if (!q)
        RAISE(r, 400, "too_many_fields",
              "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS (%lld).",
              (long long)r->settings->data_upload_max_number_fields);
    return q;
}

const QueryDict *request_get(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (!parts->get)
        parts->get = parse_fields(r, r->query_string, CHARSET_UTF8);
    return parts->get;
}

const QueryDict *request_cookies(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (!parts->cookies)
        parts->cookies = cookies_parse(r->cx.arena, request_known_header(r, HDR_COOKIE));
    return parts->cookies;
}

Str request_cookie(Request *r, Str name)
{
    const RequestParts *parts = r->parts;
    if (parts && parts->cookies)
        return query_get(parts->cookies, name);
    return cookie_find(r->cx.arena, request_known_header(r, HDR_COOKIE), name);
}

/* --- the body */

/* What the source says instead of bytes: minus a status. */
static CLEF_NORETURN CLEF_COLD void unreadable(Request *r, ptrdiff_t outcome)
{
    int status = outcome > -400 || outcome < -599 ? 400 : (int)-outcome;
    if (status == 413)
        RAISE(r, 413, "request_data_too_big", "The request body is larger than the server takes.");
    RAISE(r, status, "unreadable_post", "The request body could not be read to its end.");
}

size_t request_read_more(Request *r, char *to, size_t n)
{
    ptrdiff_t got = r->source->ops->read(r->source->from, to, n);
    if (got < 0)
        unreadable(r, got);
    return (size_t)got;
}

size_t request_read(Request *r, char *to, size_t n)
{
    RequestParts *parts = request_parts(r);
    if (parts->body_state == BODY_WHOLE) {
        Str left = str_from_byte(parts->body, parts->body_read);
        n = n < left.n ? n : left.n;
        if (n)
            memcpy(to, left.p, n);
        parts->body_read += n;
        return n;
    }
    if (parts->body_state == BODY_UNREAD)
        parts->body_state = BODY_STREAMED;
    return request_read_more(r, to, n);
}

static CLEF_NORETURN void too_big(Request *r)
{
    RAISE(r, 413, "request_data_too_big", "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE (%lld bytes).",
          (long long)r->settings->data_upload_max_memory_size);
}

Str request_body(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (parts->body_state == BODY_WHOLE)
        return parts->body;
    if (parts->body_state != BODY_UNREAD)
        RAISE(r, 500, "raw_post_data", "You cannot access body after reading from request's data stream");
    int64_t setting = r->settings->data_upload_max_memory_size;
    uint64_t limit = setting < 0 ? SIZE_MAX / 2 : (uint64_t)setting;
    if (r->source->head->content_length > limit)
        too_big(r);
    parts->body_state = BODY_STREAMED; /* until it is whole: a raise in between leaves no half body */
    int outcome = r->source->ops->all(r->source->from, limit, &parts->body);
    if (outcome == -413)
        too_big(r);
    if (outcome < 0)
        unreadable(r, outcome);
    parts->body_state = BODY_WHOLE;
    return parts->body;
}

Value request_json(Request *r)
{
    Value v;
    JsonError error;
    if (!json_read(r->cx.arena, request_body(r), (JsonOptions){ 0 }, &v, &error)) {
        Str why = json_error_text(r->cx.arena, &error);
        RAISE(r, 400, "json_parse_error", "JSON parse error - %.*s", STR_FMT(why));
    }
    return v;
}

/* --- forms */

static bool may_have_form(const Request *r) { return r->method == HTTP_POST; }

const QueryDict *request_post(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (parts->post)
        return parts->post;
    /* As Django: a body that went elsewhere, or broke off, leaves an empty form. */
    if (!may_have_form(r) || parts->body_state == BODY_STREAMED || parts->body_state == BODY_FORM)
        return parts->post = query_create(r->cx.arena);
    Str type = request_content_type(r);
    if (str_eq(type, STR("multipart/form-data"))) {
        upload_parse(r);
    } else if (str_eq(type, STR("application/x-www-form-urlencoded"))) {
        Str charset = request_content_charset(r);
        Charset known = charset.n ? charset_find(charset) : CHARSET_UTF8;
        if (known != CHARSET_UTF8)
            RAISE(r, 400, "bad_charset",
                  "HTTP requests with the 'application/x-www-form-urlencoded' content type must be UTF-8 encoded.");
        parts->post = parse_fields(r, request_body(r), CHARSET_UTF8);
    } else
        parts->post = query_create(r->cx.arena);
    return parts->post;
}

const UploadedFile *request_file_at(Request *r, size_t i)
{
    (void)request_post(r);
    return i < r->parts->nfiles ? &r->parts->files[i] : NULL;
}

const UploadedFile *request_file(Request *r, Str field)
{
    (void)request_post(r);
    for (size_t i = r->parts->nfiles; i-- > 0;)
        if (str_eq(r->parts->files[i].field, field))
            return &r->parts->files[i];
    return NULL;
}
