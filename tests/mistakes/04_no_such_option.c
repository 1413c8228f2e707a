/* expect: max_lenght */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, CharField(title, .max_lenght = 9)) };
