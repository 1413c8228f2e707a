#!/usr/bin/env python3
"""The help desk in a browser: the list, a ticket opened by the form (first with a mistake), its status changed; and what a
page owes to everybody (labels, contrast, small screens).

    tests/integration/helpdesk.py [PART OF A TEST'S NAME]"""
import contextlib, os, re, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import browser
from browser import Browser
from serving import *

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROJECT = os.path.join(ROOT, "examples/helpdesk")
PROGRAM = os.path.join(BUILD, "examples/helpdesk/helpdesk")
TICKETS = 105


def check(condition, what):
    if not condition:
        raise AssertionError(what)


@contextlib.contextmanager
def helpdesk(tickets=TICKETS):
    """The program with a database of its own; ends by its process id."""
    folder = tempfile.mkdtemp(prefix="clef-helpdesk-")
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=f"sqlite:///{folder}/db.sqlite3", CLEF_BASE_DIR=PROJECT, CLEF_SETTINGS="production",
               SECRET_KEY="a key that only this test knows, and long enough for the checks")
    port, log = free_port(), os.path.join(folder, "log")
    try:
        for words in (["migrate"], ["load_demo", "--tickets", str(tickets)]):
            done = subprocess.run([PROGRAM, *words], env=env, capture_output=True, text=True, timeout=60)
            check(done.returncode == 0, done.stdout + done.stderr)
        with open(log, "wb") as out:
            server = subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--workers", "1"], env=env, stdout=out,
                                      stderr=out, stdin=subprocess.DEVNULL)
        try:
            wait_for("the help desk serves", lambda: '"message":"ready"' in open(log).read())
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_ticket_is_opened_listed_and_resolved():
    with helpdesk() as site, Browser() as page:
        page.go(site + "/")
        check(page.text("caption") == "1 to 20 of 105, newest first", page.text("caption"))
        check(len(page.all("tbody tr")) == 20, "20 rows")
        page.find("nav[aria-label=Main] a[href='/new/']").click()
        page.wait_text("h1", "New ticket")
        page.find("#id_title").type("The <kettle> & the cat")
        page.find("#id_requester").type("nobody")
        page.find("#id_priority").choose("3")
        page.find("#id_description").type("Both are\nwet.")
        page.find("main button[type=submit]").click()
        page.wait_text(".errorlist", "Enter a valid email address.")
        check(page.url == site + "/new/", page.url)
        check(page.find("#id_title").value() == "The <kettle> & the cat", "the title is still there")
        check(page.find("#id_priority").value() == "3", "and the priority")
        check(page.find("#id_description").value().replace("\r", "") == "Both are\nwet.", "and the description")
        check(page.find("#id_requester").attribute("aria-invalid") == "true", "the wrong field says so")
        page.find("#id_requester").type("cat@example.org")
        page.find("main button[type=submit]").click()
        page.wait_text("h1", "The <kettle> & the cat")
        check(re.fullmatch(re.escape(site) + r"/106/", page.url), page.url)
        check(page.text("#status") == "Open", page.text("#status"))
        page.go(site + "/")
        check("The <kettle> & the cat" in page.text("tbody tr:first-child"), page.text("tbody tr:first-child"))
        check(page.text("caption") == "1 to 20 of 106, newest first", page.text("caption"))
        page.find("tbody tr:first-child a").click()
        page.wait_text("h1", "kettle")
        page.find("#id_status").choose("resolved")
        page.find("main button[type=submit]").click()
        page.wait_text("#status", "Resolved")
        page.go(site + "/?status=resolved")
        check("The <kettle> & the cat" in page.text("tbody tr:first-child"), "it is among the resolved")


def test_pages_and_filters():
    with helpdesk() as site, Browser() as page:
        page.go(site + "/?status=open")
        check(set(e.text for e in page.all("tbody .status")) == {"Open"}, "only open ones")
        page.find("a[rel=next]").click()
        page.wait_text("nav.pages span", "Page 2 of")
        check("status=open" in page.url and set(e.text for e in page.all("tbody .status")) == {"Open"}, page.url)
        page.go(site + "/?page=6")
        check(page.text("caption") == "101 to 105 of 105, newest first", page.text("caption"))
        check(not page.all("a[rel=next]") and page.all("a[rel=prev]"), "the last page")
        page.go(site + "/4711/")
        page.wait_text("h1", "There is no such page")


def test_a_form_without_its_token_is_refused():
    with helpdesk(1) as site, Browser() as page:
        page.go(site + "/1/")
        page.script("document.querySelector('input[name=csrfmiddlewaretoken]').remove()")
        page.find("main button[type=submit]").click()
        page.wait_text("body", "CSRF")
        page.go(site + "/1/")
        before = page.text("#status")
        page.session("DELETE", "/cookie")
        page.find("#id_status").choose("pending" if before != "Pending" else "open")
        page.find("main button[type=submit]").click()
        page.wait_text("body", "CSRF")
        page.go(site + "/1/")
        check(page.text("#status") == before, "nothing was changed")


