/* pool.c: connections taken and given back, and the table of aliases. */
#include "db/pool.h"
#include <clef/rt/loop.h>

struct DbPool {
    Arena *arena;
    DbConfig config;
    DbConnection *idle; /* newest first: its statements are warm */
    unsigned open, nidle;
    bool unshareable;                    /* the server speaks in a way (TLS) in which connections are not shared */
    DbConnection *shared[DB_SHARED_MAX]; /* used by several fibers at once */
    unsigned size;
    Loop *loop;           /* of the shared ones */
    Mutex sharing;        /* while one is opened */
    Semaphore writers;    /* one at a time, where a database lets only one write */
    Semaphore free;       /* connections that may still be taken */
    DbConnection *failed; /* the last one that could not be opened: holds its error */
    DbError error;
    char exhausted[320];
};

struct Databases {
    Arena *arena;
    DbPool **pools;
    size_t n;
};

DbPool *db_pool_create(Arena *parent, const DbConfig *config)
{
    Arena *arena = arena_create(parent, 0, 1024);
    DbPool *pool = NEW(arena, DbPool);
    pool->arena = arena;
    pool->config = *config;
    unsigned size = config->pool_size ? config->pool_size : config->driver->pool_size;
    unsigned most = config->driver->most_connections ? config->driver->most_connections(config) : 0;
    pool->size = most && most < size ? most : size;
    pool->free.count = pool->size;
    pool->writers.count = 1;
    return pool;
}

static void close_one(DbPool *pool, DbConnection *c)
{
    pool->open--;
    db_close(c);
}

/* It is not given to anybody else, and ends with the last one who has it. */
static void retire(DbPool *pool, unsigned i)
{
    DbConnection *c = pool->shared[i];
    pool->shared[i] = NULL;
    if (c->users)
        return;
    close_one(pool, c);
    semaphore_post(&pool->free);
}

void db_pool_close_idle(DbPool *pool)
{
    while (pool->idle) {
        DbConnection *c = pool->idle;
        pool->idle = c->next;
        pool->nidle--;
        close_one(pool, c);
    }
    for (unsigned i = 0; i < DB_SHARED_MAX; i++)
        if (pool->shared[i])
            retire(pool, i);
}

void db_pool_destroy(DbPool *pool)
{
    if (!pool)
        return;
    db_pool_close_idle(pool);
    db_close(pool->failed);
    arena_destroy(pool->arena);
}

Semaphore *db_pool_writers(DbPool *pool) { return &pool->writers; }

const DbConfig *db_pool_config(const DbPool *pool) { return &pool->config; }
unsigned db_pool_open(const DbPool *pool) { return pool->open; }

unsigned db_pool_idle(const DbPool *pool)
{
    unsigned n = pool->nidle;
    for (unsigned i = 0; i < DB_SHARED_MAX; i++)
        n += pool->shared[i] && !pool->shared[i]->users;
    return n;
}

static bool is_old(const DbPool *pool, const DbConnection *c)
{
    return pool->config.max_age_ms > 0 && loop_clock() - c->opened_ns > pool->config.max_age_ms * 1000000;
}

/* Is the server still there? What the driver can tell without asking counts always. */
static bool is_alive(const DbPool *pool, DbConnection *c)
{
    if (c->driver->alive && !c->driver->alive(c))
        return false;
    if (!pool->config.health_checks || loop_clock() - c->used_ns < DB_HEALTH_CHECK_NS)
        return true;
    return db_execute(c, STR("SELECT 1"), NULL, 0, NULL);
}

static int64_t patience_ms(const DbPool *pool)
{
    return pool->config.pool_wait_ms > 0 ? pool->config.pool_wait_ms : DB_POOL_WAIT_MS;
}

