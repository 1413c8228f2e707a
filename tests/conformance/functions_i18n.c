/* functions_i18n.c: rows of django.utils.formats, dateformat, numberformat, timesince, translation and of humanize. */
#include "conformance/environment.h"
#include "conformance/functions.h"

#include "template/template.h"
#include <clef/base/decimal.h>

const Locale *locale_of_call(Call *c)
{
    Context *cx = NEW(c->arena, Context);
    Value env = record_get(c->record, "env");
    context_init(cx, c->arena);
    if (env.tag != VALUE_MAP)
        env = value_map(map_new(c->arena));
    return case_locale(cx, case_i18n(c->arena, c->zones, env), env);
}

/* The argument use_l10n: None is true. */
static bool localised(Call *c, size_t i)
{
    Value v = value_argument(c, i, "use_l10n");
    return v.tag != VALUE_BOOL || v.b;
}

static Buf text_buf(Call *c)
{
    Buf b = BUF_INIT(c->arena, 1 << 22);
    buf_add(&b, "", 0);
    return b;
}

/* --- dates */

static void format_date(Call *c, const Locale *l, Str format, bool time_only)
{
    Buf b = text_buf(c);
    char letter = 0;
    switch (date_format_add(&b, value_argument(c, 0, "value"), format, time_only, l, &letter)) {
    case DATE_FORMAT_OK:
        give(c, buf_view(&b));
        break;
    case DATE_FORMAT_TIME_LETTER:
        fail(c, "TypeError",
             str_format(c->arena,
                        "The format for date objects may not contain time-related format specifiers (found '%c').",
                        letter));
        break;
    default:
        fail(c, "AttributeError", (Str){ 0 });
    }
}

static void call_dateformat(Call *c)
{
    format_date(c, locale_of_call(c), value_argument(c, 1, "format_string").s, false);
}
static void call_dateformat_time(Call *c)
{
    format_date(c, locale_of_call(c), value_argument(c, 1, "format_string").s, true);
}

static void call_formats(Call *c, FormatName fallback, bool time_only)
{
    const Locale *l = locale_of_call(c);
    Value format = value_argument(c, 1, "format");
    const Formats *f = localised(c, 2) ? l->formats : l->plain;
    format_date(c, l, value_truth(format) ? format_or(f, format.s) : f->text[fallback], time_only);
}
static void call_date_format(Call *c) { call_formats(c, FORMAT_DATE, false); }
static void call_time_format(Call *c) { call_formats(c, FORMAT_TIME, true); }

static void between(Call *c, bool until)
{
    const Locale *l = locale_of_call(c);
    Value d = value_argument(c, 0, "d"), now = value_argument(c, 1, "now");
    Value depth = value_argument(c, until ? 3 : 4, "depth"), reversed = value_argument(c, 2, "reversed");
    Buf b = text_buf(c);
    if (!until && value_truth(reversed))
        until = true;
    if (depth.tag == VALUE_INT && depth.i <= 0) {
        fail(c, "ValueError", STR("depth must be greater than 0."));
        return;
    }
    if (value_is_null(now))
        now = now_like(l, d, datetime_now());
    TimeSinceOptions o = { .until = until, .depth = depth.tag == VALUE_INT ? (unsigned)depth.i : 0 };
    if (timesince_add(&b, l, d, now, o))
        give(c, buf_view(&b));
    else
        fail(c, "TypeError", (Str){ 0 });
}
static void call_timesince(Call *c) { between(c, false); }
static void call_timeuntil(Call *c) { between(c, true); }

/* --- formats */

static void give_lines(Call *c, Str list)
{
    List *out = list_new(c->arena);
    Str one;
    while (input_format_next(&list, &one))
        list_push(c->arena, out, value_str(one));
    c->result = value_list(out);
}

static void call_get_format(Call *c)
{
    static const struct {
        Str name;
        InputFormats kind;
    } inputs[] = { { STR("DATE_INPUT_FORMATS"), INPUT_DATE },
                   { STR("DATETIME_INPUT_FORMATS"), INPUT_DATETIME },
                   { STR("TIME_INPUT_FORMATS"), INPUT_TIME } };
    const Locale *l = locale_of_call(c);
    Str name = value_argument(c, 0, "format_type").s, out;
    Value lang = value_argument(c, 1, "lang");
    const Formats *f = localised(c, 2) ? l->formats : l->plain;
    if (lang.tag == VALUE_STR) {
        Context *cx = NEW(c->arena, Context);
        context_init(cx, c->arena);
        cx->locale = l;
        f = locale_language(cx, lang.s)->formats;
    }
    for (size_t i = 0; i < CLEF_COUNT(inputs); i++)
        if (str_eq(name, inputs[i].name)) {
            give_lines(c, f->input[inputs[i].kind]);
            return;
        }
    if (str_eq(name, STR("DECIMAL_SEPARATOR")))
        give(c, f->decimal_separator);
    else if (str_eq(name, STR("THOUSAND_SEPARATOR")))
        give(c, f->thousand_separator);
    else if (str_eq(name, STR("NUMBER_GROUPING")))
        c->result = value_int(f->grouping[0]);
    else if (str_eq(name, STR("FIRST_DAY_OF_WEEK")))
        c->result = value_int(f->first_day_of_week);
    else
        give(c, format_named(f, name, &out) ? out : name);
}

