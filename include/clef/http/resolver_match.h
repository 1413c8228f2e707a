/*
 * resolver_match.h: what the URL of a request was found to mean: the view, the captured values, the names. Django's
 * ResolverMatch. The urls domain makes it in the request's arena and hangs it on the request (r->resolver_match); views
 * read captured values by url_str, url_int and url_uuid (see <clef/urls.h>).
 *
 * Everything here is read-only. Texts that come from the URL table live as long as the compiled table; captured values
 * live in the request's arena or are views into its path.
 */
#ifndef CLEF_HTTP_RESOLVER_MATCH_H
#define CLEF_HTTP_RESOLVER_MATCH_H

#include <clef/base/str.h>
#include <clef/base/value.h>

typedef struct Request Request;
typedef struct Response Response;
typedef struct Url Url;
typedef struct UrlConf UrlConf;
typedef struct View View;
typedef struct ViewOptions ViewOptions;

/* One named value of a URL. */
typedef struct UrlArg {
    Str name;
    Value value;
} UrlArg;

/* Several of them, in order, each name once. */
typedef struct UrlArgs {
    const UrlArg *p;
    size_t n;
} UrlArgs;

typedef struct ResolverMatch {
    const UrlConf *conf;               /* the compiled table that matched */
    const Url *url;                    /* the entry */
    Response *(*function)(Request *r); /* its view; view_resolved (see view.h) when that is an object */
    const View *view;                  /* the object; NULL: a plain function */
    const ViewOptions *options;        /* what the entry, and its object, ask of the middleware; NULL: nothing */
    Str route;                         /* the route from the root, as it is written: "blog/<slug:slug>/" */
    Str url_name;                      /* NULL string when the entry has no name */
    Str view_name;                     /* namespaces and name joined by ':'; the view's own name when it has none */
    const Str *app_names, *namespaces; /* outermost first */
    size_t napp_names, nnamespaces;
    const Value *args; /* of unnamed groups; empty as soon as there is a named value */
    size_t nargs;
    UrlArgs kwargs;          /* what the view gets: captured, then the table's defaults over them */
    UrlArgs captured_kwargs; /* by the entry itself, not by the INCLUDEs around it (as in Django) */
    UrlArgs extra_kwargs;    /* the defaults: KWARGS(...) of the entry and of the INCLUDEs around it */
} ResolverMatch;

#endif
