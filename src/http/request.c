/* request.c: how a request begins and ends, its headers and its META. */
#include "http/request.h"
#include "http/site.h"
#include <clef/base/assert.h>
#include <clef/base/rand.h>
#include <clef/codec/accept.h>
#include <clef/codec/base64.h>
#include <clef/codec/header.h>
#include <clef/codec/url.h>
#include <clef/conf.h>

enum { STATE_MAX = 1000 };

static void decode_path(Context *cx, void *arg)
{
    Request *r = arg;
    r->path_info = repercent_broken_unicode(cx->arena, url_unquote_bytes(cx->arena, r->source->head->path));
}

static void prefix_path(Context *cx, void *arg)
{
    Request *r = arg;
    Str script = str_trim_set(r->settings->force_script_name, STR("/"));
    r->path = str_format(cx->arena, "/%.*s%.*s", STR_FMT(script), STR_FMT(r->path_info));
}

void request_init(Request *r, Arena *arena, const RequestSource *source, const Settings *settings)
{
    const HttpHead *head = source->head;
    /* The context is set by context_init, and bare_response by the only one who uses it. */
    memset(&r->resolver_match, 0, offsetof(Request, bare_response) - offsetof(Request, resolver_match));
    context_init(&r->cx, arena);
    r->cx.backtraces = settings->debug;
    r->method = head->method;
    r->method_name = head->method_name;
    r->path_info = head->path.n ? head->path : STR("/");
    r->query_string = head->query;
    r->settings = settings;
    r->source = source;
    /* A path without escapes, as nearly all are, needs no decoding. */
    if (CLEF_UNLIKELY(head->escaped) && attempt(&r->cx, decode_path, r))
        r->path_info = head->path; /* no memory: the raw path, which no url matches by mistake */
    r->path = r->path_info;
    if (CLEF_UNLIKELY(settings->force_script_name.n) && attempt(&r->cx, prefix_path, r))
        r->path = r->path_info;
}

void request_finish(Request *r)
{
    const Error *e = r->site ? request_signal(r, &request_finished, NULL) : NULL;
    if (e && r->site->router->report)
        r->site->router->report(r, e);
    context_finish(&r->cx);
}

RequestParts *request_parts(Request *r)
{
    if (!r->parts)
        r->parts = NEW(r->cx.arena, RequestParts);
    return r->parts;
}

/* The values of all fields of that name, in their order. */
static CLEF_COLD Str join_fields(Request *r, Str name, Str between)
{
    Buf b = BUF_INIT(r->cx.arena, (size_t)1 << 20);
    size_t at = 0, n = 0;
    for (const HttpHeader *h; (h = http_header_next(r->source->head, name, &at));) {
        if (n++)
            buf_str(&b, between);
        buf_str(&b, h->value);
    }
    return buf_view(&b);
}

/* How Django joins them: its ASGIRequest. */
static Str between_fields(HttpKnown id) { return id == HDR_COOKIE ? STR("; ") : STR(","); }

Str request_header(Request *r, Str name)
{
    const HttpHead *head = r->source->head;
    HttpKnown id = http_known_find(name);
    if (id != HDR_UNKNOWN)
        return request_known_header(r, id);
    size_t at = 0;
    const HttpHeader *first = http_header_next(head, name, &at);
    if (!first)
        return (Str){ 0 };
    return http_header_next(head, name, &at) ? join_fields(r, name, between_fields(id)) : first->value;
}

Str request_known_header(Request *r, HttpKnown id)
{
    const HttpHead *head = r->source->head;
    if (CLEF_LIKELY(!(head->repeated >> id & 1)))
        return http_known(head, id);
    return join_fields(r, http_known_name(id), between_fields(id));
}

size_t request_header_count(const Request *r) { return r->source->head->nheaders; }

void request_header_at(const Request *r, size_t i, Str *name, Str *value)
{
    ASSERT(i < r->source->head->nheaders);
    *name = r->source->head->headers[i].name;
    *value = r->source->head->headers[i].value;
}

/* "HTTP_USER_AGENT" names User-Agent; Django lets no header with an underscore in. */
static Str header_by_key(Request *r, Str key)
{
    const HttpHead *head = r->source->head;
    for (size_t i = 0; i < head->nheaders; i++) {
        Str name = head->headers[i].name;
        if (name.n != key.n)
            continue;
        size_t at = 0;
        while (at < name.n) {
            char c = name.p[at];
            char want = c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
            if (c == '_' || want != key.p[at])
                break;
            at++;
        }
        if (at == name.n)
            return request_header(r, name);
    }
    return (Str){ 0 };
}

