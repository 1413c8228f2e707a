#!/usr/bin/env python3
"""makemessages and compilemessages: a small project's catalogues, from its sources to the page that shows a translation."""
import os, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import building, serving

MAIN = r"""
#include <clef/clef.h>

static Response *page(Request *r)
{
    Str said = str_format(r->cx.arena, "%.*s|%.*s|%.*s|", STR_FMT(GETTEXT(r, "A view")), STR_FMT(PGETTEXT(r, "month", "May")),
                          STR_FMT(NGETTEXT(r, "one box", "many boxes", 3)));
    return RENDER(r, "page.html", "said", said, "n", 2, "name", "Ann");
}
static const Url urls[] = { PATH("", page, .name = "page"), URLS_END };
static const App shop_app = { .label = "shop" };
static void settings(Settings *s)
{
    s->root_urlconf = urls;
    s->secret_key = STR("only-for-a-test-of-catalogues-0123456789012345678901");
    s->allowed_hosts = STRS("localhost", "127.0.0.1");
    s->installed_apps = APPS(&shop_app);
    s->language_code = STR("de");
    s->template_dirs = STRS("templates");
    s->locale_paths = STRS("locale");
    s->use_i18n = true;
}
int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "words", .settings = SETTINGS(settings) });
}
"""
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
passed = failed = 0


def check(condition, what):
    global passed, failed
    passed, failed = passed + bool(condition), failed + (not condition)
    if not condition:
        print(f"FAILED {what}")
    return condition


class Words:
    """The project, in a folder that goes."""

    def __init__(self, folder):
        self.folder, self.program = folder, os.path.join(folder, "words")
        self.write("main.c", MAIN)
        self.write("templates/page.html", '{% load i18n %}{{ said }}{% translate "Hello" %}')
        os.mkdir(os.path.join(folder, "locale"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def run(self, *words, path=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
        if path is not None:
            env["PATH"] = path
        return subprocess.run([self.program, *words], cwd=self.folder, env=env, capture_output=True, text=True, timeout=120)

    def page(self):
        port = serving.free_port()
        server = serving.Server(self.program, ["serve", "--listen", f"127.0.0.1:{port}", "--workers", "1"], {"CLEF_BASE_DIR": self.folder}, None)
        try:
            server.wait_said('"message":"ready"')
            return serving.ask(("127.0.0.1", port)).body
        finally:
            server.clean()


def compiling(words):
    po = "locale/de/LC_MESSAGES/django.po"
    words.write(po, HEAD + 'msgid "A view"\nmsgstr "Eine Ansicht"\n\nmsgctxt "month"\nmsgid "May"\nmsgstr "Mai"\n\n'
                'msgid "one box"\nmsgid_plural "many boxes"\nmsgstr[0] "eine Kiste"\nmsgstr[1] "viele Kisten"\n')
    words.write("shop/locale/de/LC_MESSAGES/django.po", HEAD + '#, fuzzy\nmsgid "Hello"\nmsgstr "Hallo"\n')
    words.write("other/locale/fr/LC_MESSAGES/django.po", HEAD + 'msgid "Hello"\nmsgstr "Salut"\n')
    done = words.run("compilemessages", "-i", "other")
    check(done.returncode == 0 and po in done.stdout, f"compilemessages: {done.stdout}{done.stderr}")
    check(os.path.exists(words.path("shop/locale/de/LC_MESSAGES/django.mo")), "an application's catalogue")
    check(not os.path.exists(words.path("other/locale/fr/LC_MESSAGES/django.mo")), "an ignored folder")
    check(words.page() == "Eine Ansicht|Mai|viele Kisten|Hello", f"the page is translated: {words.page()}")
    again = words.run("compilemessages", "-x", "fr")
    check(again.stdout.count("already compiled") == 2, f"what is new stays: {again.stdout}{again.stderr}")
    os.utime(words.path("shop/locale/de/LC_MESSAGES/django.mo"), (1, 1))
    check(words.run("compilemessages", "--use-fuzzy", "-l", "de").returncode == 0, "fuzzy")
    check(words.page().endswith("|Hallo"), "a fuzzy translation")
    words.write(po, HEAD + 'msgid "A view"\nmsgwrong "Eine"\n')
    broken = words.run("compilemessages", "-l", "de")
    check(broken.returncode == 1 and po + ":7" in broken.stderr, f"a broken file is named with its line: {broken.stderr}")
    words.write(po, "\ufeff" + HEAD)
    check("byte order mark" in words.run("compilemessages", "-l", "de").stderr, "a byte order mark")
    words.write(po, HEAD)
    missing = words.run("compilemessages", path="/nowhere")
    check(missing.returncode == 1 and "Can't find msgfmt" in missing.stderr and '"gettext"' in missing.stderr, f"no msgfmt: {missing.stderr}")


def main():
    with tempfile.TemporaryDirectory(prefix="clef-messages-") as folder:
        words = Words(os.path.realpath(folder))
        made = building.build(words.program, [words.path("main.c")])
        if check(made.returncode == 0, f"the project compiles: {made.stderr[:2000]}"):
            compiling(words)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
