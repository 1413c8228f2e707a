/* expect: required */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharField(title, .required = false)) };
