/* schema.c: the schema editor for SQLite (editor.h), and the tables of whole models. */
#include "orm/schema_server.h"
#include "orm/work.h"
#include <clef/base/vec.h>

typedef VEC(Str) Texts;

SchemaEditor *editor_create(Context *cx, Str vendor, EditorRunFn *run, void *arg)
{
    const Dialect *d = dialect_of_vendor(vendor);
    if (!d)
        RAISE(cx, 500, "schema_error", "Tables cannot be made on a database of the kind %.*s.", STR_FMT(vendor));
    SchemaEditor *e = NEW(cx->arena, SchemaEditor);
    *e = (SchemaEditor){ .cx = cx, .a = cx->arena, .d = d, .run = run, .arg = arg };
    return e;
}

const Dialect *editor_dialect(const SchemaEditor *e) { return e->d; }

void editor_run(SchemaEditor *e, Str sql)
{
    if (sql.n) /* what a database cannot have is empty */
        e->run(e->arg, sql);
}

#define RUN(e, ...) editor_run((e), str_format((e)->a, __VA_ARGS__))

static bool has_table(const ModelInfo *info) { return !info->m->unmanaged && !info->m->proxy; }
static bool is_between(const FieldInfo *field) { return field->f->kind == FIELD_MANY_TO_MANY; }
static bool makes_table(const FieldInfo *field) { return is_between(field) && !field->f->through; }

const FieldInfo *info_any_field(const ModelInfo *info, Str name)
{
    for (size_t i = 0; i < info->nbetween; i++)
        if (str_eq(info->between[i].name, name))
            return &info->between[i];
    return info_field(info, name);
}

/* --- tables */

/* Is the index over the field? */
static bool names_field(const Index *index, const char *name)
{
    for (size_t i = 0; name && index->fields && index->fields[i]; i++)
        if (str_eq(str_c(index->fields[i] + (index->fields[i][0] == '-')), str_c(name)))
            return true;
    return false;
}

void table_create(SchemaEditor *e, const TableShape *t, Str under, ColumnTextFn *column)
{
    const ModelInfo *info = t->meta;
    const Model *m = info->meta;
    Texts parts = { 0 };
    for (size_t i = 0; i < t->n; i++)
        VEC_PUSH(e->a, &parts,
                 str_format(e->a, "%.*s %.*s", STR_FMT(t->fields[i]->quoted), STR_FMT(column(e, t, t->fields[i]))));
    if (info->nkeys > 1) {
        Str *keys = NEW_ARRAY(e->a, Str, info->nkeys);
        for (size_t i = 0; i < info->nkeys; i++)
            keys[i] = info->keys[i]->quoted;
        VEC_PUSH(e->a, &parts,
                 str_format(e->a, "PRIMARY KEY (%.*s)", STR_FMT(ddl_joined(e->a, keys, info->nkeys, ", "))));
    }
    for (size_t i = 0; i < m->nconstraints; i++) {
        const Constraint *c = &m->constraints[i];
        if (!ddl_constraint_is_made(e->d, c))
            continue;
        if (ddl_constraint_is_index(c))
            editor_keep(e, t->table, ddl_constraint(e->cx, t, c));
        else
            VEC_PUSH(e->a, &parts, ddl_constraint(e->cx, t, c));
    }
    Str all = ddl_joined(e->a, parts.p, parts.n, ", ");
    if (all.n >= DDL_MAX - 1024)
        RAISE(e->cx, 500, "schema_error", "The table of %s needs more than %d bytes of SQL.", m->name, DDL_MAX);
    RUN(e, "CREATE TABLE %.*s (%.*s)", STR_FMT(ddl_quoted(e->a, under)), STR_FMT(all));
}

static Str column_text(SchemaEditor *e, const TableShape *t, const FieldInfo *field)
{
    return ddl_column(e->cx, t, field, field == t->plain_key);
}

