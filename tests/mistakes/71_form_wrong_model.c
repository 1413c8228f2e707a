/* expect: TicketForm.owner must be declared as: Tag *owner */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, ModelChoiceField(owner, Tag)) };
