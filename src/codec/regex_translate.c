/* regex_translate.c: from Python's regular expressions to PCRE2's, one pass, left to right. */
#include "codec/regex.h"

#include <clef/base/buf.h>

typedef struct Translator {
    Arena *arena;
    Str in;
    size_t at;
    Buf out;
    Str *names;
    uint32_t ngroups, flags;
    bool verbose;
    Str error;
} Translator;

static bool fail(Translator *t, size_t at, const char *what, Str detail)
{
    if (str_is_null(t->error))
        t->error = str_format(t->arena, "%s%.*s at position %zu", what, STR_FMT(detail), at);
    return false;
}

static int peek(const Translator *t, size_t ahead)
{
    return t->at + ahead < t->in.n ? (unsigned char)t->in.p[t->at + ahead] : -1;
}
static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_octal(int c) { return c >= '0' && c <= '7'; }
static bool is_letter(int c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80; }
static int hex_of(int c)
{
    return is_digit(c) ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}
static bool is_name(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!(is_letter(c) || c == '_' || c >= 0x80 || (i && is_digit(c))))
            return false;
    }
    return s.n > 0;
}

static uint32_t group_named(const Translator *t, Str name)
{
    for (uint32_t i = 1; i <= t->ngroups; i++)
        if (t->names[i].n && str_eq(t->names[i], name))
            return i;
    return 0;
}

