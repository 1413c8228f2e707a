/* limits.c: validators that compare: values, steps, lengths, digits; extensions of files; NUL characters. */
#include <clef/base/buf.h>
#include <clef/base/utf8.h>
#include <clef/validators/validator.h>
#include <math.h>

static Value limit_of(Validation *v)
{
    const Validator *own = v->validator;
    return own->limit ? *own->limit : own->limit_box ? own->limit_box(v->arena, own->limit_at) : value_null();
}

static Map *params_of(Validation *v, Value limit, Value shown)
{
    Map *m = map_new(v->arena);
    map_set(m, STR("limit_value"), limit);
    map_set(m, STR("show_value"), shown);
    map_set(m, STR("value"), v->value);
    return m;
}

void check_max_value(Validation *v)
{
    Value limit = limit_of(v);
    if (value_cmp(v->value, limit) == VALUE_GREATER)
        validation_fail_params(v, "max_value", "Ensure this value is less than or equal to %(limit_value)s.",
                               params_of(v, limit, v->value));
}

void check_min_value(Validation *v)
{
    Value limit = limit_of(v);
    if (value_cmp(v->value, limit) == VALUE_LESS)
        validation_fail_params(v, "min_value", "Ensure this value is greater than or equal to %(limit_value)s.",
                               params_of(v, limit, v->value));
}

static double as_double(Value v)
{
    double d = 0;
    if (v.tag == VALUE_DECIMAL || v.tag == VALUE_BIGINT)
        return decimal_to_double(*v.decimal);
    return value_to_double(v, &d) ? d : NAN;
}

/* offset + times * step, in the type of the value that was given. */
static Value stepped(Validation *v, Value offset, Value step, int times)
{
    int64_t o, s;
    if (value_to_int(offset, &o) && value_to_int(step, &s))
        return value_int(o + times * s);
    if (v->value.tag == VALUE_DECIMAL) {
        Decimal x = decimal_from_double_short(as_double(offset)), y = decimal_from_double_short(as_double(step)),
                *sum = NEW(v->arena, Decimal);
        if (offset.tag == VALUE_DECIMAL)
            x = *offset.decimal;
        if (step.tag == VALUE_DECIMAL)
            y = *step.decimal;
        for (int i = 0; i < times; i++)
            if (decimal_add(v->arena, x, y, &x) != DECIMAL_OK)
                break;
        *sum = x;
        return value_decimal(sum);
    }
    return value_double(as_double(offset) + times * as_double(step));
}

void check_step_value(Validation *v)
{
    Value step = limit_of(v), offset = v->validator->offset ? *v->validator->offset : value_null();
    double from = value_is_null(offset) ? 0 : as_double(offset);
    if (fabs(remainder(as_double(v->value) - from, as_double(step))) <= 1e-9)
        return;
    if (value_is_null(offset)) {
        validation_fail_params(v, "step_size", "Ensure this value is a multiple of step size %(limit_value)s.",
                               params_of(v, step, v->value));
        return;
    }
    Map *m = map_new(v->arena);
    map_set(m, STR("limit_value"), step);
    map_set(m, STR("offset"), stepped(v, offset, step, 0));
    map_set(m, STR("valid_value1"), stepped(v, offset, step, 1));
    map_set(m, STR("valid_value2"), stepped(v, offset, step, 2));
    validation_fail_params(v, "step_size",
                           "Ensure this value is a multiple of step size %(limit_value)s, starting from %(offset)s, "
                           "e.g. %(offset)s, %(valid_value1)s, %(valid_value2)s, and so on.",
                           m);
}

static void check_length(Validation *v, bool least, const char *code, const char *one, const char *many)
{
    size_t n;
    int64_t limit;
    if (!value_length(v->value, &n) || !value_to_int(limit_of(v), &limit))
        return;
    if (least ? (int64_t)n < limit : (int64_t)n > limit)
        validation_fail_params(v, code, limit == 1 ? one : many, params_of(v, value_int(limit), value_int((int64_t)n)));
}

