#!/usr/bin/env python3
"""inspectdb over columns of all types and tables of all kinds: what it writes compiles with both compilers in both languages; made
managed, its first migration is found in the tables (--fake-initial), and nothing is left to be made.

    tests/integration/inspectdb_types.py [sqlite] [postgresql] [mariadb]"""
import contextlib, os, re, shutil, sqlite3, subprocess, sys, tempfile

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"), os.path.dirname(os.path.abspath(__file__))]
import building, databases
from checking import check, closing
from databases import find

ROOT = building.ROOT
PROGRAM = os.path.join(building.BUILD, "examples/shop/shop")
MAIN = """
#include "models.h"
#ifdef LISTED
extern const Migration *const old_migrations[];
static App listed;
#endif
static void settings(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only-for-a-test-of-what-inspectdb-writes-01234567890");
#ifdef LISTED
    listed = old_app;
    listed.migrations = old_migrations;
    s->installed_apps = APPS(&listed);
#else
    s->installed_apps = APPS(&old_app);
#endif
    s->use_tz = true;
    s->time_zone = STR("UTC");
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///none.sqlite3"));
}
int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "old", .settings = SETTINGS(settings) });
}
"""
COMMON = """
CREATE TABLE plain (id {auto}, name varchar(30) NOT NULL, note varchar(10) NULL, n integer NOT NULL, big bigint NULL, small smallint NOT NULL,
    price numeric(9, 3) NOT NULL, maybe numeric(4, 0) NULL, f {double} NOT NULL, d date NOT NULL, md date NULL, t time NULL, at {stamp} NOT NULL, CHECK (n > 0));
CREATE UNIQUE INDEX plain_name ON plain (name);
CREATE INDEX plain_n ON plain (n, big);
CREATE TABLE child (id {auto}, parent_id {key} NOT NULL REFERENCES plain (id), other {key} NULL, "select" integer NULL, "Mixed Case" varchar(3) NOT NULL, "a-b" integer NULL,
    "class" varchar(5) NOT NULL, "_lead" integer NULL, "x__y" integer NULL, "end_" integer NULL, "7up" integer NULL, FOREIGN KEY (other) REFERENCES plain (id), UNIQUE (parent_id, "class"));
CREATE TABLE one (plain_id {key} NOT NULL PRIMARY KEY REFERENCES plain (id), rank integer NOT NULL UNIQUE);
CREATE TABLE tree (id {auto}, up_id {key} NULL REFERENCES tree (id), root_id {key} NULL REFERENCES tree (id));
CREATE TABLE coded (code varchar(8) NOT NULL PRIMARY KEY, v integer NULL);
CREATE TABLE by_code (id {auto}, coded varchar(8) NOT NULL REFERENCES coded (code));
CREATE TABLE composed (a integer NOT NULL, b varchar(5) NOT NULL, c integer NULL, PRIMARY KEY (b, a));
CREATE TABLE "Request" (id {auto}, x integer NULL);
CREATE TABLE "date" (id {auto}, x integer NULL);
CREATE TABLE "link" (id {auto}, x integer NULL);
CREATE TABLE "two words" (id {auto}, x integer NULL);
CREATE VIEW seen AS SELECT id, name FROM plain;
"""
OWN = {
    "sqlite": """
CREATE TABLE types (id integer PRIMARY KEY AUTOINCREMENT, b bool NOT NULL, mb boolean NULL, tx text NOT NULL, ch char(4) NULL, bl blob NULL, dt datetime NULL, r real NULL,
    pu integer unsigned NOT NULL CHECK (pu >= 0), ps smallint unsigned NULL, pb bigint unsigned NULL, js text CHECK (json_valid(js) OR js IS NULL), u char(32) NOT NULL, du bigint NULL,
    untyped, odd money NULL, ci varchar(9) COLLATE NOCASE NOT NULL, gen integer GENERATED ALWAYS AS (pu + 1) STORED);
CREATE UNIQUE INDEX types_part ON types (u) WHERE pu > 1;
CREATE UNIQUE INDEX types_low ON types (lower(tx));
CREATE TABLE keyless (a integer NOT NULL, b text);
CREATE TABLE without (k varchar(5) NOT NULL PRIMARY KEY, v integer) WITHOUT ROWID;
""",
    "postgresql": """
CREATE TABLE types (id bigserial PRIMARY KEY, b boolean NOT NULL, mb boolean NULL, tx text NOT NULL, ch char(4) NULL, vc varchar NULL, bl bytea NULL, r real NULL, i inet NULL, u uuid NOT NULL, j json NULL,
    jb jsonb NOT NULL, iv interval NULL, ts timestamp NULL, tz time NULL, m money NULL, arr integer[] NULL, n numeric NULL, rg int4range NULL, ts2 tsvector NULL, x xml NULL, bt bit(3) NULL, pt point NULL,
    oid oid NULL, ident integer GENERATED ALWAYS AS IDENTITY, gen integer GENERATED ALWAYS AS (3) STORED, ci varchar(9) COLLATE "C" NOT NULL);
COMMENT ON TABLE types IS 'all of "them"'; COMMENT ON COLUMN types.b IS 'it''s /* a */ flag';
CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE moody (id serial PRIMARY KEY, m mood NOT NULL);
CREATE TABLE parted (id integer NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
CREATE UNIQUE INDEX types_part ON types (u) WHERE b; CREATE UNIQUE INDEX types_low ON types (lower(tx)); CREATE INDEX types_gin ON types USING gin (jb);
CREATE TABLE keyless (a integer NOT NULL, b text);
""",
    "mariadb": """
CREATE TABLE types (id bigint AUTO_INCREMENT PRIMARY KEY COMMENT 'the "key"', b bool NOT NULL, ti tinyint NULL, tx longtext NOT NULL, mt mediumtext NULL, tt tinytext NULL, ch char(4) NULL, bl longblob NULL, vb varbinary(10) NULL,
    r float NULL, pu integer unsigned NOT NULL, ps smallint unsigned NULL, pb bigint unsigned NULL, mi mediumint NULL, js json NULL, u char(32) NOT NULL, uu uuid NULL, ip6 inet6 NULL, y year NULL, e enum('a', 'b') NULL,
    st set('x', 'y') NULL, bt bit(5) NULL, dt datetime(6) NULL, ts timestamp NULL, de decimal NULL, pt point NULL, gen integer GENERATED ALWAYS AS (pu + 1) STORED, ci varchar(9) COLLATE utf8mb4_bin NOT NULL) COMMENT 'all of ''them''';
CREATE TABLE keyless (a integer NOT NULL, b text);
""",
}
WORDS = {
    "sqlite": dict(auto="integer NOT NULL PRIMARY KEY AUTOINCREMENT", key="bigint", double="double", stamp="datetime"),
    "postgresql": dict(auto="bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", key="bigint", double="double precision", stamp="timestamptz"),
    "mariadb": dict(auto="bigint AUTO_INCREMENT PRIMARY KEY", key="bigint", double="double", stamp="datetime(6)"),
}
STRICT = ["-Wall", "-Wextra", "-Werror", "-Werror=int-conversion", "-Werror=incompatible-pointer-types"]


