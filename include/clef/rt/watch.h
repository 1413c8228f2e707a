/*
 * watch.h: what changes below folders, by inotify: for the development server, which builds anew when a source changes.
 *
 * Changes are gathered until nothing more happens for a moment, since an editor that saves one file, or a checkout of a
 * hundred, makes many events; each path is then told once. Folders that come are watched too, with what they held
 * already; those that go are forgotten. A root that goes is looked for every second until it is there again.
 *
 * When the kernel's queue or the list here runs over, `lost` is set: anything may have changed.
 */
#ifndef CLEF_RT_WATCH_H
#define CLEF_RT_WATCH_H

#include <clef/base/arena.h>
#include <clef/base/str.h>
#include <clef/rt/loop.h>

enum { FILEWATCH_CHANGES_MAX = 1000 };

typedef struct FileWatch FileWatch;

typedef enum FileChangeKind {
    FILE_CHANGED, /* written, created, moved here */
    FILE_GONE,
} FileChangeKind;

typedef struct FileChange {
    Str path; /* the root as it was given, and what is below it */
    FileChangeKind kind;
    bool folder;
} FileChange;

typedef struct FileWatchOptions {
    /* On the loop's stack. The changes are valid until it returns. It may add roots; it must not destroy the watch. */
    void (*changed)(FileWatch *w, const FileChange *changes, size_t n, bool lost, void *arg);
    /*
     * False for what does not matter: build folders, an editor's backups. `name` is the last part of the path. NULL:
     * all.
     */
    bool (*wanted)(Str path, Str name, bool folder, void *arg);
    void *arg;
    uint32_t quiet_ms; /* without a change before what there is is told: 50; at the latest after twenty times that */
    uint32_t folders;  /* that may be watched: 16,384 */
} FileWatchOptions;

/*
 * Under `parent`; in the background: it keeps the loop running only while a change waits to be told, or a root is
 * looked for. NULL with errno set.
 */
CLEF_API(FileWatch *, filewatch_create, Loop *loop, Arena *parent, const FileWatchOptions *options) CLEF_MUST_USE;
/*
 * Watches a folder and all below it, symbolic links in it excepted. 0 or -errno: -ENOTDIR, -ENOENT, and -ENOSPC when the
 * option `folders` or the system's fs.inotify.max_user_watches is reached: then some of it is watched.
 */
CLEF_API(int, filewatch_add, FileWatch *w, const char *root) CLEF_MUST_USE;
/* NULL is fine. */
CLEF_API(void, filewatch_destroy, FileWatch *w);
/* How many folders are watched. */
CLEF_API(size_t, filewatch_folders, const FileWatch *w);

#endif
