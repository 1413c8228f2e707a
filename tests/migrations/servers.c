/* servers.c: what databases name by themselves, and what routers keep from a database. */
#include "../orm/blog.h"

#include <clef/migrations.h>
#include <clef/orm/router.h>

/* clang-format off */
static const Migration first = {
    .app = "desk", .name = "0001_initial", .initial = true,
    OPERATIONS(
        CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20))),
        CreateModel("Ticket",
            COLUMNS(BigAutoField(id, .primary_key = true),
                    CharField(code, .max_length = 20, .unique = true),
                    CharField(title, .max_length = 40),
                    PositiveIntegerField(rank),
                    ForeignKey(owner, "desk.Owner", .on_delete = CASCADE, .null = true)),
            CONSTRAINTS(UNIQUE_CONSTRAINT("its_own_name", "rank")),
            UNIQUE_TOGETHER(ORDER("owner", "title")))),
};
/* Under another name of the table than that of which the names of its constraints were made. */
static const Migration second = {
    .app = "desk", .name = "0002_issue", .dependencies = DEPENDS({ "desk", "0001_initial" }),
    OPERATIONS(
        RenameModel("Ticket", "Issue"),
        RenameField("issue", "title", "subject"),
        AlterField("issue", CharField(code, .max_length = 20)),
        AlterField("issue", IntegerField(rank)),
        AlterUniqueTogether("issue", NULL)),
};
/* clang-format on */
static const Migration *const list[] = { &first, &second, NULL };
static const App desk = { .label = "desk", .migrations = list };
static const App *const apps[] = { &desk, NULL };

static void same_rank(Context *cx)
{
    sql_execute(cx, STR(""), STR("INSERT INTO desk_issue (code, subject, rank, owner_id) VALUES ('b', 's', -2, NULL)"),
                NULL, 0);
}

static void dropped(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), apps, NULL, NULL), 2u);
    sql_execute(cx, STR(""), STR("INSERT INTO desk_owner (name) VALUES ('ada')"), NULL, 0);
    /* The same code, and the same owner and subject, and a rank below zero. */
    for (int i = -1; i >= -2; i--)
        sql_execute(cx, STR(""), STR("INSERT INTO desk_issue (code, subject, rank, owner_id) VALUES ('a', 's', ?, 1)"),
                    &(Value){ .tag = VALUE_INT, .i = i }, 1);
    /* A constraint that Meta names is no business of the field. */
    CHECK_STR(str_c(raised(cx, same_rank)->code), STR("integrity_error"));
    sql_execute(cx, STR(""), STR("DELETE FROM desk_issue"), NULL, 0);
    CHECK_EQ(migrate_to(cx, apps, &(MigrateOptions){ .app = "desk", .name = "zero" }), 2u);
}
TEST(migrations, constraints_are_dropped_by_the_names_that_they_have)
{
    with_database(":memory:", dropped);
}

/* --- indexes that are made while others write; texts of a database's own */

/* clang-format off */
static const Migration quiet = {
    .app = "desk", .name = "0002_quiet", .not_atomic = true, .dependencies = DEPENDS({ "desk", "0001_initial" }),
    OPERATIONS(AddIndex("Ticket", NAMED_INDEX("quiet_title", "title"), .concurrently = true)),
};
static const Migration loud = {
    .app = "desk", .name = "0003_loud", .dependencies = DEPENDS({ "desk", "0002_quiet" }),
    OPERATIONS(AddIndex("Ticket", NAMED_INDEX("loud_title", "title"), .concurrently = true)),
};
static const Migration bodies = {
    .app = "desk", .name = "0004_bodies", .dependencies = DEPENDS({ "desk", "0002_quiet" }),
    OPERATIONS(RunSQL("CREATE FUNCTION desk_two() RETURNS int AS $$ BEGIN RETURN 2; END $$ LANGUAGE plpgsql;\n"
                      "-- is there a key?\n"
                      "CREATE TABLE desk_has AS SELECT '{\"a\": 1}'::jsonb ? 'a' AS has, desk_two() AS two",
                      "DROP TABLE desk_has; DROP FUNCTION desk_two()")),
};
/* clang-format on */
static const Migration *const quiet_list[] = { &first, &quiet, NULL };
static const Migration *const loud_list[] = { &first, &quiet, &loud, NULL };
static const Migration *const bodies_list[] = { &first, &quiet, &bodies, NULL };
static const App quiet_app = { .label = "desk", .migrations = quiet_list },
                 loud_app = { .label = "desk", .migrations = loud_list },
                 bodies_app = { .label = "desk", .migrations = bodies_list };

