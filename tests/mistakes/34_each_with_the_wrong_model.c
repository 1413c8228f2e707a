/* expect: incompatible pointer type */
#include "models.h"
void take(Tag *tag);
void f(QuerySet *q);
void f(QuerySet *q)
{
    EACH (Post, post, q)
        take(post);
}
