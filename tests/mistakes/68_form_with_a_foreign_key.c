/* expect: a form has ModelChoiceField(owner, Author) */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, ForeignKey(owner, Author)) };
