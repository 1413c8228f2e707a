#include <clef/base.h>
#include <clef/db.h>
#include <clef/rt.h>
#include <clef/test.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static DbConnection *c;

static DbConnection *open_with(const DbOption *options, size_t n, const char *name)
{
    DbConfig *config = NEW(test_arena(), DbConfig);
    *config = (DbConfig){ .driver = &sqlite_driver, .name = str_c(name), .options = options, .noptions = n };
    return db_open(test_arena(), config);
}
static void begin(void)
{
    c = open_with(NULL, 0, ":memory:");
    REQUIRE(!c->error.kind);
}
static const char *path(const char *name) { return str_format(test_arena(), "%s/%s", test_dir(), name).p; }
static bool run(const char *sql) { return db_execute(c, str_c(sql), NULL, 0, NULL); }

/* The only cell of the only row, as text. */
static Str one(const char *sql, const Value *params, size_t n)
{
    DbCursor cursor;
    Str out = STR("nothing");
    if (db_query(c, &cursor, str_c(sql), params, n) && db_step(&cursor) == DB_ROW && cursor.columns == 1) {
        Value v;
        db_row(&cursor, &v);
        out = v.tag == VALUE_NULL     ? STR("NULL")
              : v.tag == VALUE_INT    ? str_format(test_arena(), "%lld", (long long)v.i)
              : v.tag == VALUE_DOUBLE ? str_format(test_arena(), "%g", v.d)
                                      : str_copy(test_arena(), v.s);
    }
    db_finish(&cursor);
    return out;
}
#define ONE(sql, ...) one((sql), (Value[]){ __VA_ARGS__ }, sizeof((Value[]){ __VA_ARGS__ }) / sizeof(Value))

TEST(sqlite, parameters_take_the_forms_in_which_django_stores_them)
{
    begin();
    Uuid u;
    DateTime t, whole;
    Date d;
    REQUIRE(uuid_parse(STR("0123abcd-4567-89ab-cdef-0123456789ab"), &u) && date_make(2026, 1, 5, &d));
    REQUIRE(datetime_parse_rfc3339(STR("2026-01-15T12:20:30.000123+02:00"), &t));
    REQUIRE(datetime_parse_rfc3339(STR("2026-01-15T10:20:30Z"), &whole));
    Decimal price = decimal_of(120, -2);
    CHECK_STR(ONE("SELECT ?", value_uuid(&u)), STR("0123abcd456789abcdef0123456789ab"));
    CHECK_STR(ONE("SELECT ?", value_datetime(t, NULL)), STR("2026-01-15 10:20:30.000123"));
    CHECK_STR(ONE("SELECT ?", value_datetime(whole, NULL)), STR("2026-01-15 10:20:30"));
    CHECK_STR(ONE("SELECT ?", value_date(d)), STR("2026-01-05"));
    CHECK_STR(ONE("SELECT ?", value_time((Time){ .us = 3723000004 })), STR("01:02:03.000004"));
    CHECK_STR(ONE("SELECT ?", value_duration(DURATION_SECONDS(2))), STR("2000000"));
    CHECK_STR(ONE("SELECT ?", value_decimal(&price)), STR("1.20"));
    CHECK_STR(ONE("SELECT typeof(?)", value_bool(true)), STR("integer"));
    CHECK_STR(ONE("SELECT ?", value_null()), STR("NULL"));
    CHECK_STR(ONE("SELECT typeof(?)", value_bytes(STR("\0\1"))), STR("blob"));
    CHECK_STR(ONE("SELECT ?", value_int(INT64_MIN)), STR("-9223372036854775808"));
    CHECK_STR(ONE("SELECT length(?)", value_str((Str){ 0 })), STR("0"));
    CHECK_STR(ONE("SELECT ?", value_list(list_new(test_arena()))), STR("nothing"));
    CHECK_EQ(c->error.kind, DB_ERROR_DATA);
    db_close(c);
}

