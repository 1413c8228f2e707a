/* detect_fields.c: what changed within models that stay. */
#include "migrations/detect.h"
#include "orm/node.h"

#define EACH_KEPT(d, now, old)                                                                                     \
    for (size_t at_ = 0; at_ < (d)->to->n; at_++)                                                                  \
        for (const StateModel *now = (d)->models[at_], *old = detect_kept((d), now) ? detect_old((d), now) : NULL; \
             old; old = NULL)

/* --- names */

static bool is_taken(const Detector *d, const StateModel *now, const char *old_name)
{
    for (size_t i = 0; i < d->renamed_fields.n; i++)
        if (d->renamed_fields.p[i].model == now && same_c(d->renamed_fields.p[i].from, old_name))
            return true;
    return false;
}

/* Equal but for the name; a column that kept its name by db_column counts too. */
static bool is_rename(Detector *d, const Field *old, const Field *now)
{
    Field f = *old, g = detect_unrenamed(d, now);
    if (fields_equal(d->a, &f, &g))
        return true;
    f.db_column = old->db_column           ? old->db_column
                  : field_is_relation(old) ? str_format(d->a, "%s_id", old->name).p
                                           : old->name;
    return fields_equal(d->a, &f, &g);
}

static void find_renamed(Detector *d)
{
    EACH_KEPT(d, now, old)
    {
        const Field **fields = detect_sorted_fields(d, now), **before = detect_sorted_fields(d, old);
        for (size_t i = 0; i < now->m.nfields; i++) {
            if (state_field(old, fields[i]->name))
                continue;
            for (size_t j = 0; j < old->m.nfields; j++) {
                if (state_field(now, before[j]->name) || is_taken(d, now, before[j]->name) ||
                    !is_rename(d, before[j], fields[i]) || !d->q->renamed_field ||
                    !d->q->renamed_field(d->q->arg, now->m.name, before[j]->name, fields[i]->name, fields[i]))
                    continue;
                VEC_PUSH(d->a, &d->renamed_fields, (RenamedField){ now, before[j]->name, fields[i]->name });
                break;
            }
        }
    }
}

static void renamed_fields(Detector *d)
{
    for (size_t i = 0; i < d->renamed_fields.n; i++) {
        const RenamedField *r = &d->renamed_fields.p[i];
        const Field *old = state_field(detect_old(d, r->model), r->from), *now = state_field(r->model, r->to);
        if (!same_c(old->db_column, now->db_column)) {
            Field *f = NEW(d->a, Field);
            *f = *now;
            f->name = r->from;
            detect_add(d, r->model->app,
                       (Operation){ .kind = OPERATION_ALTER_FIELD, .model = r->model->lower, .field = f });
        }
        detect_add(d, r->model->app,
                   (Operation){
                       .kind = OPERATION_RENAME_FIELD, .model = r->model->lower, .name = r->from, .new_name = r->to });
    }
}

/* --- indexes and constraints */

static const Index *index_named(const Model *m, const char *name)
{
    for (size_t i = 0; i < m->nindexes; i++)
        if (same_c(m->indexes[i].name, name))
            return &m->indexes[i];
    return NULL;
}

static bool has_index(Detector *d, const Model *m, const Index *index)
{
    const Index *other = index_named(m, index->name);
    return other && indexes_alike(d->a, other, index);
}

/* The index of `now` that is `old` under a new name; NULL. */
static const Index *renamed_to(Detector *d, const Model *old, const Model *now, const Index *index)
{
    for (size_t i = 0; i < now->nindexes; i++)
        if (!has_index(d, old, &now->indexes[i]) && indexes_alike(d->a, &now->indexes[i], index))
            return &now->indexes[i];
    return NULL;
}

static bool is_renamed_index(Detector *d, const Model *old, const Index *index, const Model *now)
{
    for (size_t i = 0; i < old->nindexes; i++)
        if (!has_index(d, now, &old->indexes[i]) && renamed_to(d, old, now, &old->indexes[i]) == index)
            return true;
    return false;
}

static bool has_constraint(Detector *d, const Model *m, const Constraint *c)
{
    for (size_t i = 0; i < m->nconstraints; i++)
        if (constraints_equal(d->a, &m->constraints[i], c))
            return true;
    return false;
}

/* Of the same name, and differing in nothing that the database has; NULL. */
static const Constraint *altered_to(Detector *d, const Model *now, const Constraint *c)
{
    for (size_t i = 0; i < now->nconstraints; i++)
        if (constraints_match(d->a, &now->constraints[i], c) && !constraints_equal(d->a, &now->constraints[i], c))
            return &now->constraints[i];
    return NULL;
}

