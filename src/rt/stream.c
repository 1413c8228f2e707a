/* stream.c: buffered streams, and the one over a plain descriptor. The contract is in <clef/rt/stream.h>. */
#include <clef/base/assert.h>
#include <clef/rt/stream.h>

#include <errno.h>

static Io *io_of(Stream *s) { return &CLEF_CONTAINER(s, IoStream, stream)->io; }

static ssize_t plain_read(Stream *s, void *p, size_t n) { return io_read(io_of(s), p, n, s->deadline_ns); }
static int plain_write(Stream *s, struct iovec *pieces, size_t count)
{
    return io_writev(io_of(s), pieces, count, s->deadline_ns);
}
static int plain_shutdown(Stream *s) { return io_shutdown(io_of(s), SHUT_WR); }
static void plain_close(Stream *s) { io_close(io_of(s)); }

static const StreamOps plain = {
    .read = plain_read, .write = plain_write, .shutdown = plain_shutdown, .close = plain_close
};

void stream_init(Stream *s, const StreamOps *ops, void *room, size_t n)
{
    ASSERT(n >= 64);
    size_t out = n / 4;
    *s = (Stream){ .ops = ops, .in = room, .in_cap = n - out, .out = (char *)room + (n - out), .out_cap = out };
}

void iostream_init(IoStream *s, void *room, size_t n)
{
    stream_init(&s->stream, &plain, room, n);
    io_init(&s->io, -1);
}

void stream_consume(Stream *s, size_t n)
{
    ASSERT(n <= s->in_end - s->in_at);
    s->in_at += n;
    if (s->in_at == s->in_end)
        s->in_at = s->in_end = 0;
}

static ssize_t read_into(Stream *s, void *p, size_t n)
{
    if (s->ended)
        return 0;
    ssize_t got = s->ops->read(s, p, n);
    s->ended = got == 0;
    return got;
}

ssize_t stream_fill(Stream *s)
{
    if (s->in_at == s->in_end)
        s->in_at = s->in_end = 0;
    if (s->in_end == s->in_cap && s->in_at) {
        memmove(s->in, s->in + s->in_at, s->in_end - s->in_at);
        s->in_end -= s->in_at;
        s->in_at = 0;
    }
    if (s->in_end == s->in_cap)
        return -ENOBUFS;
    ssize_t got = read_into(s, s->in + s->in_end, s->in_cap - s->in_end);
    if (got > 0)
        s->in_end += (size_t)got;
    return got;
}

ssize_t stream_read(Stream *s, void *p, size_t n)
{
    if (n == 0)
        return 0;
    if (s->in_at == s->in_end) {
        if (n >= s->in_cap)
            return read_into(s, p, n);
        ssize_t got = stream_fill(s);
        if (got <= 0)
            return got;
    }
    size_t part = s->in_end - s->in_at < n ? s->in_end - s->in_at : n;
    memcpy(p, s->in + s->in_at, part);
    stream_consume(s, part);
    return (ssize_t)part;
}

int stream_read_all(Stream *s, void *p, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = stream_read(s, (char *)p + done, n - done);
        if (got <= 0)
            return got < 0 ? (int)got : -ENODATA;
        done += (size_t)got;
    }
    return 0;
}

int stream_read_until(Stream *s, Str end, Str *out)
{
    ASSERT(end.n > 0);
    for (size_t seen = 0;;) {
        Str have = stream_peek(s);
        size_t from = seen >= end.n ? seen - end.n + 1 : 0;
        size_t at = str_find(str_from_byte(have, from), end);
        if (at != STR_NPOS) {
            *out = str_slice(have, 0, from + at);
            s->in_at += from + at + end.n; /* the view stays where it is until the next read */
            return 0;
        }
        seen = have.n;
        ssize_t got = stream_fill(s);
        if (got <= 0)
            return got < 0 ? (int)got : -ENODATA;
    }
}

/* Writes the buffer and then p; both are gone when it returns, one way or the other. */
static int write_out(Stream *s, const void *p, size_t n)
{
    struct iovec pieces[2] = { { s->out, s->out_n }, { (void *)(uintptr_t)p, n } };
    size_t skip = s->out_n == 0;
    s->out_n = 0;
    s->write_error = s->ops->write(s, pieces + skip, (n ? 2 : 1) - skip);
    return s->write_error;
}

int stream_write(Stream *s, const void *p, size_t n)
{
    if (s->write_error)
        return s->write_error;
    if (n > s->out_cap - s->out_n) {
        if (n >= s->out_cap)
            return write_out(s, p, n);
        int error = write_out(s, NULL, 0);
        if (error)
            return error;
    }
    if (n)
        memcpy(s->out + s->out_n, p, n);
    s->out_n += n;
    return 0;
}

int stream_flush(Stream *s)
{
    if (s->write_error || s->out_n == 0)
        return s->write_error;
    return write_out(s, NULL, 0);
}

int stream_shutdown(Stream *s)
{
    int error = stream_flush(s);
    return error ? error : s->ops->shutdown(s);
}

void stream_close(Stream *s) { s->ops->close(s); }
