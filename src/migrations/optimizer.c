/* optimizer.c: a list of operations in fewer: what is made and changed at once is made as it becomes. */
#include "migrations/changes.h"
#include <clef/base/vec.h>

enum { NAME_LENGTH = 52, ROUNDS_MAX = 10000 };

typedef VEC(Operation) Operations;

size_t operations_count(const Operation *operations)
{
    size_t n = 0;
    while (operations && operations[n].kind)
        n++;
    return n;
}

Str operations_name(Arena *a, const Operation *operations, bool initial)
{
    if (initial)
        return STR("initial");
    Str name = { 0 };
    for (const Operation *op = operations; op->kind; op++) {
        Str fragment = operation_fragment(a, op);
        if (!fragment.n)
            return STR("auto");
        if (!name.n) {
            name = fragment;
            continue;
        }
        Str longer = str_format(a, "%.*s_%.*s", STR_FMT(name), STR_FMT(fragment));
        if (longer.n > NAME_LENGTH)
            return str_concat(a, name, STR("_and_more"));
        name = longer;
    }
    return name.n ? name : STR("auto");
}

/* --- kinds */

static bool is_field_operation(const Operation *op)
{
    return op->kind >= OPERATION_ADD_FIELD && op->kind <= OPERATION_RENAME_FIELD;
}
static bool is_option_operation(const Operation *op)
{
    return op->kind >= OPERATION_ALTER_MODEL_TABLE && op->kind <= OPERATION_ALTER_ORDER_WITH_RESPECT_TO;
}
static bool is_model_operation(const Operation *op)
{
    return op->kind >= OPERATION_CREATE_MODEL && op->kind <= OPERATION_ALTER_ORDER_WITH_RESPECT_TO;
}

static const char *field_name(const Operation *op) { return op->field ? op->field->name : op->name; }
static bool same_model(const Operation *x, const Operation *y) { return same_ic(x->model, y->model); }

static bool leads_to(Arena *a, const Field *f, const char *app, const char *model)
{
    const char *labels[] = { f->to_label, f->through_label };
    for (size_t i = 0; i < CLEF_COUNT(labels); i++) {
        const char *to_app, *lower;
        if (!labels[i])
            continue;
        label_split(a, labels[i], &to_app, &lower);
        if (same_c(to_app, app) && same_ic(lower, model))
            return true;
    }
    return false;
}

static bool names_model(Arena *a, const Operation *op, const char *app, const char *model)
{
    /* What is deleted may have referred to any. */
    if (same_ic(op->model, model) || op->kind == OPERATION_DELETE_MODEL)
        return true;
    if (op->kind == OPERATION_RENAME_MODEL && same_ic(op->new_name, model))
        return true;
    if (op->kind == OPERATION_CREATE_MODEL) {
        for (size_t i = 0; i < op->table->nfields; i++)
            if (leads_to(a, &op->table->fields[i], app, model))
                return true;
        for (size_t i = 0; op->table->bases && op->table->bases[i]; i++)
            if (leads_to(a, &(Field){ .to_label = op->table->bases[i] }, app, model))
                return true;
        return false;
    }
    if (is_field_operation(op))
        return op->field && leads_to(a, op->field, app, model);
    return !is_model_operation(op);
}

static bool in_sets(const char *const *const *sets, const char *name)
{
    for (; sets && *sets; sets++)
        for (size_t i = 0; (*sets)[i]; i++)
            if (same_c((*sets)[i], name))
                return true;
    return false;
}

static bool names_field(Arena *a, const Operation *op, const char *app, const char *model, const char *name)
{
    if (is_field_operation(op)) {
        if (same_ic(op->model, model))
            return same_c(field_name(op), name) || same_c(op->new_name, name);
        return op->field && leads_to(a, op->field, app, model);
    }
    if (op->kind == OPERATION_ALTER_UNIQUE_TOGETHER)
        return same_ic(op->model, model) && (!op->sets || !op->sets[0] || in_sets(op->sets, name));
    if (op->kind == OPERATION_ALTER_ORDER_WITH_RESPECT_TO)
        return same_ic(op->model, model) && (!op->name || same_c(op->name, name));
    return names_model(a, op, app, model);
}

/* --- one operation with a later one */

typedef enum Outcome { STUCK, PAST, MERGED } Outcome;

typedef struct Reduced {
    Outcome outcome;
    Operation p[2];
    size_t n;
} Reduced;

static Reduced merged(Operation op) { return (Reduced){ MERGED, { op }, 1 }; }
static Reduced nothing(void) { return (Reduced){ .outcome = MERGED }; }

static Model *copy_of(Arena *a, const Operation *op, Operation *out)
{
    Model *m = NEW(a, Model);
    *m = *op->table;
    *out = *op;
    out->table = m;
    return m;
}

