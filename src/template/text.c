/* text.c: values as text: Python's str() and repr(), and the localised form that {{ }} writes. */
#include "codec/text.h"
#include "template/template.h"
#include <clef/base/double.h>
#include <clef/i18n.h>
#include <clef/template/compiled.h>

#include <math.h>

enum { REPR_DEPTH = 32 };

static void repr_str_add(Buf *b, Str s)
{
    char quote = str_find_byte(s, '\'') != STR_NPOS && str_find_byte(s, '"') == STR_NPOS ? '"' : '\'';
    buf_byte(b, quote);
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        if (c == (unsigned char)quote || c == '\\')
            buf_printf(b, "\\%c", (int)c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_printf(b, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c == TEXT_BAD)
            for (size_t k = 0; k < step; k++)
                buf_printf(b, "\\x%02x", (unsigned char)s.p[i + k]);
        else if (c < ' ' || c == 0x7f || (c >= 0x80 && c <= 0xff && !text_is_printable(c)))
            buf_printf(b, "\\x%02x", (unsigned)c);
        else if (c > 0xff && !text_is_printable(c))
            buf_printf(b, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
        else
            buf_add(b, s.p + i, step);
        i += step;
    }
    buf_byte(b, quote);
}

Str repr_text(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    repr_str_add(&b, s);
    return buf_view(&b);
}

static void bytes_repr(Buf *b, Str s)
{
    char quote = str_find_byte(s, '\'') != STR_NPOS && str_find_byte(s, '"') == STR_NPOS ? '"' : '\'';
    buf_printf(b, "b%c", quote);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == (unsigned char)quote || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            buf_printf(b, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        else if (c < ' ' || c >= 0x7f)
            buf_printf(b, "\\x%02x", c);
        else
            buf_byte(b, (char)c);
    }
    buf_byte(b, quote);
}

static void datetime_repr(Buf *b, Value v)
{
    NaiveDateTime local = { v.us };
    if (v.zone)
        (void)!timezone_local(v.zone, (DateTime){ v.us }, &local, NULL);
    DateTimeParts p = naive_parts(local);
    buf_printf(b, "datetime.datetime(%d, %d, %d, %d, %d", p.year, p.month, p.day, p.hour, p.minute);
    if (p.second || p.microsecond)
        buf_printf(b, ", %d", p.second);
    if (p.microsecond)
        buf_printf(b, ", %d", p.microsecond);
    if (v.zone == timezone_utc())
        buf_c(b, ", tzinfo=datetime.timezone.utc");
    else if (v.zone)
        buf_printf(b, ", tzinfo=zoneinfo.ZoneInfo(key='%.*s')", STR_FMT(timezone_name(v.zone)));
    buf_byte(b, ')');
}

static void duration_repr(Buf *b, Duration d)
{
    DurationParts p = duration_parts(d);
    const char *comma = "";
    buf_c(b, "datetime.timedelta(");
    if (p.days) {
        buf_printf(b, "days=%lld", (long long)p.days);
        comma = ", ";
    }
    if (p.seconds) {
        buf_printf(b, "%sseconds=%d", comma, p.seconds);
        comma = ", ";
    }
    if (p.microseconds) {
        buf_printf(b, "%smicroseconds=%d", comma, p.microseconds);
        comma = ", ";
    }
    buf_c(b, *comma ? ")" : "0)");
}

/* The containers that are being written, innermost first. */
typedef struct Path {
    const struct Path *outer;
    const void *container;
    unsigned depth;
} Path;

static bool is_within(const Path *path, const void *container)
{
    for (; path; path = path->outer)
        if (path->container == container)
            return true;
    return false;
}

static void repr_at(Buf *b, Arena *a, Value v, const Path *path);

static void container_repr(Buf *b, Arena *a, Value v, const Path *outer)
{
    Path path = { outer, v.object, outer ? outer->depth + 1 : 0 };
    if (path.depth >= REPR_DEPTH || is_within(outer, v.object)) {
        buf_c(b, v.tag == VALUE_MAP ? "{...}" : "[...]");
        return;
    }
    if (v.tag == VALUE_MAP) {
        MapEntry *e;
        bool first = true;
        buf_byte(b, '{');
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL && !b->failed; first = false) {
            if (!first)
                buf_c(b, ", ");
            repr_str_add(b, e->key);
            buf_c(b, ": ");
            repr_at(b, a, e->value, &path);
        }
        buf_byte(b, '}');
        return;
    }
    bool tuple = v.flags & LIST_TUPLE, view = value_is_view(v);
    if (view)
        buf_printf(b, "%s(", view_name(v));
    buf_byte(b, tuple ? '(' : '[');
    for (size_t i = 0; i < v.list->n && !b->failed; i++) {
        if (i)
            buf_c(b, ", ");
        repr_at(b, a, v.list->p[i], &path);
    }
    buf_c(b, view ? "])" : !tuple ? "]" : v.list->n == 1 ? ",)" : ")");
}

