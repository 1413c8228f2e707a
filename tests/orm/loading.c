/* loading.c: rows that were read in part, saved, read again; relations loaded one by one; rows of another database. */
#include "blog.h"
#include <clef/base/log.h>
#include <clef/conf/table.h>
#include <clef/orm/router.h>
#include <clef/signals/builtin.h>
#include <unistd.h>

static const LoggedQuery *last_query(Context *cx)
{
    const LoggedQuery *q = sql_log(cx);
    while (q && q->next)
        q = q->next;
    REQUIRE(q != NULL);
    return q;
}

static Post *whole(Context *cx, const char *slug) { return GET_ROW(OBJECTS(cx, Post), Post, Q(Post, slug, EQ, slug)); }

/* --- saving what was read in part */

static void saves_part(Context *cx)
{
    fill_blog(cx);
    sql_log_start(cx);
    Post *post = GET_ROW(ONLY(OBJECTS(cx, Post), "title", "slug"), Post, Q(Post, slug, EQ, "second"));
    post->title = STR("changed");
    SAVE(cx, post);
    CHECK_STR(last_query(cx)->sql,
              STR("UPDATE \"blog_post\" SET \"title\" = ?, \"slug\" = ? WHERE \"blog_post\".\"id\" = ?"));
    Post *now = whole(cx, "second");
    CHECK_STR(now->title, STR("changed"));
    CHECK_EQ(now->views, 20);
    CHECK_STR(now->note, STR("50%_off"));
    CHECK_STR(RELATED(cx, now, author)->name, STR("Ada"));

    /* What the program set since is written, too. */
    post->views = 7;
    post->author = FIRST(FILTER(OBJECTS(cx, Author), Q(Author, name, EQ, "Eve")), Author);
    CHECK(!row_is_deferred(cx, post, "views"));
    SAVE(cx, post);
    CHECK_STR(last_query(cx)->sql, STR("UPDATE \"blog_post\" SET \"title\" = ?, \"slug\" = ?, \"author_id\" = ?, "
                                       "\"views\" = ? WHERE \"blog_post\".\"id\" = ?"));
    now = whole(cx, "second");
    CHECK_EQ(now->views, 7);
    CHECK_EQ(now->author_id, post->author->id);
    CHECK_STR(now->note, STR("50%_off"));
    /* Once it was written it is known, whatever it becomes. */
    post->views = 0;
    SAVE(cx, post);
    CHECK_EQ(whole(cx, "second")->views, 0);
}
TEST(loading, a_row_read_in_part_is_saved_in_part)
{
    sqlite_only();
    with_blog(saves_part);
}

static void saves_zero(Context *cx)
{
    fill_blog(cx);
    Post *post = GET_ROW(DEFER_FIELDS(OBJECTS(cx, Post), "views", "note"), Post, Q(Post, slug, EQ, "second"));
    post->views = 0; /* cannot be told from what was left out */
    SAVE(cx, post);
    CHECK_EQ(whole(cx, "second")->views, 20);
    ROW_SET(cx, post, views, 0);
    CHECK(!row_is_deferred(cx, post, "views") && row_is_deferred(cx, post, "note"));
    SAVE(cx, post);
    CHECK_EQ(whole(cx, "second")->views, 0);
    CHECK_STR(whole(cx, "second")->note, STR("50%_off"));
    /* A member that row_value read is written like the others. */
    post = GET_ROW(DEFER_FIELDS(OBJECTS(cx, Post), "views", "note"), Post, Q(Post, slug, EQ, "third"));
    CHECK_EQ(row_value(cx, post, "views").i, 30);
    post->views = 0;
    SAVE(cx, post);
    CHECK_EQ(whole(cx, "third")->views, 0);
}
TEST(loading, a_zero_is_said_by_row_set)
{
    with_blog(saves_zero);
}

static void inserts_part(Context *cx)
{
    fill_blog(cx);
    /* update_fields that name what was not read, a copy of the row, and bulk_update read it first. */
    Post *post = GET_ROW(ONLY(OBJECTS(cx, Post), "title"), Post, Q(Post, slug, EQ, "second"));
    SAVE(cx, post, .update_fields = ORDER("views"));
    CHECK_EQ(whole(cx, "second")->views, 20);
    post = GET_ROW(ONLY(OBJECTS(cx, Post), "title"), Post, Q(Post, slug, EQ, "second"));
    CHECK_EQ(queryset_bulk_update(OBJECTS(cx, Post), (void *const[]){ post }, 1, ORDER("note", "title"), NULL), 1u);
    CHECK_STR(whole(cx, "second")->note, STR("50%_off"));
    Country *norway = GET_ROW(ONLY(OBJECTS(cx, Country), "code"), Country, Q(Country, code, EQ, "NO"));
    SAVE(cx, norway);
    CHECK_STR(GET_ROW(OBJECTS(cx, Country), Country, Q(Country, code, EQ, "NO"))->name, STR("Norway"));
}
TEST(loading, what_must_be_written_is_read_first)
{
    with_blog(inserts_part);
}

