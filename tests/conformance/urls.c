/*
 * urls.c: the suite `urls`: single patterns against single paths, and resolving and reversing in the tables of
 * urlconfs.json, which stands beside the file of cases.
 */
#include "conformance/conformance.h"

#include "urls/urlconf.h"
#include <clef/codec/base64.h>
#include <clef/codec/json.h>
#include <clef/conf/table.h>
#include <clef/urls.h>
#include <stdio.h>

typedef struct Urls {
    Map *tables;   /* of urlconfs.json */
    Map *compiled; /* name -> object: UrlConf * */
    StrList languages;
    Str language; /* the active one */
} Urls;

static const ValueClass opaque = { .name = "opaque" };

static Response *view(Request *r) { return (void)r, NULL; }

static bool base64_value(Arena *a, Str text, Value *out)
{
    Str bytes;
    if (!base64_decode(a, text, 0, &bytes))
        return false;
    *out = value_bytes(bytes);
    return true;
}
static bool base64_url(Arena *a, Value v, Str *out)
{
    if (v.tag != VALUE_BYTES)
        return false;
    *out = base64_encode(a, v.s, 0);
    return true;
}

/* Converters are code: those of the recorded tables that do more than name an expression, written again. */
static const struct {
    const char *python_class;
    bool (*to_value)(Arena *a, Str text, Value *out);
    bool (*to_url)(Arena *a, Value v, Str *out);
} python_converters[] = { { "Base64Converter", base64_value, base64_url } };

typedef VEC(const UrlConverter *) Converters;

/* custom_converters: {parameter: "Class:regex"}; the route tells the converter's name. */
static void add_converters(Arena *a, const Map *entry, Converters *out)
{
    Value custom = record_get(entry, "custom_converters");
    Str route = record_text(entry, "route");
    MapEntry *e;
    if (custom.tag != VALUE_MAP)
        return;
    for (size_t at = 0; (e = map_next(custom.map, &at)) != NULL;) {
        Str spec = e->value.s, python_class, end = str_format(a, ":%.*s>", STR_FMT(e->key));
        size_t to = str_find(route, end),
               from = to == STR_NPOS ? STR_NPOS : str_rfind_byte(str_slice(route, 0, to), '<');
        (void)str_cut(&spec, ':', &python_class);
        if (from == STR_NPOS)
            continue;
        UrlConverter *c = NEW(a, UrlConverter);
        c->name = str_dup_c(a, str_slice(route, from + 1, to));
        c->regex = str_dup_c(a, spec);
        for (size_t i = 0; i < CLEF_COUNT(python_converters); i++)
            if (str_eq(python_class, str_c(python_converters[i].python_class))) {
                c->to_value = python_converters[i].to_value;
                c->to_url = python_converters[i].to_url;
            }
        VEC_PUSH(a, out, c);
    }
}

static const char *optional_c(Arena *a, const Map *entry, const char *name)
{
    Str s = record_text(entry, name);
    return str_is_null(s) ? NULL : str_dup_c(a, s);
}

/* Tables that include each other are recorded to some depth. What was cut stands elsewhere, under the same words. */
static const List *find_cut(const List *entries, const Map *cut)
{
    static const char *const words[] = { "type", "route", "namespace", "app_name" };
    for (size_t i = 0; i < entries->n; i++) {
        const Map *entry = entries->p[i].map;
        Value inside = record_get(entry, "include");
        if (inside.tag != VALUE_LIST)
            continue;
        bool same = true;
        for (size_t k = 0; k < CLEF_COUNT(words); k++)
            same &= str_eq(record_text(entry, words[k]), record_text(cut, words[k]));
        const List *found = same ? inside.list : find_cut(inside.list, cut);
        if (found)
            return found;
    }
    return NULL;
}

enum { DEPTH = 5 }; /* of tables that include each other */

