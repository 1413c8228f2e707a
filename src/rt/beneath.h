/* beneath.h: the way of file_open_beneath on kernels without openat2. */
#ifndef CLEF_SRC_RT_BENEATH_H
#define CLEF_SRC_RT_BENEATH_H

#include <clef/base/api.h>
#include <sys/types.h>

/* Folder by folder, without following a link. Cuts `path` up. */
CLEF_PRIVATE(int, open_by_steps, int root, char *path, int flags, mode_t mode);

#endif
