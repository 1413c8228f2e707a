/* beneath.c: opening a file of a folder by a name that a stranger chose. */
#include "rt/beneath.h"
#include <clef/rt/file.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The part's folder one step further down; `at` is closed unless it is the root. */
static int descend(int root, int at, const char *part)
{
    int next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (at != root)
        close(at);
    /* What is no folder may be a link to one. */
    return next >= 0 ? next : error == ENOTDIR ? -ELOOP : -error;
}

int open_by_steps(int root, char *path, int flags, mode_t mode)
{
    int at = root;
    if (path[0] == '/')
        return -EXDEV;
    for (char *part = path;;) {
        char *slash = strchr(part, '/');
        if (strncmp(part, "..", 2) == 0 && (part[2] == 0 || part[2] == '/')) {
            if (at != root)
                close(at);
            return -EXDEV;
        }
        if (!slash) {
            int fd = openat(at, *part ? part : ".", flags | O_NOFOLLOW | O_CLOEXEC, mode);
            int error = -errno;
            if (at != root)
                close(at);
            return fd < 0 ? error : fd;
        }
        *slash = 0;
        if (*part && (at = descend(root, at, part)) < 0)
            return at;
        part = slash + 1;
    }
}

int file_open_beneath(int root, Str name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    if (name.n == 0 || memchr(name.p, 0, name.n))
        return -EINVAL;
    if (name.n >= sizeof path)
        return -ENAMETOOLONG;
    memcpy(path, name.p, name.n);
    path[name.n] = 0;
    struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC),
                            .mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
    for (;;) {
        int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0)
            return fd;
        /* EAGAIN: something was renamed meanwhile. */
        if (errno != EINTR && errno != EAGAIN)
            break;
    }
    return errno == ENOSYS || errno == EPERM ? open_by_steps(root, path, flags, mode) : -errno;
}
