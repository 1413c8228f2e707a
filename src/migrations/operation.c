/* operation.c: operations against a database, in both directions. */
#include "migrations/operation.h"
#include "migrations/statements.h"
#include <clef/orm/router.h>

/* A field with the default that rows get now and the column does not keep. */
static const FieldInfo *with_default(Arena *a, const FieldInfo *field, const Operation *op)
{
    if (!op->drop_default || field->f->kind == FIELD_MANY_TO_MANY)
        return field;
    Field *f = NEW(a, Field);
    FieldInfo *out = NEW(a, FieldInfo);
    *f = *field->f;
    f->default_value = op->field->default_value;
    *out = *field;
    out->f = f;
    if (out->stored == field->f)
        out->stored = f;
    return out;
}

static const ModelInfo *info(OperationRun *run, ProjectState *s, const char *name)
{
    return state_info(run->cx, s, run->app, name);
}

static const FieldInfo *field(OperationRun *run, const ModelInfo *m, const char *name)
{
    const FieldInfo *f = info_any_field(m, str_c(name));
    if (!f)
        RAISE(run->cx, 500, "migration_error", "%s.%s has no field '%s'.", run->app, m->m->name, name);
    return f;
}

static void add_field(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to)
{
    const FieldInfo *f = field(run, info(run, to, op->model), op->field->name);
    editor_add_field(run->editor, info(run, from, op->model), with_default(run->cx->arena, f, op));
}

static void remove_field(OperationRun *run, const Operation *op, ProjectState *from, const char *name)
{
    const ModelInfo *m = info(run, from, op->model);
    editor_remove_field(run->editor, m, field(run, m, name));
}

static void alter_field(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to,
                        const char *old_name, const char *new_name)
{
    const ModelInfo *before = info(run, from, op->model), *after = info(run, to, op->model);
    const FieldInfo *f = field(run, after, new_name);
    if (op->kind == OPERATION_ALTER_FIELD)
        f = with_default(run->cx->arena, f, op);
    editor_alter_field(run->editor, before, field(run, before, old_name), f);
}

static void rename_model(OperationRun *run, ProjectState *from, ProjectState *to, const char *old_name,
                         const char *new_name)
{
    editor_rename_model(run->editor, info(run, from, old_name), info(run, to, new_name), state_infos(run->cx, from),
                        state_infos(run->cx, to));
}

static void order_with_respect_to(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to)
{
    const ModelInfo *before = info(run, from, op->model), *after = info(run, to, op->model);
    static const int zero;
    Operation with_zero = { .drop_default = true, .field = &(Field){ .default_value = { box_int32, &zero } } };
    if (after->m->order_with_respect_to && !before->m->order_with_respect_to)
        editor_add_field(run->editor, before, with_default(run->cx->arena, field(run, after, "_order"), &with_zero));
    else if (before->m->order_with_respect_to && !after->m->order_with_respect_to)
        editor_remove_field(run->editor, before, field(run, before, "_order"));
}

static const Index *index_of(OperationRun *run, const Operation *op, ProjectState *s, const char *name)
{
    const StateModel *m = state_find(s, run->app, op->model);
    const Index *index = m ? state_index(run->cx, s, m, name) : NULL;
    if (!index)
        RAISE(run->cx, 500, "migration_error", "No index named %s on model %s.%s.", name, run->app, op->model);
    return index;
}

static const Constraint *constraint_of(OperationRun *run, const Operation *op, ProjectState *s, const char *name)
{
    const StateModel *m = state_find(s, run->app, op->model);
    const Constraint *c = m ? state_constraint(m, name) : NULL;
    if (!c)
        RAISE(run->cx, 500, "migration_error", "No constraint named %s on model %s.%s.", name, run->app, op->model);
    return c;
}

/* The index of a set of index_together gets a name, or loses it. */
static void rename_together(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to,
                            bool backwards)
{
    const ModelInfo *before = info(run, from, op->model), *after = info(run, to, op->model);
    TableShape t = ddl_shape(run->cx->arena, editor_dialect(run->editor), before);
    const char *own = str_dup_c(run->cx->arena, ddl_together_name(run->cx, &t, op->old_fields, false));
    const Index x = { .fields = op->old_fields, .name = backwards ? op->new_name : own };
    const Index y = { .fields = op->old_fields, .name = backwards ? own : op->new_name };
    if (backwards)
        return; /* as Django: which name it had cannot be known */
    editor_rename_index(run->editor, before, &x, after, &y);
}

static void rename_index(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to,
                         const char *old_name, const char *new_name)
{
    if (op->old_fields) {
        rename_together(run, op, from, to, old_name == op->new_name);
        return;
    }
    editor_rename_index(run->editor, info(run, from, op->model), index_of(run, op, from, old_name),
                        info(run, to, op->model), index_of(run, op, to, new_name));
}

/* --- statements and functions of one's own */

