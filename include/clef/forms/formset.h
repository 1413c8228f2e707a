/*
 * formset.h: many forms of one class in one page, with Django's management form, which says how many there are.
 *
 *     FormSet *choices = FORMSET(r, ChoiceForm, .extra = 3, .can_delete = true);
 *     if (formset_is_valid(choices))
 *         for (size_t i = 0; i < formset_count(choices); i++)
 *             if (form_has_changed(formset_form(choices, i)) && !formset_is_deleted(choices, i))
 *                 ... FORMSET_CLEANED(choices, i, ChoiceForm) ...
 *
 * In a template: {{ formset }}, {{ formset.management_form }}, {% for form in formset %}.
 *
 * Django's page: "Formsets".
 */
#ifndef CLEF_FORMS_FORMSET_H
#define CLEF_FORMS_FORMSET_H

#include <clef/forms/form.h>

typedef struct FormSet FormSet;

/* More forms than this are not made, whatever the options and the client say: absolute_max's default is max_num + this. */
#define FORMSET_EXTRA_MAX 1000

typedef struct FormSetOptions {
    FormOptions form;    /* data, prefix, auto_id, ...: of the set (.form.prefix: "form") */
    const List *initial; /* maps, one for each form that is there already */
    int extra;           /* empty forms; 0: 1; negative: none */
    int min_num;
    int max_num;      /* 0: 1000 */
    bool has_max_num; /* max_num = 0 is meant */
    int absolute_max; /* 0: max_num + 1000 */
    bool validate_min, validate_max;
    bool can_order, can_delete, no_delete_extra;
    bool empty_permitted_off;
    void (*clean)(FormSet *set);
} FormSetOptions;

CLEF_API(FormSet *, formset_create, Context *cx, Request *r, const FormClass *cls, FormSetOptions options) CLEF_NONNULL;
#define FORMSET(r, T, ...) formset_create(CX(r), CLEF_REQUEST_OF(r), &T##_form, (FormSetOptions){ __VA_ARGS__ })

CLEF_API(bool, formset_is_valid, FormSet *set);
CLEF_API(size_t, formset_count, FormSet *set);
CLEF_API(size_t, formset_initial_count, FormSet *set);
/* The i-th form; NULL past the last. */
CLEF_API(Form *, formset_form, FormSet *set, size_t i);
/* The cleaned struct of the i-th form; a wrong class is a bug. */
CLEF_API(void *, formset_cleaned, FormSet *set, size_t i, const FormClass *cls) CLEF_NONNULL;
#define FORMSET_CLEANED(set, i, T) ((T *)formset_cleaned((set), (i), &T##_form))
/* Marked for deletion (and the set may delete). */
CLEF_API(bool, formset_is_deleted, FormSet *set, size_t i);
/* The indexes of changed, not deleted forms in the order that was posted; *n of them. */
CLEF_API(const size_t *, formset_ordered, FormSet *set, size_t *n);
/* The form that scripts copy: its prefix has __prefix__ for the number. */
CLEF_API(Form *, formset_empty_form, FormSet *set) CLEF_NONNULL;
CLEF_API(Form *, formset_management_form, FormSet *set) CLEF_NONNULL;
CLEF_API(void, formset_add_error, FormSet *set, const char *code, const char *format, ...) CLEF_PRINTF(3, 4);
CLEF_API(const ValidationErrors *, formset_non_form_errors, FormSet *set) CLEF_NONNULL;
CLEF_API(bool, formset_has_changed, FormSet *set);
CLEF_API(SafeStr, formset_html, FormSet *set);
CLEF_API(SafeStr, formset_render, FormSet *set, const char *template_name);

#endif
