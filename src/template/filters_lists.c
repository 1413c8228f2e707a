/* filters_lists.c: filters of lists and of anything that has items. */
#include "template/filters.h"
#include <clef/base/double.h>
#include <clef/base/rand.h>
#include <clef/base/utf8.h>
#include <clef/codec/html.h>
#include <clef/template/compiled.h>

static void not_subscriptable(TemplateFilterCall *c, Value v) CLEF_NORETURN;
static void not_subscriptable(TemplateFilterCall *c, Value v)
{
    template_raise(c->r, "TypeError", "'%s' object is not subscriptable", value_type_name(v));
}

static Value item_at(TemplateFilterCall *c, Value v, int64_t i)
{
    Value out;
    if (v.tag == VALUE_MAP)
        template_raise(c->r, "KeyError", "%lld", (long long)i);
    if (value_is_view(v))
        template_raise(c->r, "TypeError", "'%s' object is not subscriptable", view_name(v));
    if (v.tag != VALUE_LIST && v.tag != VALUE_BYTES && !value_is_text(v) && (v.tag != VALUE_OBJECT || !v.cls->item))
        not_subscriptable(c, v);
    return value_item(c->r->arena, v, value_int(i), &out) ? out : value_str(STR(""));
}

FILTER(first) { return item_at(c, v, 0); }
FILTER(last) { return item_at(c, v, -1); }

FILTER(length)
{
    size_t n;
    return (void)c, value_int(value_length(v, &n) ? (int64_t)n : 0);
}

FILTER(join)
{
    Buf b = filter_buf(c);
    Value item;
    if (!c->autoescape && !value_is_text(c->arg))
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'join'", value_type_name(c->arg));
    if (!value_is_iterable(v))
        return v;
    bool first_one = true;
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item); first_one = false) {
        if (!c->autoescape && !value_is_text(item))
            return v;
        if (!first_one)
            c->autoescape ? write_escaped(c->r, &b, c->arg) : (void)buf_str(&b, c->arg.s);
        c->autoescape ? write_escaped(c->r, &b, item) : (void)buf_str(&b, item.s);
        (void)filter_text(c, &b); /* each join of a text multiplies it: not one item more than has to be */
    }
    return safe(filter_text(c, &b));
}

FILTER(random_item)
{
    size_t n;
    uint64_t i;
    if (!value_length(v, &n))
        template_raise(c->r, "TypeError", "object of type '%s' has no len()", value_type_name(v));
    return n && rand_below(n, &i) ? item_at(c, v, (int64_t)i) : value_str(STR(""));
}

/* --- slice */

typedef struct Slice {
    int64_t start, stop, step;
    bool has_start, has_stop;
} Slice;

static bool parse_slice(TemplateRender *r, Str s, Slice *out)
{
    *out = (Slice){ .step = 1 };
    size_t n = 0;
    Str part;
    for (; str_cut(&s, ':', &part); n++) {
        int64_t i = 0;
        if (n == 3 || (part.n && !python_clamped(r, value_str(part), &i)))
            return false;
        if (!part.n)
            continue;
        if (n == 0) {
            out->start = i;
            out->has_start = true;
        } else if (n == 1) {
            out->stop = i;
            out->has_stop = true;
        } else {
            out->step = i;
        }
    }
    if (n == 1) { /* slice(stop) */
        out->stop = out->start;
        out->has_stop = out->has_start;
        out->has_start = false;
    }
    return out->step != 0;
}

/* The first index and how many, as Python's slice.indices. */
static size_t slice_count(Slice *s, int64_t n)
{
    int64_t low = s->step < 0 ? -1 : 0, high = s->step < 0 ? n - 1 : n;
    int64_t start = s->step < 0 ? high : low, stop = s->step < 0 ? low : high;
    if (s->has_start) {
        start = s->start < 0 ? (s->start < -n ? INT64_MIN : s->start + n) : s->start;
        start = start < low ? low : start > high ? high : start;
    }
    if (s->has_stop) {
        stop = s->stop < 0 ? (s->stop < -n ? INT64_MIN : s->stop + n) : s->stop;
        stop = stop < low ? low : stop > high ? high : stop;
    }
    s->start = start;
    int64_t distance = s->step < 0 ? start - stop : stop - start;
    uint64_t stride = s->step < 0 ? 0 - (uint64_t)s->step : (uint64_t)s->step;
    return distance > 0 && stride > 0 ? (size_t)((uint64_t)(distance - 1) / stride + 1) : 0;
}

