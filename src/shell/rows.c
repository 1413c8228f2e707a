/* rows.c: models and their instances: made, their attributes, their methods. */
#include "orm/node.h"
#include "orm/queryset.h"
#include "shell/eval.h"
#include <clef/base/vec.h>
#include <clef/orm/neighbour.h>
#include <clef/orm/validate.h>

static const char *const row_methods[] = { "save",
                                           "delete",
                                           "refresh_from_db",
                                           "full_clean",
                                           "clean_fields",
                                           "validate_unique",
                                           "validate_constraints",
                                           "clean",
                                           "get_deferred_fields",
                                           "__str__",
                                           "__repr__",
                                           NULL };

static const ModelInfo *info_of(Shell *s, const void *row) { return row_info(s->cx, NULL, row); }
static bool is_unset(Shell *s, const void *row, const FieldInfo *field);

/* --- names of the other side */

static bool is_hidden(const FieldInfo *field)
{
    Str name = str_c(field->f->related_name);
    return name.n && name.p[name.n - 1] == '+';
}

/* "books"; without related_name "book_set", of a one-to-one relation "book". */
static Str accessor(Arena *a, const FieldInfo *field)
{
    if (field->f->related_name)
        return str_c(field->f->related_name);
    return field->f->kind == FIELD_ONE_TO_ONE ? field->model->lower
                                              : str_format(a, "%.*s_set", STR_FMT(field->model->lower));
}

/* The relation to this model (or a base of it) that its rows know under this name; NULL. */
static const FieldInfo *referrer(Shell *s, const ModelInfo *info, Str name)
{
    for (const ModelInfo *at = info; at; at = at->base) {
        for (const FieldInfo *f = at->referrers; f; f = f->next_referrer)
            if (!is_hidden(f) && str_eq(accessor(s->cx->arena, f), name))
                return f;
        for (size_t i = 0; model_at(i); i++) {
            const ModelInfo *other = model_info(s->cx, model_at(i));
            for (size_t j = 0; j < other->nbetween && other->concrete == other; j++) {
                const FieldInfo *f = &other->between[j];
                bool mirrored = f->to == f->model && f->f->symmetrical;
                if (f->to->concrete == at->concrete && !mirrored && !is_hidden(f) &&
                    str_eq(accessor(s->cx->arena, f), name))
                    return f;
            }
        }
    }
    return NULL;
}

/* As paths have it. */
static Str path_name(const FieldInfo *field)
{
    return field->f->related_query_name ? str_c(field->f->related_query_name)
           : field->f->related_name     ? str_c(field->f->related_name)
                                        : field->model->lower;
}

/* --- attributes */

static Value related(Shell *s, void *row, Str name)
{
    RelatedManager *r = NEW(s->cx->arena, RelatedManager);
    *r = (RelatedManager){ row, str_dup_c(s->cx->arena, name) };
    return value_object(r, &shell_related_class);
}

/* The other side of a one-to-one relation. */
static Value one_on_the_other_side(Shell *s, void *row, const FieldInfo *back, Str name)
{
    const ModelInfo *info = info_of(s, row);
    void *read = row_prefetched_one(row, str_dup_c(s->cx->arena, name));
    if (read)
        return value_object(read, &row_class);
    Value key = member_load(s->cx->arena, back->to_field->f, row);
    Pred is[] = { { .lookup = str_dup_c(s->cx->arena, back->name), .value = { box_value, &key } }, { .path = NULL } };
    const List *rows = queryset_list(queryset_filter(queryset_of(s->cx, back->model->m), is));
    if (!rows->n)
        RAISE(s->cx, 500, "no_related", "%s has no %.*s.", info->m->name, STR_FMT(name));
    void *other = (void *)rows->p[0].object;
    if (field_has_pointer(back->f))
        *(void **)((char *)other + back->f->to_offset) = row;
    else if (back->f->parent_link)
        prefetched_keep_row(s->cx, other, back->name, row);
    prefetched_keep_row(s->cx, row, name, other);
    return value_object(other, &row_class);
}

