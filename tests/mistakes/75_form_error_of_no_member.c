/* expect: titel */
#include "forms.h"
void fail(Form *form);
void fail(Form *form) { ADD_ERROR(form, TicketForm, titel, "no"); }
