/* httpdate.c: the dates of HTTP, cookies and mail. */
#include <clef/codec/httpdate.h>

static const char day_names[] = "Mon, Tue, Wed, Thu, Fri, Sat, Sun, ";
static const char month_names[] = " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";

static void put2(char *p, int v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

/* "Sun, 06 Nov 1994 08:49:37 ", 26 bytes: what HTTP's and mail's dates begin with. */
static void format_wall(NaiveDateTime t, char p[static 26])
{
    Date d = naive_date(t);
    DateParts day = date_parts(d);
    TimeParts clock = time_parts(naive_time(t));
    memcpy(p, day_names + 5 * date_weekday(d), 5);
    put2(p + 5, day.day);
    memcpy(p + 7, month_names + 5 * (day.month - 1), 5);
    put2(p + 12, day.year / 100);
    put2(p + 14, day.year % 100);
    p[16] = ' ';
    put2(p + 17, clock.hour);
    p[19] = ':';
    put2(p + 20, clock.minute);
    p[22] = ':';
    put2(p + 23, clock.second);
    p[25] = ' ';
}

void httpdate_format(DateTime t, char p[static HTTPDATE_LEN])
{
    format_wall(datetime_utc(t), p);
    memcpy(p + 26, "GMT", 3);
}

bool buf_httpdate(Buf *b, DateTime t)
{
    char text[HTTPDATE_LEN];
    httpdate_format(t, text);
    return buf_add(b, text, sizeof text);
}

bool buf_maildate(Buf *b, DateTime t, int32_t offset)
{
    char text[31];
    NaiveDateTime local;
    if (!datetime_to_naive(t, offset, &local)) {
        local = datetime_utc(t);
        offset = 0;
    }
    int32_t minutes = (offset < 0 ? -offset : offset) / 60;
    format_wall(local, text);
    text[26] = offset < 0 ? '-' : '+';
    put2(text + 27, minutes / 60 % 100);
    put2(text + 29, minutes % 60);
    return buf_add(b, text, sizeof text);
}

bool buf_maildate_naive(Buf *b, NaiveDateTime t)
{
    char text[31];
    format_wall(t, text);
    memcpy(text + 26, "-0000", 5);
    return buf_add(b, text, sizeof text);
}

static bool is_digit(char c) { return (unsigned char)(c - '0') <= 9; }
static bool is_word(char c)
{
    char lower = (char)(c | 0x20);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_';
}

/*
 * Whether the text at p has the shape: 'w' a word character, '9' a digit, '#' a digit or a space, anything else itself.
 * The shape is as long as the text.
 */
static bool has_shape(const char *p, const char *shape)
{
    for (; *shape; p++, shape++)
        if (!(*shape == 'w'   ? is_word(*p)
              : *shape == '9' ? is_digit(*p)
              : *shape == '#' ? is_digit(*p) || *p == ' '
                              : *p == *shape))
            return false;
    return true;
}

static int number(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] == ' ' ? 0 : p[i] - '0');
    return v;
}

/* 1 to 12, or 0: three letters, in any case. */
static int month_number(const char *p)
{
    for (int month = 1; month <= 12; month++)
        if (str_ieq((Str){ p, 3 }, month_abbreviation(month)))
            return month;
    return 0;
}

/* "08:49:37" */
static void read_clock(const char *p, DateTimeParts *d)
{
    d->hour = number(p, 2);
    d->minute = number(p + 3, 2);
    d->second = number(p + 6, 2);
}

/* A year of two digits: of now's century, or of the one before when that would be more than 50 years ahead. */
static int full_year(int year, DateTime now)
{
    int current = naive_parts(datetime_utc(now)).year, century = current - current % 100;
    return year - current % 100 > 50 ? year + century - 100 : year + century;
}

