/* formset.c: many forms of one class, and the management form that counts them. */
#include "forms/forms.h"
#include <clef/base/assert.h>

#include <stdarg.h>

enum { MAX_NUM = 1000 };

typedef struct Management {
    int64_t total, initial;
    OptInt least, most;
} Management;

typedef struct ManagementForm {
    int64_t TOTAL_FORMS, INITIAL_FORMS;
    OptInt MIN_NUM_FORMS, MAX_NUM_FORMS;
} ManagementForm;

static const FormClass management_class = {
    FORM_FIELDS(ManagementForm, IntegerField(TOTAL_FORMS, .widget = HiddenInput()),
                IntegerField(INITIAL_FORMS, .widget = HiddenInput()),
                OptIntegerField(MIN_NUM_FORMS, .widget = HiddenInput()),
                OptIntegerField(MAX_NUM_FORMS, .widget = HiddenInput())),
};

struct FormSet {
    Context *cx;
    Request *r;
    Arena *arena;
    FormSetOptions o;
    const FormClass *cls; /* with ORDER and DELETE */
    const FormClass *own;
    const char *prefix;
    size_t order_at, delete_at; /* of their members behind the user's struct */
    Form *management, *empty;
    Form **forms;
    size_t n, ninitial;
    bool bound, checked, management_ok;
    ValidationErrors errors;
};

static int max_num(const FormSet *set) { return set->o.max_num || set->o.has_max_num ? set->o.max_num : MAX_NUM; }
static int absolute_max(const FormSet *set)
{
    return set->o.absolute_max ? set->o.absolute_max : max_num(set) + FORMSET_EXTRA_MAX;
}

/* The user's class with what the set asks of each form. */
static const FormClass *class_of_set(FormSet *set)
{
    const FormClass *own = set->own;
    size_t size = (own->size + 15) / 16 * 16;
    FormField *fields = NEW_ARRAY(set->arena, FormField, own->nfields + 2);
    FormClass *cls = NEW(set->arena, FormClass);
    *cls = *own;
    for (size_t i = 0; i < own->nfields; i++)
        fields[i] = own->fields[i];
    if (set->o.can_order)
        fields[cls->nfields++] = (FormField){ .name = "ORDER",
                                              .kind = FORM_FIELD_INTEGER,
                                              .member = MEMBER_OPT_INT,
                                              .offset = (uint16_t)size,
                                              .size = sizeof(OptInt),
                                              .label = "Order",
                                              .optional = true };
    if (set->o.can_delete)
        fields[cls->nfields++] = (FormField){ .name = "DELETE",
                                              .kind = FORM_FIELD_BOOLEAN,
                                              .member = MEMBER_BOOL,
                                              .offset = (uint16_t)(size + sizeof(OptInt)),
                                              .size = sizeof(bool),
                                              .label = "Delete",
                                              .optional = true };
    ASSERT(size + sizeof(OptInt) < UINT16_MAX);
    cls->fields = fields;
    cls->size = size + sizeof(OptInt) + sizeof(bool);
    return cls;
}

static Form *make_form(FormSet *set, const char *prefix, const Map *initial, bool may_be_empty, bool bound)
{
    FormOptions o = set->o.form;
    o.prefix = prefix;
    o.initial = NULL;
    o.initial_map = initial;
    o.no_use_required_attribute = true;
    o.empty_permitted = may_be_empty;
    o.unbound = !bound;
    if (!bound)
        o.data = NULL;
    Form *form = form_create(set->cx, set->r, set->cls, o);
    return form;
}

static const char *numbered(FormSet *set, size_t i)
{
    return str_dup_c(set->arena, str_format(set->arena, "%s-%zu", set->prefix, i));
}

