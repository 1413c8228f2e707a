/* csrf.h: what a request knows of its CSRF secret, for the middleware. The public contract is in <clef/http/csrf.h>. */
#ifndef CLEF_SRC_HTTP_CSRF_H
#define CLEF_SRC_HTTP_CSRF_H

#include <clef/http/csrf.h>

typedef struct CsrfState {
    Str cookie;          /* the secret that the client sent; NULL string: none, or a malformed one */
    const char *problem; /* what is wrong with the client's cookie; NULL: nothing */
    Str secret;          /* the one in use; NULL string: not made yet */
    bool needs_update;   /* the cookie is to be set */
} CsrfState;

/* Read from the cookie at the first call. A malformed cookie is replaced by a new secret. */
CLEF_PRIVATE(CsrfState *, csrf_state, Request *r) CLEF_NONNULL;

#endif
