/* formats.c: names of formats, Django's defaults, and what a locale's row says over them. */
#include "i18n/locale.h"

const Formats formats_default = {
    .text = DEFAULT_TEXTS, .decimal_separator = STR("."), .thousand_separator = STR(","), .input = DEFAULT_INPUTS
};

/* Django's ISO_INPUT_FORMATS: always understood. */
static const Str iso_inputs[INPUT_KINDS] = {
    [INPUT_DATE] = STR("%Y-%m-%d"),
    [INPUT_DATETIME] = STR("%Y-%m-%d %H:%M:%S\n%Y-%m-%d %H:%M:%S.%f\n%Y-%m-%d %H:%M\n%Y-%m-%d"),
    [INPUT_TIME] = STR("%H:%M:%S\n%H:%M:%S.%f\n%H:%M"),
};

bool format_named(const Formats *f, Str name, Str *out)
{
    static const Str names[FORMAT_NAMES] = {
        [FORMAT_DATE] = STR("DATE_FORMAT"),
        [FORMAT_DATETIME] = STR("DATETIME_FORMAT"),
        [FORMAT_TIME] = STR("TIME_FORMAT"),
        [FORMAT_YEAR_MONTH] = STR("YEAR_MONTH_FORMAT"),
        [FORMAT_MONTH_DAY] = STR("MONTH_DAY_FORMAT"),
        [FORMAT_SHORT_DATE] = STR("SHORT_DATE_FORMAT"),
        [FORMAT_SHORT_DATETIME] = STR("SHORT_DATETIME_FORMAT"),
    };
    for (size_t i = 0; i < FORMAT_NAMES; i++)
        if (str_eq(name, names[i])) {
            *out = f->text[i];
            return true;
        }
    return false;
}

bool input_format_next(Str *list, Str *out) { return str_cut(list, '\n', out); }

static bool has_line(Str list, Str line)
{
    Str one;
    while (str_cut(&list, '\n', &one))
        if (str_eq(one, line))
            return true;
    return false;
}

/* The list, with the ISO formats that it lacks behind it. */
static Str with_iso(Arena *a, Str list, Str iso)
{
    Buf b = BUF_INIT(a, list.n + iso.n + 2);
    Str one;
    buf_str(&b, list);
    while (str_cut(&iso, '\n', &one))
        if (!has_line(list, one)) {
            buf_byte(&b, '\n');
            buf_str(&b, one);
        }
    return buf_view(&b);
}

static void take(Str *to, const char *text)
{
    if (text)
        *to = str_c(text);
}

static void take_row(Formats *f, const LocaleRow *row)
{
    if (!row)
        return;
    for (size_t i = 0; i < FORMAT_NAMES; i++)
        take(&f->text[i], row->formats[i]);
    take(&f->decimal_separator, row->decimal_separator);
    take(&f->thousand_separator, row->thousand_separator);
    for (size_t i = 0; i < INPUT_KINDS; i++)
        take(&f->input[i], row->inputs[i]);
    if (row->first_day_of_week >= 0)
        f->first_day_of_week = (uint8_t)row->first_day_of_week;
    if (row->grouping[0] >= 0)
        for (size_t i = 0; i < GROUPING_MAX; i++)
            f->grouping[i] = (uint8_t)row->grouping[i];
}

void formats_of(Arena *a, const LocaleRow *own, const LocaleRow *base, const Formats *plain, Formats *out)
{
    *out = *plain;
    take_row(out, base);
    take_row(out, own);
    for (size_t i = 0; i < INPUT_KINDS; i++) /* the defaults are as the settings have them */
        if ((base && base->inputs[i]) || (own && own->inputs[i]))
            out->input[i] = with_iso(a, out->input[i], iso_inputs[i]);
}
