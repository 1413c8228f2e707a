#include "tickets.h"

const FormClass TicketForm_form = {
    MODEL_FORM(Ticket, title, requester, priority, description),
};
