/* kinds.c: which class does the work of a kind of field. */
#include "forms/forms.h"
#include <clef/base/assert.h>

static const FormFieldClass *const classes[FORM_FIELD_KINDS] = {
    [FORM_FIELD_CHAR] = &char_field,
    [FORM_FIELD_EMAIL] = &email_field,
    [FORM_FIELD_URL] = &url_field,
    [FORM_FIELD_SLUG] = &slug_field,
    [FORM_FIELD_GENERIC_IP] = &ip_field,
    [FORM_FIELD_REGEX] = &regex_field,
    [FORM_FIELD_FILE_PATH] = &file_path_field,
    [FORM_FIELD_INTEGER] = &integer_field,
    [FORM_FIELD_FLOAT] = &float_field,
    [FORM_FIELD_DECIMAL] = &decimal_field,
    [FORM_FIELD_BOOLEAN] = &boolean_field,
    [FORM_FIELD_NULL_BOOLEAN] = &null_boolean_field,
    [FORM_FIELD_DATE] = &date_field,
    [FORM_FIELD_TIME] = &time_field,
    [FORM_FIELD_DATETIME] = &datetime_field,
    [FORM_FIELD_SPLIT_DATETIME] = &split_datetime_field,
    [FORM_FIELD_DURATION] = &duration_field,
    [FORM_FIELD_UUID] = &uuid_field,
    [FORM_FIELD_CHOICE] = &choice_field,
    [FORM_FIELD_TYPED_CHOICE] = &typed_choice_field,
    [FORM_FIELD_MULTIPLE_CHOICE] = &multiple_choice_field,
    [FORM_FIELD_TYPED_MULTIPLE_CHOICE] = &typed_multiple_choice_field,
    [FORM_FIELD_FILE] = &file_field,
    [FORM_FIELD_IMAGE] = &image_field,
    [FORM_FIELD_JSON] = &json_field,
    [FORM_FIELD_COMBO] = &combo_field,
    [FORM_FIELD_MULTI_VALUE] = &multi_value_field,
    [FORM_FIELD_MODEL_CHOICE] = &model_choice_field,
    [FORM_FIELD_MODEL_MULTIPLE_CHOICE] = &model_multiple_choice_field,
};

const FormFieldClass *kind_class(FormFieldKind kind)
{
    ASSERT(kind > FORM_FIELD_NONE && kind < FORM_FIELD_KINDS);
    return classes[kind];
}
