#include "blog.h"

/* The titles of a queryset's posts, in its order. */
static Str titles(Context *cx, QuerySet *q)
{
    Buf b = BUF_INIT(cx->arena, 4096);
    EACH (Post, post, q)
        buf_printf(&b, "%s%.*s", b.n ? " " : "", STR_FMT(post->title));
    return buf_view(&b);
}
#define FOUND(...) titles(cx, ORDER_BY(FILTER(OBJECTS(cx, Post), __VA_ARGS__), "views"))
#define LEFT(...)  titles(cx, ORDER_BY(EXCLUDE(OBJECTS(cx, Post), __VA_ARGS__), "views"))

static void finds(Context *cx)
{
    fill_blog(cx);
    Author *bob = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Bob"));
    CHECK_STR(FOUND(Q(Post, slug, EQ, "third")), STR("Third"));
    CHECK_STR(FOUND(Q(Post, title, IEXACT, "FIRST")), STR("First"));
    CHECK_STR(FOUND(Q(Post, title, CONTAINS, "ir")), STR("First Third"));
    /* LIKE of SQLite knows no cases. */
    bool cases = !str_eq(str_c(test_vendor()), STR("sqlite"));
    CHECK_STR(FOUND(Q(Post, title, STARTSWITH, "F")), cases ? STR("First Fifth") : STR("First fourth Fifth"));
    CHECK_STR(FOUND(Q(Post, title, IENDSWITH, "TH")), STR("fourth Fifth"));
    CHECK_STR(FOUND(Q(Post, note, CONTAINS, "%_")), STR("Second"));
    CHECK_STR(FOUND(Q(Post, note, CONTAINS, "5_%")), STR(""));
    CHECK_STR(FOUND(Q(Post, views, GT, 30)), STR("fourth Fifth"));
    CHECK_STR(FOUND(Q(Post, views, GTE, 30), Q(Post, views, LT, 50)), STR("Third fourth"));
    CHECK_STR(FOUND(Q(Post, views, LTE, 10)), STR("First"));
    CHECK_STR(FOUND(Q(Post, views, IN, VALUES(10, 50, 7))), STR("First Fifth"));
    CHECK_STR(FOUND(Q(Post, views, IN, list_new(cx->arena))), STR(""));
    CHECK_STR(FOUND(Q(Post, views, RANGE, VALUES(20, 40))), STR("Second Third fourth"));
    CHECK_STR(FOUND(Q(Post, rating, ISNULL, true)), STR("Second Third Fifth"));
    CHECK_STR(FOUND(Q(Post, rating, EQ, 5)), STR("First"));
    CHECK_STR(FOUND(Q(Post, published, EQ, false)), STR("Third"));
    CHECK_STR(FOUND(Q(Post, price, EQ, decimal_of(125, -1))), STR("Fifth"));
    CHECK_STR(FOUND(Q(Post, author, EQ, bob)), STR("Third"));
    CHECK_STR(FOUND(Q(Post, author_id, EQ, bob->id)), STR("Third"));
    CHECK_STR(FOUND(Q(Post, author->email, IENDSWITH, "@EXAMPLE.org")), STR("First Second fourth Fifth"));
    CHECK_STR(FOUND(Q(Post, author->mentor->name, EQ, "Ada")), STR("Third"));
    CHECK_STR(FOUND(Q(Post, author->mentor->mentor->country->name, EQ, "Norway")), STR("fourth Fifth"));
    CHECK_STR(FOUND(Q(Post, author->mentor, ISNULL, true)), STR("First Second"));
    CHECK_STR(FOUND(Q(Post, author->country, EQ, GET_ROW(OBJECTS(cx, Country), Country))), STR("First Second"));
    CHECK_STR(FOUND(Q(Post, author, IN, FILTER(OBJECTS(cx, Author), Q(Author, mentor->name, EQ, "Bob")))),
              STR("fourth Fifth"));
    CHECK_STR(FOUND(LOOKUP("author__email__istartswith", "e")), STR("fourth Fifth"));
    CHECK_STR(FOUND(LOOKUP("pk", 2)), STR("Second"));
    CHECK_STR(FOUND(LOOKUP("views__gte", "40")), STR("fourth Fifth"));
    CHECK_STR(FOUND(LOOKUP("author__in", VALUES(bob, 1))), STR("First Second Third"));
    CHECK_STR(FOUND(LOOKUP("created__lt", "2001-01-01 00:00")), STR(""));
    CHECK_STR(FOUND(LOOKUP("note", value_null())), STR("First Third fourth Fifth"));
    CHECK_STR(FOUND(Q_OR(Q(Post, views, EQ, 10), Q_AND(Q(Post, published, EQ, false), Q(Post, title, EQ, "Third")))),
              STR("First Third"));
    CHECK_STR(FOUND(Q_NOT(Q(Post, views, GT, 10))), STR("First"));
    CHECK_STR(FOUND(Q_OR(Q(Post, views, IN, list_new(cx->arena)), Q(Post, views, EQ, 20))), STR("Second"));
}
TEST(queryset, finds_by_every_lookup)
{
    with_blog(finds);
}

