/* signed_cookie.c: cookies with a signature and a time. */
#include <clef/http/signed_cookie.h>

static Signer signer_of_cookie(Request *r, Str name, const char *salt)
{
    return cookie_signer_of(r->settings, str_concat(r->cx.arena, name, str_c(salt)));
}

Str request_signed_cookie(Request *r, Str name, SignedCookieOptions options)
{
    SignatureError unwanted, *error = options.error ? options.error : &unwanted;
    *error = (SignatureError){ .message = STR("") };
    Str text = request_cookie(r, name), value;
    if (str_is_null(text))
        return (Str){ 0 };
    Signer s = signer_of_cookie(r, name, options.salt);
    double age = options.max_age ? (double)options.max_age : ANY_AGE;
    return signer_unsign_timed(r->cx.arena, &s, text, age, &value, error) ? value : (Str){ 0 };
}

void response_set_signed_cookie(Request *r, Response *response, Str name, Str value, const char *salt,
                                CookieOptions options)
{
    Signer s = signer_of_cookie(r, name, salt);
    Str text = signer_sign_timed(r->cx.arena, &s, value);
    if (str_is_null(text))
        RAISE(r, 500, "bad_cookie", "The cookie \"%.*s\" cannot be signed: OpenSSL refuses the digest.", STR_FMT(name));
    response_set_cookie(r, response, name, text, options);
}