static Field *fields_of(Arena *a, Model *m, size_t more)
{
    Field *fields = NEW_ARRAY(a, Field, m->nfields + more);
    if (m->nfields)
        memcpy(fields, m->fields, m->nfields * sizeof *fields);
    m->fields = fields;
    return fields;
}

static Reduced create_and_field(Arena *a, const Operation *create, const Operation *op)
{
    Operation out;
    Model *m = copy_of(a, create, &out);
    Field *fields = fields_of(a, m, 1);
    size_t n = 0;
    if (op->kind == OPERATION_ADD_FIELD) {
        fields[m->nfields++] = *op->field;
        if (op->drop_default)
            fields[m->nfields - 1].default_value = (Boxed){ 0 };
        return merged(out);
    }
    for (size_t i = 0; i < m->nfields; i++) {
        bool same = same_c(fields[i].name, field_name(op));
        if (same && op->kind == OPERATION_REMOVE_FIELD)
            continue;
        fields[n] = same && op->kind == OPERATION_ALTER_FIELD ? *op->field : fields[i];
        if (same && op->kind == OPERATION_RENAME_FIELD)
            fields[n].name = op->new_name;
        n++;
    }
    m->nfields = n;
    /* Sets and indexes that name the field would have to follow. */
    if (op->kind >= OPERATION_REMOVE_FIELD && op->kind != OPERATION_ALTER_FIELD &&
        (in_sets(m->unique_together, op->name) || m->nindexes || m->nconstraints))
        return (Reduced){ .outcome = STUCK };
    return merged(out);
}

static Reduced create_and_index(Arena *a, const Operation *create, const Operation *op)
{
    Operation out;
    Model *m = copy_of(a, create, &out);
    Index *indexes = NEW_ARRAY(a, Index, m->nindexes + 1);
    Constraint *constraints = NEW_ARRAY(a, Constraint, m->nconstraints + 1);
    size_t n = 0, k = 0;
    for (size_t i = 0; i < m->nindexes; i++)
        if (op->kind != OPERATION_REMOVE_INDEX || !same_c(m->indexes[i].name, op->name))
            indexes[n++] = m->indexes[i];
    for (size_t i = 0; i < n; i++)
        if (op->kind == OPERATION_RENAME_INDEX && same_c(indexes[i].name, op->name))
            indexes[i].name = op->new_name;
    for (size_t i = 0; i < m->nconstraints; i++)
        if (op->kind != OPERATION_REMOVE_CONSTRAINT || !same_c(m->constraints[i].name, op->name))
            constraints[k++] = m->constraints[i];
    if (op->kind == OPERATION_ADD_INDEX)
        indexes[n++] = *op->index;
    if (op->kind == OPERATION_ADD_CONSTRAINT)
        constraints[k++] = *op->constraint;
    m->indexes = indexes;
    m->nindexes = n;
    m->constraints = constraints;
    m->nconstraints = k;
    return merged(out);
}

static Reduced create_and(Arena *a, const Operation *create, const Operation *op)
{
    Operation out;
    Model *m = copy_of(a, create, &out);
    switch (op->kind) {
    case OPERATION_DELETE_MODEL:
        return m->proxy ? (Reduced){ .outcome = STUCK } : nothing();
    case OPERATION_RENAME_MODEL:
        out.model = m->name = op->new_name;
        return merged(out);
    case OPERATION_ALTER_MODEL_OPTIONS:
        m->ordering = op->table->ordering;
        m->get_latest_by = op->table->get_latest_by;
        m->verbose_name = op->table->verbose_name;
        m->verbose_name_plural = op->table->verbose_name_plural;
        m->unmanaged = op->table->unmanaged;
        return merged(out);
    case OPERATION_ALTER_MODEL_TABLE:
        m->db_table = op->name;
        return merged(out);
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        m->db_table_comment = op->name;
        return merged(out);
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        m->unique_together = op->sets;
        return merged(out);
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        m->order_with_respect_to = op->name;
        return merged(out);
    case OPERATION_ADD_FIELD:
    case OPERATION_REMOVE_FIELD:
    case OPERATION_ALTER_FIELD:
    case OPERATION_RENAME_FIELD:
        return create_and_field(a, create, op);
    case OPERATION_ADD_INDEX:
    case OPERATION_REMOVE_INDEX:
    case OPERATION_RENAME_INDEX:
    case OPERATION_ADD_CONSTRAINT:
    case OPERATION_REMOVE_CONSTRAINT:
        return create_and_index(a, create, op);
    default:
        return (Reduced){ .outcome = STUCK };
    }
}

