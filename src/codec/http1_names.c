/* http1_names.c: the tables of HTTP/1.1: byte classes, known header names, methods, status phrases, reasons. */
#include "codec/http1_names.h"

/* clang-format off */
const Http1Classes http1_class = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, /* 00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
    4, 15, 6, 5, 15, 7, 15, 15, 14, 14, 15, 15, 14, 15, 15, 6, /* 20 */
    31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 6, 14, 6, 14, 6, 6, /* 30 */
    6, 31, 31, 31, 31, 31, 31, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 40 */
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 7, 15, /* 50 */
    7, 31, 31, 31, 31, 31, 31, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 60 */
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 7, 6, 15, 0, /* 70 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* 80 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* 90 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* a0 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* b0 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* c0 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* d0 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* e0 */
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* f0 */
};

#define NAME(name) { .text = name ":", .n = sizeof(name) - 1 }
const Http1Names http1_names = {
    [HDR_HOST] = NAME("host"),
    [HDR_CONNECTION] = NAME("connection"),
    [HDR_CONTENT_LENGTH] = NAME("content-length"),
    [HDR_TRANSFER_ENCODING] = NAME("transfer-encoding"),
    [HDR_EXPECT] = NAME("expect"),
    [HDR_UPGRADE] = NAME("upgrade"),
    [HDR_CONTENT_TYPE] = NAME("content-type"),
    [HDR_COOKIE] = NAME("cookie"),
    [HDR_ACCEPT] = NAME("accept"),
    [HDR_ACCEPT_ENCODING] = NAME("accept-encoding"),
    [HDR_ACCEPT_LANGUAGE] = NAME("accept-language"),
    [HDR_AUTHORIZATION] = NAME("authorization"),
    [HDR_CACHE_CONTROL] = NAME("cache-control"),
    [HDR_CONTENT_ENCODING] = NAME("content-encoding"),
    [HDR_CONTENT_DISPOSITION] = NAME("content-disposition"),
    [HDR_IF_MATCH] = NAME("if-match"),
    [HDR_IF_NONE_MATCH] = NAME("if-none-match"),
    [HDR_IF_MODIFIED_SINCE] = NAME("if-modified-since"),
    [HDR_IF_UNMODIFIED_SINCE] = NAME("if-unmodified-since"),
    [HDR_IF_RANGE] = NAME("if-range"),
    [HDR_RANGE] = NAME("range"),
    [HDR_ORIGIN] = NAME("origin"),
    [HDR_REFERER] = NAME("referer"),
    [HDR_USER_AGENT] = NAME("user-agent"),
    [HDR_FORWARDED] = NAME("forwarded"),
    [HDR_X_FORWARDED_FOR] = NAME("x-forwarded-for"),
    [HDR_X_FORWARDED_HOST] = NAME("x-forwarded-host"),
    [HDR_X_FORWARDED_PORT] = NAME("x-forwarded-port"),
    [HDR_X_FORWARDED_PROTO] = NAME("x-forwarded-proto"),
    [HDR_X_REAL_IP] = NAME("x-real-ip"),
    [HDR_X_REQUEST_ID] = NAME("x-request-id"),
    [HDR_X_REQUESTED_WITH] = NAME("x-requested-with"),
    [HDR_X_CSRFTOKEN] = NAME("x-csrftoken"),
    [HDR_X_HTTP_METHOD_OVERRIDE] = NAME("x-http-method-override"),
    [HDR_TRAILER] = NAME("trailer"),
    [HDR_KEEP_ALIVE] = NAME("keep-alive"),
    [HDR_PROXY_CONNECTION] = NAME("proxy-connection"),
    [HDR_PRAGMA] = NAME("pragma"),
    [HDR_DATE] = NAME("date"),
    [HDR_PRIORITY] = NAME("priority"),
    [HDR_TRACEPARENT] = NAME("traceparent"),
    [HDR_LAST_EVENT_ID] = NAME("last-event-id"),
    [HDR_SEC_WEBSOCKET_KEY] = NAME("sec-websocket-key"),
    [HDR_SEC_WEBSOCKET_VERSION] = NAME("sec-websocket-version"),
    [HDR_SEC_WEBSOCKET_PROTOCOL] = NAME("sec-websocket-protocol"),
    [HDR_SEC_WEBSOCKET_EXTENSIONS] = NAME("sec-websocket-extensions"),
    [HDR_SEC_FETCH_SITE] = NAME("sec-fetch-site"),
    [HDR_SEC_FETCH_MODE] = NAME("sec-fetch-mode"),
    [HDR_SEC_FETCH_DEST] = NAME("sec-fetch-dest"),
    [HDR_SEC_FETCH_USER] = NAME("sec-fetch-user"),
    [HDR_HTTP2_SETTINGS] = NAME("http2-settings"),
    [HDR_UPGRADE_INSECURE_REQUESTS] = NAME("upgrade-insecure-requests"),
    [HDR_ACCESS_CONTROL_REQUEST_METHOD] = NAME("access-control-request-method"),
    [HDR_ACCESS_CONTROL_REQUEST_HEADERS] = NAME("access-control-request-headers"),
};

