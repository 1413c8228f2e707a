/*
 * terminal.c: what a compiler wrote for a terminal, as markup. Colours and weight (SGR, ECMA-48) become classes; other
 * control sequences are left out.
 */
#include "debug/page.h"

enum { ESCAPE = 27, BELL = 7 };

/* The sequence at the start of s, which begins with ESC: how many bytes; its numbers and final byte when it is a CSI. */
static size_t sequence(Str s, Str *numbers, char *final)
{
    size_t at = 2;
    *numbers = (Str){ 0 };
    *final = 0;
    if (s.n < 2)
        return s.n;
    if (s.p[1] == ']') { /* OSC: up to BEL, or ESC \ */
        while (at < s.n && s.p[at] != BELL && s.p[at] != ESCAPE)
            at++;
        return at < s.n && s.p[at] == ESCAPE ? (at + 2 < s.n ? at + 2 : s.n) : at < s.n ? at + 1 : s.n;
    }
    if (s.p[1] != '[')
        return 2;
    while (at < s.n && (s.p[at] < '@' || s.p[at] > '~'))
        at++;
    *numbers = str_slice(s, 2, at);
    *final = at < s.n ? s.p[at] : 0;
    return at < s.n ? at + 1 : s.n;
}

/* The state after "01;31": bold, and a colour (31 to 36, else none). */
static void apply(Str numbers, bool *bold, int64_t *colour)
{
    int64_t n;
    if (!numbers.n)
        *bold = false, *colour = 0;
    for (Str word; str_cut(&numbers, ';', &word);) {
        if (!str_to_i64(word, &n))
            continue;
        if (n == 0)
            *bold = false, *colour = 0;
        else if (n == 1)
            *bold = true;
        else if (n == 22)
            *bold = false;
        else if ((n >= 30 && n <= 39) || (n >= 90 && n <= 97))
            *colour = n == 31 || n == 91   ? 31
                      : n == 32 || n == 92 ? 32
                      : n == 34 || n == 94 ? 34
                      : n == 35 || n == 95 ? 35
                      : n == 36 || n == 96 ? 36
                                           : 0;
    }
}

static void spans(DebugPage *p, Str text, bool marked)
{
    bool bold = false, open = false;
    int64_t colour = 0;
    while (text.n) {
        size_t n = str_find_byte(text, ESCAPE);
        Str piece = str_slice(text, 0, n);
        if (piece.n && marked && (bold || colour) && !open) {
            buf_c(&p->b, "<span class=\"");
            buf_c(&p->b, bold ? "c1" : "");
            if (colour)
                buf_printf(&p->b, "%sc%d", bold ? " " : "", (int)colour);
            buf_c(&p->b, "\">");
            open = true;
        }
        page_text(p, piece);
        text = str_from_byte(text, piece.n);
        if (!text.n)
            break;
        Str numbers;
        char final;
        text = str_from_byte(text, sequence(text, &numbers, &final));
        if (final != 'm')
            continue;
        if (open)
            buf_c(&p->b, "</span>");
        open = false;
        apply(numbers, &bold, &colour);
    }
    if (open)
        buf_c(&p->b, "</span>");
}

void page_terminal(DebugPage *p, Str text)
{
    if (!p->plain)
        buf_c(&p->b, "<pre tabindex=\"0\">");
    spans(p, text, !p->plain);
    buf_c(&p->b, p->plain ? "\n" : "</pre>\n");
}

Str terminal_plain(Arena *a, Str text)
{
    DebugPage p = { .b = BUF_INIT(a, text.n), .a = a, .plain = true };
    spans(&p, text, false);
    return buf_view(&p.b);
}
