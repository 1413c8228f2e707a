/* core.h: what pages of every kind share: the paginator. */
#ifndef CLEF_CORE_H
#define CLEF_CORE_H

#include <clef/core/atomic_requests.h>
#include <clef/core/paginator.h>

#endif
