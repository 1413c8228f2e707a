#include "../orm/blog.h"

#include "migrations/graph.h"
#include <clef/migrations.h>

/* A history of its own, of models that no struct has. */

static void fill_ranks(Context *cx, const ProjectState *apps, Str alias)
{
    const Model *m = state_model(cx, apps, "desk", "Ticket");
    QuerySet *all = queryset_using(queryset_of(cx, m), alias);
    void *row;
    for (size_t cursor = 0; (row = queryset_next(all, m, &cursor)) != NULL;) {
        Value title = field_get(cx->arena, model_field(m, STR("title")), row);
        REQUIRE(field_set(cx->arena, model_field(m, STR("rank")), row, value_int((int64_t)title.s.n)));
        model_save(cx, m, row, NULL);
    }
}

/* clang-format off */
static const Migration first = {
    .app = "desk", .name = "0001_initial", .initial = true,
    OPERATIONS(
        CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20))),
        CreateModel("Ticket",
            COLUMNS(BigAutoField(id, .primary_key = true),
                    CharField(title, .max_length = 40),
                    ForeignKey(owner, "desk.Owner", .on_delete = CASCADE, .null = true),
                    ManyToManyField(watchers, "desk.Owner", .related_name = "watched")),
            UNIQUE_TOGETHER(ORDER("title", "owner")))),
};
static const Migration second = {
    .app = "desk", .name = "0002_ticket_rank",
    .dependencies = DEPENDS({ "desk", "0001_initial" }),
    OPERATIONS(
        AddField("Ticket", IntegerField(rank, .default_value = DEFAULT(0))),
        RunFunction(fill_ranks, migration_nothing),
        AddIndex("ticket", NAMED_INDEX("ticket_rank", "-rank")),
        AddConstraint("ticket", CHECK_CONSTRAINT("rank_small", LOOKUP("rank__lt", 1000)))),
};
static const Migration third = {
    .app = "desk", .name = "0003_rename",
    .dependencies = DEPENDS({ "desk", "0002_ticket_rank" }),
    OPERATIONS(
        RenameField("ticket", "title", "subject"),
        RenameModel("Ticket", "Issue"),
        AlterField("issue", CharField(subject, .max_length = 80, .db_index = true)),
        RunSQL("INSERT INTO desk_owner (name) VALUES ('a;b'); INSERT INTO desk_owner (name) VALUES ('c')", RUN_NOTHING)),
};
static const Migration wrong = {
    .app = "desk", .name = "0004_wrong",
    .dependencies = DEPENDS({ "desk", "0003_rename" }),
    OPERATIONS(AddField("issue", IntegerField(extra, .unique = true, .null = true)), RunSQL("SELECT x FROM nowhere", NULL)),
};
static const Migration beside = {
    .app = "desk", .name = "0002_beside", .dependencies = DEPENDS({ "desk", "0001_initial" }),
    OPERATIONS(AlterModelOptions("owner", .ordering = ORDER("name"))),
};
/* clang-format on */

static const Migration *const all_migrations[] = { &first, &second, &third, NULL };
static const App desk = { .label = "desk", .migrations = all_migrations };
static const App *const apps[] = { &desk, NULL };

static size_t to(Context *cx, const char *name)
{
    return migrate_to(cx, apps, &(MigrateOptions){ .app = name ? "desk" : NULL, .name = name });
}

static Str text(Context *cx, const char *sql)
{
    SqlRows rows = sql_query(cx, STR(""), str_c(sql), NULL, 0);
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    for (size_t i = 0; i < rows.n; i++)
        for (size_t j = 0; j < rows.columns; j++) {
            buf_c(&b, b.n ? " " : "");
            if (rows.rows[i][j].tag == VALUE_INT)
                buf_i64(&b, rows.rows[i][j].i);
            else if (rows.rows[i][j].tag == VALUE_STR)
                buf_str(&b, rows.rows[i][j].s);
            else
                BUF_LIT(&b, "NULL");
        }
    return buf_view(&b);
}

