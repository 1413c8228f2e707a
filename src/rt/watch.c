/*
 * watch.c: inotify, folder by folder. The kernel numbers what it watches, and never uses a number again, so the folders are
 * kept in the order of their numbers.
 */
#include <clef/base/vec.h>
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <clef/rt/watch.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    QUIET_MS = 50,
    LATEST = 20, /* quiet times */
    FOLDERS = 16384,
    ENTRIES_MAX = 65536, /* of one folder */
    DEPTH_MAX = 64,
    DEAD_MAX = 256 << 10, /* bytes of paths that are no more, before they are cleared away */
};
static const int64_t MS = 1000000, LOOK_NS = 1000000000;

/* A folder of thousands that is watched costs its path. */
typedef struct WatchedFolder {
    int number;
    Str path;
} WatchedFolder;

typedef struct WatchedRoot {
    Str path;
    bool gone;
} WatchedRoot;

struct FileWatch {
    Loop *loop;
    Arena *arena;   /* of this */
    Arena *paths;   /* of the folders; made anew when most of it is dead */
    Arena *scratch; /* of the changes; reset when they are told */
    FileWatchOptions o;
    Watcher watcher;
    Timer quiet, look;
    VEC(WatchedRoot) roots;
    VEC(WatchedFolder) folders;
    VEC(FileChange) changes;
    size_t dead;       /* bytes in `paths` */
    int64_t latest_ns; /* when the changes are told although more come; 0: there are none */
    bool lost;
};

static const uint32_t MASK = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                             IN_MOVE_SELF | IN_EXCL_UNLINK | IN_ONLYDIR;

/* ---- the folders ---- */

