/* expect: this_lookup_searches_for_a_text__give_a_C_string_or_a_Str */
#include "models.h"
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d);
QuerySet *f(QuerySet *q, Tag *tag, Author *author, Decimal d)
{
    (void)tag, (void)author, (void)d;
    return FILTER(q, Q(Post, title, CONTAINS, 3));
}
