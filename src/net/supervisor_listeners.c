/* supervisor_listeners.c: the listening sockets: opened, given to seats, handed over, closed. */
#define _GNU_SOURCE
#include "net/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3 }; /* SD_LISTEN_FDS_START */

static bool failed(const Supervisor *s, Str address, int error, Str why)
{
    supervisor_tell(
        s, (SupervisorEvent){ .kind = SUPERVISOR_LISTEN_FAILED, .address = address, .error = error, .why = why });
    return false;
}

void listeners_add(Supervisor *s, int fd, uint32_t address, uint32_t seat)
{
    if (s->nlisteners == s->listeners_cap) {
        uint32_t cap = s->listeners_cap ? s->listeners_cap * 2 : 16;
        s->listeners =
            arena_grow(s->arena, s->listeners, s->listeners_cap * sizeof *s->listeners, cap * sizeof *s->listeners);
        s->listeners_cap = cap;
    }
    s->listeners[s->nlisteners++] = (SeatListener){ .fd = fd, .address = address, .seat = seat };
}

/* ---- from systemd ---- */

static bool take_passed(Supervisor *s, int fd)
{
    int listens = 0, type = 0;
    socklen_t n = sizeof listens, m = sizeof type;
    Str name = str_format(s->arena, "LISTEN_FDS %d", fd);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) != 0)
        return failed(s, name, errno, STR(""));
    if (type != SOCK_STREAM || getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0 || !listens)
        return failed(s, name, EINVAL,
                      STR("it is no listening stream socket: the unit needs ListenStream= and Accept=no"));
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    ListenAddress *a = &s->addresses[s->naddresses];
    *a = (ListenAddress){ .text = name, .kind = LISTEN_PASSED, .wanted = true };
    if (address_of_socket(fd, &a->at) != 0)
        return failed(s, name, errno, STR(""));
    listeners_add(s, fd, s->naddresses++, 0);
    return true;
}

bool listeners_from_systemd(Supervisor *s)
{
    char *const *environment = s->config->environment;
    int64_t pid, count;
    if (!str_to_i64(environment_find(environment, STR("LISTEN_PID")), &pid) || pid != getpid() ||
        !str_to_i64(environment_find(environment, STR("LISTEN_FDS")), &count) || count <= 0)
        return true;
    if (count > SUPERVISOR_ADDRESSES_MAX)
        return failed(s, STR("LISTEN_FDS"), E2BIG, STR(""));
    for (int fd = FIRST_PASSED_FD; fd < FIRST_PASSED_FD + count; fd++)
        if (!take_passed(s, fd))
            return false;
    return true;
}

/* ---- opening ---- */

/*
 * Is the address free? SO_REUSEPORT alone would not say: it lets a second server of the same user listen at the same port,
 * and each of the two would get some of the connections.
 */
static int probe_tcp(const Address *a)
{
    int on = 1, error = 0, fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->any.sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, &a->any, a->n) != 0)
        error = -errno;
    close(fd);
    return error;
}

static ListenAddress *find(Supervisor *s, Str text)
{
    for (uint32_t i = 0; i < s->naddresses; i++)
        if (s->addresses[i].kind != LISTEN_PASSED && str_eq(s->addresses[i].text, text))
            return &s->addresses[i];
    return NULL;
}

static ListenAddress *add(Supervisor *s, Str text)
{
    ListenAddress a = { .text = text, .wanted = true };
    bool plain = true;
    for (size_t i = 0; i < text.n; i++)
        plain = plain && (unsigned char)text.p[i] >= ' ';
    if (!plain || !address_parse(text, &a.at)) {
        failed(s, text, EINVAL, STR("an address is 127.0.0.1:8000, [::1]:8000, :8000 or unix:/run/site.sock"));
        return NULL;
    }
    if (s->naddresses == SUPERVISOR_ADDRESSES_MAX) {
        failed(s, text, E2BIG, STR("these are more addresses than one server takes"));
        return NULL;
    }
    a.kind = a.at.any.sa_family == AF_UNIX ? LISTEN_UNIX : LISTEN_TCP;
    s->addresses[s->naddresses] = a;
    return &s->addresses[s->naddresses++];
}

static bool has_listener(const Supervisor *s, uint32_t address, uint32_t seat)
{
    for (uint32_t i = 0; i < s->nlisteners; i++)
        if (s->listeners[i].address == address && s->listeners[i].seat == seat)
            return true;
    return false;
}

static bool open_address(Supervisor *s, uint32_t index)
{
    ListenAddress *a = &s->addresses[index];
    uint32_t count = a->kind == LISTEN_TCP ? s->count : 1;
    bool first = !has_listener(s, index, 0);
    int error = first && a->kind == LISTEN_TCP ? probe_tcp(&a->at) : 0;
    for (uint32_t seat = 0; seat < count && !error; seat++) {
        if (has_listener(s, index, seat))
            continue;
        int fd = address_listen(&a->at, &(ListenOptions){ .mode = s->config->unix_mode });
        if (fd < 0) {
            error = fd;
            break;
        }
        listeners_add(s, fd, index, seat);
        if (seat == 0) /* the others join the port that 0 became */
            error = address_of_socket(fd, &a->at);
    }
    if (error)
        return failed(s, a->text, -error, STR(""));
    struct stat file;
    if (first && a->kind == LISTEN_UNIX && a->at.local.sun_path[0] && stat(a->at.local.sun_path, &file) == 0) {
        a->dev = file.st_dev;
        a->ino = file.st_ino;
    }
    if (first) {
        Buf b = BUF_INIT(s->arena, ADDRESS_TEXT_MAX);
        address_format(&b, &a->at);
        supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_LISTENS, .address = buf_view(&b) });
    }
    return true;
}

