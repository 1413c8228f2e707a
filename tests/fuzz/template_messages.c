/* template_messages.c: any text as a template whose messages are looked for: lines stay lines, or it is refused. */
#include "template/messages.h"
#include <clef/base/assert.h>
#include <clef/base/str.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t lines_of(Str s)
{
    size_t lines = 0;
    for (size_t i = 0; i < s.n; i++)
        lines += s.p[i] == '\n';
    return lines;
}

static void run(Context *cx, void *arg)
{
    const Str *text = arg;
    Str warnings, out = template_messages(cx, STR("t.html"), *text, &warnings);
    ASSERT(lines_of(out) == lines_of(*text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, (size_t)64 << 20, 0);
    Str text = { (const char *)data, n };
    Context cx;
    context_init(&cx, a);
    const Error *e = attempt(&cx, run, &text);
    (void)e; /* refused */
    context_finish(&cx);
    arena_destroy(a);
    return 0;
}
