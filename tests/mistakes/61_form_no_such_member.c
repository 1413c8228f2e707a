/* expect: titel */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharField(titel)) };
