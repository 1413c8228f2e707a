/* fit.c: values as their column wants them, and what a database gave as users see it. */
#include "orm/node.h"
#include <clef/base/double.h>
#include <clef/base/vec.h>
#include <clef/codec/host.h>
#include <clef/codec/json.h>
#include <clef/i18n/locale.h>
#include <clef/orm/row.h>

enum { JSON_MAX = 1 << 24 };

static CLEF_COLD CLEF_NORETURN void bad_value(Context *cx, const FieldInfo *field, const char *expected, Value v)
{
    Str text;
    const char *quoted = value_to_str(v, &text) ? "'" : "";
    while (field->to && field->to_field) /* a relation's value is that of the key it leads to */
        field = field->to_field;
    Str name = field->model ? field->name : STR("None");
    if (!*quoted)
        text = v.tag == VALUE_INT ? str_format(cx->arena, "%lld", (long long)v.i) : str_c(value_type_name(v));
    RAISE(cx, 500, "value_error", "Field '%.*s' expected %s but got %s%.*s%s.", STR_FMT(name), expected, quoted,
          STR_FMT(text), quoted);
}

/* --- values */

static Value key_of_row(Context *cx, const FieldInfo *field, const void *row)
{
    if (!field->to)
        RAISE(cx, 500, "value_error", "Field '%.*s' is no relation, and cannot be compared with a row.",
              STR_FMT(field->name));
    RowState *state = *row_state_of((void *)row);
    /* A row of a parent will do where the key is the parent's. */
    if (state && !info_is_a(state->info, field->to) &&
        !(field->to_field->f->parent_link && info_is_a(field->to, state->info)))
        RAISE(cx, 500, "value_error", "Cannot query \"%.*s\": Must be \"%.*s\" instance.",
              STR_FMT(row_str(cx, state->info->m, row)), STR_FMT(field->to->name));
    Value key = member_load(cx->arena, field->to_field->f, row);
    if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
        RAISE(cx, 500, "value_error", "Model instances passed to related filters must be saved.");
    return value_copy(cx->arena, key);
}

const TimeZone *current_zone(const Context *cx) { return cx->locale ? cx->locale->zone : timezone_utc(); }
static const TimeZone *default_zone(const Context *cx)
{
    return cx->locale ? cx->locale->default_zone : timezone_utc();
}

/* A day, or a time without a zone, is meant in TIME_ZONE. */
static Value in_default_zone(Context *cx, Value v)
{
    NaiveDateTime local =
        v.tag == VALUE_DATE ? naive_combine((Date){ (int32_t)v.us }, (Time){ 0 }) : (NaiveDateTime){ v.us };
    DateTime t;
    return timezone_instant(default_zone(cx), local, 0, &t) ? value_datetime(t, NULL) : value_naive(local);
}

