/* shape.c: what the SQL of a queryset depends on as bytes, and the statements that were written for such bytes. */
#include "orm/shape.h"
#include "base/hash_quick.h"

/* --- the key */

static inline __attribute__((always_inline)) void put(Shape *s, const void *p, size_t n)
{
    if (CLEF_UNLIKELY(n > SHAPE_KEY_MAX - s->n)) {
        s->none = true;
        return;
    }
    memcpy(s->key + s->n, p, n);
    s->n += n;
}
#define PUT(s, v) put((s), &(v), sizeof(v))

static void put_str(Shape *s, Str text)
{
    PUT(s, text.n);
    if (text.n)
        put(s, text.p, text.n);
}

/* A type of the models, or one of those that every process has; what is made for one query may stand anywhere. */
static void put_type(Shape *s, const FieldInfo *out)
{
    if (out && !out->model && out != type_field(out->kind))
        s->none = true;
    PUT(s, out);
}

static void put_value(Shape *s, const Node *n)
{
    FieldKind kind = n->out ? n->out->kind : FIELD_NONE;
    size_t at = 0;
    while (at < s->nvalues && s->values[at] != &n->value)
        at++;
    if (at == SHAPE_VALUES_MAX || n->value.tag == VALUE_LIST || n->value.tag == VALUE_MAP || kind == FIELD_JSON) {
        s->none = true;
        return;
    }
    const uint16_t head[] = { NODE_VALUE, (uint16_t)kind, (uint16_t)((unsigned)n->literal | (unsigned)n->nullable << 1),
                              (uint16_t)at };
    PUT(s, head);
    if (at == s->nvalues)
        s->values[s->nvalues++] = &n->value;
}

static void put_node(Shape *s, const Node *n, unsigned depth)
{
    if (s->none || n->kind == NODE_VALUE) {
        if (!s->none)
            put_value(s, n);
        return;
    }
    bool plain = n->value.tag == VALUE_NULL || n->value.tag == VALUE_BOOL;
    if (depth > SHAPE_DEPTH_MAX || !plain || n->query || n->outers || n->nkeys || n->parts || n->nsorted || n->zone ||
        n->kind == NODE_RAW || n->kind == NODE_OUTER || n->kind == NODE_WINDOW) {
        s->none = true;
        return;
    }
    const struct {
        uint8_t kind, op, nulls, zero;
        uint32_t flags, join, n;
    } head = { .kind = (uint8_t)n->kind,
               .op = (uint8_t)n->op,
               .nulls = (uint8_t)n->nulls,
               .flags = (uint32_t)n->aggregate | (uint32_t)n->window << 1 | (uint32_t)n->distinct << 2 |
                        (uint32_t)n->nullable << 3 | (uint32_t)n->unguarded << 4 | (uint32_t)n->descending << 5 |
                        (uint32_t)n->as_text << 6 | (uint32_t)n->literal << 7 | (uint32_t)(n->where != NULL) << 8 |
                        (uint32_t)(n->guard != NULL) << 9 | (uint32_t)(n->name.n > 0) << 10 |
                        (uint32_t)(n->detail.n > 0) << 11 | (uint32_t)(n->value.tag == VALUE_BOOL && n->value.b) << 12,
               .join = n->join,
               .n = (uint32_t)n->n };
    PUT(s, head);
    put_type(s, n->out);
    PUT(s, n->field);
    if (n->kind == NODE_COLUMN)
        return;
    PUT(s, n->fn);
    if (CLEF_UNLIKELY(n->name.n))
        put_str(s, n->name);
    if (CLEF_UNLIKELY(n->detail.n))
        put_str(s, n->detail);
    for (size_t i = 0; i < n->n; i++)
        put_node(s, n->args[i], depth + 1);
    if (n->where)
        put_node(s, n->where, depth + 1);
    if (n->guard)
        put_node(s, n->guard, depth + 1);
}

static void put_nodes(Shape *s, const Named *nodes, size_t n)
{
    PUT(s, n);
    for (size_t i = 0; i < n && !s->none; i++) {
        PUT(s, nodes[i].hidden);
        put_str(s, nodes[i].name);
        put_node(s, nodes[i].node, 0);
    }
}

