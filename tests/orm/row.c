#include "blog.h"

#include <clef/signals/builtin.h>

static void saves(Context *cx)
{
    fill_blog(cx);
    Post *p = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, "first"));
    CHECK(p->id == 1 && p->published && p->rating.value == 5 && !uuid_is_nil(p->token) && !p->day.set);
    CHECK(str_is_null(p->note) && str_eq(p->body, STR("")));
    CHECK(datetime_now().us - p->created.us < 60 * US_PER_SECOND);
    DateTime created = p->created, changed = p->changed;
    p->title = STR("Anew");
    p->rating.set = false;
    p->note = STR("n");
    SAVE(cx, p);
    Post *again = GET_ROW(OBJECTS(cx, Post), Post, Q(Post, id, EQ, p->id));
    CHECK_STR(again->title, STR("Anew"));
    CHECK(!again->rating.set && str_eq(again->note, STR("n")));
    CHECK(again->created.us == created.us && again->changed.us > changed.us);
    p->title = STR("not written");
    p->body = STR("written");
    SAVE(cx, p, .update_fields = ORDER("body"));
    REFRESH(cx, p);
    CHECK_STR(p->title, STR("Anew"));
    CHECK_STR(p->body, STR("written"));
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 5u);
}
TEST(row, save_inserts_and_updates)
{
    with_blog(saves);
}

static void by_hand(Context *cx)
{
    Tag tag = { .name = STR("made by hand") };
    model_save(cx, &Tag_model, &tag, NULL);
    CHECK_EQ(tag.id, 1);
    tag.name = STR("changed");
    SAVE(cx, &tag);
    Tag *seven = NEW_ROW(cx, Tag, .name = STR("seven"), .id = 7);
    SAVE(cx, seven); /* a key that is not there: inserted */
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 2u);
    CHECK_STR(GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 1))->name, STR("changed"));
    CHECK_STR(row_str(cx, &Tag_model, seven), STR("Tag object (7)"));
    Country *c = CREATE(cx, Country, .code = STR("SE"), .name = STR("Sweden"));
    c->name = STR("Sverige");
    SAVE(cx, c);
    CHECK_STR(GET_ROW(OBJECTS(cx, Country), Country, Q(Country, code, EQ, "SE"))->name, STR("Sverige"));
    CHECK_EQ(COUNT(OBJECTS(cx, Country)), 1u);
}
TEST(row, structs_of_ones_own_and_keys_of_ones_own)
{
    with_blog(by_hand);
}

static void all_kinds(Context *cx)
{
    Thing *t =
        NEW_ROW(cx, Thing, .text = STR("é\0x"), .maybe = OPT(OptBool, false), .real = 0.1, .small = -3, .positive = 7);
    t->opt_real = OPT(OptDouble, -1e300);
    t->decimal = decimal_of(-12345, -2);
    t->opt_decimal = OPT(OptDecimal, decimal_of(1, -3));
    REQUIRE(date_make(2024, 2, 29, &t->date));
    t->time = (Time){ .us = 3723000004 };
    t->opt_time = OPT(OptTime, (Time){ .us = 0 });
    t->opt_datetime = OPT(OptDateTime, DATETIME_MIN);
    t->duration = DURATION_SECONDS(-5);
    t->opt_duration = OPT(OptDuration, DURATION_DAYS(400));
    Uuid u;
    REQUIRE(uuid_parse(STR("00112233-4455-6677-8899-aabbccddeeff"), &u));
    t->opt_uuid = OPT(OptUuid, u);
    t->bytes = str_from("\0\xff", 2);
    SAVE(cx, t);
    CREATE(cx, Thing, .text = STR("empty"), .date = DATE_MAX);
    Thing *r = GET_ROW(OBJECTS(cx, Thing), Thing, Q(Thing, id, EQ, t->id));
    CHECK_STR(r->text, t->text);
    CHECK(r->maybe.set && !r->maybe.value && r->real == 0.1 && r->opt_real.value == -1e300);
    CHECK_STR(decimal_str(cx->arena, r->decimal), STR("-123.450"));
    CHECK_STR(decimal_str(cx->arena, r->opt_decimal.value), STR("0.001"));
    CHECK(date_eq(r->date, t->date) && r->time.us == t->time.us && r->opt_time.set && r->opt_time.value.us == 0);
    CHECK(r->opt_datetime.value.us == DATETIME_MIN.us && duration_eq(r->duration, t->duration));
    CHECK(duration_eq(r->opt_duration.value, DURATION_DAYS(400)) && uuid_eq(r->opt_uuid.value, u));
    CHECK(r->small == -3 && r->positive == 7);
    CHECK_STR(r->bytes, t->bytes);
    Thing *e = GET_ROW(OBJECTS(cx, Thing), Thing, Q(Thing, text, EQ, "empty"));
    CHECK(!e->maybe.set && !e->opt_real.set && !e->opt_decimal.set && !e->opt_time.set && !e->opt_uuid.set);
    SqlRows rows =
        sql_query(cx, STR(""), STR("SELECT opt_datetime, opt_uuid, typeof(decimal), maybe FROM blog_thing"), NULL, 0);
    CHECK_STR(rows.rows[0][0].s, STR("0001-01-01 00:00:00"));
    CHECK_STR(rows.rows[0][1].s, STR("00112233445566778899aabbccddeeff"));
    CHECK_STR(rows.rows[0][2].s, STR("real"));
    CHECK(rows.rows[0][3].i == 0 && rows.n == 2 && str_eq(rows.names[3], STR("maybe")));
}
TEST(row, every_kind_of_column_comes_back_as_it_went)
{
    sqlite_only();
    with_blog(all_kinds);
}

