/* expect: a form has CharField(title, .widget = Textarea()) for a TextField */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, TextField(title)) };