/* CREATE TABLE under a name; indexes are kept for later, under the name that the table will have. */
static void create_table(SchemaEditor *e, const TableShape *t, Str under)
{
    const Model *m = t->meta->meta;
    for (const char *const *const *set = m->unique_together; set && *set; set++)
        editor_keep(e, t->table, ddl_create_together(e->cx, t, *set, true));
    table_create(e, t, under, column_text);
    for (size_t i = 0; i < t->n; i++)
        if (ddl_is_indexed(t->fields[i]))
            editor_keep(e, t->table, ddl_create_field_index(e->cx, e->d, t->table, t->fields[i]->column));
    for (const char *const *const *set = m->index_together; set && *set; set++)
        editor_keep(e, t->table, ddl_create_together(e->cx, t, *set, false));
    for (size_t i = 0; i < m->nindexes; i++)
        if (!names_field(&m->indexes[i], t->without))
            editor_keep(e, t->table, ddl_create_index(e->cx, t, &m->indexes[i]));
}

void editor_create_model(SchemaEditor *e, const ModelInfo *info)
{
    if (!has_table(info))
        return;
    TableShape t = ddl_shape(e->a, e->d, info);
    if (editor_is_server(e))
        server_create_table(e, &t);
    else
        create_table(e, &t, t.table);
    for (size_t i = 0; i < info->nbetween; i++)
        if (makes_table(&info->between[i]))
            editor_create_model(e, info->between[i].through);
}

void editor_delete_model(SchemaEditor *e, const ModelInfo *info)
{
    if (!has_table(info))
        return;
    for (size_t i = 0; i < info->nbetween; i++)
        if (makes_table(&info->between[i]))
            editor_delete_model(e, info->between[i].through);
    RUN(e, editor_is_server(e) ? "DROP TABLE %.*s CASCADE" : "DROP TABLE %.*s", STR_FMT(info->quoted));
    editor_forget(e, info->table);
}

/* --- a table made anew */

typedef struct Copy {
    Str to, from; /* a column, and what is selected for it */
} Copy;
typedef struct Remake {
    TableShape t;
    VEC(Copy) copies;
} Remake;

static Remake remake_of(SchemaEditor *e, const ModelInfo *info)
{
    Remake r = { .t = ddl_shape(e->a, e->d, info) };
    for (size_t i = 0; i < r.t.n; i++)
        if (!r.t.fields[i]->f->expression)
            VEC_PUSH(e->a, &r.copies, (Copy){ r.t.fields[i]->quoted, r.t.fields[i]->quoted });
    return r;
}

static void take_out(Remake *r, const FieldInfo *field)
{
    size_t n = 0;
    for (size_t i = 0; i < r->t.n; i++)
        if (r->t.fields[i] != field)
            r->t.fields[n++] = r->t.fields[i];
    r->t.n = n;
    n = 0;
    for (size_t i = 0; i < r->copies.n; i++)
        if (!str_eq(r->copies.p[i].to, field->quoted))
            r->copies.p[n++] = r->copies.p[i];
    r->copies.n = n;
}

/* Another field becomes the key: the old one goes when nobody declared it, else it stays as a column. */
static void replace_key(Remake *r, const FieldInfo *new_key, const FieldInfo *instead)
{
    if (!new_key->f->primary_key)
        return;
    for (size_t i = 0; i < r->t.n; i++) {
        const FieldInfo *field = r->t.fields[i];
        if (!field->f->primary_key || field == instead)
            continue;
        if (field->f->auto_created)
            take_out(r, field);
        else
            r->t.plain_key = field;
        return;
    }
}

static void put_in(SchemaEditor *e, Remake *r, const FieldInfo *field)
{
    const FieldInfo **fields = NEW_ARRAY(e->a, const FieldInfo *, r->t.n + 1);
    size_t first = field->f->auto_created; /* an implied key stands before what is declared */
    memcpy(fields + first, r->t.fields, r->t.n * sizeof *fields);
    fields[first ? 0 : r->t.n] = r->t.fresh = field;
    r->t.n++;
    r->t.fields = fields;
}

/* Keys to the table itself take the type of what they lead to from now on. */
static void follow_key(SchemaEditor *e, Remake *r, const FieldInfo *old_field, const FieldInfo *new_field)
{
    for (size_t i = 0; i < r->t.n; i++) {
        const FieldInfo *field = r->t.fields[i];
        bool to_key = new_field->f->primary_key && !field->f->to_field;
        if (field == new_field || field->to != r->t.meta || (field->to_field != old_field && !to_key))
            continue;
        FieldInfo *changed = NEW(e->a, FieldInfo);
        *changed = *field;
        changed->to_field = new_field;
        changed->stored = new_field->stored;
        changed->kind = new_field->kind;
        r->t.fields[i] = changed;
    }
}

