#include <clef/codec/query.h>
#include <clef/test.h>

static QueryDict *parse(const char *text)
{
    QueryDict *q = query_parse(test_arena(), str_c(text), NULL);
    REQUIRE(q != NULL);
    return q;
}
/* The dictionary as it would be sent again. */
static Str sent(const QueryDict *q) { return query_urlencode(test_arena(), q, STR("")); }

TEST(query, several_values_in_order)
{
    QueryDict *q = parse("a=1&b=x&a=2&c");
    CHECK_STR(query_get(q, STR("a")), STR("2"));
    CHECK_EQ(query_count(q, STR("a")), 2u);
    size_t n;
    const Str *list = query_list(q, test_arena(), STR("a"), &n);
    REQUIRE(n == 2);
    CHECK_STR(list[0], STR("1"));
    CHECK_STR(list[1], STR("2"));
    CHECK_STR(query_get(q, STR("c")), STR(""));
    CHECK(!str_is_null(query_get(q, STR("c"))));
    CHECK(str_is_null(query_get(q, STR("d"))));
    CHECK_STR(query_get_or(q, STR("d"), STR("default")), STR("default"));
    query_list(q, test_arena(), STR("d"), &n);
    CHECK_EQ(n, 0u);
    CHECK_EQ(query_names(q), 3u);
    CHECK_STR(sent(q), STR("a=1&a=2&b=x&c="));
}

TEST(query, escapes_plus_and_empty_pieces)
{
    CHECK_STR(sent(parse("a+b=c%20d&&e=%zz%4&=v&%")), STR("a+b=c+d&e=%25zz%254&=v&%25="));
    QueryDict *q = parse("x=%E2%99%A5&y=%ff&z=a%3Db=c");
    CHECK_STR(query_get(q, STR("x")), STR("\xe2\x99\xa5"));
    CHECK_STR(query_get(q, STR("y")), STR("\xef\xbf\xbd"));
    CHECK_STR(query_get(q, STR("z")), STR("a=b=c"));
    CHECK_EQ(query_names(parse("")), 0u);
    CHECK_EQ(query_names(parse("&&&")), 0u);
}

TEST(query, raw_bytes_that_are_not_utf8_are_latin1)
{
    CHECK_STR(query_get(parse("k=\xe9%C3%A9"), STR("k")), STR("\xc3\xa9\xc3\xa9"));
    CHECK_STR(query_get(parse("k=\xc3\xa9"), STR("k")), STR("\xc3\xa9"));
}

TEST(query, other_encodings)
{
    QueryDict *q = query_parse(test_arena(), STR("a=%E9+\xe8&b=x"), &(QueryOptions){ .charset = CHARSET_LATIN1 });
    CHECK_STR(query_get(q, STR("a")), STR("\xc3\xa9 \xc3\xa8"));
}

TEST(query, plain_values_are_views)
{
    Str text = STR("name=value&x=1%31");
    QueryDict *q = query_parse(test_arena(), text, NULL);
    CHECK_PTR(query_get(q, STR("name")).p, text.p + 5);
    CHECK_STR(query_get(q, STR("x")), STR("11"));
}

TEST(query, the_number_of_fields_is_limited)
{
    QueryOptions three = { .max_fields = 3 };
    CHECK(query_parse(test_arena(), STR("a&b&c"), &three) != NULL);
    CHECK(query_parse(test_arena(), STR("a&b&c&"), &three) == NULL);
    char text[2 * QUERY_MAX_FIELDS + 1];
    memset(text, '&', sizeof text);
    CHECK(query_parse(test_arena(), str_from(text, QUERY_MAX_FIELDS - 1), NULL) != NULL);
    CHECK(query_parse(test_arena(), str_from(text, QUERY_MAX_FIELDS), NULL) == NULL);
    QueryOptions none = { .max_fields = QUERY_NO_LIMIT };
    CHECK(query_parse(test_arena(), str_from(text, sizeof text), &none) != NULL);
}

TEST(query, blank_values_can_be_dropped)
{
    QueryDict *q = query_parse(test_arena(), STR("a=&b=1&c"), &(QueryOptions){ .drop_blank = true });
    CHECK_STR(sent(q), STR("b=1"));
}

TEST(query, changes)
{
    QueryDict *q = query_copy(test_arena(), parse("a=1&b=2&a=3"));
    query_set(q, STR("a"), STR("x"));
    CHECK_STR(sent(q), STR("a=x&b=2"));
    query_append(q, STR("a"), STR("y"));
    const Str list[] = { STR("p"), STR("q") };
    query_set_list(q, STR("c"), list, 2);
    CHECK_STR(sent(q), STR("a=x&a=y&b=2&c=p&c=q"));
    CHECK_STR(query_set_default(q, STR("b"), STR("9")), STR("2"));
    CHECK_STR(query_set_default(q, STR("d"), STR("9")), STR("9"));
    size_t n;
    const Str *popped = query_pop(q, test_arena(), STR("a"), &n);
    REQUIRE(n == 2);
    CHECK_STR(popped[1], STR("y"));
    CHECK(query_pop(q, test_arena(), STR("a"), &n) == NULL);
    CHECK(query_delete(q, STR("b")));
    CHECK(!query_delete(q, STR("b")));
    query_set(q, STR("a"), STR("back"));
    CHECK_STR(sent(q), STR("c=p&c=q&d=9&a=back"));
    query_set_list(q, STR("d"), NULL, 0);
    CHECK(query_has(q, STR("d")));
    CHECK(str_is_null(query_get(q, STR("d"))));
    query_clear(q);
    CHECK_EQ(query_names(q), 0u);
    CHECK(!query_has(q, STR("c")));
}

TEST(query, urlencode_with_safe_bytes)
{
    QueryDict *q = query_create(test_arena());
    query_set(q, STR("next"), STR("/a&b c/"));
    CHECK_STR(query_urlencode(test_arena(), q, STR("")), STR("next=%2Fa%26b+c%2F"));
    CHECK_STR(query_urlencode(test_arena(), q, STR("/")), STR("next=/a%26b%20c/"));
}

TEST(query, many_names_are_found_by_hash)
{
    QueryDict *q = query_create(test_arena());
    for (int i = 0; i < 5000; i++)
        query_append(q, str_format(test_arena(), "name%d", i), str_format(test_arena(), "%d", i));
    CHECK_EQ(query_names(q), 5000u);
    CHECK_STR(query_get(q, STR("name0")), STR("0"));
    CHECK_STR(query_get(q, STR("name4999")), STR("4999"));
    CHECK(!query_has(q, STR("name5000")));
    for (int i = 0; i < 5000; i += 2)
        CHECK(query_delete(q, str_format(test_arena(), "name%d", i)));
    CHECK(!query_has(q, STR("name0")));
    query_set(q, STR("name0"), STR("again"));
    CHECK_STR(query_get(q, STR("name0")), STR("again"));
    CHECK_STR(query_get(q, STR("name4999")), STR("4999"));
    CHECK_EQ(query_names(q), 2501u);
}
