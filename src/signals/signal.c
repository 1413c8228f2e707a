/*
 * signal.c: connecting and sending. Receivers are a list. While a signal is being sent, a disconnected receiver is only
 * marked dead, and freed when the last send has ended: also by a raise, through a deferred clean-up.
 */
#include <clef/base/assert.h>
#include <clef/signals/signal.h>

struct Receiver {
    Receiver *next;
    ReceiverFn *fn;
    ConnectOptions options;
    uint64_t serial; /* connected before a send began: not above the signal's serial then */
    bool dead;
    Arena *arena; /* holds this struct */
};

static bool same(const Receiver *r, ReceiverFn *fn, const ConnectOptions *o)
{
    if (r->dead || r->options.sender != o->sender)
        return false;
    if (r->options.dispatch_uid || o->dispatch_uid)
        return r->options.dispatch_uid && o->dispatch_uid && strcmp(r->options.dispatch_uid, o->dispatch_uid) == 0;
    return r->fn == fn && r->options.arg == o->arg;
}

bool signal_connect_with(Signal *s, ReceiverFn *fn, const ConnectOptions *options)
{
    ASSERT(fn != NULL);
    for (Receiver *r = s->first; r; r = r->next)
        if (same(r, fn, options))
            return false;
    Arena *a = arena_create(NULL, 0, 512);
    Receiver *r = NEW(a, Receiver);
    *r = (Receiver){ .fn = fn, .options = *options, .serial = ++s->serial, .arena = a };
    if (s->last)
        s->last->next = r;
    else
        s->first = r;
    s->last = r;
    return true;
}

static void sweep(Signal *s)
{
    if (s->sending || !s->has_dead)
        return;
    s->has_dead = false;
    s->last = NULL;
    for (Receiver **at = &s->first; *at;) {
        Receiver *r = *at;
        if (r->dead) {
            *at = r->next;
            arena_destroy(r->arena);
        } else {
            s->last = r;
            at = &r->next;
        }
    }
}

static void kill_receiver(Signal *s, Receiver *r)
{
    r->dead = true;
    s->has_dead = true;
}

bool signal_disconnect_with(Signal *s, ReceiverFn *fn, const ConnectOptions *options)
{
    for (Receiver *r = s->first; r; r = r->next)
        if (same(r, fn, options)) {
            kill_receiver(s, r);
            sweep(s);
            return true;
        }
    return false;
}

void signal_clear(Signal *s)
{
    for (Receiver *r = s->first; r; r = r->next)
        kill_receiver(s, r);
    sweep(s);
}

static bool hears(const Receiver *r, const void *sender)
{
    return !r->dead && (!r->options.sender || r->options.sender == sender);
}

bool signal_has_listeners(const Signal *s, const void *sender)
{
    for (const Receiver *r = s->first; r; r = r->next)
        if (hears(r, sender))
            return true;
    return false;
}

static void end_send(void *arg)
{
    Signal *s = arg;
    s->sending--;
    sweep(s);
}

void signal_send(Context *cx, Signal *s, const void *sender, const void *data)
{
    if (!s->first)
        return;
    uint64_t newest = s->serial;
    SignalEvent event = { .signal = s, .sender = sender, .data = data };
    context_defer(cx, end_send, s);
    s->sending++;
    for (Receiver *r = s->first; r && r->serial <= newest; r = r->next)
        if (hears(r, sender)) {
            event.arg = r->options.arg;
            r->fn(cx, &event);
        }
    if (context_undefer(cx, end_send, s))
        end_send(s);
}

typedef struct Call {
    const Receiver *receiver;
    SignalEvent event;
} Call;

static void call(Context *cx, void *arg)
{
    Call *c = arg;
    c->receiver->fn(cx, &c->event);
}

SignalResults signal_send_robust(Context *cx, Signal *s, const void *sender, const void *data)
{
    size_t most = 0;
    for (const Receiver *r = s->first; r; r = r->next)
        most += hears(r, sender);
    if (most == 0)
        return (SignalResults){ 0 };
    SignalResult *p = NEW_ARRAY(cx->arena, SignalResult, most);
    SignalResults results = { .p = p };
    uint64_t newest = s->serial;
    context_defer(cx, end_send, s);
    s->sending++;
    for (Receiver *r = s->first; r && r->serial <= newest; r = r->next) {
        if (!hears(r, sender))
            continue;
        Call c = { .receiver = r, .event = { .signal = s, .sender = sender, .data = data, .arg = r->options.arg } };
        const Error *e = attempt(cx, call, &c);
        if (e) {
            Error *copy = NEW(cx->arena, Error);
            *copy = *e;
            e = copy;
            results.failed++;
        }
        p[results.n++] = (SignalResult){ .fn = r->fn, .error = e };
    }
    if (context_undefer(cx, end_send, s))
        end_send(s);
    return results;
}
