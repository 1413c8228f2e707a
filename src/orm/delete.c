/*
 * delete.c: deleting rows and what refers to them, as Django's Collector does: first everything that goes is gathered
 * (keys by model, whole tables' rows that nothing refers to as one DELETE), what protects raises before anything is
 * written, then one transaction sets references to NULL and deletes, what refers before what is referred to.
 */
#include "orm/dialect.h"
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/router.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>

enum { KEYS_MAX = 500, LEVELS_MAX = 64, REASONS_MAX = 16 };

typedef VEC(Value) Keys;
typedef VEC(const ModelInfo *) Infos;

/* The rows of one model that go. */
typedef struct Group {
    const ModelInfo *info;
    Keys keys;
    Map *seen;
    Infos first; /* models whose rows go before these */
    bool sorted;
} Group;

/* DELETE of rows that refer, by these fields, to these keys. */
typedef struct Fast {
    const ModelInfo *info;
    const FieldInfo *fields[2];
    size_t nfields;
    const Value *keys;
    size_t n;
} Fast;

typedef struct Change {
    const FieldInfo *field;
    const Value *keys; /* that it refers to now */
    size_t n;
    Value to;
} Change;

/* Rows that RESTRICT refers from: they must go by another way. */
typedef struct Restricted {
    const FieldInfo *field;
    Keys keys;
} Restricted;

typedef struct Deleting {
    Context *cx;
    Str alias;
    bool keep_parents;
    void *origin; /* the row whose deletion was asked for; NULL: a queryset's */
    VEC(Group *) groups;
    VEC(Fast) fast;
    VEC(Change) changes;
    VEC(Restricted) restricted;
} Deleting;

/* What stops a deletion: "'Book.author', 'OrderLine.product'". */
typedef struct Reasons {
    const FieldInfo *p[REASONS_MAX];
    size_t n;
    List *rows; /* each once */
} Reasons;

/* --- relations that lead to a model */

/* Both ways over the tables between that nobody declared count as relations, too. */
typedef VEC(const FieldInfo *) Candidates;

static void add_candidates(Context *cx, const ModelInfo *info, Candidates *out)
{
    for (const FieldInfo *field = info->referrers; field; field = field->next_referrer)
        VEC_PUSH(cx->arena, out, field);
    const Model *m;
    for (size_t i = 0; (m = model_at(i)) != NULL; i++) {
        const ModelInfo *owner = model_info(cx, m);
        for (size_t j = 0; j < owner->nbetween && owner->concrete == owner; j++) {
            const FieldInfo *between = &owner->between[j];
            if (between->f->through)
                continue;
            if (owner == info)
                VEC_PUSH(cx->arena, out, between->through_from);
            if (between->to->concrete == info)
                VEC_PUSH(cx->arena, out, between->through_to);
        }
    }
}

static OnDelete on_delete_of(const FieldInfo *field) { return field->f->on_delete; }

static bool sends_signals(const ModelInfo *info)
{
    return !info->between_only &&
           (signal_has_listeners(&pre_delete, info->m) || signal_has_listeners(&post_delete, info->m));
}

/* Can its rows go by one statement, without being looked at? `from`: the relation that they are reached by; NULL: none. */
static bool is_fast(Context *cx, const ModelInfo *info, const FieldInfo *from)
{
    if ((from && on_delete_of(from) != CASCADE) || sends_signals(info) || (info->base && info->parent_link != from))
        return false;
    Candidates candidates = { 0 };
    for (const ModelInfo *at = info; at; at = at->base) /* what refers to a base refers to its rows */
        add_candidates(cx, at, &candidates);
    for (size_t i = 0; i < candidates.n; i++)
        if (on_delete_of(candidates.p[i]) != DO_NOTHING &&
            !(candidates.p[i]->f->parent_link && info_is_a(info, candidates.p[i]->model)))
            return false;
    return true;
}

/* --- SQL over keys */

