/* log_format.c: one line in each of the formats. */
#include "base/log_internal.h"
#include <clef/base/datetime.h>
#include <clef/base/double.h>
#include <clef/base/map.h>
#include <clef/base/utf8.h>

#include <unistd.h>

/* Room kept behind the fields for what closes a line. */
#define TAIL 64u

static void escaped(Buf *b, uint32_t c)
{
    static const char digits[] = "0123456789abcdef";
    char name = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : 0;
    buf_byte(b, '\\');
    if (name) {
        buf_byte(b, name);
        return;
    }
    buf_byte(b, 'u');
    for (int shift = 12; shift >= 0; shift -= 4)
        buf_byte(b, digits[c >> shift & 15]);
}

/* Control characters of both sets, and what some viewers take for the end of a line or for a change of direction. */
static bool dangerous(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/*
 * Nearly everything that is logged is plain text, so it is looked at eight bytes at a time. What stops a run: what escaping
 * looks at (controls, DEL, bytes of UTF-8 sequences, and between quotes the quote and the backslash), and for RUN_BARE also
 * what makes a value need quotes.
 */
typedef enum Run { RUN_PLAIN, RUN_QUOTED, RUN_BARE } Run;

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define TOP_BITS  (EACH_BYTE * 0x80)

/* A top bit is set, somewhere, when some byte is zero. */
static inline uint64_t any_zero(uint64_t x) { return (x - EACH_BYTE) & ~x & TOP_BITS; }

/* Per byte: bit 1 << Run when it stops such a run; and whether a name may have it. */
enum { STOPS_ALL = 7, STOPS_QUOTED = 1 << RUN_QUOTED | 1 << RUN_BARE, STOPS_BARE = 1 << RUN_BARE, NAME_BYTE = 8 };
static const uint8_t kinds[256] = {
    [0 ... 0x1f] = STOPS_ALL,  [0x7f ... 0xff] = STOPS_ALL, ['"'] = STOPS_QUOTED,      ['\\'] = STOPS_QUOTED,
    [' '] = STOPS_BARE,        ['='] = STOPS_BARE,          ['a' ... 'z'] = NAME_BYTE, ['A' ... 'Z'] = NAME_BYTE,
    ['0' ... '9'] = NAME_BYTE, ['_'] = NAME_BYTE,           ['.'] = NAME_BYTE,         ['-'] = NAME_BYTE,
};

/* How many bytes at p are of one run. */
static inline size_t run_of(const char *p, size_t n, Run how)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t x;
        memcpy(&x, p + i, 8);
        /* Bytes below the limit: exact when no byte has its top bit, and those stop in any case. */
        uint64_t found = x | any_zero(x ^ EACH_BYTE * 0x7f) | ((x - EACH_BYTE * (how == RUN_BARE ? 0x21 : 0x20)) & ~x);
        if (how >= RUN_QUOTED)
            found |= any_zero(x ^ EACH_BYTE * '"') | any_zero(x ^ EACH_BYTE * '\\');
        if (how == RUN_BARE)
            found |= any_zero(x ^ EACH_BYTE * '=');
        if (found & TOP_BITS)
            break;
    }
    while (i < n && !(kinds[(unsigned char)p[i]] >> how & 1))
        i++;
    return i;
}

void log_escape(Buf *b, Str s, LogEscape how)
{
    size_t start = b->n;
    Run run = how == ESCAPE_PLAIN ? RUN_PLAIN : RUN_QUOTED;
    for (size_t at = 0; at < s.n;) {
        size_t from = at, left = LOG_VALUE_MAX - (b->n - start);
        if (CLEF_UNLIKELY(b->n - start >= LOG_VALUE_MAX || b->failed)) {
            BUF_LIT(b, "...");
            return;
        }
        size_t plain = run_of(s.p + at, s.n - at < left ? s.n - at : left, run);
        if (CLEF_LIKELY(plain)) {
            buf_add(b, s.p + at, plain);
            at += plain;
            continue;
        }
        uint32_t c = utf8_next(s, &at);
        if (how == ESCAPE_QUOTED && (c == '"' || c == '\\')) {
            buf_byte(b, '\\');
            buf_byte(b, (char)c);
        } else if (dangerous(c)) {
            escaped(b, c);
        } else if (c == UTF8_REPLACEMENT) {
            BUF_LIT(b, "\xef\xbf\xbd");
        } else {
            buf_add(b, s.p + from, at - from);
        }
    }
}

/*
 * Durations and amounts have at most six decimals, whose shortest text is no secret: a decimal of up to 15 digits that
 * reads back as the double is the shortest one, because no two of them are the same double. False: not of this kind.
 */
