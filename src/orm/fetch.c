/* fetch.c: fetch modes, and statements that run for one row each. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/orm/fetch.h>

static struct {
    FetchMode mode;
    size_t limit;
    OneByOneFn *fn;
    void *arg;
} process;

void fetch_mode_install(FetchMode mode) { process.mode = mode; }

void fetch_on_one_by_one(size_t limit, OneByOneFn *fn, void *arg)
{
    process.limit = limit ? limit : 1;
    process.fn = fn;
    process.arg = arg;
}

QuerySet *queryset_fetch_mode(QuerySet *q, FetchMode mode)
{
    QuerySet *copy = queryset_copy(q);
    copy->siblings = q->siblings;
    copy->fetch_mode = mode;
    return copy;
}

FetchMode fetch_mode_of(const ResultSet *set)
{
    FetchMode mode = set && set->fetch ? set->fetch : process.mode;
    return mode ? mode : FETCH_PEERS;
}

void fetch_blocked(Context *cx, const ModelInfo *info, Str member)
{
    RAISE(cx, 500, "field_fetch_blocked",
          "Fetching of %s.%.*s blocked. Name it by SELECT_RELATED, PREFETCH_RELATED or ONLY where the rows are read.",
          info->m->name, STR_FMT(member));
}

/* --- one by one */

/* Of one piece of work. */
typedef struct OneByOneCount {
    struct OneByOneCount *next;
    const ModelInfo *info;
    Str name;
    const char *file;
    int line;
    size_t n;
} OneByOneCount;

static Str remedy(Context *cx, OneByOneKind kind, const Via *via)
{
    switch (kind) {
    case ONE_RELATION:
        return str_format(cx->arena, "SELECT_RELATED(rows, \"%.*s\") reads it with the rows.", STR_FMT(via->name));
    case ONE_SET:
        return str_format(cx->arena,
                          "PREFETCH_RELATED(rows, PREFETCH(\"%.*s\", .queryset = ...)) reads it for all rows; ANNOTATE "
                          "with COUNT counts it.",
                          STR_FMT(via->name));
    case ONE_COLUMN:
        break;
    }
    return str_format(cx->arena, "Read \"%.*s\" with the rows: name it in ONLY, or take it out of DEFER_FIELDS.",
                      STR_FMT(via->name));
}

void fetch_one_by_one(Context *cx, OneByOneKind kind, const Via *via)
{
    if (CLEF_LIKELY(!process.fn))
        return;
    DbWork *w = db_work(cx);
    OneByOneCount *c = w->one_by_one;
    while (c && !(c->info == via->info && c->line == via->line && c->file == via->file && str_eq(c->name, via->name)))
        c = c->next;
    if (!c) {
        c = NEW(cx->arena, OneByOneCount);
        *c = (OneByOneCount){ w->one_by_one, via->info, str_copy(cx->arena, via->name), via->file, via->line, 0 };
        w->one_by_one = c;
    }
    if (++c->n != process.limit)
        return;
    OneByOne what = { .model = via->info->m,
                      .member = c->name,
                      .statements = c->n,
                      .file = via->file,
                      .line = via->line,
                      .remedy = remedy(cx, kind, via) };
    process.fn(process.arg, &what);
}
