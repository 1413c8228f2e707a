/*
 * site.h: settings, urls and middleware made ready to answer requests: what Django's BaseHandler does. A Site is built
 * once per process from validated settings and is read-only afterwards; site_respond turns one request into one response
 * and never raises.
 */
#ifndef CLEF_HTTP_SITE_H
#define CLEF_HTTP_SITE_H

#include <clef/cache/cache.h>
#include <clef/http/middleware.h>
#include <clef/i18n/locale.h>
#include <clef/net/http_server.h>

/*
 * How the resolver is reached: the urls domain lies above this one, so the site calls it through a table. `resolve`
 * fills r->resolver_match and returns the view, or raises 404. The other two serve CommonMiddleware and the error pages.
 */
typedef struct SiteRouter {
    ViewFn *(*resolve)(Request *r, const void *conf);
    /* Whether a url matches the path; *match (in the request's arena) is then what it leads to. */
    bool (*is_valid_path)(Request *r, const void *conf, Str path_info, ResolverMatch *match);
    Str (*describe)(Request *r, const void *conf); /* what was tried, for the 404 page of development */
    Response *(*error_view)(Request *r, const void *conf, int status); /* by handler400 and kin; NULL: there is none */
    /* The page of development for what was raised; NULL hands it on. Called only while DEBUG is on. */
    Response *(*debug_response)(Request *r, const void *conf, const Error *e);
    void (*report)(Request *r, const Error *e); /* logs, signals: once for every error that becomes a response */
    /* The path of a name in the table of this request; false with *error, Django's sentence. */
    bool (*reverse)(Request *r, const void *conf, Str name, const Value *args, size_t nargs, UrlArgs kwargs, Str *path,
                    Str *error);
} SiteRouter;

/*
 * Builds a site in the arena of cx, whose databases become those of the requests: runs the init of each middleware (a
 * NULL-terminated list, outermost first). Raises what they raise.
 */
CLEF_API(Site *, site_create, Context *cx, const Settings *settings, const Middleware *const *middleware,
         const SiteRouter *router, const void *conf)
CLEF_NONNULL;

/* What templates this site renders: a slot for the domain above. NULL until it is set. */
typedef struct TemplateEngine TemplateEngine;
CLEF_API(void, site_set_templates, Site *site, TemplateEngine *engine);
CLEF_API(TemplateEngine *, site_templates, const Site *site);

/* Its languages, formats and time zones; a request begins in LANGUAGE_CODE and TIME_ZONE. */
CLEF_API(I18n *, site_i18n, const Site *site);
/* Its caches, by the aliases of CACHES. */
CLEF_API(Caches *, site_caches, const Site *site);
/* The cache "default" of the request's site. */
CLEF_API(Cache *, request_cache, Request *r) CLEF_NONNULL;
#define CACHE(r) request_cache(r)

/* The path of a url's name by the site's router; false with *error, for a site without one too. */
CLEF_API(bool, request_reverse, Request *r, Str name, const Value *args, size_t nargs, UrlArgs kwargs, Str *path,
         Str *error)
CLEF_MUST_USE;

/*
 * Runs the request through middleware and view. The response is complete (rendered) or streaming. Never raises. Sends the
 * signals request_started, and got_request_exception for each error with a status from 500 on.
 */
CLEF_API(Response *, site_respond, Site *site, Request *r) CLEF_NONNULL;

/*
 * The handler of an HttpServer whose arg is a Site: makes a Request of the exchange, has it answered, and writes the
 * response out.
 */
CLEF_API(void, site_handle, HttpExchange *x, void *site);

/*
 * Ends the view with this response, whatever functions are in between (Rest frameworks' early answers, a guard deep in a
 * helper). The middleware outside sees it as an ordinary response.
 */
CLEF_API(void, raise_response, Request *r, Response *response) CLEF_NORETURN;

/* The error that became the response of this request; NULL. A view function of an error handler reads it. */
CLEF_API(const Error *, request_error, const Request *r);

#endif
