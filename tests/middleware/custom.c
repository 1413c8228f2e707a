/* Middleware as projects write it: who may come in, how often, what a view finds on its request, how long it took. */
#include "answer.h"
#include <clef/rt.h>

/* --- by hooks, with a state that init makes: an address, a user agent, a number of requests in a window of time */

typedef struct Guard {
    Str office;
    int64_t window_ns, began;
    int most, seen;
} Guard;

static bool guard_init(Context *cx, const Settings *s, void **state)
{
    (void)s;
    Guard *guard = NEW(cx->arena, Guard);
    *guard = (Guard){ .office = STR("127.0.0.1"), .window_ns = INT64_C(3600000000000), .most = 2 };
    *state = guard;
    return true;
}

static Response *guard_request(Request *r)
{
    Guard *guard = middleware_state(r);
    if (!str_eq(request_remote_addr(r), guard->office))
        return HttpResponseForbidden(r, "not from there");
    if (str_contains(HEADER(r, "User-Agent"), STR("Scraper")))
        RAISE(r, 403, "agent", "not with that");
    int64_t now = loop_clock();
    if (!guard->began || now - guard->began >= guard->window_ns) {
        guard->began = now;
        guard->seen = 0;
    }
    if (++guard->seen > guard->most) {
        Response *response = HttpResponse(r, "too often", .status = 429);
        SET_HEADER(r, response, "Retry-After", "3600");
        return response;
    }
    request_set(r, STR("tenant"), value_str(STR("north")));
    return NULL;
}

static Response *guard_response(Request *r, Response *response)
{
    SET_HEADER(r, response, "X-Guarded", "yes");
    return response;
}

static const Middleware guard = {
    .name = "guard", .init = guard_init, .process_request = guard_request, .process_response = guard_response
};

/* --- around: what is inside takes a while, and may fail */

static int seen_status;
static Response *timing(Request *r, Next *next)
{
    int64_t from = loop_clock();
    Response *response = next_call(next, r);
    seen_status = response->status;
    SET_HEADER(r, response, "X-Took", str_format(r->cx.arena, "%d", loop_clock() >= from));
    return response;
}
static const Middleware timer = { .name = "timing", .call = timing };

static bool never_used(Context *cx, const Settings *s, void **state)
{
    (void)cx, (void)s, (void)state;
    return false;
}
static const Middleware unused = { .name = "unused", .init = never_used, .process_response = guard_response };

static Response *tenant_view(Request *r) { return HttpResponse(r, request_state(r, STR("tenant")).s); }
static Response *broken(Request *r) { RAISE(r, 500, "broken", "it is broken"); }

TEST(middleware, a_project_guards_its_site)
{
    Settings *s = test_settings();
    s->middleware = MIDDLEWARE(&timer, &guard);
    Response *response = answer_view(s, tenant_view, (Asked){ 0 });
    CHECK_EQ(response->status, 200);
    CHECK_STR(response->content, STR("north"));
    CHECK_HEADER(response, "X-Guarded", "yes");
    CHECK_HEADER(response, "X-Took", "1");
    response = answer_view(s, tenant_view, (Asked){ .headers = "User-Agent: Scraper/1\r\n" });
    CHECK_EQ(response->status, 403);
    CHECK_EQ(seen_status, 403); /* the layer outside sees a raise as a response */
    response = answer_view(s, broken, (Asked){ 0 });
    CHECK_EQ(seen_status, 500);
    CHECK_HEADER(response, "X-Took", "1");
}

static ViewFn *inner;
static ViewFn *resolve(Request *r, const void *conf)
{
    (void)r, (void)conf;
    return inner;
}

TEST(middleware, a_state_lives_as_long_as_the_site)
{
    static const SiteRouter router = { .resolve = resolve };
    Settings *s = test_settings();
    Context cx;
    context_init(&cx, test_arena());
    Site *site = site_create(&cx, s, MIDDLEWARE(&guard, &unused), &router, NULL);
    inner = tenant_view;
    static const int want[] = { 200, 200, 429, 429 };
    for (size_t i = 0; i < CLEF_COUNT(want); i++) {
        Response *response = site_respond(site, test_get("/", "", s));
        CHECK_EQ(response->status, want[i]);
        CHECK_HEADER(response, "X-Guarded", "yes"); /* a hook that answers early has its own way out, as in Django */
        CHECK_STR(response_header(response, STR("Retry-After")), want[i] == 429 ? STR("3600") : (Str){ 0 });
    }
}
