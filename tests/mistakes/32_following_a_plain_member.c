/* expect: Author * */
#include "models.h"
Author *f(Context *cx, Post *p);
Author *f(Context *cx, Post *p) { return RELATED(cx, p, views); }
