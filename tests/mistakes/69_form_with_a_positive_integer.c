/* expect: a form has IntegerField(priority, .min_value = LIMIT(0)) */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, PositiveIntegerField(priority)) };
