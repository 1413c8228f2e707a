/*
 * http1.h: HTTP/1.1 messages as bytes: request heads, response heads, header names, chunked bodies, by RFC 9110 and RFC
 * 9112. The parser is strict: what two implementations could read in two ways (a bare CR or LF, white space before a
 * colon, a folded line, two lengths, a length beside a transfer coding) is refused with the status that the RFC names.
 *
 * Nothing is copied. Every Str of a head is a view into the receive buffer, and lives as long as that buffer. Headers go
 * into an array of the caller's. Names of HttpKnown are recognised while parsing, so that http_known() costs no search.
 *
 *     HttpHeader room[100];
 *     Http1Parser ps;
 *     http1_parser_init(&ps, &limits, room);
 *     while ((result = http1_request_parse(&ps, buffer, n)) == HTTP1_MORE)
 *         n += read more behind buffer + n;
 *     // HTTP1_DONE: ps.head; the body begins at buffer + ps.head.size. HTTP1_BAD: ps.reason, http1_reason_status().
 *
 * Called again with more bytes the parser goes on where it was; no byte is looked at more than twice, however the bytes
 * arrive, and the result does not depend on how they were cut. The buffer may have moved in between. The byte behind the
 * n given must be 0, and HTTP1_PAD bytes there must be readable: the parser loads whole vectors and stops at the 0.
 */
#ifndef CLEF_CODEC_HTTP1_H
#define CLEF_CODEC_HTTP1_H

#include <clef/base/buf.h>
#include <clef/base/str.h>

enum { HTTP1_PAD = 64, HTTP1_HEADERS_MAX = 250 };

typedef struct HttpHeader {
    Str name, value; /* the value without white space at its ends */
} HttpHeader;

typedef enum HttpMethod {
    HTTP_OTHER, /* a token of at most 32 bytes: HttpHead.method_name */
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_CONNECT,
    HTTP_TRACE,
} HttpMethod;

/* Header names that the parser recognises. */
typedef enum HttpKnown {
    HDR_UNKNOWN,
    HDR_HOST,
    HDR_CONNECTION,
    HDR_CONTENT_LENGTH,
    HDR_TRANSFER_ENCODING,
    HDR_EXPECT,
    HDR_UPGRADE,
    HDR_CONTENT_TYPE,
    HDR_COOKIE,
    HDR_ACCEPT,
    HDR_ACCEPT_ENCODING,
    HDR_ACCEPT_LANGUAGE,
    HDR_AUTHORIZATION,
    HDR_CACHE_CONTROL,
    HDR_CONTENT_ENCODING,
    HDR_CONTENT_DISPOSITION,
    HDR_IF_MATCH,
    HDR_IF_NONE_MATCH,
    HDR_IF_MODIFIED_SINCE,
    HDR_IF_UNMODIFIED_SINCE,
    HDR_IF_RANGE,
    HDR_RANGE,
    HDR_ORIGIN,
    HDR_REFERER,
    HDR_USER_AGENT,
    HDR_FORWARDED,
    HDR_X_FORWARDED_FOR,
    HDR_X_FORWARDED_HOST,
    HDR_X_FORWARDED_PORT,
    HDR_X_FORWARDED_PROTO,
    HDR_X_REAL_IP,
    HDR_X_REQUEST_ID,
    HDR_X_REQUESTED_WITH,
    HDR_X_CSRFTOKEN,
    HDR_X_HTTP_METHOD_OVERRIDE,
    HDR_TRAILER,
    HDR_KEEP_ALIVE,
    HDR_PROXY_CONNECTION,
    HDR_PRAGMA,
    HDR_DATE,
    HDR_PRIORITY,
    HDR_TRACEPARENT,
    HDR_LAST_EVENT_ID,
    HDR_SEC_WEBSOCKET_KEY,
    HDR_SEC_WEBSOCKET_VERSION,
    HDR_SEC_WEBSOCKET_PROTOCOL,
    HDR_SEC_WEBSOCKET_EXTENSIONS,
    HDR_SEC_FETCH_SITE,
    HDR_SEC_FETCH_MODE,
    HDR_SEC_FETCH_DEST,
    HDR_SEC_FETCH_USER,
    HDR_HTTP2_SETTINGS,
    HDR_UPGRADE_INSECURE_REQUESTS,
    HDR_ACCESS_CONTROL_REQUEST_METHOD,
    HDR_ACCESS_CONTROL_REQUEST_HEADERS,
    HDR_COUNT,
} HttpKnown;