/* Waits for a place among the connections. */
static bool take_place(DbPool *pool, int64_t deadline_ns)
{
    if (semaphore_try(&pool->free))
        return true;
    if (!fiber_self())
        return false;
    int64_t until = loop_clock() + patience_ms(pool) * 1000000;
    return semaphore_wait(&pool->free, deadline_ns && deadline_ns < until ? deadline_ns : until);
}

/* What is in use, how long it was waited for, and what can be done. */
static DbConnection *exhausted(DbPool *pool, const DbError **error)
{
    Buf b = { .p = pool->exhausted, .cap = sizeof pool->exhausted, .max = sizeof pool->exhausted - 1 };
    buf_printf(&b, "%s of the database '%.*s' in this process %s in use",
               pool->size == 1 ? "the only connection" : "all connections", STR_FMT(pool->config.alias),
               pool->size == 1 ? "is" : "are");
    if (pool->size > 1)
        buf_printf(&b, " (%u, the option pool_size)", pool->size);
    if (fiber_self())
        buf_printf(&b, ", and none became free in %lld ms (the option pool_wait, in seconds)",
                   (long long)patience_ms(pool));
    BUF_LIT(&b, ": keep waits for anything else out of ATOMIC, or raise pool_size");
    pool->error = (DbError){ .kind = DB_ERROR_POOL, .message = buf_view(&b) };
    *error = &pool->error;
    return NULL;
}

static DbConnection *acquire(DbPool *pool, int64_t deadline_ns, const DbError **error)
{
    if (CLEF_UNLIKELY(!take_place(pool, deadline_ns)))
        return exhausted(pool, error);
    while (pool->idle) {
        DbConnection *c = pool->idle;
        pool->idle = c->next;
        pool->nidle--;
        if (CLEF_LIKELY(!c->broken && !is_old(pool, c) && is_alive(pool, c)))
            return c;
        close_one(pool, c);
    }
    pool->open++;
    DbConnection *c = db_open(pool->arena, &pool->config);
    if (CLEF_UNLIKELY(!c)) {
        pool->open--;
        semaphore_post(&pool->free);
        pool->error = (DbError){ .kind = DB_ERROR_MEMORY, .message = STR("no memory for a connection") };
        *error = &pool->error;
        return NULL;
    }
    c->pool = pool;
    if (CLEF_LIKELY(!c->broken))
        return c;
    pool->open--;
    semaphore_post(&pool->free);
    db_close(pool->failed);
    pool->failed = c;
    *error = &c->error;
    return NULL;
}

/*
 * The one with the fewest users, which the loop watches, so that it need not be asked for its health; NULL: there is
 * none, or all are at something that takes long.
 */
static DbConnection *shared_one(DbPool *pool)
{
    DbConnection *best = NULL;
    int64_t now = loop_now(pool->loop);
    for (unsigned i = 0; i < DB_SHARED_MAX; i++) {
        DbConnection *c = pool->shared[i];
        if (!c)
            continue;
        if (CLEF_UNLIKELY(c->broken || c->retiring || is_old(pool, c) || (c->driver->alive && !c->driver->alive(c)))) {
            retire(pool, i);
            continue;
        }
        int64_t since = c->driver->waiting_since(c);
        if ((!since || now - since < DB_SHARED_PATIENCE_NS) && (!best || c->users < best->users))
            best = c;
    }
    return best;
}

/* One more of them, when there may be. */
static DbConnection *share_another(DbPool *pool)
{
    DbConnection *c = NULL;
    const DbError *error;
    unsigned i = 0;
    mutex_lock(&pool->sharing);
    c = shared_one(pool); /* somebody has opened one meanwhile */
    while (i < DB_SHARED_MAX && pool->shared[i])
        i++;
    if (!c && i < DB_SHARED_MAX && (pool->idle || pool->free.count)) {
        c = acquire(pool, 0, &error);
        if (c && c->driver->share(c)) {
            c->shared = true;
            pool->shared[i] = c;
        } else if (c) {
            pool->unshareable = true;
            db_release(c);
            c = NULL;
        }
    }
    mutex_unlock(&pool->sharing);
    return c;
}

