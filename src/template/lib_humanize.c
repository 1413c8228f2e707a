/* lib_humanize.c: {% load humanize %}: the functions of <clef/i18n/humanize.h> as filters, with what Python's int() takes. */
#include "template/libraries.h"
#include <clef/i18n/text.h>

/* Python's int(value) as INT or BIGINT; false where it raises a TypeError or ValueError. */
static bool whole_number(TemplateFilterCall *c, Value v, Value *out)
{
    Arena *a = c->r->arena;
    int64_t i;
    if (v.tag == VALUE_BIGINT) {
        *out = v;
        return true;
    }
    if (python_int(c->r, v, &i)) {
        *out = value_int(i);
        return true;
    }
    Decimal d, *whole = NEW(a, Decimal);
    if (v.tag == VALUE_DOUBLE) {
        if (v.d - v.d != 0) /* an infinity is an OverflowError, a NaN a ValueError */
            return v.d == v.d ? (need_int(c->r, v), false) : false;
        d = decimal_from_double(a, v.d);
    } else if (v.tag == VALUE_DECIMAL) {
        d = *v.decimal;
        if (d.kind == DECIMAL_INFINITY)
            template_raise(c->r, "OverflowError", "cannot convert Infinity to integer");
    } else if (value_is_text(v)) {
        Str s = text_ascii_digits(a, str_replace(a, text_strip(v.s), STR("_"), STR("")));
        for (size_t k = 0; k < s.n; k++)
            if ((s.p[k] < '0' || s.p[k] > '9') && !(k == 0 && (s.p[k] == '-' || s.p[k] == '+')))
                return false;
        if (s.n > 4300 || decimal_parse(a, s, &d) != DECIMAL_OK)
            return false;
    } else {
        return false;
    }
    if (decimal_quantize(a, d, 0, ROUND_DOWN, whole) != DECIMAL_OK)
        return false;
    *out = decimal_to_i64(*whole, &i) == DECIMAL_OK ? value_int(i) : value_bigint(whole);
    return true;
}

FILTER(ordinal)
{
    Value n;
    return whole_number(c, v, &n) ? humanize_ordinal(c->r->arena, c->r->locale, n) : v;
}

FILTER(intcomma)
{
    bool localised = !c->has_arg || value_truth(c->arg);
    if (localised) {
        Value out = humanize_intcomma(c->r->arena, c->r->locale, v, true);
        if (value_is_text(out))
            return out;
    }
    return humanize_intcomma(c->r->arena, c->r->locale, template_text(c->r, v), false);
}

FILTER(intword)
{
    Value n;
    return whole_number(c, v, &n) ? humanize_intword(c->r->arena, c->r->locale, n) : v;
}

FILTER(apnumber)
{
    Value n;
    if (!whole_number(c, v, &n))
        return v;
    return n.tag == VALUE_INT && n.i > 0 && n.i < 10 ? humanize_apnumber(c->r->locale, n.i) : n;
}

FILTER(naturalday)
{
    NaiveDateTime today, at = { v.us };
    const TimeZone *zone = v.tag == VALUE_DATETIME ? v.zone : NULL;
    if (v.tag != VALUE_DATE && v.tag != VALUE_DATETIME)
        return v;
    DateTime t = render_now(c->r);
    if (!timezone_local(zone ? zone : c->r->locale->default_zone, t, &today, NULL))
        return v;
    if (zone)
        (void)!timezone_local(zone, (DateTime){ v.us }, &at, NULL);
    Date day = v.tag == VALUE_DATE ? (Date){ (int32_t)v.us } : naive_date(at);
    Str word = humanize_naturalday(c->r->locale, day, naive_date(today));
    return word.p ? value_str(word) : filter_date(c, value_date(day));
}

FILTER(naturaltime)
{
    if (v.tag == VALUE_DATE) /* Django asks for its time zone */
        template_raise(c->r, "AttributeError", "'datetime.date' object has no attribute 'utcoffset'");
    return humanize_naturaltime(c->r->arena, c->r->locale, v, render_now(c->r));
}

static const TemplateFilter filters[] = {
    { "apnumber", apnumber, .is_safe = true },
    { "intcomma", intcomma, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .is_safe = true },
    { .name = "intword", .fn = intword },
    { "naturalday", naturalday, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .expects_localtime = true },
    { .name = "naturaltime", .fn = naturaltime },
    { "ordinal", ordinal, .is_safe = true },
    { .name = NULL },
};
const TemplateLibrary template_humanize_library = { .name = "humanize", .filters = filters };