/* book.product_ptr: the part of the row that is its base's. */
static Value base_of(Shell *s, void *row, const FieldInfo *link)
{
    Arena *a = s->cx->arena;
    ResultSet *set = NEW(a, ResultSet);
    void *base = arena_zalloc(a, link->to->m->size);
    memcpy(base, row, link->to->m->size);
    *set = (ResultSet){ .cx = s->cx, .info = link->to, .n = 1, .view = NEW_ARRAY(a, void *, 1) };
    set->view[0] = base;
    set->state = (RowState){ .info = link->to, .set = set, .adding = (*row_state_of(row))->adding };
    *row_state_of(base) = &set->state;
    prefetched_keep_row(s->cx, base, accessor(a, link), row); /* the way back asks the database nothing */
    return value_object(base, &row_class);
}

/* What a JSONField holds: the same map or list whenever it is asked for, so that what is changed in it is saved. */
static Value shared_value(Shell *s, void *row, const FieldInfo *field)
{
    for (Shared *p = s->shared; p; p = p->next)
        if (p->row == row && p->field == field->f)
            return p->value;
    Value v = value_copy(s->cx->arena, row_value(s->cx, row, str_dup_c(s->cx->arena, field->attname)));
    if (v.tag != VALUE_MAP && v.tag != VALUE_LIST)
        return v;
    Shared *p = NEW(s->cx->arena, Shared);
    *p = (Shared){ row, field->f, v, s->shared };
    s->shared = p;
    return v;
}

static void forget_shared(Shell *s, const void *row, const Field *f)
{
    for (Shared *p = s->shared; p; p = p->next)
        if (p->row == row && (!f || p->field == f))
            p->row = NULL;
}

static void store_shared(Shell *s, void *row)
{
    for (const Shared *p = s->shared; p; p = p->next)
        if (p->row == row)
            (void)member_store(s->cx->arena, p->field, p->field, row, &p->value, true);
}

static Value field_value(Shell *s, void *row, const FieldInfo *field, Str name)
{
    bool relation = field->to && str_eq(name, field->name) && !str_eq(name, field->attname);
    void *read = relation && field->f->parent_link ? row_prefetched_one(row, str_dup_c(s->cx->arena, name)) : NULL;
    if (read)
        return value_object(read, &row_class);
    if (relation && field->f->parent_link)
        return base_of(s, row, field);
    if (relation) {
        void *to = model_related(s->cx, row, field->f->to_offset);
        if (!to && !field->f->null && (*row_state_of(row))->adding)
            RAISE(s->cx, 500, "no_related", "%s has no %.*s.", info_of(s, row)->m->name, STR_FMT(name));
        return value_object(to, &row_class);
    }
    if (field->kind == FIELD_JSON && !row_is_deferred(s->cx, row, str_dup_c(s->cx->arena, field->attname)))
        return shared_value(s, row, field);
    Value v = value_copy(s->cx->arena, row_value(s->cx, row, str_dup_c(s->cx->arena, field->attname)));
    if (field->to && member_is_null(field->f, row))
        return value_null();
    if (field->f->kind == FIELD_COMPOSITE && v.tag == VALUE_LIST)
        return value_object(v.list, &shell_tuple_class);
    if (field->kind == FIELD_FILE || field->kind == FIELD_IMAGE)
        return shell_file(s, v);
    bool key = field->kind >= FIELD_AUTO && field->kind <= FIELD_SMALL_AUTO;
    return key && v.tag == VALUE_INT && !v.i ? value_null() : v;
}

static const FieldInfo *field_of_method(const ModelInfo *info, Str name, const char *before, const char *after)
{
    Str from = str_c(before), to = str_c(after);
    if (!str_starts(name, from) || !str_ends(name, to) || name.n <= from.n + to.n)
        return NULL;
    return info_field(info, str_slice(name, from.n, name.n - to.n));
}

static const Model *ordered_model(Shell *s, const ModelInfo *info, Str name);