/* SQLite's are off while tables are made anew: they must be on again, and right. */
static void keys_are_checked(Context *cx)
{
    if (!str_eq(str_c(test_vendor()), STR("sqlite")))
        return;
    CHECK_STR(text(cx, "PRAGMA foreign_keys"), STR("1"));
    CHECK_STR(text(cx, "PRAGMA foreign_key_check"), STR(""));
}

static void forwards_and_back(Context *cx)
{
    CHECK_EQ(to(cx, "0001"), 1u);
    CHECK_STR(test_tables(cx, "desk"), STR("desk_owner desk_ticket desk_ticket_watchers"));
    sql_execute(cx, STR(""), STR("INSERT INTO desk_owner (name) VALUES ('ada')"), NULL, 0);
    sql_execute(cx, STR(""), STR("INSERT INTO desk_ticket (title, owner_id) VALUES ('four', 1), ('sixsix', NULL)"),
                NULL, 0);
    sql_execute(cx, STR(""), STR("INSERT INTO desk_ticket_watchers (ticket_id, owner_id) VALUES (2, 1)"), NULL, 0);

    CHECK_EQ(to(cx, NULL), 2u);
    CHECK_STR(test_tables(cx, "desk"), STR("desk_issue desk_issue_watchers desk_owner"));
    CHECK_STR(text(cx, "SELECT subject, rank, owner_id FROM desk_issue ORDER BY id"), STR("four 4 1 sixsix 6 NULL"));
    CHECK_STR(text(cx, "SELECT issue_id, owner_id FROM desk_issue_watchers"), STR("2 1"));
    CHECK_STR(text(cx, "SELECT name FROM desk_owner ORDER BY id"), STR("ada a;b c"));
    keys_are_checked(cx);
    CHECK_EQ(to(cx, NULL), 0u);

    CHECK_EQ(to(cx, "0002"), 1u);
    CHECK_STR(text(cx, "SELECT title, rank FROM desk_ticket ORDER BY id"), STR("four 4 sixsix 6"));
    CHECK_STR(text(cx, "SELECT ticket_id FROM desk_ticket_watchers"), STR("2"));
    CHECK_STR(text(cx, "SELECT app, name FROM django_migrations ORDER BY id"),
              STR("desk 0001_initial desk 0002_ticket_rank"));
    CHECK_EQ(to(cx, "zero"), 2u);
    CHECK_STR(test_tables(cx, "desk"), STR(""));
    CHECK_STR(text(cx, "SELECT count(*) FROM django_migrations"), STR("0"));
}
TEST(migrations, go_forwards_and_back_with_the_rows)
{
    with_database(":memory:", forwards_and_back);
}

static void fails(Context *cx)
{
    static const Migration *const with_wrong[] = { &first, &second, &third, &wrong, NULL };
    static const App app = { .label = "desk", .migrations = with_wrong };
    (void)migrate(cx, STR(""), (const App *const[]){ &app, NULL }, NULL, NULL);
}

static void one_fails(Context *cx)
{
    CHECK_STR_CONTAINS(raised(cx, fails)->message, STR("nowhere"));
    /* The others are there, and of the one that failed nothing is. */
    CHECK_STR(text(cx, "SELECT count(*) FROM django_migrations"), STR("3"));
    CHECK_EQ(test_has_column(cx, "desk_issue", "extra"), !test_ddl_rolls_back());
    keys_are_checked(cx);
}
TEST(migrations, one_that_fails_half_way_leaves_what_was_there)
{
    with_database(":memory:", one_fails);
}

static const Migration bad = { .app = "desk",
                               .name = "0002_x",
                               .dependencies = DEPENDS({ "desk", "0001_initial" }),
                               OPERATIONS(RunSQL("SELECT 1", NULL)) };

static void irreversible_back(Context *cx)
{
    static const Migration *const list[] = { &first, &bad, NULL };
    static const App app = { .label = "desk", .migrations = list };
    const App *const these[] = { &app, NULL };
    (void)migrate(cx, STR(""), these, NULL, NULL);
    (void)migrate_to(cx, these, &(MigrateOptions){ .app = "desk", .name = "0001" });
}
static void cannot_go_back(Context *cx)
{
    const Error *e = raised(cx, irreversible_back);
    CHECK_STR(str_c(e->code), STR("irreversible"));
    CHECK_STR(e->message, STR("Operation Raw SQL operation in desk.0002_x is not reversible."));
}
TEST(migrations, what_cannot_be_taken_back_says_so)
{
    with_database(":memory:", cannot_go_back);
}

