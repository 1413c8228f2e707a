#include <clef/base.h>
#include <clef/base/map.h>
#include <clef/base/timezone.h>
#include <clef/codec/json.h>
#include <clef/test.h>

static Str error_of(Str text, JsonOptions o)
{
    Value v;
    JsonError e = { 0 };
    return json_read(test_arena(), text, o, &v, &e) ? STR("accepted") : json_error_text(test_arena(), &e);
}

static Str written(Value v, JsonStyle style)
{
    Buf b = BUF_INIT(test_arena(), 1 << 20);
    return json_write(&b, v, style) ? buf_view(&b) : STR("refused");
}

static Value read(Str text, JsonOptions o)
{
    Value v = { 0 };
    JsonError e = { 0 };
    if (!json_read(test_arena(), text, o, &v, &e))
        CHECK_STR(json_error_text(test_arena(), &e), text);
    return v;
}

TEST(json, values_have_the_right_kind)
{
    Value v =
        read(STR("{\"i\":-5,\"b\":9223372036854775808,\"d\":1.5,\"t\":true,\"n\":null,\"s\":\"x\",\"l\":[1,[2,3],4]}"),
             (JsonOptions){ 0 });
    REQUIRE(v.tag == VALUE_MAP);
    CHECK_EQ(map_get(v.map, STR("i"))->tag, VALUE_INT);
    CHECK_EQ(map_get(v.map, STR("i"))->i, -5);
    CHECK_EQ(map_get(v.map, STR("b"))->tag, VALUE_BIGINT);
    CHECK_EQ(map_get(v.map, STR("b"))->decimal->coefficient, 9223372036854775808u);
    CHECK_EQ(map_get(v.map, STR("d"))->d, 1.5);
    CHECK_EQ(map_get(v.map, STR("t"))->b, true);
    CHECK_EQ(map_get(v.map, STR("n"))->tag, VALUE_NULL);
    CHECK_STR(map_get(v.map, STR("s"))->s, STR("x"));
    const List *l = map_get(v.map, STR("l"))->list;
    CHECK_EQ(l->n, 3);
    CHECK_EQ(l->p[1].list->p[1].i, 3);
    CHECK_EQ(l->p[2].i, 4);
}

