#!/usr/bin/env python3
"""helpdesk: the list of the help desk (20 rows of 5,000, a count and a query, a template) beside the same page of the same
database in Django under gunicorn; the lines of both; the size of the program."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from harness import BUILD, WORK, Server, have, how, instructions, print_rates, rounds

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.join(ROOT, "examples/helpdesk")
TWIN = os.path.join(ROOT, "bench/django_helpdesk")
PROGRAM = os.path.abspath(os.path.join(BUILD, "examples/helpdesk/helpdesk"))
DATABASE = os.path.join(WORK, "helpdesk.sqlite3")
PAGE = "/?page=2"
ENV = {"DATABASE_URL": f"sqlite:///{DATABASE}", "DATABASE": DATABASE, "CLEF_BASE_DIR": PROJECT, "CLEF_SETTINGS": "production",
       "SECRET_KEY": "a key for this measurement only, long enough for the checks", "PYTHONPATH": TWIN,
       "PYTHONDONTWRITEBYTECODE": "1"}
for words in ["migrate"], ["load_demo"]:
    subprocess.run([PROGRAM, *words], env={**os.environ, **ENV}, check=True, stdout=subprocess.DEVNULL)


def clef(port):
    return [PROGRAM, "serve", "--workers", "1", "--listen", f"127.0.0.1:{port}"]


def django(port):
    return ["/usr/bin/gunicorn", "-k", "gthread", "--threads", "4", "--keep-alive", "600", "-b", f"127.0.0.1:{port}",
            "helpdesk.wsgi"]


def has_django():
    return subprocess.run(["/usr/bin/python3", "-c", "import django"], stderr=subprocess.DEVNULL).returncode == 0 and \
        have("/usr/bin/gunicorn")


# --- the same page

def page_of(name, command):
    server = Server(name, command, PAGE, ENV)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{PAGE}") as answer:
            return answer.read()
    finally:
        server.stop()


commands = {"clef": clef}
if has_django():
    commands["django, gunicorn"] = django
    pages = {name: page_of(name, command) for name, command in commands.items()}
    print(f"the page of {len(pages['clef'])} bytes: " +
          ("the same bytes from both" if len(set(pages.values())) == 1 else "THE PAGES DIFFER"))
else:
    print("without Django: python3-django and gunicorn are not installed")

# --- throughput and instructions

makers = {name: (lambda name=name, command=command: Server(name, command, PAGE, ENV)) for name, command in commands.items()}
rates = rounds(makers, lambda s: s.load(16)[0])
print_rates("16 connections, one request at a time on each:", rates)
counts = {"clef": instructions("clef", clef, PAGE, ENV, few=200, many=2200)}
if len(commands) > 1:
    counts["django, gunicorn"] = instructions("django", django, PAGE, ENV, connections=2, few=10, many=60)
for name, count in counts.items():
    print(f"  {name:<28} {count:>12,.0f} user instructions a request ({how()})")

# --- lines, without empty ones and comments of their own

def lines(folder, suffixes, apart=("tests", "templates")):
    found = {}
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(d for d in folders if d not in apart and d != "__pycache__" and d != "build")
        for file in sorted(files):
            if file.endswith(suffixes):
                with open(os.path.join(where, file), encoding="utf-8") as f:
                    text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
                n = sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#!"))
                if n:
                    found[os.path.relpath(os.path.join(where, file), folder)] = n
    return found


ours, theirs = lines(PROJECT, (".c", ".h")), lines(TWIN, (".py",))
for name, files in ("clef", ours), ("django", theirs):
    print(f"lines, {name}: {sum(files.values())} in {len(files)} files: " + ", ".join(f"{f} {n}" for f, n in files.items()))

# --- sizes: the project built as a user builds it, with clef.mk

def uninstalled():
    """A folder with a clef.pc that leads to this build; None when meson wrote none."""
    written = os.path.join(BUILD, "meson-private/clef.pc")
    if not os.path.exists(written):
        return None
    with open(written, encoding="ascii") as f:
        text = f.read()
    for name, value in ("libdir", os.path.abspath(BUILD)), ("includedir", os.path.join(ROOT, "include")):
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.M)
    with open(os.path.join(WORK, "clef.pc"), "w", encoding="ascii") as f:
        f.write(text)
    return WORK


def size(pkgconfig, *words):
    """Bytes of the program that make makes, or what went wrong."""
    project = os.path.join(tempfile.mkdtemp(dir=WORK), "helpdesk")
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("build"))
    with open(os.path.join(project, "Makefile"), "w", encoding="ascii") as f:
        f.write(f"APP = helpdesk\ninclude {ROOT}/tools/clef.mk\n")
    done = subprocess.run(["make", "release", *words], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "PKG_CONFIG_PATH": pkgconfig})
    if done.returncode != 0:
        problem = [line for line in done.stdout.splitlines() if "error:" in line or "cannot find" in line or "undefined" in line]
        return problem[0] if problem else done.stdout[-200:]
    return os.path.getsize(os.path.join(project, "build/release/helpdesk"))


sizes = {}
where = uninstalled()
if where:
    sizes["release, Clef linked in, system libraries shared"] = size(where)
    sizes["release, everything static"] = size(where, "STATIC=1")
for what, bytes_ in sizes.items():
    print(f"  {what:<50} {bytes_:,} bytes" if isinstance(bytes_, int) else f"  {what:<50} not built: {bytes_}")

ratio = f", {sorted(a / b for a, b in zip(rates['clef'], rates['django, gunicorn']))[1]:.0f} times Django" if len(commands) > 1 else ""
print(f"helpdesk: {counts['clef']:,.0f} user instructions a request" +
      (f" (Django {counts['django, gunicorn']:,.0f})" if len(commands) > 1 else "") +
      f", {sorted(rates['clef'])[1]:,.0f} requests/s{ratio}; {sum(ours.values())} lines (Django {sum(theirs.values())})")
sys.exit(0)
