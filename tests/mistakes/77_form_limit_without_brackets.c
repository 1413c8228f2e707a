/* expect: initialize */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, IntegerField(priority, .min_value = 3)) };