/* By HTTP1_SLOT: no two known names share one; a test looks every name up. */
const Http1Slots http1_slots = {
    [0] = HDR_COOKIE,
    [1] = HDR_SEC_WEBSOCKET_VERSION,
    [5] = HDR_DATE,
    [7] = HDR_X_HTTP_METHOD_OVERRIDE,
    [10] = HDR_EXPECT,
    [19] = HDR_REFERER,
    [20] = HDR_SEC_FETCH_DEST,
    [21] = HDR_ACCESS_CONTROL_REQUEST_METHOD,
    [24] = HDR_X_FORWARDED_FOR,
    [25] = HDR_UPGRADE,
    [26] = HDR_X_REQUEST_ID,
    [29] = HDR_SEC_FETCH_SITE,
    [33] = HDR_TRACEPARENT,
    [34] = HDR_X_FORWARDED_PROTO,
    [37] = HDR_X_REAL_IP,
    [38] = HDR_TRAILER,
    [41] = HDR_PRIORITY,
    [42] = HDR_ACCEPT,
    [44] = HDR_SEC_WEBSOCKET_EXTENSIONS,
    [49] = HDR_CACHE_CONTROL,
    [50] = HDR_SEC_WEBSOCKET_KEY,
    [53] = HDR_HTTP2_SETTINGS,
    [55] = HDR_RANGE,
    [59] = HDR_IF_NONE_MATCH,
    [61] = HDR_LAST_EVENT_ID,
    [69] = HDR_UPGRADE_INSECURE_REQUESTS,
    [73] = HDR_X_REQUESTED_WITH,
    [75] = HDR_KEEP_ALIVE,
    [78] = HDR_CONTENT_LENGTH,
    [79] = HDR_ACCEPT_ENCODING,
    [83] = HDR_X_CSRFTOKEN,
    [84] = HDR_PROXY_CONNECTION,
    [86] = HDR_ACCEPT_LANGUAGE,
    [87] = HDR_SEC_WEBSOCKET_PROTOCOL,
    [88] = HDR_CONTENT_DISPOSITION,
    [91] = HDR_CONNECTION,
    [93] = HDR_ACCESS_CONTROL_REQUEST_HEADERS,
    [94] = HDR_IF_UNMODIFIED_SINCE,
    [98] = HDR_IF_MODIFIED_SINCE,
    [99] = HDR_TRANSFER_ENCODING,
    [102] = HDR_USER_AGENT,
    [106] = HDR_SEC_FETCH_USER,
    [107] = HDR_X_FORWARDED_HOST,
    [108] = HDR_IF_RANGE,
    [109] = HDR_HOST,
    [110] = HDR_AUTHORIZATION,
    [113] = HDR_FORWARDED,
    [114] = HDR_CONTENT_ENCODING,
    [115] = HDR_PRAGMA,
    [118] = HDR_ORIGIN,
    [119] = HDR_X_FORWARDED_PORT,
    [121] = HDR_CONTENT_TYPE,
    [124] = HDR_IF_MATCH,
    [125] = HDR_SEC_FETCH_MODE,
};

