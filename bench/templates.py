#!/usr/bin/python3
"""templates: the pages of bench/templates rendered by Clef (interpreted, and compiled to C), by Django and by jinja2, five
rounds of each in turn: microseconds a page, medians. Then the time to parse a typical page, and the memory that it holds.
(Debian's Python, because the two come from Debian's packages.)"""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "templates")
PROGRAM = os.path.join(os.environ.get("BUILD", "build/release"), "bench/templates")
PAGES = ["fortunes.html", "table.html", "grid.html", "page.html"]
ROUNDS, SECONDS = 5, 0.3


def clef(what, seconds=SECONDS):
    out = subprocess.run([PROGRAM, FOLDER, what, str(seconds)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(line.rsplit(" ", 1) for line in out.splitlines())


def fortunes():
    rows = [
        (11, '<script>alert("This should not be displayed in a browser alert box.");</script>'),
        (4, "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1"),
        (5, "A computer program does what you tell it to do, not what you want it to do."),
        (2, "A computer scientist is someone who fixes things that aren't broken."),
        (8, "A list is only as strong as its weakest link. \u2014 Donald Knuth"),
        (0, "Additional fortune added at request time."),
        (3, "After enough decimal places, nobody gives a damn."),
        (7, "Any program that runs right is obsolete."),
        (10, "Computers make very fast, very accurate mistakes."),
        (6, "Emacs is a nice operating system, but I prefer UNIX. \u2014 Tom Christaensen"),
        (9, "Feature: A bug with seniority."),
        (1, "fortune: No such file or directory"),
        (12, "\u30d5\u30ec\u30fc\u30e0\u30ef\u30fc\u30af\u306e\u30d9\u30f3\u30c1\u30de\u30fc\u30af"),
    ]
    return [{"id": n, "message": text} for n, text in rows]


def data():
    rows = [{"id": i, "name": f"Customer number {i}", "city": "Paris" if i % 3 else "<Berlin>", "visits": i * 37 % 1000,
             "note": "a short note" if i % 5 else "likes tea & biscuits"} for i in range(1000)]
    story = ("It was a dark and stormy night; the rain fell in torrents, except at occasional intervals, when it was "
             "checked by a violent gust of wind.")
    return {
        "fortunes": fortunes(), "rows": rows, "grid": [list(row.values()) for row in rows],
        "menu": [{"title": title, "url": f"/section/{i}/", "current": i == 1}
                 for i, title in enumerate(["Home", "News", "Q & A", "About"])],
        "user": "paul",
        "article": {"title": "Weather & stories", "author": "E. B.-L.", "words": 1234, "short": False,
                    "paragraphs": [story] * 4},
        "comments": [{"name": f"reader {i}", "text": "I don't agree with <that>.", "mine": i == 2} for i in range(4)],
    }


def measure(render):
    """Microseconds of one call: the best of calls that fill SECONDS."""
    best, end = 1e9, time.process_time() + SECONDS
    while time.process_time() < end:
        began = time.process_time_ns()
        n = 0
        while time.process_time_ns() - began < 2_000_000:
            render()
            n += 1
        best = min(best, (time.process_time_ns() - began) / n / 1000)
    return best


def others():
    """{name: {page: render function}} of the engines that are installed."""
    found = {}
    try:
        from django.conf import settings
        from django.template import Context, Engine
        settings.configure()
        engine, values = Engine(dirs=[FOLDER]), data()
        found["django"] = {page: (lambda t=engine.get_template(page): t.render(Context(values))) for page in PAGES}
    except ImportError:
        print("templates: python3-django is not installed; its column is left out", file=sys.stderr)
    try:
        import jinja2
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True)
        found["jinja2"] = {page: (lambda t=environment.get_template(page): t.render(**data_once)) for page in PAGES}
    except ImportError:
        print("templates: python3-jinja2 is not installed; its column is left out", file=sys.stderr)
    return found


data_once = data()
engines = others()
for page in PAGES:
    shown = subprocess.run([PROGRAM, FOLDER, "show:" + page], stdout=subprocess.PIPE, check=True).stdout.decode()
    compiled = subprocess.run([PROGRAM, FOLDER, "compiled-show:" + page], stdout=subprocess.PIPE, check=True).stdout.decode()
    if shown != compiled:
        sys.exit(f"templates: {page} interpreted and compiled are not the same text")
    if "django" in engines and shown != engines["django"][page]():
        sys.exit(f"templates: {page} of Clef and of Django are not the same text")

figures = {}
for _ in range(ROUNDS):
    for name, kind in (("interpreted", "render"), ("compiled", "compiled")):
        for page, ns in clef(kind).items():
            figures.setdefault((page, name), []).append(float(ns) / 1000)
    for name, pages in engines.items():
        for page, render in pages.items():
            figures.setdefault((page, name), []).append(measure(render))
names = ["interpreted", "compiled", *engines]
print("us a page     " + "".join(f"{name:>14}" for name in names))
for page in PAGES:
    print(f"{page:<14}" + "".join(f"{statistics.median(figures[page, name]):>14.2f}" for name in names))
parse = statistics.median(float(clef("parse")["page.html"]) for _ in range(ROUNDS)) / 1000
memory = int(clef("memory")["page.html"])
print(f"page.html: {os.path.getsize(os.path.join(FOLDER, 'page.html'))} bytes of text, parsed in {parse:.1f} us, "
      f"{memory} bytes of memory")


def pair(page):
    return " and ".join(f"{statistics.median(figures[page, name]):.2f}" for name in names[:2])


print(f"templates: fortunes {pair('fortunes.html')} us, the table of 1,000 rows {pair('table.html')} us (interpreted and "
      f"compiled); a page parsed in {parse:.1f} us")
