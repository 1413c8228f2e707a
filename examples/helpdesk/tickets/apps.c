#include "tickets.h"

const App tickets_app = {
    .label = "tickets",
    .models = MODELS(Ticket),
    .urls = tickets_urls,
    .commands = COMMANDS(&load_demo_command),
};
