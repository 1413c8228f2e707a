/*
 * request_log.c: a line for each answer. A stream's line is written when the request ends, with the bytes that went out by
 * then; all others when the response comes by. Values are escaped by the log, so no request can forge a line.
 */
#include "http/response.h"
#include <clef/base/log.h>
#include <clef/base/value.h>
#include <clef/conf/settings.h>
#include <clef/middleware/builtin.h>
#include <clef/rt/loop.h>

typedef enum Extra {
    EXTRA_REMOTE_ADDR,
    EXTRA_USER_AGENT,
    EXTRA_REFERER,
    EXTRA_HOST,
    EXTRA_REQUEST_ID,
    EXTRA_QUERY,
    EXTRAS
} Extra;

static const char *const extra_names[EXTRAS] = {
    "remote_addr", "user_agent", "referer", "host", "request_id", "query"
};

typedef struct RequestLog {
    LogComponent *log;
    StrList exclude;
    uint8_t extras[EXTRAS];
    size_t nextras;
} RequestLog;

static bool init(Context *cx, const Settings *s, void **state)
{
    if (!s->logger)
        return false;
    RequestLog *log = NEW(cx->arena, RequestLog);
    *log = (RequestLog){ .log = logger_component(s->logger, STR("request")), .exclude = s->request_log_exclude };
    for (size_t i = 0; i < s->request_log_fields.n; i++) {
        Str name = s->request_log_fields.p[i];
        size_t at = 0;
        while (at < EXTRAS && !str_eq(name, str_c(extra_names[at])))
            at++;
        if (at == EXTRAS)
            RAISE(cx, 500, "settings",
                  "REQUEST_LOG_FIELDS: there is no field '%.*s'; there are remote_addr, user_agent, referer, host, "
                  "request_id and query",
                  STR_FMT(name));
        if (log->nextras < EXTRAS)
            log->extras[log->nextras++] = (uint8_t)at;
    }
    *state = log;
    return true;
}

static bool is_excluded(const RequestLog *log, Str path)
{
    for (size_t i = 0; i < log->exclude.n; i++) {
        Str entry = log->exclude.p[i];
        if (str_eq(path, entry) || (entry.n && entry.p[entry.n - 1] == '/' && str_starts(path, entry)))
            return true;
    }
    return false;
}

static Value extra_value(Request *r, Extra extra)
{
    const HttpHead *head = r->source->head;
    Str name = STR(""), port;
    switch (extra) {
    case EXTRA_REMOTE_ADDR:
        r->source->ops->remote(r->source->from, r->cx.arena, &name, &port);
        return value_str(name);
    case EXTRA_USER_AGENT:
        return value_str(http_known(head, HDR_USER_AGENT));
    case EXTRA_REFERER:
        return value_str(http_known(head, HDR_REFERER));
    case EXTRA_HOST:
        return value_str(head->host);
    case EXTRA_REQUEST_ID:
        return value_str(http_known(head, HDR_X_REQUEST_ID));
    default:
        return value_str(r->query_string);
    }
}

static void write_line(Request *r, const RequestLog *log, int status, uint64_t bytes)
{
    int level = status >= 500 ? LEVEL_ERROR : status >= 400 ? LEVEL_WARNING : LEVEL_INFO;
    if (!log_enabled(log->log, level) || (log->exclude.n && status < 500 && is_excluded(log, r->path)))
        return;
    int64_t microseconds = (loop_clock() - r->started) / 1000;
    LogField fields[5 + EXTRAS + 1] = {
        { "method", value_str(r->method_name) }, { "path", value_str(r->path) },
        { "status", value_int(status) },         { "duration", value_double((double)microseconds / 1e6) },
        { "bytes", value_int((int64_t)bytes) },
    };
    for (size_t i = 0; i < log->nextras; i++)
        fields[5 + i] = (LogField){ extra_names[log->extras[i]], extra_value(r, (Extra)log->extras[i]) };
    log_write(log->log, level, status >= 500 ? "request failed" : "request finished", fields);
}

/* --- streams: counted on their way, logged at the end */

typedef struct Counted {
    ResponseStream stream; /* what the view writes to */
    ResponseStream *to;
    Request *r;
    const RequestLog *log;
    StreamFn *fn;
    void *arg;
    uint64_t bytes;
    int status;
} Counted;

static void counted_write(ResponseStream *stream, Str bytes)
{
    Counted *c = CLEF_CONTAINER(stream, Counted, stream);
    response_write(c->to, bytes);
    c->bytes += bytes.n;
}

static void counted_flush(ResponseStream *stream) { response_flush(CLEF_CONTAINER(stream, Counted, stream)->to); }

static void run_counted(Request *r, ResponseStream *to, void *arg)
{
    Counted *c = arg;
    c->to = to;
    c->fn(r, &c->stream, c->arg);
}

static void log_counted(void *arg)
{
    Counted *c = arg;
    write_line(c->r, c->log, c->status, c->bytes);
}

static void count(Request *r, Response *response, const RequestLog *log)
{
    Counted *c = NEW(r->cx.arena, Counted);
    *c = (Counted){ .stream = { counted_write, counted_flush },
                    .r = r,
                    .log = log,
                    .fn = response->stream,
                    .arg = response->stream_arg,
                    .status = response->status };
    response->stream = run_counted;
    response->stream_arg = c;
    DEFER(r, log_counted, c);
}

/* --- */

static Response *process_request(Request *r)
{
    r->started = loop_clock();
    return NULL;
}

static Response *process_response(Request *r, Response *response)
{
    const RequestLog *log = middleware_state(r);
    if (CLEF_UNLIKELY(response->stream)) {
        count(r, response, log);
        return response;
    }
    uint64_t bytes = response->file ? response->file->size : response->content.n;
    write_line(r, log, response->status, r->method == HTTP_HEAD ? 0 : bytes);
    return response;
}

const Middleware request_log_middleware = {
    .name = "request_log", .init = init, .process_request = process_request, .process_response = process_response
};
