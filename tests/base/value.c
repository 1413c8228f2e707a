#include <clef/base.h>
#include <clef/test.h>

TEST(value, boxes_by_type)
{
    const char *text = "abc";
    char array[4] = "xyz";
    Value v = VALUE(5);
    CHECK_EQ(v.tag, VALUE_INT);
    CHECK_EQ(VALUE((bool)true).tag, VALUE_BOOL);
    CHECK_EQ(VALUE(1.5).tag, VALUE_DOUBLE);
    CHECK_STR(VALUE("lit").s, STR("lit"));
    CHECK_STR(VALUE(text).s, STR("abc"));
    CHECK_STR(VALUE(array).s, STR("xyz"));
    CHECK_STR(VALUE(STR("s")).s, STR("s"));
    CHECK_EQ(VALUE((SafeStr){ STR("<b>") }).tag, VALUE_SAFE);
    CHECK_EQ(VALUE((char)7).i, 7);
    CHECK_EQ(VALUE((short)-7).i, -7);
    CHECK_EQ(VALUE((unsigned char)200).i, 200);
    CHECK_EQ(VALUE(4000000000u).i, 4000000000);
    CHECK_EQ(VALUE(sizeof v).i, 24);
    CHECK_EQ(VALUE((int64_t)-1).i, -1);
    Value big = VALUE(UINT64_MAX);
    CHECK_EQ(big.tag, VALUE_BIGINT);
    CHECK_EQ(big.decimal->coefficient, UINT64_MAX);
    CHECK_EQ(VALUE((uint64_t)INT64_MAX).i, INT64_MAX);
    CHECK_EQ(VALUE((Decimal){ .coefficient = 3 }).decimal->coefficient, 3ul);
    CHECK_EQ(VALUE((Uuid){ { 9 } }).uuid->b[0], 9);
    CHECK_EQ(VALUE((List *)NULL).tag, VALUE_NULL);
    CHECK_EQ(VALUE((const char *)NULL).tag, VALUE_NULL);
    Map *m = map_new(test_arena());
    const List *unboxed = list_new(test_arena());
    CHECK_PTR(VALUE(m).map, m);
    CHECK_PTR(VALUE((List *)unboxed).list, unboxed);
    CHECK_EQ(VALUE(v).i, 5);
    int once = 0;
    CHECK_EQ(VALUE(once++).i, 0);
    CHECK_EQ(once, 1);
}

TEST(value, boxes_times_and_what_may_be_absent)
{
    Value v = VALUE((DateTime){ 5 });
    CHECK_EQ(v.tag, VALUE_DATETIME);
    CHECK_PTR(v.zone, timezone_utc());
    v = VALUE((NaiveDateTime){ 5 });
    CHECK_EQ(v.tag, VALUE_DATETIME);
    CHECK_PTR(v.zone, NULL);
    v = VALUE(((Time){ .us = 7, .fold = 1 }));
    CHECK_EQ(v.tag, VALUE_TIME);
    CHECK_EQ(v.flags, 1);
    CHECK_EQ(VALUE((Date){ -3 }).us, -3);
    CHECK_EQ(VALUE(DURATION_SECONDS(2)).us, 2000000);
    CHECK_EQ(VALUE((OptInt){ 0 }).tag, VALUE_NULL);
    CHECK_EQ(VALUE(OPT(OptInt, 5)).i, 5);
    CHECK_EQ(VALUE(OPT(OptBool, false)).tag, VALUE_BOOL);
    OptDecimal absent = { .set = false };
    CHECK_EQ(VALUE(absent).tag, VALUE_NULL);
    OptDecimal d = OPT(OptDecimal, { .coefficient = 9 });
    CHECK_EQ(VALUE(d).decimal->coefficient, 9ul);
    CHECK_EQ(VALUE(OPT(OptDate, { 4 })).tag, VALUE_DATE);
    CHECK_EQ(VALUE((OptDateTime){ .set = false }).tag, VALUE_NULL);
}

TEST(value, a_copy_owns_what_it_holds)
{
    Arena *a = test_arena(), *short_lived = arena_create(a, 0, 0);
    Map *m = map_new(short_lived);
    List *list = list_new(short_lived);
    for (int i = 0; i < 20; i++) {
        list_push(short_lived, list, value_str(str_format(short_lived, "item %d", i)));
        map_set(m, str_format(short_lived, "key %d", i), value_list(list));
    }
    Uuid *u = NEW(short_lived, Uuid);
    u->b[3] = 7;
    map_set(m, STR("uuid"), value_uuid(u));
    map_set(m, STR("big"), value_u64(short_lived, UINT64_MAX));
    Value copy = value_copy(a, value_map(m));
    arena_destroy(short_lived);
    CHECK_EQ(map_count(copy.map), 22u);
    CHECK_STR(map_get(copy.map, STR("key 19"))->list->p[19].s, STR("item 19"));
    CHECK_EQ(map_get(copy.map, STR("uuid"))->uuid->b[3], 7);
    CHECK_EQ(map_get(copy.map, STR("big"))->decimal->coefficient, UINT64_MAX);
}

