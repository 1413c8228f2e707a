/* locale.c: languages put together of their catalogues and formats; what is in force; messages. */
#include "i18n/locale.h"
#include <clef/base/buf.h>
#include <clef/base/map.h>
#include <clef/i18n/text.h>

struct I18n {
    Arena *arena;
    I18nOptions options;
    Formats plain;
    TimeZones *zones;
    Map *languages; /* code to Language, as BYTES of no length */
    const Language *fallback;
    Locale start;
};

#define NO_CONTEXT ((Str){ 0 })

/* --- English, for work that nobody gave a locale */

static const Language english = {
    .code = STR("en-us"),
    .formats = { .text = DEFAULT_TEXTS,
                 .decimal_separator = STR("."),
                 .thousand_separator = STR(","),
                 .grouping = { 3 },
                 .input = DEFAULT_INPUTS },
    .month_titles = { STR("Jan"), STR("Feb"), STR("Mar"), STR("Apr"), STR("May"), STR("Jun"), STR("Jul"), STR("Aug"),
                      STR("Sep"), STR("Oct"), STR("Nov"), STR("Dec") },
    .names = { STR("January"),  STR("February"), STR("March"),     STR("April"),    STR("May"),      STR("June"),
               STR("July"),     STR("August"),   STR("September"), STR("October"),  STR("November"), STR("December"),
               STR("jan"),      STR("feb"),      STR("mar"),       STR("apr"),      STR("may"),      STR("jun"),
               STR("jul"),      STR("aug"),      STR("sep"),       STR("oct"),      STR("nov"),      STR("dec"),
               STR("Jan."),     STR("Feb."),     STR("March"),     STR("April"),    STR("May"),      STR("June"),
               STR("July"),     STR("Aug."),     STR("Sept."),     STR("Oct."),     STR("Nov."),     STR("Dec."),
               STR("January"),  STR("February"), STR("March"),     STR("April"),    STR("May"),      STR("June"),
               STR("July"),     STR("August"),   STR("September"), STR("October"),  STR("November"), STR("December"),
               STR("Monday"),   STR("Tuesday"),  STR("Wednesday"), STR("Thursday"), STR("Friday"),   STR("Saturday"),
               STR("Sunday"),   STR("Mon"),      STR("Tue"),       STR("Wed"),      STR("Thu"),      STR("Fri"),
               STR("Sat"),      STR("Sun"),      STR("a.m."),      STR("p.m."),     STR("AM"),       STR("PM"),
               STR("midnight"), STR("noon") },
};

const Locale *locale_of(const Context *cx)
{
    static _Thread_local Locale start;
    if (CLEF_LIKELY(cx->locale != NULL))
        return cx->locale;
    start = (Locale){ .language = &english,
                      .formats = &english.formats,
                      .plain = &formats_default,
                      .zone = timezone_utc(),
                      .default_zone = timezone_utc(),
                      .use_tz = true };
    return &start;
}

/* --- loading a language */

static Str name_message(unsigned i)
{
    Str key = locale_messages[i];
    size_t end = str_find_byte(key, 4);
    return end == STR_NPOS ? key : str_from_byte(key, end + 1);
}

static bool find(const Language *l, Str context, Str message, Str *out)
{
    for (size_t i = 0; i < l->ncatalogs; i++)
        if (catalog_find(l->catalogs[i], context, message, out))
            return true;
    return false;
}

static const LocaleRow *row_in_use(const I18n *i18n, Str code)
{
    return i18n->options.translations_off ? NULL : locale_row(code);
}

static const Language *language_make(I18n *i18n, Str code)
{
    Arena *a = i18n->arena;
    Language *l = NEW(a, Language);
    Catalogs own = { 0 }, base = { 0 };
    Str root = language_base(code);
    LanguageInfo info;
    l->code = str_copy(a, code);
    l->bidi = language_info(code, &info) && info.bidi;
    if (code.n && !i18n->options.translations_off)
        catalogs_load(a, &i18n->options, code, &own, &base);
    for (size_t i = 0; i < base.n; i++)
        VEC_PUSH(a, &own, base.p[i]);
    /* as Django: English needs no translation, and the rest falls back on the default language */
    if (code.n && i18n->fallback && !str_istarts(code, STR("en")))
        for (size_t i = 0; i < i18n->fallback->ncatalogs; i++)
            VEC_PUSH(a, &own, i18n->fallback->catalogs[i]);
    l->catalogs = own.p;
    l->ncatalogs = own.n;
    if (code.n)
        formats_of(a, row_in_use(i18n, code), root.n < code.n ? row_in_use(i18n, root) : NULL, &i18n->plain,
                   &l->formats);
    else
        l->formats = i18n->plain;
    for (unsigned i = 0; i < LOCALE_NAMES; i++) {
        Str key = locale_messages[i], name;
        size_t end = str_find_byte(key, 4);
        Str context = end == STR_NPOS ? NO_CONTEXT : str_slice(key, 0, end);
        l->names[i] = find(l, context, name_message(i), &name) ? name : name_message(i);
    }
    for (unsigned i = 0; i < 12; i++)
        l->month_titles[i] = text_title(a, l->names[NAME_MONTH_3 + i]);
    return l;
}

