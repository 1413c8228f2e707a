/* dateformat.c: format letters to text. */
#include <clef/i18n/dateformat.h>

typedef struct View {
    Value v;
    bool date, time, aware;
    DateTimeParts p;
    Date day;
    NaiveDateTime local;
    int fold;
    const TimeZone *zone; /* NULL: a date or a time of day */
    TimeOffset offset;
} View;

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };
static const char *const ap_months[] = { "Jan.", "Feb.", "March", "April", "May",  "June",
                                         "July", "Aug.", "Sept.", "Oct.",  "Nov.", "Dec." };
static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

static bool view_init(View *w, Value v, const TimeZone *zone)
{
    *w = (View){ .v = v };
    switch ((ValueTag)v.tag) {
    case VALUE_DATE:
        w->date = true;
        w->local = (NaiveDateTime){ v.us * US_PER_DAY };
        break;
    case VALUE_TIME:
        w->time = true;
        w->local = (NaiveDateTime){ v.us };
        break;
    case VALUE_DATETIME:
        w->date = w->time = true;
        w->aware = v.zone != NULL;
        w->zone = v.zone ? v.zone : zone ? zone : timezone_utc();
        w->local = (NaiveDateTime){ v.us };
        if (w->aware && !timezone_local(w->zone, (DateTime){ v.us }, &w->local, &w->fold))
            w->local = (NaiveDateTime){ v.us };
        w->offset =
            w->aware ? timezone_offset(w->zone, (DateTime){ v.us }) : timezone_offset_local(w->zone, w->local, 0);
        break;
    default:
        return false;
    }
    w->day = naive_date(w->local);
    w->p = naive_parts(w->local);
    return true;
}

static void add_offset(Buf *b, int32_t seconds)
{
    int32_t size = seconds < 0 ? -seconds : seconds;
    buf_printf(b, "%c%02d%02d", seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
}

static int hour12(const View *w) { return w->p.hour % 12 ? w->p.hour % 12 : 12; }

static void add_f(Buf *b, const View *w)
{
    buf_i64(b, hour12(w));
    if (w->p.minute)
        buf_printf(b, ":%02d", w->p.minute);
}

static void add_half(Buf *b, const View *w) { buf_c(b, w->p.hour > 11 ? "p.m." : "a.m."); }

static void add_iso(Buf *b, const View *w)
{
    if (!w->date)
        buf_time(b, (Time){ w->v.us, 0 });
    else if (!w->time)
        buf_date(b, w->day);
    else if (w->aware)
        buf_datetime(b, (DateTime){ w->v.us }, w->offset.seconds);
    else
        buf_naive(b, w->local);
}

/* The instant; a naive value is one of the default zone. */
static int64_t unix_time(const View *w, const TimeZone *zone)
{
    DateTime t = { w->v.us };
    if (!w->aware && !timezone_instant(zone ? zone : timezone_utc(), w->local, 0, &t))
        t.us = w->local.us;
    return datetime_to_unix(t);
}

static void add_rfc5322(Buf *b, const View *w, const TimeZone *zone)
{
    TimeOffset o = w->zone ? w->offset : timezone_offset_local(zone ? zone : timezone_utc(), w->local, 0);
    buf_printf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d ", days[date_weekday(w->day)], w->p.day, months[w->p.month - 1],
               w->p.year, w->p.hour, w->p.minute, w->p.second);
    add_offset(b, o.seconds);
}

/* False: not a letter of times of day. */
static bool add_time_letter(Buf *b, const View *w, char letter)
{
    switch (letter) {
    case 'a':
        add_half(b, w);
        break;
    case 'A':
        buf_c(b, w->p.hour > 11 ? "PM" : "AM");
        break;
    case 'e':
        if (w->aware)
            buf_str(b, w->offset.abbreviation);
        break;
    case 'f':
        add_f(b, w);
        break;
    case 'g':
        buf_i64(b, hour12(w));
        break;
    case 'G':
        buf_i64(b, w->p.hour);
        break;
    case 'h':
        buf_printf(b, "%02d", hour12(w));
        break;
    case 'H':
        buf_printf(b, "%02d", w->p.hour);
        break;
    case 'i':
        buf_printf(b, "%02d", w->p.minute);
        break;
    case 'O':
        if (w->zone)
            add_offset(b, w->offset.seconds);
        break;
    case 'P':
        if (w->p.minute == 0 && (w->p.hour == 0 || w->p.hour == 12)) {
            buf_c(b, w->p.hour ? "noon" : "midnight");
        } else {
            add_f(b, w);
            buf_byte(b, ' ');
            add_half(b, w);
        }
        break;
    case 's':
        buf_printf(b, "%02d", w->p.second);
        break;
    case 'T':
        if (!w->zone)
            break;
        if (!w->aware && timezone_local_kind(w->zone, w->local) != LOCAL_ONCE)
            add_offset(b, w->offset.seconds);
        else
            buf_str(b, w->offset.abbreviation);
        break;
    case 'u':
        buf_printf(b, "%06d", w->p.microsecond);
        break;
    case 'Z':
        if (w->zone)
            buf_i64(b, w->offset.seconds);
        break;
    default:
        return false;
    }
    return true;
}