static void excludes(Context *cx)
{
    fill_blog(cx);
    CHECK_STR(LEFT(Q(Post, views, GT, 20)), STR("First Second"));
    /* NULL is not 5, so the row stays. */
    CHECK_STR(LEFT(Q(Post, rating, EQ, 5)), STR("Second Third fourth Fifth"));
    CHECK_STR(LEFT(Q(Post, author->mentor->name, EQ, "Ada")), STR("First Second fourth Fifth"));
    CHECK_STR(LEFT(Q(Post, views, IN, list_new(cx->arena))), STR("First Second Third fourth Fifth"));
    CHECK_STR(LEFT(Q(Post, views, GT, 20), Q(Post, published, EQ, true)), STR("First Second Third"));
}
TEST(queryset, excludes_as_django_does)
{
    with_blog(excludes);
}

static void orders(Context *cx)
{
    fill_blog(cx);
    CHECK_STR(titles(cx, ORDER_BY(OBJECTS(cx, Post), "-views")), STR("Fifth fourth Third Second First"));
    CHECK_STR(titles(cx, ORDER_BY(OBJECTS(cx, Post), "author", "-pk")), STR("Second First Third Fifth fourth"));
    CHECK_STR(titles(cx, ORDER_BY(OBJECTS(cx, Post), "-author__name", "views")),
              STR("fourth Fifth Third First Second"));
    CHECK_STR(titles(cx, queryset_reverse(ORDER_BY(OBJECTS(cx, Post), "-author", "views"))),
              STR("Second First Third Fifth fourth"));
    CHECK_EQ(queryset_length(ORDER_BY(OBJECTS(cx, Post), "?")), 5u);
    CHECK_STR(titles(cx, SLICE(ORDER_BY(OBJECTS(cx, Post), "views"), 1, 3)), STR("Second Third"));
    CHECK_STR(titles(cx, SLICE(SLICE(ORDER_BY(OBJECTS(cx, Post), "views"), 1, 4), 1, 9)), STR("Third fourth"));
    CHECK_STR(titles(cx, SLICE(ORDER_BY(OBJECTS(cx, Post), "views"), 3, QUERY_ALL)), STR("fourth Fifth"));
    CHECK_STR(titles(cx, SLICE(OBJECTS(cx, Post), 2, 2)), STR(""));
    CHECK_EQ(COUNT(SLICE(OBJECTS(cx, Post), 1, 3)), 2u);
    CHECK_EQ(COUNT(SLICE(OBJECTS(cx, Post), 4, 30)), 1u);
    CHECK_STR(FIRST(ORDER_BY(OBJECTS(cx, Post), "-views"), Post)->title, STR("Fifth"));
    CHECK_STR(LAST(ORDER_BY(OBJECTS(cx, Post), "-views"), Post)->title, STR("First"));
    CHECK_STR(FIRST(OBJECTS(cx, Author), Author)->name, STR("Ada"));
    CHECK_NULL(FIRST(queryset_none(OBJECTS(cx, Post)), Post));
}
TEST(queryset, orders_and_slices)
{
    with_blog(orders);
}

