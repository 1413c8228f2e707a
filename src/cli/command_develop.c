/*
 * command_develop.c: develop: the site in this one process, on a listening socket that `clef runserver` keeps. The
 * process is replaced after each build, so it starts fast and stops at once: no supervisor, no workers.
 */
#include "cli/commands.h"
#include <clef/debug.h>
#include <clef/net.h>
#include <clef/rt.h>

#include <fcntl.h>

enum { FIRST_FD = 3, LAST_FD = 1023, GRACE_MS = 1, LIMIT_MS = 2000 };

static void develop(CommandCall *c);

const Command develop_command = {
    .name = "develop",
    .help = "Serves on a socket that `clef runserver` passes.",
    .hidden = true,
    .options = OPTIONS(
        { .name = "listener",
          .kind = OPTION_INT,
          .fallback = "3",
          .least = FIRST_FD,
          .most = LAST_FD,
          .help = "The descriptor of the listening socket." },
        { .name = "channel",
          .kind = OPTION_INT,
          .fallback = "4",
          .least = FIRST_FD,
          .most = LAST_FD,
          .help = "The descriptor of a socket on which it says that it is ready; its end is the order to stop." }),
    .run = develop,
};

static bool begin(void *arg, Loop *loop, HttpServer *server, const WorkerSeat *seat)
{
    (void)server, (void)seat;
    const Settings *settings = arg;
    loop_limit_pool(loop, (unsigned)settings->offload_threads, (unsigned)settings->offload_jobs);
    return true;
}

static bool crash_page(void *arg, const HttpCrash *crash, Arena *a, Str *block, Str *body)
{
    return site_crash_page(arg, crash, a, block, body);
}

static void stopping(void *arg)
{
    (void)arg;
    live_stop();
}

static void develop(CommandCall *c)
{
    Settings *settings = c->settings;
    int fds[2] = { (int)option_int(c, "listener"), (int)option_int(c, "channel") };
    for (size_t i = 0; i < CLEF_COUNT(fds); i++)
        if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(fds[i], F_SETFL, O_NONBLOCK) < 0)
            RAISE(&c->cx, 500, "not_started_by_runserver",
                  "this command is for `clef runserver`, which passes sockets; use `serve` instead");
    logging_start(&c->cx, settings, project_name(c->project, c->argv));
    Site *site = project_site(&c->cx, settings);
    WorkerSeat seat = { .count = 1, .generation = 1, .listeners = fds, .nlisteners = 1, .channel = fds[1] };
    c->status =
        http_worker_run(&seat, &(HttpWorkerOptions){
                                   .server = { .handler = { site_handle, site }, .limits = serve_limits(settings) },
                                   .grace_ms = GRACE_MS,
                                   .limit_ms = LIMIT_MS,
                                   .begin = begin,
                                   .stopping = stopping,
                                   .crash_page = crash_page,
                                   .arg = settings,
                               });
}
