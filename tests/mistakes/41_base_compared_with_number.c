/* expect: it_is_a_text__compare_it_with_a_C_string_or_a_Str */
#include "models.h"
typedef struct Essay {
    BASE(Post, post);
    Str genre;
} Essay;
extern const Model Essay_model;
const Pred wrong = Q(Essay, post.author->email, EQ, 7);
