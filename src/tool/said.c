/* said.c: see said.h. */
#include "tool/said.h"

#include "debug/page.h"

enum { NO_EXCERPT, EXCERPT_SOURCE, EXCERPT_CARET, EXCERPT_MEND };
static const char ESCAPE = 27;

void said_begin(Said *s, bool compiler)
{
    buf_clear(&s->first);
    buf_clear(&s->last);
    buf_clear(&s->line);
    buf_clear(&s->held);
    s->first.max = SAID_FIRST;
    s->last.max = SAID_LAST;
    s->line.max = SAID_LINE;
    s->held.max = SAID_LINE;
    s->gone = 0;
    s->compiler = compiler;
    s->colours_open = false;
    s->excerpt = NO_EXCERPT;
}

void said_finish(Said *s)
{
    buf_finish(&s->first);
    buf_finish(&s->last);
    buf_finish(&s->line);
    buf_finish(&s->held);
}

static void keep(Said *s, Str text)
{
    Str head = str_slice(text, 0, SAID_FIRST - s->first.n);
    buf_str(&s->first, head);
    text = str_from_byte(text, head.n);
    while (text.n) {
        Str piece = str_slice(text, 0, SAID_LAST / 2);
        if (s->last.n + piece.n > SAID_LAST) {
            size_t n = s->last.n - SAID_LAST / 2;
            s->gone += n;
            buf_consume(&s->last, n);
        }
        buf_str(&s->last, piece);
        text = str_from_byte(text, piece.n);
    }
}

static void pass(Said *s, Str text, Buf *shown)
{
    keep(s, text);
    buf_str(shown, text);
}

/* ---- a compiler's lines, without colours */

static bool is_inclusion(Str line)
{
    return str_starts(line, STR("In file included from ")) || str_starts(line, STR("                 from "));
}

/* The place of a diagnostic is written without spaces, and the project's files by relative paths. */
static bool is_in_clef(Str line)
{
    Str place = str_slice(line, 0, str_find_byte(line, ' '));
    return line.n && line.p[0] == '/' && str_contains(place, STR("/clef/")) && str_contains(place, STR(".h:"));
}

static bool is_step(Str line)
{
    return (is_in_clef(line) && str_contains(line, STR(": note: "))) ||
           (str_starts(line, STR("<scratch space>:")) && str_contains(line, STR(": note: "))) ||
           str_starts(line, STR("note: (skipping "));
}

static bool is_diagnostic(Str line)
{
    static const Str marks[] = {
        STR(": error: "),      STR(": fatal error: "), STR(": warning: "), STR(": note: "),
        STR(": In function "), STR(": At top level:"), STR(" generated."), STR("In file included from "),
        STR("collect2: "),     STR("make: "),          STR("make["),       STR("compilation terminated")
    };
    for (size_t i = 0; i < CLEF_COUNT(marks); i++)
        if (str_contains(line, marks[i]))
            return true;
    return false;
}

/* "   98 | #define ..." and "      |    ^", as gcc writes the source. */
static bool is_gcc_excerpt(Str line)
{
    size_t i = 0;
    while (i < line.n && line.p[i] == ' ')
        i++;
    while (i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
        i++;
    return i > 0 && str_starts(str_from_byte(line, i), STR(" |"));
}

/* "        ^~~~", as clang marks a place of the line above. */
static bool is_caret(Str line)
{
    return str_find_byte(line, '^') != STR_NPOS && str_trim_set(line, STR(" ^~\t")).n == 0;
}

/*
 * Does the line belong to the source below a note that was left out? clang writes the line, its mark, and perhaps a
 * mend.
 */
static bool is_excerpt(Said *s, Str line)
{
    if (s->excerpt == NO_EXCERPT)
        return false;
    if (is_gcc_excerpt(line))
        return true;
    uint8_t at = s->excerpt;
    s->excerpt = NO_EXCERPT;
    if (is_diagnostic(line) || (at == EXCERPT_CARET && !is_caret(line)) ||
        (at == EXCERPT_MEND && !str_starts(line, STR(" "))))
        return false;
    s->excerpt = at == EXCERPT_MEND ? NO_EXCERPT : (uint8_t)(at + 1);
    return true;
}

static void take_line(Said *s, Arena *scratch, Str line, Buf *shown)
{
    Str plain = terminal_plain(scratch, line);
    size_t end = plain.n && plain.p[plain.n - 1] == '\n' ? plain.n - 1 : plain.n;
    plain = str_slice(plain, 0, end);
    bool out = is_excerpt(s, plain);
    if (!out && is_inclusion(plain) && buf_str(&s->held, line))
        return;
    if (!out && is_step(plain)) {
        out = true;
        s->excerpt = EXCERPT_SOURCE;
        buf_clear(&s->held);
    }
    if (out) { /* clang puts the end of a colour before the next line */
        s->colours_open = s->colours_open || str_find_byte(line, ESCAPE) != STR_NPOS;
        return;
    }
    if (s->colours_open)
        pass(s, STR("\033[0m"), shown);
    s->colours_open = false;
    pass(s, buf_view(&s->held), shown);
    buf_clear(&s->held);
    pass(s, line, shown);
}

void said_add(Said *s, Arena *scratch, Str bytes, Buf *shown)
{
    if (!s->compiler) {
        pass(s, bytes, shown);
        return;
    }
    while (bytes.n) {
        size_t at = str_find_byte(bytes, '\n'), n = at == STR_NPOS ? bytes.n : at + 1;
        if (n > SAID_LINE - s->line.n) {
            n = SAID_LINE - s->line.n;
            at = 0;
        }
        buf_add(&s->line, bytes.p, n);
        bytes = str_from_byte(bytes, n);
        if (at != STR_NPOS) {
            take_line(s, scratch, buf_view(&s->line), shown);
            buf_clear(&s->line);
        }
    }
}

void said_end(Said *s, Arena *scratch, Buf *shown)
{
    if (s->line.n)
        take_line(s, scratch, buf_view(&s->line), shown);
    pass(s, buf_view(&s->held), shown);
    buf_clear(&s->line);
    buf_clear(&s->held);
}

Str said_text(Arena *a, const Said *s)
{
    if (!s->gone)
        return str_concat(a, buf_view(&s->first), buf_view(&s->last));
    return str_format(a, "%.*s\n\033[0m[... %zu bytes are left out here ...]\n%.*s", STR_FMT(buf_view(&s->first)),
                      s->gone, STR_FMT(buf_view(&s->last)));
}
