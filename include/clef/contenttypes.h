/* contenttypes.h: rows that stand for models, and relations to rows of any model. */
#ifndef CLEF_CONTENTTYPES_H
#define CLEF_CONTENTTYPES_H

#include <clef/contenttypes/contenttype.h>
#include <clef/contenttypes/generic.h>

#endif
