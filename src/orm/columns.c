/*
 * columns.c: what a queryset of rows reads: which related rows besides its own (select_related), and which columns of them
 * (only, defer).
 */
#include "orm/queryset.h"

/* --- only and defer */

static bool is_named(const FieldInfo *field, Str name)
{
    return str_eq(field->name, name) || str_eq(field->attname, name);
}

/* The name behind "prefix__"; false when it does not begin so. */
static bool behind(Str name, Str prefix, Str *rest)
{
    if (!prefix.n) {
        *rest = name;
        return true;
    }
    if (!str_starts(name, prefix) || !str_starts(str_from_byte(name, prefix.n), STR("__")))
        return false;
    *rest = str_from_byte(name, prefix.n + 2);
    return true;
}

static void check_deferred_name(const QuerySet *q, const ModelInfo *info, Str name)
{
    Names way;
    (void)info;
    Str rest = name, first = { 0 };
    const FieldInfo *reverse;
    (void)names_cut(&rest, &first);
    if (str_eq(name, STR("pk")))
        return;
    if (!info_field(q->info, first) && !names_between(q->info, first) && !names_reverse(q->info, first, &reverse))
        names_no_field(q->cx, q->info, first);
    names_resolve(q->cx, q->info, name, &way);
}

/*
 * A bit for each column of `info` that is not read; NULL: all are. `prefix` is the way to it, of select_related. Names of a
 * relation ("author__name") make only() read the relation's own key, too.
 */
const uint64_t *deferred_resolve(const QuerySet *q, const ModelInfo *info, Str prefix)
{
    const Deferring *d = &q->deferring;
    size_t n = row_columns(info), about = 0;
    if (!d->n)
        return NULL;
    uint64_t *mask = NEW_ARRAY(q->cx->arena, uint64_t, n / 64 + 1);
    if (d->only)
        for (size_t i = 0; i < n; i++)
            mask[i / 64] |= (uint64_t)1 << (i % 64);
    for (size_t k = 0; k < d->n; k++) {
        Str rest, first;
        if (!behind(d->names[k], prefix, &rest))
            continue;
        Str after = rest;
        (void)names_cut(&after, &first);
        if (!prefix.n)
            check_deferred_name(q, info, d->names[k]);
        about++;
        for (size_t i = 0; i < n; i++) {
            const FieldInfo *field = row_column(info, i);
            uint64_t bit = (uint64_t)1 << (i % 64);
            if (!is_named(field, first) && !(field == info->pk && str_eq(first, STR("pk"))))
                continue;
            if (d->only)
                mask[i / 64] &= ~bit;
            else if (!after.p)
                mask[i / 64] |= bit;
        }
    }
    /* A related row of which nothing was said is read whole, unless only() named the relation itself. */
    if (prefix.n && !about)
        return NULL;
    bool some = false;
    for (size_t i = 0; i < n; i++) {
        const FieldInfo *field = row_column(info, i);
        bool key = field == info->pk || field->f->primary_key;
        for (size_t k = 0; k < info->nkeys; k++)
            key |= field == info->keys[k];
        /* The key of a base stands in the row's own link to it, too: one of the two is enough. */
        if (key && !(d->only && field->model != info && field != info->pk && info->pk->f->parent_link))
            mask[i / 64] &= ~((uint64_t)1 << (i % 64));
        some |= is_deferred(mask, i);
    }
    return some ? mask : NULL;
}

bool is_column_deferred(const uint64_t *mask, const ModelInfo *info, const FieldInfo *field)
{
    for (size_t i = 0; mask && i < row_columns(info); i++)
        if (row_column(info, i) == field)
            return is_deferred(mask, i);
    return false;
}

/* --- tables of rows */

uint32_t join_to_owner(Resolving *r, uint32_t join, const ModelInfo *at, const ModelInfo *owner)
{
    for (; at->concrete != owner->concrete && at->base; at = at->base)
        join = join_add(r, join, (Hop){ at->parent_link, false });
    return join;
}

static void push_column(QuerySet *q, uint32_t join, const FieldInfo *field, Named **columns, size_t *n, size_t *cap)
{
    Node *node = node_new(q->cx, NODE_COLUMN, 0);
    node->join = join;
    node->field = node->out = field;
    node->nullable = field->f->null || q->joins[join].left;
    VEC(Named) all = { *columns, *n, *cap };
    VEC_PUSH(q->cx->arena, &all, ((Named){ field->attname, node, false }));
    *columns = all.p, *n = all.n, *cap = all.cap;
}

static void push_row(QuerySet *q, uint32_t join, const ModelInfo *info, const uint64_t *deferred, Named **columns,
                     size_t *n, size_t *cap)
{
    Resolving r = { .q = q };
    for (size_t i = 0; i < row_columns(info); i++) {
        const FieldInfo *field = row_column(info, i);
        if (!is_deferred(deferred, i))
            push_column(q, join_to_owner(&r, join, info, field->model), field, columns, n, cap);
    }
}

void columns_of_rows(QuerySet *q, const Sql *plan, Named **columns, size_t *n, size_t *cap)
{
    push_row(q, 0, q->info, plan ? plan->deferred : NULL, columns, n, cap);
    for (size_t i = 0; plan && i < plan->nrelated; i++)
        push_row(q, plan->related[i].join, plan->related[i].info, plan->related[i].deferred, columns, n, cap);
}

