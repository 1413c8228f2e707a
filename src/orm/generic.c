/*
 * generic.c: relations to rows of any model: two columns say which model and which row of it. What stands for a model
 * is a key that the other model (ContentType) gives, by Model.key_of_model. The way back, a GenericRelation, is a
 * relation like others in the list of those that refer, which stands in the column of the object ids; its `type` makes
 * the difference.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/orm/row.h>

enum { KEYS_MAX = 1000 /* of one statement */ };

static bool is_generic(const Field *f) { return f->kind == FIELD_GENERIC_KEY || f->kind == FIELD_GENERIC_RELATION; }

/* --- populating */

const Model *model_without_generic(Arena *a, const Model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->nfields; i++)
        n += is_generic(&m->fields[i]);
    if (!n)
        return m;
    Model *copy = NEW(a, Model);
    Field *fields = NEW_ARRAY(a, Field, m->nfields);
    *copy = *m;
    copy->fields = fields;
    copy->nfields = 0;
    for (size_t i = 0; i < m->nfields; i++)
        if (!is_generic(&m->fields[i]))
            fields[copy->nfields++] = m->fields[i];
    return copy;
}

/* The two columns of a generic relation; complains of what they are not. */
static bool find_columns(Buf *errors, const ModelInfo *info, const char *where, const Field *f, const ModelInfo *of,
                         const FieldInfo **type, const FieldInfo **id)
{
    const char *type_name = f->type_field ? f->type_field : "content_type";
    const char *id_name = f->id_field ? f->id_field : "object_id";
    Str newline = errors->n ? STR("\n") : STR("");
    *type = info_field(of, str_c(type_name));
    *id = info_field(of, str_c(id_name));
    if (!*id)
        buf_printf(errors,
                   "%.*s%s.%s: The GenericForeignKey object ID references the nonexistent field '%s'. "
                   "(contenttypes.E001)",
                   STR_FMT(newline), where, f->name, id_name);
    else if (!*type)
        buf_printf(errors,
                   "%.*s%s.%s: The GenericForeignKey content type references the nonexistent field '%s.%s'. "
                   "(contenttypes.E002)",
                   STR_FMT(newline), where, f->name, of->m->name, type_name);
    else if (!(*type)->to)
        buf_printf(errors, "%.*s%s.%s: '%s.%s' is not a ForeignKey. (contenttypes.E003)", STR_FMT(newline), where,
                   f->name, of->m->name, type_name);
    else if (!(*type)->to->m->key_of_model || !(*type)->to->m->model_of_key)
        buf_printf(errors, "%.*s%s.%s: '%s.%s' is not a ForeignKey to 'contenttypes.ContentType'. (contenttypes.E004)",
                   STR_FMT(newline), where, f->name, of->m->name, type_name);
    else
        return true;
    (void)info;
    return false;
}

static void resolve_key(Arena *a, Buf *errors, ModelInfo *info, const Field *f)
{
    GenericInfo found = { .f = f };
    if (!find_columns(errors, info, info->m->name, f, info, &found.type, &found.id))
        return;
    GenericInfo *all = NEW_ARRAY(a, GenericInfo, info->ngeneric_keys + 1);
    if (info->ngeneric_keys)
        memcpy(all, info->generic_keys, info->ngeneric_keys * sizeof *all);
    all[info->ngeneric_keys++] = found;
    info->generic_keys = all;
}

static void resolve_relation(Arena *a, Buf *errors, ModelInfo *info, const Field *f)
{
    ModelInfo *of = f->to ? (ModelInfo *)f->to->slot->info : NULL;
    const FieldInfo *type, *id;
    if (!of) {
        buf_printf(
            errors,
            "%s%s.%s: the related model %s is in no application: add it to the MODELS of an App of INSTALLED_APPS",
            errors->n ? "\n" : "", info->m->name, f->name, f->to ? f->to->name : "?");
        return;
    }
    if (!find_columns(errors, info, info->m->name, f, of, &type, &id))
        return;
    Field *field = NEW(a, Field);
    FieldInfo *relation = NEW(a, FieldInfo);
    *field = *id->f;
    field->kind = FIELD_GENERIC_RELATION;
    field->related_name = f->name;
    field->related_query_name = NULL;
    field->on_delete = CASCADE;
    field->null = false;
    field->no_constraint = true;
    field->for_proxies = f->for_proxies;
    *relation = *id;
    relation->f = field;
    relation->to = info;
    relation->to_field = info->pk;
    relation->type = type;
    relation->forward = str_c(f->related_query_name);
    relation->next_referrer = NULL;
    relation->next_generic = of->concrete->generics;
    ((ModelInfo *)of->concrete)->generics = relation;
    FieldInfo **last = (FieldInfo **)&info->referrers;
    while (*last)
        last = (FieldInfo **)&(*last)->next_referrer;
    *last = relation;
}

