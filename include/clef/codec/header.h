/*
 * header.h: the structured values of HTTP headers, read and written as pure functions: parameters (Content-Type,
 * Content-Disposition), entity tags, ranges, caching, links and forwarding (RFC 9110, 9111, 8288, 7239, 6266). Where
 * Django has the function, the name and the behaviour are its own. What a client may accept stands in accept.h.
 *
 * Reading functions return views into their argument where they can; what they must decode is in the arena.
 */
#ifndef CLEF_CODEC_HEADER_H
#define CLEF_CODEC_HEADER_H

#include <clef/base/buf.h>

typedef struct HeaderParam {
    Str name; /* lower case where it had a value */
    Str value;
} HeaderParam;

typedef struct HeaderValue {
    Str value; /* what stands before the first ;, lower case */
    const HeaderParam *params;
    size_t n;
} HeaderValue;

enum {
    HEADER_PARAMS_MAX = 128,
    HEADER_LENGTH_MAX = 10000, /* characters of a line with parameters, as Django has it */
};

/*
 * "value; name=text; name="quoted"; name*=charset'language'percent-encoded" (RFC 8187), as Django's function of that
 * name reads it: pieces without = are none, of several parameters with one name the last wins, a name* without its two
 * ticks is the bare text. False for a charset that charset.h does not know, for ticks that are not in the value, and
 * past HEADER_PARAMS_MAX parameters or HEADER_LENGTH_MAX characters.
 */
CLEF_API(bool, parse_header_parameters, Arena *a, Str line, HeaderValue *out) CLEF_MUST_USE;
/* The parameter's value, or the NULL string. `name` is lower case. */
CLEF_API(Str, header_param, const HeaderValue *h, Str name) CLEF_PURE;

/*
 * Content-Disposition for a file that is shown or, `as_attachment`, kept (RFC 6266): plain names in quotes, others as
 * filename*. NULL when there is nothing to say: no name and no attachment.
 */
CLEF_API(Str, content_disposition_header, Arena *a, bool as_attachment, Str filename);

/* An entity tag in quotes, weak or strong, or one wrapped in quotes. */
CLEF_API(Str, quote_etag, Arena *a, Str tag);
/* Whether If-Match or If-None-Match is "*", any tag. */
CLEF_API(bool, etag_any, Str header) CLEF_PURE;
/* The next valid tag of such a header, with its quotes; what is no tag is passed over. False at the end. */
CLEF_API(bool, etag_next, Str *header, Str *tag);
/* Whether `etag` (quoted) is among the header's tags, or the header is "*": weakly, W/ ignored, or strongly. */
CLEF_API(bool, etag_matches, Str header, Str etag, bool weak);
/*
 * Whether a Range may be honoured under If-Range: its tag is strong and equals `etag`, or it is a date and spells
 * `last_modified` exactly. An absent header (NULL) allows it.
 */
CLEF_API(bool, if_range_matches, Str header, Str etag, Str last_modified);

typedef struct ByteRange {
    uint64_t first, last; /* inclusive, inside the content */
} ByteRange;
typedef enum RangeStatus {
    RANGE_NONE,          /* no header, another unit, malformed, or more ranges than room: send the whole */
    RANGE_OK,            /* 206 */
    RANGE_UNSATISFIABLE, /* 416 */
} RangeStatus;
/* "bytes=0-99,200-,-5" over `size` bytes of content: the satisfiable ranges, at most `max`, in order of the header. */
CLEF_API(RangeStatus, range_parse, Str header, uint64_t size, ByteRange *out, size_t max, size_t *n);
/*
 * Joins the ranges that overlap or have at most `gap` bytes between them, at the place of the one that came first (RFC 9110
 * section 15.3.7.2). Returns how many are left. Meant for few: each is compared with each.
 */
CLEF_API(size_t, ranges_join, ByteRange *ranges, size_t n, uint64_t gap);

/* The Vary header with the names added that it lacks, or "*" when one of them is. `existing` NULL: there was none. */
CLEF_API(Str, vary_patch, Arena *a, Str existing, const Str *names, size_t n);
CLEF_API(bool, vary_has, Str header, Str name);

typedef struct CacheDirective {
    Str name;  /* "max-age", "private", ... */
    Str value; /* NULL: the name alone */
} CacheDirective;
/*
 * Cache-Control with the directives set: a max-age only ever gets smaller, private and public replace each other,
 * no-cache collects field names until it stands alone.
 */
CLEF_API(Str, cache_control_patch, Arena *a, Str existing, const CacheDirective *set, size_t n);
/* The value of a directive ("" when it has none), or NULL when it is not there; of several the last. */
CLEF_API(Str, cache_control_get, Str header, Str name);
/* False when there is no max-age, or no number. */
CLEF_API(bool, cache_control_max_age, Str header, int64_t *seconds);

/* `<target>; rel="next"; title="..."`: the next link of a Link header, as it stands; false at the end or a bad one. */
typedef struct Link {
    Str target;
    Str rel, type, title; /* NULL: not there */
} Link;
CLEF_API(bool, link_next, Arena *a, Str *header, Link *out);
/* Appends one, after ", " when something stands there. False for bytes that would leave the value, and when full. */
CLEF_API(bool, link_add, Buf *out, const Link *link);

/* One hop of a Forwarded header (RFC 7239), unquoted; NULL where not given. The hop nearest to us is the last. */
typedef struct Forwarded {
    Str for_, by, host, proto;
} Forwarded;
CLEF_API(bool, forwarded_next, Arena *a, Str *header, Forwarded *out);
/*
 * The client's address in X-Forwarded-For behind `proxies` proxies that are ours: each of them added one entry at the
 * end, so that whatever stands further left is the client's own claim. NULL with fewer entries, and with 0 proxies.
 */
CLEF_API(Str, forwarded_for, Str header, unsigned proxies);

#endif