/* The statement with its values in it, as the editor takes it. */
static Str with_values(OperationRun *run, const SqlStatement *s)
{
    Buf b = BUF_INIT(run->cx->arena, DDL_MAX);
    size_t at = 0;
    Str sql = str_c(s->sql), vendor = str_c(editor_dialect(run->editor)->vendor);
    for (size_t i = 0; i < sql.n; i++) {
        size_t past = statement_past_quoted(vendor, sql, i);
        buf_str(&b, str_slice(sql, i, past));
        i = past;
        if (i == sql.n)
            break;
        bool is_operator = sql.p[i] == '?' && i + 1 < sql.n && sql.p[i + 1] == '?';
        if (sql.p[i] != '?' || is_operator) {
            buf_byte(&b, sql.p[i]);
            i += is_operator;
            continue;
        }
        if (at == s->nparams)
            RAISE(run->cx, 500, "migration_error", "A statement of RunSQL has more `?`s than values: %s", s->sql);
        Boxed one = s->params[at++];
        buf_str(&b, ddl_literal(run->cx, editor_dialect(run->editor), one.box(run->cx->arena, one.at)));
    }
    return buf_view(&b);
}

static void run_sql(OperationRun *run, const char *sql, const SqlStatement *statements)
{
    for (const SqlStatement *s = statements; s && s->sql; s++)
        editor_run(run->editor, with_values(run, s));
    if (statements)
        return;
    if (!sql)
        RAISE(run->cx, 500, "irreversible", "You cannot reverse this operation: its RunSQL has no reverse.");
    Str rest = str_c(sql);
    while (rest.n) {
        Str one = statement_next(str_c(editor_dialect(run->editor)->vendor), &rest);
        if (one.n)
            editor_run(run->editor, one);
    }
}

static void run_function(OperationRun *run, MigrationFn *fn, ProjectState *state)
{
    if (!fn)
        RAISE(run->cx, 500, "irreversible", "You cannot reverse this operation: its RunFunction has no way back.");
    if (run->collect) {
        editor_run(run->editor, STR("-- THIS OPERATION CANNOT BE WRITTEN AS SQL"));
        return;
    }
    (void)state_infos(run->cx, state);
    fn(run->cx, state, run->alias);
}

Str operation_statement(const OperationRun *run, Str sql)
{
    static const char *const begins[] = { "CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP INDEX " };
    if (!run->concurrently)
        return sql;
    for (size_t i = 0; i < CLEF_COUNT(begins); i++)
        if (str_starts(sql, str_c(begins[i])))
            return str_format(run->cx->arena, "%sCONCURRENTLY %.*s", begins[i],
                              STR_FMT(str_from_byte(sql, strlen(begins[i]))));
    return sql;
}

static void check_concurrently(OperationRun *run, const Operation *op)
{
    run->concurrently = op->concurrently && str_eq(migration_vendor(run->cx, run->alias), STR("postgresql"));
    if (run->concurrently && run->atomic)
        RAISE(run->cx, 500, "not_supported_error",
              "The index of %s cannot be made concurrently inside a transaction (set .not_atomic = true on the "
              "migration).",
              op->model);
}

/* --- routers */

/* The model as the program has it, by which routers know it; the migration's own where it is gone. */
static const Model *known_model(const StateModel *m)
{
    const Model *now = model_find(str_c(m->app), str_c(m->m.name));
    return now ? now : &m->m;
}

/* Has the database of the run anything to do with the operation? Its state changes all the same. */
static bool is_allowed(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to)
{
    Str alias = run->alias.n ? run->alias : STR("default"), app = str_c(run->app);
    if (op->kind == OPERATION_SEPARATE)
        return true; /* each of its own is asked about */
    if (op->kind == OPERATION_RUN_SQL || op->kind == OPERATION_RUN_FUNCTION || !op->model)
        return router_allow_migrate(alias, app, NULL);
    const StateModel *m = state_find(to, run->app, op->model);
    if (!m)
        m = state_find(from, run->app, op->model);
    if (!m && op->new_name)
        m = state_find(to, run->app, op->new_name);
    if (m && swapped_for(app, &m->m).n)
        return false; /* another model has the table */
    return router_allow_migrate(alias, app, m ? known_model(m) : NULL);
}

/* --- the two directions */

static void separate(OperationRun *run, const Operation *op, ProjectState *from, bool backwards)
{
    size_t n = 0;
    for (const Operation *o = op->database; o && o->kind; o++)
        n++;
    /* The states between the operations of the list, starting where the whole begins. */
    ProjectState **states = NEW_ARRAY(run->cx->arena, ProjectState *, n + 1);
    states[0] = from;
    for (size_t i = 0; i < n; i++) {
        states[i + 1] = state_clone(run->cx->arena, states[i]);
        state_apply(run->cx, states[i + 1], run->app, &op->database[i]);
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = backwards ? n - 1 - i : i;
        if (backwards)
            operation_backwards(run, &op->database[at], states[at + 1], states[at]);
        else
            operation_forwards(run, &op->database[at], states[at], states[at + 1]);
    }
}

