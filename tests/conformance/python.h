/*
 * python.h: the small part of Python in which the recordings write models and operations: classes of assignments, calls
 * with names and keywords, literals, lists, and the operators of Q.
 */
#ifndef TESTS_CONFORMANCE_PYTHON_H
#define TESTS_CONFORMANCE_PYTHON_H

#include "migrations/state.h"

typedef enum PyKind { PY_NONE, PY_NAME, PY_VALUE, PY_SEQUENCE, PY_DICT, PY_CALL, PY_UNARY, PY_BINARY } PyKind;

typedef struct Py {
    PyKind kind;
    Str name;  /* PY_NAME: "models.CASCADE"; PY_CALL: the same, or empty where a result is called upon; the operator */
    Str text;  /* as it was written */
    Value v;   /* PY_VALUE */
    char open; /* PY_SEQUENCE: ( [ { */
    struct Py **items;
    Str *keys; /* of a call's items: the keyword, or empty */
    size_t n;
    struct Py *on; /* PY_CALL: what stands before the last dot, when that is no name */
} Py;

/* NULL when it is not of that part. */
Py *py_parse(Arena *a, Str text);
/* The last part of a dotted name. */
Str py_last(Str name);
/* By keyword, or by position when that is not negative; NULL. */
Py *py_argument(const Py *call, const char *key, int position);

/* A list of classes as a state of the application "app"; NULL and *why. */
ProjectState *py_state(Context *cx, Str source, Str *why);
/* Is the field "through" the options that Clef's fields have? False and *why. */
bool py_field(Context *cx, Str name, const Py *call, Str model, Field *out, Str *why);
bool py_operation(Context *cx, const Py *call, Operation *out, Str *why);
/* The value of a tuple: a list. */
Value py_box_tuple(Arena *a, const void *at);
/* The default that a callable gives: its full name. */
Value py_box_callable(Arena *a, const void *at);
/*
 * Does the class take over the Meta of an abstract one? Django says that of each such model, which no option of Clef's
 * can.
 */
bool py_is_concrete(Arena *a, Str source, const char *model);
/* The class of a lookup, "GreaterThan" of "gt". */
const char *py_lookup_class(const char *lookup);
/* As Django's writer has it; of a CreateModel whether it is concrete. */
Str py_write_operation(Arena *a, const Operation *op, bool concrete);

#endif
