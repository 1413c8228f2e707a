/* field_time.c: fields of dates, times, and lengths of time. */
#include "forms/forms.h"

/* By the field's formats, or those of the locale, which have the ISO forms among them. */
static bool scan(const FieldRun *run, Value in, InputFormats kind, NaiveDateTime *out)
{
    const char *const *formats = run->f->input_formats;
    Str list = locale_of(run->cx)->formats->input[kind], format;
    if (!value_is_text(in))
        return false;
    Str text = text_strip(in.s);
    for (; formats && *formats; formats++)
        if (time_scan(text, str_c(*formats), out))
            return true;
    while (!formats && input_format_next(&list, &format))
        if (time_scan(text, format, out))
            return true;
    return false;
}

/* The wall time of a boxed time in the run's zone. */
static NaiveDateTime local_of(const FieldRun *run, Value v)
{
    NaiveDateTime t = { v.us };
    const TimeZone *zone = run->zone ? run->zone : v.zone;
    if (v.zone && !timezone_local(zone, (DateTime){ v.us }, &t, NULL))
        t.us = v.us;
    return t;
}

static bool date_to_python(FieldRun *run, Value in, Value *out)
{
    NaiveDateTime t;
    *out = in;
    if (field_value_empty(in))
        *out = value_null();
    else if (in.tag == VALUE_DATETIME)
        *out = value_date(naive_date(local_of(run, in)));
    else if (in.tag == VALUE_DATE)
        return true;
    else if (scan(run, in, INPUT_DATE, &t))
        *out = value_date(naive_date(t));
    else
        return field_fail(run, "invalid", "Enter a valid date.", NULL);
    return true;
}

static bool time_to_python(FieldRun *run, Value in, Value *out)
{
    NaiveDateTime t;
    *out = in;
    if (field_value_empty(in))
        *out = value_null();
    else if (in.tag == VALUE_TIME)
        return true;
    else if (scan(run, in, INPUT_TIME, &t))
        *out = value_time(naive_time(t));
    else
        return field_fail(run, "invalid", "Enter a valid time.", NULL);
    return true;
}

bool to_current_zone(FieldRun *run, NaiveDateTime t, Value *out)
{
    DateTime instant;
    *out = value_naive(t);
    if (!run->use_tz || !run->zone)
        return true;
    if (timezone_local_kind(run->zone, t) == LOCAL_ONCE && timezone_instant(run->zone, t, 0, &instant)) {
        *out = value_datetime(instant, run->zone);
        return true;
    }
    Map *m = map_new(run->arena);
    map_set(m, STR("datetime"), value_naive(t));
    map_set(m, STR("current_timezone"), value_str(timezone_name(run->zone)));
    return field_fail(
        run, "ambiguous_timezone",
        "%(datetime)s couldn’t be interpreted in time zone %(current_timezone)s; it may be ambiguous or it "
        "may not exist.",
        m);
}

static bool datetime_to_python(FieldRun *run, Value in, Value *out)
{
    NaiveDateTime t;
    ParsedDateTime p;
    *out = in;
    if (field_value_empty(in)) {
        *out = value_null();
        return true;
    }
    if (in.tag == VALUE_DATETIME)
        return in.zone ? true : to_current_zone(run, (NaiveDateTime){ in.us }, out);
    if (in.tag == VALUE_DATE)
        return to_current_zone(run, naive_combine((Date){ (int32_t)in.us }, (Time){ 0 }), out);
    ParseOutcome outcome = value_is_text(in) ? datetime_parse(text_strip(in.s), &p) : PARSE_NO_MATCH;
    if (outcome == PARSE_OK && p.aware) {
        DateTime instant;
        if (datetime_from_naive(p.local, p.offset, &instant)) {
            *out = value_datetime(instant, timezone_of_parsed(run->arena, &p));
            return true;
        }
        outcome = PARSE_OUT_OF_RANGE;
    }
    if (outcome == PARSE_OK)
        return to_current_zone(run, p.local, out);
    bool found = outcome == PARSE_NO_MATCH &&
                 (scan(run, in, INPUT_DATETIME, &t) || (!run->f->input_formats && scan(run, in, INPUT_DATE, &t)));
    if (found)
        return to_current_zone(run, t, out);
    return field_fail(run, "invalid", "Enter a valid date/time.", NULL);
}

/* Shown in the current zone. */
static Value datetime_prepare(FieldRun *run, Value v)
{
    return v.tag == VALUE_DATETIME && v.zone && run->use_tz ? value_naive(local_of(run, v)) : v;
}

static bool datetime_has_changed(FieldRun *run, Value initial, Value data)
{
    Value x = initial, y = data;
    run->errors = (ValidationErrors){ 0 };
    if (!run->cls->to_python(run, data, &y))
        return true;
    if (!field_value_empty(initial) && !run->cls->to_python(run, initial, &x))
        return true;
    Value empty = value_str(STR(""));
    return !value_eq(field_value_empty(x) ? empty : x, field_value_empty(y) ? empty : y);
}

static bool duration_to_python(FieldRun *run, Value in, Value *out)
{
    Duration d;
    *out = in;
    if (field_value_empty(in)) {
        *out = value_null();
        return true;
    }
    if (in.tag == VALUE_DURATION)
        return true;
    ParseOutcome outcome = duration_parse(value_python_str(run->arena, in), &d);
    if (outcome == PARSE_OUT_OF_RANGE) {
        Str text = GETTEXT(run->cx, "The number of days must be between {min_days} and {max_days}.");
        text = str_replace(run->arena, text, STR("{min_days}"), STR("-999999999"));
        text = str_replace(run->arena, text, STR("{max_days}"), STR("999999999"));
        return field_fail(run, "overflow", str_dup_c(run->arena, text), NULL);
    }
    if (outcome == PARSE_NO_MATCH)
        return field_fail(run, "invalid", "Enter a valid duration.", NULL);
    *out = value_duration(d);
    return true;
}

static Value duration_prepare(FieldRun *run, Value v)
{
    if (v.tag != VALUE_DURATION)
        return v;
    Buf b = BUF_INIT(run->arena, 64);
    duration_string(&b, (Duration){ v.us });
    return value_str(buf_view(&b));
}

const FormFieldClass date_field = { .name = "DateField", .widget = &date_input_class, .to_python = date_to_python };
const FormFieldClass time_field = { .name = "TimeField", .widget = &time_input_class, .to_python = time_to_python };
const FormFieldClass datetime_field = { .name = "DateTimeField",
                                        .widget = &datetime_input_class,
                                        .to_python = datetime_to_python,
                                        .has_changed = datetime_has_changed,
                                        .prepare = datetime_prepare };
const FormFieldClass duration_field = {
    .name = "DurationField", .widget = &text_input_class, .to_python = duration_to_python, .prepare = duration_prepare
};
