/* choices.c: the choices of a field as one list. */
#include "forms/forms.h"
#include "validators/patterns.h"
#include <clef/orm/row.h>
#include <clef/rt/file.h>

#include <dirent.h>

void choices_add(ChoiceList *list, Value value, Str display)
{
    BoundChoice c = { value_copy(list->arena, value), str_copy(list->arena, display), list->group };
    VEC_PUSH(list->arena, list, c);
}

void choices_group(ChoiceList *list, Str name) { list->group = name.n ? str_copy(list->arena, name) : (Str){ 0 }; }

static void add_table(ChoiceList *list, const Choice *choices)
{
    for (const Choice *c = choices; c && c->display; c++) {
        if (!c->group) {
            choices_add(list, boxed_value(list->arena, c->value), str_c(c->display));
            continue;
        }
        choices_group(list, str_c(c->display));
        for (const Choice *inner = c->group; inner->display; inner++)
            choices_add(list, boxed_value(list->arena, inner->value), str_c(inner->display));
        choices_group(list, (Str){ 0 });
    }
}

static void add_rows(FieldRun *run, ChoiceList *out)
{
    const FormField *f = run->f;
    QuerySet *rows = field_rows(run);
    if (f->kind == FORM_FIELD_MODEL_CHOICE && (!f->empty_label || *f->empty_label) &&
        !(run->required && boxed_given(f->initial)))
        choices_add(out, value_str(STR("")), f->empty_label ? str_c(f->empty_label) : STR("---------"));
    size_t at = 0;
    for (void *row; (row = queryset_next(rows, f->model, &at)) != NULL;) {
        const Field *to = f->to_field_name ? model_field(f->model, str_c(f->to_field_name)) : NULL;
        Value key = to ? field_get(run->arena, to, row) : row_pk(run->arena, f->model, row);
        choices_add(out, key, row_str(run->cx, f->model, row));
    }
}

/* --- files below a folder, for FilePathField */

enum { FILES_MAX = 10000, FOLDERS_DEEP = 32 };

static void add_files(FieldRun *run, ChoiceList *out, const char *folder, int depth)
{
    const FormField *f = run->f;
    FileEntry *entries;
    ssize_t n = file_list(run->arena, folder, FILES_MAX, &entries);
    size_t root = strlen(f->path);
    for (ssize_t i = 0; i < n; i++) {
        Str name = entries[i].name;
        bool is_folder = entries[i].type == DT_DIR, is_file = entries[i].type == DT_REG;
        bool wanted = (is_file && !f->no_files) || (is_folder && f->allow_folders);
        Str path =
            str_format(run->arena, "%s%s%.*s", folder, str_ends(str_c(folder), STR("/")) ? "" : "/", STR_FMT(name));
        if (wanted && (!f->match || pattern_found(str_c(f->match), false, name)))
            choices_add(out, value_str(path), f->recursive ? str_from_byte(path, root) : name);
    }
    for (ssize_t i = 0; i < n && f->recursive && depth < FOLDERS_DEEP; i++)
        if (entries[i].type == DT_DIR)
            add_files(run, out,
                      str_dup_c(run->arena, str_format(run->arena, "%s/%.*s", folder, STR_FMT(entries[i].name))),
                      depth + 1);
}

void choices_of_field(FieldRun *run, const Widget *widget, ChoiceList *out)
{
    const FormField *f = run->f;
    *out = (ChoiceList){ .arena = run->arena };
    if (f->choices_fn && run->form)
        f->choices_fn(run->form, out);
    else if (f->choices)
        add_table(out, f->choices);
    else if (f->path) {
        if (!run->required)
            choices_add(out, value_str(STR("")), STR("---------"));
        add_files(run, out, f->path, 0);
    } else if (f->model)
        add_rows(run, out);
    else if (widget && widget->choices)
        add_table(out, widget->choices);
}

bool choices_have(const ChoiceList *list, Arena *a, Value v)
{
    Str text = value_python_str(a, v);
    for (size_t i = 0; list && i < list->n; i++)
        if (value_eq(list->p[i].value, v) || str_eq(value_python_str(a, list->p[i].value), text))
            return true;
    return false;
}