TEST(sqlite, errors_have_a_kind_the_sentence_and_the_sql)
{
    static const struct {
        const char *sql;
        DbErrorKind kind;
        const char *message, *table, *columns;
    } rows[] = {
        { "INSERT INTO a VALUES (1, 'x', 1)", DB_ERROR_UNIQUE, "UNIQUE constraint failed: a.name, a.n", "a",
          "name, n" },
        { "INSERT INTO a VALUES (1, NULL, 2)", DB_ERROR_NOT_NULL, "NOT NULL constraint failed: a.name", "a", "name" },
        { "INSERT INTO a VALUES (9, 'y', 2)", DB_ERROR_FOREIGN_KEY, "FOREIGN KEY constraint failed", "", "" },
        { "INSERT INTO a VALUES (1, 'y', -2)", DB_ERROR_CHECK, "CHECK constraint failed: positive", "", "" },
        { "SELECT * FROM nowhere", DB_ERROR_NO_TABLE, "no such table: nowhere", "nowhere", "" },
        { "SELECT nope FROM a", DB_ERROR_NO_COLUMN, "no such column: nope", "", "nope" },
        { "SELEC 1", DB_ERROR_SYNTAX, "near \"SELEC\": syntax error", "", "" },
        { "SELECT 1; SELECT 2", DB_ERROR_SYNTAX, "only one statement at a time can be run", "", "" },
        { " -- nothing", DB_ERROR_SYNTAX, "there is no SQL in the statement", "", "" },
        { "SELECT ?", DB_ERROR_SYNTAX, "the statement has another number of placeholders than parameters were given",
          "", "" },
    };
    begin();
    REQUIRE(run("CREATE TABLE b (id integer PRIMARY KEY)") && run("INSERT INTO b VALUES (1)"));
    REQUIRE(run("CREATE TABLE a (b integer REFERENCES b, name text NOT NULL, n integer, UNIQUE (name, n), "
                "CONSTRAINT positive CHECK (n > 0))"));
    REQUIRE(run("INSERT INTO a VALUES (1, 'x', 1)"));
    EACH_ROW (row, rows) {
        CHECK(!run(row->sql));
        CHECK_EQ(c->error.kind, row->kind);
        CHECK_STR(c->error.message, str_c(row->message));
        CHECK_STR(c->error.sql, str_c(row->sql));
        CHECK_STR(c->error.table, str_c(row->table));
        CHECK_STR(c->error.columns, str_c(row->columns));
    }
    CHECK(run("SELECT 1") && !c->error.kind);
    CHECK(!c->broken);
    db_close(c);
}

TEST(sqlite, a_statement_says_what_it_did)
{
    begin();
    DbDone done;
    REQUIRE(run("CREATE TABLE a (id integer PRIMARY KEY AUTOINCREMENT, n integer)"));
    Value n = value_int(7);
    CHECK(db_execute(c, STR("INSERT INTO a (n) VALUES (?)"), &n, 1, &done) && done.insert_id == 1 && done.changes == 1);
    CHECK(db_execute(c, STR("INSERT INTO a (n) VALUES (?)"), &n, 1, &done) && done.insert_id == 2);
    CHECK(db_execute(c, STR("UPDATE a SET n = 8"), NULL, 0, &done) && done.changes == 2);
    DbCursor cursor;
    REQUIRE(db_query(c, &cursor, STR("SELECT id, n AS other FROM a ORDER BY id"), NULL, 0));
    CHECK_STR(db_column_name(&cursor, 1), STR("other"));
    Value cells[2];
    int64_t rows = 0;
    while (db_step(&cursor) == DB_ROW) {
        db_row(&cursor, cells);
        CHECK(cells[0].i == ++rows && cells[1].i == 8);
    }
    CHECK(db_step(&cursor) == DB_END);
    db_finish(&cursor);
    db_finish(&cursor);
    CHECK_EQ(rows, 2);
    db_close(c);
}

