#include "tickets.h"

const Url tickets_urls[] = {
    PATH("", ticket_list, .name = "list"),
    PATH("new/", ticket_new, .name = "new"),
    PATH("<int:pk>/", ticket_detail, .name = "detail"),
    PATH("<int:pk>/status/", ticket_status, .name = "status", VIEW_OPTIONS(.methods = REQUIRE_POST)),
    URLS_END,
};
