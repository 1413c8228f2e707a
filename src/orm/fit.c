/* fit.c: values as their column wants them, and what a database gave as users see it. */
#include "orm/node.h"
#include <clef/base/double.h>
#include <clef/base/vec.h>

static CLEF_COLD CLEF_NORETURN void bad_value(Context *cx, const FieldInfo *field, const char *expected, Value v)
{
    Str text;
    const char *quoted = value_to_str(v, &text) ? "'" : "";
    if (!*quoted)
        text = v.tag == VALUE_INT ? str_format(cx->arena, "%lld", (long long)v.i) : str_c(value_type_name(v));
    RAISE(cx, 500, "value_error", "Field '%.*s' expected %s but got %s%.*s%s.", STR_FMT(field->name), expected, quoted,
          STR_FMT(text), quoted);
}

/* --- values */

static bool is_integer_kind(FieldKind k)
{
    return (k >= FIELD_INTEGER && k <= FIELD_POSITIVE_SMALL_INTEGER) || (k >= FIELD_AUTO && k <= FIELD_SMALL_AUTO);
}

static Value key_of_row(Context *cx, const FieldInfo *field, const void *row)
{
    if (!field->to)
        RAISE(cx, 500, "value_error", "Field '%.*s' is no relation, and cannot be compared with a row.",
              STR_FMT(field->name));
    RowState *state = *row_state_of((void *)row);
    /* A row of a parent will do where the key is the parent's. */
    if (state && !info_is_a(state->info, field->to) &&
        !(field->to_field->f->parent_link && info_is_a(field->to, state->info)))
        RAISE(cx, 500, "value_error", "Cannot query \"%.*s\": Must be \"%.*s\" instance.", STR_FMT(state->info->name),
              STR_FMT(field->to->name));
    Value key = member_load(cx->arena, field->to_field->f, row);
    if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
        RAISE(cx, 500, "value_error", "Model instances passed to related filters must be saved.");
    return value_copy(cx->arena, key);
}

/* A text that stands for a value of another type, as LOOKUP and forms give it. */
static Value from_text(Context *cx, const FieldInfo *field, Value v)
{
    Arena *a = cx->arena;
    Str s = str_trim(v.s);
    int64_t i;
    double d;
    switch (field->kind) {
    case FIELD_FLOAT:
        if (!double_parse_any(s, &d))
            bad_value(cx, field, "a number", v);
        return value_double(d);
    case FIELD_BOOLEAN:
        if (str_eq(s, STR("True")) || str_eq(s, STR("true")) || str_eq(s, STR("t")) || str_eq(s, STR("1")))
            return value_bool(true);
        if (str_eq(s, STR("False")) || str_eq(s, STR("false")) || str_eq(s, STR("f")) || str_eq(s, STR("0")))
            return value_bool(false);
        RAISE(cx, 500, "value_error", "“%.*s” value must be either True or False.", STR_FMT(s));
    case FIELD_DECIMAL: {
        Decimal *x = NEW(a, Decimal);
        if (decimal_parse(a, s, x) != DECIMAL_OK)
            RAISE(cx, 500, "value_error", "“%.*s” value must be a decimal number.", STR_FMT(s));
        return value_decimal(x);
    }
    case FIELD_DATE: {
        Date x;
        if (date_parse(s, &x) != PARSE_OK)
            RAISE(cx, 500, "value_error", "“%.*s” value has an invalid date format. It must be in YYYY-MM-DD format.",
                  STR_FMT(s));
        return value_date(x);
    }
    case FIELD_TIME: {
        Time x;
        if (time_parse(s, &x) != PARSE_OK)
            RAISE(cx, 500, "value_error",
                  "“%.*s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.", STR_FMT(s));
        return value_time(x);
    }
    case FIELD_DATETIME: {
        ParsedDateTime x;
        DateTime t;
        if (datetime_parse(s, &x) != PARSE_OK || !datetime_from_naive(x.local, x.aware ? x.offset : 0, &t))
            RAISE(cx, 500, "value_error",
                  "“%.*s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
                  STR_FMT(s));
        return value_datetime(t, NULL);
    }
    case FIELD_UUID: {
        Uuid *x = NEW(a, Uuid);
        if (!uuid_parse(s, x))
            RAISE(cx, 500, "value_error", "“%.*s” is not a valid UUID.", STR_FMT(s));
        return value_uuid(x);
    }
    case FIELD_DURATION: {
        Duration x;
        if (duration_parse(s, &x) != PARSE_OK)
            bad_value(cx, field, "a duration", v);
        return value_duration(x);
    }
    default:
        if (!is_integer_kind(field->kind))
            return v;
        if (!str_to_i64(s, &i))
            bad_value(cx, field, "a number", v);
        return value_int(i);
    }
}

static Value quantized(Context *cx, const FieldInfo *field, Value v)
{
    Decimal d = v.tag == VALUE_INT      ? decimal_from_i64(v.i)
                : v.tag == VALUE_DOUBLE ? decimal_from_double_short(v.d)
                                        : *v.decimal;
    if (field->stored->max_digits && decimal_is_finite(d) &&
        decimal_quantize(cx->arena, d, -field->stored->decimal_places, ROUND_HALF_EVEN, &d) != DECIMAL_OK)
        bad_value(cx, field, "a decimal number that fits", v);
    Decimal *kept = NEW(cx->arena, Decimal);
    *kept = d;
    return value_decimal(kept);
}