static CLEF_COLD CLEF_NORETURN void no_such_moment(Context *cx, Str s, const char *format, const char *what)
{
    RAISE(cx, 500, "validation_error", "“%.*s” value has the correct format (%s) but it is an invalid %s.", STR_FMT(s),
          format, what);
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
        RAISE(cx, 500, "validation_error", "“%.*s” value must be either True or False.", STR_FMT(s));
    case FIELD_DECIMAL: {
        Decimal *x = NEW(a, Decimal);
        if (decimal_parse(a, s, x) != DECIMAL_OK)
            RAISE(cx, 500, "validation_error", "“%.*s” value must be a decimal number.", STR_FMT(s));
        return value_decimal(x);
    }
    case FIELD_DATE: {
        Date x;
        ParseOutcome outcome = date_parse(s, &x);
        if (outcome == PARSE_OUT_OF_RANGE)
            no_such_moment(cx, s, "YYYY-MM-DD", "date");
        if (outcome != PARSE_OK)
            RAISE(cx, 500, "validation_error",
                  "“%.*s” value has an invalid date format. It must be in YYYY-MM-DD format.", STR_FMT(s));
        return value_date(x);
    }
    case FIELD_TIME: {
        Time x;
        ParseOutcome outcome = time_parse(s, &x);
        if (outcome == PARSE_OUT_OF_RANGE)
            no_such_moment(cx, s, "HH:MM[:ss[.uuuuuu]]", "time");
        if (outcome != PARSE_OK)
            RAISE(cx, 500, "validation_error",
                  "“%.*s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.", STR_FMT(s));
        return value_time(x);
    }
    case FIELD_DATETIME: {
        ParsedDateTime x;
        DateTime t;
        Date day;
        ParseOutcome outcome = datetime_parse(s, &x);
        if (outcome == PARSE_OUT_OF_RANGE && s.n > 10)
            no_such_moment(cx, s, "YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]", "date/time");
        if (date_parse(s, &day) == PARSE_OUT_OF_RANGE)
            no_such_moment(cx, s, "YYYY-MM-DD", "date");
        if (outcome != PARSE_OK || !(x.aware ? datetime_from_naive(x.local, x.offset, &t)
                                             : timezone_instant(default_zone(cx), x.local, 0, &t)))
            RAISE(cx, 500, "validation_error",
                  "“%.*s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
                  STR_FMT(s));
        return value_datetime(t, NULL);
    }
    case FIELD_UUID: {
        Uuid *x = NEW(a, Uuid);
        if (!uuid_parse(s, x))
            RAISE(cx, 500, "validation_error", "“%.*s” is not a valid UUID.", STR_FMT(s));
        return value_uuid(x);
    }
    case FIELD_DURATION: {
        Duration x;
        if (duration_parse(s, &x) != PARSE_OK)
            bad_value(cx, field, "a duration", v);
        return value_duration(x);
    }
    default:
        if (!kind_is_integer(field->kind))
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

/* Of a primary key of several columns: a list of as many values. */
static Value composite_for_field(Context *cx, const FieldInfo *field, Value v)
{
    const ModelInfo *info = field->model;
    if (v.tag != VALUE_LIST || v.list->n != info->nkeys)
        RAISE(cx, 500, "value_error", "'pk' of %s must be a list of %zu values.", info->m->name, info->nkeys);
    List *parts = list_new(cx->arena);
    for (size_t i = 0; i < info->nkeys; i++)
        list_push(cx->arena, parts, value_for_field(cx, info->keys[i], v.list->p[i]));
    return value_list(parts);
}

Value value_for_field(Context *cx, const FieldInfo *field, Value v)
{
    if (field->kind == FIELD_COMPOSITE)
        return composite_for_field(cx, field, v);
    FieldKind k = field->kind;
    if (v.tag == VALUE_OBJECT && v.cls == &row_class)
        return key_of_row(cx, field, v.object);
    if (v.tag == VALUE_NULL)
        return v;
    if (k == FIELD_JSON)
        return v;
    if (value_is_text(v))
        v = from_text(cx, field, v);
    ValueTag tag = (ValueTag)v.tag;
    if (kind_is_integer(k)) {
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
        if (tag == VALUE_DATETIME) {
            NaiveDateTime local = { v.us };
            return v.zone && !timezone_local(default_zone(cx), (DateTime){ v.us }, &local, NULL)
                       ? v
                       : value_date(naive_date(local));
        }
        if (tag != VALUE_DATE)
            bad_value(cx, field, "a date", v);
        return v;
    case FIELD_DATETIME:
        if (tag != VALUE_DATE && tag != VALUE_DATETIME)
            bad_value(cx, field, "an instant", v);
        return tag == VALUE_DATE || !v.zone ? in_default_zone(cx, v) : v;
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
    case FIELD_GENERIC_IP: {
        uint8_t address[16];
        if (!value_is_text(v))
            bad_value(cx, field, "an address", v);
        bool six = str_find_byte(v.s, ':') != STR_NPOS && ip6_parse_field(str_trim(v.s), address);
        return six ? value_str(ip6_format(cx->arena, address, false)) : v;
    }
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
    if (op == OP_REGEX || op == OP_IREGEX) /* its backslashes are its own */
        return value_str(text);
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

Value value_as_json(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, JSON_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "type_error", "A %s is no value that JSON can hold.", value_type_name(v));
    return value_str(buf_view(&b));
}

Value value_for_related(Context *cx, const FieldInfo *field, const void *row)
{
    RowState *state = *row_state_of((void *)row);
    const ModelInfo *info = state ? state->info : field->model;
    bool related = !info || info_is_a(info, field->model) || info_is_a(field->model, info);
    if (!related)
        RAISE(cx, 500, "value_error", "Cannot query \"%.*s\": Must be \"%.*s\" instance.",
              STR_FMT(row_str(cx, state->info->m, row)), STR_FMT(field->model->name));
    return value_copy(cx->arena, member_load(cx->arena, state ? info->pk->f : field->f, row));
}

static Value rounded(Op op, double d)
{
    double whole = op == OP_GTE || op == OP_LT ? __builtin_ceil(d) : __builtin_trunc(d);
    return whole >= -9e18 && whole <= 9e18 ? value_int((int64_t)whole) : value_double(whole);
}

Value value_for_column(Context *cx, const FieldInfo *field, Value v)
{
    return field->kind == FIELD_JSON && v.tag != VALUE_NULL ? value_as_json(cx, v) : value_for_field(cx, field, v);
}

Value value_for_lookup(Context *cx, const FieldInfo *field, Op op, Value v)
{
    FieldKind k = field->kind;
    if (k == FIELD_JSON)
        return value_as_json(cx, v);
    if (kind_is_integer(k) && !field->to && v.tag == VALUE_DOUBLE)
        return rounded(op, v.d);
    if (kind_is_integer(k) && v.tag == VALUE_DECIMAL)
        return rounded(op, decimal_to_double(*v.decimal));
    return value_for_field(cx, field, v);
}

/* --- back */

/* Computed by SQLite with binary numbers: the 15 digits that Django keeps of them. */
static bool computed_decimal(Context *cx, const Value *cell, Decimal *out)
{
    Str text;
    Decimal d;
    switch ((ValueTag)cell->tag) {
    case VALUE_INT:
        *out = decimal_of(cell->i, 0);
        return true;
    case VALUE_DECIMAL:
    case VALUE_BIGINT:
        *out = decimal_copy(cx->arena, *cell->decimal);
        return true;
    case VALUE_DOUBLE:
        d = decimal_from_double(cx->arena, cell->d);
        if (decimal_is_finite(d) && decimal_digits(d) > 15 &&
            decimal_round(cx->arena, d, 15, ROUND_HALF_EVEN, &d) != DECIMAL_OK)
            return false;
        *out = d;
        return true;
    default:
        return value_to_str(*cell, &text) && decimal_parse(cx->arena, text, out) == DECIMAL_OK;
    }
}

/* A part of JSON: a text that is JSON is read, another one, and what is no text, is what it is. */
static Value from_json(Context *cx, const Value *cell)
{
    Value out;
    if (cell->tag == VALUE_STR && json_read(cx->arena, cell->s, (JsonOptions){ .nan = true }, &out, NULL))
        return out;
    return value_copy(cx->arena, *cell);
}

/* Computed, and of another kind than its type says: what SQLite gives is shown as Django shows it. False: it fits. */
static bool of_other_kind(Context *cx, const FieldInfo *out, const Value *cell, Value *v)
{
    bool number = cell->tag == VALUE_INT || cell->tag == VALUE_DOUBLE;
    Decimal d;
    int64_t whole;
    if ((out->kind == FIELD_CHAR || out->kind == FIELD_TEXT || out->kind == FIELD_BINARY) && number) {
        *v = *cell;
        return true;
    }
    bool truth = cell->tag == VALUE_INT && (cell->i == 0 || cell->i == 1);
    if (out->kind == FIELD_BOOLEAN && (number || cell->tag == VALUE_STR) && !truth) {
        *v = value_copy(cx->arena, *cell);
        return true;
    }
    if (kind_is_integer(out->kind) && cell->tag == VALUE_STR && decimal_parse(cx->arena, cell->s, &d) == DECIMAL_OK &&
        decimal_to_i64(d, &whole) == DECIMAL_OK) {
        *v = value_int(whole);
        return true;
    }
    return false;
}

/* The local time that a truncation gives, as an instant shown in its zone. */
static Value from_local(const TimeZone *zone, Value v)
{
    DateTime t;
    if (v.tag != VALUE_DATETIME || !timezone_instant(zone, (NaiveDateTime){ v.us }, 0, &t))
        return v;
    return value_datetime(t, zone);
}

Value value_from_node(Context *cx, const Node *n, const Value *cell)
{
    const FieldInfo *out = n->out;
    if (!out || cell->tag == VALUE_NULL)
        return value_copy(cx->arena, *cell);
    if (out->kind == FIELD_JSON)
        return from_json(cx, cell);
    if (out->kind == FIELD_DURATION && (cell->tag == VALUE_DOUBLE || cell->tag == VALUE_DECIMAL)) {
        double us = cell->tag == VALUE_DOUBLE ? cell->d : decimal_to_double(*cell->decimal);
        return value_duration((Duration){ (int64_t)__builtin_rint(us) });
    }
    if (out->kind == FIELD_DECIMAL && n->kind != NODE_COLUMN) {
        Decimal *d = NEW(cx->arena, Decimal);
        if (!computed_decimal(cx, cell, d))
            return value_copy(cx->arena, *cell);
        bool given = n->kind == NODE_SUBQUERY && out->model; /* a column's own value */
        Decimal whole;
        if (given &&
            decimal_quantize(cx->arena, *d, -out->stored->decimal_places, ROUND_HALF_EVEN, &whole) == DECIMAL_OK)
            *d = whole;
        return value_decimal(d);
    }
    /*
     * A parameter that is selected as it is comes back from MariaDB as whatever went there before: what was sent is
     * known.
     */
    bool sent = n->kind == NODE_VALUE && cell->tag != n->value.tag && n->value.tag != VALUE_NULL;
    if (sent && (out->kind == FIELD_FLOAT || out->kind == FIELD_BOOLEAN || out->kind == FIELD_DURATION ||
                 kind_is_integer(out->kind)))
        return value_copy(cx->arena, n->value);
    /* A quotient of whole numbers is none on MariaDB, as in Django. */
    int64_t whole;
    if (kind_is_integer(out->kind) && cell->tag == VALUE_DECIMAL)
        return decimal_to_i64(*cell->decimal, &whole) == DECIMAL_OK ? value_int(whole) : value_copy(cx->arena, *cell);
    /* SQLite's POWER gives a double of whole numbers, too; what is no whole number is cut. */
    if (kind_is_integer(out->kind) && cell->tag == VALUE_DOUBLE)
        return cell->d >= -9e15 && cell->d <= 9e15 ? value_int((int64_t)cell->d) : *cell;
    Value other;
    if (n->kind != NODE_COLUMN && of_other_kind(cx, out, cell, &other))
        return other;
    /* Through a member of the field's type, as a row would hold it. */
    Field f = *out->f;
    Value member[4] = { { 0 } };
    _Static_assert(sizeof member >= sizeof(OptDateTime) && sizeof member >= sizeof(OptDecimal), "any member fits");
    f.offset = 0;
    if (!member_store(cx->arena, &f, out->stored, member, cell, true))
        RAISE(cx, 500, "data_error", "The database gave a %s for a %s.", value_type_name(*cell), field_class(out->f));
    Value v = value_copy(cx->arena, member_load(cx->arena, &f, member));
    return n->kind == NODE_CALL && n->zone && out->kind == FIELD_DATETIME ? from_local(n->zone, v) : v;
}
