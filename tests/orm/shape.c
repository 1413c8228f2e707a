/* shape.c: querysets that differ in values share the SQL that was written for the first of them, and nothing else. */
#include "orm/shape.h"
#include "blog.h"

static void rows_of_values(Context *cx)
{
    size_t before, found;
    for (int i = 0; i < 4; i++)
        (void)CREATE(cx, Tag, .name = str_format(cx->arena, "tag %d", i));
    (void)queryset_length(FILTER(OBJECTS(cx, Tag), Q(Tag, name, EQ, "none"), Q(Tag, id, GT, 0)));
    size_t kept = shapes_kept(&before);
    for (int i = 0; i < 4; i++) {
        Str name = str_format(cx->arena, "tag %d", i);
        Tag *t = FIRST(FILTER(OBJECTS(cx, Tag), Q(Tag, name, EQ, name), Q(Tag, id, GT, 0)), Tag);
        REQUIRE(t != NULL);
        CHECK_STR(t->name, name);
        CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Tag), Q(Tag, name, IN, VALUES("none", name)))), 1u);
    }
    CHECK_EQ(shapes_kept(&found), kept + 2);
    CHECK_EQ(found, before + 6);
}

TEST(orm_shape, values_have_their_own_rows)
{
    with_blog(rows_of_values);
}

static void others(Context *cx)
{
    static const char *const names[] = { "a", "b", "c" };
    for (size_t i = 0; i < 3; i++)
        (void)CREATE(cx, Tag, .name = str_c(names[i]));
    for (int round = 0; round < 2; round++) {
        QuerySet *all = ORDER_BY(OBJECTS(cx, Tag), "name");
        CHECK_EQ(COUNT(all), 3u);
        CHECK_STR(FIRST(all, Tag)->name, STR("a"));
        CHECK_STR(LAST(all, Tag)->name, STR("c"));
        CHECK_STR(FIRST(ORDER_BY(all, "-name"), Tag)->name, STR("c"));
        CHECK_STR(((Tag *)queryset_at(SLICE(all, 1, 2), &Tag_model, 0))->name, STR("b"));
        CHECK_STR(((Tag *)queryset_at(SLICE(all, 2, 3), &Tag_model, 0))->name, STR("c"));
        CHECK_EQ(queryset_length(FILTER(all, Q(Tag, name, GT, "a"))), 2u);
        CHECK_EQ(queryset_length(FILTER(all, Q(Tag, name, LT, "a"))), 0u);
        CHECK_EQ(queryset_length(EXCLUDE(all, Q(Tag, name, EQ, "a"))), 2u);
        CHECK_EQ(queryset_length(FILTER(all, Q(Tag, name, IN, VALUES("a", "b")))), 2u);
        CHECK_EQ(queryset_length(FILTER(all, Q(Tag, name, IN, VALUES("a")))), 1u);
        CHECK_EQ(queryset_list(VALUES_OF(all, "name"))->n, 3u);
        CHECK(EXISTS(FILTER(all, Q(Tag, name, EQ, "b"))));
        CHECK(!EXISTS(FILTER(all, Q(Tag, name, EQ, "d"))));
    }
}

TEST(orm_shape, what_differs_otherwise_does_not_mix)
{
    with_blog(others);
}

/* One value twice is two values to a queryset that has others in these places. */
static void twice(Context *cx)
{
    Tag *a = CREATE(cx, Tag, .name = STR("1")), *b = CREATE(cx, Tag, .name = STR("2"));
    for (int round = 0; round < 2; round++) {
        CHECK_EQ(queryset_length(FILTER(OBJECTS(cx, Tag), Q(Tag, id, GTE, a->id), Q(Tag, id, LTE, a->id))), 1u);
        CHECK_EQ(queryset_length(FILTER(OBJECTS(cx, Tag), Q(Tag, id, GTE, a->id), Q(Tag, id, LTE, b->id))), 2u);
    }
}

TEST(orm_shape, equal_values_are_not_one)
{
    with_blog(twice);
}

static void limited(Context *cx)
{
    size_t found;
    shapes_limit(3);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(queryset_length(SLICE(OBJECTS(cx, Tag), 0, (size_t)(i % 6 + 1))), 0u);
    CHECK_EQ(shapes_kept(&found), 3u);
    shapes_limit(0);
    CHECK_EQ(queryset_length(SLICE(OBJECTS(cx, Tag), 0, 77)), 0u);
    shapes_limit(SHAPES_DEFAULT);
}

TEST(orm_shape, no_more_are_kept_than_may_be)
{
    with_blog(limited);
}