static const char *const *fields_heard;
static void hear_fields(Context *cx, const SignalEvent *event)
{
    (void)cx;
    fields_heard = ((const ModelSignal *)event->data)->update_fields;
}
static void tells_fields(Context *cx)
{
    fill_blog(cx);
    signal_connect(&post_save, hear_fields, .sender = &Author_model);
    SAVE(cx, FIRST(ONLY(OBJECTS(cx, Author), "name"), Author));
    signal_clear(&post_save);
    REQUIRE(fields_heard != NULL && fields_heard[0] != NULL);
    CHECK_STR(str_c(fields_heard[0]), STR("name"));
    CHECK(fields_heard[1] == NULL);
}
TEST(loading, the_signals_name_what_is_saved)
{
    with_blog(tells_fields);
}

/* --- reading again */

static void refresh_nothing(Context *cx) { REFRESH(cx, whole(cx, "first"), "nothing"); }
static void refresh_path(Context *cx) { REFRESH(cx, whole(cx, "first"), "author__name"); }

static void refreshes(Context *cx)
{
    fill_blog(cx);
    sql_log_start(cx);
    Post *post = GET_ROW(DEFER_FIELDS(OBJECTS(cx, Post), "views", "note"), Post, Q(Post, slug, EQ, "second"));
    (void)RELATED(cx, post, author);
    post->title = STR("mine");
    UPDATE_ALL(OBJECTS(cx, Post), SET("views", 99), SET("body", "new"));
    REFRESH(cx, post, "views");
    CHECK_STR(
        last_query(cx)->sql,
        STR("SELECT \"blog_post\".\"id\", \"blog_post\".\"views\" FROM \"blog_post\" WHERE \"blog_post\".\"id\" = ? "
            "LIMIT 21"));
    CHECK_EQ(post->views, 99);
    CHECK(!row_is_deferred(cx, post, "views") && row_is_deferred(cx, post, "note"));
    CHECK_STR(post->title, STR("mine"));
    CHECK(post->author != NULL);
    REFRESH(cx, post, "author");
    CHECK(post->author == NULL && post->author_id != 0);
    /* All but what was left out. */
    REFRESH(cx, post);
    CHECK_STR(post->title, STR("Second"));
    CHECK_STR(post->body, STR("new"));
    CHECK(row_is_deferred(cx, post, "note"));
    CHECK(!str_contains(last_query(cx)->sql, STR("\"note\"")));
    post->views = 0;
    SAVE(cx, post);
    CHECK_EQ(whole(cx, "second")->views, 0);
    CHECK_STR(whole(cx, "second")->note, STR("50%_off"));
    CHECK_STR(str_c(raised(cx, refresh_nothing)->code), STR("field_does_not_exist"));
    CHECK_STR(str_c(raised(cx, refresh_path)->code), STR("value_error"));
}
TEST(loading, some_columns_are_read_again)
{
    sqlite_only();
    with_blog(refreshes);
}

static void forgets_prefetched(Context *cx)
{
    fill_blog(cx);
    QuerySet *authors = PREFETCH_RELATED(ORDER_BY(OBJECTS(cx, Author), "pk"), PREFETCH("posts"));
    Author *ada = queryset_at(authors, &Author_model, 0), *bob = queryset_at(authors, &Author_model, 1);
    CREATE(cx, Post, .title = STR("New"), .slug = STR("new"), .author = ada);
    CHECK_EQ(COUNT(RELATED_SET(cx, ada, "posts")), 2u);
    REFRESH(cx, ada, "posts");
    CHECK_EQ(queryset_length(RELATED_SET(cx, ada, "posts")), 3u);
    CHECK(row_prefetched(cx, ada, "posts") == NULL && row_prefetched(cx, bob, "posts") != NULL);
}
TEST(loading, what_was_prefetched_is_forgotten_by_name)
{
    with_blog(forgets_prefetched);
}

/* --- one by one */

