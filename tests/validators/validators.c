#include <clef/test.h>
#include <clef/validators.h>

/* The first error's text, "" for none. */
static Str said(const Validator *list, Value v)
{
    ValidationErrors errors = validators_run(test_arena(), list, v);
    return errors.n ? validation_error_text(test_arena(), &errors.p[0]) : STR("");
}
static Str said_of(const char *text, const Validator *list) { return said(list, value_c(text)); }

static void even(Validation *v)
{
    int64_t n;
    if (value_to_int(v->value, &n) && n % 2)
        INVALID(v, "odd", "%lld is not an even number.", (long long)n);
}

TEST(validators, limits)
{
    const Validator *least = VALIDATORS(MinValueValidator(3)),
                    *most = VALIDATORS(MaxValueValidator(3, .message = "Too much.")),
                    *step = VALIDATORS(StepValueValidator(0.25));
    CHECK_STR(said(least, value_int(2)), STR("Ensure this value is greater than or equal to 3."));
    CHECK_STR(said(least, value_int(3)), STR(""));
    CHECK_STR(said(most, value_double(3.5)), STR("Too much."));
    CHECK_STR(said(most, value_double(3)), STR(""));
    CHECK_STR(said(step, value_double(0.75)), STR(""));
    CHECK_STR(said(step, value_double(0.8)), STR("Ensure this value is a multiple of step size 0.25."));
    CHECK_STR(said(VALIDATORS(VALIDATOR(even)), value_int(5)), STR("5 is not an even number."));
}

TEST(validators, addresses_of_the_net)
{
    const Validator *six = VALIDATORS(validate_ipv6_address), *both = VALIDATORS(validate_ipv46_address);
    CHECK_STR(said_of("fe80::1%eth0", six), STR(""));
    CHECK_STR(said_of("fe80::1%", six), STR("Enter a valid IPv6 address."));
    CHECK_STR(said_of("10.0.0.1", six), STR("Enter a valid IPv6 address."));
    CHECK_STR(said_of("10.0.0.1", both), STR(""));
    CHECK_STR(said_of("10.0.0.1%eth0", both), STR("Enter a valid IPv4 or IPv6 address."));
}

TEST(validators, lengths_count_characters)
{
    const Validator *two = VALIDATORS(MaxLengthValidator(2)), *one = VALIDATORS(MinLengthValidator(1));
    CHECK_STR(said_of("\u00e9\u00e9", two), STR(""));
    CHECK_STR(said_of("abc", two), STR("Ensure this value has at most 2 characters (it has 3)."));
    CHECK_STR(said_of("", one), STR("Ensure this value has at least 1 character (it has 0)."));
}

TEST(validators, all_of_a_list_speak)
{
    const Validator *list =
        VALIDATORS(MinLengthValidator(5), RegexValidator("^[A-Z]+$", .message = "Capitals!", .code = "caps"));
    ValidationErrors errors = validators_run(test_arena(), list, value_c("ab"));
    REQUIRE(errors.n == 2);
    CHECK_STR(errors.p[0].code, STR("min_length"));
    CHECK_STR(errors.p[1].code, STR("caps"));
    CHECK_EQ(validators_run(test_arena(), list, value_c("ABCDE")).n, 0u);
    CHECK_EQ(validators_run(test_arena(), NULL, value_c("x")).n, 0u);
}

static const struct {
    const char *text;
    bool email, url, domain, slug;
} addresses[] = {
    { "ada@example.org", true, false, false, false },
    { "ada@localhost", true, false, false, false },
    { "\"a,b\"@example.org", true, false, false, false },
    { "ada@[127.0.0.1]", true, false, false, false },
    { "ada@[127.0.0.256]", false, false, false, false },
    { "ada@example", false, false, false, false },
    { "a b@example.org", false, false, false, false },
    { "https://example.org/a?b#c", false, true, false, false },
    { "http://[::1]:8000/", false, true, false, false },
    { "http://[::1::2]/", false, false, false, false },
    { "javascript://example.org", false, false, false, false },
    { "https://example.org/a\nb", false, false, false, false },
    { "https://", false, false, false, false },
    { "example.org", false, false, true, false },
    { "b\u00fccher.example", false, false, true, false },
    { "a-b_9", false, false, false, true },
    { "-example.org", false, false, false, false },
};

TEST(validators, addresses)
{
    const Validator *email = VALIDATORS(validate_email), *url = VALIDATORS(URLValidator()),
                    *domain = VALIDATORS(validate_domain_name), *slug = VALIDATORS(validate_slug);
    EACH_ROW (row, addresses) {
        CHECK_EQ(said_of(row->text, email).n == 0, row->email);
        CHECK_EQ(said_of(row->text, url).n == 0, row->url);
        CHECK_EQ(said_of(row->text, domain).n == 0, row->domain);
        CHECK_EQ(said_of(row->text, slug).n == 0, row->slug);
    }
    CHECK_STR(said_of("1.2.3.04", VALIDATORS(validate_ipv4_address)), STR("Enter a valid IPv4 address."));
    CHECK_STR(said_of("1.2.3.4", VALIDATORS(validate_ipv46_address)), STR(""));
}

TEST(validators, decimals)
{
    const Validator *list = VALIDATORS(DecimalValidator(4, 2));
    Decimal good = decimal_of(1234, -2), places = decimal_of(1234, -3), whole = decimal_of(123, 0),
            digits = decimal_of(12345, -2);
    CHECK_STR(said(list, value_decimal(&good)), STR(""));
    CHECK_STR(said(list, value_decimal(&places)), STR("Ensure that there are no more than 2 decimal places."));
    CHECK_STR(said(list, value_decimal(&whole)),
              STR("Ensure that there are no more than 2 digits before the decimal point."));
    CHECK_STR(said(list, value_decimal(&digits)), STR("Ensure that there are no more than 4 digits in total."));
}

TEST(validators, messages_take_parameters)
{
    Arena *a = test_arena();
    Map *m = map_new(a);
    map_set(m, STR("name"), value_c("x%(n)s"));
    map_set(m, STR("n"), value_int(3));
    CHECK_STR(message_format(a, STR("%(name)s: 100%% of %(n)d, %(absent)s%"), m), STR("x%(n)s: 100% of 3, %"));
    CHECK_STR(message_format(a, STR("100%"), NULL), STR("100%"));
}

/* An expression that is a backtracker's nightmare ends, and counts as not matching. */
TEST(validators, a_bad_expression_ends)
{
    char text[64];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    CHECK_STR(said_of(text, VALIDATORS(RegexValidator("^(a+)+b$"))), STR("Enter a valid value."));
    CHECK_STR(said_of("x", VALIDATORS(RegexValidator("("))), STR("Enter a valid value."));
}