/* The characters of a text at start, start + step ...: one walk, from its beginning, whichever way they are wanted. */
static Str every_nth(TemplateFilterCall *c, Str text, const Slice *s, size_t count)
{
    Buf b = filter_buf(c);
    bool forward = s->step > 0;
    size_t stride = forward ? (size_t)s->step : 0 - (size_t)s->step;
    Str *chars = NEW_ARRAY(c->r->arena, Str, count + 1),
        rest = str_from_byte(
            text,
            utf8_offset(text, (size_t)(forward || !count ? s->start : s->start + (int64_t)(count - 1) * s->step)));
    for (size_t i = 0; i < count; i++) {
        chars[forward ? i : count - 1 - i] = str_slice(rest, 0, utf8_offset(rest, 1));
        rest = str_from_byte(rest, utf8_offset(rest, stride));
    }
    for (size_t i = 0; i < count; i++)
        buf_str(&b, chars[i]);
    return filter_text(c, &b);
}

FILTER(slice)
{
    Slice s;
    size_t n;
    Value out;
    if (!parse_slice(c->r, text_of(c, c->arg), &s))
        return v;
    if (v.tag == VALUE_OBJECT && v.cls->slice &&
        v.cls->slice(c->r->arena, v.object, s.has_start ? &s.start : NULL, s.has_stop ? &s.stop : NULL, s.step, &out))
        return out;
    if (!value_length(v, &n) || value_is_view(v))
        return v;
    if (v.tag == VALUE_LIST) {
        List *l = list_new(c->r->arena);
        size_t count = slice_count(&s, (int64_t)n);
        for (size_t i = 0; i < count; i++)
            list_push(c->r->arena, l, v.list->p[s.start + (int64_t)i * s.step]);
        return (Value){ .tag = VALUE_LIST, .flags = v.flags, .list = l };
    }
    if (value_is_text(v)) {
        size_t count = slice_count(&s, (int64_t)n);
        if (s.step == 1)
            return value_str(utf8_slice(v.s, (size_t)s.start, (size_t)s.start + count));
        return value_str(every_nth(c, v.s, &s, count));
    }
    if (v.tag == VALUE_BYTES) {
        Buf b = filter_buf(c);
        size_t count = slice_count(&s, (int64_t)n);
        for (size_t i = 0; i < count; i++)
            buf_byte(&b, v.s.p[s.start + (int64_t)i * s.step]);
        return value_bytes(filter_text(c, &b));
    }
    if (v.tag == VALUE_OBJECT && v.cls->item && v.cls->next) {
        List *l = list_new(c->r->arena);
        size_t count = slice_count(&s, (int64_t)n);
        for (size_t i = 0; i < count; i++) {
            Value item;
            if (!value_item(c->r->arena, v, value_int(s.start + (int64_t)i * s.step), &item))
                return v;
            list_push(c->r->arena, l, item);
        }
        return value_list(l);
    }
    return v;
}

/* --- dictsort */

typedef struct Keyed {
    Value key, item;
} Keyed;

/* Stable; false when two keys have no order. `reverse` keeps equal ones in their order, as Python does. */
static bool merge_sort(Keyed *p, Keyed *room, size_t n, bool reverse)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            size_t middle = lo + width < n ? lo + width : n, hi = lo + 2 * width < n ? lo + 2 * width : n;
            size_t i = lo, j = middle, k = lo;
            while (i < middle && j < hi) {
                ValueOrder o = value_cmp(p[j].key, p[i].key);
                if (o == VALUE_INCOMPARABLE || p[i].key.tag == VALUE_NULL || p[i].key.tag == VALUE_MAP)
                    return false;
                room[k++] = o == (reverse ? VALUE_GREATER : VALUE_LESS) ? p[j++] : p[i++];
            }
            while (i < middle)
                room[k++] = p[i++];
            while (j < hi)
                room[k++] = p[j++];
        }
        memcpy(p, room, n * sizeof *p);
    }
    return true;
}

static bool key_of(TemplateFilterCall *c, const Variable *by, Value item, Value *out)
{
    if (by->lookups)
        return variable_resolve_in(c->r, by, item, out);
    return value_item(c->r->arena, item, c->arg, out);
}

