/* command_makemessages.c: makemessages: the messages of sources and templates, into catalogues (.po), by GNU gettext. */
#define _GNU_SOURCE
#include "cli/messages.h"
#include "i18n/locale.h"
#include "i18n/locale_data.h"
#include "template/messages.h"
#include <clef/rt/file.h>
#include <clef/rt/path.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void makemessages(CommandCall *c);

const Command makemessages_command = {
    .name = "makemessages",
    .help = "Collects the messages of sources and templates into catalogues (.po files).",
    .description =
        "A file's messages go to the folder `locale` that is nearest above it, else to the first of "
        "LOCALE_PATHS. One of --locale, --exclude and --all is needed. Run it in the project's folder. Needs "
        "xgettext, msguniq, msgmerge and msgattrib, of GNU gettext.",
    .options =
        OPTIONS({ .name = "locale",
                  .letter = 'l',
                  .kind = OPTION_LIST,
                  .value = "LOCALE",
                  .help = "Makes or updates the catalogues of this locale (pt_BR); may be given several times." },
                { .name = "exclude",
                  .letter = 'x',
                  .kind = OPTION_LIST,
                  .value = "LOCALE",
                  .help = "Not of this locale; may be given several times." },
                { .name = "all", .letter = 'a', .help = "Updates the catalogues of all locales that are there." },
                { .name = "domain",
                  .letter = 'd',
                  .kind = OPTION_CHOICE,
                  .choices = "django",
                  .fallback = "django",
                  .help = "The catalogues' name." },
                { .name = "extension",
                  .letter = 'e',
                  .kind = OPTION_LIST,
                  .value = "EXT",
                  .help = "Files to read, with commas or several times; html,txt,c,h without it." },
                { .name = "symlinks", .letter = 's', .help = "Also into folders that are symbolic links." },
                { .name = "ignore",
                  .letter = 'i',
                  .kind = OPTION_LIST,
                  .value = "PATTERN",
                  .help = "Not files and folders whose name or path matches; may be given several times." },
                { .name = "no-default-ignore", .help = "Also what matches CVS, .* and *~." },
                { .name = "no-wrap", .help = "Do not break long lines." },
                { .name = "no-location", .help = "Do not write where a message stands." },
                { .name = "add-location",
                  .kind = OPTION_CHOICE,
                  .choices = "full|file|never",
                  .help = "How to write where a message stands: file and line, the file, not at all." },
                { .name = "no-obsolete", .help = "Remove messages that are no longer there." },
                { .name = "keep-pot", .help = "Keep the .pot file." }),
    .unchecked = true,
    .run = makemessages,
};

typedef struct Source {
    Str path;   /* from the project's folder */
    size_t pot; /* of which folder `locale`, by its place in the list */
    bool is_c;
} Source;

typedef struct Making {
    CommandCall *c;
    Arena *a;
    Texts folders;    /* `locale`, absolute; those that were met last come first */
    Texts extensions; /* with their dots */
    Texts left_out;   /* MEDIA_ROOT, STATIC_ROOT */
    Texts found;
    VEC(Source) sources;
    const char *options[4]; /* of every program */
    Str scratch;            /* a folder for what xgettext reads in the place of templates */
    Texts made, made_folders;
} Making;

static bool see_folder(Walk *w, Str path, Str name)
{
    Making *m = w->data;
    Str whole = absolute_path(w->c, path);
    if (texts_have(&m->left_out, whole))
        return false;
    if (!str_eq(name, STR("locale")))
        return true;
    if (!texts_have(&m->folders, whole))
        VEC_PUSH(m->a, &m->folders, whole);
    return false;
}

static void see_file(Walk *w, Str path, Str name)
{
    Making *m = w->data;
    if (texts_have(&m->extensions, path_extension(name)))
        VEC_PUSH(m->a, &m->found, path);
}

/* The longest folder that has a `locale` and the file below it; else `fallback`. */
static size_t folder_of(Making *m, Str path, size_t fallback)
{
    size_t best = fallback, length = 0;
    Str whole = absolute_path(m->c, path);
    for (size_t i = 0; i < m->folders.n; i++) {
        Str above = path_folder(m->folders.p[i]);
        bool below = str_starts(whole, above) && (above.n == 1 || (whole.n > above.n && whole.p[above.n] == '/'));
        if (below && above.n > length) {
            best = i;
            length = above.n;
        }
    }
    return best;
}

