/*
 * files.h: files of the project that `make release` put into the program (clef.mk: EMBED, by itself the folders
 * templates and static), so that the program is all that is copied to another machine. Templates are found there by
 * themselves.
 */
#ifndef CLEF_CONF_FILES_H
#define CLEF_CONF_FILES_H

#include <clef/base/str.h>

typedef struct ProjectFile {
    const char *path; /* from the project's folder: "templates/base.html"; NULL ends the list */
    Str text;         /* NUL-terminated behind its end */
} ProjectFile;

/* The list; NULL when there is none, as in development. */
CLEF_API(const ProjectFile *, project_files, void);

#endif
