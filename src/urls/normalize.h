/*
 * normalize.h: from a regular expression to the texts that it was written for: what django.utils.regex_helper.normalize
 * does, so that a RE_PATH can be reversed. A repeated part is taken as few times as it may; an optional part that
 * captures is taken not at all and once, which makes two forms; a class gives its first character; lookarounds give
 * nothing; an expression with '|' outside a capturing group has one empty form.
 */
#ifndef URLS_NORMALIZE_H
#define URLS_NORMALIZE_H

#include <clef/base/arena.h>
#include <clef/base/str.h>
#include <clef/base/vec.h>

/* Optional groups double the forms: past this many the expression is refused. */
#define NORMALIZE_MAX_FORMS  64u
#define NORMALIZE_MAX_PIECES 1024u
#define NORMALIZE_MAX_DEPTH  32u
#define NORMALIZE_MAX_STEPS  (1u << 16) /* items written out, repeated groups again each time */
#define NORMALIZE_MAX_TEXT   (1u << 24) /* bytes put together, all copies included */

/* A run of text, or the value of a parameter. */
typedef struct FormPiece {
    Str text; /* the name when it is a parameter */
    bool param;
} FormPiece;

typedef struct Form {
    VEC(FormPiece) pieces;
    VEC(Str) params; /* in order; a back reference is a piece, not a parameter */
} Form;

typedef struct Forms {
    Form *p;
    size_t n, cap;
} Forms;

/* False, and *error a sentence, when the expression cannot be reversed. Unnamed groups are called _0, _1, ... */
CLEF_PRIVATE(bool, normalize, Arena *a, Str pattern, Forms *out, Str *error);
/* As Django writes it: "%(name)s" for a parameter. */
CLEF_PRIVATE(Str, form_text, Arena *a, const Form *form);

#endif
