/*
 * inherit.c: what models have from others: the fields and options of abstract bases, the table of a parent, the rows of a
 * proxy. A row of a child begins with the row of its parent, so that the fields of the parent serve both.
 */
#include "orm/info.h"
#include <clef/base/vec.h>

enum { DEPTH_MAX = 16 };

static CLEF_PRINTF(2, 3) void complain(Buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (b->n)
        buf_byte(b, '\n');
    buf_vprintf(b, format, args);
    va_end(args);
}

/* --- abstract bases */

typedef VEC(Field) Fields;
typedef struct Expanding {
    Arena *a;
    const App *app;
    const Model *m; /* whose fields they become */
    Model *meta;
    Fields fields;
    Buf errors;
} Expanding;

/* "%(app_label)s" and "%(class)s" of names that each heir needs for itself. */
static const char *own_name(const Expanding *x, const char *name)
{
    if (!name || !strstr(name, "%("))
        return name;
    Str s = str_replace(x->a, str_c(name), STR("%(class)s"), str_lower(x->a, str_c(x->m->name)));
    return str_dup_c(x->a, str_replace(x->a, s, STR("%(app_label)s"), str_lower(x->a, str_c(x->app->label))));
}

static void inherit_indexes(const Expanding *x, const Model *from)
{
    Model *to = x->meta;
    if (!to->indexes && from->indexes) {
        Index *indexes = NEW_ARRAY(x->a, Index, from->nindexes);
        for (size_t i = 0; i < from->nindexes; i++) {
            indexes[i] = from->indexes[i];
            indexes[i].name = own_name(x, indexes[i].name);
        }
        to->indexes = indexes;
        to->nindexes = from->nindexes;
    }
    if (!to->constraints && from->constraints) {
        Constraint *constraints = NEW_ARRAY(x->a, Constraint, from->nconstraints);
        for (size_t i = 0; i < from->nconstraints; i++) {
            constraints[i] = from->constraints[i];
            constraints[i].name = own_name(x, constraints[i].name);
        }
        to->constraints = constraints;
        to->nconstraints = from->nconstraints;
    }
}

/* What every base gives, and what only an abstract one does. */
static void inherit_order(Model *to, const Model *from)
{
    if (!to->ordering && !to->order_with_respect_to)
        to->ordering = from->ordering;
    if (!to->get_latest_by)
        to->get_latest_by = from->get_latest_by;
    if (!to->str)
        to->str = from->str;
    if (!to->str_fields && to->str == from->str)
        to->str_fields = from->str_fields;
    if (!to->save)
        to->save = from->save;
    if (!to->delete)
        to->delete = from->delete;
    if (!to->clean)
        to->clean = from->clean;
    if (!to->natural_key) {
        to->natural_key = from->natural_key;
        to->natural_key_dependencies = from->natural_key_dependencies;
    }
}

static void inherit_options(const Expanding *x, const Model *from)
{
    Model *to = x->meta;
    inherit_order(to, from);
    inherit_indexes(x, from);
    if (!to->unique_together)
        to->unique_together = from->unique_together;
    if (!to->verbose_name)
        to->verbose_name = from->verbose_name;
    if (!to->verbose_name_plural)
        to->verbose_name_plural = from->verbose_name_plural;
    if (!to->db_table_comment)
        to->db_table_comment = from->db_table_comment;
    to->unmanaged |= from->unmanaged;
}

static void expand(Expanding *x, const Model *from, size_t offset, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        complain(&x->errors, "%s: its abstract bases are nested deeper than %d", x->m->name, DEPTH_MAX);
        return;
    }
    for (size_t i = 0; i < from->nfields; i++) {
        Field f = from->fields[i];
        f.offset = (uint16_t)(f.offset + offset);
        if (f.kind == FIELD_ABSTRACT) {
            if (!f.to->abstract)
                complain(&x->errors, "%s.%s: %s is not abstract: write Parent(%s, %s) and BASE(%s, %s)", x->m->name,
                         f.name, f.to->name, f.name, f.to->name, f.to->name, f.name);
            else
                expand(x, f.to, f.offset, depth + 1);
            continue;
        }
        if (f.kind == FIELD_PARENT) {
            if (depth)
                complain(&x->errors, "%s: the abstract model %s cannot have a parent with a table", x->m->name,
                         from->name);
            else if (f.to->abstract)
                complain(&x->errors, "%s.%s: %s is abstract: write Abstract(%s, %s)", x->m->name, f.name, f.to->name,
                         f.name, f.to->name);
            continue;
        }
        if (field_is_relation(&f) || f.kind == FIELD_GENERIC_KEY)
            f.to_offset = (uint16_t)(f.to_offset + offset);
        if (depth) {
            f.related_name = own_name(x, f.related_name);
            f.related_query_name = own_name(x, f.related_query_name);
        }
        VEC_PUSH(x->a, &x->fields, f);
    }
    if (depth)
        inherit_options(x, from);
}

static const char *label_of(Arena *a, const char *app_label, const Model *m)
{
    return str_format(a, "%s.%s", app_label, m->name).p;
}

