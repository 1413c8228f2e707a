/* expect: it_is_an_integer__compare_it_with_an_integer */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, views, GT, 1.5));
}
