/* view_options.h: running a view with its options. The public contract is in <clef/http/view_options.h>. */
#ifndef CLEF_SRC_HTTP_VIEW_OPTIONS_H
#define CLEF_SRC_HTTP_VIEW_OPTIONS_H

#include <clef/http/view_options.h>

/* What lies inside a middleware (view NULL), or inside a decorator of a view. */
struct Next {
    Site *site;
    size_t at; /* the layer inside */
    ViewFn *view;
    const ViewOptions *options;
    const Decorator *decorator; /* the one that runs */
};

/* The view with all that its options put around it; NULL when the view returned that. */
CLEF_PRIVATE(Response *, view_run, Request *r, ViewFn *view, const ViewOptions *o);
/* What lies inside the running decorator. */
CLEF_PRIVATE(Response *, view_next, Request *r, const Next *next);

#endif
