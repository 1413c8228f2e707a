/* site_parts.c: what a site makes of its settings for every request to use: languages, and caches. */
#include "http/site.h"
#include <clef/base/log.h>
#include <clef/cache/driver.h>
#include <clef/conf.h>

#include <unistd.h>

/* --- languages */

/* "de", or "de=Deutsch". */
static I18nLanguage language_of(Str entry)
{
    size_t at = str_find_byte(entry, '=');
    if (at == STR_NPOS)
        return (I18nLanguage){ .code = entry };
    return (I18nLanguage){ str_slice(entry, 0, at), str_from_byte(entry, at + 1) };
}

static void take_formats(const Settings *s, Formats *f)
{
    *f = (Formats){ .text = { [FORMAT_DATE] = s->date_format,
                              [FORMAT_DATETIME] = s->datetime_format,
                              [FORMAT_TIME] = s->time_format,
                              [FORMAT_YEAR_MONTH] = s->year_month_format,
                              [FORMAT_MONTH_DAY] = s->month_day_format,
                              [FORMAT_SHORT_DATE] = s->short_date_format,
                              [FORMAT_SHORT_DATETIME] = s->short_datetime_format },
                    .decimal_separator = s->decimal_separator,
                    .thousand_separator = s->thousand_separator,
                    .grouping = { (uint8_t)s->number_grouping },
                    .first_day_of_week = (uint8_t)s->first_day_of_week };
}

static void warn(void *arg, Str file, const char *why)
{
    const Settings *s = arg;
    if (s->logger)
        LOGGER_WARNING(logger_component(s->logger, STR("i18n")), "a catalogue was left out", "file", file, "why", why);
}

/* A relative path is meant from the project's folder, wherever the program was started. */
static Str below_base_dir(Arena *a, const Settings *s, Str path)
{
    return str_starts(path, STR("/")) || !s->base_dir.n
               ? path
               : str_format(a, "%.*s/%.*s", STR_FMT(s->base_dir), STR_FMT(path));
}

/* LOCALE_PATHS, then the folder `locale` of each application that has one. */
static StrList locale_paths(Arena *a, const Settings *s)
{
    size_t apps = 0, n = 0;
    while (s->installed_apps && s->installed_apps[apps])
        apps++;
    Str *paths = NEW_ARRAY(a, Str, s->locale_paths.n + apps + 1);
    for (size_t i = 0; i < s->locale_paths.n; i++)
        paths[n++] = below_base_dir(a, s, s->locale_paths.p[i]);
    for (size_t i = 0; i < apps; i++) {
        const App *app = s->installed_apps[i];
        Str path = str_format(a, "%s/locale", app->folder ? app->folder : app->label);
        path = below_base_dir(a, s, path);
        if (access(path.p, X_OK) == 0)
            paths[n++] = path;
    }
    return (StrList){ paths, n };
}

I18n *site_make_i18n(Arena *a, const Settings *s)
{
    Formats formats;
    I18nLanguage *languages = NEW_ARRAY(a, I18nLanguage, s->languages.n + 1);
    for (size_t i = 0; i < s->languages.n; i++)
        languages[i] = language_of(s->languages.p[i]);
    take_formats(s, &formats);
    StrList paths = locale_paths(a, s);
    I18nOptions o = { .language_code = s->language_code,
                      .languages = s->languages.n ? languages : NULL,
                      .nlanguages = s->languages.n,
                      .locale_paths = paths.p,
                      .nlocale_paths = paths.n,
                      .translations_off = !s->use_i18n,
                      .use_tz = s->use_tz,
                      .use_thousand_separator = s->use_thousand_separator,
                      .zones = timezones_create(a, (Str){ 0 }),
                      .formats = &formats,
                      .warn = warn,
                      .warn_arg = (void *)(uintptr_t)s };
    if (timezones_get(o.zones, s->time_zone, &o.time_zone) != TIMEZONE_OK)
        o.time_zone = NULL;
    return i18n_create(a, &o);
}

/* --- caches */

static const CacheDriver *driver_of(Str backend)
{
    static const struct {
        Str name;
        const CacheDriver *driver;
    } known[] = {
        { STR("locmem"), &cache_locmem },
        { STR("django.core.cache.backends.locmem.LocMemCache"), &cache_locmem },
        { STR("dummy"), &cache_dummy },
        { STR("django.core.cache.backends.dummy.DummyCache"), &cache_dummy },
    };
    for (size_t i = 0; i < CLEF_COUNT(known); i++)
        if (str_eq(backend, known[i].name))
            return known[i].driver;
    return NULL;
}

static uint32_t count_option(const CacheSettings *c, const char *name)
{
    int64_t n = 0;
    for (size_t i = 0; i < c->noptions; i++)
        if (str_ieq(c->options[i].name, str_c(name)) &&
            (!str_to_i64(c->options[i].value, &n) || n < 0 || n > UINT32_MAX))
            n = 0;
    return (uint32_t)n;
}

Caches *site_make_caches(Context *cx, const Settings *s)
{
    Caches *all = caches_create(cx->arena);
    for (size_t i = 0; i < s->ncaches; i++) {
        const CacheSettings *c = &s->caches[i];
        const CacheDriver *driver = driver_of(c->backend);
        if (!driver)
            RAISE(cx, 500, "unknown_cache", "CACHES has '%.*s' with the backend '%.*s', which Clef does not have",
                  STR_FMT(c->alias), STR_FMT(c->backend));
        CacheOptions o = { .location = c->location,
                           .key_prefix = c->key_prefix,
                           .version = c->version,
                           .timeout = c->timeout < 0 ? CACHE_FOREVER : c->timeout,
                           .max_entries = count_option(c, "MAX_ENTRIES"),
                           .cull_frequency = count_option(c, "CULL_FREQUENCY") };
        Cache *cache = cache_create(cx->arena, driver, &o);
        if (!cache)
            RAISE(cx, 500, "cache_not_opened", "The cache '%.*s' cannot be opened", STR_FMT(c->alias));
        caches_add(all, c->alias, cache);
    }
    if (!caches_find(all, STR("default")))
        caches_add(all, STR("default"), cache_create(cx->arena, &cache_locmem, &(CacheOptions){ 0 }));
    return all;
}

Cache *request_cache(Request *r)
{
    if (!r->site)
        RAISE(r, 500, "no_caches", "The request belongs to no site, so there is no cache");
    return caches_find(r->site->caches, STR("default"));
}
