/*
 * stream.h: a connection with buffers, whatever carries it. A Stream reads and writes through a small table of functions: a
 * plain socket here, TLS in the net domain, memory in a test. What sits on it (an HTTP client, a database driver) does
 * not know which. The buffers are the owner's memory; nothing is allocated.
 *
 * All calls wait by the stream's deadline (monotonic nanoseconds; 0: none), which the owner sets before an exchange.
 * Outcomes are negative errno as in io.h, and -ENODATA when the stream ended too early, -ENOBUFS when what is looked for is
 * longer than the buffer. The first failure of a write is kept: later writes and flushes return it again.
 */
#ifndef CLEF_RT_STREAM_H
#define CLEF_RT_STREAM_H

#include <clef/rt/io.h>

typedef struct Stream Stream;

typedef struct StreamOps {
    /* 1 to n bytes; 0 at the end; -errno. n is not 0. */
    ssize_t (*read)(Stream *s, void *p, size_t n);
    /* All of the pieces: 0 or -errno. May change the array. */
    int (*write)(Stream *s, struct iovec *pieces, size_t count);
    /* Tells the peer that nothing more comes; reading goes on. 0 or -errno. */
    int (*shutdown)(Stream *s);
    void (*close)(Stream *s);
} StreamOps;

struct Stream {
    const StreamOps *ops;
    int64_t deadline_ns; /* the owner's to set */
    char *in;            /* private: what was read and not used lies from in_at to in_end */
    size_t in_at, in_end, in_cap;
    char *out; /* private: what is not written yet */
    size_t out_n, out_cap;
    int write_error; /* private */
    bool ended;      /* read-only: the peer has ended the stream */
};

/* A stream over a plain descriptor: `io` is the transport of &s->stream. */
typedef struct IoStream {
    Stream stream;
    Io io;
} IoStream;

/* `room` of n bytes is split: three quarters for reading, one for writing. n is at least 64. */
CLEF_API(void, stream_init, Stream *s, const StreamOps *ops, void *room, size_t n);
/* Over s->io, which the caller has opened or opens later (io_connect). */
CLEF_API(void, iostream_init, IoStream *s, void *room, size_t n);

/* What is buffered; valid until the next read. Then how much of it was used. */
static inline Str stream_peek(const Stream *s) { return (Str){ s->in + s->in_at, s->in_end - s->in_at }; }
CLEF_API(void, stream_consume, Stream *s, size_t n);
/* Reads more behind what is buffered, once: how many bytes came, 0 at the end, -ENOBUFS when the buffer is full. */
CLEF_API(ssize_t, stream_fill, Stream *s) CLEF_MUST_USE;

/* 1 to n bytes, 0 at the end. */
CLEF_API(ssize_t, stream_read, Stream *s, void *p, size_t n) CLEF_MUST_USE;
/* Exactly n bytes: 0. */
CLEF_API(int, stream_read_all, Stream *s, void *p, size_t n) CLEF_MUST_USE;
/* The bytes up to `end`, and past it, are consumed: 0 and a view without `end`, valid until the next read. */
CLEF_API(int, stream_read_until, Stream *s, Str end, Str *out) CLEF_MUST_USE;

/* Buffers, and writes when the buffer is full; a large piece goes out together with the buffer, without a copy. */
CLEF_API(int, stream_write, Stream *s, const void *p, size_t n) CLEF_MUST_USE;
CLEF_API(int, stream_flush, Stream *s) CLEF_MUST_USE;
/* Flushes, then ends the stream in this direction. */
CLEF_API(int, stream_shutdown, Stream *s) CLEF_MUST_USE;
/* Without a flush. */
CLEF_API(void, stream_close, Stream *s);

#endif
