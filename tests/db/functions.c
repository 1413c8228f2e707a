#include <clef/base.h>
#include <clef/db.h>
#include <clef/test.h>

static DbConnection *opened(void)
{
    DbConfig *config = NEW(test_arena(), DbConfig);
    *config = (DbConfig){ .driver = &sqlite_driver, .name = STR(":memory:") };
    DbConnection *c = db_open(test_arena(), config);
    REQUIRE(!c->error.kind);
    return c;
}

/* What an expression gives, as text; its error when it fails. */
static Str value_of(DbConnection *c, const char *expression)
{
    DbCursor cursor;
    Value v = value_null();
    Str out = STR("NULL");
    if (!db_query(c, &cursor, str_format(test_arena(), "SELECT %s", expression), NULL, 0) || db_step(&cursor) != DB_ROW)
        out = str_copy(test_arena(), c->error.message);
    else
        db_row(&cursor, &v);
    if (v.tag == VALUE_INT)
        out = str_format(test_arena(), "%lld", (long long)v.i);
    else if (v.tag == VALUE_STR)
        out = str_copy(test_arena(), v.s);
    db_finish(&cursor);
    return out;
}

TEST(sqlite_functions, are_those_of_django)
{
    static const struct {
        const char *expression, *value;
    } rows[] = {
        { "django_date_extract('year', '2026-02-28')", "2026" },
        { "django_date_extract('quarter', '2026-04-01')", "2" },
        { "django_date_extract('week_day', '2026-03-01')", "1" }, /* a Sunday */
        { "django_date_extract('iso_week_day', '2026-03-01')", "7" },
        { "django_date_extract('week', '2027-01-01')", "53" },
        { "django_date_extract('iso_year', '2027-01-01')", "2026" },
        { "django_date_extract('hour', '2027-01-01')", "NULL" },
        { "django_date_extract('year', NULL)", "NULL" },
        { "django_date_extract('year', 'soon')", "NULL" },
        { "django_datetime_extract('hour', '2026-07-01 22:30:15', 'Europe/Berlin', 'UTC')", "0" },
        { "django_datetime_extract('day', '2026-07-01 22:30:15.5', 'Europe/Berlin', 'UTC')", "2" },
        { "django_datetime_extract('hour', '2026-01-01 22:30:15', 'UTC', 'UTC')", "22" },
        { "django_datetime_extract('hour', '2026-01-01 22:30:15', 'Mars/Olympus', 'UTC')",
          "user-defined function raised exception: no such time zone" },
        { "django_datetime_cast_date('2026-12-31 23:30:00', 'Europe/Berlin', 'UTC')", "2027-01-01" },
        { "django_datetime_cast_time('2026-12-31 23:30:00', 'Europe/Berlin', 'UTC')", "00:30:00" },
        { "django_datetime_trunc('month', '2026-12-31 23:30:00', 'UTC', 'UTC')", "2026-12-01 00:00:00" },
        { "django_datetime_trunc('minute', '2026-12-31 23:30:12.25', 'UTC', 'UTC')", "2026-12-31 23:30:00" },
        { "django_date_trunc('week', '2026-03-01', NULL, NULL)", "2026-02-23" },
        { "django_date_trunc('quarter', '2026-12-24', NULL, NULL)", "2026-10-01" },
        { "django_date_trunc('age', '2026-12-24', NULL, NULL)", "NULL" },
        { "django_time_trunc('hour', '12:59:59', NULL, NULL)", "12:00:00" },
        { "django_time_extract('minute', '12:59:58')", "59" },
        { "LPAD('\u00e9b', 5, 'xy')", "xyx\u00e9b" },
        { "RPAD('ab', 5, 'xy')", "abxyx" },
        { "LPAD('abc', 2, '*')", "ab" },
        { "RPAD('a', 3, '')", "a" },
        { "LPAD(NULL, 2, '*')", "NULL" },
        { "REPEAT('ab', 3)", "ababab" },
        { "REPEAT('ab', -1)", "" },
        { "REPEAT('a', 1000000000)", "string or blob too big" },
        { "REVERSE('a\u00e9\u4e2d')", "\u4e2d\u00e9a" },
        { "BITXOR(6, 3)", "5" },
        { "CAST(COT(0.5) * 1000 AS INTEGER)", "1830" },
        { "RAND() >= 0 AND RAND() < 1 AND RAND() <> RAND()", "1" },
        { "CAST(STDDEV_POP(x) * 1000 AS INTEGER) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT NULL UNION "
          "ALL SELECT 6)",
          "2160" },
        { "CAST(STDDEV_SAMP(x) * 1000 AS INTEGER) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 6)", "2645" },
        { "CAST(VAR_POP(x) * 1000 AS INTEGER) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 6)", "4666" },
        { "CAST(VAR_SAMP(x) AS INTEGER) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 6)", "7" },
        { "VAR_SAMP(x) FROM (SELECT 1 AS x)", "NULL" },
        { "ANY_VALUE(x) FROM (SELECT NULL AS x UNION ALL SELECT 'b')", "b" },
        { "ANY_VALUE(x) FROM (SELECT 1 AS x WHERE 0)", "NULL" },
        { "django_timestamp_diff('2026-01-02 00:00:00', '2026-01-01 00:00:01')", "86399000000" },
        { "django_format_dtdelta('+', '2026-01-01 00:00:00', 1500000)", "2026-01-01 00:00:01.500000" },
        { "django_format_dtdelta('-', 5, 7)", "-2" },
        { "django_format_dtdelta('+', 'x', 7)", "NULL" },
        { "'Anna' REGEXP '^a'", "0" },
        { "'Anna' REGEXP '(?i)^a'", "1" },
        { "NULL REGEXP 'a'", "NULL" },
        { "MD5('a')", "0cc175b9c0f1b6a831c399e269772661" },
        { "SHA224('a')", "abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5" },
        { "SHA1(NULL)", "NULL" },
        { "POWER(2, 10) = 1024", "1" },
    };
    DbConnection *c = opened();
    EACH_ROW (row, rows)
        CHECK_STR(value_of(c, row->expression), str_c(row->value));
    CHECK_STR_CONTAINS(value_of(c, "'x' REGEXP '('"), STR("("));
    db_close(c);
}

TEST(sqlite_functions, a_pattern_of_rows_is_compiled_for_each)
{
    DbConnection *c = opened();
    CHECK_STR(value_of(c, "group_concat(x REGEXP p, '') FROM (SELECT 'ab' AS x, 'a.' AS p UNION ALL SELECT 'ab', 'b.' "
                          "UNION ALL SELECT 'bb', 'b.')"),
              STR("101"));
    db_close(c);
}