static void asks_once(Context *cx)
{
    fill_blog(cx);
    size_t before = sql_count(cx);
    QuerySet *q = FILTER(OBJECTS(cx, Post), Q(Post, views, GT, 20));
    CHECK_EQ(sql_count(cx), before);
    CHECK_EQ(queryset_length(q), 3u);
    CHECK_EQ(COUNT(q), 3u);
    CHECK(EXISTS(q));
    CHECK_STR(titles(cx, q).n ? STR("some") : STR("none"), STR("some"));
    CHECK_EQ(sql_count(cx), before + 1);
    CHECK_EQ(COUNT(FILTER(q, Q(Post, views, GT, 40))), 1u);
    CHECK_EQ(sql_count(cx), before + 2);
    CHECK_EQ(COUNT(FILTER(q, Q(Post, id, IN, VALUES()))), 0u);
    CHECK(!EXISTS(SLICE(q, 0, 0)));
    CHECK_EQ(sql_count(cx), before + 2);
    size_t n = 0;
    EACH (Post, post, OBJECTS(cx, Post)) {
        if (post->views == 20)
            continue;
        if (++n == 2)
            break;
    }
    CHECK_EQ(n, 2u);
}
TEST(queryset, is_lazy_and_read_once)
{
    with_blog(asks_once);
}

static void many(Context *cx)
{
    ATOMIC(cx)
    for (int i = 0; i < 300; i++)
        CREATE(cx, Tag, .name = str_format(cx->arena, "tag %03d", i));
    QuerySet *q = ORDER_BY(OBJECTS(cx, Tag), "name");
    CHECK_EQ(queryset_length(q), 300u);
    for (size_t i = 0; i < 300; i++) {
        Tag *tag = queryset_at(q, &Tag_model, i);
        CHECK_STR(tag->name, str_format(cx->arena, "tag %03zu", i));
    }
    CHECK_NULL(queryset_at(q, &Tag_model, 300));
}
TEST(queryset, rows_do_not_move)
{
    with_blog(many);
}

static void wrong_field(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("titel", "x"))); }
static void wrong_related(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("author__emial__exact", "x"))); }
static void wrong_lookup(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("title__icontain", "x"))); }
static void wrong_relation_lookup(Context *cx)
{
    (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("author__isnul", true)));
}
static void wrong_value(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("views", "many"))); }
static void wrong_row(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("author", NEW_ROW(cx, Tag)))); }
static void wrong_date(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("day", "soon"))); }
static void wrong_order(Context *cx) { (void)COUNT(ORDER_BY(OBJECTS(cx, Post), "-cretaed")); }
static void filter_slice(Context *cx) { (void)COUNT(FILTER(SLICE(OBJECTS(cx, Post), 0, 3), Q(Post, id, EQ, 1))); }
static void none_there(Context *cx) { (void)GET_ROW(OBJECTS(cx, Post), Post, Q(Post, id, EQ, 99)); }
static void none_404(Context *cx) { (void)GET_OR_404(OBJECTS(cx, Post), Post, Q(Post, id, EQ, 99)); }
static void too_many(Context *cx) { (void)GET_ROW(OBJECTS(cx, Post), Post, Q(Post, views, GT, 20)); }
static void wrong_model(Context *cx) { (void)queryset_at(OBJECTS(cx, Post), &Tag_model, 0); }
static void wrong_transform(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Post), LOOKUP("tags__name__year", 1))); }

