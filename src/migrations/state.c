/* state.c: states of a project's models: from its code, and by operations. */
#include "migrations/state.h"
#include <clef/base/vec.h>
#include <clef/validators.h>

void migration_nothing(Context *cx, const ProjectState *apps, Str alias) { (void)cx, (void)apps, (void)alias; }

ProjectState *state_new(Arena *a)
{
    ProjectState *s = NEW(a, ProjectState);
    s->a = a;
    return s;
}

ProjectState *state_clone(Arena *a, const ProjectState *s)
{
    ProjectState *copy = state_new(a);
    copy->p = NEW_ARRAY(a, const StateModel *, s->n);
    if (s->n)
        memcpy(copy->p, s->p, s->n * sizeof *s->p);
    copy->n = copy->cap = s->n;
    return copy;
}

const char *lower_c(Arena *a, const char *text) { return str_dup_c(a, str_lower(a, str_c(text))); }

static size_t at(const ProjectState *s, const char *app, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (same_c(s->p[i]->app, app) && same_ic(s->p[i]->lower, name))
            return i;
    return STR_NPOS;
}

const StateModel *state_find(const ProjectState *s, const char *app, const char *name)
{
    size_t i = at(s, app, name);
    return i == STR_NPOS ? NULL : s->p[i];
}

static bool label_is(const char *label, const StateModel *m)
{
    Str rest = str_c(label), app;
    return str_cut(&rest, '.', &app) && str_eq(app, str_c(m->app)) && str_ieq(rest, str_c(m->lower));
}

const StateModel *state_find_label(const ProjectState *s, const char *label)
{
    for (size_t i = 0; label && i < s->n; i++)
        if (label_is(label, s->p[i]))
            return s->p[i];
    return NULL;
}

void state_put(ProjectState *s, const StateModel *model)
{
    size_t i = at(s, model->app, model->lower);
    s->rendered = NULL;
    if (i != STR_NPOS) {
        s->p[i] = model;
        return;
    }
    if (s->n == s->cap)
        s->p = vec_grow(s->a, s->p, &s->cap, sizeof *s->p);
    s->p[s->n++] = model;
}

const Field *state_field(const StateModel *m, const char *name)
{
    for (size_t i = 0; i < m->m.nfields; i++)
        if (same_c(m->m.fields[i].name, name))
            return &m->m.fields[i];
    return NULL;
}

const Constraint *state_constraint(const StateModel *m, const char *name)
{
    for (size_t i = 0; i < m->m.nconstraints; i++)
        if (same_c(m->m.constraints[i].name, name))
            return &m->m.constraints[i];
    return NULL;
}

const Index *state_index(Context *cx, ProjectState *s, const StateModel *m, const char *name)
{
    TableShape t = ddl_shape(cx->arena, &dialect_sqlite, state_info(cx, s, m->app, m->lower));
    for (size_t i = 0; i < m->m.nindexes; i++)
        if (str_eq(ddl_meta_index_name(cx, &t, &m->m.indexes[i]), str_c(name)))
            return &m->m.indexes[i];
    return NULL;
}

/* --- from the code */

static const char *label_of(Arena *a, const Model *m)
{
    return str_format(a, "%.*s.%s", STR_FMT(model_info_known(m)->label), m->name).p;
}

/* Those that a migration can write: of Django's names, with limits that are constants. */
static const Validator *named_validators(Arena *a, const Validator *all)
{
    size_t n = 0, kept = 0;
    while (all && all[n].check)
        n++;
    Validator *out = NEW_ARRAY(a, Validator, n + 1);
    for (size_t i = 0; i < n; i++) {
        Value v = all[i].limit ? *all[i].limit : all[i].limit_box ? all[i].limit_box(a, all[i].limit_at) : value_null();
        if (all[i].name && (v.tag <= VALUE_INT || v.tag == VALUE_DOUBLE || value_is_text(v)))
            out[kept++] = all[i];
    }
    return kept ? out : NULL;
}

static Field field_of_code(Arena *a, const Field *f)
{
    Field out = *f;
    out.validators = named_validators(a, f->validators);
    out.member = MEMBER_NONE;
    out.offset = out.size = out.to_offset = 0;
    out.default_fn = NULL; /* its values go into rows, it does not go into a migration */
    if (f->to)
        out.to_label = label_of(a, f->to);
    if (f->through)
        out.through_label = label_of(a, f->through);
    out.to = out.through = NULL;
    return out;
}

/* Every index of a state has a name: what a database has must be found again. */
static void name_indexes(Context *cx, Model *m, const ModelInfo *info)
{
    TableShape t = ddl_shape(cx->arena, &dialect_sqlite, info);
    Index *indexes = NEW_ARRAY(cx->arena, Index, m->nindexes);
    for (size_t i = 0; i < m->nindexes; i++) {
        indexes[i] = m->indexes[i];
        indexes[i].name = str_dup_c(cx->arena, ddl_meta_index_name(cx, &t, &m->indexes[i]));
    }
    m->indexes = indexes;
}

