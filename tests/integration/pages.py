#!/usr/bin/env python3
"""The pages of development and of the help desk as a text: valid HTML, enough contrast in both colour schemes (WCAG 2 AA), a
focus that is seen.

    tests/integration/pages.py [PART OF A TEST'S NAME]"""
import contextlib, os, re, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from html_check import contrast, problems, schemes
from serving import *

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROJECT = os.path.join(ROOT, "examples/helpdesk")
PROGRAM = os.path.join(BUILD, "examples/helpdesk/helpdesk")
TEXT, MARK = 4.5, 3.0  # of text, and of what is no text: borders of fields, the focus


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def valid(page, what):
    wrong = problems(page)
    check(not wrong, f"{what}: {wrong[:5]}")


@contextlib.contextmanager
def helpdesk(migrated, settings):
    folder = tempfile.mkdtemp(prefix="clef-pages-")
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=f"sqlite:///{folder}/db.sqlite3", CLEF_BASE_DIR=PROJECT, CLEF_SETTINGS=settings,
               SECRET_KEY="a key that only this test knows, and long enough for the checks")
    port, log = free_port(), os.path.join(folder, "log")
    try:
        for words in (["migrate"], ["load_demo", "--tickets", "30"]) if migrated else ():
            done = subprocess.run([PROGRAM, *words], env=env, capture_output=True, text=True, timeout=60)
            check(done.returncode == 0, done.stdout + done.stderr)
        with open(log, "wb") as out:
            server = subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--workers", "1"], env=env, stdout=out,
                                      stderr=out, stdin=subprocess.DEVNULL)
        try:
            wait_for("the help desk serves", lambda: "ready" in open(log).read())
            yield ("127.0.0.1", port)
        finally:
            server.terminate()
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_checker_finds_what_is_wrong():
    right = ('<!doctype html><html lang="en"><head><title>t</title></head><body><a href="#m">x</a><main id="m"><h1>h</h1>'
             '<p>a &amp; b</p></main></body></html>')
    check(problems(right) == [], problems(right))
    for old, new in (("<p>", ""), ("</p>", ""), (' lang="en"', ""), ('id="m"', 'id="n"'), ("&amp;", "&b"), ("<p>a", "<p><div>x</div>a"),
                     ("<h1>h</h1>", "<h1>h</h1><h1>h</h1>"), ("<!doctype html>", ""), ("<p>", '<p id="m">'), ("<p>", "<li>x</li><p>"),
                     ("<p>", '<p class="a" class="b">'), ("<title>t</title>", "")):
        check(problems(right.replace(old, new, 1)), f"{old} as {new} is not found")
    check(round(contrast("#000", "#ffffff"), 2) == 21 and round(contrast("#777777", "#fff"), 2) == 4.48, "contrast")


def test_the_pages_of_errors_are_valid():
    with helpdesk(False, "development") as at:
        for path, status, words in (("/", 500, "no such table"), ("/nowhere/", 404, "URL patterns that were tried"),
                                    ("/?%22%3E%3Cscript%3E&a=%26lt;", 500, "no such table")):
            answer = ask(at, path)
            check(answer.status == status and words in answer.body, f"{path}: {answer.status} {answer.body[:300]}")
            valid(answer.body, path)
            check("<script>" not in answer.body.replace("<script>\n", ""), "what was asked for is no markup")


def test_the_pages_of_the_help_desk_are_valid():
    for settings in "development", "production":
        with helpdesk(True, settings) as at:
            for path, status in (("/", 200), ("/?page=2", 200), ("/new/", 200), ("/1/", 200), ("/4711/", 404)):
                answer = ask(at, path)
                check(answer.status == status, f"{path}: {answer.status}")
                valid(answer.body, f"{path} ({settings})")


def check_contrast(path, grounds, inks, pairs, marks):
    for name, colours in zip(("light", "dark"), schemes(read(path))):
        for ground, ink, least in [(g, i, TEXT) for g in grounds for i in inks] + [(*p, TEXT) for p in pairs] + [(*m, MARK) for m in marks]:
            ratio = contrast(colours[ground], colours[ink])
            check(ratio >= least, f"{path}, {name}: --{ink} on --{ground} has {ratio:.2f}, and {least} is wanted")


def test_colours_have_contrast():
    check_contrast("examples/helpdesk/static/helpdesk.css", ("paper", "band"),
                   ("ink", "soft", "link", "open", "pending", "resolved", "wrong"), (("link", "paper"),),
                   (("paper", "focus"), ("band", "focus")))
    check_contrast("src/debug/page.css", ("ground", "panel"), ("ink", "soft", "bad", "link", "good", "violet", "cyan"),
                   (("bad-ground", "bad"), ("bad-ground", "ink"), ("bad-ground", "soft"), ("bad-ground", "link"), ("mark", "ink")),
                   (("ground", "link"), ("panel", "link"), ("bad-ground", "link")))


def test_focus_is_seen_and_nothing_takes_it_away():
    for path in "examples/helpdesk/static/helpdesk.css", "src/debug/page.css":
        css = read(path)
        check(re.search(r":focus-visible[^{]*\{[^}]*outline: 3px solid var\(--(focus|link)\)", css), f"{path}: no outline of the focus")
        check(not re.search(r"outline:\s*(none|0)", css), f"{path}: it takes the focus' outline away")
        check(not re.search(r"tabindex=\"[1-9]", css), path)


if __name__ == "__main__":
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    sys.exit(run(tests, sys.argv[1] if len(sys.argv) > 1 else ""))
