/*
 * prefetch.c: prefetch_related: the rows that relations lead to, each relation read by one statement for all the rows
 * that it starts from, and kept with their result. What was read stands where following the relation finds it.
 */
#include "orm/queryset.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/row.h>

typedef struct Level {
    const ModelInfo *info;
    Str alias;
    void **rows;
    size_t n;
} Level;

typedef struct Step {
    Context *cx;
    const Level *from;
    Str name;
    const PrefetchTerm *term; /* of the last name of a path; else NULL */
} Step;

typedef VEC(void *) Pointers;

/* --- where it is kept */

static Prefetched *kept_under(const ResultSet *set, Str name)
{
    for (Prefetched *p = set->prefetched; p; p = p->next)
        if (str_eq(p->name, name))
            return p;
    return NULL;
}

static void keep(Context *cx, const void *row, Str name, void *what, bool single)
{
    RowState *state = *row_state_of((void *)row);
    ResultSet *set = state ? state->set : NULL;
    size_t at = set ? result_index(set, row) : SIZE_MAX;
    if (at == SIZE_MAX)
        return;
    Prefetched *p = kept_under(set, name);
    if (!p) {
        p = NEW(cx->arena, Prefetched);
        *p = (Prefetched){ .next = set->prefetched, .name = name };
        set->prefetched = p;
    }
    if (p->n <= at) {
        size_t n = 2 * p->n > at ? 2 * p->n : at + 1;
        if (n < set->n)
            n = set->n;
        void **of = NEW_ARRAY(cx->arena, void *, n);
        bool *known = NEW_ARRAY(cx->arena, bool, n);
        if (p->n) {
            memcpy(of, p->of, p->n * sizeof *of);
            memcpy(known, p->known, p->n * sizeof *known);
        }
        p->of = of, p->known = known, p->n = n;
    }
    p->single = single;
    p->of[at] = what;
    p->known[at] = true;
}

static Prefetched *found_under(const void *row, Str name, size_t *at)
{
    const RowState *state = *row_state_of((void *)row);
    Prefetched *p = state && state->set ? kept_under(state->set, name) : NULL;
    *at = p ? result_index(state->set, row) : SIZE_MAX;
    return p && *at < p->n && p->known[*at] ? p : NULL;
}

bool prefetched_row(const void *row, Str name, void **out)
{
    size_t at;
    Prefetched *p = found_under(row, name, &at);
    if (!p || !p->single)
        return false;
    *out = p->of[at];
    return true;
}

ResultSet *prefetched_set(const void *row, Str name)
{
    size_t at;
    Prefetched *p = found_under(row, name, &at);
    return p && !p->single ? p->of[at] : NULL;
}

void prefetched_keep_row(Context *cx, const void *row, Str name, void *to) { keep(cx, row, name, to, true); }

void prefetched_forget(const void *row, Str name)
{
    const RowState *state = *row_state_of((void *)(uintptr_t)row);
    size_t at = state && state->set && state->set->prefetched ? result_index(state->set, row) : SIZE_MAX;
    if (state && state->set)
        state->set->related = NULL;
    for (Prefetched *p = at != SIZE_MAX ? state->set->prefetched : NULL; p; p = p->next)
        if (at < p->n && (!name.n || str_eq(p->name, name)))
            p->known[at] = false;
}

QuerySet *row_prefetched(Context *cx, const void *row, const char *name)
{
    ResultSet *set = prefetched_set(row, str_c(name));
    if (!set)
        return NULL;
    QuerySet *q = queryset_of(cx, set->info->m);
    q->alias = set->alias;
    q->result = set;
    return q;
}

void *row_prefetched_one(const void *row, const char *name)
{
    void *out = NULL;
    return prefetched_row(row, str_c(name), &out) ? out : NULL;
}

/* --- rows by their keys */

static Value key_of(Context *cx, const FieldInfo *field, const void *row)
{
    return member_load(cx->arena, field->f, row);
}

static bool is_no_key(Value v) { return v.tag == VALUE_NULL || (v.tag == VALUE_INT && v.i == 0); }

