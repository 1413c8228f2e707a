/* messages.c: GNU gettext's programs, and walks over the project's folders. */
#define _GNU_SOURCE
#include "cli/messages.h"
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <clef/rt/process.h>

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static Str read_all(CommandCall *c, int fd)
{
    Buf b = BUF_INIT(c->cx.arena, MESSAGES_FILE_MAX);
    ssize_t n = 0;
    off_t at = 0;
    while (buf_reserve(&b, 65536) && ((n = pread(fd, b.p + b.n, 65536, at)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0) {
            b.n += (size_t)n;
            at += n;
        }
    if (n != 0 || b.failed)
        RAISE(&c->cx, 500, "cannot_run", "What a program wrote cannot be read, or is longer than %d bytes.",
              MESSAGES_FILE_MAX);
    return str_copy(c->cx.arena, buf_view(&b));
}

/* Files take what it writes: nothing waits for a reader, with and without a loop. */
Said gettext_run(CommandCall *c, const char *const *words)
{
    int out = file_temp(NULL), err = file_temp(NULL);
    if (out < 0 || err < 0)
        RAISE(&c->cx, 500, "cannot_run", "No file can be made in /tmp: %s.", strerror(out < 0 ? -out : -err));
    Process p;
    int error = process_spawn(
        &p, words,
        &(ProcessOptions){ .out = { .kind = PROCESS_FD, .fd = out }, .err = { .kind = PROCESS_FD, .fd = err } });
    if (error == -ENOENT)
        RAISE(&c->cx, 500, "cannot_run", "Can't find %s. Install GNU gettext's tools: the package \"gettext\".",
              words[0]);
    if (error < 0)
        RAISE(&c->cx, 500, "cannot_run", "%s cannot be started: %s.", words[0], strerror(-error));
    while (process_wait(&p, 0) != 0)
        ;
    Said said = { .code = p.code };
    process_close(&p);
    said.out = read_all(c, out);
    said.err = read_all(c, err);
    close(out);
    close(err);
    return said;
}

bool texts_have(const Texts *texts, Str text)
{
    for (size_t i = 0; i < texts->n; i++)
        if (str_eq(texts->p[i], text))
            return true;
    return false;
}

void texts_add(CommandCall *c, Texts *texts, StrList list)
{
    for (size_t i = 0; i < list.n; i++)
        if (!texts_have(texts, list.p[i]))
            VEC_PUSH(c->cx.arena, texts, list.p[i]);
}

bool is_folder(CommandCall *c, Str path)
{
    struct stat s;
    return stat(str_dup_c(c->cx.arena, path), &s) == 0 && S_ISDIR(s.st_mode);
}

Str absolute_path(CommandCall *c, Str path)
{
    Arena *a = c->cx.arena;
    char *here = arena_alloc(a, PATH_MAX);
    Str folder = getcwd(here, PATH_MAX) ? str_c(here) : STR("/");
    return path_normalize(a, path_join(a, folder, path));
}

Str locale_path(CommandCall *c, size_t i)
{
    return absolute_path(c, path_join(c->cx.arena, c->settings->base_dir, c->settings->locale_paths.p[i]));
}

static bool is_ignored(const Walk *w, Str path, Str name)
{
    Arena *a = w->c->cx.arena;
    const char *p = str_dup_c(a, path), *n = str_dup_c(a, name);
    for (size_t i = 0; w->ignored && i < w->ignored->n; i++) {
        Str pattern = w->ignored->p[i];
        if (str_ends(pattern, STR("/*"))) /* all of a folder: the folder */
            pattern.n -= 2;
        const char *text = str_dup_c(a, pattern);
        if (fnmatch(text, n, 0) == 0 || fnmatch(text, p, 0) == 0)
            return true;
    }
    return false;
}

static void walk(Walk *w, Str folder, int depth)
{
    Arena *a = w->c->cx.arena;
    FileEntry *entries;
    Texts within = { 0 };
    ssize_t n = file_list(a, folder.n ? str_dup_c(a, folder) : ".", MESSAGES_ENTRIES_MAX, &entries);
    if (n < 0 || depth > MESSAGES_DEPTH_MAX) {
        command_warn(w->c, "%.*s is left out: %s", STR_FMT(folder),
                     n < 0 ? strerror((int)-n) : "the folders are nested too deep");
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        Str path = path_join(a, folder, entries[i].name);
        bool linked = entries[i].type == DT_LNK && is_folder(w->c, path);
        if (!linked && entries[i].type != DT_DIR)
            continue;
        if (!is_ignored(w, path, entries[i].name) && (!w->folder || w->folder(w, path, entries[i].name)) &&
            (!linked || w->symlinks))
            VEC_PUSH(a, &within, path);
    }
    for (ssize_t i = 0; w->file && i < n; i++) {
        Str path = path_join(a, folder, entries[i].name);
        bool plain = entries[i].type == DT_REG || (entries[i].type == DT_LNK && !is_folder(w->c, path));
        if (plain && !is_ignored(w, path, entries[i].name))
            w->file(w, path, entries[i].name);
    }
    for (size_t i = 0; i < within.n; i++)
        walk(w, within.p[i], depth + 1);
}

void messages_walk(Walk *w, Str folder) { walk(w, folder, 0); }

static bool looks_like_locale(Str name)
{
    return name.n >= 2 && name.p[0] >= 'a' && name.p[0] <= 'z' && name.p[1] >= 'a' && name.p[1] <= 'z';
}

void locales_in(CommandCall *c, Str folder, Texts *out)
{
    FileEntry *entries;
    ssize_t n = file_list(c->cx.arena, str_dup_c(c->cx.arena, folder), MESSAGES_ENTRIES_MAX, &entries);
    for (ssize_t i = 0; i < n; i++)
        if (looks_like_locale(entries[i].name) && is_folder(c, path_join(c->cx.arena, folder, entries[i].name)) &&
            !texts_have(out, entries[i].name))
            VEC_PUSH(c->cx.arena, out, entries[i].name);
}
