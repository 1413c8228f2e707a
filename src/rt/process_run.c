/* process_run.c: a program from its start to its end: what it reads and writes is moved by a fiber for each stream. */
#include <clef/rt/fiber.h>
#include <clef/rt/process.h>
#include <clef/rt/sync.h>

#include <clef/base/buf.h>
#include <errno.h>
#include <signal.h>

enum { PIECE = 16 << 10, OUTPUT_MAX = 1 << 20 };

typedef struct Running {
    Process process;
    const ProcessRun *o;
    Group streams;
    int error; /* the first */
} Running;

/* On the heap: a fiber that only helps may not be left by the limit of somebody's arena. */
typedef struct Output {
    Running *r;
    Io *io;
    Buf text;
} Output;

static void fail(Running *r, int error)
{
    if (!r->error)
        r->error = error;
    (void)process_kill(&r->process, SIGKILL);
}

static void read_output(void *arg)
{
    Output *o = arg;
    Running *r = o->r;
    for (;;) {
        char more;
        size_t left = o->text.max - o->text.n, piece = left < PIECE ? left : PIECE;
        if (piece && !buf_reserve(&o->text, piece)) {
            fail(r, -ENOMEM);
            break;
        }
        /* A full buffer may be all of it: only another byte tells. */
        ssize_t n = io_read(o->io, piece ? o->text.p + o->text.n : &more, piece ? piece : 1, r->o->deadline_ns);
        if (n <= 0) {
            if (n < 0)
                fail(r, (int)n);
            break;
        }
        if (!piece) {
            fail(r, -ENOBUFS);
            break;
        }
        o->text.n += (size_t)n;
    }
    io_close(o->io);
    group_done(&r->streams);
}

/* Who does not want to read all of its input is not wrong, nor who ended before it was written. */
static void write_input(void *arg)
{
    Running *r = arg;
    int error = io_write(&r->process.in, r->o->input.p, r->o->input.n, r->o->deadline_ns);
    if (error < 0 && error != -EPIPE && error != -ECANCELED)
        fail(r, error);
    io_close(&r->process.in);
    group_done(&r->streams);
}

static void start(Running *r, FiberFn *fn, void *arg)
{
    group_add(&r->streams, 1);
    if (fiber_start(loop_current(), fn, arg))
        return;
    group_done(&r->streams);
    fail(r, -errno);
}

/* The bytes in the arena; false when it has no room. */
static bool keep(Arena *a, Buf *text, Str *out)
{
    char *p = arena_try_alloc(a, text->n + 1);
    if (p) {
        if (text->n)
            memcpy(p, text->p, text->n);
        p[text->n] = 0;
        *out = (Str){ p, text->n };
    }
    buf_finish(text);
    return p != NULL;
}

int process_run(Arena *a, const char *const *argv, const ProcessRun *options, ProcessResult *result)
{
    static const ProcessRun none;
    Running r = { .o = options ? options : &none };
    size_t max = r.o->output_max ? r.o->output_max : OUTPUT_MAX;
    Output out = { .r = &r, .io = &r.process.out, .text = BUF_INIT(NULL, max) };
    Output err = { .r = &r, .io = &r.process.err, .text = BUF_INIT(NULL, max) };
    ProcessOptions o = { .directory = r.o->directory,
                         .environment = r.o->environment,
                         .in.kind = r.o->input.n ? PROCESS_PIPE : PROCESS_NULL,
                         .out.kind = PROCESS_PIPE,
                         .err.kind = r.o->merge ? PROCESS_TO_OUT : PROCESS_PIPE,
                         .own_group = true };
    *result = (ProcessResult){ .code = -1 };
    int error = process_spawn(&r.process, argv, &o);
    if (error < 0)
        return error;
    start(&r, read_output, &out);
    if (!r.o->merge)
        start(&r, read_output, &err);
    if (r.o->input.n)
        start(&r, write_input, &r);
    error = process_wait(&r.process, r.o->deadline_ns);
    if (error < 0)
        fail(&r, error);
    while (process_wait(&r.process, 0) != 0)
        ;
    /* A child that has ended reads no more, and what it was sent may never be taken. */
    io_close(&r.process.in);
    (void)group_wait(&r.streams, 0);
    process_close(&r.process);
    result->code = r.process.code;
    result->signal = r.process.signal;
    bool kept = keep(a, &out.text, &result->out);
    kept &= keep(a, &err.text, &result->err);
    return r.error ? r.error : kept ? 0 : -ENOMEM;
}
