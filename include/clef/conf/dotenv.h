/*
 * dotenv.h: `.env` files, as python-dotenv reads them.
 *
 *     # a comment
 *     export SECRET_KEY='single quotes: only \\ and \' are escapes'
 *     GREETING="double quotes: \n and its kin are escapes,
 *     and a value may go on over lines"
 *     HOST=example.com   # a comment behind white space
 *     URL=https://${HOST}/${PATH_PART:-default}
 */
#ifndef CLEF_CONF_DOTENV_H
#define CLEF_CONF_DOTENV_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

#define DOTENV_MAX_BYTES   ((size_t)1 << 20) /* of a file */
#define DOTENV_MAX_ENTRIES 4096u

typedef struct DotenvEntry {
    Str name, value; /* value NULL: the line had no '=' */
    uint32_t line;
} DotenvEntry;

typedef struct Dotenv {
    DotenvEntry *p;
    size_t n, cap;
} Dotenv;

/* What a name of ${NAME} is in the environment, which goes before the file; NULL string: not set. */
typedef Str DotenvLookup(void *arg, Str name);

/*
 * Reads the text of a file; the last entry of a name counts. Lines that are not understood are left out; the first of them
 * is *bad_line (0: none). `lookup` may be NULL. False, with what was read so far, past a limit.
 */
CLEF_API(bool, dotenv_parse, Arena *a, Str text, DotenvLookup *lookup, void *arg, Dotenv *out, uint32_t *bad_line);
/* The value of the last entry of that name; NULL string. */
CLEF_API(Str, dotenv_get, const Dotenv *d, Str name);

#endif
