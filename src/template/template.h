/* template.h: inside of engines, compiled templates, parsers and renderings. */
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include <clef/codec/query.h>
#include <clef/template.h>
#include <clef/template/compiled.h>
#include <clef/template/library.h>

typedef struct BlockNode BlockNode;
typedef struct PartialNode PartialNode;

struct Template {
    TemplateEngine *engine;
    Str name; /* NULL string: made of a text */
    Str origin, source;
    TemplateNodes nodes;      /* as parsed */
    TemplateNodes body;       /* what is rendered: the same, or C in its place */
    BlockNode *const *blocks; /* all {% block %}s, at any depth */
    size_t nblocks;
    const PartialNode *const *partials;
    size_t npartials;
    Arena *arena; /* its own; NULL: somebody else's */
    int64_t mtime, size;
    size_t usual_bytes; /* room that its renderings begin with */
};
/* What a rendering asks for at once at most. */
#define USUAL_BYTES_MAX ((size_t)64 << 10)

/* One engine to ask for a template; the engine's own has `backend` &template_own_backend. */
typedef struct BackendPlace {
    const TemplateBackend *backend;
    const TemplateLoader *loaders;
    Str name;
} BackendPlace;

struct TemplateEngine {
    Arena *arena, *compiled; /* `compiled`: parent of the arenas of templates */
    TemplateEngineOptions options;
    Map *cache;   /* name to Template */
    Map *origins; /* origin to Template, where a template extends one of its own name */
    VEC(const TemplateLibrary *) builtins, libraries;
    VEC(BackendPlace) backends; /* in the order they are asked; only itself when no other is listed */
    Str twice;                  /* the name of two of them; empty: none */
};

/* --- variables and expressions */

typedef struct Variable {
    Str text;
    Value literal;
    const Str *lookups; /* NULL: a literal */
    uint32_t nlookups, hash;
    bool translate;
} Variable;

typedef struct FilterUse {
    const TemplateFilter *filter;
    bool has_arg;
    bool arg_is_variable;
    bool translate; /* the constant is _("...") */
    Value constant;
    Variable variable;
} FilterUse;

struct TemplateExpr {
    Str token;
    bool is_variable, translate;
    Value constant;
    Variable variable;
    const FilterUse *filters;
    size_t nfilters;
};

/* Binds a name in the innermost scope, which does not have it. */
CLEF_PRIVATE(void, context_grow, TemplateContext *c) CLEF_COLD;
static inline void context_add(TemplateContext *c, TemplateBinding b)
{
    if (CLEF_UNLIKELY(c->n == c->cap))
        context_grow(c);
    c->p[c->n++] = b;
}
/* The value of text as Django's Variable(text): number, quoted string or dotted name. Raises at the parser's tag. */
CLEF_PRIVATE(void, variable_init, TemplateParser *p, Str text, Variable *out);
/* The same without a parser, at render time (dictsort, regroup). False with an underscore in front of a name. */
CLEF_PRIVATE(bool, variable_make, Arena *a, Str text, Variable *out);
/* The expression with its constant or variable translated before the filters, as {% translate %} does; `noop`: not. */
CLEF_PRIVATE(Value, expr_translated, TemplateRender *r, const TemplateExpr *e, bool noop, Str context);
/* template_compile_expr, but false instead of an error. */
CLEF_PRIVATE(bool, expr_try, TemplateParser *p, Str text, const TemplateExpr **out) CLEF_MUST_USE;
CLEF_PRIVATE(bool, variable_resolve, TemplateRender *r, const Variable *v, Value *out);
/* The lookups of v, applied to an object instead of the context. */
CLEF_PRIVATE(bool, variable_resolve_in, TemplateRender *r, const Variable *v, Value object, Value *out);
/* One step of a dotted name. */
CLEF_PRIVATE(bool, value_lookup, TemplateRender *r, Value v, Str name, Value *out);
/* Attributes that Python's own types have and templates use: dict.items, date.year, text.upper. */
CLEF_PRIVATE(bool, value_attribute, Arena *a, Value v, Str name, Value *out);

/* --- parsing */

typedef struct Command {
    Str name;
    TemplateToken token;
} Command;

/* One of the two. */
typedef struct FoundTag {
    const TemplateTag *tag;
    const TemplateSimpleTag *simple;
} FoundTag;

typedef struct NamedCycle {
    Str name;
    TemplateNode *node;
} NamedCycle;