static const struct {
    int status;
    const char *text;
} reasons[HTTP1_REASON_COUNT] = {
    [HTTP1_OK] = { 0, "" },
    [HTTP1_BAD_START] = { 400, "the first byte cannot begin an HTTP request" },
    [HTTP1_BAD_METHOD] = { 400, "the method is not a token" },
    [HTTP1_LONG_METHOD] = { 501, "no method is that long" },
    [HTTP1_BAD_TARGET] = { 400, "the request target is not well formed, or not of a form that this method takes" },
    [HTTP1_BAD_VERSION] = { 400, "the request line does not end in an HTTP version" },
    [HTTP1_VERSION_UNSUPPORTED] = { 505, "only HTTP/1.0 and HTTP/1.1 are spoken here" },
    [HTTP1_HTTP2_PREFACE] = { 505, "HTTP/2 is not spoken here" },
    [HTTP1_BAD_STATUS] = { 502, "the status line is not well formed" },
    [HTTP1_BARE_CR] = { 400, "a CR without its LF" },
    [HTTP1_BARE_LF] = { 400, "a LF without its CR" },
    [HTTP1_BAD_NAME] = { 400, "a header line without a well-formed name and colon" },
    [HTTP1_SPACE_BEFORE_COLON] = { 400, "white space between a header's name and its colon" },
    [HTTP1_FOLDED] = { 400, "a header line that begins with white space" },
    [HTTP1_BAD_VALUE] = { 400, "a control character in a header's value" },
    [HTTP1_LINE_TOO_LONG] = { 414, "the request line is longer than the limit `line`" },
    [HTTP1_TOO_MANY_HEADERS] = { 431, "more headers than the limit `headers`" },
    [HTTP1_HEADERS_TOO_LARGE] = { 431, "the headers are longer than the limit `bytes`" },
    [HTTP1_NO_HOST] = { 400, "an HTTP/1.1 request without a Host header" },
    [HTTP1_REPEATED_HOST] = { 400, "more than one Host header" },
    [HTTP1_BAD_HOST] = { 400, "the host is not well formed" },
    [HTTP1_REPEATED_LENGTH] = { 400, "more than one Content-Length" },
    [HTTP1_BAD_LENGTH] = { 400, "Content-Length is not a number of 64 bits" },
    [HTTP1_LENGTH_WITH_CODING] = { 400, "Content-Length beside Transfer-Encoding" },
    [HTTP1_CODING_IN_HTTP10] = { 400, "Transfer-Encoding in an HTTP/1.0 message" },
    [HTTP1_BAD_CODING] = { 400, "chunked is not the last transfer coding, or stands there twice" },
    [HTTP1_CODING_UNSUPPORTED] = { 501, "a transfer coding other than chunked" },
    [HTTP1_EXPECTATION_FAILED] = { 417, "an expectation other than 100-continue" },
    [HTTP1_BAD_CHUNK_SIZE] = { 400, "a chunk size that is not a hexadecimal number" },
    [HTTP1_CHUNK_SIZE_OVERFLOW] = { 400, "a chunk size beyond 63 bits" },
    [HTTP1_BAD_CHUNK_EXTENSION] = { 400, "a chunk extension that is not well formed" },
    [HTTP1_CHUNK_EXTENSIONS_TOO_LARGE] = { 400, "chunk extensions longer than the limit `extensions_max`" },
    [HTTP1_BAD_CHUNK_END] = { 400, "no line end behind a chunk's data" },
    [HTTP1_TRAILERS_TOO_LARGE] = { 431, "trailers longer than their limit" },
    [HTTP1_TRAILER_FORBIDDEN] = { 400, "a trailer field that frames, routes or authenticates the message" },
};

Str http_status_phrase(int status)
{
    switch (status) {
    case 100: return STR("Continue");
    case 101: return STR("Switching Protocols");
    case 102: return STR("Processing");
    case 103: return STR("Early Hints");
    case 200: return STR("OK");
    case 201: return STR("Created");
    case 202: return STR("Accepted");
    case 203: return STR("Non-Authoritative Information");
    case 204: return STR("No Content");
    case 205: return STR("Reset Content");
    case 206: return STR("Partial Content");
    case 207: return STR("Multi-Status");
    case 208: return STR("Already Reported");
    case 226: return STR("IM Used");
    case 300: return STR("Multiple Choices");
    case 301: return STR("Moved Permanently");
    case 302: return STR("Found");
    case 303: return STR("See Other");
    case 304: return STR("Not Modified");
    case 305: return STR("Use Proxy");
    case 307: return STR("Temporary Redirect");
    case 308: return STR("Permanent Redirect");
    case 400: return STR("Bad Request");
    case 401: return STR("Unauthorized");
    case 402: return STR("Payment Required");
    case 403: return STR("Forbidden");
    case 404: return STR("Not Found");
    case 405: return STR("Method Not Allowed");
    case 406: return STR("Not Acceptable");
    case 407: return STR("Proxy Authentication Required");
    case 408: return STR("Request Timeout");
    case 409: return STR("Conflict");
    case 410: return STR("Gone");
    case 411: return STR("Length Required");
    case 412: return STR("Precondition Failed");
    case 413: return STR("Content Too Large");
    case 414: return STR("URI Too Long");
    case 415: return STR("Unsupported Media Type");
    case 416: return STR("Range Not Satisfiable");
    case 417: return STR("Expectation Failed");
    case 418: return STR("I'm a Teapot");
    case 421: return STR("Misdirected Request");
    case 422: return STR("Unprocessable Content");
    case 423: return STR("Locked");
    case 424: return STR("Failed Dependency");
    case 425: return STR("Too Early");
    case 426: return STR("Upgrade Required");
    case 428: return STR("Precondition Required");
    case 429: return STR("Too Many Requests");
    case 431: return STR("Request Header Fields Too Large");
    case 451: return STR("Unavailable For Legal Reasons");
    case 500: return STR("Internal Server Error");
    case 501: return STR("Not Implemented");
    case 502: return STR("Bad Gateway");
    case 503: return STR("Service Unavailable");
    case 504: return STR("Gateway Timeout");
    case 505: return STR("HTTP Version Not Supported");
    case 506: return STR("Variant Also Negotiates");
    case 507: return STR("Insufficient Storage");
    case 508: return STR("Loop Detected");
    case 510: return STR("Not Extended");
    case 511: return STR("Network Authentication Required");
    default: return STR("Unknown");
    }
}
/* clang-format on */

