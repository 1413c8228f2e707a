/* atomic_requests.c: a transaction around each view. */
#include <clef/core/atomic_requests.h>
#include <clef/orm/transaction.h>

enum { DATABASES_MAX = 8 };

typedef struct Wanted {
    Str aliases[DATABASES_MAX];
    size_t n;
} Wanted;

static bool is_wanted(const Settings *s, const DatabaseSettings *d)
{
    return d->atomic_requests || s->atomic_requests_default;
}

static bool wanted_init(Context *cx, const Settings *settings, void **state)
{
    Wanted *w = NEW(cx->arena, Wanted);
    for (size_t i = 0; i < settings->ndatabases; i++) {
        if (!is_wanted(settings, &settings->databases[i]))
            continue;
        if (w->n == DATABASES_MAX)
            RAISE(cx, 500, "improperly_configured", "At most %d databases can have ATOMIC_REQUESTS.", DATABASES_MAX);
        w->aliases[w->n++] = settings->databases[i].alias;
    }
    *state = w;
    return w->n > 0;
}

static Response *in_transactions(Request *r, Next *next, const Wanted *w, size_t i)
{
    Response *response = NULL;
    if (i == w->n)
        return next_call(next, r);
    ATOMIC(r, .using = w->aliases[i]) { response = in_transactions(r, next, w, i + 1); }
    return response;
}

static Response *around(Request *r, Next *next) { return in_transactions(r, next, middleware_state(r), 0); }

/* What was raised becomes a response further out; the transactions must not end well. */
static Response *on_exception(Request *r, const Error *e)
{
    (void)e;
    if (transaction_is_open(CX(r)))
        transaction_set_rollback_all(CX(r));
    return NULL;
}

const Middleware atomic_requests_middleware = {
    .name = "atomic requests", .init = wanted_init, .call = around, .process_exception = on_exception
};

const Middleware *const *atomic_requests_list(Arena *a, const Settings *settings, const Middleware *const *list)
{
    size_t n = 0;
    bool wanted = false;
    for (size_t i = 0; i < settings->ndatabases; i++)
        wanted |= is_wanted(settings, &settings->databases[i]);
    if (!wanted)
        return list;
    while (list && list[n])
        n++;
    const Middleware **with = NEW_ARRAY(a, const Middleware *, n + 2);
    for (size_t i = 0; i < n; i++)
        with[i] = list[i];
    with[n] = &atomic_requests_middleware;
    return with;
}
