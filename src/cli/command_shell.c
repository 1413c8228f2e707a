/* command_shell.c: shell: the queryset language at a prompt, of a text, of standard input. */
#include "cli/commands.h"
#include "cli/line_editor.h"
#include <clef/orm/databases.h>
#include <clef/shell.h>

#include <stdlib.h>
#include <unistd.h>

static void run_shell(CommandCall *c);

const Command shell_command = {
    .name = "shell",
    .help = "Asks the models, in the language of querysets.",
    .description =
        "Expressions as Django's users type them: Post.objects.filter(views__gt=10).order_by('-created')[:5]. "
        "Names may be given to results, instances be made and saved; it is no Python. At a terminal, Tab "
        "completes names of models, fields and lookups.",
    .options = OPTIONS({ .name = "command",
                         .letter = 'c',
                         .kind = OPTION_TEXT,
                         .value = "text",
                         .help = "Runs this text and leaves." },
                       { .name = "json", .help = "Prints each result as a line of JSON." },
                       { .name = "sql", .help = "Prints the SQL that runs." }),
    .run = run_shell,
};

typedef struct Session {
    CommandCall *c;
    Shell *shell;
    Str text;
    size_t queries; /* that were shown */
    bool json, sql;
} Session;

static void show_sql(Session *s)
{
    size_t i = 0;
    for (const LoggedQuery *q = sql_log(&s->c->cx); q; q = q->next, i++) {
        if (i < s->queries)
            continue;
        Buf b = BUF_INIT(s->c->cx.arena, 1 << 20);
        buf_str(&b, q->sql);
        for (size_t p = 0; p < q->nparams; p++) {
            buf_c(&b, p ? ", " : "  [");
            shell_json(s->shell, &b, q->params[p]);
            b.n -= b.n && b.p[b.n - 1] == '\n';
        }
        if (q->nparams)
            BUF_LIT(&b, "]");
        command_warn(s->c, "%.*s", STR_FMT(buf_view(&b)));
    }
    s->queries = i;
}

static void run_text(Context *cx, void *arg)
{
    Session *s = arg;
    Buf out = BUF_INIT(cx->arena, 64 << 20);
    Value v = shell_run(s->shell, s->text);
    if (s->json ? !shell_json(s->shell, &out, v) : !shell_print(s->shell, &out, v, 0))
        RAISE(cx, 500, "value_error", "The result is too large to be printed.");
    command_write(s->c, buf_view(&out));
}

/* False when it raised. */
static bool run(Session *s, Str text)
{
    s->text = text;
    const Error *e = attempt(&s->c->cx, run_text, s);
    if (s->sql)
        show_sql(s);
    if (!e)
        return true;
    Str name = shell_error_name(&s->c->cx, e);
    if (!s->json) {
        command_warn(s->c, "%.*s: %.*s", STR_FMT(name), STR_FMT(e->message));
        return false;
    }
    Map *what = map_new(s->c->cx.arena), *error = map_new(s->c->cx.arena);
    map_set(error, STR("type"), value_str(name));
    map_set(error, STR("message"), value_str(e->message));
    map_set(what, STR("error"), value_map(error));
    Buf b = BUF_INIT(s->c->cx.arena, 1 << 20);
    shell_json(s->shell, &b, value_map(what));
    command_write(s->c, buf_view(&b));
    return false;
}

static const char *const *complete(void *arg, Str line) { return shell_complete(((Session *)arg)->shell, line); }

static void talk(Session *s)
{
    Arena *a = s->c->cx.arena;
    const char *home = getenv("HOME");
    bool terminal = isatty(STDIN_FILENO);
    Buf b = BUF_INIT(a, 1 << 20);
    Str line;
    line_editor_start(complete, s, home && terminal ? str_format(a, "%s/.clef_history", home).p : NULL);
    if (terminal)
        command_say(s->c, "Querysets of %.*s. Tab completes; Ctrl-D leaves.",
                    STR_FMT(project_name(s->c->project, s->c->argv)));
    bool good = true;
    while (line_editor_read(a, b.n ? "... " : ">>> ", &line)) {
        buf_str(&b, line);
        buf_byte(&b, '\n');
        if (shell_is_open(buf_view(&b)))
            continue;
        good &= run(s, buf_view(&b));
        b = BUF_INIT(a, 1 << 20);
        if (!good && !terminal)
            break;
    }
    if (good && b.n)
        good = run(s, buf_view(&b));
    line_editor_finish();
    if (!good && !terminal)
        s->c->status = 1;
}

static void run_shell(CommandCall *c)
{
    Session s = { .c = c, .shell = shell_create(&c->cx), .json = option_flag(c, "json"), .sql = option_flag(c, "sql") };
    if (s.sql)
        sql_log_start(&c->cx);
    if (!option_given(c, "command"))
        talk(&s);
    else if (!run(&s, option_text(c, "command")))
        c->status = 1;
}
