/* expect: nothing */
#include "models.h"
#include <clef/clef.h>
typedef struct Derived {
    BASE(Post, post);
    Str more;
} Derived;
Response *f(Request *r, const Post *p, Derived *d, QuerySet *q, const QuerySet *cq, Paginator *paginator, Form *form);
Response *f(Request *r, const Post *p, Derived *d, QuerySet *q, const QuerySet *cq, Paginator *paginator, Form *form)
{
    char text[] = "x";
    const char *const name = "y";
    Post row = { .id = 1 };
    enum { ONE = 1 } one = ONE;
    List *list = list_new(r->cx.arena);
    Map *const map = NULL;
    return RENDER(r, "a.html", "post", p, "derived", d, "q", q, "cq", cq, "paginator", paginator, "form", form, "text",
                  text, "name", name, "literal", "z", "row", &row, "author", p->author, "number", 1, "size",
                  sizeof text, "one", one, "list", list, "map", map, "truth", true, "double", 1.5, "str", STR("x"),
                  "created", p->created, "rating", p->rating, "token", p->token, "char", 'x', "choice", r ? p : NULL,
                  "value", value_null());
}
