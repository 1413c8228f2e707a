/* file.c: reading, writing and listing files. The contract is in <clef/rt/file.h>. */
#include <clef/base/buf.h>
#include <clef/rt/fiber.h>
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <clef/rt/pool.h>

#include "base/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OFFLOAD_FROM = 64 << 10, PIECE = 64 << 10 };

/* On the pool when the caller is a fiber and the pool takes it, else here. */
static void elsewhere(OffloadFn *fn, void *arg)
{
    if (offload(fn, arg) < 0)
        fn(arg);
}

static ssize_t read_at_most(int fd, char *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = fault_fails(FAULT_SYSTEM) ? (errno = EIO, -1) : read(fd, p + at, n - at);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0)
            at += (size_t)got;
    }
    return (ssize_t)at;
}

/* ---- reading ---- */

typedef struct Reading {
    int fd;
    char *p;
    size_t n;
    ssize_t result;
} Reading;

static void read_job(void *arg)
{
    Reading *r = arg;
    r->result = read_at_most(r->fd, r->p, r->n);
}

/* n bytes at p and one more: whether the file has grown meanwhile. */
static ssize_t read_known(int fd, char *p, size_t n)
{
    Reading r = { .fd = fd, .p = p, .n = n + 1 };
    if (n >= OFFLOAD_FROM)
        elsewhere(read_job, &r);
    else
        read_job(&r);
    return r.result;
}

/* The bytes behind the first n, up to max in all. */
static int read_rest(Arena *a, int fd, char *p, size_t n, size_t max, Str *out)
{
    size_t cap = n + 1;
    for (;;) {
        size_t more = cap < PIECE ? PIECE : cap, wanted = max - n < more ? max - n + 1 : more;
        char *grown = arena_try_grow(a, p, cap, n + wanted + 1);
        if (!grown)
            return -ENOMEM;
        p = grown;
        cap = n + wanted + 1;
        ssize_t got = read_at_most(fd, p + n, wanted);
        if (got < 0)
            return (int)got;
        n += (size_t)got;
        if (n > max)
            return -EFBIG;
        if ((size_t)got < wanted)
            break;
    }
    p[n] = 0;
    *out = (Str){ p, n };
    return 0;
}

static int read_open(Arena *a, int fd, size_t max, Str *out)
{
    struct stat s;
    if (fstat(fd, &s) != 0)
        return -errno;
    if (S_ISDIR(s.st_mode))
        return -EISDIR;
    size_t n = s.st_size > 0 ? (size_t)s.st_size : 0;
    if (n > max)
        return -EFBIG;
    char *p = arena_try_alloc(a, n + 1);
    if (!p)
        return -ENOMEM;
    ssize_t got = read_known(fd, p, n);
    if (got < 0)
        return (int)got;
    if ((size_t)got <= n) {
        p[got] = 0;
        *out = (Str){ p, (size_t)got };
        return 0;
    }
    if ((size_t)got > max)
        return -EFBIG;
    return read_rest(a, fd, p, (size_t)got, max, out);
}

int file_read(Arena *a, const char *path, size_t max, Str *out)
{
    if (max > SIZE_MAX / 4)
        max = SIZE_MAX / 4;
    /* A pipe with nobody at its other end must not hold the loop up. */
    int fd =
        fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int error = read_open(a, fd, max, out);
    close(fd);
    return error;
}

/* ---- writing ---- */

int file_write_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n) {
        ssize_t written = fault_fails(FAULT_SYSTEM) ? (errno = ENOSPC, -1) : write(fd, at, n);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0) {
            at += written;
            n -= (size_t)written;
        }
    }
    return 0;
}

/* A rename is on the disk when its folder is. */
static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    Str s = path_folder(str_c(path));
    if (s.n >= sizeof folder)
        return -ENAMETOOLONG;
    memcpy(folder, s.p, s.n);
    folder[s.n] = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    /* Some file systems do not sync folders, and say EINVAL. */
    int error = fsync(fd) != 0 && errno != EINVAL ? -errno : 0;
    close(fd);
    return error;
}

