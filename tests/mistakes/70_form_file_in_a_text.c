/* expect: TicketForm.title must be declared as: const UploadedFile * title */
#include "forms.h"
const FormClass TicketForm_form = { FORM_FIELDS(TicketForm, FileField(title)) };