static bool put_millionths(Buf *b, double v)
{
    if (!(v >= 0 && v < 1e9) || !buf_reserve(b, DOUBLE_TEXT_MAX))
        return false;
    int64_t m = (int64_t)(v * 1e6 + 0.5);
    if ((double)m / 1e6 != v || m == 0)
        return false;
    if (m < 100) { /* 1.2e-05, as the others write such small ones */
        buf_byte(b, (char)('0' + (m < 10 ? m : m / 10)));
        if (m > 10 && m % 10) {
            buf_byte(b, '.');
            buf_byte(b, (char)('0' + m % 10));
        }
        return m < 10 ? BUF_LIT(b, "e-06") : BUF_LIT(b, "e-05");
    }
    buf_i64(b, m / 1000000);
    char *p = b->p + b->n, *end = p + 7;
    uint32_t fraction = (uint32_t)(m % 1000000);
    *p = '.';
    for (char *at = end; --at > p; fraction /= 10)
        *at = (char)('0' + fraction % 10);
    while (end[-1] == '0' && end > p + 2)
        end--;
    b->n += (size_t)(end - p);
    b->p[b->n] = 0;
    return true;
}

/* What has no quotes in either form: numbers and the like. False for the rest. */
static bool put_number(Buf *b, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_INT:
        buf_i64(b, v.i);
        return true;
    case VALUE_BIGINT:
        return buf_decimal_plain(b, *v.decimal);
    case VALUE_DOUBLE:
        if (!__builtin_isfinite(v.d))
            return false;
        if (!put_millionths(b, v.d))
            buf_double(b, v.d);
        return true;
    default:
        return false;
    }
}

/* The text of what is neither a number nor nested; false for those. */
static bool put_text(Buf *b, Value v, LogEscape how)
{
    switch ((ValueTag)v.tag) {
    case VALUE_STR:
    case VALUE_SAFE:
        log_escape(b, v.s, how);
        return true;
    case VALUE_BYTES:
        return buf_printf(b, "<%zu bytes>", v.s.n);
    case VALUE_DOUBLE:
        return buf_double(b, v.d);
    case VALUE_DECIMAL:
        return buf_decimal(b, *v.decimal);
    case VALUE_DATE:
        return buf_date(b, (Date){ .days = (int32_t)v.us });
    case VALUE_TIME:
        return buf_time(b, (Time){ .us = v.us });
    case VALUE_DATETIME: /* an instant is shown in UTC */
        return v.zone ? buf_datetime(b, (DateTime){ v.us }, 0) : buf_naive(b, (NaiveDateTime){ v.us });
    case VALUE_DURATION:
        return duration_iso_string(b, (Duration){ v.us });
    case VALUE_UUID:
        return buf_uuid(b, *v.uuid);
    case VALUE_OBJECT:
        buf_byte(b, '<');
        log_escape(b, str_c(v.cls->name), how);
        return buf_byte(b, '>');
    default:
        return false;
    }
}

void log_json_value(Buf *b, Value v, unsigned depth)
{
    if (put_number(b, v))
        return;
    if (v.tag == VALUE_NULL || v.tag == VALUE_BOOL) {
        buf_c(b, v.tag == VALUE_NULL ? "null" : v.b ? "true" : "false");
        return;
    }
    if ((v.tag == VALUE_LIST || v.tag == VALUE_MAP) && depth >= LOG_DEPTH_MAX) {
        BUF_LIT(b, "\"...\"");
        return;
    }
    if (v.tag == VALUE_LIST) {
        buf_byte(b, '[');
        for (size_t i = 0; i < v.list->n && !b->failed; i++) {
            if (i)
                buf_byte(b, ',');
            log_json_value(b, v.list->p[i], depth + 1);
        }
        buf_byte(b, ']');
        return;
    }
    if (v.tag == VALUE_MAP) {
        MapEntry *e;
        bool first = true;
        buf_byte(b, '{');
        for (size_t at = 0; !b->failed && (e = map_next(v.map, &at)) != NULL; first = false) {
            buf_c(b, first ? "\"" : ",\"");
            log_escape(b, e->key, ESCAPE_QUOTED);
            BUF_LIT(b, "\":");
            log_json_value(b, e->value, depth + 1);
        }
        buf_byte(b, '}');
        return;
    }
    buf_byte(b, '"');
    put_text(b, v, ESCAPE_QUOTED);
    buf_byte(b, '"');
}

/* Is it readable without quotes? */
static inline bool bare(Str s) { return s.n > 0 && s.n <= LOG_VALUE_MAX && run_of(s.p, s.n, RUN_BARE) == s.n; }

