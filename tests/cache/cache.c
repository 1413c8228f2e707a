#include "cache/pack.h"
#include <clef/base/decimal.h>
#include <clef/cache.h>
#include <clef/test.h>

#include <stdio.h>

static int64_t now_ns;
static int64_t test_clock(void) { return now_ns; }

static Cache *make(CacheOptions o)
{
    o.clock = test_clock;
    Cache *c = cache_create(test_arena(), &cache_locmem, &o);
    REQUIRE(c != NULL);
    return c;
}

static int64_t number(Cache *c, const char *key)
{
    Value v;
    return cache_get(c, test_arena(), str_c(key), (CacheCall){ 0 }, &v) ? v.i : -1;
}

TEST(cache, what_is_kept_can_be_read_until_its_time_ends)
{
    Cache *c = make((CacheOptions){ .timeout = 10 });
    CHECK(CACHE_SET(c, "a", 1) && CACHE_SET(c, "b", 2, .timeout = 5) && CACHE_SET(c, "c", 3, .timeout = CACHE_FOREVER));
    CHECK(CACHE_SET(c, "d", 4, .timeout = CACHE_AT_ONCE));
    CHECK_EQ(number(c, "a"), 1);
    CHECK_EQ(number(c, "d"), -1);
    now_ns += INT64_C(5000000000);
    CHECK_EQ(number(c, "b"), -1);
    CHECK_EQ(number(c, "a"), 1);
    CHECK(cache_touch(c, STR("a"), (CacheCall){ .timeout = 20 }) && !cache_touch(c, STR("b"), (CacheCall){ 0 }));
    now_ns += INT64_C(15000000000);
    CHECK_EQ(number(c, "a"), 1);
    now_ns += INT64_C(5000000000);
    CHECK(!cache_has(c, STR("a"), (CacheCall){ 0 }));
    CHECK(cache_has(c, STR("c"), (CacheCall){ 0 }));
    CHECK(cache_clear(c) && !cache_has(c, STR("c"), (CacheCall){ 0 }));
}

TEST(cache, add_delete_and_count)
{
    Cache *c = make((CacheOptions){ 0 });
    int64_t n = 0;
    CHECK(cache_add(c, STR("k"), value_int(5), (CacheCall){ 0 }) &&
          !cache_add(c, STR("k"), value_int(6), (CacheCall){ 0 }));
    CHECK(cache_incr(c, STR("k"), 7, (CacheCall){ 0 }, &n));
    CHECK_EQ(n, 12);
    CHECK(cache_incr(c, STR("k"), -20, (CacheCall){ 0 }, &n));
    CHECK_EQ(number(c, "k"), -8);
    CHECK(!cache_incr(c, STR("none"), 1, (CacheCall){ 0 }, &n));
    CHECK(CACHE_SET(c, "text", "x") && !cache_incr(c, STR("text"), 1, (CacheCall){ 0 }, &n));
    CHECK(CACHE_SET(c, "most", INT64_MAX) && !cache_incr(c, STR("most"), 1, (CacheCall){ 0 }, &n));
    CHECK(cache_delete(c, STR("k"), (CacheCall){ 0 }) && !cache_delete(c, STR("k"), (CacheCall){ 0 }));
}

