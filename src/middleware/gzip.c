/* gzip.c: compression of every response that is worth it; the rules are those of response_gzip. */
#include <clef/http/gzip.h>
#include <clef/middleware/builtin.h>

static Response *process_response(Request *r, Response *response)
{
    response_gzip(r, response);
    return response;
}

const Middleware gzip_middleware = { .name = "gzip", .process_response = process_response };
