/*
 * library.h: own filters and tags, as const tables.
 *
 *     static Value shout(TemplateFilterCall *c, Value v) { return value_str(str_concat(c->r->arena, v.s, STR("!"))); }
 *     static const TemplateFilter filters[] = { { "shout", shout, .text = true, .is_safe = true }, { 0 } };
 *     const TemplateLibrary shop_tags = { .name = "shop_tags", .filters = filters };
 *
 * An engine knows the libraries of its options; a template takes them by {% load shop_tags %}.
 *
 * A tag has two halves. `compile` runs once, reads the tag's words and perhaps parses on to its end tag, and makes a
 * node in the template's arena: a struct that begins with a TemplateNode. `render` runs for each page, only reads the
 * node, and writes to r->out. State of one rendering goes through template_state.
 */
#ifndef CLEF_TEMPLATE_LIBRARY_H
#define CLEF_TEMPLATE_LIBRARY_H

#include <clef/base/buf.h>
#include <clef/base/vec.h>
#include <clef/i18n/words.h>
#include <clef/template/engine.h>

typedef struct TemplateRender TemplateRender;
typedef struct TemplateParser TemplateParser;
typedef struct TemplateNode TemplateNode;
typedef struct TemplateExpr TemplateExpr;
typedef struct TemplateFilter TemplateFilter;

/* --- filters */

typedef struct TemplateFilterCall {
    TemplateRender *r;
    const TemplateFilter *filter;
    Value arg;
    bool has_arg;
    bool autoescape; /* for those with needs_autoescape */
} TemplateFilterCall;

typedef Value TemplateFilterFn(TemplateFilterCall *c, Value v);

typedef enum TemplateArgument { TEMPLATE_NO_ARGUMENT, TEMPLATE_ARGUMENT, TEMPLATE_OPTIONAL_ARGUMENT } TemplateArgument;

struct TemplateFilter {
    const char *name; /* NULL ends a table */
    TemplateFilterFn *fn;
    uint8_t argument; /* TemplateArgument */
    bool text;        /* gets a text always: STR or SAFE (Django's stringfilter) */
    bool is_safe;     /* safe text stays safe */
    bool needs_autoescape;
    bool expects_localtime;
};

/* --- nodes */

typedef void TemplateNodeFn(TemplateRender *r, const TemplateNode *node);

struct TemplateNode {
    TemplateNodeFn *render;
    uint32_t start, end; /* of the tag in the source */
    uint32_t line;
    bool is_text, must_be_first;
    uint8_t kind; /* private: what the generator of C knows of it; 0 for a tag of your own */
};

/* What template_parse found, to be rendered; what stands in it is not a tag's business (C may stand in for the nodes). */
typedef struct TemplateNodes {
    TemplateNode *const *p;
    size_t n;
} TemplateNodes;

/* --- tags: compiling */

typedef enum TemplateTokenKind { TEMPLATE_TEXT, TEMPLATE_VAR, TEMPLATE_BLOCK, TEMPLATE_COMMENT } TemplateTokenKind;
typedef struct TemplateToken {
    TemplateTokenKind kind;
    Str contents; /* without the braces, trimmed */
    uint32_t start, end, line;
} TemplateToken;

typedef TemplateNode *TemplateCompileFn(TemplateParser *p, const TemplateToken *token);
typedef struct TemplateTag {
    const char *name; /* NULL ends a table */
    TemplateCompileFn *compile;
} TemplateTag;

/* --- tags that are functions: no parsing, no nodes; see custom-template-tags.md */

typedef struct TemplateNamed {
    Str name;
    Value value;
} TemplateNamed;

/* One use of such a tag. */
typedef struct TemplateTagCall {
    TemplateRender *r;
    const Value *args; /* one for each parameter of the table, in its order: given, or its default */
    const Value *rest; /* what a parameter "*args" took */
    size_t nrest;
    const TemplateNamed *named; /* and "**kwargs" */
    size_t nnamed;
    SafeStr content; /* of a block, rendered */
} TemplateTagCall;

/* The result is written, escaped where it is not safe, or kept by `{% tag ... as name %}`. */
typedef Value TemplateSimpleFn(TemplateTagCall *c);
/* Sets the names that the tag's own template sees. */
typedef void TemplateInclusionFn(TemplateTagCall *c, TemplateContext *inner);

/*
 * Django's simple_tag, simple_block_tag and inclusion_tag. Parameters are written as Python's: "name",
 * "name=expression" (with a default in the template language), "*args", "**kwargs"; behind "*args" or a bare "*" they
 * are given by name only. NULL: the tag takes none.
 *
 *     static Value greet(TemplateTagCall *c) { return value_str(str_concat(c->r->arena, STR("hello "), c->args[0].s)); }
 *     static const TemplateSimpleTag tags[] = {
 *         { .name = "greet", .fn = greet, .parameters = TEMPLATE_PARAMETERS("who=\"you\"") }, { .name = NULL } };
 */
