/* relatedset.c: the rows on the other side of a relation, and the links of many-to-many relations. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/relatedset.h>
#include <clef/orm/row.h>
#include <clef/signals/builtin.h>

enum { LINKS_MAX = 400 /* of one statement */, SIBLINGS_MAX = 1000 /* whose rows are read together */ };

/* A relation as one row sees it. */
typedef struct Side {
    Context *cx;
    void *row;
    const ModelInfo *info;   /* of the row */
    const char *name;        /* of the relation */
    const ModelInfo *to;     /* of the rows on the other side */
    const FieldInfo *ours;   /* of the table between, or the referring field: leads to our row */
    const FieldInfo *theirs; /* of the table between; NULL: the other side of a plain relation */
    bool reverse;            /* not the side that declares a ManyToManyField */
    bool mirrored;           /* symmetrical: both directions are kept */
    Str alias;
    Value key; /* ours */
} Side;

/* The row whose other side is asked for, among those that were read with it. */
typedef struct Siblings {
    ResultSet *set;
    void *row;
    const FieldInfo *ours, *theirs;
} Siblings;

static Side side_of(Context *cx, void *row, const char *name)
{
    RowState *state = *row_state_of(row);
    if (!state)
        RAISE(cx, 500, "row_without_model", "The row was made by hand, so its relations are not known.");
    Side s = { .cx = cx, .row = row, .info = state->info, .name = name };
    s.alias = state->set ? state->set->alias : state->alias;
    const FieldInfo *field = names_between(s.info, str_c(name));
    if (field) {
        s.to = field->to;
        s.ours = field->through_from, s.theirs = field->through_to;
        s.mirrored = field->to == field->model && field->f->symmetrical;
    } else if (names_reverse(s.info, str_c(name), &field)) {
        s.to = field->model;
        s.reverse = true;
        s.ours = field;
        if (field->f->kind == FIELD_MANY_TO_MANY)
            s.ours = field->through_to, s.theirs = field->through_from;
    } else {
        names_unknown(cx, s.info, str_c(name), NULL);
    }
    s.key = value_copy(cx->arena, member_load(cx->arena, s.ours->to_field->f, row));
    if (s.ours->type)
        s.key = value_for_field(cx, s.ours, s.key);
    bool none = s.key.tag == VALUE_NULL || (s.key.tag == VALUE_INT && s.key.i == 0 && state->adding);
    if (none && s.theirs)
        RAISE(cx, 500, "value_error",
              "\"<%s: %.*s>\" needs to have a value for field \"%.*s\" before this many-to-many relationship can be "
              "used.",
              s.info->m->name, STR_FMT(row_str(cx, s.info->m, row)), STR_FMT(s.ours->to_field->name));
    if (none)
        RAISE(cx, 500, "value_error",
              "'%s' instance needs to have a primary key value before this relationship can be used.", s.info->m->name);
    return s;
}

QuerySet *related_set(Context *cx, void *row, const char *name) { return related_set_at(cx, row, name, NULL, 0); }

QuerySet *related_set_at(Context *cx, void *row, const char *name, const char *file, int line)
{
    Side s = side_of(cx, row, name);
    QuerySet *q = queryset_of(cx, s.to->m);
    q->alias = s.alias;
    Resolving r = { .q = q };
    Names way = { .field = s.ours };
    if (s.theirs)
        way.hops[way.n++] = (Hop){ s.theirs, true };
    Node *is_ours = node_new(cx, NODE_COMPARE, 2);
    is_ours->args[0] = join_column(&r, &way);
    is_ours->args[1] = node_value(cx, s.key, s.ours);
    is_ours->op = OP_EQ;
    q->sticky = s.theirs != NULL;
    q->where = s.ours->type ? node_and(cx, is_ours, generic_node(cx, 0, s.ours)) : is_ours;
    const RowState *state = *row_state_of(row);
    Via *via = NEW(cx->arena, Via);
    *via = (Via){ .info = state->info, .name = str_copy(cx->arena, str_c(name)), .file = file, .line = line };
    q->via = via;
    q->fetch_mode = state->set ? state->set->fetch : FETCH_DEFAULT;
    if (state->set && state->set->cx == cx && state->set->n > 1 && fetch_mode_of(state->set) != FETCH_ONE) {
        Siblings *siblings = NEW(cx->arena, Siblings);
        *siblings = (Siblings){ .set = state->set, .row = row, .ours = s.ours, .theirs = s.theirs };
        q->siblings = siblings;
    }
    if (!s.theirs && field_has_pointer(s.ours->f)) {
        q->known = s.ours;
        q->known_row = row;
    }
    q->result = prefetched_set(row, str_c(name)); /* read already by prefetch_related */
    q->was_read = q->result != NULL;
    return q;
}

