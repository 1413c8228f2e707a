#include "blog.h"
#include <clef/codec/json.h>

/* The text of a value, for comparing. */
static Str shown(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, 1 << 14);
    json_write(&b, v, (JsonStyle){ .decimals = true });
    return buf_view(&b);
}
#define SHOWN(q) shown(cx, value_list(queryset_list(q)))

static Str names(Context *cx, QuerySet *q)
{
    return shown(cx, value_list(queryset_list(VALUES_FLAT(ORDER_BY(q, "pk"), "name"))));
}

/* Ada wrote First (news, sport) and Second (news), Bob Third (sport), Eve fourth and Fifth (without tags). */
static void fill(Context *cx)
{
    fill_blog(cx);
    Tag *news = CREATE(cx, Tag, .name = STR("news")), *sport = CREATE(cx, Tag, .name = STR("sport"));
    (void)CREATE(cx, Tag, .name = STR("unused"));
    CHECK_EQ(RELATED_ADD(cx, GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first")), "tags", news, sport), 2u);
    CHECK_EQ(RELATED_ADD(cx, GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "second")), "tags", news), 1u);
    CHECK_EQ(RELATED_ADD(cx, GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "third")), "tags", sport->id), 1u);
}

static void walks_back(Context *cx)
{
    fill(cx);
    QuerySet *authors = OBJECTS(cx, Author);
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("posts__views__gte", 40))), STR("[\"Eve\", \"Eve\"]"));
    CHECK_STR(names(cx, DISTINCT(FILTER(authors, LOOKUP("posts__views__gte", 40)))), STR("[\"Eve\"]"));
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("posts__tags__name", "sport"))), STR("[\"Ada\", \"Bob\"]"));
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("author__name", "Bob"))), STR("[\"Ada\"]"));
    CHECK_STR(names(cx, FILTER(OBJECTS(cx, Tag), LOOKUP("posts__isnull", true))), STR("[\"unused\"]"));
    CHECK_STR(names(cx, FILTER(OBJECTS(cx, Tag), LOOKUP("posts__author__name", "Bob"))), STR("[\"sport\"]"));
    Post *first = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"));
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("posts", first))), STR("[\"Ada\"]"));
    CHECK_STR(names(cx, FILTER(OBJECTS(cx, Tag), LOOKUP("posts", first->id))), STR("[\"news\", \"sport\"]"));
    /* Conditions of one call are about one row, those of two need not be. */
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("posts__views", 10), LOOKUP("posts__title", "Second"))), STR("[]"));
    CHECK_STR(names(cx, FILTER(FILTER(authors, LOOKUP("posts__views", 10)), LOOKUP("posts__title", "Second"))),
              STR("[\"Ada\"]"));
    CHECK_STR_CONTAINS(
        queryset_sql(FILTER(OBJECTS(cx, Post), LOOKUP("tags", 1))),
        STR("LEFT OUTER JOIN \"blog_post_tags\" ON (\"blog_post\".\"id\" = \"blog_post_tags\".\"post_id\") WHERE "
            "\"blog_post_tags\".\"tag_id\" = ?"));
}
TEST(expressions, paths_go_against_relations_and_over_tables_between)
{
    with_blog(walks_back);
}

static void excludes(Context *cx)
{
    fill(cx);
    QuerySet *posts = OBJECTS(cx, Post);
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(EXCLUDE(posts, LOOKUP("tags__name", "news")), "pk"), "slug")),
              STR("[\"third\", \"fourth\", \"fifth\"]"));
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(FILTER(posts, Q_NOT(LOOKUP("tags__name", "sport"))), "pk"), "slug")),
              STR("[\"second\", \"fourth\", \"fifth\"]"));
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(EXCLUDE(posts, LOOKUP("tags__isnull", true)), "pk"), "slug")),
              STR("[\"first\", \"second\", \"third\"]"));
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(EXCLUDE(posts, LOOKUP("tags__isnull", false)), "pk"), "slug")),
              STR("[\"fourth\", \"fifth\"]"));
    CHECK_STR(names(cx, EXCLUDE(OBJECTS(cx, Author), LOOKUP("posts__views__lt", 30))), STR("[\"Bob\", \"Eve\"]"));
    CHECK_STR(names(cx, EXCLUDE(OBJECTS(cx, Author), LOOKUP("mentor__posts__tags__name", "news"))),
              STR("[\"Ada\", \"Eve\"]"));
    CHECK_STR(names(cx, EXCLUDE(OBJECTS(cx, Author), LOOKUP("posts__title", F("name")))),
              STR("[\"Ada\", \"Bob\", \"Eve\"]"));
}
TEST(expressions, excludes_over_many_rows_ask_whether_there_is_one)
{
    with_blog(excludes);
}

