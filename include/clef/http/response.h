/*
 * response.h: what a view returns, with Django's names. A Response and all that it holds live in the request's arena;
 * Strs given to it are borrowed for the request's time (literals and request memory are fine; response_copy copies).
 *
 *     return HttpResponse(r, "Hello");
 *     return HttpResponse(r, csv, .content_type = "text/csv", .status = 201);
 *     return JsonResponse(r, VALUE(map));
 *     return HttpResponseRedirect(r, "/tickets/");
 *     return FileResponse(r, path, .as_attachment = true);
 *     return StreamingHttpResponse(r, write_rows, query);
 *
 * Where Django's class takes keyword arguments the macro takes designated initialisers of ResponseOptions.
 * Django's page: "Request and response objects".
 */
#ifndef CLEF_HTTP_RESPONSE_H
#define CLEF_HTTP_RESPONSE_H

#include <clef/base/value.h>
#include <clef/http/headers.h>
#include <clef/rt/context.h>

typedef struct Response Response;
typedef struct ResponseCookie ResponseCookie;
typedef struct ResponseFile ResponseFile;
typedef struct ResponseStream ResponseStream;

/* Writes a streaming body on the request's fiber: calls response_write, which waits while the client is slow. */
typedef void StreamFn(Request *r, ResponseStream *stream, void *arg);

/*
 * Where the bytes of a stream go. A middleware that changes or counts them wraps response->stream in a StreamFn of its own,
 * which gives the view's one a ResponseStream of its own. Both functions may wait and raise; views call response_write.
 */
struct ResponseStream {
    void (*write)(ResponseStream *stream, Str bytes);
    void (*flush)(ResponseStream *stream);
};

struct Response {
    int status;
    Str reason;  /* Django's reason_phrase, of the status line; empty: the usual one of the status */
    Str content; /* the body of an ordinary response */
    Headers headers;
    ResponseCookie *cookies; /* private: response_set_cookie */
    ResponseFile *file;      /* private: FileResponse */
    StreamFn *stream;        /* private: StreamingHttpResponse */
    void *stream_arg;
    void (*render)(Request *r, Response *response); /* a response that is not rendered yet (TemplateResponse) */
    void *render_arg;
    bool xframe_options_exempt;                    /* as Django's attribute: XFrameOptionsMiddleware leaves it alone */
    bool streaming;                                /* read-only: the length is not known beforehand */
    const struct CspConfig *csp, *csp_report_only; /* override of the settings' policies for this response */
    bool csp_overridden, csp_report_only_overridden;
};

typedef struct ResponseOptions {
    int status;               /* 0: 200 */
    const char *content_type; /* NULL: text/html with the default charset */
    const char *reason;       /* Response.reason */
    const char *charset;      /* of text/html, where no content_type is given; NULL: the settings' DEFAULT_CHARSET */
} ResponseOptions;

CLEF_API(Response *, response_create, Request *r, Str content, ResponseOptions options) CLEF_NONNULL CLEF_MUST_USE;

/* A Str from a literal, a C string, a Str, a SafeStr or a Buf. */
static inline Str clef_text_str(Str s) { return s; }
static inline Str clef_text_safe(SafeStr s) { return s.s; }
static inline Str clef_text_c(const char *s) { return str_c(s); }
#define TEXT(v) \
    _Generic((v), Str : clef_text_str, SafeStr : clef_text_safe, char * : clef_text_c, const char * : clef_text_c)(v)

#define HttpResponse(r, content_, ...) response_create((r), TEXT(content_), (ResponseOptions){ __VA_ARGS__ })
#define CLEF_RESPONSE(r, status_, content_, ...) \
    response_create((r), TEXT(content_), (ResponseOptions){ .status = (status_)__VA_OPT__(, ) __VA_ARGS__ })
#define HttpResponseNotModified(r)               CLEF_RESPONSE(r, 304, "")
#define HttpResponseBadRequest(r, content, ...)  CLEF_RESPONSE(r, 400, content __VA_OPT__(, ) __VA_ARGS__)
#define HttpResponseForbidden(r, content, ...)   CLEF_RESPONSE(r, 403, content __VA_OPT__(, ) __VA_ARGS__)
#define HttpResponseNotFound(r, content, ...)    CLEF_RESPONSE(r, 404, content __VA_OPT__(, ) __VA_ARGS__)
#define HttpResponseGone(r, content, ...)        CLEF_RESPONSE(r, 410, content __VA_OPT__(, ) __VA_ARGS__)
#define HttpResponseServerError(r, content, ...) CLEF_RESPONSE(r, 500, content __VA_OPT__(, ) __VA_ARGS__)

