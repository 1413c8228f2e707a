/*
 * lib_humanize.c: {% load humanize %}: the functions of <clef/i18n/humanize.h> as filters, with what Python's int()
 * takes.
 */
#include "template/libraries.h"
#include <clef/i18n/text.h>

/* Python's int(value) as INT or BIGINT; false where it raises a TypeError or ValueError. */
static bool whole_number(TemplateFilterCall *c, Value v, Value *out)
{
    if (python_integer(c->r, v, out))
        return true;
    if ((v.tag == VALUE_DOUBLE && __builtin_isinf(v.d)) ||
        (v.tag == VALUE_DECIMAL && v.decimal->kind == DECIMAL_INFINITY)) /* an OverflowError */
        (void)need_integer(c->r, v);
    return false;
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
