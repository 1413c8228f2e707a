/*
 * messages.h: what makemessages and compilemessages share: GNU gettext's programs, and walks over the project's folders.
 * Paths are those of the project's folder (the current one), without "./" in front, unless they are absolute.
 */
#ifndef CLEF_SRC_CLI_MESSAGES_H
#define CLEF_SRC_CLI_MESSAGES_H

#include "cli/commands.h"
#include <clef/base/vec.h>

typedef VEC(Str) Texts;

enum { MESSAGES_FILE_MAX = 64 << 20, MESSAGES_DEPTH_MAX = 64, MESSAGES_ENTRIES_MAX = 1 << 20 };

/* What a program said, and its exit status. */
typedef struct Said {
    int code;
    Str out, err;
} Said;

/* Runs one of gettext's programs. `words` ends with NULL. Raises when it cannot be started, and names the package. */
CLEF_PRIVATE(Said, gettext_run, CommandCall *c, const char *const *words);

typedef struct Walk {
    CommandCall *c;
    const Texts *ignored; /* patterns of names and paths, as of fnmatch(3) */
    bool symlinks;        /* into folders that are symbolic links, too */
    /* Each folder, and whether to go into it. May be NULL. */
    bool (*folder)(struct Walk *w, Str path, Str name);
    /* Each file, after the folders beside it were told. May be NULL. */
    void (*file)(struct Walk *w, Str path, Str name);
    void *data;
} Walk;

/* Entries in the order of bytes. A folder that cannot be read is left out, with a warning. */
CLEF_PRIVATE(void, messages_walk, Walk *w, Str folder);

CLEF_PRIVATE(bool, texts_have, const Texts *texts, Str text);
CLEF_PRIVATE(void, texts_add, CommandCall *c, Texts *texts, StrList list);
CLEF_PRIVATE(bool, is_folder, CommandCall *c, Str path);
/* Absolute, without ".." and ".". */
CLEF_PRIVATE(Str, absolute_path, CommandCall *c, Str path);
/* LOCALE_PATHS[i], absolute: a relative one is meant from BASE_DIR. */
CLEF_PRIVATE(Str, locale_path, CommandCall *c, size_t i);
/* The names of the folders in it that look like a locale ("de", "pt_BR"), added once each. */
CLEF_PRIVATE(void, locales_in, CommandCall *c, Str folder, Texts *out);

#endif
