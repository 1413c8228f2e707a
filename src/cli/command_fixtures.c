/* command_fixtures.c: dumpdata, loaddata. */
#define _GNU_SOURCE
#include "cli/commands.h"
#include "orm/info.h"
#include <clef/base/vec.h>
#include <clef/codec/gzip.h>
#include <clef/orm/manager.h>
#include <clef/orm/router.h>
#include <clef/orm/swap.h>
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <clef/serializers.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void run_dump(CommandCall *c);
static void run_load(CommandCall *c);

#define DATABASE_OPTION                                                                   \
    {                                                                                     \
        .name = "database", .kind = OPTION_TEXT, .value = "ALIAS", .fallback = "default", \
        .help = "The database, by its alias in DATABASES."                                \
    }

const Command dumpdata_command = {
    .name = "dumpdata",
    .help = "Prints rows as a fixture, which loaddata reads.",
    .description =
        "Without arguments the rows of all models of the installed applications; else of these applications or models. "
        "The default manager of a model says which rows there are.",
    .arguments = ARGUMENTS({ .name = "app_label[.Model]",
                             .optional = true,
                             .many = true,
                             .help = "The applications, or models as blog.Post." }),
    .options = OPTIONS(
        DATABASE_OPTION,
        { .name = "format",
          .kind = OPTION_CHOICE,
          .choices = "json|jsonl|xml|yaml",
          .fallback = "json",
          .help = "JSON, or an object a line." },
        { .name = "indent", .kind = OPTION_INT, .least = 0, .most = 64, .help = "JSON: spaces for each level." },
        { .name = "exclude",
          .letter = 'e',
          .kind = OPTION_LIST,
          .value = "LABEL",
          .help = "Without this application, or this model." },
        { .name = "natural-foreign", .help = "Relations by natural keys, where models have them." },
        { .name = "natural-primary", .help = "No key for rows that have a natural one." },
        { .name = "all", .letter = 'a', .help = "All rows of the tables, whatever the default managers say." },
        { .name = "pks", .kind = OPTION_TEXT, .value = "KEYS", .help = "Only these rows of the one model, \"1,2,3\"." },
        { .name = "output",
          .letter = 'o',
          .kind = OPTION_TEXT,
          .value = "FILE",
          .help = "Into this file; packed when it ends in .gz." }),
    .run = run_dump,
};

const Command loaddata_command = {
    .name = "loaddata",
    .help = "Saves the rows of fixtures.",
    .description =
        "All of them or none. A fixture is a file (with .json, .jsonl, .xml or .yaml, and .gz behind that), "
        "or the name of one in the fixtures folder of an application or in FIXTURE_DIRS; - is standard input.",
    .arguments = ARGUMENTS({ .name = "fixture", .many = true, .help = "Files, or names." }),
    .options = OPTIONS(
        DATABASE_OPTION,
        { .name = "app",
          .kind = OPTION_TEXT,
          .value = "LABEL",
          .help = "Look only in the fixtures folder of this one." },
        { .name = "ignorenonexistent", .letter = 'i', .help = "Pass over models and fields that do not exist." },
        { .name = "exclude",
          .letter = 'e',
          .kind = OPTION_LIST,
          .value = "LABEL",
          .help = "Without this application, or this model." },
        { .name = "format", .kind = OPTION_CHOICE, .choices = "json|jsonl|xml|yaml", .help = "Of standard input." }),
    .run = run_load,
};

typedef VEC(const Model *) Models;

static bool is_in(const Models *list, const Model *m)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i] == m)
            return true;
    return false;
}

static const App *app_named(const CommandCall *c, Str label)
{
    for (const App *const *app = c->settings->installed_apps; app && *app; app++)
        if (str_eq(str_c((*app)->label), label))
            return *app;
    return NULL;
}

static void add_app(CommandCall *c, Models *out, const App *app)
{
    for (const Model *const *m = app->models; m && *m; m++)
        if (!(*m)->abstract && !model_swapped(*m).n && !is_in(out, *m))
            VEC_PUSH(c->cx.arena, out, *m);
}

static const Model *model_named(CommandCall *c, Str label)
{
    Str name = label, app;
    const Model *m = str_cut(&name, '.', &app) ? model_find(app, name) : NULL;
    if (!m)
        RAISE(&c->cx, 500, "command_error", "Unknown model: %.*s", STR_FMT(label));
    return m;
}

