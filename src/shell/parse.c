/*
 * parse.c: statements to trees, by precedence as Python has it. What Python has and the shell has not (def, for, import,
 * lambda) is told by name.
 */
#include "shell/ast.h"
#include "shell/lex.h"
#include <clef/base/vec.h>

typedef struct Parser {
    Lexer lexer;
    Token token;
    Str error;
    unsigned depth;
} Parser;

static Ast *expression(Parser *p);

/* --- tools */

static bool failed(const Parser *p) { return p->error.n > 0; }

static CLEF_PRINTF(2, 3) Ast *fail(Parser *p, const char *format, ...)
{
    if (failed(p))
        return NULL;
    size_t line = 1, column = 1;
    size_t at = p->lexer.at - (p->token.text.n <= p->lexer.at ? p->token.text.n : 0);
    for (size_t i = 0; i < at && i < p->lexer.text.n; i++) {
        column = p->lexer.text.p[i] == '\n' ? 1 : column + 1;
        line += p->lexer.text.p[i] == '\n';
    }
    Buf b = BUF_INIT(p->lexer.arena, 4096);
    buf_printf(&b, "line %zu, column %zu: ", line, column);
    va_list args;
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    p->error = buf_view(&b);
    return NULL;
}

static void step(Parser *p)
{
    p->token = lex_next(&p->lexer);
    if (p->token.kind == TOKEN_WRONG)
        fail(p, "%s", p->lexer.error);
}

static bool is_sign(const Parser *p, const char *sign)
{
    return p->token.kind == TOKEN_SIGN && str_eq(p->token.text, str_c(sign));
}
static bool is_word(const Parser *p, const char *word)
{
    return p->token.kind == TOKEN_NAME && str_eq(p->token.text, str_c(word));
}

static bool take_sign(Parser *p, const char *sign)
{
    if (!is_sign(p, sign))
        return false;
    step(p);
    return true;
}

static void want(Parser *p, const char *sign)
{
    if (!take_sign(p, sign))
        fail(p, "'%s' is missing here", sign);
}

