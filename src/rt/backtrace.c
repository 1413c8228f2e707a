/* backtrace.c: taking backtraces, having them resolved by a child process, and showing them. */
#include <clef/rt/backtrace.h>

#include "rt/fiber.h"
#include "rt/loop.h"
#include "rt/symbols.h"
#include <clef/rt/file.h>
#include <clef/rt/io.h>
#include <clef/rt/path.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>

enum {
    ANSWER_MAX = 1 << 20,  /* bytes that the child may say */
    SOURCE_MAX = 4 << 20,  /* bytes of a source file */
    CHILD_STACK = 1 << 20, /* libdw was not written for the stack of a fiber */
    CHILD_SECONDS = 10,
    FIELDS = 8,
};
static const int64_t PATIENCE_NS = 5000000000;

/* ---- taking ---- */

typedef struct Walk {
    void **frames;
    size_t n, most, skip;
} Walk;

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *at, void *arg)
{
    Walk *w = arg;
    uintptr_t ip = _Unwind_GetIP(at);
    if (ip == 0 || w->n == w->most)
        return _URC_END_OF_STACK;
    if (w->skip)
        w->skip--;
    else
        w->frames[w->n++] = (void *)ip;
    return _URC_NO_REASON;
}

__attribute__((noinline)) size_t backtrace_capture(void **frames, size_t most, size_t skip)
{
    Walk w = { .frames = frames, .most = most, .skip = skip + 1 };
    _Unwind_Backtrace(on_frame, &w);
    return w.n;
}

/* ---- the child ---- */

typedef struct Task {
    Side here, there;
    void *const *frames;
    size_t n;
    int fd;
} Task;

static void child_main(void *arg)
{
    Task *t = arg;
    side_arrived(&t->there);
    symbols_write(t->fd, t->frames, t->n);
    _exit(0);
}

/* Only this thread is left in the child, and only what the C library mends after a fork may be used. */
static CLEF_NORETURN void run_child(int fd, void *const *frames, size_t n)
{
    for (int signal = 1; signal < NSIG; signal++)
        (void)sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)alarm(CHILD_SECONDS);
    /* Sockets among them: their other ends wait for the last holder to close them. */
    if (fd != STDIN_FILENO && dup2(fd, STDIN_FILENO) < 0)
        _exit(1);
    (void)close_range(STDERR_FILENO + 1, ~0u, 0);
    Task t = { .frames = frames, .n = n, .fd = STDIN_FILENO };
    char *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || CLEF_TSAN)
        child_main(&t);
    t.there.stack = stack;
    t.there.size = CHILD_STACK;
    machine_init(&t.there.machine, stack, CHILD_STACK, child_main, &t);
    side_switch(&t.here, &t.there, true);
    _exit(1);
}

/* ---- asking it ---- */

static ssize_t read_some(Io *io, char *p, size_t n, int64_t deadline)
{
    if (fiber_self())
        return io_read(io, p, n, deadline);
    for (;;) {
        int64_t left = (deadline - loop_clock()) / 1000000;
        struct pollfd wait = { .fd = io_fd(io), .events = POLLIN };
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return -errno;
        ssize_t got = ready < 0 ? -1 : read(io_fd(io), p, n);
        if (got >= 0)
            return got;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
}

/* What the child says of the addresses, in the arena; empty when it could say nothing. */
static Str ask(Arena *a, void *const *frames, size_t n)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return (Str){ 0 };
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run_child(ends[1], frames, n);
    }
    close(ends[1]);
    Io io;
    Buf b = BUF_INIT(NULL, ANSWER_MAX);
    bool ok = pid > 0 && io_adopt(&io, ends[0]) == 0;
    if (!ok)
        close(ends[0]);
    int64_t deadline = loop_clock() + PATIENCE_NS;
    while (ok && buf_reserve(&b, 4096)) {
        ssize_t got = read_some(&io, b.p + b.n, 4096, deadline);
        if (got <= 0)
            break;
        b.n += (size_t)got;
    }
    if (ok)
        io_close(&io);
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    char *p = b.n ? arena_try_alloc(a, b.n) : NULL;
    Str answer = { p, p ? b.n : 0 };
    if (p)
        memcpy(p, b.p, b.n);
    buf_finish(&b);
    return answer;
}

/* ---- reading its answer ---- */

static bool hex_to_u64(Str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0 || s.n > 16)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        v = v << 4 | (unsigned)digit;
    }
    *out = v;
    return true;
}

static bool parse_frame(Arena *a, Str line, void *const *frames, size_t n, Frame *f)
{
    Str field[FIELDS];
    for (size_t i = 0; i < FIELDS; i++)
        if (!str_cut(&line, '\t', &field[i]))
            return false;
    uint64_t at;
    int64_t number;
    *f = (Frame){ .module = field[4], .function = field[5], .inlined = str_eq(field[3], STR("1")) };
    if (!str_to_u64(field[0], &at) || at >= n || !hex_to_u64(field[1], &f->offset) || !str_to_i64(field[2], &number))
        return false;
    f->at = (size_t)at;
    f->pc = (uintptr_t)frames[at] - 1;
    f->line = number > 0 && number < INT32_MAX ? (int)number : 0;
    if (field[7].n)
        f->file = path_normalize(a, path_join(a, field[6], field[7]));
    return true;
}