def public_types():
    """A table for every type of Clef of one word: its model must not take the name."""
    found = set()
    for folder, _, files in os.walk(os.path.join(ROOT, "include/clef")):
        for name in files:
            with open(os.path.join(folder, name)) as f:
                text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
                # Those that are only declared may be the project's own.
                found |= set(re.findall(r"^\} ([A-Z][a-z0-9]+);", text, re.M)) | set(re.findall(r"^(?:struct|union|enum) ([A-Z][a-z0-9]+) \{", text, re.M))
    return sorted(found)


def fill(server, vendor, folder):
    sql = COMMON.format(**WORDS[vendor]) + OWN[vendor]
    if vendor == "sqlite":
        sql += "".join(f'CREATE TABLE "{t.lower()}s_" (id integer PRIMARY KEY);' for t in ("one",))
        sql += "".join(f'CREATE TABLE IF NOT EXISTS "{t.lower()}" (id integer PRIMARY KEY, x integer);\n' for t in public_types())
        with sqlite3.connect(os.path.join(folder, "old.sqlite3")) as c:
            c.executescript(sql)
        return
    if vendor == "postgresql":
        words = [find("psql"), "-v", "ON_ERROR_STOP=1", "-q", "-h", "127.0.0.1", "-p", str(server.port), "-U", "clef", "-d", "postgres"]
    else:
        words = [find("mariadb", "mysql"), "--no-defaults", "-h", "127.0.0.1", "-P", str(server.port), "-u", "root", server.url.rsplit("/", 1)[1]]
        sql = "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');\n" + sql
    done = subprocess.run(words, input=sql, capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"{vendor}: the tables are made: {done.stderr}")


