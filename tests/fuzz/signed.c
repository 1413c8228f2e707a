/* signed: a text that somebody made is refused; one that was signed comes back, and what is no object in it is refused. */
#include <clef/base.h>
#include <clef/http/csrf.h>
#include <clef/signing.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str text = str_from((const char *)data, n), back;
    Signer s = { .key = STR("the key of the fuzzer"), .salt = STR("fuzz") };
    Value v;
    SignatureError error;
    ASSERT(!signer_unsign(a, &s, text, &back, &error) && error.message.n);
    ASSERT(!signer_unsign_timed(a, &s, text, ANY_AGE, &back, NULL));
    ASSERT(!signing_loads(a, &s, text, 10, &v, &error));
    Str signed_text = signer_sign(a, &s, text);
    ASSERT(signer_unsign(a, &s, signed_text, &back, NULL) && str_eq(back, text));
    if (!signer_unsign_timed(a, &s, signed_text, 0, &back, &error))
        ASSERT(error.message.n);
    if (!signer_unsign_object(a, &s, signed_text, &v, &error))
        ASSERT(error.message.n);
    ASSERT(signer_unsign_timed(a, &s, signer_sign_timed(a, &s, text), ANY_AGE, &back, NULL) && str_eq(back, text));
    if (!csrf_token_problem(text)) {
        char secret[CSRF_SECRET_LENGTH];
        if (n == CSRF_TOKEN_LENGTH)
            csrf_unmask(text, secret);
        else
            memcpy(secret, data, n);
        ASSERT(csrf_token_matches(text, (Str){ secret, sizeof secret }));
    }
    arena_destroy(a);
    return 0;
}
