/* expect: IN_and_RANGE_take_VALUES_or_a_List_or_a_QuerySet */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, id, IN, 3));
}
