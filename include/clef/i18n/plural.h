/*
 * plural.h: which plural form a number takes in a language: the C expression over n of a catalogue's Plural-Forms
 * header ("n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2"), read once and evaluated for each number. The grammar is GNU
 * gettext's: n, whole numbers, ( ), !, * / %, + -, comparisons, == !=, &&, ||, ?:.
 */
#ifndef CLEF_I18N_PLURAL_H
#define CLEF_I18N_PLURAL_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct PluralForms PluralForms;

typedef enum PluralOutcome {
    PLURAL_OK,
    PLURAL_BAD,      /* not an expression of that grammar, or a number of more than 9 digits */
    PLURAL_TOO_LONG, /* more than PLURAL_TEXT_MAX characters */
    PLURAL_TOO_DEEP, /* nested deeper than PLURAL_DEPTH */
} PluralOutcome;

#define PLURAL_TEXT_MAX 1000
#define PLURAL_DEPTH    40

CLEF_API(PluralOutcome, plural_read, Arena *a, Str expression, const PluralForms **out) CLEF_MUST_USE;
/*
 * The form of n, from 0. `p` NULL: 0 for 1, else 1. Division and remainder round down, as Python's; where the expression
 * divides by zero, or what it says is negative, the form is 0.
 */
CLEF_API(unsigned, plural_form, const PluralForms *p, int64_t n);

#endif