def run(url, program, *words, cwd=None):
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=url)
    return subprocess.run([program, *words], env=env, cwd=cwd, capture_output=True, text=True, timeout=180)


def build(folder, *flags, more=()):
    with open(os.path.join(folder, "main.c"), "w") as f:
        f.write(MAIN)
    return building.build(os.path.join(folder, "program"), [os.path.join(folder, name) for name in ("main.c", "old/models.c")] + list(more),
                          "-I" + os.path.join(folder, "old"), *flags)


def on(vendor, server, url, folder):
    fill(server, vendor, folder)
    written = run(url, PROGRAM, "inspectdb", "--output", os.path.join(folder, "old"), "--include-views", "--include-partitions")
    if not check(written.returncode == 0, f"{vendor}: inspectdb: {written.stderr}"):
        return
    source = os.path.join(folder, "old/models.c")
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for language in ("gnu17", "gnu2x"):
            made = subprocess.run([compiler, "-std=" + language, *STRICT, "-I" + os.path.join(ROOT, "include"), "-fsyntax-only", source], capture_output=True, text=True)
            check(made.returncode == 0, f"{vendor}: {compiler} {language}: {made.stderr[:3000]}")
    made = build(folder)
    if not check(made.returncode == 0, f"{vendor}: it links: {made.stderr[:1500]}"):
        return
    program = os.path.join(folder, "program")
    for model in re.findall(r"^const Model (\w+)_model", open(source).read(), re.M):
        if model in ("Plain", "Child", "Types", "Composed", "Tree", "Coded", "Seen"):
            done = run(url, program, "shell", "-c", f"{model}.objects.count()")
            check(done.returncode == 0 and "0" in done.stdout, f"{vendor}: rows of {model}: {done.stdout} {done.stderr}")
    # Made managed, the first migration finds its tables.
    shutil.rmtree(os.path.join(folder, "old"))
    run(url, PROGRAM, "inspectdb", "--output", os.path.join(folder, "old"))
    text = open(source).read().replace(", .unmanaged = true", "")
    with open(source, "w") as f:
        f.write(text)
    made = build(folder)
    if not check(made.returncode == 0, f"{vendor}: managed ones build: {made.stderr[:1500]}"):
        return
    done = run(url, program, "makemigrations", "old", "--no-input", cwd=folder)
    if not check(done.returncode == 0, f"{vendor}: makemigrations: {done.stdout[-500:]} {done.stderr}"):
        return
    migrations = [os.path.join(folder, "old/migrations", f) for f in sorted(os.listdir(os.path.join(folder, "old/migrations"))) if f.endswith(".c")]
    made = build(folder, "-DLISTED", more=migrations)
    if not check(made.returncode == 0, f"{vendor}: with its migrations: {made.stderr[:3000]}"):
        return
    done = run(url, program, "migrate", "--fake-initial")
    check(done.returncode == 0 and "Applying old.0001_initial... FAKED" in done.stdout, f"{vendor}: --fake-initial: {done.stdout} {done.stderr}")
    done = run(url, program, "makemigrations", "--check", "--dry-run")
    check("No changes detected" in done.stdout, f"{vendor}: nothing is left: {done.stdout[-1500:]} {done.stderr}")
    done = run(url, program, "sqlflush")
    check(done.returncode == 0 and "plain" in done.stdout, f"{vendor}: sqlflush: {done.stdout[-500:]} {done.stderr}")
    done = run(url, program, "flush", "--no-input")
    check(done.returncode == 0, f"{vendor}: flush: {done.stdout[-500:]} {done.stderr}")


def main():
    chosen = sys.argv[1:] or ["sqlite", "postgresql", "mariadb"]
    with contextlib.ExitStack() as stack:
        for vendor in chosen:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="clef-inspected-"))
            try:
                server = stack.enter_context(databases.SERVERS[vendor]()) if vendor != "sqlite" else None
            except databases.Missing as why:
                print(f"skipped {vendor}: {why}")
                continue
            on(vendor, server, server.url if server else "sqlite:///" + os.path.join(folder, "old.sqlite3"), folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
