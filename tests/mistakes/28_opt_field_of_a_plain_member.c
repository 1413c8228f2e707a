/* expect: Post.views must be declared as: OptInt views */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, OptIntegerField(views)) };
