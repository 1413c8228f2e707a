/* forms.h: forms, their fields and widgets, formsets. */
#ifndef CLEF_FORMS_H
#define CLEF_FORMS_H

#include <clef/forms/field.h>
#include <clef/forms/form.h>
#include <clef/forms/formset.h>
#include <clef/forms/model_form.h>
#include <clef/forms/render.h>
#include <clef/forms/value.h>
#include <clef/forms/widget.h>

#endif