struct TemplateParser {
    Context *cx;
    Arena *arena;
    TemplateEngine *engine;
    Template *t;
    /* the lexer */
    size_t at;
    uint32_t line;
    Str verbatim; /* its end tag; NULL string: not in one */
    TemplateToken pending;
    bool has_pending;
    /* the parser */
    TemplateToken token; /* being compiled */
    VEC(Command) commands;
    VEC(const TemplateLibrary *) loaded; /* the newest last */
    VEC(FoundTag) loaded_tags;           /* {% load x from y %} */
    VEC(TemplateFilter) loaded_filters;
    uint32_t depth;
    bool raised; /* an error has its token */
    /* what tags keep while they compile */
    VEC(BlockNode *) blocks;
    VEC(PartialNode *) partials;
    VEC(NamedCycle) cycles;
    TemplateNode *last_cycle;
    uint32_t nextends;
    struct TemplateTrace *trace; /* NULL: nobody asks for the nodes by number */
};

CLEF_PRIVATE(bool, lexer_next, TemplateParser *p, TemplateToken *out);
/* An error of compiling that is not a TemplateSyntaxError in Django. */
CLEF_PRIVATE(void, template_parse_error, TemplateParser *p, const char *type, Str message) CLEF_NORETURN;
CLEF_PRIVATE(void, template_compile, TemplateParser *p);
/* `until` ends with NULL, and may be NULL. */
CLEF_PRIVATE(void, invalid_block_tag, TemplateParser *p, const TemplateToken *t, Str command, const char *const *until)
CLEF_NORETURN;
CLEF_PRIVATE(const TemplateFilter *, parser_find_filter, TemplateParser *p, Str name);
/* `name=value` pairs from words[*at] on, stopping at the first that is none. With `legacy`, `value as name` too. */
typedef struct Assignment {
    Str name;
    const TemplateExpr *value;
} Assignment;
typedef struct Assignments {
    const Assignment *p;
    size_t n;
} Assignments;
CLEF_PRIVATE(Assignments, parse_assignments, TemplateParser *p, TemplateWords words, size_t *at, bool legacy);
/* The tag of that name in a library; false when there is none. */
CLEF_PRIVATE(bool, library_tag, const TemplateLibrary *l, Str name, FoundTag *out);
/* simple.c */
CLEF_PRIVATE(TemplateNode *, compile_simple, TemplateParser *p, const TemplateToken *token,
             const TemplateSimpleTag *tag);
/* Splits "name=value"; false when there is no name in front of a '='. */
CLEF_PRIVATE(bool, split_keyword, Str word, Str *name, Str *value);
/* Python's repr() of a text. */
CLEF_PRIVATE(Str, repr_text, Arena *a, Str s);

/* --- rendering */

typedef struct NodeState {
    struct NodeState *next;
    const TemplateNode *node, *caller; /* the include around it, where that matters */
} NodeState;

/* The blocks of one name, from the root's to the youngest child's. */
typedef struct BlockQueue {
    struct BlockQueue *next;
    Str name;
    const BlockNode **p;
    size_t n, cap;
} BlockQueue;

/* One template within another; state that includes do not share. */
typedef struct TemplateFrame {
    struct TemplateFrame *outer;
    const Template *t;
    const TemplateNode *caller; /* the include or extends of `outer` */
    NodeState *states;
    BlockQueue *blocks; /* {% extends %} */
    bool has_blocks;
    const Str *history; /* origins that were extended already */
    size_t nhistory;
    bool shares; /* state and blocks are the outer frame's (extends) */
} TemplateFrame;

CLEF_PRIVATE(void, render_template_in, TemplateRender *r, const Template *t, TemplateFrame *frame, bool shares);
CLEF_PRIVATE(TemplateFrame *, frame_state, TemplateRender *r);
/* The template that a value stands for: a template object, a name or a list of names. */
CLEF_PRIVATE(const Template *, template_from_value, TemplateRender *r, Value v, const Str *skip, size_t nskip);
/* A template of the {% partialdef %} of that name, in the arena; NULL when there is none. */
CLEF_PRIVATE(const Template *, template_partial, Arena *a, const Template *t, Str name);
/* The template itself when `v` is one; NULL. */
CLEF_PRIVATE(const Template *, value_template, Value v);
/* The query dictionary when `v` is one; NULL. */
CLEF_PRIVATE(const QueryDict *, value_query, Value v);
typedef VEC(Str) TriedList;
/* What Django's message says is not there: of "name#partial" the name. */
static inline Str template_missing_name(Str name)
{
    size_t hash = str_find_byte(name, '#');
    return hash == STR_NPOS || hash == 0 ? name : str_slice(name, 0, hash);
}
/* NULL when no loader has it; `skip`: origins that do not count. */
CLEF_PRIVATE(const Template *, engine_find, Context *cx, TemplateEngine *e, Str name, const Str *skip, size_t nskip,
             TriedList *tried);
/* The text in one of the loaders; what has it not is added to *tried. */
CLEF_PRIVATE(bool, loaders_find, Context *cx, const TemplateLoader *l, Str name, uint64_t most, TemplateFound *found,
             TriedList *tried);
