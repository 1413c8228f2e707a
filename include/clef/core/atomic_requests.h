/*
 * atomic_requests.h: ATOMIC_REQUESTS: each view in a transaction of its own, on every database whose settings ask for
 * it. The view's return commits, a raise that no middleware inside has answered rolls back, and so does
 * transaction_set_rollback(). It stands inside of all middleware; a site has it without being told when a database asks
 * for it.
 *
 * On SQLite a transaction begins with the right to write: requests then wait for each other (transaction_mode DEFERRED
 * is the other choice).
 */
#ifndef CLEF_CORE_ATOMIC_REQUESTS_H
#define CLEF_CORE_ATOMIC_REQUESTS_H

#include <clef/http/middleware.h>

CLEF_DATA(const Middleware, atomic_requests_middleware);
/* The list with that at its end, when a database of these settings asks for it. */
CLEF_API(const Middleware *const *, atomic_requests_list, Arena *a, const Settings *settings,
         const Middleware *const *list);

#endif
