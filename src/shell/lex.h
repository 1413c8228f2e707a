/* lex.h: the tokens of the shell's language. */
#ifndef SHELL_LEX_H
#define SHELL_LEX_H

#include <clef/base/value.h>

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_LINE,
    TOKEN_NAME,
    TOKEN_CONSTANT,
    TOKEN_FORMAT,
    TOKEN_SIGN,
    TOKEN_WRONG
} TokenKind;

typedef struct Token {
    TokenKind kind;
    Str text;    /* of the source: a name, a sign; TOKEN_FORMAT: between the quotes */
    Value value; /* TOKEN_CONSTANT */
    bool raw;    /* of TOKEN_FORMAT: no escapes */
    size_t at;   /* where it begins */
} Token;

typedef struct Lexer {
    Arena *arena;
    Str text;
    size_t at;
    unsigned open; /* brackets: line ends inside count for nothing */
    const char *error;
} Lexer;

CLEF_PRIVATE(Token, lex_next, Lexer *l);
/* Python's escapes of a text between quotes; false: a bad one. `bytes`: \x is a byte, not a character. */
CLEF_PRIVATE(bool, lex_unescape, Arena *a, Str s, bool bytes, Str *out);

#endif
