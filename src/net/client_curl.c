/*
 * client_curl.c: libcurl: loaded when first needed, driven by the loop through its multi interface. libcurl expects
 * level-triggered sockets, so a watcher is armed anew after each event.
 *
 * Its callbacks run inside libcurl, on the loop's stack or a fiber's: they allocate without a jump, call nothing of
 * libcurl, and wake the fiber for everything else.
 */
#include "base/config.h"
#include "net/client.h"
#include <clef/base/assert.h>

#if CLEF_HAVE_CURL

#include <clef/rt/pool.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BODY_FIRST = 16384, OLDEST = 0x075500 }; /* 7.85.0: protocols by name, headers of the last answer */

#define FUNCTIONS(F)                                                                                                 \
    F(global_init), F(version_info), F(easy_init), F(easy_setopt), F(easy_getinfo), F(easy_cleanup), F(easy_pause),  \
        F(easy_strerror), F(easy_nextheader), F(multi_init), F(multi_setopt), F(multi_cleanup), F(multi_add_handle), \
        F(multi_remove_handle), F(multi_socket_action), F(multi_info_read), F(multi_assign), F(slist_append),        \
        F(slist_free_all)

struct CurlLibrary {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_version_info) *version_info;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_pause) *easy_pause;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_easy_nextheader) *easy_nextheader;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_setopt) *multi_setopt;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_socket_action) *multi_socket_action;
    __typeof__(curl_multi_info_read) *multi_info_read;
    __typeof__(curl_multi_assign) *multi_assign;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
};

typedef struct CurlSocket CurlSocket;
struct CurlSocket {
    Watcher watcher;
    CurlPool *pool;
    CurlSocket *next; /* free list */
};

/* A multi handle: connections that may be used again, and what the loop does for it. */
struct CurlPool {
    HttpClient *client;
    CURLM *multi;
    Timer timer;
    CurlSocket *spare;
};

/* ---- loading ---- */

typedef struct Loading {
    CurlLibrary *to;
    const char *missing;
} Loading;

/* On a thread: it takes some 20 milliseconds, and a deep stack. */
static void load(void *arg)
{
    Loading *l = arg;
    void *so = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so) {
        l->missing = "the HTTP client needs libcurl.so.4, which is not installed (Debian: libcurl4)";
        return;
    }
#define NAME(f)                              \
    {                                        \
        "curl_" #f, offsetof(CurlLibrary, f) \
    }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = { FUNCTIONS(NAME) };
    _Static_assert(sizeof functions / sizeof functions[0] * sizeof(void *) == sizeof(CurlLibrary),
                   "every function is looked up");
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *f = dlsym(so, functions[i].name);
        if (!f) {
            l->missing = "the HTTP client needs libcurl 7.85 or later; this one lacks a function";
            return;
        }
        memcpy((char *)l->to + functions[i].at, &f, sizeof f);
    }
    if (l->to->version_info(CURLVERSION_NOW)->version_num < OLDEST)
        l->missing = "the HTTP client needs libcurl 7.85 or later";
    else if (l->to->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        l->missing = "libcurl cannot start";
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *pool, void *socket);
static int on_timer_wish(CURLM *multi, long ms, void *pool);
static void on_timer(Loop *loop, Timer *t);

static CurlPool *make_pool(HttpClient *client, CurlLibrary *c)
{
    CurlPool *pool = NEW(client->arena, CurlPool);
    pool->client = client;
    pool->timer.fn = on_timer;
    pool->multi = c->multi_init();
    if (!pool->multi)
        return NULL;
    c->multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
    c->multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    c->multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
    c->multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    return pool;
}

bool curl_load(HttpClient *client)
{
    Loading l = { .to = NEW(client->arena, CurlLibrary) };
    if (offload(load, &l) < 0)
        l.missing = "the thread pool is full: libcurl cannot be loaded now";
    if (!l.missing)
        for (int i = 0; i < 2; i++)
            if (!(client->pools[i] = make_pool(client, l.to)))
                l.missing = "there is no memory for libcurl";
    client->missing = l.missing;
    if (!l.missing)
        client->curl = l.to;
    return !l.missing;
}

void curl_unload(HttpClient *client)
{
    for (int i = 0; i < 2 && client->curl; i++) {
        (void)client->curl->multi_cleanup(client->pools[i]->multi);
        timer_stop(client->loop, &client->pools[i]->timer);
    }
    client->curl = NULL;
}

/* ---- the loop ---- */

static void collect(CurlPool *pool)
{
    CurlLibrary *c = pool->client->curl;
    CURLMsg *m;
    int left;
    while ((m = c->multi_info_read(pool->multi, &left)) != NULL) {
        Fetch *f = NULL;
        if (m->msg != CURLMSG_DONE || c->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f) != CURLE_OK || !f)
            continue;
        f->code = (int)m->data.result;
        f->done = true;
        fetch_wake(f);
    }
}