/* Where this number is, or would be. */
static size_t find(const FileWatch *w, int number)
{
    size_t low = 0, high = w->folders.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->folders.p[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static WatchedFolder *folder_of(FileWatch *w, int number)
{
    size_t at = find(w, number);
    return at < w->folders.n && w->folders.p[at].number == number ? &w->folders.p[at] : NULL;
}

static void remember(FileWatch *w, int number, Str path)
{
    WatchedFolder *known = folder_of(w, number);
    if (known) { /* the same folder under another name */
        if (str_eq(known->path, path))
            return;
        w->dead += known->path.n + 1;
        known->path = str_copy(w->paths, path);
        return;
    }
    size_t at = find(w, number);
    VEC_PUSH(w->arena, &w->folders, (WatchedFolder){ 0 });
    memmove(w->folders.p + at + 1, w->folders.p + at, (w->folders.n - 1 - at) * sizeof *w->folders.p);
    w->folders.p[at] = (WatchedFolder){ number, str_copy(w->paths, path) };
}

static void forget_at(FileWatch *w, size_t at)
{
    w->dead += w->folders.p[at].path.n + 1;
    w->folders.n--;
    memmove(w->folders.p + at, w->folders.p + at + 1, (w->folders.n - at) * sizeof *w->folders.p);
}

static bool is_below(Str path, Str folder)
{
    bool slash = folder.n && folder.p[folder.n - 1] == '/'; /* of the root */
    return str_starts(path, folder) && (slash || path.n == folder.n || path.p[folder.n] == '/');
}

/* A folder that went, or moved away, with all below it. */
static void forget_tree(FileWatch *w, Str path)
{
    for (size_t i = w->folders.n; i-- > 0;)
        if (is_below(w->folders.p[i].path, path)) {
            (void)inotify_rm_watch(w->watcher.fd, w->folders.p[i].number);
            forget_at(w, i);
        }
}

static void clear_dead_paths(FileWatch *w)
{
    if (w->dead < DEAD_MAX)
        return;
    Arena *fresh = arena_create(w->arena, 0, 0);
    for (size_t i = 0; i < w->folders.n; i++)
        w->folders.p[i].path = str_copy(fresh, w->folders.p[i].path);
    arena_destroy(w->paths);
    w->paths = fresh;
    w->dead = 0;
}

/* ---- the changes ---- */

static bool is_wanted(const FileWatch *w, Str path, bool folder)
{
    return !w->o.wanted || w->o.wanted(path, path_base(path), folder, w->o.arg);
}

static void soon(FileWatch *w)
{
    int64_t now = loop_now(w->loop), at = now + w->o.quiet_ms * MS;
    if (!w->latest_ns)
        w->latest_ns = now + LATEST * w->o.quiet_ms * MS;
    timer_set(w->loop, &w->quiet, at < w->latest_ns ? at : w->latest_ns);
}

/* The path is copied when it is new. */
static void note(FileWatch *w, Str path, FileChangeKind kind, bool folder)
{
    soon(w);
    for (size_t i = w->changes.n; i-- > 0;)
        if (str_eq(w->changes.p[i].path, path)) {
            w->changes.p[i].kind = kind;
            w->changes.p[i].folder = folder;
            return;
        }
    if (w->changes.n == FILEWATCH_CHANGES_MAX)
        w->lost = true;
    else
        VEC_PUSH(w->scratch, &w->changes,
                 (FileChange){ .path = str_copy(w->scratch, path), .kind = kind, .folder = folder });
}

static void tell(Loop *loop, Timer *t)
{
    FileWatch *w = CLEF_CONTAINER(t, FileWatch, quiet);
    (void)loop;
    size_t n = w->changes.n;
    const FileChange *changes = w->changes.p;
    bool lost = w->lost;
    w->latest_ns = 0;
    w->lost = false;
    w->changes.p = NULL;
    w->changes.n = w->changes.cap = 0;
    Arena *told = w->scratch;
    w->scratch = arena_create(w->arena, 0, 0);
    w->o.changed(w, changes, n, lost, w->o.arg);
    arena_destroy(told);
    clear_dead_paths(w);
}

/* ---- watching ---- */

static int watch_one(FileWatch *w, Str path, bool root)
{
    if (w->folders.n >= w->o.folders)
        return -ENOSPC;
    int number = inotify_add_watch(w->watcher.fd, path.p, MASK | (root ? 0 : IN_DONT_FOLLOW));
    if (number < 0)
        return -errno;
    remember(w, number, path);
    return 0;
}

/*
 * A folder and what is below it; `report`: what is found is a change, since it came before it was watched. What goes
 * meanwhile is none of a failure. `path` is terminated.
 */
static int watch_tree(FileWatch *w, Str path, bool root, bool report, int depth)
{
    int error = watch_one(w, path, root);
    if (error)
        return root || error == -ENOSPC ? error : 0;
    if (depth == DEPTH_MAX)
        return 0;
    Arena *a = arena_create(w->arena, 0, 0);
    FileEntry *list = NULL;
    ssize_t n = file_list(a, path.p, ENTRIES_MAX, &list);
    if (n == -EFBIG)
        w->lost = true;
    for (ssize_t i = 0; i < n && !error; i++) {
        bool folder = list[i].type == DT_DIR;
        Str below = path_join(a, path, list[i].name);
        if ((!folder && !report) || !is_wanted(w, below, folder))
            continue;
        if (report)
            note(w, below, FILE_CHANGED, folder);
        if (folder)
            error = watch_tree(w, below, false, report, depth + 1);
    }
    arena_destroy(a);
    return error;
}

static void look_again(FileWatch *w)
{
    if (!w->look.due_ns)
        timer_set(w->loop, &w->look, loop_now(w->loop) + LOOK_NS);
}

static void root_gone(FileWatch *w, Str path)
{
    for (size_t i = 0; i < w->roots.n; i++)
        if (str_eq(w->roots.p[i].path, path)) {
            w->roots.p[i].gone = true;
            note(w, path, FILE_GONE, true);
            look_again(w);
        }
}

static void on_look(Loop *loop, Timer *t)
{
    (void)loop;
    FileWatch *w = CLEF_CONTAINER(t, FileWatch, look);
    for (size_t i = 0; i < w->roots.n; i++) {
        WatchedRoot *r = &w->roots.p[i];
        if (!r->gone)
            continue;
        if (watch_tree(w, r->path, true, true, 0) == 0) {
            r->gone = false;
            note(w, r->path, FILE_CHANGED, true);
        } else {
            look_again(w);
        }
    }
}

/* ---- events ---- */

/* The queue ran over: folders may have come unseen. Those that are known are added once more, which changes nothing. */
static void on_overflow(FileWatch *w)
{
    w->lost = true;
    soon(w);
    for (size_t i = 0; i < w->roots.n; i++)
        if (!w->roots.p[i].gone && watch_tree(w, w->roots.p[i].path, true, false, 0) != 0)
            look_again(w);
}

static void on_event(FileWatch *w, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW) {
        on_overflow(w);
        return;
    }
    const WatchedFolder *in = folder_of(w, e->wd);
    if (!in)
        return;
    if (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
        Arena *a = arena_create(w->arena, 0, 0);
        Str path = str_copy(a, in->path);
        forget_tree(w, path);
        root_gone(w, path);
        arena_destroy(a);
        return;
    }
    if (e->len == 0)
        return;
    bool folder = e->mask & IN_ISDIR, gone = e->mask & (IN_DELETE | IN_MOVED_FROM);
    Arena *a = arena_create(w->arena, 0, 0);
    Str path = path_join(a, in->path, str_c(e->name));
    if (is_wanted(w, path, folder)) {
        note(w, path, gone ? FILE_GONE : FILE_CHANGED, folder);
        if (folder && gone)
            forget_tree(w, path);
        else if (folder && watch_tree(w, path, false, true, 1) != 0)
            w->lost = true;
    }
    arena_destroy(a);
}

static void on_events(Loop *loop, Watcher *watcher, uint32_t events)
{
    (void)loop, (void)events;
    FileWatch *w = CLEF_CONTAINER(watcher, FileWatch, watcher);
    char buffer[8192] __attribute__((aligned(_Alignof(struct inotify_event))));
    ssize_t n;
    while ((n = read(watcher->fd, buffer, sizeof buffer)) > 0)
        for (char *p = buffer; p < buffer + n;) {
            const struct inotify_event *e = (const struct inotify_event *)(void *)p;
            on_event(w, e);
            p += sizeof *e + e->len;
        }
}

/* ---- life ---- */

FileWatch *filewatch_create(Loop *loop, Arena *parent, const FileWatchOptions *options)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return NULL;
    Arena *arena = arena_create(parent, 0, 0);
    FileWatch *w = NEW(arena, FileWatch);
    *w = (FileWatch){ .loop = loop,
                      .arena = arena,
                      .o = *options,
                      .watcher = { .fd = fd, .fn = on_events },
                      .quiet.fn = tell,
                      .look.fn = on_look };
    w->paths = arena_create(arena, 0, 0);
    w->scratch = arena_create(arena, 0, 0);
    if (!w->o.quiet_ms)
        w->o.quiet_ms = QUIET_MS;
    if (!w->o.folders)
        w->o.folders = FOLDERS;
    int error = loop_watch(loop, &w->watcher, EPOLLIN);
    if (error < 0) {
        close(fd);
        arena_destroy(arena);
        errno = -error;
        return NULL;
    }
    loop_release(loop);
    return w;
}

int filewatch_add(FileWatch *w, const char *root)
{
    Str path = str_copy(w->arena, str_c(root));
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    path = str_copy(w->arena, path); /* terminated */
    int error = watch_tree(w, path, true, false, 0);
    if (error && error != -ENOSPC)
        return error;
    VEC_PUSH(w->arena, &w->roots, (WatchedRoot){ .path = path });
    return error;
}

size_t filewatch_folders(const FileWatch *w) { return w->folders.n; }

void filewatch_destroy(FileWatch *w)
{
    if (!w)
        return;
    timer_stop(w->loop, &w->quiet);
    timer_stop(w->loop, &w->look);
    loop_hold(w->loop); /* what the end of the watching takes back was given back at its start */
    loop_close(w->loop, &w->watcher);
    arena_destroy(w->arena);
}