TEST(cache, keys_have_a_prefix_and_a_version)
{
    Cache *c = make((CacheOptions){ .key_prefix = STR("site"), .version = 2 });
    CHECK_STR(cache_make_key(test_arena(), c, STR("k"), 0), STR("site:2:k"));
    CHECK(CACHE_SET(c, "k", 1) && CACHE_SET(c, "k", 9, .version = 7));
    CHECK_EQ(number(c, "k"), 1);
    Value v;
    REQUIRE(cache_get(c, test_arena(), STR("k"), (CacheCall){ .version = 7 }, &v));
    CHECK_EQ(v.i, 9);
    CHECK(cache_incr_version(c, STR("k"), 1, (CacheCall){ 0 }) && number(c, "k") == -1);
    CHECK(cache_get(c, test_arena(), STR("k"), (CacheCall){ .version = 3 }, &v) && v.i == 1);
    CHECK(!cache_incr_version(c, STR("k"), 1, (CacheCall){ 0 }));
    char *name = arena_zalloc(test_arena(), CACHE_KEY_MAX);
    memset(name, 'x', CACHE_KEY_MAX);
    size_t most = CACHE_KEY_MAX - 1 - strlen("site:2:");
    CHECK(cache_set(c, (Str){ name, most }, value_int(1), (CacheCall){ 0 }));
    CHECK_STR(cache_error(c), STR(""));
    CHECK(!cache_set(c, (Str){ name, most + 1 }, value_int(1), (CacheCall){ 0 }));
    CHECK_STR(cache_error(c), STR("The key is longer than 1023 bytes"));
}

static int made;
static Value make_seven(Arena *a, void *arg)
{
    (void)a;
    (void)arg;
    made++;
    return value_int(7);
}

TEST(cache, get_or_set_and_many_at_once)
{
    Cache *c = make((CacheOptions){ 0 });
    for (int i = 0; i < 2; i++)
        CHECK_EQ(cache_get_or_set(c, test_arena(), STR("x"), make_seven, NULL, (CacheCall){ 0 }).i, 7);
    CHECK_EQ(made, 1);
    Map *all = map_new(test_arena());
    map_set(all, STR("a"), value_int(1));
    map_set(all, STR("b"), value_c("two"));
    CHECK_EQ(cache_set_many(c, all, (CacheCall){ 0 }), 0u);
    static const Str keys[] = { STR("a"), STR("nope"), STR("b") };
    const Map *got = cache_get_many(c, test_arena(), keys, 3, (CacheCall){ 0 });
    CHECK_EQ(map_count(got), 2u);
    CHECK_STR(map_get_or(got, STR("b"), value_null()).s, STR("two"));
    cache_delete_many(c, keys, 3, (CacheCall){ 0 });
    CHECK_EQ(map_count(cache_get_many(c, test_arena(), keys, 3, (CacheCall){ 0 })), 0u);
}

TEST(cache, the_least_recently_used_go_when_it_is_full)
{
    Cache *c = make((CacheOptions){ .max_entries = 9 });
    char key[16];
    for (int i = 0; i < 9; i++) {
        snprintf(key, sizeof key, "k%d", i);
        CHECK(CACHE_SET(c, key, i));
    }
    CHECK_EQ(number(c, "k0"), 0); /* used */
    CHECK(CACHE_SET(c, "new", 1));
    CHECK(number(c, "k0") == 0 && number(c, "k1") == -1 && number(c, "k3") == -1 && number(c, "k4") == 4);
    c = make((CacheOptions){ .max_entries = 4, .cull_frequency = CACHE_CULL_ALL });
    for (int i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "k%d", i);
        CHECK(CACHE_SET(c, key, i));
    }
    CHECK(number(c, "k3") == -1 && number(c, "k4") == 4);
}

TEST(cache, memory_has_a_limit)
{
    Cache *c = make((CacheOptions){ .max_entries = 100000, .max_bytes = 100000 });
    char key[16];
    Str text = { arena_zalloc(test_arena(), 60000), 1000 };
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        CHECK(CACHE_SET(c, key, text));
    }
    int left = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        left += cache_has(c, str_c(key), (CacheCall){ 0 });
    }
    CHECK(left > 30 && left < 100);
    text.n = 60000;
    CHECK(CACHE_SET(c, "k999", 1) && !CACHE_SET(c, "k999", text));
    CHECK_EQ(number(c, "k999"), -1); /* the old value is gone too */
}

