/* fieldtypes.c: fields as types: what output_field takes, and the second argument of Cast. */
#include "orm/node.h"
#include "shell/eval.h"

static Value call_field(Shell *s, const ShellFunction *f, Args args)
{
    FieldType *type = NEW(s->cx->arena, FieldType);
    type->name = f->name;
    for (int kind = 1; kind < FIELD_KINDS; kind++)
        if (str_eq(str_c(field_class(&(Field){ .kind = (FieldKind)kind })), str_c(f->name)))
            type->kind = (FieldKind)kind;
    Value max_length = shell_keyword(args, "max_length", value_int(0));
    Value digits = shell_keyword(args, "max_digits", value_int(0));
    Value places = shell_keyword(args, "decimal_places", value_int(0));
    type->max_length = max_length.tag == VALUE_INT ? (int)max_length.i : 0;
    type->max_digits = digits.tag == VALUE_INT ? (int)digits.i : 0;
    type->decimal_places = places.tag == VALUE_INT ? (int)places.i : 0;
    return value_object(type, &shell_field_class);
}

static const ShellFunction functions[] = {
#define FIELD_CLASS(name) \
    {                     \
#name, call_field \
    }
    FIELD_CLASS(CharField),
    FIELD_CLASS(TextField),
    FIELD_CLASS(SlugField),
    FIELD_CLASS(EmailField),
    FIELD_CLASS(URLField),
    FIELD_CLASS(IntegerField),
    FIELD_CLASS(BigIntegerField),
    FIELD_CLASS(SmallIntegerField),
    FIELD_CLASS(PositiveIntegerField),
    FIELD_CLASS(PositiveSmallIntegerField),
    FIELD_CLASS(PositiveBigIntegerField),
    FIELD_CLASS(BooleanField),
    FIELD_CLASS(FloatField),
    FIELD_CLASS(DecimalField),
    FIELD_CLASS(DateField),
    FIELD_CLASS(TimeField),
    FIELD_CLASS(DateTimeField),
    FIELD_CLASS(DurationField),
    FIELD_CLASS(UUIDField),
    FIELD_CLASS(JSONField),
    FIELD_CLASS(BinaryField),
    FIELD_CLASS(GenericIPAddressField),
    { NULL, NULL },
};
const ShellFunction *const shell_field_types = functions;
