/* migration_files.c: files of migrations, and answers of people. */
#define _GNU_SOURCE
#include "cli/migration_files.h"
#include "migrations/writer.h"
#include <clef/base/vec.h>
#include <clef/rt/file.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWER_MAX = 4096 };

const App *migration_app(CommandCall *c, const App *const *apps, Str label)
{
    for (const App *const *app = apps; *app; app++)
        if (str_eq(str_c((*app)->label), label))
            return *app;
    RAISE(&c->cx, 500, "lookup_error", "No installed app with label '%.*s'.", STR_FMT(label));
}

Str migration_folder(CommandCall *c, const App *app)
{
    return str_format(c->cx.arena, "%s/migrations", app->folder ? app->folder : app->label);
}

static void write_file(CommandCall *c, Str path, Str text)
{
    char *at = str_dup_c(c->cx.arena, path);
    mode_t mask = umask(0);
    umask(mask);
    int outcome = file_write_atomic(at, text, 0666 & ~mask);
    if (outcome < 0)
        RAISE(&c->cx, 500, "cannot_write",
              "%s cannot be written: %s. Run the command in the project's folder, or set .folder of the App.", at,
              strerror(-outcome));
}

Str migration_write(CommandCall *c, const App *app, const char *name, Str source)
{
    Str folder = migration_folder(c, app), path = str_format(c->cx.arena, "%.*s/%s.c", STR_FMT(folder), name);
    if (mkdir(str_dup_c(c->cx.arena, folder), 0777) < 0 && errno != EEXIST)
        RAISE(&c->cx, 500, "cannot_write",
              "The folder %.*s cannot be made: %s. Run the command in the project's folder, or set .folder of the App.",
              STR_FMT(folder), strerror(errno));
    write_file(c, path, source);
    return path;
}

void migration_index_write(CommandCall *c, const App *app, const char *const *more, size_t n)
{
    VEC(const char *) names = { 0 };
    Arena *a = c->cx.arena;
    for (size_t i = 0; app->migrations && app->migrations[i]; i++)
        VEC_PUSH(a, &names, app->migrations[i]->name);
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(a, &names, more[i]);
    write_file(c, str_format(a, "%.*s/index.c", STR_FMT(migration_folder(c, app))),
               migration_index_source(a, app->label, names.p, names.n));
}

void migration_index_change(CommandCall *c, const App *app, const char *old_name, const char *new_name)
{
    VEC(const char *) names = { 0 };
    Arena *a = c->cx.arena;
    for (size_t i = 0; app->migrations && app->migrations[i]; i++) {
        const char *name = app->migrations[i]->name;
        VEC_PUSH(a, &names, str_eq(str_c(name), str_c(old_name)) ? new_name : name);
    }
    write_file(c, str_format(a, "%.*s/index.c", STR_FMT(migration_folder(c, app))),
               migration_index_source(a, app->label, names.p, names.n));
}

bool answer_read(CommandCall *c, Str *out)
{
    char *line = arena_alloc(c->cx.arena, ANSWER_MAX);
    size_t n = 0;
    while (n < ANSWER_MAX) {
        ssize_t got = read(STDIN_FILENO, line + n, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 && n == 0)
            return false;
        if (got <= 0 || line[n] == '\n')
            break;
        n++;
    }
    *out = str_trim(str_from(line, n));
    return true;
}
