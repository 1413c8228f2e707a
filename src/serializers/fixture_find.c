/* fixture_find.c: which files a name of loaddata stands for. */
#define _GNU_SOURCE
#include "serializers/serializers.h"
#include <clef/rt/path.h>

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct FixtureName {
    Str base; /* without the endings that say how it is to be read */
    Str format;
    bool packed;
} FixtureName;

typedef struct Search {
    Context *cx;
    const FixtureSearch *where;
    FixtureTexts *out;
    FixtureName name;
} Search;

static void say(const Search *s, Str line)
{
    if (s->where->say)
        s->where->say(s->where->arg, line);
}

/* What is behind the last dot, taken off; the NULL string: there is none. */
static Str take_ending(Str *name)
{
    size_t at = str_rfind_byte(*name, '.');
    if (at == STR_NPOS)
        return (Str){ 0 };
    Str ending = str_from_byte(*name, at + 1);
    *name = str_slice(*name, 0, at);
    return ending;
}

static FixtureName read_name(Context *cx, Str text)
{
    FixtureName n = { .base = text };
    FixtureFormat format;
    Str ending = take_ending(&n.base);
    if (str_eq(ending, STR("gz"))) {
        n.packed = true;
        ending = take_ending(&n.base);
    }
    if (ending.p && !fixture_format(ending, &format))
        RAISE(cx, 500, "command_error", "Problem installing fixture '%.*s': %.*s is not a known serialization format.",
              STR_FMT(n.base), STR_FMT(ending));
    n.format = ending;
    return n;
}

static bool is_folder(Arena *a, Str path)
{
    struct stat st;
    return stat(str_dup_c(a, path), &st) == 0 && S_ISDIR(st.st_mode);
}

/* Without symbolic links and dots, as far as it is there. */
static Str real_path(Arena *a, Str path)
{
    char *to = arena_alloc(a, PATH_MAX);
    const char *from = path.n ? str_dup_c(a, path) : ".";
    return realpath(from, to) ? str_c(to) : path_normalize(a, path);
}

static void look_for(const Search *s, Str path, FixtureFormat format, bool packed)
{
    struct stat st;
    Arena *a = s->cx->arena;
    const char *file = str_dup_c(a, path);
    if (stat(file, &st) == 0 && !S_ISDIR(st.st_mode))
        VEC_PUSH(a, s->out, ((FixtureText){ .name = path, .path = file, .format = format, .packed = packed }));
}

/* NAME[.DATABASE].FORMAT[.gz] in one folder. */
static void look_in(const Search *s, Str folder)
{
    Arena *a = s->cx->arena;
    const FixtureName *n = &s->name;
    Str base = path_base(n->base), using = s->where->using.n ? s->where->using : STR("default");
    size_t before = s->out->n;
    say(s, str_format(a, "Checking '%.*s' for fixtures...", STR_FMT(folder)));
    for (size_t i = 0; i < FIXTURE_ENDINGS * 4; i++) {
        Str ending = str_c(fixture_endings[i / 4].text);
        bool packed = i & 1, named = i & 2;
        if ((n->format.p && !str_eq(n->format, ending)) || (n->packed && !packed))
            continue;
        Str file = str_format(a, "%.*s%s%.*s.%.*s%s", STR_FMT(base), named ? "." : "", STR_FMT(named ? using : STR("")),
                              STR_FMT(ending), packed ? ".gz" : "");
        look_for(s, path_join(a, folder, file), fixture_endings[i / 4].format, packed);
    }
    if (s->out->n == before)
        say(s, str_format(a, "No fixture '%.*s' in '%.*s'.", STR_FMT(base), STR_FMT(folder)));
    if (s->out->n > before + 1)
        RAISE(s->cx, 500, "command_error", "Multiple fixtures named '%.*s' in '%.*s'. Aborting.", STR_FMT(base),
              STR_FMT(folder));
}

static Str folder_of(Arena *a, const Settings *settings, const App *app)
{
    return real_path(
        a, str_format(a, "%.*s/%s/fixtures", STR_FMT(settings->base_dir), app->folder ? app->folder : app->label));
}

static void look_in_part(const Search *s, Str folder)
{
    Str part = path_folder(s->name.base);
    bool below = str_find_byte(s->name.base, '/') != STR_NPOS;
    look_in(s, below ? path_join(s->cx->arena, folder, part) : folder);
}

static void check_folders(const Search *s)
{
    Arena *a = s->cx->arena;
    const Settings *settings = s->where->settings;
    StrList dirs = settings->fixture_dirs;
    for (size_t i = 0; i < dirs.n; i++) {
        for (size_t k = 0; k < i; k++)
            if (str_eq(dirs.p[i], dirs.p[k]))
                RAISE(s->cx, 500, "improperly_configured", "settings.FIXTURE_DIRS contains duplicates.");
        for (const App *const *app = settings->installed_apps; app && *app; app++)
            if (str_eq(real_path(a, path_join(a, settings->base_dir, dirs.p[i])), folder_of(a, settings, *app)))
                RAISE(s->cx, 500, "improperly_configured",
                      "'%.*s' is a default fixture directory for the '%s' app and cannot be listed in "
                      "settings.FIXTURE_DIRS.",
                      STR_FMT(dirs.p[i]), (*app)->label);
    }
}

void fixtures_find(Context *cx, const FixtureSearch *where, Str name, FixtureTexts *out)
{
    Arena *a = cx->arena;
    const Settings *settings = where->settings;
    Search s = { .cx = cx, .where = where, .out = out, .name = read_name(cx, name) };
    size_t before = out->n;
    say(&s, str_format(a, "Loading '%.*s' fixtures...", STR_FMT(s.name.base)));
    check_folders(&s);
    if (str_starts(name, STR("/"))) {
        look_in(&s, path_folder(s.name.base));
    } else {
        for (const App *const *app = settings->installed_apps; app && *app; app++) {
            Str folder = folder_of(a, settings, *app);
            if ((!where->app || where->app == *app) && is_folder(a, folder))
                look_in_part(&s, folder);
        }
        for (size_t i = 0; i < settings->fixture_dirs.n; i++)
            look_in_part(&s, real_path(a, path_join(a, settings->base_dir, settings->fixture_dirs.p[i])));
        look_in_part(&s, real_path(a, STR("")));
    }
    if (out->n == before)
        RAISE(cx, 500, "command_error", "No fixture named '%.*s' found.", STR_FMT(path_base(s.name.base)));
}