static int fill(int fd, Str data, mode_t mode)
{
    int error = file_write_all(fd, data.p, data.n);
    if (!error && fchmod(fd, mode ? mode : 0644) != 0)
        error = -errno;
    if (!error && (fault_fails(FAULT_SYSTEM) ? (errno = EIO, -1) : fsync(fd)) != 0)
        error = -errno;
    return error;
}

static int write_atomic(const char *path, Str data, mode_t mode)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return -ENAMETOOLONG;
    int fd = fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = fill(fd, data, mode);
    /* Delayed writes of a network file system may fail here. */
    if (close(fd) != 0 && !error)
        error = -errno;
    if (!error && (fault_fails(FAULT_SYSTEM) ? (errno = EIO, -1) : rename(temporary, path)) != 0)
        error = -errno;
    if (error) {
        (void)unlink(temporary);
        return error;
    }
    return sync_folder_of(path);
}

typedef struct Writing {
    const char *path;
    Str data;
    mode_t mode;
    int result;
} Writing;

static void write_job(void *arg)
{
    Writing *w = arg;
    w->result = write_atomic(w->path, w->data, w->mode);
}

int file_write_atomic(const char *path, Str data, mode_t mode)
{
    Writing w = { .path = path, .data = data, .mode = mode };
    elsewhere(write_job, &w);
    return w.result;
}

/* ---- temporary files ---- */

int file_temp(const char *folder)
{
    if (!folder)
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd < 0 ? -errno : fd;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/clef.XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path)
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)unlink(path);
    return fd;
}

static void remove_temporary(void *arg)
{
    TempFile *t = arg;
    if (t->fd < 0)
        return;
    close(t->fd);
    (void)unlink(t->path);
    t->fd = -1;
}

int tempfile_create(TempFile *t, Arena *a, const char *folder, Str suffix)
{
    *t = (TempFile){ .fd = -1 };
    Str name = str_format(a, "%s/clef.XXXXXX%.*s", folder ? folder : "/tmp", STR_FMT(suffix));
    char *path = str_dup_c(a, name);
    arena_defer(a, remove_temporary, t); /* first, as it may leave by a jump */
    int fd = mkostemps(path, (int)suffix.n, O_CLOEXEC);
    if (fd < 0) {
        int error = -errno;
        (void)arena_forget(a, remove_temporary, t);
        return error;
    }
    t->path = path;
    t->fd = fd;
    return 0;
}

int tempfile_keep(TempFile *t, Arena *a, const char *path, mode_t mode)
{
    if (t->fd < 0)
        return -EBADF;
    if (fchmod(t->fd, mode ? mode : 0644) != 0 || rename(t->path, path) != 0)
        return -errno;
    (void)arena_forget(a, remove_temporary, t);
    int error = close(t->fd) != 0 ? -errno : 0;
    t->fd = -1;
    return error;
}

void tempfile_discard(TempFile *t, Arena *a)
{
    (void)arena_forget(a, remove_temporary, t);
    remove_temporary(t);
}

/* ---- listing ---- */

static unsigned char type_of(DIR *dir, const struct dirent *e)
{
    struct stat s;
    if (e->d_type != DT_UNKNOWN || fstatat(dirfd(dir), e->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
        return e->d_type;
    return IFTODT(s.st_mode);
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const FileEntry *)x)->name, ((const FileEntry *)y)->name);
}

ssize_t file_list(Arena *a, const char *path, size_t max, FileEntry **out)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    FileEntry *list = NULL;
    size_t n = 0, cap = 0;
    int error = 0;
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e) {
            error = -errno;
            break;
        }
        Str name = str_c(e->d_name);
        if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
            continue;
        if (n == max) {
            error = -EFBIG;
            break;
        }
        if (n == cap) {
            size_t more = cap ? cap * 2 : 32;
            FileEntry *grown = arena_try_grow(a, list, cap * sizeof *list, more * sizeof *list);
            if (!grown) {
                error = -ENOMEM;
                break;
            }
            list = grown;
            cap = more;
        }
        char *copy = arena_try_alloc(a, name.n + 1);
        if (!copy) {
            error = -ENOMEM;
            break;
        }
        memcpy(copy, name.p, name.n + 1);
        list[n++] = (FileEntry){ .name = { copy, name.n }, .type = type_of(dir, e) };
    }
    closedir(dir);
    if (error)
        return error;
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *out = list;
    return (ssize_t)n;
}
