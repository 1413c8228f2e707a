from django.db import models
from django.utils import timezone


class Ticket(models.Model):
    class Priority(models.IntegerChoices):
        LOW = 1
        NORMAL = 2
        HIGH = 3

    class Status(models.TextChoices):
        OPEN = "open"
        PENDING = "pending"
        RESOLVED = "resolved"

    title = models.CharField(max_length=200)
    requester = models.EmailField(verbose_name="your e-mail address")
    description = models.TextField()
    priority = models.SmallIntegerField(default=Priority.NORMAL, choices=Priority.choices)
    status = models.CharField(max_length=10, default=Status.OPEN, choices=Status.choices)
    created = models.DateTimeField(default=timezone.now, editable=False)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["-created", "-id"], name="ticket_newest"),
            models.Index(fields=["status", "-created", "-id"], name="ticket_status"),
        ]

    def __str__(self):
        return f"#{self.id} {self.title}"
