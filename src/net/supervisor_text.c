/* supervisor_text.c: what happened, in a sentence that names the thing, the place and the way out. */
#define _GNU_SOURCE
#include <clef/net/supervisor.h>

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

static void worker(Buf *b, const SupervisorEvent *e)
{
    buf_printf(b, "worker %u (process %d)", (unsigned)e->seat + 1, (int)e->pid);
}

static void ended(Buf *b, int status)
{
    if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));
        buf_printf(b, "was ended by signal %d (%s)", WTERMSIG(status), name ? name : "unknown");
        if (WTERMSIG(status) == SIGKILL)
            BUF_LIT(b, "; when nobody sent it, the system was out of memory: see dmesg");
    } else {
        buf_printf(b, "ended with status %d", WEXITSTATUS(status));
    }
}

static const char *listen_remedy(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "another process listens there: stop it (ss -ltnp shows which), or choose another address with --listen";
    case EACCES:
        return "ports below 1024 need CAP_NET_BIND_SERVICE or a socket passed by systemd; a unix socket needs a folder "
               "that this user may write to";
    case EADDRNOTAVAIL:
        return "this machine has no such address";
    case ENOENT:
        return "the folder of the socket is not there: make it first";
    case EROFS:
        return "the folder of the socket is on a read-only file system: choose another, as /run or /tmp";
    case EMFILE:
        return "the limit of open files is reached: raise it with ulimit -n or LimitNOFILE=";
    default:
        return NULL;
    }
}

static void listen_failed(Buf *b, const SupervisorEvent *e)
{
    if (e->address.n)
        buf_printf(b, "cannot listen on %.*s: ", STR_FMT(e->address));
    if (e->why.n) {
        buf_str(b, e->why);
        return;
    }
    const char *remedy = listen_remedy(e->error), *name = strerrordesc_np(e->error);
    buf_printf(b, "%s", name ? name : "unknown error");
    if (remedy)
        buf_printf(b, " (%s)", remedy);
}

static void delayed(Buf *b, const SupervisorEvent *e)
{
    worker(b, e);
    buf_printf(b, " is the %u. on its seat to end within 5 seconds; the next one starts in %lld ms", (unsigned)e->count,
               (long long)e->delay_ms);
}

bool supervisor_event_text(Buf *b, const SupervisorEvent *e)
{
    switch (e->kind) {
    case SUPERVISOR_LISTENS:
        buf_printf(b, "listening on %.*s", STR_FMT(e->address));
        break;
    case SUPERVISOR_LISTEN_FAILED:
        listen_failed(b, e);
        break;
    case SUPERVISOR_WORKER_STARTED:
        worker(b, e), BUF_LIT(b, " started");
        break;
    case SUPERVISOR_WORKER_READY:
        worker(b, e), BUF_LIT(b, " is ready");
        break;
    case SUPERVISOR_WORKER_ASKS:
        worker(b, e), buf_printf(b, " is replaced: %.*s", STR_FMT(e->why));
        break;
    case SUPERVISOR_WORKER_DIED:
        worker(b, e), BUF_LIT(b, " died: it "), ended(b, e->status);
        break;
    case SUPERVISOR_WORKER_LEFT:
        worker(b, e), BUF_LIT(b, " left: it "), ended(b, e->status);
        break;
    case SUPERVISOR_WORKER_LATE:
        worker(b, e), buf_printf(b, " %.*s and is killed", STR_FMT(e->why));
        break;
    case SUPERVISOR_WORKER_DELAYED:
        delayed(b, e);
        break;
    case SUPERVISOR_FORK_FAILED:
        buf_printf(b, "worker %u cannot be started: %s; tried again in %lld ms", (unsigned)e->seat + 1,
                   strerrordesc_np(e->error), (long long)e->delay_ms);
        break;
    case SUPERVISOR_READY:
        buf_printf(b, "serving with %u worker%s", (unsigned)e->count, e->count == 1 ? "" : "s");
        break;
    case SUPERVISOR_RELOAD_BEGUN:
        BUF_LIT(b, "reload: checking the program");
        break;
    case SUPERVISOR_RELOAD_REFUSED:
        buf_printf(b, "reload refused, the program that runs goes on: %.*s", STR_FMT(e->why));
        break;
    case SUPERVISOR_RELOAD_DONE:
        buf_printf(b, "reload done: generation %u serves", (unsigned)e->generation);
        break;
    case SUPERVISOR_REOPEN:
        BUF_LIT(b, "logs are opened anew");
        break;
    case SUPERVISOR_STOPPING:
        buf_printf(b, "stopping on %.*s; requests that run have %lld ms", STR_FMT(e->why), (long long)e->delay_ms);
        break;
    case SUPERVISOR_STOPPED:
        BUF_LIT(b, "stopped");
        break;
    case SUPERVISOR_FAILED:
        buf_str(b, e->why);
        if (e->error)
            buf_printf(b, ": %s", strerrordesc_np(e->error));
        break;
    }
    return !b->failed;
}
