/*
 * parse.c: expressions to trees, by precedence as Python has it. What Python has and the shell has not (def, class, while)
 * is told by name.
 */
#include "shell/parse.h"

/* --- tools */

Ast *parse_fail(Parser *p, const char *format, ...)
{
    if (parse_failed(p))
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

void parse_step(Parser *p)
{
    p->token = lex_next(&p->lexer);
    if (p->token.kind == TOKEN_WRONG)
        parse_fail(p, "%s", p->lexer.error);
}

bool parse_is_sign(const Parser *p, const char *sign)
{
    return p->token.kind == TOKEN_SIGN && str_eq(p->token.text, str_c(sign));
}
bool parse_is_word(const Parser *p, const char *word)
{
    return p->token.kind == TOKEN_NAME && str_eq(p->token.text, str_c(word));
}

bool parse_take(Parser *p, const char *sign)
{
    if (!parse_is_sign(p, sign))
        return false;
    parse_step(p);
    return true;
}

bool parse_take_word(Parser *p, const char *word)
{
    if (!parse_is_word(p, word))
        return false;
    parse_step(p);
    return true;
}

void parse_want(Parser *p, const char *sign)
{
    if (!parse_take(p, sign))
        parse_fail(p, "'%s' is missing here", sign);
}

Ast *parse_node(Parser *p, AstKind kind, Str text, size_t n, Ast *const *parts)
{
    Ast *a = NEW(p->lexer.arena, Ast);
    *a = (Ast){ .kind = kind, .text = text, .n = n };
    a->parts = NEW_ARRAY(p->lexer.arena, Ast *, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        a->parts[i] = parts[i];
    return a;
}

/* A part that may have failed, among others. */
static void push(Parser *p, Parts *parts, Ast *part) { VEC_PUSH(p->lexer.arena, parts, part); }

static Ast *constant(Parser *p, Value v)
{
    Ast *a = parse_node(p, AST_CONSTANT, (Str){ 0 }, 0, NULL);
    a->value = v;
    return a;
}

/* --- atoms */

/* Where the expression in a text's braces ends: at the '}', '!' or ':' that closes it. */
static size_t end_of_braces(Str s, size_t i)
{
    unsigned open = 0;
    char quote = 0;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (memchr("([{", c, 3)) {
            open++;
        } else if (open && memchr(")]}", c, 3)) {
            open--;
        } else if (!open && (c == '}' || c == ':' || (c == '!' && i + 1 < s.n && s.p[i + 1] != '='))) {
            return i;
        }
    }
    return s.n;
}

static bool add_text(Parser *p, Parts *parts, Str text, bool raw)
{
    if (text.n && !raw && !lex_unescape(p->lexer.arena, text, false, &text))
        return parse_fail(p, "the text has an escape that is none") != NULL;
    if (text.n)
        push(p, parts, constant(p, value_str(text)));
    return true;
}

/* f"b{i!r:>5}!": texts and expressions. */
static Ast *pieces(Parser *p, Token t)
{
    Parts parts = { 0 };
    Str s = t.text;
    size_t begin = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '{' && s.p[i] != '}')
            continue;
        if (i + 1 < s.n && s.p[i + 1] == s.p[i]) { /* {{ is { */
            if (!add_text(p, &parts, str_slice(s, begin, i + 1), t.raw))
                return NULL;
            begin = ++i + 1;
            continue;
        }
        size_t end = end_of_braces(s, i + 1);
        if (s.p[i] == '}' || end == s.n)
            return parse_fail(p, s.p[i] == '}' ? "f-string: single '}' is not allowed" : "f-string: expecting '}'");
        Program inner;
        Str error, conversion = { 0 };
        if (!add_text(p, &parts, str_slice(s, begin, i), t.raw))
            return NULL;
        if (!shell_parse(p->lexer.arena, str_trim(str_slice(s, i + 1, end)), &inner, &error) || inner.n != 1 ||
            inner.p[0]->kind >= AST_ASSIGN)
            return parse_fail(p, "f-string: this is no expression");
        if (s.p[end] == '!') {
            conversion = str_slice(s, end + 1, end + 2);
            end += 2;
        }
        Ast *piece = parse_node(p, AST_FORMAT, conversion, 1, inner.p);
        if (end < s.n && s.p[end] == ':') {
            size_t close = str_find_byte(str_from_byte(s, end), '}');
            close = close == STR_NPOS ? s.n : end + close;
            piece->value = value_str(str_slice(s, end + 1, close));
            end = close;
        }
        if (end >= s.n || s.p[end] != '}')
            return parse_fail(p, "f-string: expecting '}'");
        push(p, &parts, piece);
        i = end;
        begin = end + 1;
    }
    if (!add_text(p, &parts, str_from_byte(s, begin), t.raw))
        return NULL;
    return parse_node(p, AST_PIECES, (Str){ 0 }, parts.n, parts.p);
}

