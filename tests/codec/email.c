#include <clef/base.h>
#include <clef/codec/email.h>
#include <clef/test.h>

TEST(email, addresses)
{
    static const struct {
        Str address;
        bool valid;
    } rows[] = {
        { STR("email@here.com"), true },
        { STR("weirder-email@here.and.there.com"), true },
        { STR("email@[127.0.0.1]"), true },
        { STR("email@[2001:dB8::1]"), true },
        { STR("\"test@test\"@example.com"), true },
        { STR("\"\\\t\"@here.com"), true },
        { STR("a@example.xn--abc0"), true },
        { STR("test@domain.with.idn.tld.\xe0\xa4\x89\xe0\xa4\xa6"), true },
        { STR("email@localhost"), false },
        { STR("abc@"), false },
        { STR("@x.org"), false },
        { STR("a b@x.org"), false },
        { STR("a..b@x.org"), false },
        { STR("email@[127.0.0.256]"), false },
        { STR("\"\\\n\"@here.com"), false },
        { STR("a@-x.org"), false },
        { STR("a@x-.org"), false },
        { STR("a@x.c0m"), false },
        { STR("a@x.o"), false },
        { STR(""), false },
    };
    Str local = STR("localhost");
    EACH_ROW (row, rows)
        CHECK_EQ(email_is_valid(row->address, NULL, 0), row->valid);
    CHECK(email_is_valid(STR("email@localhost"), &local, 1));
}

TEST(email, lengths_at_the_limit)
{
    Arena *a = test_arena();
    char label[64];
    memset(label, 'a', sizeof label);
    CHECK(email_is_valid(str_format(a, "x@%.63s.org", label), NULL, 0));
    CHECK(!email_is_valid(str_format(a, "x@%.64s.org", label), NULL, 0));
    char user[320];
    memset(user, 'u', sizeof user);
    CHECK(email_is_valid(str_format(a, "%.*s@x.org", 314, user), NULL, 0));
    CHECK(!email_is_valid(str_format(a, "%.*s@x.org", 315, user), NULL, 0));
}
