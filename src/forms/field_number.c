/* field_number.c: fields of numbers and of yes and no. */
#include "forms/forms.h"
#include <clef/base/double.h>
#include <clef/base/utf8.h>

#include <math.h>

enum { DIGITS_MAX = 4300 }; /* of one integer, as Python's int() */

/* The digit 0 of each script that has decimal digits (Unicode's Nd). */
static const uint32_t zeros[] = {
    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,   0xce6,   0xd66,   0xde6,
    0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,
    0x1c40,  0x1c50,  0xa620,  0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50,
    0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
};

/* With the digits of all scripts as ASCII ones, as Python reads numbers. */
static Str ascii_digits(Arena *a, Str s)
{
    if (utf8_is_ascii(s))
        return s;
    Buf b = BUF_INIT(a, s.n);
    buf_add(&b, "", 0);
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        size_t i = 0;
        while (i < CLEF_COUNT(zeros) && !(c >= zeros[i] && c <= zeros[i] + 9))
            i++;
        if (i < CLEF_COUNT(zeros))
            buf_byte(&b, (char)('0' + (c - zeros[i])));
        else
            buf_str(&b, str_slice(s, from, at));
    }
    return buf_view(&b);
}

/* A number as the person wrote it: with .localize in the way of the language. */
static Str given_text(FieldRun *run, Value in)
{
    Str s = value_python_str(run->arena, in);
    return run->f->localize && value_is_text(in) ? sanitize_separators(run->arena, locale_of(run->cx), s) : s;
}

/*
 * The text without blanks around and single underscores between digits, as Python's int(), float() and Decimal() read
 * it.
 */
static Str number_text(Arena *a, Str s)
{
    s = ascii_digits(a, text_strip(s));
    if (str_find_byte(s, '_') == STR_NPOS)
        return s;
    Buf b = BUF_INIT(a, s.n);
    for (size_t i = 0; i < s.n; i++) {
        bool between =
            i > 0 && i + 1 < s.n && s.p[i - 1] >= '0' && s.p[i - 1] <= '9' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9';
        if (s.p[i] == '_' && !between)
            return s;
        if (s.p[i] != '_')
            buf_byte(&b, s.p[i]);
    }
    return buf_view(&b);
}

/* "5.00 " is 5 for an integer field: a point with zeros only, at the end, goes. */
static Str without_zeros(Str s)
{
    Str t = text_strip(s);
    size_t end = t.n;
    while (end && t.p[end - 1] == '0')
        end--;
    return end && t.p[end - 1] == '.' ? str_slice(t, 0, end - 1) : s;
}

static bool is_integer_text(Str s)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    if (i == s.n || s.n - i > DIGITS_MAX)
        return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static bool integer_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_null();
    if (field_value_empty(in))
        return true;
    Str s = number_text(run->arena, without_zeros(given_text(run, in)));
    int64_t n;
    if (!is_integer_text(s))
        return field_fail(run, "invalid", "Enter a whole number.", NULL);
    if (str_to_i64(s, &n)) {
        *out = value_int(n);
        return true;
    }
    Decimal *d = NEW(run->arena, Decimal);
    if (decimal_parse(run->arena, s, d) != DECIMAL_OK)
        return field_fail(run, "invalid", "Enter a whole number.", NULL);
    *out = value_bigint(d);
    return true;
}

static bool float_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_null();
    double d;
    if (field_value_empty(in))
        return true;
    if (!double_parse_any(number_text(run->arena, given_text(run, in)), &d))
        return field_fail(run, "invalid", "Enter a number.", NULL);
    *out = value_double(d);
    return true;
}

static bool float_validate(FieldRun *run, Value v)
{
    if (v.tag == VALUE_DOUBLE && !isfinite(v.d))
        return field_fail(run, "invalid", "Enter a number.", NULL);
    return true;
}

static bool decimal_to_python(FieldRun *run, Value in, Value *out)
{
    *out = value_null();
    if (field_value_empty(in))
        return true;
    Decimal *d = NEW(run->arena, Decimal);
    if (in.tag == VALUE_DECIMAL) {
        *out = in;
        return true;
    }
    if (decimal_parse(run->arena, number_text(run->arena, given_text(run, in)), d) != DECIMAL_OK)
        return field_fail(run, "invalid", "Enter a number.", NULL);
    *out = value_decimal(d);
    return true;
}

static bool decimal_validate(FieldRun *run, Value v)
{
    if (v.tag == VALUE_DECIMAL && !decimal_is_finite(*v.decimal))
        return field_fail(run, "invalid", "Enter a number.", value_param(run->arena, v));
    return true;
}

