"""Tickets to look at. The same ones on every machine, and only into a table without any."""
from datetime import datetime, timezone

from django.core.management.base import BaseCommand
from django.db import transaction

from tickets.models import Ticket

THINGS = ["The printer", "My laptop", "The VPN", "The calendar", "The scanner", "E-mail", "The door badge", "The projector",
          "My keyboard", "The wiki", "The build server"]
TROUBLES = ["does not start", "is very slow", "asks for a password every hour", "makes a noise", "lost my settings",
            "shows the wrong date", "stopped working after the update", "cannot be reached from home",
            "prints everything <twice> & in colour", 'says "access denied"']
PLACES = ["room 12", "the second floor", "the workshop", "reception", "the lab", "Building C"]
PEOPLE = ["ada", "bob", "chen", "dora", "emre", "fatima", "goran", "hana", "ines", "jonas"]
STATUSES = [Ticket.Status.OPEN, Ticket.Status.PENDING, Ticket.Status.RESOLVED, Ticket.Status.RESOLVED]
MASK = (1 << 64) - 1


def pick(ticket, what, n):
    """A number below `n` that depends on the ticket and on what it is for."""
    x = (ticket * 0x9E3779B97F4A7C15 + what * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ x >> 29) * 0x94D049BB133111EB) & MASK
    return (x >> 33) % n


def choose(ticket, what, table):
    return table[pick(ticket, what, len(table))]


class Command(BaseCommand):
    help = "Fills an empty help desk with tickets of a busy year."

    def add_arguments(self, parser):
        parser.add_argument("--tickets", type=int, default=5000, help="How many.")

    def add_ticket(self, i):
        place, trouble, thing = choose(i, 3, PLACES), choose(i, 2, TROUBLES), choose(i, 1, THINGS)
        created = 1704099600 + i * 5400 + pick(i, 4, 5400)
        Ticket.objects.create(
            title=f"{thing} in {place} {trouble}", requester=f"{choose(i, 5, PEOPLE)}{pick(i, 6, 40)}@example.org",
            description=f"Since this morning: {thing} in {place} {trouble}. Could somebody have a look?",
            priority=1 + pick(i, 7, 3), status=choose(i, 8, STATUSES),
            created=datetime.fromtimestamp(created, timezone.utc))

    def handle(self, *args, tickets, **options):
        with transaction.atomic():
            if Ticket.objects.exists():
                self.stdout.write("There are tickets already: nothing was added.")
                return
            for i in range(tickets):
                self.add_ticket(i)
        self.stdout.write(f"{tickets} tickets were added.")
