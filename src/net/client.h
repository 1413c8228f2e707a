/* client.h: the inside of the HTTP client: client.c is the fiber's side of a fetch, client_curl.c is libcurl's. */
#ifndef CLEF_SRC_NET_CLIENT_H
#define CLEF_SRC_NET_CLIENT_H

#include <clef/base/buf.h>
#include <clef/net/client.h>
#include <clef/rt/sync.h>

typedef struct Fetch Fetch;
typedef struct CurlLibrary CurlLibrary;
typedef struct CurlPool CurlPool;

struct HttpClient {
    Loop *loop;
    Arena *arena;
    CurlLibrary *curl;  /* NULL until the first fetch */
    CurlPool *pools[2]; /* the second one: connections to public addresses only */
    Mutex loading;
    const char *missing; /* why there is no library */
    uint32_t running;
};

/* Two of them: one is filled by libcurl while the fiber hands the other one over. */
typedef struct FetchHalf {
    char *p;
    size_t n;
} FetchHalf;

enum { FETCH_PIECE = 32768 }; /* bytes of a half; libcurl writes at most 16 KiB at once */

struct Fetch {
    HttpClient *client;
    Arena *arena;
    const HttpFetch *ask;
    HttpFetched *out;
    Fiber *waiter;      /* parked in http_fetch */
    void *easy;         /* libcurl's handle */
    void *header_list;  /* and its list */
    CurlPool *pool;     /* that the handle is in */
    FetchResult result; /* what a callback found wrong */
    const char *why;
    int code; /* CURLcode, when done */
    bool done;
    bool head_out; /* status and headers are in *out */
    bool receive_paused, send_paused;
    uint64_t max_body, body_n; /* body_n: bytes that came */
    size_t head_n;
    char *body; /* without `piece` */
    size_t body_cap;
    FetchHalf in[2];
    int filling; /* which half libcurl fills */
    FetchHalf up;
    size_t up_at;
    bool up_ended;
    int64_t up_left; /* bytes that `read` still owes; -1: nobody knows */
    char error[256]; /* libcurl's words */
};

/* client.c */
CLEF_PRIVATE(void, fetch_wake, Fetch *f);

/* client_curl.c. On failure `missing` says why. On a fiber. */
CLEF_PRIVATE(bool, curl_load, HttpClient *client) CLEF_MUST_USE;
CLEF_PRIVATE(void, curl_unload, HttpClient *client);
/* Makes the handle and starts it. False with f->result and f->why. */
CLEF_PRIVATE(bool, curl_start, Fetch *f, uint32_t timeout_ms) CLEF_MUST_USE;
/* Status, headers and url of the answer that has come to *f->out. */
CLEF_PRIVATE(void, curl_head, Fetch *f);
/* After a half was emptied, or `up` was filled. */
CLEF_PRIVATE(void, curl_resume, Fetch *f);
/* The outcome of a handle that is done. */
CLEF_PRIVATE(void, curl_outcome, Fetch *f);
/* Takes the handle out and frees it; nothing when there is none. */
CLEF_PRIVATE(void, curl_end, Fetch *f);

#endif
