/* dotenv.c: one pass over the text; a line that is not understood is skipped to its end. */
#include <clef/conf/dotenv.h>

#include <clef/base/buf.h>
#include <clef/base/vec.h>

typedef struct Parser {
    Arena *arena;
    Str in;
    size_t at;
    uint32_t line;
    Dotenv *out;
    DotenvLookup *lookup;
    void *arg;
} Parser;

static int peek(const Parser *p) { return p->at < p->in.n ? (unsigned char)p->in.p[p->at] : -1; }
static bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }
static bool is_end(int c) { return c == -1 || c == '\n' || c == '\r'; }

static void skip_blanks(Parser *p)
{
    while (is_blank(peek(p)))
        p->at++;
}

static void skip_line(Parser *p)
{
    while (!is_end(peek(p)))
        p->at++;
}

/* Past one end of line. */
static void end_line(Parser *p)
{
    if (peek(p) == '\r')
        p->at++;
    if (peek(p) == '\n' || (p->at && p->in.p[p->at - 1] == '\r'))
        p->at += peek(p) == '\n';
    p->line++;
}

static bool take_name(Parser *p, Str *name)
{
    size_t from = p->at;
    if (peek(p) == '\'') {
        from = ++p->at;
        while (!is_end(peek(p)) && peek(p) != '\'')
            p->at++;
        *name = str_slice(p->in, from, p->at);
        if (peek(p) != '\'')
            return false;
        p->at++;
        return name->n > 0;
    }
    while (!is_end(peek(p)) && !is_blank(peek(p)) && peek(p) != '=' && peek(p) != '#')
        p->at++;
    *name = str_slice(p->in, from, p->at);
    return name->n > 0;
}

static bool take_quoted(Parser *p, Buf *b)
{
    int quote = peek(p);
    for (p->at++; peek(p) != quote; p->at++) {
        int c = peek(p);
        if (c == -1)
            return false;
        p->line += c == '\n';
        if (c == '\\' && p->at + 1 < p->in.n) {
            char e = p->in.p[p->at + 1];
            static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
            const char *at = quote == '"' && e ? strchr(from, e) : NULL;
            if (at || e == '\\' || e == '\'' || (quote == '"' && e == '"')) {
                buf_byte(b, at ? to[at - from] : e);
                p->at++;
                continue;
            }
        }
        buf_byte(b, (char)c);
    }
    p->at++;
    return true;
}

static Str take_unquoted(Parser *p)
{
    size_t from = p->at;
    for (; !is_end(peek(p)); p->at++)
        if (peek(p) == '#' && p->at > from && is_blank((unsigned char)p->in.p[p->at - 1]))
            break;
    return str_trim(str_slice(p->in, from, p->at));
}

/* ${NAME} and ${NAME:-default}. */
static Str interpolate(Parser *p, Str s)
{
    if (str_find(s, STR("${")) == STR_NPOS)
        return s;
    Buf b = BUF_INIT(p->arena, DOTENV_MAX_BYTES);
    buf_add(&b, "", 0);
    for (size_t at; (at = str_find(s, STR("${"))) != STR_NPOS;) {
        size_t n = str_find_byte(str_from_byte(s, at), '}');
        if (n == STR_NPOS)
            break;
        Str name = str_slice(s, at + 2, at + n), fallback = STR("");
        size_t colon = str_find(name, STR(":-"));
        if (colon != STR_NPOS) {
            fallback = str_from_byte(name, colon + 2);
            name = str_slice(name, 0, colon);
        }
        Str value = p->lookup ? p->lookup(p->arg, name) : (Str){ 0 };
        if (str_is_null(value))
            value = dotenv_get(p->out, name);
        buf_str(&b, str_slice(s, 0, at));
        buf_str(&b, str_is_null(value) ? fallback : value);
        s = str_from_byte(s, at + n + 1);
    }
    buf_str(&b, s);
    return buf_view(&b);
}

/* One binding, from its first character. False when the line is not understood. */
static bool binding(Parser *p)
{
    DotenvEntry e = { .line = p->line };
    if (str_starts(str_from_byte(p->in, p->at), STR("export")) && p->at + 6 < p->in.n &&
        is_blank((unsigned char)p->in.p[p->at + 6])) {
        p->at += 6;
        skip_blanks(p);
    }
    if (!take_name(p, &e.name))
        return false;
    skip_blanks(p);
    if (peek(p) == '=') {
        p->at++;
        skip_blanks(p);
        if (peek(p) == '\'' || peek(p) == '"') {
            Buf b = BUF_INIT(p->arena, DOTENV_MAX_BYTES);
            size_t from = p->at;
            uint32_t line = p->line;
            buf_add(&b, "", 0);
            if (!take_quoted(p, &b)) {
                p->at = from;
                p->line = line;
                return false;
            }
            e.value = buf_view(&b);
        } else {
            e.value = take_unquoted(p);
        }
        if (e.value.p == NULL)
            e.value = STR("");
        e.value = interpolate(p, e.value);
    }
    skip_blanks(p);
    if (peek(p) == '#')
        skip_line(p);
    if (!is_end(peek(p)))
        return false;
    VEC_PUSH(p->arena, p->out, e);
    return true;
}

bool dotenv_parse(Arena *a, Str text, DotenvLookup *lookup, void *arg, Dotenv *out, uint32_t *bad_line)
{
    Parser p = { .arena = a, .in = text, .line = 1, .out = out, .lookup = lookup, .arg = arg };
    *out = (Dotenv){ 0 };
    *bad_line = 0;
    if (text.n > DOTENV_MAX_BYTES)
        return false;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        p.at = 3;
    while (p.at < text.n) {
        skip_blanks(&p);
        uint32_t line = p.line;
        if (peek(&p) == '#')
            skip_line(&p);
        else if (!is_end(peek(&p)) && !binding(&p)) {
            if (!*bad_line)
                *bad_line = line;
            skip_line(&p);
        }
        if (out->n >= DOTENV_MAX_ENTRIES)
            return false;
        if (p.at < text.n)
            end_line(&p);
    }
    return true;
}

Str dotenv_get(const Dotenv *d, Str name)
{
    for (size_t i = d->n; i-- > 0;)
        if (str_eq(d->p[i].name, name))
            return d->p[i].value;
    return (Str){ 0 };
}
