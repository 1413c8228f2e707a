/* statement.c: statements: assignments, for, if, with, try, import; blocks by indentation or on the same line. */
#include "shell/parse.h"

static Ast *statement(Parser *p);

/* --- blocks */

static size_t indent_here(const Parser *p)
{
    size_t at = p->token.at, begin = at;
    while (begin > 0 && p->lexer.text.p[begin - 1] != '\n')
        begin--;
    size_t n = 0;
    while (begin + n < at && (p->lexer.text.p[begin + n] == ' ' || p->lexer.text.p[begin + n] == '\t'))
        n++;
    return n;
}

static bool at_line_end(const Parser *p)
{
    return p->token.kind == TOKEN_END || (p->token.kind == TOKEN_LINE && p->token.text.p[0] == '\n');
}

static void skip_lines(Parser *p)
{
    while (!parse_failed(p) && p->token.kind == TOKEN_LINE)
        parse_step(p);
}

static void separated(Parser *p)
{
    if (!p->ended && !parse_failed(p) && p->token.kind != TOKEN_END && p->token.kind != TOKEN_LINE)
        parse_fail(p, "'%.*s' cannot stand here", STR_FMT(p->token.text));
}

/* Behind a statement's ':'. `indent`: the statement's own. */
static Ast *block(Parser *p, size_t indent)
{
    Parts parts = { 0 };
    parse_want(p, ":");
    if (parse_failed(p))
        return NULL;
    if (!at_line_end(p)) {
        while (!parse_failed(p) && !at_line_end(p)) {
            if (p->token.kind == TOKEN_LINE) {
                parse_step(p);
                continue;
            }
            VEC_PUSH(p->lexer.arena, &parts, statement(p));
            separated(p);
            if (p->ended)
                break;
        }
    } else {
        skip_lines(p);
        size_t inner = indent_here(p);
        if (p->token.kind == TOKEN_END || inner <= indent)
            return parse_fail(p, "a block is missing here: indented lines");
        while (!parse_failed(p) && p->token.kind != TOKEN_END && indent_here(p) == inner) {
            VEC_PUSH(p->lexer.arena, &parts, statement(p));
            separated(p);
            skip_lines(p);
        }
        if (!parse_failed(p) && p->token.kind != TOKEN_END && indent_here(p) > indent)
            return parse_fail(p, "the indentation does not fit the lines above");
        p->ended = true;
        return parse_failed(p) ? NULL : parse_node(p, AST_BLOCK, (Str){ 0 }, parts.n, parts.p);
    }
    p->ended = p->ended || at_line_end(p);
    return parse_failed(p) ? NULL : parse_node(p, AST_BLOCK, (Str){ 0 }, parts.n, parts.p);
}

/* A word that goes on with the statement before it: `else`, `except`. */
static bool goes_on(Parser *p, const char *word, size_t indent)
{
    if (parse_failed(p) || !p->ended)
        return false;
    Parser before = *p;
    skip_lines(p);
    if (parse_is_word(p, word) && indent_here(p) == indent) {
        parse_step(p);
        return true;
    }
    *p = before;
    return false;
}

/* --- statements with blocks */

static Ast *for_statement(Parser *p, size_t indent)
{
    Ast *target = parse_target(p), *over = NULL;
    if (!parse_failed(p) && !parse_take_word(p, "in"))
        parse_fail(p, "'in' is missing here");
    over = parse_failed(p) ? NULL : parse_expressions(p);
    Ast *body = parse_failed(p) ? NULL : block(p, indent);
    return parse_failed(p) ? NULL : parse_node(p, AST_FOR, (Str){ 0 }, 3, (Ast *[]){ target, over, body });
}

static Ast *if_statement(Parser *p, size_t indent)
{
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *condition = parse_expression(p), *then = parse_failed(p) ? NULL : block(p, indent), *otherwise = NULL;
    if (goes_on(p, "elif", indent))
        otherwise = if_statement(p, indent);
    else if (goes_on(p, "else", indent))
        otherwise = block(p, indent);
    p->depth--;
    return parse_failed(p) ? NULL : parse_node(p, AST_IF, (Str){ 0 }, 3, (Ast *[]){ condition, then, otherwise });
}

