/* expect: this kind of field is for forms */
#include "forms.h"
const Model Post_model = { MODEL(Post), FIELDS(Post, ChoiceField(title)) };
