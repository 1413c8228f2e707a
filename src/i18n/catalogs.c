/*
 * catalogs.c: where the messages of a language come from. Each place (a folder of LOCALE_PATHS, the program, Clef) may
 * have a catalogue of the language ("de-at") and one of its base ("de"); as in gettext, a place with only the second
 * gives that one as if it were the first.
 */
#include "i18n/locale.h"
#include <clef/base/vec.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void warn(const I18nOptions *o, Str file, const char *why)
{
    if (o->warn)
        o->warn(o->warn_arg, file, why);
}

static Str path_of(Arena *a, Str folder, Str code)
{
    Str locale = language_to_locale(a, code);
    return str_format(a, "%.*s/%.*s/LC_MESSAGES/django.mo", STR_FMT(folder), STR_FMT(locale));
}

static const Catalog *read_file(Arena *a, const I18nOptions *o, Str path)
{
    struct stat st;
    const Catalog *c = NULL;
    int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return NULL;
    }
    if ((uint64_t)st.st_size > CATALOG_FILE_MAX) {
        close(fd);
        warn(o, path, catalog_outcome_text(CATALOG_TOO_LARGE));
        return NULL;
    }
    size_t size = (size_t)st.st_size, n = 0;
    char *p = arena_try_alloc(a, size + 1);
    while (p && n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    if (!p || n < size) {
        warn(o, path, "it cannot be read");
        return NULL;
    }
    CatalogOutcome outcome = catalog_read(a, (Str){ p, n }, &c);
    if (outcome != CATALOG_OK)
        warn(o, path, catalog_outcome_text(outcome));
    return c;
}

static const Catalog *read_embedded(Arena *a, const I18nOptions *o, Str code)
{
    for (size_t i = 0; i < o->nembedded; i++) {
        const Catalog *c = NULL;
        if (!str_ieq(o->embedded[i].language, code))
            continue;
        CatalogOutcome outcome = catalog_read(a, o->embedded[i].mo, &c);
        if (outcome == CATALOG_OK)
            return c;
        warn(o, code, catalog_outcome_text(outcome));
    }
    return NULL;
}

static const Catalog *of_row(Arena *a, Str code)
{
    const LocaleRow *row = locale_row(code);
    return row && row->at ? catalog_of_row(a, row) : NULL;
}

/* What one place has for the code and for its base. */
static void add(Arena *a, const Catalog *own, const Catalog *of_base, Catalogs *first, Catalogs *then)
{
    if (own) {
        VEC_PUSH(a, first, own);
        if (of_base)
            VEC_PUSH(a, then, of_base);
    } else if (of_base) {
        VEC_PUSH(a, first, of_base);
    }
}

void catalogs_load(Arena *a, const I18nOptions *o, Str code, Catalogs *own, Catalogs *base)
{
    if (!language_code_valid(code))
        return;
    Str root = language_base(code);
    bool same = root.n == code.n;
    for (size_t i = 0; i < o->nlocale_paths; i++)
        add(a, read_file(a, o, path_of(a, o->locale_paths[i], code)),
            same ? NULL : read_file(a, o, path_of(a, o->locale_paths[i], root)), own, base);
    add(a, read_embedded(a, o, code), same ? NULL : read_embedded(a, o, root), own, base);
    add(a, of_row(a, code), same ? NULL : of_row(a, root), own, base);
}

static bool exists(Arena *a, const I18nOptions *o, Str code)
{
    if (locale_row(code))
        return true;
    for (size_t i = 0; i < o->nembedded; i++)
        if (str_ieq(o->embedded[i].language, code))
            return true;
    for (size_t i = 0; i < o->nlocale_paths; i++)
        if (access(path_of(a, o->locale_paths[i], code).p, R_OK) == 0)
            return true;
    return false;
}

bool catalogs_exist(Arena *a, const I18nOptions *o, Str code)
{
    return language_code_valid(code) && (exists(a, o, code) || exists(a, o, language_base(code)));
}
