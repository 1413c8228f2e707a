/* command_serve.c: serve: the supervisor with workers that serve the site. */
#include "cli/commands.h"
#include <clef/net.h>
#include <clef/rt.h>

#include <sys/wait.h>
#include <unistd.h>

static void serve(CommandCall *c);

const Command serve_command = {
    .name = "serve",
    .help = "Serves the project.",
    .description =
        "Signals: TERM stops gracefully, INT and QUIT at once, HUP reloads program and settings without losing a\n"
        "connection, USR1 opens the log file anew. Sockets passed by systemd are served in the place of --listen.",
    .options = OPTIONS({ .name = "listen",
                         .letter = 'l',
                         .kind = OPTION_LIST,
                         .value = "ADDRESS",
                         .help = "127.0.0.1:8000, [::1]:8000, :8000 or unix:/run/site.sock; else LISTEN." },
                       { .name = "workers",
                         .letter = 'w',
                         .kind = OPTION_INT,
                         .least = 0,
                         .most = SUPERVISOR_WORKERS_MAX,
                         .help = "Worker processes; 0: one per core; else WORKERS." },
                       { .name = "check", .help = "Starts up to the point where it would listen, then ends." }),
    .run = serve,
};

typedef struct Serving {
    CommandCall *call;
    const Settings *settings;
    LogComponent *log;
    bool checks; /* the check run of a reload: what is wrong goes to standard error in plain words */
    HttpWorkerOptions http;
} Serving;

/* ---- what happens, for the log ---- */

static const char *message(SupervisorEventKind kind, LogLevel *level)
{
    *level = LEVEL_INFO;
    switch (kind) {
    case SUPERVISOR_LISTENS:
        return "listening";
    case SUPERVISOR_LISTEN_FAILED:
        *level = LEVEL_CRITICAL;
        return "cannot listen";
    case SUPERVISOR_WORKER_STARTED:
        *level = LEVEL_DEBUG;
        return "worker started";
    case SUPERVISOR_WORKER_READY:
        *level = LEVEL_DEBUG;
        return "worker ready";
    case SUPERVISOR_WORKER_ASKS:
        return "worker asks to be replaced";
    case SUPERVISOR_WORKER_DIED:
        *level = LEVEL_ERROR;
        return "worker died";
    case SUPERVISOR_WORKER_LEFT:
        *level = LEVEL_DEBUG;
        return "worker left";
    case SUPERVISOR_WORKER_LATE:
        *level = LEVEL_WARNING;
        return "worker killed";
    case SUPERVISOR_WORKER_DELAYED:
        *level = LEVEL_ERROR;
        return "workers die early";
    case SUPERVISOR_FORK_FAILED:
        *level = LEVEL_ERROR;
        return "cannot start a worker";
    case SUPERVISOR_READY:
        return "ready";
    case SUPERVISOR_RELOAD_BEGUN:
        return "reload begun";
    case SUPERVISOR_RELOAD_REFUSED:
        *level = LEVEL_ERROR;
        return "reload refused";
    case SUPERVISOR_RELOAD_DONE:
        return "reload done";
    case SUPERVISOR_REOPEN:
        return "logs opened anew";
    case SUPERVISOR_STOPPING:
        return "stopping";
    case SUPERVISOR_STOPPED:
        return "stopped";
    case SUPERVISOR_FAILED:
        *level = LEVEL_CRITICAL;
        return "cannot serve";
    }
    return "";
}

static void on_event(const SupervisorEvent *e, void *arg)
{
    Serving *s = arg;
    LogLevel level;
    const char *what = message(e->kind, &level);
    if (e->kind == SUPERVISOR_REOPEN)
        logger_reopen(s->settings->logger);
    Buf b = BUF_INIT(NULL, LOG_VALUE_MAX);
    (void)supervisor_event_text(&b, e);
    /* Who sits before a terminal, or reads what the check run says, is told plainly why nothing is served. */
    if (level == LEVEL_CRITICAL && (s->checks || s->settings->log_file.n))
        command_warn(s->call, "%.*s", STR_FMT(buf_view(&b)));
    if (s->checks)
        ;
    else if (e->pid)
        LOG_AT(s->log, level, what, "detail", buf_view(&b), "worker", (int64_t)e->seat + 1, "pid", (int64_t)e->pid);
    else
        LOG_AT(s->log, level, what, "detail", buf_view(&b));
    buf_finish(&b);
}

static void on_refused(void *arg, const Address *peer, int status, const char *why)
{
    const Serving *s = arg;
    if (!log_enabled(s->log, LEVEL_WARNING))
        return;
    Buf b = { 0 };
    char text[ADDRESS_TEXT_MAX + 1];
    b = (Buf){ .p = text, .cap = sizeof text, .max = ADDRESS_TEXT_MAX };
    address_format(&b, peer);
    LOGGER_WARNING(s->log, "a request was refused", "status", status, "why", why, "client", buf_view(&b));
}

/* ---- a worker ---- */

static bool begin(void *arg, Loop *loop, HttpServer *server, const WorkerSeat *seat)
{
    (void)server, (void)seat;
    const Settings *settings = ((Serving *)arg)->settings;
    loop_limit_pool(loop, (unsigned)settings->offload_threads, (unsigned)settings->offload_jobs);
    return true;
}

static bool crash_page(void *arg, const HttpCrash *crash, Arena *a, Str *block, Str *body)
{
    return site_crash_page(((Serving *)arg)->settings, crash, a, block, body);
}

static void reopen(void *arg) { logger_reopen(((Serving *)arg)->settings->logger); }

