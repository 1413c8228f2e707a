/*
 * site.c: the onion. A request walks in through the layers, meets the view, and its response walks out again. One attempt
 * covers the whole walk; when something raises, the walk knows at which layer, the error becomes a response, and the walk
 * goes on outwards from there in a new attempt. So an ordinary request costs one attempt, however many layers there are.
 */
#include "http/site.h"
#include "http/view_options.h"
#include <clef/base/assert.h>

/* How far a request has come: inwards at layer `at`, at the view (at == n), or outwards with a response. */
typedef struct Walk {
    Site *site;
    Request *r;
    size_t from, at;
    Response *response;
} Walk;

Site *site_create(Context *cx, const Settings *settings, const Middleware *const *middleware, const SiteRouter *router,
                  const void *conf)
{
    Site *site = NEW(cx->arena, Site);
    *site = (Site){ .settings = settings, .router = router, .databases = cx->databases, .conf = conf };
    site->i18n = site_make_i18n(cx->arena, settings);
    site->caches = site_make_caches(cx, settings);
    size_t n = 0;
    while (middleware && middleware[n])
        n++;
    site->layers = NEW_ARRAY(cx->arena, Layer, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        Layer layer = { .m = middleware[i] };
        if (layer.m->init && !layer.m->init(cx, settings, &layer.state))
            continue;
        site->layers[site->n++] = layer;
        site->has_view |= layer.m->process_view != NULL;
        site->has_exception |= layer.m->process_exception != NULL;
        site->has_template |= layer.m->process_template_response != NULL;
    }
    return site;
}

void site_set_templates(Site *site, TemplateEngine *engine) { site->templates = engine; }
TemplateEngine *site_templates(const Site *site) { return site->templates; }
I18n *site_i18n(const Site *site) { return site->i18n; }
Caches *site_caches(const Site *site) { return site->caches; }

bool request_reverse(Request *r, Str name, const Value *args, size_t nargs, UrlArgs kwargs, Str *path, Str *error)
{
    const SiteRouter *router = r->site ? r->site->router : NULL;
    if (router && router->reverse)
        return router->reverse(r, r->urlconf ? r->urlconf : r->site->conf, name, args, nargs, kwargs, path, error);
    *error = STR("The site has no URL table to reverse names in");
    return false;
}

void *middleware_state(const Request *r)
{
    ASSERT(r->layer < r->site->n);
    return r->site->layers[r->layer].state;
}

/* --- the view, innermost */

typedef struct ViewCall {
    Request *r;
    ViewFn *view;
    const ViewOptions *options; /* of its url; NULL, mostly */
    Response *response;         /* non-NULL: to be rendered */
} ViewCall;

static void call_view(Context *cx, void *arg)
{
    (void)cx;
    ViewCall *call = arg;
    call->response =
        CLEF_UNLIKELY(call->options != NULL) ? view_run(call->r, call->view, call->options) : call->view(call->r);
}

static void call_render(Context *cx, void *arg)
{
    (void)cx;
    ViewCall *call = arg;
    call->response->render(call->r, call->response);
}

/* Offers e to the layers, innermost first; raises it again when none of them answers. */
static Response *offer_exception(Site *site, Request *r, const Error *e)
{
    Error kept = *e;
    for (size_t i = site->n; i-- > 0;) {
        if (!site->layers[i].m->process_exception)
            continue;
        r->layer = i;
        Response *response = site->layers[i].m->process_exception(r, &kept);
        if (response)
            return response;
    }
    context_raise_error(&r->cx, &kept);
}

static Response *guarded(Site *site, Request *r, AttemptFn *fn, ViewCall *call)
{
    if (!site->has_exception) {
        fn(&r->cx, call);
        return call->response;
    }
    const Error *e = attempt(&r->cx, fn, call);
    return e ? offer_exception(site, r, e) : call->response;
}

static CLEF_COLD CLEF_NORETURN void no_response(Request *r, const char *who, Str what)
{
    RAISE(r, 500, "no_response", "%s %.*s didn't return a response. It returned NULL instead.", who, STR_FMT(what));
}

static Response *require_response(Request *r, Response *response, const char *who, const char *what)
{
    if (CLEF_UNLIKELY(!response))
        no_response(r, who, str_c(what));
    return response;
}

