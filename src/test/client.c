/*
 * client.c: a request made of options, sent through the site, and what came of it. The head is written as text and read by
 * the server's own parser, so that a test's request is what a browser's would be.
 */
#include "http/response.h"
#include "test/project.h"
#include <clef/codec.h>
#include <clef/orm/databases.h>
#include <clef/signals/builtin.h>
#include <clef/template.h>
#include <clef/test/client.h>

#include <unistd.h>

enum { BODY_MAX = 1 << 30, HEADERS_MAX = 64 };

typedef struct Cookie {
    struct Cookie *next;
    Str name, value;
} Cookie;

struct TestClient {
    Arena *arena;
    TestClientOptions options;
    Cookie *cookies;
};

TestClient *test_client_create(const TestClientOptions *options)
{
    Arena *a = arena_create(test_arena(), 0, 0);
    TestClient *client = NEW(a, TestClient);
    client->arena = a;
    client->options = *options;
    if (options->headers) {
        size_t n = 0;
        while (options->headers[n].name)
            n++;
        TestPair *headers = NEW_ARRAY(a, TestPair, n + 1);
        for (size_t i = 0; i < n; i++)
            headers[i] =
                (TestPair){ str_dup_c(a, str_c(options->headers[i].name)), value_copy(a, options->headers[i].value) };
        client->options.headers = headers;
    }
    return client;
}

static CLEF_NORETURN void refuse(const char *what, const char *subject)
{
    test_fail("tests", 0, what, subject);
    test_stop();
}

/* --- cookies */

static Cookie *cookie_of(const TestClient *client, Str name)
{
    Cookie *c = client->cookies;
    while (c && !str_eq(c->name, name))
        c = c->next;
    return c;
}

Str test_client_cookie(const TestClient *client, Str name)
{
    const Cookie *c = cookie_of(client, name);
    return c ? c->value : (Str){ 0 };
}

void test_client_set_cookie(TestClient *client, Str name, Str value)
{
    Cookie *c = cookie_of(client, name);
    if (!c) {
        Cookie **at = &client->cookies;
        while (*at)
            at = &(*at)->next;
        c = *at = NEW(client->arena, Cookie);
        c->name = str_copy(client->arena, name);
    }
    c->value = str_copy(client->arena, value);
}

static void forget_cookie(TestClient *client, Str name)
{
    for (Cookie **at = &client->cookies; *at; at = &(*at)->next)
        if (str_eq((*at)->name, name)) {
            *at = (*at)->next;
            return;
        }
}

/* "name=value; attributes" as a browser takes it; paths and domains are not looked at, as in Django. */
static void take_cookie(TestClient *client, const ResponseCookie *cookie)
{
    Str rest = cookie->line, pair, attribute, name = { 0 }, value;
    str_cut(&rest, ';', &pair);
    value = pair;
    str_cut(&value, '=', &name);
    bool dead = false;
    while (str_cut(&rest, ';', &attribute)) {
        attribute = str_trim(attribute);
        dead |= str_ieq(attribute, STR("Max-Age=0")) || str_istarts(attribute, STR("expires=Thu, 01 Jan 1970"));
    }
    if (dead)
        forget_cookie(client, str_trim(name));
    else
        test_client_set_cookie(client, str_trim(name), str_trim(value));
}

/* --- options to a request's text */

static Str text_of(Arena *a, Value v)
{
    Str s;
    if (value_to_str(v, &s))
        return s;
    switch (v.tag) {
    case VALUE_BOOL:
        return v.b ? STR("True") : STR("False");
    case VALUE_INT:
        return str_format(a, "%lld", (long long)v.i);
    case VALUE_DOUBLE:
        return str_format(a, "%.17g", v.d);
    case VALUE_NULL:
        return STR("");
    default:
        refuse("a request's data takes texts, numbers and truth values, not ", value_type_name(v));
    }
}

static Str encode(Arena *a, const TestPair *pairs)
{
    QueryDict *q = query_create(a);
    for (const TestPair *p = pairs; p && p->name; p++) {
        List *list = p->value.tag == VALUE_LIST ? p->value.list : NULL;
        for (size_t i = 0; list && i < list->n; i++)
            query_append(q, str_c(p->name), text_of(a, list->p[i]));
        if (!list)
            query_append(q, str_c(p->name), text_of(a, p->value));
    }
    return query_urlencode(a, q, (Str){ 0 });
}

#define BOUNDARY "clef-test-boundary-0123456789"

