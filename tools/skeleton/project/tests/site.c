#include <clef/test/client.h>

TEST(site, the_first_page_is_shown)
{
    TestResponse *response = CLIENT_GET(TestClient(), "/");
    CHECK_CONTAINS(response, "<h1>It works</h1>");
    CHECK_TEMPLATE_USED(response, "@app@/index.html");
}
