/* json_token.c: the token reader of <clef/codec/json.h>. */
#include <clef/base/double.h>
#include <clef/base/utf8.h>

#include "codec/json_text.h"
#include "codec/simd.h"

typedef enum State {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* behind [ */
    WANT_NAME,         /* behind a comma in an object */
    WANT_NAME_OR_END,  /* behind { */
    WANT_COMMA_OR_END, /* behind a value in a list or object */
    WANT_NOTHING,      /* behind the value of the text */
    STOPPED,
} State;

CLEF_COLD JsonToken json_reader_fail(JsonReader *r, const char *message, const char *at)
{
    if (r->error.message)
        return JSON_ERROR;
    const char *line = r->text.p;
    size_t lines = 1, offset = (size_t)(at - r->text.p), character = 0, column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (((unsigned char)line[i] & 0xc0) == 0x80)
            continue;
        character++;
        column++;
        if (line[i] == '\n') {
            lines++;
            column = 1;
        }
    }
    r->error =
        (JsonError){ .message = message, .offset = offset, .line = lines, .column = column, .character = character };
    r->state = STOPPED;
    return JSON_ERROR;
}

void json_reader_init(JsonReader *r, Str text, JsonOptions options)
{
    if (!text.p)
        text = STR("");
    if (!options.depth_max)
        options.depth_max = JSON_DEPTH;
    if (options.depth_max > JSON_DEPTH_MAX)
        options.depth_max = JSON_DEPTH_MAX;
    if (!options.digits_max)
        options.digits_max = JSON_DIGITS;
    if (!options.size_max)
        options.size_max = SIZE_MAX;
    r->raw = (Str){ 0 };
    r->escaped = false;
    r->integer = 0;
    r->depth = 0;
    r->error = (JsonError){ 0 };
    r->text = text;
    r->at = text.p;
    r->options = options;
    r->state = WANT_VALUE;
}

static bool in_object(const JsonReader *r) { return r->objects[(r->depth - 1) / 64] >> ((r->depth - 1) % 64) & 1; }

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* The value of four hexadecimal digits at p, or -1. */
static int hex4(const char *p, const char *end)
{
    if (end - p < 4)
        return -1;
    int v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        unsigned decimal = c - (unsigned)'0', letter = (c | 0x20u) - 'a';
        if (decimal > 9 && letter > 5)
            return -1;
        v = v << 4 | (int)(decimal <= 9 ? decimal : letter + 10);
    }
    return v;
}

/* Over an escape, whose backslash is at p. Returns what follows it, or NULL after a failure. */
static const char *escape(JsonReader *r, const char *p, const char *end, const char *quote)
{
    if (end - p < 2) {
        json_reader_fail(r, "Unterminated string starting at", quote);
        return NULL;
    }
    switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;
    case 'u':
        break;
    default:
        json_reader_fail(r, "Invalid \\escape", p);
        return NULL;
    }
    int high = hex4(p + 2, end);
    if (high < 0) {
        json_reader_fail(r, "Invalid \\uXXXX escape", p + 1);
        return NULL;
    }
    if (high < 0xd800 || high > 0xdfff)
        return p + 6;
    if (high < 0xdc00 && end - p >= 8 && p[6] == '\\' && p[7] == 'u') {
        int low = hex4(p + 8, end);
        if (low < 0) {
            json_reader_fail(r, "Invalid \\uXXXX escape", p + 7);
            return NULL;
        }
        if (low >= 0xdc00 && low <= 0xdfff)
            return p + 12;
    }
    if (r->options.replace_surrogates)
        return p + 6;
    json_reader_fail(r, "Lone surrogate in \\uXXXX escape", p);
    return NULL;
}

