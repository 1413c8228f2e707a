/*
 * client.h: a browser for tests: Django's Client. Its requests go through the whole site (middleware, urls, view,
 * templates) in this process, without a socket.
 *
 *     TestClient *client = TestClient();
 *     TestResponse *response = CLIENT_POST(client, "/tickets/new/", .data = DATA("title", "No paper", "priority", 2));
 *     CHECK_REDIRECTS(response, "/tickets/1/");
 *     CHECK_CONTAINS(CLIENT_GET(client, "/"), "No paper", .count = 1);
 *
 * A client keeps the cookies that it is given. CSRF is not checked unless it is asked for:
 * TestClient(.enforce_csrf_checks = true). An error of the server (status 500 and above, raised) fails the test with
 * its message and place, unless the client is made with .errors_are_answers = true. Everything that a response holds
 * lives until the test ends.
 *
 * A test that holds the only connection of a database (inside ATOMIC) cannot send a request that needs it. Django's page:
 * "Testing tools".
 */
#ifndef CLEF_TEST_CLIENT_H
#define CLEF_TEST_CLIENT_H

#include <clef/http/request.h>
#include <clef/http/response.h>
#include <clef/test/project.h>

/* Redirects that .follow goes along with; past it the test fails. */
#define TEST_MAX_REDIRECTS 20

typedef struct TestClient TestClient;

/* A name and a value; DATA("title", "x", "priority", 2) makes a list of them, ended by a NULL name. */
typedef struct TestPair {
    const char *name;
    Value value; /* a text, a number, a truth value */
} TestPair;

/* An upload; UPLOADS({ "photo", "a.png", STR("...") }) makes a list of them, ended by a NULL name. */
typedef struct TestUpload {
    const char *name, *filename;
    Str content;
    const char *content_type; /* NULL: application/octet-stream */
} TestUpload;
#define UPLOADS(...) ((const TestUpload[]){ __VA_ARGS__, { .name = NULL } })

typedef struct TestClientOptions {
    bool enforce_csrf_checks;
    bool errors_are_answers; /* raise_request_exception = False */
    const TestPair *headers; /* sent with every request */
    const char *remote_addr; /* NULL: "127.0.0.1" */
} TestClientOptions;

CLEF_API(TestClient *, test_client_create, const TestClientOptions *options) CLEF_NONNULL;
#define TestClient(...) test_client_create(&(TestClientOptions){ __VA_ARGS__ })

typedef struct TestRequestOptions {
    const char *method, *path;
    const TestPair *query;    /* behind the path's '?' */
    const TestPair *data;     /* a form: the body, url-encoded; of GET and HEAD: the query, as in Django */
    const TestUpload *files;  /* with the data in one multipart/form-data body */
    const char *body;         /* or a body as it is */
    Str bytes;                /* the same for bytes */
    const char *content_type; /* of the body; NULL: that of a form */
    const TestPair *headers;
    bool follow; /* goes along with redirects */
    bool secure; /* https */
} TestRequestOptions;

typedef struct TestRedirect {
    Str url;
    int status;
} TestRedirect;

typedef struct TestResponse {
    int status;
    Str content;                   /* the whole body, of streams and files too */
    const Response *response;      /* its headers: TEST_HEADER(response, "Location") */
    Request *request;              /* the one that it answers (the last one, when redirects were followed) */
    const TestRedirect *redirects; /* Django's redirect_chain: what was followed, in order */
    size_t nredirects;
    const Str *templates; /* names of the templates that were rendered, with parents and includes, in order */
    size_t ntemplates;
    size_t nqueries;    /* statements that the request ran */
    const Error *error; /* what was raised, of status 500 and above; NULL */
    Map *context;       /* private: test_response_context */
    TestClient *client;
} TestResponse;

CLEF_API(TestResponse *, test_client_send, TestClient *client, const TestRequestOptions *options) CLEF_NONNULL;
#define CLEF_CLIENT(client, method_, path_, ...) \
    test_client_send((client), &(TestRequestOptions){ .method = (method_), .path = (path_)__VA_OPT__(, ) __VA_ARGS__ })
#define CLIENT_GET(client, path, ...)     CLEF_CLIENT(client, "GET", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_HEAD(client, path, ...)    CLEF_CLIENT(client, "HEAD", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_POST(client, path, ...)    CLEF_CLIENT(client, "POST", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_PUT(client, path, ...)     CLEF_CLIENT(client, "PUT", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_PATCH(client, path, ...)   CLEF_CLIENT(client, "PATCH", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_DELETE(client, path, ...)  CLEF_CLIENT(client, "DELETE", path __VA_OPT__(, ) __VA_ARGS__)
#define CLIENT_OPTIONS(client, path, ...) CLEF_CLIENT(client, "OPTIONS", path __VA_OPT__(, ) __VA_ARGS__)

