/*
 * request.h: what a view gets. The head is read already; everything that costs work (the query, cookies, the body, the
 * host check) is done when first asked for, once. All memory is the request's: it ends when the answer has gone out.
 *
 *     Str page = GET(r, "page");                 NULL string when absent
 *     Str title = POST(r, "title");
 *     if (r->method == HTTP_POST) ...
 *     Str agent = HEADER(r, "User-Agent");
 *
 * Django's page: "Request and response objects". Where Django raises, so do these: RequestDataTooBig is 413
 * "request_data_too_big", TooManyFields 400 "too_many_fields", a bad Host 400 "disallowed_host", a malformed body 400.
 */
#ifndef CLEF_HTTP_REQUEST_H
#define CLEF_HTTP_REQUEST_H

#include <clef/base/map.h>
#include <clef/base/value.h>
#include <clef/codec/http1.h>
#include <clef/codec/query.h>
#include <clef/http/resolver_match.h>
#include <clef/http/response.h>
#include <clef/rt/context.h>

typedef struct Settings Settings;
typedef struct Site Site;
typedef struct User User;
typedef struct Session Session;
typedef struct RequestParts RequestParts;
typedef struct UploadedFile UploadedFile;

/*
 * Where a request comes from: the server's connection, or a test. All of these may wait; `name` and `port` go where they
 * are not NULL. Texts are made in the arena when they are asked for.
 */
typedef struct RequestSourceOps {
    /* Up to n bytes of the body; 0 at its end; else minus the status to answer with (-400, -408, -413, -431, -499). */
    ptrdiff_t (*read)(void *from, char *to, size_t n);
    /* The whole body, at most `limit` bytes, where it can be had without a copy; 0, or minus the status. */
    int (*all)(void *from, uint64_t limit, Str *out);
    bool (*disconnected)(void *from);
    void (*remote)(void *from, Arena *a, Str *address, Str *port); /* empty address: a unix socket */
    void (*server)(void *from, Arena *a, Str *name, Str *port);
} RequestSourceOps;

typedef struct RequestSource {
    const HttpHead *head;
    const RequestSourceOps *ops;
    void *from; /* for the ops */
    bool tls;
} RequestSource;

struct Request {
    Context cx; /* first: CX(r) */
    /* read-only */
    HttpMethod method; /* HTTP_GET, HTTP_POST, ...; HTTP_OTHER: see method_name */
    Str method_name;
    Str path;         /* decoded, the script prefix included: "/shop/tickets/5/" */
    Str path_info;    /* what the urls match: "/tickets/5/" */
    Str query_string; /* raw, without '?' */
    const Settings *settings;
    const RequestSource *source;         /* private */
    const ResolverMatch *resolver_match; /* NULL until the url was resolved; from here on all is zero at first */
    const View *view;                    /* the View object that runs; NULL: none */
    Site *site;
    /* set by middleware */
    User *user; /* NULL until authentication set it */
    Session *session;
    const UrlConf *urlconf; /* set by middleware: the table for this request; NULL: that of ROOT_URLCONF */
    Map *state;             /* whatever middleware and views hang on the request: request_set */
    bool csrf_processing_done, dont_enforce_csrf_checks;
    /* private */
    RequestParts *parts;    /* what was parsed so far; NULL while nothing was */
    size_t layer;           /* the middleware whose hook runs */
    int64_t started;        /* loop_clock() when the request log saw it */
    const Error *error;     /* what became the response */
    Response bare_response; /* last: an answer that needs no memory */
};

/*
 * Makes *r the request of `source` over the arena. The head, and what the source points at, must outlive it; the memory
 * is the arena's. Never raises. request_finish sends request_finished (when a site answered the request), runs what was
 * deferred and takes temporary files away.
 */
CLEF_API(void, request_init, Request *r, Arena *arena, const RequestSource *source, const Settings *settings);
CLEF_API(void, request_finish, Request *r);

/* --- the query, the form, the files, the cookies */

/* Django's request.GET, POST, COOKIES and FILES; never NULL; the body is read and parsed at the first POST or FILES. */
CLEF_API(const QueryDict *, request_get, Request *r) CLEF_NONNULL;
CLEF_API(const QueryDict *, request_post, Request *r) CLEF_NONNULL;
CLEF_API(const QueryDict *, request_cookies, Request *r) CLEF_NONNULL;