static bool is_number(Value v)
{
    return v.tag == VALUE_INT || v.tag == VALUE_BIGINT || v.tag == VALUE_DOUBLE || v.tag == VALUE_DECIMAL;
}

/* Python's format() gives a whole number without groups or places back as safe text. */
static bool is_plain_whole(Value v, bool grouped, bool places)
{
    return (v.tag == VALUE_INT || v.tag == VALUE_BIGINT || v.tag == VALUE_BOOL) && !grouped && !places;
}

static void call_localize(Call *c)
{
    const Locale *l = locale_of_call(c);
    Value v = value_argument(c, 0, "value");
    bool on = localised(c, 1);
    Buf b = text_buf(c);
    if (!localize_add(&b, c->arena, v, l, on)) {
        if (v.tag == VALUE_BOOL)
            give(c, value_text_of(c, v));
        else
            c->result = v;
    } else if (is_number(v) && on && is_plain_whole(v, l->use_thousand_separator && l->formats->grouping[0], false)) {
        give_safe(c, buf_view(&b));
    } else {
        give(c, buf_view(&b));
    }
}

static void call_localize_input(Call *c)
{
    const Locale *l = locale_of_call(c);
    Value v = value_argument(c, 0, "value"), format = value_argument(c, 1, "default");
    Buf b = text_buf(c);
    if (format.tag == VALUE_STR && v.tag >= VALUE_DATE && v.tag <= VALUE_DATETIME) {
        strftime_add(&b, v, format.s);
        give(c, buf_view(&b));
    } else if (localize_input_add(&b, c->arena, v, l)) {
        if (is_number(v) && is_plain_whole(v, l->use_thousand_separator && l->formats->grouping[0], false))
            give_safe(c, buf_view(&b));
        else
            give(c, buf_view(&b));
    } else if (v.tag == VALUE_BOOL) {
        give(c, value_text_of(c, v));
    } else {
        c->result = v;
    }
}

static void call_sanitize(Call *c)
{
    Value v = value_argument(c, 0, "value");
    if (value_is_text(v))
        give(c, sanitize_separators(c->arena, locale_of_call(c), v.s));
    else
        c->result = v;
}

static void call_numberformat(Call *c)
{
    const Locale *l = locale_of_call(c);
    Value v = value_argument(c, 0, "number"), places = value_argument(c, 2, "decimal_pos"),
          grouping = value_argument(c, 3, "grouping"), separator = value_argument(c, 4, "thousand_sep"),
          force = value_argument(c, 5, "force_grouping");
    NumberFormat f = { .decimal_separator = value_argument(c, 1, "decimal_sep").s };
    if (value_is_text(separator))
        f.thousand_separator = separator.s;
    if (grouping.tag == VALUE_INT)
        f.grouping[0] = (uint8_t)grouping.i;
    for (size_t i = 0; grouping.tag == VALUE_LIST && i < grouping.list->n && i < GROUPING_MAX; i++)
        f.grouping[i] = (uint8_t)grouping.list->p[i].i;
    f.fixed = places.tag == VALUE_INT;
    f.places = f.fixed ? (uint32_t)places.i : 0;
    f.grouped = ((localised(c, 6) && l->use_thousand_separator) || value_truth(force)) && f.grouping[0];
    Buf b = text_buf(c);
    if (value_is_null(v) || (value_is_text(v) && !v.s.n)) {
        give_safe(c, value_text_of(c, v));
        return;
    }
    number_format_add(&b, c->arena, v, &f);
    if (is_plain_whole(v, f.grouped, f.fixed && f.places))
        give_safe(c, buf_view(&b));
    else
        give(c, buf_view(&b));
}

/* --- languages */

static void call_to_locale(Call *c) { give(c, language_to_locale(c->arena, value_argument(c, 0, "language").s)); }

static void call_supported_variant(Call *c)
{
    const Locale *l = locale_of_call(c);
    Str code = value_argument(c, 0, "lang_code").s, out;
    if (i18n_supported_variant(l->i18n, c->arena, code, value_truth(value_argument(c, 1, "strict")), &out))
        give(c, out);
    else
        fail(c, "LookupError", code);
}

/* --- humanize */

static void call_naturaltime(Call *c)
{
    c->result = humanize_naturaltime(c->arena, locale_of_call(c), value_argument(c, 0, "value"), datetime_now());
}

const Row i18n_rows[] = {
    { .name = "django.contrib.humanize.templatetags.humanize.naturaltime", .call = call_naturaltime },
    { .name = "django.utils.dateformat.format", .call = call_dateformat },
    { .name = "django.utils.dateformat.time_format", .call = call_dateformat_time },
    { .name = "django.utils.formats.date_format", .call = call_date_format },
    { .name = "django.utils.formats.get_format", .call = call_get_format },
    { .name = "django.utils.formats.localize", .call = call_localize },
    { .name = "django.utils.formats.localize_input", .call = call_localize_input },
    { .name = "django.utils.formats.sanitize_separators", .call = call_sanitize },
    { .name = "django.utils.formats.time_format", .call = call_time_format },
    { .name = "django.utils.numberformat.format", .call = call_numberformat },
    { .name = "django.utils.timesince.timesince", .call = call_timesince },
    { .name = "django.utils.timesince.timeuntil", .call = call_timeuntil },
    { .name = "django.utils.translation.to_locale", .call = call_to_locale },
    { .name = "django.utils.translation.trans_real.get_supported_language_variant", .call = call_supported_variant },
    { .name = NULL },
};
