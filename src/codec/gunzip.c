/* gunzip.c: decompression, declared in <clef/codec/gzip.h>. */
#include <clef/codec/gzip.h>

#include <limits.h>
#include <zlib.h>

struct GzipReader {
    z_stream z;
    Arena *arena; /* whose clean-up ends z, or NULL */
    GzipFormat format;
    size_t left; /* of the limit */
    bool begun;  /* inside a member */
    bool done;   /* at least one member is complete */
    GzipOutcome outcome;
};

static bool reader_init(GzipReader *r, GzipFormat format, size_t limit)
{
    static const int window[] = { [GZIP_GZIP] = MAX_WBITS + 16, [GZIP_ZLIB] = MAX_WBITS, [GZIP_RAW] = -MAX_WBITS };
    *r = (GzipReader){ .format = format, .left = limit };
    return inflateInit2(&r->z, window[format]) == Z_OK;
}

static void reader_finish(void *arg) { inflateEnd(&((GzipReader *)arg)->z); }

static GzipOutcome fail(GzipReader *r, GzipOutcome outcome) { return r->outcome = outcome; }

/* Bytes of room for output, as far as the limit and the Buf's maximum go; SIZE_MAX when there is no memory. */
static size_t make_room(const GzipReader *r, Buf *out)
{
    size_t room = out->cap > out->n + 1 ? out->cap - out->n - 1 : 0;
    if (room < 64 && room < r->left) {
        size_t want = (size_t)r->z.avail_in * 3 + 256, most = out->max > out->n ? out->max - out->n : 0;
        if (want > r->left)
            want = r->left;
        if (want > most)
            want = most;
        if (want > room && !buf_reserve(out, want))
            return SIZE_MAX;
        room = out->cap > out->n + 1 ? out->cap - out->n - 1 : 0;
    }
    if (room > r->left)
        room = r->left;
    return room < UINT_MAX ? room : UINT_MAX;
}

GzipOutcome gzip_reader_add(GzipReader *r, Buf *out, Str data)
{
    if (r->outcome)
        return r->outcome;
    while (data.n) {
        if (r->done && !r->begun) {
            if (r->format != GZIP_GZIP)
                return fail(r, GZIP_DAMAGED);
            inflateReset(&r->z);
        }
        r->begun = true;
        uInt piece = data.n > UINT_MAX ? UINT_MAX : (uInt)data.n;
        r->z.next_in = (Bytef *)(uintptr_t)data.p;
        r->z.avail_in = piece;
        int status;
        for (;;) {
            char spare; /* when the Buf is full, the end of the text must still be found */
            size_t n = make_room(r, out);
            if (n == SIZE_MAX)
                return fail(r, GZIP_NO_MEMORY);
            r->z.next_out = n ? (Bytef *)(out->p + out->n) : (Bytef *)&spare;
            r->z.avail_out = n ? (uInt)n : 1;
            uInt before = r->z.avail_out;
            status = inflate(&r->z, Z_NO_FLUSH);
            size_t made = before - r->z.avail_out;
            if (made && !n)
                return fail(r, GZIP_TOO_LARGE);
            out->n += made;
            r->left -= made;
            if (out->p)
                out->p[out->n] = 0;
            if (status == Z_STREAM_END)
                break;
            if (status == Z_MEM_ERROR)
                return fail(r, GZIP_NO_MEMORY);
            if (status != Z_OK && status != Z_BUF_ERROR)
                return fail(r, GZIP_DAMAGED);
            if (r->z.avail_in == 0 && r->z.avail_out)
                break;
        }
        size_t used = piece - r->z.avail_in;
        data.p += used;
        data.n -= used;
        if (status == Z_STREAM_END) {
            r->done = true;
            r->begun = false;
        }
    }
    return GZIP_OK;
}

GzipOutcome gzip_reader_end(const GzipReader *r)
{
    return r->outcome ? r->outcome : r->done && !r->begun ? GZIP_OK : GZIP_SHORT;
}

GzipReader *gzip_reader_create(Arena *a, GzipFormat format, size_t limit)
{
    GzipReader *r = NEW(a, GzipReader);
    arena_defer(a, reader_finish, r);
    if (!reader_init(r, format, limit)) {
        arena_forget(a, reader_finish, r);
        return NULL;
    }
    r->arena = a;
    return r;
}

void gzip_reader_destroy(GzipReader *r)
{
    if (r && arena_forget(r->arena, reader_finish, r)) {
        reader_finish(r);
        r->outcome = GZIP_SHORT;
    }
}

GzipOutcome gzip_decompress(Buf *out, Str data, GzipFormat format, size_t limit)
{
    size_t start = out->n;
    GzipReader own, *r = &own;
    /* A Buf in an arena may leave by a jump while it grows: then the arena has to end zlib's state. */
    if (out->arena)
        r = gzip_reader_create(out->arena, format, limit);
    else if (!reader_init(r, format, limit))
        r = NULL;
    if (!r)
        return GZIP_NO_MEMORY;
    GzipOutcome outcome = gzip_reader_add(r, out, data);
    if (outcome == GZIP_OK)
        outcome = gzip_reader_end(r);
    if (out->arena)
        gzip_reader_destroy(r);
    else
        reader_finish(r);
    if (outcome != GZIP_OK && out->p)
        buf_truncate(out, start);
    return outcome;
}
