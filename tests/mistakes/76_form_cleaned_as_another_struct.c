/* expect: incompatible */
#include "forms.h"
Author *wrong(Form *form);
Author *wrong(Form *form) { return CLEANED(form, TicketForm); }