/* --- select_related */

typedef struct Planning {
    QuerySet *q;
    Resolving r;
    VEC(Related) plan;
} Planning;

static CLEF_COLD CLEF_NORETURN void no_relation(Planning *p, const ModelInfo *info, Str name, bool plain)
{
    Context *cx = p->q->cx;
    Buf b = BUF_INIT(cx->arena, 4096);
    for (size_t i = 0; i < row_columns(info); i++) {
        const FieldInfo *field = row_column(info, i);
        if (field->to)
            buf_printf(&b, "%s%.*s", b.n ? ", " : "", STR_FMT(field->name));
    }
    Str *reverse;
    size_t n = names_of_reverse_ones(cx, info, &reverse);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%.*s", b.n ? ", " : "", STR_FMT(reverse[i]));
    if (plain)
        RAISE(cx, 500, "field_error", "Non-relational field given in select_related: '%.*s'. Choices are: %s",
              STR_FMT(name), b.n ? str_dup_c(cx->arena, buf_view(&b)) : "(none)");
    RAISE(cx, 500, "field_error", "Invalid field name(s) given in select_related: '%.*s'. Choices are: %s",
          STR_FMT(name), b.n ? str_dup_c(cx->arena, buf_view(&b)) : "(none)");
}

/* The table of a base of the model at `join`, joined. */
static uint32_t own_table(Planning *p, uint32_t join, const ModelInfo *at, const ModelInfo *owner)
{
    return join_to_owner(&p->r, join, at, owner);
}

/* The relation of this name from the rows that `parent` reads; its place in the plan, counted from 1. */
static size_t follow(Planning *p, size_t parent, const ModelInfo *at, Str name, Str path)
{
    Context *cx = p->q->cx;
    uint32_t from = parent ? p->plan.p[parent - 1].join : 0;
    const FieldInfo *field = info_field(at, name);
    Related r = { .parent = parent };
    if (field && field->to && str_eq(field->name, name)) {
        r.field = field;
        r.info = field->to;
        from = own_table(p, from, at, field->model);
    } else if (!field && names_reverse(at, name, &field) && field->f->kind == FIELD_ONE_TO_ONE) {
        r.field = field;
        r.reverse = true;
        r.info = field->model;
        from = own_table(p, from, at, field->to);
    } else {
        no_relation(p, at, name, field && info_field(at, name));
    }
    for (size_t i = 0; i < p->plan.n; i++)
        if (p->plan.p[i].parent == parent && p->plan.p[i].field == r.field && p->plan.p[i].reverse == r.reverse)
            return i + 1;
    if (!r.reverse &&
        is_column_deferred(parent ? p->plan.p[parent - 1].deferred : deferred_resolve(p->q, at, (Str){ 0 }), at, field))
        RAISE(cx, 500, "field_error",
              "Field %s.%.*s cannot be both deferred and traversed using select_related at the same time.", at->m->name,
              STR_FMT(field->name));
    r.join = join_add(&p->r, from, (Hop){ r.field, r.reverse });
    r.deferred = deferred_resolve(p->q, r.info, path);
    for (size_t i = 0; i < row_columns(r.info); i++)
        if (!is_deferred(r.deferred, i))
            (void)own_table(p, r.join, r.info, row_column(r.info, i)->model);
    VEC_PUSH(cx->arena, &p->plan, r);
    return p->plan.n;
}

/* select_related() without names: along every key that cannot be NULL, up to Django's depth. */
static void follow_all(Planning *p, size_t parent, const ModelInfo *at, Str path, unsigned depth)
{
    enum { MOST = 5 };
    for (size_t i = 0; depth < MOST && i < row_columns(at); i++) {
        const FieldInfo *field = row_column(at, i);
        if (!field->to || field->f->null || !field_has_pointer(field->f))
            continue;
        if (is_column_deferred(parent ? p->plan.p[parent - 1].deferred : deferred_resolve(p->q, at, (Str){ 0 }), at,
                               field))
            continue;
        Str way = path.n ? str_format(p->q->cx->arena, "%.*s__%.*s", STR_FMT(path), STR_FMT(field->name)) : field->name;
        size_t next = follow(p, parent, at, field->name, way);
        follow_all(p, next, field->to, way, depth + 1);
    }
}

void related_resolve(QuerySet *q, Sql *out)
{
    Planning p = { .q = q, .r = { .q = q } };
    out->deferred = deferred_resolve(q, q->info, (Str){ 0 });
    if (q->related_all)
        follow_all(&p, 0, q->info, (Str){ 0 }, 0);
    for (size_t i = 0; i < q->nrelated; i++) {
        Str rest = q->related[i], name;
        const ModelInfo *at = q->info;
        size_t parent = 0;
        while (names_cut(&rest, &name)) {
            Str path = rest.p ? str_slice(q->related[i], 0, (size_t)(rest.p - q->related[i].p) - 2) : q->related[i];
            parent = follow(&p, parent, at, name, path);
            at = p.plan.p[parent - 1].info;
        }
    }
    out->related = p.plan.p;
    out->nrelated = p.plan.n;
}
