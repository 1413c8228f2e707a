#ifndef URLS_H
#define URLS_H

#include <clef/clef.h>

extern const Url urls[];

#endif
