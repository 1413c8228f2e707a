"""What a page of HTML owes to whoever reads it, by a machine or by eye, without a browser: elements that are closed and
nested as they may be, names that are there once, references that lead somewhere. `problems(text)` lists what is wrong."""
import re
from html.entities import html5
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS = {"article", "aside", "blockquote", "details", "div", "dl", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "header",
          "main", "nav", "ol", "p", "pre", "section", "table", "ul"}
PARENTS = {"li": {"ul", "ol"}, "tr": {"thead", "tbody", "tfoot", "table"}, "td": {"tr"}, "th": {"tr"}, "dt": {"dl"}, "dd": {"dl"},
           "summary": {"details"}, "thead": {"table"}, "tbody": {"table"}, "caption": {"table"}, "option": {"select", "optgroup"},
           "title": {"head"}, "meta": {"head"}, "head": {"html"}, "body": {"html"}}
PHRASING = {"p", "h1", "h2", "h3", "h4", "span", "code", "pre", "mark", "a", "summary", "label", "button", "time"}
INTERACTIVE = {"a", "button", "label", "select", "textarea"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.stack, self.wrong, self.ids, self.references, self.counts, self.language = [], [], [], [], {}, None

    def say(self, what):
        self.wrong.append(f"line {self.getpos()[0]}: {what}")

    def handle_decl(self, decl):
        self.counts["doctype"] = decl.lower() == "doctype html"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        given = dict(attributes)
        parent = self.stack[-1] if self.stack else None
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if len(set(names)) != len(names):
            self.say(f"<{tag}> has an attribute twice")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.say(f"<{tag}> in <{parent}>")
        if tag in BLOCKS and (parent in PHRASING or "p" in self.stack):
            self.say(f"<{tag}> in <{parent}>")
        if tag in INTERACTIVE and tag in self.stack:
            self.say(f"<{tag}> in <{tag}>")
        if tag == "html":
            self.language = given.get("lang")
        if tag == "th" and "scope" not in given:
            self.say("a <th> without scope")
        if tag == "img" and "alt" not in given:
            self.say("an <img> without alt")
        if "id" in given:
            self.ids.append(given["id"])
        for name in "for", "aria-labelledby", "aria-describedby":
            self.references += (given.get(name) or "").split()
        if tag == "a" and (given.get("href") or "").startswith("#"):
            self.references.append(given["href"][1:])
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID or not self.stack or self.stack[-1] != tag:
            self.say(f"</{tag}> ends <{self.stack[-1] if self.stack else 'nothing'}>")
        while tag in self.stack and self.stack.pop() != tag:
            pass

    def handle_entityref(self, name):
        if name + ";" not in html5:
            self.say(f"a bare & before {name}")

    def handle_data(self, data):
        if self.stack and self.stack[-1] in ("style", "script"):
            return
        if re.search(r"<|&(?=[a-zA-Z#])", data):
            self.say(f"a bare < or & in {data.strip()[:40]!r}")


def problems(text):
    page = Page()
    page.feed(text)
    page.close()
    wrong = page.wrong + [f"<{tag}> is never closed" for tag in page.stack]
    wrong += [f"{tag} {page.counts.get(tag, 0)} times" for tag in ("html", "head", "title", "body", "h1", "main") if page.counts.get(tag) != 1]
    wrong += [f"the id {i} twice" for i in sorted(set(page.ids)) if page.ids.count(i) > 1]
    wrong += [f"a reference to {r}, which is not there" for r in sorted(set(page.references)) if r not in page.ids]
    if not page.counts.get("doctype"):
        wrong.append("no doctype")
    if not page.language:
        wrong.append("no language")
    return wrong


def luminance(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * d for d in digits)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    """WCAG 2's ratio of two colours, 1 to 21."""
    a, b = sorted((luminance(a), luminance(b)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def schemes(css):
    """The variables of :root: (those of the light scheme, those of the dark one)."""
    found = [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})", block)) for block in re.findall(r":root\s*\{([^}]*)\}", css)]
    return found[0], {**found[0], **found[1]}