static Models excluded(CommandCall *c)
{
    Models out = { 0 };
    StrList given = option_list(c, "exclude");
    for (size_t i = 0; i < given.n; i++) {
        const App *app = app_named(c, given.p[i]);
        if (str_find_byte(given.p[i], '.') != STR_NPOS)
            VEC_PUSH(c->cx.arena, &out, model_named(c, given.p[i]));
        else if (app)
            add_app(c, &out, app);
        else
            RAISE(&c->cx, 500, "command_error", "Unknown app: %.*s", STR_FMT(given.p[i]));
    }
    return out;
}

/* --- dumpdata */

static void add_argument(CommandCall *c, Models *out, Str word)
{
    Str name = word, label;
    bool of_model = str_cut(&name, '.', &label) && str_find_byte(word, '.') != STR_NPOS;
    const App *app = app_named(c, of_model ? label : word);
    if (!app)
        RAISE(&c->cx, 500, "command_error", "No installed app with label '%.*s'.", STR_FMT(of_model ? label : word));
    if (!of_model) {
        add_app(c, out, app);
        return;
    }
    const Model *m = model_named(c, word);
    if (!is_in(out, m))
        VEC_PUSH(c->cx.arena, out, m);
}

static Models wanted(CommandCall *c)
{
    Models all = { 0 }, out = { 0 }, without = excluded(c);
    for (size_t i = 0; i < c->arguments.n; i++)
        add_argument(c, &all, c->arguments.p[i]);
    for (const App *const *app = c->settings->installed_apps; !c->arguments.n && app && *app; app++)
        add_app(c, &all, *app);
    const Model **sorted = models_by_dependency(&c->cx, all.p, all.n, true);
    for (size_t i = 0; i < all.n; i++) {
        const ModelInfo *info = sorted[i]->slot->info;
        if (is_in(&without, sorted[i]))
            continue;
        if (sorted[i]->proxy) {
            if (!is_in(&all, sorted[i]->proxy_of))
                command_warn(c, "%.*s.%s is a proxy model and won't be serialized.", STR_FMT(info->label),
                             sorted[i]->name);
        } else if (router_allow_migrate(option_text(c, "database"), info->label, sorted[i])) {
            VEC_PUSH(c->cx.arena, &out, sorted[i]);
        }
    }
    return out;
}

static QuerySet *rows_of(CommandCall *c, const Model *m)
{
    const Model *meta = m->slot->info->meta;
    const char *manager = option_flag(c, "all") ? meta->base_manager_name : meta->default_manager_name;
    QuerySet *q = manager ? model_manager(&c->cx, m, str_c(manager)) : queryset_of(&c->cx, m);
    q = queryset_using(ORDER_BY(q, "pk"), option_text(c, "database"));
    if (option_given(c, "pks")) {
        List *keys = list_new(c->cx.arena);
        Str rest = option_text(c, "pks"), key;
        for (bool more = true; more;) {
            more = str_cut(&rest, ',', &key);
            list_push(c->cx.arena, keys, value_str(str_trim(key)));
        }
        q = FILTER(q, LOOKUP("pk__in", keys));
    }
    return q;
}

typedef struct Output {
    CommandCall *c;
    TempFile file;
    GzipStream *gzip;
    Buf packed;
} Output;

static CLEF_COLD CLEF_NORETURN void cannot_write(CommandCall *c, int outcome)
{
    RAISE(&c->cx, 500, "cannot_write", "%.*s cannot be written: %s.", STR_FMT(option_text(c, "output")),
          strerror(-outcome));
}

static void put(Output *out, Str text, GzipStep step)
{
    if (out->gzip) {
        buf_truncate(&out->packed, 0);
        if (!gzip_stream_add(out->gzip, &out->packed, text, step))
            RAISE(&out->c->cx, 500, "cannot_write", "The output cannot be compressed.");
        text = buf_view(&out->packed);
    }
    int outcome = text.n ? file_write_all(out->file.fd, text.p, text.n) : 0;
    if (outcome < 0)
        cannot_write(out->c, outcome);
}

static void sink(Context *cx, void *arg, Str text)
{
    Output *out = arg;
    (void)cx;
    if (out->file.fd < 0)
        command_write(out->c, text);
    else
        put(out, text, GZIP_MORE);
}

static void open_output(Output *out)
{
    CommandCall *c = out->c;
    Arena *a = c->cx.arena;
    Str path = option_text(c, "output");
    if (!path.n)
        return;
    int outcome = tempfile_create(&out->file, a, str_dup_c(a, path_folder(path)), STR(".tmp"));
    if (outcome < 0)
        cannot_write(c, outcome);
    if (!str_eq(path_extension(path), STR(".gz")))
        return;
    out->packed = BUF_INIT(a, (size_t)1 << 30);
    out->gzip = gzip_stream_create(a, (GzipOptions){ .format = GZIP_GZIP });
    if (!out->gzip)
        cannot_write(c, -ENOMEM);
}

