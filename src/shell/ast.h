/* ast.h: what was typed at the shell, as a tree. */
#ifndef SHELL_AST_H
#define SHELL_AST_H

#include <clef/base/value.h>

enum { SHELL_TEXT_MAX = 64 * 1024, SHELL_DEPTH_MAX = 48 };

typedef enum AstKind {
    AST_NAME,     /* text */
    AST_CONSTANT, /* value */
    AST_ATTRIBUTE,
    AST_CALL,  /* parts[0] of the others */
    AST_INDEX, /* parts[0][parts[1]] */
    AST_SLICE, /* parts: from, to, step; each may be NULL */
    AST_LIST,
    AST_TUPLE,
    AST_MAP,     /* parts: key, value, key, value, ... */
    AST_UNARY,   /* text: "-", "+", "~", "not" */
    AST_BINARY,  /* text: an operator, "and", "or", a comparison */
    AST_KEYWORD, /* text = parts[0], among arguments */
    AST_ASSIGN,  /* parts[0] = parts[1] */
    AST_EACH,    /* [parts[0] for text in parts[1]] */
    AST_PIECES   /* f"...": parts, joined as texts */
} AstKind;

typedef struct Ast Ast;
struct Ast {
    AstKind kind;
    Str text;
    Value value;
    Ast **parts;
    size_t n;
};

/* Statements, in order. */
typedef struct Program {
    Ast **p;
    size_t n;
} Program;

/*
 * Reads statements, separated by line ends or ";": expressions and assignments, in Python's notation. False, and *error a
 * sentence with line and column.
 */
CLEF_PRIVATE(bool, shell_parse, Arena *a, Str text, Program *out, Str *error);
/* Is the text the beginning of a statement that goes on: an open bracket or text? For prompts. */
CLEF_PRIVATE(bool, shell_goes_on, Str text);

#endif
