/*
 * queries.h: while DEBUG is on, each request keeps the statements that it ran, with parameters and times, for its debug
 * page.
 */
#ifndef CLEF_DEBUG_QUERIES_H
#define CLEF_DEBUG_QUERIES_H

#include <clef/http/middleware.h>

/* To be the outermost one. It does not take part unless DEBUG is on and there are databases. */
CLEF_DATA(const Middleware, query_log_middleware);

/* The list with query_log_middleware in front, in the arena; the list itself when it would not take part. */
CLEF_API(const Middleware *const *, query_log_list, Arena *a, const Settings *settings, const Middleware *const *list);

#endif