/* --- for all the siblings at once */

/* The rows that belong to each of up to SIBLINGS_MAX neighbours of a set, found by one query. */
struct RelatedRows {
    struct RelatedRows *next;
    const FieldInfo *ours;
    size_t from; /* the first of the neighbours */
    Map *by_key; /* ResultSets */
};

static Str name_of_key(Arena *a, Value v)
{
    if (v.tag == VALUE_INT)
        return str_format(a, "%lld", (long long)v.i);
    return v.tag == VALUE_UUID ? str_from((const char *)v.uuid->b, sizeof v.uuid->b) : v.s;
}

static const ValueClass rows_class = { .name = "rows" };

/* Rows with the key that they belong to: their own relation, or what the table between says. */
static QuerySet *rows_of_all(const QuerySet *one, const Siblings *s, List *keys)
{
    Context *cx = one->cx;
    QuerySet *q = queryset_of(cx, one->info->m);
    q->alias = one->alias;
    q->fetch_mode = one->fetch_mode;
    Resolving r = { .q = q };
    Names way = { .field = s->ours };
    if (s->theirs)
        way.hops[way.n++] = (Hop){ s->theirs, true };
    Node *in = node_new(cx, NODE_COMPARE, keys->n + 1);
    in->args[0] = join_column(&r, &way);
    for (size_t i = 0; i < keys->n; i++)
        in->args[i + 1] =
            node_value(cx, s->ours->type ? value_for_field(cx, s->ours, keys->p[i]) : keys->p[i], s->ours);
    in->op = OP_IN;
    q->where = s->ours->type ? node_and(cx, in, generic_node(cx, 0, s->ours)) : in;
    if (s->theirs) {
        Named *owner = NEW(cx->arena, Named);
        *owner = (Named){ .name = STR("_prefetch_related_val"), .node = in->args[0] };
        q->annotations = owner;
        q->nannotations = 1;
    }
    return q;
}

static Value owner_of(Context *cx, const Siblings *s, const void *row)
{
    Value v = value_null();
    if (!s->theirs)
        return member_load(cx->arena, s->ours->f, row);
    (void)row_annotation(row, "_prefetch_related_val", &v);
    return v.tag == VALUE_NULL ? v : value_for_field(cx, s->ours, v);
}

static struct RelatedRows *read_all(const QuerySet *q, const Siblings *s, size_t from)
{
    Context *cx = q->cx;
    Arena *a = cx->arena;
    struct RelatedRows *found = NEW(a, struct RelatedRows);
    *found = (struct RelatedRows){ .next = s->set->related, .ours = s->ours, .from = from, .by_key = map_new(a) };
    List *keys = list_new(a);
    for (size_t i = from; i < s->set->n && i < from + SIBLINGS_MAX; i++) {
        Value key = member_load(a, s->ours->to_field->f, result_at(s->set, i));
        Str name = name_of_key(a, key);
        if (key.tag == VALUE_NULL || map_has(found->by_key, name))
            continue;
        ResultSet *rows = NEW(a, ResultSet);
        *rows = (ResultSet){ .cx = cx, .info = q->info, .alias = q->alias };
        map_set(found->by_key, name, value_object(rows, &rows_class));
        list_push(a, keys, value_copy(a, key));
    }
    QuerySet *all = rows_of_all(q, s, keys);
    size_t n = queryset_length(all);
    void **rows = NEW_ARRAY(a, void *, n + 1);
    ResultSet **owners = NEW_ARRAY(a, ResultSet *, n + 1);
    for (size_t i = 0; i < n; i++) {
        rows[i] = queryset_at(all, NULL, i);
        const Value *v = map_get(found->by_key, name_of_key(a, owner_of(cx, s, rows[i])));
        owners[i] = v ? (ResultSet *)v->object : NULL;
        if (owners[i])
            owners[i]->n++;
    }
    const MapEntry *entry;
    for (size_t at = 0; (entry = map_next(found->by_key, &at)) != NULL;) {
        ResultSet *set = (ResultSet *)entry->value.object;
        set->view = NEW_ARRAY(a, void *, set->n + 1);
        set->n = 0;
    }
    for (size_t i = 0; i < n; i++)
        if (owners[i])
            owners[i]->view[owners[i]->n++] = rows[i];
    return s->set->related = found;
}

