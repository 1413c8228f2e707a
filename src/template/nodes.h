/*
 * nodes.h: the nodes that the generator of C knows (see generate.c): what it draws into one function. TemplateNode.kind
 * says which struct a node is; a tag that is not named here has kind 0 and is known to its own file only.
 */
#ifndef TEMPLATE_NODES_H
#define TEMPLATE_NODES_H

#include "template/template.h"
#include <clef/template/compiled.h>

typedef enum NodeKind {
    NODE_TAG,        /* calls its function; may set names in the scope where it stands */
    NODE_TEXT,       /* TextNode */
    NODE_VARIABLE,   /* VariableNode */
    NODE_NOTHING,    /* renders nothing */
    NODE_BODY,       /* BodyNode: its nodes, no more */
    NODE_AUTOESCAPE, /* BodyNode */
    NODE_WITH,       /* BodyNode */
    NODE_FOR,        /* ForNode */
    NODE_IF,         /* IfNode */
    NODE_SCOPED,     /* calls its function, which leaves no names behind */
    NODE_EXTENDS,    /* the same; the nodes that its parsing found are not rendered */
    NODE_LIST,       /* stands for a list that C renders */
} NodeKind;

typedef struct TextNode {
    TemplateNode node;
    Str text;
} TextNode;

typedef struct VariableNode {
    TemplateNode node;
    const TemplateExpr *expr;
} VariableNode;

typedef struct BodyNode {
    TemplateNode node;
    TemplateNodes nodes;
    Assignments values;       /* with */
    const TemplateExpr *expr; /* filter */
    bool on;                  /* autoescape */
} BodyNode;

enum { LOOP_VARIABLES = 16 };

typedef struct ForNode {
    TemplateNode node;
    const TemplateExpr *sequence;
    Str names[LOOP_VARIABLES];
    uint32_t hashes[LOOP_VARIABLES];
    uint32_t n;
    bool reversed;
    TemplateNodes body, empty;
} ForNode;

typedef struct Condition Condition;
struct Condition {
    TemplateOperator op;
    const TemplateExpr *expr; /* TEMPLATE_OP_LITERAL */
    const Condition *first, *second;
    uint32_t depth;
    bool raises; /* evaluating it may raise: some operand has filters */
};

typedef struct Branch {
    const Condition *condition; /* NULL: else */
    TemplateNodes nodes;
} Branch;

typedef struct IfNode {
    TemplateNode node;
    const Branch *branches;
    size_t n;
} IfNode;

/*
 * The value of a variable where it stands in the context or in maps below it; NULL: it takes variable_resolve (constants,
 * objects, what is called, what is not there).
 */
static inline const Value *variable_peek(const TemplateContext *c, const Variable *v)
{
    if (CLEF_UNLIKELY(!v->lookups))
        return NULL;
    const Value *found = template_find(c, v->lookups[0], v->hash);
    for (uint32_t i = 1; found && i < v->nlookups; i++)
        found = found->tag == VALUE_MAP ? map_get(found->map, v->lookups[i]) : NULL;
    return found && found->tag != VALUE_OBJECT ? found : NULL;
}

/* A list of nodes that C may render: the one node of the list that tags see. */
typedef struct ListNode {
    TemplateNode node;
    CompiledListFn *fn; /* NULL: `plain` is interpreted */
    const CompiledUnit *unit;
    TemplateNodes plain;
    TemplateNode *self[1];
    uint32_t number;
    bool dropped; /* what stands in it is never rendered by itself: the rest of a template that extends another */
} ListNode;

/* What a parse found, by the numbers that generated code uses. */
typedef struct TemplateTrace {
    VEC(TemplateNode *) nodes; /* in the order in which they were finished */
    VEC(TemplateExpr *) exprs; /* in the order in which they were begun */
    VEC(ListNode *) lists;     /* the same */
    uint64_t check;
} TemplateTrace;

static inline void trace_mix(TemplateTrace *t, uint64_t x)
{
    t->check = (t->check ^ x) * 0x9e3779b97f4a7c15u;
    t->check ^= t->check >> 29;
}

/* The nodes of a list, whoever renders it. */
static inline TemplateNodes nodes_plain(TemplateNodes nodes)
{
    return nodes.n == 1 && nodes.p[0]->kind == NODE_LIST ? ((const ListNode *)nodes.p[0])->plain : nodes;
}
/* Its number in the trace; -1 for one without nodes. */
static inline int64_t nodes_number(TemplateNodes nodes)
{
    return nodes.n == 1 && nodes.p[0]->kind == NODE_LIST ? (int64_t)((const ListNode *)nodes.p[0])->number : -1;
}

/* A template of a text, and by what numbers C calls its parts. All of it in the arena of cx. */
CLEF_PRIVATE(const Template *, template_traced, Context *cx, TemplateEngine *e, Str name, Str origin, Str text,
             TemplateTrace *trace);

CLEF_PRIVATE(void, render_text, TemplateRender *r, const TemplateNode *node);
CLEF_PRIVATE(void, render_variable, TemplateRender *r, const TemplateNode *node);
CLEF_PRIVATE(void, render_list, TemplateRender *r, const TemplateNode *node);

/* The nodes of a list without its level: template_render_nodes enters and leaves around it. */
CLEF_PRIVATE(void, render_each, TemplateRender *r, TemplateNodes nodes);

#endif