/* Over a string, whose quote is at r->at; sets raw and escaped. False after a failure. */
static bool string(JsonReader *r)
{
    const char *quote = r->at, *end = r->text.p + r->text.n, *p = quote + 1;
    r->escaped = false;
    for (;;) {
        while (end - p >= 16) {
            Bytes16 v = bytes16_load(p);
            uint64_t hits =
                bytes16_mask((v == (uint8_t)'"') | (v == (uint8_t)'\\') | (v < (uint8_t)0x20) | (v >= (uint8_t)0x80));
            if (hits) {
                p += bytes16_first(hits);
                break;
            }
            p += 16;
        }
        if (p == end) {
            json_reader_fail(r, "Unterminated string starting at", quote);
            return false;
        }
        unsigned char c = (unsigned char)*p;
        if (c == '"')
            break;
        if (c == '\\') {
            r->escaped = true;
            p = escape(r, p, end, quote);
            if (!p)
                return false;
        } else if (c < 0x20) {
            json_reader_fail(r, "Invalid control character at", p);
            return false;
        } else if (c < 0x80) {
            p++;
        } else {
            Str rest = { p, (size_t)(end - p) };
            size_t taken = 0;
            if (utf8_next(rest, &taken) == UTF8_REPLACEMENT && !(taken == 3 && memcmp(p, "\xef\xbf\xbd", 3) == 0)) {
                json_reader_fail(r, "Invalid UTF-8", p);
                return false;
            }
            p += taken;
        }
    }
    r->raw = (Str){ quote + 1, (size_t)(p - quote - 1) };
    r->at = p + 1;
    return true;
}

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

/* As much of r->at as makes a number. What cannot belong to it is left to be an error of what should follow. */
static JsonToken number(JsonReader *r)
{
    const char *start = r->at, *end = r->text.p + r->text.n, *p = start;
    bool negative = *p == '-', real = false, big = false;
    if (negative)
        p++;
    if (!is_digit(p, end)) {
        if (r->options.nan && str_starts((Str){ start, (size_t)(end - start) }, STR("-Infinity"))) {
            r->raw = (Str){ start, 9 };
            r->at = start + 9;
            return JSON_REAL;
        }
        return json_reader_fail(r, "Expecting value", start);
    }
    uint64_t v = 0;
    if (*p == '0') {
        p++;
    } else {
        for (; is_digit(p, end); p++)
            if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
                big = true;
    }
    if (p < end && *p == '.' && is_digit(p + 1, end)) {
        real = true;
        for (p++; is_digit(p, end); p++)
            ;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        const char *e = p + 1;
        if (e < end && (*e == '+' || *e == '-'))
            e++;
        if (is_digit(e, end)) {
            real = true;
            for (p = e; is_digit(p, end); p++)
                ;
        }
    }
    r->raw = (Str){ start, (size_t)(p - start) };
    if (r->raw.n > r->options.digits_max)
        return json_reader_fail(r, "Number is longer than the limit", start);
    r->at = p;
    if (real)
        return JSON_REAL;
    if (big || v > (uint64_t)INT64_MAX + negative)
        return JSON_BIGINT;
    r->integer = negative ? (int64_t)(0 - v) : (int64_t)v;
    return JSON_INT;
}

static bool word(JsonReader *r, Str s)
{
    if (!str_starts((Str){ r->at, (size_t)(r->text.p + r->text.n - r->at) }, s))
        return false;
    r->raw = (Str){ r->at, s.n };
    r->at += s.n;
    return true;
}

static JsonToken open_level(JsonReader *r, bool object)
{
    if (r->depth >= r->options.depth_max)
        return json_reader_fail(r, "Nested more deeply than the limit", r->at);
    uint64_t bit = (uint64_t)1 << r->depth % 64, *bits = &r->objects[r->depth / 64];
    *bits = object ? *bits | bit : *bits & ~bit;
    r->depth++;
    r->at++;
    r->state = object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;
    return object ? JSON_OBJECT : JSON_ARRAY;
}

static JsonToken close_level(JsonReader *r, JsonToken token)
{
    r->depth--;
    r->at++;
    r->state = r->depth ? WANT_COMMA_OR_END : WANT_NOTHING;
    return token;
}

static JsonToken value(JsonReader *r)
{
    JsonToken token;
    switch (*r->at) {
    case '{':
        return open_level(r, true);
    case '[':
        return open_level(r, false);
    case '"':
        if (!string(r))
            return JSON_ERROR;
        token = JSON_STRING;
        break;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        token = number(r);
        if (token == JSON_ERROR)
            return token;
        break;
    default:
        if (word(r, STR("true")))
            token = JSON_TRUE;
        else if (word(r, STR("false")))
            token = JSON_FALSE;
        else if (word(r, STR("null")))
            token = JSON_NULL;
        else if (r->options.nan && (word(r, STR("NaN")) || word(r, STR("Infinity"))))
            token = JSON_REAL;
        else
            return json_reader_fail(r, "Expecting value", r->at);
    }
    r->state = r->depth ? WANT_COMMA_OR_END : WANT_NOTHING;
    return token;
}