ResultSet *siblings_read(const QuerySet *q)
{
    const Siblings *s = q->siblings;
    if (fetch_mode_of(s->set) == FETCH_RAISE)
        fetch_blocked(q->cx, q->via->info, q->via->name);
    Str name = name_of_key(q->cx->arena, member_load(q->cx->arena, s->ours->to_field->f, s->row));
    for (const struct RelatedRows *found = s->set->related; found; found = found->next) {
        const Value *v = found->ours == s->ours ? map_get(found->by_key, name) : NULL;
        if (v)
            return (ResultSet *)v->object;
    }
    for (size_t i = 0; i < s->set->n; i++)
        if (result_at(s->set, i) == s->row) {
            const Value *v = map_get(read_all(q, s, i / SIBLINGS_MAX * SIBLINGS_MAX)->by_key, name);
            return v ? (ResultSet *)v->object : NULL;
        }
    return NULL;
}

/* What was read for the siblings is old once a relation was changed. */
static void forget_related(const Side *s)
{
    const RowState *state = *row_state_of(s->row);
    if (state->set)
        state->set->related = NULL;
    prefetched_forget(s->row, str_c(s->name));
}

/* A row that has no key yet cannot be linked. */
static CLEF_COLD CLEF_NORETURN void not_saved(const Side *s, const ModelInfo *info, const void *row)
{
    Str text = row_str(s->cx, info->m, row);
    if (s->theirs)
        RAISE(s->cx, 500, "value_error",
              "Cannot add \"<%s: %.*s>\": instance is on database \"%s\", value is on database \"None\"", info->m->name,
              STR_FMT(text), s->alias.n ? str_dup_c(s->cx->arena, s->alias) : "default");
    RAISE(s->cx, 500, "value_error", "<%s: %.*s> instance isn't saved. Use bulk=False or save the object first.",
          info->m->name, STR_FMT(text));
}

/* The keys of rows or keys that were given. */
static List *keys_of(const Side *s, Values values)
{
    Context *cx = s->cx;
    List *keys = list_new(cx->arena);
    const FieldInfo *field = s->theirs ? s->theirs : s->to->pk;
    for (size_t i = 0; i < values.n; i++) {
        Value v = values.p[i].box(cx->arena, values.p[i].at);
        if (v.tag == VALUE_OBJECT && v.cls == &row_class) {
            const ModelInfo *info = (*row_state_of((void *)v.object)) ? (*row_state_of((void *)v.object))->info : s->to;
            if (!info_is_a(info, s->to))
                RAISE(cx, 500, "type_error", "'%s' instance expected, got <%s: %.*s>", s->to->m->name, info->m->name,
                      STR_FMT(row_str(cx, info->m, v.object)));
            const void *row = v.object;
            if (!rows_may_relate(cx, s->row, row))
                RAISE(cx, 500, "value_error",
                      "Cannot add \"<%s: %.*s>\": instance is on database \"%.*s\", value is on database \"%.*s\"",
                      info->m->name, STR_FMT(row_str(cx, info->m, row)), STR_FMT(row_database(s->row)),
                      STR_FMT(row_database(row)));
            v = value_copy(cx->arena,
                           member_load(cx->arena, s->theirs ? s->theirs->to_field->f : s->to->pk->f, v.object));
            if (v.tag == VALUE_NULL || (v.tag == VALUE_INT && v.i == 0))
                not_saved(s, info, row);
        }
        v = value_for_field(cx, field, v);
        bool twice = false;
        for (size_t j = 0; j < keys->n; j++)
            twice |= value_eq(keys->p[j], v);
        if (!twice)
            list_push(cx->arena, keys, v);
    }
    return keys;
}

