/* template.c: an error in a template: the lines around it, and the templates that led to it. */
#include "debug/page.h"

#include <clef/template/error.h>

enum { LINES_AROUND = 6 };

static Str place_text(Arena *a, const TemplatePlace *place)
{
    Str name = place->name.n ? place->name : STR("a template made of a text");
    return place->line ? str_format(a, "%.*s, line %u", STR_FMT(name), place->line) : name;
}

static void source_lines(DebugPage *p, const TemplateError *t)
{
    TemplateErrorLine *lines = NEW_ARRAY(p->a, TemplateErrorLine, 2 * LINES_AROUND + 1);
    size_t n = str_is_null(t->source) ? 0 : template_error_lines(t, LINES_AROUND, lines);
    if (!n)
        return;
    if (!p->plain)
        buf_printf(&p->b, "<ol class=\"source\" start=\"%u\" tabindex=\"0\">\n", lines[0].number);
    for (size_t i = 0; i < n; i++) {
        const TemplateErrorLine *line = &lines[i];
        if (p->plain)
            buf_printf(&p->b, "  %c %5u  ", line->marked ? '>' : ' ', line->number);
        else
            buf_c(&p->b, line->marked ? "<li class=\"at\" aria-current=\"true\">" : "<li>");
        page_text(p, line->before);
        if (line->during.n && !p->plain)
            BUF_LIT(&p->b, "<mark>");
        page_text(p, line->during);
        if (line->during.n && !p->plain)
            BUF_LIT(&p->b, "</mark>");
        page_text(p, line->after);
        buf_c(&p->b, p->plain ? "\n" : "</li>\n");
    }
    if (!p->plain)
        BUF_LIT(&p->b, "</ol>\n");
}

bool page_template(DebugPage *p, const Error *e)
{
    const TemplateError *t = template_error_of(e);
    if (!t)
        return false;
    page_section(p, "template", "In the template");
    if (t->place.name.n || t->place.line) {
        page_facts_begin(p);
        page_fact(p, "Template", place_text(p->a, &t->place));
        page_fact(p, "File", str_eq(t->place.origin, t->place.name) ? (Str){ 0 } : t->place.origin);
        page_facts_end(p);
    }
    source_lines(p, t);
    if (t->nchain) {
        page_table(p, "Rendered by, outermost first");
        for (size_t i = 0; i < t->nchain; i++)
            page_row(p, place_text(p->a, &t->chain[i]), t->chain[i].origin);
        page_table_end(p);
    }
    if (t->ntried) {
        page_table(p, "Looked for in");
        for (size_t i = 0; i < t->ntried; i++)
            page_row(p, t->tried_by ? t->tried_by[i] : str_format(p->a, "%zu", i + 1), t->tried[i]);
        page_table_end(p);
    }
    page_section_end(p);
    return true;
}