static const Language *language_get(I18n *i18n, Str code)
{
    const Value *found = map_get(i18n->languages, code);
    if (found)
        return found->object;
    if (map_count(i18n->languages) >= I18N_LANGUAGES_MAX)
        return i18n->fallback;
    const Language *l = language_make(i18n, code);
    map_set(i18n->languages, l->code, (Value){ .tag = VALUE_BYTES, .object = l });
    return l;
}

static void take(Str *to, Str given)
{
    if (given.p)
        *to = given;
}

I18n *i18n_create(Arena *a, const I18nOptions *options)
{
    I18n *i18n = NEW(a, I18n);
    i18n->arena = a;
    i18n->options = *options;
    if (!i18n->options.language_code.n)
        i18n->options.language_code = STR("en-us");
    i18n->zones = options->zones ? options->zones : timezones_create(a, (Str){ 0 });
    i18n->languages = map_new(a);
    i18n->plain = formats_default;
    const Formats *f = options->formats;
    if (f) {
        for (size_t i = 0; i < FORMAT_NAMES; i++)
            take(&i18n->plain.text[i], f->text[i]);
        take(&i18n->plain.decimal_separator, f->decimal_separator);
        take(&i18n->plain.thousand_separator, f->thousand_separator);
        memcpy(i18n->plain.grouping, f->grouping, sizeof f->grouping);
        i18n->plain.first_day_of_week = f->first_day_of_week;
        for (size_t i = 0; i < INPUT_KINDS; i++)
            take(&i18n->plain.input[i], f->input[i]);
    }
    i18n->fallback = language_get(i18n, i18n->options.language_code);
    i18n->start = (Locale){ .language = i18n->fallback,
                            .formats = &i18n->fallback->formats,
                            .plain = &i18n->plain,
                            .zone = options->time_zone ? options->time_zone : timezone_utc(),
                            .i18n = i18n,
                            .use_tz = options->use_tz,
                            .use_thousand_separator = options->use_thousand_separator };
    i18n->start.default_zone = i18n->start.zone;
    return i18n;
}

const Locale *i18n_locale(const I18n *i18n) { return &i18n->start; }

/* --- languages of the settings */

bool i18n_language_at(const I18n *i18n, size_t i, I18nLanguage *out)
{
    LanguageInfo info;
    if (!i18n->options.languages) {
        if (!language_at(i, &info))
            return false;
        *out = (I18nLanguage){ info.code, info.name };
        return true;
    }
    if (i >= i18n->options.nlanguages)
        return false;
    *out = i18n->options.languages[i];
    if (!out->name.n)
        out->name = language_info(out->code, &info) ? info.name : out->code;
    return true;
}

bool i18n_has_language(I18n *i18n, Str code)
{
    Arena *scratch = arena_create(i18n->arena, 0, 0);
    bool found = catalogs_exist(scratch, &i18n->options, code);
    arena_destroy(scratch);
    return found;
}

static bool is_listed(I18n *i18n, Str code)
{
    I18nLanguage l;
    for (size_t i = 0; i18n_language_at(i18n, i, &l); i++)
        if (str_ieq(l.code, code))
            return i18n_has_language(i18n, code);
    return false;
}

bool i18n_supported_variant(I18n *i18n, Arena *a, Str code, bool strict, Str *out)
{
    if (code.n == 0)
        return false;
    /* Django's LANGUAGE_CODE_MAX_LENGTH: what is longer is cut at a hyphen, or refused */
    if (code.n > 500) {
        size_t hyphen = str_find_byte(str_slice(code, 0, 500), '-');
        if (hyphen == STR_NPOS)
            return false;
        code = str_slice(code, 0, str_rfind_byte(str_slice(code, 0, 500), '-'));
    }
    VEC(Str) wanted = { 0 };
    VEC_PUSH(a, &wanted, code);
    const LanguageRow *row = language_row(code);
    if (row && row->fallback)
        VEC_PUSH(a, &wanted, str_c(row->fallback));
    size_t at;
    for (Str rest = code; (at = str_rfind_byte(rest, '-')) != STR_NPOS;) {
        rest = str_slice(rest, 0, at);
        VEC_PUSH(a, &wanted, rest);
    }
    for (size_t i = 0; i < wanted.n; i++)
        if (is_listed(i18n, wanted.p[i])) {
            *out = wanted.p[i];
            return true;
        }
    Str prefix = str_concat(a, language_base(code), STR("-"));
    I18nLanguage l;
    for (size_t i = 0; !strict && i18n_language_at(i18n, i, &l); i++)
        if (str_istarts(l.code, prefix)) {
            *out = str_lower(a, l.code);
            return true;
        }
    return false;
}

/* --- what is in force */

static I18n *i18n_of(Context *cx, Locale *l)
{
    if (!l->i18n)
        l->i18n = i18n_create(cx->arena, &(I18nOptions){ .use_tz = true });
    return l->i18n;
}

