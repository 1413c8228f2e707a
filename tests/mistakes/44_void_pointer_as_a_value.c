/* expect: a_void_pointer_is_no_value__cast_it_to_its_model_or_take_value_object */
#include <clef/clef.h>
Response *f(Request *r, void *p);
Response *f(Request *r, void *p) { return RENDER(r, "a.html", "p", p); }
