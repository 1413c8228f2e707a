#!/usr/bin/env python3
"""Tables and their history, shared with Django: the help desk's database as Clef makes it and as Django makes it, each used by
the other.

    tests/integration/django_tables.py"""
import os, shutil, sqlite3, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from checking import check, closing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))
PROJECT = os.path.join(ROOT, "examples/helpdesk")
PROGRAM = os.path.join(BUILD, "examples/helpdesk/helpdesk")

MODELS = """
from django.db import models
from django.utils import timezone


class Ticket(models.Model):
    title = models.CharField(max_length=200)
    requester = models.EmailField(verbose_name="your e-mail address")
    description = models.TextField()
    priority = models.SmallIntegerField(default=2, choices=[(1, "Low"), (2, "Normal"), (3, "High")])
    status = models.CharField(max_length=10, default="open",
                              choices=[("open", "Open"), ("pending", "Pending"), ("resolved", "Resolved")])
    created = models.DateTimeField(default=timezone.now, editable=False)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["-created", "-id"], name="ticket_newest"),
                   models.Index(fields=["status", "-created", "-id"], name="ticket_status")]
"""
SETTINGS = """
import os
SECRET_KEY = "only for this test"
INSTALLED_APPS = ["tickets"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""


def environment(database):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("CLEF_", "DJANGO_"))}
    env.update(DATABASE=database, DATABASE_URL=f"sqlite:///{database}", CLEF_BASE_DIR=PROJECT, CLEF_SETTINGS="production",
               SECRET_KEY="a key that only this test knows, and long enough for the checks")
    return env


def clef(database, *words):
    return subprocess.run([PROGRAM, *words], env=environment(database), capture_output=True, text=True, timeout=120)


def django(folder, database, *words):
    return subprocess.run([PYTHON, "-m", "django", *words], cwd=folder, capture_output=True, text=True, timeout=120,
                          env={**environment(database), "DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": folder})


def tables(database):
    with sqlite3.connect(database) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE '%ticket%' AND sql IS NOT NULL"))


def rows(folder, database):
    code = "from tickets.models import Ticket; print(Ticket.objects.count(), Ticket.objects.first().created.tzinfo is not None)"
    return django(folder, database, "shell", "-c", code)


def main():
    folder = tempfile.mkdtemp(prefix="clef-django-")
    os.makedirs(os.path.join(folder, "tickets"))
    for name, text in (("site_settings.py", SETTINGS), ("tickets/__init__.py", ""), ("tickets/models.py", MODELS)):
        with open(os.path.join(folder, name), "w") as out:
            out.write(text)
    ours, theirs = os.path.join(folder, "clef.sqlite3"), os.path.join(folder, "django.sqlite3")
    try:
        done = clef(ours, "migrate")
        check(done.returncode == 0 and "Applying tickets.0001_initial... OK" in done.stdout, f"Clef migrates: {done}")
        check(clef(ours, "load_demo", "--tickets", "7").returncode == 0, "Clef fills its table")

        done = django(folder, ours, "makemigrations", "tickets")
        check(done.returncode == 0, f"Django writes its migrations: {done}")
        done = django(folder, ours, "showmigrations", "tickets")
        check("[X] 0001_initial" in done.stdout, f"Django knows what Clef has applied: {done}")
        done = django(folder, ours, "migrate")
        check("No migrations to apply." in done.stdout, f"Django has nothing to apply: {done}")
        done = django(folder, ours, "makemigrations", "--check", "--dry-run")
        check(done.returncode == 0 and "No changes detected" in done.stdout, f"Django finds no changes: {done}")
        check(rows(folder, ours).stdout.split() == ["7", "True"], "Django reads Clef's rows")

        done = django(folder, theirs, "migrate")
        check(done.returncode == 0, f"Django migrates: {done}")
        check(tables(ours) == tables(theirs), f"the tables are the same: {tables(ours)} {tables(theirs)}")
        done = clef(theirs, "migrate")
        check(done.returncode == 0 and "No migrations to apply." in done.stdout, f"Clef has nothing to apply: {done}")
        check("[X] 0001_initial" in clef(theirs, "showmigrations").stdout, "Clef knows what Django has applied")
        check(clef(theirs, "load_demo", "--tickets", "3").returncode == 0, "Clef writes to Django's table")
        check(rows(folder, theirs).stdout.split() == ["3", "True"], "Django reads what Clef wrote there")

        done = clef(ours, "sqlflush")
        check('DELETE FROM "tickets_ticket";' in done.stdout, f"sqlflush: {done}")
        check(clef(ours, "flush", "--no-input").returncode == 0, "flush")
        with sqlite3.connect(ours) as connection:
            check(connection.execute("SELECT count(*) FROM tickets_ticket").fetchone() == (0,), "flush leaves no row")
            check(connection.execute("SELECT count(*) FROM django_migrations").fetchone() == (1,), "flush leaves the history")
        check(clef(ours, "migrate", "tickets", "zero").returncode == 0, "Clef takes its migration back")
        check("[ ] 0001_initial" in django(folder, ours, "showmigrations", "tickets").stdout, "and Django sees that")
        check(not tables(ours), "no table is left")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    # The packaged Django belongs to the system's Python, whichever stands first in the path.
    PYTHON = next((p for p in (sys.executable, "/usr/bin/python3")
                   if subprocess.run([p, "-c", "import django"], capture_output=True).returncode == 0), None)
    if PYTHON is None:
        print("skipped: Django is not installed (python3-django)")
        sys.exit(77)
    sys.exit(main())