static void put_strs(Shape *s, const Str *texts, size_t n)
{
    PUT(s, n);
    for (size_t i = 0; i < n; i++)
        put_str(s, texts[i]);
}

void shape_of(const QuerySet *q, SelectWhat what, Shape *s)
{
    s->n = s->nvalues = 0;
    s->none = q->combinator || q->raw || q->nfiltered || q->outer_asked || q->lock.on;
    const Dialect *d = dialect_of(q->cx, q->alias);
    const uint32_t head[] = { what,        q->mode,          q->grouping,      q->njoins,   q->ordered,
                              q->reversed, q->sliced,        q->none,          q->distinct, q->related_all,
                              q->named,    q->where != NULL, q->deferring.only };
    PUT(s, d);
    PUT(s, q->info);
    PUT(s, head);
    PUT(s, q->from);
    PUT(s, q->to);
    for (uint32_t i = 1; i < q->njoins && !s->none; i++) {
        const Join *j = &q->joins[i];
        const uint32_t bits[] = { j->parent, (uint32_t)j->hop.reverse | (uint32_t)j->left << 1 };
        s->none |= j->filtered != NULL;
        PUT(s, bits);
        PUT(s, j->hop.field);
    }
    if (q->where && !s->none)
        put_node(s, q->where, 0);
    put_nodes(s, q->annotations, q->nannotations);
    put_nodes(s, q->selected, q->nselected);
    PUT(s, q->ngroup);
    for (size_t i = 0; i < q->ngroup && !s->none; i++)
        put_node(s, q->group[i], 0);
    PUT(s, q->norder);
    for (size_t i = 0; i < q->norder; i++) {
        s->none |= q->order[i].expr != NULL;
        put_str(s, q->order[i].name);
    }
    put_strs(s, q->distinct_on, q->ndistinct_on);
    put_strs(s, q->related, q->nrelated);
    put_strs(s, q->deferring.names, q->deferring.n);
    /* Names in an order may have transforms, which look at instants in the zone of the work. */
    put_str(s, timezone_name(current_zone(q->cx)));
    if (!s->none)
        s->hash = hash_quick(s->key, s->n);
}

/* --- what was written */

typedef struct Kept {
    struct Kept *chain, *newer, *older;
    Arena *arena;
    uint64_t hash;
    Str key;
    Sql sql;
    const ModelInfo *info;
    const uint8_t *slots; /* of each parameter: which value */
} Kept;

enum { BUCKETS = 1024 };

typedef struct Shapes {
    Arena *arena;
    uint64_t generation; /* of the models that the keys are about */
    Kept *newest, *oldest;
    size_t n, found;
    Kept *buckets[BUCKETS];
} Shapes;

static __thread Shapes *shapes;
static size_t most_kept = SHAPES_DEFAULT;

void shapes_limit(size_t most) { most_kept = most; }

size_t shapes_kept(size_t *found)
{
    *found = shapes ? shapes->found : 0;
    return shapes ? shapes->n : 0;
}

static void unlink_use(Shapes *all, Kept *k)
{
    *(k->newer ? &k->newer->older : &all->newest) = k->older;
    *(k->older ? &k->older->newer : &all->oldest) = k->newer;
    k->newer = k->older = NULL;
}

static void link_newest(Shapes *all, Kept *k)
{
    k->older = all->newest;
    *(all->newest ? &all->newest->newer : &all->oldest) = k;
    all->newest = k;
}

static void drop(Shapes *all, Kept *k)
{
    for (Kept **at = &all->buckets[k->hash % BUCKETS]; *at; at = &(*at)->chain)
        if (*at == k) {
            *at = k->chain;
            break;
        }
    unlink_use(all, k);
    all->n--;
    arena_destroy(k->arena);
}

/* Those of models that were populated anew are gone: their addresses may mean something else now. NULL: no memory. */
static Shapes *current(void)
{
    if (CLEF_LIKELY(shapes && shapes->generation == models_generation()))
        return shapes;
    if (shapes)
        arena_destroy(shapes->arena);
    shapes = NULL;
    Arena *arena = arena_try_create(NULL, 0, sizeof(Shapes) + 1024);
    if (!arena)
        return NULL;
    shapes = NEW(arena, Shapes);
    shapes->arena = arena;
    shapes->generation = models_generation();
    return shapes;
}