static bool is_method(Shell *s, const ModelInfo *info, Str name)
{
    const FieldInfo *field;
    for (size_t i = 0; row_methods[i]; i++)
        if (str_eq(name, str_c(row_methods[i])))
            return true;
    field = field_of_method(info, name, "get_", "_display");
    if (field && field->f->choices)
        return true;
    field = field_of_method(info, name, "get_next_by_", "");
    field = field ? field : field_of_method(info, name, "get_previous_by_", "");
    bool moment = field && !field->f->null && (field->kind == FIELD_DATE || field->kind == FIELD_DATETIME);
    bool in_order = str_eq(name, STR("get_next_in_order")) || str_eq(name, STR("get_previous_in_order"));
    return moment || (in_order && info->meta->order_with_respect_to) || ordered_model(s, info, name);
}

typedef struct Fitting {
    const FieldInfo *field;
    Value v;
} Fitting;

static void fit(Context *cx, void *arg)
{
    Fitting *f = arg;
    f->v = value_for_field(cx, f->field, f->v);
}

/* A value that was assigned and fits no column; NULL: there is none. */
static const Value *wrong_value(const Shell *s, const void *row, const Field *f)
{
    for (const Pending *p = s->pending; p; p = p->next)
        if (p->row == row && p->field == f && p->wrong)
            return p->wrong;
    return NULL;
}

/* What full_clean() says of it: Django's to_python. */
static Str wrong_text(Shell *s, const FieldInfo *field, const Value *v)
{
    Fitting fitting = { field, *v };
    const Error *e = attempt(s->cx, fit, &fitting);
    if (e && str_eq(str_c(e->code), STR("validation_error")))
        return str_copy(s->cx->arena, e->message);
    const char *what = kind_is_integer(field->kind) ? "an integer" : field->kind == FIELD_FLOAT ? "a float" : "valid";
    return str_format(s->cx->arena, "“%.*s” value must be %s.", STR_FMT(shell_str(s, *v)), what);
}

Value shell_row_attribute(Shell *s, void *row, Str name)
{
    const ModelInfo *info = info_of(s, row);
    Arena *a = s->cx->arena;
    const FieldInfo *field = info_field(info, name);
    Value v;
    const Value *wrong = field ? wrong_value(s, row, field->f) : NULL;
    if (wrong)
        return *wrong;
    if (field)
        return field_value(s, row, field, str_eq(name, STR("pk")) ? field->attname : name);
    if (row_annotation(row, str_dup_c(a, name), &v))
        return v;
    if (is_method(s, info, name))
        return shell_method(s, value_object(row, &row_class), name);
    if (str_eq(name, STR("_meta")))
        return shell_meta(info);
    if (str_eq(name, STR("_state")))
        return shell_state(row);
    QuerySet *read = row_prefetched(s->cx, row, str_dup_c(a, name)); /* Prefetch(to_attr=...) */
    if (read && !names_between(info, name) && !referrer(s, info, name))
        return value_list(shell_rows(s, read));
    void *one = row_prefetched_one(row, str_dup_c(a, name));
    if (one && !referrer(s, info, name))
        return value_object(one, &row_class);
    if (names_between(info, name))
        return related(s, row, name);
    if ((field = referrer(s, info, name)) != NULL)
        return field->f->kind == FIELD_ONE_TO_ONE ? one_on_the_other_side(s, row, field, name)
                                                  : related(s, row, path_name(field));
    if (str_ends(name, STR("DoesNotExist")) || str_eq(name, STR("objects")))
        return shell_model_attribute(s, info->m, name);
    VEC(Str) known = { 0 };
    for (size_t i = 0; i < info->nall; i++)
        VEC_PUSH(a, &known, info->all[i]->name);
    for (size_t i = 0; row_methods[i]; i++)
        VEC_PUSH(a, &known, str_c(row_methods[i]));
    shell_no_attribute(s, info->m->name, name, known.p, known.n);
}

Value shell_model_attribute(Shell *s, const Model *m, Str name)
{
    const ModelInfo *info = model_info(s->cx, m);
    bool own = str_eq(name, STR("_default_manager")) || str_eq(name, STR("_base_manager"));
    QuerySet *manager = own ? queryset_of(s->cx, m) : model_manager(s->cx, m, name);
    if (manager)
        return value_object(manager, &queryset_class);
    if (str_eq(name, STR("DoesNotExist")) || str_eq(name, STR("MultipleObjectsReturned"))) {
        ErrorType *e = NEW(s->cx->arena, ErrorType);
        e->name = name;
        return value_object(e, &shell_error_class);
    }
    if (str_eq(name, STR("__name__")))
        return value_c(m->name);
    if (str_eq(name, STR("_meta")))
        return shell_meta(info);
    Value choices;
    if (shell_choices(info, name, &choices))
        return choices;
    shell_no_attribute(s, info->m->name, name, (const Str[]){ STR("objects") }, 1);
}

