/* timesince.c: the time between two moments, in words. */
#include <clef/i18n/timesince.h>

static bool is_moment(Value v) { return v.tag == VALUE_DATE || v.tag == VALUE_DATETIME; }
static bool is_aware(Value v) { return v.tag == VALUE_DATETIME && v.zone; }

static NaiveDateTime clock_of(Value v, const TimeZone *zone)
{
    NaiveDateTime out = { v.tag == VALUE_DATE ? v.us * US_PER_DAY : v.us };
    if (zone)
        (void)!timezone_local(zone, (DateTime){ v.us }, &out, NULL);
    return out;
}

Value now_like(const Locale *l, Value d, DateTime t)
{
    NaiveDateTime local = { t.us };
    if (is_aware(d))
        return value_datetime(t, d.zone);
    (void)!timezone_local(l->default_zone, t, &local, NULL);
    return value_naive(local);
}

enum { UNITS = 6, MINUTES = 5 };

/* One unit; a blank in it must not break the line. */
static void add_unit(Buf *b, const Locale *l, Str context, unsigned unit, int64_t n)
{
    static const Str messages[UNITS][2] = {
        { STR("%(num)d year"), STR("%(num)d years") }, { STR("%(num)d month"), STR("%(num)d months") },
        { STR("%(num)d week"), STR("%(num)d weeks") }, { STR("%(num)d day"), STR("%(num)d days") },
        { STR("%(num)d hour"), STR("%(num)d hours") }, { STR("%(num)d minute"), STR("%(num)d minutes") },
    };
    Str text = locale_ngettext(l, context, messages[unit][0], messages[unit][1], n);
    for (size_t i = 0; i < text.n; i++) {
        Str rest = str_from_byte(text, i);
        if (str_starts(rest, STR("%(num)d"))) {
            buf_i64(b, n);
            i += 6;
        } else if (text.p[i] == ' ') {
            BUF_LIT(b, "\xc2\xa0");
        } else {
            buf_byte(b, text.p[i]);
        }
    }
}

static const int8_t month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

/* Years, months, and then weeks, days, hours and minutes of what is left. */
static void split(NaiveDateTime d, NaiveDateTime now, int64_t values[UNITS])
{
    static const int64_t chunks[] = { 7 * 86400, 86400, 3600, 60 };
    DateTimeParts p = naive_parts(d), q = naive_parts(now);
    int64_t months = ((int64_t)q.year - p.year) * 12 + (q.month - p.month);
    int64_t clock_p = d.us - naive_date(d).days * US_PER_DAY, clock_q = now.us - naive_date(now).days * US_PER_DAY;
    if (p.day > q.day || (p.day == q.day && clock_p > clock_q))
        months--;
    values[0] = months / 12;
    values[1] = months % 12;
    NaiveDateTime pivot = d;
    if (months) {
        int64_t month0 = p.month - 1 + months;
        int year = (int)(p.year + month0 / 12), month = (int)(month0 % 12);
        int day = p.day < month_days[month] ? p.day : month_days[month];
        Date date;
        if (date_make(year, month + 1, day, &date))
            pivot = (NaiveDateTime){ date.days * US_PER_DAY + clock_p / US_PER_SECOND * US_PER_SECOND };
    }
    int64_t left = (now.us - pivot.us) / US_PER_SECOND;
    for (size_t i = 0; i < 4; i++) {
        values[i + 2] = left / chunks[i];
        left %= chunks[i];
    }
}

bool timesince_add(Buf *b, const Locale *l, Value d, Value now, TimeSinceOptions o)
{
    if (!is_moment(d) || !is_moment(now) || is_aware(d) != is_aware(now))
        return false;
    const TimeZone *zone = is_aware(d) ? d.zone : NULL;
    NaiveDateTime from = clock_of(d, zone), to = clock_of(now, zone);
    if (o.until) {
        NaiveDateTime swap = from;
        from = to;
        to = swap;
    }
    int64_t values[UNITS] = { 0 };
    if (to.us - from.us >= US_PER_SECOND)
        split(from, to, values);
    unsigned i = 0, depth = o.depth ? o.depth : 2;
    while (i < UNITS && !values[i])
        i++;
    if (i == UNITS) {
        add_unit(b, l, o.context, MINUTES, 0);
        return true;
    }
    for (unsigned n = 0; n < depth && i < UNITS && values[i] > 0; n++, i++) {
        if (n)
            buf_str(b, locale_gettext(l, (Str){ 0 }, STR(", ")));
        add_unit(b, l, o.context, i, values[i]);
    }
    return true;
}