static const uint64_t *mask_copy(Arena *a, const uint64_t *mask, const ModelInfo *info)
{
    size_t words = row_columns(info) / 64 + 1;
    uint64_t *copy = mask ? NEW_ARRAY(a, uint64_t, words) : NULL;
    if (copy)
        memcpy(copy, mask, words * sizeof *copy);
    return copy;
}

/* What rows read beside the text: related tables, columns that are left out. */
static void plan_copy(Arena *a, const ModelInfo *info, Sql *sql)
{
    Related *related = NEW_ARRAY(a, Related, sql->nrelated + 1);
    for (size_t i = 0; i < sql->nrelated; i++) {
        related[i] = sql->related[i];
        related[i].deferred = mask_copy(a, related[i].deferred, related[i].info);
    }
    sql->related = related;
    sql->deferred = mask_copy(a, sql->deferred, info);
}

bool shape_find(Context *cx, const Shape *shape, Sql *out)
{
    if (shape->none || !most_kept)
        return false;
    Shapes *all = current();
    for (Kept *k = all ? all->buckets[shape->hash % BUCKETS] : NULL; k; k = k->chain) {
        if (k->hash != shape->hash || k->key.n != shape->n || memcmp(k->key.p, shape->key, shape->n) != 0)
            continue;
        if (all->newest != k) {
            unlink_use(all, k);
            link_newest(all, k);
        }
        all->found++;
        *out = k->sql;
        /* In the memory of the work: this one may be dropped while the statement runs. */
        out->text = str_copy(cx->arena, k->sql.text);
        Value *params = NEW_ARRAY(cx->arena, Value, k->sql.nparams + 1);
        for (size_t i = 0; i < k->sql.nparams; i++)
            params[i] = *shape->values[k->slots[i]];
        out->params = params;
        if (CLEF_UNLIKELY(k->sql.nrelated || k->sql.deferred))
            plan_copy(cx->arena, k->info, out);
        return true;
    }
    return false;
}

/* All that is kept of one fits into the first piece of its memory: there is nobody to tell that there is none. */
static size_t size_kept(const Shape *shape, const Sql *sql)
{
    const ModelInfo *info;
    memcpy(&info, shape->key + sizeof(const Dialect *), sizeof info);
    size_t size = 1024 + sizeof(Kept) + shape->n + sql->text.n + sql->nparams + row_columns(info) / 8;
    for (size_t i = 0; i < sql->nrelated; i++)
        size += 128 + sizeof(Related) + row_columns(sql->related[i].info) / 8;
    return size;
}

void shape_keep(const Shape *shape, const Sql *sql, const Value *const *from)
{
    uint8_t slots[SHAPE_VALUES_MAX];
    if (shape->none || !most_kept || sql->nparams > SHAPE_VALUES_MAX)
        return;
    for (size_t i = 0; i < sql->nparams; i++) {
        size_t at = 0;
        while (at < shape->nvalues && shape->values[at] != from[i])
            at++;
        if (at == shape->nvalues)
            return;
        slots[i] = (uint8_t)at;
    }
    Shapes *all = current();
    while (all && all->n >= most_kept)
        drop(all, all->oldest);
    Arena *arena = all ? arena_try_create(all->arena, 0, size_kept(shape, sql)) : NULL;
    if (!arena)
        return;
    Kept *k = NEW(arena, Kept);
    memcpy(&k->info, shape->key + sizeof(const Dialect *), sizeof k->info);
    k->arena = arena;
    k->hash = shape->hash;
    k->key = str_copy(arena, str_from(shape->key, shape->n));
    k->sql = *sql;
    k->sql.text = str_copy(arena, sql->text);
    k->sql.params = NULL;
    plan_copy(arena, k->info, &k->sql);
    uint8_t *kept = arena_alloc(arena, sql->nparams + 1);
    memcpy(kept, slots, sql->nparams);
    k->slots = kept;
    k->chain = all->buckets[k->hash % BUCKETS];
    all->buckets[k->hash % BUCKETS] = k;
    link_newest(all, k);
    all->n++;
}
