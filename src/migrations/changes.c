/* changes.c: the autodetector: which operations lead from one state to another. */
#include "migrations/detect.h"

#include <stdlib.h>

enum { PROXIES_MAX = 64 }; /* of proxies of proxies */

void label_split(Arena *a, const char *label, const char **app, const char **lower)
{
    Str rest = str_c(label), first;
    *app = *lower = "";
    if (label && str_cut(&rest, '.', &first)) {
        *app = str_dup_c(a, first);
        *lower = str_dup_c(a, str_lower(a, rest));
    }
}

Generated *detect_add(Detector *d, const char *app, Operation op)
{
    Generated *g = NEW(d->a, Generated);
    *g = (Generated){ .app = app, .op = op };
    VEC_PUSH(d->a, &d->all, g);
    return g;
}

void detect_needs(Detector *d, Generated *g, Need need) { VEC_PUSH(d->a, &g->needs, need); }

/* A relation needs the model that it leads to, and the one between. */
void detect_needs_relation(Detector *d, Generated *g, const Field *f)
{
    const char *labels[] = { f->to_label, f->through_label };
    for (size_t i = 0; i < CLEF_COUNT(labels); i++)
        if (labels[i]) {
            Need need = { .kind = NEED_MODEL, .setting = i ? NULL : swap_setting_of(f->to_label) };
            label_split(d->a, label_settled(d->cx, labels[i]), &need.app, &need.model);
            detect_needs(d, g, need);
        }
}

/* --- names that changed */

const char *detect_old_name(const Detector *d, const char *app, const char *lower)
{
    for (size_t i = 0; i < d->renamed_models.n; i++)
        if (same_c(d->renamed_models.p[i].app, app) && same_c(d->renamed_models.p[i].to, lower))
            return d->renamed_models.p[i].from;
    return lower;
}

const StateModel *detect_old(const Detector *d, const StateModel *now)
{
    return state_find(d->from, now->app, detect_old_name(d, now->app, now->lower));
}

const char *detect_old_field(const Detector *d, const StateModel *now, const char *field)
{
    for (size_t i = 0; i < d->renamed_fields.n; i++) {
        const RenamedField *r = &d->renamed_fields.p[i];
        if (r->model == now && same_c(r->to, field))
            return r->from;
    }
    return field;
}

/* A field as it would be if no model had been renamed. */
Field detect_unrenamed(const Detector *d, const Field *f)
{
    Field out = *f;
    const char **labels[] = { &out.to_label, &out.through_label };
    for (size_t i = 0; i < CLEF_COUNT(labels); i++) {
        const char *app, *lower;
        if (!*labels[i])
            continue;
        label_split(d->a, *labels[i], &app, &lower);
        const char *old = detect_old_name(d, app, lower);
        if (!same_c(old, lower))
            *labels[i] = str_format(d->a, "%s.%s", app, old).p;
    }
    return out;
}

/* --- models */

static int by_label(const void *x, const void *y)
{
    const StateModel *a = *(const StateModel *const *)x, *b = *(const StateModel *const *)y;
    int order = strcmp(a->app, b->app);
    return order ? order : strcmp(a->lower, b->lower);
}

static int by_name(const void *x, const void *y)
{
    return strcmp((*(const Field *const *)x)->name, (*(const Field *const *)y)->name);
}

static const StateModel **sorted_models(Detector *d, const ProjectState *s)
{
    const StateModel **out = NEW_ARRAY(d->a, const StateModel *, s->n + 1);
    if (s->n)
        memcpy(out, s->p, s->n * sizeof *out);
    qsort(out, s->n, sizeof *out, by_label);
    return out;
}

const Field **detect_sorted_fields(Detector *d, const StateModel *m)
{
    const Field **out = NEW_ARRAY(d->a, const Field *, m->m.nfields + 1);
    for (size_t i = 0; i < m->m.nfields; i++)
        out[i] = &m->m.fields[i];
    qsort(out, m->m.nfields, sizeof *out, by_name);
    return out;
}

/* The same fields, whatever they are called and lead to. */
static bool same_shape(Detector *d, const StateModel *x, const StateModel *y)
{
    if (x->m.nfields != y->m.nfields)
        return false;
    const Field **a = detect_sorted_fields(d, x), **b = detect_sorted_fields(d, y);
    for (size_t i = 0; i < x->m.nfields; i++) {
        Field f = *a[i], g = *b[i];
        f.to_label = g.to_label = NULL;
        if (!fields_equal(d->a, &f, &g))
            return false;
    }
    return true;
}

