/* expect: Pots_model */
#include "models.h"
QuerySet *f(Context *cx);
QuerySet *f(Context *cx) { return OBJECTS(cx, Pots); }
