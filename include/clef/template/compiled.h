/*
 * compiled.h: templates that were turned into C. `clef compiletemplates` (see docs/templates.md) writes a C file from the
 * project's templates; this header is what such a file calls, and the table that it defines. Nobody writes such code by
 * hand, and what stands here may change with any version: a file is compiled with the version that wrote it.
 *
 * How it works. A CompiledTemplate has the template's text and one C function for each list of nodes. When an engine first
 * uses it, the text is parsed as any other, because the tags and filters of libraries keep structs of their own making, and
 * because an error wants its place. Then the functions take the place of the lists: text, variables, {% for %}, {% if %},
 * {% with %}, {% autoescape %} and {% verbatim %} are C, every other tag is called through its node, every filter through
 * its table, as the interpreter does it. So the bytes, the errors and the limits are the same.
 *
 * A function belongs to the tree that it was written from. `check` is a digest of that tree; where the engine's differs
 * (it has other builtins, say, so that a tag parses differently) the template is interpreted instead.
 */
#ifndef CLEF_TEMPLATE_COMPILED_H
#define CLEF_TEMPLATE_COMPILED_H

#include <clef/base/assert.h>
#include <clef/base/map.h>
#include <clef/codec/html.h>
#include <clef/i18n/locale.h>
#include <clef/template/library.h>

/* The nodes and expressions of one parsed template, by the numbers that the generated code uses. */
typedef struct CompiledUnit {
    TemplateNode *const *nodes;
    TemplateExpr *const *exprs;
} CompiledUnit;

/* Renders one list of nodes. */
typedef void CompiledListFn(TemplateRender *r, const CompiledUnit *u);

/* One row of a table; a table ends with a row without lists. */
struct CompiledTemplate {
    Str name;   /* "blog/post.html" */
    Str origin; /* the file as it was called at build time, for messages */
    Str source;
    CompiledListFn *const *lists; /* in the order in which the parser begins them; NULL: drawn into another */
    uint32_t nlists;
    uint64_t check;
};

/*
 * The program's own table: that of the generated file which `make release` adds (COMPILE_TEMPLATES of clef.mk). Its
 * address is NULL in a program without one. The engine that a site gets by default has it as its option .compiled.
 */
extern const CompiledTemplate program_templates[] __attribute__((weak));

/* The template of a row, in the arena of cx. Raises as template_of_text. */
CLEF_API(const Template *, template_of_compiled, Context *cx, TemplateEngine *engine, const CompiledTemplate *row)
CLEF_NONNULL;

/* Whether C renders the template (or it has nothing to render). */
CLEF_API(bool, template_is_compiled, const Template *t);

/* --- names */

/* Digest of a name, for comparing most names once. */
static inline uint32_t template_name_hash(Str name)
{
    if (name.n == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)name.p;
    return (uint32_t)name.n << 24 ^ (uint32_t)p[0] << 16 ^ (uint32_t)p[name.n / 2] << 8 ^ p[name.n - 1];
}

/* The rest of template_find, from the binding below `above` on. */
CLEF_API(const Value *, template_find_below, const TemplateContext *c, uint32_t above, Str name, uint32_t hash);

/* What a name means in the context, before it is called; NULL: nothing. The pointer holds until the context changes. */
static inline const Value *template_find(const TemplateContext *c, Str name, uint32_t hash)
{
    for (uint32_t i = c->n; i-- > c->floor;) {
        const TemplateBinding *b = &c->p[i];
        if (b->hash == hash && b->name.n == name.n && bytes_same(b->name.p, name.p, name.n))
            return &b->value;
        if (CLEF_UNLIKELY(!b->name.p))
            return template_find_below(c, i + 1, name, hash);
    }
    return NULL;
}
/* True, False and None, which every context has behind all others. */
CLEF_API(bool, template_find_constant, Str name, Value *out);

/* *v called, when it can be, and translated, when it is lazy text; false when it has no answer. */
CLEF_API(bool, template_call_object, TemplateRender *r, Value *v);
static inline bool template_call(TemplateRender *r, Value *v)
{
    return CLEF_LIKELY(v->tag != VALUE_OBJECT) || template_call_object(r, v);
}

/* The first part of a dotted name. */
static inline bool template_named(TemplateRender *r, Str name, uint32_t hash, Value *out)
{
    const Value *found = template_find(r->context, name, hash);
    if (CLEF_LIKELY(found != NULL))
        *out = *found;
    else if (!template_find_constant(name, out))
        return false;
    return template_call(r, out);
}

/* The value of a loop's or a with's name, whose place in the context is known. */
static inline bool template_place(TemplateRender *r, uint32_t place, Value *out)
{
    *out = r->context->p[place].value;
    return template_call(r, out);
}

