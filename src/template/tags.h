/* tags.h: the compile functions of Django's own tags, by the files that they stand in. */
#ifndef TEMPLATE_TAGS_H
#define TEMPLATE_TAGS_H

#include "template/template.h"

/* tag_if.c, tag_for.c */
CLEF_PRIVATE(TemplateNode *, compile_if, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_for, TemplateParser *p, const TemplateToken *token);
/* State that belongs to the innermost loop that runs, or to the rendering outside of loops (ifchanged). */
CLEF_PRIVATE(void *, loop_state, TemplateRender *r, const TemplateNode *node, size_t size) CLEF_NONNULL;
/* tag_inherit.c */
CLEF_PRIVATE(TemplateNode *, compile_block_tag, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_extends, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_include, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_partialdef, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_partial, TemplateParser *p, const TemplateToken *token);
/* tag_cycle.c */
CLEF_PRIVATE(TemplateNode *, compile_cycle, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_resetcycle, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_ifchanged, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_regroup, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_firstof, TemplateParser *p, const TemplateToken *token);
/* tag_scope.c */
CLEF_PRIVATE(TemplateNode *, compile_with, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_autoescape, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_comment, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_verbatim, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_filter_tag, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_spaceless, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_load, TemplateParser *p, const TemplateToken *token);
/* tag_output.c */
CLEF_PRIVATE(TemplateNode *, compile_csrf_token, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_now, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_templatetag, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_widthratio, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_url, TemplateParser *p, const TemplateToken *token);

/* tag_debug.c, tag_lorem.c, tag_querystring.c */
CLEF_PRIVATE(TemplateNode *, compile_debug, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(TemplateNode *, compile_lorem, TemplateParser *p, const TemplateToken *token);
CLEF_PRIVATE(Value, tag_querystring, TemplateTagCall *c);

/* A value compared and ordered as Python's operators do it. */
CLEF_PRIVATE(bool, python_eq, Value a, Value b);

#endif