static void repr_at(Buf *b, Arena *a, Value v, const Path *path)
{
    switch ((ValueTag)v.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
        repr_str_add(b, v.s);
        break;
    case VALUE_DECIMAL:
        buf_c(b, "Decimal('");
        buf_decimal(b, *v.decimal);
        buf_c(b, "')");
        break;
    case VALUE_DATE: {
        DateParts p = date_parts((Date){ (int32_t)v.us });
        buf_printf(b, "datetime.date(%d, %d, %d)", p.year, p.month, p.day);
        break;
    }
    case VALUE_TIME: {
        TimeParts p = time_parts((Time){ v.us, 0 });
        buf_printf(b, "datetime.time(%d, %d", p.hour, p.minute);
        if (p.second || p.microsecond)
            buf_printf(b, ", %d", p.second);
        if (p.microsecond)
            buf_printf(b, ", %d", p.microsecond);
        buf_byte(b, ')');
        break;
    }
    case VALUE_DATETIME:
        datetime_repr(b, v);
        break;
    case VALUE_DURATION:
        duration_repr(b, (Duration){ v.us });
        break;
    case VALUE_UUID:
        buf_c(b, "UUID('");
        write_str(b, a, v);
        buf_c(b, "')");
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        container_repr(b, a, v, path);
        break;
    default:
        write_str(b, a, v);
    }
}

void write_repr(Buf *b, Arena *a, Value v) { repr_at(b, a, v, NULL); }

void write_str(Buf *b, Arena *a, Value v)
{
    if (buf_scalar(b, v))
        return;
    switch ((ValueTag)v.tag) {
    case VALUE_BYTES:
        bytes_repr(b, v.s);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        container_repr(b, a, v, NULL);
        break;
    case VALUE_OBJECT:
        if (v.cls->str)
            buf_str(b, v.cls->str(a, v.object));
        else
            buf_printf(b, "<%s object>", v.cls->name);
        break;
    default:
        break;
    }
}

Value template_text(TemplateRender *r, Value v)
{
    if (CLEF_LIKELY(value_is_text(v)))
        return v;
    Buf b = render_buf(r);
    write_str(&b, r->arena, v);
    bool markup = v.tag == VALUE_OBJECT && v.cls->is_markup;
    Str text = render_text_of(r, &b);
    return markup ? value_safe((SafeStr){ text }) : value_str(text);
}

DateTime render_now(const TemplateRender *r)
{
    return r->engine->options.now ? r->engine->options.now() : datetime_now();
}

Value local_time(TemplateRender *r, Value v)
{
    if (v.tag == VALUE_DATETIME && v.zone && r->use_tz && !(v.flags & DATETIME_KEEPS_ZONE))
        v.zone = r->locale->zone;
    return v;
}

/* Digits and marks need no escaping. */
void template_write_int(TemplateRender *r, int64_t i)
{
    if (CLEF_LIKELY(!r->locale->use_thousand_separator))
        (void)buf_i64(r->out, i);
    else
        (void)!localize_add(r->out, r->arena, value_int(i), r->locale, !r->localize_off);
}

void write_localized(TemplateRender *r, Buf *b, Value v)
{
    if (v.tag == VALUE_DECIMAL && !decimal_is_finite(*v.decimal)) /* Django takes the size of its exponent, a letter */
        template_raise(r, "TypeError", "bad operand type for abs(): 'str'");
    if (!localize_add(b, r->arena, local_time(r, v), r->locale, !r->localize_off))
        write_str(b, r->arena, v);
}
