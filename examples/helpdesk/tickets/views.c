#include "tickets.h"

enum { PER_PAGE = 20 };

static const Field *status_field(void) { return model_field(&Ticket_model, STR("status")); }

static bool is_status(Str text)
{
    for (const Choice *c = status_field()->choices; c->display; c++)
        if (str_eq(text, str_c(*(const char *const *)c->value.at)))
            return true;
    return false;
}

/* GET / : the tickets, newest first; ?status= shows those of one status, ?page= another page. */
Response *ticket_list(Request *r)
{
    QuerySet *tickets = OBJECTS(r, Ticket);
    Str status = GET(r, "status");
    if (is_status(status))
        tickets = FILTER(tickets, Q(Ticket, status, EQ, status));
    else
        status = STR("");
    PaginatorPage *page = paginator_get_page(Paginator(r, tickets, PER_PAGE), GET(r, "page"));
    return RENDER(r, "tickets/ticket_list.html", "page_obj", page, "status", status);
}

Response *ticket_detail(Request *r)
{
    Ticket *ticket = GET_OR_404(OBJECTS(r, Ticket), Ticket, Q(Ticket, id, EQ, url_int(r, "pk")));
    return RENDER(r, "tickets/ticket_detail.html", "ticket", ticket);
}

Response *ticket_new(Request *r)
{
    Form *form = FORM(r, TicketForm);
    if (form_is_valid(form)) {
        Ticket *ticket = SAVE_FORM(form, Ticket);
        return HttpResponseRedirect(r, REVERSE(r, "tickets:detail", "pk", ticket->id));
    }
    return RENDER(r, "tickets/ticket_form.html", "form", form);
}

/* POST /5/status/ with status=pending. */
Response *ticket_status(Request *r)
{
    Ticket *ticket = GET_OR_404(OBJECTS(r, Ticket), Ticket, Q(Ticket, id, EQ, url_int(r, "pk")));
    ticket->status = POST(r, "status");
    if (!is_status(ticket->status))
        return HttpResponseBadRequest(r, "This is not a status of a ticket.");
    SAVE(r, ticket, .update_fields = ORDER("status", "updated"));
    return HttpResponseRedirect(r, REVERSE(r, "tickets:detail", "pk", ticket->id));
}