static void both(Context *cx)
{
    static const Migration *const list[] = { &first, &second, &beside, NULL };
    static const App app = { .label = "desk", .migrations = list };
    (void)migrate(cx, STR(""), (const App *const[]){ &app, NULL }, NULL, NULL);
}
static void unknown_name(Context *cx) { to(cx, "0009"); }
static void ambiguous_name(Context *cx) { to(cx, "000"); }
static void unknown_app(Context *cx) { migrate_to(cx, apps, &(MigrateOptions){ .app = "nobody" }); }
static void lost_parent(Context *cx)
{
    static const Migration *const list[] = { &second, NULL };
    static const App app = { .label = "desk", .migrations = list };
    (void)migrate(cx, STR(""), (const App *const[]){ &app, NULL }, NULL, NULL);
}
static void mistakes(Context *cx)
{
    CHECK_STR_CONTAINS(raised(cx, both)->message, STR("0002_ticket_rank, 0002_beside in desk"));
    CHECK_STR_CONTAINS(raised(cx, both)->message, STR("makemigrations --merge"));
    CHECK_STR(raised(cx, unknown_name)->message, STR("Cannot find a migration matching '0009' from app 'desk'."));
    CHECK_STR_CONTAINS(raised(cx, ambiguous_name)->message, STR("More than one migration matches"));
    CHECK_STR(raised(cx, unknown_app)->message, STR("No installed app with label 'nobody'."));
    CHECK_STR_CONTAINS(raised(cx, lost_parent)->message,
                       STR("desk.0002_ticket_rank depends on desk.0001_initial, which does not exist"));
}
TEST(migrations, mistakes_name_the_migration)
{
    with_database(":memory:", mistakes);
}

static void told_of_faked(void *arg, const MigrateProgress *now)
{
    size_t *n = arg;
    *n += now->done && now->faked;
}

/* clang-format off */
static const Migration found = {
    .app = "desk", .name = "0001_found",
    OPERATIONS(CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true))),
               CreateModel("Ticket", COLUMNS(BigAutoField(id, .primary_key = true))),
               AddField("Ticket", IntegerField(rank, .default_value = DEFAULT(0))),
               AddField("Ticket", ManyToManyField(watchers, "desk.Owner"))),
};
/* clang-format on */
static const Migration *const found_migrations[] = { &found, NULL };
static const App found_app = { .label = "desk", .migrations = found_migrations };
static const App *const found_apps[] = { &found_app, NULL };

static void makes_again(Context *cx) { (void)migrate_to(cx, found_apps, &(MigrateOptions){ .fake_initial = true }); }

static void faked(Context *cx)
{
    size_t n = 0;
    CHECK_EQ(migrate_to(cx, apps, &(MigrateOptions){ .app = "desk", .name = "0001", .fake = true }), 1u);
    CHECK_STR(test_tables(cx, "desk"), STR(""));
    CHECK_EQ(migrate_to(cx, apps, &(MigrateOptions){ .app = "desk", .name = "zero", .fake = true }), 1u);
    CHECK_EQ(to(cx, "0001"), 1u);
    sql_execute(cx, STR(""), STR("DELETE FROM django_migrations"), NULL, 0);
    const MigrateOptions initial = {
        .app = "desk", .name = "0001", .fake_initial = true, .progress = told_of_faked, .arg = &n
    };
    CHECK_EQ(migrate_to(cx, apps, &initial), 1u);
    CHECK_EQ(n, 1u);
    CHECK_STR(text(cx, "SELECT name FROM django_migrations"), STR("0001_initial"));
    /* Later ones run, and an initial one without all of its columns and tables. */
    CHECK_EQ(
        migrate_to(cx, apps,
                   &(MigrateOptions){
                       .app = "desk", .name = "0002", .fake_initial = true, .progress = told_of_faked, .arg = &n }),
        1u);
    CHECK_EQ(n, 1u);
    sql_execute(cx, STR(""), STR("DELETE FROM django_migrations"), NULL, 0);
    CHECK_EQ(
        migrate_to(cx, found_apps, &(MigrateOptions){ .fake_initial = true, .progress = told_of_faked, .arg = &n }),
        1u);
    CHECK_EQ(n, 2u);
    sql_execute(cx, STR(""), STR("DELETE FROM django_migrations"), NULL, 0);
    sql_execute(cx, STR(""), STR("ALTER TABLE desk_ticket RENAME COLUMN rank TO other"), NULL, 0);
    CHECK_STR_CONTAINS(raised(cx, makes_again)->message, STR("desk_owner")); /* it is made again */
}
TEST(migrations, may_be_recorded_only)
{
    with_database(":memory:", faked);
}

