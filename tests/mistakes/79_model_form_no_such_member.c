/* expect: titel */
#include "forms.h"
const FormClass PostForm_form = { MODEL_FORM(Post, titel) };