CONTRAST = """
function luminance(c) {
    const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ground(e) {
    for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor;
        if (c !== "rgba(0, 0, 0, 0)") return c;
    }
    return "rgb(255, 255, 255)";
}
const wrong = [];
for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 30)}`);
}
return wrong;
"""

BASICS = """
const wrong = [];
if (!document.documentElement.lang) wrong.push("no language");
if (!document.title) wrong.push("no title");
if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels.length) wrong.push(`no label for ${e.name}`);
for (const e of document.querySelectorAll("nav")) if (!e.getAttribute("aria-label")) wrong.push("a nav without a name");
for (const e of document.querySelectorAll("a, button")) if (!e.textContent.trim()) wrong.push("a link without text");
for (const e of document.querySelectorAll("th")) if (!e.scope) wrong.push("a th without scope");
const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
if (new Set(ids).size !== ids.length) wrong.push("an id twice");
for (const e of document.querySelectorAll("[aria-describedby]"))
    for (const id of e.getAttribute("aria-describedby").split(" "))
        if (!document.getElementById(id)) wrong.push(`described by ${id}, which is not there`);
return wrong;
"""


def test_the_pages_are_for_everybody():
    with helpdesk() as site, Browser() as page:
        def look(where):
            for scheme in ("light", "dark"):
                page.colour_scheme(scheme)
                wrong = page.script(CONTRAST)
                check(not wrong, f"{where}, {scheme}: too little contrast: {wrong}")
            wrong = page.script(BASICS)
            check(not wrong, f"{where}: {wrong}")
            page.resize(500, 800)
            width, room = page.script("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            check(width <= room, f"{where}: {width} pixels wide in a window of {room}")
            page.resize(1200, 900)

        for path in ("/", "/?status=pending", "/new/", "/1/", "/4711/"):
            page.go(site + path)
            look(path)
        page.go(site + "/new/")
        page.find("main button[type=submit]").click()
        page.wait_text(".errorlist", "This field is required.")
        look("/new/ with errors")
        page.go(site + "/")
        page.find("body").keys("\ue004")  # Tab
        check(page.script("return document.activeElement.className") == "skip", "the first stop is the way to the content")
        check(page.script("return getComputedStyle(document.activeElement).outlineStyle") != "none", "focus is seen")


HEADINGS = """
const heads = [...document.querySelectorAll("thead th")].map(e => e.textContent), wrong = [];
for (const row of document.querySelectorAll("tbody tr"))
    [...row.children].forEach((cell, i) => {
        const shown = getComputedStyle(cell, "::before").content.replaceAll('"', "");
        if (cell.tagName === "TD" && shown !== heads[i]) wrong.push(`${heads[i]}: ${shown}`);
        if (!["cell", "rowheader"].includes(cell.getAttribute("role"))) wrong.push(`${heads[i]} has no role`);
    });
for (const e of document.querySelectorAll("thead tr, tbody tr")) if (e.getAttribute("role") !== "row") wrong.push("no row");
return wrong;
"""


def test_on_a_phone_the_cells_keep_their_headings():
    """A table whose rows are blocks has no columns any more: neither to the eye nor, without roles, to a screen reader."""
    with helpdesk() as site, Browser() as page:
        page.resize(500, 800)
        page.go(site + "/")
        wrong = page.script(HEADINGS)
        check(not wrong, f"{wrong[:5]}")
        check(len(page.all("tbody tr")) == 20, "20 rows")
        page.resize(1200, 900)
        check(page.script("return getComputedStyle(document.querySelector('tbody td'), '::before').content") == "none", "a wide page")


def test_dev_run_says_where_it_is():
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env["CLEF_NO_INSTALL"] = "1"
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen()
    wanted = busy.getsockname()[1]
    for port, words in ((wanted, "is in use by another program: taking "), (free_port(), "the help desk is at ")):
        log = os.path.join(tempfile.gettempdir(), f"clef-dev-run-{os.getpid()}")
        with open(log, "wb") as out:
            process = subprocess.Popen([os.path.join(ROOT, "dev"), "run", str(port)], env=env, stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL)
        began = time.monotonic()
        try:
            said = wait_for("./dev run serves", lambda: '"message":"ready"' in open(log).read() and open(log).read(), 600)
            seconds = time.monotonic() - began
            check(words in said, said)
            at = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
            answer = ask(("127.0.0.1", int(at[1])))
            check(answer.status == 200 and " of 50" in answer.body, answer.body[:500])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            os.unlink(log)
    busy.close()
    return f"second start: {seconds:.1f} s"


if __name__ == "__main__":
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    if browser.missing():
        print(f"skipped: {browser.missing()} is not installed (Debian: chromium, chromium-driver)")
        sys.exit(77)
    sys.exit(run(tests, sys.argv[1] if len(sys.argv) > 1 else ""))