/* --- assigning */

/* That a member was given, or that it was given None. */
static void note_given(Shell *s, const void *row, const FieldInfo *field, Value v)
{
    Made *made = s->made;
    bool null = v.tag == VALUE_NULL && !field->f->null;
    while (made && made->row != row)
        made = made->next;
    if (!made && !null)
        return;
    if (!made) {
        made = NEW(s->cx->arena, Made);
        *made = (Made){ .row = row, .given = map_new(s->cx->arena), .next = s->made };
        s->made = made;
    }
    map_set(made->given, field->name, value_bool(!null));
}

void shell_row_assign(Shell *s, void *row, Str name, Value v)
{
    const ModelInfo *info = info_of(s, row);
    const FieldInfo *field = info_field(info, name);
    const FieldInfo *other = NULL;
    if (!field && (names_between(info, name) || (other = referrer(s, info, name)) != NULL))
        RAISE(s->cx, 500, "type_error", "Direct assignment to the %s is prohibited. Use %.*s.set() instead.",
              names_between(info, name)              ? "forward side of a many-to-many set"
              : other->f->kind == FIELD_MANY_TO_MANY ? "reverse side of a many-to-many set"
                                                     : "reverse side of a related set",
              STR_FMT(name));
    if (!field) {
        Str *known = NEW_ARRAY(s->cx->arena, Str, info->nall);
        for (size_t i = 0; i < info->nall; i++)
            known[i] = info->all[i]->name;
        Str near = nearest_of(name, known, info->nall);
        RAISE(s->cx, 500, "type_error", "%s() got unexpected keyword arguments: '%.*s'%s%.*s%s", info->m->name,
              STR_FMT(name), near.n ? ". Did you mean: '" : "", STR_FMT(near), near.n ? "'?" : "");
    }
    if (is_a(v, &expr_class)) {
        Pending *p = NEW(s->cx->arena, Pending);
        *p = (Pending){ .row = row, .field = field->f, .expr = v.object, .next = s->pending };
        s->pending = p;
        return;
    }
    for (Pending *p = s->pending; p; p = p->next)
        if (p->row == row && p->field == field->f) {
            p->expr = NULL;
            p->wrong = NULL;
        }
    v = shell_simple(v);
    forget_shared(s, row, field->f);
    note_given(s, row, field, v);
    bool named = field->to && str_eq(name, field->name);
    if (named && v.tag != VALUE_NULL && !(is_a(v, &row_class) && info_is_a(info_of(s, v.object), field->to)))
        RAISE(s->cx, 500, "value_error", "Cannot assign \"%.*s\": \"%s.%.*s\" must be a \"%s\" instance.",
              STR_FMT(shell_repr(s, v)), info->m->name, STR_FMT(name), field->to->m->name);
    if (field->to && is_a(v, &row_class)) {
        if (field_has_pointer(field->f))
            *(void **)((char *)row + field->f->to_offset) = (void *)v.object;
        v = member_load(s->cx->arena, field->to_field->f, v.object);
    } else if (field->to && field_has_pointer(field->f)) {
        *(void **)((char *)row + field->f->to_offset) = NULL;
    }
    if (v.tag != VALUE_NULL && v.tag != VALUE_DECIMAL) { /* a decimal stays as given until it is written */
        Fitting fitting = { field, v };
        if (field->to || field->f->primary_key) {
            fit(s->cx, &fitting);
        } else if (attempt(s->cx, fit, &fitting)) {
            Value *wrong = NEW(s->cx->arena, Value);
            Pending *p = NEW(s->cx->arena, Pending);
            *wrong = value_copy(s->cx->arena, v);
            *p = (Pending){ .row = row, .field = field->f, .wrong = wrong, .next = s->pending };
            s->pending = p;
            return;
        }
        v = fitting.v;
    }
    v = value_copy(s->cx->arena, v);
    if (!member_store(s->cx->arena, field->f, field->stored, row, &v, true))
        RAISE(s->cx, 500, "value_error", "%s.%.*s cannot be this value.", info->m->name, STR_FMT(name));
}