static const Url *make_table(Arena *a, const List *root, const List *entries, unsigned depth, Converters *converters)
{
    Url *table = NEW_ARRAY(a, Url, entries->n + 1);
    for (size_t i = 0; i < entries->n; i++) {
        const Map *entry = entries->p[i].map;
        Str type = record_text(entry, "type");
        Value inside = record_get(entry, "include"), defaults = record_get(entry, "defaults");
        Url *u = &table[i];
        u->kind = str_eq(type, STR("re_path")) ? URL_REGEX : str_eq(type, STR("path")) ? URL_PATH : URL_LOCALE;
        u->route = str_dup_c(a, record_text(entry, "route"));
        u->unprefixed_default = u->kind == URL_LOCALE && !*u->route;
        u->name = optional_c(a, entry, "name");
        u->namespace = optional_c(a, entry, "namespace");
        u->app_name = optional_c(a, entry, "app_name");
        u->view_name = optional_c(a, entry, "view");
        add_converters(a, entry, converters);
        if (u->view_name)
            u->function = view;
        else {
            const List *list = depth >= DEPTH ? NULL : inside.tag == VALUE_LIST ? inside.list : find_cut(root, entry);
            u->include = list ? make_table(a, root, list, depth + 1, converters) : NEW_ARRAY(a, Url, 1);
        }
        if (defaults.tag == VALUE_MAP) {
            UrlDefault *d = NEW_ARRAY(a, UrlDefault, map_count(defaults.map) + 1);
            size_t n = 0;
            MapEntry *e;
            u->kwargs = d;
            for (size_t at = 0; (e = map_next(defaults.map, &at)) != NULL; n++)
                d[n] = (UrlDefault){ .name = str_dup_c(a, e->key), .kind = VALUE_OBJECT, .value = &e->value };
        }
    }
    return table;
}

static Str active_language(void *arg) { return ((Urls *)arg)->language; }

static Urls *read_urls(Run *run)
{
    Arena *a = run->arena;
    Urls *u = NEW(a, Urls);
    Str file = str_c(run->file);
    size_t slash = str_rfind_byte(file, '/');
    Str path = str_concat(a, str_slice(file, 0, slash == STR_NPOS ? 0 : slash + 1), STR("urlconfs.json"));
    Str text = read_whole_file(a, path.p);
    Value v;
    JsonError error;
    if (str_is_null(text) || !json_read(a, text, (JsonOptions){ 0 }, &v, &error) || v.tag != VALUE_MAP) {
        fprintf(stderr, "clef-conformance: %s cannot be read\n", path.p);
        return NULL;
    }
    Settings defaults;
    settings_init(&defaults, a);
    u->tables = v.map;
    u->compiled = map_new(a);
    u->languages = defaults.languages;
    return u;
}

static bool open_urls(Run *run)
{
    run->state = read_urls(run);
    return run->state != NULL;
}

static const UrlConf *compile(Arena *a, const List *entries, Urls *u, Str *error)
{
    Converters converters = { 0 };
    const Url *table = make_table(a, entries, entries, 0, &converters);
    VEC_PUSH(a, &converters, NULL);
    UrlOptions options = { .converters = converters.p, .language = active_language, .language_arg = u };
    return urlconf_compile(a, table, &options, error);
}

static const UrlConf *conf_named(Run *run, Urls *u, Str name, Str *error)
{
    const Value *done = map_get(u->compiled, name), *table = map_get(u->tables, name);
    if (done)
        return done->object;
    if (!table || table->tag != VALUE_LIST) {
        *error = STR("the table is not recorded");
        return NULL;
    }
    const UrlConf *conf = compile(run->arena, table->list, u, error);
    if (conf)
        map_set(u->compiled, str_copy(run->arena, name), value_object(conf, &opaque));
    return conf;
}

static const UrlConf *conf_of(Run *run, const Map *record, Str *error)
{
    return conf_named(run, run->state, record_text(record, "urlconf"), error);
}

const UrlConf *recorded_urlconf(Run *run, Str name, Str *error)
{
    static Urls *urls;
    if (!urls && !(urls = read_urls(run)))
        return NULL;
    urls->language = STR("en");
    return conf_named(run, urls, name, error);
}