static void tell(const Side *s, M2mAction action, const List *keys)
{
    M2mChanged change = { .action = action,
                          .row = s->row,
                          .reverse = s->reverse,
                          .model = s->to->m,
                          .pk_set = keys,
                          .using = s->alias.n ? str_dup_c(s->cx->arena, s->alias) : "default" };
    signal_send(s->cx, &m2m_changed, s->ours->model->m, &change);
}

/* Of these keys, those that are linked already; all that are linked when keys is NULL. */
static List *linked(const Side *s, const List *keys)
{
    Context *cx = s->cx;
    QuerySet *q = queryset_bare(cx, s->ours->model);
    q->alias = s->alias;
    q->mode = MODE_FLAT;
    Resolving r = { .q = q };
    Named *column = NEW(cx->arena, Named);
    *column = (Named){ s->theirs->name, join_column(&r, &(Names){ .field = s->theirs }), false };
    q->selected = column;
    q->nselected = 1;
    Node *is_ours = node_new(cx, NODE_COMPARE, 2);
    is_ours->args[0] = join_column(&r, &(Names){ .field = s->ours });
    is_ours->args[1] = node_value(cx, s->key, s->ours);
    is_ours->op = OP_EQ;
    q->where = is_ours;
    if (keys) {
        Node *in = node_new(cx, NODE_COMPARE, keys->n + 1);
        in->args[0] = column->node;
        for (size_t i = 0; i < keys->n; i++)
            in->args[i + 1] = node_value(cx, keys->p[i], s->theirs);
        in->op = OP_IN;
        q->where = node_and(cx, q->where, in);
    }
    return queryset_list(q);
}

static bool has(const List *list, Value v)
{
    for (size_t i = 0; i < list->n; i++)
        if (value_eq(list->p[i], v))
            return true;
    return false;
}

static size_t insert_links(const Side *s, const FieldInfo *from, const FieldInfo *to, const List *keys, bool backwards)
{
    Context *cx = s->cx;
    const Dialect *dialect = dialect_of(cx, s->alias);
    size_t made = 0;
    for (size_t at = 0; at < keys->n; at += LINKS_MAX) {
        Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
        VEC(Value) params = { 0 };
        buf_printf(&b, "%s %.*s (%.*s, %.*s) VALUES ", dialect->insert_ignore, STR_FMT(from->model->quoted),
                   STR_FMT(from->quoted), STR_FMT(to->quoted));
        for (size_t i = at; i < keys->n && i < at + LINKS_MAX; i++) {
            buf_c(&b, i > at ? ", (?, ?)" : "(?, ?)");
            VEC_PUSH(cx->arena, &params, backwards ? keys->p[i] : s->key);
            VEC_PUSH(cx->arena, &params, backwards ? s->key : keys->p[i]);
        }
        buf_c(&b, dialect->conflict_ignore);
        made += (size_t)work_execute(cx, s->alias, from->model, buf_view(&b), params.p, params.n).changes;
    }
    return made;
}