static bool is_table(const StateModel *m) { return !m->m.proxy && !m->m.unmanaged; }

static void renamed_models(Detector *d)
{
    for (size_t i = 0; i < d->to->n; i++) {
        const StateModel *now = d->models[i];
        if (!is_table(now) || state_find(d->from, now->app, now->lower))
            continue;
        for (size_t j = 0; j < d->from->n; j++) {
            const StateModel *old = d->old_models[j];
            if (!is_table(old) || !same_c(old->app, now->app) || state_find(d->to, old->app, old->lower) ||
                detect_is_renamed(d, old) || !same_shape(d, old, now) || !d->q->renamed_model ||
                !d->q->renamed_model(d->q->arg, now->app, old->m.name, now->m.name))
                continue;
            Generated *g = detect_add(
                d, now->app,
                (Operation){ .kind = OPERATION_RENAME_MODEL, .model = old->m.name, .new_name = now->m.name });
            for (size_t k = 0; k < now->m.nfields; k++)
                detect_needs_relation(d, g, &now->m.fields[k]);
            VEC_PUSH(d->a, &d->renamed_models, (RenamedModel){ now->app, old->lower, now->lower });
            break;
        }
    }
}

bool detect_is_renamed(const Detector *d, const StateModel *old)
{
    for (size_t i = 0; i < d->renamed_models.n; i++)
        if (same_c(d->renamed_models.p[i].app, old->app) && same_c(d->renamed_models.p[i].from, old->lower))
            return true;
    return false;
}

static bool is_relation(const Field *f) { return f->to_label != NULL; }

/* The table that a model stands for: of a proxy the model behind it. */
static const StateModel *table_of(const ProjectState *s, const char *label)
{
    const StateModel *m = state_find_label(s, label);
    for (unsigned depth = 0; m && m->m.proxy && m->m.bases && depth < PROXIES_MAX; depth++)
        m = state_find_label(s, m->m.bases[0]);
    return m;
}

/* What leads to it must have gone, or lead elsewhere. */
static void needs_no_relations(Detector *d, Generated *g, const StateModel *old)
{
    for (size_t i = 0; i < d->from->n; i++)
        for (size_t j = 0; j < d->from->p[i]->m.nfields; j++) {
            const Field *f = &d->from->p[i]->m.fields[j];
            if (table_of(d->from, f->to_label) != old && table_of(d->from, f->through_label) != old)
                continue;
            Need need = { NEED_NO_FIELD, d->from->p[i]->app, d->from->p[i]->lower, f->name, NULL };
            detect_needs(d, g, need);
            need.kind = NEED_ALTERED_FIELD;
            if (f->kind != FIELD_MANY_TO_MANY)
                detect_needs(d, g, need);
        }
}

static void deleted_model(Detector *d, const StateModel *old)
{
    const Field **fields = detect_sorted_fields(d, old);
    if (old->m.proxy) {
        detect_add(d, old->app, (Operation){ .kind = OPERATION_DELETE_MODEL, .model = old->m.name });
        return;
    }
    if (old->m.unique_together && old->m.unique_together[0])
        detect_add(d, old->app, (Operation){ .kind = OPERATION_ALTER_UNIQUE_TOGETHER, .model = old->lower });
    for (size_t i = 0; i < old->m.nindexes; i++)
        detect_add(d, old->app,
                   (Operation){ .kind = OPERATION_REMOVE_INDEX, .model = old->lower, .name = old->m.indexes[i].name });
    for (size_t i = 0; i < old->m.nconstraints; i++)
        detect_add(d, old->app,
                   (Operation){
                       .kind = OPERATION_REMOVE_CONSTRAINT, .model = old->lower, .name = old->m.constraints[i].name });
    for (size_t i = 0; i < old->m.nfields; i++)
        if (is_relation(fields[i])) {
            Generated *g =
                detect_add(d, old->app,
                           (Operation){ .kind = OPERATION_REMOVE_FIELD, .model = old->lower, .name = fields[i]->name });
            detect_needs(d, g, (Need){ NEED_INDEX_REMOVED, old->app, old->lower, fields[i]->name, NULL });
        }
    Generated *g = detect_add(d, old->app, (Operation){ .kind = OPERATION_DELETE_MODEL, .model = old->m.name });
    needs_no_relations(d, g, old);
    for (size_t i = 0; i < old->m.nfields; i++)
        if (is_relation(fields[i]))
            detect_needs(d, g, (Need){ NEED_NO_FIELD, old->app, old->lower, fields[i]->name, NULL });
}

