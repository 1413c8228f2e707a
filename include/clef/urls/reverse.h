/*
 * reverse.h: from a name back to a path. A name is that of an entry, with the namespaces around it: "blog:detail". Every
 * entry of that name is tried, the last of the table first, until one fits the values and matches what it would write, as
 * Django's reverse() does. The path is percent-encoded.
 *
 *     Str url = REVERSE(r, "blog:detail", "slug", post->slug);
 *     Str url = REVERSE_ARGS(r, "archive", 2026, 7);
 */
#ifndef CLEF_URLS_REVERSE_H
#define CLEF_URLS_REVERSE_H

#include <clef/urls/conf.h>

/* A view in the place of a name: URL_VIEW(post_detail). */
typedef struct UrlView {
    Response *(*function)(Request *r);
    const View *view;
    const char *view_name; /* for messages */
} UrlView;
#define URL_VIEW(v) ((UrlView){ CLEF_URL_VIEW(v) })

/* What to write. Give args or kwargs, not both. */
typedef struct UrlReverse {
    Str name;
    /*
     * Instead of a name: the entries of this view that stand in no namespace (as in Django), with or without a name. The
     * view of several entries is best reversed by name.
     */
    const UrlView *view;
    const Value *args;
    size_t nargs;
    UrlArgs kwargs;
    Str current_app;   /* the namespaces that the caller is in, outermost first: "blog:comments"; or empty */
    UrlArgs query;     /* added behind '?'; a list gives one pair for each of its elements */
    Str fragment;      /* added behind '#' as it is; NULL string: none */
    Str script_prefix; /* NULL string: the table's */
} UrlReverse;

typedef enum UrlReverseError {
    URL_REVERSED,
    URL_NO_REVERSE_MATCH, /* Django's NoReverseMatch */
    URL_MIXED_ARGUMENTS,  /* Django's ValueError: args and kwargs */
} UrlReverseError;

/* URL_REVERSED with *out in the arena; else *error is Django's sentence. */
CLEF_API(UrlReverseError, urlconf_reverse, const UrlConf *conf, Arena *a, const UrlReverse *what, Str *out, Str *error)
CLEF_MUST_USE;

#endif