/* Keys to the table itself are made anew by Django, and so stand last; but not one that has just come. */
static void self_references_last(SchemaEditor *e, TableShape *t)
{
    const FieldInfo **fields = NEW_ARRAY(e->a, const FieldInfo *, t->n);
    size_t n = 0;
    for (int last = 0; last < 2; last++)
        for (size_t i = 0; i < t->n; i++)
            if ((t->fields[i]->to == t->meta && t->fields[i]->model == t->meta && t->fields[i] != t->fresh) == last)
                fields[n++] = t->fields[i];
    t->fields = fields;
}

static void run_remake(SchemaEditor *e, Remake *r)
{
    self_references_last(e, &r->t);
    Str under = str_concat(e->a, STR("new__"), r->t.table), quoted = ddl_quoted(e->a, r->t.table);
    Str *to = NEW_ARRAY(e->a, Str, r->copies.n), *from = NEW_ARRAY(e->a, Str, r->copies.n);
    for (size_t i = 0; i < r->copies.n; i++) {
        to[i] = r->copies.p[i].to;
        from[i] = r->copies.p[i].from;
    }
    editor_forget(e, r->t.table);
    create_table(e, &r->t, under);
    RUN(e, "INSERT INTO %.*s (%.*s) SELECT %.*s FROM %.*s", STR_FMT(ddl_quoted(e->a, under)),
        STR_FMT(ddl_joined(e->a, to, r->copies.n, ", ")), STR_FMT(ddl_joined(e->a, from, r->copies.n, ", ")),
        STR_FMT(quoted));
    RUN(e, "DROP TABLE %.*s", STR_FMT(quoted));
    RUN(e, "ALTER TABLE %.*s RENAME TO %.*s", STR_FMT(ddl_quoted(e->a, under)), STR_FMT(quoted));
    editor_finish(e);
}

/* --- fields */

void editor_add_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *field)
{
    if (!has_table(from))
        return;
    if (is_between(field)) {
        if (makes_table(field))
            editor_create_model(e, field->through);
        return;
    }
    if (editor_is_server(e)) {
        server_add_field(e, from, field);
        return;
    }
    Value value = ddl_default(e->cx, field);
    if (field->f->primary_key || ddl_is_unique(field) || !field->f->null || value.tag != VALUE_NULL ||
        !ddl_default_is_value(e->cx, field)) {
        Remake r = remake_of(e, from);
        replace_key(&r, field, NULL);
        put_in(e, &r, field);
        if (!field->f->db_default.box && !field->f->expression)
            VEC_PUSH(e->a, &r.copies, (Copy){ field->quoted, ddl_literal(e->cx, e->d, value) });
        run_remake(e, &r);
        return;
    }
    TableShape t = ddl_shape(e->a, e->d, field->model);
    RUN(e, "ALTER TABLE %.*s ADD COLUMN %.*s %.*s", STR_FMT(from->quoted), STR_FMT(field->quoted),
        STR_FMT(ddl_column(e->cx, &t, field, false)));
    if (ddl_is_indexed(field))
        editor_keep(e, from->table, ddl_create_field_index(e->cx, e->d, from->table, field->column));
}

void editor_remove_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *field)
{
    if (!has_table(from))
        return;
    if (is_between(field)) {
        if (makes_table(field))
            editor_delete_model(e, field->through);
        return;
    }
    if (editor_is_server(e)) {
        server_remove_field(e, from, field);
        return;
    }
    if (!field->f->primary_key && !ddl_is_unique(field) && !ddl_is_indexed(field) &&
        (!field->to || field->f->no_constraint)) {
        RUN(e, "ALTER TABLE %.*s DROP COLUMN %.*s", STR_FMT(from->quoted), STR_FMT(field->quoted));
        return;
    }
    Remake r = remake_of(e, from);
    take_out(&r, field);
    r.t.without = str_dup_c(e->a, field->name);
    run_remake(e, &r);
}

