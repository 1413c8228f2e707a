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

static bool needs_backslash(uint32_t c, LogEscape how)
{
    if (how == ESCAPE_PLAIN)
        return false;
    return c == '"' || c == '\\';
}

void log_escape(Buf *b, Str s, LogEscape how)
{
    size_t start = b->n;
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        if (b->n - start >= LOG_VALUE_MAX || b->failed) {
            BUF_LIT(b, "...");
            return;
        }
        uint32_t c = utf8_next(s, &at);
        if (needs_backslash(c, how)) {
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
        if (__builtin_isfinite(v.d)) {
            buf_double(b, v.d);
            return true;
        }
        return false;
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
static bool bare(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return false;
    }
    return s.n > 0 && s.n <= LOG_VALUE_MAX;
}

void log_text_value(Buf *b, Value v)
{
    if (put_number(b, v))
        return;
    bool text = value_is_text(v);
    if (v.tag <= VALUE_BOOL || v.tag == VALUE_LIST || v.tag == VALUE_MAP) {
        log_json_value(b, v, 0);
    } else if (text && !bare(v.s)) {
        buf_byte(b, '"');
        log_escape(b, v.s, ESCAPE_QUOTED);
        buf_byte(b, '"');
    } else {
        put_text(b, v, ESCAPE_QUOTED);
    }
}

/* A name is not data; if it is nevertheless, it must not do harm. */
static void put_name(Buf *b, const char *name, bool upper)
{
    size_t n = 0;
    if (upper && !((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
        BUF_LIT(b, "F_"); /* the journal takes names that start with a letter only */
    for (; *name && n < 64; name++, n++) {
        char c = *name;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (upper)
            buf_byte(b, letter ? (char)(c & ~0x20) : digit ? c : '_');
        else
            buf_byte(b, letter || digit || c == '_' || c == '.' || c == '-' ? c : '_');
    }
}

/* 2026-01-15T10:20:30.123456; `digits` of the fraction. */
static void put_time(Buf *b, int64_t us, char separator, int digits)
{
    DateTimeParts t = naive_parts(datetime_utc((DateTime){ us }));
    const struct {
        int32_t v;
        int width;
        char after;
    } parts[] = { { t.year, 4, '-' }, { t.month, 2, '-' },  { t.day, 2, separator },
                  { t.hour, 2, ':' }, { t.minute, 2, ':' }, { t.second, 2, '.' } };
    char text[32], *p = text;
    for (size_t i = 0; i < CLEF_COUNT(parts); i++) {
        int32_t v = parts[i].v;
        for (int k = parts[i].width; k-- > 0; v /= 10)
            p[k] = (char)('0' + v % 10);
        p += parts[i].width;
        *p++ = parts[i].after;
    }
    int32_t fraction = t.microsecond;
    for (int k = 6; k-- > 0; fraction /= 10)
        p[k] = (char)('0' + fraction % 10);
    buf_add(b, text, (size_t)(p - text) + (size_t)digits);
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
    put_name(b, f->name, false);
    buf_byte(b, '=');
    log_text_value(b, f->value);
}

static void format_text(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    const char *name = log_level_name(line->level);
    put_time(b, line->us, ' ', 3);
    buf_byte(b, ' ');
    if (l->colour)
        buf_c(b, line->level >= LEVEL_ERROR     ? "\033[31m"
                 : line->level >= LEVEL_WARNING ? "\033[33m"
                 : line->level >= LEVEL_INFO    ? "\033[32m"
                                                : "\033[2m");
    buf_printf(b, "%-8s", name);
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
    put_name(b, f->name, false);
    BUF_LIT(b, "\":");
    log_json_value(b, f->value, 0);
}

static void format_json(Logger *l, const LogLine *line)
{
    Buf *b = &l->line;
    BUF_LIT(b, "{\"time\":\"");
    put_time(b, line->us, 'T', 6);
    buf_printf(b, "Z\",\"level\":\"%s\",\"component\":\"", log_level_name(line->level));
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
    put_time(b, line->us, 'T', 6);
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
    put_name(b, f->name, true);
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
