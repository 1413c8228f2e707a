/* expect: clean */
#include "forms.h"
static bool my_clean(TicketForm *t) { return t->urgent; }
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharField(title, .clean = my_clean)) };
