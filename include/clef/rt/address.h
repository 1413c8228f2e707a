/*
 * address.h: where a socket is: TCP over IPv4 or IPv6, or a unix socket. Text forms, the same for reading and writing:
 *
 *     127.0.0.1:8000     [::1]:8000     [fe80::1%eth0]:8000     :8000 (every address)     unix:/run/site.sock     unix:@abstract
 *
 * Only numbers here; names are looked up by address_resolve, which waits.
 */
#ifndef CLEF_RT_ADDRESS_H
#define CLEF_RT_ADDRESS_H

#include <clef/base/buf.h>
#include <clef/base/str.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct Address {
    socklen_t n; /* bytes of the union that count; 0: no address */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    };
} Address;

enum { ADDRESS_TEXT_MAX = 128 }; /* the longest text of an address, without its NUL */

/*
 * False, and *out untouched, for anything but the forms above: a port is 0 to 65535 in decimal digits, an IPv6 address
 * stands in brackets, a path has 1 to 107 bytes, none of them NUL.
 */
CLEF_API(bool, address_parse, Str text, Address *out) CLEF_MUST_USE;
/* Appends the text; "unix:" for a unix socket without a name, nothing when there is no address. */
CLEF_API(bool, address_format, Buf *b, const Address *a);
/*
 * Appends the host alone, as in REMOTE_ADDR: no port, no brackets; nothing for a unix socket. An IPv4 address mapped
 * into IPv6 comes as IPv4.
 */
CLEF_API(bool, address_host, Buf *b, const Address *a);
/* 0 for a unix socket. */
CLEF_API(uint16_t, address_port, const Address *a);
CLEF_API(bool, address_eq, const Address *a, const Address *b);

typedef struct ListenOptions {
    int backlog;        /* 0: 4,096; the kernel's net.core.somaxconn cuts it */
    bool no_reuse_port; /* TCP: SO_REUSEPORT is set unless this is */
    bool dual_stack;    /* TCP over IPv6: take IPv4 too */
    unsigned mode;      /* unix: permission bits of the file; 0: as the umask says */
    int defer_accept;   /* TCP: seconds that the kernel may keep a connection until its first byte has come; 0: off */
} ListenOptions;

/*
 * A listening socket, nonblocking and closed on exec; its descriptor or -errno. Options may be NULL. A unix socket's
 * file that nobody listens at any more is replaced; one that somebody listens at, or that is no socket, is -EADDRINUSE.
 */
CLEF_API(int, address_listen, const Address *a, const ListenOptions *options) CLEF_MUST_USE;
/* Where a socket listens (the port that 0 became), or who it is connected to. 0 or -errno. */
CLEF_API(int, address_of_socket, int fd, Address *out) CLEF_MUST_USE;
CLEF_API(int, address_of_peer, int fd, Address *out) CLEF_MUST_USE;

/*
 * The TCP addresses of a host (a name, or a number without brackets), at most `max`, in the resolver's order. How many, or
 * -errno: -ENOENT no such name, -EAGAIN the name server did not answer or the pool is full, -EINVAL a bad name. The calling
 * fiber waits; the resolver's own time limits (resolv.conf) apply.
 */
CLEF_API(int, address_resolve, Str host, uint16_t port, Address *out, size_t max) CLEF_MUST_USE;

#endif
