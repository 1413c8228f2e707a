/* expect: this_is_no_value__give_the_address_of_a_row_or_members_one_by_one */
#include <clef/clef.h>
typedef struct Point {
    int x, y;
} Point;
Response *f(Request *r);
Response *f(Request *r) { return RENDER(r, "a.html", "point", ((Point){ 1, 2 })); }
