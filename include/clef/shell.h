/* shell.h: the queryset language of the `shell` command. */
#ifndef CLEF_SHELL_H
#define CLEF_SHELL_H

#include <clef/shell/shell.h>

#endif