/* The keys of the rows in this column, each once. */
static List *keys_of(const Step *s, const FieldInfo *field, bool unloaded_only)
{
    Context *cx = s->cx;
    List *keys = list_new(cx->arena);
    Map *seen = map_new(cx->arena);
    for (size_t i = 0; i < s->from->n; i++) {
        void *row = s->from->rows[i];
        Value v = key_of(cx, field, row);
        if (is_no_key(v) || (unloaded_only && *(void **)((char *)row + field->f->to_offset)))
            continue;
        Str text = key_text(cx->arena, v);
        if (map_has(seen, text))
            continue;
        map_set(seen, text, value_bool(true));
        list_push(cx->arena, keys, v);
    }
    return keys;
}

/* As the rows that it starts from were read. */
static FetchMode mode_of(const Level *from)
{
    const RowState *state = from->n ? *row_state_of(from->rows[0]) : NULL;
    return state && state->set ? state->set->fetch : FETCH_DEFAULT;
}

/* The queryset that reads the other side: the term's own, or all of the model. */
static QuerySet *base_of(const Step *s, const ModelInfo *to)
{
    QuerySet *own = s->term ? s->term->queryset : NULL;
    if (!own)
        return queryset_fetch_mode(queryset_using(queryset_of(s->cx, to->m), s->from->alias), mode_of(s->from));
    if (own->mode != MODE_ROWS || own->raw)
        RAISE(s->cx, 500, "value_error", "Prefetch querysets cannot use raw(), values(), and values_list().");
    if (!info_is_a(own->info, to) && !info_is_a(to, own->info))
        RAISE(s->cx, 500, "value_error", "A Prefetch of '%.*s' needs a queryset of %s, not of %s.", STR_FMT(s->name),
              to->m->name, own->info->m->name);
    return queryset_copy(own);
}

/* A slice is one for each of the rows that it belongs to: by the number of the row among those of its key. */
static const Node *within_slice(Context *cx, QuerySet *q, const Node *key)
{
    Orderings order = { 0 };
    order_resolve(q, &order);
    Node *number = node_new(cx, NODE_CALL, 0), *window = node_new(cx, NODE_WINDOW, 2 + order.n);
    number->fn = function_find(STR("RowNumber"));
    number->out = type_field(FIELD_INTEGER);
    WindowParts *parts = NEW(cx->arena, WindowParts);
    *parts = (WindowParts){ .npartition = 1, .norder = order.n };
    window->args[0] = number;
    window->args[1] = key;
    for (size_t i = 0; i < order.n; i++) {
        Node *term = node_new(cx, NODE_ORDER, 1);
        term->args[0] = order.p[i].node ? order.p[i].node : key;
        term->descending = order.p[i].descending;
        term->nulls = order.p[i].nulls;
        window->args[2 + i] = term;
    }
    window->parts = parts;
    window->window = true;
    window->out = number->out;
    const Node *out = NULL;
    for (int upper = 0; upper < 2; upper++) {
        if (upper && q->to == QUERY_ALL)
            break;
        Node *n = node_new(cx, NODE_COMPARE, 2);
        n->args[0] = window;
        n->args[1] = node_value(cx, value_int((int64_t)(upper ? q->to : q->from)), number->out);
        n->op = upper ? OP_LTE : OP_GT;
        n->window = true;
        out = node_and(cx, out, n);
    }
    q->sliced = false;
    q->from = 0;
    q->to = QUERY_ALL;
    return out;
}

/* The rows of `q` whose column has one of the keys. */
static void narrow(Context *cx, QuerySet *q, const Node *column, const List *keys)
{
    Node *in = node_new(cx, NODE_COMPARE, keys->n + 1);
    in->args[0] = column;
    for (size_t i = 0; i < keys->n; i++)
        in->args[i + 1] = node_value(cx, keys->p[i], column->out);
    in->op = OP_IN;
    in->unguarded = true;
    const Node *slice = q->sliced ? within_slice(cx, q, column) : NULL;
    q->where = node_and(cx, node_and(cx, q->where, in), slice);
}

