/* apply.c: what an operation does to a state. */
#include "migrations/state.h"
#include <clef/base/vec.h>

typedef struct Applying {
    Context *cx;
    ProjectState *s;
    Arena *a;
    const char *app;
    const Operation *op;
} Applying;

static StateModel *editable(Applying *x, const char *name)
{
    const StateModel *m = state_find(x->s, x->app, name);
    if (!m)
        RAISE(x->cx, 500, "migration_error", "A migration of '%s' changes the model '%s', which does not exist there.",
              x->app, name);
    StateModel *copy = NEW(x->a, StateModel);
    *copy = *m;
    return copy;
}

static Field *editable_fields(Applying *x, StateModel *m, size_t more)
{
    Field *fields = NEW_ARRAY(x->a, Field, m->m.nfields + more);
    if (m->m.nfields)
        memcpy(fields, m->m.fields, m->m.nfields * sizeof *fields);
    m->m.fields = fields;
    return fields;
}

static size_t field_at(Applying *x, const StateModel *m, const char *name)
{
    for (size_t i = 0; i < m->m.nfields; i++)
        if (same_c(m->m.fields[i].name, name))
            return i;
    RAISE(x->cx, 500, "migration_error", "A migration changes the field '%s' of %s.%s, which does not exist there.",
          name, x->app, m->m.name);
}

static const char *const *renamed_names(Applying *x, const char *const *names, const char *from, const char *to)
{
    size_t n = 0;
    while (names && names[n])
        n++;
    const char **out = NEW_ARRAY(x->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool minus = names[i][0] == '-';
        out[i] = !same_c(names[i] + minus, from) ? names[i] : minus ? str_format(x->a, "-%s", to).p : to;
    }
    return names ? out : NULL;
}

static void create_model(Applying *x)
{
    const Model *m = x->op->table;
    if (state_find(x->s, x->app, x->op->model))
        RAISE(x->cx, 500, "migration_error", "A migration makes the model %s.%s, which is there already.", x->app,
              x->op->model);
    StateModel *out = NEW(x->a, StateModel);
    *out = (StateModel){ .app = x->app, .lower = lower_c(x->a, x->op->model), .m = *m };
    state_put(x->s, out);
}

static void delete_model(Applying *x)
{
    (void)editable(x, x->op->model);
    ProjectState *s = x->s;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!same_c(s->p[i]->app, x->app) || !same_ic(s->p[i]->lower, x->op->model))
            s->p[n++] = s->p[i];
    s->n = n;
    s->rendered = NULL;
}

static bool is_label(const char *label, const char *app, const char *name)
{
    Str rest = str_c(label), first;
    return label && str_cut(&rest, '.', &first) && str_eq(first, str_c(app)) && str_ieq(rest, str_c(name));
}

