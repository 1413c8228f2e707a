/*
 * testing_tags.h: a library of tags: {% noted x %} sets a name where it stands, {% boxed %} has a body, {% mapped x %}
 * sets all names of a map.
 */
#ifndef TESTS_TEMPLATE_TESTING_TAGS_H
#define TESTS_TEMPLATE_TESTING_TAGS_H

#include <clef/template/library.h>

typedef struct TestingNode {
    TemplateNode node;
    const TemplateExpr *value;
    TemplateNodes body;
} TestingNode;

static void render_noted(TemplateRender *r, const TemplateNode *node)
{
    template_set(r->context, STR("title"), template_eval(r, ((const TestingNode *)node)->value, false));
    BUF_LIT(r->out, "noted");
}

static TemplateNode *compile_noted(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    TestingNode *n = TEMPLATE_NODE(p, TestingNode, render_noted);
    n->value = template_compile_expr(p, w.p[1]);
    return &n->node;
}

static void render_boxed(TemplateRender *r, const TemplateNode *node)
{
    BUF_LIT(r->out, "[");
    template_render_nodes(r, ((const TestingNode *)node)->body);
    BUF_LIT(r->out, "]");
}

static TemplateNode *compile_boxed(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    TestingNode *n = TEMPLATE_NODE(p, TestingNode, render_boxed);
    n->body = TEMPLATE_PARSE(p, "endboxed");
    TemplateToken end;
    (void)template_next_token(p, &end);
    return &n->node;
}

static void render_mapped(TemplateRender *r, const TemplateNode *node)
{
    Value v = template_eval(r, ((const TestingNode *)node)->value, false);
    if (v.tag == VALUE_MAP)
        template_set_map(r->context, v.map);
}

static TemplateNode *compile_mapped(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    TestingNode *n = TEMPLATE_NODE(p, TestingNode, render_mapped);
    n->value = template_compile_expr(p, w.p[1]);
    return &n->node;
}

static const TemplateTag testing_tag_rows[] = {
    { "noted", compile_noted }, { "boxed", compile_boxed }, { "mapped", compile_mapped }, { NULL, NULL }
};
static const TemplateLibrary testing_tags = { .name = "testing", .tags = testing_tag_rows };

#endif
