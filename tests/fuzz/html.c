/* html: unescaping is safe on any bytes, and undoes escaping. */
#include <clef/base.h>
#include <clef/codec/html.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str text = { (const char *)data, n };
    html_unescape(a, text);
    ASSERT(str_eq(html_unescape(a, html_escape(a, text).s), text));
    Buf b = BUF_INIT(a, n + n / 2);
    html_escape_add(&b, text);
    arena_destroy(a);
    return 0;
}