/* One step of a dotted name, of any value, with the call; the place of the name in a map is put into *guess. */
CLEF_API(bool, template_step_any, TemplateRender *r, const Value *v, Str name, uint32_t *guess, Value *out);

/* The same, which looks at the guessed place first. `out` may be v. */
__attribute__((always_inline)) static inline bool template_step(TemplateRender *r, const Value *v, Str name,
                                                                uint32_t *guess, Value *out)
{
    if (CLEF_LIKELY(v->tag == VALUE_MAP)) {
        const Map *m = v->map;
        const MapEntry *e = m->entries + *guess;
        if (CLEF_LIKELY(*guess < m->n && e->key.n == name.n && (name.n || e->key.p) &&
                        memcmp(e->key.p, name.p, name.n) == 0 && e->value.tag != VALUE_OBJECT)) {
            *out = e->value;
            return true;
        }
    }
    return template_step_any(r, v, name, guess, out);
}

/* The same of a loop's or a with's name. */
__attribute__((always_inline)) static inline bool template_place_step(TemplateRender *r, uint32_t place, Str name,
                                                                      uint32_t *guess, Value *out)
{
    const Value *v = &r->context->p[place].value;
    if (CLEF_LIKELY(v->tag == VALUE_MAP))
        return template_step(r, v, name, guess, out);
    return template_place(r, place, out) && template_step(r, out, name, guess, out);
}

/* What an expression is whose variable was not found; false: the filters are not applied. */
CLEF_API(bool, template_invalid, TemplateRender *r, const TemplateExpr *e, bool ignore_failures, Value *out) CLEF_COLD;
/* The i-th filter of the expression. */
CLEF_API(Value, template_apply, TemplateRender *r, const TemplateExpr *e, size_t i, Value v);
/* Whether the i-th {% if %} or {% elif %} of the node holds. */
CLEF_API(bool, template_condition, TemplateRender *r, const TemplateNode *node, size_t i);

/* The operators of {% if %}. */
typedef enum TemplateOperator {
    TEMPLATE_OP_LITERAL,
    TEMPLATE_OP_OR,
    TEMPLATE_OP_AND,
    TEMPLATE_OP_NOT,
    TEMPLATE_OP_IN,
    TEMPLATE_OP_NOT_IN,
    TEMPLATE_OP_IS,
    TEMPLATE_OP_IS_NOT,
    TEMPLATE_OP_EQ,
    TEMPLATE_OP_NE,
    TEMPLATE_OP_GT,
    TEMPLATE_OP_GE,
    TEMPLATE_OP_LT,
    TEMPLATE_OP_LE,
    TEMPLATE_OP_END,
} TemplateOperator;
CLEF_API(bool, template_compare, TemplateRender *r, TemplateOperator op, Value a, Value b);

/* value_truth without a call for what conditions mostly are. */
static inline bool template_truth(const Value *v)
{
    switch (v->tag) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return v->b;
    case VALUE_INT:
        return v->i != 0;
    case VALUE_STR:
    case VALUE_SAFE:
        return v->s.n != 0;
    case VALUE_LIST:
        return v->list->n != 0;
    default:
        return value_truth(*v);
    }
}

/* --- output */

static inline void template_write_text(TemplateRender *r, const char *p, size_t n) { (void)buf_add(r->out, p, n); }

/* An integer, as the locale wants it. */
CLEF_API(void, template_write_int, TemplateRender *r, int64_t i);

/* template_write_value without a call for text. */
static inline void template_write(TemplateRender *r, const Value *v)
{
    if (CLEF_LIKELY(v->tag == VALUE_STR && r->autoescape))
        (void)html_escape_add(r->out, v->s);
    else if (v->tag == VALUE_STR || v->tag == VALUE_SAFE)
        (void)buf_str(r->out, v->s);
    else if (CLEF_LIKELY(v->tag == VALUE_INT))
        template_write_int(r, v->i);
    else
        template_write_value(r, *v);
}

/*
 * Text and the value behind it, with one look at the room for both. False: the text is written, but the value (NULL, or
 * of a kind that takes more than that) is not.
 */