static Level level_of(QuerySet *q, Str alias)
{
    size_t n = queryset_length(q);
    void **rows = NEW_ARRAY(q->cx->arena, void *, n + 1);
    for (size_t i = 0; i < n; i++)
        rows[i] = result_at(q->result, i);
    return (Level){ q->info, alias, rows, n };
}

static Level nothing(const Step *s, const ModelInfo *to) { return (Level){ .info = to, .alias = s->from->alias }; }

static Str name_kept(const Step *s) { return s->term && s->term->to_attr.n ? s->term->to_attr : s->name; }

/* --- along a key, and against one that leads to one row */

static Level follow_key(const Step *s, const FieldInfo *field)
{
    Context *cx = s->cx;
    bool pointer = field_has_pointer(field->f), own = s->term && s->term->to_attr.n;
    List *keys = keys_of(s, field, pointer && !own);
    Map *found = map_new(cx->arena);
    Pointers all = { 0 };
    if (keys->n) {
        QuerySet *q = base_of(s, field->to);
        Resolving r = { .q = q };
        Names way = { .field = field->to_field };
        uint32_t at = join_to_owner(&r, 0, q->info, field->to_field->model);
        way.from = at;
        narrow(cx, q, join_column(&r, &way), keys);
        Level read = level_of(q, s->from->alias);
        for (size_t i = 0; i < read.n; i++)
            map_set(found, key_text(cx->arena, key_of(cx, field->to_field, read.rows[i])),
                    value_object(read.rows[i], &row_class));
    }
    Map *listed = map_new(cx->arena);
    for (size_t i = 0; i < s->from->n; i++) {
        void *row = s->from->rows[i], *to = pointer && !own ? *(void **)((char *)row + field->f->to_offset) : NULL;
        Value key = key_of(cx, field, row);
        Str text = is_no_key(key) ? (Str){ 0 } : key_text(cx->arena, key);
        Value *v = text.n ? map_get(found, text) : NULL;
        if (!to && v)
            to = (void *)v->object;
        if (own || !pointer)
            keep(cx, row, name_kept(s), to, true);
        else
            *(void **)((char *)row + field->f->to_offset) = to;
        if (to && !map_has(listed, text)) {
            map_set(listed, text, value_bool(true));
            VEC_PUSH(cx->arena, &all, to);
        }
    }
    return (Level){ field->to, s->from->alias, all.p, all.n };
}

/* --- against a key, and over a table between */

/*
 * Which of the rows that were read belong to which key. `as`: the column that keeps the key in a form of its own; or
 * NULL.
 */
static void group(const Step *s, const FieldInfo *ours, const FieldInfo *as, const Level *read,
                  Value (*key)(Context *, const void *, void *), void *arg, bool single)
{
    Context *cx = s->cx;
    Map *groups = map_new(cx->arena);
    for (size_t i = 0; i < read->n; i++) {
        Str text = key_text(cx->arena, key(cx, read->rows[i], arg));
        Value *v = map_get(groups, text);
        Pointers *list = v ? (Pointers *)v->object : NEW(cx->arena, Pointers);
        if (!v)
            map_set(groups, text, value_object(list, &row_class));
        VEC_PUSH(cx->arena, list, read->rows[i]);
    }
    ResultSet *set = read->n ? (*row_state_of(read->rows[0]))->set : NULL, *empty = NULL;
    for (size_t i = 0; i < s->from->n; i++) {
        void *row = s->from->rows[i];
        Value own = key_of(cx, ours, row);
        if (as && !is_no_key(own))
            own = value_for_field(cx, as, own);
        Value *v = is_no_key(own) ? NULL : map_get(groups, key_text(cx->arena, own));
        Pointers *list = v ? (Pointers *)v->object : NULL;
        if (single) {
            keep(cx, row, name_kept(s), list ? list->p[0] : NULL, true);
            continue;
        }
        if (!list && !empty) {
            empty = NEW(cx->arena, ResultSet);
            *empty = (ResultSet){ .cx = cx, .info = read->info, .alias = read->alias };
            empty->state = (RowState){ .info = read->info, .set = empty };
        }
        keep(cx, row, name_kept(s), list ? result_view(set, list->p, list->n) : empty, false);
    }
}