ParseOutcome httpdate_parse(Str s, DateTime now, DateTime *out)
{
    DateTimeParts d = { 0 };
    size_t comma = s.n ? str_find_byte(str_slice(s, 0, 10), ',') : STR_NPOS;
    if (s.n == HTTPDATE_LEN && has_shape(s.p, "www, 99 www 9999 99:99:99 GMT")) {
        d.day = number(s.p + 5, 2);
        d.month = month_number(s.p + 8);
        d.year = number(s.p + 12, 4);
        read_clock(s.p + 17, &d);
    } else if (s.n == 24 && has_shape(s.p, "www www #9 99:99:99 9999")) {
        d.month = month_number(s.p + 4);
        d.day = number(s.p + 8, 2);
        read_clock(s.p + 11, &d);
        d.year = number(s.p + 20, 4);
    } else if (comma >= 6 && comma <= 9 && s.n == comma + 24 && has_shape(s.p + comma, ", 99-www-99 99:99:99 GMT")) {
        for (size_t i = 0; i < comma; i++)
            if (!is_word(s.p[i]))
                return PARSE_NO_MATCH;
        d.day = number(s.p + comma + 2, 2);
        d.month = month_number(s.p + comma + 5);
        d.year = number(s.p + comma + 9, 2);
        read_clock(s.p + comma + 12, &d);
    } else
        return PARSE_NO_MATCH;
    if (d.year < 100)
        d.year = full_year(d.year, now);
    NaiveDateTime t;
    if (!naive_make(d, &t))
        return PARSE_OUT_OF_RANGE;
    *out = (DateTime){ t.us };
    return PARSE_OK;
}

/* RFC 6265's delimiter: control characters but those above 0x7f, and punctuation that no time has. */
static bool is_delimiter(char c)
{
    unsigned char u = (unsigned char)c;
    return u == 0x09 || (u >= 0x20 && u <= 0x2f) || (u >= 0x3b && u <= 0x40) || (u >= 0x5b && u <= 0x60) ||
           (u >= 0x7b && u <= 0x7e);
}

/* How many digits a token begins with. */
static size_t digits_of(Str s)
{
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    return n;
}

/* "8:49:37" and then nothing or a byte that is no digit. */
static bool token_clock(Str s, DateTimeParts *d)
{
    int member[3];
    for (int i = 0; i < 3; i++) {
        size_t n = digits_of(s);
        if (n < 1 || n > 2)
            return false;
        member[i] = number(s.p, n);
        s = str_from_byte(s, n);
        if (i < 2) {
            if (!str_starts(s, STR(":")))
                return false;
            s = str_from_byte(s, 1);
        }
    }
    d->hour = member[0];
    d->minute = member[1];
    d->second = member[2];
    return true;
}

bool cookiedate_parse(Str s, DateTime *out)
{
    DateTimeParts d = { 0 };
    bool clock = false, day = false, month = false, year = false;
    if (s.n > COOKIEDATE_MAX)
        return false;
    while (s.n) {
        size_t n = 0;
        while (n < s.n && !is_delimiter(s.p[n]))
            n++;
        Str token = str_slice(s, 0, n);
        s = str_from_byte(s, n == s.n ? n : n + 1);
        size_t digits = digits_of(token);
        int m;
        if (n == 0)
            continue;
        if (!clock && token_clock(token, &d))
            clock = true;
        else if (!day && (digits == 1 || digits == 2)) {
            d.day = number(token.p, digits);
            day = true;
        } else if (!month && n >= 3 && (m = month_number(token.p)) != 0) {
            d.month = m;
            month = true;
        } else if (!year && digits >= 2 && digits <= 4) {
            d.year = number(token.p, digits);
            year = true;
        }
    }
    if (!clock || !day || !month || !year)
        return false;
    if (d.year < 100)
        d.year += d.year < 70 ? 2000 : 1900;
    NaiveDateTime t;
    if (d.year < 1601 || !naive_make(d, &t))
        return false;
    *out = (DateTime){ t.us };
    return true;
}
