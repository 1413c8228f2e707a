/* expect: Post.author must be declared as: REL(Tag, author) */
#include "models.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, ForeignKey(author, Tag, .on_delete = CASCADE)) };
