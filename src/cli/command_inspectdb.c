/* command_inspectdb.c: models of tables that are there: a header, a source file, an application. */
#define _GNU_SOURCE
#include "cli/commands.h"
#include "cli/model_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void run_inspectdb(CommandCall *c);

const Command inspectdb_command = {
    .name = "inspectdb",
    .help = "Writes models of the tables that a database has.",
    .description =
        "The models are unmanaged: migrations leave their tables alone. Read them before they are used: what a "
        "database does not tell is guessed, and a comment says so. With --output models.h and models.c are "
        "written, which compile as they are; without it both are printed as one file.",
    .arguments = ARGUMENTS({ .name = "table", .optional = true, .many = true, .help = "Only these tables." }),
    .options = OPTIONS({ .name = "database",
                         .kind = OPTION_TEXT,
                         .value = "ALIAS",
                         .fallback = "default",
                         .help = "The database, by its alias in DATABASES." },
                       { .name = "output",
                         .letter = 'o',
                         .kind = OPTION_TEXT,
                         .value = "FOLDER",
                         .help = "Write models.h and models.c into this folder, which may be new." },
                       { .name = "app",
                         .kind = OPTION_TEXT,
                         .value = "LABEL",
                         .help = "The label of the application; the folder's name, or \"inspected\"." },
                       { .name = "include-partitions", .help = "Also the partitions of tables (PostgreSQL)." },
                       { .name = "include-views", .help = "Also views." }),
    .run = run_inspectdb,
};

static void write_whole(CommandCall *c, Str path, Str text)
{
    const char *p = str_dup_c(c->cx.arena, path);
    int fd = open(p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    size_t done = 0;
    if (fd < 0)
        RAISE(&c->cx, 500, "cannot_write", "%s cannot be written: %s.%s", p, strerror(errno),
              errno == EEXIST ? " Move it away first: what stands in it may have been edited." : "");
    while (done < text.n) {
        ssize_t n = write(fd, text.p + done, text.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (close(fd) < 0 || done < text.n)
        RAISE(&c->cx, 500, "cannot_write", "%s was not written whole: %s.", p, strerror(errno));
}

static bool is_wanted(const CommandCall *c, const TableListed *t)
{
    for (size_t i = 0; i < c->arguments.n; i++)
        if (str_eq(c->arguments.p[i], t->name))
            return true;
    if (c->arguments.n)
        return false;
    return t->kind == 't' || (t->kind == 'p' && option_flag(c, "include-partitions")) ||
           (t->kind == 'v' && option_flag(c, "include-views"));
}

static Str label_of(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Str label = option_text(c, "app"), folder = option_text(c, "output");
    while (folder.n > 1 && folder.p[folder.n - 1] == '/')
        folder.n--;
    if (!label.n)
        for (size_t i = folder.n; i-- > 0 && folder.p[i] != '/';)
            label = str_from_byte(folder, i);
    char *out = arena_alloc(a, label.n + 1);
    for (size_t i = 0; i < label.n; i++) {
        char x = label.p[i];
        bool plain = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || x == '_' || (i && x >= '0' && x <= '9');
        out[i] = plain ? x : '_';
    }
    return label.n && !str_eq(label, STR(".")) ? str_lower(a, str_from(out, label.n)) : STR("inspected");
}

static void run_inspectdb(CommandCall *c)
{
    Context *cx = &c->cx;
    Str alias = option_text(c, "database"), folder = option_text(c, "output");
    TablesListed listed = tables_list(cx, alias);
    ModelSource source = { .cx = cx, .label = label_of(c) };
    for (size_t i = 0; i < c->arguments.n; i++) {
        bool found = false;
        for (size_t j = 0; j < listed.n; j++)
            found |= str_eq(listed.p[j].name, c->arguments.p[i]);
        if (!found)
            RAISE(cx, 500, "lookup_error", "The database has no table '%.*s'.", STR_FMT(c->arguments.p[i]));
    }
    for (size_t i = 0; i < listed.n; i++)
        if (is_wanted(c, &listed.p[i]))
            VEC_PUSH(cx->arena, &source.tables, table_show(cx, alias, listed.p[i].name));
    model_source_prepare(&source);
    if (!folder.n) {
        command_write(c, model_source_header(&source, false));
        command_write(c, STR("\n"));
        command_write(c, model_source_tables(&source, false));
        return;
    }
    if (mkdir(str_dup_c(cx->arena, folder), 0777) < 0 && errno != EEXIST)
        RAISE(cx, 500, "cannot_write", "The folder %.*s cannot be made: %s.", STR_FMT(folder), strerror(errno));
    write_whole(c, str_format(cx->arena, "%.*s/models.h", STR_FMT(folder)), model_source_header(&source, true));
    write_whole(c, str_format(cx->arena, "%.*s/models.c", STR_FMT(folder)), model_source_tables(&source, true));
    if (c->verbosity > 0)
        command_write(c,
                      str_format(cx->arena,
                                 "Wrote %zu models to %.*s/models.h and models.c: add &%.*s_app to INSTALLED_APPS.\n",
                                 source.tables.n, STR_FMT(folder), STR_FMT(source.label)));
}