const Locale *locale_language(Context *cx, Str code)
{
    Locale *l = arena_alloc(cx->arena, sizeof *l);
    *l = *locale_of(cx);
    l->language = language_get(i18n_of(cx, l), code);
    l->formats = &l->language->formats;
    l->plain = &l->i18n->plain;
    return l;
}

const Locale *locale_zone(Context *cx, const TimeZone *zone)
{
    Locale *l = arena_alloc(cx->arena, sizeof *l);
    *l = *locale_of(cx);
    l->zone = zone ? zone : l->default_zone;
    return l;
}

TimeZoneOutcome locale_find_zone(Context *cx, Str name, const TimeZone **out)
{
    Locale l = *locale_of(cx);
    return timezones_get(i18n_of(cx, &l)->zones, name, out);
}

struct LocaleBefore {
    Context *cx;
    const Locale *locale;
};

static void restore(void *arg)
{
    const struct LocaleBefore *before = arg;
    before->cx->locale = before->locale;
}

LocaleScope locale_scope(Context *cx, const Locale *locale)
{
    struct LocaleBefore *before = arena_alloc(cx->arena, sizeof *before);
    *before = (struct LocaleBefore){ cx, cx->locale };
    context_defer(cx, restore, before);
    cx->locale = locale;
    return (LocaleScope){ .before = before };
}

void locale_scope_end(LocaleScope *scope)
{
    (void)context_undefer(scope->before->cx, restore, scope->before);
    restore(scope->before);
}

Str locale_language_code(const Locale *l) { return l->language->code; }
bool locale_is_bidi(const Locale *l) { return l->language->bidi; }

/* --- zones as values */

static Str zone_str(Arena *a, const void *self)
{
    (void)a;
    return timezone_name(self);
}
static const ValueClass zone_class = { .name = "ZoneInfo", .str = zone_str };

Value value_timezone(const TimeZone *zone) { return value_object(zone, &zone_class); }

bool value_timezone_of(Value v, const TimeZone **out)
{
    if (v.tag != VALUE_OBJECT || v.cls != &zone_class)
        return false;
    *out = v.object;
    return true;
}

/* --- messages */

Str locale_gettext(const Locale *l, Str context, Str message)
{
    Str out;
    return message.n && find(l->language, context, message, &out) ? out : message;
}

Str locale_ngettext(const Locale *l, Str context, Str one, Str many, int64_t n)
{
    const Language *lang = l->language;
    Str out;
    for (size_t i = 0; i < lang->ncatalogs; i++)
        if (catalog_find_plural(lang->catalogs[i], context, one, n, &out))
            return out;
    return n == 1 ? one : many;
}

/* --- lazy text */

static Str lazy_str(Arena *a, const void *self)
{
    (void)a;
    return ((const LazyText *)self)->message;
}
static bool lazy_truth(const void *self) { return ((const LazyText *)self)->message.n != 0; }
static bool lazy_equal(const void *a, const void *b)
{
    const LazyText *x = a, *y = b;
    return str_eq(x->context, y->context) && str_eq(x->message, y->message) && str_eq(x->plural, y->plural) &&
           x->number == y->number;
}
const ValueClass lazy_text_class = { .name = "__proxy__", .str = lazy_str, .truth = lazy_truth, .equal = lazy_equal };

Value value_translate_lazy(const Locale *l, Arena *a, Value v)
{
    const LazyText *t = v.object;
    if (!t->plural.p)
        return value_str(locale_gettext(l, t->context, t->message));
    Str text = locale_ngettext(l, t->context, t->message, t->plural, t->number);
    if (t->name.n) {
        TextArgument number = { t->name, str_format(a, "%lld", (long long)t->number) };
        text = text_interpolate(a, text, &number, 1);
    }
    return value_str(text);
}

Str text_interpolate(Arena *a, Str format, const TextArgument *arguments, size_t n)
{
    size_t at = str_find_byte(format, '%');
    if (at == STR_NPOS)
        return format;
    Buf b = BUF_INIT(a, (size_t)64 << 20);
    buf_add(&b, "", 0);
    for (Str rest = format;; at = str_find_byte(rest, '%')) {
        if (at == STR_NPOS) {
            buf_str(&b, rest);
            return buf_view(&b);
        }
        buf_str(&b, str_slice(rest, 0, at));
        rest = str_from_byte(rest, at);
        size_t close = rest.n > 1 && rest.p[1] == '(' ? str_find_byte(rest, ')') : STR_NPOS;
        size_t i = n;
        if (close != STR_NPOS && close + 1 < rest.n && (rest.p[close + 1] == 's' || rest.p[close + 1] == 'd'))
            for (i = 0; i < n && !str_eq(arguments[i].name, str_slice(rest, 2, close));)
                i++;
        if (i < n) {
            buf_str(&b, arguments[i].text);
            rest = str_from_byte(rest, close + 2);
        } else {
            buf_byte(&b, '%');
            rest = str_from_byte(rest, rest.n > 1 && rest.p[1] == '%' ? 2 : 1);
        }
    }
}
