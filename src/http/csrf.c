/* csrf.c: secrets, and tokens that hide them. */
#include "http/csrf.h"
#include "http/request.h"
#include <clef/base/assert.h>
#include <clef/base/rand.h>
#include <clef/conf/settings.h>

enum { LETTERS = 62 };

/* The place in CSRF_ALPHABET, or -1. */
static int place(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return -1;
}

static char letter(int at) { return CSRF_ALPHABET.p[at]; }

void csrf_mask(Str secret, Str mask, char token[static CSRF_TOKEN_LENGTH])
{
    ASSERT(secret.n == CSRF_SECRET_LENGTH && mask.n == CSRF_SECRET_LENGTH);
    for (size_t i = 0; i < CSRF_SECRET_LENGTH; i++) {
        int s = place(secret.p[i]), m = place(mask.p[i]);
        ASSERT(s >= 0 && m >= 0);
        token[i] = mask.p[i];
        token[CSRF_SECRET_LENGTH + i] = letter((s + m) % LETTERS);
    }
}

void csrf_unmask(Str token, char secret[static CSRF_SECRET_LENGTH])
{
    ASSERT(token.n == CSRF_TOKEN_LENGTH);
    for (size_t i = 0; i < CSRF_SECRET_LENGTH; i++) {
        int m = place(token.p[i]), c = place(token.p[CSRF_SECRET_LENGTH + i]);
        ASSERT(c >= 0 && m >= 0);
        secret[i] = letter((c - m + LETTERS) % LETTERS);
    }
}

const char *csrf_token_problem(Str token)
{
    if (token.n != CSRF_TOKEN_LENGTH && token.n != CSRF_SECRET_LENGTH)
        return "has incorrect length";
    for (size_t i = 0; i < token.n; i++)
        if (place(token.p[i]) < 0)
            return "has invalid characters";
    return NULL;
}

bool csrf_token_matches(Str token, Str secret)
{
    char bare[CSRF_SECRET_LENGTH];
    if (token.n == CSRF_TOKEN_LENGTH) {
        csrf_unmask(token, bare);
        token = (Str){ bare, CSRF_SECRET_LENGTH };
    }
    return str_eq_secret(token, secret);
}

static Str random_letters(Request *r)
{
    Str s;
    if (!rand_str(r->cx.arena, CSRF_SECRET_LENGTH, CSRF_ALPHABET, &s))
        RAISE(r, 500, "no_randomness", "The kernel gave no random bytes for a CSRF token");
    return s;
}

CsrfState *csrf_state(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (CLEF_LIKELY(parts->csrf != NULL))
        return parts->csrf;
    CsrfState *s = NEW(r->cx.arena, CsrfState);
    Str cookie = request_cookie(r, r->settings->csrf_cookie_name);
    parts->csrf = s;
    if (str_is_null(cookie))
        return s;
    s->problem = csrf_token_problem(cookie);
    if (s->problem) {
        s->secret = random_letters(r);
        s->needs_update = true;
    } else if (cookie.n == CSRF_TOKEN_LENGTH) {
        char *secret = arena_alloc(r->cx.arena, CSRF_SECRET_LENGTH);
        csrf_unmask(cookie, secret);
        s->secret = s->cookie = (Str){ secret, CSRF_SECRET_LENGTH };
    } else {
        s->secret = s->cookie = cookie;
    }
    return s;
}

Str csrf_get_token(Request *r)
{
    CsrfState *s = csrf_state(r);
    if (str_is_null(s->secret))
        s->secret = random_letters(r);
    s->needs_update = true; /* also when the client has it: its time starts anew */
    char *token = arena_alloc(r->cx.arena, CSRF_TOKEN_LENGTH + 1);
    csrf_mask(s->secret, random_letters(r), token);
    token[CSRF_TOKEN_LENGTH] = 0;
    return (Str){ token, CSRF_TOKEN_LENGTH };
}

void csrf_rotate_token(Request *r)
{
    CsrfState *s = csrf_state(r);
    s->secret = random_letters(r);
    s->needs_update = true;
}
