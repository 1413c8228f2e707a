/* expect: initialize */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, CharField(title, .max_length = 9, .max_length = 8)) };