static void write_in(Buf *b, const FieldInfo *field, size_t n)
{
    buf_printf(b, "%.*s.%.*s IN (", STR_FMT(field->model->quoted), STR_FMT(field->quoted));
    for (size_t i = 0; i < n; i++)
        buf_c(b, i ? ", ?" : "?");
    BUF_LIT(b, ")");
}

/* Rows whose `field` refers to the rows of these primary keys. */
static void write_referring(Deleting *d, Buf *b, const FieldInfo *field, size_t n)
{
    const ModelInfo *to = field->to->concrete;
    if (field->type)
        buf_printf(b, "%.*s.%.*s = %lld AND ", STR_FMT(field->model->quoted), STR_FMT(field->type->quoted),
                   (long long)generic_type(d->cx, d->alias, field));
    if (field->to_field == to->pk || field->to_field->f->primary_key) {
        write_in(b, field, n);
        return;
    }
    buf_printf(b, "%.*s.%.*s IN (SELECT %.*s FROM %.*s WHERE ", STR_FMT(field->model->quoted), STR_FMT(field->quoted),
               STR_FMT(field->to_field->quoted), STR_FMT(to->quoted));
    write_in(b, to->pk, n);
    BUF_LIT(b, ")");
}

/* The primary key of a row that was read: SQLite gives a UUID as text. */
static Value key_of_cells(Deleting *d, const ModelInfo *info, const Value *cells)
{
    Arena *a = d->cx->arena;
    if (info->pk->f->kind != FIELD_COMPOSITE)
        return value_for_field(d->cx, info->pk, value_copy(a, cells[0]));
    List *parts = list_new(a);
    for (size_t i = 0; i < info->nkeys; i++)
        list_push(a, parts, value_for_field(d->cx, info->keys[i], value_copy(a, cells[i])));
    return value_list(parts);
}

static void read_keys(Deleting *d, const ModelInfo *info, Str sql, const Value *params, size_t n, Keys *out)
{
    Value *cells = NEW_ARRAY(d->cx->arena, Value, info->nkeys);
    Reading *r = reading_begin(d->cx, d->alias, info, sql, params, n);
    while (reading_step(r, info)) {
        db_row(&r->cursor, cells);
        VEC_PUSH(d->cx->arena, out, key_of_cells(d, info, cells));
    }
    reading_end(r);
}

static void referring(Deleting *d, const FieldInfo *field, const Value *keys, size_t n, Keys *out)
{
    const ModelInfo *info = field->model;
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    BUF_LIT(&b, "SELECT ");
    for (size_t i = 0; i < info->nkeys; i++)
        buf_printf(&b, "%s%.*s.%.*s", i ? ", " : "", STR_FMT(info->quoted), STR_FMT(info->keys[i]->quoted));
    buf_printf(&b, " FROM %.*s WHERE ", STR_FMT(info->quoted));
    write_referring(d, &b, field, n);
    read_keys(d, info, buf_view(&b), keys, n, out);
}

/* --- gathering */

static Group *group_of(Deleting *d, const ModelInfo *info)
{
    for (size_t i = 0; i < d->groups.n; i++)
        if (d->groups.p[i]->info == info->concrete)
            return d->groups.p[i];
    Group *g = NEW(d->cx->arena, Group);
    *g = (Group){ .info = info->concrete, .seen = map_new(d->cx->arena) };
    VEC_PUSH(d->cx->arena, &d->groups, g);
    return g;
}

static Str key_name(Arena *a, Value key)
{
    if (key.tag == VALUE_INT)
        return str_format(a, "%lld", (long long)key.i);
    if (key.tag == VALUE_UUID)
        return str_from((const char *)key.uuid->b, sizeof key.uuid->b);
    if (key.tag != VALUE_LIST)
        return key.s;
    Str name = { 0 };
    for (size_t i = 0; i < key.list->n; i++) {
        Str part = key_name(a, key.list->p[i]);
        name = str_format(a, "%.*s%zu:%.*s", STR_FMT(name), part.n, STR_FMT(part));
    }
    return name;
}

