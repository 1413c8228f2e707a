/*
 * signal.h: telling whoever listens that something happened. The sender does not know its receivers; they run at once, in
 * the order in which they were connected, on the sender's fiber. Django's Signal.
 *
 *     static void make_profile(Context *cx, const SignalEvent *event)
 *     {
 *         const ModelSignal *save = event->data;
 *         if (save->created) ...
 *     }
 *     signal_connect(&post_save, make_profile, .sender = &User_model, .dispatch_uid = "make_profile");
 *
 * A Signal is an object of the part that sends it (`Signal order_paid = { .name = "order_paid" };`); what `data` points at
 * is part of its contract. Connect at start-up. The process's list of receivers is the signal's own, so a signal belongs to
 * one thread, as everything of a worker does.
 *
 * Connecting and disconnecting while a signal is being sent is fine: a receiver connected meanwhile is not called for this
 * event, one disconnected meanwhile and not yet called is not called any more.
 */
#ifndef CLEF_SIGNALS_SIGNAL_H
#define CLEF_SIGNALS_SIGNAL_H

#include <clef/rt/context.h>

typedef struct Signal Signal;
typedef struct Receiver Receiver;

typedef struct SignalEvent {
    const Signal *signal;
    const void *sender; /* who: a model, a class of object; NULL: nobody in particular */
    const void *data;   /* what: the struct that the signal's declaration names */
    void *arg;          /* what the receiver gave when it connected */
} SignalEvent;

typedef void ReceiverFn(Context *cx, const SignalEvent *event);

struct Signal {
    const char *name;
    /* private */
    Receiver *first, *last; /* NULL: nobody hears it */
    uint64_t serial;        /* of the newest receiver */
    uint32_t sending;       /* depth of sends that are running */
    bool has_dead;          /* receivers to free when none is */
};

typedef struct ConnectOptions {
    const void *sender;       /* only events of this sender; NULL: of any */
    const char *dispatch_uid; /* a second connection with the same uid and sender is ignored; NULL: fn and arg tell */
    void *arg;
} ConnectOptions;

/* False when it was connected already (same uid, or same fn and arg, and same sender). The uid is borrowed. */
CLEF_API(bool, signal_connect_with, Signal *s, ReceiverFn *fn, const ConnectOptions *options);
#define signal_connect(s, fn, ...) signal_connect_with((s), (fn), &(ConnectOptions){ __VA_ARGS__ })
/* Takes the connection back that signal_connect with the same arguments made; fn is not looked at when there is a uid. */
CLEF_API(bool, signal_disconnect_with, Signal *s, ReceiverFn *fn, const ConnectOptions *options);
#define signal_disconnect(s, fn, ...) signal_disconnect_with((s), (fn), &(ConnectOptions){ __VA_ARGS__ })
/* Takes all connections back: for tests. */
CLEF_API(void, signal_clear, Signal *s);
/* Would anybody hear it? For senders that would have to prepare the data. */
CLEF_API(bool, signal_has_listeners, const Signal *s, const void *sender);

/* Calls each receiver. What one raises goes on to the sender's caller, and the receivers after it are not called. */
CLEF_API(void, signal_send, Context *cx, Signal *s, const void *sender, const void *data);

/* What became of one receiver. */
typedef struct SignalResult {
    ReceiverFn *fn;
    const Error *error; /* what it raised, a copy in the context's arena; NULL: it returned */
} SignalResult;
typedef struct SignalResults {
    const SignalResult *p;
    size_t n, failed;
} SignalResults;

/* The same, but every receiver is called, and what they raise is collected. */
CLEF_API(SignalResults, signal_send_robust, Context *cx, Signal *s, const void *sender, const void *data);

#endif