void check_min_length(Validation *v)
{
    check_length(v, true, "min_length",
                 "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
                 "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).");
}

void check_max_length(Validation *v)
{
    check_length(v, false, "max_length",
                 "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
                 "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).");
}

static Map *max_params(Validation *v, int64_t max)
{
    Map *m = map_new(v->arena);
    map_set(m, STR("max"), value_int(max));
    map_set(m, STR("value"), v->value);
    return m;
}

void check_decimal(Validation *v)
{
    if (v->value.tag != VALUE_DECIMAL)
        return;
    Decimal d = *v->value.decimal;
    int64_t max_digits = v->validator->max_digits, places = v->validator->decimal_places;
    if (!decimal_is_finite(d)) {
        validation_fail_params(v, "invalid", "Enter a number.", max_params(v, 0));
        return;
    }
    int64_t digits = decimal_digits(d), decimals = 0;
    if (d.exponent >= 0) {
        if (!decimal_is_zero(d))
            digits += d.exponent;
    } else {
        decimals = -(int64_t)d.exponent;
        if (decimals > digits)
            digits = decimals;
    }
    if (max_digits >= 0 && digits > max_digits)
        validation_fail_params(v, "max_digits",
                               max_digits == 1 ? "Ensure that there are no more than %(max)s digit in total."
                                               : "Ensure that there are no more than %(max)s digits in total.",
                               max_params(v, max_digits));
    else if (places >= 0 && decimals > places)
        validation_fail_params(v, "max_decimal_places",
                               places == 1 ? "Ensure that there are no more than %(max)s decimal place."
                                           : "Ensure that there are no more than %(max)s decimal places.",
                               max_params(v, places));
    else if (max_digits >= 0 && places >= 0 && digits - decimals > max_digits - places)
        validation_fail_params(v, "max_whole_digits",
                               max_digits - places == 1
                                   ? "Ensure that there are no more than %(max)s digit before the decimal point."
                                   : "Ensure that there are no more than %(max)s digits before the decimal point.",
                               max_params(v, max_digits - places));
}

/* --- files */

static void check_extension(Validation *v, const char *const *allowed)
{
    Value name;
    if (!value_item(v->arena, v->value, value_str(STR("name")), &name) || !value_is_text(name))
        return;
    size_t slash = str_rfind_byte(name.s, '/');
    Str file = slash == STR_NPOS ? name.s : str_from_byte(name.s, slash + 1);
    size_t dot = str_rfind_byte(file, '.');
    bool none = dot == STR_NPOS || dot == 0 || dot + 1 == file.n;
    Str extension = none ? STR("") : str_lower(v->arena, str_from_byte(file, dot + 1));
    Buf list = BUF_INIT(v->arena, 1 << 16);
    buf_add(&list, "", 0);
    for (size_t i = 0; allowed[i]; i++) {
        if (str_ieq(str_c(allowed[i]), extension))
            return;
        if (i)
            BUF_LIT(&list, ", ");
        buf_str(&list, str_lower(v->arena, str_c(allowed[i])));
    }
    Map *m = map_new(v->arena);
    map_set(m, STR("extension"), value_str(extension));
    map_set(m, STR("allowed_extensions"), value_str(buf_view(&list)));
    map_set(m, STR("value"), v->value);
    validation_fail_params(v, "invalid_extension",
                           "File extension “%(extension)s” is not allowed. Allowed extensions are: "
                           "%(allowed_extensions)s.",
                           m);
}

void check_file_extension(Validation *v)
{
    if (v->validator->words)
        check_extension(v, v->validator->words);
}

void check_image_extension(Validation *v)
{
    static const char *const images[] = {
        "avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "tif", "tiff", "webp", NULL
    };
    check_extension(v, images);
}

void check_no_nulls(Validation *v)
{
    if (value_is_text(v->value) && str_find_byte(v->value.s, 0) != STR_NPOS)
        validation_fail_params(v, "null_characters_not_allowed", "Null characters are not allowed.",
                               params_of(v, value_null(), v->value));
}