int http1_reason_status(Http1Reason reason)
{
    return (unsigned)reason < HTTP1_REASON_COUNT ? reasons[reason].status : 400;
}

const char *http1_reason_text(Http1Reason reason)
{
    return (unsigned)reason < HTTP1_REASON_COUNT ? reasons[reason].text : "";
}

Str http_method_text(HttpMethod method)
{
    static const Str methods[] = {
        [HTTP_OTHER] = STR(""),        [HTTP_GET] = STR("GET"),         [HTTP_HEAD] = STR("HEAD"),
        [HTTP_POST] = STR("POST"),     [HTTP_PUT] = STR("PUT"),         [HTTP_PATCH] = STR("PATCH"),
        [HTTP_DELETE] = STR("DELETE"), [HTTP_OPTIONS] = STR("OPTIONS"), [HTTP_CONNECT] = STR("CONNECT"),
        [HTTP_TRACE] = STR("TRACE"),
    };
    return (unsigned)method < CLEF_COUNT(methods) ? methods[method] : STR("");
}

/* A copy with a colon and HTTP1_PAD bytes behind it, because the name may end where its memory does. */
HttpKnown http_known_find(Str name)
{
    char padded[HTTP1_NAME_MAX + 1 + HTTP1_PAD] = { 0 };
    if (name.n < 4 || name.n > HTTP1_NAME_MAX || !http_is_token(name))
        return HDR_UNKNOWN;
    memcpy(padded, name.p, name.n);
    padded[name.n] = ':';
    return http1_known(padded, name.n);
}

Str http_known_name(HttpKnown id)
{
    return (unsigned)id < HDR_COUNT ? (Str){ http1_names[id].text, http1_names[id].n } : STR("");
}

const HttpHeader *http_header_next(const HttpHead *h, Str name, size_t *at)
{
    for (size_t i = *at; i < h->nheaders; i++)
        if (h->headers[i].name.n == name.n && str_ieq(h->headers[i].name, name)) {
            *at = i + 1;
            return &h->headers[i];
        }
    *at = h->nheaders;
    return NULL;
}

Str http_header(const HttpHead *h, Str name)
{
    HttpKnown id = http_known_find(name);
    if (id != HDR_UNKNOWN)
        return http_known(h, id);
    size_t at = 0;
    const HttpHeader *found = http_header_next(h, name, &at);
    return found ? found->value : (Str){ 0 };
}

bool http_is_token(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!http1_is(s.p[i], CLASS_TOKEN))
            return false;
    return s.n > 0;
}

static CLEF_COLD bool is_value_by_byte(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!http1_is(s.p[i], CLASS_VALUE))
            return false;
    return true;
}

/* Not 0 when one of these sixteen bytes is a control character. The portable one takes a tab for one, too. */
static inline uint64_t controls(uint64_t v, uint64_t w)
{
#if defined(__SSE2__)
    return http1_controls(_mm_set_epi64x((int64_t)w, (int64_t)v));
#else
    const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
    uint64_t x = v ^ ones * 0x7f, y = w ^ ones * 0x7f;
    return (((v - ones * 0x20) & ~v) | ((x - ones) & ~x) | ((w - ones * 0x20) & ~w) | ((y - ones) & ~y)) & high;
#endif
}

bool http_is_value(Str s)
{
    if (s.n < 8)
        return is_value_by_byte(s);
    uint64_t found = 0, last = http1_load64(s.p + s.n - 8);
    for (size_t i = 16; i < s.n; i += 16)
        found |= controls(http1_load64(s.p + i - 16), http1_load64(s.p + i - 8));
    /* The last sixteen bytes, or all of fewer, by two loads that may overlap. */
    found |= controls(http1_load64(s.n < 16 ? s.p : s.p + s.n - 16), last);
    return CLEF_LIKELY(!found) || is_value_by_byte(s);
}
