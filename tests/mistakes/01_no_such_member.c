/* expect: titel */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, CharField(titel, .max_length = 9)) };