/* Why a message was refused. http1_reason_status() gives the answer's status, http1_reason_text() a sentence. */
typedef enum Http1Reason {
    HTTP1_OK,
    HTTP1_BAD_START,           /* the first byte cannot begin a request (TLS sent to a plain port, say) */
    HTTP1_BAD_METHOD,          /* not a token */
    HTTP1_LONG_METHOD,         /* longer than any method that exists: 501 */
    HTTP1_BAD_TARGET,          /* a byte that no request target has, or a form that this method does not take */
    HTTP1_BAD_VERSION,         /* not "HTTP/" digit "." digit at the line's end */
    HTTP1_VERSION_UNSUPPORTED, /* 505 */
    HTTP1_HTTP2_PREFACE,       /* "PRI * HTTP/2.0": 505 where nobody speaks HTTP/2 */
    HTTP1_BAD_STATUS,          /* of a response */
    HTTP1_BARE_CR,
    HTTP1_BARE_LF,
    HTTP1_BAD_NAME, /* an empty header name, or one that is not a token, or a line without a colon */
    HTTP1_SPACE_BEFORE_COLON,
    HTTP1_FOLDED,            /* a line that begins with white space */
    HTTP1_BAD_VALUE,         /* a control character in a header's value */
    HTTP1_LINE_TOO_LONG,     /* 414 */
    HTTP1_TOO_MANY_HEADERS,  /* 431 */
    HTTP1_HEADERS_TOO_LARGE, /* 431 */
    HTTP1_NO_HOST,
    HTTP1_REPEATED_HOST,
    HTTP1_BAD_HOST,
    HTTP1_REPEATED_LENGTH, /* equal lengths as well */
    HTTP1_BAD_LENGTH,
    HTTP1_LENGTH_WITH_CODING,
    HTTP1_CODING_IN_HTTP10,
    HTTP1_BAD_CODING,         /* chunked is not the last coding, or stands there twice */
    HTTP1_CODING_UNSUPPORTED, /* 501 */
    HTTP1_EXPECTATION_FAILED, /* 417 */
    HTTP1_BAD_CHUNK_SIZE,
    HTTP1_CHUNK_SIZE_OVERFLOW,
    HTTP1_BAD_CHUNK_EXTENSION,
    HTTP1_CHUNK_EXTENSIONS_TOO_LARGE,
    HTTP1_BAD_CHUNK_END,      /* no CR LF behind the chunk's data */
    HTTP1_TRAILERS_TOO_LARGE, /* 431 */
    HTTP1_TRAILER_FORBIDDEN,  /* a field that frames, routes or authenticates */
    HTTP1_REASON_COUNT,
} Http1Reason;

typedef enum Http1Result { HTTP1_MORE, HTTP1_DONE, HTTP1_BAD } Http1Result;

/* Zero means the default that stands behind each. */
typedef struct Http1Limits {
    uint32_t line;    /* bytes of the request line without its end: 8,192 */
    uint32_t bytes;   /* bytes of the head from the first header to the empty line: 32,768 */
    uint32_t headers; /* 100; never more than HTTP1_HEADERS_MAX */
} Http1Limits;

typedef struct HttpHead {
    uint8_t method;       /* HttpMethod; of a request */
    uint8_t minor;        /* 1.0 or 1.1; a higher 1.x reads as 1.1 */
    uint16_t status;      /* of a response */
    bool keep_alive;      /* the sender lets the connection go on */
    bool chunked;         /* the body is chunked */
    bool has_length;      /* there was a Content-Length */
    bool expect_continue; /* the client waits for 100 before it sends the body */
    bool upgrade;         /* Connection names upgrade, and there is an Upgrade header */
    bool absolute;        /* the target was in absolute form */
    bool escaped;         /* a '%' stands in the target; it is visible ASCII in any case */
    uint16_t nheaders;
    uint32_t size; /* bytes of the whole head, an ignored empty line in front included */
    uint64_t content_length;
    Str method_name;
    Str target; /* as sent */
    Str path;   /* "/..." as sent, or "*"; empty for CONNECT */
    Str query;  /* behind the "?"; the NULL string without one */
    Str host;   /* host[:port] of the target or of the Host header; {0} in HTTP/1.0 without one */
    Str phrase; /* reason phrase of a response */
    HttpHeader *headers;
    uint64_t present;      /* bit 1 << HttpKnown: such a header stands in the head */
    uint64_t repeated;     /* the same: more than one */
    uint8_t at[HDR_COUNT]; /* index of the first such header, where the bit of `present` is set */
} HttpHead;

typedef struct Http1Parser {
    HttpHead head;      /* read-only, complete at HTTP1_DONE */
    Http1Reason reason; /* read-only, at HTTP1_BAD */
    uint8_t stage;      /* private from here on */
    Http1Limits limits;
    uint32_t line;     /* where the line to be parsed begins */
    uint32_t fields;   /* where the first header begins */
    uint32_t searched; /* no LF between `line` and here */
    const char *base;
    uint8_t host_n; /* of the last host that was found plain, at most 16 bytes */
    char host[16];
} Http1Parser;

_Static_assert(HDR_COUNT < 64, "a bit in `present` for each known header");

