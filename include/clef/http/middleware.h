/*
 * middleware.h: the onion around the views. A middleware is a const table; the settings list them outermost first. On
 * the way in they run in that order, on the way out in the reverse order; one that answers early is followed by the outer
 * ones only. A raise inside becomes a response at the layer where it happened, so the layers outside always see one.
 *
 * Two styles, as in Django, one middleware may use either:
 *
 *     static Response *timing(Request *r, Next *next)            around: like Django's __call__
 *     {
 *         int64_t from = loop_clock();
 *         Response *response = next_call(next, r);
 *         ...
 *         return response;
 *     }
 *     const Middleware timing_middleware = { .name = "timing", .call = timing };
 *
 *     const Middleware agent_middleware = { .name = "agent", .process_request = check_agent, .process_response = mark };
 *
 * Django's page: "Middleware".
 */
#ifndef CLEF_HTTP_MIDDLEWARE_H
#define CLEF_HTTP_MIDDLEWARE_H

#include <clef/http/request.h>
#include <clef/http/response.h>

typedef struct Middleware Middleware;
typedef struct Next Next;
typedef Response *ViewFn(Request *r);

struct Middleware {
    const char *name; /* in messages */
    /*
     * Once, at start: prepares *state from the settings, in the site's arena. False: not used (Django's
     * MiddlewareNotUsed). A problem of the settings is raised (cx).
     */
    bool (*init)(Context *cx, const Settings *settings, void **state);
    /* Around everything inside: calls next_call once, or answers itself. With .call the hooks process_request and
     * process_response are not used. */
    Response *(*call)(Request *r, Next *next);
    /* In: NULL goes on, a response is the answer. */
    Response *(*process_request)(Request *r);
    /* The url is resolved, the view not yet called: NULL goes on. */
    Response *(*process_view)(Request *r, ViewFn *view);
    /* The view raised: NULL leaves it to the outer ones. Runs innermost first. */
    Response *(*process_exception)(Request *r, const Error *e);
    /* The response has a render function that has not run yet. Runs innermost first. */
    Response *(*process_template_response)(Request *r, Response *response);
    /* Out: returns the response, or another. */
    Response *(*process_response)(Request *r, Response *response);
};

/*
 * Calls what lies inside. In a middleware this never raises: what was raised inside has become a response. In a
 * decorator of a view (see view_options.h) a raise passes through.
 */
CLEF_API(Response *, next_call, Next *next, Request *r) CLEF_NONNULL;
/* What init prepared for the running middleware; valid in its hooks and in its call before next_call. */
CLEF_API(void *, middleware_state, const Request *r);

/* The list for settings; static, so it may be stored. For use inside functions. */
#define MIDDLEWARE(...)                                                     \
    ({                                                                      \
        static const Middleware *const clef_list[] = { __VA_ARGS__, NULL }; \
        clef_list;                                                          \
    })

#endif
