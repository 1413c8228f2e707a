/*
 * io.h: descriptors that a fiber may wait for. An Io is a nonblocking descriptor in its owner's memory. Every call
 * tries the system call first and waits only when it must; the descriptor is registered with the loop once, at its
 * first wait, and stays so until io_close, so a connection costs at most one registration.
 *
 * Outcomes are those of the system calls as negative errno, and:
 *
 *     -ETIMEDOUT   the deadline passed (monotonic nanoseconds, see loop_now; 0: none)
 *     -ECANCELED   io_close was called by another fiber meanwhile
 *
 * Nothing here raises SIGPIPE: a peer that has gone is -EPIPE or -ECONNRESET. One fiber may read while another writes;
 * two that read, or two that write, the same Io at the same time are a bug. An Io must not be moved in memory once it
 * has waited.
 */
#ifndef CLEF_RT_IO_H
#define CLEF_RT_IO_H

#include <clef/rt/address.h>
#include <clef/rt/loop.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct Io {
    Watcher watcher;       /* read-only: .fd, -1 when closed */
    Loop *loop;            /* private */
    struct IoWait *reader; /* private */
    struct IoWait *writer; /* private */
    bool watched;          /* private */
    bool plain;            /* private: no socket */
} Io;

/* Takes a descriptor over, as it is. */
CLEF_API(void, io_init, Io *io, int fd);
/* The same, made nonblocking and closed on exec first; 0 or -errno. */
CLEF_API(int, io_adopt, Io *io, int fd) CLEF_MUST_USE;
static inline int io_fd(const Io *io) { return io->watcher.fd; }

/* Connects a new socket (TCP with TCP_NODELAY). 0 or -errno; on failure *io is closed already. */
CLEF_API(int, io_connect, Io *io, const Address *to, int64_t deadline_ns) CLEF_MUST_USE;
/*
 * Looks the host up (a number is taken as it is) and connects to the first of its addresses that answers, the time that is
 * left shared among those not yet tried. 0, the last address's -errno, or the look-up's.
 */
CLEF_API(int, io_connect_host, Io *io, Str host, uint16_t port, int64_t deadline_ns) CLEF_MUST_USE;

/*
 * The next connection of a listening socket: its descriptor, nonblocking and closed on exec, or -errno. Connections that
 * broke while they queued are passed over. `peer` may be NULL.
 */
CLEF_API(int, io_accept, Io *listener, Address *peer, int64_t deadline_ns) CLEF_MUST_USE;

/* At least one byte and at most n; 0 at the end of the stream (or when n is 0). */
CLEF_API(ssize_t, io_read, Io *io, void *p, size_t n, int64_t deadline_ns) CLEF_MUST_USE;
/* All n bytes: 0, or -errno when some may have been written. */
CLEF_API(int, io_write, Io *io, const void *p, size_t n, int64_t deadline_ns) CLEF_MUST_USE;
/* All of the pieces. The array is used up: on failure it says what is left. */
CLEF_API(int, io_writev, Io *io, struct iovec *pieces, size_t count, int64_t deadline_ns) CLEF_MUST_USE;

/*
 * Waits until the descriptor can be read (EPOLLIN) or written (EPOLLOUT), or has failed: the events that hold now,
 * never 0, or
 * -errno. For libraries that do their own reading; whether they left bytes unread does not matter. io_wait_fd is for
 * a descriptor without an Io; it registers and unregisters it each time.
 */
CLEF_API(int, io_wait, Io *io, uint32_t events, int64_t deadline_ns) CLEF_MUST_USE;
CLEF_API(int, io_wait_fd, int fd, uint32_t events, int64_t deadline_ns) CLEF_MUST_USE;

/* As shutdown(2): SHUT_RD, SHUT_WR, SHUT_RDWR. 0 or -errno. */
CLEF_API(int, io_shutdown, Io *io, int how);
/* Closes the descriptor; who waits for it is woken with -ECANCELED. Nothing when it is closed already. */
CLEF_API(void, io_close, Io *io);

#endif
