/*
 * context.h: the names that a template sees, in scopes: the innermost one that has a name answers. Values are borrowed:
 * they and what they point at must live until the rendering is over.
 *
 * A context is made for one rendering at a time. Tags push a scope, set names in it, render, and pop it.
 */
#ifndef CLEF_TEMPLATE_CONTEXT_H
#define CLEF_TEMPLATE_CONTEXT_H

#include <clef/base/map.h>
#include <clef/base/value.h>

typedef struct Request Request;

typedef struct TemplateBinding {
    Str name; /* p NULL: `value` is a map whose names are all visible here */
    Value value;
    uint32_t hash;
} TemplateBinding;

typedef struct TemplateContext {
    Arena *arena;
    Request *request; /* NULL: Django's Context, else its RequestContext */
    /* private */
    TemplateBinding *p;
    uint32_t n, cap;
    uint32_t scope; /* where the innermost scope begins in p */
    uint32_t floor; /* names below it are not seen ({% include only %}) */
    uint32_t depth;
} TemplateContext;

/* Names and values in pairs, ended by a NULL name: what RENDER makes of its arguments. */
typedef struct TemplatePair {
    const char *name;
    Value value;
} TemplatePair;

/* Scopes within each other in one context. Past it a rendering ends with an error. */
#define TEMPLATE_SCOPES_MAX 1000u

/* An empty context whose memory is the arena's. */
CLEF_API(void, template_context_init, TemplateContext *c, Arena *arena, Request *request);
/* Sets a name in the innermost scope. */
CLEF_API(void, template_set, TemplateContext *c, Str name, Value value);
#define TEMPLATE_SET(c, name, ...) template_set((c), str_c(name), VALUE(__VA_ARGS__))
/* All names of the map, as if they were set in the innermost scope just now; later changes of the map are seen. */
CLEF_API(void, template_set_map, TemplateContext *c, const Map *map);
CLEF_API(void, template_set_pairs, TemplateContext *c, const TemplatePair *pairs);
/* Sets it where it is visible, else in the innermost scope (Django's set_upward). */
CLEF_API(void, template_set_upward, TemplateContext *c, Str name, Value value);
/* False, and *out unchanged, when no scope has the name. True, False and None are always there. */
CLEF_API(bool, template_lookup, const TemplateContext *c, Str name, Value *out) CLEF_MUST_USE;

/*
 * Visits each visible name once, the innermost first, with the value that it has there. *cursor is all zeros at first; the
 * context must not change in between.
 *
 *     for (TemplateCursor at = { 0 }; template_context_next(c, &at, &name, &value);)
 */
typedef struct TemplateCursor {
    uint32_t binding;
    size_t entry;
} TemplateCursor;
CLEF_API(bool, template_context_next, const TemplateContext *c, TemplateCursor *cursor, Str *name, Value *value);

/* A new innermost scope; what it returns goes to template_pop. */
typedef struct TemplateMark {
    uint32_t n, scope, floor;
} TemplateMark;
CLEF_API(TemplateMark, template_push, TemplateContext *c);
CLEF_API(void, template_pop, TemplateContext *c, TemplateMark mark);
/* A new scope that hides all others until it is popped. */
CLEF_API(TemplateMark, template_push_isolated, TemplateContext *c);

#endif