static void count_forms(FormSet *set)
{
    const ManagementForm *m = NULL;
    size_t given = set->o.initial ? set->o.initial->n : 0;
    set->management_ok = true;
    if (set->bound) {
        if (form_is_valid(set->management))
            m = form_cleaned(set->management, &management_class);
        set->management_ok = m != NULL;
        int64_t total = m ? m->TOTAL_FORMS : 0, initial = m ? m->INITIAL_FORMS : 0, most = absolute_max(set);
        set->n = total < 0 ? 0 : (size_t)(total < most ? total : most);
        set->ninitial = initial < 0 ? 0 : (size_t)initial;
        return;
    }
    size_t extra = set->o.extra < 0 ? 0
                   : set->o.extra   ? (size_t)set->o.extra
                                    : 1,
           least = set->o.min_num > 0 ? (size_t)set->o.min_num : 0;
    size_t most = max_num(set) < 0 ? 0 : (size_t)max_num(set);
    size_t total = (given > least ? given : least) + extra;
    set->ninitial = given;
    if (given > most)
        total = given;
    else if (total > most)
        total = most;
    set->n = total;
}

FormSet *formset_create(Context *cx, Request *r, const FormClass *cls, FormSetOptions options)
{
    FormSet *set = NEW(cx->arena, FormSet);
    *set = (FormSet){ .cx = cx, .r = r, .arena = cx->arena, .o = options, .own = cls };
    set->prefix = options.form.prefix ? options.form.prefix : "form";
    set->cls = class_of_set(set);
    FormOptions o = { .prefix = set->prefix,
                      .auto_id = options.form.auto_id,
                      .data = options.form.data,
                      .unbound = options.form.unbound };
    Form *probe = form_create(cx, r, &management_class, o);
    set->bound = form_is_bound(probe);
    set->management = probe;
    count_forms(set);
    if (!set->bound) {
        o.initial = PAIRS("TOTAL_FORMS", (int64_t)set->n, "INITIAL_FORMS", (int64_t)set->ninitial, "MIN_NUM_FORMS",
                          (int64_t)options.min_num, "MAX_NUM_FORMS", (int64_t)max_num(set));
        set->management = form_create(cx, r, &management_class, o);
    }
    set->forms = NEW_ARRAY(set->arena, Form *, set->n + 1);
    for (size_t i = 0; i < set->n; i++) {
        const Map *initial = options.initial && i < options.initial->n && options.initial->p[i].tag == VALUE_MAP
                                 ? options.initial->p[i].map
                                 : NULL;
        bool extra = i >= set->ninitial && i >= (size_t)(options.min_num > 0 ? options.min_num : 0);
        Map *own = map_new(set->arena);
        MapEntry *e;
        for (size_t at = 0; initial && (e = map_next(initial, &at)) != NULL;)
            map_set(own, e->key, e->value);
        if (options.can_order && i < set->ninitial)
            map_set(own, STR("ORDER"), value_int((int64_t)i + 1));
        set->forms[i] = make_form(set, numbered(set, i), own, extra && !options.empty_permitted_off, set->bound);
        if (options.can_delete && options.no_delete_extra && i >= set->ninitial)
            form_remove_field(set->forms[i], "DELETE");
    }
    return set;
}

size_t formset_count(FormSet *set) { return set->n; }
size_t formset_initial_count(FormSet *set) { return set->ninitial; }
Form *formset_form(FormSet *set, size_t i) { return i < set->n ? set->forms[i] : NULL; }
void *formset_cleaned(FormSet *set, size_t i, const FormClass *cls)
{
    ASSERT(cls == set->own && i < set->n);
    return form_cleaned(set->forms[i], set->cls);
}

Form *formset_management_form(FormSet *set) { return set->management; }

Form *formset_empty_form(FormSet *set)
{
    if (!set->empty) {
        const char *prefix = str_dup_c(set->arena, str_format(set->arena, "%s-__prefix__", set->prefix));
        set->empty = make_form(set, prefix, NULL, true, false);
        if (set->o.can_delete && set->o.no_delete_extra)
            form_remove_field(set->empty, "DELETE");
    }
    return set->empty;
}

