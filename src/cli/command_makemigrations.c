/* command_makemigrations.c: makemigrations: what changed in the models, as migration files. */
#define _GNU_SOURCE
#include "cli/migration_files.h"
#include "migrations/graph.h"
#include "migrations/writer.h"
#include <clef/base/double.h>
#include <clef/base/vec.h>
#include <clef/orm/databases.h>
#include <clef/orm/swap.h>

#include <unistd.h>

static void run_makemigrations(CommandCall *c);

const Command makemigrations_command = {
    .name = "makemigrations",
    .help = "Writes migrations for what has changed in the models.",
    .description =
        "Migrations are C files in the folder migrations of each application; migrations/index.c lists them, "
        "and the application has `.migrations = NAME_migrations`. Build the project again before `migrate`.",
    .arguments = ARGUMENTS({ .name = "app_label", .optional = true, .many = true, .help = "Only these applications." }),
    .options =
        OPTIONS({ .name = "dry-run", .help = "Show what would be written, and write nothing." },
                { .name = "merge", .help = "Join migrations that were made side by side." },
                { .name = "empty", .help = "An empty migration, to be written by hand." },
                { .name = "no-input", .help = "Ask nothing: nothing was renamed, and there are no defaults." },
                { .name = "name",
                  .letter = 'n',
                  .kind = OPTION_TEXT,
                  .value = "NAME",
                  .help = "The migration's name, without its number." },
                { .name = "update", .help = "Put the changes into the last migration, which nobody may have applied." },
                { .name = "check", .help = "Exit with 1 when something would be written, and write nothing." }),
    .run = run_makemigrations,
};

typedef struct Making {
    CommandCall *c;
    Graph *g;
    bool asks;
    bool refused; /* a question that had to be answered was not */
} Making;

/* --- questions */

CLEF_PRINTF(2, 3) static void ask(Making *m, const char *format, ...)
{
    va_list args;
    Buf b = BUF_INIT(m->c->cx.arena, 1 << 16);
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    output_write(STDOUT_FILENO, buf_view(&b));
}

static bool yes(Making *m)
{
    Str answer;
    return m->asks && answer_read(m->c, &answer) && str_istarts(answer, STR("y"));
}

static bool renamed_model(void *arg, const char *app, const char *old_name, const char *new_name)
{
    Making *m = arg;
    if (m->asks)
        ask(m, "Was the model %s.%s renamed to %s? [y/N] ", app, old_name, new_name);
    return yes(m);
}

static bool renamed_field(void *arg, const char *model, const char *old_name, const char *new_name, const Field *field)
{
    Making *m = arg;
    if (m->asks)
        ask(m, "Was %s.%s renamed to %s.%s (a %s)? [y/N] ", model, old_name, model, new_name, field_class(field));
    return yes(m);
}

/* What a person types for a column of this kind. */
static bool parse(Arena *a, const Field *f, Str text, Value *out)
{
    int64_t i;
    double d;
    Date day;
    ParsedDateTime t;
    DateTime at;
    switch (f->kind) {
    case FIELD_BOOLEAN:
        *out = value_bool(str_ieq(text, STR("true")) || str_eq(text, STR("1")));
        return out->b || str_ieq(text, STR("false")) || str_eq(text, STR("0"));
    case FIELD_FLOAT:
        *out = value_double(double_parse_any(text, &d) ? d : 0);
        return double_parse_any(text, &d);
    case FIELD_DECIMAL: {
        Decimal *x = NEW(a, Decimal);
        *out = value_decimal(x);
        return decimal_parse(a, text, x) == DECIMAL_OK;
    }
    case FIELD_DATE:
        if (str_eq(text, STR("now")))
            day = naive_date(datetime_utc(datetime_now()));
        else if (!date_parse_iso(text, &day))
            return false;
        *out = value_date(day);
        return true;
    case FIELD_DATETIME:
        if (str_eq(text, STR("now")))
            at = datetime_now();
        else if (datetime_parse(text, &t) != PARSE_OK || !datetime_from_naive(t.local, t.aware ? t.offset : 0, &at))
            return false;
        *out = value_datetime(at, NULL);
        return true;
    case FIELD_UUID: {
        Uuid *u = NEW(a, Uuid);
        *out = value_uuid(u);
        return uuid_parse(text, u);
    }
    default:
        if (field_is_relation(f) || field_is_auto(f) || f->kind == FIELD_DURATION ||
            (f->kind >= FIELD_INTEGER && f->kind <= FIELD_POSITIVE_SMALL_INTEGER)) {
            bool ok = str_to_i64(text, &i);
            *out = f->kind == FIELD_DURATION ? value_duration((Duration){ ok ? i : 0 }) : value_int(ok ? i : 0);
            return ok;
        }
        if (text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'') && text.p[text.n - 1] == text.p[0])
            text = str_slice(text, 1, text.n - 1);
        *out = value_str(str_copy(a, text));
        return true;
    }
}

