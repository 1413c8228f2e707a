#!/usr/bin/env python3
"""inspectdb: the models that it writes of the shop's tables compile, and read the shop's rows; on SQLite, and on the servers that
are installed.

    tests/integration/inspectdb.py [sqlite] [postgresql] [mariadb]"""
import json, os, sqlite3, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import building, databases
from checking import check, closing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))
PROGRAM = os.path.join(BUILD, "examples/shop/shop")
ROWS = [
    {"model": "catalog.country", "pk": "NZ", "fields": {"name": "New Zealand", "population": 5000000, "area": 268021.5}},
    {"model": "catalog.country", "pk": "NO", "fields": {"name": "Norge", "population": 5400000, "area": None}},
    {"model": "catalog.tag", "pk": 3, "fields": {"name": "old \"and\" new", "color": "#fff000"}},
    {"model": "catalog.category", "pk": 1, "fields": {"name": "Books", "slug": "books", "parent": None, "sort": 1}},
    {"model": "catalog.category", "pk": 2, "fields": {"name": "Novels", "slug": "novels", "parent": 1, "sort": -2}},
    {"model": "catalog.publisher", "pk": 1, "fields": {"name": "House", "country": "NZ", "founded": "1990-02-03", "website": "",
                                                       "active": True, "rating": "4.5"}},
]
MAIN = """
#include "models.h"
static void settings(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only-for-a-test-of-what-inspectdb-writes-01234567890");
    s->installed_apps = APPS(&old_app);
    s->use_tz = true;
    s->time_zone = STR("UTC");
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///none.sqlite3"));
}
int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "old", .settings = SETTINGS(settings) });
}
"""


def run(url, program, *words, given=None):
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=url)
    return subprocess.run([program, *words], env=env, input=given, capture_output=True, text=True, timeout=180)


def build(folder):
    """The program of MAIN with the models."""
    with open(os.path.join(folder, "main.c"), "w") as f:
        f.write(MAIN)
    return building.build(os.path.join(folder, "old"), [os.path.join(folder, name) for name in ("main.c", "models.c")])


def odd_tables(url, folder, vendor):
    """Names and keys that no model of Clef would make."""
    if vendor != "sqlite":
        return
    with sqlite3.connect(os.path.join(folder, "shop.sqlite3")) as c:
        c.executescript("""
            CREATE TABLE "group" ("Full Name" varchar(20) NOT NULL, "int" integer, "a__b" text, "1st" real, note);
            INSERT INTO "group" VALUES ('ann', 1, 'x', 1.5, 'n');
            CREATE TABLE pairs (left_part integer NOT NULL, right_part varchar(9) NOT NULL, big numeric(7, 3), PRIMARY KEY (right_part, left_part));
            INSERT INTO pairs VALUES (1, 'r', 12.5);
            CREATE VIEW seen AS SELECT 1 AS one;
        """)


def on(vendor, url, folder):
    check(run(url, PROGRAM, "migrate").returncode == 0, f"{vendor}: migrate")
    loaded = run(url, PROGRAM, "loaddata", "-", "--format", "json", given=json.dumps(ROWS))
    check(loaded.returncode == 0, f"{vendor}: loaddata: {loaded.stderr}")
    odd_tables(url, folder, vendor)
    old = os.path.join(folder, "old")
    written = run(url, PROGRAM, "inspectdb", "--output", old)
    if not check(written.returncode == 0, f"{vendor}: inspectdb: {written.stderr}"):
        return
    with open(os.path.join(old, "models.c")) as f:
        models = f.read()
    check("UNIQUE_TOGETHER(ORDER(\"author\", \"book\", \"role\"))" in models, f"{vendor}: unique together")
    check("OneToOneField(product_ptr, CatalogProduct, .on_delete = DO_NOTHING, .primary_key = true)" in models, f"{vendor}: a key that is a relation")
    check("CharField(email, .max_length = 254, .unique = true)" in models, f"{vendor}: unique")
    made = build(old)
    if not check(made.returncode == 0, f"{vendor}: it compiles: {made.stderr[:2000]}"):
        return
    program = os.path.join(old, "old")
    dumped = run(url, program, "dumpdata", "old")
    check(dumped.returncode == 0, f"{vendor}: dumpdata: {dumped.stderr}")
    rows = {(r["model"], str(r["pk"])): r["fields"] for r in json.loads(dumped.stdout or "[]")}
    check(rows.get(("old.catalogcountry", "NZ"), {}).get("area") == 268021.5, f"{vendor}: a number")
    check(rows.get(("old.catalogcountry", "NO"), {"area": 0}).get("area") is None, f"{vendor}: no number")
    check(rows.get(("old.catalogtag", "3"), {}).get("name") == 'old "and" new', f"{vendor}: a text")
    check(rows.get(("old.catalogcategory", "2"), {}).get("parent") == 1, f"{vendor}: a key")
    publisher = rows.get(("old.catalogpublisher", "1"), {})
    active = 1 if vendor == "mariadb" else True  # a tinyint, as in Django
    check(publisher.get("country") == "NZ" and publisher.get("founded") == "1990-02-03" and publisher.get("active") == active, f"{vendor}: a publisher: {publisher}")
    changes = run(url, program, "makemigrations", "--check", "--dry-run")
    check("no such table" not in changes.stderr, f"{vendor}: the models are unmanaged: {changes.stderr}")
    again = run(url, PROGRAM, "inspectdb", "--output", old)
    check(again.returncode != 0 and "may have been edited" in again.stderr, f"{vendor}: what is there stays: {again.stderr}")
    some = run(url, PROGRAM, "inspectdb", "catalog_tag", "catalog_country")
    check(some.stdout.count("MODEL(") == 2, f"{vendor}: chosen tables: {some.stdout[:200]}")
    check("has no table 'nothing'" in run(url, PROGRAM, "inspectdb", "nothing").stderr, f"{vendor}: a table that there is not")
    if vendor == "sqlite":
        check('CharField(full_name, .max_length = 20, .primary_key = true, .db_column = "Full Name")' in models, "a name with a space")
        check('OptIntegerField(int_field, .blank = true, .db_column = "int")' in models, "a word of C")
        check('OptFloatField(number_1st, .blank = true, .db_column = "1st")' in models, "a digit first")
        check("typedef struct GroupRow GroupRow;" in open(os.path.join(old, "models.h")).read(), "a type of Clef")
        check('CompositePrimaryKey("right_part", "left_part")' in models, "a key of two columns")
        check("Seen" not in models and "Seen_model" in run(url, PROGRAM, "inspectdb", "--include-views").stdout, "views")
        check(rows.get(("old.grouprow", "ann"), {}).get("a_b") == "x", "a row with odd names")
        check(any(k[0] == "old.pairs" for k in rows), "a row with two keys")


def main():
    chosen = sys.argv[1:] or ["sqlite", "postgresql", "mariadb"]
    with tempfile.TemporaryDirectory(prefix="clef-inspectdb-") as folder:
        if "sqlite" in chosen:
            on("sqlite", "sqlite:///" + os.path.join(folder, "shop.sqlite3"), folder)
    for server in (databases.PostgreSQL, databases.MariaDB):
        if server.name not in chosen:
            continue
        try:
            with server() as s, tempfile.TemporaryDirectory(prefix="clef-inspectdb-") as folder:
                on(server.name, s.url, folder)
        except databases.Missing as e:
            print(f"skipped {server.name}: {e}")
    return closing()


if __name__ == "__main__":
    sys.exit(main())
