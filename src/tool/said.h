/*
 * said.h: what a child process said, as far as it is worth keeping. Of a text that is too long the beginning stays, where a
 * compiler's first errors are, and the end, where make and sanitizers say what came of it.
 *
 * Of a compiler's text the steps within Clef's own macros are left out: a note whose place is a header of Clef, the
 * lines of source below it, and the list of inclusions above it. One wrong argument of RENDER makes gcc write two
 * thousand such lines. The errors stay, and the notes that name a file of the project. Colours do not matter; gcc's and
 * clang's forms are known.
 */
#ifndef CLEF_SRC_TOOL_SAID_H
#define CLEF_SRC_TOOL_SAID_H

#include <clef/base/buf.h>

/* Bytes that are kept: of the beginning, and of the end at least half of SAID_LAST. */
#define SAID_FIRST 65536u
#define SAID_LAST  131072u
/* A longer line of a compiler is passed on in pieces of this. */
#define SAID_LINE 32768u

typedef struct Said {
    Buf first, last;
    size_t gone; /* bytes between the two */
    /* private: of a compiler's text */
    Buf line; /* the line that has begun */
    Buf held; /* a list of inclusions: it belongs to the line behind it */
    bool compiler, colours_open;
    uint8_t excerpt; /* where we are behind a note that was left out */
} Said;

/* Forgets everything. `compiler`: lines are looked at, and some left out; else all is kept as it comes. */
CLEF_PRIVATE(void, said_begin, Said *s, bool compiler);
/* What of it is for the person at the terminal is appended to *shown. The scratch arena may be reset afterwards. */
CLEF_PRIVATE(void, said_add, Said *s, Arena *scratch, Str bytes, Buf *shown);
/* There is no more: a last line without its end counts too. */
CLEF_PRIVATE(void, said_end, Said *s, Arena *scratch, Buf *shown);
CLEF_PRIVATE(Str, said_text, Arena *a, const Said *s);
CLEF_PRIVATE(void, said_finish, Said *s);

#endif