static void rename_table(SchemaEditor *e, Str from, Str to)
{
    if (editor_is_server(e))
        editor_run_kept(e, ddl_quoted(e->a, from), (Str){ 0 });
    RUN(e, "ALTER TABLE %.*s RENAME TO %.*s", STR_FMT(ddl_quoted(e->a, from)), STR_FMT(ddl_quoted(e->a, to)));
}

/* The same rows in the tables between, whose names or columns changed. */
static void alter_between(SchemaEditor *e, const FieldInfo *old_field, const FieldInfo *new_field)
{
    const ModelInfo *from = old_field->through, *to = new_field->through;
    const FieldInfo *olds[2] = { old_field->through_from, old_field->through_to };
    const FieldInfo *news[2] = { new_field->through_from, new_field->through_to };
    if (editor_is_server(e)) {
        if (!str_eq(from->table, to->table))
            rename_table(e, from->table, to->table);
        for (size_t i = 0; i < 2; i++)
            server_alter_field(e, to, olds[i], news[i]);
        return;
    }
    if (str_eq(from->table, to->table)) {
        Remake r = remake_of(e, from);
        for (size_t i = 0; i < 2; i++) {
            take_out(&r, olds[i]);
            put_in(e, &r, news[i]);
        }
        for (size_t i = 2; i-- > 0;) /* Django's order */
            VEC_PUSH(e->a, &r.copies, (Copy){ news[i]->quoted, olds[i]->quoted });
        r.t.meta = to;
        run_remake(e, &r);
        return;
    }
    editor_create_model(e, to);
    RUN(e, "INSERT INTO %.*s (id, %.*s, %.*s) SELECT id, %.*s, %.*s FROM %.*s", STR_FMT(to->quoted),
        STR_FMT(news[0]->column), STR_FMT(news[1]->column), STR_FMT(olds[0]->column), STR_FMT(olds[1]->column),
        STR_FMT(from->quoted));
    editor_delete_model(e, from);
}

static bool same_text(const char *a, const char *b) { return str_eq(str_c(a), str_c(b)); }

/* db_index, said or by default. */
static bool wants_index(const Field *f)
{
    return !f->no_db_index && (f->db_index || f->kind == FIELD_SLUG || f->kind == FIELD_FOREIGN_KEY);
}

/*
 * Do the two differ in anything that Django takes for the table's business? (Not in what only forms and deletes know
 * of.)
 */
static bool differs(SchemaEditor *e, const FieldInfo *x, const FieldInfo *y)
{
    const Field *f = x->f, *g = y->f;
    bool relations = field_is_relation(f) && field_is_relation(g);
    if (f->expression && g->expression) /* of two output fields none is like the other */
        return true;
    return !str_eq(x->column, y->column) || f->kind != g->kind || f->null != g->null ||
           ddl_is_unique(x) != ddl_is_unique(y) || wants_index(f) != wants_index(g) ||
           f->primary_key != g->primary_key || field_max_length(f) != field_max_length(g) ||
           f->max_digits != g->max_digits || f->decimal_places != g->decimal_places || f->auto_now != g->auto_now ||
           f->auto_now_add != g->auto_now_add || f->no_constraint != g->no_constraint ||
           f->parent_link != g->parent_link || f->auto_created != g->auto_created || f->db_persist != g->db_persist ||
           !same_text(f->to_field, g->to_field) || !same_text(f->db_collation, g->db_collation) ||
           !same_text(f->db_comment, g->db_comment) || !same_text(f->unique_for_date, g->unique_for_date) ||
           !same_text(f->unique_for_month, g->unique_for_month) || !same_text(f->unique_for_year, g->unique_for_year) ||
           !same_text(f->protocol, g->protocol) || !same_text(f->upload_to, g->upload_to) ||
           !same_text(f->path, g->path) || !expr_boxed_equal(e->a, f->default_value, g->default_value) ||
           !expr_boxed_equal(e->a, f->db_default, g->db_default) || !expr_equal(e->a, f->expression, g->expression) ||
           (relations && (!str_eq(x->to->table, y->to->table) || !str_eq(x->to_field->column, y->to_field->column)));
}