static void computes(Context *cx)
{
    fill(cx);
    QuerySet *posts = ORDER_BY(OBJECTS(cx, Post), "pk");
    CHECK_STR(SHOWN(VALUES_FLAT(FILTER(posts, Q(Post, views, GT, MUL(F("id"), 10))), "slug")), STR("[]"));
    CHECK_STR(SHOWN(VALUES_FLAT(FILTER(posts, Q(Post, title, IEXACT, F("slug"))), "pk")), STR("[1, 2, 3, 4, 5]"));
    CHECK_STR(SHOWN(VALUES_FLAT(FILTER(posts, Q(Post, title, CONTAINS, F("note"))), "pk")), STR("[]"));
    QuerySet *more =
        ANNOTATE(posts, AS("twice", ADD(F("views"), F("views"))), AS("loud", Upper("title")),
                 AS("by", Concat("author__name", VAL(": "), "title")), AS("stars", Coalesce("rating", VAL(0))),
                 AS("size", Case(CASES(When(Q(Post, views, GT, 30), "big"), When(Q(Post, views, GT, 10), "middle")),
                                 .otherwise = DEFAULT("small"))));
    CHECK_STR(SHOWN(SLICE(VALUES_LIST(more, "twice", "loud", "by", "stars", "size"), 0, 2)),
              STR("[[20, \"FIRST\", \"Ada: First\", 5, \"small\"], [40, \"SECOND\", \"Ada: Second\", 0, \"middle\"]]"));
    CHECK_STR(SHOWN(VALUES_FLAT(FILTER(more, LOOKUP("twice__gte", 80)), "size")), STR("[\"big\", \"big\"]"));
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(more, "-twice"), "pk")), STR("[5, 4, 3, 2, 1]"));
    Value v;
    Post *last = LAST(more, Post);
    CHECK(row_annotation(last, "loud", &v) && str_eq(v.s, STR("FIFTH")));
    CHECK_STR(last->title, STR("Fifth"));
    CHECK(!row_annotation(last, "nothing", &v));
}
TEST(expressions, computes_in_the_database)
{
    with_blog(computes);
}

/*
 * What is computed of decimals has the digits that the database gives it: SQLite none behind the last, servers the
 * column's.
 */
static void decimals(Context *cx)
{
    fill(cx);
    bool sqlite = str_eq(str_c(test_vendor()), STR("sqlite"));
    QuerySet *posts = ORDER_BY(OBJECTS(cx, Post), "pk");
    CHECK_STR(SHOWN(VALUES_LIST(ANNOTATE(posts, AS("p", MUL(F("price"), 2))), "p")),
              sqlite ? STR("[[0], [0], [0], [0], [25]]") : STR("[[0.00], [0.00], [0.00], [0.00], [25.00]]"));
    CHECK_STR(shown(cx, value_map(AGGREGATE(posts, AS("price", Sum("price"))))),
              sqlite ? STR("{\"price\": 12.5}") : STR("{\"price\": 12.50}"));
}
TEST(expressions, computes_decimals)
{
    with_blog(decimals);
}

static void transforms(Context *cx)
{
    fill(cx);
    Date day;
    DateTime instant;
    REQUIRE(date_make(2024, 2, 29, &day) && datetime_parse_rfc3339(STR("2025-12-31T23:30:00Z"), &instant));
    UPDATE(OBJECTS(cx, Post), Q(Post, slug, EQ, "first"), SET("day", day), SET("created", instant));
    QuerySet *posts = OBJECTS(cx, Post);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("day__year", 2024))), 1u);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("day__month__in", VALUES(1, 2)))), 1u);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("day__quarter__gt", 1))), 0u);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("created__year__lte", 2025))), 1u);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("created__date__year", 2025))), 1u);
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("created__hour", 23), LOOKUP("created__minute__range", VALUES(30, 31)))), 1u);
    CHECK_STR(SHOWN(VALUES_LIST(FILTER(posts, LOOKUP("slug", "first")), "day__day", "created__week_day")),
              STR("[[29, 4]]"));
    CHECK_EQ(COUNT(FILTER(posts, LOOKUP("title__regex", "^F[io]"))), 2u);
    CHECK_EQ(COUNT(FILTER(posts, Q(Post, title, IREGEX, "^f[io]"))), 3u);
    CHECK_STR(SHOWN(ORDER_BY(VALUES_LIST(FILTER(posts, LOOKUP("day__isnull", false)), "slug"), "day__year")),
              STR("[[\"first\"]]"));
}
TEST(expressions, parts_of_dates_and_patterns)
{
    with_blog(transforms);
}