static size_t statements(Context *cx, QuerySet *posts)
{
    size_t before = sql_count(cx);
    EACH (Post, post, posts)
        CHECK(RELATED(cx, post, author) != NULL);
    return sql_count(cx) - before;
}

static void fetches(Context *cx)
{
    fill_blog(cx);
    QuerySet *posts = OBJECTS(cx, Post);
    CHECK_EQ(statements(cx, FETCH_MODE(posts, FETCH_ONE)), 6u); /* 1 + 5 */
    CHECK_EQ(statements(cx, posts), 2u);
    CHECK_EQ(statements(cx, SELECT_RELATED(FETCH_MODE(posts, FETCH_RAISE), "author")), 1u);
    CHECK_EQ(statements(cx, PREFETCH_RELATED(FETCH_MODE(posts, FETCH_RAISE), PREFETCH("author"))), 2u);
    /* Left-out columns do not keep the siblings from being read together. */
    CHECK_EQ(statements(cx, DEFER_FIELDS(posts, "body")), 2u);
    size_t before = sql_count(cx);
    EACH (Author, author, FETCH_MODE(OBJECTS(cx, Author), FETCH_ONE))
        (void)queryset_length(RELATED_SET(cx, author, "posts"));
    CHECK_EQ(sql_count(cx) - before, 4u); /* 1 + 3 */
    before = sql_count(cx);
    EACH (Author, author, PREFETCH_RELATED(FETCH_MODE(OBJECTS(cx, Author), FETCH_RAISE), PREFETCH("posts")))
        (void)queryset_length(RELATED_SET(cx, author, "posts"));
    CHECK_EQ(sql_count(cx) - before, 2u);
}
TEST(loading, a_loop_costs_1_or_2_or_1_and_n_statements)
{
    with_blog(fetches);
}

static void follow_blocked(Context *cx) { (void)statements(cx, FETCH_MODE(OBJECTS(cx, Post), FETCH_RAISE)); }
static void follow_blocked_by_default(Context *cx) { (void)statements(cx, OBJECTS(cx, Post)); }
static void column_blocked(Context *cx)
{
    Post *post = FIRST(FETCH_MODE(ONLY(OBJECTS(cx, Post), "title"), FETCH_RAISE), Post);
    (void)row_value(cx, post, "views");
}
static void set_blocked(Context *cx)
{
    EACH (Author, author, FETCH_MODE(OBJECTS(cx, Author), FETCH_RAISE))
        (void)queryset_length(RELATED_SET(cx, author, "posts"));
}
static void deeper_blocked(Context *cx)
{
    Post *post = FIRST(
        FETCH_MODE(SELECT_RELATED(FILTER(OBJECTS(cx, Post), Q(Post, slug, EQ, "third")), "author"), FETCH_RAISE), Post);
    (void)RELATED(cx, post->author, mentor);
}
static void blocks(Context *cx)
{
    fill_blog(cx);
    const Error *e = raised(cx, follow_blocked);
    CHECK_STR(str_c(e->code), STR("field_fetch_blocked"));
    CHECK_STR_CONTAINS(e->message, STR("Fetching of Post.author blocked."));
    CHECK_STR_CONTAINS(raised(cx, column_blocked)->message, STR("Fetching of Post.views blocked."));
    CHECK_STR_CONTAINS(raised(cx, set_blocked)->message, STR("Fetching of Author.posts blocked."));
    CHECK_STR_CONTAINS(raised(cx, deeper_blocked)->message, STR("Fetching of Author.mentor blocked."));
    fetch_mode_install(FETCH_RAISE);
    e = raised(cx, follow_blocked_by_default);
    fetch_mode_install(FETCH_DEFAULT);
    CHECK_STR_CONTAINS(e->message, STR("Fetching of Post.author blocked."));
    CHECK_EQ(statements(cx, OBJECTS(cx, Post)), 2u);
}
TEST(loading, what_was_not_named_is_blocked)
{
    with_blog(blocks);
}

typedef struct Told {
    size_t times;
    OneByOne last;
} Told;
static void tell(void *arg, const OneByOne *what)
{
    Told *told = arg;
    told->times++;
    told->last = *what;
}

