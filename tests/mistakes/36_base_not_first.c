/* expect: the struct Essay must begin with BASE(Post, post) */
#include "models.h"
typedef struct Essay {
    MODEL_HEAD;
    Str genre;
    Post post;
} Essay;
const Model Essay_model = { MODEL(Essay), FIELDS(Essay, Parent(post, Post), CharField(genre, .max_length = 9)) };
