/* expect: Post.views must be declared as: Str views */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, CharField(views, .max_length = 9)) };