void *shell_new_row(Shell *s, const Model *m, Args args)
{
    const ModelInfo *info = model_info(s->cx, m);
    void *row = model_new(s->cx, m);
    Made *made = NEW(s->cx->arena, Made);
    *made = (Made){ .row = row, .given = map_new(s->cx->arena), .fresh = true, .next = s->made };
    s->made = made;
    if (args.n > info->nall)
        RAISE(s->cx, 500, "index_error", "Number of args exceeds number of fields");
    for (size_t i = 0; i < args.n; i++)
        for (size_t k = 0; k < args.nkeywords; k++)
            if (str_eq(args.keywords[k].name, info->all[i]->name))
                RAISE(s->cx, 500, "type_error", "%s() got both positional and keyword arguments for field '%.*s'.",
                      m->name, STR_FMT(info->all[i]->name));
    for (size_t i = 0; i < args.n; i++)
        shell_row_assign(s, row, info->all[i]->attname, args.p[i]);
    for (size_t i = 0; i < args.nkeywords; i++)
        shell_row_assign(s, row, args.keywords[i].name, args.keywords[i].value);
    return row;
}

const Expr *shell_pending(Shell *s, const void *row, const Field *f)
{
    for (const Pending *p = s->pending; p; p = p->next)
        if (p->row == row && p->field == f && p->expr)
            return p->expr;
    return NULL;
}

/* --- methods */

static bool is_asked(const SaveOptions *options, const FieldInfo *field)
{
    for (size_t i = 0; options->update_fields && options->update_fields[i]; i++)
        if (str_eq(str_c(options->update_fields[i]), field->name) ||
            str_eq(str_c(options->update_fields[i]), field->attname))
            return true;
    return !options->update_fields;
}

/*
 * A row to which expressions were assigned is saved by the database's own values, and has them then. False: there are
 * none.
 */
static bool save_pending(Shell *s, void *row, const SaveOptions *options)
{
    const ModelInfo *info = info_of(s, row);
    NamedExpr *set = NEW_ARRAY(s->cx->arena, NamedExpr, info->nall + 1);
    SaveOptions o = *options;
    size_t n = 0;
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        const Expr *e = shell_pending(s, row, field->f);
        const Value *wrong = wrong_value(s, row, field->f);
        if (!is_asked(options, field))
            continue;
        if (wrong)
            (void)value_for_field(s->cx, field, *wrong); /* raises */
        if (e)
            set[n++] =
                (NamedExpr){ str_dup_c(s->cx->arena, field->attname), shell_boxed(s, value_object(e, &expr_class)) };
    }
    if (!n)
        return false;
    o.set = set;
    model_save(s->cx, row_model(row), row, &o);
    for (Pending *p = s->pending; p; p = p->next)
        if (p->row == row && is_asked(options, info_of_field(info, p->field)))
            p->expr = NULL;
    return true;
}

void shell_check_nulls(Shell *s, const void *row)
{
    const ModelInfo *info = info_of(s, row);
    const Made *made = s->made;
    while (made && made->row != row)
        made = made->next;
    const FieldInfo *first = NULL;
    for (size_t i = 0; made && i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        const Value *given = map_get(made->given, field->name);
        bool null = given ? !given->b : is_unset(s, row, field) && !shell_pending(s, row, field->f);
        /* The first of a table's columns is told, where migrations put relations behind the others. */
        bool earlier = !first || (first->model == field->model && first->to && !field->to);
        if (null && earlier && !field->f->null && !field->f->parent_link && !field_is_auto(field->f))
            first = field;
    }
    if (first)
        RAISE(s->cx, 500, "integrity_error", "NOT NULL constraint failed: %.*s.%.*s", STR_FMT(first->model->table),
              STR_FMT(first->column));
}