/* 405 with Allow, from a NULL-terminated list. */
CLEF_API(Response *, response_not_allowed, Request *r, const char *const *methods) CLEF_NONNULL CLEF_MUST_USE;
#define HttpResponseNotAllowed(r, ...) response_not_allowed((r), (const char *const[]){ __VA_ARGS__, NULL })

typedef struct RedirectOptions {
    bool permanent;        /* 301 (308) instead of 302 (307) */
    bool preserve_request; /* 307 or 308: the client repeats method and body */
} RedirectOptions;
/*
 * A redirect. The location becomes an URI as Django's iri_to_uri makes it; its scheme must be http, https or ftp, or
 * absent, and it holds at most 16,384 characters: else raises 400 "disallowed_redirect".
 */
CLEF_API(Response *, response_redirect, Request *r, Str location, RedirectOptions options) CLEF_NONNULL CLEF_MUST_USE;
#define HttpResponseRedirect(r, to, ...) response_redirect((r), TEXT(to), (RedirectOptions){ __VA_ARGS__ })
#define HttpResponsePermanentRedirect(r, to, ...) \
    response_redirect((r), TEXT(to), (RedirectOptions){ .permanent = true __VA_OPT__(, ) __VA_ARGS__ })

typedef struct JsonResponseOptions {
    int status;
    const char *content_type; /* NULL: application/json */
    bool any;                 /* Django's safe=False: something else than an object may stand at the top */
    int indent;               /* 0: on one line */
    bool utf8;                /* ensure_ascii=False */
    bool sort_keys;
} JsonResponseOptions;
/* As Django's JsonResponse with DjangoJSONEncoder. Raises 500 "json" for a top that is no object (without .any) and for
 * a value that JSON cannot hold. */
CLEF_API(Response *, response_json, Request *r, Value v, JsonResponseOptions options) CLEF_NONNULL CLEF_MUST_USE;
#define JsonResponse(r, v, ...) response_json((r), (v), (JsonResponseOptions){ __VA_ARGS__ })

CLEF_API(Response *, response_streaming, Request *r, StreamFn *fn, void *arg, ResponseOptions options)
CLEF_NONNULL CLEF_MUST_USE;
#define StreamingHttpResponse(r, fn, arg, ...) response_streaming((r), (fn), (arg), (ResponseOptions){ __VA_ARGS__ })
/*
 * From a StreamFn: hands bytes to the client; waits while its window is closed. Raises (499 "client_closed") when the
 * client is gone, so that a generator ends by itself; clean-ups go by DEFER. response_flush sends what is buffered.
 */
CLEF_API(void, response_write, ResponseStream *stream, Str bytes);
CLEF_API(void, response_flush, ResponseStream *stream);

typedef struct FileOptions {
    bool as_attachment;
    const char *filename;     /* NULL: the path's last part */
    const char *content_type; /* NULL: by the name */
    int status;
} FileOptions;
/*
 * The file at `path`, sent by sendfile, with Content-Length, Content-Disposition, Last-Modified, Accept-Ranges; byte
 * ranges of the request are honoured (206, 416): up to 16, as multipart/byteranges when several are left after those that
 * meet were joined. Raises 404 when it cannot be opened or is no regular file.
 */
CLEF_API(Response *, response_file, Request *r, Str path, FileOptions options) CLEF_NONNULL CLEF_MUST_USE;
#define FileResponse(r, path, ...) response_file((r), TEXT(path), (FileOptions){ __VA_ARGS__ })

/* Headers by name; the shorthand takes a literal or any text. See headers.h for what is refused. */
CLEF_API(void, response_set_header, Request *r, Response *response, Str name, Str value);
CLEF_API(Str, response_header, const Response *response, Str name);
#define SET_HEADER(r, response, name, value) response_set_header((r), (response), TEXT(name), TEXT(value))
/* Adds names to Vary as Django's patch_vary_headers does. */
CLEF_API(void, response_vary_on, Request *r, Response *response, Str names);

typedef struct CookieOptions {
    const char *path; /* NULL: "/" */
    const char *domain;
    const char *samesite; /* NULL, "Lax", "Strict" or "None" */
    int64_t max_age;      /* seconds; only when has_max_age (or not 0) */
    bool has_max_age;
    int64_t expires; /* seconds since the epoch; 0: from max_age, else a session cookie */
    bool secure, httponly, partitioned;
} CookieOptions;
/* As Django's set_cookie. Raises 500 "bad_cookie" for a name, domain, path or SameSite that is not allowed. */
CLEF_API(void, response_set_cookie, Request *r, Response *response, Str name, Str value, CookieOptions options);
#define SET_COOKIE(r, response, name, value, ...) \
    response_set_cookie((r), (response), TEXT(name), TEXT(value), (CookieOptions){ __VA_ARGS__ })
CLEF_API(void, response_delete_cookie, Request *r, Response *response, Str name, CookieOptions options);

#endif