static bool ask_default(Making *m, const Field *f, Value *out)
{
    Str answer;
    const char *hint = f->kind == FIELD_DATE || f->kind == FIELD_DATETIME ? " (or: now)" : "";
    for (;;) {
        ask(m, "Value for a %s%s: ", field_class(f), hint);
        if (!answer_read(m->c, &answer)) {
            m->refused = true;
            return false;
        }
        if (parse(m->c->cx.arena, f, answer, out))
            return true;
        ask(m, "'%.*s' is no value of a %s. ", STR_FMT(answer), field_class(f));
    }
}

/* The value that the code gives to new rows, computed once. */
static bool computed(Making *m, const char *model, const Field *f, Value *out)
{
    for (size_t i = 0; model_at(i); i++) {
        const Field *code = same_c(model_at(i)->name, model) ? model_field(model_at(i), str_c(f->name)) : NULL;
        if (code && code->default_fn) {
            *out = value_copy(m->c->cx.arena, code->default_fn(&m->c->cx));
            return true;
        }
    }
    return false;
}

static bool default_for_new(void *arg, const char *model, const Field *f, Value *out)
{
    Making *m = arg;
    if (computed(m, model, f, out))
        return true;
    if (f->auto_now_add && !m->asks) {
        *out = f->kind == FIELD_DATE ? value_date(naive_date(datetime_utc(datetime_now())))
                                     : value_datetime(datetime_now(), NULL);
        return f->kind != FIELD_TIME;
    }
    if (!m->asks) {
        command_warn(
            m->c,
            "Field '%s' on model '%s' not migrated: it is impossible to add a non-nullable field without "
            "specifying a default. Give it .default_value = DEFAULT(...) or make it nullable, or run this on a "
            "terminal.",
            f->name, model);
        m->refused = true;
        return false;
    }
    ask(m,
        "It is impossible to add the non-nullable field '%s' to %s without a default: the rows that are there need a "
        "value.\n 1) Give one now, for these rows\n 2) Quit, and add a default to the model\nSelect an option: ",
        f->name, model);
    Str answer;
    if (answer_read(m->c, &answer) && str_eq(answer, STR("1")))
        return ask_default(m, f, out);
    m->refused = true;
    return false;
}

static bool default_for_null(void *arg, const char *model, const Field *f, Value *out)
{
    Making *m = arg;
    Str answer;
    if (computed(m, model, f, out))
        return true;
    if (!m->asks) {
        command_warn(m->c,
                     "Field '%s' on model '%s' given a default of NOT PROVIDED: rows that have NULL there must be "
                     "changed before the migration can run.",
                     f->name, model);
        return false;
    }
    ask(m,
        "The field '%s' of %s can be NULL no more: rows that have NULL there need a value.\n 1) Give one now, for "
        "these "
        "rows\n 2) Ignore for now: I change these rows by a RunFunction or RunSQL before this\n 3) Quit, and add a "
        "default to the model\nSelect an option: ",
        f->name, model);
    if (!answer_read(m->c, &answer) || str_eq(answer, STR("3")))
        m->refused = true;
    return str_eq(answer, STR("1")) && ask_default(m, f, out);
}

/* --- what there is */

static const char *leaf_of(void *arg, const char *app)
{
    Making *m = arg;
    Node *leaf;
    return graph_leaves(m->g, app, &leaf, 1) && !leaf->implicit ? leaf->m->name : NULL;
}

static const App *app_of(Making *m, Str label) { return migration_app(m->c, m->g->apps, label); }

static bool is_wanted(Making *m, const char *label)
{
    const StrList *names = &m->c->arguments;
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->p[i], str_c(label)))
            return true;
    return names->n == 0 && app_of(m, str_c(label))->migrations;
}

/* Is it what a migration depends on? Of a model that a setting names, the first one of its application is meant. */
static bool is_change(const Change *change, const MigrationKey *k)
{
    if (!same_c(k->app, SWAPPABLE_APP))
        return same_c(change->app, k->app) && same_c(change->name, k->name);
    Str rest = swap_setting(str_c(k->name)), app;
    return str_cut(&rest, '.', &app) && str_eq(app, str_c(change->app)) && change->initial;
}

