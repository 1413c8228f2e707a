/* expect: ignoring return value of */
#include "models.h"
void f(QuerySet *q);
void f(QuerySet *q) { FILTER(q, Q(Post, id, EQ, 1)); }