static void save_row(Shell *s, void *row, const SaveOptions *options)
{
    store_shared(s, row);
    if (!options || !options->update_fields)
        shell_check_nulls(s, row);
    SaveOptions o = options ? *options : (SaveOptions){ .using = { 0 } };
    o.read_later = true;
    if (!save_pending(s, row, &o))
        model_save(s->cx, row_model(row), row, &o);
}

void shell_row_save(Shell *s, void *row, const char *const *update_fields)
{
    save_row(s, row, &(SaveOptions){ .update_fields = update_fields });
}

static Value save(Shell *s, void *row, Args args)
{
    Value fields = shell_keyword(args, "update_fields", value_null());
    SaveOptions options = { .force_insert = shell_truth(s, shell_keyword(args, "force_insert", value_bool(false))),
                            .force_update = shell_truth(s, shell_keyword(args, "force_update", value_bool(false))) };
    Value using = shell_keyword(args, "using", value_null());
    if (using.tag != VALUE_NULL)
        options.using = str_c(shell_text(s, using, "save()"));
    if (fields.tag != VALUE_NULL) {
        const List *list = shell_elements(s, fields);
        const char **names = NEW_ARRAY(s->cx->arena, const char *, list->n + 1);
        if (!list->n)
            return value_null();
        for (size_t i = 0; i < list->n; i++)
            names[i] = shell_text(s, list->p[i], "update_fields");
        options.update_fields = names;
    }
    save_row(s, row, &options);
    return value_null();
}

/* get_next_by_added(): by the field, then by the primary key. */
static Value neighbour(Shell *s, void *row, const FieldInfo *field, bool next, Args args)
{
    const ModelInfo *info = info_of(s, row);
    Arena *a = s->cx->arena;
    Value at = member_load(a, field->f, row), pk = member_load(a, info->pk->f, row);
    const char *name = str_dup_c(a, field->name), *op = next ? "gt" : "lt";
    if ((*row_state_of(row))->adding)
        RAISE(s->cx, 500, "value_error", "get_next/get_previous cannot be used on unsaved objects.");
    Pred both[] = { { .lookup = name, .value = shell_boxed(s, at) },
                    { .lookup = next ? "pk__gt" : "pk__lt", .value = shell_boxed(s, pk) } };
    Pred either[] = { { .lookup = str_format(a, "%s__%s", name, op).p, .value = shell_boxed(s, at) },
                      { .connector = CONNECT_AND, .children = both, .nchildren = 2 } };
    Pred where[] = { { .connector = CONNECT_OR, .children = either, .nchildren = 2 }, { .path = NULL } };
    QuerySet *q = queryset_filter(queryset_filter(queryset_of(s->cx, info->m), shell_conditions(s, args)), where);
    q = queryset_order_by(q, next ? ORDER(name, "pk") : ORDER(str_format(a, "-%s", name).p, "-pk"));
    const List *rows = queryset_list(SLICE(q, 0, 1));
    if (!rows->n)
        RAISE(s->cx, 500, "does_not_exist", "%s matching query does not exist.", info->m->name);
    return rows->p[0];
}

/* full_clean() and its parts. */
/*
 * A member of a struct is never unset, a new instance's attribute may be: what was not given to Model() and has no
 * default is null to full_clean().
 */
static bool is_unset(Shell *s, const void *row, const FieldInfo *field)
{
    const Field *f = field->f;
    const Map *given = NULL;
    for (const Made *made = s->made; made && !given; made = made->next)
        given = made->row == row && made->fresh ? made->given : NULL;
    bool text = f->member == MEMBER_STR && !field->to;
    return given && !f->null && !text && !f->default_fn && !f->default_value.box && !f->db_default.box &&
           !f->expression && !f->auto_now && !f->auto_now_add && !f->parent_link && !f->not_editable &&
           !field_is_auto(f) && f->kind != FIELD_COMPOSITE && !str_eq(field->name, STR("_order")) &&
           !map_has(given, field->name);
}

static const char *const *with_names(Shell *s, const char *const *names, const Map *more)
{
    size_t n = 0;
    MapEntry *e;
    while (names && names[n])
        n++;
    const char **all = NEW_ARRAY(s->cx->arena, const char *, n + map_count(more) + 1);
    for (size_t i = 0; i < n; i++)
        all[i] = names[i];
    for (size_t at = 0; (e = map_next(more, &at)) != NULL;)
        all[n++] = str_dup_c(s->cx->arena, e->key);
    return all;
}