/* Changes of the wanted applications, and of those on which these depend. */
static void choose(Making *m, const Change *changes, size_t n, bool *chosen)
{
    for (size_t i = 0; i < n; i++)
        chosen[i] = is_wanted(m, changes[i].app);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < n; i++)
            for (const MigrationKey *k = chosen[i] ? changes[i].dependencies : NULL; k && k->app; k++)
                for (size_t j = 0; j < n; j++)
                    if (!chosen[j] && is_change(&changes[j], k) && app_of(m, str_c(changes[j].app))->migrations)
                        again = chosen[j] = true;
    }
}

/* --- writing */

static void write_index(Making *m, const App *app, const Change *changes, const bool *chosen, size_t n)
{
    VEC(const char *) names = { 0 };
    for (size_t i = 0; i < n; i++)
        if (chosen[i] && same_c(changes[i].app, app->label))
            VEC_PUSH(m->c->cx.arena, &names, changes[i].name);
    migration_index_write(m->c, app, names.p, names.n);
}

/* An application without migrations begins with its first one. */
static void leave_out(ProjectState *s, const App *app)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!same_c(s->p[i]->app, app->label))
            s->p[kept++] = s->p[i];
    s->n = kept;
}

/* What an operation does to a large table that others use meanwhile. */
static void warn(Making *m, const Change *change)
{
    Str vendor = migration_vendor(&m->c->cx, STR(""));
    ProjectState *s = graph_state(m->g, false, NULL);
    if (!app_of(m, str_c(change->app))->migrations)
        leave_out(s, app_of(m, str_c(change->app)));
    for (const Operation *op = change->operations; op->kind; op++) {
        Str why = operation_lint(&m->c->cx, vendor, change->app, op, s);
        if (why.n)
            command_warn(m->c, "%s.%s, %.*s: %.*s", change->app, change->name,
                         STR_FMT(operation_describe(m->c->cx.arena, op)), STR_FMT(why));
        state_apply(&m->c->cx, s, change->app, op);
    }
}

static void write_change(Making *m, const Change *change)
{
    CommandCall *c = m->c;
    const App *app = app_of(m, str_c(change->app));
    Str source = migration_source(c->cx.arena, &change->migration);
    command_say(c, "  %.*s/%s.c", STR_FMT(migration_folder(c, app)), change->name);
    for (const Operation *op = change->operations; op->kind; op++)
        command_say(c, "    %c %.*s", operation_symbol(op), STR_FMT(operation_describe(c->cx.arena, op)));
    warn(m, change);
    if (!option_flag(c, "dry-run") && !option_flag(c, "check"))
        (void)migration_write(c, app, change->name, source);
    else if (c->verbosity >= 3)
        command_write(c, source);
}

static void write_all(Making *m, const Change *changes, const bool *chosen, size_t n)
{
    bool quiet = option_flag(m->c, "dry-run") || option_flag(m->c, "check");
    for (const App *const *app = m->g->apps; *app; app++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) {
            if (!chosen[i] || !same_c(changes[i].app, (*app)->label))
                continue;
            if (!any)
                command_say(m->c, "Migrations for '%s':", (*app)->label);
            any = true;
            write_change(m, &changes[i]);
        }
        if (!any || quiet)
            continue;
        write_index(m, *app, changes, chosen, n);
        if (!(*app)->migrations)
            command_say(m->c,
                        "  Now let the application list them: in its header `extern const Migration *const "
                        "%s_migrations[];`, in its App `.migrations = %s_migrations`.",
                        (*app)->label, (*app)->label);
    }
}

/* --- kinds of migrations */

static Change *by_hand(Making *m, const App *app, const MigrationKey *after, const char *name)
{
    Arena *a = m->c->cx.arena;
    static const Operation nothing[] = { { .kind = OPERATION_NONE } };
    Change *change = NEW(a, Change);
    unsigned number = 0;
    for (size_t i = 0; app->migrations && app->migrations[i]; i++) {
        int64_t n;
        if (str_to_i64(str_slice(str_c(app->migrations[i]->name), 0, 4), &n) && n >= number)
            number = (unsigned)n;
    }
    change->app = app->label;
    change->name = str_format(a, "%04u_%s", number + 1, name).p;
    change->initial = number == 0;
    change->operations = nothing;
    change->dependencies = after;
    change->migration = (Migration){ .app = change->app,
                                     .name = change->name,
                                     .initial = change->initial,
                                     .dependencies = after,
                                     .operations = nothing };
    return change;
}