static void sums(Context *cx)
{
    fill(cx);
    QuerySet *authors = ANNOTATE(ORDER_BY(OBJECTS(cx, Author), "name"), AS("n", Count("posts")),
                                 AS("views", Sum("posts__views")), AS("top", Max("posts__views")));
    CHECK_STR(SHOWN(VALUES_LIST(authors, "name", "n", "views", "top")),
              STR("[[\"Ada\", 2, 30, 20], [\"Bob\", 1, 30, 30], [\"Eve\", 2, 90, 50]]"));
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("n__gte", 2))), STR("[\"Ada\", \"Eve\"]"));
    CHECK_STR(names(cx, FILTER(authors, LOOKUP("n", 2), LOOKUP("name", "Eve"))), STR("[\"Eve\"]"));
    CHECK_EQ(COUNT(FILTER(authors, LOOKUP("n", 2))), 2u);
    CHECK_EQ(COUNT(authors), 3u);
    CHECK_STR(SHOWN(VALUES_FLAT(ORDER_BY(authors, "-views", "name"), "name")), STR("[\"Eve\", \"Ada\", \"Bob\"]"));
    CHECK_STR(SHOWN(ORDER_BY(
                  ANNOTATE(VALUES_OF(OBJECTS(cx, Post), "published"), AS("n", Count("pk")), AS("avg", Avg("views"))),
                  "published")),
              STR("[{\"published\": false, \"n\": 1, \"avg\": 30.0}, {\"published\": true, \"n\": 4, \"avg\": 30.0}]"));
    CHECK_STR(
        SHOWN(VALUES_LIST(ORDER_BY(ANNOTATE(OBJECTS(cx, Post), AS("n", Count("tags", .distinct = true)),
                                            AS("s", Count("tags", .where = WHERE(LOOKUP("tags__name", "sport"))))),
                                   "pk"),
                          "n", "s")),
        STR("[[2, 1], [1, 0], [1, 1], [0, 0], [0, 0]]"));
    Map *all = AGGREGATE(OBJECTS(cx, Post), AS("n", Count("*")), AS("views", Sum("views")), AS("least", Min("views")));
    CHECK_STR(shown(cx, value_map(all)), STR("{\"n\": 5, \"views\": 150, \"least\": 10}"));
    all = AGGREGATE(SLICE(ORDER_BY(OBJECTS(cx, Post), "-views"), 0, 2), AS("views", Sum("views")));
    CHECK_STR(shown(cx, value_map(all)), STR("{\"views\": 90}"));
    all = AGGREGATE(authors, AS("most", Max("n")), AS("of", Count("pk")));
    CHECK_STR(shown(cx, value_map(all)), STR("{\"most\": 2, \"of\": 3}"));
    all = AGGREGATE(queryset_none(OBJECTS(cx, Post)), AS("n", Count("pk")), AS("v", Sum("views")),
                    AS("d", Sum("views", .otherwise = DEFAULT(7))));
    CHECK_STR(shown(cx, value_map(all)), STR("{\"n\": 0, \"v\": null, \"d\": 7}"));
}
TEST(expressions, aggregates_sum_up_groups_and_wholes)
{
    with_blog(sums);
}

static void asks_within(Context *cx)
{
    fill(cx);
    QuerySet *of_author = FILTER(OBJECTS(cx, Post), Q(Post, author_id, EQ, OuterRef("pk")));
    QuerySet *newest = VALUES_OF(SLICE(ORDER_BY(of_author, "-views"), 0, 1), "title");
    CHECK_STR(
        SHOWN(VALUES_LIST(ANNOTATE(ORDER_BY(OBJECTS(cx, Author), "pk"), AS("best", Subquery(newest))), "name", "best")),
        STR("[[\"Ada\", \"Second\"], [\"Bob\", \"Third\"], [\"Eve\", \"Fifth\"]]"));
    QuerySet *unpublished = FILTER(of_author, Q(Post, published, EQ, false));
    CHECK_STR(names(cx, FILTER(ANNOTATE(OBJECTS(cx, Author), AS("has", Exists(unpublished))), LOOKUP("has", true))),
              STR("[\"Bob\"]"));
    QuerySet *by_bob = VALUES_OF(FILTER(OBJECTS(cx, Post), LOOKUP("author__name", "Bob")), "author_id");
    CHECK_STR(names(cx, FILTER(OBJECTS(cx, Author), LOOKUP("pk__in", by_bob))), STR("[\"Bob\"]"));
}
TEST(expressions, subqueries_know_the_row_around_them)
{
    with_blog(asks_within);
}