static bool is_named(const char *const *names, Str name)
{
    for (size_t i = 0; names && names[i]; i++)
        if (str_eq(str_c(names[i]), name))
            return true;
    return false;
}

/* The errors of the fields by themselves, in their order. */
static Map *field_errors(Shell *s, void *row, CleanOptions options)
{
    const ModelInfo *info = info_of(s, row);
    Map *unset = map_new(s->cx->arena), *out = map_new(s->cx->arena);
    for (size_t i = 0; i < info->nall; i++)
        if (!is_named(options.exclude, info->all[i]->name)) {
            const Value *bad = wrong_value(s, row, info->all[i]->f);
            if (bad)
                map_set(unset, info->all[i]->name, value_str(wrong_text(s, info->all[i], bad)));
            else if (is_unset(s, row, info->all[i]))
                map_set(unset, info->all[i]->name, value_c("This field cannot be null."));
        }
    options.exclude = with_names(s, options.exclude, unset);
    options.no_clean = options.no_unique = options.no_constraints = true;
    const RowErrors *errors = row_full_clean(s->cx, info->m, row, &options);
    Map *found = errors ? row_errors_map(errors) : map_new(s->cx->arena);
    for (size_t i = 0; i < info->nall; i++) {
        Str name = info->all[i]->name;
        const Value *v = map_get(found, name);
        List *one = list_new(s->cx->arena);
        if (map_has(unset, name))
            list_push(s->cx->arena, one, *map_get(unset, name));
        if (v || one->n)
            map_set(out, name, v ? *v : value_list(one));
    }
    return out;
}

static Value clean(Shell *s, void *row, Str name, Args args)
{
    Value exclude = shell_argument(args, 0, "exclude", value_null()), yes = value_bool(true);
    bool full = str_eq(name, STR("full_clean"));
    CleanOptions options = { .no_fields = !full && !str_eq(name, STR("clean_fields")),
                             .no_clean = !full && !str_eq(name, STR("clean")),
                             .no_unique = !full && !str_eq(name, STR("validate_unique")),
                             .no_constraints = !full && !str_eq(name, STR("validate_constraints")) };
    if (exclude.tag != VALUE_NULL) {
        const List *list = shell_elements(s, exclude);
        const char **names = NEW_ARRAY(s->cx->arena, const char *, list->n + 1);
        for (size_t i = 0; i < list->n; i++)
            names[i] = shell_text(s, list->p[i], "exclude");
        options.exclude = names;
    }
    options.no_unique |= !shell_truth(s, shell_keyword(args, "validate_unique", yes));
    options.no_constraints |= !shell_truth(s, shell_keyword(args, "validate_constraints", yes));
    Map *wrong = options.no_fields ? map_new(s->cx->arena) : field_errors(s, row, options);
    MapEntry *e;
    options.exclude = with_names(s, options.exclude, wrong);
    options.no_fields = true;
    const RowErrors *errors = row_full_clean(s->cx, row_model(row), row, &options);
    Map *more = errors ? row_errors_map(errors) : map_new(s->cx->arena);
    for (size_t at = 0; (e = map_next(more, &at)) != NULL;)
        map_set(wrong, e->key, e->value);
    if (map_count(wrong)) {
        Str text = shell_repr(s, value_map(wrong));
        RAISE(s->cx, 500, "validation_error", "%.*s", STR_FMT(text));
    }
    return value_null();
}

static Value ordered(Shell *s, void *row, Str name, const Model *of, Args args)
{
    if (str_starts(name, STR("get_")))
        return value_list(related_order(s->cx, row, of));
    const List *keys = shell_elements(s, args.n ? args.p[0] : value_null());
    Boxed *boxed = NEW_ARRAY(s->cx->arena, Boxed, keys->n + 1);
    for (size_t i = 0; i < keys->n; i++)
        boxed[i] = shell_boxed(s, keys->p[i]);
    related_set_order(s->cx, row, of, (Values){ boxed, keys->n });
    return value_null();
}

