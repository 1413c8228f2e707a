/* expect: incompatible type */
#include "models.h"
void f(Context *cx);
void f(Context *cx) { CREATE(cx, Post, .title = 3); }
