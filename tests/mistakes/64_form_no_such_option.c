/* expect: max_lenght */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharField(title, .max_lenght = 3)) };
