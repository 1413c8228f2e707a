/* What is kept of a compiler's and a program's words, and what is left out. */
#include "tool/said.h"

#include "debug/page.h"
#include <clef/test.h>

/* The kept text when the bytes come `step` at a time; what was shown must be the same. */
static Str kept(Str text, bool compiler, size_t step)
{
    Arena *a = test_arena();
    Said s = { .gone = 0 };
    Buf shown = BUF_INIT(a, 1u << 20);
    said_begin(&s, compiler);
    for (; text.n; text = str_from_byte(text, step < text.n ? step : text.n))
        said_add(&s, a, str_slice(text, 0, step), &shown);
    said_end(&s, a, &shown);
    Str all = said_text(a, &s);
    if (!s.gone)
        CHECK_STR(buf_view(&shown), all);
    said_finish(&s);
    return all;
}

/*
 * Lines, those that must go marked by '-' at the front: what is left is the others. In pieces of any size, and in
 * colour.
 */
static void check_lines(const char *marked)
{
    Arena *a = test_arena();
    Str rest = str_c(marked), line;
    Buf all = BUF_INIT(a, 1u << 20), left = all, coloured = all;
    while (str_cut(&rest, '\n', &line)) {
        bool goes = str_starts(line, STR("-"));
        Str text = str_from_byte(line, goes || str_starts(line, STR("+")) ? 1 : 0);
        if (!text.n)
            continue;
        buf_printf(&all, "%.*s\n", STR_FMT(text));
        if (!goes)
            buf_printf(&left, "%.*s\n", STR_FMT(text));
        /* The colours of gcc, and the end of a colour before the next line, as clang has it. */
        size_t half = text.n / 2;
        buf_printf(&coloured, "\033[01m\033[K%.*s\033[m\033[K\033[0;1;32m%.*s\n\033[0m", (int)half, text.p,
                   STR_FMT(str_from_byte(text, half)));
    }
    for (size_t step = 1; step < 200; step += 33) {
        CHECK_STR(kept(buf_view(&all), true, step), buf_view(&left));
        CHECK_STR(terminal_plain(a, kept(buf_view(&coloured), true, step)), buf_view(&left));
    }
    CHECK_STR(kept(buf_view(&all), false, 7), buf_view(&all));
}

TEST(said, gcc_without_steps_in_clefs_macros)
{
    check_lines("pages/views.c: In function 'pages_index':\n"
                "pages/views.c:5:55: error: macro \"CLEF_TEMPLATE_PAIRS_\" requires 3 arguments, but only 1 given\n"
                "    5 |     return RENDER(r, \"pages/index.html\", \"heading\" \"x\");\n"
                "      |                                                       ^\n"
                "-In file included from /opt/include/clef/forms/form.h:41,\n"
                "-                 from /opt/include/clef/clef.h:11,\n"
                "-                 from pages/views.c:1:\n"
                "-/opt/include/clef/template/response.h:98: note: macro \"CLEF_TEMPLATE_PAIRS_\" defined here\n"
                "-   98 | #define CLEF_TEMPLATE_PAIRS_(n, v, ...) { (n), VALUE(v) }, __VA_OPT__(x)\n"
                "-      | \n"
                "In file included from /opt/include/clef/base/log.h:24,\n"
                "                 from /opt/include/clef/clef.h:5,\n"
                "                 from pages/views.c:1:\n"
                "/opt/include/clef/template/response.h:97:64: error: 'CLEF_TEMPLATE_PAIRS_' undeclared\n"
                "   97 | #define CLEF_TEMPLATE_PAIRS(...)  __VA_OPT__(CLEF_EXPAND(CLEF_TEMPLATE_PAIRS_(__VA_ARGS__)))\n"
                "      |                                                                ^~~~~~~~~~~~~~~~~~~~\n"
                "-/opt/include/clef/base/macro.h:15:28: note: in definition of macro 'CLEF_EXPAND_1'\n"
                "-   15 | #define CLEF_EXPAND_1(...) __VA_ARGS__\n"
                "-      |                            ^~~~~~~~~~~\n"
                "-/opt/include/clef/base/macro.h:14:42: note: in expansion of macro 'CLEF_EXPAND_1'\n"
                "-   14 | #define CLEF_EXPAND_2(...) CLEF_EXPAND_1(CLEF_EXPAND_1(__VA_ARGS__))\n"
                "-      |                                          ^~~~~~~~~~~~~\n"
                "pages/views.c:5:12: note: in expansion of macro 'RENDER'\n"
                "    5 |     return RENDER(r, \"pages/index.html\", \"heading\" \"x\");\n"
                "      |            ^~~~~~\n"
                "-/opt/include/clef/orm/field.h:7: note: declared here\n"
                "make: *** [clef.mk:199: build/dev/pages/views.o] Error 1\n");
}

