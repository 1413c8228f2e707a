/* expect: titel */
#include "models.h"
void f(Context *cx);
void f(Context *cx) { CREATE(cx, Post, .titel = STR("x")); }
