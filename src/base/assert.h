/* assert.h: the last words of a bug, for who reports the abort that follows. */
#ifndef CLEF_SRC_BASE_ASSERT_H
#define CLEF_SRC_BASE_ASSERT_H

#include <clef/base/api.h>

/* "file:line: message" of the panic that this thread is in; NULL when there is none. Safe in a signal handler. */
CLEF_PRIVATE(const char *, panic_message, void);

#endif