static DbConnection *acquire_shared(DbPool *pool, int64_t deadline_ns, const DbError **error)
{
    Loop *loop = loop_current();
    if (!pool->config.driver->share || pool->unshareable || pool->size < DB_SHARED_POOL_LEAST || !loop || !fiber_self())
        return acquire(pool, deadline_ns, error);
    if (pool->loop != loop) {
        for (unsigned i = 0; i < DB_SHARED_MAX; i++)
            if (pool->shared[i])
                retire(pool, i);
        pool->loop = loop;
    }
    DbConnection *c = shared_one(pool);
    if (CLEF_UNLIKELY(!c))
        c = share_another(pool);
    if (CLEF_UNLIKELY(!c))
        return acquire(pool, deadline_ns, error);
    c->users++;
    return c;
}

DbConnection *db_acquire(DbPool *pool, const DbError **error) { return acquire(pool, 0, error); }
DbConnection *db_acquire_shared(DbPool *pool, const DbError **error) { return acquire_shared(pool, 0, error); }
DbConnection *db_acquire_until(DbPool *pool, bool shared, int64_t deadline_ns, const DbError **error)
{
    return shared ? acquire_shared(pool, deadline_ns, error) : acquire(pool, deadline_ns, error);
}

static void release_shared(DbPool *pool, DbConnection *c)
{
    unsigned i = 0;
    c->users--;
    if (c->users)
        return;
    while (i < DB_SHARED_MAX && pool->shared[i] != c)
        i++;
    if (CLEF_LIKELY(i < DB_SHARED_MAX && !c->broken && !c->retiring))
        return;
    if (i < DB_SHARED_MAX) {
        retire(pool, i);
    } else { /* retired while it was used */
        close_one(pool, c);
        semaphore_post(&pool->free);
    }
}

void db_release(DbConnection *c)
{
    DbPool *pool = c->pool;
    c->on_query = NULL;
    c->deadline_ns = 0;
    if (c->shared) {
        release_shared(pool, c);
        return;
    }
    if (c->transaction)
        db_rollback(c);
    if (CLEF_UNLIKELY(c->broken || c->retiring || c->copying)) {
        close_one(pool, c);
    } else {
        if (pool->config.health_checks)
            c->used_ns = loop_clock();
        c->next = pool->idle;
        pool->idle = c;
        pool->nidle++;
    }
    semaphore_post(&pool->free);
}

Databases *databases_create(Arena *parent, const DbConfig *configs, size_t n)
{
    Arena *arena = arena_create(parent, 0, 0);
    Databases *d = NEW(arena, Databases);
    *d = (Databases){ .arena = arena, .pools = NEW_ARRAY(arena, DbPool *, n ? n : 1), .n = n };
    bool has_default = false;
    for (size_t i = 0; i < n; i++)
        has_default |= str_eq(configs[i].alias, STR("default"));
    for (size_t i = 0; i < n; i++) {
        DbConfig config = configs[i];
        if (i == 0 && !config.alias.n && !has_default)
            config.alias = STR("default");
        d->pools[i] = db_pool_create(arena, &config);
    }
    return d;
}

void databases_destroy(Databases *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++)
        db_pool_destroy(d->pools[i]);
    arena_destroy(d->arena);
}

DbPool *databases_pool(Databases *d, Str alias)
{
    Str wanted = alias.n ? alias : STR("default");
    for (size_t i = 0; i < d->n; i++)
        if (str_eq(d->pools[i]->config.alias, wanted))
            return d->pools[i];
    return alias.n || !d->n ? NULL : d->pools[0];
}

size_t databases_count(const Databases *d) { return d->n; }
DbPool *databases_at(Databases *d, size_t i) { return i < d->n ? d->pools[i] : NULL; }

void databases_close_idle(Databases *d)
{
    for (size_t i = 0; i < d->n; i++)
        db_pool_close_idle(d->pools[i]);
}
