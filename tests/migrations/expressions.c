#include "../orm/blog.h"

#include "migrations/writer.h"
#include <clef/migrations.h>
#include <clef/rt.h>

#include <errno.h>

/* Expressions in tables: as migrations write them, and as a database takes them. */

/* clang-format off */
static const Migration everything = {
    .app = "desk", .name = "0001_initial", .initial = true,
    OPERATIONS(
        CreateModel("Item",
            COLUMNS(BigAutoField(id, .primary_key = true),
                    CharField(name, .max_length = 40, .db_collation = "nocase",
                              .validators = VALIDATORS(MinLengthValidator(2), RegexValidator("^[a-z]+$", .message = "no"), validate_slug)),
                    IntegerField(pages, .null = true),
                    IntegerField(least, .db_default = DEFAULT(ADD(VAL(5), 2))),
                    DecimalField(price, .max_digits = 6, .decimal_places = 2, .default_value = DEFAULT_DECIMAL("1.50")),
                    DateTimeField(made, .db_default = DEFAULT(Now())),
                    GeneratedField(CharField(slug, .max_length = 50), .expression = Lower("name"), .db_persist = true),
                    GeneratedField(IntegerField(twice), .expression = MUL(F("pages"), 2))),
            .permissions = PERMISSION_NAMES({ "can_sell", "Can sell" }), .default_permissions = ORDER("view"),
            INDEXES(INDEX_ON("by_name", EXPRESSIONS(DESC(Lower("name")), F("pages"))),
                    INDEX_ON("some", EXPRESSIONS(ASC(Collate("name", "nocase"))), .condition = (const Pred[1]){ LOOKUP("pages__gt", 3) }),
                    { .name = "plain", .fields = ORDER("-pages"), .include = ORDER("name") }),
            CONSTRAINTS(UNIQUE_ON("one_name", EXPRESSIONS(Lower("name"))),
                        CHECK_CONSTRAINT("pages_few", Q_OR(LOOKUP("pages__lt", MUL(F("least"), 100)), LOOKUP("pages", (const Expr *)Length("name")))),
                        { .name = "named", .check = (const Pred[1]){ Q_NOT(LOOKUP("name", "")) }, .violation_error_message = "A name is needed." })),
        AddConstraint("Item", CHECK_CONSTRAINT("cases", LOOKUP("pages__gte", Case(CASES(When(LOOKUP("least__gt", 1), 0)), .otherwise = DEFAULT(-1))))),
        AlterConstraint("Item", { .name = "named", .check = (const Pred[1]){ Q_NOT(LOOKUP("name", "")) } }),
        AddIndex("Item", INDEX_OF(.name = "kept", .fields = ORDER("pages"), .include = ORDER("name")), .concurrently = true),
        RemoveIndex("Item", "kept"),
        AddField("Item", GeneratedField(BooleanField(empty), .expression = Coalesce(F("pages"), 0), .db_persist = true)),
        RunSQL(NULL, NULL, .statements = SQL_STATEMENTS({ "INSERT INTO desk_item (name, pages, price) VALUES (?, ?, 1)", SQL_PARAMS("it's", 5) }),
               .reverse_statements = SQL_STATEMENTS({ .sql = "DELETE FROM desk_item" })),
        SeparateDatabaseAndState(.state = OPERATION_LIST(AlterModelManagers("Item")), .database = OPERATION_LIST(RunSQL("SELECT 1", RUN_NOTHING)))),
};
/* clang-format on */
static const Migration *const list[] = { &everything, NULL };
static const App desk = { .label = "desk", .migrations = list };
static const App *const apps[] = { &desk, NULL };

static void wrong_name(Context *cx)
{
    sql_execute(cx, STR(""), STR("INSERT INTO desk_item (name, pages, price) VALUES ('IT''S', 1, 1)"), NULL, 0);
}
static void too_many(Context *cx)
{
    sql_execute(cx, STR(""), STR("INSERT INTO desk_item (name, pages, price) VALUES ('b', 701, 1)"), NULL, 0);
}

static void runs(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), apps, NULL, NULL), 1u);
    SqlRows rows = sql_query(cx, STR(""), STR("SELECT name, slug, twice, least, empty, made FROM desk_item"), NULL, 0);
    REQUIRE(rows.n == 1);
    CHECK_STR(rows.rows[0][0].s, STR("it's"));
    CHECK_STR(rows.rows[0][1].s, STR("it's"));
    CHECK_EQ(rows.rows[0][2].i, 10);
    CHECK_EQ(rows.rows[0][3].i, 7);
    CHECK_EQ(rows.rows[0][4].i, 5);
    CHECK(rows.rows[0][5].s.n >= 19);
    CHECK_STR_CONTAINS(raised(cx, wrong_name)->message, STR("one_name"));
    CHECK_STR_CONTAINS(raised(cx, too_many)->message, STR("pages_few"));
    SqlRows indexes = sql_query(
        cx, STR(""), STR("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql <> '' ORDER BY name"), NULL, 0);
    REQUIRE(indexes.n == 4);
    CHECK_STR(indexes.rows[0][0].s,
              STR("CREATE INDEX \"by_name\" ON \"desk_item\" ((LOWER(\"name\")) DESC, \"pages\")"));
    CHECK_STR(indexes.rows[1][0].s, STR("CREATE UNIQUE INDEX \"one_name\" ON \"desk_item\" ((LOWER(\"name\")))"));
    CHECK_STR(indexes.rows[3][0].s,
              STR("CREATE INDEX \"some\" ON \"desk_item\" (\"name\" COLLATE \"nocase\" ASC) WHERE \"pages\" > 3"));
    CHECK_EQ(migrate_to(cx, apps, &(MigrateOptions){ .app = "desk", .name = "zero" }), 1u);
}
TEST(migrations, tables_have_expressions)
{
    sqlite_only(); /* NOCASE, and a generated column that is not stored */
    with_database(":memory:", runs);
}

static void compiles(void *arg)
{
    (void)arg;
    ProcessResult r;
    Str source = migration_source(test_arena(), &everything);
    const char *const command[] = { "cc",
                                    "-std=gnu2x",
                                    "-Werror=incompatible-pointer-types",
                                    "-fsyntax-only",
                                    "-Wextra",
                                    "-Wall",
                                    "-I" CLEF_TESTS "/../include",
                                    "-x",
                                    "c",
                                    "-",
                                    NULL };
    int outcome = process_run(test_arena(), command, &(ProcessRun){ .input = source, .merge = true }, &r);
    if (outcome == -ENOENT)
        test_skip("no compiler here");
    REQUIRE(outcome == 0);
    CHECK_STR(r.out, STR(""));
    CHECK_EQ(r.code, 0);
    CHECK_STR_CONTAINS(source, STR("INDEX_ON(\"by_name\", EXPRESSIONS(DESC(Lower(\"name\")), F(\"pages\")))"));
    CHECK_STR_CONTAINS(source, STR(".validators = VALIDATORS(MinLengthValidator(2), RegexValidator(\"^[a-z]+$\", "
                                   ".message = \"no\"), validate_slug)"));
    CHECK_STR_CONTAINS(source, STR("GeneratedField(CharField(slug, .max_length = 50), .expression = Lower(\"name\"), "
                                   ".db_persist = true)"));
}
TEST(migrations, what_is_written_compiles, .seconds = 60)
{
    Loop *loop = loop_create(test_arena());
    fiber_start(loop, compiles, NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}