void operation_forwards(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to)
{
    SchemaEditor *e = run->editor;
    if (!is_allowed(run, op, from, to))
        return;
    check_concurrently(run, op);
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        editor_create_model(e, info(run, to, op->model));
        break;
    case OPERATION_DELETE_MODEL:
        editor_delete_model(e, info(run, from, op->model));
        break;
    case OPERATION_RENAME_MODEL:
        rename_model(run, from, to, op->model, op->new_name);
        break;
    case OPERATION_ALTER_MODEL_TABLE:
        editor_rename_table(e, info(run, from, op->model), info(run, to, op->model));
        break;
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        editor_alter_comment(e, info(run, from, op->model), info(run, to, op->model));
        break;
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        editor_alter_together(e, info(run, to, op->model), state_find(from, run->app, op->model)->m.unique_together,
                              state_find(to, run->app, op->model)->m.unique_together, true);
        break;
    case OPERATION_ALTER_INDEX_TOGETHER:
        editor_alter_together(e, info(run, to, op->model), state_find(from, run->app, op->model)->m.index_together,
                              state_find(to, run->app, op->model)->m.index_together, false);
        break;
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        order_with_respect_to(run, op, from, to);
        break;
    case OPERATION_ADD_FIELD:
        add_field(run, op, from, to);
        break;
    case OPERATION_REMOVE_FIELD:
        remove_field(run, op, from, op->name);
        break;
    case OPERATION_ALTER_FIELD:
        alter_field(run, op, from, to, op->field->name, op->field->name);
        break;
    case OPERATION_RENAME_FIELD:
        alter_field(run, op, from, to, op->name, op->new_name);
        break;
    case OPERATION_ADD_INDEX:
        editor_add_index(e, info(run, to, op->model), op->index);
        break;
    case OPERATION_REMOVE_INDEX:
        editor_remove_index(e, info(run, from, op->model), index_of(run, op, from, op->name));
        break;
    case OPERATION_RENAME_INDEX:
        rename_index(run, op, from, to, op->name, op->new_name);
        break;
    case OPERATION_ADD_CONSTRAINT:
        editor_add_constraint(e, info(run, to, op->model), op->constraint);
        break;
    case OPERATION_REMOVE_CONSTRAINT:
        editor_remove_constraint(e, info(run, to, op->model), constraint_of(run, op, from, op->name));
        break;
    case OPERATION_RUN_SQL:
        run_sql(run, op->sql, op->statements);
        break;
    case OPERATION_RUN_FUNCTION:
        run_function(run, op->forwards, from);
        break;
    case OPERATION_SEPARATE:
        separate(run, op, from, false);
        break;
    default:
        break;
    }
}

void operation_backwards(OperationRun *run, const Operation *op, ProjectState *from, ProjectState *to)
{
    SchemaEditor *e = run->editor;
    if (!is_allowed(run, op, from, to))
        return;
    check_concurrently(run, op);
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        editor_delete_model(e, info(run, from, op->model));
        break;
    case OPERATION_DELETE_MODEL:
        editor_create_model(e, info(run, to, op->model));
        break;
    case OPERATION_RENAME_MODEL:
        rename_model(run, from, to, op->new_name, op->model);
        break;
    case OPERATION_ADD_FIELD:
        remove_field(run, op, from, op->field->name);
        break;
    case OPERATION_REMOVE_FIELD:
        editor_add_field(e, info(run, from, op->model), field(run, info(run, to, op->model), op->name));
        break;
    case OPERATION_RENAME_FIELD:
        alter_field(run, op, from, to, op->new_name, op->name);
        break;
    case OPERATION_ADD_INDEX: {
        const ModelInfo *m = info(run, from, op->model);
        editor_remove_index(e, m, op->index);
        break;
    }
    case OPERATION_REMOVE_INDEX:
        editor_add_index(e, info(run, to, op->model), index_of(run, op, to, op->name));
        break;
    case OPERATION_RENAME_INDEX:
        rename_index(run, op, from, to, op->new_name, op->name);
        break;
    case OPERATION_ADD_CONSTRAINT:
        editor_remove_constraint(e, info(run, to, op->model), op->constraint);
        break;
    case OPERATION_REMOVE_CONSTRAINT:
        editor_add_constraint(e, info(run, to, op->model), constraint_of(run, op, to, op->name));
        break;
    case OPERATION_RUN_SQL:
        run_sql(run, op->reverse_sql, op->reverse_statements);
        break;
    case OPERATION_RUN_FUNCTION:
        run_function(run, op->backwards, to);
        break;
    case OPERATION_SEPARATE:
        separate(run, op, to, true);
        break;
    default:
        operation_forwards(run, op, from, to);
        break;
    }
}

bool operation_is_reversible(const Operation *op)
{
    if (op->kind == OPERATION_RUN_SQL)
        return op->reverse_sql != NULL || op->reverse_statements != NULL;
    if (op->kind == OPERATION_RUN_FUNCTION)
        return op->backwards != NULL;
    for (const Operation *o = op->kind == OPERATION_SEPARATE ? op->database : NULL; o && o->kind; o++)
        if (!operation_is_reversible(o))
            return false;
    return true;
}