void log_text_value(Buf *b, Value v)
{
    if (put_number(b, v))
        return;
    bool text = value_is_text(v);
    if (CLEF_LIKELY(text && bare(v.s))) {
        buf_str(b, v.s);
        return;
    }
    if (v.tag <= VALUE_BOOL || v.tag == VALUE_LIST || v.tag == VALUE_MAP) {
        log_json_value(b, v, 0);
    } else if (text) {
        buf_byte(b, '"');
        log_escape(b, v.s, ESCAPE_QUOTED);
        buf_byte(b, '"');
    } else {
        put_text(b, v, ESCAPE_QUOTED);
    }
}

enum { NAME_MAX_BYTES = 64 };

static inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A name is not data; if it is nevertheless, it must not do harm. */
static void put_name(Buf *b, const char *name)
{
    if (CLEF_UNLIKELY(!buf_reserve(b, NAME_MAX_BYTES)))
        return;
    char *to = b->p + b->n;
    size_t n = 0;
    for (char c; n < NAME_MAX_BYTES && (c = name[n]); n++)
        to[n] = kinds[(unsigned char)c] & NAME_BYTE ? c : '_';
    b->n += n;
    b->p[b->n] = 0;
}

/* As the journal wants them: capitals, digits and '_', a letter first. */
static void put_journal_name(Buf *b, const char *name)
{
    if (!is_letter(*name))
        BUF_LIT(b, "F_");
    for (size_t n = 0; name[n] && n < NAME_MAX_BYTES; n++)
        buf_byte(b, is_letter(name[n]) ? (char)(name[n] & ~0x20) : is_digit(name[n]) ? name[n] : '_');
}

static char *put_digits(char *to, int32_t v, int width)
{
    for (int k = width; k-- > 0; v /= 10)
        to[k] = (char)('0' + v % 10);
    return to + width;
}

/* The text of a second is good for all its lines. */
static CLEF_COLD void stamp_second(Logger *l, int64_t second, char separator)
{
    DateTimeParts t = naive_parts(datetime_utc((DateTime){ second * 1000000 }));
    char *p = put_digits(l->stamp, t.year, 4);
    *p++ = '-';
    p = put_digits(p, t.month, 2);
    *p++ = '-';
    p = put_digits(p, t.day, 2);
    *p++ = separator;
    p = put_digits(p, t.hour, 2);
    *p++ = ':';
    p = put_digits(p, t.minute, 2);
    *p++ = ':';
    p = put_digits(p, t.second, 2);
    *p = '.';
    l->stamp_second = second;
    l->stamped = true;
}

/* 2026-01-15T10:20:30.123456; `digits` of the fraction. A logger has one format, so one separator. */
static void put_time(Logger *l, int64_t us, char separator, int digits)
{
    Buf *b = &l->line;
    int64_t second = us / 1000000 - (us % 1000000 < 0);
    if (CLEF_UNLIKELY(!l->stamped || second != l->stamp_second))
        stamp_second(l, second, separator);
    if (CLEF_UNLIKELY(!buf_reserve(b, STAMP_N + 6)))
        return;
    memcpy(b->p + b->n, l->stamp, STAMP_N);
    put_digits(b->p + b->n + STAMP_N, (int32_t)(us - second * 1000000), 6);
    b->n += STAMP_N + (size_t)digits;
    b->p[b->n] = 0;
}

/* Runs `put` for each field; the first that does not fit is taken back, and the rest left out. True when all are in. */
static bool put_fields(Buf *b, const LogField *fields, void (*put)(Buf *b, const LogField *f))
{
    for (; fields->name; fields++) {
        size_t before = b->n;
        put(b, fields);
        if (b->failed) {
            b->failed = false;
            buf_truncate(b, before);
            return false;
        }
    }
    return true;
}

static void text_field(Buf *b, const LogField *f)
{
    buf_byte(b, ' ');
    put_name(b, f->name);
    buf_byte(b, '=');
    log_text_value(b, f->value);
}

/* In a column of eight. */
static void put_level(Buf *b, int level)
{
    const char *name = log_level_name(level);
    size_t n = strlen(name);
    char column[8] = "        ";
    memcpy(column, name, n < sizeof column ? n : sizeof column);
    buf_add(b, column, sizeof column);
}

