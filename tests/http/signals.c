#include "../middleware/answer.h"
#include <clef/signals/builtin.h>

static Buf trail;
static int broken; /* status that the next receiver raises */

static void note(Context *cx, const SignalEvent *event)
{
    const RequestSignal *data = event->data;
    buf_printf(&trail, "%s%s", trail.n ? " " : "", event->signal->name);
    if (data->error)
        buf_printf(&trail, "(%.*s)", STR_FMT(data->error->message));
    CHECK_PTR(CX(data->request), cx);
    CHECK_PTR(event->sender, data->request->site);
    if (broken)
        RAISE(cx, broken, "receiver", "the receiver broke");
}

static Response *page(Request *r)
{
    buf_printf(&trail, " view");
    return HttpResponse(r, "x");
}
static Response *missing(Request *r) { RAISE(r, 404, "not_found", "gone"); }
static Response *failing(Request *r) { RAISE(r, 500, "bug", "a bug"); }

static int ask(ViewFn *view)
{
    trail = BUF_INIT(test_arena(), 4096);
    int status = answer_view(test_settings(), view, (Asked){ 0 })->status;
    request_finish(answered_request());
    return status;
}

TEST(http, signals_of_a_request)
{
    signal_connect(&request_started, note);
    signal_connect(&request_finished, note);
    signal_connect(&got_request_exception, note);
    CHECK_EQ(ask(page), 200);
    CHECK_STR(buf_view(&trail), STR("request_started view request_finished"));
    CHECK_EQ(ask(missing), 404);
    CHECK_STR(buf_view(&trail), STR("request_started request_finished"));
    CHECK_EQ(ask(failing), 500);
    CHECK_STR(buf_view(&trail), STR("request_started got_request_exception(a bug) request_finished"));
    signal_clear(&request_started);
    signal_clear(&request_finished);
    signal_clear(&got_request_exception);
}

TEST(http, a_receiver_that_raises_is_answered)
{
    signal_connect(&request_started, note);
    broken = 403;
    CHECK_EQ(ask(page), 403);
    CHECK_STR(buf_view(&trail), STR("request_started"));
    signal_clear(&request_started);
    signal_connect(&got_request_exception, note);
    signal_connect(&request_finished, note);
    CHECK_EQ(ask(failing), 500);
    CHECK_STR(buf_view(&trail), STR("got_request_exception(a bug) request_finished"));
    signal_clear(&got_request_exception);
    signal_clear(&request_finished);
}