static Value args_value(Arena *a, UrlArgs args)
{
    Map *m = map_new(a);
    for (size_t i = 0; i < args.n; i++)
        map_set(m, args.p[i].name, to_notation(a, args.p[i].value));
    return value_map(m);
}

static Value list_value(Arena *a, const Value *p, size_t n)
{
    List *list = list_new(a);
    for (size_t i = 0; i < n; i++)
        list_push(a, list, to_notation(a, p[i]));
    return value_list(list);
}

static Value strs_value(Arena *a, const Str *p, size_t n)
{
    List *list = list_new(a);
    for (size_t i = 0; i < n; i++)
        list_push(a, list, value_str(p[i]));
    return value_list(list);
}

static Value text_or_null(Str s) { return str_is_null(s) ? value_null() : value_str(s); }

static Value single_pattern(Run *run, const Map *record)
{
    Arena *a = run->scratch;
    bool regex = str_eq(record_text(record, "kind"), STR("re_path"));
    Url table[2] = { { .route = str_dup_c(a, record_text(record, "pattern")), .kind = regex ? URL_REGEX : URL_PATH },
                     { 0 } };
    Value endpoint = record_get(record, "is_endpoint"), out = value_null();
    if (endpoint.b)
        table[0].function = view;
    else
        table[0].include = &table[1];
    Str error, rest;
    /* The recording has the name of a converter only: one that is not built in is taken from the tables. */
    static const UrlConverter base64 = {
        .name = "base64", .regex = "[a-zA-Z0-9+/]*={0,2}", .to_value = base64_value, .to_url = base64_url
    };
    static const UrlConverter words[] = { { .name = "dynamic", .regex = "[0-9a-zA-Z]+" },
                                          { .name = "to_url_value_error", .regex = "[0-9a-zA-Z]+" } };
    UrlOptions options = { .converters = URL_CONVERTERS(&base64, &words[0], &words[1]) };
    const UrlConf *conf = urlconf_compile(a, table, &options, &error);
    if (!conf)
        return error_value(a, "ImproperlyConfigured", error);
    Captures *c = NEW(a, Captures);
    UrlOutcome outcome = entry_match(conf, &conf->root.entries[0], a, record_text(record, "path"), c, &rest);
    if (outcome == URL_FOUND) {
        Map *m = map_new(a);
        map_set(m, STR("remaining"), value_str(rest));
        map_set(m, STR("args"), list_value(a, c->args, c->nargs));
        map_set(m, STR("kwargs"), args_value(a, (UrlArgs){ c->kwargs, c->nkwargs }));
        out = value_map(m);
    }
    return notation_of(a, "match", out);
}

/* What LocaleMiddleware would activate for a path: its first part, when that is a language. */
static Str language_of_path(const Urls *u, Str path)
{
    Str part;
    (void)str_cut(&path, '/', &part);
    if (!str_cut(&path, '/', &part))
        return STR("en-us");
    for (size_t i = 0; i < u->languages.n; i++)
        if (str_eq(part, u->languages.p[i]))
            return part;
    return STR("en-us");
}

static Value resolve(Run *run, const Map *record)
{
    Arena *a = run->scratch;
    Urls *u = run->state;
    Str error, path = record_text(record, "path");
    const UrlConf *conf = conf_of(run, record, &error);
    if (!conf)
        return error_value(a, "ImproperlyConfigured", error);
    u->language = language_of_path(u, path);
    ResolverMatch m;
    if (urlconf_resolve(conf, a, path, &m) != URL_FOUND)
        return error_value(a, "Resolver404", (Str){ 0 });
    Map *out = map_new(a);
    map_set(out, STR("args"), list_value(a, m.args, m.nargs));
    map_set(out, STR("kwargs"), args_value(a, m.kwargs));
    map_set(out, STR("url_name"), text_or_null(m.url_name));
    map_set(out, STR("view_name"), value_str(m.view_name));
    map_set(out, STR("app_names"), strs_value(a, m.app_names, m.napp_names));
    map_set(out, STR("namespaces"), strs_value(a, m.namespaces, m.nnamespaces));
    map_set(out, STR("route"), value_str(m.route));
    map_set(out, STR("captured_kwargs"), args_value(a, m.captured_kwargs));
    map_set(out, STR("extra_kwargs"), args_value(a, m.extra_kwargs));
    return notation_of(a, "match", value_map(out));
}