static void make_empty(Making *m)
{
    CommandCall *c = m->c;
    Arena *a = c->cx.arena;
    if (!c->arguments.n)
        RAISE(&c->cx, 500, "usage", "You must supply at least one app label when using --empty.");
    const char *name = option_given(c, "name") ? str_dup_c(a, option_text(c, "name")) : "custom";
    for (size_t i = 0; i < c->arguments.n; i++) {
        const App *app = app_of(m, c->arguments.p[i]);
        MigrationKey *keys = NEW_ARRAY(a, MigrationKey, 2);
        const char *leaf = leaf_of(m, app->label);
        keys[0] = (MigrationKey){ leaf ? app->label : NULL, leaf };
        bool chosen = true;
        write_all(m, by_hand(m, app, keys, name), &chosen, 1);
    }
}

static void make_merge(Making *m)
{
    CommandCall *c = m->c;
    Arena *a = c->cx.arena;
    bool any = false;
    for (const App *const *app = m->g->apps; *app; app++) {
        Node *leaves[16];
        size_t n = graph_leaves(m->g, (*app)->label, leaves, CLEF_COUNT(leaves));
        if (n < 2)
            continue;
        any = true;
        MigrationKey *keys = NEW_ARRAY(a, MigrationKey, n + 1);
        Buf name = BUF_INIT(a, 1 << 14);
        BUF_LIT(&name, "merge");
        for (size_t i = 0; i < n; i++) {
            keys[i] = (MigrationKey){ (*app)->label, leaves[i]->m->name };
            buf_printf(&name, "_%s", leaves[i]->m->name);
            command_say(c, "  Branch %s", leaves[i]->m->name);
            for (const Operation *op = leaves[i]->m->operations; op && op->kind; op++)
                command_say(c, "    %c %.*s", operation_symbol(op), STR_FMT(operation_describe(a, op)));
        }
        if (m->asks)
            ask(m, "Do these branches change different things, so that their order does not matter? [y/N] ");
        if (m->asks && !yes(m)) {
            m->refused = true;
            return;
        }
        const char *given = option_given(c, "name") ? str_dup_c(a, option_text(c, "name"))
                                                    : str_dup_c(a, str_slice(buf_view(&name), 0, 90));
        bool chosen = true;
        write_all(m, by_hand(m, *app, keys, given), &chosen, 1);
    }
    if (!any)
        command_say(c, "No conflicts detected to merge.");
}

static void make_changes(Making *m)
{
    CommandCall *c = m->c;
    const Questioner q = { renamed_model, renamed_field, default_for_new, default_for_null, m };
    const KnownMigrations known = { leaf_of, m };
    const char *name = option_given(c, "name") ? str_dup_c(c->cx.arena, option_text(c, "name")) : NULL;
    ProjectState *from = graph_state(m->g, false, NULL), *to = state_of_apps(&c->cx, m->g->apps);
    Change *changes;
    for (size_t i = 0; i < c->arguments.n; i++)
        if (!app_of(m, c->arguments.p[i])->migrations)
            leave_out(from, app_of(m, c->arguments.p[i]));
    size_t n = changes_detect(&c->cx, from, to, &q, &known, name, &changes), wanted = 0;
    bool *chosen = NEW_ARRAY(c->cx.arena, bool, n);
    if (m->refused)
        return;
    choose(m, changes, n, chosen);
    for (size_t i = 0; i < n; i++)
        wanted += chosen[i];
    if (!wanted) {
        if (c->arguments.n == 1)
            command_say(c, "No changes detected in app '%.*s'", STR_FMT(c->arguments.p[0]));
        else
            command_say(c, "No changes detected");
        return;
    }
    if (option_flag(c, "update"))
        migrations_update(c, changes, chosen, n);
    else
        write_all(m, changes, chosen, n);
    if (option_flag(c, "check"))
        c->status = 1;
}

static void run_makemigrations(CommandCall *c)
{
    Making m = { .c = c, .asks = !option_flag(c, "no-input") && isatty(STDIN_FILENO) };
    m.g = graph_create(&c->cx, c->settings->installed_apps);
    Str name = option_text(c, "name");
    for (size_t i = 0; i < name.n; i++) {
        char x = name.p[i];
        if (!((x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || x == '_'))
            RAISE(&c->cx, 500, "usage",
                  "The migration name must be a part of a C identifier: letters, digits and '_'.");
    }
    for (size_t i = 0; i < c->arguments.n; i++)
        (void)app_of(&m, c->arguments.p[i]);
    Str conflicts = graph_conflicts(m.g);
    if (option_flag(c, "merge"))
        make_merge(&m);
    else if (conflicts.n)
        RAISE(&c->cx, 500, "migration_error",
              "Conflicting migrations detected; multiple leaf nodes in the migration graph: (%.*s). To fix them run "
              "makemigrations --merge.",
              STR_FMT(conflicts));
    else if (option_flag(c, "empty"))
        make_empty(&m);
    else
        make_changes(&m);
    if (m.refused)
        c->status = 3;
}
