#include "harness.h"

/* What ran, in order: "a> b> view <b <a". */
static Buf trail;
static void note(const char *what)
{
    if (trail.n)
        buf_byte(&trail, ' ');
    buf_c(&trail, what);
}

static ViewFn *the_view;
static ViewFn *the_404;
static Error reported;

static ViewFn *resolve(Request *r, const void *conf)
{
    (void)conf;
    if (!the_view)
        RAISE(r, 404, "not_found", "no such page");
    return the_view;
}
static Response *error_view(Request *r, const void *conf, int status)
{
    (void)conf;
    return status == 404 && the_404 ? the_404(r) : NULL;
}
static void report(Request *r, const Error *e)
{
    (void)r;
    reported = *e;
}
static const SiteRouter router = { .resolve = resolve, .error_view = error_view, .report = report };

static Response *view(Request *r)
{
    note("view");
    return HttpResponse(r, "hello");
}
static Response *failing(Request *r)
{
    note("view");
    RAISE(r, 403, "forbidden", "not <you>");
}
static Response *nothing(Request *r)
{
    (void)r;
    return NULL;
}

static Response *a_call(Request *r, Next *next)
{
    note("a>");
    Response *response = next_call(next, r);
    note("<a");
    SET_HEADER(r, response, "X-A", str_format(r->cx.arena, "%d", response->status));
    return response;
}
static Response *b_in(Request *r)
{
    (void)r;
    note("b>");
    return NULL;
}
static Response *b_out(Request *r, Response *response)
{
    (void)r;
    note("<b");
    return response;
}
static Response *c_in(Request *r)
{
    note("c>");
    return HttpResponse(r, "early");
}
static Response *c_out(Request *r, Response *response)
{
    (void)r;
    note("<c");
    return response;
}
static Response *c_raises(Request *r, Response *response)
{
    (void)response;
    RAISE(r, 500, "broken", "in the way out");
}
static Response *b_exception(Request *r, const Error *e)
{
    note("b!");
    return e->status == 403 ? HttpResponse(r, "handled", .status = 418) : NULL;
}
static const Middleware a = { .name = "a", .call = a_call };
static const Middleware b = { .name = "b", .process_request = b_in, .process_response = b_out };
static const Middleware b_catches = {
    .name = "b", .process_request = b_in, .process_response = b_out, .process_exception = b_exception
};
static const Middleware c_short = { .name = "c", .process_request = c_in, .process_response = c_out };
static const Middleware c_breaks = { .name = "c", .process_response = c_raises };

static bool behind_a_proxy, debugging;

static Response *respond(const Middleware *const *list, ViewFn *v, const char *headers)
{
    Settings *s = test_settings();
    s->use_x_forwarded_host = behind_a_proxy;
    s->debug = debugging;
    Request *r = test_get("/x/", headers, s);
    trail = BUF_INIT(test_arena(), 4096);
    the_view = v;
    Site *site = site_create(&r->cx, s, list, &router, NULL);
    return site_respond(site, r);
}

TEST(site, layers_run_in_and_out_in_order)
{
    Response *response = respond(MIDDLEWARE(&a, &b), view, "");
    CHECK_STR(buf_view(&trail), STR("a> b> view <b <a"));
    CHECK_EQ(response->status, 200);
    CHECK_STR(response->content, STR("hello"));
    CHECK_STR(response_header(response, STR("x-a")), STR("200"));
    CHECK_STR(response_header(response, STR("content-type")), STR("text/html; charset=utf-8"));
}

TEST(site, an_early_answer_passes_its_own_layer_and_the_outer_ones)
{
    Response *response = respond(MIDDLEWARE(&a, &c_short, &b), view, "");
    CHECK_STR(buf_view(&trail), STR("a> c> <c <a"));
    CHECK_STR(response->content, STR("early"));
}

TEST(site, a_raise_in_the_view_is_a_response_to_every_layer)
{
    Response *response = respond(MIDDLEWARE(&a, &b), failing, "");
    CHECK_STR(buf_view(&trail), STR("a> b> view <b <a"));
    CHECK_EQ(response->status, 403);
    CHECK_STR(response_header(response, STR("X-A")), STR("403"));
    CHECK(str_contains(response->content, STR("403 Forbidden")));
    CHECK(!str_contains(response->content, STR("you")));
    CHECK_EQ(reported.status, 403);
}

TEST(site, process_exception_may_answer)
{
    Response *response = respond(MIDDLEWARE(&a, &b_catches), failing, "");
    CHECK_STR(buf_view(&trail), STR("a> b> view b! <b <a"));
    CHECK_EQ(response->status, 418);
    CHECK_EQ(reported.status, 0);
}

TEST(site, a_raise_on_the_way_out_is_seen_by_the_outer_layers_only)
{
    Response *response = respond(MIDDLEWARE(&a, &b, &c_breaks), view, "");
    CHECK_STR(buf_view(&trail), STR("a> b> view <b <a"));
    CHECK_EQ(response->status, 500);
    CHECK_STR(response_header(response, STR("x-a")), STR("500"));
}

