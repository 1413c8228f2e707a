/* embedded.h: files that the build put into the program (tools/embed.py). A table ends with a row without a path. */
#ifndef CLEF_SRC_BASE_EMBEDDED_H
#define CLEF_SRC_BASE_EMBEDDED_H

#include <clef/base/str.h>

typedef struct EmbeddedFile {
    const char *path; /* below the folder that was embedded */
    Str text;         /* NUL-terminated */
} EmbeddedFile;

#endif
