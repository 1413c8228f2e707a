/* address.c: socket addresses as text, and looking names up. The contract is in <clef/rt/address.h>. */
#define _GNU_SOURCE
#include <clef/base/assert.h>
#include <clef/rt/address.h>
#include <clef/rt/pool.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>

enum { HOST_MAX = 253 }; /* RFC 1035 2.3.4, without the root's dot */

static bool parse_port(Str s, uint16_t *port)
{
    if (s.n < 1 || s.n > 5)
        return false;
    unsigned v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s.p[i] - '0');
    }
    *port = (uint16_t)v;
    return v <= 65535;
}

static bool parse_unix(Str path, Address *out)
{
    if (path.n < 1 || path.n >= sizeof out->local.sun_path || memchr(path.p, 0, path.n))
        return false;
    *out = (Address){ .local.sun_family = AF_UNIX };
    memcpy(out->local.sun_path, path.p, path.n);
    if (path.p[0] == '@') { /* a name of the kernel's own: a NUL first, and no NUL at its end */
        out->local.sun_path[0] = 0;
        out->n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
    } else {
        out->n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n + 1);
    }
    return true;
}

static bool c_text(char *to, size_t room, Str s)
{
    if (s.n >= room || memchr(s.p, 0, s.n))
        return false;
    memcpy(to, s.p, s.n);
    to[s.n] = 0;
    return true;
}

static bool parse_v6(Str host, uint16_t port, Address *out)
{
    char text[INET6_ADDRSTRLEN], zone[IF_NAMESIZE];
    Address a = { .n = sizeof a.v6, .v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) } };
    size_t percent = str_find_byte(host, '%');
    if (percent != STR_NPOS) {
        if (!c_text(zone, sizeof zone, str_from_byte(host, percent + 1)) || !zone[0])
            return false;
        if (!(a.v6.sin6_scope_id = if_nametoindex(zone)))
            return false;
        host.n = percent;
    }
    if (!c_text(text, sizeof text, host) || inet_pton(AF_INET6, text, &a.v6.sin6_addr) != 1)
        return false;
    *out = a;
    return true;
}

static bool parse_v4(Str host, uint16_t port, Address *out)
{
    char text[INET_ADDRSTRLEN];
    Address a = { .n = sizeof a.v4, .v4 = { .sin_family = AF_INET, .sin_port = htons(port) } };
    if (host.n && (!c_text(text, sizeof text, host) || inet_pton(AF_INET, text, &a.v4.sin_addr) != 1))
        return false;
    *out = a;
    return true;
}

bool address_parse(Str text, Address *out)
{
    if (str_starts(text, STR("unix:")))
        return parse_unix(str_from_byte(text, 5), out);
    uint16_t port;
    size_t colon = str_rfind_byte(text, ':');
    if (colon == STR_NPOS || !parse_port(str_from_byte(text, colon + 1), &port))
        return false;
    Str host = str_slice(text, 0, colon);
    if (str_starts(host, STR("[")))
        return str_ends(host, STR("]")) && parse_v6(str_slice(host, 1, host.n - 1), port, out);
    return parse_v4(host, port, out);
}

/* Writes the host of a TCP address; how long it is. `bare`: as a peer is called, mapped IPv4 unmapped. */
static size_t host_text(const Address *a, char *text, size_t room, bool bare)
{
    text[0] = 0;
    if (a->n == 0)
        return 0;
    if (a->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a->v4.sin_addr, text, (socklen_t)room);
    } else if (a->any.sa_family == AF_INET6) {
        if (bare && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr)) {
            inet_ntop(AF_INET, &a->v6.sin6_addr.s6_addr[12], text, (socklen_t)room);
            return strlen(text);
        }
        inet_ntop(AF_INET6, &a->v6.sin6_addr, text, (socklen_t)room);
        size_t n = strlen(text);
        if (a->v6.sin6_scope_id && room - n > IF_NAMESIZE + 1 && if_indextoname(a->v6.sin6_scope_id, text + n + 1))
            text[n] = '%';
    }
    return strlen(text);
}