typedef struct TemplateSimpleTag {
    const char *name; /* NULL ends a table */
    const char *const *parameters;
    TemplateSimpleFn *fn;
    bool block;      /* {% name %}...{% endname %}: `content` */
    const char *end; /* another name for the end tag */
    /* instead of fn: */
    TemplateInclusionFn *inclusion;
    const char *template_name;
} TemplateSimpleTag;

#define TEMPLATE_PARAMETERS(...) \
    (const char *const[]) { __VA_ARGS__, NULL }

struct TemplateLibrary {
    const char *name;
    const TemplateFilter *filters; /* may be NULL, as the next two */
    const TemplateTag *tags;
    const TemplateSimpleTag *simple_tags;
};

/* The words of a tag; a quoted string stays one word. */
typedef TextWords TemplateWords;

CLEF_API(Arena *, template_parser_arena, TemplateParser *p) CLEF_NONNULL;
CLEF_API(TemplateWords, template_split, TemplateParser *p, const TemplateToken *token);
/* Split at white space only. */
CLEF_API(TemplateWords, template_split_plain, TemplateParser *p, Str contents);
/* A variable or constant with its filters. Raises TemplateSyntaxError. */
CLEF_API(TemplateExpr *, template_compile_expr, TemplateParser *p, Str text) CLEF_NONNULL;
/* Parses up to one of the end tags (a NULL-terminated list), which is the next token then. */
CLEF_API(TemplateNodes, template_parse, TemplateParser *p, const char *const *until);
#define TEMPLATE_PARSE(p, ...) template_parse((p), (const char *const[]){ __VA_ARGS__, NULL })
CLEF_API(bool, template_next_token, TemplateParser *p, TemplateToken *out);
CLEF_API(void, template_skip_past, TemplateParser *p, const char *end);
/* Raises TemplateSyntaxError at the tag that is being compiled. */
CLEF_API(void, template_syntax_error, TemplateParser *p, const char *format, ...) CLEF_NORETURN CLEF_PRINTF(2, 3);
/* A node of the type T, whose first member is a TemplateNode called `node`. */
#define TEMPLATE_NODE(p, T, render_) \
    ((T *)template_node_init(arena_zalloc(template_parser_arena(p), sizeof(T)), (render_)))
static inline void *template_node_init(void *node, TemplateNodeFn *render)
{
    ((TemplateNode *)node)->render = render;
    return node;
}

/* --- rendering */

struct TemplateRender {
    Context *cx;
    Arena *arena; /* of this rendering */
    Buf *out;
    TemplateContext *context;
    TemplateEngine *engine;
    Request *request;     /* NULL: none */
    const Locale *locale; /* in force: that of cx */
    bool autoescape;
    bool localize_off; /* {% localize off %} */
    bool use_tz;       /* aware times are shown in the current zone */
    /* private */
    const TemplateNode *node;
    struct TemplateFrame *frame;
    uint32_t depth, max_depth;
    uint64_t steps, max_steps, max_text;
};

CLEF_API(void, template_render_nodes, TemplateRender *r, TemplateNodes nodes);
/* The same into a text of its own. */
CLEF_API(Str, template_capture, TemplateRender *r, TemplateNodes nodes);
/* The value of an expression; what cannot be found is the engine's string_if_invalid, or null with ignore_failures. */
CLEF_API(Value, template_eval, TemplateRender *r, const TemplateExpr *e, bool ignore_failures);
/* Writes a value as {{ }} does: localised, escaped when it has to be. */
CLEF_API(void, template_write_value, TemplateRender *r, Value v);
/* Django's str(value); SAFE stays SAFE. */
CLEF_API(Value, template_text, TemplateRender *r, Value v);
/* One struct of this rendering for this node: zeroed at the first call. */
CLEF_API(void *, template_state, TemplateRender *r, const TemplateNode *node, size_t size) CLEF_NONNULL;
/* Raises with the type of Django's or Python's exception, at the node that is being rendered. */
CLEF_API(void, template_raise, TemplateRender *r, const char *type, const char *format, ...)
CLEF_NORETURN CLEF_PRINTF(3, 4) CLEF_COLD;

/* Under which key {% cache timeout fragment a b %} keeps what it rendered: to delete it from elsewhere. */
CLEF_API(Str, template_fragment_key, Arena *a, Str fragment, const Str *vary_on, size_t n);

/* Django's own tags and filters; engines have them as built-ins. */
CLEF_DATA(const TemplateLibrary, template_default_tags);
/* Django's libraries for {% load %}; engines have them unless .only_these_libraries says otherwise. */
CLEF_DATA(const TemplateLibrary, template_cache_library);
CLEF_DATA(const TemplateLibrary, template_humanize_library);
CLEF_DATA(const TemplateLibrary, template_i18n_library);
CLEF_DATA(const TemplateLibrary, template_l10n_library);
CLEF_DATA(const TemplateLibrary, template_static_library);
CLEF_DATA(const TemplateLibrary, template_tz_library);

#endif
