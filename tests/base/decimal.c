#include <clef/base.h>
#include <clef/test.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct Case {
    const char *op, *x, *y;
    int arg;
    DecimalRounding rounding;
    const char *expected;
} Case;

static const Case cases[] = {
#include "decimal_cases.h"
};

static Decimal parse(const char *text)
{
    Decimal d = { 0 };
    if (decimal_parse(test_arena(), str_c(text), &d) != DECIMAL_OK)
        CHECK_STR(str_c(text), STR("a decimal"));
    return d;
}

static bool check(const Case *c, Str got)
{
    if (str_eq(got, str_c(c->expected)))
        return true;
    fprintf(stderr, "%s(%s, %s, %d, %d):\n", c->op, c->x, c->y, c->arg, (int)c->rounding);
    CHECK_STR(got, str_c(c->expected));
    return false;
}

static Str outcome(DecimalStatus status, Decimal d)
{
    switch (status) {
    case DECIMAL_OK:
        return decimal_str(test_arena(), d);
    case DECIMAL_INVALID:
        return STR("!invalid");
    case DECIMAL_DIVISION_BY_ZERO:
        return STR("!zero");
    default:
        return STR("!other");
    }
}

TEST(decimal, agrees_with_python)
{
    Arena *a = test_arena();
    unsigned ran = 0;
    for (size_t i = 0; i < CLEF_COUNT(cases); i++, ran++) {
        const Case *c = &cases[i];
        Str op = str_c(c->op);
        Decimal x = parse(c->x), y = c->y[0] ? str_eq(op, STR("float")) ? (Decimal){ 0 } : parse(c->y) : (Decimal){ 0 };
        Decimal r = { 0 };
        Buf b = BUF_INIT(a, 10000);
        if (str_eq(op, STR("add")))
            check(c, outcome(decimal_add(a, x, y, &r), r));
        else if (str_eq(op, STR("sub")))
            check(c, outcome(decimal_sub(a, x, y, &r), r));
        else if (str_eq(op, STR("mul")))
            check(c, outcome(decimal_mul(a, x, y, &r), r));
        else if (str_eq(op, STR("div")))
            check(c, outcome(decimal_div(a, x, y, (uint32_t)c->arg, c->rounding, &r), r));
        else if (str_eq(op, STR("quantize")))
            check(c, outcome(decimal_quantize(a, x, c->arg, c->rounding, &r), r));
        else if (str_eq(op, STR("round")))
            check(c, outcome(decimal_round(a, x, (uint32_t)c->arg, c->rounding, &r), r));
        else if (str_eq(op, STR("normal")))
            check(c, decimal_str(a, decimal_normalize(a, x)));
        else if (str_eq(op, STR("str")))
            check(c, decimal_str(a, x));
        else if (str_eq(op, STR("plain")))
            buf_decimal_plain(&b, x), check(c, buf_view(&b));
        else if (str_eq(op, STR("integer")))
            buf_i64(&b, decimal_is_integer(x)), check(c, buf_view(&b));
        else if (str_eq(op, STR("double")))
            buf_double(&b, decimal_to_double(x)), check(c, buf_view(&b));
        else if (str_eq(op, STR("cmp"))) {
            int order, back;
            bool ordered = decimal_cmp(x, y, &order);
            CHECK_EQ(decimal_cmp(y, x, &back), ordered);
            if (ordered) {
                CHECK_EQ(back, -order);
                if (order == 0)
                    CHECK_EQ(decimal_hash(hash_key(7), x), decimal_hash(hash_key(7), y));
                else
                    CHECK(decimal_hash(hash_key(7), x) != decimal_hash(hash_key(7), y));
                buf_i64(&b, order);
            } else {
                BUF_LIT(&b, "!nan");
            }
            check(c, buf_view(&b));
        } else if (str_eq(op, STR("float"))) {
            uint64_t bits = strtoull(c->y, NULL, 16);
            double d, read = 0;
            memcpy(&d, &bits, sizeof d);
            check(c, decimal_str(a, decimal_from_double(a, d)));
            buf_double(&b, d);
            CHECK_STR(buf_view(&b), str_c(c->x));
            CHECK(double_parse(str_c(c->x), &read));
            CHECK_EQ(read, d);
            CHECK(double_parse(str_c(c->expected), &read));
            CHECK_EQ(read, d);
            CHECK_EQ(decimal_to_double(parse(c->expected)), d);
            CHECK_STR(decimal_str(a, decimal_from_double_short(d)), decimal_str(a, parse(c->x)));
        } else {
            CHECK_STR(op, STR("a known operation"));
        }
    }
    CHECK(ran > 3000);
}

