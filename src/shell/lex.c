/* lex.c: Python's tokens, as far as the shell knows them: names, numbers, texts with prefixes, signs. */
#include "shell/lex.h"
#include <clef/base/buf.h>
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/base/utf8.h>

static bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int hex_of(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool add_code(Buf *b, Str s, size_t *i, int digits, bool bytes)
{
    uint32_t code = 0;
    for (int k = 0; k < digits; k++) {
        int d = *i + 1 < s.n ? hex_of(s.p[*i + 1]) : -1;
        if (d < 0)
            return false;
        code = code << 4 | (uint32_t)d;
        ++*i;
    }
    if (bytes)
        return buf_byte(b, (char)code);
    char text[4];
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return false;
    return buf_add(b, text, utf8_encode(code, text));
}

bool lex_unescape(Arena *a, Str s, bool bytes, Str *out)
{
    static const char from[] = "\\'\"abfnrtv0", to[] = "\\'\"\a\b\f\n\r\t\v";
    Buf b = BUF_INIT(a, s.n + 4);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\' || i + 1 == s.n) {
            buf_byte(&b, s.p[i]);
            continue;
        }
        char c = s.p[++i];
        const char *known = memchr(from, c, sizeof from - 1);
        if (c == '\n')
            continue;
        if (known) {
            buf_byte(&b, to[known - from]);
        } else if (c == 'x' || ((c == 'u' || c == 'U') && !bytes)) {
            if (!add_code(&b, s, &i, c == 'x' ? 2 : c == 'u' ? 4 : 8, bytes))
                return false;
        } else {
            buf_byte(&b, '\\');
            buf_byte(&b, c);
        }
    }
    *out = buf_view(&b);
    return !b.failed;
}

static Token wrong(Lexer *l, const char *why)
{
    l->error = why;
    return (Token){ .kind = TOKEN_WRONG };
}

static Token number(Lexer *l)
{
    size_t begin = l->at;
    bool fraction = false;
    Buf digits = BUF_INIT(l->arena, SIZE_MAX >> 1);
    while (l->at < l->text.n) {
        char c = l->text.p[l->at];
        bool exponent = (c == '+' || c == '-') && (l->text.p[l->at - 1] | 32) == 'e' && l->at > begin;
        if (!is_digit(c) && c != '_' && c != '.' && (c | 32) != 'e' && !exponent)
            break;
        fraction |= c == '.' || (c | 32) == 'e';
        if (c != '_')
            buf_byte(&digits, c);
        l->at++;
    }
    Token t = { .kind = TOKEN_CONSTANT, .text = str_slice(l->text, begin, l->at) };
    double d;
    int64_t i;
    Str text = buf_view(&digits);
    if (fraction) {
        if (!double_parse(text, &d))
            return wrong(l, "this is no number");
        t.value = value_double(d);
    } else if (str_to_i64(text, &i)) {
        t.value = value_int(i);
    } else {
        Decimal *big = NEW(l->arena, Decimal);
        if (decimal_parse(l->arena, text, big) != DECIMAL_OK)
            return wrong(l, "this is no number");
        t.value = value_bigint(big);
    }
    return t;
}

static Token text(Lexer *l, Str prefix)
{
    bool raw = false, bytes = false, format = false;
    for (size_t i = 0; i < prefix.n; i++) {
        raw |= (prefix.p[i] | 32) == 'r';
        bytes |= (prefix.p[i] | 32) == 'b';
        format |= (prefix.p[i] | 32) == 'f';
    }
    char quote = l->text.p[l->at];
    size_t quotes = l->at + 2 < l->text.n && l->text.p[l->at + 1] == quote && l->text.p[l->at + 2] == quote ? 3 : 1;
    size_t begin = l->at + quotes, i = begin;
    for (;; i++) {
        if (i + quotes > l->text.n || (quotes == 1 && l->text.p[i] == '\n'))
            return wrong(l, "the text is not closed");
        if (l->text.p[i] == '\\') {
            i++;
            continue;
        }
        if (l->text.p[i] == quote && (quotes == 1 || (l->text.p[i + 1] == quote && l->text.p[i + 2] == quote)))
            break;
    }
    Str inner = str_slice(l->text, begin, i);
    l->at = i + quotes;
    if (format)
        return (Token){ .kind = TOKEN_FORMAT, .text = inner, .raw = raw };
    Str out = inner;
    if (!raw && !lex_unescape(l->arena, inner, bytes, &out))
        return wrong(l, "the text has an escape that is none");
    return (Token){ .kind = TOKEN_CONSTANT, .text = inner, .value = bytes ? value_bytes(out) : value_str(out) };
}

static void skip(Lexer *l)
{
    for (; l->at < l->text.n; l->at++) {
        char c = l->text.p[l->at];
        if (c == '#')
            while (l->at + 1 < l->text.n && l->text.p[l->at + 1] != '\n')
                l->at++;
        else if (c == '\\' && l->at + 1 < l->text.n && l->text.p[l->at + 1] == '\n')
            l->at++;
        else if (c != ' ' && c != '\t' && c != '\r' && !(c == '\n' && l->open))
            break;
    }
}

static Token next(Lexer *l)
{
    static const char *const signs[] = { "**", "==", "!=", "<=", ">=", "//", "<<", ">>", "+=",
                                         "-=", "*=", "/=", "|=", "&=", "^=", "%=", NULL };
    if (l->at >= l->text.n)
        return (Token){ .kind = TOKEN_END };
    size_t begin = l->at;
    char c = l->text.p[begin];
    if (c == '\n' || c == ';') {
        l->at++;
        return (Token){ .kind = TOKEN_LINE, .text = str_slice(l->text, begin, l->at) };
    }
    if (is_digit(c) || (c == '.' && begin + 1 < l->text.n && is_digit(l->text.p[begin + 1])))
        return number(l);
    if (c == '"' || c == '\'')
        return text(l, (Str){ 0 });
    if (is_name_start(c)) {
        while (l->at < l->text.n && (is_name_start(l->text.p[l->at]) || is_digit(l->text.p[l->at])))
            l->at++;
        Str name = str_slice(l->text, begin, l->at);
        bool prefix = name.n <= 2 && l->at < l->text.n && (l->text.p[l->at] == '"' || l->text.p[l->at] == '\'');
        for (size_t i = 0; i < name.n; i++)
            prefix &= memchr("rRbBfFuU", name.p[i], 8) != NULL;
        return prefix ? text(l, name) : (Token){ .kind = TOKEN_NAME, .text = name };
    }
    for (size_t i = 0; signs[i]; i++)
        if (str_starts(str_from_byte(l->text, begin), str_c(signs[i]))) {
            l->at += 2;
            return (Token){ .kind = TOKEN_SIGN, .text = str_slice(l->text, begin, l->at) };
        }
    if (!memchr("()[]{}.,:=+-*/%&|^~<>@!", c, 23))
        return wrong(l, "this character means nothing here");
    l->open += memchr("([{", c, 3) != NULL;
    l->open -= l->open && memchr(")]}", c, 3) != NULL;
    l->at++;
    return (Token){ .kind = TOKEN_SIGN, .text = str_slice(l->text, begin, l->at) };
}

Token lex_next(Lexer *l)
{
    skip(l);
    size_t begin = l->at;
    Token t = next(l);
    t.at = begin;
    return t;
}
