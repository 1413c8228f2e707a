/* expect: TicketForm.priority must be declared as: Str priority */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharField(priority)) };
