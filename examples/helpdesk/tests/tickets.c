#include "tickets/tickets.h"

#include <clef/test/client.h>

static Ticket *make_ticket(const char *title, const char *status)
{
    return CREATE(test_context(), Ticket, .title = str_c(title), .requester = STR("ada@example.org"),
                  .description = STR("It\nsmells."), .status = str_c(status));
}

TEST(tickets, an_empty_desk_invites_to_open_the_first)
{
    TestResponse *response = CLIENT_GET(TestClient(), "/");
    CHECK_CONTAINS(response, "Open the first one");
    CHECK_TEMPLATE_USED(response, "tickets/ticket_list.html");
    CHECK_TEMPLATE_USED(response, "base.html");
}

TEST(tickets, the_list_shows_pages_of_twenty_newest_first)
{
    for (int i = 1; i <= 45; i++)
        make_ticket(str_format(test_arena(), "ticket %d.", i).p, i % 3 ? OPEN : RESOLVED);
    TestClient *client = TestClient();
    TestResponse *response = CLIENT_GET(client, "/");
    CHECK_CONTAINS(response, "<tr role=\"row\">", .count = 21);
    CHECK_CONTAINS(response, "1 to 20 of 45");
    CHECK_CONTAINS(response, "ticket 45.");
    CHECK_CONTAINS(response, "?page=2\"");
    CHECK_NOT_CONTAINS(response, "ticket 25.");
    CHECK_EQ(response->nqueries, 2u);
    response = CLIENT_GET(client, "/", .data = DATA("page", "last"));
    CHECK_CONTAINS(response, "1 to 20 of 45");
    response = CLIENT_GET(client, "/", .data = DATA("page", 3));
    CHECK_CONTAINS(response, "41 to 45 of 45");
    CHECK_CONTAINS(response, "ticket 1.");
    response = CLIENT_GET(client, "/", .data = DATA("status", RESOLVED));
    CHECK_CONTAINS(response, "1 to 15 of 15");
    CHECK_CONTAINS(response, "class=\"status resolved\"", .count = 15);
    response = CLIENT_GET(client, "/", .data = DATA("status", OPEN, "page", 2));
    CHECK_CONTAINS(response, "?page=1&amp;status=open\"");
    CHECK_CONTAINS(CLIENT_GET(client, "/", .data = DATA("status", "nonsense")), "1 to 20 of 45");
}

TEST(tickets, a_ticket_is_shown_and_escaped)
{
    Ticket *ticket = make_ticket("<b>No</b> paper", PENDING);
    TestResponse *response = CLIENT_GET(TestClient(), str_format(test_arena(), "/%lld/", (long long)ticket->id).p);
    CHECK_CONTAINS(response, "<h1>&lt;b&gt;No&lt;/b&gt; paper</h1>");
    CHECK_CONTAINS(response, "<p>It<br>smells.</p>");
    CHECK_CONTAINS(response, ">Pending</span>");
    CHECK_CONTAINS(response, "<option value=\"pending\" selected>");
    response = CLIENT_GET(TestClient(), "/99/");
    CHECK_CONTAINS(response, "There is no such page", .status = 404);
}

TEST(tickets, the_status_is_changed_by_post_only)
{
    Ticket *ticket = make_ticket("No paper", OPEN);
    TestClient *client = TestClient();
    CHECK_STATUS(CLIENT_GET(client, "/1/status/"), 405);
    CHECK_STATUS(CLIENT_POST(client, "/1/status/", .data = DATA("status", "lost")), 400);
    CHECK_STATUS(CLIENT_POST(client, "/1/status/"), 400);
    CHECK_STATUS(CLIENT_POST(client, "/99/status/", .data = DATA("status", RESOLVED)), 404);
    REFRESH(test_context(), ticket);
    CHECK_STR(ticket->status, STR(OPEN));
    CHECK_REDIRECTS(CLIENT_POST(client, "/1/status/", .data = DATA("status", RESOLVED)), "/1/");
    REFRESH(test_context(), ticket);
    CHECK_STR(ticket->status, STR(RESOLVED));
    CHECK(datetime_cmp(ticket->updated, ticket->created) > 0);
}

