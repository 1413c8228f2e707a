/* arrange.c: operations into an order that their needs allow, and into migrations. */
#include "migrations/detect.h"

#include <stdlib.h>

enum { NAME_MAX_BYTES = 100 };

typedef VEC(Generated *) Generateds;
typedef VEC(Operation) Operations;

typedef struct AppWork {
    const char *app;
    Generateds todo;
    size_t made; /* migrations so far */
    const char *last;
} AppWork;

typedef struct Arranging {
    Detector *d;
    VEC(AppWork) apps;
    VEC(Change) changes;
    bool chop;
    const char *name;
} Arranging;

/* --- does an operation meet a need? */

static bool has_field(const Operation *op, const char *name)
{
    for (size_t i = 0; i < op->table->nfields; i++)
        if (same_c(op->table->fields[i].name, name))
            return true;
    return false;
}

static bool meets(const Operation *op, const Need *need)
{
    if (!same_ic(op->model, need->model) && !(op->kind == OPERATION_RENAME_MODEL && same_ic(op->new_name, need->model)))
        return false;
    switch (need->kind) {
    case NEED_MODEL:
        return op->kind == OPERATION_CREATE_MODEL ||
               (op->kind == OPERATION_RENAME_MODEL && same_ic(op->new_name, need->model));
    case NEED_NO_MODEL:
        return op->kind == OPERATION_DELETE_MODEL;
    case NEED_FIELD:
        return (op->kind == OPERATION_CREATE_MODEL && has_field(op, need->name)) ||
               (op->kind == OPERATION_ADD_FIELD && same_c(op->field->name, need->name));
    case NEED_NO_FIELD:
        return op->kind == OPERATION_REMOVE_FIELD && same_c(op->name, need->name);
    case NEED_ALTERED_FIELD:
        return op->kind == OPERATION_ALTER_FIELD && same_c(op->field->name, need->name);
    case NEED_ORDER_UNSET:
        return op->kind == OPERATION_ALTER_ORDER_WITH_RESPECT_TO && !same_ic(op->name, need->name);
    case NEED_TOGETHER_CHANGED:
        return op->kind == OPERATION_ALTER_UNIQUE_TOGETHER;
    case NEED_INDEX_REMOVED:
        return op->kind == OPERATION_REMOVE_INDEX || op->kind == OPERATION_REMOVE_CONSTRAINT;
    }
    return false;
}

/*
 * --- within an application: layer by layer, as they become free: what Django's sorter does, so that the order is its
 * order
 */

typedef struct Place {
    Generated *g;
    VEC(size_t) frees; /* those that wait for it, once for each of their needs */
    size_t waits_for;
} Place;

typedef struct Sorting {
    VEC(Place) places;
} Sorting;

static size_t place_of(Arena *a, Sorting *s, Generated *g)
{
    if (!g->placed) {
        g->placed = true;
        g->place = s->places.n;
        VEC_PUSH(a, &s->places, (Place){ .g = g });
    }
    return g->place;
}

static void add_waiting(Arena *a, Sorting *s, const AppWork *w, Generated *g)
{
    size_t at = place_of(a, s, g);
    for (size_t i = 0; i < g->needs.n; i++) {
        if (!same_c(g->needs.p[i].app, w->app))
            continue;
        for (size_t j = 0; j < w->todo.n; j++) {
            if (w->todo.p[j] == g || !meets(&w->todo.p[j]->op, &g->needs.p[i]))
                continue;
            size_t before = place_of(a, s, w->todo.p[j]);
            VEC_PUSH(a, &s->places.p[before].frees, at);
            s->places.p[at].waits_for++;
        }
    }
}

static void sort(Arranging *x, AppWork *w)
{
    Arena *a = x->d->a;
    Sorting s = { 0 };
    Generateds sorted = { 0 };
    for (size_t i = 0; i < w->todo.n; i++)
        add_waiting(a, &s, w, w->todo.p[i]);
    for (size_t i = 0; i < s.places.n; i++)
        if (!s.places.p[i].waits_for)
            VEC_PUSH(a, &sorted, s.places.p[i].g);
    for (size_t i = 0; i < sorted.n; i++) {
        const Place *done = &s.places.p[sorted.p[i]->place];
        for (size_t j = 0; j < done->frees.n; j++)
            if (!--s.places.p[done->frees.p[j]].waits_for)
                VEC_PUSH(a, &sorted, s.places.p[done->frees.p[j]].g);
    }
    if (sorted.n < w->todo.n)
        RAISE(x->d->cx, 500, "migration_error",
              "The changes of '%s' depend on each other in a circle: make them in two steps.", w->app);
    w->todo = sorted;
}

/* --- into migrations */

typedef VEC(MigrationKey) Keys;

static void add_key(Arranging *x, Keys *keys, MigrationKey key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (same_c(keys->p[i].app, key.app) && same_c(keys->p[i].name, key.name))
            return;
    VEC_PUSH(x->d->a, keys, key);
}

