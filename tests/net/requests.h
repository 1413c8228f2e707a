/* requests.h: reads the cases of tests/net/requests/, whose README.md has the format. */
#ifndef CLEF_TESTS_NET_REQUESTS_H
#define CLEF_TESTS_NET_REQUESTS_H

#include <clef/base.h>
#include <clef/codec/http1.h>

typedef struct Answer {
    int status;         /* 0: more bytes are wanted */
    Http1Reason reason; /* of a refusal */
    bool close;
    Str body;
} Answer;

typedef struct RequestCase {
    Str file, name, send;
    Answer answers[8];
    size_t n;
} RequestCase;

/* Calls fn for each case of each file; REQUIREs that they can be read. How many there were. */
size_t request_cases(Arena *a, void (*fn)(Arena *a, const RequestCase *c, void *arg), void *arg);
/* "bare_lf" */
const char *reason_name(Http1Reason reason);

#endif
