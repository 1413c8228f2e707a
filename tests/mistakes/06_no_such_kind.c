/* expect: there is no such kind of field: CharFeild(title, .max_length = 9) */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, CharFeild(title, .max_length = 9)) };