TEST(sqlite, the_same_text_may_run_inside_itself_and_the_cache_has_an_end)
{
    c = open_with((DbOption[]){ { STR("cached_statements"), STR("2") } }, 1, ":memory:");
    REQUIRE(!c->error.kind);
    DbCursor outer, inner;
    Value v;
    for (int round = 0; round < 3; round++) {
        REQUIRE(db_query(c, &outer, STR("SELECT 1 UNION SELECT 2"), NULL, 0) && db_step(&outer) == DB_ROW);
        REQUIRE(db_query(c, &inner, STR("SELECT 1 UNION SELECT 2"), NULL, 0) && db_step(&inner) == DB_ROW);
        CHECK(db_step(&inner) == DB_ROW && db_step(&inner) == DB_END);
        db_finish(&inner);
        CHECK(db_step(&outer) == DB_ROW);
        db_row(&outer, &v);
        CHECK_EQ(v.i, 2);
        CHECK(run("SELECT 3") && run("SELECT 4") && run("SELECT 5"));
        db_finish(&outer);
    }
    db_close(c);
}

TEST(sqlite, transactions_and_savepoints)
{
    begin();
    REQUIRE(run("CREATE TABLE a (n integer)"));
    REQUIRE(db_begin(c) && run("INSERT INTO a VALUES (1)") && db_savepoint(c, 1) && run("INSERT INTO a VALUES (2)"));
    REQUIRE(db_savepoint_rollback(c, 1) && db_savepoint(c, 2) && run("INSERT INTO a VALUES (3)"));
    REQUIRE(db_savepoint_release(c, 2) && db_commit(c));
    CHECK_STR(ONE("SELECT group_concat(n) FROM a WHERE ?", value_bool(true)), STR("1,3"));
    REQUIRE(db_begin(c) && run("DELETE FROM a"));
    db_rollback(c);
    CHECK_STR(ONE("SELECT count(*) FROM a WHERE ?", value_bool(true)), STR("2"));
    CHECK(!c->broken && c->driver->in_transaction(c) == false);
    db_close(c);
}

TEST(sqlite, options_are_checked_and_a_bad_path_is_named)
{
    static const DbOption bad[] = {
        { { "timeout", 7 }, { "soon", 4 } },
        { { "transaction_mode", 16 }, { "LATER", 5 } },
        { { "cached_statements", 17 }, { "-1", 2 } },
        { { "synchronous", 11 }, { "FULL; DROP", 10 } },
    };
    EACH_ROW (option, bad) {
        c = open_with(option, 1, ":memory:");
        CHECK(c->broken && c->error.kind == DB_ERROR_CONNECTION);
        db_close(c);
    }
    c = open_with(NULL, 0, "/nowhere/at/all.sqlite3");
    CHECK(c->broken && c->error.kind == DB_ERROR_CONNECTION);
    CHECK_STR(c->error.message, STR("unable to open database file: /nowhere/at/all.sqlite3 (its folder does not "
                                    "exist: make the folder, or let the database's name be another)"));
    CHECK(!run("SELECT 1"));
    db_close(c);
    c = open_with((DbOption[]){ { STR("init_command"), STR("PRAGMA user_version = 7") } }, 1, path("a.sqlite3"));
    CHECK_STR(ONE("SELECT user_version + ? FROM pragma_user_version", value_int(0)), STR("7"));
    CHECK_STR(ONE("SELECT journal_mode FROM pragma_journal_mode WHERE ?", value_int(1)), STR("wal"));
    CHECK_STR(ONE("SELECT foreign_keys FROM pragma_foreign_keys WHERE ?", value_int(1)), STR("1"));
    db_close(c);
}

/* A file of that name with `n` bytes over its content at `at`. */
static void spoil(const char *file, size_t at, size_t n)
{
    FILE *f = fopen(file, access(file, F_OK) == 0 ? "r+b" : "wb");
    REQUIRE(f && fseek(f, (long)at, SEEK_SET) == 0);
    for (size_t i = 0; i < n; i++)
        fputc('#', f);
    REQUIRE(fclose(f) == 0);
}

