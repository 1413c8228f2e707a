/* expect: Essay.post must be declared as: BASE(Author, post) */
#include "models.h"
typedef struct Essay {
    BASE(Post, post);
    Str genre;
} Essay;
const Model Essay_model = { MODEL(Essay), FIELDS(Essay, Parent(post, Author), CharField(genre, .max_length = 9)) };