static void find_sources(Making *m)
{
    Texts ignored = { 0 };
    CommandCall *c = m->c;
    StrList given = option_list(c, "extension");
    static const Str usual[] = { STR("html,txt,c,h") }, hidden[] = { STR("CVS"), STR(".*"), STR("*~") };
    if (!given.n)
        given = (StrList){ usual, 1 };
    for (size_t i = 0; i < given.n; i++)
        for (Str rest = given.p[i], one; str_cut(&rest, ',', &one) || one.n;) {
            one = str_trim(one);
            if (one.n)
                VEC_PUSH(m->a, &m->extensions, one.p[0] == '.' ? one : str_concat(m->a, STR("."), one));
            if (!rest.n)
                break;
        }
    texts_add(c, &ignored, option_list(c, "ignore"));
    if (!option_flag(c, "no-default-ignore"))
        texts_add(c, &ignored, (StrList){ hidden, CLEF_COUNT(hidden) });
    if (c->settings->media_root.n)
        VEC_PUSH(m->a, &m->left_out, absolute_path(c, c->settings->media_root));
    if (c->settings->static_root.n)
        VEC_PUSH(m->a, &m->left_out, absolute_path(c, c->settings->static_root));
    for (size_t i = 0; i < c->settings->locale_paths.n; i++) {
        Str path = locale_path(c, i);
        if (!texts_have(&m->folders, path))
            VEC_PUSH(m->a, &m->folders, path);
    }
    size_t fallback = m->folders.n ? 0 : SIZE_MAX;
    Walk w = { .c = c,
               .ignored = &ignored,
               .symlinks = option_flag(c, "symlinks"),
               .folder = see_folder,
               .file = see_file,
               .data = m };
    messages_walk(&w, STR(""));
    for (size_t i = 0; i < m->found.n; i++) {
        Str path = m->found.p[i], extension = path_extension(path);
        VEC_PUSH(m->a, &m->sources,
                 ((Source){ .path = path,
                            .pot = folder_of(m, path, fallback),
                            .is_c = str_eq(extension, STR(".c")) || str_eq(extension, STR(".h")) }));
    }
}

/* Removes what was made for xgettext. */
static void clean(void *arg)
{
    Making *m = arg;
    for (size_t i = 0; i < m->made.n; i++)
        (void)unlink(m->made.p[i].p);
    for (size_t i = m->made_folders.n; i-- > 0;)
        (void)rmdir(m->made_folders.p[i].p);
    for (size_t i = 0; i < m->folders.n && !option_flag(m->c, "keep-pot"); i++)
        (void)unlink(str_format(m->a, "%.*s/django.pot", STR_FMT(m->folders.p[i])).p);
}

static void make_folders(Making *m, Str path, bool remove)
{
    for (size_t i = 1; i <= path.n; i++)
        if (i == path.n || path.p[i] == '/') {
            Str folder = str_copy(m->a, str_slice(path, 0, i));
            if (mkdir(folder.p, 0777) == 0) {
                if (remove)
                    VEC_PUSH(m->a, &m->made_folders, folder);
            } else if (errno != EEXIST) {
                RAISE(&m->c->cx, 500, "cannot_write", "The folder %s cannot be made: %s.", folder.p, strerror(errno));
            }
        }
}

static void write_text(Making *m, Str path, Str text)
{
    int error = file_write_atomic(str_dup_c(m->a, path), text, 0644);
    if (error < 0)
        RAISE(&m->c->cx, 500, "cannot_write", "%.*s cannot be written: %s.", STR_FMT(path), strerror(-error));
}

static Str read_text(Making *m, Str path)
{
    Str text = { 0 };
    int error = file_read(m->a, str_dup_c(m->a, path), MESSAGES_FILE_MAX, &text);
    if (error < 0)
        RAISE(&m->c->cx, 500, "cannot_read", "%.*s cannot be read: %s.", STR_FMT(path), strerror(-error));
    return text;
}

/* The words, then the options of every program, then the NULL-terminated rest. */
static Str run_gettext(Making *m, const char *const *words, const char *const *rest)
{
    VEC(const char *) all = { 0 };
    for (; *words; words++)
        VEC_PUSH(m->a, &all, *words);
    for (const char *const *o = m->options; *o; o++)
        VEC_PUSH(m->a, &all, *o);
    for (; *rest; rest++)
        VEC_PUSH(m->a, &all, *rest);
    VEC_PUSH(m->a, &all, NULL);
    Said said = gettext_run(m->c, all.p);
    Str why = str_trim(said.err);
    if (said.code != 0)
        RAISE(&m->c->cx, 500, "command_error", "errors happened while running %s\n%.*s", all.p[0], STR_FMT(why));
    if (why.n && m->c->verbosity > 0)
        command_warn(m->c, "%.*s", STR_FMT(why));
    return said.out;
}

/* The lines behind the first empty one: a .pot without its header. */
static Str without_header(Str pot)
{
    size_t at = str_find(pot, STR("\n\n"));
    return at == STR_NPOS ? STR("") : str_from_byte(pot, at + 1);
}

