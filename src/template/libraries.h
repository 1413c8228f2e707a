/* libraries.h: what the files of Django's libraries share. */
#ifndef TEMPLATE_LIBRARIES_H
#define TEMPLATE_LIBRARIES_H

#include "template/filters.h"
#include "template/tags.h"
#include <clef/i18n.h>

/* lib_blocktranslate.c */
CLEF_PRIVATE(TemplateNode *, compile_blocktranslate, TemplateParser *p, const TemplateToken *token);

/* The name behind "as" of a tag that takes nothing else; raises Django's message. */
CLEF_PRIVATE(Str, as_variable, TemplateParser *p, const TemplateToken *token);
/* Python's repr() of a list of words, from the i-th on. */
CLEF_PRIVATE(Str, repr_words, Arena *a, TemplateWords w, size_t from);
/* Takes the end tag that a parse stopped at. */
static inline void take_end(TemplateParser *p)
{
    TemplateToken t;
    (void)template_next_token(p, &t);
}
/* What {{ }} would write, as a value. */
CLEF_PRIVATE(Value, rendered_value, TemplateRender *r, Value v);
/* The nodes under another locale. */
CLEF_PRIVATE(void, render_in_locale, TemplateRender *r, const Locale *locale, TemplateNodes nodes);
/* "\r\n" and "\r" made "\n", as gettext() looks texts up. */
CLEF_PRIVATE(Str, plain_newlines, Arena *a, Str s);
/* lib_blocktranslate.c: lines joined by one blank each, their own white space taken away. */
CLEF_PRIVATE(Str, trimmed_lines, Arena *a, Str s);

#endif
