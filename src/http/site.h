/* site.h: inside of a Site and what the http files share about a request in hand. */
#ifndef HTTP_SITE_H
#define HTTP_SITE_H

#include <clef/http/site.h>
#include <clef/signals/builtin.h>

enum { SITE_HOST_MAX = 128 };

typedef struct Layer {
    const Middleware *m;
    void *state;
} Layer;

struct Site {
    const Settings *settings;
    const SiteRouter *router;
    Databases *databases; /* what requests read and write; NULL: nothing */
    const void *conf;
    TemplateEngine *templates;
    I18n *i18n;
    Caches *caches;
    Layer *layers; /* outermost first */
    size_t n;
    bool has_view, has_exception, has_template; /* some layer has such a hook */
    /* The last Host that was found good, for nearly all requests name the same one. A site belongs to one thread. */
    char good_host[SITE_HOST_MAX];
    size_t good_host_n;
};

/* The code of an Error whose payload is the response itself (raise_response). */
#define RAISED_RESPONSE "response"

/* Sends one of the request signals, when somebody listens; what a receiver raises is returned. */
CLEF_PRIVATE(const Error *, request_signal_send, Request *r, Signal *signal, const Error *error);
static inline const Error *request_signal(Request *r, Signal *signal, const Error *error)
{
    return CLEF_LIKELY(!signal->first) ? NULL : request_signal_send(r, signal, error);
}

/* The response to what was raised: the project's error view, else the plain page. Never raises. */
CLEF_PRIVATE(Response *, error_response, Site *site, Request *r, const Error *e) CLEF_NONNULL;

/* Languages, formats and zones as the settings say. */
CLEF_PRIVATE(I18n *, site_make_i18n, Arena *a, const Settings *settings);
/* The caches of the settings; raises for one whose backend is not known or cannot be opened. */
CLEF_PRIVATE(Caches *, site_make_caches, Context *cx, const Settings *settings);

#endif