static void extract(Making *m, size_t pot, bool is_c, Buf *out)
{
    static const char *const c_words[] = { "xgettext",
                                           "--default-domain=django",
                                           "--language=C",
                                           "--from-code=UTF-8",
                                           "--add-comments=Translators",
                                           "--output=-",
                                           "--keyword",
                                           "--keyword=GETTEXT:2",
                                           "--keyword=NGETTEXT:2,3",
                                           "--keyword=PGETTEXT:2c,3",
                                           "--keyword=NPGETTEXT:2c,3,4",
                                           "--keyword=GETTEXT_LAZY:1",
                                           "--keyword=PGETTEXT_LAZY:1c,2",
                                           "--keyword=GETTEXT_NOOP:1",
                                           NULL };
    static const char *const template_words[] = { "xgettext",
                                                  "--default-domain=django",
                                                  "--language=Python",
                                                  "--from-code=UTF-8",
                                                  "--add-comments=Translators",
                                                  "--output=-",
                                                  "--keyword=pgettext:1c,2",
                                                  "--keyword=npgettext:1c,2,3",
                                                  NULL };
    Buf list = BUF_INIT(m->a, MESSAGES_FILE_MAX);
    for (size_t i = 0; i < m->sources.n; i++) {
        const Source *s = &m->sources.p[i];
        if (s->pot != pot || s->is_c != is_c)
            continue;
        buf_printf(&list, "%.*s\n", STR_FMT(s->path));
        if (is_c)
            continue;
        Str warnings, to = path_join(m->a, m->scratch, s->path);
        Str text = template_messages(&m->c->cx, s->path, read_text(m, s->path), &warnings);
        if (warnings.n)
            command_warn(m->c, "%.*s", STR_FMT(str_trim(warnings)));
        make_folders(m, path_folder(to), true);
        VEC_PUSH(m->a, &m->made, str_copy(m->a, to));
        write_text(m, to, text);
    }
    if (!list.n)
        return;
    Str files = path_join(m->a, m->scratch, STR("files.list"));
    if (!texts_have(&m->made, files))
        VEC_PUSH(m->a, &m->made, files);
    write_text(m, files, buf_view(&list));
    const char *rest[] = { "--files-from", files.p, is_c ? NULL : "--directory", m->scratch.p, NULL };
    Str messages = run_gettext(m, is_c ? c_words : template_words, rest);
    buf_str(out, out->n ? without_header(messages)
                        : str_replace(m->a, messages, STR("charset=CHARSET"), STR("charset=UTF-8")));
}

/* The path of the .pot file; the NULL string when there is no message. */
static Str make_pot(Making *m, size_t at)
{
    Buf text = BUF_INIT(m->a, MESSAGES_FILE_MAX);
    extract(m, at, true, &text);
    extract(m, at, false, &text);
    if (!text.n)
        return (Str){ 0 };
    if (at == SIZE_MAX)
        RAISE(&m->c->cx, 500, "command_error",
              "Unable to find a locale path to store translations. Make a folder 'locale' in the project or in an "
              "application, or set LOCALE_PATHS.");
    make_folders(m, m->folders.p[at], false);
    Str pot = str_format(m->a, "%.*s/django.pot", STR_FMT(m->folders.p[at]));
    write_text(m, pot, buf_view(&text));
    static const char *const words[] = { "msguniq", "--to-code=utf-8", NULL };
    Str unique = run_gettext(m, words, (const char *const[]){ pot.p, NULL });
    /* What msguniq says of comments from two places is of no use to translators. */
    Str mark = STR("#. #-#-#-#-#  django.pot (PACKAGE VERSION)  #-#-#-#-#\n");
    write_text(m, pot, str_replace(m->a, unique, mark, STR("")));
    return pot;
}

/* The rule of the language in the header of a new catalogue: in the place of xgettext's, or at its end. */
static Str with_plural_forms(Making *m, Str text, Str locale)
{
    Str code = str_replace(m->a, str_lower(m->a, locale), STR("_"), STR("-"));
    const LocaleRow *row = locale_row(code);
    size_t dash = str_find_byte(code, '-');
    if (!row && dash != STR_NPOS)
        row = locale_row(str_slice(code, 0, dash));
    if (!row)
        return text;
    Str line = str_format(m->a, "\"Plural-Forms: nplurals=%d; plural=%s;\\n\"\n", row->plural ? row->nplurals : 2,
                          row->plural ? row->plural : "(n != 1)");
    size_t end = str_find(text, STR("\n\n")), old = str_find(text, STR("\"Plural-Forms:"));
    size_t from = old != STR_NPOS ? old : end != STR_NPOS ? end + 1 : text.n, to = from;
    if (old != STR_NPOS)
        to = old + str_find_byte(str_from_byte(text, old), '\n') + 1;
    return str_concat(m->a, str_concat(m->a, str_slice(text, 0, from), line), str_from_byte(text, to));
}

