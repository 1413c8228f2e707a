#include "../orm/blog.h"

#include <clef/migrations.h>

static const App *const apps[] = { &blog_app, NULL };
static char trace[64];
static void told(void *arg, const MigrateProgress *now)
{
    (void)arg;
    CHECK_STR(str_c(now->app_label), STR("blog"));
    CHECK_STR(str_c(now->name), STR("0001_initial"));
    CHECK(!now->backwards && !now->faked);
    strncat(trace, now->done ? "2" : "1", sizeof trace - strlen(trace) - 1);
}

static void migrates(Context *cx)
{
    CHECK(!migration_is_applied(cx, STR(""), STR("blog"), STR("0001_initial")));
    CHECK_EQ(migrate(cx, STR(""), apps, told, NULL), 1u);
    CHECK_STR(str_c(trace), STR("12"));
    CHECK(migration_is_applied(cx, STR(""), STR("blog"), STR("0001_initial")));
    CHECK_EQ(migrate(cx, STR(""), apps, told, NULL), 0u);
    fill_blog(cx);
    CHECK_EQ(COUNT(OBJECTS(cx, Post)), 5u);
    SqlRows rows = sql_query(cx, STR(""), STR("SELECT app, name, applied FROM django_migrations"), NULL, 0);
    REQUIRE(rows.n == 1);
    CHECK_STR(rows.rows[0][0].s, STR("blog"));
    Value applied = rows.rows[0][2];
    if (str_eq(str_c(test_vendor()), STR("sqlite")))
        CHECK(applied.tag == VALUE_STR && applied.s.n >= 19 && applied.s.p[10] == ' ');
    else
        CHECK_EQ(applied.tag, VALUE_DATETIME);
}
TEST(migrations, make_tables_once_and_record_it)
{
    with_database(":memory:", migrates);
}

static void again(Context *cx) { migrate(cx, STR(""), apps, NULL, NULL); }
static void fails(Context *cx)
{
    sql_execute(cx, STR(""), STR("CREATE TABLE blog_post (id integer)"), NULL, 0);
    CHECK_STR_CONTAINS(raised(cx, again)->message, STR("blog_post"));
    CHECK(!migration_is_applied(cx, STR(""), STR("blog"), STR("0001_initial")));
    CHECK_STR(test_tables(cx, "blog"),
              test_ddl_rolls_back() ? STR("blog_post") : STR("blog_author blog_country blog_post blog_tag blog_thing"));
}
TEST(migrations, one_that_fails_leaves_nothing)
{
    with_database(":memory:", fails);
}
