#ifndef TICKETS_H
#define TICKETS_H

#include "models.h"

extern const App tickets_app;
extern const Url tickets_urls[];
extern const FormClass TicketForm_form;
extern const Command load_demo_command;

Response *ticket_list(Request *r);
Response *ticket_new(Request *r);
Response *ticket_detail(Request *r);
Response *ticket_status(Request *r);

#endif
