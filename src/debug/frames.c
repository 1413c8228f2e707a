/*
 * frames.c: the calls, each with the source around its line. The first frame of the project's own code is open; those of
 * the framework and of libraries are closed, so that the eye falls on what can be mended.
 */
#include "debug/page.h"

#include <clef/rt/backtrace.h>
#include <unistd.h>

enum { LINES_AROUND = 7 };

/* Is the file below the folder where the project is? Then it is shown relative to that. */
static bool is_own(const DebugPage *p, Str *file)
{
    Str base = p->settings ? p->settings->base_dir : (Str){ 0 };
    char here[4096];
    if (!base.n && getcwd(here, sizeof here))
        base = str_c(here);
    if (!file->n || file->p[0] != '/')
        return file->n != 0;
    if (!base.n || !str_starts(*file, base) || file->n <= base.n || file->p[base.n] != '/')
        return false;
    *file = str_from_byte(*file, base.n + 1);
    return true;
}

static void source_of(DebugPage *p, const Frame *f)
{
    SourceLine *lines;
    size_t n = backtrace_source(p->a, f, LINES_AROUND, &lines);
    if (p->plain) {
        for (size_t i = 0; i < n; i++)
            buf_printf(&p->b, "  %c %5d  %.*s\n", lines[i].number == f->line ? '>' : ' ', lines[i].number,
                       STR_FMT(lines[i].text));
        return;
    }
    if (!n) {
        BUF_LIT(&p->b, "<p class=\"none\">The source is not at hand.</p>\n");
        return;
    }
    buf_printf(&p->b, "<ol class=\"source\" start=\"%d\" tabindex=\"0\">\n", lines[0].number);
    for (size_t i = 0; i < n; i++) {
        buf_c(&p->b, lines[i].number == f->line ? "<li class=\"at\" aria-current=\"true\">" : "<li>");
        page_text(p, lines[i].text);
        BUF_LIT(&p->b, "</li>\n");
    }
    BUF_LIT(&p->b, "</ol>\n");
}

static void one_frame(DebugPage *p, const Frame *f, bool *opened)
{
    Str file = f->file;
    bool own = is_own(p, &file), open = own && !*opened;
    *opened |= open;
    if (p->plain) {
        buf_printf(&p->b, "%.*s at %.*s:%d\n", STR_FMT(f->function.n ? f->function : STR("?")),
                   STR_FMT(file.n ? file : f->module), f->line);
        if (own)
            source_of(p, f);
        return;
    }
    buf_c(&p->b, open ? "<details open><summary><code>" : "<details><summary><code>");
    page_text(p, f->function.n ? f->function : STR("?"));
    BUF_LIT(&p->b, "</code> <span class=\"place\">at <code>");
    if (file.n) {
        page_text(p, file);
        buf_printf(&p->b, ":%d", f->line);
    } else {
        page_text(p, f->module);
        buf_printf(&p->b, "+0x%llx", (unsigned long long)f->offset);
    }
    buf_c(&p->b, f->inlined ? "</code>, inlined</span></summary>\n" : "</code></span></summary>\n");
    source_of(p, f);
    BUF_LIT(&p->b, "</details>\n");
}

void page_calls(DebugPage *p, const Frame *frames, size_t n)
{
    bool opened = false;
    page_section(p, "trace", "Where it happened");
    for (size_t i = 0; i < n; i++)
        one_frame(p, &frames[i], &opened);
    if (!n)
        page_preformatted(p, STR("The calls are not known."));
    page_section_end(p);
}

void page_source(DebugPage *p, const char *file, int line)
{
    source_of(p, &(Frame){ .file = str_c(file), .line = line });
}

static bool same_place(const Frame *f, Str file, int line) { return f->line == line && str_ends(f->file, file); }

void page_frames(DebugPage *p, void *const *frames, size_t n, const char *file, int line, const char *function)
{
    Frame *described = NULL;
    size_t count = n ? backtrace_resolve(p->a, frames, n < BACKTRACE_MAX ? n : BACKTRACE_MAX, &described) : 0;
    Frame place = { .function = str_c(function), .file = str_c(file), .line = line };
    bool opened = false;
    page_section(p, "trace", "Where it happened");
    /* The functions that captured the trace stand in front of the place that raised. */
    size_t from = 0;
    for (size_t i = 0; file && i < count && i < 4; i++)
        if (same_place(&described[i], place.file, line))
            from = i;
    if (file && !(from < count && same_place(&described[from], place.file, line)))
        one_frame(p, &place, &opened);
    for (size_t i = from; i < count; i++)
        one_frame(p, &described[i], &opened);
    page_section_end(p);
}
