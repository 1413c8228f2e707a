/* dateformat.c: format letters to text. */
#include "i18n/locale.h"
#include <clef/i18n/dateformat.h>

typedef struct View {
    Value v;
    bool date, time, aware;
    DateTimeParts p;
    Date day;
    NaiveDateTime local;
    const TimeZone *zone; /* NULL: a date or a time of day */
    const Locale *locale;
} View;

static const char english_months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char english_days[] = "MonTueWedThuFriSatSun";

static bool view_init(View *w, Value v, const Locale *locale)
{
    *w = (View){ .v = v, .locale = locale };
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
        w->zone = v.zone ? v.zone : locale->default_zone;
        w->local = (NaiveDateTime){ v.us };
        if (w->aware && !timezone_local(w->zone, (DateTime){ v.us }, &w->local, NULL))
            w->local = (NaiveDateTime){ v.us };
        break;
    default:
        return false;
    }
    w->day = naive_date(w->local);
    w->p = naive_parts(w->local);
    return true;
}

/* Of a value with a date and a time. */
static TimeOffset offset_of(const View *w)
{
    return w->aware ? timezone_offset(w->zone, (DateTime){ w->v.us }) : timezone_offset_local(w->zone, w->local, 0);
}

/* As Django: a reading that happened twice, or never, has no zone to speak of. */
static bool has_zone(const View *w) { return w->zone && timezone_local_kind(w->zone, w->local) == LOCAL_ONCE; }

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

static void add_name(Buf *b, const View *w, unsigned name) { buf_str(b, locale_name(w->locale, name)); }

static void add_half(Buf *b, const View *w) { add_name(b, w, NAME_HALF_LOWER + (w->p.hour > 11)); }

static void add_iso(Buf *b, const View *w)
{
    if (!w->date)
        buf_time(b, (Time){ w->v.us, 0 });
    else if (!w->time)
        buf_date(b, w->day);
    else if (w->aware)
        buf_datetime(b, (DateTime){ w->v.us }, offset_of(w).seconds);
    else
        buf_naive(b, w->local);
}

/* The instant; a naive value is one of the default zone. */
static int64_t unix_time(const View *w)
{
    DateTime t = { w->v.us };
    if (!w->aware && !timezone_instant(w->locale->default_zone, w->local, 0, &t))
        t.us = w->local.us;
    return datetime_to_unix(t);
}

static void add_rfc5322(Buf *b, const View *w)
{
    TimeOffset o = w->zone ? offset_of(w) : timezone_offset_local(w->locale->default_zone, w->local, 0);
    buf_printf(b, "%.3s, %02d %.3s %04d %02d:%02d:%02d ", english_days + 3 * date_weekday(w->day), w->p.day,
               english_months + 3 * (w->p.month - 1), w->p.year, w->p.hour, w->p.minute, w->p.second);
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
        add_name(b, w, NAME_HALF + (w->p.hour > 11));
        break;
    case 'e':
        if (w->aware && has_zone(w))
            buf_str(b, offset_of(w).abbreviation);
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
        if (has_zone(w))
            add_offset(b, offset_of(w).seconds);
        break;
    case 'P':
        if (w->p.minute == 0 && (w->p.hour == 0 || w->p.hour == 12)) {
            add_name(b, w, w->p.hour ? NAME_NOON : NAME_MIDNIGHT);
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
        if (has_zone(w))
            buf_str(b, offset_of(w).abbreviation);
        break;
    case 'u':
        buf_printf(b, "%06d", w->p.microsecond);
        break;
    case 'Z':
        if (has_zone(w))
            buf_i64(b, offset_of(w).seconds);
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

static void add_date_letter(Buf *b, const View *w, char letter)
{
    unsigned month = (unsigned)w->p.month - 1, day = (unsigned)date_weekday(w->day);
    switch (letter) {
    case 'b':
        add_name(b, w, NAME_MONTH_3 + month);
        break;
    case 'c':
        add_iso(b, w);
        break;
    case 'd':
        buf_printf(b, "%02d", w->p.day);
        break;
    case 'D':
        add_name(b, w, NAME_DAY_3 + day);
        break;
    case 'E':
        add_name(b, w, NAME_MONTH_ALT + month);
        break;
    case 'F':
        add_name(b, w, NAME_MONTH + month);
        break;
    case 'I':
        if (has_zone(w))
            buf_c(b, offset_of(w).dst ? "1" : "0");
        break;
    case 'j':
        buf_i64(b, w->p.day);
        break;
    case 'l':
        add_name(b, w, NAME_DAY + day);
        break;
    case 'L':
        buf_c(b, year_is_leap(w->p.year) ? "True" : "False");
        break;
    case 'm':
        buf_printf(b, "%02d", w->p.month);
        break;
    case 'M':
        buf_str(b, w->locale->language->month_titles[month]);
        break;
    case 'n':
        buf_i64(b, w->p.month);
        break;
    case 'N':
        add_name(b, w, NAME_MONTH_AP + month);
        break;
    case 'o':
        buf_i64(b, date_iso_week(w->day).year);
        break;
    case 'r':
        add_rfc5322(b, w);
        break;
    case 'S':
        buf_c(b, ordinal(w->p.day));
        break;
    case 't':
        buf_i64(b, month_length(w->p.year, w->p.month));
        break;
    case 'U':
        buf_i64(b, unix_time(w));
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

DateFormatOutcome date_format_add(Buf *b, Value v, Str format, bool time_only, const Locale *locale, char *letter)
{
    View w;
    if (!view_init(&w, v, locale))
        return DATE_FORMAT_NO_DATE;
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        if (c == '\\' && i + 1 < format.n && format.p[i + 1] != '\n') {
            buf_byte(b, format.p[++i]);
            continue;
        }
        bool escaped = i && format.p[i - 1] == '\\';
        if (!escaped && c && strchr("aAefgGhHiOPsTuZ", c)) {
            if (!w.time) {
                *letter = c;
                return DATE_FORMAT_TIME_LETTER;
            }
            add_time_letter(b, &w, c);
        } else if (!escaped && c && strchr("bcdDEFIjlLmMnNorStUwWyYz", c)) {
            if (time_only || (!w.date && c != 'c'))
                return DATE_FORMAT_NO_ATTRIBUTE;
            add_date_letter(b, &w, c);
        } else {
            buf_byte(b, c);
        }
    }
    return DATE_FORMAT_OK;
}