enum { HOST_TEXT = INET6_ADDRSTRLEN + IF_NAMESIZE + 2 };

bool address_format(Buf *b, const Address *a)
{
    if (a->n == 0)
        return true;
    if (a->any.sa_family == AF_UNIX) {
        size_t head = offsetof(struct sockaddr_un, sun_path), n = a->n > head ? a->n - head : 0;
        const char *path = a->local.sun_path;
        if (!BUF_LIT(b, "unix:"))
            return false;
        if (n && path[0] == 0)
            return buf_byte(b, '@') && buf_add(b, path + 1, n - 1);
        return buf_add(b, path, strnlen(path, n));
    }
    char text[HOST_TEXT];
    size_t n = host_text(a, text, sizeof text, false);
    if (a->any.sa_family == AF_INET6)
        return buf_byte(b, '[') && buf_add(b, text, n) && BUF_LIT(b, "]:") && buf_u64(b, address_port(a));
    return buf_add(b, text, n) && buf_byte(b, ':') && buf_u64(b, address_port(a));
}

bool address_host(Buf *b, const Address *a)
{
    char text[HOST_TEXT];
    return buf_add(b, text, host_text(a, text, sizeof text, true));
}

uint16_t address_port(const Address *a)
{
    if (a->n && a->any.sa_family == AF_INET)
        return ntohs(a->v4.sin_port);
    return a->n && a->any.sa_family == AF_INET6 ? ntohs(a->v6.sin6_port) : 0;
}

bool address_eq(const Address *a, const Address *b)
{
    if (a->n == 0 || b->n == 0)
        return a->n == b->n;
    if (a->any.sa_family != b->any.sa_family)
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    if (a->any.sa_family == AF_INET6)
        return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
               memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
    return a->n == b->n && memcmp(&a->local, &b->local, a->n) == 0;
}

int address_of_socket(int fd, Address *out)
{
    Address a = { .n = sizeof a - offsetof(Address, any) };
    if (getsockname(fd, &a.any, &a.n) != 0)
        return -errno;
    *out = a;
    return 0;
}

int address_of_peer(int fd, Address *out)
{
    Address a = { .n = sizeof a - offsetof(Address, any) };
    if (getpeername(fd, &a.any, &a.n) != 0)
        return -errno;
    *out = a;
    return 0;
}

/* On the stack of the one who waits: the pool thread is done with it before the fiber goes on. */
typedef struct Lookup {
    char host[HOST_MAX + 1];
    uint16_t port;
    Address *out;
    size_t max;
    int result;
} Lookup;

static void look_up(void *arg)
{
    Lookup *l = arg;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG }, *list;
    int error = getaddrinfo(l->host, NULL, &hints, &list);
    if (error) {
        l->result = error == EAI_AGAIN ? -EAGAIN : error == EAI_MEMORY ? -ENOMEM : error == EAI_SYSTEM ? -EIO : -ENOENT;
        return;
    }
    size_t n = 0;
    for (struct addrinfo *a = list; a && n < l->max; a = a->ai_next) {
        if (a->ai_addrlen > sizeof(Address) - offsetof(Address, any) ||
            (a->ai_family != AF_INET && a->ai_family != AF_INET6))
            continue;
        Address *to = &l->out[n++];
        *to = (Address){ .n = a->ai_addrlen };
        memcpy(&to->any, a->ai_addr, a->ai_addrlen);
        if (a->ai_family == AF_INET)
            to->v4.sin_port = htons(l->port);
        else
            to->v6.sin6_port = htons(l->port);
    }
    freeaddrinfo(list);
    l->result = (int)n;
}

int address_resolve(Str host, uint16_t port, Address *out, size_t max)
{
    if (max == 0 || max > 1024)
        return -EINVAL;
    if (host.n && (parse_v4(host, port, out) || parse_v6(host, port, out)))
        return 1;
    Lookup l = { .port = port, .out = out, .max = max };
    if (host.n == 0 || !c_text(l.host, sizeof l.host, host))
        return -EINVAL;
    int error = offload(look_up, &l);
    return error < 0 ? error : l.result;
}
