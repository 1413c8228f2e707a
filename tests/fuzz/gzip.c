/* gzip: any bytes as a compressed text, under a limit, whole and byte by byte alike; and a round trip of each. */
#include <clef/base.h>
#include <clef/codec/gzip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    GzipFormat format = (GzipFormat)(data[0] % 3);
    bool zlib = data[0] & 128;
    Str text = { (const char *)data + 1, n - 1 };
    Buf out = BUF_INIT(a, 1 << 20), pieces = BUF_INIT(NULL, 1 << 20);
    GzipOutcome outcome = gzip_decompress(&out, text, format, 1 << 16);
    GzipReader *r = gzip_reader_create(a, format, 1 << 16);
    GzipOutcome slow = GZIP_OK;
    for (size_t i = 0; i < text.n && slow == GZIP_OK; i++)
        slow = gzip_reader_add(r, &pieces, str_from(text.p + i, 1));
    slow = slow ? slow : gzip_reader_end(r);
    ASSERT((slow == GZIP_OK) == (outcome == GZIP_OK));
    ASSERT(outcome != GZIP_OK || str_eq(buf_view(&out), buf_view(&pieces)));
    Buf packed = BUF_INIT(NULL, 1 << 20), back = BUF_INIT(NULL, 1 << 20);
    ASSERT(gzip_compress(&packed, text, (GzipOptions){ .format = format, .level = data[0] % 10, .zlib = zlib }));
    ASSERT(gzip_decompress(&back, buf_view(&packed), format, text.n) == GZIP_OK);
    ASSERT(str_eq(buf_view(&back), text));
    buf_finish(&packed);
    buf_finish(&back);
    buf_finish(&pieces);
    arena_destroy(a);
    return 0;
}
