/* gzip.c: compression, declared in <clef/codec/gzip.h>. The wrappings are written here, so that both libraries only ever
 * make raw DEFLATE. */
#include "base/config.h"
#include <clef/codec/gzip.h>

#include <limits.h>
#include <zlib.h>
#if CLEF_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

enum { DEFAULT_LEVEL = 6, HEAD_MAX = 10 + GZIP_FILE_NAME_MAX + 1, TAIL_MAX = 8, MEMORY_LEVEL = 8 };

struct GzipEngine {
    Arena *arena; /* holds this struct; the libraries allocate their memory themselves */
    z_stream z;
    int z_level; /* 0: z is not set up */
#if CLEF_HAVE_LIBDEFLATE
    struct libdeflate_compressor *fast;
    int fast_level;
#endif
};

const char *gzip_outcome_text(GzipOutcome outcome)
{
    switch (outcome) {
    case GZIP_OK:
        return "compressed data is complete";
    case GZIP_DAMAGED:
        return "compressed data is damaged";
    case GZIP_SHORT:
        return "compressed data ends too early";
    case GZIP_TOO_LARGE:
        return "compressed data unfolds to more than is allowed";
    case GZIP_NO_MEMORY:
        return "no memory to decompress";
    }
    return "unknown outcome";
}

GzipEngine *gzip_engine_create(void)
{
    Arena *a = arena_create(NULL, 0, 1024);
    GzipEngine *e = arena_try_alloc(a, sizeof *e);
    if (!e) {
        arena_destroy(a);
        return NULL;
    }
    *e = (GzipEngine){ .arena = a };
    return e;
}

void gzip_engine_destroy(GzipEngine *e)
{
    if (!e)
        return;
    if (e->z_level)
        deflateEnd(&e->z);
#if CLEF_HAVE_LIBDEFLATE
    libdeflate_free_compressor(e->fast);
#endif
    arena_destroy(e->arena);
}

static void release_engine(void *arg) { gzip_engine_destroy(arg); }

static int level_of(const GzipOptions *o) { return o->level < 1 || o->level > 9 ? DEFAULT_LEVEL : o->level; }

static bool good_name(Str name) { return name.n <= GZIP_FILE_NAME_MAX && str_find_byte(name, 0) == STR_NPOS; }

static void put_le32(unsigned char *at, uint32_t v)
{
    at[0] = (unsigned char)v;
    at[1] = (unsigned char)(v >> 8);
    at[2] = (unsigned char)(v >> 16);
    at[3] = (unsigned char)(v >> 24);
}

static bool add_head(Buf *out, const GzipOptions *o)
{
    int level = level_of(o);
    if (o->format == GZIP_ZLIB) {
        /* CMF 0x78: deflate with a window of 32 KiB. FLG: the level in two bits, and a multiple of 31 as a whole. */
        static const unsigned char flags[] = { 0x01, 0x5e, 0x9c, 0xda };
        char head[2] = { 0x78, (char)flags[level < 2 ? 0 : level < 6 ? 1 : level == 6 ? 2 : 3] };
        return buf_add(out, head, 2);
    }
    if (o->format == GZIP_RAW)
        return true;
    unsigned char head[10] = { 0x1f, 0x8b, 8, o->file_name.n ? 8 : 0 };
    put_le32(head + 4, o->mtime);
    head[8] = level == 9 ? 2 : level == 1 ? 4 : 0;
    head[9] = 255; /* made by a system that we do not name */
    return buf_add(out, head, sizeof head) && (o->file_name.n == 0 || (buf_str(out, o->file_name) && buf_byte(out, 0)));
}

static bool add_tail(Buf *out, GzipFormat format, uint32_t check, uint32_t size)
{
    unsigned char tail[8];
    if (format == GZIP_RAW)
        return true;
    if (format == GZIP_ZLIB) {
        put_le32(tail, __builtin_bswap32(check));
        return buf_add(out, tail, 4);
    }
    put_le32(tail, check);
    put_le32(tail + 4, size);
    return buf_add(out, tail, 8);
}

static uint32_t check_start(GzipFormat format) { return format == GZIP_ZLIB ? 1 : 0; }

static uint32_t check_add(GzipFormat format, uint32_t check, Str data)
{
    if (format == GZIP_RAW || data.n == 0)
        return check;
#if CLEF_HAVE_LIBDEFLATE
    return format == GZIP_ZLIB ? libdeflate_adler32(check, data.p, data.n) : libdeflate_crc32(check, data.p, data.n);
#else
    const Bytef *p = (const Bytef *)data.p;
    return (uint32_t)(format == GZIP_ZLIB ? adler32_z(check, p, data.n) : crc32_z(check, p, data.n));
#endif
}

