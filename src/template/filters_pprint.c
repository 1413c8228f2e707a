/* filters_pprint.c: pprint: Python's pprint.pformat, 80 columns wide, names of maps in order. */
#include "template/filters.h"
#include <clef/base/map.h>
#include <clef/base/utf8.h>

enum { WIDTH = 80, DEPTH = 30 };

typedef struct Printer {
    Arena *arena;
    Buf *out;
} Printer;

static MapEntry **sorted_entries(Arena *a, const Map *m)
{
    size_t n = 0;
    MapEntry *e, **p = NEW_ARRAY(a, MapEntry *, map_count(m) + 1), **room = NEW_ARRAY(a, MapEntry *, map_count(m) + 1);
    for (size_t at = 0; (e = map_next(m, &at)) != NULL;)
        p[n++] = e;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t i = lo, middle = lo + width < n ? lo + width : n, j = middle,
                   hi = lo + 2 * width < n ? lo + 2 * width : n;
            for (size_t k = lo; k < hi; k++)
                room[k] = j >= hi || (i < middle && str_cmp(p[i]->key, p[j]->key) <= 0) ? p[i++] : p[j++];
        }
        memcpy(p, room, n * sizeof *p);
    }
    return p;
}

static bool is_tuple(Value v) { return v.tag == VALUE_LIST && v.flags & LIST_TUPLE; }

/* On one line; what is too deep is shown as an ellipsis. */
static void add_repr(Arena *a, Buf *b, Value v, unsigned depth)
{
    if ((v.tag == VALUE_LIST || v.tag == VALUE_MAP) && depth >= DEPTH) {
        buf_c(b, v.tag == VALUE_MAP ? "{...}" : "[...]");
    } else if (v.tag == VALUE_LIST) {
        buf_byte(b, is_tuple(v) ? '(' : '[');
        for (size_t i = 0; i < v.list->n && !b->failed; i++) {
            buf_c(b, i ? ", " : "");
            add_repr(a, b, v.list->p[i], depth + 1);
        }
        buf_c(b, !is_tuple(v) ? "]" : v.list->n == 1 ? ",)" : ")");
    } else if (v.tag == VALUE_MAP) {
        MapEntry **entries = sorted_entries(a, v.map);
        buf_byte(b, '{');
        for (size_t i = 0; i < map_count(v.map) && !b->failed; i++) {
            buf_c(b, i ? ", " : "");
            write_repr(b, a, value_str(entries[i]->key));
            buf_c(b, ": ");
            add_repr(a, b, entries[i]->value, depth + 1);
        }
        buf_byte(b, '}');
    } else {
        write_repr(b, a, v);
    }
}

static Str repr_of(Arena *a, Value v, unsigned depth)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    add_repr(a, &b, v, depth);
    return buf_view(&b);
}

static void new_line(Buf *b, int64_t indent)
{
    buf_byte(b, '\n');
    buf_fill(b, ' ', indent > 0 ? (size_t)indent : 0);
}

/* Characters that do not matter to a width beyond the page are not counted. */
static int64_t length(Str s) { return s.n > 100000 ? 100000 : (int64_t)utf8_count(s); }

