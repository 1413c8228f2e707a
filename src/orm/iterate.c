/*
 * iterate.c: rows one after the other, in constant memory. Rows are read by chunks in a context of their own, whose memory is
 * emptied before the next chunk.
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
static void begin_chunk(Iterating *it)
{
    context_finish(&it->inner);
    arena_reset(it->scratch);
    context_init(&it->inner, it->scratch);
    it->inner.databases = it->cx->databases;
    it->inner.locale = it->cx->locale;
    db_work(&it->inner)->innermost = db_work(it->cx)->innermost;
}

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
    it->reading = reading_begin(cx, q->alias, q->info, sql.text, sql.params, sql.nparams);
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