/* People before a terminal get the stack as lines, programs that read the log get it as a field. */
static void crashed(void *arg, const HttpCrash *crash)
{
    const Serving *s = arg;
    Buf trace = BUF_INIT(NULL, LOG_VALUE_MAX);
    bool terminal = isatty(STDERR_FILENO) && !s->settings->log_file.n;
    if (terminal)
        http_crash_trace(crash);
    else
        (void)crash_format(&trace, crash->crash, crash->frames, crash->nframes);
    const HttpHead *head = crash->x ? crash->x->head : NULL;
    LOGGER_CRITICAL(s->log, "a view crashed", "what", crash->crash->what, "method", head ? head->method_name : STR(""),
                    "path", head ? head->path : STR(""), "trace", buf_view(&trace));
    buf_finish(&trace);
}

static int work(const WorkerSeat *seat, void *arg) { return http_worker_run(seat, &((Serving *)arg)->http); }

/* ---- settings to options ---- */

static uint32_t ms(int64_t seconds) { return seconds > UINT32_MAX / 1000 ? UINT32_MAX : (uint32_t)seconds * 1000; }

/* Settings say 0 for "any", limits UINT32_MAX. */
static uint32_t any(int64_t n) { return n <= 0 || n > UINT32_MAX ? UINT32_MAX : (uint32_t)n; }

HttpLimits serve_limits(const Settings *s)
{
    return (HttpLimits){
        .head = { .line = (uint32_t)s->server_max_request_line,
                  .bytes = (uint32_t)s->server_max_header_bytes,
                  .headers = (uint32_t)s->server_max_headers },
        .body = s->server_max_body > 0 ? (uint64_t)s->server_max_body : 1,
        .memory = s->request_max_memory > 0 ? (uint64_t)s->request_max_memory : UINT64_MAX,
        .connections = (uint32_t)s->server_max_connections,
        .requests = any(s->server_max_requests_per_connection),
        .pipeline = (uint32_t)s->server_pipeline_depth,
        .first_byte_ms = ms(s->server_first_byte_timeout),
        .header_ms = ms(s->server_header_timeout),
        .request_ms = ms(s->server_request_timeout),
        .idle_ms = ms(s->server_idle_timeout),
        .write_ms = ms(s->server_write_timeout),
    };
}

/* "name=certificate;key": the key may be absent when it stands in the same file. */
static TlsCertificate sni(Context *cx, Str text)
{
    TlsCertificate to = { 0 };
    Str rest = text;
    if (str_cut(&rest, '=', &to.name) && str_cut(&rest, ';', &to.certificate) && to.name.n && to.certificate.n) {
        to.key = rest;
        return to;
    }
    RAISE(cx, 500, "improperly_configured", "TLS_SNI: '%.*s' is not understood: write name=certificate.pem;key.pem",
          STR_FMT(text));
}

static void release(void *context) { tls_context_release(context); }

static TlsContext *tls(Serving *s)
{
    const Settings *settings = s->settings;
    Context *cx = &s->call->cx;
    if (!settings->tls_certificate.n)
        return NULL;
    TlsCertificate *names = NEW_ARRAY(cx->arena, TlsCertificate, settings->tls_sni.n + 1);
    for (size_t i = 0; i < settings->tls_sni.n; i++)
        names[i] = sni(cx, settings->tls_sni.p[i]);
    TlsServerOptions o = { .certificate = { .certificate = settings->tls_certificate, .key = settings->tls_key },
                           .names = names,
                           .nnames = settings->tls_sni.n,
                           .min_version = settings->tls_min_version,
                           .ciphers = settings->tls_ciphers };
    TlsFindings findings = { .arena = cx->arena };
    TlsContext *context = tls_server_context(&o, &findings);
    if (!context)
        RAISE(cx, 500, "improperly_configured", "TLS_CERTIFICATE: %.*s", STR_FMT(findings.error));
    DEFER(cx, release, context);
    for (size_t i = 0; i < findings.nwarnings; i++)
        LOGGER_WARNING(s->log, "TLS", "detail", findings.warnings[i]);
    return context;
}

static void serve(CommandCall *c)
{
    Settings *settings = c->settings;
    Serving *s = NEW(c->cx.arena, Serving);
    StrList listen = option_list(c, "listen");
    s->call = c;
    s->settings = settings;
    s->checks = supervisor_is_check(environ);
    logging_start(&c->cx, settings, project_name(c->project, c->argv));
    s->log = logging_component(settings, STR("server"));
    s->http.tls = tls(s);
    Site *site = project_site(&c->cx, settings);
    if (option_flag(c, "check")) {
        command_say(c, "%.*s can be served", STR_FMT(project_name(c->project, c->argv)));
        return;
    }
    uint32_t graceful = settings->server_graceful_timeout > 0 ? ms(settings->server_graceful_timeout) : 1;
    s->http = (HttpWorkerOptions){
        .tls = s->http.tls,
        .server = { .handler = { site_handle, site },
                    .limits = serve_limits(settings),
                    .refused = on_refused,
                    .arg = s },
        .max_requests = (uint64_t)settings->worker_max_requests,
        .max_memory = (uint64_t)settings->worker_max_memory,
        .limit_ms = graceful,
        .begin = begin,
        .crashed = crashed,
        .crash_page = crash_page,
        .reopen = reopen,
        .arg = s,
    };
    int64_t workers = option_given(c, "workers") ? option_int(c, "workers") : settings->workers;
    c->status = supervisor_run(&(SupervisorConfig){
        .listen = listen.n ? listen.p : settings->listen.p,
        .nlisten = listen.n ? listen.n : settings->listen.n,
        .workers = (uint32_t)workers,
        .unix_mode = (unsigned)settings->listen_unix_mode,
        .work = work,
        .event = on_event,
        .arg = s,
        .argv = c->argv,
        .environment = environ,
        .graceful_ms = graceful,
    });
}