/* The end of the line at i with its break, of the word at i with its space. */
static size_t line_end(Str s, size_t i)
{
    for (; i < s.n; i++)
        if (s.p[i] == '\n' || s.p[i] == '\r')
            return i + 1 + (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n');
    return s.n;
}
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static size_t word_end(Str s, size_t i)
{
    while (i < s.n && !is_blank(s.p[i]))
        i++;
    while (i < s.n && is_blank(s.p[i]))
        i++;
    return i;
}

typedef VEC(Str) Chunks;

static void split_line(Printer *p, Chunks *chunks, Str line, bool last_line, int64_t width, int64_t allowance)
{
    Str current = str_slice(line, 0, 0);
    for (size_t i = 0, end; i < line.n; i = end) {
        end = word_end(line, i);
        size_t from = (size_t)(current.p - line.p);
        Str candidate = str_slice(line, from, end);
        if (end == line.n && last_line)
            width -= allowance;
        if (length(repr_text(p->arena, candidate)) > width) {
            if (current.n)
                VEC_PUSH(p->arena, chunks, repr_text(p->arena, current));
            candidate = str_slice(line, i, end);
        }
        current = candidate;
    }
    if (current.n)
        VEC_PUSH(p->arena, chunks, repr_text(p->arena, current));
}

static void print_text(Printer *p, Str s, int64_t indent, int64_t allowance, unsigned level)
{
    Chunks chunks = { 0 };
    if (level == 1) {
        indent++;
        allowance++;
    }
    for (size_t i = 0, end; i < s.n; i = end) {
        end = line_end(s, i);
        Str line = str_slice(s, i, end), repr = repr_text(p->arena, line);
        bool last = end == s.n;
        int64_t width = WIDTH - indent;
        if (length(repr) <= width - (last ? allowance : 0))
            VEC_PUSH(p->arena, &chunks, repr);
        else
            split_line(p, &chunks, line, last, width, allowance);
    }
    bool several = chunks.n > 1;
    if (several && level == 1)
        buf_byte(p->out, '(');
    for (size_t i = 0; i < chunks.n; i++) {
        if (i)
            new_line(p->out, indent);
        buf_str(p->out, chunks.p[i]);
    }
    if (several && level == 1)
        buf_byte(p->out, ')');
}

static void print(Printer *p, Value v, int64_t indent, int64_t allowance, unsigned level)
{
    Str repr = repr_of(p->arena, v, level);
    bool fits = length(repr) <= WIDTH - indent - allowance;
    bool breakable =
        (v.tag == VALUE_LIST && v.list->n) || (v.tag == VALUE_MAP && map_count(v.map)) || (v.tag == VALUE_STR && v.s.n);
    if (fits || !breakable || level >= DEPTH || p->out->failed) {
        buf_str(p->out, repr);
        return;
    }
    level++;
    if (v.tag == VALUE_STR) {
        print_text(p, v.s, indent, allowance, level);
    } else if (v.tag == VALUE_LIST) {
        const char *end = !is_tuple(v) ? "]" : v.list->n == 1 ? ",)" : ")";
        buf_byte(p->out, is_tuple(v) ? '(' : '[');
        for (size_t i = 0; i < v.list->n; i++) {
            if (i) {
                buf_byte(p->out, ',');
                new_line(p->out, indent + 1);
            }
            bool last = i + 1 == v.list->n;
            print(p, v.list->p[i], indent + 1, last ? allowance + (int64_t)strlen(end) : 1, level);
        }
        buf_c(p->out, end);
    } else {
        MapEntry **entries = sorted_entries(p->arena, v.map);
        buf_byte(p->out, '{');
        for (size_t i = 0; i < map_count(v.map); i++) {
            if (i) {
                buf_byte(p->out, ',');
                new_line(p->out, indent + 1);
            }
            Str key = repr_text(p->arena, entries[i]->key);
            buf_str(p->out, key);
            buf_c(p->out, ": ");
            print(p, entries[i]->value, indent + 1 + length(key) + 2, i + 1 == map_count(v.map) ? allowance + 1 : 1,
                  level);
        }
        buf_byte(p->out, '}');
    }
}

FILTER(pprint)
{
    Buf b = filter_buf(c);
    Printer p = { .arena = c->r->arena, .out = &b };
    if (v.tag == VALUE_SAFE ||
        value_is_view(v)) /* a SafeString has no printer of its own, but a str's representation */
        write_repr(&b, c->r->arena, v);
    else
        print(&p, v, 0, 0, 0);
    return value_str(filter_text(c, &b));
}

const TemplateFilter pprint_filters[] = {
    { "pprint", pprint, .is_safe = true },
    { .name = NULL },
};
