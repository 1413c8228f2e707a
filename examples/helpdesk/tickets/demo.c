/* load_demo: tickets to look at. The same ones on every machine, and only into a table without any. */
#include "tickets.h"

static void load_demo(CommandCall *c);

const Command load_demo_command = {
    .name = "load_demo",
    .help = "Fills an empty help desk with tickets of a busy year.",
    .options = OPTIONS({ .name = "tickets",
                         .kind = OPTION_INT,
                         .fallback = "5000",
                         .least = 1,
                         .most = 1000000,
                         .help = "How many." }),
    .run = load_demo,
};

static const char *const things[] = { "The printer", "My laptop", "The VPN",         "The calendar",
                                      "The scanner", "E-mail",    "The door badge",  "The projector",
                                      "My keyboard", "The wiki",  "The build server" };
static const char *const troubles[] = { "does not start",
                                        "is very slow",
                                        "asks for a password every hour",
                                        "makes a noise",
                                        "lost my settings",
                                        "shows the wrong date",
                                        "stopped working after the update",
                                        "cannot be reached from home",
                                        "prints everything <twice> & in colour",
                                        "says \"access denied\"" };
static const char *const places[] = { "room 12",   "the second floor", "the workshop",
                                      "reception", "the lab",          "Building C" };
static const char *const people[] = {
    "ada", "bob", "chen", "dora", "emre", "fatima", "goran", "hana", "ines", "jonas"
};
static const char *const statuses[] = { OPEN, PENDING, RESOLVED, RESOLVED };

/* A number below `n` that depends on the ticket and on what it is for. */
static unsigned pick(unsigned ticket, unsigned what, size_t n)
{
    uint64_t x = (uint64_t)ticket * 0x9e3779b97f4a7c15u + (uint64_t)what * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 29) * 0x94d049bb133111ebu;
    return (unsigned)((x >> 33) % n);
}
#define PICK(i, what, table) (table)[pick((i), (what), CLEF_COUNT(table))]

static void add_ticket(CommandCall *c, unsigned i)
{
    Arena *a = c->cx.arena;
    const char *place = PICK(i, 3, places), *trouble = PICK(i, 2, troubles), *thing = PICK(i, 1, things);
    DateTime created = { ((int64_t)1704099600 + (int64_t)i * 5400 + pick(i, 4, 5400)) * 1000000 };
    CREATE(&c->cx, Ticket, .title = str_format(a, "%s in %s %s", thing, place, trouble),
           .requester = str_format(a, "%s%u@example.org", PICK(i, 5, people), pick(i, 6, 40)),
           .description =
               str_format(a, "Since this morning: %s in %s %s. Could somebody have a look?", thing, place, trouble),
           .priority = (int16_t)(1 + pick(i, 7, 3)), .status = str_c(PICK(i, 8, statuses)), .created = created);
}

static void load_demo(CommandCall *c)
{
    unsigned n = (unsigned)option_int(c, "tickets");
    ATOMIC(&c->cx)
    {
        if (EXISTS(OBJECTS(&c->cx, Ticket))) {
            command_say(c, "There are tickets already: nothing was added.");
            break;
        }
        for (unsigned i = 0; i < n; i++) {
            add_ticket(c, i);
            command_progress(c, "tickets", i + 1, n);
        }
        command_say(c, "%u tickets were added.", n);
    }
}
