/* machine.c: what is missing on this machine, and the line that installs it. */
#define _GNU_SOURCE
#include "tool/tool.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DISK_ROOM = 65536 };

bool machine_has(Str program)
{
    char path[4096];
    Str rest = str_c(getenv("PATH")), folder;
    if (str_find_byte(program, '/') != STR_NPOS)
        rest = STR("");
    while (str_cut(&rest, ':', &folder)) {
        Buf b = { .p = path, .cap = sizeof path, .max = sizeof path - 1 };
        buf_str(&b, folder);
        if (folder.n)
            buf_byte(&b, '/');
        if (buf_str(&b, program) && access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* Does the command end with 0? Its output goes nowhere. */
static bool succeeds(char *const *argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0)
        while (waitpid(pid, &status, 0) < 0)
            ;
    posix_spawn_file_actions_destroy(&actions);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const char *machine_problem(Arena *a)
{
    Buf packages = BUF_INIT(a, 256), names = BUF_INIT(a, 256);
    Str compiler = str_c(getenv("CC"));
    const struct {
        bool there;
        const char *name, *package;
    } needs[] = {
        { compiler.n ? machine_has(compiler) : machine_has(STR("gcc")) || machine_has(STR("cc")), "a C compiler",
          "gcc libc6-dev" },
        { machine_has(STR("make")), "make", "make" },
        { machine_has(STR("flock")), "flock", "util-linux" },
        { machine_has(STR("pkg-config")), "pkg-config", "pkg-config" },
    };
    for (size_t i = 0; i < CLEF_COUNT(needs); i++)
        if (!needs[i].there) {
            buf_printf(&names, "%s%s", names.n ? ", " : "", needs[i].name);
            buf_printf(&packages, " %s", needs[i].package);
        }
    if (names.n)
        return str_format(a, "This is missing for building a project: %s. Install it: sudo apt install%s", names.p,
                          packages.p)
            .p;
    if (!succeeds((char *[]){ "pkg-config", "--exists", "clef", NULL }))
        return "pkg-config does not find Clef, or a library that it needs (`pkg-config --print-errors --exists clef` "
               "says "
               "which). Was Clef installed (meson install)? When it is in a folder of its own, PKG_CONFIG_PATH must "
               "name the "
               "folder of its clef.pc.";
    return NULL;
}

/* What compilers, linkers and pkg-config call it, and Debian's package. */
static const struct {
    const char *said, *package;
} packages[] = {
    { "curl", "libcurl4-openssl-dev" },
    { "deflate", "libdeflate-dev" },
    { "dw", "libdw-dev" },
    { "ssl", "libssl-dev" },
    { "crypto", "libssl-dev" },
    { "z", "zlib1g-dev" },
    { "zlib", "zlib1g-dev" },
    { "pcre2-8", "libpcre2-dev" },
    { "pcre2", "libpcre2-dev" },
    { "sqlite3", "libsqlite3-dev" },
    { "pq", "libpq-dev" },
    { "asan", "gcc (its libasan)" },
    { "ubsan", "gcc (its libubsan)" },
    { "mariadb", "libmariadb-dev" },
    { "brotlienc", "libbrotli-dev" },
    { "zstd", "libzstd-dev" },
    { "expat", "libexpat1-dev" },
    { "yaml", "libyaml-dev" },
    { "yaml-0.1", "libyaml-dev" },
    { "argon2", "libargon2-dev" },
    { "openssl", "libssl-dev" },
    { "hiredis", "libhiredis-dev" },
    { "nghttp2", "libnghttp2-dev" },
};

static Str between(Str s, Str before, Str ends)
{
    size_t at = str_find(s, before);
    if (at == STR_NPOS)
        return (Str){ 0 };
    Str rest = str_from_byte(s, at + before.n);
    size_t n = 0;
    while (n < rest.n && str_find_byte(ends, rest.p[n]) == STR_NPOS)
        n++;
    return str_slice(rest, 0, n);
}

/* What linkers say of names that nobody defines, or two files. Each of them quotes in its own way, or not at all. */
static Str symbol_remedy(Arena *a, Str said)
{
    static const Str undefined[] = { STR("undefined reference to "), STR("undefined symbol: ") };
    static const Str twice[] = { STR("multiple definition of "), STR("duplicate symbol: ") };
    for (size_t i = 0; i < CLEF_COUNT(undefined); i++) {
        Str name = str_trim_set(between(said, undefined[i], STR(";\n")), STR("`' "));
        if (str_eq(name, STR("main")))
            return STR("No file of the project defines main. MAIN in the Makefile names the file that does (main.c).");
        if (name.n)
            return str_format(
                a,
                "%.*s is declared and used, but defined nowhere: write it, or mend its name. All .c files of the "
                "project's folder and of two levels of folders in it are compiled, or those of SRC in the Makefile. "
                "If it is a library's, PACKAGES in the Makefile must name the library.",
                STR_FMT(name));
    }
    for (size_t i = 0; i < CLEF_COUNT(twice); i++) {
        Str name = between(said, twice[i], STR(";\n"));
        size_t colon = str_rfind_byte(name, ':'); /* "views2.o: views.o: pages_index" */
        name = str_trim_set(colon == STR_NPOS ? name : str_from_byte(name, colon + 1), STR("`' "));
        if (name.n)
            return str_format(a,
                              "%.*s is defined in two files. Take one of them away, give it another name, or make it "
                              "static if only its own file needs it.",
                              STR_FMT(name));
    }
    return (Str){ 0 };
}

#define PAIRS                                                                                                   \
    STR("RENDER takes pairs behind the template (LOG, REVERSE and their kin too): a name, a comma, its value. " \
        "One of them, or a comma, is missing.")

/* Mistakes in the tables and macros of a project, by what the compiler, or the sanitizer, says of them. */
static const struct {
    Str said, and, remedy;
} slips[] = {
    { STR("before \u2018{\u2019 token"), STR("URLS_END"), STR("A comma is missing behind the row before this one.") },
    { STR("before '{' token"), STR("URLS_END"), STR("A comma is missing behind the row before this one.") },
    { STR("CLEF_PAIR_"), STR("requires"), PAIRS },
    { STR("undeclared identifier 'CLEF_PAIR_"), STR(""), PAIRS },
    { STR("const App *"), STR("incompatible types when initializing"),
      STR("APPS takes the addresses of applications: APPS(&pages_app, &blog_app).") },
    { STR("const Url *"), STR("incompatible types when initializing"),
      STR("INCLUDE takes the table of URLs of an application: INCLUDE(\"blog/\", blog_urls).") },
    { STR("no member named \u2018row_state\u2019"), STR(""),
      STR("The struct of a model begins with the line MODEL_HEAD; what is no row of a model is given to a template, a "
          "log "
          "or a URL by its members.") },
    { STR("no member named 'row_state'"), STR(""),
      STR("The struct of a model begins with the line MODEL_HEAD; what is no row of a model is given to a template, a "
          "log "
          "or a URL by its members.") },
    { STR("No space left on device"), STR(""), STR("The disk is full: make room. df -h . says how much there is.") },
    { STR("Disk quota exceeded"), STR(""),
      STR("Your part of the disk is full: make room. quota says how much there is.") },
    { STR("Killed signal terminated program"), STR(""),
      STR("The compiler was killed, most likely because the machine ran out of memory: close what is not needed, or "
          "build "
          "with one job (make -j1).") },
    { STR("Read-only file system"), STR(""), STR("Work on a copy of the project in a folder that you may write to.") },
    { STR("this_is_no_value__"), STR(""),
      STR("A template, a log and a URL take texts, numbers, dates, lists, maps, forms and rows (by their address): "
          "give "
          "the members of the struct one by one.") },
    { STR("a_void_pointer_is_no_value__"), STR(""),
      STR("A void pointer does not say what it points at: cast it to the type of the row, (Post *)p.") },
    { STR("undeclared here (not in a function)"), STR("PATH"),
      STR("A view is declared in its application's header, as in: Response *pages_index(Request *r); the file with the "
          "URLs includes it.") },
};

Str machine_remedy(Arena *a, Str said)
{
    static const struct {
        Str before, ends;
    } forms[] = {
        { STR("cannot find -l"), STR(": \n\"'") }, { STR("unable to find library -l"), STR(": \n\"'") },
        { STR("library not found: "), STR("\n") }, { STR("No package '"), STR("'\n") },
        { STR("Package '"), STR("'\n") },
    };
    Str header = between(said, STR("fatal error: "), STR(":\n"));
    for (size_t i = 0; i < CLEF_COUNT(forms); i++) {
        Str name = between(said, forms[i].before, forms[i].ends);
        if (!name.n)
            continue;
        if (str_starts(name, STR("lib")))
            name = str_from_byte(name, 3);
        for (size_t k = 0; k < CLEF_COUNT(packages); k++)
            if (str_eq(name, str_c(packages[k].said)))
                return str_format(a, "The library %.*s is missing. Install it: sudo apt install %s", STR_FMT(name),
                                  packages[k].package);
        return str_format(
            a,
            "The library %.*s is missing. On Debian: apt search %.*s, and install the package whose name ends "
            "in -dev; or take it out of PACKAGES in the Makefile.",
            STR_FMT(name), STR_FMT(name));
    }
    if (header.n)
        return str_format(
            a,
            "There is no header %.*s. Is its name written as the file's, from the project's folder? A header "
            "of a library comes with the library's -dev package, which PACKAGES in the Makefile names.",
            STR_FMT(header));
    Str table = between(said, STR("after global variable '"), STR("'"));
    if (!table.n) /* as gcc 12 says it */
        table = between(said, STR("to the right of global variable '"), STR("'"));
    if (table.n && str_contains(said, STR("global-buffer-overflow")) && str_contains(said, STR("compile_level")))
        return str_format(a, "The table of URLs %.*s does not end with URLS_END.", STR_FMT(table));
    for (size_t i = 0; i < CLEF_COUNT(slips); i++)
        if (str_contains(said, slips[i].said) && str_contains(said, slips[i].and))
            return slips[i].remedy;
    Str remedy = symbol_remedy(a, said);
    struct statvfs system;
    if (!remedy.n && statvfs(".", &system) == 0 && system.f_bavail * system.f_frsize < DISK_ROOM)
        return STR("The disk is full: make room. df -h . says how much there is."); /* a shell says "I/O error" */
    return remedy;
}
