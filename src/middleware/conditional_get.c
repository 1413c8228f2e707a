/* conditional_get.c: ETags and 304 for every GET; the rules are those of conditional_page. */
#include <clef/http/cache_headers.h>
#include <clef/middleware/builtin.h>

const Middleware conditional_get_middleware = { .name = "conditional_get", .process_response = conditional_page };
