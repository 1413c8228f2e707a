/*
 * minimal.c: what a server costs at the least: epoll, one read, a search for the end of each head, one write. It checks
 * nothing, knows no limits and serves one answer; Clef's figures stand beside its.
 *
 *     minimal PORT
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
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BUFFER = 64 << 10 };
static char in[BUFFER + 64], out[BUFFER * 4], answer[512];
static size_t answer_n;
static time_t answer_time;

static void make_answer(void)
{
    time_t t = time(NULL);
    if (t == answer_time)
        return;
    answer_time = t;
    char date[64];
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&t));
    answer_n = (size_t)snprintf(
        answer, sizeof answer,
        "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!", date);
}

/* One past the empty line that ends the head at p, or NULL. */
static char *head_end(char *p, char *end)
{
#ifdef __SSE2__
    const __m128i cr = _mm_set1_epi8('\r');
    for (; p < end; p += 16) {
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(void *)p), cr));
        for (; found; found &= found - 1) {
            char *at = p + __builtin_ctz(found);
            if (at + 4 <= end && memcmp(at, "\r\n\r\n", 4) == 0)
                return at + 4;
        }
    }
    return NULL;
#else
    char *at = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
    return at ? at + 4 : NULL;
#endif
}

static void serve(int fd, bool ended)
{
    ssize_t got = ended ? 0 : recv(fd, in, BUFFER, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            close(fd);
        return;
    }
    make_answer();
    size_t n = 0;
    for (char *p = in, *end = in + got, *next; (next = head_end(p, end)) && n + answer_n < sizeof out; p = next) {
        memcpy(out + n, answer, answer_n);
        n += answer_n;
    }
    if (send(fd, out, n, MSG_NOSIGNAL) < 0)
        close(fd);
}

int main(int argc, char **argv)
{
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 8080)) };
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) {
        perror("minimal");
        return 1;
    }
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = listener }, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd, events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
                continue;
            }
            int fd;
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                e = (struct epoll_event){ .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = fd };
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
            }
        }
    }
}
