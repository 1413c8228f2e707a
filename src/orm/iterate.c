/*
 * iterate.c: rows one after the other, and rows updated and deleted by chunks, in constant memory. Rows are read by
 * chunks in a context of their own, whose memory is emptied before the next chunk.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/transaction.h>

typedef struct Iterating {
    Context *cx;
    Context inner;  /* of the rows of a chunk, and of what is read for them */
    Arena *scratch; /* its memory */
    QuerySet *q;
    const Sql *sql;
    Reading *reading;
    size_t chunk;
    bool more;
    ResultSet *set;
} Iterating;

static void finish(void *arg)
{
    Iterating *it = arg;
    context_finish(&it->inner);
    arena_destroy(it->scratch);
}

/* The inner context reads in the transactions of the outer one. */
static void begin_inner(Context *cx, Context *inner, Arena *scratch)
{
    context_finish(inner);
    arena_reset(scratch);
    context_init(inner, scratch);
    inner->databases = cx->databases;
    inner->locale = cx->locale;
    db_work(inner)->innermost = db_work(cx)->innermost;
    db_work(inner)->root = db_work(cx)->root;
}

static void begin_chunk(Iterating *it) { begin_inner(it->cx, &it->inner, it->scratch); }

static void read_chunk(Context *inner, void *arg)
{
    Iterating *it = arg;
    QuerySet *q = NEW(inner->arena, QuerySet);
    *q = *it->q;
    q->cx = inner;
    it->set = result_chunk(q, it->sql, it->reading, it->chunk, &it->more);
    if (q->nprefetch && it->set->n)
        prefetch_run(inner, it->set, q->prefetch, q->nprefetch);
}

static CLEF_COLD CLEF_NORETURN void raise_again(Context *cx, const Error *e)
{
    Error copy = *e;
    copy.message = str_copy(cx->arena, e->message);
    copy.hint = str_copy(cx->arena, e->hint);
    copy.payload = NULL;
    copy.frames = NULL;
    copy.nframes = 0;
    context_raise_error(cx, &copy);
}

static size_t iterate(QuerySet *q, size_t chunk, RowFn *fn, void *arg)
{
    Context *cx = q->cx;
    Sql sql = queryset_compile(q, SELECT_ROWS);
    size_t total = 0;
    if (sql.empty)
        return 0;
    Iterating *it = NEW(cx->arena, Iterating);
    *it = (Iterating){ .cx = cx, .q = q, .sql = &sql, .chunk = chunk, .more = true };
    it->scratch = arena_create(cx->arena, 0, 0);
    context_init(&it->inner, it->scratch);
    DEFER(cx, finish, it);
    /* In a transaction of MariaDB a result must be read to its end before the next statement, so it is read at once. */
    bool streams =
        dialect_of(cx, q->alias)->has.has_native_json_field || !work_scope(db_work(cx), work_pool(cx, q->alias));
    it->reading = streams ? reading_begin_streaming(cx, q->alias, q->info, sql.text, sql.params, sql.nparams)
                          : reading_begin(cx, q->alias, q->info, sql.text, sql.params, sql.nparams);
    while (it->more) {
        begin_chunk(it);
        const Error *e = attempt(&it->inner, read_chunk, it);
        if (e)
            raise_again(cx, e);
        db_work(cx)->queries += db_work(&it->inner)->queries;
        for (size_t i = 0; i < it->set->n; i++) {
            total++;
            if (!fn(cx, result_at(it->set, i), arg)) {
                it->more = false;
                break;
            }
        }
    }
    reading_end(it->reading);
    context_undefer(cx, finish, it);
    finish(it);
    return total;
}

size_t queryset_iterate(QuerySet *q, size_t chunk, RowFn *fn, void *arg)
{
    Context *cx = q->cx;
    size_t total = 0;
    if (q->mode != MODE_ROWS || q->raw)
        RAISE(cx, 500, "type_error", "queryset_iterate gives rows of a model, not values.");
    if (!chunk)
        chunk = QUERY_CHUNK;
    /* Of SQLite a statement inside of another sees the same transaction; others read ahead on connections of their own. */
    if (!str_eq(str_c(dialect_of(cx, q->alias)->vendor), STR("sqlite")))
        return iterate(q, chunk, fn, arg);
    ATOMIC(cx, .using = q->alias, .no_savepoint = true)
    total = iterate(q, chunk, fn, arg);
    return total;
}

/* --- writing by chunks */

typedef struct Chunks {
    Context *cx, inner;
    Arena *scratch, *keys; /* of a chunk; of the key where it ends */
    const QuerySet *q;
    const NamedExpr *set; /* NULL: rows are deleted */
    size_t chunk, changed;
    Value last; /* the key of the last row of the chunk before */
    bool begun, more;
} Chunks;

static void finish_chunks(void *arg)
{
    Chunks *c = arg;
    context_finish(&c->inner);
    arena_destroy(c->scratch);
    arena_destroy(c->keys);
}

/* The next rows by their keys, in a transaction of their own. */
static void write_chunk(Context *cx, void *arg)
{
    Chunks *c = arg;
    QuerySet *q = NEW(cx->arena, QuerySet);
    *q = *c->q;
    q->cx = cx;
    q = queryset_unordered(q);
    if (c->begun)
        q = FILTER(q, LOOKUP("pk__gt", c->last));
    List *end = queryset_list(SLICE(queryset_order_by(VALUES_FLAT(q, "pk"), ORDER("pk")), c->chunk - 1, c->chunk));
    c->more = end->n > 0;
    if (c->more) {
        Arena *keys = arena_create(c->cx->arena, 0, 256);
        Value upto = value_copy(keys, end->p[0]);
        q = FILTER(q, LOOKUP("pk__lte", upto));
        arena_destroy(c->keys);
        c->keys = keys;
        c->last = upto;
        c->begun = true;
    }
    c->changed = c->set ? queryset_update(q, c->set) : queryset_delete(q);
}

static size_t write_chunks(QuerySet *q, const NamedExpr *set, size_t chunk, ProgressFn *fn, void *arg)
{
    Context *cx = q->cx;
    size_t total = 0;
    bool goes_on = true;
    if (q->sliced || q->combinator || q->raw || q->mode != MODE_ROWS || q->info->nkeys != 1)
        RAISE(cx, 500, "type_error",
              "Rows are written by chunks of their keys: not of a slice, a union, raw SQL, values or a composite key.");
    Chunks *c = NEW(cx->arena, Chunks);
    *c = (Chunks){ .cx = cx, .q = q, .set = set, .chunk = chunk ? chunk : QUERY_CHUNK, .more = true };
    c->scratch = arena_create(cx->arena, 0, 0);
    c->keys = arena_create(cx->arena, 0, 256);
    context_init(&c->inner, c->scratch);
    DEFER(cx, finish_chunks, c);
    while (c->more && goes_on) {
        begin_inner(cx, &c->inner, c->scratch);
        const Error *e = attempt(&c->inner, write_chunk, c);
        if (e)
            raise_again(cx, e);
        db_work(cx)->queries += db_work(&c->inner)->queries;
        total += c->changed;
        goes_on = !c->changed || !fn || fn(cx, total, arg);
    }
    context_undefer(cx, finish_chunks, c);
    finish_chunks(c);
    return total;
}

size_t queryset_update_chunks(QuerySet *q, const NamedExpr *set, size_t chunk, ProgressFn *fn, void *arg)
{
    return write_chunks(q, set, chunk, fn, arg);
}

size_t queryset_delete_chunks(QuerySet *q, size_t chunk, ProgressFn *fn, void *arg)
{
    return write_chunks(q, NULL, chunk, fn, arg);
}