typedef struct Sought {
    uintptr_t pc, start;
    const char *module;
} Sought;

static int holds(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    Sought *s = arg;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || s->pc - info->dlpi_addr - segment->p_vaddr >= segment->p_memsz)
            continue;
        s->start = info->dlpi_addr;
        s->module = info->dlpi_name;
        return 1;
    }
    return 0;
}

/* The program's own file; "" when it is not known. */
static Str own_file(Arena *a)
{
    enum { PATH = 4096 };
    char *path = arena_try_alloc(a, PATH);
    ssize_t n = path ? readlink("/proc/self/exe", path, PATH) : 0;
    return n > 0 ? (Str){ path, (size_t)n } : STR("");
}

/*
 * Without symbols: the names that the loader knows, and where in which file. A static program has no loader, but
 * segments.
 */
static void by_loader(Arena *a, void *frame, size_t at, Frame *f)
{
    Dl_info info;
    *f = (Frame){ .at = at, .pc = (uintptr_t)frame - 1 };
    if (dladdr((void *)f->pc, &info)) {
        f->module = str_c(info.dli_fname);
        f->offset = f->pc - (uintptr_t)info.dli_fbase;
        f->function = str_c(info.dli_sname);
        return;
    }
    Sought s = { .pc = f->pc };
    if (!dl_iterate_phdr(holds, &s))
        return;
    f->module = *s.module ? str_copy(a, str_c(s.module)) : own_file(a);
    f->offset = f->pc - s.start;
}

size_t backtrace_resolve(Arena *a, void *const *frames, size_t n, Frame **out)
{
    if (n > BACKTRACE_MAX)
        n = BACKTRACE_MAX;
    Str answer = n ? ask(a, frames, n) : (Str){ 0 }, line;
    size_t most = n;
    for (size_t i = 0; i < answer.n; i++)
        most += answer.p[i] == '\n';
    Frame *list = n ? arena_try_alloc(a, most * sizeof *list) : NULL;
    *out = list;
    if (!list)
        return 0;
    size_t count = 0, next = 0;
    while (answer.n && str_cut(&answer, '\n', &line)) {
        Frame f;
        if (!parse_frame(a, line, frames, n, &f))
            continue;
        for (; next < f.at; next++)
            by_loader(a, frames[next], next, &list[count++]);
        if (f.at + 1 < next)
            continue;
        list[count++] = f;
        next = f.at + 1;
    }
    for (; next < n; next++)
        by_loader(a, frames[next], next, &list[count++]);
    return count;
}

/* ---- showing ---- */

static bool put_frame(Buf *b, const Frame *f, size_t number)
{
    buf_printf(b, "  #%zu ", number);
    buf_printf(b, "0x%llx ", (unsigned long long)f->pc);
    if (f->function.n)
        buf_str(b, f->function);
    else
        BUF_LIT(b, "?");
    if (f->inlined)
        BUF_LIT(b, " (inlined)");
    if (f->file.n)
        return buf_printf(b, " at %.*s:%d\n", STR_FMT(f->file), f->line);
    if (f->module.n)
        return buf_printf(b, " in %.*s+0x%llx\n", STR_FMT(f->module), (unsigned long long)f->offset);
    return BUF_LIT(b, "\n");
}

bool backtrace_format(Buf *b, const Frame *frames, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)put_frame(b, &frames[i], frames[i].at);
    return !b->failed;
}

bool crash_format(Buf *b, const Crash *c, const Frame *frames, size_t n)
{
    buf_c(b, c->what);
    BUF_LIT(b, "\n");
    if (c->message.n) {
        buf_str(b, c->message);
        if (c->message.p[c->message.n - 1] != '\n')
            BUF_LIT(b, "\n");
    }
    bool gap = c->left_out > 0;
    for (size_t i = 0; i < n; i++) {
        size_t inner = CRASH_FRAMES_MAX * 3 / 4;
        if (gap && frames[i].at >= inner) {
            buf_printf(b, "  ... %zu more ...\n", c->left_out);
            gap = false;
        }
        (void)put_frame(b, &frames[i], frames[i].at + (frames[i].at >= inner ? c->left_out : 0));
    }
    return !b->failed;
}

size_t backtrace_source(Arena *a, const Frame *f, int around, SourceLine **out)
{
    *out = NULL;
    if (f->file.n == 0 || f->line < 1 || around < 0)
        return 0;
    Str text, line;
    if (file_read(a, str_dup_c(a, f->file), SOURCE_MAX, &text) < 0)
        return 0;
    int64_t from = f->line > around ? (int64_t)f->line - around : 1, to = (int64_t)f->line + around;
    int64_t number = 0;
    size_t n = 0;
    SourceLine *lines = NULL;
    bool found = false;
    while (number < to && text.n && str_cut(&text, '\n', &line)) {
        if (++number < from)
            continue;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        lines = arena_grow(a, lines, n * sizeof *lines, (n + 1) * sizeof *lines);
        lines[n++] = (SourceLine){ .number = (int)number, .text = line };
        found |= number == f->line;
    }
    *out = found ? lines : NULL;
    return found ? n : 0;
}
