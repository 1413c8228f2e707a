/*
 * gzip.h: DEFLATE (RFC 1951) in its three wrappings: gzip (RFC 1952), zlib (RFC 1950; HTTP's "deflate") and raw. zlib
 * does the work; where libdeflate was found at build time it compresses whole messages, at a half to a third of the time.
 *
 * Decompression always has a limit: a few kilobytes can unfold into gigabytes, so the caller says how much is welcome.
 * Nothing here keeps a pointer to the data it was given.
 */
#ifndef CLEF_CODEC_GZIP_H
#define CLEF_CODEC_GZIP_H

#include <clef/base/buf.h>

typedef enum GzipFormat { GZIP_GZIP, GZIP_ZLIB, GZIP_RAW } GzipFormat;

typedef enum GzipOutcome {
    GZIP_OK,
    GZIP_DAMAGED,   /* not this format, a wrong checksum, or bytes behind the end */
    GZIP_SHORT,     /* the data ends too early */
    GZIP_TOO_LARGE, /* more than the limit, or than the Buf's maximum */
    GZIP_NO_MEMORY,
} GzipOutcome;

/* A sentence for each: "compressed data is damaged". */
CLEF_API(const char *, gzip_outcome_text, GzipOutcome outcome) CLEF_NONNULL;

typedef struct GzipEngine GzipEngine;

enum { GZIP_FILE_NAME_MAX = 1024 };

typedef struct GzipOptions {
    GzipFormat format;
    int level;          /* 1 (fast) to 9 (small); 0: 6 */
    Str file_name;      /* GZIP_GZIP: goes into the header; at most GZIP_FILE_NAME_MAX bytes, none of them 0. A name of
                           random length hides the length of the compressed text (the BREACH attack). */
    uint32_t mtime;     /* GZIP_GZIP: seconds since 1970; 0 says nothing */
    bool zlib;          /* by zlib even where libdeflate is there: the very bytes that Python's zlib writes */
    GzipEngine *engine; /* work memory kept from call to call, or NULL */
} GzipOptions;

/*
 * Work memory of a compressor (some 300 KB), for callers that compress often: without one each call allocates its own.
 * One thread uses it at a time. NULL when there is no memory.
 */
CLEF_API(GzipEngine *, gzip_engine_create, void) CLEF_MUST_USE;
CLEF_API(void, gzip_engine_destroy, GzipEngine *e);

/* Appends the whole of `data`, compressed. False: does not fit, no memory, or a bad file name; then nothing is appended. */
CLEF_API(bool, gzip_compress, Buf *out, Str data, GzipOptions options);

/*
 * Appends what `data` unfolds to, at most `limit` bytes of it. Several gzip members in a row are read as one text, as RFC
 * 1952 wants. On an outcome other than GZIP_OK nothing is appended.
 */
CLEF_API(GzipOutcome, gzip_decompress, Buf *out, Str data, GzipFormat format, size_t limit) CLEF_MUST_USE;

/*
 * Compression of a text that comes in pieces. GZIP_FLUSH makes all that was added so far readable for the other side (it
 * costs some bytes each time); GZIP_END completes the text. Output is appended to `out`, which may be emptied between
 * calls. False: it did not fit, or the stream had ended; the stream is of no use then. The memory ends with the arena,
 * or by gzip_stream_destroy.
 */
typedef struct GzipStream GzipStream;
typedef enum GzipStep { GZIP_MORE, GZIP_FLUSH, GZIP_END } GzipStep;
/* NULL when there is no memory or the file name is bad. `engine` is not used. */
CLEF_API(GzipStream *, gzip_stream_create, Arena *a, GzipOptions options) CLEF_MUST_USE;
CLEF_API(bool, gzip_stream_add, GzipStream *s, Buf *out, Str data, GzipStep step);
CLEF_API(void, gzip_stream_destroy, GzipStream *s);

/*
 * Decompression of a text that comes in pieces, `limit` bytes of output over its whole life. After an outcome other than
 * GZIP_OK the reader is of no use. gzip_reader_end says whether the text was complete (else GZIP_SHORT).
 */
typedef struct GzipReader GzipReader;
CLEF_API(GzipReader *, gzip_reader_create, Arena *a, GzipFormat format, size_t limit) CLEF_MUST_USE;
CLEF_API(GzipOutcome, gzip_reader_add, GzipReader *r, Buf *out, Str data) CLEF_MUST_USE;
CLEF_API(GzipOutcome, gzip_reader_end, const GzipReader *r) CLEF_PURE;
CLEF_API(void, gzip_reader_destroy, GzipReader *r);

#endif