static void goes_before(Deleting *d, const ModelInfo *info, const ModelInfo *later)
{
    Group *g = group_of(d, later);
    for (size_t i = 0; i < g->first.n; i++)
        if (g->first.p[i] == info->concrete)
            return;
    if (info->concrete != g->info)
        VEC_PUSH(d->cx->arena, &g->first, info->concrete);
}

static Reasons collect(Deleting *d, const ModelInfo *info, const Value *keys, size_t n, bool related, unsigned depth);

/* Rows whose relation leads to these keys, whole: what stops a deletion is shown. */
static List *referring_rows(Deleting *d, const FieldInfo *field, const Value *keys, size_t n)
{
    List *list = list_new(d->cx->arena);
    for (size_t i = 0; i < n; i++)
        list_push(d->cx->arena, list, keys[i]);
    Pred in[] = { { .lookup = str_format(d->cx->arena, "%.*s__in", STR_FMT(field->attname)).p,
                    .value = { box_list, &list } },
                  { .path = NULL } };
    QuerySet *q = queryset_using(queryset_bare(d->cx, field->model), d->alias);
    return queryset_list(queryset_filter(q, in));
}

/* A row may be in the way on several sides. */
static void add_rows(Deleting *d, Reasons *r, const List *rows)
{
    Arena *a = d->cx->arena;
    r->rows = r->rows ? r->rows : list_new(a);
    for (size_t i = 0; rows && i < rows->n; i++) {
        const void *row = rows->p[i].object;
        const Model *m = row_model(row);
        Value key = row_pk(a, m, row);
        bool listed = false;
        for (size_t k = 0; k < r->rows->n; k++)
            listed |= row_model(r->rows->p[k].object) == m && value_eq(row_pk(a, m, r->rows->p[k].object), key);
        if (!listed)
            list_push(a, r->rows, rows->p[i]);
    }
}

static void add_reason(Reasons *r, const FieldInfo *field)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->p[i] == field)
            return;
    if (r->n < REASONS_MAX)
        r->p[r->n++] = field;
}

static Value value_to_set(Deleting *d, const FieldInfo *field)
{
    const Field *f = field->f;
    Value v = value_null();
    if (f->on_delete == SET_DEFAULT) {
        if (f->default_fn)
            v = f->default_fn(d->cx);
        else if (f->default_value.box)
            v = f->default_value.box(d->cx->arena, f->default_value.at);
        else if (f->db_default.box)
            v = f->db_default.box(d->cx->arena, f->db_default.at);
    } else if (f->on_delete == SET_TO) {
        v = f->set_to_fn ? f->set_to_fn(d->cx) : f->set_to.box(d->cx->arena, f->set_to.at);
    }
    return v.tag == VALUE_NULL ? v : value_for_field(d->cx, field, v);
}

/* What becomes of the rows that refer by `field` to these keys. */
static void follow(Deleting *d, const FieldInfo *field, const Value *keys, size_t n, Reasons *reasons, unsigned depth)
{
    Context *cx = d->cx;
    OnDelete how = on_delete_of(field);
    if (how == DO_NOTHING)
        return;
    if (field->type && field->kind != field->to_field->kind) { /* as the column has them: numbers in a text */
        Value *as_kept = NEW_ARRAY(cx->arena, Value, n);
        for (size_t i = 0; i < n; i++)
            as_kept[i] = value_for_field(cx, field, keys[i]);
        keys = as_kept;
    }
    if (is_fast(cx, field->model, field)) {
        for (size_t i = 0; i < d->fast.n; i++) { /* the other relation to the same rows */
            Fast *f = &d->fast.p[i];
            if (f->info == field->model && f->keys == keys && f->nfields == 1) {
                f->fields[f->nfields++] = field;
                return;
            }
        }
        VEC_PUSH(cx->arena, &d->fast, (Fast){ field->model, { field }, 1, keys, n });
        return;
    }
    if (how == SET_NULL || how == SET_DEFAULT || how == SET_TO) {
        VEC_PUSH(cx->arena, &d->changes, (Change){ field, keys, n, value_to_set(d, field) });
        return;
    }
    if (how == PROTECT) {
        const List *rows = referring_rows(d, field, keys, n);
        if (rows->n) {
            add_reason(reasons, field);
            add_rows(d, reasons, rows);
        }
        return;
    }
    Keys found = { 0 };
    referring(d, field, keys, n, &found);
    if (!found.n)
        return;
    if (how == RESTRICT) {
        VEC_PUSH(cx->arena, &d->restricted, (Restricted){ field, found });
    } else {
        if (!field->f->null)
            goes_before(d, field->model, field->to);
        if (field->f->null && !dialect_of(cx, d->alias)->has.can_defer_constraint_checks)
            VEC_PUSH(cx->arena, &d->changes, (Change){ field, keys, n, value_null() });
        Reasons inner = collect(d, field->model, found.p, found.n, true, depth + 1);
        if (inner.n) {
            add_reason(reasons, field);
            add_rows(d, reasons, inner.rows);
        }
    }
}