static bool constrains(const FieldInfo *field) { return field->to && !field->f->no_constraint; }

/*
 * Relations without a way back (related_name "+") are left alone by Django: SQLite renames what refers to a table
 * itself.
 */
static bool is_hidden(const FieldInfo *field)
{
    return field->f->related_name && str_ends(str_c(field->f->related_name), STR("+"));
}

static bool same_type(SchemaEditor *e, const FieldInfo *x, const FieldInfo *y)
{
    return str_eq(e->d->column_type(e->a, x), e->d->column_type(e->a, y)) &&
           same_text(x->stored->db_collation, y->stored->db_collation);
}

/* Tables with keys of the old type. */
static void remake_referrers(SchemaEditor *e, const FieldInfo *new_field)
{
    const ModelInfo *model = new_field->model;
    for (const FieldInfo *r = model->referrers; r; r = r->next_referrer)
        if (r->model != model && r->to_field == new_field && has_table(r->model) &&
            (r->model->between_only || !is_hidden(r))) {
            Remake again = remake_of(e, r->model);
            run_remake(e, &again);
        }
}

void editor_alter_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *old_field, const FieldInfo *new_field)
{
    if (!has_table(from))
        return;
    if (is_between(old_field) != is_between(new_field))
        RAISE(e->cx, 500, "schema_error",
              "Cannot alter field %s.%.*s into %s.%.*s: they are not compatible types (you cannot alter to or from M2M "
              "fields, or add or remove through= on M2M fields). Remove the field and add it again.",
              from->m->name, STR_FMT(old_field->name), from->m->name, STR_FMT(new_field->name));
    if (is_between(old_field)) {
        if (makes_table(old_field) && makes_table(new_field) &&
            (!str_eq(old_field->through->table, new_field->through->table) ||
             !str_eq(old_field->name, new_field->name) || !str_eq(old_field->to->table, new_field->to->table) ||
             !same_text(old_field->f->db_table, new_field->f->db_table) ||
             !str_eq(old_field->through_from->column, new_field->through_from->column) ||
             !str_eq(old_field->through_to->column, new_field->through_to->column) ||
             old_field->f->no_constraint != new_field->f->no_constraint))
            alter_between(e, old_field, new_field);
        return;
    }
    if (!differs(e, old_field, new_field))
        return;
    if (editor_is_server(e)) {
        server_alter_field(e, from, old_field, new_field);
        return;
    }
    if (!str_eq(old_field->column, new_field->column) && ddl_same_column(e->cx, e->d, old_field, new_field) &&
        !constrains(old_field) && !constrains(new_field)) {
        RUN(e, "ALTER TABLE %.*s RENAME COLUMN %.*s TO %.*s", STR_FMT(from->quoted), STR_FMT(old_field->quoted),
            STR_FMT(new_field->quoted));
        return;
    }
    Remake r = remake_of(e, from);
    replace_key(&r, new_field, old_field);
    take_out(&r, old_field);
    put_in(e, &r, new_field);
    follow_key(e, &r, old_field, new_field);
    r.t.renamed = str_dup_c(e->a, old_field->name);
    r.t.renamed_to = str_dup_c(e->a, new_field->name);
    Str source = old_field->quoted;
    if (old_field->f->null && !new_field->f->null) {
        Str value = new_field->f->db_default.box ? ddl_db_default(e->cx, &r.t, new_field)
                                                 : ddl_literal(e->cx, e->d, ddl_default(e->cx, new_field));
        source = str_format(e->a, "coalesce(%.*s, %.*s)", STR_FMT(source), STR_FMT(value));
    }
    if (!new_field->f->expression)
        VEC_PUSH(e->a, &r.copies, (Copy){ new_field->quoted, source });
    run_remake(e, &r);
    if ((new_field->f->primary_key || ddl_is_unique(new_field)) && !same_type(e, old_field, new_field))
        remake_referrers(e, new_field);
}

/* --- names of tables */

