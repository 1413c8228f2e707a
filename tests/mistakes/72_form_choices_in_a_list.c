/* expect: TicketForm.title must be declared as: StrList title */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, MultipleChoiceField(title)) };
