#!/usr/bin/env python3
"""PostgreSQL and MariaDB, shared with Django: the help desk's tables as Clef makes them and as Django makes them, each used by
the other; and the shop's rows through loaddata and dumpdata.

    tests/integration/django_servers.py

What is compared with Django is the help desk, whose models the packaged Django (3.2) can express; the shop's cannot be. A key is
an identity column to Clef, as to Django since 4.1, and has a sequence to 3.2. Without python3-django, or its driver of a
server, that part is left out, and said to be; the recorded rows of the shop are beside the project (../shared, or $CLEF_SHARED)."""
import json, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), HERE]
import django_tables
from checking import check, closing
from databases import SERVERS, Missing, find

ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))
HELPDESK, SHOP = (os.path.join(BUILD, f"examples/{name}/{name}") for name in ("helpdesk", "shop"))
FIXTURE = os.path.join(os.environ.get("CLEF_SHARED", os.path.join(ROOT, "../shared")), "conformance/shop/shop_fixture.json")
DRIVERS = {"postgresql": ("psycopg2", "python3-psycopg2"), "mariadb": ("MySQLdb", "python3-mysqldb")}
SETTINGS = """
import os
SECRET_KEY = "only for this test"
INSTALLED_APPS = ["tickets"]
DATABASES = {"default": {"ENGINE": "django.db.backends." + os.environ["ENGINE"], "NAME": os.environ["NAME"], "HOST": "127.0.0.1",
                         "PORT": os.environ["PORT"], "USER": os.environ["USER_OF_DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""


class Site:
    """A database of this name on the server, and the two who use it."""

    def __init__(self, server, name, folder):
        self.server, self.name, self.folder = server, name, folder
        self.statement(f"CREATE DATABASE {name}", None)
        self.url = server.url.rsplit("/", 1)[0] + "/" + name

    def statement(self, sql, database=""):
        s, where = self.server, self.name if database == "" else database
        if s.name == "postgresql":
            words = [find("psql"), "-h", "127.0.0.1", "-p", str(s.port), "-U", "clef", "-d", where or "postgres", "-Atc", sql]
        else:
            words = [find("mariadb", "mysql"), "--no-defaults", "-h", "127.0.0.1", "-P", str(s.port), "-u", "root", "-N", "-e", sql]
            words += [where] if where else []
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, f"{s.name}: {sql}: {done.stderr}")
        return done.stdout

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("CLEF_", "DJANGO_"))}
        env.update(DATABASE_URL=self.url, CLEF_BASE_DIR=os.path.join(ROOT, "examples/helpdesk"), CLEF_SETTINGS="production",
                   SECRET_KEY="a key that only this test knows, and long enough for the checks",
                   ENGINE="postgresql" if self.server.name == "postgresql" else "mysql", NAME=self.name, PORT=str(self.server.port),
                   USER_OF_DATABASE="clef" if self.server.name == "postgresql" else "root", DJANGO_SETTINGS_MODULE="site_settings",
                   PYTHONPATH=self.folder)
        return env

    def clef(self, *words, program=HELPDESK):
        env = self.environment()
        if program == SHOP:
            del env["CLEF_BASE_DIR"], env["CLEF_SETTINGS"]
        return subprocess.run([program, *words], env=env, capture_output=True, text=True, timeout=300)

    def django(self, *words):
        return subprocess.run([PYTHON, "-m", "django", *words], cwd=self.folder, env=self.environment(), capture_output=True, text=True,
                              timeout=120)

    def rows(self):
        code = "from tickets.models import Ticket; t = Ticket.objects.first(); print(Ticket.objects.count(), t.created.tzinfo is not None)"
        return self.django("shell", "-c", code).stdout.split()

    def shape(self):
        """Columns, indexes and constraints of the table, without what differs between versions of Django."""
        if self.server.name == "postgresql":
            return [self.statement("SELECT column_name, data_type, character_maximum_length, is_nullable FROM information_schema.columns WHERE "
                                   "table_name = 'tickets_ticket' ORDER BY ordinal_position"),
                    self.statement("SELECT indexdef FROM pg_indexes WHERE tablename = 'tickets_ticket' ORDER BY indexname"),
                    self.statement("SELECT conname, contype FROM pg_constraint WHERE conrelid = 'tickets_ticket'::regclass ORDER BY 1")]
        return [self.statement("SELECT column_name, column_type, is_nullable, extra FROM information_schema.columns WHERE table_schema = "
                               "DATABASE() AND table_name = 'tickets_ticket' ORDER BY ordinal_position"),
                self.statement("SELECT index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics WHERE "
                               "table_schema = DATABASE() AND table_name = 'tickets_ticket' ORDER BY 1, 2")]


def with_django(server, folder):
    ours, theirs = Site(server, "ours", folder), Site(server, "theirs", folder)
    what = server.name
    done = ours.clef("migrate")
    check(done.returncode == 0 and "Applying tickets.0001_initial... OK" in done.stdout, f"{what}: Clef migrates: {done}")
    check(ours.clef("load_demo", "--tickets", "7").returncode == 0, f"{what}: Clef fills its table")
    done = ours.django("makemigrations", "tickets")
    check(done.returncode == 0, f"{what}: Django writes its migrations: {done}")
    check("[X] 0001_initial" in ours.django("showmigrations", "tickets").stdout, f"{what}: Django knows what Clef has applied")
    check("No migrations to apply." in ours.django("migrate").stdout, f"{what}: Django has nothing to apply")
    done = ours.django("makemigrations", "--check", "--dry-run")
    check(done.returncode == 0 and "No changes detected" in done.stdout, f"{what}: Django finds no changes: {done}")
    check(ours.rows() == ["7", "True"], f"{what}: Django reads Clef's rows")

    done = theirs.django("migrate")
    check(done.returncode == 0, f"{what}: Django migrates: {done}")
    check(ours.shape() == theirs.shape(), f"{what}: the tables are the same: {ours.shape()} {theirs.shape()}")
    done = theirs.clef("migrate")
    check(done.returncode == 0 and "No migrations to apply." in done.stdout, f"{what}: Clef has nothing to apply: {done}")
    check("[X] 0001_initial" in theirs.clef("showmigrations").stdout, f"{what}: Clef knows what Django has applied")
    check(theirs.clef("load_demo", "--tickets", "3").returncode == 0, f"{what}: Clef writes to Django's table")
    check(theirs.rows() == ["3", "True"], f"{what}: Django reads what Clef wrote there")
    shutil.rmtree(os.path.join(folder, "tickets/migrations"), ignore_errors=True)


def shop_rows(server, folder):
    site, what = Site(server, "shop", folder), server.name
    done = site.clef("migrate", program=SHOP)
    check(done.returncode == 0, f"{what}: migrate of the shop: {done.stderr}")
    done = site.clef("loaddata", os.path.abspath(FIXTURE), program=SHOP)
    check(done.stdout == "Installed 5458 object(s) from 1 fixture(s)\n", f"{what}: loaddata: {done}")
    with open(FIXTURE) as f:
        recorded = json.load(f)
    dumped = json.loads(site.clef("dumpdata", program=SHOP).stdout or "[]")
    # As data: PostgreSQL keeps the keys of JSON in an order of its own, and linked rows are sorted as the server sorts texts.
    for row in (*dumped, *recorded):
        for name, value in row["fields"].items():
            if isinstance(value, list) and all(isinstance(one, int) for one in value):
                row["fields"][name] = sorted(value)
    check(len(dumped) == len(recorded), f"{what}: {len(dumped)} rows of {len(recorded)}")
    differing = [(a, b) for a, b in zip(dumped, recorded) if a != b]
    check(not differing, f"{what}: dumpdata of the shop is what Django wrote; {len(differing)} differ: {differing[:1]}")
    check("No changes detected" in site.clef("makemigrations", "--check", "--dry-run", program=SHOP).stdout, f"{what}: the models are in the tables")
    done = site.clef("migrate", "sales", "zero", program=SHOP)
    check(done.returncode == 0, f"{what}: the migrations of sales are taken back: {done}")


def main():
    ran = 0
    for name, kind in SERVERS.items():
        folder = tempfile.mkdtemp(prefix="clef-servers-")
        os.makedirs(os.path.join(folder, "tickets"))
        for file, text in (("site_settings.py", SETTINGS), ("tickets/__init__.py", ""), ("tickets/models.py", django_tables.MODELS)):
            with open(os.path.join(folder, file), "w") as out:
                out.write(text)
        try:
            with kind() as server:
                ran += 1
                module, package = DRIVERS[name]
                if PYTHON and subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0:
                    with_django(server, folder)
                else:
                    print(f"skipped Django on {name}: {package if PYTHON else 'python3-django'} is not installed")
                if os.path.exists(FIXTURE):
                    shop_rows(server, folder)
                else:
                    print("skipped the shop: ../shared/conformance/shop/shop_fixture.json is not there")
        except Missing as why:
            print(f"skipped {name}: {why}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if not ran:
        return 77
    return closing()


if __name__ == "__main__":
    # The packaged Django belongs to the system's Python, whichever stands first in the path.
    PYTHON = next((p for p in (sys.executable, "/usr/bin/python3")
                   if subprocess.run([p, "-c", "import django"], capture_output=True).returncode == 0), None)
    sys.exit(main())
