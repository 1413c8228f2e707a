/*
 * locale.h: the language, the formats and the time zone that hold for one piece of work, and messages in that language.
 *
 *     Str title = GETTEXT(r, "Page not found");
 *     Str text = NGETTEXT(r, "%(num)d ticket", "%(num)d tickets", n);
 *     LOCALE_OVERRIDE(r, locale_with_language(r, STR("de"))) { ... }
 *
 * An I18n is made once per worker from the settings; it loads a language when it is first asked for, and keeps it. A
 * Locale is a small constant made of it; a context (a request, a task) points at the one in force: cx->locale.
 * Activating a language means to point it at another one, until the end of the work; overriding it holds for a block,
 * also when that ends with a raise. An I18n is used by one thread.
 *
 * A message comes from the first of these that has it: the catalogues of the language (those of LOCALE_PATHS before
 * those of the program, those before Clef's own), those of its base language, those of LANGUAGE_CODE; else it is
 * itself. Clef's own catalogue knows what Clef says: names of days and months, units of time, and the like. Django's
 * pages: "Translation", "Time zones".
 */
#ifndef CLEF_I18N_LOCALE_H
#define CLEF_I18N_LOCALE_H

#include <clef/base/timezone.h>
#include <clef/base/value.h>
#include <clef/i18n/catalog.h>
#include <clef/i18n/formats.h>
#include <clef/rt/context.h>

typedef struct I18n I18n;
typedef struct Language Language;

/* Read-only once made. */
struct Locale {
    const Language *language;
    const Formats *formats;       /* the language's */
    const Formats *plain;         /* the settings': for what is not localised */
    const TimeZone *zone;         /* the current one; never NULL */
    const TimeZone *default_zone; /* TIME_ZONE; never NULL */
    I18n *i18n;                   /* where other languages and zones come from; NULL: none yet */
    bool use_tz, use_thousand_separator;
};

typedef struct I18nLanguage {
    Str code, name; /* name empty: Django's */
} I18nLanguage;

/* A catalogue that is part of the program. */
typedef struct I18nEmbedded {
    Str language; /* "de" */
    Str mo;       /* the bytes of a .mo file; static */
} I18nEmbedded;

typedef struct I18nOptions {
    Str language_code;             /* LANGUAGE_CODE; empty: "en-us" */
    const I18nLanguage *languages; /* LANGUAGES; NULL: Django's */
    size_t nlanguages;
    const Str *locale_paths; /* LOCALE_PATHS: folders with <locale>/LC_MESSAGES/django.mo; the first counts most */
    size_t nlocale_paths;
    const I18nEmbedded *embedded;
    size_t nembedded;
    bool translations_off; /* USE_I18N=False: messages are themselves, formats the settings' */
    bool use_tz, use_thousand_separator;
    const TimeZone *time_zone; /* TIME_ZONE; NULL: UTC */
    TimeZones *zones;          /* for names of zones; NULL: a set of its own */
    const Formats *formats;    /* the settings' formats; NULL, or NULL strings: Django's defaults */
    /* Called with what could not be read while a language was loaded: the file, and why. NULL: nobody hears of it. */
    void (*warn)(void *arg, Str file, const char *why);
    void *warn_arg;
} I18nOptions;

/* Languages that one I18n loads. Past it, further codes get the default language's messages. */
#define I18N_LANGUAGES_MAX 256

/* The I18n lives in the arena. Options are copied; what they point at is borrowed. */
CLEF_API(I18n *, i18n_create, Arena *a, const I18nOptions *options) CLEF_NONNULL;
/* LANGUAGE_CODE and TIME_ZONE: what a piece of work begins with. */
CLEF_API(const Locale *, i18n_locale, const I18n *i18n) CLEF_NONNULL;
/* The languages of the settings, or Django's; false past the last. The name is a message. */
CLEF_API(bool, i18n_language_at, const I18n *i18n, size_t i, I18nLanguage *out) CLEF_MUST_USE;
/* Is there a catalogue (Clef's or the program's) for the code or its base? Django's check_for_language. */
CLEF_API(bool, i18n_has_language, I18n *i18n, Str code);
/*
 * The one of LANGUAGES that serves a wanted code: itself, what its information falls back on, its base, or (not `strict`)
 * another variant of the base. False: Django's LookupError.
 */
CLEF_API(bool, i18n_supported_variant, I18n *i18n, Arena *a, Str code, bool strict, Str *out) CLEF_MUST_USE;

/* --- what is in force */

/* English and UTC for a context that nobody gave a locale. */
CLEF_API(const Locale *, locale_of, const Context *cx) CLEF_NONNULL;
#define LOCALE(r) locale_of(CX(r))

/*
 * The context's locale with another language; an unknown code has no messages of its own. "" is deactivate_all(): no
 * language, messages as they are. The result lives in the context's arena.
 */