TEST(value, accessors_say_when_the_type_is_another)
{
    int64_t i = 7;
    double d = 7;
    Str s = STR("7");
    CHECK(value_to_int(value_bool(true), &i));
    CHECK_EQ(i, 1);
    CHECK(!value_to_int(value_double(2), &i));
    CHECK(!value_to_int(value_str(STR("2")), &i));
    CHECK_EQ(i, 1);
    CHECK(value_to_double(value_int(2), &d));
    CHECK_EQ(d, 2.0);
    CHECK(!value_to_double(value_null(), &d));
    CHECK(!value_to_str(value_bytes(STR("x")), &s));
    CHECK_STR(s, STR("7"));
    CHECK(value_to_str(value_safe((SafeStr){ STR("x") }), &s));
    CHECK_STR(s, STR("x"));
    CHECK_STR(str_c(value_type_name(value_double(1))), STR("float"));
}

static bool range_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    if (*cursor >= *(const size_t *)self)
        return false;
    *out = value_int((int64_t)(*cursor)++);
    return true;
}
static bool range_length(const void *self, size_t *out)
{
    *out = *(const size_t *)self;
    return true;
}
static bool range_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    int64_t i;
    if (!value_to_int(key, &i) || i < 0 || (size_t)i >= *(const size_t *)self)
        return false;
    *out = key;
    return true;
}
static const ValueClass range_class = {
    .name = "range", .next = range_next, .length = range_length, .item = range_item
};
static const ValueClass opaque_class = { .name = "opaque" };

TEST(value, truth_length_item_and_next)
{
    Arena *a = test_arena();
    size_t five = 5, none = 0, n = 99;
    Value range = value_object(&five, &range_class), empty = value_object(&none, &range_class);
    Value opaque = value_object(&five, &opaque_class), out = value_null();
    CHECK(value_truth(range));
    CHECK(!value_truth(empty));
    CHECK(value_truth(opaque));
    CHECK(!value_truth(value_double(-0.0)));
    CHECK(value_truth(value_double(__builtin_nan(""))));
    CHECK(!value_truth(VALUE((Decimal){ .exponent = 3 })));
    CHECK(!value_truth(value_str(STR(""))));
    CHECK(value_truth(value_str(STR("False"))));
    CHECK(!value_truth(value_map(map_new(a))));
    CHECK(!value_truth(value_null()));

    CHECK(value_length(range, &n));
    CHECK_EQ(n, 5ul);
    CHECK(!value_length(opaque, &n));
    CHECK(!value_length(value_int(3), &n));
    CHECK(value_length(value_str(STR("a\xc3\xa9z")), &n));
    CHECK_EQ(n, 3ul);
    CHECK(value_length(value_bytes(STR("a\xc3\xa9z")), &n));
    CHECK_EQ(n, 4ul);

    CHECK(value_item(a, value_str(STR("a\xc3\xa9z")), value_int(1), &out));
    CHECK_STR(out.s, STR("\xc3\xa9"));
    CHECK(value_item(a, value_str(STR("a\xc3\xa9z")), value_int(-1), &out));
    CHECK_STR(out.s, STR("z"));
    List *list = list_new(a);
    list_push(a, list, value_int(10));
    list_push(a, list, value_int(20));
    CHECK(value_item(a, value_list(list), value_int(-2), &out));
    CHECK_EQ(out.i, 10);
    CHECK(!value_item(a, value_list(list), value_int(2), &out));
    CHECK(!value_item(a, value_list(list), value_int(-3), &out));
    CHECK(!value_item(a, value_list(list), value_int(INT64_MIN), &out));
    CHECK(!value_item(a, value_list(list), value_str(STR("0")), &out));
    CHECK(!value_item(a, opaque, value_int(0), &out));
    CHECK(value_item(a, range, value_int(4), &out));
    CHECK_EQ(out.i, 4);

    int sum = 0;
    for (size_t at = 0; value_next(a, range, &at, &out);)
        sum += (int)out.i;
    CHECK_EQ(sum, 10);
    Map *m = map_new(a);
    map_set(m, STR("one"), value_int(1));
    map_set(m, STR("two"), value_int(2));
    map_delete(m, STR("one"));
    size_t at = 0;
    CHECK(value_next(a, value_map(m), &at, &out));
    CHECK_STR(out.s, STR("two"));
    CHECK(!value_next(a, value_map(m), &at, &out));
    at = 0;
    CHECK(!value_next(a, value_int(3), &at, &out));
    CHECK(value_is_iterable(range) && !value_is_iterable(opaque));
}