/* Relations to the model, from anywhere, get its new name. */
static void rename_in(Applying *x, const StateModel **place, const char *label)
{
    const StateModel *m = *place;
    bool any = false;
    for (size_t i = 0; i < m->m.nfields; i++)
        any |= is_label(m->m.fields[i].to_label, x->app, x->op->model) ||
               is_label(m->m.fields[i].through_label, x->app, x->op->model);
    for (size_t i = 0; m->m.bases && m->m.bases[i]; i++)
        any |= is_label(m->m.bases[i], x->app, x->op->model);
    if (!any)
        return;
    StateModel *copy = NEW(x->a, StateModel);
    *copy = *m;
    Field *fields = editable_fields(x, copy, 0);
    for (size_t i = 0; i < copy->m.nfields; i++) {
        if (is_label(fields[i].to_label, x->app, x->op->model))
            fields[i].to_label = label;
        if (is_label(fields[i].through_label, x->app, x->op->model))
            fields[i].through_label = label;
    }
    size_t n = 0;
    while (m->m.bases && m->m.bases[n])
        n++;
    const char **bases = NEW_ARRAY(x->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        bases[i] = is_label(m->m.bases[i], x->app, x->op->model) ? label : m->m.bases[i];
    copy->m.bases = n ? bases : NULL;
    *place = copy;
}

static void rename_model(Applying *x)
{
    StateModel *m = editable(x, x->op->model);
    const char *label = str_format(x->a, "%s.%s", x->app, x->op->new_name).p;
    m->m.name = x->op->new_name;
    m->lower = lower_c(x->a, x->op->new_name);
    for (size_t i = 0; i < x->s->n; i++)
        if (same_c(x->s->p[i]->app, x->app) && same_ic(x->s->p[i]->lower, x->op->model))
            x->s->p[i] = m;
    for (size_t i = 0; i < x->s->n; i++)
        rename_in(x, &x->s->p[i], label);
}

static void alter_options(Applying *x, StateModel *m)
{
    const Model *o = x->op->table;
    m->m.ordering = o->ordering;
    m->m.get_latest_by = o->get_latest_by;
    m->m.verbose_name = o->verbose_name;
    m->m.verbose_name_plural = o->verbose_name_plural;
    m->m.unmanaged = o->unmanaged;
    m->m.base_manager_name = o->base_manager_name;
    m->m.default_manager_name = o->default_manager_name;
    m->m.default_related_name = o->default_related_name;
    m->m.permissions = o->permissions;
    m->m.default_permissions = o->default_permissions;
    m->m.select_on_save = o->select_on_save;
}

static void add_field(Applying *x, StateModel *m)
{
    if (state_field(m, x->op->field->name))
        RAISE(x->cx, 500, "migration_error", "A migration adds the field '%s' to %s.%s, which has it already.",
              x->op->field->name, x->app, m->m.name);
    Field *fields = editable_fields(x, m, 1), *f = &fields[m->m.nfields++];
    *f = *x->op->field;
    if (x->op->drop_default)
        f->default_value = (Boxed){ 0 };
}

static void alter_field(Applying *x, StateModel *m)
{
    size_t i = field_at(x, m, x->op->field->name);
    Field *fields = editable_fields(x, m, 0);
    fields[i] = *x->op->field;
    if (x->op->drop_default)
        fields[i].default_value = (Boxed){ 0 };
}

static void remove_field(Applying *x, StateModel *m)
{
    size_t i = field_at(x, m, x->op->name);
    Field *fields = editable_fields(x, m, 0);
    memmove(fields + i, fields + i + 1, (m->m.nfields - i - 1) * sizeof *fields);
    m->m.nfields--;
}

/* Keys that lead to the field by its name follow it. */
static void rename_to_field(Applying *x, const StateModel **place)
{
    const StateModel *m = *place;
    for (size_t i = 0; i < m->m.nfields; i++) {
        const Field *f = &m->m.fields[i];
        if (!f->to_field || !same_c(f->to_field, x->op->name) || !is_label(f->to_label, x->app, x->op->model))
            continue;
        StateModel *copy = NEW(x->a, StateModel);
        *copy = *m;
        editable_fields(x, copy, 0)[i].to_field = x->op->new_name;
        *place = copy;
        m = copy;
    }
}

static const char *const *const *renamed_sets(Applying *x, const char *const *const *from)
{
    size_t n = 0;
    while (from && from[n])
        n++;
    const char *const **sets = NEW_ARRAY(x->a, const char *const *, n + 1);
    for (size_t j = 0; j < n; j++)
        sets[j] = renamed_names(x, from[j], x->op->name, x->op->new_name);
    return n ? sets : NULL;
}

static void rename_field(Applying *x, StateModel *m)
{
    size_t i = field_at(x, m, x->op->name);
    editable_fields(x, m, 0)[i].name = x->op->new_name;
    m->m.unique_together = renamed_sets(x, m->m.unique_together);
    m->m.index_together = renamed_sets(x, m->m.index_together);
    if (same_c(m->m.order_with_respect_to, x->op->name))
        m->m.order_with_respect_to = x->op->new_name;
    Index *indexes = NEW_ARRAY(x->a, Index, m->m.nindexes);
    for (size_t j = 0; j < m->m.nindexes; j++) {
        indexes[j] = m->m.indexes[j];
        indexes[j].fields = renamed_names(x, m->m.indexes[j].fields, x->op->name, x->op->new_name);
    }
    m->m.indexes = indexes;
    state_put(x->s, m);
    for (size_t j = 0; j < x->s->n; j++)
        rename_to_field(x, &x->s->p[j]);
}

/* An index without a name of its own, by its fields, becomes one of Meta. */
static void name_together(Applying *x, StateModel *m)
{
    size_t n = 0, kept = 0;
    while (m->m.index_together && m->m.index_together[n])
        n++;
    const char *const **sets = NEW_ARRAY(x->a, const char *const *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (!names_equal(m->m.index_together[i], x->op->old_fields))
            sets[kept++] = m->m.index_together[i];
    m->m.index_together = kept ? sets : NULL;
    Index *indexes = NEW_ARRAY(x->a, Index, m->m.nindexes + 1);
    if (m->m.nindexes)
        memcpy(indexes, m->m.indexes, m->m.nindexes * sizeof *indexes);
    indexes[m->m.nindexes++] = (Index){ .fields = x->op->old_fields, .name = x->op->new_name };
    m->m.indexes = indexes;
}

static void alter_index(Applying *x, StateModel *m)
{
    if (x->op->old_fields) {
        name_together(x, m);
        return;
    }
    Index *indexes = NEW_ARRAY(x->a, Index, m->m.nindexes + 1);
    size_t n = 0;
    const char *name = x->op->kind == OPERATION_ADD_INDEX ? NULL : x->op->name;
    const Index *old = name ? state_index(x->cx, x->s, m, name) : NULL;
    if (name && !old)
        RAISE(x->cx, 500, "migration_error", "No index named %s on model %s.%s.", name, x->app, m->m.name);
    for (size_t i = 0; i < m->m.nindexes; i++) {
        if (&m->m.indexes[i] == old && x->op->kind == OPERATION_REMOVE_INDEX)
            continue;
        indexes[n] = m->m.indexes[i];
        if (&m->m.indexes[i] == old)
            indexes[n].name = x->op->new_name;
        n++;
    }
    if (!name)
        indexes[n++] = *x->op->index;
    m->m.indexes = indexes;
    m->m.nindexes = n;
}

static void alter_constraint(Applying *x, StateModel *m)
{
    Constraint *constraints = NEW_ARRAY(x->a, Constraint, m->m.nconstraints + 1);
    size_t n = 0;
    bool add = x->op->kind == OPERATION_ADD_CONSTRAINT, alter = x->op->kind == OPERATION_ALTER_CONSTRAINT;
    const char *name = alter ? x->op->constraint->name : x->op->name;
    if (!add && !state_constraint(m, name))
        RAISE(x->cx, 500, "migration_error", "No constraint named %s on model %s.%s.", name, x->app, m->m.name);
    for (size_t i = 0; i < m->m.nconstraints; i++)
        if (add || !same_c(m->m.constraints[i].name, name))
            constraints[n++] = m->m.constraints[i];
        else if (alter)
            constraints[n++] = *x->op->constraint;
    if (add)
        constraints[n++] = *x->op->constraint;
    m->m.constraints = constraints;
    m->m.nconstraints = n;
}

static void change(Applying *x)
{
    StateModel *m = editable(x, x->op->model);
    switch (x->op->kind) {
    case OPERATION_ALTER_MODEL_TABLE:
        m->m.db_table = x->op->name;
        break;
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        m->m.db_table_comment = x->op->name;
        break;
    case OPERATION_ALTER_MODEL_OPTIONS:
        alter_options(x, m);
        break;
    case OPERATION_ALTER_MODEL_MANAGERS:
        return;
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        m->m.unique_together = x->op->sets;
        break;
    case OPERATION_ALTER_INDEX_TOGETHER:
        m->m.index_together = x->op->sets;
        break;
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        m->m.order_with_respect_to = x->op->name;
        break;
    case OPERATION_ADD_FIELD:
        add_field(x, m);
        break;
    case OPERATION_REMOVE_FIELD:
        remove_field(x, m);
        break;
    case OPERATION_ALTER_FIELD:
        alter_field(x, m);
        break;
    case OPERATION_RENAME_FIELD:
        rename_field(x, m);
        return;
    case OPERATION_ADD_INDEX:
    case OPERATION_REMOVE_INDEX:
    case OPERATION_RENAME_INDEX:
        alter_index(x, m);
        break;
    default:
        alter_constraint(x, m);
        break;
    }
    state_put(x->s, m);
}

void state_apply(Context *cx, ProjectState *s, const char *app, const Operation *op)
{
    op = operation_settled(cx, op);
    Applying x = { .cx = cx, .s = s, .a = s->a, .app = app, .op = op };
    s->rendered = op->kind == OPERATION_REMOVE_INDEX || op->kind == OPERATION_RENAME_INDEX ? s->rendered : NULL;
    switch (op->kind) {
    case OPERATION_NONE:
    case OPERATION_KINDS:
    case OPERATION_RUN_FUNCTION:
        return;
    case OPERATION_RUN_SQL:
    case OPERATION_SEPARATE:
        for (const Operation *o = op->state; o && o->kind; o++)
            state_apply(cx, s, app, o);
        return;
    case OPERATION_CREATE_MODEL:
        create_model(&x);
        return;
    case OPERATION_DELETE_MODEL:
        delete_model(&x);
        return;
    case OPERATION_RENAME_MODEL:
        rename_model(&x);
        return;
    default:
        change(&x);
    }
}