TEST(said, clang_without_steps_in_clefs_macros)
{
    check_lines(
        "pages/views.c:5:12: error: too few arguments provided to function-like macro invocation\n"
        "    return RENDER(r, \"pages/index.html\", \"heading\" \"x\");\n"
        "           ^\n"
        "-/opt/include/clef/template/response.h:86:67: note: expanded from macro 'RENDER'\n"
        "-    response_render((r), (template_name), (const TemplatePair[]){ CLEF_TEMPLATE_PAIRS(__VA_ARGS__) })\n"
        "-                                                                  ^\n"
        "-note: (skipping 3 expansions in backtrace; use -fmacro-backtrace-limit=0 to see all)\n"
        "-<scratch space>:4:1: note: expanded from here\n"
        "-CLEF_FIELD_nothing\n"
        "-^~~~~~~~~~~~~~~~~~\n"
        "-/opt/include/clef/orm/model.h:86:67: note: did you mean this?\n"
        "-    int64_t views;\n"
        "-            ^\n"
        "-            view\n"
        "pages/models.h:7:9: note: declared here\n"
        "    Str title;\n"
        "        ^\n"
        "-/opt/include/clef/base/str.h:7:9: note: declared here\n"
        "-    Str title;\n"
        "-        ^\n"
        "1 error generated.\n");
    check_lines("-/opt/include/clef/base/str.h:7:9: note: without its source\n"
                "pages/views.c:9:12: error: behind it\n"
                "    two lines\n"
                "    ^\n");
}

/* What is not Clef's stays: other libraries' headers, the project's own files wherever they lie, and other words. */
TEST(said, what_is_not_of_clef_stays)
{
    check_lines("/usr/include/stdio.h:7:9: note: declared here\n"
                "    7 | int puts(const char *);\n"
                "      |     ^\n"
                "clef/base/x.h:7:9: note: of a project that has a folder of this name\n"
                "   97 | stays\n"
                "/usr/bin/ld: views.o: undefined reference to `nothing'\n"
                "In file included from pages/views.c:1:\n"
                "pages/pages.h:3:1: error: unknown type name 'Respnse'\n"
                "In file included from pages/views.c:1:\n");
}

TEST(said, a_last_line_without_its_end_counts)
{
    Str head = STR("a.c:1:1: error: x\n");
    CHECK_STR(kept(STR("make: *** No rule"), true, 5), STR("make: *** No rule"));
    CHECK_STR(kept(STR("a.c:1:1: error: x\n/opt/include/clef/base/x.h:1:1: note: y"), true, 5), head);
    CHECK_STR(kept(STR("In file included from a.c:1:"), true, 5), STR("In file included from a.c:1:"));
    CHECK_STR(kept(STR(""), true, 5), STR(""));
}

/* Lines around the size of the buffer for one come through whole. */
TEST(said, long_lines)
{
    for (size_t n = SAID_LINE - 2; n <= SAID_LINE + 2; n++) {
        Buf b = BUF_INIT(test_arena(), 1u << 20);
        buf_fill(&b, 'x', n);
        BUF_LIT(&b, "\nnext\n");
        CHECK_STR(kept(buf_view(&b), true, 4096), buf_view(&b));
    }
}

TEST(said, the_beginning_and_the_end_of_what_is_too_long)
{
    Arena *a = test_arena();
    Buf b = BUF_INIT(a, 8u << 20);
    for (size_t n = 0; n < SAID_FIRST + SAID_LAST; n = b.n)
        buf_printf(&b, "line %08zu\n", n);
    buf_truncate(&b, SAID_FIRST + SAID_LAST);
    CHECK_STR(kept(buf_view(&b), false, 1000), buf_view(&b));

    buf_c(&b, "x");
    Str most = kept(buf_view(&b), false, 1000);
    CHECK(most.n < b.n);
    CHECK(str_contains(most, STR("bytes are left out here")));

    for (size_t n = 0; n < 1u << 20; n++)
        buf_printf(&b, "%c", n % 80 ? 'y' : '\n');
    buf_c(&b, "\nAddressSanitizer: the end\n");
    Str text = kept(buf_view(&b), false, 16384);
    CHECK_STR(str_slice(text, 0, SAID_FIRST), str_slice(buf_view(&b), 0, SAID_FIRST));
    CHECK(str_contains(text, STR("bytes are left out here")));
    size_t half = SAID_LAST / 2;
    CHECK_STR(str_from_byte(text, text.n - half), str_from_byte(buf_view(&b), b.n - half));
    CHECK(text.n < SAID_FIRST + SAID_LAST + 100);
}
