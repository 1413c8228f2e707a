/*
 * file.h: files. Disks have no readiness: a read from one blocks whoever calls it. What may take long (a large read,
 * anything that waits for the disk by fsync) is done by a thread of the loop's pool when it is called on a fiber, and
 * in place elsewhere.
 *
 * Outcomes are 0, or a descriptor, or a negative errno. Descriptors are closed on exec.
 */
#ifndef CLEF_RT_FILE_H
#define CLEF_RT_FILE_H

#include <clef/base/arena.h>
#include <clef/base/str.h>
#include <sys/types.h>

/*
 * The whole file, terminated, in the arena. -EFBIG when it has more than `max` bytes, -EISDIR for a directory, -ENOMEM
 * when the arena has no room. Files that do not know their size (/proc) are read as well.
 */
CLEF_API(int, file_read, Arena *a, const char *path, size_t max, Str *out) CLEF_MUST_USE;

/*
 * The file gets these bytes, all of them or none: a reader sees the old content or the new, and after a failure (a full
 * disk:
 * -ENOSPC, -EDQUOT, -EFBIG) the old one stands and nothing is left behind. On the disk when it returns. `mode` is that of
 * the new file (0: 0644; the umask does not apply); a symbolic link at `path` is replaced.
 */
CLEF_API(int, file_write_atomic, const char *path, Str data, mode_t mode) CLEF_MUST_USE;
/* All n bytes at the descriptor's place. */
CLEF_API(int, file_write_all, int fd, const void *p, size_t n) CLEF_MUST_USE;

/*
 * A file without a name in the folder (NULL: $TMPDIR is not asked, /tmp), for reading and writing; gone with its
 * descriptor.
 */
CLEF_API(int, file_temp, const char *folder) CLEF_MUST_USE;

/* A file under construction. Lives at least as long as the arena, or until it is kept or discarded. */
typedef struct TempFile {
    int fd;           /* read-only; -1: none */
    const char *path; /* read-only: absolute or as the folder was given */
} TempFile;

/*
 * Makes a new file with a name that nobody guesses, mode 0600. It goes with the arena (the file is removed) unless
 * tempfile_keep was called. `suffix` (".png") may be empty.
 */
CLEF_API(int, tempfile_create, TempFile *t, Arena *a, const char *folder, Str suffix) CLEF_MUST_USE;
/* Gives it its final name, which replaces what has it, and closes it. On failure it stays temporary. */
CLEF_API(int, tempfile_keep, TempFile *t, Arena *a, const char *path, mode_t mode) CLEF_MUST_USE;
/* Now rather than with the arena. */
CLEF_API(void, tempfile_discard, TempFile *t, Arena *a);

typedef struct FileEntry {
    Str name;
    unsigned char type; /* DT_REG, DT_DIR, DT_LNK, ... as of readdir(3); never DT_UNKNOWN */
} FileEntry;

/*
 * What is in the folder, without "." and "..", in the order of bytes. How many, or -errno; -EFBIG when there are more than
 * `max`.
 */
CLEF_API(ssize_t, file_list, Arena *a, const char *path, size_t max, FileEntry **out) CLEF_MUST_USE;

/*
 * Opens `name` beneath the folder that `root` is a descriptor of, as open(2) does with flags and mode. No "..",
 * absolute name or symbolic link leads out of the folder: -EXDEV, or -ELOOP on a kernel before 5.6, where no symbolic
 * link is followed at all. A name with a NUL is -EINVAL.
 */
CLEF_API(int, file_open_beneath, int root, Str name, int flags, mode_t mode) CLEF_MUST_USE;

#endif
