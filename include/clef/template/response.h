/*
 * response.h: templates as responses.
 *
 *     return RENDER(r, "blog/post.html", "post", post, "related", related);
 *     return TEMPLATE_RESPONSE(r, "blog/post.html", "post", post);      rendered after the middleware has seen it
 *
 * Values are boxed by their types (VALUE), and borrowed. The engine is the site's (site_set_templates); a site without one
 * gets one from its settings at the first call: TEMPLATE_DIRS, DEBUG, TIME_ZONE, STATIC_URL.
 *
 * Where the settings list other engines (backend.h), all of them are asked in order; these ask one:
 *
 *     return RENDER_USING(r, "jinja2", "blog/post.html", "post", post);
 */
#ifndef CLEF_TEMPLATE_RESPONSE_H
#define CLEF_TEMPLATE_RESPONSE_H

#include <clef/http/request.h>
#include <clef/http/site.h>
#include <clef/template/backend.h>
#include <clef/template/engine.h>

/* Names that every rendering of a request sees. */
struct TemplateProcessor {
    const char *name;
    void (*fn)(Request *r, TemplateContext *c);
};

/*
 * Django's: request; csp_nonce (None without a policy); csrf_token (see <clef/http/csrf.h>); debug (with DEBUG, for
 * addresses of INTERNAL_IPS); LANGUAGES, LANGUAGE_CODE, LANGUAGE_BIDI; TIME_ZONE; STATIC_URL; MEDIA_URL; user and
 * perms, and messages, as the request's state of those names has them.
 */
CLEF_DATA(const TemplateProcessor, template_auth_processor);
CLEF_DATA(const TemplateProcessor, template_i18n_processor);
CLEF_DATA(const TemplateProcessor, template_messages_processor);
CLEF_DATA(const TemplateProcessor, template_tz_processor);
CLEF_DATA(const TemplateProcessor, template_request_processor);
CLEF_DATA(const TemplateProcessor, template_csp_processor);
CLEF_DATA(const TemplateProcessor, template_csrf_processor);
CLEF_DATA(const TemplateProcessor, template_debug_processor);
CLEF_DATA(const TemplateProcessor, template_static_processor);
CLEF_DATA(const TemplateProcessor, template_media_processor);
#define TEMPLATE_PROCESSORS(...) \
    (const TemplateProcessor *const[]) { __VA_ARGS__, NULL }

/*
 * The engine that settings describe, in their arena: TEMPLATE_DIRS, the libraries of INSTALLED_APPS, and the program's
 * compiled templates. Under DEBUG files are looked at again before each use.
 */
CLEF_API(TemplateEngine *, settings_templates, const Settings *settings) CLEF_NONNULL;
/* The engine of the request's site. Raises 500 "no_templates" for a request without a site. */
CLEF_API(TemplateEngine *, request_templates, Request *r) CLEF_NONNULL;

/* The response (status 200, text/html) of a template over pairs, ended by a NULL name. Raises what rendering raises. */
CLEF_API(Response *, response_render, Request *r, const char *template_name, const TemplatePair *pairs) CLEF_NONNULL;
CLEF_API(Response *, response_render_using, Request *r, const char *using, const char *template_name,
         const TemplatePair *pairs)
CLEF_NONNULL;
/* The rendered text alone. */
CLEF_API(Str, render_to_string, Request *r, const char *template_name, const TemplatePair *pairs);
CLEF_API(Str, render_to_string_using, Request *r, const char *using, const char *template_name,
         const TemplatePair *pairs);

/* As the context processor gives it to templates: request.path, request.GET.name, ...; and a query dictionary alone. */
CLEF_API(Value, template_request_value, Request *r);
CLEF_API(Value, template_query_value, const QueryDict *q);

/*
 * Django's TemplateResponse: rendered when the middleware's process_template_response hooks have run; until then they may
 * change the template's name and the context. The values are copied, so that the block they were made in may end.
 */
typedef struct TemplateResponse {
    Str template_name;
    Map *context;
    Str using; /* the one engine to ask; empty: all, in order */
} TemplateResponse;
CLEF_API(Response *, response_template, Request *r, const char *template_name, const TemplatePair *pairs) CLEF_NONNULL;
CLEF_API(Response *, response_template_using, Request *r, const char *using, const char *template_name,
         const TemplatePair *pairs)
CLEF_NONNULL;
/* What is still to be rendered; NULL for any other response. */
CLEF_API(TemplateResponse *, response_template_of, const Response *response);

/* clang-format off */
#define RENDER(r, template_name, ...) \
    response_render((r), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define RENDER_TO_STRING(r, template_name, ...) \
    render_to_string((r), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define TEMPLATE_RESPONSE(r, template_name, ...) \
    response_template((r), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define RENDER_USING(r, using, template_name, ...) \
    response_render_using((r), (using), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define RENDER_TO_STRING_USING(r, using, template_name, ...) \
    render_to_string_using((r), (using), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define TEMPLATE_RESPONSE_USING(r, using, template_name, ...) \
    response_template_using((r), (using), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } })
#define CLEF_TEMPLATE_PAIRS(...)        CLEF_PAIRS(CLEF_TEMPLATE_PAIR, , __VA_ARGS__)
#define CLEF_TEMPLATE_PAIR(unused, n, v) { (n), VALUE(v) }
/* clang-format on */

#endif
