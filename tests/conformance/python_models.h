/* python_models.h: parts of the reading of models: python_expr.c's constants, expressions and conditions. */
#ifndef TESTS_CONFORMANCE_PYTHON_MODELS_H
#define TESTS_CONFORMANCE_PYTHON_MODELS_H

#include "conformance/python.h"
#include <clef/orm/expr.h>

static inline const char *c_of(Arena *a, Str s) { return str_dup_c(a, s); }

bool py_constant(Context *cx, const Py *p, Value *out);
bool py_boxed(Context *cx, const Py *p, Boxed *out);
/* A constant, or an expression of them. */
bool py_boxed_expr(Context *cx, const Py *p, Boxed *out);
/* What is no constant: F, functions, operators; NULL when it is none of those either. */
const Expr *py_expr(Context *cx, const Py *p, bool *ok);
const Expr *py_call(Context *cx, const char *name, const Py *const *args, size_t n, bool *ok);
bool py_pred(Context *cx, const Py *p, Pred *out);
FieldKind py_kind(Str class_name);

#endif