static void updates(Context *cx)
{
    fill(cx);
    CHECK_EQ(UPDATE(OBJECTS(cx, Post), Q(Post, slug, EQ, "first"), SET("views", ADD(F("views"), 5))), 1u);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"))->views, 15);
    CHECK_EQ(UPDATE_ALL(FILTER(OBJECTS(cx, Post), LOOKUP("author__name", "Eve")), SET("title", Upper("title")),
                        SET("rating", value_null()), SET("published", false)),
             2u);
    CHECK_STR(
        SHOWN(VALUES_LIST(FILTER(ORDER_BY(OBJECTS(cx, Post), "pk"), Q(Post, published, EQ, false)), "title", "rating")),
        STR("[[\"Third\", null], [\"FOURTH\", null], [\"FIFTH\", null]]"));
    CHECK_EQ(
        UPDATE_ALL(FILTER(ANNOTATE(OBJECTS(cx, Post), AS("n", Count("tags"))), LOOKUP("n", 2)), SET("note", "two")),
        1u);
    CHECK_EQ(UPDATE(OBJECTS(cx, Post), Q(Post, id, IN, VALUES()), SET("views", 1)), 0u);
    Author *bob = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Bob"));
    CHECK_EQ(UPDATE(OBJECTS(cx, Post), Q(Post, slug, EQ, "first"), SET("author", bob)), 1u);
    CHECK_EQ(COUNT(RELATED_SET(cx, bob, "posts")), 2u);
}
TEST(expressions, update_changes_rows_in_one_statement)
{
    with_blog(updates);
}

static void links(Context *cx)
{
    fill(cx);
    Post *first = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"));
    Tag *news = GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, name, EQ, "news"));
    Tag *unused = GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, name, EQ, "unused"));
    CHECK_STR(names(cx, RELATED_SET(cx, first, "tags")), STR("[\"news\", \"sport\"]"));
    CHECK_EQ(RELATED_ADD(cx, first, "tags", news, unused), 1u); /* one was there */
    CHECK_EQ(RELATED_REMOVE(cx, first, "tags", news), 1u);
    CHECK_STR(names(cx, RELATED_SET(cx, first, "tags")), STR("[\"sport\", \"unused\"]"));
    RELATED_REPLACE(cx, first, "tags", news, unused);
    CHECK_STR(names(cx, RELATED_SET(cx, first, "tags")), STR("[\"news\", \"unused\"]"));
    CHECK_EQ(COUNT(RELATED_SET(cx, news, "posts")), 2u);
    CHECK_EQ(RELATED_CLEAR(cx, news, "posts"), 2u);
    CHECK_EQ(COUNT(RELATED_SET(cx, news, "posts")), 0u);
    CHECK_STR(names(cx, FILTER(RELATED_SET(cx, first, "tags"), Q(Tag, name, STARTSWITH, "u"))), STR("[\"unused\"]"));
}
TEST(expressions, links_of_many_to_many_relations)
{
    with_blog(links);
}

/* The same statement for each: a database must not go by what the parameter was before. */
static void constants(Context *cx)
{
    Value v;
    fill_blog(cx);
    Post *post = FIRST(ANNOTATE(OBJECTS(cx, Post), AS("v", VAL(7))), Post);
    CHECK(row_annotation(post, "v", &v) && v.tag == VALUE_INT && v.i == 7);
    post = FIRST(ANNOTATE(OBJECTS(cx, Post), AS("v", VAL(1.5))), Post);
    CHECK(row_annotation(post, "v", &v) && v.tag == VALUE_DOUBLE && v.d > 1.4 && v.d < 1.6);
    post = FIRST(ANNOTATE(OBJECTS(cx, Post), AS("v", VAL(true))), Post);
    CHECK(row_annotation(post, "v", &v) && v.tag == VALUE_BOOL && v.b);
}
TEST(expressions, constants_come_back_as_they_went)
{
    with_blog(constants);
}

