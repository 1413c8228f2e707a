/* statements.h: the text of RunSQL as the statements that it is made of. */
#ifndef MIGRATIONS_STATEMENTS_H
#define MIGRATIONS_STATEMENTS_H

#include <clef/base/buf.h>
#include <clef/base/str.h>

/*
 * Cuts the next statement off `*rest`, without its `;` and the comments in front of it; empty: there was none. A `;`
 * within a text, a name, a comment, a body between dollars (PostgreSQL), or between BEGIN and END of a trigger or a
 * routine, ends nothing.
 */
CLEF_PRIVATE(Str, statement_next, Str vendor, Str *rest);

/*
 * Past what stands between quotes, or is a comment, at `i` of the statement; `i` where nothing of the kind begins. The
 * end of the text when it does not end.
 */
CLEF_PRIVATE(size_t, statement_past_quoted, Str vendor, Str sql, size_t i);

/* A `?` that is an operator, as a driver that knows placeholders takes it: `??`. One that is written so stays. */
CLEF_PRIVATE(Str, statement_without_placeholders, Arena *a, Str vendor, Str sql);

#endif
