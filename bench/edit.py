#!/usr/bin/env python3
"""edit: from a saved file to the new page, under `clef runserver`: 20 edits each of a view, a template, the application's header
and its models' header on a new project, and of a view and a header that 20 files include on one with 50 applications; and from
`clef startproject` to its first page.

The clock runs from the write of the file to the end of the answer that has the new text, asked for at once: the answer waits
for the build. Also the user and system time of everything that ran meanwhile, which does not move with the load of the machine.
Uses the installation that tests/integration/startproject.sh makes in build/installed."""
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PREFIX = os.path.abspath("build/installed/prefix")
CLEF = os.path.join(PREFIX, "bin/clef")
EDITS = 20
APPLICATIONS = 50
USERS_OF_HEADER = 20
os.environ["PKG_CONFIG_PATH"] = os.path.join(PREFIX, "lib/pkgconfig")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=300) as answer:
        return answer.read().decode()


def work_of(pid):
    """Seconds of user and system time of a process and of its ended children."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(int(n) for n in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Project:
    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.log = open(os.path.join(folder, "server.log"), "w", encoding="utf-8")

    def __enter__(self):
        self.server = subprocess.Popen([CLEF, "runserver", str(self.port)], cwd=self.folder, stdout=self.log, stderr=self.log)
        while True:
            try:
                get(self.port)
                return self
            except (ConnectionRefusedError, urllib.error.URLError):
                time.sleep(0.002)
                if self.server.poll() is not None:
                    sys.exit("clef runserver ended: " + self.log.name)

    def __exit__(self, *_):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()

    def edits(self, path, change, seen):
        """change(number) is the new text of the file; seen(number, page) that the page is of it."""
        walls, works = [], []
        for number in range(EDITS):
            time.sleep(0.15)
            before = work_of(self.server.pid)
            text = change(number)
            began = time.perf_counter()
            with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
                file.write(text)
            while not seen(number, get(self.port)):  # the save was not noticed yet
                pass
            walls.append(time.perf_counter() - began)
            time.sleep(0.1)
            works.append(work_of(self.server.pid) - before)
        return statistics.median(walls), max(walls), statistics.median(works)


def read(folder, path):
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        return file.read()


def grow(folder):
    """50 applications, each with three more views; `stock.h` is included by the views of 20 of them."""
    with open(os.path.join(folder, "stock.h"), "w", encoding="utf-8") as file:
        file.write("#define STOCK_LABEL \"0\"\ntypedef struct Stock { int count; } Stock;\n")
    for number in range(APPLICATIONS):
        name = f"app{number}"
        subprocess.run([CLEF, "startapp", name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        text = read(folder, f"{name}/views.c")
        if number < USERS_OF_HEADER:
            text = text.replace(f'#include "{name}.h"', f'#include "{name}.h"\n#include "../stock.h"')
            text += f"\nint {name}_stock(void);\nint {name}_stock(void) {{ return (int)sizeof(Stock) + (int)sizeof(STOCK_LABEL); }}\n"
        for extra in range(3):
            text += (f"\nResponse *{name}_view{extra}(Request *r);\nResponse *{name}_view{extra}(Request *r)\n{{\n"
                     f"    Str q = GET(r, \"q\");\n    if (!q.n)\n        RAISE(r, 404, \"nothing\", \"nothing to look for\");\n"
                     f"    return HttpResponse(r, str_format(r->cx.arena, \"%.*s {extra}\", STR_FMT(q)));\n}}\n")
        with open(os.path.join(folder, f"{name}/views.c"), "w", encoding="utf-8") as file:
            file.write(text)
    urls = read(folder, "urls.c")
    includes = "".join(f'#include "app{n}/app{n}.h"\n' for n in range(APPLICATIONS))
    rows = "".join(f'    INCLUDE("app{n}/", app{n}_urls, .namespace = "app{n}"),\n' for n in range(APPLICATIONS))
    with open(os.path.join(folder, "urls.c"), "w", encoding="utf-8") as file:
        file.write(urls.replace('#include "pages', includes + '#include "pages').replace("    URLS_END", rows + "    URLS_END"))
    views = read(folder, "pages/views.c")
    with open(os.path.join(folder, "pages/views.c"), "w", encoding="utf-8") as file:
        file.write(views.replace('#include "pages.h"', '#include "pages.h"\n#include "../stock.h"')
                   .replace('It works', 'It works, stock " STOCK_LABEL " .'))


def view_edits(project, mark):
    text = read(project.folder, "pages/views.c")
    return project.edits("pages/views.c", lambda n: text.replace('"It works', f'"{mark}{n} It works'), lambda n, page: f"{mark}{n} It works" in page)


def template_edits(project, mark):
    text = read(project.folder, "templates/pages/index.html")
    return project.edits("templates/pages/index.html", lambda n: text.replace("<h1>", f"<h1>{mark}{n} "), lambda n, page: f"<h1>{mark}{n} " in page)


def row(what, figures):
    print(f"{what:46} {figures[0]:8.3f} s {figures[1]:8.3f} s {figures[2]:8.3f} s")


if not os.path.exists(CLEF):
    sys.exit("edit: run tests/integration/startproject.sh first: it installs Clef in build/installed")
work = tempfile.mkdtemp(prefix="clef-edit-")
try:
    began = time.perf_counter()
    subprocess.run([CLEF, "startproject", "small"], cwd=work, check=True, stdout=subprocess.DEVNULL)
    folder = os.path.join(work, "small")
    print(f"{'':46} {'median':>10} {'longest':>10} {'cpu':>10}")
    with Project(folder) as small:
        first = time.perf_counter() - began
        view = view_edits(small, "small")
        row("a view, new project", view)
        row("a template, new project", template_edits(small, "small"))
        files = {"pages/pages.h": ("extern const App", '#define PAGES_LABEL "first"\nextern const App', "PAGES_LABEL"),
                 "pages/models.h": ("#include <clef/clef.h>", '#include <clef/clef.h>\n#define MODELS_LABEL "first"', "MODELS_LABEL")}
        texts = {}
        for path, (old, new, _) in files.items():
            texts[path] = read(folder, path).replace(old, new)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(texts[path])
        body = read(folder, "pages/views.c").replace('"small19 It works"', 'PAGES_LABEL " " MODELS_LABEL')
        with open(os.path.join(folder, "pages/views.c"), "w", encoding="utf-8") as file:
            file.write(body)
        time.sleep(2)
        for path, (_, _, label) in files.items():
            row(f"{path}, new project",
                small.edits(path, lambda n, p=path, l=label: texts[p].replace(f'{l} "first"', f'{l} "{l}{n}"'),
                            lambda n, page, l=label: f"{l}{n}" in page))
    subprocess.run([CLEF, "startproject", "large"], cwd=work, check=True, stdout=subprocess.DEVNULL)
    folder = os.path.join(work, "large")
    grow(folder)
    with Project(folder) as large:
        large_view = view_edits(large, "large")
        row(f"a view, {APPLICATIONS} applications", large_view)
        row(f"a template, {APPLICATIONS} applications", template_edits(large, "large"))
        row(f"a header of {USERS_OF_HEADER + 1} files, {APPLICATIONS} applications",
            large.edits("stock.h", lambda n: f'#define STOCK_LABEL "label{n}"\ntypedef struct Stock {{ int count; }} Stock;\n',
                        lambda n, page: f"stock label{n} ." in page))
    files = sum(name.endswith((".c", ".h")) for _, _, names in os.walk(folder) for name in names)
    size = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(os.path.join(work, "small"))
               for name in names if "build" not in at and name != "server.log")
    print(f"edit: {view[0]:.2f} s from the save of a view to its new page ({large_view[0]:.2f} s among {files} files); startproject to "
          f"the first page {first:.2f} s; a new project has {size} bytes")
finally:
    shutil.rmtree(work)