static Value sorted(TemplateFilterCall *c, Value v, bool reverse)
{
    Variable by;
    Value item, nothing = value_str(STR(""));
    VEC(Keyed) rows = { 0 };
    double number;
    if (value_is_text(c->arg)) {
        if (c->arg.s.n == 0)
            template_raise(c->r, "IndexError", "string index out of range");
        if (double_parse_any(str_trim(c->arg.s), &number))
            by = (Variable){ .lookups = NULL };
        else if (!variable_make(c->r->arena, c->arg.s, &by) || !by.lookups)
            return nothing;
    } else if (c->arg.tag == VALUE_INT || c->arg.tag == VALUE_DOUBLE || c->arg.tag == VALUE_BOOL) {
        by = (Variable){ .lookups = NULL };
    } else {
        return nothing;
    }
    if (!value_is_iterable(v))
        return nothing;
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item);) {
        Keyed row = { .item = item };
        if (!key_of(c, &by, item, &row.key)) {
            if (!by.lookups && item.tag == VALUE_MAP)
                template_raise(c->r, "KeyError", "%.*s", STR_FMT(text_of(c, c->arg)));
            if (!by.lookups && (item.tag == VALUE_LIST || (value_is_text(item) && c->arg.tag == VALUE_INT)) &&
                c->arg.tag == VALUE_INT)
                template_raise(c->r, "IndexError", "list index out of range");
            return nothing;
        }
        VEC_PUSH(c->r->arena, &rows, row);
    }
    Keyed *room = NEW_ARRAY(c->r->arena, Keyed, rows.n + 1);
    if (!merge_sort(rows.p, room, rows.n, reverse))
        return nothing;
    List *l = list_new(c->r->arena);
    for (size_t i = 0; i < rows.n; i++)
        list_push(c->r->arena, l, rows.p[i].item);
    return value_list(l);
}

FILTER(dictsort) { return sorted(c, v, false); }
FILTER(dictsortreversed) { return sorted(c, v, true); }

/* --- unordered_list */

enum { LIST_DEPTH = 40 };

static bool is_nested(Value v) { return v.tag == VALUE_LIST || (v.tag == VALUE_OBJECT && v.cls->next); }

static void add_item(TemplateFilterCall *c, Buf *b, Value v)
{
    if (c->autoescape)
        write_escaped(c->r, b, v);
    else
        buf_str(b, text_of(c, v));
}

static void add_list(TemplateFilterCall *c, Buf *b, Value v, unsigned tabs)
{
    Value item, next;
    size_t at = 0;
    bool have = value_next(c->r->arena, v, &at, &item), first_one = true;
    if (tabs > LIST_DEPTH)
        template_raise(c->r, "RecursionError", "unordered_list: lists within each other deeper than %d", LIST_DEPTH);
    while (have) {
        bool more = value_next(c->r->arena, v, &at, &next);
        if (!first_one)
            buf_byte(b, '\n');
        first_one = false;
        buf_fill(b, '\t', tabs);
        buf_c(b, "<li>");
        add_item(c, b, item);
        if (more && is_nested(next)) {
            buf_byte(b, '\n');
            buf_fill(b, '\t', tabs);
            buf_c(b, "<ul>\n");
            add_list(c, b, next, tabs + 1);
            buf_byte(b, '\n');
            buf_fill(b, '\t', tabs);
            buf_c(b, "</ul>\n");
            buf_fill(b, '\t', tabs);
            more = value_next(c->r->arena, v, &at, &next);
        }
        buf_c(b, "</li>");
        item = next;
        have = more;
    }
}

FILTER(unordered_list)
{
    Buf b = filter_buf(c);
    if (!value_is_iterable(v))
        template_raise(c->r, "TypeError", "'%s' object is not iterable", value_type_name(v));
    add_list(c, &b, v, 1);
    return safe(filter_text(c, &b));
}

const TemplateFilter list_filters[] = {
    { "dictsort", dictsort, .argument = TEMPLATE_ARGUMENT },
    { "dictsortreversed", dictsortreversed, .argument = TEMPLATE_ARGUMENT },
    { "first", first, .argument = TEMPLATE_NO_ARGUMENT },
    { "join", join, .argument = TEMPLATE_ARGUMENT, .is_safe = true, .needs_autoescape = true },
    { "last", last, .is_safe = true },
    { "length", length, .argument = TEMPLATE_NO_ARGUMENT },
    { "random", random_item, .is_safe = true },
    { "slice", slice, .argument = TEMPLATE_ARGUMENT, .is_safe = true },
    { "unordered_list", unordered_list, .is_safe = true, .needs_autoescape = true },
    { .name = NULL },
};