/* A model between that was declared has members of its own: whole rows, with its defaults and what was given for them. */
static void insert_rows(const Side *s, const FieldInfo *from, const FieldInfo *to, const List *keys, bool backwards,
                        const NamedExpr *through)
{
    Context *cx = s->cx;
    const ModelInfo *between = from->model;
    void **rows = NEW_ARRAY(cx->arena, void *, keys->n + 1);
    for (size_t i = 0; i < keys->n; i++) {
        Value theirs = keys->p[i], ours = s->key;
        rows[i] = model_new(cx, between->m);
        for (const NamedExpr *e = through; e && e->name; e++)
            row_assign(cx, between, rows[i], e);
        row_assign(cx, between, rows[i],
                   &(NamedExpr){ str_dup_c(cx->arena, from->attname), { box_value, backwards ? &theirs : &ours } });
        row_assign(cx, between, rows[i],
                   &(NamedExpr){ str_dup_c(cx->arena, to->attname), { box_value, backwards ? &ours : &theirs } });
    }
    model_bulk_create(cx, between->m, rows, keys->n, &(BulkCreate){ .using = s->alias });
}

/* Links to some of the keys (NULL: to any), from our row; of a symmetrical relation those back to it, too. */
static size_t delete_links(const Side *s, const List *keys)
{
    Context *cx = s->cx;
    size_t gone = 0;
    for (size_t at = 0; at == 0 || (keys && at < keys->n); at += LINKS_MAX) {
        Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
        VEC(Value) params = { 0 };
        buf_printf(&b, "DELETE FROM %.*s WHERE ", STR_FMT(s->ours->model->quoted));
        for (int side = 0; side < (s->mirrored ? 2 : 1); side++) {
            const FieldInfo *ours = side ? s->theirs : s->ours, *theirs = side ? s->ours : s->theirs;
            buf_printf(&b, "%s(%.*s = ?", side ? " OR " : "", STR_FMT(ours->quoted));
            VEC_PUSH(cx->arena, &params, s->key);
            for (size_t i = at; keys && i < keys->n && i < at + LINKS_MAX; i++) {
                buf_c(&b, i > at ? ", ?" : "");
                if (i == at)
                    buf_printf(&b, " AND %.*s IN (?", STR_FMT(theirs->quoted));
                VEC_PUSH(cx->arena, &params, keys->p[i]);
            }
            buf_c(&b, keys ? "))" : ")");
        }
        gone += (size_t)work_execute(cx, s->alias, s->ours->model, buf_view(&b), params.p, params.n).changes;
    }
    return s->mirrored ? gone / 2 : gone;
}

/* The other side of a ForeignKey: the rows' own keys are set. */
static size_t set_keys(const Side *s, const List *keys, bool to_null)
{
    if (s->ours->type && to_null) { /* what belongs to a row by a generic relation goes with the link */
        QuerySet *gone = related_set(s->cx, s->row, s->ours->f->related_name);
        List *some = (List *)keys;
        return queryset_delete(keys ? FILTER(queryset_all(gone), LOOKUP("pk__in", some)) : queryset_all(gone));
    }
    if (to_null && !s->ours->f->null)
        RAISE(s->cx, 500, "value_error", "%s.%s cannot be NULL: the rows can only be given to another %s, or deleted.",
              s->to->m->name, s->ours->f->name, s->info->m->name);
    Value key = to_null ? value_null() : s->key;
    List *all = (List *)keys;
    QuerySet *q = queryset_using(queryset_of(s->cx, s->to->m), s->alias);
    if (keys)
        q = FILTER(q, LOOKUP("pk__in", all));
    if (to_null) {
        Value own = s->key;
        q = FILTER(q, { .lookup = str_dup_c(s->cx->arena, s->ours->attname), .value = { box_value, &own } });
    }
    NamedExpr set[3] = { { str_dup_c(s->cx->arena, s->ours->attname), { box_value, &key } }, { .name = NULL } };
    Value type = s->ours->type ? value_int(generic_type(s->cx, s->alias, s->ours)) : value_null();
    if (s->ours->type)
        set[1] = (NamedExpr){ str_dup_c(s->cx->arena, s->ours->type->attname), { box_value, &type } };
    return queryset_update(q, set);
}

static void link_to(const Side *s, const List *keys, bool backwards, const NamedExpr *through)
{
    if (s->ours->model->between_only)
        (void)insert_links(s, s->ours, s->theirs, keys, backwards);
    else
        insert_rows(s, s->ours, s->theirs, keys, backwards, through);
}

