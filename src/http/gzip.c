/* gzip.c: compressing a response, whole or as it streams; the contract is in <clef/http/gzip.h>. */
#include "http/request.h"
#include "http/response.h"
#include <clef/base/assert.h>
#include <clef/base/rand.h>
#include <clef/codec/accept.h>
#include <clef/codec/gzip.h>
#include <clef/codec/mime.h>
#include <clef/http/cache_headers.h>
#include <clef/http/gzip.h>
#include <clef/rt/pool.h>

#include <pthread.h>

enum {
    SLICE = 16384,         /* bytes given to the compressor at once */
    SLICE_OUT = 8 * SLICE, /* at most what comes out of one slice, and of what was held back before */
};

bool request_accepts_gzip(Request *r)
{
    Str header = request_known_header(r, HDR_ACCEPT_ENCODING);
    return header.n && accept_coding(header, STR("gzip")) > 0;
}

/*
 * A name of random length, or none when the kernel has no randomness: then the length is not hidden, and nothing is
 * sent.
 */
static bool random_name(Str *name)
{
    static const char letters[GZIP_PAGE_RANDOM] = { [0 ... GZIP_PAGE_RANDOM - 1] = 'a' };
    uint64_t n;
    if (!rand_below(GZIP_PAGE_RANDOM, &n))
        return false;
    *name = (Str){ letters, (size_t)n };
    return true;
}

static void mark(Request *r, Response *response)
{
    Str etag = headers_get_id(&response->headers, HEADER_ETAG);
    if (etag.n && etag.p[0] == '"')
        headers_set_id(&r->cx, &response->headers, HEADER_ETAG, str_concat(r->cx.arena, STR("W/"), etag));
    headers_delete(&response->headers, STR("Content-Length"));
    headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_ENCODING, STR("gzip"));
}

/* --- whole bodies */

typedef struct Job {
    Str content;
    Buf out; /* from the heap: an arena is not for another thread */
    Str file_name;
    bool ok;
} Job;

static void compress_job(void *arg)
{
    Job *job = arg;
    job->ok = gzip_compress(&job->out, job->content, (GzipOptions){ .file_name = job->file_name });
}

static void free_job(void *arg) { buf_finish(&((Job *)arg)->out); }

/*
 * The work memory of this thread's compressor, kept for the next body: making it takes longer than compressing a page.
 * It goes with the thread.
 */
static pthread_key_t engine_key;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;

static void drop_engine(void *engine) { gzip_engine_destroy(engine); }
static void make_engine_key(void) { ASSERT(pthread_key_create(&engine_key, drop_engine) == 0); }

static GzipEngine *engine(void)
{
    static _Thread_local GzipEngine *kept;
    if (CLEF_UNLIKELY(!kept)) {
        (void)pthread_once(&engine_once, make_engine_key);
        kept = gzip_engine_create();
        (void)pthread_setspecific(engine_key, kept);
    }
    return kept;
}

static bool compress_whole(Request *r, Response *response, Str file_name)
{
    size_t most = response->content.n - 1; /* else it is not worth it */
    if (response->content.n < GZIP_PAGE_OFFLOAD) {
        Buf out = BUF_INIT(r->cx.arena, most);
        if (!gzip_compress(&out, response->content, (GzipOptions){ .file_name = file_name, .engine = engine() }))
            return false;
        response->content = buf_view(&out);
        return true;
    }
    Job *job = NEW(r->cx.arena, Job);
    *job = (Job){ .content = response->content, .out = BUF_INIT(NULL, most), .file_name = file_name };
    DEFER(r, free_job, job);
    if (offload(compress_job, job) < 0)
        compress_job(job); /* the pool is full: here, then */
    if (!job->ok) {
        buf_finish(&job->out);
        return false;
    }
    response->content = buf_view(&job->out);
    return true;
}

/* --- streams */

typedef struct Pipe {
    ResponseStream stream; /* what the view writes to */
    ResponseStream *to;
    Request *r;
    StreamFn *fn;
    void *arg;
    Str file_name;
    GzipStream *gzip;
    Buf out;
} Pipe;