TEST(tickets, the_stylesheet_is_served)
{
    TestResponse *response = CLIENT_GET(TestClient(), "/static/helpdesk.css");
    CHECK_CONTAINS(response, "prefers-color-scheme");
    CHECK_STR(TEST_HEADER(response, "Content-Type"), STR("text/css; charset=utf-8"));
    CHECK_STR(TEST_HEADER(response, "Cache-Control"), STR("max-age=3600"));
}

TEST(tickets, a_post_without_the_token_of_the_form_is_refused)
{
    make_ticket("No paper", OPEN);
    TestClient *client = TestClient(.enforce_csrf_checks = true);
    CHECK_STATUS(CLIENT_POST(client, "/1/status/", .data = DATA("status", RESOLVED)), 403);
    TestResponse *response = CLIENT_GET(client, "/1/");
    Str token = test_client_cookie(client, STR("csrftoken"));
    REQUIRE(token.n > 0);
    CHECK_CONTAINS(response, "name=\"csrfmiddlewaretoken\"");
    response = CLIENT_POST(client, "/1/status/", .data = DATA("status", RESOLVED, "csrfmiddlewaretoken", token));
    CHECK_REDIRECTS(response, "/1/");
}

TEST(tickets, demo_data_is_loaded_once_and_is_the_same_everywhere)
{
    TestCommand first = TEST_COMMAND("load_demo", "--tickets", "30");
    CHECK_EQ(first.status, 0);
    CHECK_STR(first.out, STR("30 tickets were added.\n"));
    CHECK_STR(TEST_COMMAND("load_demo").out, STR("There are tickets already: nothing was added.\n"));
    QuerySet *tickets = OBJECTS(test_context(), Ticket);
    CHECK_EQ(COUNT(tickets), 30u);
    Ticket *newest = FIRST(tickets, Ticket);
    CHECK_STR(newest->title, STR("My laptop in the lab shows the wrong date"));
    CHECK_STR(newest->requester, STR("hana36@example.org"));
}

TEST(tickets, the_form_shows_what_is_wrong_and_keeps_what_was_typed)
{
    TestClient *client = TestClient();
    TestResponse *response = CLIENT_GET(client, "/new/");
    CHECK_TEMPLATE_USED(response, "tickets/ticket_form.html");
    CHECK_CONTAINS(response, "<label for=\"id_requester\">Your e-mail address:</label>");
    CHECK_CONTAINS(response, "name=\"requester\" maxlength=\"254\" required");
    CHECK_CONTAINS(response, "<option value=\"2\" selected>Normal</option>");
    CHECK_NOT_CONTAINS(response, "The ticket is not open yet");
    response = CLIENT_POST(client, "/new/", .data = DATA("title", "<b>", "requester", "nobody", "priority", 9));
    CHECK_CONTAINS(response, "The ticket is not open yet");
    CHECK_CONTAINS(response, "value=\"&lt;b&gt;\"");
    CHECK_CONTAINS(response, "Enter a valid email address.");
    CHECK_CONTAINS(response, "Select a valid choice. 9 is not one of the available choices.");
    CHECK_FORM_ERROR(response, "form", "description", "This field is required.");
    CHECK_FORM_ERROR(response, "form", "title", NULL);
    response =
        CLIENT_POST(client, "/new/", .data = DATA("title", str_format(test_arena(), "%0201d", 1), "priority", 1));
    CHECK_CONTAINS(response, "Ensure this value has at most 200 characters (it has 201).");
    CHECK_EQ(COUNT(OBJECTS(test_context(), Ticket)), 0u);
}

TEST(tickets, the_form_opens_a_ticket)
{
    TestClient *client = TestClient();
    TestResponse *response = CLIENT_POST(client, "/new/",
                                         .data = DATA("title", " No paper ", "requester", "ada@example.org", "priority",
                                                      3, "description", "At all.", "status", RESOLVED));
    CHECK_REDIRECTS(response, "/1/");
    Ticket *ticket = GET_ROW(OBJECTS(test_context(), Ticket), Ticket);
    CHECK_STR(ticket->title, STR("No paper"));
    CHECK_STR(ticket->status, STR(OPEN)); /* the form does not set it */
    CHECK_EQ(ticket->priority, 3);
    CHECK_CONTAINS(CLIENT_GET(client, "/"), "No paper");
}
