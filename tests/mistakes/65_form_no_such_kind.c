/* expect: there is no such kind of field: CharFeild(title) */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, CharFeild(title)) };