TEST(site, a_view_without_a_response_is_a_500)
{
    Response *response = respond(MIDDLEWARE(&a), nothing, "");
    CHECK_EQ(response->status, 500);
    CHECK(str_contains(reported.message, STR("didn't return a response")));
}

static Response *own_404(Request *r)
{
    return HttpResponse(r, str_concat(r->cx.arena, STR("own: "), request_error(r)->message), .status = 404);
}
static Response *broken_404(Request *r) { RAISE(r, 500, "broken", "the handler itself"); }

TEST(site, error_views_answer_and_may_break)
{
    the_404 = own_404;
    Response *response = respond(MIDDLEWARE(&a), NULL, "");
    CHECK_STR(response->content, STR("own: no such page"));
    the_404 = broken_404;
    response = respond(MIDDLEWARE(&a), NULL, "");
    CHECK_EQ(response->status, 404);
    CHECK(str_contains(response->content, STR("The requested resource was not found on this server.")));
}

TEST(site, a_client_of_json_gets_json)
{
    Response *response = respond(MIDDLEWARE(&a), failing, "Accept: application/json\r\n");
    CHECK_STR(response->content, STR("{\"detail\": \"not <you>\", \"code\": \"forbidden\"}"));
    CHECK_STR(response_header(response, STR("content-type")), STR("application/json"));
    response = respond(MIDDLEWARE(&a, &c_breaks), view, "Accept: application/json\r\n");
    CHECK_STR(response->content, STR("{\"detail\": \"Internal Server Error\", \"code\": \"error\"}"));
}

static Response *suspicious(Request *r) { return HttpResponse(r, request_host(r)); }

/* The names of settings, and how many fields a form may have, are the operator's to know. */
TEST(site, json_tells_no_client_what_is_suspicious)
{
    Response *response = respond(NULL, suspicious, "Accept: application/json\r\nX-Forwarded-Host: evil.test\r\n");
    CHECK_EQ(response->status, 200);
    behind_a_proxy = true;
    response = respond(NULL, suspicious, "Accept: application/json\r\nX-Forwarded-Host: evil.test\r\n");
    CHECK_EQ(response->status, 400);
    CHECK_STR(response->content, STR("{\"detail\": \"Bad Request\", \"code\": \"error\"}"));
    debugging = true;
    response = respond(NULL, suspicious, "Accept: application/json\r\nX-Forwarded-Host: evil.test\r\n");
    CHECK_STR_CONTAINS(response->content, STR("ALLOWED_HOSTS"));
}

static void guard(Request *r) { raise_response(r, HttpResponse(r, "stopped", .status = 402)); }
static Response *guarded_view(Request *r)
{
    guard(r);
    return HttpResponse(r, "never");
}

TEST(site, a_response_can_be_raised)
{
    Response *response = respond(MIDDLEWARE(&a, &b), guarded_view, "");
    CHECK_STR(buf_view(&trail), STR("a> b> <b <a"));
    CHECK_EQ(response->status, 402);
    CHECK_EQ(reported.status, 0);
}

static Response *greedy(Request *r) __attribute__((noreturn));
static Response *greedy(Request *r)
{
    for (;;)
        (void)arena_alloc(r->cx.arena, 1 << 20);
}

TEST(site, a_view_past_its_memory_is_answered)
{
    Settings *s = test_settings();
    Request *r = test_get("/x/", "", s);
    trail = BUF_INIT(test_arena(), 4096);
    the_view = greedy;
    Site *site = site_create(&r->cx, s, MIDDLEWARE(&a), &router, NULL);
    arena_set_limit(r->cx.arena, arena_used(r->cx.arena) + (8 << 20));
    CHECK_EQ(site_respond(site, r)->status, 413);
}

static bool unused(Context *cx, const Settings *s, void **state)
{
    (void)cx, (void)s, (void)state;
    return false;
}
static bool counts(Context *cx, const Settings *s, void **state)
{
    (void)s;
    *state = NEW(cx->arena, int);
    return true;
}
static Response *count(Request *r)
{
    ++*(int *)middleware_state(r);
    return NULL;
}
static Response *show_count(Request *r, Response *response)
{
    SET_HEADER(r, response, "X-Count", str_format(r->cx.arena, "%d", *(int *)middleware_state(r)));
    return response;
}

TEST(site, init_makes_state_or_leaves_a_middleware_out)
{
    static const Middleware out = { .name = "out", .init = unused, .process_request = c_in };
    static const Middleware counting = {
        .name = "counting", .init = counts, .process_request = count, .process_response = show_count
    };
    Response *response = respond(MIDDLEWARE(&out, &counting, &a), view, "");
    CHECK_STR(response->content, STR("hello"));
    CHECK_STR(response_header(response, STR("X-Count")), STR("1"));
}