#define GET(r, name)    query_get(request_get(r), str_c(name))
#define POST(r, name)   query_get(request_post(r), str_c(name))
#define COOKIE(r, name) request_cookie((r), str_c(name))
CLEF_API(Str, request_cookie, Request *r, Str name);

/*
 * An upload: in memory up to FILE_UPLOAD_MAX_MEMORY_SIZE, past it in a file of FILE_UPLOAD_TEMP_DIR that goes with the
 * request.
 */
struct UploadedFile {
    Str field;        /* the form's name */
    Str name;         /* the client's file name, without its path */
    Str content_type; /* as the client said */
    Str charset;
    uint64_t size;
    Str content; /* in memory; NULL string when it went to disk */
    Str temporary_path;
};
/* The last upload of that field name; NULL when there is none. */
CLEF_API(const UploadedFile *, request_file, Request *r, Str field);
/* The i-th upload in the order of the body; NULL past the last. */
CLEF_API(const UploadedFile *, request_file_at, Request *r, size_t i);
#define FILES(r, name) request_file((r), str_c(name))
/*
 * Moves (or writes) an upload to a path of its own; 0 or -errno (-EEXIST: nothing is replaced), and then nothing is
 * left there.
 */
CLEF_API(int, uploaded_file_save, Request *r, const UploadedFile *file, Str path) CLEF_MUST_USE;

/* --- the body */

/*
 * The whole body, at most DATA_UPLOAD_MAX_MEMORY_SIZE (else raises 413). Raises 500 "raw_post_data" when it was
 * streamed or parsed as a form already.
 */
CLEF_API(Str, request_body, Request *r);
/* Reads up to n bytes of the body (again from its start when request_body has it); 0 at its end. Waits. Raises 400 when the
 * client broke off. A form that was not read before is then empty, as in Django. */
CLEF_API(size_t, request_read, Request *r, char *to, size_t n);
/* The body as JSON; raises 400 "json_parse_error" with the parser's words. */
CLEF_API(Value, request_json, Request *r);

/* --- headers */

/*
 * The value, in any case of the name; of several fields with one name all values, joined by commas (cookies by "; "),
 * as Django has them. NULL string when there is none.
 */
CLEF_API(Str, request_header, Request *r, Str name);
#define HEADER(r, name) request_header((r), str_c(name))
/* Django's META by its keys: "HTTP_USER_AGENT", "REMOTE_ADDR", "SERVER_NAME", "CONTENT_TYPE", ... */
CLEF_API(Str, request_meta, Request *r, Str key);
CLEF_API(size_t, request_header_count, const Request *r);
/* The i-th header as it was sent. */
CLEF_API(void, request_header_at, const Request *r, size_t i, Str *name, Str *value);
CLEF_API(Str, request_content_type, Request *r);    /* lower case, without parameters */
CLEF_API(Str, request_content_charset, Request *r); /* the parameter, or empty */
/* Does the client take this media type?  The best of several for it; NULL string when none is acceptable. */
CLEF_API(bool, request_accepts, Request *r, Str media_type);
CLEF_API(Str, request_preferred_type, Request *r, const char *const *media_types);

/* --- where it came from and where it goes */

/* "https" behind TLS, or as SECURE_PROXY_SSL_HEADER says. */
CLEF_API(Str, request_scheme, Request *r);
CLEF_API(bool, request_is_secure, Request *r);
/* The checked host (with port when it is not the scheme's); raises 400 "disallowed_host". */
CLEF_API(Str, request_host, Request *r);
CLEF_API(Str, request_port, Request *r);
CLEF_API(Str, request_remote_addr, Request *r);
/* path with the query; with a slash appended to the path when asked. Escaped as Django's get_full_path. */
CLEF_API(Str, request_full_path, Request *r, bool force_append_slash);
CLEF_API(Str, request_full_path_info, Request *r, bool force_append_slash);
/* An absolute URI of `location`, or of this request when it is the NULL string. */
CLEF_API(Str, request_build_absolute_uri, Request *r, Str location);

/* --- state of middleware and views */

CLEF_API(void, request_set, Request *r, Str key, Value v);
CLEF_API(Value, request_state, Request *r, Str key);
/* The client went away while the view was waiting. */
CLEF_API(bool, request_is_disconnected, const Request *r);
/* Django's request.csp_nonce: made at the first call, the same for the whole request. */
CLEF_API(Str, request_csp_nonce, Request *r);

#endif