static void check_message(DbErrorKind kind, const char *says, const char *file, const char *way_out)
{
    CHECK_EQ(c->error.kind, kind);
    CHECK(str_starts(c->error.message, str_format(test_arena(), "%s: %s (", says, file)));
    CHECK_STR_CONTAINS(c->error.message, str_c(way_out));
}

TEST(sqlite, errors_about_the_file_name_it_and_the_way_out)
{
    const char *file = path("other.sqlite3");
    spoil(file, 0, 5000);
    c = open_with(NULL, 0, file);
    check_message(DB_ERROR_CORRUPT, "file is not a database", file, "run migrate, which makes a new one");
    db_close(c);

    file = path("damaged.sqlite3");
    c = open_with((DbOption[]){ { STR("journal_mode"), STR("DELETE") } }, 1, file);
    REQUIRE(run("CREATE TABLE a (n integer)") && run("INSERT INTO a VALUES (1)"));
    db_close(c);
    spoil(file, 4096, 4096);
    c = open_with(NULL, 0, file);
    CHECK(!run("INSERT INTO a VALUES (2)"));
    check_message(DB_ERROR_CORRUPT, "database disk image is malformed", file, "put a backup in its place");
    db_close(c);

    file = path("small.sqlite3");
    c = open_with((DbOption[]){ { STR("init_command"), STR("PRAGMA max_page_count = 3") } }, 1, file);
    REQUIRE(run("CREATE TABLE a (n blob)"));
    CHECK(!run("INSERT INTO a VALUES (zeroblob(100000))"));
    check_message(DB_ERROR_FULL, "database or disk is full", file, "make room");
    db_close(c);

    const char *uri = str_format(test_arena(), "file:%s?mode=ro", file).p;
    c = open_with(NULL, 0, uri);
    CHECK(!run("DELETE FROM a"));
    check_message(DB_ERROR_READ_ONLY, "attempt to write a readonly database", uri, "it was opened for reading only");
    db_close(c);

    file = path("moved.sqlite3");
    c = open_with((DbOption[]){ { STR("journal_mode"), STR("DELETE") } }, 1, file);
    REQUIRE(run("CREATE TABLE a (n integer)") && unlink(file) == 0);
    CHECK(!run("INSERT INTO a VALUES (2)"));
    check_message(DB_ERROR_READ_ONLY, "attempt to write a readonly database", file, "while it was open");
    db_close(c);

    c = open_with(NULL, 0, "/");
    check_message(DB_ERROR_CONNECTION, "unable to open database file", "/", "it is a folder");
    db_close(c);

    begin();
    CHECK(!run("SELECT * FROM nowhere"));
    CHECK_STR(c->error.message, STR("no such table: nowhere"));
    db_close(c);
}

static size_t told;
static void tell(void *arg, const DbQueryEvent *event)
{
    told++;
    CHECK_PTR(arg, &told);
    CHECK(event->duration_ns >= 0 && event->sql.n > 0);
    CHECK(!event->error || event->error->kind == DB_ERROR_NO_TABLE);
}

TEST(sqlite, the_hook_hears_of_every_statement)
{
    begin();
    c->on_query = tell;
    c->on_query_arg = &told;
    CHECK_STR(ONE("SELECT ?", value_int(3)), STR("3"));
    CHECK(!run("SELECT * FROM nowhere"));
    CHECK_EQ(told, 2);
    db_close(c);
}

TEST(sqlite, statements_take_their_time)
{
    const DbOption limit[] = { { STR("statement_timeout"), STR("30") } };
    DbConfig config = { .driver = &sqlite_driver, .name = STR(":memory:"), .options = limit, .noptions = 1 };
    c = db_open(test_arena(), &config);
    int64_t before = loop_clock();
    CHECK(
        !db_execute(c,
                    STR("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT "
                        "max(i) FROM n"),
                    NULL, 0, NULL));
    CHECK_EQ(c->error.kind, DB_ERROR_TIMEOUT);
    CHECK(loop_clock() - before < INT64_C(5000000000));
    CHECK(!c->broken);
    CHECK(db_execute(c, STR("SELECT 1"), NULL, 0, NULL));
    db_close(c);
}
