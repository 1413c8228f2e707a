#include <clef/base.h>
#include <clef/test.h>
#include <stdio.h>

static Str name(int i) { return str_format(test_arena(), "name-%d", i); }

TEST(map, keeps_the_order_of_insertion_and_replaces_in_place)
{
    for (int size = 1; size <= 2000; size = size * 3 / 2 + 1) {
        Map *m = map_new(test_arena());
        for (int i = 0; i < size; i++)
            CHECK(map_set(m, name(i), value_int(i)));
        for (int i = 0; i < size; i += 2)
            CHECK(map_set(m, name(i), value_int(-i)));
        CHECK_EQ(map_count(m), (unsigned)size);
        MapEntry *e;
        int i = 0;
        for (size_t at = 0; (e = map_next(m, &at)) != NULL; i++) {
            CHECK_STR(e->key, name(i));
            CHECK_EQ(e->value.i, i % 2 ? i : -i);
        }
        CHECK_EQ(i, size);
        CHECK(!map_get(m, STR("name")));
        CHECK_EQ(map_at(m, (uint32_t)size - 1)->value.i, map_get(m, name(size - 1))->i);
        CHECK(!map_at(m, (uint32_t)size));
    }
}

TEST(map, agrees_with_a_plain_array_under_random_changes)
{
    enum { NAMES = 60 };
    for (unsigned round = 0; round < 30; round++) {
        Map *m = map_new(test_arena());
        int order[NAMES * 200], values[NAMES], n = 0;
        bool there[NAMES] = { 0 };
        unsigned names = round % 2 ? NAMES : 7;
        unsigned state = round + 1;
        for (int step = 0; step < 2000; step++) {
            state = state * 1103515245 + 12345;
            unsigned i = (state >> 16) % names;
            if (state >> 30 == 0) {
                CHECK_EQ(map_delete(m, name((int)i)), there[i]);
                if (there[i])
                    for (int k = 0; k < n; k++)
                        if (order[k] == (int)i) {
                            memmove(order + k, order + k + 1, (size_t)(n - k - 1) * sizeof order[0]);
                            n--;
                            break;
                        }
                there[i] = false;
            } else {
                map_set(m, name((int)i), value_int(step));
                values[i] = step;
                if (!there[i])
                    order[n++] = (int)i;
                there[i] = true;
            }
            REQUIRE(map_count(m) == (uint32_t)n);
        }
        size_t at = 0;
        for (int k = 0; k < n; k++) {
            MapEntry *e = map_next(m, &at);
            REQUIRE(e != NULL);
            CHECK_STR(e->key, name(order[k]));
            CHECK_EQ(e->value.i, values[order[k]]);
            CHECK_PTR(map_at(m, (uint32_t)k), e);
            CHECK_PTR(map_get(m, name(order[k])), &e->value);
        }
        CHECK(!map_next(m, &at));
        map_clear(m);
        CHECK_EQ(map_count(m), 0u);
        CHECK(!map_has(m, name(0)));
        map_set(m, name(0), value_int(1));
        CHECK_EQ(map_get(m, name(0))->i, 1);
    }
}

TEST(map, add_and_delete_in_turn_needs_no_more_memory)
{
    Arena *a = arena_create(test_arena(), 0, 0);
    Map *m = map_new(a);
    for (int i = 0; i < 40; i++)
        map_set(m, name(i), value_null());
    size_t used = 0;
    for (int i = 0; i < 5000; i++) {
        Str key = name(100 + i);
        map_set(m, key, value_int(i));
        CHECK(map_delete(m, key));
        if (i == 200)
            used = arena_used(a);
    }
    CHECK_EQ(arena_used(a), used);
    CHECK_EQ(map_count(m), 40u);
}

TEST(map, a_maximum_holds)
{
    Map *m = map_create(test_arena(), 10);
    for (int i = 0; i < 10; i++)
        CHECK(map_set(m, name(i), value_int(i)));
    CHECK(!map_set(m, name(10), value_int(10)));
    CHECK_EQ(map_count(m), 10u);
    CHECK(map_set(m, name(9), value_int(99)));
    CHECK(map_delete(m, name(0)));
    CHECK(map_set(m, name(10), value_int(10)));
    CHECK_EQ(map_create(test_arena(), UINT32_MAX)->max, MAP_MAX);
}

TEST(map, the_null_name_is_the_empty_one)
{
    Map *m = map_new(test_arena());
    map_set(m, (Str){ 0 }, value_int(1));
    CHECK_EQ(map_get(m, STR(""))->i, 1);
    map_set(m, STR(""), value_int(2));
    CHECK_EQ(map_count(m), 1u);
    CHECK_EQ(map_get(m, (Str){ 0 })->i, 2);
    CHECK(map_has(m, STR("")));
    CHECK(!map_has(m, STR("\0")));
}