static void warns(Context *cx)
{
    Told told = { 0 };
    fill_blog(cx);
    fetch_on_one_by_one(3, tell, &told);
    EACH (Post, post, OBJECTS(cx, Post))
        (void)RELATED(cx, post, author);
    EACH (Author, author, OBJECTS(cx, Author))
        (void)queryset_length(RELATED_SET(cx, author, "posts"));
    CHECK_EQ(told.times, 0u); /* read together */
    int line = 0;
    EACH (Author, author, OBJECTS(cx, Author)) {
        line = __LINE__ + 1;
        (void)COUNT(FILTER(RELATED_SET(cx, author, "posts"), Q(Post, views, GT, 10)));
    }
    CHECK_EQ(told.times, 1u);
    CHECK(told.last.model == &Author_model);
    CHECK_STR(told.last.member, STR("posts"));
    CHECK_EQ(told.last.statements, 3u);
    CHECK(str_ends(str_c(told.last.file), STR("loading.c")));
    CHECK_EQ(told.last.line, line);
    CHECK_STR_CONTAINS(told.last.remedy, STR("PREFETCH(\"posts\""));
    EACH (Post, post, FETCH_MODE(OBJECTS(cx, Post), FETCH_ONE))
        (void)RELATED(cx, post, author);
    CHECK_EQ(told.times, 2u); /* once, though there are five */
    CHECK_STR(told.last.member, STR("author"));
    CHECK_STR_CONTAINS(told.last.remedy, STR("SELECT_RELATED(rows, \"author\")"));
    EACH (Post, post, ONLY(OBJECTS(cx, Post), "title"))
        (void)row_value(cx, post, "views");
    CHECK_EQ(told.times, 3u);
    CHECK_STR(told.last.member, STR("views"));
    CHECK(told.last.file == NULL);
    CHECK_STR_CONTAINS(told.last.remedy, STR("ONLY"));
    fetch_on_one_by_one(0, NULL, NULL);
}
TEST(loading, what_is_loaded_one_by_one_is_told)
{
    with_blog(warns);
}

static void starts(Context *cx)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    Settings settings;
    settings_init(&settings, cx->arena);
    const DatabaseSettings database = { .alias = STR("default"), .engine = STR("sqlite3"), .name = STR(":memory:") };
    settings.databases = &database;
    settings.ndatabases = 1;
    settings.installed_apps = (const App *const[]){ &blog_app, NULL };
    settings.debug = true;
    settings.one_by_one_limit = 4;
    settings.fetch_mode = STR("one");
    settings.logger = logger_create(cx->arena, &(LoggerOptions){ .fd = ends[1] });
    Databases *before = cx->databases;
    cx->databases = NULL;
    databases_start(cx, &settings);
    schema_create(cx, STR(""), &blog_app);
    fill_blog(cx);
    CHECK_EQ(statements(cx, OBJECTS(cx, Post)), 6u);
    fetch_mode_install(FETCH_DEFAULT);
    fetch_on_one_by_one(0, NULL, NULL);
    sql_on_slow(0, NULL, NULL);
    cx->databases = before;
    char line[1024];
    ssize_t n = read(ends[0], line, sizeof line);
    REQUIRE(n > 0);
    Str text = str_from(line, (size_t)n);
    CHECK_STR_CONTAINS(text,
                       STR("db: a relation is loaded row by row (N+1) model=Post member=author statements=4 file="));
    CHECK_STR_CONTAINS(text, STR("loading.c line="));
    CHECK_STR_CONTAINS(text, STR("SELECT_RELATED(rows, "));
    close(ends[0]);
}
TEST(loading, settings_say_how_and_who_is_told)
{
    sqlite_only();
    with_blog(starts);
}

/* --- several databases */

static Str reads_from(Context *cx, const Model *m, const void *row)
{
    (void)cx, (void)m, (void)row;
    return STR("replica");
}
static Str writes_to(Context *cx, const Model *m, const void *row)
{
    (void)cx, (void)m, (void)row;
    return STR("default");
}

