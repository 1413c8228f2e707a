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
    AST_SET,
    AST_MAP,     /* parts: key, value, key, value, ...; a key NULL: **value */
    AST_UNARY,   /* text: "-", "+", "~", "not" */
    AST_BINARY,  /* text: an operator, "and", "or" */
    AST_COMPARE, /* parts: a, operator (AST_NAME), b, operator, c ... */
    AST_CHOICE,  /* parts[1] if parts[0] else parts[2] */
    AST_LAMBDA,  /* parts: body, then names */
    AST_KEYWORD, /* text = parts[0], among arguments */
    AST_STAR,    /* *parts[0], among arguments and elements */
    AST_STARS,   /* **parts[0], among arguments */
    AST_EACH, /* text: "[", "(", "{", ":" (of a map: the element is a tuple); parts: element, then target, over, condition or
                  * NULL of each `for` */
    AST_PIECES, /* f"...": parts, joined as texts */
    AST_FORMAT, /* {parts[0]!text:value} in it; the value null: no format */
    /* statements */
    AST_ASSIGN,  /* parts: targets, then the value */
    AST_AUGMENT, /* parts[0] text= parts[1] */
    AST_BLOCK,
    AST_FOR,    /* parts: target, over, block */
    AST_IF,     /* parts: condition, block, block or NULL */
    AST_WITH,   /* parts: manager, target or NULL, block */
    AST_TRY,    /* parts: block, then type (NULL: any), name (NULL: none) and block of each `except` */
    AST_IMPORT, /* text: the module; parts: names, each with the name to bind as its part; none: the module itself */
    AST_DELETE, /* parts: targets */
    AST_ASSERT,
    AST_PASS
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
 * Reads statements, separated by line ends or ";", in Python's notation. False, and *error a sentence with line and column.
 */
CLEF_PRIVATE(bool, shell_parse, Arena *a, Str text, Program *out, Str *error);
/* Is the text the beginning of a statement that goes on: an open bracket or text, a block? For prompts. */
CLEF_PRIVATE(bool, shell_goes_on, Str text);

#endif
