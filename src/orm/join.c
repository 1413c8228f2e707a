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

static uint32_t add(Resolving *r, uint32_t parent, Hop hop, const Filtered *filtered)
{
    QuerySet *q = r->q;
    for (uint32_t i = 1; i < q->njoins; i++) {
        const Join *j = &q->joins[i];
        if (j->parent == parent && j->hop.field == hop.field && j->hop.reverse == hop.reverse &&
            j->filtered == filtered && (filtered || may_use(r, i))) {
            mark(r, i);
            return i;
        }
    }
    if (q->njoins >= QUERY_MAX_JOINS)
        RAISE(q->cx, 500, "field_error", "A query joins more than %d tables.", QUERY_MAX_JOINS);
    Join *joins = NEW_ARRAY(q->cx->arena, Join, (size_t)q->njoins + 1);
    memcpy(joins, q->joins, q->njoins * sizeof *joins);
    joins[q->njoins] = (Join){ parent, hop, hop_is_nullable(hop) || joins[parent].left || filtered, filtered };
    q->joins = joins;
    mark(r, q->njoins);
    return q->njoins++;
}

uint32_t join_add(Resolving *r, uint32_t parent, Hop hop) { return add(r, parent, hop, NULL); }

uint32_t join_filtered(Resolving *r, const Filtered *f)
{
    Names way;
    uint32_t at = 0;
    names_resolve(r->q->cx, r->q->info, f->relation, &way);
    if (names_end_ahead(&way)) /* along a key, which is not followed by its name */
        way.hops[way.n++] = (Hop){ way.field, false };
    for (size_t i = 0; i < way.n; i++)
        at = add(r, at, way.hops[i], i + 1 == way.n ? f : NULL);
    return at;
}

const Node *join_column(Resolving *r, const Names *names)
{
    uint32_t at = names->from;
    for (size_t i = 0; i < names->n; i++)
        at = join_add(r, at, names->hops[i]);
    Node *node = node_new(r->q->cx, NODE_COLUMN, 0);
    node->join = at;
    node->field = node->out = names->field;
    node->nullable = names->field->f->null || r->q->joins[at].left;
    return node;
}
