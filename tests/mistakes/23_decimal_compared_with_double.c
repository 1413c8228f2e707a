/* expect: it_is_a_Decimal__compare_it_with_a_Decimal_or_an_integer */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, price, LT, 1.5));
}