CLEF_API(const Locale *, locale_language, Context *cx, Str code) CLEF_NONNULL;
#define locale_with_language(r, code) locale_language(CX(r), (code))
/* With another current zone (NULL: the default one). */
CLEF_API(const Locale *, locale_zone, Context *cx, const TimeZone *zone) CLEF_NONNULL;
#define locale_with_zone(r, zone) locale_zone(CX(r), (zone))
/* The zone of a name, as templates and users give it. */
CLEF_API(TimeZoneOutcome, locale_find_zone, Context *cx, Str name, const TimeZone **out) CLEF_MUST_USE;

/* A zone as a value: `{{ value|timezone:zone }}`; its text is its name. */
CLEF_API(Value, value_timezone, const TimeZone *zone);
CLEF_API(bool, value_timezone_of, Value v, const TimeZone **out) CLEF_MUST_USE;

/* Django's translation.activate(), timezone.activate(): until the end of the work. */
#define LANGUAGE_ACTIVATE(r, code) ((void)(CX(r)->locale = locale_with_language(r, code)))
#define TIMEZONE_ACTIVATE(r, zone) ((void)(CX(r)->locale = locale_with_zone(r, zone)))
/* Django's translation.override(): for the block behind it, however that is left. */
#define LOCALE_OVERRIDE(r, locale_)                                                                          \
    for (LocaleScope clef_scope __attribute__((cleanup(locale_scope_end))) = locale_scope(CX(r), (locale_)); \
         !clef_scope.done; clef_scope.done = true)
typedef struct LocaleScope {
    struct LocaleBefore *before; /* on the context's arena: a raise takes it back as well */
    bool done;
} LocaleScope;
CLEF_API(LocaleScope, locale_scope, Context *cx, const Locale *locale) CLEF_MUST_USE;
CLEF_API(void, locale_scope_end, LocaleScope *scope);

/* Django's get_language(): as it was activated; the empty text after deactivate_all(). */
CLEF_API(Str, locale_language_code, const Locale *l);
CLEF_API(bool, locale_is_bidi, const Locale *l);

/* --- messages */

/* The translation, or the message itself: borrowed from the catalogue or the argument. `context` with p NULL: none. */
CLEF_API(Str, locale_gettext, const Locale *l, Str context, Str message);
CLEF_API(Str, locale_ngettext, const Locale *l, Str context, Str one, Str many, int64_t n);

#define GETTEXT(r, message)                 locale_gettext(LOCALE(r), (Str){ 0 }, str_c(message))
#define PGETTEXT(r, context, message)       locale_gettext(LOCALE(r), str_c(context), str_c(message))
#define NGETTEXT(r, one, many, n)           locale_ngettext(LOCALE(r), (Str){ 0 }, str_c(one), str_c(many), (n))
#define NPGETTEXT(r, context, one, many, n) locale_ngettext(LOCALE(r), str_c(context), str_c(one), str_c(many), (n))
/* Marks a literal for makemessages: a label in a table, translated where it is shown. */
#define GETTEXT_NOOP(message) ("" message)

/*
 * A text that is translated when it is shown (Django's gettext_lazy and its kin), as a value. Templates translate it;
 * other code calls value_translated. What only asks for its text sees the message itself.
 */
typedef struct LazyText {
    Str context, message; /* context p NULL: none */
    Str plural;           /* p NULL: the message has none */
    int64_t number;
    Str name; /* with a plural: `%(name)s` and `%(name)d` stand for the number; empty: nothing is replaced */
} LazyText;
CLEF_DATA(const ValueClass, lazy_text_class);
/* The LazyText is borrowed. */
static inline Value value_lazy(const LazyText *text) { return value_object(text, &lazy_text_class); }
#define GETTEXT_LAZY(literal)            PGETTEXT_LAZY_(.message = CLEF_STR(literal))
#define PGETTEXT_LAZY(context_, literal) PGETTEXT_LAZY_(.context = CLEF_STR(context_), .message = CLEF_STR(literal))
#define PGETTEXT_LAZY_(...)                                \
    ({                                                     \
        static const LazyText clef_lazy = { __VA_ARGS__ }; \
        value_lazy(&clef_lazy);                            \
    })
#define CLEF_STR(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
CLEF_API(Value, value_translate_lazy, const Locale *l, Arena *a, Value v);
static inline bool value_is_lazy(Value v) { return v.tag == VALUE_OBJECT && v.cls == &lazy_text_class; }
/* Any value; a lazy one becomes its text in that locale. */
static inline Value value_translated(const Locale *l, Arena *a, Value v)
{
    return CLEF_UNLIKELY(value_is_lazy(v)) ? value_translate_lazy(l, a, v) : v;
}

/* `%(name)s` and `%(name)d` replaced by the argument of that name, "%%" by "%". What is not of that form, or has
 * no argument, stays. */
typedef struct TextArgument {
    Str name, text;
} TextArgument;
CLEF_API(Str, text_interpolate, Arena *a, Str format, const TextArgument *arguments, size_t n);

#endif