void editor_rename_table(SchemaEditor *e, const ModelInfo *from, const ModelInfo *to)
{
    if (!has_table(from))
        return;
    if (!str_ieq(from->table, to->table))
        rename_table(e, from->table, to->table);
    for (size_t i = 0; i < from->nbetween && i < to->nbetween; i++)
        if (makes_table(&from->between[i]) && !str_ieq(from->between[i].through->table, to->between[i].through->table))
            rename_table(e, from->between[i].through->table, to->between[i].through->table);
}

static const ModelInfo *same_model(const ModelInfos *infos, const ModelInfo *old)
{
    for (size_t i = 0; i < infos->n; i++)
        if (str_eq(infos->p[i]->label, old->label) && str_eq(infos->p[i]->lower, old->lower))
            return infos->p[i];
    return NULL;
}

/* A key to a table that goes by a new name; `now` is the model that has it, as it is after that. */
static void follow_rename(SchemaEditor *e, const ModelInfo *now, const FieldInfo *old_field, const FieldInfo *field)
{
    if (!has_table(now) || !differs(e, old_field, field))
        return;
    if (editor_is_server(e)) {
        server_alter_field(e, now, old_field, field);
        return;
    }
    Remake r = remake_of(e, now);
    size_t n = 0;
    for (size_t i = 0; i < r.copies.n; i++)
        if (!str_eq(r.copies.p[i].to, field->quoted))
            r.copies.p[n++] = r.copies.p[i];
    r.copies.n = n;
    VEC_PUSH(e->a, &r.copies, (Copy){ field->quoted, old_field->quoted });
    r.t.fresh = field;
    run_remake(e, &r);
}

void editor_rename_model(SchemaEditor *e, const ModelInfo *from, const ModelInfo *to, const ModelInfos *from_state,
                         const ModelInfos *to_state)
{
    if (!has_table(to))
        return;
    if (!str_eq(from->table, to->table))
        rename_table(e, from->table, to->table);
    for (size_t i = 0; i < from_state->n; i++) {
        const ModelInfo *other = from_state->p[i], *now = other == from ? to : same_model(to_state, other);
        if (!now || other->between_only)
            continue;
        for (size_t j = 0; j < other->n; j++) {
            const FieldInfo *r = &other->fields[j];
            const FieldInfo *field =
                r->to == from && r->model == other && !is_hidden(r) ? info_field(now, r->name) : NULL;
            if (field)
                follow_rename(e, now, r, field);
        }
        for (size_t j = 0; j < other->nbetween; j++)
            if (other->between[j].to == from)
                editor_alter_field(e, now, &other->between[j], info_any_field(now, other->between[j].name));
    }
    for (size_t i = 0; i < from->nbetween && i < to->nbetween; i++)
        if (makes_table(&from->between[i]) && from->between[i].to != from)
            alter_between(e, &from->between[i], &to->between[i]);
}

/* --- indexes and constraints */

static bool same_set(const char *const *x, const char *const *y)
{
    size_t i = 0;
    for (; x[i] && y[i]; i++)
        if (!same_text(x[i], y[i]))
            return false;
    return !x[i] && !y[i];
}

static bool has_set(const char *const *const *sets, const char *const *set)
{
    for (; sets && *sets; sets++)
        if (same_set(*sets, set))
            return true;
    return false;
}

void editor_alter_together(SchemaEditor *e, const ModelInfo *to, const char *const *const *old_sets,
                           const char *const *const *new_sets, bool unique)
{
    if (!has_table(to))
        return;
    TableShape t = ddl_shape(e->a, e->d, to);
    if (editor_is_server(e)) {
        for (const char *const *const *s = old_sets; s && *s; s++)
            if (!has_set(new_sets, *s))
                server_drop_together(e, &t, *s, unique);
        for (const char *const *const *s = new_sets; s && *s; s++)
            if (!has_set(old_sets, *s))
                server_add_together(e, &t, *s, unique);
        return;
    }
    for (const char *const *const *s = old_sets; s && *s; s++)
        if (!has_set(new_sets, *s))
            RUN(e, "DROP INDEX %.*s", STR_FMT(ddl_quoted(e->a, ddl_together_name(e->cx, &t, *s, unique))));
    for (const char *const *const *s = new_sets; s && *s; s++)
        if (!has_set(old_sets, *s))
            editor_run(e, ddl_create_together(e->cx, &t, *s, unique));
}

