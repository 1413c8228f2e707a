/*
 * value.h: forms, their fields and formsets as boxed values, for templates: VALUE(form) works once this is included, beside
 * rows and querysets.
 */
#ifndef CLEF_FORMS_VALUE_H
#define CLEF_FORMS_VALUE_H

#include <clef/forms/formset.h>
#include <clef/orm/value.h>

CLEF_DATA(const ValueClass, form_class);
CLEF_DATA(const ValueClass, bound_field_class);
CLEF_DATA(const ValueClass, formset_class);

static inline Value value_form(const Form *form) { return value_object(form, &form_class); }
static inline Value value_bound_field(const BoundField *field) { return value_object(field, &bound_field_class); }
static inline Value value_formset(const FormSet *set) { return value_object(set, &formset_class); }

CLEF_BOX(form, void, value_form(*(Form *const *)v))
CLEF_BOX(bound_field, void, value_bound_field(*(BoundField *const *)v))
CLEF_BOX(formset, void, value_formset(*(FormSet *const *)v))
#undef CLEF_VALUE_UPPER_4
/* clang-format off */
#define CLEF_VALUE_UPPER_4(F) \
    Form *: F(clef_value_of_form), BoundField *: F(clef_value_of_bound_field), FormSet *: F(clef_value_of_formset),
/* clang-format on */

#endif
