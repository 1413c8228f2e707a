/* expect: OP_ICONTAIN */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, title, ICONTAIN, "x"));
}
