/* expect: TicketForm.title must be declared as: int64_t (or int32_t, int16_t, OptInt) title */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, IntegerField(title)) };