/* An address that a check run may try: TCP by binding alone; of a unix socket, the folder must take a file. */
static bool probe(Supervisor *s, ListenAddress *a)
{
    int error = a->kind == LISTEN_TCP ? probe_tcp(&a->at) : 0;
    const char *path = a->at.local.sun_path;
    if (a->kind == LISTEN_UNIX && path[0]) {
        Str folder = str_slice(str_c(path), 0, str_rfind_byte(str_c(path), '/'));
        if (str_find_byte(str_c(path), '/') == STR_NPOS)
            folder = STR(".");
        if (access(folder.n ? str_dup_c(s->arena, folder) : "/", W_OK | X_OK) != 0)
            error = -errno;
    }
    return error ? failed(s, a->text, -error, STR("")) : true;
}

bool listeners_open(Supervisor *s, bool only_probe)
{
    for (uint32_t i = 0; i < s->naddresses; i++)
        if (s->addresses[i].kind == LISTEN_PASSED) {
            s->addresses[i].wanted = true;
            if (!only_probe)
                supervisor_tell(s, (SupervisorEvent){ .kind = SUPERVISOR_LISTENS, .address = s->addresses[i].text });
        }
    bool passed = s->naddresses && s->addresses[0].kind == LISTEN_PASSED;
    for (size_t i = 0; i < s->config->nlisten && !passed; i++) {
        Str text = s->config->listen[i];
        ListenAddress *a = find(s, text);
        bool known = a != NULL;
        if (!a && !(a = add(s, text)))
            return false;
        a->wanted = true;
        if (only_probe ? !known && !probe(s, a) : !open_address(s, (uint32_t)(a - s->addresses)))
            return false;
    }
    if (s->naddresses)
        return true;
    return failed(s, STR(""), EDESTADDRREQ, STR("no address is configured: set LISTEN, or give --listen"));
}

/* ---- seats ---- */

size_t listeners_of_seat(const Supervisor *s, uint32_t seat, int *fds)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s->nlisteners; i++) {
        const SeatListener *l = &s->listeners[i];
        const ListenAddress *a = &s->addresses[l->address];
        if (a->wanted && (a->kind != LISTEN_TCP || l->seat % s->count == seat))
            fds[n++] = l->fd;
    }
    return n;
}

/* ---- closing ---- */

/* Only the file that this service made: somebody else may have put another in its place. */
static void remove_file(ListenAddress *a)
{
    struct stat file;
    const char *path = a->at.local.sun_path;
    if (a->kind == LISTEN_UNIX && path[0] && lstat(path, &file) == 0 && S_ISSOCK(file.st_mode) &&
        file.st_dev == a->dev && file.st_ino == a->ino)
        (void)unlink(path);
}

void listeners_drop_unwanted(Supervisor *s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->nlisteners; i++)
        if (s->addresses[s->listeners[i].address].wanted)
            s->listeners[kept++] = s->listeners[i];
        else
            close(s->listeners[i].fd);
    s->nlisteners = kept;
    /* A dead address stays in its place, since listeners name it by index; its text is never found again. */
    for (uint32_t i = 0; i < s->naddresses; i++)
        if (!s->addresses[i].wanted && s->addresses[i].text.n) {
            remove_file(&s->addresses[i]);
            s->addresses[i].text = STR("");
        }
}

/*
 * A listener that is closed resets the connections in its queue, so the queue must be empty then, and stay so. TCP: a
 * filter on the listener drops what asks for a new connection (SYN without ACK); the rest of a handshake that is under
 * way passes. (A shutdown would reset the queue.) Unix sockets: a shutdown refuses new connections and keeps the queue.
 */
static void quiet(const SeatListener *l, const ListenAddress *a)
{
    enum { FLAGS = 13, SYN = 0x02, ACK = 0x10 }; /* where in a TCP header the flags are, and two of them */
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const struct sock_fprog filter = { .len = CLEF_COUNT(program), .filter = program };
    if (a->kind == LISTEN_TCP)
        (void)setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
    else if (a->kind == LISTEN_UNIX)
        (void)shutdown(l->fd, SHUT_RD);
}

void listeners_quiet(const Supervisor *s)
{
    for (uint32_t i = 0; i < s->nlisteners; i++)
        quiet(&s->listeners[i], &s->addresses[s->listeners[i].address]);
}

void listeners_close(Supervisor *s, bool remove_files)
{
    for (uint32_t i = 0; i < s->nlisteners; i++)
        close(s->listeners[i].fd);
    s->nlisteners = 0;
    for (uint32_t i = 0; i < s->naddresses && remove_files; i++)
        remove_file(&s->addresses[i]);
    if (remove_files)
        s->naddresses = 0;
}
