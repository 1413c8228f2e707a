/*
 * csrf.h: the token that a form of ours carries and a form of somebody else's cannot have (cross-site request forgery), in
 * Django's form: a secret of 32 letters and digits in the cookie CSRF_COOKIE_NAME; in pages, 64 characters: a mask made
 * for the page, and the secret under it, so that a page never shows the same token twice.
 *
 * csrf_middleware (<clef/middleware/builtin.h>) checks the tokens and sets the cookie. Templates have {% csrf_token %} and
 * {{ csrf_token }}; scripts send the token in the header X-CSRFToken.
 *
 * Django's page: "Cross Site Request Forgery protection".
 */
#ifndef CLEF_HTTP_CSRF_H
#define CLEF_HTTP_CSRF_H

#include <clef/http/request.h>

enum { CSRF_SECRET_LENGTH = 32, CSRF_TOKEN_LENGTH = 64 };
/* The characters of secrets, masks and tokens, in the order that masking counts by. */
#define CSRF_ALPHABET RAND_ALPHANUMERIC

/*
 * A token for this page, and a note that the cookie is to be set (again) with this response. Raises 500 "no_randomness"
 * when the kernel has none.
 */
CLEF_API(Str, csrf_get_token, Request *r);
/* A new secret, with this response: to be called at login, so that a token from before is of no use. */
CLEF_API(void, csrf_rotate_token, Request *r);

/*
 * The token of a secret under a mask, and the secret of a token. All are of CSRF_ALPHABET; anything else is a bug
 * (ASSERT).
 */
CLEF_API(void, csrf_mask, Str secret, Str mask, char token[static CSRF_TOKEN_LENGTH]);
CLEF_API(void, csrf_unmask, Str token, char secret[static CSRF_SECRET_LENGTH]);
/* NULL for a text of the form of a secret or a token, else Django's words: "has incorrect length". */
CLEF_API(const char *, csrf_token_problem, Str token) CLEF_PURE;
/* Does the token (or the bare secret) belong to the secret? Both must be without a problem. */
CLEF_API(bool, csrf_token_matches, Str token, Str secret);

#endif
