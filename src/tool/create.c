/* create.c: startproject and startapp: the embedded skeletons with the names filled in. */
#define _GNU_SOURCE
#include "tool/tool.h"

#include <clef/base/rand.h>
#include <clef/rt/file.h>
#include <clef/rt/path.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_LENGTH = 50, FOLDER_ENTRIES_MAX = 100000 };

typedef struct Names {
    Arena *arena;
    Str project, app, app_upper, secret;
} Names;

/* @project@, @app@, @APP@ and @secret@. */
static Str fill(const Names *n, Str text)
{
    Str filled = str_replace(n->arena, text, STR("@project@"), n->project);
    filled = str_replace(n->arena, filled, STR("@app@"), n->app);
    filled = str_replace(n->arena, filled, STR("@APP@"), n->app_upper);
    return str_replace(n->arena, filled, STR("@secret@"), n->secret);
}

static const char *write_remedy(int error)
{
    return error == ENOSPC || error == EDQUOT
               ? ". The disk is full: make room (df -h . says how much there is), remove "
                 "what was begun, and try again"
               : ". Remove what was begun, and try again in a folder that you may write to";
}

/* Where a file of the skeleton goes, below the project; a folder of the way that is missing is made. */
static bool write_one(const Names *n, Str folder, Str name, Str text)
{
    Arena *a = n->arena;
    char *path = str_dup_c(a, path_join(a, folder, name));
    for (char *slash = strchr(path + folder.n + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int made = mkdir(path, 0777);
        *slash = '/';
        if (made < 0 && errno != EEXIST)
            return tool_fail("cannot make the folder of %s: %s%s", path, strerror(errno), write_remedy(errno)), false;
    }
    bool secret = str_ends(name, STR(".env"));
    mode_t mask = umask(0);
    umask(mask);
    int outcome = file_write_atomic(path, fill(n, text), secret ? 0600 : 0666 & ~mask);
    if (outcome < 0)
        tool_fail("cannot write %s: %s%s", path, strerror(-outcome), write_remedy(-outcome));
    return outcome >= 0;
}

static Str project_path(const Names *n, Str name)
{
    size_t slash = str_rfind_byte(name, '/');
    Str base = slash == STR_NPOS ? name : str_from_byte(name, slash + 1);
    if (str_starts(base, STR("dot.")))
        return str_concat(n->arena, str_slice(name, 0, name.n - base.n), str_from_byte(base, 3));
    return name;
}

/* The header and the test of an application are called by its name; its pages stand with those of the others. */
static Str app_path(const Names *n, Str name)
{
    if (str_eq(name, STR("test.c")))
        return str_format(n->arena, "tests/%.*s.c", STR_FMT(n->app));
    if (str_eq(name, STR("app.h")))
        return str_format(n->arena, "%.*s/%.*s.h", STR_FMT(n->app), STR_FMT(n->app));
    if (str_ends(name, STR(".html")))
        return str_format(n->arena, "templates/%.*s/%.*s", STR_FMT(n->app), STR_FMT(name));
    return path_join(n->arena, n->app, name);
}

static bool write_all(const Names *n, Str folder, Str part)
{
    for (const EmbeddedFile *f = skeleton_files; f->path; f++) {
        if (!str_starts(str_c(f->path), part))
            continue;
        Str name = str_from_byte(str_c(f->path), part.n);
        name = part.p[0] == 'a' ? app_path(n, name) : project_path(n, name);
        if (!write_one(n, folder, name, f->text))
            return false;
    }
    return true;
}

static Names names(Arena *a, Str project, Str app)
{
    Names n = { .arena = a, .project = project, .app = app, .app_upper = str_upper(a, app) };
    static const Str alphabet = STR("abcdefghijklmnopqrstuvwxyz0123456789!@%^&*(-_=+)");
    if (!rand_str(a, SECRET_LENGTH, alphabet, &n.secret))
        n.secret = (Str){ 0 };
    return n;
}

/* Why nothing may be made in the folder; NULL: it may. A folder that is not there is made. */
static const char *folder_problem(Arena *a, const char *folder)
{
    FileEntry *entries;
    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return errno == EACCES || errno == EROFS || errno == EPERM
                   ? str_format(
                         a,
                         "The folder %s cannot be made: %s. Go to a folder that you may write to (your home: cd), or "
                         "name one: clef startproject NAME FOLDER",
                         folder, strerror(errno))
                         .p
                   : str_format(a, "The folder %s cannot be made: %s", folder, strerror(errno)).p;
    ssize_t n = file_list(a, folder, FOLDER_ENTRIES_MAX, &entries);
    if (n == -ENOTDIR)
        return str_format(a, "There is a file called %s. Choose another name or folder.", folder).p;
    if (n < 0)
        return str_format(a, "The folder %s cannot be read: %s", folder, strerror((int)-n)).p;
    if (n > 0)
        return str_format(
                   a,
                   "The folder %s is there and is not empty ('%.*s' is in it). Nothing was changed. Choose another "
                   "name, or another folder: clef startproject NAME FOLDER",
                   folder, STR_FMT(entries[0].name))
            .p;
    if (access(folder, W_OK | X_OK) < 0)
        return str_format(a, "The folder %s cannot be written to: %s. Choose a folder of your own.", folder,
                          strerror(errno))
            .p;
    return NULL;
}

int create_project(Arena *a, int argc, char **argv)
{
    if (argc < 1 || argc > 2 || argv[0][0] == '-') {
        tool_fail("usage: clef startproject NAME [FOLDER]");
        return 2;
    }
    const char *folder = argc == 2 ? argv[1] : argv[0];
    const char *problem = name_problem(a, "project", str_c(argv[0]));
    problem = problem ? problem : folder_problem(a, folder);
    if (problem)
        return tool_fail("%s", problem);
    Names n = names(a, str_c(argv[0]), strcmp(argv[0], "pages") == 0 ? STR("home") : STR("pages"));
    if (!n.secret.n)
        return tool_fail("The system gives no random bytes for the SECRET_KEY.");
    if (!write_all(&n, str_c(folder), STR("project/")) || !write_all(&n, str_c(folder), STR("app/")))
        return 1;
    tool_say("The project %s is in the folder %s. Its first application is %.*s.", argv[0], folder, STR_FMT(n.app));
    tool_say("\n    %s%s%sclef runserver\n", strcmp(folder, ".") ? "cd " : "", strcmp(folder, ".") ? folder : "",
             strcmp(folder, ".") ? "\n    " : "");
    problem = machine_problem(a);
    if (problem)
        tool_say("Before that: %s", problem);
    return 0;
}

int create_app(Arena *a, int argc, char **argv)
{
    if (argc != 1 || argv[0][0] == '-') {
        tool_fail("usage, in the folder of a project: clef startapp NAME");
        return 2;
    }
    ToolProject project;
    const char *problem = NULL;
    if (!project_here(a, &project, &problem))
        return tool_fail("%s", problem);
    Str name = str_c(argv[0]);
    problem = name_problem(a, "application", name);
    if (problem)
        return tool_fail("%s", problem);
    const char *test = str_format(a, "tests/%s.c", argv[0]).p;
    if (access(argv[0], F_OK) == 0 || access(test, F_OK) == 0)
        return tool_fail("%s is there already. Nothing was changed. Choose another name.",
                         access(argv[0], F_OK) == 0 ? argv[0] : test);
    if (access(".", W_OK) < 0)
        return tool_fail("The project's folder cannot be written to: %s. Work on a copy that is your own.",
                         strerror(errno));
    Names n = names(a, project.name, name);
    if (!write_all(&n, STR("."), STR("app/")))
        return 1;
    tool_say("The application %s is in the folder %s, and %s tests it. Two lines make it a part of the site:\n\n"
             "    settings/base.c    #include \"%s/%s.h\", and in installed_apps: APPS(..., &%s_app)\n"
             "    urls.c             #include \"%s/%s.h\", and: INCLUDE(\"%s/\", %s_urls, .namespace = \"%s\"),\n",
             argv[0], argv[0], test, argv[0], argv[0], argv[0], argv[0], argv[0], argv[0], argv[0], argv[0]);
    return 0;
}