static Value dec(const char *text)
{
    Decimal *d = NEW(test_arena(), Decimal);
    if (decimal_parse(test_arena(), str_c(text), d) != DECIMAL_OK)
        CHECK(!"a decimal");
    return value_decimal(d);
}

TEST(value, compares_as_python)
{
    Arena *a = test_arena();
    double nan = __builtin_nan("");
    List *one_two = list_new(a), *one_three = list_new(a), *one = list_new(a), *one_text = list_new(a);
    list_push(a, one_two, value_int(1));
    list_push(a, one_two, value_int(2));
    list_push(a, one_three, value_double(1));
    list_push(a, one_three, dec("3"));
    list_push(a, one, value_bool(true));
    list_push(a, one_text, value_int(1));
    list_push(a, one_text, value_str(STR("2")));
    Map *m = map_new(a), *n = map_new(a);
    map_set(m, STR("x"), value_int(1));
    map_set(m, STR("y"), value_list(one));
    map_set(n, STR("y"), value_list(one));
    map_set(n, STR("x"), value_double(1));
    const TimeZone *zone = (const TimeZone *)(const void *)"zone";
    Value naive = { .tag = VALUE_DATETIME, .us = 5 }, aware = { .tag = VALUE_DATETIME, .us = 5, .zone = zone };
    Value date = { .tag = VALUE_DATE, .us = 5 };
    const Uuid first = { { 1 } }, second = { { 2 } };
    const struct {
        Value a, b;
        ValueOrder order;
    } cases[] = {
        { value_int(1), value_bool(true), VALUE_EQUAL },
        { value_int(1), value_double(1), VALUE_EQUAL },
        { value_int(2), value_double(1.5), VALUE_GREATER },
        { value_int(9007199254740993), value_double(9007199254740992.0), VALUE_GREATER },
        { value_int(INT64_MAX), value_double(9223372036854775808.0), VALUE_LESS },
        { value_int(INT64_MIN), value_double(-9223372036854775808.0), VALUE_EQUAL },
        { value_u64(a, UINT64_MAX), value_double(18446744073709551616.0), VALUE_LESS },
        { value_u64(a, UINT64_MAX), dec("18446744073709551615"), VALUE_EQUAL },
        { value_int(INT64_MAX), value_u64(a, UINT64_MAX), VALUE_LESS },
        { dec("0.1"), value_double(0.1), VALUE_LESS },
        { dec("0.5"), value_double(0.5), VALUE_EQUAL },
        { dec("1e400"), value_double(__builtin_inf()), VALUE_LESS },
        { dec("-inf"), value_double(-__builtin_inf()), VALUE_EQUAL },
        { dec("1e999999999"), value_int(INT64_MAX), VALUE_GREATER },
        { value_double(5e-324), dec("0"), VALUE_GREATER },
        { value_double(5e-324), dec("1e-324"), VALUE_GREATER },
        { value_double(nan), value_double(nan), VALUE_UNORDERED },
        { value_double(nan), value_int(1), VALUE_UNORDERED },
        { dec("nan"), value_int(1), VALUE_UNORDERED },
        { value_double(0.0), value_double(-0.0), VALUE_EQUAL },
        { value_null(), value_null(), VALUE_EQUAL },
        { value_null(), value_int(0), VALUE_INCOMPARABLE },
        { value_str(STR("1")), value_int(1), VALUE_INCOMPARABLE },
        { value_str(STR("a")), value_safe((SafeStr){ STR("a") }), VALUE_EQUAL },
        { value_str(STR("a")), value_str(STR("B")), VALUE_GREATER },
        { value_str(STR("a")), value_bytes(STR("a")), VALUE_INCOMPARABLE },
        { value_bytes(STR("a")), value_bytes(STR("ab")), VALUE_LESS },
        { value_list(one_two), value_list(one_three), VALUE_LESS },
        { value_list(one), value_list(one_three), VALUE_LESS },
        { value_list(one_two), value_list(one_text), VALUE_INCOMPARABLE },
        { value_map(m), value_map(n), VALUE_EQUAL },
        { value_map(m), value_map(map_new(a)), VALUE_INCOMPARABLE },
        { naive, aware, VALUE_INCOMPARABLE },
        { naive, naive, VALUE_EQUAL },
        { aware, aware, VALUE_EQUAL },
        { naive, date, VALUE_INCOMPARABLE },
        { value_uuid(&first), value_uuid(&second), VALUE_LESS },
        { value_object(m, &range_class), value_object(m, &range_class), VALUE_EQUAL },
        { value_object(m, &range_class), value_object(n, &range_class), VALUE_INCOMPARABLE },
        { value_object(m, &range_class), value_object(m, &opaque_class), VALUE_INCOMPARABLE },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        ValueOrder order = value_cmp(cases[i].a, cases[i].b), back = value_cmp(cases[i].b, cases[i].a);
        if (order != cases[i].order || back != (order == VALUE_LESS      ? VALUE_GREATER
                                                : order == VALUE_GREATER ? VALUE_LESS
                                                                         : order)) {
            CHECK_EQ(i, SIZE_MAX);
            CHECK_EQ(order, cases[i].order);
        }
        CHECK_EQ(value_eq(cases[i].a, cases[i].b), order == VALUE_EQUAL);
    }
}

