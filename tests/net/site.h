/* site.h: a handler that does what the path says, for the tests of the server. */
#ifndef CLEF_TESTS_NET_SITE_H
#define CLEF_TESTS_NET_SITE_H

#include "harness.h"

#include <clef/rt/fiber.h>

#define HOST              "Host: a\r\n\r\n"
#define GET(path)         STR("GET " path " HTTP/1.1\r\n" HOST)
#define ASK(r, path, ...) client_ask((r), STR("GET " path " HTTP/1.1\r\n" __VA_ARGS__ HOST))

extern Str large; /* 300,000 bytes that count */
extern int seen_status;
extern bool seen_closed;
extern Fiber *parked;

void handle(HttpExchange *x, void *arg);
Running *start_with(HttpLimits limits);
Running *start(void);

#endif
