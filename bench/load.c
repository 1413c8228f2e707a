/*
 * load.c: a load generator for the benchmarks, light enough that on its one core it outruns any server on the other.
 *
 *     load HOST PORT PATH [connections [depth [seconds [requests]]]]
 *
 * Opens the connections, keeps `depth` requests in flight on each (written together, as HTTP pipelining), and counts
 * complete responses. It learns the length of a response from a first request on the first connection (by
 * Content-Length) and then only counts bytes, so that the client costs next to nothing; a response of another length
 * shows as an error. Ends after `seconds`, or after `requests` responses when that is given. Prints one line: requests
 * seconds requests/s errors p50_us p99_us (latencies of whole batches).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEPTH = 64, READ_SIZE = 256 << 10, HEAD_SIZE = 4096, SAMPLES = 1 << 20 };

typedef struct Connection {
    int fd;
    long long sent_ns;
    size_t pending; /* bytes of the batch still to come */
} Connection;

static struct sockaddr_in address;
static char batch[MAX_DEPTH * 1024];
static size_t batch_n, one_n, length; /* of a batch, of a request, of a response */
static int depth = 1, epoll;
static unsigned long long responses, errors;
static unsigned *samples;
static size_t nsamples;

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t put = send(fd, p, n, MSG_NOSIGNAL);
        if (put < 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

static void send_batch(Connection *c)
{
    c->sent_ns = now();
    c->pending = length * (size_t)depth;
    errors += !send_all(c->fd, batch, batch_n);
}

/* The length of one response, from a first request that waits for it. */
static size_t learn_length(int fd)
{
    char head[HEAD_SIZE];
    size_t n = 0;
    if (!send_all(fd, batch, one_n))
        fail("send");
    for (;;) {
        ssize_t got = recv(fd, head + n, sizeof head - 1 - n, 0);
        if (got <= 0)
            fail("no answer to the first request");
        n += (size_t)got;
        head[n] = 0;
        char *end = strstr(head, "\r\n\r\n"), *length = strcasestr(head, "\r\ncontent-length:");
        if (!end && n < sizeof head - 1)
            continue;
        if (!end || strncmp(head, "HTTP/1.1 200", 12) || !length || length > end) {
            fprintf(stderr, "load: unexpected response:\n%.200s\n", head);
            exit(1);
        }
        size_t whole = (size_t)(end + 4 - head) + strtoul(length + 17, NULL, 10);
        for (char rest[HEAD_SIZE]; n < whole; n += (size_t)got)
            if ((got = recv(fd, rest, whole - n < sizeof rest ? whole - n : sizeof rest, 0)) <= 0)
                fail("a cut answer to the first request");
        return whole;
    }
}

static void open_connection(Connection *c)
{
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        fail("socket");
    for (int tries = 0; connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0; tries++) {
        if (tries == 200)
            fail("connect");
        usleep(10000);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!length)
        length = learn_length(c->fd);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
        fail("epoll_ctl");
    send_batch(c);
}

static void readable(Connection *c, char *buffer)
{
    ssize_t got = recv(c->fd, buffer, READ_SIZE, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    bool begins = c->pending == length * (size_t)depth;
    if (got <= 0 || (size_t)got > c->pending || (begins && got >= 12 && memcmp(buffer, "HTTP/1.1 200", 12))) {
        errors++;
        close(c->fd);
        open_connection(c);
        return;
    }
    c->pending -= (size_t)got;
    if (c->pending)
        return;
    responses += (unsigned)depth;
    if (nsamples < SAMPLES)
        samples[nsamples++] = (unsigned)((now() - c->sent_ns) / 1000);
    send_batch(c);
}

static int by_size(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "load HOST PORT PATH [connections [depth [seconds [requests]]]]\n");
        return 2;
    }
    int connections = argc > 4 ? atoi(argv[4]) : 64;
    depth = argc > 5 ? atoi(argv[5]) : 1;
    double seconds = argc > 6 ? atof(argv[6]) : 3;
    unsigned long long limit = argc > 7 ? strtoull(argv[7], NULL, 10) : 0;
    if (depth < 1 || depth > MAX_DEPTH || connections < 1)
        return 2;
    address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2])) };
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
        return 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    one_n = (size_t)snprintf(batch, 1024,
                             "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load/1.0\r\n"
                             "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nConnection: keep-alive\r\n\r\n",
                             argv[3]);
    for (int i = 0; i < depth; i++)
        memmove(batch + (size_t)i * one_n, batch, one_n);
    batch_n = one_n * (size_t)depth;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    samples = malloc(SAMPLES * sizeof *samples);
    char *buffer = malloc(READ_SIZE);
    Connection *all = calloc((size_t)connections, sizeof *all);
    if (!samples || !buffer || !all)
        fail("memory");
    for (int i = 0; i < connections; i++)
        open_connection(&all[i]);
    long long began = now(), end = began + (long long)(seconds * 1e9);
    responses = 0;
    struct epoll_event events[512];
    while ((limit ? responses < limit : now() < end)) {
        int n = epoll_wait(epoll, events, 512, 100);
        for (int i = 0; i < n; i++)
            readable(events[i].data.ptr, buffer);
        if (limit && now() > began + 300000000000LL)
            fail("no answers");
    }
    double took = (double)(now() - began) / 1e9;
    qsort(samples, nsamples, sizeof *samples, by_size);
    printf("%llu %.3f %.0f %llu %u %u\n", responses, took, (double)responses / took, errors,
           nsamples ? samples[nsamples / 2] : 0, nsamples ? samples[nsamples * 99 / 100] : 0);
    return errors != 0;
}
