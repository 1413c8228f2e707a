#include "blog.h"

static void creates(Context *cx)
{
    static const char *const expected[] = {
        "CREATE TABLE \"blog_country\" (\"code\" varchar(2) NOT NULL PRIMARY KEY, \"name\" varchar(60) NOT NULL "
        "UNIQUE)",
        "CREATE TABLE \"blog_author\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \"name\" varchar(40) NOT "
        "NULL, "
        "\"email\" varchar(254) NOT NULL UNIQUE, \"country_id\" varchar(2) NULL REFERENCES \"blog_country\" (\"code\") "
        "DEFERRABLE INITIALLY DEFERRED, \"mentor_id\" bigint NULL REFERENCES \"blog_author\" (\"id\") DEFERRABLE "
        "INITIALLY "
        "DEFERRED)",
        "CREATE TABLE \"blog_tag\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \"name\" varchar(30) NOT NULL)",
        "CREATE TABLE \"blog_post\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \"title\" varchar(200) NOT "
        "NULL, "
        "\"slug\" varchar(50) NOT NULL UNIQUE, \"author_id\" bigint NOT NULL REFERENCES \"blog_author\" (\"id\") "
        "DEFERRABLE "
        "INITIALLY DEFERRED, \"body\" text NOT NULL, \"views\" integer unsigned NOT NULL CHECK (\"views\" >= 0), "
        "\"rating\" "
        "integer NULL, \"published\" bool NOT NULL, \"created\" datetime NOT NULL, \"changed\" datetime NOT NULL, "
        "\"price\" "
        "decimal NOT NULL, \"token\" char(32) NOT NULL, \"day\" date NULL, \"note\" varchar(20) NULL, CONSTRAINT "
        "\"views_small\" CHECK (\"views\" < 1000000), CONSTRAINT \"one_title\" UNIQUE (\"author_id\", \"title\"))",
        "CREATE TABLE \"blog_post_tags\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \"post_id\" bigint NOT "
        "NULL "
        "REFERENCES \"blog_post\" (\"id\") DEFERRABLE INITIALLY DEFERRED, \"tag_id\" bigint NOT NULL REFERENCES "
        "\"blog_tag\" "
        "(\"id\") DEFERRABLE INITIALLY DEFERRED)",
    };
    const Str *statements;
    size_t n = schema_create_sql(cx, STR("sqlite"), blog_app.models, &statements);
    REQUIRE(n > CLEF_COUNT(expected));
    for (size_t i = 0; i < CLEF_COUNT(expected); i++)
        CHECK_STR(statements[i], str_c(expected[i]));
    schema_create(cx, STR(""), &blog_app);
    CHECK_STR(test_tables(cx, "blog"), STR("blog_author blog_country blog_post blog_post_tags blog_tag blog_thing"));
}
TEST(schema, tables_are_djangos)
{
    with_database(":memory:", creates);
}

/* Names that Django gave to such indexes. */
TEST(schema, index_names_are_djangos)
{
    Arena *a = test_arena();
    Str f = STR("f"), f_id = STR("f_id"), ab[] = { STR("a"), STR("b") }, ends[] = { STR("thing_id"), STR("other_id") };
    CHECK_STR(schema_index_name(a, STR("app_thing"), &f, 1, STR("")), STR("app_thing_f_c20036b3"));
    CHECK_STR(schema_index_name(a, STR("app_thing"), &f_id, 1, STR("")), STR("app_thing_f_id_6f968878"));
    CHECK_STR(schema_index_name(a, STR("app_thing"), ab, 2, STR("_uniq")), STR("app_thing_a_b_12aec2c1_uniq"));
    CHECK_STR(schema_index_name(a, STR("app_thing_f"), ends, 2, STR("_uniq")),
              STR("app_thing_f_thing_id_other_id_61209e95_uniq"));
}

typedef struct Pair {
    MODEL_HEAD;
    int64_t a, b;
} Pair;
static const Model Pair_model = { MODEL(Pair), .db_table = "app_thing",
                                  FIELDS(Pair, IntegerField(a), IntegerField(b)), UNIQUE_TOGETHER(ORDER("a", "b")),
                                                            INDEXES(INDEX("a", "-b"), NAMED_INDEX("ix_a", "a")) };
static const App pair_app = { .label = "app", .models = MODELS(Pair) };

static void meta_indexes(Context *cx)
{
    const Str *s;
    Str error;
    REQUIRE(apps_populate(cx->arena, (const App *const[]){ &pair_app, NULL }, &error));
    REQUIRE(schema_create_sql(cx, STR("sqlite"), pair_app.models, &s) == 4);
    CHECK_STR(s[1], STR("CREATE UNIQUE INDEX \"app_thing_a_b_12aec2c1_uniq\" ON \"app_thing\" (\"a\", \"b\")"));
    CHECK_STR(s[2], STR("CREATE INDEX \"app_thing_a_f61eaf_idx\" ON \"app_thing\" (\"a\", \"b\" DESC)"));
    CHECK_STR(s[3], STR("CREATE INDEX \"ix_a\" ON \"app_thing\" (\"a\")"));
}
TEST(schema, indexes_of_meta)
{
    with_database(":memory:", meta_indexes);
}