static CLEF_COLD CLEF_NORETURN void is_protected(Deleting *d, const ModelInfo *info, const Reasons *reasons,
                                                 bool restricted)
{
    Buf b = BUF_INIT(d->cx->arena, 1 << 14);
    for (size_t i = 0; i < reasons->n; i++)
        buf_printf(&b, "%s'%s.%s'", i ? ", " : "", reasons->p[i]->model->m->name, reasons->p[i]->f->name);
    DeleteError *payload = NEW(d->cx->arena, DeleteError);
    payload->rows = reasons->rows ? reasons->rows : list_new(d->cx->arena);
    Str sentence = str_format(
        d->cx->arena,
        "Cannot delete some instances of model '%s' because they are referenced through %s foreign keys: %.*s.",
        info->m->name, restricted ? "restricted" : "protected", STR_FMT(buf_view(&b)));
    context_raise_error(d->cx, &(Error){ .status = 500,
                                         .code = restricted ? "restricted_error" : "protected_error",
                                         .message = sentence,
                                         .hint = STR(""),
                                         .file = __FILE__,
                                         .line = __LINE__,
                                         .function = __func__,
                                         .payload = payload });
}

/* Keys of rows that are new to it, and everything that goes with them. */
static Reasons collect(Deleting *d, const ModelInfo *of, const Value *keys, size_t n, bool related, unsigned depth)
{
    Context *cx = d->cx;
    Reasons reasons = { .n = 0 };
    Group *g = group_of(d, of);
    const ModelInfo *info = g->info;
    if (depth > LEVELS_MAX)
        RAISE(cx, 500, "delete_too_deep", "Deleting reaches rows through more than %d relations.", LEVELS_MAX);
    size_t begin = g->keys.n;
    Keys fresh = { 0 };
    for (size_t i = 0; i < n; i++) {
        Str name = key_name(cx->arena, keys[i]);
        if (map_has(g->seen, name))
            continue;
        map_set(g->seen, name, value_bool(true));
        VEC_PUSH(cx->arena, &g->keys, keys[i]);
        VEC_PUSH(cx->arena, &fresh, keys[i]);
    }
    if (g->keys.n == begin)
        return reasons;
    bool bases = info->base && !d->keep_parents;
    if (bases) { /* the rows' other parts go after these */
        goes_before(d, info, info->base);
        (void)collect(d, info->base, fresh.p, fresh.n, false, depth + 1);
    }
    if (!related)
        return reasons;
    Candidates candidates = { 0 };
    Infos chain = { 0 };
    for (const ModelInfo *at = info; at; at = bases ? at->base : NULL)
        VEC_PUSH(cx->arena, &chain, at);
    for (size_t i = chain.n; i-- > 0;)
        add_candidates(cx, chain.p[i], &candidates);
    for (size_t at = 0; at < fresh.n; at += KEYS_MAX)
        for (size_t i = 0; i < candidates.n; i++)
            /* A row's own parts go with it, and a row of a base is a part of this one only. */
            if (!candidates.p[i]->f->parent_link || candidates.p[i]->to->concrete == info->concrete)
                follow(d, candidates.p[i], fresh.p + at, fresh.n - at < KEYS_MAX ? fresh.n - at : KEYS_MAX, &reasons,
                       depth);
    return reasons;
}

