/* expect: row_state */
#include "models.h"
void f(Context *cx, Str *s);
void f(Context *cx, Str *s) { SAVE(cx, s); }
