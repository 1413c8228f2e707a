/*
 * view.h: View objects: what Django calls class-based views. A View is a const object that stands in a URL table beside
 * plain functions. It has a class, which says what a GET, a POST and so on do, and a configuration, in which a project
 * says what its own view is like. Django's base class:
 *
 *     const View ticket_view = View(.get = show_ticket, .post = save_ticket);
 *     const View private_view = View(.get = show_ticket, VIEW_OPTIONS(.decorators = DECORATORS(login_required)));
 *
 *     PATH("tickets/<int:id>/", ticket_view, .name = "ticket"),
 *
 * A method without a function is answered 405 with Allow; HEAD goes to `get` when there is no `head`; OPTIONS is answered
 * by itself. The generic views (ListView and its kin) are further classes, with members of their own beside these:
 *
 *     typedef struct ListConfig { VIEW_HEAD; const char *template_name; int paginate_by; ... } ListConfig;
 *     const ViewClass list_view_class = { .name = "ListView", .methods = { [HTTP_GET] = list_get } };
 *     #define ListView(...) VIEW_OF(list_view_class, ListConfig, __VA_ARGS__)
 *
 *     static Response *list_get(Request *r, const View *view)
 *     {
 *         const ListConfig *list = VIEW_CONFIG(view, ListConfig);
 *         ...
 *     }
 *
 * What a project's view sets for a method goes before its class. A View stands at file scope, or is made by hand from
 * tables that live as long as the URL table does. Django's page: "Base views".
 */
#ifndef CLEF_HTTP_VIEW_H
#define CLEF_HTTP_VIEW_H

#include <clef/base/macro.h>
#include <clef/http/view_options.h>

/* What a class does for one method; `view` is the object that the URL names. */
typedef Response *ViewHandler(Request *r, const View *view);

/* The members that every View has, whatever its class. */
#define CLEF_VIEW_MEMBERS                                                                                   \
    ViewFn *get, *head, *post, *put, *patch, *delete, *on_options, *trace;                                  \
    uint32_t http_method_names; /* METHODS(GET, POST): no other is answered; 0: all that have a function */ \
    void (*setup)(Request * r); /* before the method's function, whatever the method; may raise */          \
    const ViewOptions *options; /* VIEW_OPTIONS(...): around the view, inside of what the url asks for */

typedef struct ViewConfig {
    CLEF_VIEW_MEMBERS
} ViewConfig;

/* First in the configuration of a class: the same members, by name and as a ViewConfig. */
#define VIEW_HEAD               \
    union {                     \
        ViewConfig view_config; \
        struct {                \
            CLEF_VIEW_MEMBERS   \
        };                      \
    }

typedef struct ViewClass {
    const char *name;                     /* Django's: "ListView" */
    ViewHandler *methods[HTTP_TRACE + 1]; /* by HttpMethod; NULL: the class has none */
    ViewHandler *dispatch;                /* NULL: view_dispatch */
} ViewClass;

struct View {
    const ViewClass *type;
    const ViewConfig *config;
};

typedef struct BaseViewConfig {
    VIEW_HEAD;
} BaseViewConfig;
CLEF_DATA(const ViewClass, base_view_class);

/* An initialiser for a View of that class, with a configuration of that type. */
#define VIEW_OF(class_, Config, ...)                                              \
    {                                                                             \
        .type = &(class_), .config = &((const Config){ __VA_ARGS__ }).view_config \
    }
#define View(...) VIEW_OF(base_view_class, BaseViewConfig, __VA_ARGS__)
/* The configuration of a view whose class has that type. */
#define VIEW_CONFIG(view, Config) \
    ((const Config *)(const void *)((const char *)(view)->config - offsetof(Config, view_config)))

/*
 * Runs a view: its options around its class. For a function that hands its request on to a View. While it runs, r->view is
 * the view. Never returns NULL: raises 500 "no_response" as the site does.
 */
CLEF_API(Response *, view_call, Request *r, const View *view) CLEF_NONNULL;
/* What a class with a dispatch of its own goes on with: the function for the request's method, or OPTIONS, or 405. NULL: it
 * returned that. */
CLEF_API(Response *, view_dispatch, Request *r, const View *view);
/* The methods that a view answers: bits as of METHODS(...). */
CLEF_API(uint32_t, view_methods, const View *view) CLEF_PURE;

/*
 * For URL tables. view_resolved is the view function of an entry whose view is an object: it runs r->resolver_match->view,
 * whose options the site has put around it already. view_options_join makes one set of the options of an entry and of its
 * view: what both name is the entry's, flags count when either has them, both must allow a method, the decorators of the
 * entry stand outside. Either may be NULL, then it is the other.
 */
CLEF_API(Response *, view_resolved, Request *r) CLEF_NONNULL;
CLEF_API(const ViewOptions *, view_options_join, Arena *a, const ViewOptions *entry, const ViewOptions *view);

#endif
