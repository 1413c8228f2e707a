/* failure.c: the pages of `clef runserver` itself. */
#define _GNU_SOURCE
#include "tool/failure.h"

#include "debug/page.h"
#include "tool/tool.h"
#include <clef/debug/live.h>
#include <clef/net/http_server.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { LINGER_MS = 1000, LINE_MAX_SHOWN = 300 };
static const int64_t BEAT_NS = INT64_C(15000000000);

typedef struct Stream Stream;
struct Stream {
    Fiber *fiber;
    Stream *next;
};

struct Failure {
    Watcher listener;
    Loop *loop;
    Arena *arena;
    HttpServer *server;
    Str page, number;
    Stream *streams; /* event streams that wait, each on its fiber's stack */
    bool ending;
    Timer end; /* due when the last connection has gone */
    void (*shown)(void *arg);
    void *arg;
};

/* ---- the page */

/* "pages/views.c:12:5: error: ..." of a compiler: the file and the line. */
static bool place_of(Str line, Arena *a, const char **file, int *number)
{
    Str rest = line, name, digits;
    int64_t n;
    if (!str_cut(&rest, ':', &name) || !str_cut(&rest, ':', &digits) || !name.n || !str_to_i64(digits, &n) || n <= 0 ||
        n > 1 << 24)
        return false;
    *file = str_dup_c(a, name);
    *number = (int)n;
    return true;
}

/* The line that says what is wrong: the first error, else the last line that is not empty. */
static Str headline(Str text)
{
    static const Str marks[] = {
        STR(" error: "), STR(" fatal: "),        STR("undefined reference"), STR("multiple definition"),
        STR("ERROR: "),  STR("runtime error: "), STR("cannot find -l"),      STR("cannot be used:"),
        STR("*** ")
    };
    Str last = { 0 };
    for (size_t i = 0; i < CLEF_COUNT(marks); i++) {
        Str rest = text;
        for (Str line; str_cut(&rest, '\n', &line);) {
            if (str_contains(line, marks[i]))
                return str_slice(line, 0, LINE_MAX_SHOWN);
            last = str_trim(line).n ? line : last;
        }
    }
    return str_slice(last, 0, LINE_MAX_SHOWN);
}

/*
 * An error in a macro of Clef has its place in a header of Clef; the compiler's notes behind it say where the project
 * used the macro, and that is the place to mend. The headline with that place, or as it was.
 */
static Str own_headline(Arena *a, Str text, Str head)
{
    size_t at = str_find(head, STR(" error: "));
    Str rest = str_from_byte(text, (size_t)(head.p - text.p) + head.n);
    const char *file;
    int line;
    if (!head.n || head.p[0] != '/' || at == STR_NPOS || !place_of(head, a, &file, &line))
        return head;
    for (Str next; str_cut(&rest, '\n', &next) && !str_contains(next, STR(" error: "));) {
        size_t note = str_find(next, STR(" note: in expansion of macro"));
        if (note != STR_NPOS && next.p[0] != '/')
            return str_format(a, "%.*s%.*s", (int)note, next.p, STR_FMT(str_from_byte(head, at)));
    }
    return head;
}

Str failure_page(Arena *a, const FailureText *text)
{
    DebugPage p = { .b = BUF_INIT(a, DEBUG_PAGE_MAX), .a = a };
    Str plain = terminal_plain(a, text->said), head = own_headline(a, plain, headline(plain));
    const char *file = NULL;
    int line = 0;
    bool placed = place_of(head, a, &file, &line);
    p.tail = live_tag(a, text->number);
    p.footer = STR("This page is from clef runserver. It goes by itself when the project runs again.");
    page_begin(&p, text->kind, head.n ? head : text->kind, text->remedy);
    page_main(&p, placed ? (const char *const[]){ "source", "Source", "output", "Output", NULL }
                         : (const char *const[]){ "output", "Output", NULL });
    if (placed) {
        page_section(&p, "source", "Source");
        page_source(&p, file, line);
        page_section_end(&p);
    }
    page_section(&p, "output", "Output");
    page_terminal(&p, text->said);
    page_section_end(&p);
    return page_end(&p);
}

/* ---- answering */

static void event_stream(Failure *f, HttpExchange *x)
{
    Stream self = { .fiber = fiber_self(), .next = f->streams };
    Str first = str_format(x->arena, "retry: 100\ndata: %.*s\n\n", STR_FMT(f->number));
    bool open = http_stream_start(x, 200, STR("Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"), -1) &&
                http_stream_write(x, first) && http_stream_flush(x);
    f->streams = &self;
    while (open && !f->ending && !http_peer_closed(x))
        if (!fiber_park_until(loop_clock() + BEAT_NS))
            open = http_stream_write(x, STR(":\n\n")) && http_stream_flush(x);
    for (Stream **at = &f->streams; *at; at = &(*at)->next)
        if (*at == &self) {
            *at = self.next;
            break;
        }
    if (open)
        http_stream_finish(x, NULL, 0);
}

static void answer(HttpExchange *x, void *arg)
{
    Failure *f = arg;
    if (str_eq(x->head->path, STR("/__clef__/live"))) {
        event_stream(f, x);
        return;
    }
    if (str_eq(x->head->path, STR("/__clef__/live.js"))) {
        http_respond(x, 200, STR("Content-Type: text/javascript; charset=utf-8\r\nCache-Control: no-store\r\n"),
                     live_script());
        return;
    }
    http_respond(x, 500, STR("Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"), f->page);
    if (f->shown && !f->ending && !str_eq(x->head->path, STR("/favicon.ico")))
        f->shown(f->arg);
}

static void on_listener(Loop *loop, Watcher *w, uint32_t events)
{
    (void)loop, (void)events;
    Failure *f = CLEF_CONTAINER(w, Failure, listener);
    for (;;) {
        Address peer = { .n = sizeof peer - offsetof(Address, any) };
        int fd = accept4(w->fd, &peer.any, &peer.n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            return;
        (void)http_server_adopt(f->server, fd, &peer);
    }
}

static void destroy(Loop *loop, Timer *t)
{
    (void)loop;
    Failure *f = CLEF_CONTAINER(t, Failure, end);
    http_server_destroy(f->server);
    arena_destroy(f->arena);
}

Failure *failure_begin(Loop *loop, int listener, const FailureText *text, void (*shown)(void *arg), void *arg)
{
    Arena *a = arena_create(NULL, 0, 65536);
    Failure *f = NEW(a, Failure);
    *f = (Failure){ .listener = { .fd = listener, .fn = on_listener },
                    .end = { .fn = destroy },
                    .loop = loop,
                    .arena = a,
                    .page = failure_page(a, text),
                    .number = str_copy(a, text->number),
                    .shown = shown,
                    .arg = arg };
    f->server = http_server_create(loop, a, &(HttpServerOptions){ .handler = { answer, f } });
    int error = loop_watch(loop, &f->listener, EPOLLIN);
    if (error)
        tool_fail("cannot wait for connections: %s", strerror(-error));
    return f;
}

static void closed(void *arg)
{
    Failure *f = arg;
    timer_set(f->loop, &f->end, loop_now(f->loop));
}

void failure_end(Failure *f)
{
    if (!f)
        return;
    f->ending = true;
    loop_unwatch(f->loop, &f->listener);
    for (Stream *s = f->streams; s; s = s->next)
        fiber_wake(s->fiber);
    http_server_stop(f->server, 0, LINGER_MS, closed, f);
}