static void add_part(Buf *b, const char *name, const char *filename, const char *content_type, Str content)
{
    if (strpbrk(name, "\r\n\"") || (filename && strpbrk(filename, "\r\n\"")) || str_contains(content, STR(BOUNDARY)))
        refuse("this cannot be a part of a form: ", name);
    buf_printf(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (filename)
        buf_printf(b, "; filename=\"%s\"\r\nContent-Type: %s", filename, content_type);
    BUF_LIT(b, "\r\n\r\n");
    buf_str(b, content);
    BUF_LIT(b, "\r\n");
}

static Str encode_multipart(Arena *a, const TestPair *pairs, const TestUpload *files)
{
    Buf b = BUF_INIT(a, BODY_MAX);
    for (const TestPair *p = pairs; p && p->name; p++) {
        List *list = p->value.tag == VALUE_LIST ? p->value.list : NULL;
        for (size_t i = 0; list && i < list->n; i++)
            add_part(&b, p->name, NULL, NULL, text_of(a, list->p[i]));
        if (!list)
            add_part(&b, p->name, NULL, NULL, text_of(a, p->value));
    }
    for (; files->name; files++)
        add_part(&b, files->name, files->filename ? files->filename : "file",
                 files->content_type ? files->content_type : "application/octet-stream", files->content);
    BUF_LIT(&b, "--" BOUNDARY "--\r\n");
    return buf_view(&b);
}

typedef struct Sent {
    RequestSource source;
    HttpHeader headers[HEADERS_MAX];
    HttpHead head;
    Str body; /* not read yet */
    Str remote;
} Sent;

static ptrdiff_t read_body(void *from, char *to, size_t n)
{
    Sent *s = from;
    n = n < s->body.n ? n : s->body.n;
    if (n)
        memcpy(to, s->body.p, n);
    s->body = str_from_byte(s->body, n);
    return (ptrdiff_t)n;
}

static int whole_body(void *from, uint64_t limit, Str *out)
{
    Sent *s = from;
    if (s->body.n > limit)
        return -413;
    *out = s->body;
    s->body = STR("");
    return 0;
}

static bool is_disconnected(void *from)
{
    (void)from;
    return false;
}

static void remote(void *from, Arena *a, Str *address, Str *port)
{
    (void)a;
    *address = ((Sent *)from)->remote;
    *port = STR("50000");
}

static void server(void *from, Arena *a, Str *name, Str *port)
{
    (void)a;
    *name = STR("testserver");
    *port = ((Sent *)from)->source.tls ? STR("443") : STR("80");
}

static const RequestSourceOps ops = { read_body, whole_body, is_disconnected, remote, server };

static void write_headers(Buf *b, Arena *a, const TestPair *headers)
{
    for (; headers && headers->name; headers++) {
        Str value = text_of(a, headers->value);
        if (!http_is_token(str_c(headers->name)) || !http_is_value(value))
            refuse("this cannot be a header of a request: ", headers->name);
        buf_printf(b, "%s: %.*s\r\n", headers->name, STR_FMT(value));
    }
}

static bool has_header(const TestPair *headers, const char *name)
{
    for (; headers && headers->name; headers++)
        if (str_ieq(str_c(headers->name), str_c(name)))
            return true;
    return false;
}

static Str body_of(Arena *a, const TestRequestOptions *o, bool is_query)
{
    if (o->bytes.n)
        return o->bytes;
    if (o->body)
        return str_c(o->body);
    if (o->files)
        return encode_multipart(a, o->data, o->files);
    return o->data && !is_query ? encode(a, o->data) : STR("");
}

static const char *content_type_of(const TestRequestOptions *o)
{
    if (o->content_type)
        return o->content_type;
    return o->files && !o->body && !o->bytes.n ? "multipart/form-data; boundary=" BOUNDARY
                                               : "application/x-www-form-urlencoded";
}

static Sent *write_request(TestClient *client, Arena *a, const TestRequestOptions *o)
{
    bool is_query = strcmp(o->method, "GET") == 0 || strcmp(o->method, "HEAD") == 0;
    const TestPair *query = o->query ? o->query : is_query ? o->data : NULL;
    Str path = iri_to_uri(a, str_c(o->path)), body = body_of(a, o, is_query);
    size_t hash = str_find_byte(path, '#');
    path = hash == STR_NPOS ? path : str_slice(path, 0, hash);
    Buf b = BUF_INIT(a, BODY_MAX);
    buf_printf(&b, "%s %.*s", o->method, STR_FMT(path));
    if (query)
        buf_printf(&b, "%c%.*s", str_find_byte(path, '?') == STR_NPOS ? '?' : '&', STR_FMT(encode(a, query)));
    BUF_LIT(&b, " HTTP/1.1\r\n");
    if (!has_header(o->headers, "Host") && !has_header(client->options.headers, "Host"))
        BUF_LIT(&b, "Host: testserver\r\n");
    write_headers(&b, a, client->options.headers);
    write_headers(&b, a, o->headers);
    for (const Cookie *c = client->cookies; c; c = c->next)
        buf_printf(&b, "%s%.*s=%.*s%s", c == client->cookies ? "Cookie: " : "; ", STR_FMT(c->name), STR_FMT(c->value),
                   c->next ? "" : "\r\n");
    if (body.n || (!is_query && (o->data || o->body)))
        buf_printf(&b, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type_of(o), body.n);
    BUF_LIT(&b, "\r\n");
    Str head = buf_view(&b);
    char *padded = arena_zalloc(a, head.n + HTTP1_PAD);
    memcpy(padded, head.p, head.n);
    Sent *sent = NEW(a, Sent);
    Http1Parser parser;
    http1_parser_init(&parser, &(Http1Limits){ .headers = HEADERS_MAX }, sent->headers);
    if (http1_request_parse(&parser, padded, head.n) != HTTP1_DONE)
        refuse("no server would take this request: ", http1_reason_text(parser.reason));
    sent->head = parser.head;
    sent->body = str_copy(a, body);
    sent->remote = client->options.remote_addr ? str_c(client->options.remote_addr) : STR("127.0.0.1");
    sent->source = (RequestSource){ .head = &sent->head, .ops = &ops, .from = sent, .tls = o->secure };
    return sent;
}

/* --- what a request leaves */

typedef struct Watching {
    TestResponse *response;
    Arena *arena;
    VEC(Str) templates;
} Watching;

static void note_template(Context *cx, const SignalEvent *event)
{
    (void)cx;
    const TemplateSignal *data = event->data;
    Watching *w = event->arg;
    Str name = template_name(data->template);
    VEC_PUSH(w->arena, &w->templates, str_copy(w->arena, name));
    Map *map = w->response->context;
    const TemplateContext *c = data->context;
    for (uint32_t i = c->n; i-- > c->floor;) {
        const TemplateBinding *binding = &c->p[i];
        if (binding->name.p && !map_has(map, binding->name))
            map_set(map, str_copy(w->arena, binding->name), value_copy(w->arena, binding->value));
        size_t at = 0;
        for (MapEntry *e;
             !binding->name.p && binding->value.tag == VALUE_MAP && (e = map_next(binding->value.map, &at)) != NULL;)
            if (!map_has(map, e->key))
                map_set(map, str_copy(w->arena, e->key), value_copy(w->arena, e->value));
    }
}

static void note_error(Context *cx, const SignalEvent *event)
{
    (void)cx;
    const RequestSignal *data = event->data;
    Watching *w = event->arg;
    if (!data->error || w->response->error)
        return;
    Error *e = NEW(w->arena, Error);
    *e = *data->error;
    e->message = str_copy(w->arena, e->message);
    e->hint = str_copy(w->arena, e->hint);
    w->response->error = e;
}

typedef struct Collecting {
    ResponseStream stream;
    Request *r;
    Response *response;
    Buf out;
} Collecting;

static void collect(ResponseStream *stream, Str bytes)
{
    buf_str(&CLEF_CONTAINER(stream, Collecting, stream)->out, bytes);
}

static void flush(ResponseStream *stream) { (void)stream; }

static void run_stream(Context *cx, void *arg)
{
    (void)cx;
    Collecting *c = arg;
    c->response->stream(c->r, &c->stream, c->response->stream_arg);
}

static Str read_file(Arena *a, const ResponseFile *file)
{
    char *p = arena_alloc(a, file->size + 1);
    size_t n = 0;
    for (ssize_t got; n < file->size; n += (size_t)got)
        if ((got = pread(file->fd, p + n, file->size - n, (off_t)(file->from + n))) <= 0)
            break;
    p[n] = 0;
    return (Str){ p, n };
}

static Str whole_content(Arena *a, Request *r, Response *response, const Error **error)
{
    if (r->method == HTTP_HEAD)
        return STR("");
    if (response->file)
        return read_file(a, response->file);
    if (!response->stream)
        return response->content;
    Collecting c = { .stream = { collect, flush }, .r = r, .response = response, .out = BUF_INIT(a, BODY_MAX) };
    const Error *e = attempt(&r->cx, run_stream, &c);
    if (e && !*error)
        *error = e;
    return buf_view(&c.out);
}

static TestResponse *send_once(TestClient *client, const TestRequestOptions *o)
{
    Site *site = test_site();
    const Settings *settings = test_site_settings();
    Arena *a = arena_create(client->arena, 0, 0);
    TestResponse *t = NEW(a, TestResponse);
    *t = (TestResponse){ .client = client, .context = map_new(a), .request = NEW(a, Request) };
    Sent *sent = write_request(client, a, o);
    Watching w = { .response = t, .arena = a };
    signal_connect(&template_rendered, note_template, .arg = &w);
    signal_connect(&got_request_exception, note_error, .arg = &w);
    Request *r = t->request;
    /* The request's arena is its own, as in the server: its limit raises in it. */
    request_init(r, arena_create(a, (size_t)settings->request_max_memory, 0), &sent->source, settings);
    r->dont_enforce_csrf_checks = !client->options.enforce_csrf_checks;
    Response *response = site_respond(site, r);
    t->response = response;
    t->status = response->status;
    t->content = whole_content(a, r, response, &t->error);
    t->nqueries = sql_count(&r->cx);
    for (const ResponseCookie *c = response->cookies; c; c = c->next)
        take_cookie(client, c);
    request_finish(r);
    signal_disconnect(&template_rendered, note_template, .arg = &w);
    signal_disconnect(&got_request_exception, note_error, .arg = &w);
    t->templates = w.templates.p;
    t->ntemplates = w.templates.n;
    if (t->error && !client->options.errors_are_answers)
        test_fail(t->error->file ? t->error->file : "?", t->error->line,
                  str_format(a, "%s %s raised: ", o->method, o->path).p, str_dup_c(a, t->error->message));
    return t;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The path (with query) that a Location of this request leads to. */
static const char *target_of(TestClient *client, Request *r, Str location)
{
    Arena *a = client->arena;
    Str url, base = str_format(a, "http://testserver%.*s", STR_FMT(r->path));
    UrlParts parts;
    if (!url_join(a, base, location, &url) || !url_split(a, url, &parts))
        refuse("this is no URL to go to: ", str_dup_c(a, location));
    if (parts.netloc.n && !str_starts(parts.netloc, STR("testserver")))
        refuse("the client does not leave the site, and cannot go to ", str_dup_c(a, url));
    return str_format(a, "%.*s%s%.*s", STR_FMT(parts.path.n ? parts.path : STR("/")), parts.query.n ? "?" : "",
                      STR_FMT(parts.query))
        .p;
}

TestResponse *test_client_send(TestClient *client, const TestRequestOptions *options)
{
    TestRequestOptions o = *options;
    TestResponse *t = send_once(client, &o);
    TestRedirect *redirects = NEW_ARRAY(client->arena, TestRedirect, TEST_MAX_REDIRECTS);
    size_t n = 0;
    while (options->follow && is_redirect(t->status)) {
        Str location = TEST_HEADER(t, "Location");
        if (n == TEST_MAX_REDIRECTS)
            refuse("too many redirects, the last one to ", str_dup_c(client->arena, location));
        redirects[n++] = (TestRedirect){ location, t->status };
        bool same = t->status == 307 || t->status == 308;
        o.path = target_of(client, t->request, location);
        o.query = NULL;
        if (!same) {
            o.method = strcmp(o.method, "HEAD") == 0 ? "HEAD" : "GET";
            o.data = NULL;
            o.files = NULL;
            o.body = o.content_type = NULL;
            o.bytes = (Str){ 0 };
        }
        o.secure = str_istarts(location, STR("https:")) || (o.secure && !str_istarts(location, STR("http:")));
        t = send_once(client, &o);
    }
    t->redirects = redirects;
    t->nredirects = n;
    return t;
}

bool test_response_context(const TestResponse *response, Str name, Value *out)
{
    const Value *v = map_get(response->context, name);
    if (v)
        *out = *v;
    return v != NULL;
}

Value test_response_json(const TestResponse *response)
{
    Value v = value_null();
    JsonError error;
    if (!json_read(response->client->arena, response->content, (JsonOptions){ 0 }, &v, &error))
        refuse("the response is no JSON: ", json_error_text(response->client->arena, &error).p);
    return v;
}
