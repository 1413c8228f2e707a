/*
 * check.c: Django's system checks of models, by their ids: what neither the compiler nor the resolving of relations
 * sees. All are errors; a project with one does not start, and `check` lists them.
 */
#include "orm/check.h"

enum { INDEX_NAME_MAX = 30 };

typedef struct Checking {
    Arena *a;
    Buf *errors;
    const ModelInfos *infos;
} Checking;

static CLEF_PRINTF(2, 3) void complain(Checking *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (c->errors->n)
        buf_byte(c->errors, '\n');
    buf_vprintf(c->errors, format, args);
    va_end(args);
}

/* --- one field */

static void check_name(Checking *c, const ModelInfo *info, const FieldInfo *field)
{
    Str name = field->name;
    const char *model = info->m->name;
    if (field->f->auto_created)
        return;
    if (str_ends(name, STR("_")))
        complain(c, "%s.%.*s: Field names must not end with an underscore. (fields.E001)", model, STR_FMT(name));
    if (str_contains(name, STR("__")))
        complain(c, "%s.%.*s: Field names must not contain \"__\". (fields.E002)", model, STR_FMT(name));
    if (str_eq(name, STR("pk")))
        complain(c, "%s.pk: 'pk' is a reserved word that cannot be used as a field name. (fields.E003)", model);
}

static size_t longest_choice(Arena *a, const Choice *choices, unsigned depth)
{
    size_t longest = 0;
    for (const Choice *choice = choices; choice && choice->display && depth < 4; choice++) {
        Value v = choice->group ? value_null() : choice->value.box(a, choice->value.at);
        size_t n = choice->group ? longest_choice(a, choice->group, depth + 1) : value_is_text(v) ? v.s.n : 0;
        if (n > longest)
            longest = n;
    }
    return longest;
}

static void check_field(Checking *c, const ModelInfo *info, const FieldInfo *field)
{
    const Field *f = field->f;
    const char *model = info->m->name;
    bool has_default = f->default_fn || f->default_value.box;
    check_name(c, info, field);
    if (f->max_length > 0 && f->choices && longest_choice(c->a, f->choices, 0) > (size_t)f->max_length)
        complain(
            c, "%s.%s: 'max_length' is too small to fit the longest value in 'choices' (%zu characters). (fields.E009)",
            model, f->name, longest_choice(c->a, f->choices, 0));
    if ((f->auto_now || f->auto_now_add) && has_default)
        complain(
            c,
            "%s.%s: The options auto_now, auto_now_add, and default are mutually exclusive. Only one of these options "
            "may be present. (fields.E160)",
            model, f->name);
    if (field_is_relation(f) && f->on_delete == SET_DEFAULT && !has_default && !f->db_default.box)
        complain(c, "%s.%s: Field specifies on_delete=SET_DEFAULT, but has no default value. (fields.E321)", model,
                 f->name);
    if (field_is_relation(f) && f->on_delete == SET_TO && !f->set_to_fn && !f->set_to.box)
        complain(c, "%s.%s: .on_delete = SET_TO needs .set_to or .set_to_fn", model, f->name);
    if (f->to_field && field->to_field && !field->to_field->f->unique && !field->to_field->f->primary_key)
        complain(c, "%s.%s: '%s.%s' must be unique because it is referenced by a foreign key. (fields.E311)", model,
                 f->name, field->to->m->name, f->to_field);
    if (field_is_relation(f) && field->to && field->to->nkeys > 1)
        complain(c,
                 "%s.%s: Field defines a relation involving model '%s' which has a CompositePrimaryKey and such "
                 "relations are "
                 "not supported. (fields.E347)",
                 model, f->name, field->to->m->name);
}

/* --- the names of ways back */

static Str back_name(const FieldInfo *field)
{
    const Field *f = field->f;
    const char *name = f->related_query_name ? f->related_query_name : f->related_name;
    return name ? str_c(name) : field->model->lower;
}

static bool is_hidden(const FieldInfo *field)
{
    return field->model->between_only || str_ends(back_name(field), STR("+")) ||
           (field->f->kind == FIELD_MANY_TO_MANY && field->f->symmetrical && field->to == field->model);
}

static const FieldInfo *relation_at(const ModelInfo *info, size_t i)
{
    if (i < info->n)
        return field_is_relation(info->fields[i].f) ? &info->fields[i] : NULL;
    return &info->between[i - info->n];
}

/* By what attribute rows are had: "post_set". */
static Str accessor_of(Arena *a, const FieldInfo *field)
{
    const Field *f = field->f;
    if (f->related_name)
        return str_c(f->related_name);
    return f->kind == FIELD_ONE_TO_ONE ? field->model->lower : str_format(a, "%.*s_set", STR_FMT(field->model->lower));
}

