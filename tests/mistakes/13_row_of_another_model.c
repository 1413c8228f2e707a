/* expect: Tag */
#include "models.h"
Tag *t(QuerySet *q);
Tag *t(QuerySet *q) { return GET_OR_404(q, Post, Q(Post, id, EQ, 1)); }