static void close_output(Output *out)
{
    Arena *a = out->c->cx.arena;
    if (out->file.fd < 0)
        return;
    if (out->gzip)
        put(out, STR(""), GZIP_END);
    mode_t mask = umask(0);
    umask(mask);
    int outcome = tempfile_keep(&out->file, a, str_dup_c(a, option_text(out->c, "output")), 0666 & ~mask);
    if (outcome < 0)
        cannot_write(out->c, outcome);
}

static void run_dump(CommandCall *c)
{
    Output out = { .c = c, .file = { .fd = -1 } };
    FixtureStyle style = { .indent = (uint8_t)option_int(c, "indent"),
                           .natural_foreign = option_flag(c, "natural-foreign"),
                           .natural_primary = option_flag(c, "natural-primary") };
    Models models = wanted(c);
    if (option_given(c, "pks") &&
        (c->arguments.n != 1 || models.n > 1 || str_find_byte(c->arguments.p[0], '.') == STR_NPOS))
        RAISE(&c->cx, 500, "command_error", "You can only use --pks option with one model");
    if (!fixture_format(option_text(c, "format"), &style.format))
        RAISE(&c->cx, 500, "command_error", "Unknown serialization format: %.*s", STR_FMT(option_text(c, "format")));
    open_output(&out);
    FixtureWriter *w = fixture_writer_create(&c->cx, style, sink, &out);
    for (size_t i = 0; i < models.n; i++) {
        size_t n = fixture_write(w, rows_of(c, models.p[i]));
        if (out.file.fd >= 0)
            command_progress(c, "models", i + 1, models.n);
        if (c->verbosity > 2)
            command_warn(c, "%s: %zu", models.p[i]->name, n);
    }
    fixture_writer_end(w);
    close_output(&out);
}

/* --- loaddata */

static const char *const format_names[] = {
    [FIXTURE_JSON] = "json", [FIXTURE_JSONL] = "jsonl", [FIXTURE_XML] = "xml", [FIXTURE_YAML] = "yaml"
};

static void say_line(void *arg, Str line) { command_say(arg, "%.*s", STR_FMT(line)); }

static void add_input(CommandCall *c, FixtureTexts *out)
{
    FixtureText text = { .name = STR("-"), .input = true };
    if (!option_given(c, "format"))
        RAISE(&c->cx, 500, "command_error", "--format must be specified when reading from stdin.");
    if (!fixture_format(option_text(c, "format"), &text.format))
        RAISE(&c->cx, 500, "command_error", "Unknown serialization format: %.*s", STR_FMT(option_text(c, "format")));
    VEC_PUSH(c->cx.arena, out, text);
}

static void run_load(CommandCall *c)
{
    Arena *a = c->cx.arena;
    FixtureTexts texts = { 0 };
    Models without = excluded(c);
    const App *only = option_given(c, "app") ? app_named(c, option_text(c, "app")) : NULL;
    if (option_given(c, "app") && !only)
        RAISE(&c->cx, 500, "command_error", "No installed app with label '%.*s'.", STR_FMT(option_text(c, "app")));
    FixtureSearch where = { .settings = c->settings,
                            .using = option_text(c, "database"),
                            .app = only,
                            .say = c->verbosity > 1 ? say_line : NULL,
                            .arg = c };
    for (size_t i = 0; i < c->arguments.n; i++)
        if (str_eq(c->arguments.p[i], STR("-")))
            add_input(c, &texts);
        else
            fixtures_find(&c->cx, &where, c->arguments.p[i], &texts);
    for (size_t i = 0; c->verbosity > 1 && i < texts.n; i++)
        command_say(c, "Installing %s fixture '%.*s'.", format_names[texts.p[i].format], STR_FMT(texts.p[i].name));
    VEC_PUSH(a, &without, NULL);
    fixtures_load(&c->cx, texts.p, texts.n,
                  &(FixtureLoad){ .using = option_text(c, "database"),
                                  .ignore_nonexistent = option_flag(c, "ignorenonexistent"),
                                  .exclude = without.p });
    size_t objects = 0, loaded = 0;
    for (size_t i = 0; i < texts.n; i++) {
        objects += texts.p[i].objects;
        loaded += texts.p[i].loaded;
        if (!texts.p[i].objects)
            command_warn(c, "No fixture data found for '%.*s'. (The file format may be invalid.)",
                         STR_FMT(texts.p[i].name));
    }
    if (objects == loaded)
        command_say(c, "Installed %zu object(s) from %zu fixture(s)", loaded, texts.n);
    else
        command_say(c, "Installed %zu object(s) (of %zu) from %zu fixture(s)", loaded, objects, texts.n);
}
