/* line_editor.h: a line typed at a terminal, with history and completion where libedit is installed. */
#ifndef CLEF_SRC_CLI_LINE_EDITOR_H
#define CLEF_SRC_CLI_LINE_EDITOR_H

#include <clef/base/str.h>

/* Words that may follow the text of the line up to the cursor; ends at NULL. */
typedef const char *const *LineCompletions(void *arg, Str line);

/* Looks for libedit, and reads the history; both may be missing. */
CLEF_PRIVATE(void, line_editor_start, LineCompletions *complete, void *arg, const char *history);
/* Without its line end, in the arena. False at the end of the input. */
CLEF_PRIVATE(bool, line_editor_read, Arena *a, const char *prompt, Str *out);
CLEF_PRIVATE(void, line_editor_finish, void);

#endif