TEST(cache, values_of_all_types_come_back)
{
    Arena *a = test_arena();
    Decimal d, big;
    REQUIRE(decimal_parse(a, STR("-1.2300"), &d) == DECIMAL_OK &&
            decimal_parse(a, STR("123456789012345678901234567890"), &big) == DECIMAL_OK);
    List *list = list_new(a);
    Map *map = map_new(a);
    const Value rows[] = { value_null(),
                           value_bool(true),
                           value_int(INT64_MIN),
                           value_double(1.5),
                           value_decimal(&d),
                           value_bigint(&big),
                           value_c(""),
                           value_c("5"),
                           value_safe((SafeStr){ STR("<b>") }),
                           value_bytes(STR("\0\xff")),
                           value_date((Date){ 20000 }),
                           value_time((Time){ 5, 0 }),
                           value_naive((NaiveDateTime){ 5 }),
                           value_datetime((DateTime){ 5 }, NULL),
                           value_duration((Duration){ -5 }),
                           value_uuid(&(Uuid){ { 1, 2 } }),
                           value_list(list),
                           value_map(map) };
    for (size_t i = 0; i + 2 < CLEF_COUNT(rows); i++)
        list_push(a, list, rows[i]);
    map_set(map, STR("list"), value_list(list));
    Cache *c = make((CacheOptions){ 0 });
    EACH_ROW (row, rows) {
        Value v = value_int(99);
        CHECK(cache_set(c, STR("k"), *row, (CacheCall){ 0 }));
        CHECK(cache_get(c, a, STR("k"), (CacheCall){ 0 }, &v));
        CHECK_EQ(v.tag, row->tag);
        CHECK(value_eq(v, *row));
    }
    static const ValueClass cls = { .name = "Thing" };
    CHECK(!cache_set(c, STR("k"), value_object(c, &cls), (CacheCall){ 0 }));
    CHECK(!cache_has(c, STR("k"), (CacheCall){ 0 }));
}

TEST(cache, packed_values_have_limits_and_are_not_trusted)
{
    Arena *a = test_arena();
    Value v = value_int(1), out;
    for (int depth = 1; depth <= CACHE_DEPTH + 1; depth++) {
        List *l = list_new(a);
        list_push(a, l, v);
        v = value_list(l);
        Buf b = BUF_INIT(a, 10000);
        CHECK_EQ(cache_pack(&b, v), depth <= CACHE_DEPTH);
        if (depth <= CACHE_DEPTH)
            CHECK(cache_unpack(a, buf_view(&b), &out));
    }
    Buf b = BUF_INIT(NULL, CACHE_VALUE_MAX);
    Str text = { arena_zalloc(a, CACHE_VALUE_MAX), CACHE_VALUE_MAX - 5 };
    CHECK(cache_pack(&b, value_str(text)));
    buf_clear(&b);
    text.n++;
    CHECK(!cache_pack(&b, value_str(text)));
    buf_finish(&b);
    static const Str bad[] = { STR(""),
                               STR("x"),
                               STR("12x"),
                               STR("s"),
                               STR("s\5\0\0\0abc"),
                               STR("nn"),
                               STR("l\1\0\0\0"),
                               STR("m\1\0\0\0n"),
                               STR("u123"),
                               STR("D\1\0\0\0x"),
                               STR("l\377\377\377\377"),
                               STR("y\0\0\0\0\0\0\0\177"),
                               STR("99999999999999999999") };
    EACH_ROW (row, bad)
        CHECK(!cache_unpack(a, *row, &out));
}

TEST(cache, the_dummy_keeps_nothing_and_caches_have_names)
{
    Cache *c = cache_create(test_arena(), &cache_dummy, &(CacheOptions){ 0 });
    Value v;
    CHECK(CACHE_SET(c, "a", 1) && !cache_get(c, test_arena(), STR("a"), (CacheCall){ 0 }, &v));
    CHECK(cache_add(c, STR("a"), value_int(1), (CacheCall){ 0 }) && !cache_delete(c, STR("a"), (CacheCall){ 0 }));
    Caches *all = caches_create(test_arena());
    caches_add(all, STR("default"), c);
    CHECK(caches_find(all, STR("default")) == c && !caches_find(all, STR("other")));
}