static void push(Pipe *pipe, Str bytes, GzipStep step)
{
    if (!gzip_stream_add(pipe->gzip, &pipe->out, bytes, step))
        RAISE(pipe->r, 500, "gzip", "A streaming response could not be compressed.");
    if (pipe->out.n) {
        response_write(pipe->to, buf_view(&pipe->out));
        buf_clear(&pipe->out);
    }
}

static void pipe_write(ResponseStream *stream, Str bytes)
{
    Pipe *pipe = CLEF_CONTAINER(stream, Pipe, stream);
    while (bytes.n) {
        push(pipe, str_slice(bytes, 0, SLICE), GZIP_MORE);
        bytes = str_from_byte(bytes, SLICE);
    }
}

static void pipe_flush(ResponseStream *stream)
{
    Pipe *pipe = CLEF_CONTAINER(stream, Pipe, stream);
    push(pipe, STR(""), GZIP_FLUSH);
    response_flush(pipe->to);
}

static void run_pipe(Request *r, ResponseStream *to, void *arg)
{
    Pipe *pipe = arg;
    pipe->to = to;
    pipe->gzip = gzip_stream_create(r->cx.arena, (GzipOptions){ .file_name = pipe->file_name });
    if (!pipe->gzip)
        RAISE(r, 503, "gzip", "There is no memory to compress a streaming response.");
    pipe->out = BUF_INIT(r->cx.arena, SLICE_OUT);
    pipe->fn(r, &pipe->stream, pipe->arg);
    push(pipe, STR(""), GZIP_END);
}

static void pipe_through(Request *r, Response *response, StreamFn *fn, void *arg, Str file_name)
{
    Pipe *pipe = NEW(r->cx.arena, Pipe);
    *pipe = (Pipe){ .stream = { pipe_write, pipe_flush }, .r = r, .fn = fn, .arg = arg, .file_name = file_name };
    response->stream = run_pipe;
    response->stream_arg = pipe;
    response->streaming = true;
}

/* --- files */

/* What is packed already (pictures, archives, films) only costs time. */
static bool gets_smaller(Str content_type)
{
    static const Str others[] = {
        STR("application/json"),         STR("application/javascript"), STR("application/xml"),
        STR("application/wasm"),         STR("image/svg+xml"),          STR("image/bmp"),
        STR("application/manifest+json")
    };
    Str type = str_trim(str_slice(content_type, 0, str_find_byte(content_type, ';')));
    for (size_t i = 0; i < CLEF_COUNT(others); i++)
        if (str_ieq(type, others[i]))
            return true;
    return mime_is_text(type) || str_istarts(type, STR("text/"));
}

static bool suits(const Response *response)
{
    const Headers *h = &response->headers;
    if (headers_has_id(h, HEADER_CONTENT_ENCODING) || headers_has_id(h, HEADER_CONTENT_RANGE) ||
        response->status == 206)
        return false; /* encoded already; a part, or parts, of something that is not */
    if (response->stream)
        return true;
    if (response->file)
        return response->status == 200 && response->file->size >= GZIP_PAGE_MIN &&
               gets_smaller(headers_get_id(h, HEADER_CONTENT_TYPE));
    return response->content.n >= GZIP_PAGE_MIN;
}

void response_gzip(Request *r, Response *response)
{
    if (!suits(response))
        return;
    patch_vary_headers(r, response, STR("Accept-Encoding"));
    Str name;
    if (!request_accepts_gzip(r) || !random_name(&name))
        return;
    if (response->stream) {
        pipe_through(r, response, response->stream, response->stream_arg, name);
    } else if (response->file) {
        pipe_through(r, response, response_file_stream, response->file, name);
        response->file = NULL;
        headers_delete(&response->headers, STR("Accept-Ranges"));
    } else if (!compress_whole(r, response, name)) {
        return;
    }
    mark(r, response);
}
