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


PAGE = """{% load i18n %}{{ said }}
{% translate "Hello" %} {% translate "Half: 50%" %}
{# Translators: a month #}
{% translate "May" context "month" %}
{% blocktranslate trimmed %}
  Two
  lines
{% endblocktranslate %}
{% blocktranslate count n=n context "cart" %}one <b>{{ n }}</b> thing{% plural %}{{ n }} things, 100%{% endblocktranslate %}
{% comment %}Nothing
Translators: a name{% endcomment %}
{{ name|default:_("nobody") }}{% if name == _("Ann \\"A\\"") %}x{% endif %}
{% verbatim %}{% translate "never" %}{% endverbatim %}
{# Translators: lost #}{% translate "Last" %}
"""


def entries(text):
    """The messages of a catalogue: (context, msgid, plural) to the lines of comments."""
    found = {}
    for block in text.split("\n\n")[1:]:
        fields, name, comments = {}, "", []
        for line in block.splitlines():
            if line.startswith("#"):
                comments.append(line)
                continue
            if not line.startswith('"'):
                name, line = line.split(" ", 1)
            fields[name] = fields.get(name, "") + line[1:-1]
        if "msgid" in fields:
            found[(fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"))] = comments
    return found


def making(words):
    words.write("templates/page.html", PAGE)
    words.write("shop/templates/box.html", '{% load i18n %}{% translate "Box" %}')
    words.write("templates/ignored.md", '{% translate "Not read" %}')
    os.makedirs(words.path("shop/locale"), exist_ok=True)
    check(words.run("makemessages").returncode == 1, "a locale is needed")
    made = words.run("makemessages", "-l", "de", "-l", "pt-br")
    check(made.returncode == 0, f"makemessages: {made.stdout}{made.stderr}")
    check("invalid locale pt-br, did you mean pt_BR?" in made.stderr, f"a locale: {made.stderr}")
    check("templates/page.html:14: the comment 'Translators: lost' was ignored" in made.stderr, f"a comment: {made.stderr}")
    po = "locale/de/LC_MESSAGES/django.po"
    text = words.read(po)
    found = entries(text)
    expected = {(None, "A view", None), ("month", "May", None), (None, "one box", "many boxes"), (None, "Hello", None),
                (None, "Half: 50%%", None), (None, "Two lines", None),
                ("cart", "one <b>%(n)s</b> thing", "%(n)s things, 100%%"), (None, "nobody", None), (None, 'Ann \\"A\\"', None),
                (None, "Last", None)}
    check(set(found) == expected, f"the messages: {set(found) ^ expected}")
    check("nplurals=2; plural=" in text and "charset=UTF-8" in text, f"the header: {text[:900]}")
    check(any("a month" in line for line in found.get(("month", "May", None), [])), "a comment for translators")
    check(any("a name" in line for line in found.get((None, "nobody", None), [])), f"a longer comment: {found.get((None, 'nobody', None))}")
    places = " ".join(found.get(("month", "May", None), []))
    check("main.c:6" in places and "PACKAGE" not in places and "templates/page.html:4" in places, f"places: {places}")
    check(set(entries(words.read("shop/locale/de/LC_MESSAGES/django.po"))) == {(None, "Box", None)}, "an application's messages")
    check(not os.path.exists(words.path("locale/django.pot")), "no .pot stays")
    words.write(po, text.replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Hallo"').replace(
        'msgid "A view"\nmsgstr ""', 'msgid "A view"\nmsgstr "Eine Ansicht"').replace('msgid "Two lines"\nmsgstr ""', 'msgid "Two lines"\nmsgstr "Zwei Zeilen"').replace("#, fuzzy\nmsgid", "msgid"))
    check(words.run("compilemessages").returncode == 0, "what was made compiles")
    shown = words.page()
    check("Eine Ansicht|" in shown and "Hallo" in shown and "Zwei Zeilen" in shown, f"the page: {shown}")
    words.write("templates/page.html", '{% load i18n %}{% translate "New" %}')
    again = words.run("makemessages", "-a", "--no-location", "--keep-pot")
    text = words.read(po)
    check(again.returncode == 0 and '#~ msgid "Hello"' in text and 'msgstr "Eine Ansicht"' in text, f"merged: {again.stderr}{text}")
    check("#: " not in text and os.path.exists(words.path("locale/django.pot")), "no places; the .pot is kept")
    check(words.run("makemessages", "-x", "fr", "--no-obsolete").returncode == 0 and "#~" not in words.read(po), "no obsolete messages")
    words.run("makemessages", "-l", "de", "-e", "md", "-i", "shop")
    check((None, "Not read", None) in entries(words.read(po)), "another extension")
    words.write("templates/page.html", "{% blocktranslate %}\n{% if x %}{% endif %}{% endblocktranslate %}")
    wrong = words.run("makemessages", "-l", "de")
    check(wrong.returncode == 1 and "templates/page.html:2: Translation blocks must not include other block tags: if x" in wrong.stderr,
          f"a tag in a block: {wrong.stderr}")
    missing = words.run("makemessages", "-l", "de", "-e", "c", path="/nowhere")
    check(missing.returncode == 1 and "Can't find xgettext" in missing.stderr and '"gettext"' in missing.stderr, f"no xgettext: {missing.stderr}")


def main():
    with tempfile.TemporaryDirectory(prefix="clef-messages-") as folder:
        words = Words(os.path.realpath(folder))
        made = building.build(words.program, [words.path("main.c")])
        if check(made.returncode == 0, f"the project compiles: {made.stderr[:2000]}"):
            compiling(words)
    with tempfile.TemporaryDirectory(prefix="clef-messages-") as folder:
        made = Words(os.path.realpath(folder))
        building.build(made.program, [made.path("main.c")])
        making(made)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