/* Rows behind a RESTRICT that do not go by themselves. */
static void check_restricted(Deleting *d, const ModelInfo *info)
{
    Reasons reasons = { .n = 0 };
    for (size_t i = 0; i < d->restricted.n; i++) {
        const Restricted *r = &d->restricted.p[i];
        const Group *g = group_of(d, r->field->model);
        for (size_t j = 0; j < d->fast.n; j++) { /* those that go by one statement count, too */
            Keys found = { 0 };
            for (size_t k = 0; d->fast.p[j].info == g->info && k < d->fast.p[j].nfields; k++)
                referring(d, d->fast.p[j].fields[k], d->fast.p[j].keys, d->fast.p[j].n, &found);
            for (size_t k = 0; k < found.n; k++)
                map_set(g->seen, key_name(d->cx->arena, found.p[k]), value_bool(true));
        }
        for (size_t j = 0; j < r->keys.n; j++)
            if (!map_has(g->seen, key_name(d->cx->arena, r->keys.p[j]))) {
                Value key = r->keys.p[j];
                Pred is[] = { { .lookup = "pk", .value = { box_value, &key } }, { .path = NULL } };
                QuerySet *q = queryset_using(queryset_bare(d->cx, r->field->model), d->alias);
                add_reason(&reasons, r->field);
                add_rows(d, &reasons, queryset_list(queryset_filter(q, is)));
            }
    }
    if (reasons.n)
        is_protected(d, info, &reasons, true);
}

/* --- deleting */

/* Groups in an order in which what refers goes first; as they came when that is not possible. */
static void sort_groups(Deleting *d)
{
    size_t n = d->groups.n, done = 0;
    Group **sorted = NEW_ARRAY(d->cx->arena, Group *, n + 1);
    while (done < n) {
        size_t before = done;
        for (size_t i = 0; i < n; i++) {
            Group *g = d->groups.p[i];
            bool ready = !g->sorted;
            for (size_t j = 0; j < g->first.n && ready; j++)
                ready = group_of(d, g->first.p[j])->sorted;
            if (ready) {
                g->sorted = true;
                sorted[done++] = g;
            }
        }
        if (done == before)
            return;
    }
    d->groups.p = sorted;
}

static void count(Deleting *d, Map *counts, const ModelInfo *info, size_t n)
{
    Str label = str_format(d->cx->arena, "%.*s.%.*s", STR_FMT(info->label), STR_FMT(info->name));
    const Value *v = map_get(counts, label);
    if (n)
        map_set(counts, label, value_int((int64_t)n + (v ? v->i : 0)));
}

static size_t run_fast(Deleting *d, const Fast *f)
{
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    Keys params = { 0 };
    buf_printf(&b, "DELETE FROM %.*s WHERE ", STR_FMT(f->info->quoted));
    for (size_t i = 0; i < f->nfields; i++) {
        if (i)
            BUF_LIT(&b, " OR ");
        write_referring(d, &b, f->fields[i], f->n);
        for (size_t j = 0; j < f->n; j++)
            VEC_PUSH(d->cx->arena, &params, f->keys[j]);
    }
    return (size_t)work_execute(d->cx, d->alias, f->info, buf_view(&b), params.p, params.n).changes;
}

static void run_change(Deleting *d, const Change *c)
{
    Keys params = { 0 };
    VEC_PUSH(d->cx->arena, &params, c->to);
    for (size_t i = 0; i < c->n; i++)
        VEC_PUSH(d->cx->arena, &params, c->keys[i]);
    Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
    buf_printf(&b, "UPDATE %.*s SET %.*s = ? WHERE ", STR_FMT(c->field->model->quoted), STR_FMT(c->field->quoted));
    write_referring(d, &b, c->field, c->n);
    work_execute(d->cx, d->alias, c->field->model, buf_view(&b), params.p, params.n);
}