static void number_validators(FieldRun *run, Value v)
{
    const FormField *f = run->f;
    Value most = boxed_value(run->arena, f->max_value), least = boxed_value(run->arena, f->min_value),
          step = boxed_value(run->arena, f->step_size);
    run_own_validators(run, v);
    if (!value_is_null(most))
        run_validator(run, &(Validator){ .check = check_max_value, .limit = &most }, v);
    if (!value_is_null(least))
        run_validator(run, &(Validator){ .check = check_min_value, .limit = &least }, v);
    if (!value_is_null(step))
        run_validator(
            run,
            &(Validator){ .check = check_step_value, .limit = &step, .offset = value_is_null(least) ? NULL : &least },
            v);
}

static bool has_places(const FormField *f) { return f->decimal_places > 0 || f->has_decimal_places; }

static void decimal_validators(FieldRun *run, Value v)
{
    number_validators(run, v);
    run_validator(run,
                  &(Validator){ .check = check_decimal,
                                .max_digits = run->f->max_digits > 0 ? run->f->max_digits : -1,
                                .decimal_places = has_places(run->f) ? run->f->decimal_places : -1 },
                  v);
}

/* --- attributes */

static void limit_attr(FieldRun *run, Map *attrs, const char *name, Boxed limit)
{
    if (boxed_given(limit))
        map_set(attrs, str_c(name), value_str(value_python_str(run->arena, boxed_value(run->arena, limit))));
}

static void integer_attrs(FieldRun *run, const WidgetRun *w, Map *attrs)
{
    if (!w->cls->number)
        return;
    limit_attr(run, attrs, "min", run->f->min_value);
    limit_attr(run, attrs, "max", run->f->max_value);
    limit_attr(run, attrs, "step", run->f->step_size);
}

static void float_attrs(FieldRun *run, const WidgetRun *w, Map *attrs)
{
    integer_attrs(run, w, attrs);
    if (w->cls->number && !map_has(attrs, STR("step")) && !map_has(w->attrs, STR("step")))
        map_set(attrs, STR("step"), value_str(STR("any")));
}

static void decimal_attrs(FieldRun *run, const WidgetRun *w, Map *attrs)
{
    integer_attrs(run, w, attrs);
    if (!w->cls->number || map_has(attrs, STR("step")) || map_has(w->attrs, STR("step")))
        return;
    Str step = STR("any");
    if (has_places(run->f))
        step = str_lower(run->arena, decimal_str(run->arena, decimal_of(1, -run->f->decimal_places)));
    map_set(attrs, STR("step"), value_str(step));
}

/* --- yes and no */

static bool boolean_to_python(FieldRun *run, Value in, Value *out)
{
    (void)run;
    bool no = value_is_text(in) && (str_ieq(in.s, STR("false")) || str_eq(in.s, STR("0")));
    *out = value_bool(!no && value_truth(in));
    return true;
}

static bool boolean_validate(FieldRun *run, Value v)
{
    if (run->required && !value_truth(v))
        return field_fail(run, "required", "This field is required.", NULL);
    return true;
}

static bool boolean_has_changed(FieldRun *run, Value initial, Value data)
{
    Value x, y;
    (void)run->cls->to_python(run, initial, &x);
    (void)run->cls->to_python(run, data, &y);
    return !value_eq(x, y);
}

static bool null_boolean_to_python(FieldRun *run, Value in, Value *out)
{
    (void)run;
    *out = value_null();
    Str s = value_is_text(in) ? in.s : STR("");
    if ((in.tag == VALUE_BOOL && in.b) || str_eq(s, STR("True")) || str_eq(s, STR("true")) || str_eq(s, STR("1")))
        *out = value_bool(true);
    else if ((in.tag == VALUE_BOOL && !in.b) || str_eq(s, STR("False")) || str_eq(s, STR("false")) ||
             str_eq(s, STR("0")))
        *out = value_bool(false);
    return true;
}

const FormFieldClass integer_field = { .name = "IntegerField",
                                       .widget = &number_input_class,
                                       .to_python = integer_to_python,
                                       .validators = number_validators,
                                       .attrs = integer_attrs };
const FormFieldClass float_field = { .name = "FloatField",
                                     .widget = &number_input_class,
                                     .to_python = float_to_python,
                                     .validate = float_validate,
                                     .validators = number_validators,
                                     .attrs = float_attrs };
const FormFieldClass decimal_field = { .name = "DecimalField",
                                       .widget = &number_input_class,
                                       .to_python = decimal_to_python,
                                       .validate = decimal_validate,
                                       .validators = decimal_validators,
                                       .attrs = decimal_attrs };
const FormFieldClass boolean_field = { .name = "BooleanField",
                                       .widget = &checkbox_input_class,
                                       .to_python = boolean_to_python,
                                       .validate = boolean_validate,
                                       .has_changed = boolean_has_changed };
const FormFieldClass null_boolean_field = { .name = "NullBooleanField",
                                            .widget = &null_boolean_select_class,
                                            .to_python = null_boolean_to_python,
                                            .has_changed = boolean_has_changed,
                                            .keeps_required = true };
