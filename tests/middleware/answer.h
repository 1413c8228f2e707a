/* answer.h: one request through a chain of middleware and a URL table, without sockets. */
#ifndef TESTS_MIDDLEWARE_ANSWER_H
#define TESTS_MIDDLEWARE_ANSWER_H

#include "../http/harness.h"
#include <clef/http/view_options.h>
#include <clef/middleware.h>
#include <clef/urls.h>

typedef struct Asked {
    const char *method, *path, *headers; /* NULL: GET, "/", none; each header line with its \r\n */
    const char *body;                    /* NULL: none; the headers say its type */
    bool tls;
} Asked;

/* The answer of a site with these settings; the middleware is settings->middleware. */
Response *answer(Settings *s, const Url *table, Asked asked);
/* The same for a table that has only this view, for every path. */
Response *answer_view(Settings *s, ViewFn *view, Asked asked);
/* The request of the last answer. */
Request *answered_request(void);
/* What site_create raised for these settings: the message, or "". */
Str site_error(Settings *s);

/* Everything that a streaming response writes; *flushes is how often it flushed. What it raises is a failed check. */
Str streamed(Response *response, int *flushes);

/* "plain", 200. */
Response *plain(Request *r);

#define CHECK_HEADER(response, name, value) CHECK_STR(response_header((response), STR(name)), STR(value))
#define CHECK_NO_HEADER(response, name)     CHECK(str_is_null(response_header((response), STR(name))))

#endif