static JsonToken name(JsonReader *r, const char *end)
{
    if (r->at == end || *r->at != '"')
        return json_reader_fail(r, "Expecting property name enclosed in double quotes", r->at);
    if (!string(r))
        return JSON_ERROR;
    r->at = skip_space(r->at, end);
    if (r->at == end || *r->at != ':')
        return json_reader_fail(r, "Expecting ':' delimiter", r->at);
    r->at++;
    r->state = WANT_VALUE;
    return JSON_NAME;
}

JsonToken json_next(JsonReader *r)
{
    const char *end = r->text.p + r->text.n;
    if (CLEF_UNLIKELY(r->at == r->text.p && r->state == WANT_VALUE && !r->depth)) {
        if (r->text.n > r->options.size_max)
            return json_reader_fail(r, "Text is longer than the limit", r->at);
        if (str_starts(r->text, STR("\xef\xbb\xbf")))
            return json_reader_fail(r, "Unexpected UTF-8 BOM (decode using utf-8-sig)", r->at);
    }
    if (r->state == STOPPED)
        return JSON_ERROR;
    r->at = skip_space(r->at, end);
    bool more = r->at < end;
    switch ((State)r->state) {
    case WANT_VALUE_OR_END:
        if (more && *r->at == ']')
            return close_level(r, JSON_ARRAY_END);
        break;
    case WANT_NAME_OR_END:
        if (more && *r->at == '}')
            return close_level(r, JSON_OBJECT_END);
        return name(r, end);
    case WANT_NAME:
        return name(r, end);
    case WANT_COMMA_OR_END:
        if (more && *r->at == (in_object(r) ? '}' : ']'))
            return close_level(r, in_object(r) ? JSON_OBJECT_END : JSON_ARRAY_END);
        if (!more || *r->at != ',')
            return json_reader_fail(r, "Expecting ',' delimiter", r->at);
        r->at = skip_space(r->at + 1, end);
        if (in_object(r))
            return name(r, end);
        more = r->at < end;
        break;
    case WANT_NOTHING:
        return more ? json_reader_fail(r, "Extra data", r->at) : JSON_END;
    case WANT_VALUE:
    case STOPPED:
        break;
    }
    return more ? value(r) : json_reader_fail(r, "Expecting value", r->at);
}

Str json_reader_text(const JsonReader *r, Arena *a)
{
    static const char plain[] = {
        ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['"'] = '"', ['\\'] = '\\', ['/'] = '/'
    };
    if (!r->escaped)
        return r->raw;
    /* An escape is never shorter than what it stands for. */
    char *out = arena_alloc(a, r->raw.n + 1), *to = out;
    const char *p = r->raw.p, *end = p + r->raw.n;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t run = (size_t)((slash ? slash : end) - p);
        memcpy(to, p, run);
        to += run;
        p += run;
        if (!slash)
            break;
        if (p[1] != 'u') {
            *to++ = plain[(unsigned char)p[1]];
            p += 2;
            continue;
        }
        uint32_t c = (uint32_t)hex4(p + 2, end);
        p += 6;
        if (c >= 0xd800 && c <= 0xdfff) {
            int low = c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
            if (low >= 0xdc00 && low <= 0xdfff) {
                c = 0x10000 + ((c - 0xd800) << 10 | ((uint32_t)low - 0xdc00));
                p += 6;
            } else {
                c = UTF8_REPLACEMENT;
            }
        }
        to += utf8_encode(c, to);
    }
    *to = 0;
    return (Str){ out, (size_t)(to - out) };
}

bool json_reader_double(JsonReader *r, double *out)
{
    double v;
    char last = r->raw.n ? r->raw.p[r->raw.n - 1] : 0;
    if (last == 'N')
        v = __builtin_nan("");
    else if (last == 'y')
        v = r->raw.p[0] == '-' ? -__builtin_inf() : __builtin_inf();
    else if (!double_parse(r->raw, &v) || __builtin_isinf(v)) {
        json_reader_fail(r, "Number is too large for a double", r->raw.p);
        return false;
    }
    *out = v;
    return true;
}

bool json_skip(JsonReader *r)
{
    uint32_t depth = r->depth;
    if (r->state == WANT_VALUE_OR_END || r->state == WANT_NAME_OR_END) {
        depth--;
    } else {
        JsonToken token = json_next(r);
        if (token != JSON_OBJECT && token != JSON_ARRAY)
            return token != JSON_ERROR;
    }
    while (r->depth > depth)
        if (json_next(r) == JSON_ERROR)
            return false;
    return true;
}
