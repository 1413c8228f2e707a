/* symbols.h: names for addresses, printed as lines for whoever reads them from a pipe. */
#ifndef CLEF_SRC_RT_SYMBOLS_H
#define CLEF_SRC_RT_SYMBOLS_H

#include <clef/base/api.h>

/*
 * In a process of its own, which ends afterwards. A line for each frame on fd, fields separated by tabs:
 *     which address, offset in the module (hexadecimal), line, 1 when inlined, module, function, folder, file
 * Nothing when libdw is not there.
 */
CLEF_PRIVATE(void, symbols_write, int fd, void *const *frames, size_t n);

#endif
