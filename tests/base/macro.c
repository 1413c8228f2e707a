/* The macros that walk over their arguments: none, some, and as many as they take. */
#include <clef/base/macro.h>
#include <clef/test.h>

#define TEN(x)     x, x, x, x, x, x, x, x, x, x
#define HUNDRED(x) TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x)
#define FORTY(x)   TEN(x), TEN(x), TEN(x), TEN(x)
#define SIXTEEN(x) TEN(x), x, x, x, x, x, x

#define TIMES(t, a)    (t) * (a)
#define CROSS(t, a, b) (t) * 100 + (a)*10 + (b)

TEST(macro, each_argument_in_order)
{
    const int none[] = { CLEF_EACH(TIMES, 2) - 1 }, some[] = { CLEF_EACH(TIMES, 2, 1, 5, 3) };
    CHECK_EQ(CLEF_COUNT(none), 1);
    REQUIRE(CLEF_COUNT(some) == 3);
    CHECK(some[0] == 2 && some[1] == 10 && some[2] == 6);
    const int most[] = { CLEF_EACH(TIMES, 1, HUNDRED(7), HUNDRED(7), HUNDRED(7), FORTY(7)) };
    REQUIRE(CLEF_COUNT(most) == 340);
    CHECK(most[0] == 7 && most[339] == 7);
}

TEST(macro, pairs_of_arguments_in_order)
{
    const int none[] = { CLEF_PAIRS(CROSS, 1) - 1 }, some[] = { CLEF_PAIRS(CROSS, 1, 2, 3, 4, 5) };
    CHECK_EQ(CLEF_COUNT(none), 1);
    REQUIRE(CLEF_COUNT(some) == 2);
    CHECK(some[0] == 123 && some[1] == 145);
    const int most[] = { CLEF_PAIRS(CROSS, 3, HUNDRED(1), HUNDRED(1), FORTY(1), SIXTEEN(1)) };
    REQUIRE(CLEF_COUNT(most) == 128);
    CHECK(most[0] == 311 && most[127] == 311);
}

/* A value that is such a walk itself. */
#define LIST(...) (sizeof((const int[]){ CLEF_EACH(TIMES, 1, __VA_ARGS__) }) / sizeof(int))
TEST(macro, a_walk_within_an_argument)
{
    const size_t all[] = { CLEF_EACH(TIMES, 1, LIST(1, 2, 3), LIST(4), 9) };
    REQUIRE(CLEF_COUNT(all) == 3);
    CHECK(all[0] == 3 && all[1] == 1 && all[2] == 9);
}
