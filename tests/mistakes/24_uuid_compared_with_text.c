/* expect: it_is_a_Uuid__compare_it_with_a_Uuid */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, token, EQ, "x"));
}
