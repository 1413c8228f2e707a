#include "../orm/blog.h"

#include "base/fault.h"
#include <clef/migrations.h>

/*
 * Every call of the database fails once, while migrations run: each of them is then there with its record, or not at
 * all.
 */

/* clang-format off */
static const Migration first = {
    .app = "desk", .name = "0001_initial", .initial = true,
    OPERATIONS(CreateModel("Item",
        COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20), IntegerField(pages, .null = true)),
        INDEXES(NAMED_INDEX("by_pages", "pages")))),
};
static const Migration second = {
    .app = "desk", .name = "0002_more", .dependencies = DEPENDS({ "desk", "0001_initial" }),
    OPERATIONS(AlterField("Item", CharField(name, .max_length = 40, .unique = true)),
               RunSQL("INSERT INTO desk_item (name) VALUES ('a')", "DELETE FROM desk_item"),
               RenameField("Item", "pages", "leaves")),
};
/* clang-format on */
static const Migration *const list[] = { &first, &second, NULL };
static const App desk = { .label = "desk", .migrations = list };
static const App *const apps[] = { &desk, NULL };

static void forwards(Context *cx, void *arg)
{
    (void)arg;
    (void)migrate(cx, STR(""), apps, NULL, NULL);
}
static void back(Context *cx, void *arg)
{
    (void)arg;
    (void)migrate_to(cx, apps, &(MigrateOptions){ .app = "desk", .name = "zero" });
}

static int64_t count(Context *cx, const char *sql)
{
    SqlRows rows = sql_query(cx, STR(""), str_c(sql), NULL, 0);
    return rows.n ? rows.rows[0][0].i : 0;
}

/* How many migrations the tables show; -1: something between. */
static int64_t stands_at(Context *cx)
{
    bool sqlite = str_eq(str_c(test_vendor()), STR("sqlite"));
    int64_t tables = str_eq(test_tables(cx, "desk_item"), STR("desk_item")), others = test_tables(cx, "new__").n > 0,
            indexes = count(cx, sqlite ? "SELECT count(*) FROM sqlite_master WHERE name = 'by_pages'"
                                       : "SELECT count(*) FROM pg_indexes WHERE indexname = 'by_pages'"),
            leaves = test_has_column(cx, "desk_item", "leaves");
    if (others || tables != indexes)
        return -1;
    if (!tables)
        return 0;
    return count(cx, "SELECT count(*) FROM desk_item") == leaves ? 1 + leaves : -1;
}

static void each_fails(Context *cx)
{
    fault_spare_thread(true);
    forwards(cx, NULL); /* the table of the history */
    back(cx, NULL);
    for (int direction = 0; direction < 2; direction++) {
        FAULT_LOOP (FAULT_DATABASE) {
            void (*go)(Context *, void *) = direction ? back : forwards;
            fault_spare_thread(false);
            const Error *e = attempt(cx, go, NULL);
            fault_spare_thread(true);
            CHECK(!e || fault_fired());
            CHECK_EQ(stands_at(cx), count(cx, "SELECT count(*) FROM django_migrations"));
            CHECK(attempt(cx, forwards, NULL) == NULL);
            CHECK_EQ(stands_at(cx), 2);
            if (!direction)
                CHECK(attempt(cx, back, NULL) == NULL);
        }
    }
}
TEST(migrations, every_call_of_the_database_may_fail, .seconds = 120)
{
    if (!test_ddl_rolls_back())
        test_skip("this database cannot take changes of tables back");
    char *path = str_dup_c(test_arena(), str_format(test_arena(), "%s/faults.sqlite3", test_dir()));
    with_database(path, each_fails);
}