static void needs_relations(Detector *d, Generated *g, const StateModel *now)
{
    for (size_t i = 0; i < now->m.nfields; i++)
        detect_needs_relation(d, g, &now->m.fields[i]);
}

static void removed_constraints_and_indexes(Detector *d)
{
    EACH_KEPT(d, now, old)
    for (size_t i = 0; i < old->m.nconstraints; i++)
        if (!has_constraint(d, &now->m, &old->m.constraints[i]) && !altered_to(d, &now->m, &old->m.constraints[i]))
            detect_add(d, now->app,
                       (Operation){ .kind = OPERATION_REMOVE_CONSTRAINT,
                                    .model = now->lower,
                                    .name = old->m.constraints[i].name });
    EACH_KEPT(d, now, old)
    for (size_t i = 0; i < old->m.nindexes; i++)
        if (!has_index(d, &now->m, &old->m.indexes[i]) && !renamed_to(d, &old->m, &now->m, &old->m.indexes[i]))
            detect_add(
                d, now->app,
                (Operation){ .kind = OPERATION_REMOVE_INDEX, .model = now->lower, .name = old->m.indexes[i].name });
}

static void renamed_indexes(Detector *d)
{
    EACH_KEPT(d, now, old)
    for (size_t i = 0; i < old->m.nindexes; i++) {
        const Index *to = renamed_to(d, &old->m, &now->m, &old->m.indexes[i]);
        if (to && !has_index(d, &now->m, &old->m.indexes[i]))
            detect_add(d, now->app,
                       (Operation){ .kind = OPERATION_RENAME_INDEX,
                                    .model = now->lower,
                                    .name = old->m.indexes[i].name,
                                    .new_name = to->name });
    }
}

static void added_indexes_and_constraints(Detector *d)
{
    EACH_KEPT(d, now, old)
    for (size_t i = 0; i < now->m.nindexes; i++)
        if (!has_index(d, &old->m, &now->m.indexes[i]) && !is_renamed_index(d, &old->m, &now->m.indexes[i], &now->m))
            needs_relations(
                d,
                detect_add(
                    d, now->app,
                    (Operation){ .kind = OPERATION_ADD_INDEX, .model = now->lower, .index = &now->m.indexes[i] }),
                now);
    for (int altered = 0; altered < 2; altered++)
        EACH_KEPT(d, now, old)
    for (size_t i = 0; i < now->m.nconstraints; i++) {
        const Constraint *c = &now->m.constraints[i];
        if (has_constraint(d, &old->m, c) || (altered_to(d, &old->m, c) != NULL) != altered)
            continue;
        Operation op = { .kind = altered ? OPERATION_ALTER_CONSTRAINT : OPERATION_ADD_CONSTRAINT,
                         .model = now->lower,
                         .constraint = c };
        needs_relations(d, detect_add(d, now->app, op), now);
    }
}

/* --- unique_together: first what goes, and after the fields what comes */

typedef const char *const *const *Sets;

static size_t count(Sets sets)
{
    size_t n = 0;
    while (sets && sets[n])
        n++;
    return n;
}

/*
 * The sets as they were. RenameField changes them too, and Django says them once more all the same: where a field has taken
 * the name of another one, they would else be mistaken.
 */
static Sets old_sets(Detector *d, const StateModel *now, const StateModel *old)
{
    size_t n = count(old->m.unique_together);
    const char *const **out = NEW_ARRAY(d->a, const char *const *, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (old->m.unique_together[i][k])
            k++;
        const char **names = NEW_ARRAY(d->a, const char *, k + 1);
        for (size_t j = 0; j < k; j++) {
            names[j] = old->m.unique_together[i][j];
            for (size_t r = 0; r < d->renamed_fields.n; r++)
                if (d->renamed_fields.p[r].model == now && same_c(d->renamed_fields.p[r].to, names[j])) {
                    names[j] = d->renamed_fields.p[r].from;
                    break;
                }
        }
        out[i] = names;
    }
    return out;
}

static Sets common(Detector *d, Sets x, Sets y)
{
    const char *const **out = NEW_ARRAY(d->a, const char *const *, count(x) + 1);
    size_t n = 0;
    for (size_t i = 0; x && x[i]; i++)
        for (size_t j = 0; y && y[j]; j++)
            if (names_equal(x[i], y[j])) {
                out[n++] = x[i];
                break;
            }
    return out;
}

