#include "models.h"

static Str ticket_str(Context *cx, const void *row)
{
    const Ticket *ticket = row;
    return str_format(cx->arena, "#%lld %.*s", (long long)ticket->id, STR_FMT(ticket->title));
}

static Value now(Context *cx)
{
    (void)cx;
    return VALUE(datetime_now());
}

/* clang-format off */
const Model Ticket_model = {
    MODEL(Ticket),
    .ordering = ORDER("-created", "-id"),
    .str = ticket_str,
    FIELDS(Ticket,
        CharField(title, .max_length = 200),
        EmailField(requester, .verbose_name = "your e-mail address"),
        TextField(description),
        SmallIntegerField(priority, .default_value = DEFAULT(2),
                          .choices = CHOICES(CHOICE(1, "Low"), CHOICE(2, "Normal"), CHOICE(3, "High"))),
        CharField(status, .max_length = 10, .default_value = DEFAULT(OPEN),
                  .choices = CHOICES(CHOICE(OPEN, "Open"), CHOICE(PENDING, "Pending"), CHOICE(RESOLVED, "Resolved"))),
        DateTimeField(created, .default_fn = now, .not_editable = true),
        DateTimeField(updated, .auto_now = true)),
    INDEXES(NAMED_INDEX("ticket_newest", "-created", "-id"), NAMED_INDEX("ticket_status", "status", "-created", "-id")),
};