TEST(json, decimals_stay_exact)
{
    static const struct {
        Str text, python;
    } cases[] = {
        /* and Python's str(Decimal(text)) */
        { STR("1.10"), STR("1.10") },
        { STR("-0.0"), STR("-0.0") },
        { STR("0.000001"), STR("0.000001") },
        { STR("0.0000001"), STR("1E-7") },
        { STR("123.456e2"), STR("12345.6") },
        { STR("1e3"), STR("1E+3") },
        { STR("1.5e-10"), STR("1.5E-10") },
        { STR("12e5"), STR("1.2E+6") },
        { STR("0e5"), STR("0E+5") },
        { STR("0.00"), STR("0.00") },
        { STR("0e-9"), STR("0E-9") },
        { STR("12345678901234567890.12345678901234567890"), STR("12345678901234567890.12345678901234567890") },
        { STR("1.8446744073709551615"), STR("1.8446744073709551615") },
        { STR("1.8446744073709551616"), STR("1.8446744073709551616") },
        { STR("100000000000000000000.5"), STR("100000000000000000000.5") },
        { STR("0.1234567890123456789012345678901234567890"), STR("0.1234567890123456789012345678901234567890") },
        { STR("1e999999999"), STR("1E+999999999") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Value v = read(cases[i].text, (JsonOptions){ .decimals = true });
        CHECK_EQ(v.tag, VALUE_DECIMAL);
        CHECK_STR(written(v, (JsonStyle){ .decimals = true }), cases[i].python);
        CHECK_STR(written(v, (JsonStyle){ 0 }), str_format(test_arena(), "\"%s\"", cases[i].python.p));
    }
    CHECK_STR(written(read(STR("-0e0"), (JsonOptions){ .decimals = true }), (JsonStyle){ .decimals = true }),
              STR("-0E+0"));
    CHECK_EQ(read(STR("5"), (JsonOptions){ .decimals = true }).tag, VALUE_INT);
    CHECK_STR(error_of(STR("1e1000000000"), (JsonOptions){ .decimals = true }),
              STR("Number is out of range: line 1 column 1 (char 0)"));
    CHECK_STR(error_of(STR("1e-1000000000"), (JsonOptions){ .decimals = true }),
              STR("Number is out of range: line 1 column 1 (char 0)"));
    CHECK_STR(error_of(STR("1e99999999999999999999999"), (JsonOptions){ .decimals = true }),
              STR("Number is out of range: line 1 column 1 (char 0)"));
}

static Str nested(Arena *a, size_t depth, Str open, Str inner, Str close)
{
    Buf b = BUF_INIT(a, 1 << 20);
    for (size_t i = 0; i < depth; i++)
        buf_str(&b, open);
    buf_str(&b, inner);
    for (size_t i = 0; i < depth; i++)
        buf_str(&b, close);
    return buf_view(&b);
}

TEST(json, depth_has_a_limit)
{
    Arena *a = test_arena();
    static const uint32_t limits[] = { 1, 2, 63, 64, 65, JSON_DEPTH, JSON_DEPTH_MAX };
    for (size_t i = 0; i < CLEF_COUNT(limits); i++)
        for (int object = 0; object < 2; object++) {
            Str open = object ? STR("{\"a\":") : STR("["), close = object ? STR("}") : STR("]");
            JsonOptions o = { .depth_max = limits[i] };
            Str text = nested(a, limits[i], open, STR("1"), close);
            Value v = read(text, o);
            CHECK_STR(written(v, (JsonStyle){ .compact = true, .depth_max = limits[i] }), text);
            CHECK_STR(written(v, (JsonStyle){ .depth_max = limits[i] - 1 ? limits[i] - 1 : 1 }),
                      limits[i] == 1 ? written(v, (JsonStyle){ 0 }) : STR("refused"));
            CHECK(str_starts(error_of(nested(a, limits[i] + 1, open, STR("1"), close), o),
                             STR("Nested more deeply than the limit: ")));
        }
    CHECK(str_starts(error_of(nested(a, JSON_DEPTH + 1, STR("["), STR(""), STR("]")), (JsonOptions){ 0 }),
                     STR("Nested")));
    CHECK_EQ(read(nested(a, JSON_DEPTH, STR("["), STR(""), STR("]")), (JsonOptions){ 0 }).tag, VALUE_LIST);
    CHECK(str_starts(error_of(nested(a, 100000, STR("["), STR(""), STR("")), (JsonOptions){ .depth_max = UINT32_MAX }),
                     STR("Nested")));
}

TEST(json, size_and_digits_have_limits)
{
    Arena *a = test_arena();
    CHECK_STR(error_of(STR("[1, 2]"), (JsonOptions){ .size_max = 6 }), STR("accepted"));
    CHECK_STR(error_of(STR("[1, 2]"), (JsonOptions){ .size_max = 5 }),
              STR("Text is longer than the limit: line 1 column 1 (char 0)"));
    Buf b = BUF_INIT(a, 10000);
    buf_fill(&b, '7', JSON_DIGITS);
    Value v = read(buf_view(&b), (JsonOptions){ 0 });
    CHECK_EQ(v.tag, VALUE_BIGINT);
    CHECK(str_eq(written(v, (JsonStyle){ 0 }), buf_view(&b)));
    buf_byte(&b, '7');
    CHECK_STR(error_of(buf_view(&b), (JsonOptions){ 0 }),
              STR("Number is longer than the limit: line 1 column 1 (char 0)"));
    CHECK_STR(error_of(STR("12345"), (JsonOptions){ .digits_max = 4 }),
              STR("Number is longer than the limit: line 1 column 1 (char 0)"));
}

TEST(json, a_name_given_twice)
{
    Value v = read(STR("{\"a\":1,\"b\":2,\"\\u0061\":3}"), (JsonOptions){ 0 });
    CHECK_STR(written(v, (JsonStyle){ 0 }), STR("{\"a\": 3, \"b\": 2}"));
    CHECK_STR(error_of(STR("{\"a\":1,\"b\":2,\"\\u0061\":3}"), (JsonOptions){ .unique_names = true }),
              STR("Property name is given twice: line 1 column 14 (char 13)"));
    CHECK_STR(error_of(STR("{\"a\":{\"a\":1},\"b\":{\"a\":1}}"), (JsonOptions){ .unique_names = true }),
              STR("accepted"));
}

TEST(json, options_that_are_laxer)
{
    JsonOptions nan = { .nan = true };
    CHECK_STR(written(read(STR("[NaN, Infinity, -Infinity, -1]"), nan), (JsonStyle){ .nan = true }),
              STR("[NaN, Infinity, -Infinity, -1]"));
    nan.decimals = true;
    CHECK_STR(written(read(STR("[NaN, Infinity, -Infinity, -1]"), nan), (JsonStyle){ .nan = true }),
              STR("[NaN, Infinity, -Infinity, -1]"));
    CHECK_STR(error_of(STR("-Infinit"), nan), STR("Expecting value: line 1 column 1 (char 0)"));
    CHECK_STR(read(STR("\"a\\ud800\\ud83d\\ude00\\udc00b\""), (JsonOptions){ .replace_surrogates = true }).s,
              STR("a\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd"
                  "b"));
    Str text = STR("[\"borrowed\", \"\\n\"]");
    Value v = read(text, (JsonOptions){ .borrow = true });
    CHECK_PTR(v.list->p[0].s.p, text.p + 2);
    v = read(text, (JsonOptions){ 0 });
    CHECK(v.list->p[0].s.p != text.p + 2);
    CHECK_STR(v.list->p[0].s, STR("borrowed"));
}

TEST(json, tokens_one_by_one)
{
    JsonReader r;
    json_reader_init(&r, STR("{\"a\\n\": [1, 2.5, \"x\", true, false, null], \"b\": {}}"), (JsonOptions){ 0 });
    double d;
    CHECK_EQ(json_next(&r), JSON_OBJECT);
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK(r.escaped);
    CHECK_STR(r.raw, STR("a\\n"));
    CHECK_STR(json_reader_text(&r, test_arena()), STR("a\n"));
    CHECK_EQ(json_next(&r), JSON_ARRAY);
    CHECK_EQ(r.depth, 2);
    CHECK_EQ(json_next(&r), JSON_INT);
    CHECK_EQ(r.integer, 1);
    CHECK_EQ(json_next(&r), JSON_REAL);
    REQUIRE(json_reader_double(&r, &d));
    CHECK_EQ(d, 2.5);
    CHECK_EQ(json_next(&r), JSON_STRING);
    CHECK_EQ(json_next(&r), JSON_TRUE);
    CHECK_EQ(json_next(&r), JSON_FALSE);
    CHECK_EQ(json_next(&r), JSON_NULL);
    CHECK_EQ(json_next(&r), JSON_ARRAY_END);
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK_EQ(json_next(&r), JSON_OBJECT);
    CHECK_EQ(json_next(&r), JSON_OBJECT_END);
    CHECK_EQ(json_next(&r), JSON_OBJECT_END);
    CHECK_EQ(json_next(&r), JSON_END);
    CHECK_EQ(json_next(&r), JSON_END);
}

TEST(json, skips_values_and_stops_at_errors)
{
    JsonReader r;
    json_reader_init(&r, STR("{\"a\": [1, {\"x\": []}], \"b\": 5, \"c\": {\"d\": 1}, \"e\": [} "), (JsonOptions){ 0 });
    CHECK_EQ(json_next(&r), JSON_OBJECT);
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK(json_skip(&r));
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK(json_skip(&r));
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK_STR(r.raw, STR("c"));
    CHECK_EQ(json_next(&r), JSON_OBJECT);
    CHECK(json_skip(&r));
    CHECK_EQ(r.depth, 1);
    CHECK_EQ(json_next(&r), JSON_NAME);
    CHECK(!json_skip(&r));
    CHECK_EQ(json_next(&r), JSON_ERROR);
    CHECK_EQ(r.error.offset, 51);
}

TEST(json, styles)
{
    Value v = read(STR("{\"b\":[1,{\"x\":null},[]],\"a\":\"\303\251\\u2028<&>\\u007f\\ud83d\\ude00\",\"c\":{}}"),
                   (JsonOptions){ 0 });
    CHECK_STR(written(v, (JsonStyle){ 0 }),
              STR("{\"b\": [1, {\"x\": null}, []], \"a\": \"\\u00e9\\u2028<&>\\u007f\\ud83d\\ude00\", \"c\": {}}"));
    CHECK_STR(written(v, (JsonStyle){ .compact = true, .unicode = true }),
              STR("{\"b\":[1,{\"x\":null},[]],\"a\":\"\303\251\342\200\250<&>\177\360\237\230\200\",\"c\":{}}"));
    CHECK_STR(
        written(v, (JsonStyle){ .compact = true, .unicode = true, .line_separators = true, .html_safe = true }),
        STR("{\"b\":[1,{\"x\":null},[]],\"a\":\"\303\251\\u2028\\u003C\\u0026\\u003E\177\360\237\230\200\",\"c\":{}}"));
    CHECK_STR(written(v, (JsonStyle){ .indent = 2, .sort_names = true, .unicode = true }),
              STR("{\n  \"a\": \"\303\251\342\200\250<&>\177\360\237\230\200\",\n  \"b\": [\n    1,\n    {\n      "
                  "\"x\": null\n"
                  "    },\n    []\n  ],\n  \"c\": {}\n}"));
    Map *m = map_new(test_arena());
    for (int i = 0; i < 20; i++)
        map_set(m, str_format(test_arena(), "k%d", i * 7 % 20), value_int(i * 7 % 20));
    CHECK_STR(written(value_map(m), (JsonStyle){ .sort_names = true, .compact = true }),
              STR("{\"k0\":0,\"k1\":1,\"k10\":10,\"k11\":11,\"k12\":12,\"k13\":13,\"k14\":14,\"k15\":15,\"k16\":16,"
                  "\"k17\":17,\"k18\":18,\"k19\":19,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,\"k7\":7,\"k8\":8,"
                  "\"k9\":9}"));
}

TEST(json, text_of_every_length_and_invalid_text)
{
    Arena *a = test_arena();
    for (size_t n = 0; n < 70; n++)
        for (size_t at = 0; at <= n; at++) {
            Buf text = BUF_INIT(a, 200), expected = BUF_INIT(a, 300);
            buf_fill(&text, 'x', at);
            buf_byte(&text, at == n ? 'y' : '"');
            buf_fill(&text, 'z', n - at);
            buf_byte(&expected, '"');
            buf_fill(&expected, 'x', at);
            buf_c(&expected, at == n ? "y" : "\\\"");
            buf_fill(&expected, 'z', n - at);
            buf_byte(&expected, '"');
            REQUIRE(str_eq(written(value_str(buf_view(&text)), (JsonStyle){ 0 }), buf_view(&expected)));
            Buf exact = BUF_INIT(NULL, expected.n), small = BUF_INIT(NULL, expected.n - 1);
            REQUIRE(json_string_add(&exact, buf_view(&text), (JsonStyle){ 0 }));
            REQUIRE(!json_string_add(&small, buf_view(&text), (JsonStyle){ 0 }));
            buf_finish(&exact);
            buf_finish(&small);
        }
    CHECK_STR(written(value_str(STR("a\xff\xc3")), (JsonStyle){ 0 }), STR("\"a\\ufffd\\ufffd\""));
    CHECK_STR(written(value_str(STR("a\xff\xc3")), (JsonStyle){ .unicode = true }),
              STR("\"a\xef\xbf\xbd\xef\xbf\xbd\""));
    CHECK_STR(written(value_str((Str){ 0 }), (JsonStyle){ 0 }), STR("\"\""));
}

TEST(json, writer_checks_its_calls)
{
    Buf b = BUF_INIT(test_arena(), 10000);
    JsonWriter w;
    json_writer_init(&w, &b, (JsonStyle){ 0 });
    json_object(&w);
    json_name(&w, STR("list"));
    json_array(&w);
    json_int(&w, INT64_MIN);
    json_uint(&w, UINT64_MAX);
    json_double(&w, 0.5);
    json_bool(&w, true);
    json_null(&w);
    json_raw(&w, STR("{ }"));
    json_array_end(&w);
    json_name(&w, STR("text"));
    json_str(&w, STR("x"));
    CHECK(json_object_end(&w));
    CHECK(json_writer_end(&w));
    CHECK_STR(buf_view(&b),
              STR("{\"list\": [-9223372036854775808, 18446744073709551615, 0.5, true, null, { }], \"text\": \"x\"}"));
    CHECK(!json_null(&w));

    static const char *const wrong[] = { "",   "{", "[",  "}",   "]",     "{]", "[}",   "{v", "{n}",
                                         "[n", "n", "vv", "{nn", "{nv}v", "[v", "{nvv", "[[]" };
    for (size_t i = 0; i < CLEF_COUNT(wrong); i++) {
        buf_clear(&b);
        json_writer_init(&w, &b, (JsonStyle){ 0 });
        for (const char *p = wrong[i]; *p; p++)
            (void)(*p == '{'   ? json_object(&w)
                   : *p == '}' ? json_object_end(&w)
                   : *p == '[' ? json_array(&w)
                   : *p == ']' ? json_array_end(&w)
                   : *p == 'n' ? json_name(&w, STR("n"))
                               : json_int(&w, 1));
        test_check(!json_writer_end(&w), CLEF_TEST_AT, wrong[i]);
        CHECK(w.error != NULL);
    }
}

TEST(json, writer_refuses)
{
    JsonWriter w;
    Buf b = BUF_INIT(test_arena(), 10);
    json_writer_init(&w, &b, (JsonStyle){ 0 });
    CHECK(!json_double(&w, __builtin_inf()));
    CHECK_STR(str_c(w.error), STR("Out of range float values are not JSON compliant"));
    json_writer_init(&w, &b, (JsonStyle){ 0 });
    CHECK(!json_value(&w, value_bytes(STR("x"))));
    CHECK_STR(str_c(w.type), STR("bytes"));
    json_writer_init(&w, &b, (JsonStyle){ 0 });
    CHECK(!json_str(&w, STR("far too long")));
    CHECK(!json_writer_end(&w));
    CHECK_STR(str_c(w.error), STR("JSON is longer than the limit"));
}

TEST(json, dates_and_kin_as_the_two_encoders)
{
    Arena *a = test_arena();
    const TimeZone *india = timezone_fixed(a, 19800, STR("IST"));
    Uuid u = { { 0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00 } };
    int64_t us = INT64_C(1768472430000000); /* 2026-01-15T10:20:30Z */
    const struct {
        Value v;
        Str django, rest;
    } cases[] = {
        { { .tag = VALUE_DATE, .us = 20468 }, STR("\"2026-01-15\""), STR("\"2026-01-15\"") },
        { { .tag = VALUE_TIME, .us = INT64_C(37230000000) }, STR("\"10:20:30\""), STR("\"10:20:30\"") },
        { { .tag = VALUE_TIME, .us = INT64_C(37230123456) }, STR("\"10:20:30.123\""), STR("\"10:20:30.123456\"") },
        { { .tag = VALUE_DATETIME, .us = us }, STR("\"2026-01-15T10:20:30\""), STR("\"2026-01-15T10:20:30\"") },
        { { .tag = VALUE_DATETIME, .us = us + 123456 },
          STR("\"2026-01-15T10:20:30.123\""),
          STR("\"2026-01-15T10:20:30.123456\"") },
        { { .tag = VALUE_DATETIME, .us = us + 999, .zone = timezone_utc() },
          STR("\"2026-01-15T10:20:30.000Z\""),
          STR("\"2026-01-15T10:20:30.000999Z\"") },
        { { .tag = VALUE_DATETIME, .us = us, .zone = timezone_utc() },
          STR("\"2026-01-15T10:20:30Z\""),
          STR("\"2026-01-15T10:20:30Z\"") },
        { { .tag = VALUE_DATETIME, .us = us + 123456, .zone = india },
          STR("\"2026-01-15T15:50:30.123+05:30\""),
          STR("\"2026-01-15T15:50:30.123456+05:30\"") },
        { { .tag = VALUE_DURATION, .us = INT64_C(93784000005) },
          STR("\"P1DT02H03M04.000005S\""),
          STR("\"93784.000005\"") },
        { { .tag = VALUE_DURATION, .us = -1000000 }, STR("\"-P0DT00H00M01S\""), STR("\"-1.0\"") },
        { value_uuid(&u), STR("\"123e4567-e89b-12d3-a456-426614174000\""),
          STR("\"123e4567-e89b-12d3-a456-426614174000\"") },
        { value_safe((SafeStr){ STR("<b>") }), STR("\"<b>\""), STR("\"<b>\"") },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        CHECK_STR(written(cases[i].v, (JsonStyle){ 0 }), cases[i].django);
        CHECK_STR(written(cases[i].v, (JsonStyle){ .forms = JSON_REST }), cases[i].rest);
    }
}

TEST(json, a_full_buf_is_an_outcome_at_every_byte)
{
    Value v =
        read(STR("{\"a\":[1,2.5,\"x\\ny\",null,12345678901234567890],\"\303\251\":{\"b\":true}}"), (JsonOptions){ 0 });
    for (int style = 0; style < 3; style++) {
        JsonStyle s = { .indent = style == 1 ? 2 : 0, .sort_names = style == 2, .compact = style == 2 };
        Str whole = written(v, s);
        for (size_t max = 0; max <= whole.n; max++) {
            Buf b = BUF_INIT(NULL, max);
            CHECK_EQ(json_write(&b, v, s), max == whole.n);
            buf_finish(&b);
        }
    }
}