Str generic_resolve(Arena *a, ModelInfo *info)
{
    Buf errors = BUF_INIT(a, 1 << 14);
    const Model *m = info->declared;
    for (size_t i = 0; i < m->nfields && info->concrete == info; i++) {
        if (m->fields[i].kind == FIELD_GENERIC_KEY)
            resolve_key(a, &errors, info, &m->fields[i]);
        else if (m->fields[i].kind == FIELD_GENERIC_RELATION)
            resolve_relation(a, &errors, info, &m->fields[i]);
    }
    return buf_view(&errors);
}

/* --- what is known */

const GenericInfo *generic_at(const ModelInfo *info, size_t offset)
{
    for (const ModelInfo *at = info; at; at = at->base)
        for (size_t i = 0; i < at->concrete->ngeneric_keys; i++)
            if (at->concrete->generic_keys[i].f->to_offset == offset)
                return &at->concrete->generic_keys[i];
    return NULL;
}

const GenericInfo *generic_named(const ModelInfo *info, Str name)
{
    for (const ModelInfo *at = info; at; at = at->base)
        for (size_t i = 0; i < at->concrete->ngeneric_keys; i++)
            if (str_eq(str_c(at->concrete->generic_keys[i].f->name), name))
                return &at->concrete->generic_keys[i];
    return NULL;
}

static int64_t type_of_model(Context *cx, Str alias, const FieldInfo *type, const ModelInfo *of, bool for_proxies)
{
    return type->to->m->key_of_model(cx, alias, for_proxies ? of->m : of->concrete->m, for_proxies);
}

int64_t generic_type(Context *cx, Str alias, const FieldInfo *relation)
{
    return type_of_model(cx, alias, relation->type, relation->to, relation->f->for_proxies);
}

const Node *generic_node(Context *cx, uint32_t join, const FieldInfo *relation)
{
    Node *is = node_new(cx, NODE_COMPARE, 2), *column = node_new(cx, NODE_COLUMN, 0);
    Node *key = (Node *)node_value(cx, value_null(), relation->type);
    column->join = join;
    column->field = column->out = relation->type;
    key->field = relation; /* its value is found when the statement is written: by then the database is known */
    is->args[0] = column;
    is->args[1] = key;
    is->op = OP_EQ;
    is->unguarded = true;
    return is;
}

/* --- the rows behind keys */

static void **pointer_of(const GenericInfo *key, void *row) { return (void **)((char *)row + key->f->to_offset); }

static int64_t type_key(const GenericInfo *key, const void *row)
{
    Value v = member_load(NULL, key->type->f, row);
    return v.tag == VALUE_INT ? v.i : 0;
}

static bool is_set(const GenericInfo *key, const void *row)
{
    return type_key(key, row) && !member_is_null(key->id->f, row);
}

/* Does the pointer lead where the two keys do? They may have been changed since. */
static bool is_current(Context *cx, const GenericInfo *key, void *row)
{
    const void *to = *pointer_of(key, row);
    const RowState *state = to ? *row_state_of((void *)(uintptr_t)to) : NULL;
    if (!state)
        return false;
    const Model *m = key->type->to->m->model_of_key(cx, row_database(row), type_key(key, row));
    if (!m || model_info(cx, m)->concrete != state->info->concrete)
        return false;
    Value own = value_for_field(cx, key->id, member_load(cx->arena, state->info->pk->f, to));
    return value_eq(own, value_for_field(cx, key->id, member_load(cx->arena, key->id->f, row)));
}

void generic_take_keys(Context *cx, const ModelInfo *info, void *row, bool lenient)
{
    for (const ModelInfo *at = info; at; at = at->base)
        for (size_t i = 0; i < at->concrete->ngeneric_keys; i++) {
            const GenericInfo *key = &at->concrete->generic_keys[i];
            void *to = *pointer_of(key, row);
            const RowState *state = to ? *row_state_of(to) : NULL;
            if (!to || is_set(key, row))
                continue;
            if (!state)
                RAISE(cx, 500, "row_without_model",
                      "'%s' leads to a row that was made by hand, so its model is not known.", key->f->name);
            Value id = member_load(cx->arena, state->info->pk->f, to);
            bool unsaved = id.tag == VALUE_NULL || (id.tag == VALUE_INT && id.i == 0);
            if (unsaved && lenient)
                continue;
            if (unsaved)
                RAISE(cx, 500, "value_error",
                      "save() prohibited to prevent data loss due to unsaved related object '%s'.", key->f->name);
            Value type = value_int(type_of_model(cx, row_database(row), key->type, state->info, key->f->for_proxies));
            id = value_for_field(cx, key->id, id);
            (void)member_store(cx->arena, key->type->f, key->type->stored, row, &type, false);
            (void)member_store(cx->arena, key->id->f, key->id->stored, row, &id, true);
        }
}

void generic_set(Context *cx, void *row, size_t offset, void *to)
{
    const ModelInfo *info = row_info(cx, NULL, row);
    const GenericInfo *key = generic_at(info, offset);
    if (!key)
        RAISE(cx, 500, "field_error", "GENERIC_SET was asked for a member of %s that is no GenericForeignKey.",
              info->m->name);
    Value none = value_null();
    *pointer_of(key, row) = to;
    (void)member_store(cx->arena, key->type->f, key->type->stored, row, &none, false);
    (void)member_store(cx->arena, key->id->f, key->id->stored, row, &none, false);
    row_set_read(cx, row, key->type);
    row_set_read(cx, row, key->id);
    if (to)
        generic_take_keys(cx, info, row, true);
}