CLEF_PRIVATE(void, add_tried, Context *cx, TriedList *tried, Str origin, const char *why);
/* What templates of a request see before the caller's own names, which go into the scope that it opened. */
CLEF_PRIVATE(void, request_context_init, Request *r, const TemplateEngine *e, TemplateContext *c);
CLEF_PRIVATE(Value, csrf_token_value, Request *r);
/* The engines to ask, of the options. */
CLEF_PRIVATE(void, engine_list_backends, TemplateEngine *e);
CLEF_PRIVATE(void, raise_not_found, Context *cx, Str message, const TriedList *tried) CLEF_NORETURN;

/* --- values as text, as Python has it */

CLEF_PRIVATE(void, write_str, Buf *b, Arena *a, Value v);
CLEF_PRIVATE(void, write_repr, Buf *b, Arena *a, Value v);
/* The text of {{ v }} before escaping: numbers and dates as the locale wants them. */
CLEF_PRIVATE(void, write_localized, TemplateRender *r, Buf *b, Value v);
/* The engine's clock. */
CLEF_PRIVATE(DateTime, render_now, const TemplateRender *r);
CLEF_PRIVATE(Value, local_time, TemplateRender *r, Value v);
/* A DATETIME that is shown in its own zone, whatever the current one is. */
#define DATETIME_KEEPS_ZONE 1
/* A text that a rendering makes on its way, and what stands in it; raises when that is more than a page may have. */
static inline Buf render_buf(TemplateRender *r)
{
    uint64_t most = r->engine->options.limits.output_bytes;
    Buf b = BUF_INIT(r->arena, most < SIZE_MAX ? (size_t)most : SIZE_MAX - 1);
    (void)buf_add(&b, "", 0);
    return b;
}
static inline Str render_text_of(TemplateRender *r, const Buf *b)
{
    if (CLEF_UNLIKELY(b->failed))
        template_too_much_output(r);
    return buf_view(b);
}
/* Escapes unless it is safe; the text of any value. */
CLEF_PRIVATE(void, write_escaped, TemplateRender *r, Buf *b, Value v);
#define TEXT_MAX ((size_t)64 << 20)

/* Python's int(v): false when it raises, and for one past 64 bits. */
CLEF_PRIVATE(bool, python_int, TemplateRender *r, Value v, int64_t *out);
/* The same for what is only compared: one past 64 bits is the nearest that fits. */
CLEF_PRIVATE(bool, python_clamped, TemplateRender *r, Value v, int64_t *out);
CLEF_PRIVATE(int64_t, need_clamped, TemplateRender *r, Value v);
/* The same, raising. */
CLEF_PRIVATE(int64_t, need_int, TemplateRender *r, Value v);
/* Of any size: INT or BIGINT. */
CLEF_PRIVATE(bool, python_integer, TemplateRender *r, Value v, Value *out);
CLEF_PRIVATE(Value, need_integer, TemplateRender *r, Value v);
/* Of an INT or BIGINT. */
CLEF_PRIVATE(Decimal, integer_decimal, Value v);
CLEF_PRIVATE(Str, integer_text, Arena *a, Value v);

/* A list that Python shows as a tuple, and what a dictionary's keys(), values() and items() are: without an index. */
#define LIST_TUPLE  1
#define LIST_KEYS   2
#define LIST_VALUES 4
#define LIST_ITEMS  8
static inline bool value_is_view(Value v) { return v.tag == VALUE_LIST && v.flags >= LIST_KEYS; }
static inline const char *view_name(Value v)
{
    return v.flags & LIST_KEYS ? "dict_keys" : v.flags & LIST_VALUES ? "dict_values" : "dict_items";
}
static inline Value value_tuple(List *l) { return (Value){ .tag = VALUE_LIST, .flags = LIST_TUPLE, .list = l }; }

/* --- errors */

extern CLEF_HIDDEN const char template_error_code[] __asm__("clef__template_error_code");
CLEF_PRIVATE(void, raise_template_error, Context *cx, TemplateError *e) CLEF_NORETURN CLEF_COLD;

/* --- libraries in files of their own */

extern CLEF_HIDDEN const TemplateFilter string_filters[] __asm__("clef__string_filters");
extern CLEF_HIDDEN const TemplateFilter format_filters[] __asm__("clef__format_filters");
extern CLEF_HIDDEN const TemplateFilter pprint_filters[] __asm__("clef__pprint_filters");
extern CLEF_HIDDEN const TemplateFilter list_filters[] __asm__("clef__list_filters");
extern CLEF_HIDDEN const TemplateFilter number_filters[] __asm__("clef__number_filters");
extern CLEF_HIDDEN const TemplateFilter html_filters[] __asm__("clef__html_filters");
extern CLEF_HIDDEN const TemplateFilter date_filters[] __asm__("clef__date_filters");

#endif