Str request_meta(Request *r, Str key)
{
    const RequestSource *from = r->source;
    /* As CGI has it, these two have no HTTP_ before them, and no other name for a header with it. */
    if (str_eq(key, STR("CONTENT_TYPE")) || str_eq(key, STR("CONTENT_LENGTH")))
        return header_by_key(r, key);
    if (str_eq(key, STR("HTTP_CONTENT_TYPE")) || str_eq(key, STR("HTTP_CONTENT_LENGTH")))
        return (Str){ 0 };
    if (str_starts(key, STR("HTTP_")))
        return header_by_key(r, str_from_byte(key, 5));
    Str name, port;
    if (str_starts(key, STR("REMOTE_"))) {
        from->ops->remote(from->from, r->cx.arena, &name, &port);
        bool address = str_eq(key, STR("REMOTE_ADDR")) || str_eq(key, STR("REMOTE_HOST"));
        return address ? name : str_eq(key, STR("REMOTE_PORT")) ? port : (Str){ 0 };
    }
    if (str_eq(key, STR("SERVER_NAME")) || str_eq(key, STR("SERVER_PORT"))) {
        from->ops->server(from->from, r->cx.arena, &name, &port);
        return key.p[7] == 'N' ? name : port;
    }
    const struct {
        Str key, value;
    } others[] = {
        { STR("REQUEST_METHOD"), r->method_name },
        { STR("PATH_INFO"), r->path_info },
        { STR("SCRIPT_NAME"), r->settings->force_script_name },
        { STR("QUERY_STRING"), r->query_string },
        { STR("SERVER_PROTOCOL"), from->head->minor ? STR("HTTP/1.1") : STR("HTTP/1.0") },
    };
    for (size_t i = 0; i < CLEF_COUNT(others); i++)
        if (str_eq(key, others[i].key))
            return str_is_null(others[i].value) ? STR("") : others[i].value;
    return (Str){ 0 };
}

static void read_content_type(Request *r)
{
    RequestParts *parts = request_parts(r);
    HeaderValue value;
    Str line = http_known(r->source->head, HDR_CONTENT_TYPE);
    parts->content_type = parts->charset = STR("");
    if (line.n && parse_header_parameters(r->cx.arena, line, &value)) {
        parts->content_type = value.value;
        parts->charset = header_param(&value, STR("charset"));
    }
}

Str request_content_type(Request *r)
{
    if (str_is_null(request_parts(r)->content_type))
        read_content_type(r);
    return r->parts->content_type;
}

Str request_content_charset(Request *r)
{
    (void)request_content_type(r);
    return r->parts->charset;
}

bool request_accepts(Request *r, Str media_type)
{
    Accept accept = accept_parse(r->cx.arena, request_known_header(r, HDR_ACCEPT));
    return accept_has(r->cx.arena, &accept, media_type);
}

Str request_preferred_type(Request *r, const char *const *media_types)
{
    enum { MOST = 16 };
    Str offers[MOST];
    size_t n = 0;
    while (n < MOST && media_types[n]) {
        offers[n] = str_c(media_types[n]);
        n++;
    }
    Accept accept = accept_parse(r->cx.arena, request_known_header(r, HDR_ACCEPT));
    size_t at = accept_preferred(r->cx.arena, &accept, offers, n);
    return at == STR_NPOS ? (Str){ 0 } : offers[at];
}

Str request_csp_nonce(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (parts->csp_nonce.n)
        return parts->csp_nonce;
    uint8_t bytes[16];
    if (!rand_bytes(bytes, sizeof bytes))
        RAISE(r, 500, "random", "The kernel gave no random bytes.");
    return parts->csp_nonce =
               base64_encode(r->cx.arena, (Str){ (char *)bytes, sizeof bytes }, BASE64_URL | BASE64_UNPADDED);
}

Str request_remote_addr(Request *r) { return request_meta(r, STR("REMOTE_ADDR")); }

bool request_is_disconnected(const Request *r) { return r->source->ops->disconnected(r->source->from); }

void request_set(Request *r, Str key, Value v)
{
    if (!r->state)
        r->state = map_create(r->cx.arena, STATE_MAX);
    if (!map_set(r->state, key, v))
        RAISE(r, 500, "request_state", "more than %d values on one request", STATE_MAX);
}

Value request_state(Request *r, Str key)
{
    const Value *v = r->state ? map_get(r->state, key) : NULL;
    return v ? *v : value_null();
}
