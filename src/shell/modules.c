/* modules.c: Python's and Django's modules, as far as names are looked up in them; time zones, languages, transactions. */
#include "shell/eval.h"
#include <clef/i18n/locale.h>

static const char *const modules[] = {
    "timezone",
    "translation",
    "transaction",
    "models",
    "functions",
    "aggregates",
    "expressions",
    "lookups",
    "window",
    "zoneinfo",
    "decimal",
    "uuid",
    "django",
    "django.db",
    "django.db.models",
    "django.utils",
    "connection",
    "json",
    "django.utils.timezone",
    "django.utils.translation",
    "django.db.transaction",
    "django.db.models.functions",
    NULL,
};

Value shell_module(Shell *s, Str name)
{
    for (size_t i = 0; modules[i]; i++)
        if (str_eq(name, str_c(modules[i]))) {
            Module *m = NEW(s->cx->arena, Module);
            size_t dot = str_rfind_byte(name, '.');
            m->name = str_c(modules[i] + (dot == STR_NPOS ? 0 : dot + 1));
            return value_object(m, &shell_module_class);
        }
    return value_null();
}

static bool has_function(const Module *m, Str name)
{
    static const struct {
        const char *module, *name;
    } functions[] = {
        { "timezone", "override" },
        { "timezone", "activate" },
        { "timezone", "deactivate" },
        { "timezone", "now" },
        { "timezone", "localtime" },
        { "timezone", "localdate" },
        { "timezone", "make_aware" },
        { "timezone", "make_naive" },
        { "timezone", "is_aware" },
        { "timezone", "is_naive" },
        { "timezone", "get_current_timezone" },
        { "timezone", "get_current_timezone_name" },
        { "timezone", "get_default_timezone" },
        { "translation", "override" },
        { "translation", "activate" },
        { "translation", "deactivate" },
        { "translation", "get_language" },
        { "translation", "gettext" },
        { "transaction", "atomic" },
        { "transaction", "on_commit" },
        { "transaction", "set_rollback" },
    };
    for (size_t i = 0; i < CLEF_COUNT(functions); i++)
        if (str_eq(m->name, str_c(functions[i].module)) && str_eq(name, str_c(functions[i].name)))
            return true;
    return false;
}

Value shell_module_attribute(Shell *s, const Module *m, Str name)
{
    Value v;
    if (has_function(m, name))
        return shell_method(s, value_object(m, &shell_module_class), name);
    if (str_eq(m->name, STR("timezone")) && str_eq(name, STR("utc")))
        return value_timezone(timezone_utc());
    if (!str_eq(m->name, STR("timezone")) && shell_global(s, name, &v))
        return v;
    RAISE(s->cx, 500, "attribute_error", "module '%.*s' has no attribute '%.*s'", STR_FMT(m->name), STR_FMT(name));
}

static Value scope(Shell *s, ScopeKind kind, const TimeZone *zone, Str text)
{
    Scope *out = NEW(s->cx->arena, Scope);
    *out = (Scope){ kind, zone, text };
    return value_object(out, &shell_scope_class);
}

static Value moved(Shell *s, Value v, const TimeZone *zone, bool aware)
{
    NaiveDateTime n = { v.us };
    DateTime t;
    if (v.tag != VALUE_DATETIME || (aware ? v.zone != NULL : !v.zone))
        RAISE(s->cx, 500, "value_error",
              aware ? "make_aware() takes a naive datetime" : "make_naive() cannot be applied to a naive datetime");
    if (aware ? !timezone_instant(zone, n, 0, &t) : !timezone_local(zone, (DateTime){ v.us }, &n, NULL))
        RAISE(s->cx, 500, "overflow_error", "date value out of range");
    return aware ? value_datetime(t, zone) : value_naive(n);
}

static Value of_timezone(Shell *s, Str name, Args args)
{
    const Locale *locale = locale_of(s->cx);
    Value first = shell_argument(args, 0, "value", shell_keyword(args, "timezone", value_null()));
#define IS(text) str_eq(name, STR(text))
    if (IS("override"))
        return scope(s, SCOPE_ZONE, shell_zone(s, first), (Str){ 0 });
    if (IS("activate") || IS("deactivate")) {
        TIMEZONE_ACTIVATE(s->cx, IS("activate") ? shell_zone(s, first) : NULL);
        return value_null();
    }
    if (IS("now"))
        return value_datetime(datetime_now(), timezone_utc());
    if (IS("get_current_timezone") || IS("get_default_timezone"))
        return value_timezone(IS("get_current_timezone") ? locale->zone : locale->default_zone);
    if (IS("get_current_timezone_name"))
        return value_str(timezone_name(locale->zone));
    if (IS("is_aware") || IS("is_naive"))
        return value_bool((first.tag == VALUE_DATETIME && first.zone) == IS("is_aware"));
    const TimeZone *zone = shell_zone(s, shell_argument(args, 1, "timezone", value_null()));
    zone = zone ? zone : locale->zone;
    if (IS("localtime") || IS("localdate")) {
        Value v = first.tag == VALUE_NULL ? value_datetime(datetime_now(), zone) : first;
        v.zone = zone;
        return IS("localtime") ? v : value_date(naive_date((NaiveDateTime){ moved(s, v, zone, false).us }));
    }
#undef IS
    return moved(s, first, zone, name.p[5] == 'a');
}

typedef struct Committed {
    Shell *shell;
    Value callee;
} Committed;

static void committed(Context *cx, void *arg)
{
    const Committed *c = arg;
    (void)cx;
    (void)shell_call(c->shell, c->callee, (Args){ 0 });
}

Value shell_module_call(Shell *s, const Module *m, Str name, Args args)
{
    Value first = args.n ? args.p[0] : shell_keyword(args, "using", value_null());
    if (str_eq(m->name, STR("timezone")))
        return of_timezone(s, name, args);
    if (str_eq(name, STR("on_commit"))) {
        Committed *c = NEW(s->cx->arena, Committed);
        *c = (Committed){ s, shell_argument(args, 0, "func", value_null()) };
        transaction_on_commit(s->cx, committed, c);
        return value_null();
    }
    if (str_eq(name, STR("set_rollback"))) {
        if (shell_truth(s, first))
            transaction_set_rollback(s->cx);
        return value_null();
    }
    if (str_eq(m->name, STR("transaction")))
        return scope(s, SCOPE_ATOMIC, NULL, value_is_text(first) ? first.s : STR(""));
    if (str_eq(name, STR("get_language")))
        return value_str(locale_language_code(locale_of(s->cx)));
    if (str_eq(name, STR("deactivate")))
        return value_null();
    Str text = first.tag == VALUE_NULL ? STR("") : str_c(shell_text(s, first, "a function of translation"));
    if (str_eq(name, STR("gettext")))
        return value_str(locale_gettext(locale_of(s->cx), (Str){ 0 }, text));
    if (str_eq(name, STR("override")))
        return scope(s, SCOPE_LANGUAGE, NULL, text);
    LANGUAGE_ACTIVATE(s->cx, text);
    return value_null();
}
