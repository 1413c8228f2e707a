#!/usr/bin/env python3
"""docs_examples: the C of the pages compiles, as it stands there. Pages that mark their C with ```c have it at the top of a file. In the
pages about templates a block is C when its first line begins a declaration or a statement of C; what begins a statement is put into a
function. Names that a page takes for granted stand below."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GIVEN = """
#include <clef/clef.h>
typedef struct Post { MODEL_HEAD; Str title; } Post;
static Post *post;
static Arena *arena, *a;
static Site *site;
static Str url, title;
static List *list;
static Request *r;
static const TemplateSource embedded_templates[1];
"""
# What the marked pages take for granted, by page.
FENCED = {
    "settings.md": "extern const Url urls[];",
    "urls.md": "Response *comment_list(Request *r), *post_list(Request *r), *archive(Request *r), *post_detail(Request *r), "
               "*feed(Request *r), *not_found(Request *r);",
    "requests.md": "",
    "signals.md": "extern const Model Ticket_model;",
    "logging.md": "",
}
DECLARATION = re.compile(r"(static|typedef|const|Response) ")
STATEMENT = re.compile(r"(TemplateEngine|Map) \*")


def blocks(page):
    """The indented blocks of a page, with the number of their first line."""
    out, at = [], None
    with open(os.path.join(ROOT, "docs", page)) as f:
        for number, line in enumerate(f, 1):
            if line.startswith("    "):
                if at is None:
                    at = number
                    out.append([number, ""])
                out[-1][1] += line[4:]
            elif line.strip():
                at = None
            elif at is not None:
                out[-1][1] += "\n"
    return out


def program(page):
    """What stands at the top of a file, the tables that others use first, and what stands in functions."""
    tables, top, inside = "", "", ""
    for number, text in blocks(page):
        place = '#line %d "docs/%s"\n' % (number, page)
        text = re.sub(r" +\{\{.*\}\}.*", "", text)  # what the template shows, beside the C
        text = re.sub(r"(?m)^\{[%{].*\n?", "", text)
        if STATEMENT.match(text):
            inside += "void in_%d(void);\nvoid in_%d(void)\n{\n%s%s}\n" % (number, number, place, text)
        elif DECLARATION.match(text) and "\nTemplateEngine" in text:
            at = text.index("TemplateEngine *")
            tables += place + text[:at]
            inside += "void in_%d(void);\nvoid in_%d(void)\n{\n%s%s}\n" % (number, number, place, text[at:])
        elif DECLARATION.match(text):
            top += place + text
    return top, tables, inside


def fenced(page):
    """The blocks that are marked as C, each at its own line."""
    out, inside = "", False
    with open(os.path.join(ROOT, "docs", page)) as f:
        for number, line in enumerate(f, 1):
            if line.startswith("```"):
                inside = line.strip() == "```c"
                out += '#line %d "docs/%s"\n' % (number + 1, page) if inside else ""
            elif inside:
                out += line
    return out


def accepted(page, text):
    flags = ["-x", "c", "-std=gnu2x", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-I" + ROOT + "/include", "-"]
    run = subprocess.run([os.environ.get("CC", "cc")] + flags, input=text, text=True, capture_output=True)
    if run.returncode:
        print("FAILED docs/%s\n%s" % (page, run.stderr))
    return run.returncode == 0


def compiles(page):
    if page in FENCED:
        text = fenced(page)
        return text != "" and accepted(page, "#include <clef/clef.h>\n%s\n%s" % (FENCED[page], text))
    top, tables, inside = program(page)
    own = "" if "shop_tags = " in tables else "extern const TemplateLibrary shop_tags;\n"
    if not top:
        print("FAILED docs/%s: no C was found" % page)
    return top != "" and accepted(page, GIVEN + own + top + tables + inside)


def main():
    results = [compiles(page) for page in ("templates.md", "custom-template-tags.md", *FENCED)]
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
