/* response_file.c: FileResponse: the headers, and which part of the file goes out. The server sends it by sendfile. */
#include "base/fault.h"
#include "http/response.h"
#include <clef/base/datetime.h>
#include <clef/base/rand.h>
#include <clef/codec/header.h>
#include <clef/codec/httpdate.h>
#include <clef/codec/mime.h>
#include <clef/conf.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 16384,       /* bytes read at once */
    RANGES_MAX = 16,     /* of one request */
    RANGE_GAP = 128,     /* bytes between two ranges that are sent rather than a head between two parts */
    BOUNDARY_BYTES = 32, /* 190 bits: no file has it by chance */
};

static void close_descriptor(void *arg) { close((int)(intptr_t)arg); }

/* What messages call it: clients may read them, and the folders of a server are not for them. */
static Str shown(const Request *r, Str path)
{
    size_t slash = str_rfind_byte(path, '/');
    return r->settings->debug || slash == STR_NPOS ? path : str_from_byte(path, slash + 1);
}

static int open_regular(Request *r, Str path, struct stat *st)
{
    if (str_find_byte(path, 0) != STR_NPOS) /* it would end the name early */
        RAISE(r, 404, "file", "the name of a file has a NUL");
    const char *name = str_dup_c(r->cx.arena, path);
    int fd =
        fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        RAISE(r,
              errno == EACCES                      ? 403
              : errno == EMFILE || errno == ENFILE ? 503
                                                   : 404,
              "file", "\"%.*s\" cannot be opened: %s", STR_FMT(shown(r, path)), strerrordesc_np(errno));
    DEFER(r, close_descriptor, (void *)(intptr_t)fd);
    if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
        RAISE(r, 404, "file", "\"%.*s\" is no regular file", STR_FMT(shown(r, path)));
    return fd;
}

static Str file_type(Request *r, Str name, const FileOptions *o)
{
    if (o->content_type)
        return str_c(o->content_type);
    Str encoding, type = mime_guess(name, &encoding);
    /* As Django: an encoded file is sent as what its encoding is, so that browsers do not unpack what is downloaded. */
    if (encoding.n)
        return str_eq(encoding, STR("gzip"))    ? STR("application/gzip")
               : str_eq(encoding, STR("bzip2")) ? STR("application/x-bzip")
               : str_eq(encoding, STR("xz"))    ? STR("application/x-xz")
               : str_eq(encoding, STR("br"))    ? STR("application/x-brotli")
                                                : STR("application/x-compress");
    if (str_is_null(type))
        return STR("application/octet-stream");
    return mime_is_text(type) ? str_format(r->cx.arena, "%.*s; charset=utf-8", STR_FMT(type)) : type;
}

void response_file_stream(Request *r, ResponseStream *to, void *arg)
{
    const ResponseFile *file = arg;
    char *piece = arena_alloc(r->cx.arena, PIECE);
    for (uint64_t done = 0; done < file->size;) {
        uint64_t left = file->size - done;
        ssize_t n = pread(file->fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)(file->from + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            RAISE(r, 500, "file", "A file became shorter, or could not be read, while it was sent.");
        response_write(to, (Str){ piece, (size_t)n });
        done += (uint64_t)n;
    }
}

/* --- ranges */

typedef struct Parts {
    int fd;
    uint64_t size; /* of the whole file */
    Str type, boundary;
    size_t n;
    ByteRange ranges[RANGES_MAX];
} Parts;

static Str content_range(Arena *a, ByteRange range, uint64_t size)
{
    return str_format(a, "bytes %llu-%llu/%llu", (unsigned long long)range.first, (unsigned long long)range.last,
                      (unsigned long long)size);
}

/* The multipart/byteranges of RFC 9110 section 14.6. */
static void stream_parts(Request *r, ResponseStream *to, void *arg)
{
    const Parts *parts = arg;
    Arena *a = r->cx.arena;
    for (size_t i = 0; i < parts->n; i++) {
        ByteRange range = parts->ranges[i];
        response_write(to, str_format(a, "%s--%.*s\r\nContent-Type: %.*s\r\nContent-Range: %.*s\r\n\r\n",
                                      i ? "\r\n" : "", STR_FMT(parts->boundary), STR_FMT(parts->type),
                                      STR_FMT(content_range(a, range, parts->size))));
        response_file_stream(
            r, to, &(ResponseFile){ .fd = parts->fd, .from = range.first, .size = range.last - range.first + 1 });
    }
    response_write(to, str_format(a, "\r\n--%.*s--\r\n", STR_FMT(parts->boundary)));
}

static void send_parts(Request *r, Response *response, const ByteRange *ranges, size_t n)
{
    Arena *a = r->cx.arena;
    Parts *parts = NEW(a, Parts);
    *parts = (Parts){ .fd = response->file->fd,
                      .size = response->file->size,
                      .type = headers_get_id(&response->headers, HEADER_CONTENT_TYPE),
                      .n = n };
    if (!rand_str(a, BOUNDARY_BYTES, RAND_ALPHANUMERIC, &parts->boundary))
        return; /* a boundary that can be guessed may stand in the file: the whole of it instead */
    memcpy(parts->ranges, ranges, n * sizeof *ranges);
    headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_TYPE,
                   str_format(a, "multipart/byteranges; boundary=%.*s", STR_FMT(parts->boundary)));
    response->status = 206;
    response->file = NULL;
    response->stream = stream_parts;
    response->stream_arg = parts;
    response->streaming = true;
}

