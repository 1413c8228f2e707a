#include "orm/dialect.h"
#include "orm/node.h"
#include <clef/test.h>

TEST(dialect, every_vendor_has_a_table)
{
    static const char *const vendors[] = { "sqlite", "postgresql", "mysql", "mariadb" };
    for (size_t i = 0; i < CLEF_COUNT(vendors); i++) {
        const Dialect *d = dialect_of_vendor(str_c(vendors[i]));
        REQUIRE(d != NULL);
        CHECK_STR(str_c(d->vendor), str_c(vendors[i]));
        CHECK(d->cast && d->column_type && d->key_type && d->extract && d->trunc && d->convert && d->json_path &&
              d->lock && d->upsert);
        for (Op op = OP_IEXACT; op <= OP_IENDSWITH; op++)
            CHECK(d->lookups[op] != NULL);
    }
    CHECK_NULL(dialect_of_vendor(STR("oracle")));
}

TEST(dialect, parts_of_moments)
{
    Arena *a = test_arena();
    const Dialect *s = &dialect_sqlite, *p = &dialect_postgresql, *m = &dialect_mysql;
    Str utc = STR("UTC"), berlin = STR("Europe/Berlin");
    CHECK_STR(s->extract(a, FIELD_DATETIME, FIELD_INTEGER, STR("year"), utc),
              STR("django_datetime_extract('year', $1, 'UTC', 'UTC')"));
    CHECK_STR(p->extract(a, FIELD_DATE, FIELD_INTEGER, STR("week_day"), utc),
              STR("(EXTRACT(DOW FROM $1) + 1)::integer"));
    CHECK_STR(p->extract(a, FIELD_DATETIME, FIELD_INTEGER, STR("hour"), berlin),
              STR("EXTRACT(HOUR FROM ($1 AT TIME ZONE 'Europe/Berlin'))::integer"));
    CHECK_STR(p->convert(a, FIELD_DATETIME, FIELD_DATE, STR("date"), STR("+02:00")),
              STR("($1 AT TIME ZONE '-02:00')::date"));
    CHECK(!p->extract(a, FIELD_DATE, FIELD_INTEGER, STR("century"), utc).p);
    CHECK_STR(m->extract(a, FIELD_DATETIME, FIELD_INTEGER, STR("month"), berlin),
              STR("EXTRACT(MONTH FROM CONVERT_TZ($1, 'UTC', 'Europe/Berlin'))"));
    CHECK_STR(m->trunc(a, FIELD_DATE, FIELD_DATE, STR("month"), utc),
              STR("CAST(DATE_FORMAT($1, '%%Y-%%m-01 00:00:00') AS DATE)"));
}

TEST(dialect, paths_into_json)
{
    Arena *a = test_arena();
    Str keys[] = { STR("a \"b\""), STR("0") };
    CHECK_STR(dialect_sqlite.json_path(a, keys, 2, false), STR("$.\"a \\\"b\\\"\"[0]"));
    CHECK_STR(dialect_postgresql.json_path(a, keys, 2, false), STR("{\"a \\\"b\\\"\",\"0\"}"));
    CHECK_STR(dialect_sqlite.json_path(a, keys + 1, 1, true), STR("$.\"0\""));
    Str last[] = { STR("-1") };
    CHECK_STR(dialect_sqlite.json_path(a, last, 1, false), STR("$[#-1]"));
    CHECK(str_is_null(dialect_mariadb.json_path(a, last, 1, false)));
}

TEST(dialect, locks_and_upserts)
{
    Arena *a = test_arena();
    Str tables[] = { STR("\"t\"") }, key[] = { STR("\"id\"") }, columns[] = { STR("\"a\""), STR("\"b\"") };
    Buf b = BUF_INIT(a, 1000);
    dialect_sqlite.lock(&b, &(LockOptions){ .on = true });
    CHECK_EQ(b.n, 0u);
    dialect_postgresql.lock(&b,
                            &(LockOptions){ .on = true, .no_key = true, .skip_locked = true, .of = tables, .nof = 1 });
    CHECK_STR(buf_view(&b), STR(" FOR NO KEY UPDATE OF \"t\" SKIP LOCKED"));
    Buf c = BUF_INIT(a, 1000);
    dialect_postgresql.upsert(&c, key, 1, columns, 2);
    CHECK_STR(buf_view(&c), STR(" ON CONFLICT(\"id\") DO UPDATE SET \"a\" = EXCLUDED.\"a\", \"b\" = EXCLUDED.\"b\""));
    Buf d = BUF_INIT(a, 1000);
    dialect_mariadb.upsert(&d, key, 1, columns, 2);
    CHECK_STR(buf_view(&d), STR(" ON DUPLICATE KEY UPDATE \"a\" = VALUES(\"a\"), \"b\" = VALUES(\"b\")"));
}