static void keeps(void *arg, Str sql)
{
    Buf *b = arg;
    buf_str(b, sql);
    buf_byte(b, '\n');
}
static void as_sql(Context *cx)
{
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    Graph *g = graph_create(cx, apps);
    migration_sql(g, STR(""), graph_find(g, "desk", "0002"), false, keeps, &b);
    CHECK_STR_CONTAINS(
        buf_view(&b),
        str_eq(str_c(test_vendor()), STR("sqlite"))
            ? STR("--\n-- Add field rank to Ticket\n--\nCREATE TABLE \"new__desk_ticket\"")
            : STR("--\n-- Add field rank to Ticket\n--\nALTER TABLE \"desk_ticket\" ADD COLUMN \"rank\" "));
    CHECK_STR_CONTAINS(buf_view(&b), STR("CREATE INDEX \"ticket_rank\" ON \"desk_ticket\" (\"rank\" DESC);\n"));
    CHECK_STR_CONTAINS(buf_view(&b), STR("CANNOT BE WRITTEN AS SQL"));
    /* A transaction is shown where tables can be changed in one. */
    CHECK_EQ(str_starts(buf_view(&b), STR("BEGIN;\n")), test_ddl_rolls_back());
    CHECK_EQ(str_ends(buf_view(&b), STR("COMMIT;\n")), test_ddl_rolls_back());
    CHECK_STR(test_tables(cx, "desk"), STR(""));
}
TEST(migrations, show_their_sql_and_run_nothing)
{
    with_database(":memory:", as_sql);
}

/* --- squashed migrations, and histories that cannot be */

/* clang-format off */
static const Migration squashed = {
    .app = "desk", .name = "0001_squashed_0002_ticket_rank", .initial = true,
    .replaces = DEPENDS({ "desk", "0001_initial" }, { "desk", "0002_ticket_rank" }),
    OPERATIONS(
        CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20))),
        CreateModel("Ticket",
            COLUMNS(BigAutoField(id, .primary_key = true), CharField(title, .max_length = 40),
                    ForeignKey(owner, "desk.Owner", .on_delete = CASCADE, .null = true),
                    ManyToManyField(watchers, "desk.Owner", .related_name = "watched"),
                    IntegerField(rank, .default_value = DEFAULT(0))),
            UNIQUE_TOGETHER(ORDER("title", "owner")))),
};
/* clang-format on */
static const Migration *const with_squashed[] = { &first, &second, &squashed, &third, NULL };
static const App squashed_app = { .label = "desk", .migrations = with_squashed };
static const App *const squashed_apps[] = { &squashed_app, NULL };

static const char names[] = "SELECT name FROM django_migrations ORDER BY name";

static void squashed_when_new(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), squashed_apps, NULL, NULL), 2u);
    CHECK_STR(text(cx, names), STR("0001_initial 0001_squashed_0002_ticket_rank 0002_ticket_rank 0003_rename"));
    CHECK_EQ(migrate(cx, STR(""), squashed_apps, NULL, NULL), 0u);
}
static void squashed_when_begun(Context *cx)
{
    CHECK_EQ(to(cx, "0001"), 1u);
    /* One of two was applied: they are taken, and only then the squashed one counts. */
    CHECK_EQ(migrate(cx, STR(""), squashed_apps, NULL, NULL), 2u);
    CHECK_STR(text(cx, names), STR("0001_initial 0002_ticket_rank 0003_rename"));
    CHECK_EQ(migrate(cx, STR(""), squashed_apps, NULL, NULL), 0u);
    CHECK_STR(text(cx, names), STR("0001_initial 0001_squashed_0002_ticket_rank 0002_ticket_rank 0003_rename"));
}
TEST(migrations, squashed_ones_stand_for_all_or_none)
{
    with_database(":memory:", squashed_when_new);
    with_database(":memory:", squashed_when_begun);
}