static Reduced field_and(Arena *a, const Operation *x, const Operation *op)
{
    Operation out = *x;
    bool same = is_field_operation(op) && same_model(x, op) && same_c(field_name(x), field_name(op));
    if (x->kind == OPERATION_ADD_FIELD && same) {
        if (op->kind == OPERATION_REMOVE_FIELD)
            return nothing();
        Field *f = NEW(a, Field);
        *f = op->kind == OPERATION_ALTER_FIELD ? *op->field : *x->field;
        out.field = f;
        if (op->kind == OPERATION_ALTER_FIELD) {
            out.drop_default = op->drop_default;
            return merged(out);
        }
        if (op->kind == OPERATION_RENAME_FIELD) {
            f->name = op->new_name;
            return merged(out);
        }
    }
    if (x->kind == OPERATION_ALTER_FIELD && same &&
        (op->kind == OPERATION_ALTER_FIELD || op->kind == OPERATION_REMOVE_FIELD))
        return merged(*op);
    if (x->kind == OPERATION_ALTER_FIELD && same && op->kind == OPERATION_RENAME_FIELD && !x->field->db_column) {
        Field *f = NEW(a, Field);
        *f = *x->field;
        f->name = op->new_name;
        out.field = f;
        return (Reduced){ MERGED, { *op, out }, 2 };
    }
    if (x->kind == OPERATION_REMOVE_FIELD && op->kind == OPERATION_DELETE_MODEL && same_model(x, op))
        return merged(*op);
    if (x->kind == OPERATION_RENAME_FIELD && op->kind == OPERATION_RENAME_FIELD && same_model(x, op) &&
        same_c(x->new_name, op->name)) {
        out.new_name = op->new_name;
        return merged(out);
    }
    return (Reduced){ .outcome = STUCK };
}

static Reduced reduce(Arena *a, const char *app, const Operation *x, const Operation *op)
{
    Reduced r = { .outcome = STUCK };
    if (x->kind == OPERATION_CREATE_MODEL && same_model(x, op))
        r = create_and(a, x, op);
    else if (is_field_operation(x))
        r = field_and(a, x, op);
    else if (is_option_operation(x) && (op->kind == x->kind || op->kind == OPERATION_DELETE_MODEL) && same_model(x, op))
        return merged(*op);
    else if (x->kind == OPERATION_RENAME_MODEL && op->kind == OPERATION_RENAME_MODEL && same_ic(x->new_name, op->model))
        r = merged((Operation){ .kind = OPERATION_RENAME_MODEL, .model = x->model, .new_name = op->new_name });
    else if (x->kind == OPERATION_ADD_INDEX && op->kind == OPERATION_REMOVE_INDEX && same_c(x->index->name, op->name))
        return nothing();
    else if (x->kind == OPERATION_ADD_CONSTRAINT && op->kind == OPERATION_REMOVE_CONSTRAINT && same_model(x, op) &&
             same_c(x->constraint->name, op->name))
        return nothing();
    if (r.outcome == MERGED)
        return r;
    bool past = false;
    if (x->kind == OPERATION_RENAME_MODEL)
        past = !names_model(a, op, app, x->new_name);
    else if (is_field_operation(x))
        past = !names_field(a, op, app, x->model, field_name(x)) &&
               !(x->new_name && names_field(a, op, app, x->model, x->new_name));
    else if (is_model_operation(x))
        past = !names_model(a, op, app, x->model);
    return (Reduced){ .outcome = past ? PAST : STUCK };
}

/* --- the list */

static bool all_pass(Arena *a, const char *app, const Operations *ops, size_t from, size_t to, const Operation *op)
{
    for (size_t i = from; i < to; i++)
        if (reduce(a, app, &ops->p[i], op).outcome != PAST)
            return false;
    return true;
}

static void append(Arena *a, Operations *to, const Operation *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(a, to, from[i]);
}

/* One merge; false when there is none. */
static bool round_of(Arena *a, const char *app, const Operations *ops, Operations *out)
{
    for (size_t i = 0; i < ops->n; i++) {
        bool right = true;
        for (size_t j = i + 1; j < ops->n; j++) {
            Reduced r = reduce(a, app, &ops->p[i], &ops->p[j]);
            if (r.outcome == STUCK)
                right = false;
            if (r.outcome != MERGED)
                continue;
            if (!right && !all_pass(a, app, ops, i + 1, j, &ops->p[j]))
                break;
            append(a, out, ops->p, i);
            if (right)
                append(a, out, ops->p + i + 1, j - i - 1);
            append(a, out, r.p, r.n);
            if (!right)
                append(a, out, ops->p + i + 1, j - i - 1);
            append(a, out, ops->p + j + 1, ops->n - j - 1);
            return true;
        }
    }
    return false;
}

const Operation *operations_optimize(Arena *a, const char *app, const Operation *operations)
{
    Operations ops = { 0 };
    append(a, &ops, operations, operations_count(operations));
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        Operations out = { 0 };
        if (!round_of(a, app, &ops, &out))
            break;
        ops = out;
    }
    VEC_PUSH(a, &ops, (Operation){ .kind = OPERATION_NONE });
    return ops.p;
}
