/*
 * request.h: what of a request was worked out so far, for the request_*.c files. The public contract is in
 * <clef/http/request.h>.
 */
#ifndef CLEF_SRC_HTTP_REQUEST_H
#define CLEF_SRC_HTTP_REQUEST_H

#include <clef/http/request.h>

typedef enum BodyState {
    BODY_UNREAD,
    BODY_WHOLE,    /* request_body has it */
    BODY_FORM,     /* was parsed into POST and FILES without being kept */
    BODY_STREAMED, /* somebody called request_read */
} BodyState;

/* Filled as it is asked for; each part once. */
struct RequestParts {
    const QueryDict *get, *post, *cookies; /* NULL: not asked for yet */
    BodyState body_state;
    bool has_host;
    Str body;
    size_t body_read; /* of it, by request_read */
    Str host;
    Str content_type, charset;
    UploadedFile *files;
    size_t nfiles;
    Str csp_nonce;
    struct CsrfState *csrf; /* NULL: not looked at yet */
};

/* The parts, made at the first call. */
CLEF_PRIVATE(RequestParts *, request_parts, Request *r) CLEF_NONNULL;

/* Up to n bytes of the body from the source, whatever was read before. Raises when it cannot be read. */
CLEF_PRIVATE(size_t, request_read_more, Request *r, char *to, size_t n);

/* request_header() by number. */
CLEF_PRIVATE(Str, request_known_header, Request *r, HttpKnown id);

#endif