/* The code point of `digits` hexadecimal digits behind `\x`, `\u` or `\U`. */
static bool code_point(Translator *t, size_t from, int digits)
{
    uint32_t v = 0;
    for (int i = 0; i < digits; i++) {
        int h = hex_of(peek(t, (size_t)i));
        if (h < 0)
            return fail(t, from, "incomplete escape ", str_slice(t->in, from, t->at + (size_t)i));
        v = v * 16 + (uint32_t)h;
    }
    t->at += (size_t)digits;
    if (v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
        return fail(t, from, "bad escape ", str_slice(t->in, from, t->at));
    return buf_printf(&t->out, "\\x{%x}", v);
}

static bool octal(Translator *t, size_t from, int most)
{
    uint32_t v = 0;
    for (int i = 0; i < most && is_octal(peek(t, 0)); i++)
        v = v * 8 + (uint32_t)(t->in.p[t->at++] - '0');
    if (v > 0377)
        return fail(t, from, "octal escape value outside of range 0-0o377: ", str_slice(t->in, from, t->at));
    return buf_printf(&t->out, "\\x{%x}", v);
}

static bool back_reference(Translator *t, size_t from)
{
    uint32_t v = (uint32_t)(t->in.p[t->at++] - '0');
    if (is_digit(peek(t, 0))) {
        if (is_octal(peek(t, 0)) && v < 4 && is_octal(peek(t, 1))) {
            t->at--;
            return octal(t, from, 3);
        }
        v = v * 10 + (uint32_t)(t->in.p[t->at++] - '0');
    }
    if (v > t->ngroups)
        return fail(t, from + 1, "invalid group reference ", str_slice(t->in, from + 1, t->at));
    return buf_printf(&t->out, "\\g{%u}", v);
}

/* Behind a backslash. */
static bool escape(Translator *t, bool in_class)
{
    size_t from = t->at++;
    int c = peek(t, 0);
    if (c < 0)
        return fail(t, from, "bad escape (end of pattern)", (Str){ 0 });
    if (c == '0' || (in_class && is_octal(c)))
        return octal(t, from, 3);
    if (is_digit(c))
        return in_class ? fail(t, from, "bad escape ", str_slice(t->in, from, from + 2)) : back_reference(t, from);
    t->at++;
    switch (c) {
    case 'x':
        return code_point(t, from, 2);
    case 'u':
        return code_point(t, from, 4);
    case 'U':
        return code_point(t, from, 8);
    case 'v':
        return BUF_LIT(&t->out, "\\x0b");
    case 'b':
        return in_class ? BUF_LIT(&t->out, "\\x08") : BUF_LIT(&t->out, "\\b");
    case 'Z':
        if (!in_class)
            return BUF_LIT(&t->out, "\\z");
        break;
    case 'A':
    case 'B':
        if (in_class)
            break;
        return buf_byte(&t->out, '\\') && buf_byte(&t->out, (char)c);
    default:
        if (is_letter(c) && !strchr("dDsSwWafnrt", c))
            break;
        return (c >= 0x80 || buf_byte(&t->out, '\\')) && buf_byte(&t->out, (char)c);
    }
    return fail(t, from, "bad escape ", str_slice(t->in, from, t->at));
}

static bool set(Translator *t)
{
    size_t from = t->at++;
    buf_byte(&t->out, '[');
    if (peek(t, 0) == '^') {
        buf_byte(&t->out, '^');
        t->at++;
    }
    for (bool first = true;; first = false) {
        int c = peek(t, 0);
        if (c < 0)
            return fail(t, from, "unterminated character set", (Str){ 0 });
        if (c == '\\') {
            if (!escape(t, true))
                return false;
            continue;
        }
        t->at++;
        if (c == ']' && !first)
            return buf_byte(&t->out, ']');
        if (c == '[' || c == ']')
            buf_byte(&t->out, '\\');
        buf_byte(&t->out, (char)c);
    }
}

/* '{': a quantifier when it reads as one, else the character. */
static bool brace(Translator *t)
{
    size_t at = t->at + 1, lo = at;
    while (at < t->in.n && is_digit((unsigned char)t->in.p[at]))
        at++;
    Str low = str_slice(t->in, lo, at), high = low;
    bool comma = at < t->in.n && t->in.p[at] == ',';
    if (comma) {
        size_t hi = ++at;
        while (at < t->in.n && is_digit((unsigned char)t->in.p[at]))
            at++;
        high = str_slice(t->in, hi, at);
    }
    if (at >= t->in.n || t->in.p[at] != '}' || (!comma && low.n == 0)) {
        t->at++;
        return BUF_LIT(&t->out, "\\{");
    }
    t->at = at + 1;
    if (!comma)
        return buf_printf(&t->out, "{%.*s}", STR_FMT(low));
    return buf_printf(&t->out, "{%.*s,%.*s}", STR_FMT(low.n ? low : STR("0")), STR_FMT(high));
}

static bool new_group(Translator *t, Str name, size_t at)
{
    if (t->ngroups >= REGEX_MAX_GROUPS)
        return fail(t, at, "too many groups", (Str){ 0 });
    if (name.n && group_named(t, name))
        return fail(t, at, "redefinition of group name ", name);
    t->names[++t->ngroups] = name;
    return buf_byte(&t->out, '(');
}

/* A name up to `end`, moved past. */
static bool take_name(Translator *t, char end, Str *name)
{
    size_t from = t->at;
    size_t n = str_find_byte(str_from_byte(t->in, from), end);
    if (n == STR_NPOS)
        return fail(t, from, "missing group name terminator", (Str){ 0 });
    *name = str_slice(t->in, from, from + n);
    t->at = from + n + 1;
    return true;
}

/* (?aiLmsux-imsx) and (?...:  — u is what everything is, a switches Unicode classes off for the whole pattern. */
static bool inline_flags(Translator *t, size_t from)
{
    Buf kept = BUF_INIT(t->arena, 64);
    bool off = false, ascii = false, verbose = false;
    for (;; t->at++) {
        int c = peek(t, 0);
        if (c == ':' || c == ')')
            break;
        if (c == '-' && !off)
            off = buf_byte(&kept, '-');
        else if (c == 'i' || c == 'm' || c == 's')
            buf_byte(&kept, (char)c);
        else if (c == 'x' && !off)
            verbose = true;
        else if (c == 'a' && !off)
            ascii = true;
        else if (c != 'u' || off || kept.failed)
            return fail(t, from, "unknown extension ", str_slice(t->in, from + 1, t->at + 1));
    }
    bool global = peek(t, 0) == ')';
    t->at++;
    if (global && from != 0)
        return fail(t, from, "global flags not at the start of the expression", (Str){ 0 });
    if (!global && (ascii || verbose))
        return fail(t, from, "the flags a and x are taken for the whole expression only", (Str){ 0 });
    t->verbose |= verbose;
    t->flags |= ascii ? REGEX_ASCII : 0;
    if (global && kept.n == 0)
        return true;
    return buf_printf(&t->out, "(?%.*s%c", STR_FMT(buf_view(&kept)), global ? ')' : ':');
}

static bool conditional(Translator *t, size_t from)
{
    Str name;
    uint64_t number = 0;
    if (!take_name(t, ')', &name))
        return false;
    if (!str_to_u64(name, &number))
        number = group_named(t, name);
    if (number == 0 || number > t->ngroups)
        return fail(t, from, "unknown group name ", name);
    return buf_printf(&t->out, "(?(%u)", (unsigned)number);
}

static bool group(Translator *t)
{
    size_t from = t->at++;
    if (peek(t, 0) == '*')
        return fail(t, t->at, "nothing to repeat", (Str){ 0 });
    if (peek(t, 0) != '?')
        return new_group(t, (Str){ 0 }, from);
    t->at++;
    int c = peek(t, 0), d = peek(t, 1);
    Str name;
    if (c == 'P' && d == '<') {
        t->at += 2;
        if (!take_name(t, '>', &name))
            return false;
        return is_name(name) ? new_group(t, name, from) : fail(t, from, "bad character in group name ", name);
    }
    if (c == 'P' && d == '=') {
        t->at += 2;
        if (!take_name(t, ')', &name))
            return false;
        uint32_t number = group_named(t, name);
        return number ? buf_printf(&t->out, "\\g{%u}", number) : fail(t, from, "unknown group name ", name);
    }
    if (c == '#') {
        t->at++;
        return take_name(t, ')', &name);
    }
    if (c == '(') {
        t->at++;
        return conditional(t, from);
    }
    if (c == '<' && (d == '=' || d == '!')) {
        t->at += 2;
        return BUF_LIT(&t->out, "(?<") && buf_byte(&t->out, (char)d);
    }
    if (c == ':' || c == '=' || c == '!' || c == '>') {
        t->at++;
        return BUF_LIT(&t->out, "(?") && buf_byte(&t->out, (char)c);
    }
    return inline_flags(t, from);
}

static bool skip_verbose(Translator *t, int c)
{
    if (!t->verbose || !(c == '#' || c == ' ' || (c >= '\t' && c <= '\r')))
        return false;
    size_t line = c == '#' ? str_find_byte(str_from_byte(t->in, t->at), '\n') : 0;
    t->at = line == STR_NPOS ? t->in.n : t->at + line + 1;
    return true;
}

Str regex_translate(Arena *a, Str pattern, Str *names, uint32_t *ngroups, uint32_t *flags, Str *error)
{
    Translator t = { .arena = a, .in = pattern, .names = names, .out = BUF_INIT(a, (size_t)1 << 20) };
    bool ok = buf_add(&t.out, "", 0);
    while (ok && t.at < pattern.n) {
        int c = peek(&t, 0);
        if (skip_verbose(&t, c))
            continue;
        if (c == '\\')
            ok = escape(&t, false);
        else if (c == '[')
            ok = set(&t);
        else if (c == '(')
            ok = group(&t);
        else if (c == '{')
            ok = brace(&t);
        else {
            ok = buf_byte(&t.out, (char)c);
            t.at++;
        }
    }
    if (!ok || t.out.failed) {
        *error = str_is_null(t.error) ? STR("the expression is too long") : t.error;
        return (Str){ 0 };
    }
    *ngroups = t.ngroups;
    *flags = t.flags;
    return buf_view(&t.out);
}

/* Does a '|' stand outside all groups? */
static bool has_alternation(Str s)
{
    int depth = 0;
    bool in_class = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\')
            i++;
        else if (in_class)
            in_class = c != ']';
        else if (c == '[') {
            in_class = true;
            i += i + 1 < s.n && s.p[i + 1] == '^';
            i += i + 1 < s.n && s.p[i + 1] == ']';
        } else if (c == '(')
            depth++;
        else if (c == ')')
            depth--;
        else if (c == '|' && depth == 0)
            return true;
    }
    return false;
}

Str regex_literal_prefix(Arena *a, Str s)
{
    Buf out = BUF_INIT(a, s.n);
    if (s.n == 0 || s.p[0] != '^' || has_alternation(s))
        return STR("");
    size_t last = 0; /* where the last whole character began in out */
    for (size_t i = 1; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\\' && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0x80 && !is_letter(s.p[i + 1]) &&
            !is_digit(s.p[i + 1]))
            c = (unsigned char)s.p[++i];
        else if (strchr("\\.^$*+?{}[]|()", c)) { /* finds the terminator too: a NUL ends the prefix */
            if (c == '*' || c == '?' || c == '{' || c == '+')
                buf_truncate(&out, last);
            break;
        }
        if ((c & 0xc0) != 0x80)
            last = out.n;
        buf_byte(&out, (char)c);
    }
    return out.n ? buf_view(&out) : STR("");
}
