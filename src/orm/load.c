/*
 * load.c: bulk load from a stream: rows are made one after the other, each in memory that the next one uses again, and
 * go to the database by its fastest way.
 */
#include "orm/bulk.h"
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/row.h>
#include <clef/orm/transaction.h>

typedef struct Loading {
    Context *cx, inner; /* the inner one is of the row in turn */
    Arena *scratch;
    const ModelInfo *info;
    NextRowFn *next;
    void *arg;
    bool with_keys, more;
    Value *cells;
    const Error *error;
} Loading;

static void finish(void *arg)
{
    Loading *l = arg;
    context_finish(&l->inner);
    arena_destroy(l->scratch);
}

static void make_row(Context *inner, void *arg)
{
    Loading *l = arg;
    void *row = model_new(inner, l->info->m);
    l->more = l->next(inner, row, l->arg);
    for (size_t i = 0, k = 0; l->more && i < l->info->n; i++)
        if (bulk_writes(&l->info->fields[i], l->info, l->with_keys))
            l->cells[k++] = bulk_value(inner, &l->info->fields[i], row, true);
}

/* What is raised waits until the database has been told: nothing leaves by a jump from within its driver. */
static bool next_values(void *arg, Value *cells)
{
    Loading *l = arg;
    context_finish(&l->inner);
    arena_reset(l->scratch);
    context_init(&l->inner, l->scratch);
    l->inner.databases = l->cx->databases;
    l->inner.locale = l->cx->locale;
    l->cells = cells;
    l->error = attempt(&l->inner, make_row, l);
    return !l->error && l->more;
}

static size_t load(Loading *l, Str alias)
{
    Context *cx = l->cx;
    size_t n = 0, ncolumns = 0;
    const Str *columns = bulk_columns(cx, l->info, l->with_keys, &ncolumns);
    ATOMIC(cx, .using = alias, .no_savepoint = true)
    {
        n = work_copy(cx, alias, l->info, columns, ncolumns, next_values, l);
        if (l->error) {
            Error e = *l->error;
            e.message = str_copy(cx->arena, e.message);
            e.hint = str_copy(cx->arena, e.hint);
            e.payload = NULL;
            e.frames = NULL;
            e.nframes = 0;
            context_raise_error(cx, &e);
        }
    }
    return n;
}

size_t model_bulk_load(Context *cx, const Model *m, NextRowFn *next, void *arg, const BulkLoad *options)
{
    static const BulkLoad none = { .with_keys = false };
    const BulkLoad *o = options ? options : &none;
    const ModelInfo *info = model_info(cx, m);
    if (info->base)
        RAISE(cx, 500, "value_error", "Can't bulk load a multi-table inherited model");
    Loading *l = NEW(cx->arena, Loading);
    *l = (Loading){ .cx = cx, .info = info, .next = next, .arg = arg };
    l->with_keys = o->with_keys || !field_is_auto(info->pk->f);
    l->scratch = arena_create(cx->arena, 0, 0);
    context_init(&l->inner, l->scratch);
    DEFER(cx, finish, l);
    size_t n = load(l, o->using);
    context_undefer(cx, finish, l);
    finish(l);
    return n;
}