/* For one message; `headers` has room for limits->headers (or its default). NULL limits: the defaults. */
CLEF_API(void, http1_parser_init, Http1Parser *ps, const Http1Limits *limits, HttpHeader *headers);
/* The next message with the same limits and room. */
static inline void http1_parser_reset(Http1Parser *ps)
{
    ps->head.nheaders = 0;
    ps->head.present = ps->head.repeated = 0;
    ps->stage = 0;
    ps->line = ps->searched = 0;
}
CLEF_API(Http1Result, http1_request_parse, Http1Parser *ps, const char *p, size_t n);
/*
 * Resets, and parses the first n > 0 bytes of the next request, while the bytes of the last one, which was complete, still
 * stand where they were parsed (pipelined requests in one buffer). Header lines that are the same bytes as in that one are
 * compared and not parsed again. After HTTP1_MORE go on with http1_request_parse().
 */
CLEF_API(Http1Result, http1_request_parse_next, Http1Parser *ps, const char *p, size_t n);
/* Responses: no Host rule; chunked and content_length as in requests, has_length false means until the close. */
CLEF_API(Http1Result, http1_response_parse, Http1Parser *ps, const char *p, size_t n);
/* Something of a message has arrived: an empty line in front does not count. */
static inline bool http1_parser_begun(const Http1Parser *ps, const char *p, size_t n)
{
    return ps->stage > 1 || (n > 0 && p[0] != '\r') || n > 2;
}

CLEF_API(int, http1_reason_status, Http1Reason reason) CLEF_PURE;
CLEF_API(const char *, http1_reason_text, Http1Reason reason) CLEF_PURE;

/* The first header of that name, or {0}. */
static inline Str http_known(const HttpHead *h, HttpKnown id)
{
    return h->present >> id & 1 ? h->headers[h->at[id]].value : (Str){ 0 };
}
static inline bool http_has(const HttpHead *h, HttpKnown id) { return h->present >> id & 1; }
/* The same by name, in any case; for names that are not known this searches. */
CLEF_API(Str, http_header, const HttpHead *h, Str name) CLEF_PURE;
/* The next header called `name` at or behind *at, which moves behind it; NULL at the end. Start with 0. */
CLEF_API(const HttpHeader *, http_header_next, const HttpHead *h, Str name, size_t *at);
/* HDR_UNKNOWN, or the name's number; and back ("content-length"). */
CLEF_API(HttpKnown, http_known_find, Str name) CLEF_PURE;
CLEF_API(Str, http_known_name, HttpKnown id) CLEF_PURE;

/* "Not Found"; "Unknown" for a status that no RFC has. The method's name; "" for HTTP_OTHER. */
CLEF_API(Str, http_status_phrase, int status) CLEF_PURE;
CLEF_API(Str, http_method_text, HttpMethod method) CLEF_PURE;
/* A token of RFC 9110 (header names, methods); a header value without control characters other than tab. */
CLEF_API(bool, http_is_token, Str s) CLEF_PURE;
CLEF_API(bool, http_is_value, Str s) CLEF_PURE;
/* host[:port] as RFC 3986 has it, not empty, no user part. */
CLEF_API(bool, http_is_host, Str s) CLEF_PURE;

/*
 * A chunked body, in pieces of any size. http1_chunks_next() takes bytes from the front of *in and says
 *   HTTP1_MORE with data.n > 0: a piece of the body, a view into what was given; call again with the rest of *in;
 *   HTTP1_MORE with data.n == 0: *in is used up;
 *   HTTP1_DONE: the body and its trailers are complete; *in is what follows them;
 *   HTTP1_BAD: c->reason.
 * {0} is a new decoder with the default limits and trailers checked but not kept. To keep them point `trailers` at a Buf
 * (its maximum is then a limit too) and read them with http1_trailers().
 */
typedef struct Http1Chunks {
    uint32_t extensions_max; /* bytes of extensions in the whole body: 4,096 when 0 */
    uint32_t trailers_max;   /* bytes of all trailers: 4,096 when 0 */
    Buf *trailers;
    Http1Reason reason; /* read-only */
    uint8_t state;      /* private from here on */
    uint8_t digits;
    uint8_t name_n;
    uint32_t extensions, trailer_bytes;
    uint64_t left;
    char name[32];
} Http1Chunks;

CLEF_API(Http1Result, http1_chunks_next, Http1Chunks *c, Str *in, Str *data);
/* The last n bytes of the piece that was returned last were not taken: they come again, from the front of the next *in. */
CLEF_API(void, http1_chunks_unread, Http1Chunks *c, size_t n);
/* The trailers that `kept` holds, as at most n headers in `out`: how many. */
CLEF_API(size_t, http1_trailers, Str kept, HttpHeader *out, size_t n);
/* May a trailer section carry this field? Framing, routing, authentication and content description may not. */
CLEF_API(bool, http1_trailer_allowed, Str name) CLEF_PURE;

#endif
