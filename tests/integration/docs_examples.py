#!/usr/bin/env python3
"""docs_examples: the C of the pages about templates compiles, as it stands there. A block of a page is C when its first line begins
a declaration or a statement of C; what begins a statement is put into a function. Names that a page takes for granted stand below."""
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


def compiles(page):
    top, tables, inside = program(page)
    own = "" if "shop_tags = " in tables else "extern const TemplateLibrary shop_tags;\n"
    flags = ["-x", "c", "-std=gnu2x", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-I" + ROOT + "/include", "-"]
    run = subprocess.run([os.environ.get("CC", "cc")] + flags, input=GIVEN + own + top + tables + inside, text=True, capture_output=True)
    if run.returncode or not top:
        print("FAILED docs/%s\n%s" % (page, run.stderr or "no C was found"))
    return run.returncode == 0 and top != ""


def main():
    results = [compiles(page) for page in ("templates.md", "custom-template-tags.md")]
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