static void related(Context *cx)
{
    fill_blog(cx);
    size_t before = sql_count(cx);
    EACH (Post, post, ORDER_BY(OBJECTS(cx, Post), "views")) {
        CHECK((post->author == NULL) == (post->views == 10)); /* the first loads for all */
        Author *author = RELATED(cx, post, author);
        CHECK_EQ(author->id, post->author_id);
        Author *mentor = RELATED(cx, author, mentor);
        CHECK((mentor == NULL) == (author->mentor_id == 0));
    }
    /* the posts, their authors, the mentors of those */
    CHECK_EQ(sql_count(cx), before + 3);
    Author *made = NEW_ROW(cx, Author, .mentor_id = 1);
    CHECK_STR(RELATED(cx, made, mentor)->name, STR("Ada"));
    CHECK_STR(RELATED(cx, RELATED(cx, made, mentor), country)->name, STR("Norway"));
}
TEST(row, a_relation_brings_those_of_the_siblings)
{
    with_blog(related);
}

static void same_slug(Context *cx) { CREATE(cx, Post, .title = STR("x"), .slug = STR("first"), .author_id = 1); }
static void no_author(Context *cx) { CREATE(cx, Post, .title = STR("x"), .slug = STR("x")); }
static void far_author(Context *cx) { CREATE(cx, Post, .title = STR("x"), .slug = STR("x"), .author_id = 99); }
static void too_many_views(Context *cx) { CREATE(cx, Post, .slug = STR("x"), .author_id = 1, .views = 1000000); }
static void same_title(Context *cx) { CREATE(cx, Post, .title = STR("First"), .slug = STR("x"), .author_id = 1); }
static void unsaved(Context *cx) { CREATE(cx, Post, .slug = STR("x"), .author = NEW_ROW(cx, Author)); }
static void bad_update(Context *cx) { SAVE(cx, NEW_ROW(cx, Tag, .id = 5), .update_fields = ORDER("nmae")); }
static void missing_update(Context *cx) { SAVE(cx, NEW_ROW(cx, Tag, .id = 5), .force_update = true); }
static void handmade(Context *cx)
{
    Tag tag = { .id = 3 };
    SAVE(cx, &tag);
}

static void integrity(Context *cx)
{
    static const struct {
        void (*fn)(Context *cx);
        const char *code, *message, *problem, *field;
    } rows[] = {
        { same_slug, "integrity_error", "UNIQUE constraint failed: blog_post.slug", "unique", "slug" },
        { no_author, "integrity_error", "NOT NULL constraint failed: blog_post.author_id", "not_null", "author" },
        { far_author, "integrity_error", "FOREIGN KEY constraint failed", "foreign_key", NULL },
        { too_many_views, "integrity_error", "CHECK constraint failed: views_small", "check", NULL },
        { same_title, "integrity_error", "UNIQUE constraint failed: blog_post.author_id, blog_post.title", "unique",
          "author" },
        { unsaved, "value_error", "save() prohibited to prevent data loss due to unsaved related object 'author'.",
          NULL, NULL },
        { bad_update, "value_error", NULL, NULL, NULL },
        { missing_update, "not_updated", "Forced update did not affect any rows.", NULL, NULL },
        { handmade, "row_without_model", NULL, NULL, NULL },
    };
    fill_blog(cx);
    EACH_ROW (row, rows) {
        const Error *e = raised(cx, row->fn);
        CHECK_STR(str_c(e->code), str_c(row->code));
        if (row->message)
            CHECK_STR(e->message, str_c(row->message));
        if (!row->problem)
            continue;
        const IntegrityError *payload = e->payload;
        CHECK_STR(str_c(payload->problem), str_c(row->problem));
        CHECK_PTR(payload->model, &Post_model);
        CHECK_STR(str_c(payload->field ? payload->field->name : NULL), str_c(row->field));
    }
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 5u);
}
TEST(row, a_violated_constraint_names_the_field)
{
    sqlite_only();
    with_blog(integrity);
}

static void delete_country(Context *cx) { DELETE(cx, GET_ROW(OBJECTS(cx, Country), Country)); }

