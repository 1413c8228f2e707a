/* router.c: the routers of a process, asked one after another. */
#include "orm/work.h"
#include <clef/orm/router.h>
#include <clef/orm/row.h>

static const DatabaseRouter *const *installed;

void routers_install(const DatabaseRouter *const *routers) { installed = routers; }

bool routers_are_installed(void) { return installed && *installed; }

static Str alias_of_row(const void *row)
{
    const RowState *state = row ? *row_state_of((void *)(uintptr_t)row) : NULL;
    return state ? state->alias : (Str){ 0 };
}

Str router_db_for_read(Context *cx, Str using, const Model *m, const void *row)
{
    if (using.n || !installed)
        return using.n || !row ? using : alias_of_row(row);
    /* What a transaction has written it must see: reads follow it. */
    const AtomicScope *scope = cx->db_work ? ((const DbWork *)cx->db_work)->innermost : NULL;
    for (const DatabaseRouter *const *r = installed; *r; r++) {
        Str alias = (*r)->db_for_read ? (*r)->db_for_read(cx, m, row) : (Str){ 0 };
        if (!alias.n)
            continue;
        return scope && work_pool(cx, alias) != scope->pool ? db_pool_config(scope->pool)->alias : alias;
    }
    return alias_of_row(row);
}

Str router_db_for_write(Context *cx, Str using, const Model *m, const void *row)
{
    if (using.n || !installed)
        return using.n || !row ? using : alias_of_row(row);
    for (const DatabaseRouter *const *r = installed; *r; r++) {
        Str alias = (*r)->db_for_write ? (*r)->db_for_write(cx, m, row) : (Str){ 0 };
        if (alias.n)
            return alias;
    }
    return alias_of_row(row);
}

static RouterAnswer opinion_on(Context *cx, const Model *a, const Model *b)
{
    RouterAnswer answer = ROUTER_NO_OPINION;
    for (const DatabaseRouter *const *r = installed; answer == ROUTER_NO_OPINION && r && *r; r++)
        if ((*r)->allow_relation)
            answer = (*r)->allow_relation(cx, a, b);
    return answer;
}

bool router_allow_relation(Context *cx, const Model *a, const Model *b) { return opinion_on(cx, a, b) != ROUTER_NO; }

bool rows_may_relate(Context *cx, const void *a, const void *b)
{
    const RowState *x = *row_state_of((void *)(uintptr_t)a), *y = *row_state_of((void *)(uintptr_t)b);
    Str of_a = row_database(a), of_b = row_database(b);
    if (!x || !y || !of_a.n || !of_b.n || str_eq(of_a, of_b))
        return true;
    return opinion_on(cx, x->info->m, y->info->m) == ROUTER_YES;
}

bool router_allow_migrate(Str alias, Str app_label, const Model *m)
{
    for (const DatabaseRouter *const *r = installed; r && *r; r++) {
        RouterAnswer answer = (*r)->allow_migrate ? (*r)->allow_migrate(alias, app_label, m) : ROUTER_NO_OPINION;
        if (answer != ROUTER_NO_OPINION)
            return answer == ROUTER_YES;
    }
    return true;
}