static size_t add(const Side *s, List *keys, const NamedExpr *through)
{
    forget_related(s);
    if (!keys->n)
        return 0;
    if (!s->theirs)
        return set_keys(s, keys, false);
    if (s->ours->model->between_only && !signal_has_listeners(&m2m_changed, s->ours->model->m)) {
        /* Nobody asks which are new: the database passes over those that are there. */
        size_t made = insert_links(s, s->ours, s->theirs, keys, false);
        if (s->mirrored)
            (void)insert_links(s, s->ours, s->theirs, keys, true);
        return made;
    }
    List *missing = list_new(s->cx->arena), *there = linked(s, keys);
    for (size_t i = 0; i < keys->n; i++)
        if (!has(there, keys->p[i]))
            list_push(s->cx->arena, missing, keys->p[i]);
    if (!missing->n)
        return 0;
    tell(s, M2M_PRE_ADD, missing);
    link_to(s, missing, false, through);
    if (s->mirrored)
        link_to(s, missing, true, through);
    tell(s, M2M_POST_ADD, missing);
    return missing->n;
}

static size_t take_away(const Side *s, List *keys)
{
    size_t gone;
    forget_related(s);
    if (keys && !keys->n)
        return 0;
    if (!s->theirs)
        return set_keys(s, keys, true);
    tell(s, keys ? M2M_PRE_REMOVE : M2M_PRE_CLEAR, keys);
    gone = delete_links(s, keys);
    tell(s, keys ? M2M_POST_REMOVE : M2M_POST_CLEAR, keys);
    return gone;
}

/* Members of the model between, which only a ManyToManyField with `through` has. */
static void check_through(const Side *s, const NamedExpr *through)
{
    if (through && through->name && (!s->theirs || s->ours->model->between_only))
        RAISE(s->cx, 500, "type_error", "This relation of %s has no model between, so '%s' is a member of nothing.",
              s->info->m->name, through->name);
}

size_t related_add_through(Context *cx, void *row, const char *name, const NamedExpr *through, Values values)
{
    Side s = side_of(cx, row, name);
    List *keys = keys_of(&s, values);
    size_t n = 0;
    check_through(&s, through);
    ATOMIC(cx, .using = s.alias)
    n = add(&s, keys, through);
    return n;
}

size_t related_add(Context *cx, void *row, const char *name, Values values)
{
    return related_add_through(cx, row, name, NULL, values);
}

size_t related_remove(Context *cx, void *row, const char *name, Values values)
{
    Side s = side_of(cx, row, name);
    List *keys = keys_of(&s, values);
    size_t n = 0;
    ATOMIC(cx, .using = s.alias)
    n = take_away(&s, keys);
    return n;
}

size_t related_clear(Context *cx, void *row, const char *name)
{
    Side s = side_of(cx, row, name);
    size_t n = 0;
    ATOMIC(cx, .using = s.alias)
    n = take_away(&s, NULL);
    return n;
}

void related_replace_through(Context *cx, void *row, const char *name, const NamedExpr *through, Values values)
{
    Side s = side_of(cx, row, name);
    List *keys = keys_of(&s, values);
    check_through(&s, through);
    if (!s.theirs && !s.ours->type && !s.ours->f->null) { /* rows can only come */
        ATOMIC(cx, .using = s.alias)
        add(&s, keys, through);
        return;
    }
    ATOMIC(cx, .using = s.alias)
    {
        List *now = s.theirs ? linked(&s, NULL) : queryset_list(VALUES_FLAT(related_set(cx, row, name), "pk"));
        List *others = list_new(cx->arena);
        for (size_t i = 0; i < now->n; i++)
            if (!has(keys, now->p[i]))
                list_push(cx->arena, others, now->p[i]);
        take_away(&s, others);
        add(&s, keys, through);
    }
}

void related_replace(Context *cx, void *row, const char *name, Values values)
{
    related_replace_through(cx, row, name, NULL, values);
}
