/* schema_kept.c: statements that wait for the end of a migration: indexes, and keys to tables that come later. */
#include "orm/schema_server.h"
#include <clef/base/vec.h>

void editor_keep(SchemaEditor *e, Str table, Str sql) { VEC_PUSH(e->a, &e->kept, (Kept){ table, sql }); }

void editor_forget(SchemaEditor *e, Str table)
{
    size_t n = 0;
    for (size_t i = 0; i < e->kept.n; i++)
        if (!str_eq(e->kept.p[i].table, table))
            e->kept.p[n++] = e->kept.p[i];
    e->kept.n = n;
}

void editor_finish(SchemaEditor *e)
{
    for (size_t i = 0; i < e->kept.n; i++)
        editor_run(e, e->kept.p[i].sql);
    e->kept.n = 0;
}

static bool is_about(const Kept *kept, Str table, Str column)
{
    return str_contains(kept->sql, table) && (!column.n || str_contains(kept->sql, column));
}

void editor_run_kept(SchemaEditor *e, Str table, Str column)
{
    size_t n = 0;
    for (size_t i = 0; i < e->kept.n; i++)
        if (is_about(&e->kept.p[i], table, column))
            editor_run(e, e->kept.p[i].sql);
        else
            e->kept.p[n++] = e->kept.p[i];
    e->kept.n = n;
}

void editor_forget_column(SchemaEditor *e, Str table, Str column)
{
    size_t n = 0;
    for (size_t i = 0; i < e->kept.n; i++)
        if (!is_about(&e->kept.p[i], table, column))
            e->kept.p[n++] = e->kept.p[i];
    e->kept.n = n;
}
