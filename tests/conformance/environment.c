/* environment.c: from the settings of a recording to Clef's. */
#include "conformance/environment.h"

static const TimeZone *zone_of(TimeZones *zones, Str name)
{
    const TimeZone *z = timezone_utc();
    return name.n && timezones_get(zones, name, &z) == TIMEZONE_OK ? z : timezone_utc();
}

static void take_formats(const Map *settings, Formats *f)
{
    static const char *const names[FORMAT_NAMES] = {
        [FORMAT_DATE] = "DATE_FORMAT",
        [FORMAT_DATETIME] = "DATETIME_FORMAT",
        [FORMAT_TIME] = "TIME_FORMAT",
        [FORMAT_YEAR_MONTH] = "YEAR_MONTH_FORMAT",
        [FORMAT_MONTH_DAY] = "MONTH_DAY_FORMAT",
        [FORMAT_SHORT_DATE] = "SHORT_DATE_FORMAT",
        [FORMAT_SHORT_DATETIME] = "SHORT_DATETIME_FORMAT",
    };
    *f = formats_default;
    for (size_t i = 0; i < FORMAT_NAMES; i++)
        if (record_get(settings, names[i]).tag == VALUE_STR)
            f->text[i] = record_text(settings, names[i]);
    if (record_get(settings, "DECIMAL_SEPARATOR").tag == VALUE_STR)
        f->decimal_separator = record_text(settings, "DECIMAL_SEPARATOR");
    if (record_get(settings, "THOUSAND_SEPARATOR").tag == VALUE_STR)
        f->thousand_separator = record_text(settings, "THOUSAND_SEPARATOR");
    Value v = record_get(settings, "NUMBER_GROUPING"), inside;
    Str kind;
    if (v.tag == VALUE_INT)
        f->grouping[0] = (uint8_t)v.i;
    if (notation(v, &kind, &inside))
        v = inside;
    for (size_t i = 0; v.tag == VALUE_LIST && i < v.list->n && i < GROUPING_MAX; i++)
        f->grouping[i] = (uint8_t)v.list->p[i].i;
    v = record_get(settings, "FIRST_DAY_OF_WEEK");
    if (v.tag == VALUE_INT)
        f->first_day_of_week = (uint8_t)v.i;
}

static void take_languages(Arena *a, Value v, I18nOptions *o)
{
    if (v.tag != VALUE_LIST)
        return;
    I18nLanguage *out = NEW_ARRAY(a, I18nLanguage, v.list->n + 1);
    for (size_t i = 0; i < v.list->n; i++) {
        Value pair = from_notation(a, v.list->p[i]);
        out[i] = (I18nLanguage){ pair.list->p[0].s, pair.list->p[1].s };
    }
    o->languages = out;
    o->nlanguages = v.list->n;
}

I18n *case_i18n(Arena *a, TimeZones *zones, Value env)
{
    I18nOptions o = { .use_tz = true, .zones = zones };
    Formats formats;
    if (env.tag == VALUE_MAP) {
        Value settings = record_get(env.map, "settings");
        const Map *s = settings.tag == VALUE_MAP ? settings.map : map_new(a);
        Value tz = record_get(s, "USE_TZ");
        o.use_tz = tz.tag == VALUE_BOOL ? tz.b : value_truth(record_get(env.map, "use_tz"));
        o.use_thousand_separator = value_truth(record_get(s, "USE_THOUSAND_SEPARATOR"));
        o.language_code = record_text(s, "LANGUAGE_CODE");
        Str zone = record_text(s, "TIME_ZONE");
        o.time_zone = zone_of(zones, zone.n ? zone : STR("America/Chicago"));
        take_formats(s, &formats);
        take_languages(a, record_get(s, "LANGUAGES"), &o);
        o.formats = &formats;
    }
    return i18n_create(a, &o);
}

const Locale *case_locale(Context *cx, I18n *i18n, Value env)
{
    cx->locale = i18n_locale(i18n);
    if (env.tag != VALUE_MAP)
        return cx->locale;
    Value language = record_get(env.map, "language");
    Str zone = record_text(env.map, "timezone");
    const TimeZone *z;
    if (map_has(env.map, STR("language")))
        cx->locale = locale_language(cx, language.tag == VALUE_STR ? language.s : STR(""));
    if (zone.n && locale_find_zone(cx, zone, &z) == TIMEZONE_OK)
        cx->locale = locale_zone(cx, z);
    return cx->locale;
}
