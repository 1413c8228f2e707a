/*
 * headers.h: header fields of a response, and the names that the code knows. The fields keep their order; a known name
 * has a number, so that "is there a Vary already?" is one bit. Names are compared without case. A value with CR, LF or
 * NUL is refused (raise 500 "bad_header"), so no header can be smuggled into an answer.
 */
#ifndef CLEF_HTTP_HEADERS_H
#define CLEF_HTTP_HEADERS_H

#include <clef/base/str.h>
#include <clef/rt/context.h>

/* Headers that Clef itself sets or asks for on responses: the number and the name as it is written. */
#define CLEF_RESPONSE_HEADERS(X)                                \
    X(CONTENT_TYPE, "Content-Type")                             \
    X(CONTENT_LENGTH, "Content-Length")                         \
    X(CONTENT_ENCODING, "Content-Encoding")                     \
    X(CONTENT_DISPOSITION, "Content-Disposition")               \
    X(CONTENT_LANGUAGE, "Content-Language")                     \
    X(CONTENT_RANGE, "Content-Range")                           \
    X(ACCEPT_RANGES, "Accept-Ranges")                           \
    X(ALLOW, "Allow")                                           \
    X(CACHE_CONTROL, "Cache-Control")                           \
    X(ETAG, "ETag")                                             \
    X(EXPIRES, "Expires")                                       \
    X(LAST_MODIFIED, "Last-Modified")                           \
    X(LOCATION, "Location")                                     \
    X(RETRY_AFTER, "Retry-After")                               \
    X(VARY, "Vary")                                             \
    X(WWW_AUTHENTICATE, "WWW-Authenticate")                     \
    X(SERVER, "Server")                                         \
    X(X_FRAME_OPTIONS, "X-Frame-Options")                       \
    X(X_CONTENT_TYPE_OPTIONS, "X-Content-Type-Options")         \
    X(REFERRER_POLICY, "Referrer-Policy")                       \
    X(CROSS_ORIGIN_OPENER_POLICY, "Cross-Origin-Opener-Policy") \
    X(STRICT_TRANSPORT_SECURITY, "Strict-Transport-Security")   \
    X(CONTENT_SECURITY_POLICY, "Content-Security-Policy")       \
    X(CONTENT_SECURITY_POLICY_REPORT_ONLY, "Content-Security-Policy-Report-Only")

typedef enum HeaderId {
    HEADER_OTHER,
#define CLEF_HEADER_ID(id, name) HEADER_##id,
    CLEF_RESPONSE_HEADERS(CLEF_HEADER_ID)
#undef CLEF_HEADER_ID
        HEADER_COUNT
} HeaderId;

_Static_assert(HEADER_COUNT <= 64, "known headers fit one word of bits");

typedef struct Header {
    Str name, value;
    HeaderId id;
} Header;

/* {0} is empty. The memory is the arena's of whoever appends. */
typedef struct Headers {
    Header *p; /* read-only */
    uint32_t n, cap;
    uint64_t known; /* private: bit per HeaderId present */
} Headers;

/* The number of a name, or HEADER_OTHER. */
CLEF_API(HeaderId, header_id, Str name) CLEF_PURE;

/* The value of the first field of that name; NULL string when there is none. */
CLEF_API(Str, headers_get, const Headers *h, Str name);
CLEF_API(Str, headers_get_id, const Headers *h, HeaderId id);
static inline bool headers_has_id(const Headers *h, HeaderId id) { return h->known >> id & 1; }

/*
 * Sets: replaces the field of that name, or appends it. Name and value are borrowed (they must live as long as the
 * response: a literal, or memory of the request). Raises 500 "bad_header" for a name that is no token, or a value with
 * CR, LF or NUL.
 */
CLEF_API(void, headers_set, Context *cx, Headers *h, Str name, Str value);
/* The same by number. The value is checked all the same. */
CLEF_API(void, headers_set_id, Context *cx, Headers *h, HeaderId id, Str value);
/* The same, only when there is none yet (Django's setdefault). */
CLEF_API(void, headers_set_default, Context *cx, Headers *h, Str name, Str value);
/* Appends one more field of the name, whatever is there. */
CLEF_API(void, headers_add, Context *cx, Headers *h, Str name, Str value);
/* False when there was none. */
CLEF_API(bool, headers_delete, Headers *h, Str name);

#endif