static Value key_of_field(Context *cx, const void *row, void *arg) { return key_of(cx, arg, row); }

static Level follow_back(const Step *s, const FieldInfo *field)
{
    Context *cx = s->cx;
    const FieldInfo *ours = field->to_field;
    List *keys = keys_of(s, ours, false);
    Level read = nothing(s, field->model);
    if (keys->n) {
        QuerySet *q = base_of(s, field->model);
        Resolving r = { .q = q };
        Names way = { .field = field };
        way.from = join_to_owner(&r, 0, q->info, field->model);
        if (field->type) {
            for (size_t i = 0; i < keys->n; i++)
                keys->p[i] = value_for_field(cx, field, keys->p[i]);
            q->where = node_and(cx, q->where, generic_node(cx, way.from, field));
        }
        narrow(cx, q, join_column(&r, &way), keys);
        read = level_of(q, s->from->alias);
    }
    bool single = field->f->kind == FIELD_ONE_TO_ONE;
    group(s, ours, field->type ? field : NULL, &read, key_of_field, (void *)field, single);
    /* The rows know the one that they belong to. */
    Map *owners = map_new(cx->arena);
    for (size_t i = 0; i < s->from->n && field_has_pointer(field->f); i++)
        map_set(owners, key_text(cx->arena, key_of(cx, ours, s->from->rows[i])),
                value_object(s->from->rows[i], &row_class));
    for (size_t i = 0; i < read.n && field_has_pointer(field->f); i++) {
        Value *v = map_get(owners, key_text(cx->arena, key_of(cx, field, read.rows[i])));
        if (v && info_is_a(s->from->info, field->to))
            *(void **)((char *)read.rows[i] + field->f->to_offset) = (void *)v->object;
    }
    return read;
}

static Value key_of_link(Context *cx, const void *row, void *arg)
{
    Value v;
    (void)cx;
    return row_annotation(row, arg, &v) ? v : value_null();
}

static Level follow_between(const Step *s, const FieldInfo *between, bool reverse)
{
    Context *cx = s->cx;
    const FieldInfo *ours = reverse ? between->through_to : between->through_from;
    const FieldInfo *theirs = reverse ? between->through_from : between->through_to;
    const ModelInfo *to = reverse ? between->model : between->to;
    const char *name = str_format(cx->arena, "_prefetch_related_val_%.*s", STR_FMT(ours->attname)).p;
    List *keys = keys_of(s, ours->to_field, false);
    Level read = nothing(s, to);
    if (keys->n) {
        QuerySet *q = base_of(s, to);
        bool used[QUERY_MAX_JOINS + 1] = { false };
        Resolving r = { .q = q, .used = used, .nused = QUERY_MAX_JOINS + 1 };
        uint32_t at = join_to_owner(&r, 0, q->info, theirs->to);
        at = join_add(&r, at, (Hop){ theirs, true });
        const Node *column = join_column(&r, &(Names){ .field = ours, .from = at });
        narrow(cx, q, column, keys);
        Named *all = NEW_ARRAY(cx->arena, Named, q->nannotations + 1);
        if (q->nannotations)
            memcpy(all, q->annotations, q->nannotations * sizeof *all);
        all[q->nannotations] = (Named){ str_c(name), column, false };
        q->annotations = all;
        q->nannotations++;
        read = level_of(q, s->from->alias);
    }
    group(s, ours->to_field, NULL, &read, key_of_link, (void *)name, false);
    return read;
}

/* --- to rows of any model */

/* Where the rows are of several models, a path ends. */
static Level follow_generic(const Step *s, const GenericInfo *key, Str path, bool last)
{
    Context *cx = s->cx;
    Pointers all = { 0 };
    const ModelInfo *info = NULL;
    bool mixed = false;
    generic_load(cx, s->from->alias, key, s->from->rows, s->from->n, s->term ? s->term->querysets : NULL);
    for (size_t i = 0; i < s->from->n; i++) {
        void *to = *(void **)((char *)s->from->rows[i] + key->f->to_offset);
        if (!to)
            continue;
        mixed |= info && (*row_state_of(to))->info != info;
        info = (*row_state_of(to))->info;
        VEC_PUSH(cx->arena, &all, to);
    }
    if (mixed && !last)
        RAISE(cx, 500, "value_error",
              "prefetch_related('%.*s') goes on from '%.*s', which leads to rows of several models: give a Prefetch of "
              "'%.*s' a queryset for each of them, which prefetches further.",
              STR_FMT(path), STR_FMT(s->name), STR_FMT(s->name));
    return (Level){ info ? info : s->from->info, s->from->alias, all.p, info ? all.n : 0 };
}