static void two_databases(Context *cx)
{
    const DbConfig configs[] = { { .alias = STR("default"), .driver = &sqlite_driver, .name = STR(":memory:") },
                                 { .alias = STR("replica"), .driver = &sqlite_driver, .name = STR(":memory:") } };
    Databases *before = cx->databases, *two = databases_create(cx->arena, configs, 2);
    cx->databases = two;
    schema_create(cx, STR("default"), &blog_app);
    schema_create(cx, STR("replica"), &blog_app);
    Tag *tag = NEW_ROW(cx, Tag, .name = STR("one"));
    CHECK_STR(row_database(tag), STR(""));
    SAVE(cx, tag);
    CHECK_STR(row_database(tag), STR("default"));
    SAVE(cx, tag, .using = STR("replica"));
    CHECK_STR(row_database(tag), STR("replica"));
    CHECK_EQ(COUNT(queryset_using(OBJECTS(cx, Tag), STR("replica"))), 1u);

    /* Without routers a row goes back to where it was read. */
    QuerySet *there = queryset_using(OBJECTS(cx, Tag), STR("replica"));
    Tag *read = FIRST(there, Tag);
    CHECK_STR(row_database(read), STR("replica"));
    read->name = STR("two");
    SAVE(cx, read);
    CHECK_STR(FIRST(queryset_using(OBJECTS(cx, Tag), STR("default")), Tag)->name, STR("one"));
    CHECK_STR(FIRST(queryset_using(OBJECTS(cx, Tag), STR("replica")), Tag)->name, STR("two"));

    /* A router reads from the replica and writes to the primary: the row is the primary's then, its siblings are not. */
    SAVE(cx, NEW_ROW(cx, Tag, .name = STR("three"), .id = 3), .using = STR("replica"));
    const DatabaseRouter split = { .db_for_read = reads_from, .db_for_write = writes_to };
    routers_install(ROUTERS(&split));
    QuerySet *tags = ORDER_BY(OBJECTS(cx, Tag), "pk");
    REQUIRE(queryset_length(tags) == 2);
    Tag *first = queryset_at(tags, &Tag_model, 0), *second = queryset_at(tags, &Tag_model, 1);
    CHECK_STR(row_database(first), STR("replica"));
    first->name = STR("written");
    SAVE(cx, first);
    CHECK_STR(row_database(first), STR("default"));
    CHECK_STR(row_database(second), STR("replica"));
    routers_install(NULL);
    CHECK_STR(FIRST(queryset_using(OBJECTS(cx, Tag), STR("default")), Tag)->name, STR("written"));
    CHECK_STR(FIRST(ORDER_BY(queryset_using(OBJECTS(cx, Tag), STR("replica")), "pk"), Tag)->name, STR("two"));

    /* What was read in part goes whole to another database. */
    CREATE(cx, Country, .code = STR("NO"), .name = STR("Norway"));
    Country *part = FIRST(ONLY(OBJECTS(cx, Country), "code"), Country);
    SAVE(cx, part, .using = STR("replica"));
    CHECK_STR(FIRST(queryset_using(OBJECTS(cx, Country), STR("replica")), Country)->name, STR("Norway"));
    CHECK_EQ(DELETE(cx, part), 1u);
    CHECK_EQ(COUNT(queryset_using(OBJECTS(cx, Country), STR("replica"))), 0u);
    CHECK_EQ(COUNT(OBJECTS(cx, Country)), 1u);
    cx->databases = before;
    databases_destroy(two);
}
TEST(loading, a_row_goes_back_to_its_database)
{
    sqlite_only();
    with_blog(two_databases);
}

/* --- pre_init and post_init */

typedef struct Heard {
    size_t before, after;
    Str last;
} Heard;
static void hear_pre(Context *cx, const SignalEvent *event)
{
    (void)cx;
    Heard *heard = event->arg;
    CHECK(((const ModelSignal *)event->data)->row == NULL);
    heard->before++;
}
static void hear_post(Context *cx, const SignalEvent *event)
{
    Heard *heard = event->arg;
    Author *author = ((const ModelSignal *)event->data)->row;
    heard->after++;
    heard->last = author->name;
    (void)COUNT(OBJECTS(cx, Tag)); /* a receiver may ask the database */
}

static void tells_made(Context *cx)
{
    Heard heard = { 0 };
    fill_blog(cx);
    signal_connect(&pre_init, hear_pre, .sender = &Author_model, .arg = &heard);
    signal_connect(&post_init, hear_post, .sender = &Author_model, .arg = &heard);
    (void)NEW_ROW(cx, Author, .name = STR("New"));
    CHECK(heard.before == 1 && heard.after == 1);
    CHECK_STR(heard.last, STR("New"));
    (void)queryset_length(ORDER_BY(OBJECTS(cx, Author), "pk"));
    CHECK(heard.before == 4 && heard.after == 4);
    CHECK_STR(heard.last, STR("Eve"));
    (void)queryset_length(SELECT_RELATED(ORDER_BY(OBJECTS(cx, Post), "pk"), "author"));
    CHECK(heard.before == 9 && heard.after == 9);
    (void)queryset_length(OBJECTS(cx, Post));
    (void)queryset_list(VALUES_OF(OBJECTS(cx, Author)));
    CHECK_EQ(heard.after, 9u);
    signal_clear(&pre_init);
    signal_clear(&post_init);
}
TEST(loading, rows_that_are_made_are_told)
{
    with_blog(tells_made);
}