static void on_timer(Loop *loop, Timer *t)
{
    (void)loop;
    CurlPool *pool = CLEF_CONTAINER(t, CurlPool, timer);
    int running;
    (void)pool->client->curl->multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(pool);
}

static void on_socket(Loop *loop, Watcher *w, uint32_t events)
{
    CurlSocket *s = CLEF_CONTAINER(w, CurlSocket, watcher);
    CurlPool *pool = s->pool;
    int running, fd = w->fd, what = 0;
    if (events & (EPOLLIN | EPOLLRDHUP))
        what |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        what |= CURL_CSELECT_OUT;
    if (events & (EPOLLERR | EPOLLHUP))
        what |= CURL_CSELECT_ERR;
    (void)pool->client->curl->multi_socket_action(pool->multi, fd, what, &running);
    /* What was left in the socket is told again. */
    if (w->fd == fd && loop_rewatch(loop, w, w->events) < 0)
        (void)pool->client->curl->multi_socket_action(pool->multi, fd, CURL_CSELECT_ERR, &running);
    collect(pool);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    CurlPool *pool = arg;
    Loop *loop = pool->client->loop;
    if (ms < 0)
        timer_stop(loop, &pool->timer);
    else
        timer_set(loop, &pool->timer, loop_clock() + (int64_t)ms * 1000000);
    return 0;
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    (void)easy;
    CurlPool *pool = arg;
    CurlSocket *s = known;
    Loop *loop = pool->client->loop;
    if (what == CURL_POLL_REMOVE) {
        if (s) {
            loop_unwatch(loop, &s->watcher);
            s->watcher.fd = -1;
            s->next = pool->spare;
            pool->spare = s;
        }
        return 0;
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN | EPOLLRDHUP : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (s)
        return loop_rewatch(loop, &s->watcher, events) < 0 ? -1 : 0;
    s = pool->spare;
    if (s)
        pool->spare = s->next;
    else if (!(s = arena_try_alloc(pool->client->arena, sizeof *s)))
        return -1;
    *s = (CurlSocket){ .watcher = { .fd = fd, .fn = on_socket }, .pool = pool };
    if (loop_watch(loop, &s->watcher, events) < 0) {
        s->watcher.fd = -1;
        s->next = pool->spare;
        pool->spare = s;
        return -1;
    }
    (void)pool->client->curl->multi_assign(pool->multi, fd, s);
    return 0;
}

/* ---- bytes ---- */

static size_t wrong(Fetch *f, FetchResult result, const char *why)
{
    if (f->result == FETCH_OK) {
        f->result = result;
        f->why = why;
    }
    return 0; /* libcurl ends the transfer */
}

static size_t on_head(char *p, size_t one, size_t n, void *arg)
{
    (void)one;
    Fetch *f = arg;
    if (str_starts(str_from(p, n), STR("HTTP/")))
        f->head_n = 0;
    f->head_n += n;
    if (f->head_n > FETCH_HEAD_MAX)
        return wrong(f, FETCH_TOO_LARGE, "the answer's head is longer than the limit of 65,536 bytes");
    return n;
}

static size_t keep(Fetch *f, const char *p, size_t n)
{
    if (n > f->body_cap - f->body_n) {
        size_t cap = f->body_cap ? f->body_cap * 2 : BODY_FIRST;
        while (cap - f->body_n < n)
            cap *= 2;
        char *more = arena_try_grow(f->arena, f->body, f->body_cap, cap);
        if (!more)
            return wrong(f, FETCH_TOO_LARGE,
                         "the answer's body is longer than the memory that is left for the request");
        f->body = more;
        f->body_cap = cap;
    }
    memcpy(f->body + f->body_n, p, n);
    f->body_n += n;
    return n;
}

static size_t on_body(char *p, size_t one, size_t n, void *arg)
{
    (void)one;
    Fetch *f = arg;
    if (n > f->max_body - f->body_n)
        return wrong(f, FETCH_TOO_LARGE, "the answer's body is longer than the limit `max_body`");
    if (!f->ask->piece)
        return keep(f, p, n);
    FetchHalf *half = &f->in[f->filling];
    if (FETCH_PIECE - half->n < n) {
        f->receive_paused = true;
        fetch_wake(f);
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(half->p + half->n, p, n);
    half->n += n;
    f->body_n += n;
    fetch_wake(f);
    return n;
}

static size_t on_send(char *p, size_t one, size_t n, void *arg)
{
    (void)one;
    Fetch *f = arg;
    size_t left = f->up.n - f->up_at;
    if (left == 0 && f->up_ended)
        return 0;
    if (left == 0) {
        f->send_paused = true;
        fetch_wake(f);
        return CURL_READFUNC_PAUSE;
    }
    if (n > left)
        n = left;
    memcpy(p, f->up.p + f->up_at, n);
    f->up_at += n;
    return n;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    (void)purpose;
    Fetch *f = arg;
    Address a = { .n = to->addrlen };
    if (to->addrlen <= sizeof a - offsetof(Address, any))
        memcpy(&a.any, &to->addr, to->addrlen);
    if (!address_is_public(&a)) {
        (void)wrong(f, FETCH_NOT_PUBLIC, "the host has an address that is not of the public internet");
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* ---- a fetch ---- */

static bool add_line(Fetch *f, const char *line)
{
    struct curl_slist *list = f->client->curl->slist_append(f->header_list, line);
    if (list)
        f->header_list = list;
    return list != NULL;
}

/* The caller's headers, and what libcurl would say by itself. */
static bool set_headers(Fetch *f)
{
    const HttpFetch *q = f->ask;
    bool typed = false, ok = add_line(f, "Expect:"), named = false;
    for (size_t i = 0; i < q->nheaders && ok; i++) {
        const HttpHeader *h = &q->headers[i];
        typed |= str_ieq(h->name, STR("Content-Type"));
        named |= str_ieq(h->name, STR("User-Agent"));
        /* "Name;" is libcurl's way to send an empty one. */
        Str line = h->value.n ? str_format(f->arena, "%.*s: %.*s", STR_FMT(h->name), STR_FMT(h->value))
                              : str_format(f->arena, "%.*s;", STR_FMT(h->name));
        ok = add_line(f, line.p);
    }
    if (ok && !typed)
        ok = add_line(f, "Content-Type:");
    if (ok && !named)
        ok = add_line(f, "User-Agent: clef");
    return ok;
}

#define SET(option, value) (ok = ok && c->easy_setopt(f->easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool set_request(Fetch *f)
{
    CurlLibrary *c = f->client->curl;
    const HttpFetch *q = f->ask;
    bool ok = true, sends = q->read || q->body.n || q->body.p;
    Str method = q->method.n ? q->method : sends ? STR("POST") : STR("GET");
    if (q->read) {
        SET(UPLOAD, 1L);
        SET(READFUNCTION, on_send);
        SET(READDATA, f);
        SET(INFILESIZE_LARGE, (curl_off_t)(q->read_n < 0 ? -1 : q->read_n));
    } else if (sends || str_eq(method, STR("POST"))) {
        SET(POST, 1L);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
        SET(POSTFIELDS, q->body.n ? q->body.p : "");
    }
    if (str_eq(method, STR("HEAD")) && !sends)
        SET(NOBODY, 1L);
    else if (!str_eq(method, sends && !q->read ? STR("POST")
                             : q->read         ? STR("PUT")
                                               : STR("GET")) &&
             !(str_eq(method, STR("POST")) && !q->read))
        SET(CUSTOMREQUEST, str_dup_c(f->arena, method));
    return ok;
}

static bool set_options(Fetch *f, uint32_t timeout_ms)
{
    CurlLibrary *c = f->client->curl;
    const HttpFetch *q = f->ask;
    bool ok = true;
    SET(PRIVATE, f);
    SET(NOSIGNAL, 1L);
    SET(ERRORBUFFER, f->error);
    SET(URL, str_dup_c(f->arena, q->url));
    SET(PROTOCOLS_STR, "http,https");
    SET(REDIR_PROTOCOLS_STR, "http,https");
    SET(PROXY, q->proxy.n ? str_dup_c(f->arena, q->proxy) : "");
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(TIMEOUT_MS, (long)timeout_ms);
    uint32_t connect = q->connect_timeout_ms ? q->connect_timeout_ms : 10000;
    SET(CONNECTTIMEOUT_MS, (long)(connect > INT32_MAX ? INT32_MAX : connect));
    SET(HEADERFUNCTION, on_head);
    SET(HEADERDATA, f);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, f);
    if (f->max_body < INT64_MAX)
        SET(MAXFILESIZE_LARGE, (curl_off_t)f->max_body);
    if (q->redirects) {
        SET(FOLLOWLOCATION, 1L);
        SET(MAXREDIRS, (long)q->redirects);
    }
    if (q->unix_socket.n)
        SET(UNIX_SOCKET_PATH, str_dup_c(f->arena, q->unix_socket));
    if (q->ca_file.n)
        SET(CAINFO, str_dup_c(f->arena, q->ca_file));
    if (q->insecure) {
        SET(SSL_VERIFYPEER, 0L);
        SET(SSL_VERIFYHOST, 0L);
    }
    if (q->public_only) {
        SET(OPENSOCKETFUNCTION, on_open);
        SET(OPENSOCKETDATA, f);
    }
    ok = ok && set_headers(f) && set_request(f);
    SET(HTTPHEADER, (struct curl_slist *)f->header_list);
    return ok;
}

bool curl_start(Fetch *f, uint32_t timeout_ms)
{
    CurlLibrary *c = f->client->curl;
    CurlPool *pool = f->client->pools[f->ask->public_only];
    f->easy = c->easy_init();
    if (!f->easy || !set_options(f, timeout_ms) || c->multi_add_handle(pool->multi, f->easy) != CURLM_OK) {
        (void)wrong(f, FETCH_BAD_REQUEST, "libcurl does not take the request");
        return false;
    }
    f->pool = pool;
    return true;
}

void curl_head(Fetch *f)
{
    CurlLibrary *c = f->client->curl;
    HttpFetched *out = f->out;
    if (f->head_out)
        return;
    f->head_out = true;
    long status = 0, redirects = 0, connects = 1;
    char *url = NULL;
    (void)c->easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)c->easy_getinfo(f->easy, CURLINFO_REDIRECT_COUNT, &redirects);
    (void)c->easy_getinfo(f->easy, CURLINFO_NUM_CONNECTS, &connects);
    (void)c->easy_getinfo(f->easy, CURLINFO_EFFECTIVE_URL, &url);
    out->status = (int)status;
    out->redirects = (uint32_t)redirects;
    out->reused = connects == 0;
    if (url)
        out->url = str_copy(f->arena, str_c(url));
    size_t n = 0;
    for (struct curl_header *h = NULL; (h = c->easy_nextheader(f->easy, CURLH_HEADER, -1, h)) != NULL;)
        n++;
    HttpHeader *headers = NEW_ARRAY(f->arena, HttpHeader, n ? n : 1);
    size_t at = 0;
    for (struct curl_header *h = NULL; at < n && (h = c->easy_nextheader(f->easy, CURLH_HEADER, -1, h)) != NULL;)
        headers[at++] =
            (HttpHeader){ .name = str_copy(f->arena, str_c(h->name)), .value = str_copy(f->arena, str_c(h->value)) };
    out->headers = headers;
    out->nheaders = at;
}

void curl_resume(Fetch *f)
{
    int left = 0;
    if (f->receive_paused && f->in[f->filling].n == 0)
        f->receive_paused = false;
    if (f->send_paused && (f->up_at < f->up.n || f->up_ended))
        f->send_paused = false;
    left = (f->receive_paused ? CURLPAUSE_RECV : 0) | (f->send_paused ? CURLPAUSE_SEND : 0);
    CURLcode code = f->done ? CURLE_OK : f->client->curl->easy_pause(f->easy, left);
    if (code != CURLE_OK) {
        f->code = (int)code;
        f->done = true;
    }
}

void curl_outcome(Fetch *f)
{
    FetchResult r = FETCH_BROKEN;
    switch (f->code) {
    case CURLE_OK:
        return;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        r = FETCH_BAD_REQUEST;
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        r = FETCH_NO_HOST;
        break;
    case CURLE_COULDNT_CONNECT:
        r = FETCH_NO_CONNECTION;
        break;
    case CURLE_OPERATION_TIMEDOUT:
        r = FETCH_TIMEOUT;
        break;
    case CURLE_TOO_MANY_REDIRECTS:
        r = FETCH_REDIRECTS;
        break;
    case CURLE_FILESIZE_EXCEEDED:
        r = FETCH_TOO_LARGE;
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        r = FETCH_TLS;
        break;
    default:
        break;
    }
    const char *words = f->error[0] ? f->error : f->client->curl->easy_strerror((CURLcode)f->code);
    long number = 0;
    (void)f->client->curl->easy_getinfo(f->easy, CURLINFO_OS_ERRNO, &number);
    if (r == FETCH_NO_CONNECTION && number)
        words = str_format(f->arena, "%s (%s)", words, strerror((int)number)).p;
    (void)wrong(f, r, words);
}

void curl_end(Fetch *f)
{
    CurlLibrary *c = f->client->curl;
    if (f->easy && f->pool)
        (void)c->multi_remove_handle(f->pool->multi, f->easy);
    if (f->easy)
        c->easy_cleanup(f->easy);
    if (f->header_list)
        c->slist_free_all(f->header_list);
    f->easy = f->header_list = NULL;
    f->pool = NULL;
}

#else

bool curl_load(HttpClient *client)
{
    client->missing = "the HTTP client was left out: Clef was built without the headers of libcurl";
    return false;
}

void curl_unload(HttpClient *client) { (void)client; }

bool curl_start(Fetch *f, uint32_t timeout_ms)
{
    (void)f, (void)timeout_ms;
    return false;
}

void curl_head(Fetch *f) { (void)f; }
void curl_resume(Fetch *f) { (void)f; }
void curl_outcome(Fetch *f) { (void)f; }
void curl_end(Fetch *f) { (void)f; }

#endif