static void format_text(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    put_time(l, line->us, ' ', 3);
    buf_byte(b, ' ');
    if (l->colour)
        buf_c(b, line->level >= LEVEL_ERROR     ? "\033[31m"
                 : line->level >= LEVEL_WARNING ? "\033[33m"
                 : line->level >= LEVEL_INFO    ? "\033[32m"
                                                : "\033[2m");
    put_level(b, line->level);
    if (l->colour)
        BUF_LIT(b, "\033[0m");
    buf_byte(b, ' ');
    if (line->component.n) {
        log_escape(b, line->component, ESCAPE_PLAIN);
        BUF_LIT(b, ": ");
    }
    log_escape(b, line->message, ESCAPE_PLAIN);
    bool whole = put_fields(b, line->fields, text_field);
    b->max = LOG_LINE_MAX;
    if (!whole)
        BUF_LIT(b, " truncated=true");
    buf_byte(b, '\n');
}

static void json_field(Buf *b, const LogField *f)
{
    BUF_LIT(b, ",\"");
    put_name(b, f->name);
    BUF_LIT(b, "\":");
    log_json_value(b, f->value, 0);
}

static void format_json(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    BUF_LIT(b, "{\"time\":\"");
    put_time(l, line->us, 'T', 6);
    BUF_LIT(b, "Z\",\"level\":\"");
    buf_c(b, log_level_name(line->level));
    BUF_LIT(b, "\",\"component\":\"");
    log_escape(b, line->component, ESCAPE_QUOTED);
    BUF_LIT(b, "\",\"message\":\"");
    log_escape(b, line->message, ESCAPE_QUOTED);
    buf_byte(b, '"');
    bool whole = put_fields(b, line->fields, json_field);
    b->max = LOG_LINE_MAX;
    if (!whole)
        BUF_LIT(b, ",\"truncated\":true");
    BUF_LIT(b, "}\n");
}

/* RFC 5424's severity. */
static int severity(int level)
{
    return level >= LEVEL_CRITICAL  ? 2
           : level >= LEVEL_ERROR   ? 3
           : level >= LEVEL_WARNING ? 4
           : level >= LEVEL_INFO    ? 6
                                    : 7;
}

/* A header word of RFC 5424: printable ASCII without blanks, "-" for nothing. */
static void put_word(Buf *b, Str s, size_t max)
{
    if (s.n == 0)
        buf_byte(b, '-');
    for (size_t i = 0; i < s.n && i < max; i++)
        buf_byte(b, s.p[i] > ' ' && s.p[i] < 0x7f ? s.p[i] : '_');
    buf_byte(b, ' ');
}

static void format_syslog(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    buf_printf(b, "<%d>1 ", l->facility * 8 + severity(line->level));
    put_time(l, line->us, 'T', 6);
    BUF_LIT(b, "Z - ");
    put_word(b, str_c(l->program), 48);
    buf_printf(b, "%ld ", (long)getpid());
    put_word(b, line->component, 32);
    BUF_LIT(b, "- ");
    log_escape(b, line->message, ESCAPE_PLAIN);
    bool whole = put_fields(b, line->fields, text_field);
    b->max = LOG_LINE_MAX;
    if (!whole)
        BUF_LIT(b, " truncated=true");
}

/* A value with a line feed has its length before it; none of ours has one, for they are escaped. */
static void journal_field(Buf *b, const LogField *f)
{
    put_journal_name(b, f->name);
    buf_byte(b, '=');
    if (!put_number(b, f->value) && !put_text(b, f->value, ESCAPE_PLAIN))
        log_json_value(b, f->value, 0);
    buf_byte(b, '\n');
}

static void format_journal(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    buf_printf(b, "PRIORITY=%d\nSYSLOG_IDENTIFIER=", severity(line->level));
    log_escape(b, str_c(l->program), ESCAPE_PLAIN);
    BUF_LIT(b, "\nCOMPONENT=");
    log_escape(b, line->component, ESCAPE_PLAIN);
    BUF_LIT(b, "\nMESSAGE=");
    log_escape(b, line->message, ESCAPE_PLAIN);
    buf_byte(b, '\n');
    bool whole = put_fields(b, line->fields, journal_field);
    b->max = LOG_LINE_MAX;
    if (!whole)
        BUF_LIT(b, "TRUNCATED=true\n");
}

void log_format(Logger *l, const LogLine *line)
{
    static void (*const formats[])(Logger *, const LogLine *) = {
        [LOG_FORMAT_TEXT] = format_text,
        [LOG_FORMAT_JSON] = format_json,
        [LOG_FORMAT_SYSLOG] = format_syslog,
        [LOG_FORMAT_JOURNAL] = format_journal,
    };
    buf_clear(&l->line);
    l->line.max = LOG_LINE_MAX - TAIL;
    formats[l->format](l, line);
}