static BoundField *delete_field(FormSet *set, size_t i)
{
    return set->o.can_delete ? form_find(set->forms[i], STR("DELETE")) : NULL;
}

/* By what was posted, also when the rest of the form is wrong. */
bool formset_is_deleted(FormSet *set, size_t i)
{
    BoundField *b = i < set->n ? delete_field(set, i) : NULL;
    return b && set->bound && value_truth(bound_field_data(b));
}

static void add_error(FormSet *set, const char *code, Str text)
{
    validation_errors_add(set->arena, &set->errors, (ValidationError){ .message = text, .code = str_c(code) });
}

void formset_add_error(FormSet *set, const char *code, const char *format, ...)
{
    Buf b = BUF_INIT(set->arena, 1 << 16);
    va_list args;
    buf_add(&b, "", 0);
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    add_error(set, code, buf_view(&b));
}

static bool is_blank(const FormSet *set, size_t i) { return i >= set->ninitial && !form_has_changed(set->forms[i]); }

static Str with_number(FormSet *set, const char *one, const char *many, int64_t n)
{
    Str text = NGETTEXT(set->cx, one, many, n);
    return str_replace(set->arena, text, STR("%d"), str_format(set->arena, "%lld", (long long)n));
}

static void check(FormSet *set)
{
    if (set->checked)
        return;
    set->checked = true;
    if (!set->bound)
        return;
    if (!set->management_ok) {
        Buf b = BUF_INIT(set->arena, 1 << 16);
        buf_add(&b, "", 0);
        for (size_t i = 0, n = 0; i < set->management->nfields; i++)
            if (set->management->fields[i]->errors.n)
                buf_printf(&b, "%s%.*s", n++ ? ", " : "", STR_FMT(set->management->fields[i]->html_name));
        TextArgument fields = { STR("field_names"), buf_view(&b) };
        Str message = GETTEXT(set->cx, "ManagementForm data is missing or has been tampered with. Missing fields: "
                                       "%(field_names)s. You may need to file a bug report if the issue persists.");
        add_error(set, "missing_management_form", text_interpolate(set->arena, message, &fields, 1));
    }
    size_t blank = 0, deleted = 0;
    for (size_t i = 0; i < set->n; i++) {
        form_check(set->forms[i]);
        if (is_blank(set, i))
            blank++;
        else if (formset_is_deleted(set, i))
            deleted++;
    }
    const ManagementForm *m = set->management_ok ? form_cleaned(set->management, &management_class) : NULL;
    int64_t most = max_num(set), least = set->o.min_num, total = (int64_t)(set->n - deleted);
    int64_t posted = m ? m->TOTAL_FORMS : 0;
    bool many = (set->o.validate_max && total > most) || posted > absolute_max(set);
    bool few = !many && set->o.validate_min && total - (int64_t)blank < least;
    if (many || few)
        set->errors.n = 0; /* as in Django, where the newest error takes the place of the others */
    if (many)
        add_error(set, "too_many_forms",
                  with_number(set, "Please submit at most %d form.", "Please submit at most %d forms.", most));
    if (few)
        add_error(set, "too_few_forms",
                  with_number(set, "Please submit at least %d form.", "Please submit at least %d forms.", least));
    if (set->management_ok && set->o.clean && !set->errors.n)
        set->o.clean(set);
}

bool formset_is_valid(FormSet *set)
{
    check(set);
    if (!set->bound || set->errors.n)
        return false;
    for (size_t i = 0; i < set->n; i++)
        if (!formset_is_deleted(set, i) && !form_is_valid(set->forms[i]))
            return false;
    return true;
}

const ValidationErrors *formset_non_form_errors(FormSet *set)
{
    check(set);
    return &set->errors;
}

bool formset_has_changed(FormSet *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (form_has_changed(set->forms[i]))
            return true;
    return false;
}