/* get_address_order, set_address_order: of a model whose rows have an order with respect to this one's. */
static const Model *ordered_model(Shell *s, const ModelInfo *info, Str name)
{
    bool set = str_starts(name, STR("set_"));
    if ((!set && !str_starts(name, STR("get_"))) || !str_ends(name, STR("_order")) || name.n <= 10)
        return NULL;
    Str lower = str_slice(name, 4, name.n - 6);
    for (size_t i = 0; model_at(i); i++) {
        const ModelInfo *other = model_info(s->cx, model_at(i));
        const char *by = other->meta->order_with_respect_to;
        const FieldInfo *field = by && str_eq(other->lower, lower) ? info_field(other, str_c(by)) : NULL;
        if (field && field->to && info_is_a(info, field->to))
            return other->m;
    }
    return NULL;
}

static Value neighbour_in_order(Shell *s, void *row, bool previous)
{
    void *other = row_next_in_order(s->cx, row, previous);
    if (!other)
        RAISE(s->cx, 500, "does_not_exist", "%s matching query does not exist.", row_model(row)->name);
    return value_object(other, &row_class);
}

static Value removed(Shell *s, void *row, Args args)
{
    Map *counts = NULL;
    DeleteOptions options = { .counts = &counts,
                              .keep_parents = shell_truth(s, shell_keyword(args, "keep_parents", value_bool(false))) };
    size_t n = model_delete_with(s->cx, row_model(row), row, &options);
    return shell_tuple(s, 2, (Value[]){ value_int((int64_t)n), value_map(counts ? counts : map_new(s->cx->arena)) });
}

/* What people read of a choice; a value that is none is itself. */
static Value display(Shell *s, const void *row, const FieldInfo *field)
{
    Value v = value_copy(s->cx->arena, member_load(s->cx->arena, field->f, row));
    for (const Choice *c = field->f->choices; c && c->display; c++)
        if (c->value.box && value_eq(c->value.box(s->cx->arena, c->value.at), v))
            return value_c(c->display);
    Str text = field_display(s->cx->arena, field->f, row); /* among a group */
    return value_is_text(v) || !value_eq(value_str(text), value_str(shell_str(s, v))) ? value_str(text) : v;
}

Value shell_row_call(Shell *s, void *row, Str name, Args args)
{
    const ModelInfo *info = info_of(s, row);
    const FieldInfo *field;
    Value self = value_object(row, &row_class);
#define IS(text) str_eq(name, STR(text))
    if (IS("save"))
        return save(s, row, args);
    if (IS("delete"))
        return removed(s, row, args);
    if (IS("refresh_from_db")) {
        Value names = shell_argument(args, 1, "fields", value_null());
        forget_shared(s, row, NULL);
        const List *list = names.tag == VALUE_NULL ? NULL : shell_elements(s, names);
        model_refresh_fields(s->cx, info->m, row,
                             list ? shell_names(s, (Args){ .p = list->p, .n = list->n }, "refresh_from_db()") : NULL);
        return value_null();
    }
    if (IS("full_clean") || IS("clean_fields") || IS("clean") || IS("validate_unique") || IS("validate_constraints"))
        return clean(s, row, name, args);
    if (IS("get_deferred_fields"))
        return shell_set(s, row_deferred_fields(s->cx, row));
    if (IS("get_next_in_order") || IS("get_previous_in_order"))
        return neighbour_in_order(s, row, IS("get_previous_in_order"));
    const Model *of = ordered_model(s, info, name);
    if (of)
        return ordered(s, row, name, of, args);
    if (IS("__str__") || IS("__repr__"))
        return value_str(IS("__str__") ? shell_str(s, self) : shell_repr(s, self));
    if ((field = field_of_method(info, name, "get_", "_display")) != NULL && field->f->choices)
        return display(s, row, field);
    if ((field = field_of_method(info, name, "get_next_by_", "")) != NULL)
        return neighbour(s, row, field, true, args);
    if ((field = field_of_method(info, name, "get_previous_by_", "")) != NULL)
        return neighbour(s, row, field, false, args);
#undef IS
    RAISE(s->cx, 500, "not_implemented_error", "%.*s() is not implemented.", STR_FMT(name));
}