static UrlArgs args_of_map(Arena *a, const Map *m)
{
    UrlArg *p = NEW_ARRAY(a, UrlArg, map_count(m) + 1);
    size_t n = 0;
    MapEntry *e;
    for (size_t at = 0; (e = map_next(m, &at)) != NULL;)
        p[n++] = (UrlArg){ .name = e->key, .value = from_notation(a, e->value) };
    return (UrlArgs){ .p = p, .n = n };
}

static UrlArgs query_of(Arena *a, Value v)
{
    Str name;
    Value inside;
    if (notation(v, &name, &inside) && str_eq(name, STR("querydict")))
        v = inside;
    v = from_notation(a, v);
    if (v.tag == VALUE_MAP)
        return args_of_map(a, v.map);
    if (v.tag != VALUE_LIST)
        return (UrlArgs){ 0 };
    UrlArg *p = NEW_ARRAY(a, UrlArg, v.list->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v.list->n; i++)
        if (v.list->p[i].tag == VALUE_LIST && v.list->p[i].list->n == 2)
            p[n++] = (UrlArg){ .name = v.list->p[i].list->p[0].s, .value = v.list->p[i].list->p[1] };
    return (UrlArgs){ .p = p, .n = n };
}

static Value reverse(Run *run, const Map *record)
{
    Arena *a = run->scratch;
    Urls *u = run->state;
    Str error, url;
    const UrlConf *conf = conf_of(run, record, &error);
    if (!conf)
        return error_value(a, "ImproperlyConfigured", error);
    Value args = from_notation(a, record_get(record, "args")), kwargs = record_get(record, "kwargs"),
          extra = record_get(record, "extra"), name = record_get(record, "viewname");
    UrlReverse what = { .name = name.tag == VALUE_STR ? name.s : STR("None"),
                        .current_app = record_text(record, "current_app"),
                        .script_prefix = record_text(record, "script_prefix") };
    if (args.tag == VALUE_LIST) {
        what.args = args.list->p;
        what.nargs = args.list->n;
    }
    if (kwargs.tag == VALUE_MAP)
        what.kwargs = args_of_map(a, kwargs.map);
    if (extra.tag == VALUE_MAP) {
        what.query = query_of(a, record_get(extra.map, "query"));
        what.fragment = record_text(extra.map, "fragment");
    }
    u->language = STR("en-us");
    switch (urlconf_reverse(conf, a, &what, &url, &error)) {
    case URL_NO_REVERSE_MATCH:
        return error_value(a, "NoReverseMatch", error);
    case URL_MIXED_ARGUMENTS:
        return error_value(a, "ValueError", error);
    case URL_REVERSED:
        break;
    }
    return notation_of(a, "url", value_str(url));
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    static const char *const results[] = { "match", "url", "error" };
    Str kind = record_text(record, "kind");
    if (str_eq(kind, STR("path")) || str_eq(kind, STR("re_path")))
        *got = single_pattern(run, record);
    else if (str_eq(kind, STR("resolve")))
        *got = resolve(run, record);
    else if (str_eq(kind, STR("reverse")))
        *got = reverse(run, record);
    else
        return false;
    for (size_t i = 0; i < CLEF_COUNT(results); i++)
        if (map_has(record, str_c(results[i])))
            *expected = notation_of(run->scratch, results[i], record_get(record, results[i]));
    return true;
}

const Suite urls_suite = { .name = "urls", .open = open_urls, .answer = answer };