/* ORDER's number; forms without one come last. */
static Value order_of(FormSet *set, size_t i)
{
    return form_find(set->forms[i], STR("ORDER")) ? form_cleaned_value(set->forms[i], "ORDER") : value_null();
}

const size_t *formset_ordered(FormSet *set, size_t *n)
{
    size_t *out = NEW_ARRAY(set->arena, size_t, set->n + 1);
    *n = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (is_blank(set, i) || formset_is_deleted(set, i))
            continue;
        Value mine = order_of(set, i);
        size_t at = *n;
        while (at > 0 && !value_is_null(mine)) {
            Value before = order_of(set, out[at - 1]);
            if (!value_is_null(before) && value_cmp(before, mine) != VALUE_GREATER)
                break;
            out[at] = out[at - 1];
            at--;
        }
        out[at] = i;
        ++*n;
    }
    return out;
}

SafeStr formset_render(FormSet *set, const char *template_name)
{
    Map *context = map_new(set->arena);
    map_set(context, STR("formset"), value_formset(set));
    return (SafeStr){ forms_render(set->cx, set->r, str_c(template_name), context) };
}

SafeStr formset_html(FormSet *set) { return formset_render(set, "django/forms/formsets/div.html"); }

/* --- as a value of templates */

static Str set_str(Arena *a, const void *self)
{
    (void)a;
    return formset_html((FormSet *)(uintptr_t)self).s;
}
static bool set_length(const void *self, size_t *out)
{
    *out = ((const FormSet *)self)->n;
    return true;
}
static bool set_next(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    const FormSet *set = self;
    if (*cursor >= set->n)
        return false;
    *out = value_form(set->forms[(*cursor)++]);
    return true;
}
static bool set_true(const void *self)
{
    (void)self;
    return true;
}

static bool set_item(Arena *a, const void *self, Value key, Value *out)
{
    FormSet *set = (FormSet *)(uintptr_t)self;
    int64_t i;
    if (value_to_int(key, &i)) {
        if (i < 0 || (uint64_t)i >= set->n)
            return false;
        *out = value_form(set->forms[i]);
        return true;
    }
    if (!value_is_text(key))
        return false;
    Str k = key.s;
    if (str_eq(k, STR("management_form")))
        *out = value_safe(form_as_div(set->management));
    else if (str_eq(k, STR("forms"))) {
        List *list = list_new(a);
        for (size_t n = 0; n < set->n; n++)
            list_push(a, list, value_form(set->forms[n]));
        *out = value_list(list);
    } else if (str_eq(k, STR("as_p")))
        *out = value_safe(formset_render(set, "django/forms/formsets/p.html"));
    else if (str_eq(k, STR("as_div")))
        *out = value_safe(formset_html(set));
    else if (str_eq(k, STR("as_table")))
        *out = value_safe(formset_render(set, "django/forms/formsets/table.html"));
    else if (str_eq(k, STR("as_ul")))
        *out = value_safe(formset_render(set, "django/forms/formsets/ul.html"));
    else if (str_eq(k, STR("empty_form")))
        *out = value_form(formset_empty_form(set));
    else if (str_eq(k, STR("non_form_errors")))
        *out = errors_value(set->management, formset_non_form_errors(set), "errorlist nonform", STR(""));
    else if (str_eq(k, STR("is_valid")))
        *out = value_bool(formset_is_valid(set));
    else if (str_eq(k, STR("is_bound")))
        *out = value_bool(set->bound);
    else if (str_eq(k, STR("total_form_count")))
        *out = value_int((int64_t)set->n);
    else if (str_eq(k, STR("initial_form_count")))
        *out = value_int((int64_t)set->ninitial);
    else if (str_eq(k, STR("prefix")))
        *out = value_c(set->prefix);
    else
        return false;
    return true;
}

const ValueClass formset_class = { .name = "FormSet",
                                   .str = set_str,
                                   .length = set_length,
                                   .next = set_next,
                                   .item = set_item,
                                   .truth = set_true,
                                   .is_markup = true };