static Ast *element(Parser *p)
{
    if (!parse_take(p, "*"))
        return parse_expression(p);
    Ast *of = parse_expression(p);
    return parse_failed(p) ? NULL : parse_node(p, AST_STAR, (Str){ 0 }, 1, &of);
}

static Ast *or_test(Parser *p);

/* The clauses behind an element: for x in y if z for ... */
static Ast *each(Parser *p, const char *kind, Ast *of)
{
    Parts parts = { 0 };
    push(p, &parts, of);
    while (!parse_failed(p) && parse_take_word(p, "for")) {
        Ast *target = parse_target(p), *over, *condition = NULL;
        if (!parse_failed(p) && !parse_take_word(p, "in"))
            parse_fail(p, "'in' is missing here");
        over = parse_failed(p) ? NULL : or_test(p);
        while (!parse_failed(p) && parse_take_word(p, "if")) {
            Ast *one = or_test(p);
            condition = parse_failed(p) || !condition
                            ? one
                            : parse_node(p, AST_BINARY, STR("and"), 2, (Ast *[]){ condition, one });
        }
        push(p, &parts, target);
        push(p, &parts, over);
        push(p, &parts, condition);
    }
    return parse_failed(p) ? NULL : parse_node(p, AST_EACH, str_c(kind), parts.n, parts.p);
}

/* Elements up to the closing sign; *comma: there was one. `kind`: of a comprehension. */
static Parts elements(Parser *p, const char *close, const char *kind, bool *comma)
{
    Parts parts = { 0 };
    *comma = false;
    while (!parse_failed(p) && !parse_is_sign(p, close)) {
        Ast *e = element(p);
        if (!parse_failed(p) && parse_is_word(p, "for") && !parts.n)
            e = each(p, kind, e);
        if (parse_failed(p))
            break;
        push(p, &parts, e);
        if (!parse_take(p, ","))
            break;
        *comma = true;
    }
    parse_want(p, close);
    return parts;
}

static Ast *list(Parser *p)
{
    bool comma;
    Parts parts = elements(p, "]", "[", &comma);
    if (parts.n == 1 && !parse_failed(p) && parts.p[0]->kind == AST_EACH && *parts.p[0]->text.p == '[')
        return parts.p[0];
    return parse_node(p, AST_LIST, (Str){ 0 }, parts.n, parts.p);
}

static Ast *parenthesised(Parser *p)
{
    bool comma;
    Parts parts = elements(p, ")", "(", &comma);
    if (parts.n == 1 && !comma && !parse_failed(p) && parts.p[0]->kind != AST_STAR)
        return parts.p[0];
    return parse_node(p, AST_TUPLE, (Str){ 0 }, parts.n, parts.p);
}

/* {k: v}, {**other}, {a, b}, and comprehensions of both. */
static Ast *braces(Parser *p)
{
    Parts parts = { 0 };
    bool set = false, map = false;
    while (!parse_failed(p) && !parse_is_sign(p, "}")) {
        Ast *key = NULL, *value = NULL;
        if (!set && parse_take(p, "**")) {
            value = parse_expression(p);
            map = true;
        } else {
            key = element(p);
            if (!parse_failed(p) && !set && key->kind != AST_STAR && (map || parse_is_sign(p, ":"))) {
                parse_want(p, ":");
                value = parse_failed(p) ? NULL : parse_expression(p);
                map = true;
            } else {
                set = true;
            }
        }
        if (!parse_failed(p) && !parts.n && parse_is_word(p, "for")) {
            Ast *of = map ? parse_node(p, AST_TUPLE, (Str){ 0 }, 2, (Ast *[]){ key, value }) : key;
            Ast *a = map && !key ? parse_fail(p, "** cannot stand here") : each(p, map ? ":" : "{", of);
            parse_want(p, "}");
            return a;
        }
        push(p, &parts, key);
        if (map)
            push(p, &parts, value);
        if (!parse_take(p, ","))
            break;
    }
    parse_want(p, "}");
    return parse_node(p, set ? AST_SET : AST_MAP, (Str){ 0 }, parts.n, parts.p);
}