/* Rows of one model whose keys are wanted. */
typedef struct Wanted {
    int64_t type;
    const ModelInfo *info; /* NULL: no such model is installed */
    List *keys;
    Map *seen, *found;
} Wanted;

static Wanted *wanted_of(Context *cx, Str alias, const GenericInfo *key, Wanted *all, size_t *n, int64_t type)
{
    for (size_t i = 0; i < *n; i++)
        if (all[i].type == type)
            return &all[i];
    const Model *m = key->type->to->m->model_of_key(cx, alias, type);
    all[*n] =
        (Wanted){ type, m ? model_info(cx, m) : NULL, list_new(cx->arena), map_new(cx->arena), map_new(cx->arena) };
    return &all[(*n)++];
}

static QuerySet *reader_of(Context *cx, Str alias, const ModelInfo *info, FetchMode mode, QuerySet *const *own)
{
    for (size_t i = 0; own && own[i]; i++)
        if (own[i]->info->concrete == info->concrete)
            return queryset_all(own[i]);
    QuerySet *q = queryset_using(queryset_bare(cx, info), alias);
    q->fetch_mode = mode;
    return q;
}

static void read_wanted(Context *cx, Str alias, Wanted *w, FetchMode mode, QuerySet *const *own)
{
    for (size_t at = 0; at < w->keys->n; at += KEYS_MAX) {
        List *some = list_new(cx->arena);
        for (size_t i = at; i < w->keys->n && i < at + KEYS_MAX; i++)
            list_push(cx->arena, some, w->keys->p[i]);
        QuerySet *q = FILTER(reader_of(cx, alias, w->info, mode, own), LOOKUP("pk__in", some));
        for (size_t i = 0, n = queryset_length(q); i < n; i++) {
            void *row = queryset_at(q, NULL, i);
            map_set(w->found, key_text(cx->arena, member_load(cx->arena, w->info->pk->f, row)),
                    value_object(row, &row_class));
        }
    }
}

void generic_load(Context *cx, Str alias, const GenericInfo *key, void *const *rows, size_t n, QuerySet *const *own)
{
    Wanted *all = NEW_ARRAY(cx->arena, Wanted, n + 1);
    size_t nall = 0;
    const RowState *first = n ? *row_state_of(rows[0]) : NULL;
    FetchMode mode = first && first->set ? first->set->fetch : FETCH_DEFAULT;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            if (*pointer_of(key, rows[i]) || !is_set(key, rows[i]))
                continue;
            Wanted *w = wanted_of(cx, alias, key, all, &nall, type_key(key, rows[i]));
            if (!w->info)
                continue;
            Value id = value_for_field(cx, w->info->pk, member_load(cx->arena, key->id->f, rows[i]));
            Str text = key_text(cx->arena, id);
            if (pass) {
                Value *v = map_get(w->found, text);
                *pointer_of(key, rows[i]) = v ? (void *)(uintptr_t)v->object : NULL;
            } else if (!map_has(w->seen, text)) {
                map_set(w->seen, text, value_bool(true));
                list_push(cx->arena, w->keys, value_copy(cx->arena, id));
            }
        }
        for (size_t i = 0; i < nall && !pass; i++)
            if (all[i].info)
                read_wanted(cx, alias, &all[i], mode, own);
    }
}

void *generic_row(Context *cx, void *row, const GenericInfo *key, const char *file, int line)
{
    RowState *state = *row_state_of(row);
    void **pointer = pointer_of(key, row);
    ResultSet *set = state->set;
    row_read_field(cx, row, key->type);
    row_read_field(cx, row, key->id);
    if (!is_set(key, row)) /* not saved yet: the program's own */
        return *pointer;
    if (*pointer && is_current(cx, key, row))
        return *pointer;
    *pointer = NULL;
    if (fetch_mode_of(set) == FETCH_RAISE)
        fetch_blocked(cx, state->info, str_c(key->f->name));
    if (set && set->cx == cx && set->n > 1 && fetch_mode_of(set) == FETCH_PEERS &&
        !is_column_deferred(set->deferred, state->info, key->id) &&
        !is_column_deferred(set->deferred, state->info, key->type)) {
        void **rows = NEW_ARRAY(cx->arena, void *, set->n);
        for (size_t i = 0; i < set->n; i++)
            rows[i] = result_at(set, i);
        generic_load(cx, set->alias, key, rows, set->n, NULL);
    } else {
        fetch_one_by_one(cx, ONE_RELATION,
                         &(Via){ .info = state->info, .name = str_c(key->f->name), .file = file, .line = line });
        generic_load(cx, row_database(row), key, &row, 1, NULL);
    }
    return *pointer;
}
