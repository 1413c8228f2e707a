/* client.c: a fetch as its fiber sees it: checked, started, waited for, its bodies handed over. */
#include "net/client.h"
#include <clef/base/assert.h>

#include <limits.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, BODY_MAX = 16 << 20 };

const char *fetch_result_name(FetchResult result)
{
    static const char *const names[] = {
        [FETCH_OK] = "ok",
        [FETCH_UNAVAILABLE] = "unavailable",
        [FETCH_BAD_REQUEST] = "bad_request",
        [FETCH_NOT_PUBLIC] = "not_public",
        [FETCH_NO_HOST] = "no_host",
        [FETCH_NO_CONNECTION] = "no_connection",
        [FETCH_TLS] = "tls",
        [FETCH_TIMEOUT] = "timeout",
        [FETCH_TOO_LARGE] = "too_large",
        [FETCH_REDIRECTS] = "redirects",
        [FETCH_STOPPED] = "stopped",
        [FETCH_BROKEN] = "broken",
    };
    return (size_t)result < CLEF_COUNT(names) ? names[result] : "unknown";
}

Str http_fetched_header(const HttpFetched *got, Str name)
{
    for (size_t i = 0; i < got->nheaders; i++)
        if (str_ieq(got->headers[i].name, name))
            return got->headers[i].value;
    return (Str){ 0 };
}

HttpClient *http_client_create(Loop *loop, Arena *parent)
{
    Arena *a = arena_create(parent, 0, 1024);
    HttpClient *client = NEW(a, HttpClient);
    client->arena = a;
    client->loop = loop;
    return client;
}

void http_client_destroy(HttpClient *client)
{
    if (!client)
        return;
    ASSERT(client->running == 0);
    curl_unload(client);
    arena_destroy(client->arena);
}

/* ---- what may be sent ---- */

static bool is_ours(Str name)
{
    return str_ieq(name, STR("Content-Length")) || str_ieq(name, STR("Transfer-Encoding")) ||
           str_ieq(name, STR("Connection"));
}

/* Why it cannot be; NULL. */
static const char *objection(const HttpFetch *q)
{
    if (!str_istarts(q->url, STR("http://")) && !str_istarts(q->url, STR("https://")))
        return "the url does not begin with http:// or https://";
    if (q->url.n > FETCH_URL_MAX)
        return "the url is longer than the limit of 65,536 bytes";
    for (size_t i = 0; i < q->url.n; i++)
        if ((unsigned char)q->url.p[i] <= ' ' || q->url.p[i] == 0x7f)
            return "the url has a space or a control character in it";
    if (q->method.n && !http_is_token(q->method))
        return "the method is no token";
    if (str_eq(q->method, STR("CONNECT")))
        return "CONNECT is no request to a server";
    for (size_t i = 0; i < q->nheaders; i++) {
        const HttpHeader *h = &q->headers[i];
        if (!http_is_token(h->name))
            return "the name of a header is no token";
        if (!http_is_value(h->value))
            return "the value of a header has a line end or a control character in it";
        if (is_ours(h->name))
            return "Content-Length, Transfer-Encoding and Connection are the client's to send";
    }
    if (q->redirects > FETCH_REDIRECTS_MAX)
        return "more redirects are asked for than the limit of 100";
    if (q->public_only && (q->unix_socket.n || q->proxy.n))
        return "public_only goes with neither a unix socket nor a proxy";
    if (q->body.n && q->read)
        return "there is a body and a function that reads one";
    if (str_eq(q->method, STR("HEAD")) && (q->body.n || q->read))
        return "a HEAD request has no body";
    const Str texts[] = { q->unix_socket, q->proxy, q->ca_file };
    for (size_t i = 0; i < CLEF_COUNT(texts); i++)
        if (texts[i].n && memchr(texts[i].p, 0, texts[i].n))
            return "a path or the proxy has a NUL in it";
    return NULL;
}

static bool refuse(HttpFetched *out, FetchResult result, const char *why, Arena *arena)
{
    out->result = result;
    out->error = str_copy(arena, str_c(why));
    return false;
}