static Ast *lambda(Parser *p)
{
    Parts parts = { 0 };
    push(p, &parts, NULL);
    while (!parse_failed(p) && !parse_is_sign(p, ":")) {
        if (p->token.kind != TOKEN_NAME)
            return parse_fail(p, "the name of an argument is missing");
        push(p, &parts, parse_node(p, AST_NAME, p->token.text, 0, NULL));
        parse_step(p);
        if (!parse_take(p, ","))
            break;
    }
    parse_want(p, ":");
    parts.p[0] = parse_failed(p) ? NULL : parse_expression(p);
    return parse_failed(p) ? NULL : parse_node(p, AST_LAMBDA, (Str){ 0 }, parts.n, parts.p);
}

static Ast *word(Parser *p, Str name)
{
    static const char *const missing[] = { "def",    "class",  "while", "async", "await",    "yield",
                                           "return", "global", "raise", "break", "continue", NULL };
    static const char *const elsewhere[] = { "for", "if", "else", "elif",   "in",  "is",   "with", "try", "except",
                                             "and", "or", "not",  "import", "del", "from", "pass", "as",  NULL };
    if (str_eq(name, STR("None")))
        return constant(p, value_null());
    if (str_eq(name, STR("True")) || str_eq(name, STR("False")))
        return constant(p, value_bool(name.n == 4));
    for (size_t i = 0; missing[i]; i++)
        if (str_eq(name, str_c(missing[i])))
            return parse_fail(p, "'%s': the shell has no definitions and no loops but `for`", missing[i]);
    for (size_t i = 0; elsewhere[i]; i++)
        if (str_eq(name, str_c(elsewhere[i])))
            return parse_fail(p, "'%s' cannot stand here", elsewhere[i]);
    return parse_node(p, AST_NAME, name, 0, NULL);
}

/* "a" "b" f"{c}": one text. */
static Ast *texts(Parser *p, Ast *first)
{
    bool plain = first->kind == AST_CONSTANT;
    while (!parse_failed(p) &&
           ((p->token.kind == TOKEN_CONSTANT && p->token.value.tag == VALUE_STR) || p->token.kind == TOKEN_FORMAT)) {
        Token t = p->token;
        parse_step(p);
        if (plain && t.kind == TOKEN_CONSTANT) {
            first = constant(p, value_str(str_concat(p->lexer.arena, first->value.s, t.value.s)));
            continue;
        }
        Ast *next = t.kind == TOKEN_FORMAT ? pieces(p, t) : constant(p, t.value);
        if (parse_failed(p))
            return NULL;
        first = parse_node(p, AST_PIECES, (Str){ 0 }, 2, (Ast *[]){ first, next });
        plain = false;
    }
    return first;
}

