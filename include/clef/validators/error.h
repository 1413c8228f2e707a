/*
 * error.h: what is wrong with a value: Django's ValidationError. A message is a sentence, perhaps with places for
 * parameters (%(limit_value)s, %(show_value)d); they are filled in when it is shown, so that who reports the error (a form
 * field with .error_messages) can put another sentence with the same places there.
 */
#ifndef CLEF_VALIDATORS_ERROR_H
#define CLEF_VALIDATORS_ERROR_H

#include <clef/base/map.h>
#include <clef/base/value.h>

typedef struct ValidationError {
    Str message;       /* with places for params */
    Str code;          /* "required", "max_length"; may be empty */
    const Map *params; /* NULL: the message is shown as it is */
} ValidationError;

/* Some errors; {0} is none. */
typedef struct ValidationErrors {
    ValidationError *p;
    size_t n, cap;
} ValidationErrors;

/* Another sentence for an error of this code. */
typedef struct ErrorMessage {
    const char *code; /* NULL ends a list */
    const char *message;
} ErrorMessage;
/* clang-format off */
#define ERROR_MESSAGES(...)           ((const ErrorMessage[]){ CLEF_PAIRS(CLEF_ERROR_MESSAGE, , __VA_ARGS__) { .code = NULL } })
#define CLEF_ERROR_MESSAGE(unused, code, text) { (code), (text) }
/* clang-format on */

CLEF_API(void, validation_errors_add, Arena *a, ValidationErrors *errors, ValidationError e);
/* The message with its parameters in place, as Python's % of a dict: %(name)s, %(name)d, %%. */
CLEF_API(Str, validation_error_text, Arena *a, const ValidationError *e);
CLEF_API(Str, message_format, Arena *a, Str message, const Map *params);

/* Python's str() of a value, as messages show it: "None", "1.0", "2026-01-15 10:20:30+00:00". */
CLEF_API(Str, value_python_str, Arena *a, Value v);

#endif