TEST(value, nesting_has_a_limit)
{
    Arena *a = test_arena();
    Value v = value_int(1), w = value_int(1);
    for (unsigned depth = 1; depth <= VALUE_MAX_DEPTH + 1; depth++) {
        List *x = list_new(a), *y = list_new(a);
        list_push(a, x, v);
        list_push(a, y, w);
        v = value_list(x);
        w = value_list(y);
        CHECK_EQ(value_eq(v, w), depth <= VALUE_MAX_DEPTH);
        Value copy = value_copy(a, v);
        unsigned copied = 0;
        for (; copy.tag == VALUE_LIST; copied++)
            copy = copy.list->p[0];
        CHECK_EQ(copied, depth <= VALUE_MAX_DEPTH ? depth : VALUE_MAX_DEPTH);
    }
}

static Str scalar(Value v)
{
    Buf b = BUF_INIT(test_arena(), 200);
    return buf_scalar(&b, v) ? buf_view(&b) : b.n ? STR("(something)") : STR("(none)");
}

TEST(value, scalars_are_written_as_python_writes_them)
{
    Arena *a = test_arena();
    Decimal big;
    REQUIRE(decimal_parse(a, STR("12000000000000000000000000"), &big) == DECIMAL_OK);
    Uuid id = { .b = { 1, [15] = 0xff } };
    CHECK_STR(scalar(value_null()), STR("None"));
    CHECK_STR(scalar(value_bool(true)), STR("True"));
    CHECK_STR(scalar(value_bool(false)), STR("False"));
    CHECK_STR(scalar(value_int(INT64_MIN)), STR("-9223372036854775808"));
    CHECK_STR(scalar(value_double(1)), STR("1.0"));
    CHECK_STR(scalar(value_double(1e22)), STR("1e+22"));
    CHECK_STR(scalar(value_u64(a, UINT64_MAX)), STR("18446744073709551615"));
    CHECK_STR(scalar(VALUE(big)), STR("12000000000000000000000000"));
    /* an integer has no exponent in its text, however it is held */
    Decimal round = { .coefficient = 5, .exponent = 20 };
    CHECK_STR(scalar(VALUE(round)), STR("5E+20"));
    CHECK_STR(scalar((Value){ .tag = VALUE_BIGINT, .decimal = &round }), STR("500000000000000000000"));
    CHECK_STR(scalar(value_str(STR("a'b"))), STR("a'b"));
    CHECK_STR(scalar(value_safe((SafeStr){ STR("<b>") })), STR("<b>"));
    CHECK_STR(scalar(value_uuid(&id)), STR("01000000-0000-0000-0000-0000000000ff"));
    CHECK_STR(scalar(value_date((Date){ 0 })), STR("1970-01-01"));
    CHECK_STR(scalar(value_time((Time){ .us = 3600000001 })), STR("01:00:00.000001"));
    CHECK_STR(scalar(VALUE((NaiveDateTime){ 0 })), STR("1970-01-01 00:00:00"));
    CHECK_STR(scalar(VALUE((DateTime){ 500000 })), STR("1970-01-01 00:00:00.500000+00:00"));
    CHECK_STR(scalar(value_duration((Duration){ 90061000000 })), STR("1 day, 1:01:01"));
    CHECK_STR(scalar(value_bytes(STR("x"))), STR("(none)"));
    CHECK_STR(scalar(value_list(list_new(a))), STR("(none)"));
    CHECK_STR(scalar(value_map(map_new(a))), STR("(none)"));
    size_t n = 1;
    CHECK_STR(scalar(value_object(&n, &range_class)), STR("(none)"));
}
