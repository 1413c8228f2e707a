/* expect: NoForm_form */
#include "forms.h"
void make(Request *r);
void make(Request *r) { FORM(r, NoForm); }
