/* filters_dates.c: dates, times, and the time between them. */
#include "template/filters.h"
#include <clef/i18n.h>

/*
 * A value that is no date: the letters of the time zone give nothing, r and U make Django combine the value with midnight,
 * which is a TypeError, and every other letter asks for what the value has not, which gives "".
 */
static Value format_other(TemplateFilterCall *c, Value v, Str format)
{
    Buf b = filter_buf(c);
    for (size_t i = 0; i < format.n; i++) {
        char x = format.p[i];
        if (x == 'r' || x == 'U')
            template_raise(c->r, "TypeError", "combine() argument 1 must be datetime.date, not %s", value_type_name(v));
        bool of_time = x && strchr("aAfgGhHiPsu", x) != NULL;
        if (x && (strchr("bcdDEFjlLmMnNoStwWyYz", x) || (of_time && v.tag != VALUE_TIME)))
            return value_str(STR(""));
        if (x == '\\' && i + 1 < format.n)
            buf_byte(&b, format.p[++i]);
        else if (x && !strchr("eTOZI", x))
            buf_byte(&b, x);
    }
    return value_str(filter_text(c, &b));
}

static Value format_time_value(TemplateFilterCall *c, Value v, FormatName fallback, bool time_only)
{
    char letter = 0;
    const Locale *l = c->r->locale;
    Buf b = filter_buf(c);
    if (value_is_null(v) || (value_is_text(v) && v.s.n == 0))
        return value_str(STR(""));
    Str given = c->has_arg && !value_is_null(c->arg) ? text_of(c, c->arg) : (Str){ 0 };
    Str format = given.n ? format_or(l->formats, given) : l->formats->text[fallback];
    switch (date_format_add(&b, v, format, time_only, l, &letter)) {
    case DATE_FORMAT_OK:
        return value_str(filter_text(c, &b));
    case DATE_FORMAT_TIME_LETTER:
        if (!time_only)
            template_raise(c->r, "TypeError",
                           "The format for date objects may not contain time-related format specifiers (found '%c').",
                           letter);
        return value_str(STR(""));
    default:
        return time_only ? value_str(STR("")) : format_other(c, v, format);
    }
}

Value filter_date(TemplateFilterCall *c, Value v) { return format_time_value(c, v, FORMAT_DATE, false); }
FILTER(time) { return format_time_value(c, v, FORMAT_TIME, true); }

static void need_date(TemplateFilterCall *c, Value v)
{
    if (v.tag != VALUE_DATE && v.tag != VALUE_DATETIME)
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'year'", value_type_name(v));
}

static Value between(TemplateFilterCall *c, Value v, bool until)
{
    Buf b = filter_buf(c);
    if (!value_truth(v))
        return value_str(STR(""));
    bool given = c->has_arg && value_truth(c->arg);
    need_date(c, v);
    if (given)
        need_date(c, c->arg);
    Value now = given ? c->arg : now_like(c->r->locale, v, render_now(c->r));
    (void)!timesince_add(&b, c->r->locale, v, now, (TimeSinceOptions){ .until = until });
    return value_str(filter_text(c, &b));
}

FILTER(timesince) { return between(c, v, false); }
FILTER(timeuntil) { return between(c, v, true); }

const TemplateFilter date_filters[] = {
    { "date", filter_date, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .expects_localtime = true },
    { "time", time, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .expects_localtime = true },
    { "timesince", timesince, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { "timeuntil", timeuntil, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { .name = NULL },
};
