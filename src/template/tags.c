/* tags.c: the table of Django's own tags. */
#include "template/tags.h"

static const TemplateTag tags[] = {
    { "autoescape", compile_autoescape },
    { "block", compile_block_tag },
    { "comment", compile_comment },
    { "csrf_token", compile_csrf_token },
    { "cycle", compile_cycle },
    { "debug", compile_debug },
    { "extends", compile_extends },
    { "filter", compile_filter_tag },
    { "firstof", compile_firstof },
    { "for", compile_for },
    { "if", compile_if },
    { "ifchanged", compile_ifchanged },
    { "include", compile_include },
    { "load", compile_load },
    { "lorem", compile_lorem },
    { "now", compile_now },
    { "partial", compile_partial },
    { "partialdef", compile_partialdef },
    { "regroup", compile_regroup },
    { "resetcycle", compile_resetcycle },
    { "spaceless", compile_spaceless },
    { "templatetag", compile_templatetag },
    { "url", compile_url },
    { "verbatim", compile_verbatim },
    { "widthratio", compile_widthratio },
    { "with", compile_with },
    { NULL, NULL },
};

static const TemplateSimpleTag simple_tags[] = {
    { .name = "querystring", .fn = tag_querystring, .parameters = TEMPLATE_PARAMETERS("*args", "**kwargs") },
    { .name = NULL },
};

const TemplateLibrary template_default_tags = { .name = "defaulttags", .tags = tags, .simple_tags = simple_tags };
