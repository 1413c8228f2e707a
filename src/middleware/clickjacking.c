/* clickjacking.c: X-Frame-Options. */
#include "http/headers.h"
#include <clef/codec/http1.h>
#include <clef/conf/settings.h>
#include <clef/middleware/builtin.h>

static bool init(Context *cx, const Settings *s, void **state)
{
    Str *value = NEW(cx->arena, Str);
    *value = s->x_frame_options.n ? str_upper(cx->arena, s->x_frame_options) : STR("DENY");
    if (!http_is_value(*value))
        RAISE(cx, 500, "settings", "X_FRAME_OPTIONS must be DENY or SAMEORIGIN");
    *state = value;
    return true;
}

static Response *process_response(Request *r, Response *response)
{
    if (!response->xframe_options_exempt)
        headers_default_checked(&r->cx, &response->headers, HEADER_X_FRAME_OPTIONS, *(const Str *)middleware_state(r));
    return response;
}

const Middleware clickjacking_middleware = { .name = "clickjacking",
                                             .init = init,
                                             .process_response = process_response };