const Model *model_with_abstract(Arena *a, const App *app, const Model *m, Str *error)
{
    bool plain = !m->proxy_of;
    for (size_t i = 0; i < m->nfields; i++)
        plain &= m->fields[i].kind != FIELD_PARENT && m->fields[i].kind != FIELD_ABSTRACT;
    *error = (Str){ 0 };
    if (plain)
        return m;
    Expanding x = { .a = a, .app = app, .m = m, .meta = NEW(a, Model), .errors = BUF_INIT(a, 1 << 14) };
    *x.meta = *m;
    expand(&x, m, 0, 0);
    x.meta->fields = x.fields.p;
    x.meta->nfields = x.fields.n;
    *error = buf_view(&x.errors);
    return x.meta;
}

/* --- parents and proxies */

typedef struct Linking {
    Arena *a;
    Buf errors;
    bool historical;
} Linking;

static void list_all(Arena *a, ModelInfo *info)
{
    size_t before = info->base ? info->base->nall : 0;
    const FieldInfo **all = NEW_ARRAY(a, const FieldInfo *, before + info->n + 1);
    for (size_t i = 0; i < before; i++)
        all[i] = info->base->all[i];
    for (size_t i = 0; i < info->n; i++)
        all[before + i] = &info->fields[i];
    info->all = all;
    info->nall = before + info->n;
    if (!info->ordering)
        info->ordering = info->meta->ordering;
}

static void inherit_from(Linking *l, ModelInfo *info, const ModelInfo *base)
{
    Model *meta = (Model *)info->meta; /* a copy, as it has a base */
    inherit_order(meta, base->meta);
    const char **bases = NEW_ARRAY(l->a, const char *, 2);
    bases[0] = label_of(l->a, base->app->label, base->m);
    bases[1] = NULL;
    meta->bases = bases;
}

static void link_proxy(Linking *l, ModelInfo *info, const ModelInfo *of)
{
    if (info->n || info->nbetween)
        complain(&l->errors, "%s: Proxy model '%s' contains model fields. (models.E017)", info->m->name, info->m->name);
    inherit_from(l, info, of);
    info->concrete = of->concrete;
    info->table = of->table;
    info->quoted = of->quoted;
    info->fields = of->fields;
    info->n = of->n;
    info->between = of->between;
    info->nbetween = of->nbetween;
    info->pk = of->pk;
    info->keys = of->keys;
    info->nkeys = of->nkeys;
    info->base = of->base;
    info->parent_link = of->parent_link;
    info->all = of->all;
    info->nall = of->nall;
    info->order = of->order;
    info->ordering = info->m->ordering ? info->m->ordering : of->ordering;
}

/* Structs that nobody wrote: the parent's part goes before the child's own. */
static void move_behind(Linking *l, ModelInfo *info, const ModelInfo *base)
{
    Model *m = (Model *)info->m;
    size_t room = (base->m->size + 7) / 8 * 8 - sizeof(RowState *);
    if (m->size + room > UINT16_MAX) {
        complain(&l->errors, "%s: its rows are larger than %d bytes", m->name, UINT16_MAX);
        return;
    }
    for (size_t i = 0; i < info->n; i++) {
        Field *f = (Field *)info->fields[i].f;
        f->offset = (uint16_t)(f->offset + room);
        f->to_offset = (uint16_t)(f->to_offset + room);
    }
    m->size += room;
}

static void link_model(Linking *l, ModelInfo *info, unsigned depth)
{
    if (info->all)
        return;
    const ModelInfo *to = info->m->proxy_of ? info->m->proxy_of->slot->info : NULL;
    if (info->parent_link)
        to = info->parent_link->f->to->slot->info;
    if (info->m->proxy_of || info->parent_link) {
        if (!to || depth > DEPTH_MAX) {
            complain(&l->errors, "%s: its base %s is in no application, or inherits from the model itself",
                     info->m->name, (info->m->proxy_of ? info->m->proxy_of : info->parent_link->f->to)->name);
            list_all(l->a, info);
            return;
        }
        link_model(l, (ModelInfo *)to, depth + 1);
    }
    if (info->m->proxy_of) {
        link_proxy(l, info, to);
        return;
    }
    if (info->parent_link) {
        Field *f = (Field *)info->parent_link->f;
        info->base = to;
        if (l->historical)
            move_behind(l, info, to);
        else
            inherit_from(l, info, to);
        f->member = to->pk->f->member;
        f->size = to->pk->f->size;
        f->offset = to->pk->f->offset;
        f->to_offset = 0;
    }
    list_all(l->a, info);
}

static void check_clashes(Linking *l, const ModelInfo *info)
{
    for (size_t i = 0; info->base && !info->m->proxy && i < info->n; i++) {
        const FieldInfo *field = &info->fields[i], *other = info_field(info->base, field->name);
        if (!other)
            other = info_field(info->base, field->attname);
        if (other)
            complain(&l->errors,
                     "%s.%.*s: The field '%.*s' clashes with the field '%.*s' from model '%.*s.%.*s'. (models.E006)",
                     info->m->name, STR_FMT(field->name), STR_FMT(field->name), STR_FMT(other->name),
                     STR_FMT(other->model->label), STR_FMT(other->model->lower));
    }
}

Str models_link(Arena *a, ModelInfo *const *infos, size_t n, bool historical)
{
    Linking l = { .a = a, .errors = BUF_INIT(a, 1 << 14), .historical = historical };
    for (size_t i = 0; i < n; i++)
        link_model(&l, infos[i], 0);
    for (size_t i = 0; i < n; i++)
        check_clashes(&l, infos[i]);
    return buf_view(&l.errors);
}