static void make_po(Making *m, Str pot, Str locale)
{
    Str folder = str_format(m->a, "%.*s/%.*s/LC_MESSAGES", STR_FMT(path_folder(pot)), STR_FMT(locale));
    Str po = str_format(m->a, "%.*s/django.po", STR_FMT(folder));
    make_folders(m, folder, false);
    if (access(po.p, F_OK) == 0) {
        static const char *const words[] = { "msgmerge", "-q", "--backup=none", "--previous", "--update", NULL };
        (void)run_gettext(m, words, (const char *const[]){ po.p, pot.p, NULL });
    } else {
        write_text(m, po, with_plural_forms(m, read_text(m, pot), locale));
    }
    if (option_flag(m->c, "no-obsolete")) {
        static const char *const words[] = { "msgattrib", "--no-obsolete", NULL };
        (void)run_gettext(m, words, (const char *const[]){ "-o", po.p, po.p, NULL });
    }
}

/* "de", "pt_BR", "nl_NL-x-informal". */
static bool is_locale(Str s)
{
    size_t i = 0;
    while (i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z')
        i++;
    if (!i || str_find_byte(s, '/') != STR_NPOS)
        return false;
    return i == s.n || (s.p[i] == '_' && i + 1 < s.n &&
                        ((s.p[i + 1] >= 'A' && s.p[i + 1] <= 'Z') || (s.p[i + 1] >= '0' && s.p[i + 1] <= '9')));
}

/* What was meant by "pt-br" or "DE"; the NULL string when nobody knows. */
static Str near_locale(Arena *a, Str s)
{
    size_t i = 0;
    while (i < s.n && ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
        i++;
    Str near = str_lower(a, s);
    if (i && i + 1 < s.n)
        near = str_format(a, "%.*s_%.*s%.*s", STR_FMT(str_lower(a, str_slice(s, 0, i))),
                          STR_FMT(str_upper(a, str_slice(s, i + 1, i + 3))), STR_FMT(str_from_byte(s, i + 3)));
    return is_locale(near) ? near : (Str){ 0 };
}

static Texts chosen_locales(Making *m)
{
    Texts all = { 0 }, excluded = { 0 }, out = { 0 };
    CommandCall *c = m->c;
    StrList given = option_list(c, "locale");
    bool every = option_flag(c, "all");
    if (!every) {
        texts_add(c, &all, given);
        texts_add(c, &excluded, option_list(c, "exclude"));
    }
    for (size_t i = 0; i < m->folders.n && (every || !given.n); i++)
        locales_in(c, m->folders.p[i], &all);
    for (size_t i = 0; i < all.n; i++) {
        Str near = near_locale(m->a, all.p[i]);
        if (texts_have(&excluded, all.p[i]))
            continue;
        if (is_locale(all.p[i]))
            VEC_PUSH(m->a, &out, all.p[i]);
        else if (near.n)
            command_warn(c, "invalid locale %.*s, did you mean %.*s?", STR_FMT(all.p[i]), STR_FMT(near));
        else
            command_warn(c, "invalid locale %.*s", STR_FMT(all.p[i]));
    }
    return out;
}

static void makemessages(CommandCall *c)
{
    Arena *a = c->cx.arena;
    if (!option_list(c, "locale").n && !option_list(c, "exclude").n && !option_flag(c, "all"))
        RAISE(&c->cx, 500, "command_error", "Which locales? Give --locale de, --all or --exclude de.");
    Making *m = NEW(a, Making);
    *m = (Making){ .c = c, .a = a };
    size_t n = 0;
    if (option_flag(c, "no-wrap"))
        m->options[n++] = "--no-wrap";
    if (option_flag(c, "no-location"))
        m->options[n++] = "--no-location";
    if (option_given(c, "add-location"))
        m->options[n++] = str_format(a, "--add-location=%.*s", STR_FMT(option_text(c, "add-location"))).p;
    find_sources(m);
    char scratch[] = "/tmp/clef-messages-XXXXXX";
    if (!mkdtemp(scratch))
        RAISE(&c->cx, 500, "cannot_write", "No folder can be made in /tmp: %s.", strerror(errno));
    m->scratch = str_copy(a, str_c(scratch));
    VEC_PUSH(a, &m->made_folders, m->scratch);
    DEFER(&c->cx, clean, m);
    Texts locales = chosen_locales(m), pots = { 0 };
    (void)make_pot(m, SIZE_MAX);
    for (size_t i = 0; i < m->folders.n; i++) {
        Str pot = make_pot(m, i);
        if (pot.n)
            VEC_PUSH(a, &pots, pot);
    }
    for (size_t i = 0; i < locales.n; i++) {
        command_say(c, "processing locale %.*s", STR_FMT(locales.p[i]));
        for (size_t j = 0; j < pots.n; j++)
            make_po(m, pots.p[j], locales.p[i]);
    }
}