/* Milliseconds that it may take: 1 or more, 0 when the deadline has passed. */
static uint32_t time_left(const HttpFetch *q)
{
    int64_t ms = q->timeout_ms ? q->timeout_ms : TIMEOUT_MS;
    if (q->deadline_ns) {
        int64_t left = (q->deadline_ns - loop_clock() + 999999) / 1000000;
        if (left < ms)
            ms = left;
    }
    return ms <= 0 ? 0 : ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

/* ---- the fiber's side ---- */

void fetch_wake(Fetch *f)
{
    Fiber *waiter = f->waiter;
    f->waiter = NULL;
    if (waiter)
        fiber_wake(waiter);
}

static void stop(Fetch *f, const char *why)
{
    if (f->result == FETCH_OK) {
        f->result = FETCH_STOPPED;
        f->why = why;
    }
    f->done = true;
}

/* Hands over what has come; false when nothing had. */
static bool hand_over(Fetch *f)
{
    FetchHalf *half = &f->in[f->filling];
    if (half->n == 0)
        return false;
    if (!f->head_out)
        curl_head(f);
    f->filling ^= 1;
    bool goes_on = f->ask->piece(f->ask->arg, f->out, str_from(half->p, half->n));
    half->n = 0;
    if (!goes_on)
        stop(f, "the function that takes the body stopped the fetch");
    else if (f->receive_paused)
        curl_resume(f);
    return true;
}

/* Reads more to send; false when none is wanted. */
static bool read_up(Fetch *f)
{
    if (!f->send_paused || f->up_ended || f->up_at < f->up.n)
        return false;
    size_t most = f->up_left >= 0 && f->up_left < FETCH_PIECE ? (size_t)f->up_left : FETCH_PIECE;
    ssize_t got = most ? f->ask->read(f->ask->arg, f->up.p, most) : 0;
    ASSERT(got <= (ssize_t)most);
    if (got < 0 || (got == 0 && f->up_left > 0)) {
        stop(f, got < 0 ? "the function that reads the body gave up" : "the body is shorter than its length");
        return true;
    }
    f->up.n = (size_t)got;
    f->up_at = 0;
    if (f->up_left >= 0)
        f->up_left -= got;
    f->up_ended = got == 0 || f->up_left == 0;
    curl_resume(f);
    return true;
}

static void wait_and_serve(Fetch *f)
{
    while (!f->done || (f->in[f->filling].n && f->result == FETCH_OK)) {
        if (f->ask->piece && hand_over(f))
            continue;
        if (f->ask->read && !f->done && read_up(f))
            continue;
        if (f->done)
            break;
        f->waiter = fiber_self();
        fiber_park();
        f->waiter = NULL;
    }
}

/* The arena ends before the fetch did: somebody raised. */
static void drop(void *arg)
{
    Fetch *f = arg;
    curl_end(f);
    f->client->running--;
}

bool http_fetch(HttpClient *client, Arena *arena, const HttpFetch *q, HttpFetched *out)
{
    *out = (HttpFetched){ .body = STR(""), .error = STR(""), .url = q->url };
    ASSERT(fiber_self() && loop_current() == client->loop);
    const char *wrong = objection(q);
    if (wrong)
        return refuse(out, FETCH_BAD_REQUEST, wrong, arena);
    if (!client->curl) {
        mutex_lock(&client->loading);
        bool loaded = client->curl || curl_load(client);
        mutex_unlock(&client->loading);
        if (!loaded)
            return refuse(out, FETCH_UNAVAILABLE, client->missing, arena);
    }
    uint32_t ms = time_left(q);
    if (!ms)
        return refuse(out, FETCH_TIMEOUT, "the deadline had passed before the fetch began", arena);
    Fetch *f = NEW(arena, Fetch);
    f->client = client;
    f->arena = arena;
    f->ask = q;
    f->out = out;
    f->max_body = q->max_body ? q->max_body : q->piece ? UINT64_MAX : BODY_MAX;
    f->up_left = q->read_n;
    if (q->piece)
        for (int i = 0; i < 2; i++)
            f->in[i].p = arena_alloc(arena, FETCH_PIECE);
    if (q->read)
        f->up.p = arena_alloc(arena, FETCH_PIECE);
    arena_defer(arena, drop, f);
    client->running++;
    if (curl_start(f, ms)) {
        wait_and_serve(f);
        if (f->done && f->result == FETCH_OK)
            curl_outcome(f);
        if (f->result == FETCH_OK || f->body_n || f->result == FETCH_TOO_LARGE)
            curl_head(f);
    }
    (void)arena_forget(arena, drop, f);
    curl_end(f);
    client->running--;
    out->result = f->result;
    if (f->result != FETCH_OK) {
        out->error = str_copy(arena, str_c(f->why ? f->why : f->error));
        return false;
    }
    if (!q->piece)
        out->body = str_from(f->body ? f->body : "", (size_t)f->body_n);
    return true;
}
