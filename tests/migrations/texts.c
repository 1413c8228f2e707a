#include <clef/test.h>

#include "migrations/statements.h"

/* Where the statements of a RunSQL end. */

static Str cut(Arena *a, const char *vendor, const char *text)
{
    Buf b = BUF_INIT(a, 1 << 12);
    Str rest = str_c(text), one;
    buf_c(&b, "");
    while ((one = statement_next(str_c(vendor), &rest)).n) {
        buf_c(&b, b.n ? "|" : "");
        buf_str(&b, one);
    }
    return buf_view(&b);
}

TEST(migrations, texts_are_cut_into_statements)
{
    static const struct {
        const char *vendor, *text, *statements;
    } cases[] = {
        { "sqlite", "", "" },
        { "sqlite", " ; ;\n", "" },
        { "sqlite", "SELECT 1; SELECT 2", "SELECT 1|SELECT 2" },
        { "sqlite", "-- first; or not\nSELECT 1; -- last\n", "SELECT 1" },
        { "sqlite", "/* a; b */ SELECT ';', \"a;b\", `c;`, [d;] /* ; */; SELECT 'it''s;'",
          "SELECT ';', \"a;b\", `c;`, [d;] /* ; */|SELECT 'it''s;'" },
        { "sqlite",
          "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN 1 THEN 2 ELSE 3 END; DELETE FROM c; "
          "END; SELECT 1",
          "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN 1 THEN 2 ELSE 3 END; DELETE FROM c; "
          "END|SELECT 1" },
        { "sqlite", "BEGIN; END; CREATE TABLE \"begin\" (x)", "BEGIN|END|CREATE TABLE \"begin\" (x)" },
        { "sqlite", "SELECT 'open", "SELECT 'open" },
        { "sqlite", "SELECT /* open ; SELECT 2", "SELECT /* open ; SELECT 2" },
        { "postgresql", "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql; SELECT 2",
          "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql|SELECT 2" },
        { "postgresql", "DO $do$ BEGIN PERFORM '$$;'; END $do$; SELECT E'\\';', '\\'; SELECT $1",
          "DO $do$ BEGIN PERFORM '$$;'; END $do$|SELECT E'\\';', '\\'|SELECT $1" },
        { "postgresql", "/* a /* ; */ ; */ SELECT 1; SELECT a$b$c;", "SELECT 1|SELECT a$b$c" },
        { "postgresql",
          "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
          "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END|SELECT 3" },
        { "mariadb", "# first;\nSELECT 'a\\'; SELECT `a;\\`; SELECT 3", "SELECT 'a\\'|SELECT `a;\\`|SELECT 3" },
        { "mariadb", "/*!40101 SET NAMES utf8 */; SELECT 1", "/*!40101 SET NAMES utf8 */|SELECT 1" },
        { "mariadb",
          "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; WHILE 0 DO "
          "SELECT 3; END WHILE; END; SELECT 4",
          "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; WHILE 0 DO "
          "SELECT 3; END WHILE; END|SELECT 4" },
    };
    Arena *a = arena_create(NULL, 0, 0);
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(cut(a, cases[i].vendor, cases[i].text), str_c(cases[i].statements));
    arena_destroy(a);
}

TEST(migrations, operators_are_no_placeholders)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str pg = STR("postgresql");
    CHECK_STR(statement_without_placeholders(a, pg, STR("SELECT a ? 'b?', c ?| d, e ?? f -- ?")),
              STR("SELECT a ?? 'b?', c ??| d, e ?? f -- ?"));
    CHECK_STR(statement_without_placeholders(a, pg, STR("SELECT 1")), STR("SELECT 1"));
    CHECK_STR(statement_without_placeholders(a, STR("sqlite"), STR("SELECT ?")), STR("SELECT ?"));
    arena_destroy(a);
}