static Ast *with_statement(Parser *p, size_t indent)
{
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *manager = parse_expression(p), *target = NULL, *body;
    if (!parse_failed(p) && parse_take_word(p, "as"))
        target = parse_target(p);
    if (!parse_failed(p) && parse_take(p, ","))
        body = with_statement(p, indent); /* with a, b: is with a: with b: */
    else
        body = parse_failed(p) ? NULL : block(p, indent);
    p->depth--;
    return parse_failed(p) ? NULL : parse_node(p, AST_WITH, (Str){ 0 }, 3, (Ast *[]){ manager, target, body });
}

static Ast *try_statement(Parser *p, size_t indent)
{
    Parts parts = { 0 };
    VEC_PUSH(p->lexer.arena, &parts, block(p, indent));
    while (goes_on(p, "except", indent)) {
        Ast *type = parse_is_sign(p, ":") ? NULL : parse_expression(p), *name = NULL;
        if (!parse_failed(p) && parse_take_word(p, "as"))
            name = parse_target(p);
        Ast *body = parse_failed(p) ? NULL : block(p, indent);
        VEC_PUSH(p->lexer.arena, &parts, type);
        VEC_PUSH(p->lexer.arena, &parts, name);
        VEC_PUSH(p->lexer.arena, &parts, body);
    }
    if (!parse_failed(p) && parts.n == 1)
        return parse_fail(p, "'except' is missing here");
    return parse_failed(p) ? NULL : parse_node(p, AST_TRY, (Str){ 0 }, parts.n, parts.p);
}

/* --- imports */

static Str module_name(Parser *p)
{
    Buf b = BUF_INIT(p->lexer.arena, SHELL_TEXT_MAX);
    while (!parse_failed(p)) {
        while (parse_take(p, "."))
            buf_byte(&b, '.');
        if (p->token.kind != TOKEN_NAME) {
            parse_fail(p, "the name of a module is missing");
            break;
        }
        buf_str(&b, p->token.text);
        parse_step(p);
        if (!parse_is_sign(p, "."))
            break;
    }
    return buf_view(&b);
}

static Str bound_name(Parser *p, Str name)
{
    if (!parse_take_word(p, "as"))
        return name;
    Str as = p->token.text;
    if (p->token.kind != TOKEN_NAME)
        parse_fail(p, "a name is missing behind 'as'");
    parse_step(p);
    return as;
}

static Ast *import_from(Parser *p)
{
    Str module = module_name(p);
    if (!parse_failed(p) && !parse_take_word(p, "import"))
        return parse_fail(p, "'import' is missing here");
    bool bracket = parse_take(p, "(");
    Parts parts = { 0 };
    while (!parse_failed(p) && !(bracket && parse_is_sign(p, ")"))) {
        Str name = p->token.text;
        if (p->token.kind != TOKEN_NAME)
            return parse_fail(p, "the name of what is imported is missing");
        parse_step(p);
        Ast *as = parse_node(p, AST_NAME, bound_name(p, name), 0, NULL);
        VEC_PUSH(p->lexer.arena, &parts, parse_node(p, AST_NAME, name, 1, &as));
        if (!parse_take(p, ","))
            break;
    }
    if (bracket)
        parse_want(p, ")");
    return parse_failed(p) ? NULL : parse_node(p, AST_IMPORT, module, parts.n, parts.p);
}

static Ast *import_modules(Parser *p)
{
    Parts parts = { 0 };
    do {
        Str module = module_name(p);
        if (parse_failed(p))
            return NULL;
        Ast *one = parse_node(p, AST_IMPORT, module, 0, NULL);
        one->value = value_str(bound_name(p, str_slice(module, 0, str_find_byte(module, '.'))));
        VEC_PUSH(p->lexer.arena, &parts, one);
    } while (parse_take(p, ","));
    return parse_failed(p) ? NULL : parts.n == 1 ? parts.p[0] : parse_node(p, AST_BLOCK, (Str){ 0 }, parts.n, parts.p);
}

/* --- the others */

static bool can_be_assigned(const Ast *a)
{
    if (a->kind == AST_TUPLE || a->kind == AST_LIST) {
        for (size_t i = 0; i < a->n; i++)
            if (!can_be_assigned(a->parts[i]))
                return false;
        return a->n > 0;
    }
    return a->kind == AST_NAME || a->kind == AST_ATTRIBUTE || a->kind == AST_INDEX;
}

