/*
 * dateparse.c: the lenient readers, as Django's dateparse has them: first the ISO 8601 forms of Python's fromisoformat(),
 * where any fault only means "not of this form"; then Django's own patterns, where a member out of range is an error.
 */
#include "base/timetext.h"

/* YYYY-MM-DD, YYYYMMDD, YYYY-Www, YYYY-Www-D, YYYYWww, YYYYWwwD over the whole of s. */
static bool iso_date(Str s, Date *out)
{
    Reader r = reader_of(s);
    int year, month, day = 1, week;
    if (!reader_int(&r, 4, 4, &year))
        return false;
    bool dashes = reader_byte(&r, '-');
    if (reader_byte(&r, 'W')) {
        if (!reader_int(&r, 2, 2, &week))
            return false;
        if (!reader_done(&r) && ((dashes && !reader_byte(&r, '-')) || !reader_int(&r, 1, 1, &day)))
            return false;
        return reader_done(&r) && date_from_iso_week((IsoWeek){ year, week, day }, out);
    }
    return reader_int(&r, 2, 2, &month) && (!dashes || reader_byte(&r, '-')) && reader_int(&r, 2, 2, &day) &&
           reader_done(&r) && date_make(year, month, day, out);
}

/* The members of HH[:MM[:SS[.fraction]]] or HH[MM[SS[.fraction]]] over the whole of s; none is checked for its range. */
static bool iso_clock(Str s, TimeParts *out)
{
    Reader r = reader_of(s);
    TimeParts t = { 0 };
    if (!reader_int(&r, 2, 2, &t.hour))
        return false;
    if (!reader_done(&r)) {
        bool colons = reader_byte(&r, ':');
        if (!reader_int(&r, 2, 2, &t.minute))
            return false;
        if (!reader_done(&r) && ((colons && !reader_byte(&r, ':')) || !reader_int(&r, 2, 2, &t.second)))
            return false;
        if ((reader_byte(&r, '.') || reader_byte(&r, ',')) && !reader_fraction(&r, SIZE_MAX, &t.microsecond))
            return false;
    }
    *out = t;
    return reader_done(&r);
}

/* A clock and an optional offset over the whole of s. */
static bool iso_time(Str s, Time *out, bool *aware, int32_t *offset)
{
    size_t at = 0;
    while (at < s.n && s.p[at] != '+' && s.p[at] != '-' && s.p[at] != 'Z')
        at++;
    TimeParts t, east = { 0 };
    if (!iso_clock(str_slice(s, 0, at), &t) || !time_make(t.hour, t.minute, t.second, t.microsecond, out))
        return false;
    *aware = at < s.n;
    *offset = 0;
    if (!*aware)
        return true;
    if (s.p[at] == 'Z')
        return at + 1 == s.n;
    if (!iso_clock(str_from_byte(s, at + 1), &east) || east.microsecond)
        return false;
    int32_t seconds = east.hour * 3600 + east.minute * 60 + east.second;
    if (seconds > OFFSET_MAX)
        return false;
    *offset = s.p[at] == '-' ? -seconds : seconds;
    return true;
}

/* The length of the date that a date and time begins with; 0 for none. A week date may be followed by a digit. */
static size_t iso_date_length(Str s)
{
    if (s.n < 7)
        return 0;
    if (s.p[4] == '-') {
        if (s.p[5] != 'W')
            return 10;
        if (s.n > 8 && s.p[8] == '-')
            return s.n > 10 && is_digit(s.p[10]) ? 8 : 10;
        return 8;
    }
    if (s.p[4] != 'W')
        return 8;
    size_t digits_end = 7;
    while (digits_end < s.n && is_digit(s.p[digits_end]))
        digits_end++;
    if (digits_end < 9)
        return digits_end;
    return digits_end % 2 == 0 ? 7 : 8;
}

