/* multipart: the events are the same however the input is split. The first byte chooses the sizes of the pieces. */
#include <clef/base.h>
#include <clef/codec/multipart.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static MultipartAction on_begin(void *arg, const MultipartPart *part)
{
    buf_printf(arg, "\n[%d %.*s|%.*s|%.*s|%lld|%zu]", part->is_file, STR_FMT(part->name), STR_FMT(part->filename),
               STR_FMT(part->content_type), (long long)part->length, part->header_count);
    return str_eq(part->name, STR("skip")) ? MULTIPART_SKIP : MULTIPART_TAKE;
}
static MultipartAction on_data(void *arg, Str bytes)
{
    ASSERT(bytes.n > 0);
    buf_str(arg, bytes);
    return MULTIPART_TAKE;
}
static MultipartAction on_end(void *arg)
{
    BUF_LIT((Buf *)arg, "[end]");
    return MULTIPART_TAKE;
}

/* Pieces of 1 to 8 bytes by a small generator, or all at once for 0. */
static MultipartStatus run(Arena *a, Str body, unsigned seed, Buf *log)
{
    MultipartHandler handler = { log, on_begin, on_data, on_end };
    MultipartLimits limits = { .fields = 20, .files = 10, .field_bytes = 1000, .header_bytes = 300, .headers = 5 };
    MultipartParser *p = multipart_create(a, STR("B-b"), &handler, &limits);
    MultipartStatus status = MULTIPART_OK;
    while (body.n && status == MULTIPART_OK) {
        seed = seed ? seed * 1103515245u + 12345u : 0;
        size_t step = seed ? 1 + (seed >> 16) % 8 : body.n;
        status = multipart_feed(p, str_slice(body, 0, step));
        body = str_from_byte(body, step);
    }
    return multipart_finish(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    Str body = str_from((const char *)data + 1, n - 1), boundary;
    Buf whole = BUF_INIT(a, 1 << 24), pieces = BUF_INIT(a, 1 << 24);
    MultipartStatus status = run(a, body, 0, &whole);
    ASSERT(run(a, body, data[0] + 1u, &pieces) == status);
    /* Past a limit of bytes, how much was given out before depends on the pieces. */
    if (status != MULTIPART_FIELDS_TOO_BIG)
        ASSERT(str_eq(buf_view(&whole), buf_view(&pieces)));
    if (multipart_boundary(a, body, &boundary))
        ASSERT(boundary.n > 0 && boundary.n <= MULTIPART_BOUNDARY_MAX);
    Str name = multipart_filename(a, body);
    ASSERT(str_is_null(name) || (name.n && str_find_byte(name, '/') == STR_NPOS && !str_eq(name, STR(".."))));
    arena_destroy(a);
    return 0;
}