static const char *ordinal(int n)
{
    if (n >= 11 && n <= 13)
        return "th";
    return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

static void add_lower(Buf *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(b, (char)(text[i] | 0x20));
}

static void add_date_letter(Buf *b, const View *w, char letter, const TimeZone *zone)
{
    const char *month = months[w->p.month - 1], *day = days[date_weekday(w->day)];
    switch (letter) {
    case 'b':
        add_lower(b, month, 3);
        break;
    case 'c':
        add_iso(b, w);
        break;
    case 'd':
        buf_printf(b, "%02d", w->p.day);
        break;
    case 'D':
        buf_add(b, day, 3);
        break;
    case 'E':
    case 'F':
        buf_c(b, month);
        break;
    case 'I':
        if (w->zone)
            buf_c(b, w->offset.dst ? "1" : "0");
        break;
    case 'j':
        buf_i64(b, w->p.day);
        break;
    case 'l':
        buf_c(b, day);
        break;
    case 'L':
        buf_c(b, year_is_leap(w->p.year) ? "True" : "False");
        break;
    case 'm':
        buf_printf(b, "%02d", w->p.month);
        break;
    case 'M':
        buf_add(b, month, 3);
        break;
    case 'n':
        buf_i64(b, w->p.month);
        break;
    case 'N':
        buf_c(b, ap_months[w->p.month - 1]);
        break;
    case 'o':
        buf_i64(b, date_iso_week(w->day).year);
        break;
    case 'r':
        add_rfc5322(b, w, zone);
        break;
    case 'S':
        buf_c(b, ordinal(w->p.day));
        break;
    case 't':
        buf_i64(b, month_length(w->p.year, w->p.month));
        break;
    case 'U':
        buf_i64(b, unix_time(w, zone));
        break;
    case 'w':
        buf_i64(b, (date_weekday(w->day) + 1) % 7);
        break;
    case 'W':
        buf_i64(b, date_iso_week(w->day).week);
        break;
    case 'y':
        buf_printf(b, "%02d", w->p.year % 100);
        break;
    case 'Y':
        buf_printf(b, "%04d", w->p.year);
        break;
    case 'z':
        buf_i64(b, date_year_day(w->day));
        break;
    default:
        break;
    }
}

DateFormatOutcome date_format_add(Buf *b, Value v, Str format, bool time_only, const TimeZone *zone, char *letter)
{
    View w;
    if (!view_init(&w, v, zone))
        return DATE_FORMAT_NO_DATE;
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        bool time = c && strchr("aAefgGhHiOPsTuZ", c), date = c && strchr("bcdDEFIjlLmMnNorStUwWyYz", c);
        if (c == '\\' && i + 1 < format.n) {
            buf_byte(b, format.p[++i]);
        } else if (time) {
            if (!w.time) {
                *letter = c;
                return DATE_FORMAT_TIME_LETTER;
            }
            add_time_letter(b, &w, c);
        } else if (date) {
            if (time_only || (!w.date && c != 'c'))
                return DATE_FORMAT_NO_ATTRIBUTE;
            add_date_letter(b, &w, c, zone);
        } else {
            buf_byte(b, c);
        }
    }
    return DATE_FORMAT_OK;
}

Str date_format_named(Str format)
{
    static const struct {
        Str name, format;
    } names[] = {
        { STR("DATE_FORMAT"), STR("N j, Y") },
        { STR("DATETIME_FORMAT"), STR("N j, Y, P") },
        { STR("TIME_FORMAT"), STR("P") },
        { STR("YEAR_MONTH_FORMAT"), STR("F Y") },
        { STR("MONTH_DAY_FORMAT"), STR("F j") },
        { STR("SHORT_DATE_FORMAT"), STR("m/d/Y") },
        { STR("SHORT_DATETIME_FORMAT"), STR("m/d/Y P") },
    };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_eq(format, names[i].name))
            return names[i].format;
    return format;
}
