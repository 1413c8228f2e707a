/* page.c: the markup that all pages of development share. */
#include "debug/page.h"

#include <clef/codec/html.h>

static void raw(DebugPage *p, const char *markup)
{
    if (!p->plain)
        buf_c(&p->b, markup);
}

static void plain(DebugPage *p, const char *text)
{
    if (p->plain)
        buf_c(&p->b, text);
}

void page_text(DebugPage *p, Str text)
{
    if (p->plain)
        buf_str(&p->b, text);
    else
        html_escape_add(&p->b, text);
}

void page_begin(DebugPage *p, Str kind, Str message, Str hint)
{
    raw(p, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"robots\" content=\"none\">\n<title>");
    if (!p->plain) {
        page_text(p, kind);
        BUF_LIT(&p->b, ": ");
        page_text(p, str_slice(message, 0, 120));
        BUF_LIT(&p->b, "</title>\n<style>\n");
        buf_str(&p->b, debug_assets[0].text);
        BUF_LIT(&p->b, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the details</a>\n"
                       "<header>\n<p class=\"kind\">");
    }
    page_text(p, kind);
    raw(p, "</p>\n<h1>");
    plain(p, "\n");
    page_text(p, message);
    raw(p, "</h1>\n");
    plain(p, "\n");
    if (hint.n) {
        raw(p, "<p class=\"hint\">");
        page_text(p, hint);
        raw(p, "</p>\n");
        plain(p, "\n");
    }
}

void page_facts_begin(DebugPage *p) { raw(p, "<dl>\n"); }

void page_fact(DebugPage *p, const char *name, Str value)
{
    if (!value.n)
        return;
    raw(p, "<dt>");
    buf_c(&p->b, name);
    raw(p, "</dt><dd><code>");
    plain(p, ": ");
    page_text(p, value);
    raw(p, "</code></dd>\n");
    plain(p, "\n");
}

void page_facts_end(DebugPage *p) { raw(p, "</dl>\n"); }

void page_main(DebugPage *p, const char *const *sections)
{
    raw(p, "</header>\n<nav aria-label=\"Sections\"><ul>\n");
    for (size_t i = 0; !p->plain && sections[i]; i += 2)
        buf_printf(&p->b, "<li><a href=\"#%s\">%s</a></li>\n", sections[i], sections[i + 1]);
    raw(p, "</ul></nav>\n<main id=\"main\">\n");
}

void page_section(DebugPage *p, const char *id, const char *title)
{
    if (p->plain)
        buf_printf(&p->b, "\n%s\n", title);
    else
        buf_printf(&p->b, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

void page_section_end(DebugPage *p) { raw(p, "</section>\n"); }

void page_preformatted(DebugPage *p, Str text)
{
    raw(p, "<pre tabindex=\"0\">");
    page_text(p, text);
    raw(p, "</pre>\n");
    plain(p, "\n");
}

void page_table(DebugPage *p, const char *title)
{
    p->table = title;
    p->rows = 0;
    if (p->plain)
        buf_printf(&p->b, "\n%s:\n", title);
    else
        buf_printf(&p->b, "<h3>%s</h3>\n", title);
}

void page_row(DebugPage *p, Str name, Str value)
{
    if (p->rows++ == 0 && !p->plain)
        buf_printf(&p->b, "<table aria-label=\"%s\">\n", p->table);
    raw(p, "<tr><th scope=\"row\">");
    plain(p, "    ");
    page_text(p, name);
    raw(p, "</th><td>");
    plain(p, " = ");
    page_text(p, str_slice(value, 0, DEBUG_VALUE_MAX));
    if (value.n > DEBUG_VALUE_MAX)
        buf_printf(&p->b, "... (%zu bytes)", value.n);
    raw(p, "</td></tr>\n");
    plain(p, "\n");
}

void page_table_end(DebugPage *p)
{
    if (p->rows)
        raw(p, "</table>\n");
    else if (p->plain)
        BUF_LIT(&p->b, "    nothing\n");
    else
        BUF_LIT(&p->b, "<p class=\"none\">Nothing.</p>\n");
}

Str page_end(DebugPage *p)
{
    raw(p, "</main>\n<footer><p>");
    plain(p, "\n");
    page_text(p, p->footer.n
                     ? p->footer
                     : STR("You see this page because the setting DEBUG is true. With DEBUG off, a plain page is "
                           "shown instead."));
    raw(p, "</p></footer>\n");
    buf_str(&p->b, p->tail);
    raw(p, "</body>\n</html>\n");
    plain(p, "\n");
    if (p->b.failed) { /* a page past DEBUG_PAGE_MAX */
        buf_clear(&p->b);
        BUF_LIT(&p->b, "The page about an error would be larger than DEBUG_PAGE_MAX.\n");
    }
    return buf_view(&p->b);
}
