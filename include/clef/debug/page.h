/*
 * page.h: the pages of development: what went wrong, where (with the source around it), what was asked, and with which
 * settings. They plug into a site as its router's debug_response:
 *
 *     SiteRouter *router = NEW(arena, SiteRouter);
 *     *router = debug_router(&urls_router);
 *     site_create(cx, settings, settings->middleware, router, conf);
 *
 * Nothing here shows anything unless settings->debug is true. Values that look like secrets by their name (API, AUTH,
 * TOKEN, KEY, SECRET, PASS, SIGNATURE, HTTP_COOKIE, as Django has it, and the session's cookie) are shown as stars.
 *
 * A page is one file without outside resources: it works without a network, with scripts off, and in a screen reader.
 */
#ifndef CLEF_DEBUG_PAGE_H
#define CLEF_DEBUG_PAGE_H

#include <clef/http/site.h>
#include <clef/net/http_crash.h>

enum {
    DEBUG_PAGE_MAX = 8 << 20, /* bytes of a page; what is longer is cut */
    DEBUG_VALUE_MAX = 4096,   /* bytes of one value that are shown */
};

/* The same router with the pages of development. */
CLEF_API(SiteRouter, debug_router, const SiteRouter *router);

/*
 * The page for what was raised, or NULL: when DEBUG is off, for 401, 403 and 499 (the project's own pages show those), and
 * for a client that prefers JSON. For a client that does not take HTML it is the same as plain text. 404 is the page with
 * the URL table. May wait, and may raise when the request's memory is used up.
 */
CLEF_API(Response *, debug_response, Request *r, const void *conf, const Error *e);

/*
 * The page for a crash that the process lived through, which answers the request that it came from. The request may be
 * half read: only its head is shown. The NULL string when DEBUG is off. On a fiber, or a loop's stack.
 */
CLEF_API(Str, debug_crash_page, Arena *a, const Settings *settings, const HttpCrash *crash);

#endif
