/*
 * urlconf.h: a compiled table inside. Each INCLUDE instance is a Level of its own, so that everything about an entry that
 * depends on the way to it (its whole route, its namespaces, the defaults around it) is computed once, at start.
 */
#ifndef URLS_URLCONF_H
#define URLS_URLCONF_H

#include "codec/regex.h"
#include "urls/names.h"
#include "urls/normalize.h"
#include <clef/base/vec.h>
#include <clef/urls/conf.h>

typedef struct Converter Converter;
typedef struct Level Level;
typedef struct Entry Entry;
typedef struct Scope Scope;
typedef struct TrieNode TrieNode;

typedef enum ConverterKind {
    CONVERT_USER,
    CONVERT_STR,
    CONVERT_INT,
    CONVERT_SLUG,
    CONVERT_UUID,
    CONVERT_PATH
} ConverterKind;

struct Converter {
    ConverterKind kind;
    Str name, regex;
    const UrlConverter *user; /* USER */
};

/* A parameter of a PATH route and the text that follows it. */
typedef struct Param {
    Str name;
    const Converter *converter;
    Str after;
} Param;

typedef enum How {
    HOW_LITERAL, /* no parameter */
    HOW_PARAMS,  /* parameters whose end is plain to see: no backtracking */
    HOW_REGEX,
    HOW_LOCALE,
} How;

struct Entry {
    const Url *url;
    Entry *parent;  /* the INCLUDE around it */
    Level *inside;  /* INCLUDE: its entries */
    uint32_t index; /* in its level */
    How how;
    bool endpoint;
    Str route;   /* as written */
    Str literal; /* the text before the first parameter; of a regex: what it must begin with */
    Param *params;
    uint32_t nparams;
    const Regex *regex; /* REGEX */
    Str pattern;        /* the expression that Django would make of it, without its first '^' */
    UrlArgs defaults;   /* its KWARGS */
    uint32_t ncaptures; /* at most, its own */
    /* of an endpoint */
    ResolverMatch match; /* as it is when nothing was captured */
    Str full_route_in_locale;
};

struct Level {
    Entry *entries;
    uint32_t n;
    TrieNode *trie;
};

/* One way to write a path: an endpoint as seen from the root or from the namespace that it is in. */
typedef struct Possibility {
    const Entry *entry;
    Str pattern; /* Django's expression from the scope's root, without '^' */
    Forms forms;
    const Param *converters; /* of the whole way; a later one of the same name counts */
    size_t nconverters;
    UrlArgs defaults;
    bool only_paths; /* built-in converters only: values that match them need no check of the whole */
    bool in_locale;
    const Regex *regex; /* of "^" + pattern, made when first needed */
} Possibility;

typedef VEC(Possibility) Possibilities;

/* What one namespace (or the root) offers to reverse: Django's reverse_dict, namespace_dict and app_dict. */
struct Scope {
    Names names;      /* -> Possibilities * */
    Names views;      /* the same by view_key(); of the root only */
    Names namespaces; /* -> Scope * */
    Names apps;       /* -> VEC(Str) * of namespaces */
};

typedef VEC(Str) Strs;

/* A whole path that an endpoint answers whatever else stands in the table. */
typedef struct LiteralPath {
    Str path; /* NULL: a free slot */
    const Entry *entry;
} LiteralPath;

struct UrlConf {
    Arena *arena;
    const Url *table;
    UrlOptions options;
    const Converter *converters;
    size_t nconverters;
    Level root;
    LiteralPath *literals; /* open addressing; literal_mask + 1 slots */
    uint32_t literal_mask;
    Scope scope;
    Names regexes; /* of one compile: pattern -> Regex * */
    RegexScratch *scratch;
    VEC(UrlWarning) warnings;
    const Url *handlers[4]; /* 400, 403, 404, 500 */
    uint32_t nentries;
};

/* route.c: PATH routes. Fills literal, params, pattern and how; false and *error otherwise. */
CLEF_PRIVATE(bool, route_parse, UrlConf *conf, Entry *e, Str *error);
CLEF_PRIVATE(const Converter *, converters_make, Arena *a, const UrlConverter *const *user, size_t *count, Str *error);
/* The longest piece of s that a built-in converter takes; 0: none. */
CLEF_PRIVATE(size_t, converter_take, ConverterKind kind, Str s);
CLEF_PRIVATE(bool, converter_to_value, const Converter *c, Arena *a, Str text, Value *out);
/* The text for a URL. False when the converter refuses or the value has no text. */
CLEF_PRIVATE(bool, converter_to_url, const Converter *c, Arena *a, Value v, Str *out);
CLEF_PRIVATE(bool, value_url_text, Arena *a, Value v, Str *out);
CLEF_PRIVATE(Str, value_python_repr, Arena *a, Value v);

/* trie.c: the filter in front of a level. */
enum { CANDIDATES_MAX = 32 };
typedef struct Candidates {
    uint32_t n;
    uint32_t at[CANDIDATES_MAX]; /* sorted: the order of the table */
} Candidates;
CLEF_PRIVATE(TrieNode *, trie_build, Arena *a, const Entry *entries, uint32_t n);
/* Every entry that may match the path. False when there are more than fit. */
CLEF_PRIVATE(bool, trie_find, const TrieNode *root, Str path, Candidates *out);

/*
 * literals.c: the paths that need no search. literals_find() answers only what the search would answer as well; most
 * paths of most sites have no parameter.
 */
CLEF_PRIVATE(void, literals_build, UrlConf *conf);
CLEF_PRIVATE(const Entry *, literals_find, const UrlConf *conf, Str path);

/* resolve.c */
/* The match for the path, in *outcome why there is none. It is in the table, or new in the arena. */
CLEF_PRIVATE(const ResolverMatch *, urlconf_find, const UrlConf *conf, Arena *a, Str path, UrlOutcome *outcome);
typedef struct Captures {
    uint32_t nkwargs, nargs;
    UrlArg kwargs[URL_MAX_CAPTURES];
    Value args[URL_MAX_CAPTURES];
} Captures;
CLEF_PRIVATE(UrlOutcome, entry_match, const UrlConf *conf, const Entry *e, Arena *a, Str path, Captures *c, Str *rest);
CLEF_PRIVATE(Str, urlconf_language_prefix, const UrlConf *conf, Arena *a, const Entry *e);

/* check.c, scope.c */
CLEF_PRIVATE(void, entry_check, UrlConf *conf, const Entry *e);
CLEF_PRIVATE(void, scopes_build, UrlConf *conf);
/* The bytes of the pointer to a view, as a key; they are read where they stand. */
static inline Str view_key(const View *const *view, Response *(*const *function)(Request *r))
{
    return *view ? (Str){ (const char *)view, sizeof *view } : (Str){ (const char *)function, sizeof *function };
}

#endif