static Ast *simple(Parser *p)
{
    static const char *const augmented[] = { "+=", "-=", "*=", "/=", "|=", "&=", "^=", "%=", NULL };
    Ast *a = parse_expressions(p);
    if (parse_failed(p))
        return NULL;
    for (size_t i = 0; augmented[i]; i++)
        if (parse_take(p, augmented[i])) {
            Ast *v = parse_failed(p) ? NULL : parse_expressions(p);
            if (!parse_failed(p) && (!can_be_assigned(a) || a->kind == AST_TUPLE))
                return parse_fail(p, "this cannot be assigned to");
            return parse_failed(p)
                       ? NULL
                       : parse_node(p, AST_AUGMENT, str_slice(str_c(augmented[i]), 0, 1), 2, (Ast *[]){ a, v });
        }
    Parts parts = { 0 };
    VEC_PUSH(p->lexer.arena, &parts, a);
    while (!parse_failed(p) && parse_take(p, "=")) {
        if (!can_be_assigned(parts.p[parts.n - 1]))
            return parse_fail(p, "only a name, an attribute or an item can be assigned to");
        VEC_PUSH(p->lexer.arena, &parts, parse_failed(p) ? NULL : parse_expressions(p));
    }
    if (parse_failed(p))
        return NULL;
    return parts.n == 1 ? a : parse_node(p, AST_ASSIGN, (Str){ 0 }, parts.n, parts.p);
}

static Ast *statement(Parser *p)
{
    size_t indent = indent_here(p);
    p->ended = false;
    if (p->depth >= SHELL_DEPTH_MAX)
        return parse_fail(p, "this is nested deeper than %d", SHELL_DEPTH_MAX);
    p->depth++;
    Ast *a;
    if (parse_take_word(p, "for"))
        a = for_statement(p, indent);
    else if (parse_take_word(p, "if"))
        a = if_statement(p, indent);
    else if (parse_take_word(p, "with"))
        a = with_statement(p, indent);
    else if (parse_take_word(p, "try"))
        a = try_statement(p, indent);
    else if (parse_take_word(p, "import"))
        a = import_modules(p);
    else if (parse_take_word(p, "from"))
        a = import_from(p);
    else if (parse_take_word(p, "pass"))
        a = parse_node(p, AST_PASS, (Str){ 0 }, 0, NULL);
    else if (parse_take_word(p, "del")) {
        Ast *of = parse_expressions(p);
        a = parse_failed(p) ? NULL : parse_node(p, AST_DELETE, (Str){ 0 }, 1, &of);
    } else if (parse_take_word(p, "assert")) {
        Ast *of = parse_expressions(p);
        a = parse_failed(p) ? NULL : parse_node(p, AST_ASSERT, (Str){ 0 }, 1, &of);
    } else
        a = simple(p);
    p->depth--;
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
    parse_step(&p);
    skip_lines(&p);
    size_t indent = indent_here(&p);
    bool fresh = true;
    while (!parse_failed(&p) && p.token.kind != TOKEN_END) {
        if (fresh && indent_here(&p) != indent) {
            parse_fail(&p, "the indentation does not fit the lines above");
            break;
        }
        Ast *s = statement(&p);
        separated(&p);
        VEC_PUSH(a, &statements, s);
        fresh = p.ended || at_line_end(&p);
        skip_lines(&p);
    }
    *out = (Program){ statements.p, statements.n };
    *error = p.error;
    return !parse_failed(&p);
}

bool shell_goes_on(Str text)
{
    char quote = 0, last = 0;
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
        last = c == ' ' || c == '\t' || c == '\n' || c == '\r' ? last : c;
    }
    if (open > 0 || (text.n && text.p[text.n - 1] == '\\') || last == ':')
        return true;
    /* A block of lines ends at an empty one. */
    size_t newline = str_rfind_byte(text, '\n');
    Str line = newline == STR_NPOS ? (Str){ 0 } : str_from_byte(text, newline + 1);
    return line.n && (line.p[0] == ' ' || line.p[0] == '\t') && str_trim(line).n;
}