static size_t delete_keys(Deleting *d, const ModelInfo *info, const Value *keys, size_t n)
{
    size_t gone = 0;
    for (size_t at = 0; at < n; at += KEYS_MAX) {
        size_t some = n - at < KEYS_MAX ? n - at : KEYS_MAX;
        Buf b = BUF_INIT(d->cx->arena, QUERY_SQL_MAX);
        Keys params = { 0 };
        buf_printf(&b, "DELETE FROM %.*s WHERE ", STR_FMT(info->quoted));
        for (size_t i = 0; i < some; i++) {
            Value key = keys[at + i];
            for (size_t k = 0; k < info->nkeys; k++)
                VEC_PUSH(d->cx->arena, &params, key.tag == VALUE_LIST ? key.list->p[k] : key);
        }
        if (info->nkeys == 1) {
            write_in(&b, info->keys[0], some);
        } else {
            for (size_t i = 0; i < some; i++) {
                buf_c(&b, i ? " OR (" : "(");
                for (size_t k = 0; k < info->nkeys; k++)
                    buf_printf(&b, "%s%.*s = ?", k ? " AND " : "", STR_FMT(info->keys[k]->quoted));
                BUF_LIT(&b, ")");
            }
        }
        gone += (size_t)work_execute(d->cx, d->alias, info, buf_view(&b), params.p, params.n).changes;
    }
    return gone;
}

/* The rows of a group, for who listens; NULL when nobody does. */
static QuerySet *rows_for_signals(Deleting *d, const Group *g)
{
    if (!sends_signals(g->info) || !g->keys.n)
        return NULL;
    List *keys = list_new(d->cx->arena);
    for (size_t i = 0; i < g->keys.n; i++)
        list_push(d->cx->arena, keys, g->keys.p[i]);
    QuerySet *q = queryset_using(queryset_bare(d->cx, g->info), d->alias);
    return FILTER(q, LOOKUP("pk__in", keys));
}

static void send(Deleting *d, Signal *signal, const ModelInfo *info, void *row)
{
    ModelSignal event = { .model = info->m,
                          .row = row,
                          .origin = d->origin,
                          .using = d->alias.n ? str_dup_c(d->cx->arena, d->alias) : "default" };
    signal_send(d->cx, signal, info->m, &event);
}

static void send_all(Deleting *d, Signal *signal, const Group *g, QuerySet *rows)
{
    for (size_t i = 0; rows && i < queryset_length(rows); i++)
        send(d, signal, g->info, queryset_at(rows, NULL, i));
}

/* `row`: the one whose deletion was asked for; NULL: a queryset's. */
static void run(Deleting *d, const ModelInfo *origin, void *row, Map *counts)
{
    QuerySet **rows = NEW_ARRAY(d->cx->arena, QuerySet *, d->groups.n + 1);
    ATOMIC(d->cx, .using = d->alias, .no_savepoint = true)
    {
        for (size_t i = 0; i < d->groups.n; i++) {
            Group *g = d->groups.p[i];
            if (row && g->info == origin->concrete && g->keys.n == 1) {
                send(d, &pre_delete, origin, row);
                continue;
            }
            rows[i] = rows_for_signals(d, g);
            send_all(d, &pre_delete, g, rows[i]);
        }
        for (size_t i = 0; i < d->fast.n; i++)
            count(d, counts, d->fast.p[i].info, run_fast(d, &d->fast.p[i]));
        for (size_t i = 0; i < d->changes.n; i++)
            run_change(d, &d->changes.p[i]);
        for (size_t i = 0; i < d->groups.n; i++) {
            Group *g = d->groups.p[i];
            count(d, counts, g->info, delete_keys(d, g->info, g->keys.p, g->keys.n));
            if (row && g->info == origin->concrete && g->keys.n == 1)
                send(d, &post_delete, origin, row);
            else
                send_all(d, &post_delete, g, rows[i]);
        }
    }
}

static size_t finished(const Map *counts, const DeleteOptions *o)
{
    size_t total = 0;
    const MapEntry *entry;
    for (size_t at = 0; (entry = map_next(counts, &at)) != NULL;)
        total += (size_t)entry->value.i;
    if (o && o->counts)
        *o->counts = (Map *)counts;
    return total;
}