/* --- paths */

static CLEF_COLD CLEF_NORETURN void cannot_find(const Step *s, Str path)
{
    RAISE(s->cx, 500, "attribute_error",
          "Cannot find '%.*s' on %s object, '%.*s' is an invalid parameter to prefetch_related()", STR_FMT(s->name),
          s->from->info->m->name, STR_FMT(path));
}

/* What this name of a level leads to when it was read before. */
static bool read_before(const Step *s, Level *out)
{
    const FieldInfo *field = info_field(s->from->info, s->name);
    Pointers all = { 0 };
    const ModelInfo *info = NULL;
    bool known = false;
    if (field && field->to)
        return false; /* follow_key leaves out what is loaded */
    for (size_t i = 0; i < s->from->n; i++) {
        void *one;
        ResultSet *set = prefetched_set(s->from->rows[i], name_kept(s));
        if (set) {
            known = true;
            info = set->info;
            for (size_t k = 0; k < set->n; k++)
                VEC_PUSH(s->cx->arena, &all, result_at(set, k));
        } else if (prefetched_row(s->from->rows[i], name_kept(s), &one)) {
            known = true;
            if (one) {
                info = (*row_state_of(one))->info;
                VEC_PUSH(s->cx->arena, &all, one);
            }
        } else {
            return false;
        }
    }
    if (!known || (!info && all.n))
        return false;
    *out = (Level){ info ? info : s->from->info, s->from->alias, all.p, all.n };
    return true;
}

static Level follow(const Step *s, Str path, bool last)
{
    const ModelInfo *info = s->from->info;
    const FieldInfo *field = info_field(info, s->name);
    Level out;
    if (s->term && s->term->to_attr.n && (info_field(info, s->term->to_attr) || names_between(info, s->term->to_attr)))
        RAISE(s->cx, 500, "value_error", "to_attr=%.*s conflicts with a field on the %s model.",
              STR_FMT(s->term->to_attr), info->m->name);
    if (!(s->term && s->term->queryset) && read_before(s, &out))
        return out;
    const GenericInfo *generic = field ? NULL : generic_named(info, s->name);
    if (generic)
        return follow_generic(s, generic, path, last);
    if (field && field->to && str_eq(field->name, s->name))
        return follow_key(s, field);
    if (field)
        RAISE(s->cx, 500, "value_error",
              "'%.*s' does not resolve to an item that supports prefetching - this is an invalid parameter to "
              "prefetch_related().",
              STR_FMT(path));
    if ((field = names_between(info, s->name)) != NULL)
        return follow_between(s, field, false);
    if (!names_reverse(info, s->name, &field) && !names_accessor(info, s->name, &field))
        cannot_find(s, path);
    return field->f->kind == FIELD_MANY_TO_MANY ? follow_between(s, field, true) : follow_back(s, field);
}

void prefetch_run(Context *cx, ResultSet *set, const PrefetchTerm *terms, size_t n)
{
    Level all = { .info = set->info, .alias = set->alias, .n = set->n };
    all.rows = NEW_ARRAY(cx->arena, void *, set->n + 1);
    for (size_t i = 0; i < set->n; i++)
        all.rows[i] = result_at(set, i);
    for (size_t i = 0; i < n && set->n; i++) {
        Level at = all;
        Str rest = terms[i].path, name;
        while (at.n && names_cut(&rest, &name)) {
            /* A step may go on from what another term read under a name of its own. */
            Step s = { cx, &at, name, rest.p ? NULL : &terms[i] };
            Level next = follow(&s, terms[i].path, !rest.p);
            at = next;
        }
    }
}
