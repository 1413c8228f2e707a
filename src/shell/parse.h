/* parse.h: between parse.c (expressions) and statement.c. */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include "shell/ast.h"
#include "shell/lex.h"
#include <clef/base/vec.h>

typedef struct Parser {
    Lexer lexer;
    Token token;
    Str error;
    unsigned depth;
    bool ended; /* the statement ended with its block: no line end need follow */
} Parser;

typedef VEC(Ast *) Parts;

static inline bool parse_failed(const Parser *p) { return p->error.n > 0; }
/* Notes the first error; NULL. */
CLEF_PRIVATE(Ast *, parse_fail, Parser *p, const char *format, ...) CLEF_PRINTF(2, 3);
CLEF_PRIVATE(void, parse_step, Parser *p);
CLEF_PRIVATE(bool, parse_is_sign, const Parser *p, const char *sign);
CLEF_PRIVATE(bool, parse_is_word, const Parser *p, const char *word);
CLEF_PRIVATE(bool, parse_take, Parser *p, const char *sign);
CLEF_PRIVATE(bool, parse_take_word, Parser *p, const char *word);
CLEF_PRIVATE(void, parse_want, Parser *p, const char *sign);
CLEF_PRIVATE(Ast *, parse_node, Parser *p, AstKind kind, Str text, size_t n, Ast *const *parts);
CLEF_PRIVATE(Ast *, parse_expression, Parser *p);
/* a, b: a tuple where there is a comma. */
CLEF_PRIVATE(Ast *, parse_expressions, Parser *p);
/* What stands before `in`: a name, or names with commas, with or without brackets. */
CLEF_PRIVATE(Ast *, parse_target, Parser *p);

#endif