static const StateModel *model_of_code(Context *cx, const ModelInfo *info)
{
    Arena *a = cx->arena;
    const Model *m = info->meta;
    StateModel *out = NEW(a, StateModel);
    Field *fields = NEW_ARRAY(a, Field, m->nfields + 1);
    size_t n = 0;
    if (info->n && info->fields[0].f == &info->id)
        fields[n++] = field_of_code(a, &info->id);
    for (size_t i = 0; i < m->nfields; i++)
        fields[n++] = field_of_code(a, &m->fields[i]);
    *out = (StateModel){ .app = str_dup_c(a, info->label), .lower = str_dup_c(a, info->lower), .m = *m };
    out->m.fields = fields;
    out->m.nfields = n;
    out->m.slot = NULL;
    out->m.size = 0;
    out->m.str = NULL;
    out->m.proxy_of = NULL; /* states go by the names in `bases` */
    name_indexes(cx, &out->m, info);
    return out;
}

ProjectState *state_of_apps(Context *cx, const App *const *apps)
{
    ProjectState *s = state_new(cx->arena);
    for (size_t i = 0; apps && apps[i]; i++)
        for (size_t j = 0; apps[i]->models && apps[i]->models[j]; j++)
            state_put(s, model_of_code(cx, model_info(cx, apps[i]->models[j])));
    return s;
}

/* --- rendering */

typedef struct Rendered {
    ModelInfos infos;
} Rendered;

typedef struct Rendering {
    Context *cx;
    ProjectState *s;
    Model *models;
    App *apps;
} Rendering;

static Model *model_of_label(Rendering *r, const char *label)
{
    for (size_t i = 0; i < r->s->n; i++)
        if (label_is(label, r->s->p[i]))
            return &r->models[i];
    return NULL;
}

/* A proxy is the table of the first of its bases that has one. */
static const StateModel *table_of(const ProjectState *s, const StateModel *m)
{
    for (unsigned depth = 0; m->m.proxy && m->m.bases && depth < QUERY_MAX_DEPTH; depth++) {
        const StateModel *base = state_find_label(s, m->m.bases[0]);
        if (!base)
            break;
        m = base;
    }
    return m;
}

static void render_model(Rendering *r, size_t i)
{
    Arena *a = r->s->a;
    const StateModel *source = table_of(r->s, r->s->p[i]);
    Model *m = &r->models[i];
    *m = r->s->p[i]->m;
    m->slot = NEW(a, ModelSlot);
    if (source != r->s->p[i])
        m->db_table = source->m.db_table ? source->m.db_table : str_format(a, "%s_%s", source->app, source->lower).p;
    size_t n = source->m.nfields;
    Field *fields = NEW_ARRAY(a, Field, n + 1);
    if (n)
        memcpy(fields, source->m.fields, n * sizeof *fields);
    if (m->order_with_respect_to)
        fields[n++] = (Field){ .name = "_order", .kind = FIELD_INTEGER, .not_editable = true };
    for (size_t j = 0; j < n; j++) {
        Field *f = &fields[j];
        if (!f->to_label)
            continue;
        f->to = model_of_label(r, f->to_label);
        f->through = f->through_label ? model_of_label(r, f->through_label) : NULL;
        if (!f->to || (f->through_label && !f->through))
            RAISE(r->cx, 500, "migration_error",
                  "The field %s.%s.%s is a relation to '%s', which is in no migration that comes before it: add the "
                  "migration that makes it to the dependencies.",
                  r->s->p[i]->app, m->name, f->name, f->to ? f->through_label : f->to_label);
    }
    m->nfields = n;
    model_layout(m, fields);
}

const ModelInfos *state_infos(Context *cx, ProjectState *s)
{
    if (s->rendered)
        return &s->rendered->infos;
    Arena *a = s->a;
    Rendering r = { .cx = cx, .s = s, .models = NEW_ARRAY(a, Model, s->n), .apps = NEW_ARRAY(a, App, s->n) };
    ModelEntry *entries = NEW_ARRAY(a, ModelEntry, s->n);
    Str errors;
    for (size_t i = 0; i < s->n; i++) {
        render_model(&r, i);
        r.apps[i] = (App){ .label = s->p[i]->app };
        entries[i] = (ModelEntry){ &r.apps[i], &r.models[i] };
    }
    Rendered *rendered = NEW(a, Rendered);
    rendered->infos = models_populate(a, entries, s->n, true, &errors);
    if (errors.n)
        RAISE(cx, 500, "migration_error", "The migrations make models that cannot be:\n%.*s", STR_FMT(errors));
    s->rendered = rendered;
    return &rendered->infos;
}

const ModelInfo *state_info(Context *cx, ProjectState *s, const char *app, const char *name)
{
    const ModelInfos *infos = state_infos(cx, s);
    for (size_t i = 0; i < infos->n; i++) {
        const ModelInfo *info = infos->p[i];
        if (!info->between_only && str_eq(info->label, str_c(app)) && str_ieq(info->lower, str_c(name)))
            return info;
    }
    RAISE(cx, 500, "lookup_error", "App '%s' doesn't have a '%s' model at this point of its migrations.", app, name);
}

const Model *state_model(Context *cx, const ProjectState *state, const char *app_label, const char *name)
{
    return state_info(cx, (ProjectState *)state, app_label, name)->m;
}
