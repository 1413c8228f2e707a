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
    return value_str(buf_view(&b));
}

static Value format_time_value(TemplateFilterCall *c, Value v, Str fallback, bool time_only)
{
    char letter = 0;
    Buf b = filter_buf(c);
    if (value_is_null(v) || (value_is_text(v) && v.s.n == 0))
        return value_str(STR(""));
    Str given = c->has_arg && !value_is_null(c->arg) ? text_of(c, c->arg) : (Str){ 0 };
    Str format = given.n ? date_format_named(given) : fallback;
    switch (date_format_add(&b, v, format, time_only, c->r->engine->options.time_zone, &letter)) {
    case DATE_FORMAT_OK:
        return value_str(buf_view(&b));
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

FILTER(date) { return format_time_value(c, v, STR("N j, Y"), false); }
FILTER(time) { return format_time_value(c, v, STR("P"), true); }

/* --- timesince */

static bool as_instant(TemplateFilterCall *c, Value v, NaiveDateTime *local, bool *aware)
{
    if (v.tag == VALUE_DATE) {
        *local = (NaiveDateTime){ v.us * US_PER_DAY };
        *aware = false;
        return true;
    }
    if (v.tag != VALUE_DATETIME)
        return false;
    *local = (NaiveDateTime){ v.us };
    *aware = v.zone != NULL;
    (void)c;
    return true;
}

static void add_unit(Buf *b, int64_t n, const char *unit)
{
    buf_printf(b, "%s%lld\xc2\xa0%s%s", b->n ? ", " : "", (long long)n, unit, n == 1 ? "" : "s");
}

/* At most two neighbouring units, as Django's timesince. */
static Str time_between(TemplateFilterCall *c, NaiveDateTime d, NaiveDateTime now)
{
    static const char *const names[] = { "year", "month", "week", "day", "hour", "minute" };
    Buf b = filter_buf(c);
    int64_t since = (now.us - d.us) / US_PER_SECOND;
    if (now.us - d.us < 0)
        since = -1;
    if (since <= 0)
        return STR("0\xc2\xa0minutes");
    DateTimeParts p = naive_parts(d), q = naive_parts(now);
    int64_t months = ((int64_t)q.year - p.year) * 12 + (q.month - p.month);
    int64_t time_p = d.us - naive_date(d).days * US_PER_DAY, time_q = now.us - naive_date(now).days * US_PER_DAY;
    if (p.day > q.day || (p.day == q.day && time_p > time_q))
        months--;
    int64_t values[6] = { months / 12, months % 12 };
    NaiveDateTime pivot = d;
    if (values[0] || values[1]) {
        int64_t month0 = p.month + values[1] - 1;
        int year = (int)(p.year + values[0] + month0 / 12), month = (int)(month0 % 12 + 1);
        int day = p.day < month_length(year, month) ? p.day : month_length(year, month);
        Date date;
        if (date_make(year, month, day, &date))
            pivot = (NaiveDateTime){ date.days * US_PER_DAY + (time_p / US_PER_SECOND) * US_PER_SECOND };
    }
    int64_t left = (now.us - pivot.us) / US_PER_SECOND;
    static const int64_t chunks[] = { 604800, 86400, 3600, 60 };
    for (size_t i = 0; i < 4; i++) {
        values[i + 2] = left / chunks[i];
        left %= chunks[i];
    }
    size_t i = 0;
    while (i < 6 && !values[i])
        i++;
    if (i == 6)
        return STR("0\xc2\xa0minutes");
    for (size_t depth = 0; depth < 2 && i < 6 && values[i] > 0; depth++, i++)
        add_unit(&b, values[i], names[i]);
    return buf_view(&b);
}

static Value between(TemplateFilterCall *c, Value v, bool until)
{
    NaiveDateTime d, now;
    bool aware, now_aware;
    if (!value_truth(v) || (value_is_text(v) && !v.s.n))
        return value_str(STR(""));
    if (!as_instant(c, v, &d, &aware))
        template_raise(c->r, "AttributeError", "'%s' object has no attribute 'year'", value_type_name(v));
    if (c->has_arg && value_truth(c->arg)) {
        if (!as_instant(c, c->arg, &now, &now_aware))
            template_raise(c->r, "AttributeError", "'%s' object has no attribute 'year'", value_type_name(c->arg));
        if (now_aware != aware)
            return value_str(STR(""));
    } else {
        const TemplateEngineOptions *o = &c->r->engine->options;
        DateTime t = o->now ? o->now() : datetime_now();
        now = (NaiveDateTime){ t.us };
        if (!aware)
            (void)!timezone_local(o->time_zone, t, &now, NULL);
    }
    return value_str(until ? time_between(c, now, d) : time_between(c, d, now));
}

FILTER(timesince) { return between(c, v, false); }
FILTER(timeuntil) { return between(c, v, true); }

const TemplateFilter date_filters[] = {
    { "date", date, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .expects_localtime = true },
    { "time", time, .argument = TEMPLATE_OPTIONAL_ARGUMENT, .expects_localtime = true },
    { "timesince", timesince, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { "timeuntil", timeuntil, .argument = TEMPLATE_OPTIONAL_ARGUMENT },
    { .name = NULL },
};