static void makes_loud(Context *cx) { (void)migrate(cx, STR(""), (const App *const[]){ &loud_app, NULL }, NULL, NULL); }

static void concurrently(Context *cx)
{
    const App *const quiet_apps[] = { &quiet_app, NULL };
    CHECK_EQ(migrate(cx, STR(""), quiet_apps, NULL, NULL), 2u);
    CHECK_EQ(migrate_to(cx, quiet_apps, &(MigrateOptions){ .app = "desk", .name = "0001" }), 1u);
    CHECK_EQ(migrate(cx, STR(""), quiet_apps, NULL, NULL), 1u);
    if (!str_eq(str_c(test_vendor()), STR("postgresql")))
        return; /* others make it as usual */
    CHECK_STR(str_c(raised(cx, makes_loud)->code), STR("not_supported_error"));
    const App *const with_bodies[] = { &bodies_app, NULL };
    CHECK_EQ(migrate(cx, STR(""), with_bodies, NULL, NULL), 1u);
    SqlRows rows = sql_query(cx, STR(""), STR("SELECT two FROM desk_has WHERE has"), NULL, 0);
    REQUIRE(rows.n == 1);
    CHECK_EQ(rows.rows[0][0].i, 2);
    CHECK_EQ(migrate_to(cx, with_bodies, &(MigrateOptions){ .app = "desk", .name = "0002" }), 1u);
}
TEST(migrations, indexes_are_made_while_others_write)
{
    with_database(":memory:", concurrently);
}

/* --- routers */

static RouterAnswer no_owners(Str alias, Str app_label, const Model *m)
{
    CHECK_STR(alias, STR("default"));
    CHECK_STR(app_label, STR("desk"));
    return m && str_eq(str_c(m->name), STR("Owner")) ? ROUTER_NO : ROUTER_NO_OPINION;
}
static RouterAnswer nothing(Str alias, Str app_label, const Model *m)
{
    (void)alias, (void)app_label, (void)m;
    return ROUTER_NO;
}

/* clang-format off */
static const Migration owners = {
    .app = "desk", .name = "0001_initial", .initial = true,
    OPERATIONS(
        CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20))),
        CreateModel("Note", COLUMNS(BigAutoField(id, .primary_key = true))),
        AddField("owner", IntegerField(age, .null = true)),
        RunSQL("INSERT INTO desk_note (id) VALUES (7)", RUN_NOTHING)),
};
/* clang-format on */
static const App notes = { .label = "desk", .migrations = (const Migration *const[]){ &owners, NULL } };

static void routed(Context *cx)
{
    static const DatabaseRouter some = { .allow_migrate = no_owners }, none = { .allow_migrate = nothing };
    const App *const these[] = { &notes, NULL };
    MigrateOptions zero = { .app = "desk", .name = "zero" };
    routers_install(ROUTERS(&some));
    CHECK_EQ(migrate(cx, STR(""), these, NULL, NULL), 1u);
    CHECK_STR(test_tables(cx, "desk"), STR("desk_note"));
    CHECK(migration_is_applied(cx, STR(""), STR("desk"), STR("0001_initial")));
    CHECK_EQ(sql_query(cx, STR(""), STR("SELECT id FROM desk_note"), NULL, 0).n, 1u);
    CHECK_EQ(migrate_to(cx, these, &zero), 1u);
    CHECK_STR(test_tables(cx, "desk"), STR(""));
    /* Statements of one's own are the application's. */
    routers_install(ROUTERS(&none));
    CHECK_EQ(migrate(cx, STR(""), these, NULL, NULL), 1u);
    CHECK_STR(test_tables(cx, "desk"), STR(""));
    CHECK(migration_is_applied(cx, STR(""), STR("desk"), STR("0001_initial")));
    routers_install(NULL);
}
TEST(migrations, tables_that_routers_keep_away_are_not_made)
{
    with_database(":memory:", routed);
}