static void deletes(Context *cx)
{
    fill_blog(cx);
    const Error *e = raised(cx, delete_country);
    CHECK_STR(str_c(e->code), STR("protected_error"));
    CHECK_STR_CONTAINS(e->message, STR("'Author.country'"));
    Value ids[] = { value_int(1), value_int(1) };
    CREATE(cx, Tag, .name = STR("t"));
    sql_execute(cx, STR(""), STR("INSERT INTO blog_post_tags (post_id, tag_id) VALUES (?, ?)"), ids, 2);
    Author *ada = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Ada"));
    CHECK_EQ(DELETE(cx, ada), 4u); /* the author, two posts, a tag of one */
    CHECK_EQ(ada->id, 0);
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 3u);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "Bob"))->mentor_id, 0);
    CHECK_EQ(queryset_delete(FILTER(OBJECTS(cx, Post), Q(Post, author->name, EQ, "Eve"))), 2u);
    CHECK_EQ(queryset_delete(FILTER(OBJECTS(cx, Post), Q(Post, views, GT, 1000))), 0u);
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 1u);
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 1u);
}
TEST(row, deleting_does_what_on_delete_says)
{
    with_blog(deletes);
}

static int created, updated;
static void on_save(Context *cx, const SignalEvent *event)
{
    (void)cx;
    const ModelSignal *save = event->data;
    CHECK_PTR(save->model, &Tag_model);
    save->created ? created++ : updated++;
}
static void signals(Context *cx)
{
    signal_connect(&post_save, on_save, .sender = &Tag_model);
    Tag *tag = CREATE(cx, Tag, .name = STR("a"));
    SAVE(cx, tag);
    CREATE(cx, Country, .code = STR("DK"), .name = STR("Denmark"));
    CHECK(created == 1 && updated == 1);
    signal_clear(&post_save);
}
TEST(row, saving_is_told)
{
    with_blog(signals);
}

static void asks(Context *cx) { (void)COUNT(OBJECTS(cx, Post)); }
static void no_table(Context *cx)
{
    const Error *e = raised(cx, asks);
    CHECK_EQ(e->status, 500);
    CHECK_STR(str_c(e->code), STR("operational_error"));
    CHECK_STR(e->message, STR("no such table: blog_post"));
    CHECK_STR_CONTAINS(e->hint, STR("`migrate`"));
    cx->databases = NULL;
    CHECK_STR(str_c(raised(cx, asks)->code), STR("no_databases"));
}
TEST(row, a_missing_table_says_which_command_makes_it)
{
    sqlite_only();
    with_database(":memory:", no_table);
}

static void unreachable(Context *cx)
{
    const Error *e = raised(cx, asks);
    CHECK_EQ(e->status, 503);
    CHECK_STR_CONTAINS(e->message, STR("/nowhere/db.sqlite3"));
}
TEST(row, a_database_that_cannot_be_opened_is_503)
{
    sqlite_only();
    with_database("/nowhere/db.sqlite3", unreachable);
}

static void sets_of_siblings(Context *cx)
{
    fill_blog(cx);
    Tag *a = CREATE(cx, Tag, .name = STR("a")), *b = CREATE(cx, Tag, .name = STR("b"));
    EACH (Post, post, OBJECTS(cx, Post))
        RELATED_ADD(cx, post, "tags", a, b);
    QuerySet *authors = OBJECTS(cx, Author);
    size_t before = sql_count(cx), posts = 0, tags = 0, names = 0;
    EACH (Author, author, authors)
        EACH (Post, post, RELATED_SET(cx, author, "posts")) {
            posts++;
            CHECK_EQ(post->author_id, author->id);
            names += RELATED(cx, post, author)->name.n;
            EACH (Tag, tag, RELATED_SET(cx, post, "tags"))
                tags += tag->name.n;
        }
    CHECK_EQ(posts, 5u);
    CHECK_EQ(tags, 10u);
    CHECK_EQ(names, 15u);
    CHECK_EQ(sql_count(cx) - before, 3u); /* authors, posts (which know their authors), tags */
    Author *first = queryset_at(authors, &Author_model, 0);
    size_t again = sql_count(cx);
    CHECK_EQ(queryset_length(RELATED_SET(cx, first, "posts")), 2u);
    CHECK_EQ(sql_count(cx), again);
    CHECK_EQ(COUNT(FILTER(RELATED_SET(cx, first, "posts"), Q(Post, views, GT, 15))), 1u);
    Post *post = queryset_at(RELATED_SET(cx, first, "posts"), &Post_model, 0);
    RELATED_REMOVE(cx, post, "tags", a);
    CHECK_EQ(queryset_length(RELATED_SET(cx, post, "tags")), 1u);
}
TEST(row, the_other_side_is_read_for_all_siblings)
{
    with_blog(sets_of_siblings);
}
