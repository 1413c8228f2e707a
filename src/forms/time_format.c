/* time_format.c: texts of dates and times by Python's strptime and strftime, in English. */
#include "forms/forms.h"

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };
static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

typedef struct Scan {
    Str s;
    size_t at;
    int year, month, day, hour, minute, second, microsecond, year_day;
    int half; /* 0: not said; 1: AM; 2: PM */
    bool twelve;
} Scan;

static bool digits(Scan *x, int least, int most, int *out)
{
    int n = 0, v = 0;
    while (n < most && x->at < x->s.n && x->s.p[x->at] >= '0' && x->s.p[x->at] <= '9') {
        v = v * 10 + (x->s.p[x->at++] - '0');
        n++;
    }
    *out = v;
    return n >= least;
}

/* One or two digits up to `top`: of "45" a day takes only the 4. */
static bool small_number(Scan *x, int low, int top, int *out)
{
    size_t from = x->at;
    if (x->at < x->s.n && x->s.p[x->at] == ' ' && low == 1 && top == 31)
        x->at++;
    if (!digits(x, 1, 2, out))
        return false;
    if (*out > top && x->at - from == 2) {
        x->at--;
        *out /= 10;
    }
    return *out >= low && *out <= top;
}

static bool name(Scan *x, const char *const *names, int n, size_t shortened, int *out)
{
    Str rest = str_from_byte(x->s, x->at);
    for (int i = 0; i < n; i++) {
        Str whole = str_c(names[i]), part = shortened ? str_slice(whole, 0, shortened) : whole;
        if (str_istarts(rest, part)) {
            *out = i + 1;
            x->at += part.n;
            return true;
        }
    }
    return false;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool directive(Scan *x, char c)
{
    int ignored, v;
    size_t from;
    switch (c) {
    case 'Y':
        return digits(x, 4, 4, &x->year);
    case 'y':
        if (!digits(x, 2, 2, &x->year))
            return false;
        x->year += x->year < 69 ? 2000 : 1900;
        return true;
    case 'm':
        return small_number(x, 1, 12, &x->month);
    case 'd':
        return small_number(x, 1, 31, &x->day);
    case 'H':
        x->twelve = false;
        return small_number(x, 0, 23, &x->hour);
    case 'I':
        x->twelve = true;
        return small_number(x, 1, 12, &x->hour);
    case 'M':
        return small_number(x, 0, 59, &x->minute);
    case 'S':
        return small_number(x, 0, 61, &x->second);
    case 'f':
        from = x->at;
        if (!digits(x, 1, 6, &v))
            return false;
        for (size_t n = x->at - from; n < 6; n++)
            v *= 10;
        x->microsecond = v;
        return true;
    case 'j':
        return digits(x, 1, 3, &x->year_day);
    case 'p':
        if (str_istarts(str_from_byte(x->s, x->at), STR("AM")))
            x->half = 1;
        else if (str_istarts(str_from_byte(x->s, x->at), STR("PM")))
            x->half = 2;
        else
            return false;
        x->at += 2;
        return true;
    case 'B':
        return name(x, months, 12, 0, &x->month);
    case 'b':
        return name(x, months, 12, 3, &x->month);
    case 'A':
        return name(x, days, 7, 0, &ignored);
    case 'a':
        return name(x, days, 7, 3, &ignored);
    case '%':
        return x->at < x->s.n && x->s.p[x->at++] == '%';
    default:
        return false;
    }
}

bool time_scan(Str text, Str format, NaiveDateTime *out)
{
    Scan x = { .s = text, .year = 1900, .month = 1, .day = 1 };
    for (const char *p = format.p, *end = p + format.n; p < end; p++) {
        if (*p == '%' && p + 1 < end) {
            if (!directive(&x, *++p))
                return false;
        } else if (is_blank(*p)) {
            size_t from = x.at;
            while (x.at < text.n && is_blank(text.p[x.at]))
                x.at++;
            if (x.at == from)
                return false;
        } else if (x.at >= text.n || str_ieq(str_slice(text, x.at, x.at + 1), (Str){ p, 1 }) == false) {
            return false;
        } else {
            x.at++;
        }
    }
    if (x.at != text.n)
        return false;
    if (x.twelve)
        x.hour = x.hour % 12 + (x.half == 2 ? 12 : 0);
    DateTimeParts parts = { x.year, x.month, x.day, x.hour, x.minute, x.second, x.microsecond };
    return x.second < 60 && naive_make(parts, out);
}

Str time_text(Arena *a, NaiveDateTime t, Str format)
{
    DateTimeParts x = naive_parts(t);
    Buf b = BUF_INIT(a, 4096);
    buf_add(&b, "", 0);
    for (const char *p = format.p, *end = p + format.n; p < end; p++) {
        if (*p != '%' || p + 1 == end) {
            buf_byte(&b, *p);
            continue;
        }
        int hour = x.hour % 12 ? x.hour % 12 : 12;
        switch (*++p) {
        case 'Y':
            buf_printf(&b, "%04d", x.year);
            break;
        case 'y':
            buf_printf(&b, "%02d", x.year % 100);
            break;
        case 'm':
            buf_printf(&b, "%02d", x.month);
            break;
        case 'd':
            buf_printf(&b, "%02d", x.day);
            break;
        case 'H':
            buf_printf(&b, "%02d", x.hour);
            break;
        case 'I':
            buf_printf(&b, "%02d", hour);
            break;
        case 'M':
            buf_printf(&b, "%02d", x.minute);
            break;
        case 'S':
            buf_printf(&b, "%02d", x.second);
            break;
        case 'f':
            buf_printf(&b, "%06d", x.microsecond);
            break;
        case 'p':
            buf_c(&b, x.hour < 12 ? "AM" : "PM");
            break;
        case 'B':
            buf_c(&b, months[x.month - 1]);
            break;
        case 'b':
            buf_add(&b, months[x.month - 1], 3);
            break;
        case 'A':
            buf_c(&b, days[date_weekday(naive_date(t))]);
            break;
        case 'a':
            buf_add(&b, days[date_weekday(naive_date(t))], 3);
            break;
        case 'j':
            buf_printf(&b, "%03d", date_year_day(naive_date(t)));
            break;
        default:
            buf_byte(&b, '%'), buf_byte(&b, *p);
            break;
        }
    }
    return buf_view(&b);
}
