/* serializers.h: rows of models as text and back: fixtures. */
#ifndef CLEF_SERIALIZERS_H
#define CLEF_SERIALIZERS_H

#include <clef/serializers/fixture.h>

#endif