static Ast *atom(Parser *p)
{
    Token t = p->token;
    if (t.kind == TOKEN_END || t.kind == TOKEN_LINE)
        return parse_fail(p, "something is missing here");
    parse_step(p);
    if (parse_failed(p))
        return NULL;
    switch (t.kind) {
    case TOKEN_CONSTANT:
        return t.value.tag == VALUE_STR ? texts(p, constant(p, t.value)) : constant(p, t.value);
    case TOKEN_FORMAT: {
        Ast *a = pieces(p, t);
        return parse_failed(p) ? NULL : texts(p, a);
    }
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
        return braces(p);
    return parse_fail(p, "'%.*s' cannot stand here", STR_FMT(t.text));
}

static Ast *argument(Parser *p, bool *keywords)
{
    bool star = parse_is_sign(p, "*"), stars = parse_is_sign(p, "**");
    if (star || stars) {
        parse_step(p);
        Ast *of = parse_failed(p) ? NULL : parse_expression(p);
        *keywords |= stars;
        return parse_failed(p) ? NULL : parse_node(p, stars ? AST_STARS : AST_STAR, (Str){ 0 }, 1, &of);
    }
    Ast *e = parse_expression(p);
    if (parse_failed(p))
        return NULL;
    if (e->kind == AST_NAME && parse_take(p, "=")) {
        Ast *v = parse_failed(p) ? NULL : parse_expression(p);
        *keywords = true;
        return parse_failed(p) ? NULL : parse_node(p, AST_KEYWORD, e->text, 1, &v);
    }
    if (*keywords)
        return parse_fail(p, "positional argument follows keyword argument");
    return parse_is_word(p, "for") ? each(p, "(", e) : e;
}

static Ast *arguments(Parser *p, Ast *callee)
{
    Parts parts = { 0 };
    push(p, &parts, callee);
    bool keywords = false;
    while (!parse_failed(p) && !parse_is_sign(p, ")")) {
        Ast *e = argument(p, &keywords);
        if (parse_failed(p))
            return NULL;
        push(p, &parts, e);
        if (!parse_take(p, ","))
            break;
    }
    parse_want(p, ")");
    return parse_node(p, AST_CALL, (Str){ 0 }, parts.n, parts.p);
}

static Ast *subscript(Parser *p, Ast *of)
{
    Ast *parts[3] = { NULL, NULL, NULL };
    size_t n = 0;
    bool slice = false;
    while (!parse_failed(p) && !parse_is_sign(p, "]")) {
        if (parse_take(p, ":")) {
            slice = true;
            if (++n == 3)
                return parse_fail(p, "a slice has at most three parts");
            continue;
        }
        if (parts[n])
            return parse_fail(p, "']' is missing here");
        parts[n] = slice ? parse_expression(p) : parse_expressions(p);
    }
    parse_want(p, "]");
    if (parse_failed(p))
        return NULL;
    if (!slice && !parts[0])
        return parse_fail(p, "the index is missing");
    Ast *index = slice ? parse_node(p, AST_SLICE, (Str){ 0 }, 3, parts) : parts[0];
    return parse_node(p, AST_INDEX, (Str){ 0 }, 2, (Ast *[]){ of, index });
}

static Ast *primary(Parser *p)
{
    Ast *a = atom(p);
    for (unsigned n = 0; !parse_failed(p); n++) {
        if (n == 4 * SHELL_DEPTH_MAX)
            return parse_fail(p, "this is nested deeper than %d", 4 * SHELL_DEPTH_MAX);
        if (parse_take(p, ".")) {
            Str name = p->token.text;
            if (p->token.kind != TOKEN_NAME)
                return parse_fail(p, "a name is missing behind '.'");
            parse_step(p);
            a = parse_node(p, AST_ATTRIBUTE, name, 1, (Ast *[]){ a });
        } else if (parse_take(p, "(")) {
            a = arguments(p, a);
        } else if (parse_take(p, "[")) {
            a = subscript(p, a);
        } else {
            break;
        }
    }
    return a;
}

/* --- operators, the loosest first */

static const char *const levels[][8] = {
    { "or" },     { "and" },
    { "not" },    { "==", "!=", "<", "<=", ">", ">=", "in", "is" },
    { "|" },      { "^" },
    { "&" },      { "<<", ">>" },
    { "+", "-" }, { "*", "/", "//", "%", "@" },
};
enum { LEVELS = sizeof levels / sizeof *levels, LEVEL_NOT = 2, LEVEL_COMPARE = 3 };

/* The operator that stands here, and its level; NULL: none of `least` or tighter. */
static const char *operator_here(const Parser *p, size_t least, size_t *level)
{
    if (p->token.kind != TOKEN_SIGN && p->token.kind != TOKEN_NAME)
        return NULL;
    for (*level = least; *level < LEVELS; ++*level)
        for (size_t i = 0; i < 8 && levels[*level][i]; i++)
            if (*level != LEVEL_NOT && str_eq(p->token.text, str_c(levels[*level][i])))
                return levels[*level][i];
    *level = LEVEL_COMPARE;
    return least <= LEVEL_COMPARE && parse_is_word(p, "not") ? "not in" : NULL;
}

static Ast *unary(Parser *p)
{
    static const char *const signs[] = { "-", "+", "~" };
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *a = NULL;
    for (size_t i = 0; i < 3 && !a && !parse_failed(p); i++)
        if (parse_take(p, signs[i])) {
            Ast *of = unary(p);
            a = parse_failed(p) ? NULL : parse_node(p, AST_UNARY, str_c(signs[i]), 1, (Ast *[]){ of });
        }
    if (!a && !parse_failed(p)) {
        a = primary(p);
        if (!parse_failed(p) && parse_take(p, "**")) {
            Ast *power = unary(p);
            a = parse_failed(p) ? NULL : parse_node(p, AST_BINARY, STR("**"), 2, (Ast *[]){ a, power });
        }
    }
    p->depth--;
    return a;
}

static Ast *binary(Parser *p, size_t least);

/* a < b <= c */
static Ast *comparison(Parser *p, Ast *first)
{
    Parts parts = { 0 };
    const char *sign;
    size_t level;
    push(p, &parts, first);
    while (!parse_failed(p) && (sign = operator_here(p, LEVEL_COMPARE, &level)) != NULL && level == LEVEL_COMPARE) {
        parse_step(p);
        if (str_eq(str_c(sign), STR("not in")) && !parse_take_word(p, "in"))
            return parse_fail(p, "'in' is missing here");
        if (str_eq(str_c(sign), STR("is")) && parse_take_word(p, "not"))
            sign = "is not";
        push(p, &parts, parse_node(p, AST_NAME, str_c(sign), 0, NULL));
        push(p, &parts, parse_failed(p) ? NULL : binary(p, LEVEL_COMPARE + 1));
    }
    return parse_failed(p) ? NULL : parse_node(p, AST_COMPARE, (Str){ 0 }, parts.n, parts.p);
}

static Ast *negation(Parser *p)
{
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *of = parse_failed(p) ? NULL : binary(p, LEVEL_NOT);
    p->depth--;
    return parse_failed(p) ? NULL : parse_node(p, AST_UNARY, STR("not"), 1, (Ast *[]){ of });
}

/* Operators of `least` and tighter levels. */
static Ast *binary(Parser *p, size_t least)
{
    Ast *a = least <= LEVEL_NOT && parse_take_word(p, "not") ? negation(p) : unary(p);
    const char *sign;
    size_t level;
    unsigned n = 0;
    while (!parse_failed(p) && (sign = operator_here(p, least, &level)) != NULL) {
        if (++n > 4 * SHELL_DEPTH_MAX)
            return parse_fail(p, "more than %d operators in a row", 4 * SHELL_DEPTH_MAX);
        if (level == LEVEL_COMPARE) {
            a = comparison(p, a);
            continue;
        }
        parse_step(p);
        Ast *b = parse_failed(p) ? NULL : binary(p, level + 1);
        if (!parse_failed(p))
            a = parse_node(p, AST_BINARY, str_c(sign), 2, (Ast *[]){ a, b });
    }
    return a;
}

static Ast *or_test(Parser *p) { return binary(p, 0); }

Ast *parse_expression(Parser *p)
{
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *a = parse_take_word(p, "lambda") ? lambda(p) : binary(p, 0);
    if (!parse_failed(p) && parse_take_word(p, "if")) {
        Ast *condition = parse_failed(p) ? NULL : or_test(p), *otherwise = NULL;
        if (!parse_failed(p) && !parse_take_word(p, "else"))
            parse_fail(p, "'else' is missing here");
        otherwise = parse_failed(p) ? NULL : parse_expression(p);
        a = parse_failed(p) ? NULL : parse_node(p, AST_CHOICE, (Str){ 0 }, 3, (Ast *[]){ condition, a, otherwise });
    }
    p->depth--;
    return a;
}

static bool ends_expressions(const Parser *p)
{
    static const char *const closing[] = { ")", "]", "}", "=", ":" };
    for (size_t i = 0; i < CLEF_COUNT(closing); i++)
        if (parse_is_sign(p, closing[i]))
            return true;
    return p->token.kind == TOKEN_END || p->token.kind == TOKEN_LINE || parse_is_word(p, "in");
}

static Ast *listed(Parser *p, Ast *(*one)(Parser *p))
{
    Ast *a = one(p);
    if (parse_failed(p) || !parse_is_sign(p, ","))
        return a;
    Parts parts = { 0 };
    push(p, &parts, a);
    while (!parse_failed(p) && parse_take(p, ",") && !ends_expressions(p))
        push(p, &parts, one(p));
    return parse_node(p, AST_TUPLE, (Str){ 0 }, parts.n, parts.p);
}

Ast *parse_expressions(Parser *p) { return listed(p, element); }

/* No operators: `in` would be one. */
static Ast *one_target(Parser *p)
{
    Ast *a = primary(p);
    if (!parse_failed(p) && a->kind != AST_NAME && a->kind != AST_TUPLE && a->kind != AST_ATTRIBUTE &&
        a->kind != AST_INDEX && a->kind != AST_LIST)
        return parse_fail(p, "the name of a variable is missing");
    return a;
}

Ast *parse_target(Parser *p) { return listed(p, one_target); }