TEST(decimal, grammar)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        { "1", "1" },          { "+1", "1" },
        { "-1.", "-1" },       { ".5", "0.5" },
        { " 1.50\n", "1.50" }, { "1e3", "1E+3" },
        { "1E-3", "0.001" },   { "007.0", "7.0" },
        { "inf", "Infinity" }, { "-INFINITY", "-Infinity" },
        { "nan", "NaN" },      { "sNaN", "sNaN" },
        { "nan007", "NaN7" },  { "-snan12", "-sNaN12" },
        { "0e0", "0" },        { "-0.00", "-0.00" },
        { "", NULL },          { ".", NULL },
        { "-", NULL },         { "1_000", NULL },
        { "1e", NULL },        { "1e+", NULL },
        { "e5", NULL },        { ".e5", NULL },
        { "1 2", NULL },       { "1.2.3", NULL },
        { "--1", NULL },       { "0x10", NULL },
        { "infx", NULL },      { "nan1.0", NULL },
        { "nan-1", NULL },     { "s", NULL },
        { "snan.", NULL },     { "1e5.0", NULL },
        { "1,5", NULL },       { "\xd9\xa1", NULL },
        { "1\xc2\xa0", NULL }, { "in", NULL },
        { "na", NULL },        { "1f", NULL },
    };
    for (size_t i = 0; i < CLEF_COUNT(table); i++) {
        Decimal d = { .coefficient = 77 };
        DecimalStatus status = decimal_parse(test_arena(), str_c(table[i].text), &d);
        if (table[i].expected) {
            CHECK_EQ(status, DECIMAL_OK);
            CHECK_STR(decimal_str(test_arena(), d), str_c(table[i].expected));
        } else {
            CHECK_EQ(status, DECIMAL_SYNTAX);
            CHECK_EQ(d.coefficient, 77ul);
        }
    }
    Decimal d;
    CHECK_EQ(decimal_parse(test_arena(), (Str){ "1\0", 2 }, &d), DECIMAL_SYNTAX);
    CHECK_EQ(decimal_parse(test_arena(), (Str){ 0 }, &d), DECIMAL_SYNTAX);
}

/* n digits, then `tail`. */
static Str digits(size_t n, const char *tail)
{
    Buf b = BUF_INIT(test_arena(), SIZE_MAX - 1);
    for (size_t i = 0; i < n; i++)
        buf_byte(&b, (char)('1' + i % 9));
    buf_c(&b, tail);
    return buf_view(&b);
}