static void altered_together(Detector *d, bool removing)
{
    EACH_KEPT(d, now, old)
    {
        Sets before = old_sets(d, now, old), after = now->m.unique_together;
        if (sets_equal(before, after))
            continue;
        Sets both = common(d, before, after);
        Operation op = { .kind = OPERATION_ALTER_UNIQUE_TOGETHER,
                         .model = now->lower,
                         .sets = removing ? both : after };
        if (removing ? !count(before) : sets_equal(both, after))
            continue;
        Generated *g = detect_add(d, now->app, op);
        for (size_t i = 0; after && after[i]; i++)
            for (size_t j = 0; after[i][j]; j++) {
                const Field *f = state_field(now, after[i][j]);
                if (f)
                    detect_needs_relation(d, g, f);
            }
    }
}

/* --- fields */

/* "price__gt" begins with "price". */
static bool begins_with(const char *path, const char *name)
{
    Str rest = str_c(path), field = str_c(name);
    return str_eq(rest, field) || (str_starts(rest, field) && str_starts(str_from_byte(rest, field.n), STR("__")));
}

static bool names_field(Arena *a, const Expr *e, const char *name, unsigned depth);

static bool value_names_field(Arena *a, Boxed boxed, bool names, const char *name, unsigned depth)
{
    if (!boxed.box)
        return false;
    Value v = boxed.box(a, boxed.at);
    const Expr *e = expr_of(v);
    if (e)
        return names_field(a, e, name, depth + 1);
    return names && value_is_text(v) && begins_with(str_dup_c(a, v.s), name);
}

static bool pred_names_field(Arena *a, const Pred *p, const char *name, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        return true;
    if (!p->connector)
        return begins_with(str_dup_c(a, pred_lookup(a, p)), name) || value_names_field(a, p->value, false, name, depth);
    for (size_t i = 0; i < p->nchildren; i++)
        if (pred_names_field(a, &p->children[i], name, depth + 1))
            return true;
    return false;
}

/* Is the field one of those that an expression is made of? Too deep to tell: yes. */
static bool names_field(Arena *a, const Expr *e, const char *name, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH || (e->kind == EXPR_FIELD && begins_with(e->name, name)))
        return true;
    for (const Pred *p = e->where; p && (p->path || p->lookup || p->connector); p++)
        if (pred_names_field(a, p, name, depth + 1))
            return true;
    for (size_t i = 0; i < e->n; i++)
        if (value_names_field(a, e->args[i], e->kind == EXPR_CALL, name, depth))
            return true;
    return value_names_field(a, e->otherwise, false, name, depth);
}

static void removed_field(Detector *d, const StateModel *now, const char *name)
{
    Generated *g =
        detect_add(d, now->app, (Operation){ .kind = OPERATION_REMOVE_FIELD, .model = now->lower, .name = name });
    detect_needs(d, g, (Need){ NEED_ORDER_UNSET, now->app, now->lower, name, NULL });
    detect_needs(d, g, (Need){ NEED_TOGETHER_CHANGED, now->app, now->lower, name, NULL });
    detect_needs(d, g, (Need){ NEED_INDEX_REMOVED, now->app, now->lower, name, NULL });
    const StateModel *old = detect_old(d, now);
    for (size_t i = 0; i < old->m.nfields; i++)
        if (old->m.fields[i].expression && names_field(d->a, old->m.fields[i].expression, name, 0))
            detect_needs(d, g, (Need){ NEED_NO_FIELD, now->app, now->lower, old->m.fields[i].name, NULL });
}

static const Field *with_default(Detector *d, const Field *f, Value v)
{
    Field *out = NEW(d->a, Field);
    Value *at = NEW(d->a, Value);
    *out = *f;
    *at = v;
    out->default_value = (Boxed){ box_value, at };
    return out;
}

static bool is_time(const Field *f)
{
    return f->kind == FIELD_DATE || f->kind == FIELD_TIME || f->kind == FIELD_DATETIME;
}

static bool takes_empty_text(const Field *f)
{
    return (f->kind >= FIELD_CHAR && f->kind <= FIELD_BINARY) || (f->kind >= FIELD_FILE && f->kind <= FIELD_FILE_PATH);
}

/* What a column is computed from must be there; of relations none may be missing either. */
static void needs_bases(Detector *d, Generated *g, const Field *f)
{
    EACH_KEPT(d, now, old)
    for (size_t i = 0; i < now->m.nfields; i++) {
        const Field *base = &now->m.fields[i];
        bool added = !state_field(old, detect_old_field(d, now, base->name));
        if (added && base != f && (base->to_label || names_field(d->a, f->expression, base->name, 0)))
            detect_needs(d, g, (Need){ NEED_FIELD, now->app, now->lower, base->name, NULL });
    }
}