/* Bytes of the UTF-8 character that begins with c. */
static size_t character_length(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

static bool iso_datetime(Str s, ParsedDateTime *out)
{
    size_t length = iso_date_length(s);
    Date d;
    Time t = { 0 };
    bool aware = false;
    int32_t offset = 0;
    if (length == 0 || length > s.n || !iso_date(str_slice(s, 0, length), &d))
        return false;
    if (length < s.n) {
        size_t separator = character_length(s.p[length]);
        if (separator > s.n - length || !iso_time(str_from_byte(s, length + separator), &t, &aware, &offset))
            return false;
    }
    *out = (ParsedDateTime){ .local = naive_combine(d, t), .aware = aware, .offset = offset };
    return true;
}

/* YYYY-M-D */
static bool read_date(Reader *r, DateParts *out)
{
    return reader_int(r, 4, 4, &out->year) && reader_byte(r, '-') && reader_int(r, 1, 2, &out->month) &&
           reader_byte(r, '-') && reader_int(r, 1, 2, &out->day);
}

/* H:M[:S[.fraction of 1 to 12 digits]] */
static bool read_clock(Reader *r, TimeParts *out)
{
    *out = (TimeParts){ 0 };
    if (!reader_int(r, 1, 2, &out->hour) || !reader_byte(r, ':') || !reader_int(r, 1, 2, &out->minute))
        return false;
    if (!reader_byte(r, ':'))
        return true;
    if (!reader_int(r, 1, 2, &out->second))
        return false;
    return !(reader_byte(r, '.') || reader_byte(r, ',')) || reader_fraction(r, 12, &out->microsecond);
}

/* Z, +HH, +HHMM or +HH:MM */
static bool read_offset(Reader *r, ParsedDateTime *p)
{
    int hours, minutes = 0;
    if (reader_byte(r, 'Z')) {
        p->aware = true;
        return true;
    }
    bool west = reader_byte(r, '-');
    if (!west && !reader_byte(r, '+'))
        return true;
    if (!reader_int(r, 2, 2, &hours))
        return false;
    if (reader_byte(r, ':') ? !reader_int(r, 2, 2, &minutes) : !reader_at_dollar(r) && !reader_int(r, 2, 2, &minutes))
        return false;
    p->aware = p->short_name = true;
    p->offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

ParseOutcome date_parse(Str s, Date *out)
{
    if (iso_date(s, out))
        return PARSE_OK;
    Reader r = reader_of(s);
    DateParts d;
    if (!read_date(&r, &d) || !reader_at_dollar(&r))
        return PARSE_NO_MATCH;
    return date_make(d.year, d.month, d.day, out) ? PARSE_OK : PARSE_OUT_OF_RANGE;
}

ParseOutcome time_parse(Str s, Time *out)
{
    Time t;
    TimeParts p;
    bool aware;
    int32_t offset;
    if (iso_time(s.n && s.p[0] == 'T' ? str_from_byte(s, 1) : s, &t, &aware, &offset)) {
        *out = t;
        return PARSE_OK;
    }
    Reader r = reader_of(s);
    if (!read_clock(&r, &p) || !reader_at_dollar(&r))
        return PARSE_NO_MATCH;
    return time_make(p.hour, p.minute, p.second, p.microsecond, out) ? PARSE_OK : PARSE_OUT_OF_RANGE;
}

ParseOutcome datetime_parse(Str s, ParsedDateTime *out)
{
    if (iso_datetime(s, out))
        return PARSE_OK;
    Reader r = reader_of(s);
    DateParts day;
    TimeParts clock;
    ParsedDateTime p = { 0 };
    if (!read_date(&r, &day) || !(reader_byte(&r, 'T') || reader_byte(&r, ' ')) || !read_clock(&r, &clock))
        return PARSE_NO_MATCH;
    while (!reader_done(&r) && (*r.p == ' ' || (*r.p >= '\t' && *r.p <= '\r') || (*r.p >= 0x1c && *r.p <= 0x1f)))
        r.p++;
    if (!read_offset(&r, &p) || !reader_at_dollar(&r))
        return PARSE_NO_MATCH;
    Date d;
    Time t;
    if (p.offset > OFFSET_MAX || p.offset < -OFFSET_MAX || !date_make(day.year, day.month, day.day, &d) ||
        !time_make(clock.hour, clock.minute, clock.second, clock.microsecond, &t))
        return PARSE_OUT_OF_RANGE;
    p.local = naive_combine(d, t);
    *out = p;
    return PARSE_OK;
}
