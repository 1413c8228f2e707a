/*
 * conf.h: a URL table made ready: compiled once at start, asked for every request. Compiling checks the whole table, so
 * that a wrong route is found before the first request; resolving walks a prefix tree and then tries, in the order of the
 * table, the few entries that are left. The answer is always Django's: the first entry that matches.
 *
 * A compiled table is read-only but for the scratch space of the regular expressions: one thread uses it at a time.
 */
#ifndef CLEF_URLS_CONF_H
#define CLEF_URLS_CONF_H

#include <clef/urls/path.h>

typedef struct UrlOptions {
    const UrlConverter *const *converters; /* the program's own, NULL-terminated; may be NULL */
    Str script_prefix;                     /* what reversed paths begin with; empty: "/" */
    bool no_append_slash;                  /* APPEND_SLASH = False */
    /* The active language for LOCALE_PREFIX; NULL: language_code. */
    Str (*language)(void *arg);
    void *language_arg;
    Str language_code; /* LANGUAGE_CODE; empty: "en-us" */
} UrlOptions;

/* A problem that does not keep the table from working: Django's check id and sentence. */
typedef struct UrlWarning {
    const char *id; /* "urls.W002" */
    Str text;
} UrlWarning;

#define URL_CONVERTERS(...) ((const UrlConverter *const[]){ __VA_ARGS__, NULL })

/*
 * Compiles `table` into the arena, which must live as long as the table is used; the table and its texts are borrowed.
 * NULL, and *error a sentence that names the route and the remedy, when a route cannot be understood. `options` may be
 * NULL and is copied.
 */
CLEF_API(UrlConf *, urlconf_compile, Arena *a, const Url *table, const UrlOptions *options, Str *error) CLEF_MUST_USE;

typedef enum UrlOutcome {
    URL_NOT_FOUND,
    URL_FOUND,
    URL_LIMIT, /* a regular expression of the table gave up on this path: its backtracking exploded */
} UrlOutcome;

/*
 * Finds the entry for a path ("/blog/first-post/", decoded, the script prefix taken off). Captured values are views into
 * `path` or new in the arena; nothing else is allocated.
 */
CLEF_API(UrlOutcome, urlconf_resolve, const UrlConf *conf, Arena *a, Str path, ResolverMatch *out);

/* What was tried on a path that was not found, in order, each the chain of routes: "blog/ <slug:slug>/ [name='detail']". */
CLEF_API(size_t, urlconf_tried, const UrlConf *conf, Arena *a, Str path, const Str **tried);

/*
 * Django's rule for APPEND_SLASH: the path does not end in '/', is not found, and is found with a slash. `match` (may be
 * NULL) is then what it leads to.
 */
CLEF_API(bool, urlconf_should_append_slash, const UrlConf *conf, Arena *a, Str path, ResolverMatch *match);

/* The HANDLER of the table for a status (400, 403, 404, 500); NULL when it has none. */
CLEF_API(const Url *, urlconf_handler, const UrlConf *conf, int status);

/* What looks wrong in the table: Django's W-checks. The list is the table's. */
CLEF_API(const UrlWarning *, urlconf_warnings, const UrlConf *conf, size_t *count);

#endif
