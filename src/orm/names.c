/* names.c: paths over the models, by Django's rules for names; a wrong one is told what would be right. */
#include "orm/node.h"
#include "orm/queryset.h"
#include <clef/base/vec.h>

/* The name that queries use for the way back over a relation: related_query_name, related_name, the model's name. */
static Str reverse_name(const FieldInfo *field)
{
    const Field *f = field->f;
    const char *name = f->related_query_name ? f->related_query_name : f->related_name;
    return name ? str_c(name) : field->model->lower;
}
static bool is_hidden(const FieldInfo *field)
{
    return field->model->between_only || str_ends(reverse_name(field), STR("+"));
}

/* Does the many-to-many relation give `info` a name for the way back? */
static bool leads_back(const FieldInfo *between, const ModelInfo *info)
{
    bool self = between->model->concrete == info->concrete;
    return between->to && between->to->concrete == info->concrete && !is_hidden(between) &&
           !(self && between->f->symmetrical);
}

/* Relations back to exactly this model; those of its parents' children when not `inherited`. */
static bool reverse_here(const ModelInfo *info, Str name, bool inherited, const FieldInfo **out)
{
    for (const FieldInfo *f = info->referrers; f; f = f->next_referrer)
        if (!is_hidden(f) && !(inherited && f->f->parent_link) && str_eq(reverse_name(f), name)) {
            *out = f;
            return true;
        }
    for (size_t i = 0; model_at(i); i++) {
        const ModelInfo *other = model_at(i)->slot->info;
        for (size_t j = 0; j < other->nbetween && other->concrete == other; j++)
            if (leads_back(&other->between[j], info) && str_eq(reverse_name(&other->between[j]), name)) {
                *out = &other->between[j];
                return true;
            }
    }
    return false;
}

bool names_reverse(const ModelInfo *info, Str name, const FieldInfo **out)
{
    for (const ModelInfo *at = info; at; at = at->base)
        if (reverse_here(at, name, at != info, out))
            return true;
    return false;
}

const FieldInfo *names_between(const ModelInfo *info, Str name)
{
    for (; info; info = info->base)
        for (size_t i = 0; i < info->nbetween; i++)
            if (str_eq(info->between[i].name, name))
                return &info->between[i];
    return NULL;
}

/* A generic relation whose rows `info` has, by the name that it gave for this way. */
static const FieldInfo *generic_forward(const ModelInfo *info, Str name)
{
    for (const ModelInfo *at = info; at; at = at->base)
        for (const FieldInfo *f = at->concrete->generics; f; f = f->next_generic)
            if (f->forward.n && str_eq(f->forward, name))
                return f;
    return NULL;
}

static void sort(Str *names, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && str_cmp(names[j], names[j - 1]) < 0; j--) {
            Str t = names[j];
            names[j] = names[j - 1];
            names[j - 1] = t;
        }
}

/* Every name that may begin a path here, sorted. */
static size_t choices_of(Arena *a, const ModelInfo *info, const QuerySet *q, Str **out)
{
    VEC(Str) names = { 0 };
    for (const ModelInfo *at = info; at; at = at->base) {
        for (size_t i = 0; i < at->n; i++) {
            VEC_PUSH(a, &names, at->fields[i].name);
            if (!str_eq(at->fields[i].name, at->fields[i].attname))
                VEC_PUSH(a, &names, at->fields[i].attname);
        }
        for (size_t i = 0; i < at->nbetween; i++)
            VEC_PUSH(a, &names, at->between[i].name);
        for (const FieldInfo *f = at->referrers; f; f = f->next_referrer)
            if (!is_hidden(f) && !(at != info && f->f->parent_link))
                VEC_PUSH(a, &names, reverse_name(f));
        for (const FieldInfo *f = at->concrete->generics; f; f = f->next_generic)
            if (f->forward.n)
                VEC_PUSH(a, &names, f->forward);
        for (size_t i = 0; model_at(i); i++) {
            const ModelInfo *other = model_at(i)->slot->info;
            for (size_t j = 0; j < other->nbetween && other->concrete == other; j++)
                if (leads_back(&other->between[j], at))
                    VEC_PUSH(a, &names, reverse_name(&other->between[j]));
        }
    }
    for (size_t i = 0; q && i < q->nannotations; i++)
        VEC_PUSH(a, &names, q->annotations[i].name);
    sort(names.p, names.n);
    *out = names.p;
    return names.n;
}

void names_unknown(Context *cx, const ModelInfo *info, Str name, const QuerySet *q)
{
    Str *names;
    size_t n = choices_of(cx->arena, info, q, &names);
    Buf b = BUF_INIT(cx->arena, 1 << 14);
    for (size_t i = 0; i < n; i++) {
        if (i)
            BUF_LIT(&b, ", ");
        buf_str(&b, names[i]);
    }
    Str near = nearest_of(name, names, n);
    RAISE(cx, 500, "field_error", "Cannot resolve keyword '%.*s' into field. Choices are: %.*s%s%.*s%s", STR_FMT(name),
          STR_FMT(buf_view(&b)), near.n ? ". Did you mean '" : "", STR_FMT(near), near.n ? "'?" : "");
}

void names_no_field(Context *cx, const ModelInfo *info, Str name)
{
    Str *names = NEW_ARRAY(cx->arena, Str, info->nall + 1);
    for (size_t i = 0; i < info->nall; i++)
        names[i] = info->all[i]->name;
    Str near = nearest_of(name, names, info->nall);
    RAISE(cx, 500, "field_does_not_exist", "%s has no field named '%.*s'%s%.*s%s", info->m->name, STR_FMT(name),
          near.n ? ". Did you mean '" : "", STR_FMT(near), near.n ? "'?" : "");
}

