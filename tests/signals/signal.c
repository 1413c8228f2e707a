#include <clef/signals.h>
#include <clef/test.h>

static Signal happened = { .name = "happened" };
static char heard[64];

static void hear(Context *cx, const SignalEvent *e)
{
    (void)cx;
    strncat(heard, e->arg ? e->arg : "?", sizeof heard - strlen(heard) - 1);
}
static void hear_data(Context *cx, const SignalEvent *e)
{
    (void)cx;
    CHECK(e->signal == &happened);
    strncat(heard, e->data, sizeof heard - strlen(heard) - 1);
}
static void fail(Context *cx, const SignalEvent *e)
{
    RAISE(cx, 500, "broken", "receiver %s failed", (const char *)e->arg);
}

static Context *context(void)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    return cx;
}
typedef struct Sending {
    const void *sender, *data;
} Sending;
static void send(Context *cx, void *arg)
{
    Sending *s = arg;
    signal_send(cx, &happened, s->sender, s->data);
}
static const Error *send_now(const void *sender, const void *data)
{
    heard[0] = 0;
    return attempt(context(), send, &(Sending){ sender, data });
}
#define HEARD(text) CHECK_STR(str_c(heard), STR(text))

TEST(signals, receivers_run_in_order_and_by_sender)
{
    int a, b;
    CHECK(signal_connect(&happened, hear, .arg = "1"));
    CHECK(signal_connect(&happened, hear, .arg = "2", .sender = &a));
    CHECK(signal_connect(&happened, hear_data));
    CHECK(send_now(&a, "d") == NULL);
    HEARD("12d");
    CHECK(send_now(&b, "d") == NULL);
    HEARD("1d");
    CHECK(send_now(NULL, "x") == NULL);
    HEARD("1x");
    CHECK(signal_has_listeners(&happened, &b));
    signal_clear(&happened);
    CHECK(!signal_has_listeners(&happened, &b));
    CHECK(send_now(&a, "d") == NULL);
    HEARD("");
}

TEST(signals, a_connection_is_made_once)
{
    int a;
    CHECK(signal_connect(&happened, hear, .arg = "1"));
    CHECK(!signal_connect(&happened, hear, .arg = "1"));
    CHECK(signal_connect(&happened, hear, .arg = "1", .sender = &a));
    CHECK(signal_connect(&happened, hear, .arg = "2", .dispatch_uid = "uid"));
    CHECK(!signal_connect(&happened, hear_data, .dispatch_uid = "uid"));
    CHECK(send_now(NULL, "") == NULL);
    HEARD("12");
    CHECK(signal_disconnect(&happened, NULL, .dispatch_uid = "uid"));
    CHECK(!signal_disconnect(&happened, NULL, .dispatch_uid = "uid"));
    CHECK(!signal_disconnect(&happened, hear, .arg = "9"));
    CHECK(signal_disconnect(&happened, hear, .arg = "1"));
    CHECK(send_now(&a, "") == NULL);
    HEARD("1");
    signal_clear(&happened);
}

TEST(signals, send_stops_at_a_raise)
{
    signal_connect(&happened, hear, .arg = "1");
    signal_connect(&happened, fail, .arg = "two");
    signal_connect(&happened, hear, .arg = "3");
    const Error *e = send_now(NULL, "");
    REQUIRE(e != NULL);
    CHECK_STR(e->message, STR("receiver two failed"));
    HEARD("1");
    CHECK_EQ(happened.sending, 0);
    signal_clear(&happened);
    CHECK(happened.first == NULL);
}

static void robust(Context *cx, void *arg) { *(SignalResults *)arg = signal_send_robust(cx, &happened, NULL, "d"); }

TEST(signals, send_robust_collects)
{
    SignalResults results = { 0 };
    signal_connect(&happened, fail, .arg = "one");
    signal_connect(&happened, hear, .arg = "2");
    signal_connect(&happened, fail, .arg = "three");
    heard[0] = 0;
    REQUIRE(attempt(context(), robust, &results) == NULL);
    REQUIRE(results.n == 3);
    CHECK_EQ(results.failed, 2);
    CHECK_STR(results.p[0].error->message, STR("receiver one failed"));
    CHECK(results.p[1].error == NULL);
    CHECK(results.p[1].fn == hear);
    CHECK_STR(results.p[2].error->message, STR("receiver three failed"));
    HEARD("2");
    signal_clear(&happened);
}

static void connect_more(Context *cx, const SignalEvent *e)
{
    (void)cx, (void)e;
    signal_connect(&happened, hear, .arg = "new");
    signal_disconnect(&happened, hear, .arg = "gone");
    signal_disconnect(&happened, connect_more);
}
static void send_again(Context *cx, const SignalEvent *e)
{
    signal_disconnect(&happened, send_again);
    signal_send(cx, &happened, e->sender, e->data);
}

TEST(signals, connecting_while_sending)
{
    signal_connect(&happened, connect_more);
    signal_connect(&happened, hear, .arg = "gone");
    signal_connect(&happened, hear, .arg = "stays");
    CHECK(send_now(NULL, "") == NULL);
    HEARD("stays");
    CHECK(send_now(NULL, "") == NULL);
    HEARD("staysnew");
    signal_connect(&happened, send_again);
    CHECK(send_now(NULL, "") == NULL);
    HEARD("staysnewstaysnew");
    CHECK(send_now(NULL, "") == NULL);
    HEARD("staysnew");
    signal_clear(&happened);
}

TEST(signals, djangos_signals_are_there)
{
    static Signal *const all[] = { &request_started, &request_finished, &got_request_exception,
                                   &setting_changed, &class_prepared,   &pre_init,
                                   &post_init,       &pre_save,         &post_save,
                                   &pre_delete,      &post_delete,      &m2m_changed,
                                   &pre_migrate,     &post_migrate,     &user_logged_in,
                                   &user_logged_out, &user_login_failed };
    static const char names[] =
        "request_started request_finished got_request_exception setting_changed class_prepared pre_init "
        "post_init pre_save post_save pre_delete post_delete m2m_changed pre_migrate post_migrate "
        "user_logged_in user_logged_out user_login_failed";
    Str rest = str_c(names), name;
    for (size_t i = 0; i < CLEF_COUNT(all); i++) {
        REQUIRE(str_cut(&rest, ' ', &name));
        CHECK_STR(str_c(all[i]->name), name);
        CHECK(!signal_has_listeners(all[i], NULL));
    }
}
