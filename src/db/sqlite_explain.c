/*
 * sqlite_explain.c: errors about the file of a database. SQLite says what it could not do, but not with which file, nor
 * which of several causes it was; the file system knows.
 */
#include "db/sqlite.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, ROOM = 1 << 20 };

typedef struct Place {
    char path[PATH_BYTES], folder[PATH_BYTES];
} Place;

/* The path in a database's name, which may be a URI; false when it is in memory, or too long. */
static bool find_place(Place *place, Str name)
{
    if (str_starts(name, STR("file:")))
        name = str_slice(name, 5, str_find_byte(name, '?'));
    size_t slash = str_rfind_byte(name, '/');
    if (!name.n || name.n >= PATH_BYTES || str_eq(name, STR(":memory:")))
        return false;
    memcpy(place->path, name.p, name.n);
    place->path[name.n] = 0;
    Str folder = slash == STR_NPOS ? STR(".") : slash == 0 ? STR("/") : str_slice(name, 0, slash);
    memcpy(place->folder, folder.p, folder.n);
    place->folder[folder.n] = 0;
    return true;
}

/* SQLite makes a file, but no folder. */
static const char *why_not_opened(const Place *place)
{
    struct stat of;
    if (stat(place->folder, &of) != 0)
        return "its folder does not exist: make the folder, or let the database's name be another";
    if (stat(place->path, &of) == 0 && S_ISDIR(of.st_mode))
        return "it is a folder: the database's name must be that of a file";
    return access(place->folder, W_OK) != 0 ? "you may not write to its folder, where SQLite makes files of its own"
                                            : "you may not read and write it";
}

static const char *why_read_only(const Place *place, int code)
{
    struct statvfs system;
    if (code == SQLITE_READONLY_DBMOVED)
        return "the file was removed, moved or replaced while it was open: start the program again";
    if (statvfs(place->folder, &system) == 0 && (system.f_flag & ST_RDONLY))
        return "its file system is mounted read-only: let the database's name be a file elsewhere";
    if (access(place->path, W_OK) != 0)
        return "you may not write it: chmod u+w, or run the program as the owner of the file";
    if (access(place->folder, W_OK) != 0)
        return "you may not write to its folder, where SQLite makes files of its own";
    return "it was opened for reading only";
}

Str sqlite_explain(Arena *a, int code, Str message, Str name)
{
    Place *place = NEW(a, Place);
    struct statvfs system;
    const char *why = NULL;
    if (!find_place(place, name))
        return message;
    switch (code & 0xff) {
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        why = why_not_opened(place);
        break;
    case SQLITE_READONLY:
        why = why_read_only(place, code);
        break;
    case SQLITE_NOTADB:
        why = "it holds something else, or is encrypted: let the database's name be another, or move the file away and "
              "run migrate, which makes a new one";
        break;
    case SQLITE_CORRUPT:
        why = "its content is damaged: put a backup in its place, or save what can be read with sqlite3's command "
              ".recover";
        break;
    case SQLITE_FULL:
        why = "there is no room where the file is, or it has reached its max_page_count: make room, or move the file "
              "to a larger disk";
        break;
    case SQLITE_IOERR:
        if (statvfs(place->folder, &system) != 0 || system.f_bavail * system.f_frsize >= ROOM)
            why = "the disk or the file system fails: the kernel's log may say more";
        else
            why = "there is no room where the file is: make room, or move the file to a larger disk";
        break;
    default:
        return message;
    }
    return str_format(a, "%.*s: %.*s (%s)", STR_FMT(message), STR_FMT(name), why);
}