/* Cuts the next name off: at "->" or "__". False at the end. */
bool names_cut(Str *rest, Str *name)
{
    if (!rest->p)
        return false;
    for (size_t i = 0; i + 1 < rest->n; i++) {
        bool arrow = rest->p[i] == '-' && rest->p[i + 1] == '>';
        /* A name may end in '_' itself only where no other follows, so the first two are the separator. */
        if (arrow || (i > 0 && rest->p[i] == '_' && rest->p[i + 1] == '_')) {
            *name = str_trim(str_slice(*rest, 0, i));
            *rest = str_from_byte(*rest, i + 2);
            return true;
        }
    }
    *name = str_trim(*rest);
    *rest = (Str){ 0 };
    return true;
}

static void add_hop(Context *cx, Names *out, const FieldInfo *field, bool reverse)
{
    if (out->n == QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "A path goes over more than %d relations.", QUERY_MAX_DEPTH);
    out->hops[out->n++] = (Hop){ field, reverse };
}

/* Over a many-to-many relation: to the table between, and on. */
static void add_between(Context *cx, Names *out, const FieldInfo *between, bool reverse)
{
    add_hop(cx, out, reverse ? between->through_to : between->through_from, true);
    add_hop(cx, out, reverse ? between->through_from : between->through_to, false);
}

/* From a model to the base that has what was named. */
static void add_bases(Context *cx, Names *out, const ModelInfo *at, const ModelInfo *owner)
{
    for (; at->concrete != owner->concrete && at->base; at = at->base)
        add_hop(cx, out, at->parent_link, false);
}

/* "product.name" of a struct that has the product by value: names are those behind the dots. */
Str names_without_parts(Arena *a, Str path)
{
    if (!str_contains(path, STR(".")))
        return path;
    char *p = arena_alloc(a, path.n + 1);
    size_t n = 0, begin = 0;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '.') {
            n = begin;
            continue;
        }
        p[n++] = path.p[i];
        if (path.p[i] == '>' || path.p[i] == '-')
            begin = n;
    }
    p[n] = 0;
    return str_from(p, n);
}

void names_resolve(Context *cx, const ModelInfo *info, Str text, Names *out)
{
    Str rest = text, before = text, name;
    const ModelInfo *at = info;
    const FieldInfo *forward = NULL; /* a relation that was named last, and is followed when a name follows it */
    out->n = 0;                      /* the hops are written as they come */
    out->field = out->asked = NULL;
    out->rest = (Str){ 0 };
    out->from = 0;
    while (names_cut(&rest, &name)) {
        const FieldInfo *field, *pending = forward;
        forward = NULL;
        if (pending)
            at = pending->to;
        if (at && (field = info_field(at, name)) != NULL) {
            if (pending)
                add_hop(cx, out, pending, false);
            add_bases(cx, out, at, field->model);
            out->field = field;
            out->asked = forward = field->to ? field : NULL;
            if (!field->to)
                at = NULL;
        } else if (at && (field = names_between(at, name)) != NULL) {
            if (pending)
                add_hop(cx, out, pending, false);
            add_bases(cx, out, at, field->model);
            add_between(cx, out, field, false);
            at = field->to;
            out->field = at->pk;
            out->asked = field;
        } else if (at && names_reverse(at, name, &field)) {
            if (pending)
                add_hop(cx, out, pending, false);
            add_bases(cx, out, at, field->to);
            if (field->f->kind == FIELD_MANY_TO_MANY)
                add_between(cx, out, field, true);
            else
                add_hop(cx, out, field, true);
            at = field->model;
            out->field = at->pk;
            out->asked = field;
        } else if (at && (field = generic_forward(at, name)) != NULL) {
            if (pending)
                add_hop(cx, out, pending, false);
            add_bases(cx, out, at, field->model);
            add_hop(cx, out, field, false);
            at = field->to;
            out->field = at->pk;
            out->asked = field;
        } else {
            if (!out->field)
                names_unknown(cx, info, name, NULL);
            out->rest = before;
            break;
        }
        before = rest;
    }
    if (!out->field)
        names_unknown(cx, info, text, NULL);
    /* The key that a relation leads to stands in the relation's own column. */
    while (out->n && !out->hops[out->n - 1].reverse && !out->hops[out->n - 1].field->type &&
           out->field == out->hops[out->n - 1].field->to_field)
        out->field = out->hops[--out->n].field;
}

size_t names_of_reverse_ones(Context *cx, const ModelInfo *info, Str **out)
{
    VEC(Str) names = { 0 };
    for (const FieldInfo *f = info->referrers; f; f = f->next_referrer)
        if (!is_hidden(f) && f->f->kind == FIELD_ONE_TO_ONE)
            VEC_PUSH(cx->arena, &names, reverse_name(f));
    *out = names.p;
    return names.n;
}

Str reverse_name_of(const FieldInfo *field) { return reverse_name(field); }

bool names_accessor(const ModelInfo *info, Str name, const FieldInfo **out)
{
    if (!str_ends(name, STR("_set")))
        return false;
    const FieldInfo *field;
    if (!names_reverse(info, str_slice(name, 0, name.n - 4), &field) || field->f->related_name ||
        field->f->kind == FIELD_ONE_TO_ONE)
        return false;
    *out = field;
    return true;
}