Value value_for_field(Context *cx, const FieldInfo *field, Value v)
{
    FieldKind k = field->kind;
    if (v.tag == VALUE_OBJECT && v.cls == &row_class)
        return key_of_row(cx, field, v.object);
    if (v.tag == VALUE_NULL)
        return v;
    if (value_is_text(v))
        v = from_text(cx, field, v);
    ValueTag tag = (ValueTag)v.tag;
    if (is_integer_kind(k)) {
        if (tag == VALUE_BOOL)
            return value_int(v.b);
        if (tag == VALUE_DOUBLE && v.d >= -9e15 && v.d <= 9e15)
            return value_double(v.d);
        if (tag != VALUE_INT)
            bad_value(cx, field, "a number", v);
        return v;
    }
    switch (k) {
    case FIELD_BOOLEAN:
        if (tag == VALUE_INT && (v.i == 0 || v.i == 1))
            return value_bool(v.i);
        if (tag != VALUE_BOOL)
            bad_value(cx, field, "True or False", v);
        return v;
    case FIELD_FLOAT:
        if (tag == VALUE_DECIMAL)
            return value_double(decimal_to_double(*v.decimal));
        if (tag != VALUE_DOUBLE && tag != VALUE_INT)
            bad_value(cx, field, "a number", v);
        return v;
    case FIELD_DECIMAL:
        if (tag != VALUE_DECIMAL && tag != VALUE_INT && tag != VALUE_DOUBLE)
            bad_value(cx, field, "a decimal number", v);
        return quantized(cx, field, v);
    case FIELD_DATE:
        if (tag == VALUE_DATETIME)
            return value_date(naive_date((NaiveDateTime){ v.us }));
        if (tag != VALUE_DATE)
            bad_value(cx, field, "a date", v);
        return v;
    case FIELD_DATETIME:
        if (tag == VALUE_DATE)
            return value_naive(naive_combine((Date){ (int32_t)v.us }, (Time){ 0 }));
        if (tag != VALUE_DATETIME)
            bad_value(cx, field, "an instant", v);
        return v;
    case FIELD_TIME:
        if (tag != VALUE_TIME)
            bad_value(cx, field, "a time", v);
        return v;
    case FIELD_DURATION:
        if (tag != VALUE_DURATION && tag != VALUE_INT)
            bad_value(cx, field, "a duration", v);
        return v;
    case FIELD_UUID:
        if (tag != VALUE_UUID)
            bad_value(cx, field, "a UUID", v);
        return v;
    case FIELD_BINARY:
        if (tag == VALUE_STR)
            v.tag = VALUE_BYTES;
        return v;
    default: /* texts: Django writes str() of whatever it gets */
        if (tag == VALUE_INT)
            return value_str(str_format(cx->arena, "%lld", (long long)v.i));
        if (tag != VALUE_STR && tag != VALUE_SAFE)
            bad_value(cx, field, "a text", v);
        return v;
    }
}

/* The pattern of LIKE in which the text stands for itself. */
Value value_for_pattern(Context *cx, Op op, Value v)
{
    Str text;
    if (v.tag == VALUE_INT)
        text = str_format(cx->arena, "%lld", (long long)v.i);
    else if (!value_to_str(v, &text))
        RAISE(cx, 500, "value_error", "The lookup %s searches for a text, not for a %s.", op_name(op),
              value_type_name(v));
    bool before = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_ENDSWITH || op == OP_IENDSWITH;
    bool after = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_STARTSWITH || op == OP_ISTARTSWITH;
    Buf b = BUF_INIT(cx->arena, 2 * text.n + 2);
    if (before)
        buf_byte(&b, '%');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\')
            buf_byte(&b, '\\');
        buf_byte(&b, text.p[i]);
    }
    if (after)
        buf_byte(&b, '%');
    return value_str(buf_view(&b));
}

List *values_for_field(Context *cx, const FieldInfo *field, Op op, Value v)
{
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "value_error", "The lookup %s takes a list of values, not a %s.", op_name(op),
              value_type_name(v));
    if (op == OP_RANGE && v.list->n != 2)
        RAISE(cx, 500, "value_error", "The lookup range takes two values, not %zu.", v.list->n);
    List *out = list_new(cx->arena);
    for (size_t i = 0; i < v.list->n; i++) {
        Value one = value_for_field(cx, field, v.list->p[i]);
        if (one.tag == VALUE_NULL && op == OP_RANGE)
            RAISE(cx, 500, "value_error", "Cannot use None as a query value");
        if (one.tag != VALUE_NULL) /* NULL is in no list */
            list_push(cx->arena, out, one);
    }
    return out;
}

/* --- conditions */
/* --- back */

Value value_from_column(Context *cx, const FieldInfo *out, const Value *cell)
{
    if (!out || cell->tag == VALUE_NULL)
        return value_copy(cx->arena, *cell);
    if (out->kind == FIELD_DECIMAL &&
        out->f == type_field(FIELD_DECIMAL)->f) { /* computed: as many digits as a double holds */
        Decimal *d = NEW(cx->arena, Decimal);
        Str text;
        if (cell->tag == VALUE_INT)
            *d = decimal_of(cell->i, 0);
        else if (cell->tag != VALUE_DOUBLE
                     ? !value_to_str(*cell, &text) || decimal_parse(cx->arena, text, d) != DECIMAL_OK
                     : decimal_parse(cx->arena, str_format(cx->arena, "%.15g", cell->d), d) != DECIMAL_OK)
            return value_copy(cx->arena, *cell);
        return value_decimal(d);
    }
    /* Through a member of the field's type, as a row would hold it. */
    Field f = *out->f;
    Value member[4] = { { 0 } };
    _Static_assert(sizeof member >= sizeof(OptDateTime) && sizeof member >= sizeof(OptDecimal), "any member fits");
    f.offset = 0;
    if (!member_store(cx->arena, &f, out->stored, member, cell, true))
        RAISE(cx, 500, "data_error", "The database gave a %s for a %s.", value_type_name(*cell), field_class(out->f));
    return value_copy(cx->arena, member_load(cx->arena, &f, member));
}
