/* debug.h: what a developer sees while DEBUG is on. */
#ifndef CLEF_DEBUG_H
#define CLEF_DEBUG_H

#include <clef/debug/live.h>
#include <clef/debug/page.h>
#include <clef/debug/queries.h>

#endif