static void raises(Context *cx)
{
    static const struct {
        void (*fn)(Context *cx);
        int status;
        const char *code, *message;
    } rows[] = {
        { wrong_field, 500, "field_error",
          "Cannot resolve keyword 'titel' into field. Choices are: author, author_id, body, changed, created, day, id, "
          "note, "
          "price, published, rating, slug, tags, title, token, views. Did you mean 'title'?" },
        { wrong_related, 500, "field_error",
          "Unsupported lookup 'emial__exact' for ForeignKey or join on the field not permitted." },
        { wrong_lookup, 500, "field_error",
          "Unsupported lookup 'icontain' for CharField or join on the field not permitted, perhaps you meant "
          "icontains or contains?" },
        { wrong_relation_lookup, 500, "field_error",
          "Unsupported lookup 'isnul' for ForeignKey or join on the field not permitted, perhaps you meant isnull?" },
        { wrong_value, 500, "value_error", "Field 'views' expected a number but got 'many'." },
        { wrong_row, 500, "value_error", "Cannot query \"Tag object (None)\": Must be \"Author\" instance." },
        { wrong_date, 500, "validation_error",
          "“soon” value has an invalid date format. It must be in YYYY-MM-DD format." },
        { wrong_order, 500, "field_error", NULL },
        { filter_slice, 500, "type_error", "Cannot filter a query once a slice has been taken." },
        { none_there, 500, "does_not_exist", "Post matching query does not exist." },
        { none_404, 404, "not_found", "No Post matches the given query." },
        { too_many, 500, "multiple_objects_returned", "get() returned more than one Post -- it returned 3!" },
        { wrong_model, 500, "type_error", "A queryset of Post was asked for rows of Tag." },
        { wrong_transform, 500, "field_error",
          "Unsupported lookup 'year' for CharField or join on the field not permitted." },
    };
    fill_blog(cx);
    EACH_ROW (row, rows) {
        const Error *e = raised(cx, row->fn);
        CHECK_EQ(e->status, row->status);
        CHECK_STR(str_c(e->code), str_c(row->code));
        if (row->message)
            CHECK_STR(e->message, str_c(row->message));
    }
}
TEST(queryset, what_is_wrong_is_told_with_what_would_be_right)
{
    with_blog(raises);
}

static void has_sql(Context *cx)
{
    QuerySet *q = FILTER(OBJECTS(cx, Post), Q(Post, author->mentor->name, EQ, "x"), Q(Post, rating, GT, 3));
    Str sql = queryset_sql(SLICE(q, 5, 10));
    CHECK_STR_CONTAINS(sql, STR(" FROM \"blog_post\" INNER JOIN \"blog_author\" ON (\"blog_post\".\"author_id\" = "
                                "\"blog_author\".\"id\") LEFT OUTER JOIN \"blog_author\" \"T3\" ON "
                                "(\"blog_author\".\"mentor_id\" = \"T3\".\"id\") WHERE \"T3\".\"name\" = ? AND "
                                "\"blog_post\".\"rating\" > ? ORDER BY \"blog_post\".\"created\" DESC, "
                                "\"blog_post\".\"title\" ASC LIMIT 5 OFFSET 5"));
}
TEST(queryset, sql_is_quoted_and_has_parameters_only)
{
    with_blog(has_sql);
}

static void as_values(Context *cx)
{
    fill_blog(cx);
    Value q = VALUE(ORDER_BY(FILTER(OBJECTS(cx, Post), Q(Post, views, LT, 20)), "views")), v;
    size_t n, at = 0;
    CHECK(value_truth(q) && value_length(q, &n) && n == 1);
    REQUIRE(value_next(cx->arena, q, &at, &v));
    Value title, author, name, display;
    CHECK(value_item(cx->arena, v, value_str(STR("title")), &title) && str_eq(title.s, STR("First")));
    REQUIRE(value_item(cx->arena, v, value_str(STR("author")), &author));
    CHECK(value_item(cx->arena, author, value_str(STR("name")), &name) && str_eq(name.s, STR("Ada")));
    CHECK(value_item(cx->arena, v, value_str(STR("get_rating_display")), &display) &&
          str_eq(display.s, STR("splendid")));
    CHECK(!value_item(cx->arena, v, value_str(STR("nothing")), &name));
    CHECK(!value_next(cx->arena, q, &at, &v));
    CHECK_STR(q.cls->str(cx->arena, q.object), STR("<QuerySet [<Post: First>]>"));
}
TEST(queryset, templates_can_walk_over_it)
{
    with_blog(as_values);
}