/* Fields, indexes and the rest follow by themselves, so that models may refer to each other; what fits is merged later. */
static void created_model(Detector *d, const StateModel *now)
{
    Model *table = NEW(d->a, Model);
    Field *own = NEW_ARRAY(d->a, Field, now->m.nfields);
    const Field **fields = detect_sorted_fields(d, now);
    bool plain = is_table(now);
    *table = now->m;
    table->fields = own;
    table->nfields = 0;
    table->indexes = NULL;
    table->constraints = NULL;
    table->nindexes = table->nconstraints = 0;
    table->unique_together = NULL;
    table->order_with_respect_to = NULL;
    Generated *g = NEW(d->a, Generated);
    *g = (Generated){ .app = now->app, .op = { .kind = OPERATION_CREATE_MODEL, .model = now->m.name, .table = table } };
    detect_needs(d, g, (Need){ NEED_NO_MODEL, now->app, now->lower, NULL, NULL });
    for (size_t i = 0; now->m.bases && now->m.bases[i]; i++) {
        Need need = { .kind = NEED_MODEL };
        label_split(d->a, now->m.bases[i], &need.app, &need.model);
        detect_needs(d, g, need);
    }
    for (size_t i = 0; i < now->m.nfields && !now->m.proxy; i++) {
        const Field *f = &now->m.fields[i];
        bool within = !is_relation(f) || f->primary_key || f->parent_link; /* as Django, of unmanaged models too */
        if (within)
            own[table->nfields++] = *f;
        if (within && is_relation(f))
            detect_needs_relation(d, g, f);
    }
    if (now->m.proxy)
        VEC_PUSH(d->a, &d->all, g);
    else
        VEC_PUSH(d->a, &d->first, g);
    if (!plain)
        return;
    VEC(Generated *) after = { 0 };
    for (size_t i = 0; i < now->m.nfields; i++) {
        const Field *f = fields[i];
        if (!is_relation(f) || f->primary_key || f->parent_link)
            continue;
        Generated *add =
            detect_add(d, now->app, (Operation){ .kind = OPERATION_ADD_FIELD, .model = now->lower, .field = f });
        detect_needs_relation(d, add, f);
        detect_needs(d, add, (Need){ NEED_MODEL, now->app, now->lower, NULL, NULL });
    }
    if (now->m.order_with_respect_to) {
        const char *name = now->m.order_with_respect_to;
        Generated *x =
            detect_add(d, now->app,
                       (Operation){ .kind = OPERATION_ALTER_ORDER_WITH_RESPECT_TO, .model = now->lower, .name = name });
        detect_needs(d, x, (Need){ NEED_FIELD, now->app, now->lower, name, NULL });
        detect_needs(d, x, (Need){ NEED_MODEL, now->app, now->lower, NULL, NULL });
    }
    for (size_t i = 0; i < now->m.nindexes; i++) {
        Generated *x = detect_add(
            d, now->app, (Operation){ .kind = OPERATION_ADD_INDEX, .model = now->lower, .index = &now->m.indexes[i] });
        VEC_PUSH(d->a, &after, x);
    }
    for (size_t i = 0; i < now->m.nconstraints; i++) {
        Generated *x = detect_add(
            d, now->app,
            (Operation){ .kind = OPERATION_ADD_CONSTRAINT, .model = now->lower, .constraint = &now->m.constraints[i] });
        VEC_PUSH(d->a, &after, x);
    }
    if (now->m.unique_together && now->m.unique_together[0]) {
        Generated *x = detect_add(d, now->app,
                                  (Operation){ .kind = OPERATION_ALTER_UNIQUE_TOGETHER,
                                               .model = now->lower,
                                               .sets = now->m.unique_together });
        VEC_PUSH(d->a, &after, x);
    }
    for (size_t i = 0; i < after.n; i++) {
        for (size_t j = 0; j < now->m.nfields; j++)
            if (is_relation(fields[j]) && !fields[j]->primary_key && !fields[j]->parent_link)
                detect_needs(d, after.p[i], (Need){ NEED_FIELD, now->app, now->lower, fields[j]->name, NULL });
        detect_needs(d, after.p[i], (Need){ NEED_MODEL, now->app, now->lower, NULL, NULL });
    }
}