/* Feeds data through z into the Buf, growing it as needed. */
static bool pump(z_stream *z, Buf *out, Str data, int flush)
{
    do {
        uInt piece = data.n > UINT_MAX ? UINT_MAX : (uInt)data.n;
        z->next_in = (Bytef *)(uintptr_t)data.p;
        z->avail_in = piece;
        data.n -= piece;
        if (piece)
            data.p += piece;
        int status;
        do {
            size_t room = out->cap > out->n + 1 ? out->cap - out->n - 1 : 0;
            if (room < 32) {
                size_t left = out->max > out->n ? out->max - out->n : 0;
                size_t want = (size_t)z->avail_in / 2 + 256;
                if (want > left)
                    want = left;
                if (want == 0)
                    want = 1; /* marks the Buf as failed */
                if (want > room && !buf_reserve(out, want))
                    return false;
                room = out->cap - out->n - 1;
            }
            z->next_out = (Bytef *)(out->p + out->n);
            z->avail_out = room > UINT_MAX ? UINT_MAX : (uInt)room;
            size_t before = z->avail_out;
            status = deflate(z, data.n ? Z_NO_FLUSH : flush);
            out->n += before - z->avail_out;
            out->p[out->n] = 0;
            if (status == Z_STREAM_ERROR)
                return false;
        } while (z->avail_out == 0 && status != Z_STREAM_END);
    } while (data.n);
    return true;
}

static bool deflate_by_zlib(GzipEngine *e, Buf *out, Str data, int level)
{
    if (e->z_level != level) {
        if (e->z_level)
            deflateEnd(&e->z);
        e->z_level = 0;
        e->z = (z_stream){ 0 };
        if (deflateInit2(&e->z, level, Z_DEFLATED, -MAX_WBITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
            return false;
        e->z_level = level;
    } else {
        deflateReset(&e->z);
    }
    return pump(&e->z, out, data, Z_FINISH);
}

#if CLEF_HAVE_LIBDEFLATE
static bool deflate_fast(GzipEngine *e, Buf *out, Str data, int level)
{
    if (e->fast_level != level) {
        libdeflate_free_compressor(e->fast);
        e->fast = libdeflate_alloc_compressor(level);
        e->fast_level = e->fast ? level : 0;
        if (!e->fast)
            return false;
    }
    size_t bound = libdeflate_deflate_compress_bound(e->fast, data.n);
    size_t left = out->max > out->n ? out->max - out->n : 0;
    if (!buf_reserve(out, bound < left ? bound : left))
        return false;
    size_t n = libdeflate_deflate_compress(e->fast, data.p, data.n, out->p + out->n, out->cap - out->n - 1);
    if (n == 0) {
        out->failed = true;
        return false;
    }
    out->n += n;
    out->p[out->n] = 0;
    return true;
}
#endif

bool gzip_compress(Buf *out, Str data, GzipOptions o)
{
    if (!good_name(o.file_name))
        return false;
    size_t start = out->n;
    int level = level_of(&o);
    GzipEngine *e = o.engine, *own = NULL;
    if (!e) {
        e = own = gzip_engine_create();
        if (!own)
            return false;
        /* The Buf's arena may leave by a jump while it grows. */
        if (out->arena)
            arena_defer(out->arena, release_engine, own);
    }
    bool ok = add_head(out, &o);
#if CLEF_HAVE_LIBDEFLATE
    ok = ok && (o.zlib ? deflate_by_zlib(e, out, data, level) : deflate_fast(e, out, data, level));
#else
    ok = ok && deflate_by_zlib(e, out, data, level);
#endif
    ok = ok && add_tail(out, o.format, check_add(o.format, check_start(o.format), data), (uint32_t)data.n);
    if (own) {
        if (out->arena)
            arena_forget(out->arena, release_engine, own);
        gzip_engine_destroy(own);
    }
    if (!ok && out->p)
        buf_truncate(out, start);
    return ok;
}

struct GzipStream {
    z_stream z;
    Arena *arena;
    GzipOptions options; /* without the file name, which is written at once */
    Buf head;            /* not yet appended */
    uint32_t check, size;
    bool ended;
};

static void stream_finish(void *arg) { deflateEnd(&((GzipStream *)arg)->z); }

GzipStream *gzip_stream_create(Arena *a, GzipOptions o)
{
    if (!good_name(o.file_name))
        return NULL;
    GzipStream *s = NEW(a, GzipStream);
    s->arena = a;
    s->options = o;
    s->options.file_name = (Str){ 0 };
    s->head = BUF_INIT(a, HEAD_MAX);
    s->check = check_start(o.format);
    add_head(&s->head, &o);
    arena_defer(a, stream_finish, s); /* before the memory is there: the call itself may leave by a jump */
    if (deflateInit2(&s->z, level_of(&o), Z_DEFLATED, -MAX_WBITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        arena_forget(a, stream_finish, s);
        return NULL;
    }
    return s;
}

bool gzip_stream_add(GzipStream *s, Buf *out, Str data, GzipStep step)
{
    static const int flush[] = { [GZIP_MORE] = Z_NO_FLUSH, [GZIP_FLUSH] = Z_SYNC_FLUSH, [GZIP_END] = Z_FINISH };
    if (s->ended)
        return false;
    if (s->head.n) {
        if (!buf_str(out, buf_view(&s->head)))
            return false;
        buf_clear(&s->head);
    }
    s->check = check_add(s->options.format, s->check, data);
    s->size += (uint32_t)data.n;
    if (!pump(&s->z, out, data, flush[step])) {
        s->ended = true;
        return false;
    }
    if (step != GZIP_END)
        return true;
    s->ended = true;
    return add_tail(out, s->options.format, s->check, s->size);
}

void gzip_stream_destroy(GzipStream *s)
{
    if (s && arena_forget(s->arena, stream_finish, s)) {
        stream_finish(s);
        s->ended = true;
    }
}