static AppWork *work_of(Arranging *x, const char *app)
{
    for (size_t i = 0; i < x->apps.n; i++)
        if (same_c(x->apps.p[i].app, app))
            return &x->apps.p[i];
    return NULL;
}

/* May the operation come now? Fills in what its migration then depends on. */
static bool satisfied(Arranging *x, const AppWork *w, const Generated *g, Keys *keys)
{
    for (size_t i = 0; i < g->needs.n; i++) {
        const Need *need = &g->needs.p[i];
        if (same_c(need->app, w->app) || !*need->app)
            continue;
        AppWork *other = work_of(x, need->app);
        for (size_t j = 0; other && j < other->todo.n; j++)
            if (meets(&other->todo.p[j]->op, need))
                return false;
        const char *leaf = x->d->known && x->d->known->leaf ? x->d->known->leaf(x->d->known->arg, need->app) : NULL;
        if (need->setting)
            add_key(x, keys, (MigrationKey){ SWAPPABLE_APP, need->setting });
        else if (other && other->last)
            add_key(x, keys, (MigrationKey){ need->app, other->last });
        else if (!x->chop)
            return false;
        else
            add_key(x, keys, (MigrationKey){ need->app, leaf ? leaf : "__first__" });
    }
    return true;
}

static unsigned number_of(const char *leaf)
{
    unsigned n = 0;
    for (; leaf && *leaf >= '0' && *leaf <= '9'; leaf++)
        n = n * 10 + (unsigned)(*leaf - '0');
    return n;
}

static void make(Arranging *x, AppWork *w, size_t n, Keys *keys)
{
    Arena *a = x->d->a;
    Operations ops = { 0 };
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(a, &ops, w->todo.p[i]->op);
    VEC_PUSH(a, &ops, (Operation){ .kind = OPERATION_NONE });
    w->todo.p += n;
    w->todo.n -= n;
    const char *leaf = x->d->known && x->d->known->leaf ? x->d->known->leaf(x->d->known->arg, w->app) : NULL;
    Change c = { .app = w->app, .initial = !leaf };
    c.operations = operations_optimize(a, w->app, ops.p);
    if (w->last)
        add_key(x, keys, (MigrationKey){ w->app, w->last });
    else if (leaf)
        add_key(x, keys, (MigrationKey){ w->app, leaf });
    VEC_PUSH(a, keys, (MigrationKey){ NULL, NULL });
    c.dependencies = keys->p;
    Str name = x->name ? str_c(x->name) : operations_name(a, c.operations, c.initial);
    unsigned number = (leaf ? number_of(leaf) : 0) + (unsigned)++w->made;
    c.name = str_format(a, "%04u_%.*s", number, STR_FMT(str_slice(name, 0, NAME_MAX_BYTES))).p;
    c.migration = (Migration){
        .app = c.app, .name = c.name, .initial = c.initial, .dependencies = c.dependencies, .operations = c.operations
    };
    w->last = c.name;
    VEC_PUSH(a, &x->changes, c);
}

static size_t left(const Arranging *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->apps.n; i++)
        n += x->apps.p[i].todo.n;
    return n;
}

static void cut(Arranging *x)
{
    for (size_t before; (before = left(x)) != 0;) {
        for (size_t i = 0; i < x->apps.n; i++) {
            AppWork *w = &x->apps.p[i];
            Keys keys = { 0 };
            size_t n = 0;
            while (n < w->todo.n && satisfied(x, w, w->todo.p[n], &keys))
                n++;
            if (!n || (n < w->todo.n && !x->chop))
                continue;
            make(x, w, n, &keys);
            x->chop = false;
        }
        if (left(x) != before)
            continue;
        if (x->chop)
            RAISE(x->d->cx, 500, "migration_error",
                  "The changes of several applications depend on each other in a circle: make them in two steps.");
        x->chop = true;
    }
}

static int by_app(const void *x, const void *y) { return strcmp(((const AppWork *)x)->app, ((const AppWork *)y)->app); }

static void hand_out(Arranging *x, Generated *g)
{
    AppWork *w = work_of(x, g->app);
    if (!w) {
        VEC_PUSH(x->d->a, &x->apps, (AppWork){ .app = g->app });
        w = &VEC_LAST(&x->apps);
    }
    VEC_PUSH(x->d->a, &w->todo, g);
}

size_t detect_arrange(Detector *d, const char *name, Change **out)
{
    Arranging x = { .d = d, .name = name };
    for (size_t i = 0; i < d->first.n; i++)
        hand_out(&x, d->first.p[i]);
    for (size_t i = 0; i < d->all.n; i++)
        hand_out(&x, d->all.p[i]);
    if (x.apps.n)
        qsort(x.apps.p, x.apps.n, sizeof *x.apps.p, by_app);
    for (size_t i = 0; i < x.apps.n; i++)
        sort(&x, &x.apps.p[i]);
    cut(&x);
    *out = x.changes.p;
    return x.changes.n;
}
