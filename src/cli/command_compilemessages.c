/* command_compilemessages.c: compilemessages: catalogues of messages from .po to .mo, by msgfmt. */
#define _GNU_SOURCE
#include "cli/messages.h"
#include <clef/rt/file.h>
#include <clef/rt/path.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void compilemessages(CommandCall *c);

const Command compilemessages_command = {
    .name = "compilemessages",
    .help = "Compiles message catalogues: .po files to .mo files.",
    .description = "Those of every folder `locale` below this one, and of LOCALE_PATHS. A .mo file that is not older "
                   "than its .po file is left as it is. Needs msgfmt, of GNU gettext.",
    .options = OPTIONS({ .name = "locale",
                         .letter = 'l',
                         .kind = OPTION_LIST,
                         .value = "LOCALE",
                         .help = "Only this locale (de_AT); may be given several times." },
                       { .name = "exclude",
                         .letter = 'x',
                         .kind = OPTION_LIST,
                         .value = "LOCALE",
                         .help = "Not this locale; may be given several times." },
                       { .name = "use-fuzzy", .letter = 'f', .help = "Use fuzzy translations." },
                       { .name = "ignore",
                         .letter = 'i',
                         .kind = OPTION_LIST,
                         .value = "PATTERN",
                         .help = "Not in folders whose name or path matches; may be given several times." }),
    .unchecked = true,
    .run = compilemessages,
};

static bool see_folder(Walk *w, Str path, Str name)
{
    if (str_eq(name, STR("locale"))) {
        Str whole = absolute_path(w->c, path);
        if (!texts_have(w->data, whole))
            VEC_PUSH(w->c->cx.arena, (Texts *)w->data, whole);
    }
    return true;
}

static void see_file(Walk *w, Str path, Str name)
{
    if (str_ends(name, STR(".po")))
        VEC_PUSH(w->c->cx.arena, (Texts *)w->data, path);
}

/* UTF-8's mark, or one of UTF-16's. */
static bool has_mark(const char *path)
{
    unsigned char start[3] = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, start, sizeof start);
    if (fd >= 0)
        close(fd);
    return (n == 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0) ||
           (n >= 2 && (memcmp(start, "\xff\xfe", 2) == 0 || memcmp(start, "\xfe\xff", 2) == 0));
}

static bool is_current(const char *mo, const char *po)
{
    struct stat m, p;
    return stat(mo, &m) == 0 && stat(po, &p) == 0 &&
           (m.st_mtim.tv_sec > p.st_mtim.tv_sec ||
            (m.st_mtim.tv_sec == p.st_mtim.tv_sec && m.st_mtim.tv_nsec >= p.st_mtim.tv_nsec));
}

static void compile(CommandCall *c, Str file)
{
    Arena *a = c->cx.arena;
    const char *po = str_dup_c(a, file);
    char *mo = str_dup_c(a, file);
    mo[file.n - 2] = 'm';
    if (is_current(mo, po)) {
        command_say(c, "%s is already compiled and up to date", po);
        return;
    }
    if (has_mark(po)) {
        command_fail(c, "%s begins with a byte order mark: catalogues are UTF-8 without one", po);
        return;
    }
    const char *words[] = { "msgfmt", "--check-format", "-o", mo, po, NULL, NULL };
    if (option_flag(c, "use-fuzzy")) {
        words[4] = "-f";
        words[5] = po;
    }
    command_say(c, "compiling %s", po);
    Said said = gettext_run(c, words);
    Str why = str_trim(said.err);
    if (said.code != 0)
        command_fail(c, "%s was not compiled: %.*s", po, STR_FMT(why.n ? why : STR("msgfmt does not say why")));
    else if (why.n)
        command_warn(c, "%.*s", STR_FMT(why));
}

static void compilemessages(CommandCall *c)
{
    Arena *a = c->cx.arena;
    Texts folders = { 0 }, ignored = { 0 }, files = { 0 };
    StrList wanted = option_list(c, "locale");
    Texts excluded = { 0 };
    texts_add(c, &ignored, option_list(c, "ignore"));
    texts_add(c, &excluded, option_list(c, "exclude"));
    Walk looking = { .c = c, .ignored = &ignored, .folder = see_folder, .data = &folders };
    messages_walk(&looking, STR(""));
    for (size_t i = 0; i < c->settings->locale_paths.n; i++) {
        Str path = locale_path(c, i);
        if (is_folder(c, path) && !texts_have(&folders, path))
            VEC_PUSH(a, &folders, path);
    }
    if (!folders.n)
        RAISE(
            &c->cx, 500, "command_error",
            "There is no folder \"locale\" below this one, and none in LOCALE_PATHS: run it in the project's folder.");
    for (size_t i = 0; i < folders.n; i++) {
        Texts locales = { 0 };
        texts_add(c, &locales, wanted);
        if (!wanted.n)
            locales_in(c, folders.p[i], &locales);
        for (size_t j = 0; j < locales.n; j++) {
            Str path = path_join(a, path_join(a, folders.p[i], locales.p[j]), STR("LC_MESSAGES"));
            Walk listing = { .c = c, .file = see_file, .data = &files };
            if (!texts_have(&excluded, locales.p[j]) && is_folder(c, path))
                messages_walk(&listing, path);
        }
    }
    for (size_t i = 0; i < files.n; i++)
        compile(c, files.p[i]);
    if (c->status != 0)
        RAISE(&c->cx, 500, "command_error", "compilemessages generated one or more errors.");
}