/* clang-format off */
#define DATA(...) ((const TestPair[]){ CLEF_TEST_PAIRS(__VA_ARGS__) { .name = NULL } })
#define CLEF_TEST_PAIRS(...)        CLEF_PAIRS(CLEF_TEST_PAIR, , __VA_ARGS__)
#define CLEF_TEST_PAIR(unused, n, v) { (n), VALUE(v) }
/* clang-format on */

/* A header of the response; the NULL string when it has none. */
#define TEST_HEADER(r, name) response_header((r)->response, TEXT(name))
/* A cookie that the client has; the NULL string. And giving it one. */
CLEF_API(Str, test_client_cookie, const TestClient *client, Str name);
CLEF_API(void, test_client_set_cookie, TestClient *client, Str name, Str value);
/* What a name stood for when the page was rendered: in the first template that had it. False when none did. */
CLEF_API(bool, test_response_context, const TestResponse *response, Str name, Value *out) CLEF_MUST_USE;
/* The body as JSON; a test fails when it is none. */
CLEF_API(Value, test_response_json, const TestResponse *response);

/* --- Django's assertions, as checks: a failure is recorded and the test goes on */

typedef struct TestContains {
    size_t count; /* exactly so often; 0: at least once */
    int status;   /* 0: 200 */
} TestContains;
CLEF_API(bool, test_check_response_contains, const char *file, int line, const char *expression,
         const TestResponse *response, Str text, TestContains options);
CLEF_API(bool, test_check_response_lacks, const char *file, int line, const char *expression,
         const TestResponse *response, Str text, TestContains options);
typedef struct TestRedirects {
    int status;        /* 0: 302 */
    int target_status; /* 0: 200 */
    bool no_fetch;     /* fetch_redirect_response = False: the target is not asked for */
} TestRedirects;
CLEF_API(bool, test_check_redirects, const char *file, int line, const char *expression, const TestResponse *response,
         Str url, TestRedirects options);
CLEF_API(bool, test_check_template, const char *file, int line, const char *expression, const TestResponse *response,
         Str name, bool used);
/* `field` NULL: of the form as a whole; `error` NULL: there is none. */
CLEF_API(bool, test_check_form_error, const char *file, int line, const char *expression, const TestResponse *response,
         const char *form, const char *field, const char *error);
CLEF_API(bool, test_check_status, const char *file, int line, const char *expression, const TestResponse *response,
         int status);
CLEF_API(bool, test_check_num_queries, const char *file, int line, const char *expression, const Context *cx,
         size_t got, size_t expected);

#define CHECK_STATUS(response, status_) ((void)test_check_status(CLEF_TEST_AT, #response, (response), (status_)))
#define CHECK_CONTAINS(response, text, ...) \
    ((void)test_check_response_contains(CLEF_TEST_AT, #response, (response), TEXT(text), (TestContains){ __VA_ARGS__ }))
#define CHECK_NOT_CONTAINS(response, text, ...) \
    ((void)test_check_response_lacks(CLEF_TEST_AT, #response, (response), TEXT(text), (TestContains){ __VA_ARGS__ }))
#define CHECK_REDIRECTS(response, url, ...) \
    ((void)test_check_redirects(CLEF_TEST_AT, #response, (response), TEXT(url), (TestRedirects){ __VA_ARGS__ }))
#define CHECK_TEMPLATE_USED(response, name) \
    ((void)test_check_template(CLEF_TEST_AT, #response, (response), TEXT(name), true))
#define CHECK_TEMPLATE_NOT_USED(response, name) \
    ((void)test_check_template(CLEF_TEST_AT, #response, (response), TEXT(name), false))
/* The form of that name in the page's context has exactly this error for the field (NULL: for itself); NULL: has none. */
#define CHECK_FORM_ERROR(response, form, field, error) \
    ((void)test_check_form_error(CLEF_TEST_AT, #response, (response), (form), (field), (error)))
/* CHECK_NUM_QUERIES(cx, 2) { ... }: the block runs exactly two statements of that context. */
#define CHECK_NUM_QUERIES(cx, expected)                                                                              \
    for (size_t clef_queries = sql_count(CX(cx)), clef_once = 1; clef_once;                                          \
         clef_once = 0, test_check_num_queries(CLEF_TEST_AT, "statements", CX(cx), sql_count(CX(cx)) - clef_queries, \
                                               (expected)))

#endif