static void added_field(Detector *d, const StateModel *now, const Field *f)
{
    Value v;
    Operation op = { .kind = OPERATION_ADD_FIELD, .model = now->lower, .field = f };
    bool has_value = f->null || f->expression || f->default_value.box || f->db_default.box ||
                     f->kind == FIELD_MANY_TO_MANY || f->kind == FIELD_COMPOSITE || (f->blank && takes_empty_text(f)) ||
                     (is_time(f) && f->auto_now) || field_is_auto(f);
    if (!has_value && d->q->default_for_new && d->q->default_for_new(d->q->arg, now->m.name, f, &v)) {
        op.field = with_default(d, f, v);
        op.drop_default = true;
    }
    Generated *g = detect_add(d, now->app, op);
    detect_needs(d, g, (Need){ NEED_NO_FIELD, now->app, now->lower, f->name, NULL });
    detect_needs_relation(d, g, f);
    if (f->expression)
        needs_bases(d, g, f);
}

static void removed_and_added(Detector *d)
{
    EACH_KEPT(d, now, old)
    {
        const Field **before = detect_sorted_fields(d, old);
        for (size_t i = 0; i < old->m.nfields; i++)
            if (!state_field(now, before[i]->name) && !is_taken(d, now, before[i]->name))
                removed_field(d, now, before[i]->name);
    }
    EACH_KEPT(d, now, old)
    {
        const Field **fields = detect_sorted_fields(d, now);
        for (size_t i = 0; i < now->m.nfields; i++)
            if (!state_field(old, detect_old_field(d, now, fields[i]->name)))
                added_field(d, now, fields[i]);
    }
}

/* RenameField of what a key leads to changes the key too. */
static void follow_to_field(const Detector *d, const Field *f, Field *out)
{
    const StateModel *to = f->to_field ? state_find_label(d->to, f->to_label) : NULL;
    if (to)
        out->to_field = detect_old_field(d, to, f->to_field);
}

static void altered_field(Detector *d, const StateModel *now, const Field *old, const Field *f)
{
    Field same = detect_unrenamed(d, f);
    Value v;
    /* A field with a new name is the old one in all else. */
    if (!same_c(old->name, f->name))
        return;
    follow_to_field(d, f, &same);
    if (fields_equal(d->a, old, &same))
        return;
    if ((old->kind == FIELD_MANY_TO_MANY) != (f->kind == FIELD_MANY_TO_MANY)) {
        removed_field(d, now, f->name);
        added_field(d, now, f);
        return;
    }
    Operation op = { .kind = OPERATION_ALTER_FIELD, .model = now->lower, .field = f };
    if (old->null && !f->null && !f->expression && !f->default_value.box && !f->db_default.box &&
        f->kind != FIELD_MANY_TO_MANY && d->q->default_for_null &&
        d->q->default_for_null(d->q->arg, now->m.name, f, &v)) {
        op.field = with_default(d, f, v);
        op.drop_default = true;
    }
    Generated *g = detect_add(d, now->app, op);
    detect_needs_relation(d, g, f);
}

static void altered_fields(Detector *d)
{
    EACH_KEPT(d, now, old)
    {
        const Field **fields = detect_sorted_fields(d, now);
        for (size_t i = 0; i < now->m.nfields; i++) {
            const Field *before = state_field(old, detect_old_field(d, now, fields[i]->name));
            if (before)
                altered_field(d, now, before, fields[i]);
        }
    }
}

static void altered_order(Detector *d)
{
    EACH_KEPT(d, now, old)
    if (!same_c(old->m.order_with_respect_to, now->m.order_with_respect_to)) {
        Generated *g = detect_add(d, now->app,
                                  (Operation){ .kind = OPERATION_ALTER_ORDER_WITH_RESPECT_TO,
                                               .model = now->lower,
                                               .name = now->m.order_with_respect_to });
        if (now->m.order_with_respect_to)
            detect_needs(d, g, (Need){ NEED_FIELD, now->app, now->lower, now->m.order_with_respect_to, NULL });
    }
}

void detect_fields(Detector *d)
{
    find_renamed(d);
    removed_constraints_and_indexes(d);
    renamed_fields(d);
    renamed_indexes(d);
    altered_together(d, true);
    removed_and_added(d);
    altered_fields(d);
    altered_order(d);
    altered_together(d, false);
    added_indexes_and_constraints(d);
}
