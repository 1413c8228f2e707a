#include "harness.h"
#include <clef/http/csrf.h>
#include <clef/http/signed_cookie.h>

static Request *with_cookie(const char *text)
{
    return test_get("/", str_dup_c(test_arena(), str_format(test_arena(), "Cookie: a=b; %s\r\n", text)),
                    test_settings());
}

TEST(signed_cookie, one_of_django_is_read)
{
    /* Signed by Python's hmac as Django does, for the key "test" and the time 2026-01-15T10:20:30Z. */
    Request *r = with_cookie("basket=blue:1vgKSs:YgVTJiRNYzPDYW5_PsJWCB1Ygr74vtYzdst4KU3MSXQ");
    CHECK_STR(SIGNED_COOKIE(r, "basket", .salt = "shop"), STR("blue"));
    CHECK(str_is_null(SIGNED_COOKIE(r, "basket")));
    CHECK(str_is_null(SIGNED_COOKIE(r, "absent")));
    SignatureError error;
    CHECK(str_is_null(SIGNED_COOKIE(r, "basket", .salt = "shop", .max_age = 60, .error = &error)));
    CHECK(error.expired);
    CHECK(str_is_null(SIGNED_COOKIE(r, "a", .error = &error)));
    CHECK_STR(error.message, STR("No \":\" found in value"));
}

TEST(signed_cookie, one_that_was_set_comes_back)
{
    Request *r = test_get("/", "", test_settings());
    Response *response = HttpResponse(r, "x");
    SET_SIGNED_COOKIE(r, response, "basket", "h\u00e9 there", "shop", .max_age = 3600);
    Signer s = cookie_signer_of(r->settings, STR("basketshop"));
    Str value;
    REQUIRE(signer_unsign_timed(test_arena(), &s, signer_sign_timed(test_arena(), &s, STR("x")), 60, &value, NULL));
    Str text = signer_sign_timed(test_arena(), &s, STR("blue"));
    r = with_cookie(str_dup_c(test_arena(), str_concat(test_arena(), STR("basket="), text)));
    CHECK_STR(SIGNED_COOKIE(r, "basket", .salt = "shop", .max_age = 60), STR("blue"));
}

TEST(csrf_token, a_mask_hides_and_gives_back)
{
    Str secret = STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"), mask = STR("zyxwvutsrqponmlkjihgfedcba987654");
    char token[CSRF_TOKEN_LENGTH], back[CSRF_SECRET_LENGTH];
    csrf_mask(secret, mask, token);
    CHECK_STR(((Str){ token, 32 }), mask);
    /* z is 25 and A is 26: the 51st character; 4 is 56 and 5 is 57: the 113th, that is the 51st again */
    CHECK_EQ(token[32], 'Z');
    CHECK_EQ(token[63], 'Z');
    csrf_unmask((Str){ token, CSRF_TOKEN_LENGTH }, back);
    CHECK_STR(((Str){ back, CSRF_SECRET_LENGTH }), secret);
    CHECK(csrf_token_matches((Str){ token, CSRF_TOKEN_LENGTH }, secret));
    CHECK(csrf_token_matches(secret, secret));
    token[40] = token[40] == 'a' ? 'b' : 'a';
    CHECK(!csrf_token_matches((Str){ token, CSRF_TOKEN_LENGTH }, secret));
    CHECK_NULL(csrf_token_problem(secret));
    CHECK_STR(str_c(csrf_token_problem(STR(""))), STR("has incorrect length"));
    CHECK_STR(str_c(csrf_token_problem(STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ01234-"))), STR("has invalid characters"));
}

TEST(csrf_token, each_page_has_another_token_of_the_same_secret)
{
    Str secret = STR("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345");
    Request *r = with_cookie("csrftoken=ABCDEFGHIJKLMNOPQRSTUVWXYZ012345");
    Str one = csrf_get_token(r), two = csrf_get_token(r);
    CHECK_EQ(one.n, 64u);
    CHECK(!str_eq(one, two));
    CHECK(csrf_token_matches(one, secret) && csrf_token_matches(two, secret));
    csrf_rotate_token(r);
    CHECK(!csrf_token_matches(csrf_get_token(r), secret));
    /* a token as the cookie (of an old Django) stands for its secret */
    char token[CSRF_TOKEN_LENGTH + 1] = { 0 };
    csrf_mask(secret, secret, token);
    r = with_cookie(str_dup_c(test_arena(), str_format(test_arena(), "csrftoken=%s", token)));
    CHECK(csrf_token_matches(csrf_get_token(r), secret));
}
