/* crash_text.c: what a crash was, in words, and a trace that needs nothing but write(2). */
#include "rt/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <ucontext.h>
#include <unistd.h>

void raw_add(RawText *t, const char *p, size_t n)
{
    if (t->cap == 0)
        return;
    size_t room = t->cap - 1 - t->n;
    if (n > room)
        n = room;
    for (size_t i = 0; i < n; i++)
        t->p[t->n++] = p[i];
    t->p[t->n] = 0;
}

void raw_str(RawText *t, const char *s) { raw_add(t, s, strlen(s)); }

static void number(RawText *t, uint64_t v, unsigned base)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = "0123456789abcdef"[v % base];
    while (v /= base);
    raw_add(t, digits + at, sizeof digits - at);
}

void raw_u64(RawText *t, uint64_t v) { number(t, v, 10); }

void raw_hex(RawText *t, uint64_t v)
{
    raw_str(t, "0x");
    number(t, v, 16);
}

void raw_write(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            p += written;
            n -= (size_t)written;
        }
    }
}

static const struct {
    int number;
    const char *name;
} signals[] = {
    { SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },   { SIGFPE, "SIGFPE" },
    { SIGILL, "SIGILL" },   { SIGABRT, "SIGABRT" }, { SIGALRM, "SIGALRM" },
};

void raw_signal(RawText *t, int signal)
{
    for (size_t i = 0; i < CLEF_COUNT(signals); i++)
        if (signals[i].number == signal) {
            raw_str(t, signals[i].name);
            return;
        }
    raw_str(t, "signal ");
    raw_u64(t, (unsigned)signal);
}

/* Whether the access that failed was a write; -1: the machine does not say. */
static int was_write(const void *context)
{
#if defined(__x86_64__)
    const ucontext_t *u = context;
    return u->uc_mcontext.gregs[REG_TRAPNO] == 14 ? (u->uc_mcontext.gregs[REG_ERR] >> 1 & 1) : -1;
#else
    (void)context;
    return -1;
#endif
}

static const char *reason(int signal, int code)
{
    switch (signal) {
    case SIGSEGV:
        return code == SEGV_MAPERR ? ", where no memory is" : code == SEGV_ACCERR ? ", which is protected" : "";
    case SIGBUS:
        return code == BUS_ADRALN   ? ", which is not aligned"
               : code == BUS_ADRERR ? ", past the end of the mapped file"
                                    : "";
    case SIGFPE:
        return code == FPE_INTDIV   ? "integer division by zero, or its result does not fit"
               : code == FPE_INTOVF ? "integer overflow"
                                    : "arithmetic error";
    case SIGILL:
        return "illegal instruction";
    default:
        return "aborted";
    }
}

void crash_describe(Crash *c, int signal, const siginfo_t *info, const void *context, const Fiber *fiber)
{
    bool access = signal == SIGSEGV || signal == SIGBUS;
    RawText t = RAW_TEXT(c->what);
    c->signal = signal;
    if (info->si_code > 0 && signal != SIGABRT)
        c->address = info->si_addr;
    const char *at = c->address, *low = NULL;
    raw_signal(&t, signal);
    raw_str(&t, ": ");
    if (info->si_code <= 0 && signal != SIGABRT) {
        raw_str(&t, "sent by process ");
        raw_u64(&t, (unsigned)info->si_pid);
        return;
    }
    if (access && fiber) {
        size_t size = fiber_stack_bounds(fiber, &low);
        if (at < low && at >= low - fiber_guard_size()) {
            c->stack_overflow = true;
            raw_str(&t, "stack overflow: the ");
            raw_u64(&t, size >> 10);
            raw_str(&t, " KiB of the fiber's stack are used up, at ");
            raw_hex(&t, (uintptr_t)at);
            return;
        }
    }
    if (access && info->si_code == SI_KERNEL) {
        raw_str(&t, "access at an address that cannot be");
        return;
    }
    if (access) {
        int write = was_write(context);
        raw_str(&t, write < 0 ? "access at " : write ? "write at " : "read at ");
        raw_hex(&t, (uintptr_t)at);
    }
    raw_str(&t, reason(signal, info->si_code));
}

/* ---- where an address is, by /proc/self/maps ---- */

typedef struct MapsReader {
    int fd;
    size_t at, n;
    char buffer[1024];
} MapsReader;

static int next_byte(MapsReader *r)
{
    if (r->at == r->n) {
        ssize_t got;
        do
            got = read(r->fd, r->buffer, sizeof r->buffer);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            return -1;
        r->n = (size_t)got;
        r->at = 0;
    }
    return (unsigned char)r->buffer[r->at++];
}

/* A hexadecimal number, and the byte behind it. */
static uint64_t next_hex(MapsReader *r, int *behind)
{
    uint64_t v = 0;
    int c;
    while ((c = next_byte(r)) >= 0) {
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            break;
        v = v << 4 | (unsigned)digit;
    }
    *behind = c;
    return v;
}

/* " path+0x123": the place as the file's own addresses count, of the first mapping of that file. */
static void put_place(RawText *t, uintptr_t pc)
{
    MapsReader r = { .fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC) };
    if (r.fd < 0)
        return;
    char path[256], last[256] = "";
    uint64_t base = 0;
    for (int c = 0; c >= 0;) {
        uint64_t from = next_hex(&r, &c), to = next_hex(&r, &c);
        while ((c = next_byte(&r)) >= 0 && c != ' ') /* permissions */
            ;
        uint64_t offset = next_hex(&r, &c);
        for (int fields = 0; fields < 2 && c >= 0; fields += c == ' ') /* device, inode */
            c = next_byte(&r);
        RawText name = RAW_TEXT(path);
        path[0] = 0;
        while ((c = next_byte(&r)) >= 0 && c != '\n') {
            char byte = (char)c;
            if (byte != ' ' || name.n)
                raw_add(&name, &byte, 1);
        }
        if (strcmp(path, last) != 0 || offset == 0) {
            base = from - offset;
            RawText copy = RAW_TEXT(last);
            raw_add(&copy, path, name.n);
        }
        if (pc >= from && pc < to) {
            raw_str(t, " ");
            raw_str(t, path[0] ? path : "?");
            raw_str(t, "+");
            raw_hex(t, pc - base);
            break;
        }
    }
    close(r.fd);
}

void crash_write_raw(int fd, const Crash *c)
{
    char line[512];
    RawText t = RAW_TEXT(line);
    raw_str(&t, "clef: crash: ");
    raw_str(&t, c->what);
    raw_str(&t, "\n");
    raw_write(fd, t.p, t.n);
    if (c->message.n) {
        raw_write(fd, c->message.p, c->message.n);
        if (c->message.p[c->message.n - 1] != '\n')
            raw_write(fd, "\n", 1);
    }
    for (size_t i = 0; i < c->nframes; i++) {
        if (c->left_out && i == CRASH_FRAMES_MAX * 3 / 4) {
            t.n = 0;
            raw_str(&t, "  ... ");
            raw_u64(&t, c->left_out);
            raw_str(&t, " more ...\n");
            raw_write(fd, t.p, t.n);
        }
        uintptr_t pc = (uintptr_t)c->frames[i] - 1;
        t.n = 0;
        raw_str(&t, "  #");
        raw_u64(&t, i + (i >= CRASH_FRAMES_MAX * 3 / 4 ? c->left_out : 0));
        raw_str(&t, " ");
        raw_hex(&t, pc);
        put_place(&t, pc);
        raw_str(&t, "\n");
        raw_write(fd, t.p, t.n);
    }
}