__attribute__((always_inline)) static inline bool template_write_both(TemplateRender *r, const char *text, size_t n,
                                                                      const Value *v)
{
    Buf *b = r->out;
    size_t room = b->cap - b->n; /* what is put behind a text that did not fit is never seen: template_leave raises */
    if (CLEF_LIKELY(v && v->tag == VALUE_STR && r->autoescape && n + v->s.n < room)) {
        char *to = b->p + b->n;
        memcpy(to, text, n);
        char *end = html_put_clean(to + n, v->s);
        if (CLEF_LIKELY(end != NULL)) {
            b->n = (size_t)(end - b->p);
            return true;
        }
        b->n += n;
        (void)html_escape_runs(b, v->s);
        return true;
    }
    if (CLEF_LIKELY(v && v->tag == VALUE_INT && n + I64_TEXT_MAX < room && !r->locale->use_thousand_separator)) {
        char *to = b->p + b->n;
        memcpy(to, text, n);
        char *end = i64_put(to + n, v->i);
        *end = 0;
        b->n = (size_t)(end - b->p);
        return true;
    }
    template_write_text(r, text, n);
    return false;
}

/*
 * Where a value stands, for template_write_both: of a name at a known place, and the next part of a dotted name in a
 * map.
 */
static inline const Value *template_peek(const TemplateRender *r, uint32_t place)
{
    return &r->context->p[place].value;
}
/* The map of a value, for template_peek_entry; an empty one for what is none. */
static inline const Map *template_peek_map(const Value *v)
{
    static const Map none;
    return CLEF_LIKELY(v && v->tag == VALUE_MAP) ? v->map : &none;
}
__attribute__((always_inline)) static inline const Value *template_peek_entry(const Map *m, Str name,
                                                                              const uint32_t *guess)
{
    if (CLEF_UNLIKELY(*guess >= m->n))
        return NULL;
    const MapEntry *e = m->entries + *guess;
    bool right = e->key.n == name.n && (name.n || e->key.p) && memcmp(e->key.p, name.p, name.n) == 0;
    return CLEF_LIKELY(right) ? &e->value : NULL;
}
__attribute__((always_inline)) static inline const Value *template_peek_in(const Value *v, Str name,
                                                                           const uint32_t *guess)
{
    return template_peek_entry(template_peek_map(v), name, guess);
}

/* --- nodes within nodes */

/* Any node, by its own function. */
static inline void template_node(TemplateRender *r, const TemplateNode *node)
{
    r->node = node;
    node->render(r, node);
}

CLEF_API(void, template_too_deep, TemplateRender *r) CLEF_NORETURN CLEF_COLD;
CLEF_API(void, template_too_much_output, TemplateRender *r) CLEF_NORETURN CLEF_COLD;

/* Around each list of nodes: its level is counted, and the output checked behind it. */
static inline void template_enter(TemplateRender *r)
{
    if (CLEF_UNLIKELY(++r->depth > r->max_depth))
        template_too_deep(r);
}
static inline void template_leave(TemplateRender *r, const TemplateNode *node)
{
    r->depth--;
    r->node = node;
    if (CLEF_UNLIKELY(r->out->failed))
        template_too_much_output(r);
}

/* What `forloop` shows. */
typedef struct TemplateForloop {
    uint64_t at, n;
    Value parent; /* null: none */
    struct NodeState *states;
} TemplateForloop;

/* A {% for %} on its way. */
typedef struct TemplateLoop {
    const TemplateNode *node;
    TemplateForloop *forloop;
    Value values;
    size_t at, n, cursor;
    uint32_t place; /* of the first of its names in the context; `forloop` stands before it */
    uint32_t names;
    bool reversed;
    TemplateMark mark;
} TemplateLoop;

/*
 * A scope for the loop; false when there is nothing to loop over. Then the empty part is rendered, then
 * template_loop_end.
 */
CLEF_API(bool, template_loop_begin, TemplateRender *r, TemplateLoop *l, const TemplateNode *node, const Value *values);
/* The next item, bound to its name or names; false behind the last. */
CLEF_API(bool, template_loop_next_any, TemplateRender *r, TemplateLoop *l);
/* Raises: too many steps, or too much output. */
CLEF_API(void, template_loop_stop, TemplateRender *r, const TemplateLoop *l) CLEF_NORETURN CLEF_COLD;
static inline bool template_loop_next(TemplateRender *r, TemplateLoop *l)
{
    if (CLEF_UNLIKELY(l->names != 1 || l->values.tag != VALUE_LIST))
        return template_loop_next_any(r, l);
    size_t i = l->at;
    const List *list = l->values.list;
    if (i >= l->n || i >= list->n)
        return false;
    if (CLEF_UNLIKELY(++r->steps > r->max_steps || r->out->failed))
        template_loop_stop(r, l);
    l->at = i + 1;
    l->forloop->at = i;
    r->context->p[l->place].value = list->p[l->reversed ? list->n - 1 - i : i];
    return true;
}
CLEF_API(void, template_loop_end, TemplateRender *r, TemplateLoop *l);

#endif
