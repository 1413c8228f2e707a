/*
 * objects.c: things beside rows that Django's models have: _meta, _state, the classes of choices (Order.Status.PAID)
 * and files of FileFields. C has no classes of choices: one is named as its field is, its members as what people read
 * or as the value.
 */
#include "orm/queryset.h"
#include "shell/eval.h"
#include <clef/base/vec.h>

typedef struct OneChoice {
    const FieldInfo *field;
    const Choice *choice;
    Value value;
} OneChoice;

typedef struct File {
    Str name;
} File;

static Str choice_str(Arena *a, const void *self)
{
    Str text;
    const OneChoice *one = self;
    return value_to_str(one->value, &text) ? text : str_format(a, "%lld", (long long)one->value.i);
}
static Str file_str(Arena *a, const void *self)
{
    (void)a;
    return ((const File *)self)->name;
}
static Str meta_str(Arena *a, const void *self)
{
    return str_format(a, "<Options for %s>", ((const ModelInfo *)self)->m->name);
}
static Str column_str(Arena *a, const void *self)
{
    const FieldInfo *field = self;
    return str_format(a, "%.*s.%s.%.*s", STR_FMT(field->model->label), field->model->m->name, STR_FMT(field->name));
}

static const ValueClass choice_class = { .name = "Choice", .str = choice_str };
static const ValueClass choices_class = { .name = "ChoicesType" };
static const ValueClass file_class = { .name = "FieldFile", .str = file_str };
static const ValueClass meta_class = { .name = "Options", .str = meta_str };
static const ValueClass column_class = { .name = "Field", .str = column_str };
static const ValueClass state_class = { .name = "ModelState" };

Value shell_simple(Value v)
{
    if (is_a(v, &choice_class))
        return ((const OneChoice *)v.object)->value;
    return is_a(v, &file_class) ? value_str(((const File *)v.object)->name) : v;
}

Value shell_file(Shell *s, Value name)
{
    File *f = NEW(s->cx->arena, File);
    f->name = value_is_text(name) ? name.s : STR("");
    return value_object(f, &file_class);
}

/* --- choices */

static bool is_named(const char *wanted, Str text)
{
    size_t n = str_c(wanted).n;
    if (n != text.n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text.p[i] == ' ' || text.p[i] == '-' ? '_' : text.p[i];
        if ((c >= 'a' && c <= 'z' ? c - 32 : c) != wanted[i])
            return false;
    }
    return true;
}

static Value one_choice(Shell *s, const FieldInfo *field, const Choice *c)
{
    OneChoice *one = NEW(s->cx->arena, OneChoice);
    *one = (OneChoice){ field, c, c->value.box(s->cx->arena, c->value.at) };
    return value_object(one, &choice_class);
}

/* Order.Status: the choices of the field `status`. */
bool shell_choices(const ModelInfo *info, Str name, Value *out)
{
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        if (!field->f->choices || field->name.n != name.n || !name.n || name.p[0] < 'A' || name.p[0] > 'Z' ||
            !str_ieq(field->name, name))
            continue;
        *out = value_object(field, &choices_class);
        return true;
    }
    return false;
}

static bool choices_attribute(Shell *s, const FieldInfo *field, Str name, Value *out)
{
    Arena *a = s->cx->arena;
    bool pairs = str_eq(name, STR("choices")), labels = str_eq(name, STR("labels"));
    List *list = list_new(a);
    const char *wanted = str_dup_c(a, name);
    for (const Choice *c = field->f->choices; c->display; c++) {
        if (!c->value.box)
            continue;
        Value both[2] = { c->value.box(a, c->value.at), value_c(c->display) };
        if (is_named(wanted, str_c(c->display)) || is_named(wanted, shell_str(s, both[0])))
            return *out = one_choice(s, field, c), true;
        list_push(a, list, pairs ? shell_tuple(s, 2, both) : both[labels]);
    }
    *out = value_list(list);
    return pairs || labels || str_eq(name, STR("values"));
}