static void goes_on(Context *cx) { (void)to(cx, NULL); }
static void inconsistent(Context *cx)
{
    CHECK_EQ(to(cx, "0002"), 2u);
    sql_execute(cx, STR(""), STR("DELETE FROM django_migrations WHERE name = '0001_initial'"), NULL, 0);
    const Error *e = raised(cx, goes_on);
    CHECK_STR(str_c(e->code), STR("inconsistent_migration_history"));
    CHECK_STR(e->message, STR("Migration desk.0002_ticket_rank is applied before its dependency desk.0001_initial on "
                              "database 'default'."));
}
TEST(migrations, a_history_with_a_hole_is_refused)
{
    with_database(":memory:", inconsistent);
}

static const Migration loose = { .app = "desk",
                                 .name = "0002_loose",
                                 .not_atomic = true,
                                 .dependencies = DEPENDS({ "desk", "0001_initial" }),
                                 OPERATIONS(AddField("ticket", IntegerField(extra, .null = true)),
                                            RunSQL("SELECT x FROM nowhere", NULL)) };
static void runs_loose(Context *cx)
{
    static const Migration *const list[] = { &first, &loose, NULL };
    static const App app = { .label = "desk", .migrations = list };
    (void)migrate(cx, STR(""), (const App *const[]){ &app, NULL }, NULL, NULL);
}
static void stands(Context *cx)
{
    const Error *e = raised(cx, runs_loose);
    CHECK_STR_CONTAINS(e->message,
                       STR("This came of operation 2 of desk.0002_loose: Raw SQL operation. It is not atomic, "
                           "so that the operations before it stand."));
    CHECK(test_has_column(cx, "desk_ticket", "extra"));
    CHECK_STR(text(cx, names), STR("0001_initial"));
}
TEST(migrations, one_that_is_not_atomic_says_where_it_stands)
{
    with_database(":memory:", stands);
}

static const Operation plainly = AddIndex("Ticket", NAMED_INDEX("x", "title"));
static const Operation quietly = AddIndex("Ticket", NAMED_INDEX("x", "title"), .concurrently = true);
static const Operation longer = AlterField("Ticket", CharField(title, .max_length = 80));
static const Operation shorter = AlterField("Ticket", CharField(title, .max_length = 8));
static const Operation create = CreateModel("New", COLUMNS(BigAutoField(id, .primary_key = true)));

static void warns(Context *cx)
{
    ProjectState *s = state_new(cx->arena);
    for (const Operation *op = first.operations; op->kind; op++)
        state_apply(cx, s, "desk", op);
    const Str pg = STR("postgresql"), my = STR("mysql");
    CHECK_STR_CONTAINS(operation_lint(cx, pg, "desk", &plainly, s), STR("SHARE lock"));
    CHECK_EQ(operation_lint(cx, pg, "desk", &quietly, s).n, 0u);
    CHECK_EQ(operation_lint(cx, my, "desk", &plainly, s).n, 0u);
    CHECK_EQ(operation_lint(cx, pg, "desk", &longer, s).n, 0u);
    CHECK_STR_CONTAINS(operation_lint(cx, my, "desk", &longer, s), STR("copied"));
    CHECK_STR_CONTAINS(operation_lint(cx, pg, "desk", &shorter, s), STR("ACCESS EXCLUSIVE"));
    CHECK_EQ(operation_lint(cx, pg, "desk", &create, s).n, 0u);
    CHECK_EQ(operation_lint(cx, STR("sqlite"), "desk", &plainly, s).n, 0u);
}
TEST(migrations, locks_are_named_before_they_happen)
{
    with_database(":memory:", warns);
}