/*
 * Sets the status and the part or the parts that are sent, when a GET (no other method: RFC 9110 section 14.2) asks for
 * some that can be had. What a client cannot need, more than RANGES_MAX of them, gets the whole file; as ranges that
 * meet are joined, no request gets a byte twice.
 */
static void apply_range(Request *r, Response *response, Str last_modified)
{
    const HttpHead *head = r->source->head;
    ResponseFile *file = response->file;
    headers_set_id(&r->cx, &response->headers, HEADER_ACCEPT_RANGES, STR("bytes"));
    if (r->method != HTTP_GET || response->status != 200 || !http_has(head, HDR_RANGE) ||
        head->repeated >> HDR_RANGE & 1 || !if_range_matches(http_known(head, HDR_IF_RANGE), (Str){ 0 }, last_modified))
        return;
    ByteRange ranges[RANGES_MAX];
    size_t n;
    switch (range_parse(http_known(head, HDR_RANGE), file->size, ranges, CLEF_COUNT(ranges), &n)) {
    case RANGE_OK:
        n = ranges_join(ranges, n, RANGE_GAP);
        if (n > 1) {
            send_parts(r, response, ranges, n);
            return;
        }
        headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_RANGE,
                       content_range(r->cx.arena, ranges[0], file->size));
        file->from = ranges[0].first;
        file->size = ranges[0].last - ranges[0].first + 1;
        response->status = 206;
        return;
    case RANGE_UNSATISFIABLE:
        headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_RANGE,
                       str_format(r->cx.arena, "bytes */%llu", (unsigned long long)file->size));
        file->size = 0;
        response->status = 416;
        return;
    default:
        return;
    }
}

Response *response_file(Request *r, Str path, FileOptions o)
{
    struct stat st;
    int fd = open_regular(r, path, &st);
    size_t slash = str_rfind_byte(path, '/');
    Str name = o.filename ? str_c(o.filename) : slash == STR_NPOS ? path : str_from_byte(path, slash + 1);
    Response *response = HttpResponse(r, "", .status = o.status, .content_type = "");
    response->file = NEW(r->cx.arena, ResponseFile);
    *response->file = (ResponseFile){ .fd = fd, .size = (uint64_t)st.st_size };
    headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_TYPE, file_type(r, name, &o));
    Str disposition = content_disposition_header(r->cx.arena, o.as_attachment, name);
    if (disposition.n)
        headers_set_id(&r->cx, &response->headers, HEADER_CONTENT_DISPOSITION, disposition);
    Buf date = BUF_INIT(r->cx.arena, 64);
    buf_httpdate(&date, (DateTime){ .us = (int64_t)st.st_mtime * 1000000 });
    headers_set_id(&r->cx, &response->headers, HEADER_LAST_MODIFIED, buf_view(&date));
    apply_range(r, response, buf_view(&date));
    return response;
}