void editor_add_index(SchemaEditor *e, const ModelInfo *info, const Index *index)
{
    if (!has_table(info))
        return;
    TableShape t = ddl_shape(e->a, e->d, info);
    editor_run(e, ddl_create_index(e->cx, &t, index));
}

void editor_remove_index(SchemaEditor *e, const ModelInfo *info, const Index *index)
{
    if (!has_table(info))
        return;
    TableShape t = ddl_shape(e->a, e->d, info);
    if (!ddl_index_is_made(e->d, index))
        return;
    if (editor_is_server(e))
        server_remove_index(e, &t, index);
    else
        RUN(e, "DROP INDEX %.*s", STR_FMT(ddl_quoted(e->a, ddl_meta_index_name(e->cx, &t, index))));
}

void editor_rename_index(SchemaEditor *e, const ModelInfo *from, const Index *old_index, const ModelInfo *to,
                         const Index *new_index)
{
    if (!has_table(from) || !ddl_index_is_made(e->d, old_index))
        return;
    TableShape t = ddl_shape(e->a, e->d, from), u = ddl_shape(e->a, e->d, to);
    Str old_name = ddl_meta_index_name(e->cx, &t, old_index), new_name = ddl_meta_index_name(e->cx, &u, new_index);
    if (editor_is_server(e)) {
        server_rename_index(e, to->quoted, old_name, new_name);
        return;
    }
    editor_remove_index(e, from, old_index);
    editor_add_index(e, to, new_index);
}

void editor_alter_comment(SchemaEditor *e, const ModelInfo *from, const ModelInfo *to)
{
    if (has_table(to) && editor_is_server(e) && !same_text(from->meta->db_table_comment, to->meta->db_table_comment))
        server_comment_table(e, to->quoted, to->meta->db_table_comment);
}

/* Is it there without the table being made anew, or not at all? */
static bool stands_alone(const Constraint *c)
{
    return constraint_is_unique(c) &&
           (c->check || c->expressions || c->include || c->deferrable || c->deferrable_immediate);
}

void editor_add_constraint(SchemaEditor *e, const ModelInfo *to, const Constraint *c)
{
    if (!has_table(to))
        return;
    if (editor_is_server(e)) {
        server_add_constraint(e, to, c);
        return;
    }
    Remake r = remake_of(e, to);
    if (!stands_alone(c))
        run_remake(e, &r);
    else if (ddl_constraint_is_made(e->d, c))
        editor_run(e, ddl_constraint(e->cx, &r.t, c));
}

void editor_remove_constraint(SchemaEditor *e, const ModelInfo *to, const Constraint *c)
{
    if (!has_table(to))
        return;
    if (editor_is_server(e)) {
        server_remove_constraint(e, to, c);
        return;
    }
    Remake r = remake_of(e, to);
    if (!stands_alone(c))
        run_remake(e, &r);
    else if (ddl_constraint_is_made(e->d, c))
        RUN(e, "DROP INDEX %.*s", STR_FMT(ddl_quoted(e->a, str_c(c->name))));
}

/* --- whole models */

typedef struct Statements {
    Arena *a;
    Texts all;
} Statements;

static void collect(void *arg, Str sql)
{
    Statements *s = arg;
    VEC_PUSH(s->a, &s->all, sql);
}

size_t schema_create_sql(Context *cx, Str vendor, const Model *const *models, const Str **statements)
{
    Statements s = { .a = cx->arena };
    SchemaEditor *e = editor_create(cx, vendor, collect, &s);
    for (size_t i = 0; models && models[i]; i++)
        if (!model_info(cx, models[i])->swapped.n)
            editor_create_model(e, model_info(cx, models[i]));
    editor_finish(e);
    *statements = s.all.p;
    return s.all.n;
}

void schema_create(Context *cx, Str alias, const App *app)
{
    const Str *statements;
    const DbDriver *driver = db_pool_config(work_pool(cx, alias))->driver;
    size_t n = schema_create_sql(cx, str_c(driver->vendor), app->models, &statements);
    ATOMIC(cx, .using = alias)
    for (size_t i = 0; i < n; i++)
        sql_execute(cx, alias, statements[i], NULL, 0);
}