/* A word that names of attributes may be; "posts+" is none, and hides the way back. */
static bool is_word(Str s)
{
    bool right = s.n > 0 && !(s.p[0] >= '0' && s.p[0] <= '9');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        right &= c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 128;
    }
    return right;
}

static void check_related_name(Checking *c, const FieldInfo *field)
{
    const Field *f = field->f;
    const char *model = field->model->m->name;
    Str name = f->related_name ? str_c(f->related_name) : STR("x"), query = back_name(field);
    if (field->model->between_only)
        return;
    if (!is_word(name) && !str_ends(name, STR("+")))
        complain(c,
                 "%s.%s: The name '%.*s' is invalid related_name for field %s.%s: it must be a word or end with a '+'. "
                 "(fields.E306)",
                 model, f->name, STR_FMT(name), model, f->name);
    if (is_hidden(field))
        return;
    if (str_ends(query, STR("_")))
        complain(c, "%s.%s: Reverse query name '%.*s' must not end with an underscore. (fields.E308)", model, f->name,
                 STR_FMT(query));
    if (str_contains(query, STR("__")))
        complain(c, "%s.%s: Reverse query name '%.*s' must not contain '__'. (fields.E309)", model, f->name,
                 STR_FMT(query));
}

static void check_between(Checking *c, const FieldInfo *field)
{
    const Field *f = field->f;
    const char *model = field->model->m->name;
    if (f->unique)
        complain(c, "%s.%s: ManyToManyFields cannot be unique. (fields.E330)", model, f->name);
    if (f->through || !field->through)
        return;
    for (size_t i = 0; i < c->infos->n; i++) {
        const ModelInfo *other = c->infos->p[i];
        if (other != field->through && !other->between_only && other->concrete == other && !other->swapped.n &&
            str_eq(other->table, field->through->table))
            complain(c,
                     "%s.%s: The field's intermediary table '%.*s' clashes with the table name of '%.*s.%s'. "
                     "(fields.E340)",
                     model, f->name, STR_FMT(other->table), STR_FMT(other->label), other->m->name);
    }
}

static void check_way_back(Checking *c, const FieldInfo *field)
{
    const ModelInfo *to = field->to;
    Str name = back_name(field), accessor = accessor_of(c->a, field);
    const char *model = field->model->m->name, *own = field->f->name;
    const FieldInfo *same = info_field(to, accessor);
    if (same && same != field && str_eq(same->name, accessor))
        complain(c, "%s.%s: Reverse accessor '%s.%.*s' for '%s.%s' clashes with field name '%s.%.*s'. (fields.E302)",
                 model, own, to->m->name, STR_FMT(accessor), model, own, same->model->m->name, STR_FMT(same->name));
    const FieldInfo *clash = info_field(to, name);
    if (clash && clash != field)
        complain(c, "%s.%s: Reverse query name for '%s.%s' clashes with field name '%s.%.*s'. (fields.E303)", model,
                 own, model, own, clash->model->m->name, STR_FMT(clash->name));
    for (size_t i = 0; i < c->infos->n; i++) {
        const ModelInfo *other = c->infos->p[i];
        for (size_t j = 0; j < other->n + other->nbetween && other->concrete == other && !other->swapped.n; j++) {
            const FieldInfo *second = relation_at(other, j);
            if (second && second != field && second->to && second->to->concrete == to->concrete && !is_hidden(second) &&
                str_eq(accessor_of(c->a, second), accessor))
                complain(c,
                         "%s.%s: Reverse accessor '%s.%.*s' for '%s.%s' clashes with reverse accessor for '%s.%s'. "
                         "(fields.E304)",
                         model, own, to->m->name, STR_FMT(accessor), model, own, other->m->name, second->f->name);
            if (second && second != field && second->to && second->to->concrete == to->concrete && !is_hidden(second) &&
                str_eq(back_name(second), name))
                complain(
                    c,
                    "%s.%s: Reverse query name for '%s.%s' clashes with reverse query name for '%s.%s'. (fields.E305)",
                    model, own, model, own, other->m->name, second->f->name);
        }
    }
}

/* --- the model as a whole */

/* Names of a set must be columns of the model's own table. */
static void check_set(Checking *c, const ModelInfo *info, const char *const *names, const char *option)
{
    for (size_t i = 0; names && names[i]; i++) {
        Str name = str_c(names[i]);
        if (str_starts(name, STR("-")))
            name = str_from_byte(name, 1);
        const FieldInfo *field = info_field(info, name);
        if (field && field->model->concrete != info->concrete)
            complain(c, "%s: '%s' refers to field '%.*s' which is not local to model '%s'. (models.E016)",
                     info->m->name, option, STR_FMT(name), info->m->name);
        for (size_t j = 0; j < info->nbetween; j++)
            if (str_eq(info->between[j].name, name))
                complain(c,
                         "%s: '%s' refers to a ManyToManyField '%.*s', but ManyToManyFields are not permitted in '%s'. "
                         "(models.E013)",
                         info->m->name, option, STR_FMT(name), option);
    }
}