static bool was_there(const Detector *d, const StateModel *now)
{
    const StateModel *old = detect_old(d, now);
    return old && old->m.proxy == now->m.proxy;
}

/* Those that a setting may name in the place of another model come first: others lead to them. */
static bool made_earlier(const StateModel *m) { return m->m.swappable != NULL; }

static void created_models(Detector *d, bool unmanaged)
{
    for (int swappable = 0; swappable < 2; swappable++)
        for (size_t i = d->to->n; i-- > 0;) {
            const StateModel *now = d->models[i];
            if (!was_there(d, now) && !now->m.proxy && now->m.unmanaged == unmanaged && made_earlier(now) == swappable)
                created_model(d, now);
        }
}

static void deleted_models(Detector *d, bool proxy, bool unmanaged)
{
    for (size_t i = 0; i < d->from->n; i++) {
        const StateModel *old = d->old_models[i], *now = state_find(d->to, old->app, old->lower);
        if (old->m.proxy == proxy && (proxy || old->m.unmanaged == unmanaged) && !detect_is_renamed(d, old) &&
            (!now || now->m.proxy != old->m.proxy))
            deleted_model(d, old);
    }
}

static void models(Detector *d)
{
    deleted_models(d, false, false);
    deleted_models(d, false, true);
    /* From the last to the first, each table in front of those before: Django's order of what follows them. */
    created_models(d, false);
    created_models(d, true);
    for (size_t i = 0; i < d->first.n / 2; i++) {
        Generated *g = d->first.p[i];
        d->first.p[i] = d->first.p[d->first.n - 1 - i];
        d->first.p[d->first.n - 1 - i] = g;
    }
    deleted_models(d, true, false);
    for (size_t i = 0; i < d->to->n; i++)
        if (d->models[i]->m.proxy && !was_there(d, d->models[i]))
            created_model(d, d->models[i]);
}

/* --- options */

static void altered_options(Detector *d)
{
    for (size_t i = 0; i < d->to->n; i++) {
        const StateModel *now = d->models[i], *old = detect_old(d, now);
        if (was_there(d, now) && !options_equal(&old->m, &now->m))
            detect_add(d, now->app,
                       (Operation){ .kind = OPERATION_ALTER_MODEL_OPTIONS, .model = now->lower, .table = &now->m });
    }
}

static void altered_tables(Detector *d)
{
    for (size_t i = 0; i < d->to->n; i++) {
        const StateModel *now = d->models[i], *old = detect_old(d, now);
        if (!was_there(d, now) || now->m.proxy)
            continue;
        if (!same_c(old->m.db_table, now->m.db_table))
            detect_add(
                d, now->app,
                (Operation){ .kind = OPERATION_ALTER_MODEL_TABLE, .model = now->lower, .name = now->m.db_table });
    }
}

static void altered_comments(Detector *d)
{
    for (size_t i = 0; i < d->to->n; i++) {
        const StateModel *now = d->models[i], *old = detect_old(d, now);
        if (was_there(d, now) && is_table(now) && !same_c(old->m.db_table_comment, now->m.db_table_comment))
            detect_add(d, now->app,
                       (Operation){ .kind = OPERATION_ALTER_MODEL_TABLE_COMMENT,
                                    .model = now->lower,
                                    .name = now->m.db_table_comment });
    }
}

bool detect_kept(const Detector *d, const StateModel *now)
{
    return was_there(d, now) && is_table(now) && is_table(detect_old(d, now));
}

size_t changes_detect(Context *cx, ProjectState *from, ProjectState *to, const Questioner *q,
                      const KnownMigrations *known, const char *name, Change **out)
{
    Detector d = { .cx = cx, .a = cx->arena, .from = from, .to = to, .q = q, .known = known };
    d.models = sorted_models(&d, to);
    d.old_models = sorted_models(&d, from);
    renamed_models(&d);
    models(&d);
    altered_options(&d);
    altered_comments(&d);
    detect_fields(&d);
    altered_tables(&d);
    return detect_arrange(&d, name, out);
}