static Response *run_view(Site *site, Request *r)
{
    ViewCall call = { .r = r, .view = site->router->resolve(r, r->urlconf ? r->urlconf : site->conf) };
    call.options = request_view_options(r);
    for (size_t i = 0; site->has_view && i < site->n && !call.response; i++)
        if (site->layers[i].m->process_view) {
            r->layer = i;
            call.response = site->layers[i].m->process_view(r, call.view);
        }
    if (!call.response && CLEF_LIKELY(!site->has_exception && !call.options))
        call.response = call.view(r);
    else if (!call.response)
        call.response = guarded(site, r, call_view, &call);
    if (CLEF_UNLIKELY(!call.response))
        no_response(r, "The view", r->resolver_match ? r->resolver_match->view_name : STR(""));
    if (!call.response->render)
        return call.response;
    for (size_t i = site->n; site->has_template && i-- > 0;)
        if (site->layers[i].m->process_template_response) {
            const Middleware *m = site->layers[i].m;
            r->layer = i;
            call.response = require_response(r, m->process_template_response(r, call.response),
                                             "process_template_response of", m->name);
        }
    return call.response->render ? guarded(site, r, call_render, &call) : call.response;
}

/* --- the walk */

static void walk(Context *cx, void *arg)
{
    (void)cx;
    Walk *w = arg;
    Request *r = w->r;
    Site *site = w->site;
    Response *response = w->response;
    while (!response && w->at < site->n) {
        const Middleware *m = site->layers[w->at].m;
        r->layer = w->at;
        if (m->call) {
            Next next = { .site = site, .at = w->at + 1 };
            response = require_response(r, m->call(r, &next), "The middleware", m->name);
            break;
        }
        if (m->process_request)
            response = m->process_request(r);
        w->at++; /* a hook that answers early still runs its own process_response, as in Django */
    }
    if (!response)
        response = run_view(site, r);
    w->response = response;
    while (w->at > w->from) {
        const Middleware *m = site->layers[--w->at].m;
        if (!m->process_response || m->call)
            continue;
        r->layer = w->at;
        w->response = require_response(r, m->process_response(r, w->response), "process_response of", m->name);
    }
}

static Response *run(Site *site, Request *r, size_t from)
{
    Walk w = { .site = site, .r = r, .from = from, .at = from };
    for (;;) {
        const Error *e = attempt(&r->cx, walk, &w);
        if (CLEF_LIKELY(!e))
            return w.response;
        w.response = error_response(site, r, e);
    }
}

Response *next_call(Next *next, Request *r)
{
    if (!next->view)
        return run(next->site, r, next->at);
    return require_response(r, view_next(r, next), "The view", "inside a decorator");
}

/* --- signals */

typedef struct Sending {
    Signal *signal;
    Site *site;
    RequestSignal data;
} Sending;

static void send_signal(Context *cx, void *arg)
{
    const Sending *s = arg;
    signal_send(cx, s->signal, s->site, &s->data);
}

const Error *request_signal_send(Request *r, Signal *signal, const Error *error)
{
    if (!signal_has_listeners(signal, r->site))
        return NULL;
    return attempt(&r->cx, send_signal, &(Sending){ signal, r->site, { .request = r, .error = error } });
}

/*
 * RFC 9110 section 9.3.7: "*", or no path at all, is no resource but the server, which needs no layer and no url to
 * answer.
 */
static CLEF_COLD bool asks_the_server(const Request *r)
{
    Str path = r->source->head->path;
    return path.n == 0 || str_eq(path, STR("*"));
}

static void answer_for_the_server(Context *cx, void *arg)
{
    (void)cx;
    Walk *w = arg;
    w->response = HttpResponse(w->r, "", .content_type = "");
    SET_HEADER(w->r, w->response, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

static Response *server_options(Site *site, Request *r)
{
    Walk w = { .site = site, .r = r };
    const Error *e = attempt(&r->cx, answer_for_the_server, &w);
    return e ? error_response(site, r, e) : w.response;
}

Response *site_respond(Site *site, Request *r)
{
    r->site = site;
    r->settings = site->settings;
    r->cx.databases = site->databases;
    r->cx.locale = i18n_locale(site->i18n);
    if (CLEF_UNLIKELY(r->method == HTTP_OPTIONS) && asks_the_server(r))
        return server_options(site, r);
    const Error *e = request_signal(r, &request_started, NULL);
    return CLEF_UNLIKELY(e != NULL) ? error_response(site, r, e) : run(site, r, 0);
}