static void check_names_once(Checking *c, const ModelInfo *info, const char *name, bool constraint)
{
    size_t n = 0, models = 0;
    for (size_t i = 0; i < c->infos->n; i++) {
        const ModelInfo *other = c->infos->p[i];
        const Model *m = other->meta;
        size_t before = n;
        if (other->between_only || other->concrete != other || other->swapped.n)
            continue;
        for (size_t j = 0; !constraint && j < m->nindexes; j++)
            n += m->indexes[j].name && str_eq(str_c(m->indexes[j].name), str_c(name));
        for (size_t j = 0; constraint && j < m->nconstraints; j++)
            n += str_eq(str_c(m->constraints[j].name), str_c(name));
        models += n > before;
    }
    if (n > 1)
        complain(c, "%s: %s name '%s' is not unique %s. (models.%s)", info->m->name,
                 constraint ? "constraint" : "index", name, models > 1 ? "among models" : "for the model",
                 models > 1   ? (constraint ? "E032" : "E030")
                 : constraint ? "E031"
                              : "E029");
}

static void check_model(Checking *c, const ModelInfo *info)
{
    const Model *m = info->meta;
    char first = m->name[0], last = m->name[strlen(m->name) - 1];
    if (first == '_' || last == '_')
        complain(c,
                 "%s: The model name '%s' cannot start or end with an underscore as it collides with the query lookup "
                 "syntax. "
                 "(models.E023)",
                 m->name, m->name);
    if (strstr(m->name, "__"))
        complain(
            c,
            "%s: The model name '%s' cannot contain double underscores as it collides with the query lookup syntax. "
            "(models.E024)",
            m->name, m->name);
    for (const char *const *const *set = m->unique_together; set && *set; set++)
        check_set(c, info, *set, "unique_together");
    for (size_t i = 0; i < m->nindexes; i++) {
        const char *name = m->indexes[i].name;
        check_set(c, info, m->indexes[i].fields, "indexes");
        if (!name)
            continue;
        if (name[0] == '_' || (name[0] >= '0' && name[0] <= '9'))
            complain(c, "%s: The index name '%s' cannot start with an underscore or a number. (models.E033)", m->name,
                     name);
        if (strlen(name) > INDEX_NAME_MAX)
            complain(c, "%s: The index name '%s' cannot be longer than %d characters. (models.E034)", m->name, name,
                     INDEX_NAME_MAX);
        check_names_once(c, info, name, false);
    }
    for (size_t i = 0; i < m->nconstraints; i++) {
        check_set(c, info, m->constraints[i].unique, "constraints");
        check_names_once(c, info, m->constraints[i].name, true);
    }
}

static void check_swappable(Checking *c, const ModelInfo *info)
{
    Str rest = info->swapped, app;
    const char *setting = info->meta->swappable;
    bool found = false;
    if (!str_cut(&rest, '.', &app) || str_is_null(rest) || str_find_byte(rest, '.') != STR_NPOS) {
        complain(c, "%s: '%s' is not of the form 'app_label.app_name'. (models.E001)", info->m->name, setting);
        return;
    }
    for (size_t i = 0; i < c->infos->n && !found; i++) {
        const ModelInfo *other = c->infos->p[i];
        found = !other->between_only && !other->m->abstract && str_eq(other->label, app) && str_ieq(other->name, rest);
    }
    if (!found)
        complain(c, "%s: '%s' references '%.*s', which has not been installed, or is abstract. (models.E002)",
                 info->m->name, setting, STR_FMT(info->swapped));
}

void models_check(Arena *a, const ModelInfos *infos, Buf *errors)
{
    Checking c = { .a = a, .errors = errors, .infos = infos };
    for (size_t i = 0; i < infos->n; i++) {
        const ModelInfo *info = infos->p[i];
        if (info->between_only || info->concrete != info)
            continue;
        if (info->swapped.n) { /* nobody uses it: nothing else of it counts */
            check_swappable(&c, info);
            continue;
        }
        for (size_t j = 0; j < info->n; j++)
            check_field(&c, info, &info->fields[j]);
        for (size_t j = 0; j < info->n + info->nbetween; j++) {
            const FieldInfo *field = relation_at(info, j);
            if (field && field->to)
                check_related_name(&c, field);
            if (field && field->to && j >= info->n)
                check_between(&c, field);
            if (field && field->to && !is_hidden(field))
                check_way_back(&c, field);
        }
        check_model(&c, info);
    }
}