static bool choice_attribute(Shell *s, const OneChoice *one, Str name, Value *out)
{
    Buf b = BUF_INIT(s->cx->arena, 4096);
    if (str_eq(name, STR("value")))
        return *out = one->value, true;
    if (str_eq(name, STR("label")))
        return *out = value_c(one->choice->display), true;
    if (!str_eq(name, STR("name")))
        return false;
    for (const char *p = one->choice->display; *p; p++)
        buf_byte(&b, *p == ' ' || *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
    return *out = value_str(buf_view(&b)), true;
}

/* --- files */

static bool file_attribute(Shell *s, const File *f, Str name, Value *out)
{
    if (str_eq(name, STR("name")))
        return *out = value_str(f->name), true;
    if (!str_eq(name, STR("url")))
        return false;
    if (!f->name.n)
        RAISE(s->cx, 500, "value_error", "The file attribute has no file associated with it.");
    return *out = value_str(str_concat(s->cx->arena, STR("/"), f->name)), true;
}

/* --- _meta */

static Value column(const FieldInfo *field) { return value_object(field, &column_class); }

static Value columns_of(Shell *s, const ModelInfo *info)
{
    List *list = list_new(s->cx->arena);
    for (size_t i = 0; i < info->nall; i++)
        if (info->all[i]->kind != FIELD_COMPOSITE)
            list_push(s->cx->arena, list, column(info->all[i]));
    return value_list(list);
}

static Str spelt(Arena *a, const char *given, Str lower, const char *more)
{
    return given ? str_c(given) : str_format(a, "%.*s%s", STR_FMT(lower), more);
}

/* "order line" of OrderLine. */
static Str words_of(Arena *a, const char *name)
{
    Buf b = BUF_INIT(a, 1024);
    for (size_t i = 0; name[i]; i++) {
        bool big = name[i] >= 'A' && name[i] <= 'Z';
        if (big && i)
            buf_byte(&b, ' ');
        buf_byte(&b, big ? (char)(name[i] + 32) : name[i]);
    }
    return buf_view(&b);
}

static bool meta_attribute(Shell *s, const ModelInfo *info, Str name, Value *out)
{
    Arena *a = s->cx->arena;
    const Model *m = info->meta;
    Str verbose = m->verbose_name ? str_c(m->verbose_name) : words_of(a, info->m->name);
    List *names = list_new(a);
#define IS(text) str_eq(name, STR(text))
    if (IS("label") || IS("label_lower"))
        *out = value_str(str_format(a, "%.*s.%.*s", STR_FMT(info->label),
                                    STR_FMT(IS("label") ? str_c(info->m->name) : info->lower)));
    else if (IS("app_label"))
        *out = value_str(info->label);
    else if (IS("model_name"))
        *out = value_str(info->lower);
    else if (IS("object_name"))
        *out = value_c(info->m->name);
    else if (IS("verbose_name"))
        *out = value_str(verbose);
    else if (IS("verbose_name_plural"))
        *out = value_str(spelt(a, m->verbose_name_plural, verbose, "s"));
    else if (IS("db_table"))
        *out = value_str(info->table);
    else if (IS("pk"))
        *out = column(info->pk);
    else if (IS("fields") || IS("concrete_fields") || IS("local_fields"))
        *out = columns_of(s, info);
    else if (IS("proxy"))
        *out = value_bool(m->proxy);
    else if (IS("managed"))
        *out = value_bool(!m->unmanaged);
    else if (IS("get_latest_by"))
        *out = m->get_latest_by ? value_c(m->get_latest_by) : value_null();
    else if (IS("ordering")) {
        for (size_t i = 0; m->ordering && m->ordering[i]; i++)
            list_push(a, names, value_c(m->ordering[i]));
        *out = value_list(names);
    } else if (IS("get_field"))
        *out = shell_method(s, value_object(info, &meta_class), name);
    else
        return false;
    return true;
}

static bool column_attribute(Shell *s, const FieldInfo *field, Str name, Value *out)
{
    Arena *a = s->cx->arena;
    const Field *f = field->f;
    Str words = str_replace(a, field->name, STR("_"), STR(" "));
    if (IS("name") || IS("attname") || IS("column"))
        *out = value_str(IS("name") ? field->name : IS("column") ? field->column : field->attname);
    else if (IS("verbose_name"))
        *out = f->verbose_name ? value_c(f->verbose_name) : value_str(words);
    else if (IS("help_text"))
        *out = value_c(f->help_text ? f->help_text : "");
    else if (IS("max_length"))
        *out = f->max_length ? value_int(f->max_length) : value_null();
    else if (IS("null") || IS("blank") || IS("unique") || IS("primary_key"))
        *out = value_bool(IS("null")     ? f->null
                          : IS("blank")  ? f->blank
                          : IS("unique") ? f->unique || f->primary_key || field == field->model->pk
                                         : f->primary_key || field == field->model->pk);
    else if (IS("related_model"))
        *out = field->to ? value_object(field->to->m, &shell_model_class) : value_null();
    else if (IS("choices") && f->choices)
        return choices_attribute(s, field, name, out);
    else if (IS("get_internal_type"))
        *out = shell_method(s, value_object(field, &column_class), name);
    else
        return false;
    return true;
}

Value shell_meta(const ModelInfo *info) { return value_object(info, &meta_class); }

/* --- _state */

Value shell_state(void *row) { return value_object(row, &state_class); }

static bool state_attribute(void *row, Str name, Value *out)
{
    const RowState *state = *row_state_of(row);
    Str alias = state->set ? state->set->alias : state->alias;
    if (IS("adding"))
        *out = value_bool(state->adding);
    else if (IS("db"))
        *out = state->adding ? value_null() : value_str(alias.n ? alias : STR("default"));
    else
        return false;
    return true;
}

bool shell_state_assign(Shell *s, Value of, Str name, Value v)
{
    if (!is_a(of, &state_class) || !IS("adding"))
        return false;
    RowState *state = NEW(s->cx->arena, RowState), **place = row_state_of((void *)of.object);
    *state = **place;
    state->set = NULL; /* from now on it is a row by itself */
    state->adding = shell_truth(s, v);
    *place = state;
    return true;
}

/* --- all of them */

bool shell_object_attribute(Shell *s, Value v, Str name, Value *out)
{
    if (is_a(v, &choices_class))
        return choices_attribute(s, v.object, name, out);
    if (is_a(v, &choice_class))
        return choice_attribute(s, v.object, name, out);
    if (is_a(v, &file_class))
        return file_attribute(s, v.object, name, out);
    if (is_a(v, &meta_class))
        return meta_attribute(s, v.object, name, out);
    if (is_a(v, &column_class))
        return column_attribute(s, v.object, name, out);
    return is_a(v, &state_class) && state_attribute((void *)v.object, name, out);
}

bool shell_object_call(Shell *s, const Method *m, Args args, Value *out)
{
    if (is_a(m->self, &column_class))
        return *out = value_c(field_class(((const FieldInfo *)m->self.object)->f)), true;
    if (!is_a(m->self, &meta_class))
        return false;
    const ModelInfo *info = m->self.object;
    shell_expect(s, "get_field", args, 1, 1);
    Str name = str_c(shell_text(s, args.p[0], "get_field()"));
    const FieldInfo *field = info_field(info, name);
    if (!field)
        field = names_between(info, name);
    if (!field)
        RAISE(s->cx, 500, "field_does_not_exist", "%s has no field named '%.*s'", info->m->name, STR_FMT(name));
    return *out = column(field), true;
}
#undef IS
