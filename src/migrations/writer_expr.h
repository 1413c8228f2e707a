/* writer_expr.h: constants as C source, for migrations (writer.c) and models (inspect.c). */
#ifndef MIGRATIONS_WRITER_EXPR_H
#define MIGRATIONS_WRITER_EXPR_H

#include "migrations/writer.h"
#include <clef/orm/expr.h>

enum { SOURCE_MAX = 1 << 22 };

/* A C string. */
CLEF_PRIVATE(void, source_text, Buf *b, const char *text);
/* "DEFAULT(1)", "DEFAULT_DATE(\"2024-01-31\")"; false when C has no constant for it. */
CLEF_PRIVATE(bool, source_boxed, Arena *a, Buf *b, Value v);
/* Lower("title"), ADD(F("a"), 1). */
CLEF_PRIVATE(void, source_expr, Arena *a, Buf *b, const Expr *e, unsigned depth);
CLEF_PRIVATE(void, source_exprs, Arena *a, Buf *b, const Expr *const *all);
/* LOOKUP("a__gt", 1), Q_OR(...). */
CLEF_PRIVATE(void, source_pred, Arena *a, Buf *b, const Pred *p, unsigned depth);

#endif
