/* harness.h: requests without a socket: text in, a Request over memory, and settings that suit a test. */
#ifndef TESTS_HTTP_HARNESS_H
#define TESTS_HTTP_HARNESS_H

#include <clef/base.h>
#include <clef/codec/http1.h>
#include <clef/conf.h>
#include <clef/http/site.h>
#include <clef/test.h>

typedef struct TestRequest {
    Request r;
    RequestSource source;
    HttpHeader headers[64];
    HttpHead head;
    Str body; /* not read yet */
    bool gone;
} TestRequest;

/* The request whose head (and body behind the empty line) is `text`; a test fails when it is malformed. */
Request *test_request(Str text, const Settings *settings);
/* "GET path HTTP/1.1", Host: testserver, and further header lines, each with its \r\n. */
Request *test_get(const char *path, const char *header_lines, const Settings *settings);
/* Django's defaults and ALLOWED_HOSTS = ["testserver"]. */
Settings *test_settings(void);

#endif