TEST(decimal, limits)
{
    Arena *a = test_arena();
    Decimal d, r;
    CHECK_EQ(decimal_parse(a, digits(DECIMAL_MAX_DIGITS, ""), &d), DECIMAL_OK);
    CHECK_STR(decimal_str(a, d), digits(DECIMAL_MAX_DIGITS, ""));
    CHECK_EQ(decimal_parse(a, digits(DECIMAL_MAX_DIGITS + 1, ""), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_parse(a, STR("1e999999999"), &d), DECIMAL_OK);
    CHECK_EQ(decimal_parse(a, STR("1e1000000000"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_parse(a, STR("10e999999999"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_parse(a, STR("1e-999999999"), &d), DECIMAL_OK);
    CHECK_EQ(decimal_parse(a, STR("0.1e-999999999"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_parse(a, STR("1e99999999999999999999999999"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_parse(a, STR("1e-99999999999999999999999999"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_add(a, parse("1e200000"), parse("1"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_add(a, parse("1e131071"), parse("1e-16383"), &r), DECIMAL_OK);
    CHECK_EQ(decimal_digits(r), 147455u);
    CHECK_EQ(decimal_add(a, parse("1e131072"), parse("1e-16383"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_mul(a, parse("1e999999999"), parse("10"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_mul(a, parse("1e-999999999"), parse("0.1"), &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_quantize(a, parse("1"), -(DECIMAL_MAX_DIGITS - 1), ROUND_HALF_EVEN, &r), DECIMAL_OK);
    CHECK_EQ(decimal_quantize(a, parse("1"), -DECIMAL_MAX_DIGITS, ROUND_HALF_EVEN, &r), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_quantize(a, parse("1e-999999999"), 999999999, ROUND_UP, &r), DECIMAL_OK);
    CHECK_STR(decimal_str(a, r), STR("1E+999999999"));
    CHECK_EQ(decimal_div(a, parse("1"), parse("3"), 0, ROUND_HALF_EVEN, &r), DECIMAL_INVALID);
    CHECK_EQ(decimal_div(a, parse("1"), parse("3"), DECIMAL_MAX_DIGITS + 1, ROUND_HALF_EVEN, &r), DECIMAL_INVALID);
    Buf b = BUF_INIT(a, 1000);
    CHECK(!buf_decimal_plain(&b, parse("1e999999999")));
    CHECK(b.failed);
    CHECK_EQ(b.n, 0ul);
}

TEST(decimal, huge_exponents_compare_without_memory)
{
    int order = 9;
    size_t used = arena_used(test_arena());
    CHECK(decimal_cmp(parse("1e999999999"), parse("1e-999999999"), &order));
    CHECK_EQ(order, 1);
    CHECK(decimal_cmp(parse("-1e999999999"), parse("5"), &order));
    CHECK_EQ(order, -1);
    CHECK(decimal_cmp(parse("12345678901234567890123e999999900"), parse("1.2345678901234567890123e999999922"), &order));
    CHECK_EQ(order, 0);
    CHECK(decimal_cmp(parse("0e999999999"), parse("-0e-999999999"), &order));
    CHECK_EQ(order, 0);
    CHECK(arena_used(test_arena()) - used <= 4096);
    CHECK_EQ(decimal_to_double(parse("1e999999999")), __builtin_inf());
    CHECK_EQ(decimal_to_double(parse("-1e-999999999")), -0.0);
}

TEST(decimal, integers_and_doubles)
{
    int64_t v = 5;
    CHECK_EQ(decimal_to_i64(parse("-9223372036854775808"), &v), DECIMAL_OK);
    CHECK_EQ(v, INT64_MIN);
    CHECK_EQ(decimal_to_i64(parse("9223372036854775807.000"), &v), DECIMAL_OK);
    CHECK_EQ(v, INT64_MAX);
    CHECK_EQ(decimal_to_i64(parse("12e3"), &v), DECIMAL_OK);
    CHECK_EQ(v, 12000);
    CHECK_EQ(decimal_to_i64(parse("0e-999999"), &v), DECIMAL_OK);
    CHECK_EQ(v, 0);
    CHECK_EQ(decimal_to_i64(parse("9223372036854775808"), &v), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_to_i64(parse("1e19"), &v), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_to_i64(parse("9e999999"), &v), DECIMAL_TOO_LARGE);
    CHECK_EQ(decimal_to_i64(parse("1.5"), &v), DECIMAL_INVALID);
    CHECK_EQ(decimal_to_i64(parse("nan"), &v), DECIMAL_INVALID);
    CHECK_EQ(v, 0);
    CHECK_STR(decimal_str(test_arena(), decimal_from_i64(INT64_MIN)), STR("-9223372036854775808"));
    CHECK_STR(decimal_str(test_arena(), decimal_of(-1250, -2)), STR("-12.50"));
    CHECK_STR(decimal_str(test_arena(), decimal_from_double(test_arena(), __builtin_nan(""))), STR("NaN"));
    CHECK_STR(decimal_str(test_arena(), decimal_from_double_short(-__builtin_inf())), STR("-Infinity"));
    CHECK_STR(decimal_str(test_arena(), (Decimal){ 0 }), STR("0"));
    Decimal r = { .coefficient = 9 };
    CHECK_EQ(decimal_add(test_arena(), parse("snan"), parse("1"), &r), DECIMAL_INVALID);
    CHECK_EQ(r.coefficient, 9ul);
    CHECK_EQ(decimal_div(test_arena(), parse("-1"), parse("inf"), 9, ROUND_HALF_EVEN, &r), DECIMAL_OK);
    CHECK_STR(decimal_str(test_arena(), r), STR("-0"));
}

TEST(decimal, long_products_divide_back)
{
    Arena *a = test_arena();
    static const unsigned sizes[] = { 20, 27, 100, 1000, 3000 };
    for (size_t i = 0; i < CLEF_COUNT(sizes); i++)
        for (size_t k = 0; k < CLEF_COUNT(sizes); k++) {
            Decimal x = parse(digits(sizes[i], "").p), y = parse(digits(sizes[k], "7").p), product, r;
            REQUIRE(decimal_mul(a, x, y, &product) == DECIMAL_OK);
            REQUIRE(decimal_div(a, product, y, sizes[i], ROUND_HALF_EVEN, &r) == DECIMAL_OK);
            CHECK(decimal_eq(r, x));
            /* One less than the product leaves the largest remainder there is. */
            REQUIRE(decimal_sub(a, product, decimal_from_i64(1), &r) == DECIMAL_OK);
            REQUIRE(decimal_div(a, r, y, sizes[i], ROUND_DOWN, &r) == DECIMAL_OK);
            Decimal less;
            REQUIRE(decimal_sub(a, x, decimal_from_i64(1), &less) == DECIMAL_OK);
            CHECK(decimal_eq(r, less));
        }
}

TEST(double, the_last_of_many_digits_decides_a_tie)
{
    /* 2^53 + 1 stands in the middle of two doubles: the even one below, unless anything follows. */
    Buf b = BUF_INIT(test_arena(), 5000);
    double v;
    BUF_LIT(&b, "9007199254740993.");
    buf_fill(&b, '0', 3000);
    CHECK(double_parse(buf_view(&b), &v));
    CHECK_EQ(v, 9007199254740992.0);
    CHECK_EQ(decimal_to_double(parse(b.p)), v);
    BUF_LIT(&b, "1");
    CHECK(double_parse(buf_view(&b), &v));
    CHECK_EQ(v, 9007199254740994.0);
    CHECK_EQ(decimal_to_double(parse(b.p)), v);
    CHECK(double_parse(digits(2000, "e-1999"), &v));
    CHECK_EQ(v, 1.2345678912345679);
    CHECK(double_parse(digits(2000, ""), &v));
    CHECK_EQ(v, __builtin_inf());
    CHECK(double_parse(digits(2000, "e-1900"), &v));
    CHECK_EQ(v, 1.2345678912345679e99);
}