static Ast *node(Parser *p, AstKind kind, Str text, size_t n, Ast *const *parts)
{
    Ast *a = NEW(p->lexer.arena, Ast);
    *a = (Ast){ .kind = kind, .text = text, .n = n };
    a->parts = NEW_ARRAY(p->lexer.arena, Ast *, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        a->parts[i] = parts[i];
    return a;
}

typedef VEC(Ast *) Parts;

/* --- atoms */

/* f"b{i}!": texts and expressions. */
static Ast *pieces(Parser *p, Token t)
{
    Parts parts = { 0 };
    size_t begin = 0;
    for (size_t i = 0; i <= t.text.n && !failed(p); i++) {
        bool brace = i < t.text.n && t.text.p[i] == '{';
        if (i < t.text.n && !brace)
            continue;
        if (i > begin) {
            Str text = str_slice(t.text, begin, i);
            if (!t.raw && !lex_unescape(p->lexer.arena, text, false, &text))
                return fail(p, "the text has an escape that is none");
            Ast *piece = node(p, AST_CONSTANT, (Str){ 0 }, 0, NULL);
            piece->value = value_str(text);
            VEC_PUSH(p->lexer.arena, &parts, piece);
        }
        if (!brace)
            break;
        size_t end = i + 1;
        while (end < t.text.n && t.text.p[end] != '}')
            end++;
        if (end == t.text.n)
            return fail(p, "f-string: expecting '}'");
        Program inner;
        Str error;
        if (!shell_parse(p->lexer.arena, str_slice(t.text, i + 1, end), &inner, &error) || inner.n != 1)
            return fail(p, "f-string: this is no expression");
        VEC_PUSH(p->lexer.arena, &parts, inner.p[0]);
        begin = end + 1;
        i = end;
    }
    return node(p, AST_PIECES, (Str){ 0 }, parts.n, parts.p);
}

/* Elements up to the closing sign; *comma: there was one. */
static Parts elements(Parser *p, const char *close, bool *comma)
{
    Parts parts = { 0 };
    *comma = false;
    while (!failed(p) && !is_sign(p, close)) {
        Ast *e = expression(p);
        if (!failed(p) && is_word(p, "for") && !parts.n) {
            step(p);
            Str name = p->token.text;
            if (p->token.kind != TOKEN_NAME)
                fail(p, "the name of a variable is missing");
            step(p);
            if (!is_word(p, "in"))
                fail(p, "'in' is missing here");
            step(p);
            Ast *over = failed(p) ? NULL : expression(p);
            e = failed(p) ? NULL : node(p, AST_EACH, name, 2, (Ast *[]){ e, over });
        }
        if (failed(p))
            break;
        VEC_PUSH(p->lexer.arena, &parts, e);
        if (!take_sign(p, ","))
            break;
        *comma = true;
    }
    want(p, close);
    return parts;
}

static Ast *list(Parser *p)
{
    bool comma;
    Parts parts = elements(p, "]", &comma);
    if (parts.n == 1 && !failed(p) && parts.p[0]->kind == AST_EACH)
        return parts.p[0];
    return node(p, AST_LIST, (Str){ 0 }, parts.n, parts.p);
}

static Ast *parenthesised(Parser *p)
{
    bool comma;
    Parts parts = elements(p, ")", &comma);
    if (parts.n == 1 && !comma)
        return parts.p[0];
    return node(p, AST_TUPLE, (Str){ 0 }, parts.n, parts.p);
}

static Ast *map(Parser *p)
{
    Parts parts = { 0 };
    while (!failed(p) && !is_sign(p, "}")) {
        VEC_PUSH(p->lexer.arena, &parts, expression(p));
        want(p, ":");
        VEC_PUSH(p->lexer.arena, &parts, failed(p) ? NULL : expression(p));
        if (!take_sign(p, ","))
            break;
    }
    want(p, "}");
    return node(p, AST_MAP, (Str){ 0 }, parts.n, parts.p);
}

static Ast *constant(Parser *p, Value v)
{
    Ast *a = node(p, AST_CONSTANT, (Str){ 0 }, 0, NULL);
    a->value = v;
    return a;
}

static Ast *word(Parser *p, Str name)
{
    static const char *const missing[] = { "def",    "class", "for",  "while", "if",   "import", "from", "lambda",
                                           "return", "del",   "with", "try",   "else", "in",     "is",   NULL };
    if (str_eq(name, STR("None")))
        return constant(p, value_null());
    if (str_eq(name, STR("True")) || str_eq(name, STR("False")))
        return constant(p, value_bool(name.n == 4));
    for (size_t i = 0; missing[i]; i++)
        if (str_eq(name, str_c(missing[i])))
            return fail(p, "'%s': the shell has expressions and assignments only", missing[i]);
    return node(p, AST_NAME, name, 0, NULL);
}

static Ast *atom(Parser *p)
{
    Token t = p->token;
    if (t.kind == TOKEN_END || t.kind == TOKEN_LINE)
        return fail(p, "something is missing here");
    step(p);
    if (failed(p))
        return NULL;
    switch (t.kind) {
    case TOKEN_CONSTANT: {
        Value v = t.value;
        while (v.tag == VALUE_STR && p->token.kind == TOKEN_CONSTANT && p->token.value.tag == VALUE_STR) {
            v = value_str(str_concat(p->lexer.arena, v.s, p->token.value.s)); /* "a" "b" */
            step(p);
        }
        return constant(p, v);
    }
    case TOKEN_FORMAT:
        return pieces(p, t);
    case TOKEN_NAME:
        return word(p, t.text);
    default:
        break;
    }
    if (str_eq(t.text, STR("(")))
        return parenthesised(p);
    if (str_eq(t.text, STR("[")))
        return list(p);
    if (str_eq(t.text, STR("{")))
        return map(p);
    return fail(p, "'%.*s' cannot stand here", STR_FMT(t.text));
}

static Ast *arguments(Parser *p, Ast *callee)
{
    Parts parts = { 0 };
    VEC_PUSH(p->lexer.arena, &parts, callee);
    bool keywords = false;
    while (!failed(p) && !is_sign(p, ")")) {
        Ast *e = expression(p);
        if (!failed(p) && e->kind == AST_NAME && is_sign(p, "=")) {
            step(p);
            Ast *v = failed(p) ? NULL : expression(p);
            e = failed(p) ? NULL : node(p, AST_KEYWORD, e->text, 1, (Ast *[]){ v });
            keywords = true;
        } else if (keywords && !failed(p)) {
            fail(p, "positional argument follows keyword argument");
        } else if (!failed(p) && is_word(p, "for") && parts.n == 1) { /* f(x for x in y) */
            fail(p, "write the list with brackets: [... for ... in ...]");
        }
        if (failed(p))
            return NULL;
        VEC_PUSH(p->lexer.arena, &parts, e);
        if (!take_sign(p, ","))
            break;
    }
    want(p, ")");
    return node(p, AST_CALL, (Str){ 0 }, parts.n, parts.p);
}

static Ast *subscript(Parser *p, Ast *of)
{
    Ast *parts[3] = { NULL, NULL, NULL };
    size_t n = 0;
    bool slice = false;
    while (!failed(p) && !is_sign(p, "]")) {
        if (take_sign(p, ":")) {
            slice = true;
            if (++n == 3)
                return fail(p, "a slice has at most three parts");
            continue;
        }
        if (parts[n])
            return fail(p, "']' is missing here");
        parts[n] = expression(p);
    }
    want(p, "]");
    if (failed(p))
        return NULL;
    if (!slice && !parts[0])
        return fail(p, "the index is missing");
    Ast *index = slice ? node(p, AST_SLICE, (Str){ 0 }, 3, parts) : parts[0];
    return node(p, AST_INDEX, (Str){ 0 }, 2, (Ast *[]){ of, index });
}

static Ast *primary(Parser *p)
{
    Ast *a = atom(p);
    while (!failed(p)) {
        if (take_sign(p, ".")) {
            Str name = p->token.text;
            if (p->token.kind != TOKEN_NAME)
                return fail(p, "a name is missing behind '.'");
            step(p);
            a = node(p, AST_ATTRIBUTE, name, 1, (Ast *[]){ a });
        } else if (take_sign(p, "(")) {
            a = arguments(p, a);
        } else if (take_sign(p, "[")) {
            a = subscript(p, a);
        } else {
            break;
        }
    }
    return a;
}

/* --- operators, the loosest first */

static const char *const levels[][8] = {
    { "or" },
    { "and" },
    { "not" },
    { "==", "!=", "<", "<=", ">", ">=" },
    { "|" },
    { "^" },
    { "&" },
    { "+", "-" },
    { "*", "/", "//", "%" },
};
enum { LEVELS = sizeof levels / sizeof *levels, LEVEL_NOT = 2 };

/* The operator that stands here, and its level; NULL: none of `least` or tighter. */
static const char *operator_here(const Parser *p, size_t least, size_t *level)
{
    for (*level = least; *level < LEVELS; ++*level)
        for (size_t i = 0; *level != LEVEL_NOT && i < 8 && levels[*level][i]; i++)
            if ((*level < LEVEL_NOT ? is_word(p, levels[*level][i]) : is_sign(p, levels[*level][i])))
                return levels[*level][i];
    return NULL;
}

static Ast *unary(Parser *p)
{
    static const char *const signs[] = { "-", "+", "~" };
    if (p->depth >= SHELL_DEPTH_MAX)
        return fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *a = NULL;
    for (size_t i = 0; i < 3 && !a && !failed(p); i++)
        if (take_sign(p, signs[i])) {
            Ast *of = unary(p);
            a = failed(p) ? NULL : node(p, AST_UNARY, str_c(signs[i]), 1, (Ast *[]){ of });
        }
    if (!a && !failed(p)) {
        a = primary(p);
        if (!failed(p) && take_sign(p, "**")) {
            Ast *power = unary(p);
            a = failed(p) ? NULL : node(p, AST_BINARY, STR("**"), 2, (Ast *[]){ a, power });
        }
    }
    p->depth--;
    return a;
}

/* Operators of `least` and tighter levels. */
static Ast *binary(Parser *p, size_t least)
{
    Ast *a = NULL;
    if (p->depth >= SHELL_DEPTH_MAX)
        return fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    if (least <= LEVEL_NOT && is_word(p, "not")) {
        step(p);
        Ast *of = failed(p) ? NULL : binary(p, LEVEL_NOT);
        a = failed(p) ? NULL : node(p, AST_UNARY, STR("not"), 1, (Ast *[]){ of });
    } else {
        a = unary(p);
    }
    const char *sign;
    size_t level;
    while (!failed(p) && (sign = operator_here(p, least, &level)) != NULL) {
        step(p);
        Ast *b = failed(p) ? NULL : binary(p, level + 1);
        if (!failed(p))
            a = node(p, AST_BINARY, str_c(sign), 2, (Ast *[]){ a, b });
    }
    p->depth--;
    return a;
}

static Ast *expression(Parser *p) { return binary(p, 0); }

/* --- statements */

static Ast *statement(Parser *p)
{
    Ast *a = expression(p);
    if (!failed(p) && is_sign(p, ",")) { /* a, b */
        Parts parts = { 0 };
        VEC_PUSH(p->lexer.arena, &parts, a);
        while (!failed(p) && take_sign(p, ",") && p->token.kind != TOKEN_END && p->token.kind != TOKEN_LINE)
            VEC_PUSH(p->lexer.arena, &parts, expression(p));
        a = node(p, AST_TUPLE, (Str){ 0 }, parts.n, parts.p);
    }
    if (!failed(p) && take_sign(p, "=")) {
        if (a->kind != AST_NAME && a->kind != AST_ATTRIBUTE)
            return fail(p, "only a name or an attribute can be assigned to");
        Ast *v = expression(p);
        return failed(p) ? NULL : node(p, AST_ASSIGN, (Str){ 0 }, 2, (Ast *[]){ a, v });
    }
    return a;
}

bool shell_parse(Arena *a, Str text, Program *out, Str *error)
{
    Parser p = { .lexer = { .arena = a, .text = text } };
    Parts statements = { 0 };
    *out = (Program){ 0 };
    if (text.n > SHELL_TEXT_MAX) {
        *error = str_format(a, "more than %d bytes", SHELL_TEXT_MAX);
        return false;
    }
    step(&p);
    while (!failed(&p) && p.token.kind != TOKEN_END) {
        if (p.token.kind == TOKEN_LINE) {
            step(&p);
            continue;
        }
        Ast *s = statement(&p);
        if (failed(&p))
            break;
        if (p.token.kind != TOKEN_END && p.token.kind != TOKEN_LINE) {
            fail(&p, "'%.*s' cannot stand here", STR_FMT(p.token.text));
            break;
        }
        VEC_PUSH(a, &statements, s);
    }
    *out = (Program){ statements.p, statements.n };
    *error = p.error;
    return !failed(&p);
}

bool shell_goes_on(Str text)
{
    char quote = 0;
    int open = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quote) {
            i += c == '\\';
            if (c == quote || c == '\n')
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            while (i + 1 < text.n && text.p[i + 1] != '\n')
                i++;
        } else {
            open += memchr("([{", c, 3) != NULL;
            open -= memchr(")]}", c, 3) != NULL;
        }
    }
    return open > 0 || (text.n && text.p[text.n - 1] == '\\');
}
