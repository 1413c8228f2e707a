/*
 * join.c: the tables of a query. A way that leads to one row is joined once; a way that leads to many rows is taken anew
 * by each filter(), so that conditions of one call are about the same row, and those of two calls need not be.
 */
#include "orm/queryset.h"

static bool may_use(const Resolving *r, uint32_t join)
{
    const Join *j = &r->q->joins[join];
    return !hop_is_many(j->hop) || !r->used || (join < r->nused && r->used[join]);
}

static void mark(Resolving *r, uint32_t join)
{
    if (!r->used)
        return;
    if (join >= r->nused) {
        bool *used = NEW_ARRAY(r->q->cx->arena, bool, (size_t)join + 8);
        memcpy(used, r->used, r->nused * sizeof *used);
        r->used = used;
        r->nused = (size_t)join + 8;
    }
    r->used[join] = true;
}

uint32_t join_add(Resolving *r, uint32_t parent, Hop hop)
{
    QuerySet *q = r->q;
    for (uint32_t i = 1; i < q->njoins; i++) {
        const Join *j = &q->joins[i];
        if (j->parent == parent && j->hop.field == hop.field && j->hop.reverse == hop.reverse && may_use(r, i)) {
            mark(r, i);
            return i;
        }
    }
    if (q->njoins >= QUERY_MAX_JOINS)
        RAISE(q->cx, 500, "field_error", "A query joins more than %d tables.", QUERY_MAX_JOINS);
    Join *joins = NEW_ARRAY(q->cx->arena, Join, (size_t)q->njoins + 1);
    memcpy(joins, q->joins, q->njoins * sizeof *joins);
    joins[q->njoins] = (Join){ parent, hop, hop_is_nullable(hop) || joins[parent].left };
    q->joins = joins;
    mark(r, q->njoins);
    return q->njoins++;
}

const Node *join_column(Resolving *r, const Names *names)
{
    uint32_t at = 0;
    for (size_t i = 0; i < names->n; i++)
        at = join_add(r, at, names->hops[i]);
    Node *node = node_new(r->q->cx, NODE_COLUMN, 0);
    node->join = at;
    node->field = node->out = names->field;
    node->nullable = names->field->f->null || r->q->joins[at].left;
    return node;
}

uint32_t join_base(Resolving *r, const ModelInfo *base)
{
    uint32_t at = 0;
    for (const ModelInfo *m = r->q->info; m && m->concrete != base->concrete; m = m->base)
        at = join_add(r, at, (Hop){ m->parent_link, false });
    return at;
}
