from django.core.paginator import Paginator
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from .forms import TicketForm
from .models import Ticket

PER_PAGE = 20


def ticket_list(request):
    """The tickets, newest first; ?status= shows those of one status, ?page= another page."""
    tickets = Ticket.objects.all()
    status = request.GET.get("status", "")
    if status in Ticket.Status.values:
        tickets = tickets.filter(status=status)
    else:
        status = ""
    page = Paginator(tickets, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tickets/ticket_list.html", {"page_obj": page, "status": status})


def ticket_detail(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk)
    return render(request, "tickets/ticket_detail.html", {"ticket": ticket})


def ticket_new(request):
    form = TicketForm(request.POST or None)
    if form.is_valid():
        ticket = form.save()
        return redirect("tickets:detail", pk=ticket.pk)
    return render(request, "tickets/ticket_form.html", {"form": form})


@require_POST
def ticket_status(request, pk):
    ticket = get_object_or_404(Ticket, pk=pk)
    ticket.status = request.POST.get("status")
    if ticket.status not in Ticket.Status.values:
        return HttpResponseBadRequest("This is not a status of a ticket.")
    ticket.save(update_fields=["status", "updated"])
    return redirect("tickets:detail", pk=ticket.pk)
