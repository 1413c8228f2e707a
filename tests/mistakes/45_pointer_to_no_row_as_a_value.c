/* expect: row_state */
#include <clef/clef.h>
typedef struct Point {
    int x, y;
} Point;
Response *f(Request *r, const Point *p);
Response *f(Request *r, const Point *p) { return RENDER(r, "a.html", "point", p); }
