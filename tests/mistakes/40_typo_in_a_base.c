/* expect: titel */
#include "models.h"
typedef struct Essay {
    BASE(Post, post);
    Str genre;
} Essay;
extern const Model Essay_model;
const Pred wrong = Q(Essay, post.titel, EQ, "x");
