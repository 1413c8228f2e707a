/*
 * client.h: asking other servers, on fibers: webhooks, APIs, tests. The work is libcurl's; it is loaded at the first
 * fetch, so that a program that never fetches does not carry it. Where it is missing every fetch says
 * FETCH_UNAVAILABLE.
 *
 *     HttpClient *client = http_client_create(loop, arena);            once per loop
 *     HttpFetched got;
 *     if (!http_fetch(client, r->arena, &(HttpFetch){ .url = STR("https://example.org/") }, &got))
 *         ... got.result, got.error
 *
 * A fetch parks its fiber; many run at the same time, and connections are kept and used again by all fetches of a client.
 * Only http and https are spoken, redirects included; the environment (http_proxy and the like) and files of the user
 * (.netrc) are not looked at. Certificates are checked.
 *
 * For addresses that strangers name (webhooks) there is `public_only`: each address is checked at the connect, after
 * the name was looked up and after every redirect, and connections are not shared with other fetches.
 */
#ifndef CLEF_NET_CLIENT_H
#define CLEF_NET_CLIENT_H

#include <clef/base/arena.h>
#include <clef/codec/http1.h>
#include <clef/rt/address.h>
#include <clef/rt/loop.h>
#include <sys/types.h>

typedef struct HttpClient HttpClient;
typedef struct HttpFetched HttpFetched;

enum {
    FETCH_HEAD_MAX = 65536, /* bytes of the head of one answer */
    FETCH_URL_MAX = 65536,  /* bytes */
    FETCH_REDIRECTS_MAX = 100,
};

typedef enum FetchResult {
    FETCH_OK,          /* there is an answer, whatever its status */
    FETCH_UNAVAILABLE, /* no libcurl, or one that is too old */
    FETCH_BAD_REQUEST, /* the HttpFetch cannot be sent, or a redirect leads to another scheme */
    FETCH_NOT_PUBLIC,  /* public_only, and the address is not */
    FETCH_NO_HOST,     /* the name has no address */
    FETCH_NO_CONNECTION,
    FETCH_TLS,       /* no TLS, or not with this certificate */
    FETCH_TIMEOUT,   /* one of the limits, or the deadline */
    FETCH_TOO_LARGE, /* body, head, or the arena's limit */
    FETCH_REDIRECTS, /* more than allowed */
    FETCH_STOPPED,   /* by `read` or `piece` */
    FETCH_BROKEN,    /* the other side ended too early, or answered no HTTP */
} FetchResult;

typedef struct HttpFetch {
    Str url;    /* absolute; a fragment is not sent */
    Str method; /* empty: GET, or POST when there is a body; methods other than GET, HEAD and POST survive a redirect */
    const HttpHeader *headers; /* Content-Length, Transfer-Encoding and Connection are the client's */
    size_t nheaders;
    Str body;
    /*
     * Instead of `body`: the next 1 to n bytes of it, 0 at the end, -1 to give up; `read_n` bytes in all, or -1: chunked.
     * Called on the fiber, may wait. Such a request cannot be redirected with its body.
     */
    ssize_t (*read)(void *arg, char *p, size_t n);
    int64_t read_n;
    /*
     * The answer's body in pieces, instead of in out->body; status and headers are there. Called on the fiber, may wait:
     * meanwhile the other side waits too. False stops the fetch.
     */
    bool (*piece)(void *arg, const HttpFetched *out, Str piece);
    void *arg;                   /* of both */
    uint64_t max_body;           /* bytes of the answer's body; 0: 16 MiB, or no limit with `piece` */
    uint32_t timeout_ms;         /* for the whole; 0: 30,000 */
    uint32_t connect_timeout_ms; /* for name, connection and TLS; 0: 10,000 */
    int64_t deadline_ns;         /* monotonic, as well as timeout_ms; 0: none */
    uint32_t redirects;          /* that are followed, to FETCH_REDIRECTS_MAX; 0: the 3xx is the answer */
    Str unix_socket;             /* connects there; the url only names the host */
    Str proxy;                   /* "http://proxy:3128"; empty: none */
    Str ca_file;                 /* PEM: whom to trust; empty: the system's store */
    bool insecure;               /* take any certificate of any name */
    bool public_only;            /* refuse private, local and reserved addresses; not with unix_socket or proxy */
} HttpFetch;

struct HttpFetched {
    FetchResult result;
    Str error; /* a sentence without a full stop; empty at FETCH_OK */
    int status;
    const HttpHeader *headers; /* of the last answer, in order */
    size_t nheaders;
    Str body;
    Str url;            /* of the last answer */
    uint32_t redirects; /* that were followed */
    bool reused;        /* over a connection of an earlier fetch */
};

/* One per loop. Nothing is loaded yet. Under `parent`. */
CLEF_API(HttpClient *, http_client_create, Loop *loop, Arena *parent) CLEF_NONNULL;
/* Closes the kept connections. No fetch may be running; before the loop is destroyed. NULL is fine. */
CLEF_API(void, http_client_destroy, HttpClient *client);

/*
 * On a fiber of the client's loop. True at FETCH_OK; *out is filled in any case, with memory of the arena. `read` and
 * `piece` may raise: then the fetch ends with the arena. An arena that reaches its limit meanwhile is FETCH_TOO_LARGE.
 */
CLEF_API(bool, http_fetch, HttpClient *client, Arena *arena, const HttpFetch *fetch, HttpFetched *out);
/* The value of the first header of this name, in any case; the NULL string when there is none. */
CLEF_API(Str, http_fetched_header, const HttpFetched *got, Str name);

/* A word for logs: "no_connection". */
CLEF_API(const char *, fetch_result_name, FetchResult result) CLEF_NONNULL;

/*
 * True for an address of the public internet: not private, loopback, link-local, shared, multicast, documentation, reserved
 * (the registries of RFC 6890), nor an IPv6 form of such an IPv4 one; false for unix sockets.
 */
CLEF_API(bool, address_is_public, const Address *a) CLEF_PURE;

#endif
