/* watch.c: inotify on every folder of the project. */
#define _GNU_SOURCE
#include "tool/watch.h"

#include <clef/base/buf.h>
#include <clef/base/vec.h>
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <dirent.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { DEPTH_MAX = 32, FOLDERS_MAX = 20000, ENTRIES_MAX = 100000 };
static const uint32_t EVENTS =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

typedef struct Folder {
    int number; /* inotify's */
    Str path;   /* "" is the project's folder */
} Folder;

struct TreeWatch {
    Watcher watcher;
    Loop *loop;
    Arena *arena;
    VEC(Folder) folders;
    void (*changed)(WatchKind kind, const char *name, void *arg);
    void *arg;
};

WatchKind watch_kind(Str name)
{
    static const Str files[] = { STR(".html"), STR(".htm"), STR(".txt"),  STR(".css"),  STR(".js"),
                                 STR(".svg"),  STR(".xml"), STR(".json"), STR(".yaml"), STR(".yml"),
                                 STR(".mo"),   STR(".sql"), STR(".md"),   STR(".eml") };
    Str base = path_base(name);
    if (str_eq(base, STR(".env")))
        return WATCH_FILE;
    if (!base.n || base.p[0] == '.' || base.p[0] == '#')
        return WATCH_NOTHING;
    if (str_eq(base, STR("Makefile")) || str_ends(base, STR(".c")) || str_ends(base, STR(".h")) ||
        str_ends(base, STR(".mk")))
        return WATCH_SOURCE;
    for (size_t i = 0; i < CLEF_COUNT(files); i++)
        if (str_ends(base, files[i]))
            return WATCH_FILE;
    return WATCH_NOTHING;
}

static bool is_watched_folder(Str path)
{
    Str base = path_base(path);
    return !(base.n && base.p[0] == '.') && !str_eq(path, STR("build")) && !str_eq(base, STR("node_modules")) &&
           !str_eq(base, STR("__pycache__"));
}

/* Below `path` as well; what is found in a new folder counts as changed. */
static void add_folder(TreeWatch *w, Str path, int depth, bool tell)
{
    if (depth > DEPTH_MAX || w->folders.n >= FOLDERS_MAX || !is_watched_folder(path))
        return;
    const char *c = path.n ? str_dup_c(w->arena, path) : ".";
    int number = inotify_add_watch(w->watcher.fd, c, EVENTS);
    if (number < 0)
        return; /* gone already */
    bool known = false;
    for (size_t i = 0; i < w->folders.n && !known; i++)
        if (w->folders.p[i].number == number) {
            w->folders.p[i].path = str_c(path.n ? c : "");
            known = true;
        }
    if (!known)
        VEC_PUSH(w->arena, &w->folders, (Folder){ number, str_c(path.n ? c : "") });
    FileEntry *entries;
    ssize_t n = file_list(w->arena, c, ENTRIES_MAX, &entries);
    for (ssize_t i = 0; i < n; i++) {
        Str name = path_join(w->arena, path, entries[i].name);
        if (entries[i].type == DT_DIR)
            add_folder(w, name, depth + 1, tell);
        else if (tell && watch_kind(name) != WATCH_NOTHING)
            w->changed(watch_kind(name), str_dup_c(w->arena, name), w->arg);
    }
}

static void one_event(TreeWatch *w, const struct inotify_event *e)
{
    const Folder *folder = NULL;
    for (size_t i = 0; i < w->folders.n && !folder; i++)
        if (w->folders.p[i].number == e->wd)
            folder = &w->folders.p[i];
    if (!folder || !e->len)
        return;
    char bytes[4096 + 256];
    Buf b = { .p = bytes, .cap = sizeof bytes, .max = sizeof bytes - 1 };
    if (folder->path.n)
        (void)(buf_str(&b, folder->path) && buf_byte(&b, '/'));
    if (!buf_c(&b, e->name))
        return;
    WatchKind kind = watch_kind(buf_view(&b));
    if (e->mask & IN_ISDIR) {
        if (e->mask & (IN_CREATE | IN_MOVED_TO))
            add_folder(w, buf_view(&b), 1, true);
        return;
    }
    if ((e->mask & IN_CREATE) || kind == WATCH_NOTHING) /* IN_CLOSE_WRITE follows when there is something in it */
        return;
    if (kind == WATCH_SOURCE && (e->mask & (IN_DELETE | IN_MOVED_FROM)))
        kind = WATCH_REMOVED;
    w->changed(kind, b.p, w->arg);
}

static void on_events(Loop *loop, Watcher *watcher, uint32_t events)
{
    (void)loop, (void)events;
    TreeWatch *w = CLEF_CONTAINER(watcher, TreeWatch, watcher);
    _Alignas(struct inotify_event) char bytes[16384];
    ssize_t n;
    while ((n = read(watcher->fd, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const struct inotify_event *)(const void *)(bytes + at);
            if (e->mask & IN_Q_OVERFLOW) /* too much to say what */
                w->changed(WATCH_SOURCE, "many files", w->arg);
            else
                one_event(w, e);
            at += (ssize_t)(sizeof *e + e->len);
        }
}

TreeWatch *watch_start(Loop *loop, Arena *a, void (*changed)(WatchKind kind, const char *name, void *arg), void *arg)
{
    TreeWatch *w = NEW(a, TreeWatch);
    *w = (TreeWatch){ .loop = loop, .arena = a, .changed = changed, .arg = arg };
    w->watcher = (Watcher){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .fn = on_events };
    if (w->watcher.fd < 0)
        return NULL;
    add_folder(w, STR(""), 0, false);
    int error = w->folders.n ? loop_watch(loop, &w->watcher, EPOLLIN) : -ENOSPC;
    if (error) {
        close(w->watcher.fd);
        errno = -error;
        return NULL;
    }
    loop_release(loop);
    return w;
}
