#!/usr/bin/env python3
"""`clef runserver` in a browser: the page follows what is saved, shows what the compiler says, and comes back, by itself.

    tests/integration/live_reload.py [PART OF A TEST'S NAME]"""
import contextlib, os, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import browser
from browser import Browser
from serving import *

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# An installed Clef: the one that lib/installed.sh makes.
PREFIX = os.path.join(ROOT, "build/installed/prefix")
FIRST = 120  # seconds for the first build of a project on a busy machine
NEXT = 60


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def run_to_its_end(words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    check(done.returncode == 0, f"{' '.join(words)}:\n{done.stdout[-3000:]}")


def install():
    run_to_its_end(["sh", "-uc", 'try() { shift; "$@" || exit; }; . tests/integration/lib/installed.sh; install_clef'], cwd=ROOT)


def change(path, old, new):
    with open(path) as f:
        text = f.read()
    check(old in text, f"{old!r} is not in {path}")
    with open(path, "w") as f:
        f.write(text.replace(old, new))


@contextlib.contextmanager
def project():
    """A new project whose page is made of a template, served by `clef runserver`; ends by its process id."""
    folder = tempfile.mkdtemp(prefix="clef-reload-")
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(PKG_CONFIG_PATH=os.path.join(PREFIX, "lib/pkgconfig"), PATH=f"{PREFIX}/bin:{env['PATH']}")
    site, port = os.path.join(folder, "shop"), free_port()
    try:
        run_to_its_end(["clef", "startproject", "shop"], cwd=folder, env=env)
        os.makedirs(os.path.join(site, "templates"), exist_ok=True)
        with open(os.path.join(site, "templates/live.html"), "w") as f:
            f.write("<!doctype html><html><head><title>live</title></head><body><h1>The first {{ word }}</h1></body></html>\n")
        with open(os.path.join(site, "pages/views.c"), "w") as f:
            f.write('#include "pages.h"\n\nResponse *pages_index(Request *r)\n{\n'
                    '    return RENDER(r, "live.html", "word", "page");\n}\n')
        base = os.path.join(site, "settings/base.c")
        if "template_dirs" not in open(base).read():
            change(base, "    s->root_urlconf = urls;\n", '    s->root_urlconf = urls;\n    s->template_dirs = STRS("templates");\n')
        log = os.path.join(folder, "log")
        with open(log, "wb") as out:
            server = subprocess.Popen(["clef", "runserver", str(port)], cwd=site, env=env, stdout=out, stderr=out,
                                      stdin=subprocess.DEVNULL)
        try:
            wait_for("runserver listens", lambda: str(port) in open(log).read(), FIRST)
            yield site, f"http://127.0.0.1:{port}/"
        except AssertionError:
            sys.stdout.write(open(log, errors="replace").read()[-3000:])
            raise
        finally:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_page_follows_what_is_saved():
    times = {}

    def follows(what, selector, text):
        began = time.monotonic()
        page.wait_text(selector, text, NEXT)
        times[what] = time.monotonic() - began

    with project() as (site, url), Browser() as page:
        view, template = os.path.join(site, "pages/views.c"), os.path.join(site, "templates/live.html")
        page.session("POST", "/timeouts", {"pageLoad": FIRST * 1000})
        page.go(url)
        page.wait_text("h1", "The first page", FIRST)
        change(template, "first", "second")
        follows("template", "h1", "The second page")
        change(view, '"page"', '"view"')
        follows("view", "h1", "The second view")
        change(view, "return RENDER", "retrun RENDER")
        follows("error", "body", "The build failed")
        said = page.text("body")
        check("pages/views.c:5:5" in said and "retrun" in said, said)
        change(view, "retrun RENDER", "return RENDER")
        follows("mended", "h1", "The second view")
        change(template, "{{ word }}", "{{ word|nofilter }}")
        follows("template error", "body", "Invalid filter: 'nofilter'")
        change(template, "{{ word|nofilter }}", "{{ word }} again")
        follows("template mended", "h1", "The second view again")
    return ", ".join(f"{what}: {seconds:.2f} s" for what, seconds in times.items())


if __name__ == "__main__":
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    if browser.missing():
        print(f"skipped: {browser.missing()} is not installed (Debian: chromium, chromium-driver)")
        sys.exit(77)
    try:
        install()
    except AssertionError as e:
        print(f"FAILED install: {e}\n0 passed, 1 failed")
        sys.exit(1)
    sys.exit(run(tests, sys.argv[1] if len(sys.argv) > 1 else ""))