/* Columns in a condition on groups, with a value among them. */
static void groups(Context *cx)
{
    fill(cx);
    QuerySet *counted = ANNOTATE(OBJECTS(cx, Post), AS("n", Count("tags")));
    CHECK_EQ(COUNT(FILTER(counted, LOOKUP("n__gt", SUB(F("author__id"), 1000)))), COUNT(OBJECTS(cx, Post)));
    CHECK_EQ(COUNT(FILTER(counted, LOOKUP("n__gt", ADD(F("author__id"), 1000)))), 0u);
    QuerySet *both = queryset_combine(SLICE(OBJECTS(cx, Tag), 0, 1), SLICE(OBJECTS(cx, Tag), 0, 1), CONNECT_OR);
    CHECK_EQ(COUNT(both), 1u);
}
TEST(expressions, conditions_on_groups_name_columns_and_values)
{
    with_blog(groups);
}

static void changed_links(Context *cx)
{
    fill(cx);
    Post *post =
        FIRST(FILTER(PREFETCH_RELATED(OBJECTS(cx, Post), { .path = "tags" }), Q(Post, slug, EQ, "first")), Post);
    Tag *unused = GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, name, EQ, "unused"));
    CHECK_EQ(queryset_length(RELATED_SET(cx, post, "tags")), 2u);
    RELATED_ADD(cx, post, "tags", unused);
    CHECK_EQ(queryset_length(RELATED_SET(cx, post, "tags")), 3u);
}
TEST(expressions, what_was_prefetched_goes_when_links_change)
{
    with_blog(changed_links);
}

static void no_such_name(Context *cx) { (void)COUNT(ANNOTATE(OBJECTS(cx, Post), AS("x", Lower("titel")))); }
static void taken_name(Context *cx) { (void)COUNT(ANNOTATE(OBJECTS(cx, Post), AS("title", F("slug")))); }
static void mixed(Context *cx) { (void)COUNT(ANNOTATE(OBJECTS(cx, Post), AS("x", MUL(F("price"), VAL(1.5))))); }
static void not_aggregate(Context *cx) { (void)AGGREGATE(OBJECTS(cx, Post), AS("x", F("views"))); }
static void nested(Context *cx) { (void)COUNT(ANNOTATE(OBJECTS(cx, Author), AS("x", Sum(Count("posts"))))); }
static void outside(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), Q(Post, id, EQ, OuterRef("pk")))); }
static void joined_set(Context *cx) { (void)UPDATE_ALL(OBJECTS(cx, Post), SET("title", F("author__name"))); }
static void sliced_set(Context *cx) { (void)UPDATE_ALL(SLICE(OBJECTS(cx, Post), 0, 1), SET("views", 1)); }
static void unsaved(Context *cx) { CHECK_NULL(RELATED_SET(cx, NEW_ROW(cx, Post), "tags")); }
static void rows_of_values(Context *cx) { (void)FIRST(VALUES_OF(OBJECTS(cx, Post), "title"), Post); }
static void two_flat(Context *cx) { CHECK_NULL(queryset_values_list(OBJECTS(cx, Post), ORDER("id", "title"), true)); }

static void with_list(Context *cx)
{
    (void)COUNT(ANNOTATE(OBJECTS(cx, Post), AS("x", Coalesce("views", list_new(cx->arena)))));
}

static void raises(Context *cx)
{
    static const struct {
        void (*fn)(Context *cx);
        const char *code, *message;
    } rows[] = {
        { with_list, "type_error", "A list cannot be a part of an expression." },
        { no_such_name, "field_error", "Cannot resolve keyword 'titel' into field." },
        { taken_name, "value_error", "The annotation 'title' conflicts with a field on the model." },
        { mixed, "field_error",
          "Cannot infer type of '*' expression involving these types: DecimalField, FloatField. You must set "
          "output_field." },
        { not_aggregate, "type_error", "x is not an aggregate expression" },
        { nested, "field_error", "Cannot compute Sum('Count'): 'Count' is an aggregate" },
        { outside, "value_error", "This queryset contains a reference to an outer query" },
        { joined_set, "field_error", "Joined field references are not permitted in this query" },
        { sliced_set, "type_error", "Cannot update a query once a slice has been taken." },
        { unsaved, "value_error",
          "needs to have a value for field \"id\" before this many-to-many relationship can be used." },
        { rows_of_values, "type_error", "The queryset gives values, not rows of Post." },
        { two_flat, "type_error", "'flat' is not valid when values_list is called with more than one field." },
    };
    fill(cx);
    EACH_ROW (row, rows) {
        const Error *e = raised(cx, row->fn);
        CHECK_STR(str_c(e->code), str_c(row->code));
        CHECK_STR_CONTAINS(e->message, str_c(row->message));
    }
}
TEST(expressions, what_is_wrong_is_told)
{
    with_blog(raises);
}