static size_t delete_collected(Deleting *d, const ModelInfo *info, const Value *keys, size_t n, void *row,
                               const DeleteOptions *o)
{
    Map *counts = map_new(d->cx->arena);
    d->keep_parents = o && o->keep_parents;
    d->origin = row;
    Reasons reasons = collect(d, info, keys, n, true, 0);
    if (reasons.n)
        is_protected(d, info, &reasons, false);
    check_restricted(d, info);
    sort_groups(d);
    if (d->groups.n == 1 && n == 1 && !d->fast.n && !d->changes.n && !row) {
        count(d, counts, info->concrete, delete_keys(d, info->concrete, keys, 1));
        return finished(counts, o);
    }
    run(d, info, row, counts);
    return finished(counts, o);
}

size_t queryset_delete_with(QuerySet *q, const DeleteOptions *o)
{
    Context *cx = q->cx;
    if (q->sliced)
        RAISE(cx, 500, "type_error", "Cannot use 'limit' or 'offset' with delete().");
    if (q->mode != MODE_ROWS)
        RAISE(cx, 500, "type_error", "Cannot call delete() after .values() or .values_list()");
    Deleting d = { .cx = cx, .alias = q->alias };
    Map *counts = map_new(cx->arena);
    QuerySet *plain = queryset_order_by(q, NULL);
    plain->distinct = false;
    if (is_fast(cx, q->info->concrete, NULL)) {
        Sql sql = queryset_compile_delete(plain);
        if (!sql.empty)
            count(&d, counts, q->info->concrete,
                  (size_t)work_execute(cx, q->alias, q->info, sql.text, sql.params, sql.nparams).changes);
        return finished(counts, o);
    }
    Keys keys = { 0 };
    Sql sql = queryset_compile(plain, SELECT_KEYS);
    if (!sql.empty)
        read_keys(&d, q->info, sql.text, sql.params, sql.nparams, &keys);
    return keys.n ? delete_collected(&d, q->info, keys.p, keys.n, NULL, o) : finished(counts, o);
}

size_t queryset_delete(QuerySet *q) { return queryset_delete_with(q, NULL); }

size_t model_delete_with(Context *cx, const Model *m, void *row, const DeleteOptions *o)
{
    static const DeleteOptions none = { .using = { 0 } };
    const RowState *state = *row_state_of(row);
    const ModelInfo *info = m ? model_info(cx, m) : state ? state->info : NULL;
    if (CLEF_UNLIKELY(info && info->meta->delete != NULL))
        return info->meta->delete (cx, row, o ? o : &none);
    return model_delete_base(cx, m, row, o);
}

size_t model_delete_base(Context *cx, const Model *m, void *row, const DeleteOptions *o)
{
    RowState *state = *row_state_of(row);
    const ModelInfo *info = m ? model_info(cx, m) : state ? state->info : NULL;
    if (!info)
        RAISE(cx, 500, "row_without_model", "The row was made by hand: call model_delete(cx, &X_model, row).");
    Value pk = member_load(cx->arena, info->pk->f, row);
    if (pk.tag == VALUE_NULL || (pk.tag == VALUE_INT && pk.i == 0))
        RAISE(cx, 500, "value_error", "%s object can't be deleted because its %.*s attribute is set to None.",
              info->m->name, STR_FMT(info->pk->name));
    pk = value_copy(cx->arena, pk);
    Deleting d = { .cx = cx, .alias = router_db_for_write(cx, o ? o->using : (Str){ 0 }, info->m, row) };
    size_t n = delete_collected(&d, info, &pk, 1, row, o);
    const FieldInfo *root = info->pk;
    while (root->to && root->f->parent_link)
        root = root->to_field;
    if (field_is_auto(root->f)) {
        Value none = value_null();
        (void)member_store(cx->arena, info->pk->f, info->pk->stored, row, &none, false);
    }
    return n;
}

size_t model_delete(Context *cx, const Model *m, void *row) { return model_delete_with(cx, m, row, NULL); }
