/* tls_stream.c: a TLS connection as a Stream. */
#include "rt/tls.h"
#include <clef/base/assert.h>

#include <errno.h>
#include <sys/epoll.h>

static TlsStream *tls_of(Stream *s) { return CLEF_CONTAINER(s, TlsStream, stream); }

/*
 * After an outcome of the connection: 0 when the call is to be made again, else the outcome. A reader whose own bytes
 * (the answer to a key update) wait for the socket is not held up by that: they leave with the next call.
 */
static int again(TlsStream *s, ssize_t result, uint32_t events)
{
    if (result != -EAGAIN) {
        s->reason = tls_reason(s->tls);
        return (int)result;
    }
    int came = io_wait(s->io, events, s->stream.deadline_ns);
    return came < 0 ? came : 0;
}

static ssize_t tls_stream_read(Stream *stream, void *p, size_t n)
{
    TlsStream *s = tls_of(stream);
    for (;;) {
        if (!s->tls)
            return -EBADF;
        ssize_t got = tls_recv(s->tls, p, n, NULL);
        if (got >= 0)
            return got;
        int error = again(s, got, EPOLLIN);
        if (error)
            return error;
    }
}

static int tls_stream_write(Stream *stream, struct iovec *pieces, size_t count)
{
    TlsStream *s = tls_of(stream);
    for (size_t i = 0; i < count;) {
        if (!s->tls)
            return -EBADF;
        ssize_t sent = tls_writev(s->tls, pieces + i, count - i);
        if (sent < 0) {
            int error = again(s, sent, EPOLLOUT);
            if (error)
                return error;
            continue;
        }
        for (; i < count && (size_t)sent >= pieces[i].iov_len; i++)
            sent -= (ssize_t)pieces[i].iov_len;
        if (i < count) {
            pieces[i].iov_base = (char *)pieces[i].iov_base + sent;
            pieces[i].iov_len -= (size_t)sent;
        }
    }
    return 0;
}

static int tls_stream_shutdown(Stream *stream)
{
    TlsStream *s = tls_of(stream);
    for (;;) {
        if (!s->tls)
            return -EBADF;
        int result = tls_end(s->tls);
        if (result == 0)
            return io_shutdown(s->io, SHUT_WR);
        int error = again(s, result, EPOLLOUT);
        if (error)
            return error;
    }
}

static void tls_stream_close(Stream *stream)
{
    TlsStream *s = tls_of(stream);
    tls_close(s->tls);
    s->tls = NULL;
    io_close(s->io);
}

static const StreamOps tls_ops = {
    .read = tls_stream_read, .write = tls_stream_write, .shutdown = tls_stream_shutdown, .close = tls_stream_close
};

static int begin(TlsStream *s, Io *io, Tls *tls, void *room, size_t n, int64_t deadline_ns)
{
    stream_init(&s->stream, &tls_ops, room, n);
    s->stream.deadline_ns = deadline_ns;
    s->io = io;
    s->tls = tls;
    s->reason = "";
    int error = tls ? 0 : -ENOMEM;
    while (error == 0) {
        int result = tls_handshake(tls);
        if (result == 0)
            return 0;
        bool writes = result == -EAGAIN && tls_flush(tls) == -EAGAIN;
        error = again(s, result, writes ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
    tls_stream_close(&s->stream);
    return error;
}

int tlsstream_connect(TlsStream *s, Io *io, TlsContext *cx, Str host, void *room, size_t n, int64_t deadline_ns)
{
    return begin(s, io, tls_connect(cx, io_fd(io), host), room, n, deadline_ns);
}

int tlsstream_accept(TlsStream *s, Io *io, TlsContext *cx, void *room, size_t n, int64_t deadline_ns)
{
    return begin(s, io, tls_accept(cx, io_fd(io)), room, n, deadline_ns);
}
