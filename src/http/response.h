/*
 * response.h: the kinds of response from inside, for what writes them out. The public contract is in
 * <clef/http/response.h>.
 */
#ifndef CLEF_SRC_HTTP_RESPONSE_H
#define CLEF_SRC_HTTP_RESPONSE_H

#include <clef/http/request.h>
#include <clef/http/response.h>

struct ResponseCookie {
    ResponseCookie *next;
    Str name, line; /* the value of Set-Cookie */
};

/* A part of an open file; the descriptor is closed with the request. */
struct ResponseFile {
    int fd;
    uint64_t from, size;
};

/* A StreamFn that sends such a part by way of memory; its arg is the ResponseFile. */
CLEF_PRIVATE(void, response_file_stream, Request *r, ResponseStream *to, void *arg);

#endif
