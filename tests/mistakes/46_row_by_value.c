/* expect: this_is_no_value__give_the_address_of_a_row_or_members_one_by_one */
#include "models.h"
#include <clef/clef.h>
Response *f(Request *r, Post *p);
Response *f(Request *r, Post *p) { return RENDER(r, "a.html", "post", *p); }
