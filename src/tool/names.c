/*
 * names.c: which names a project or an application may have. The name becomes a folder, a header, a part of C names and of
 * table names, so it is a C identifier in lower case, and none that C, its library or a project has already.
 */
#define _GNU_SOURCE
#include "tool/tool.h"

#include <dlfcn.h>
#include <unistd.h>

enum { NAME_LENGTH_MAX = 40 };

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/* "My-Site 2" gives "my_site_2"; empty when nothing is left. */
static const char *suggest(Arena *a, Str name)
{
    Buf b = BUF_INIT(a, NAME_LENGTH_MAX);
    for (size_t i = 0; i < name.n && b.n < NAME_LENGTH_MAX; i++) {
        char c = name.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (is_lower(c) || (c >= '0' && c <= '9' && b.n))
            buf_byte(&b, c);
        else if (b.n && b.p[b.n - 1] != '_')
            buf_byte(&b, '_');
    }
    while (b.n && b.p[b.n - 1] == '_')
        buf_truncate(&b, b.n - 1);
    return b.n ? b.p : "my_site";
}

static bool in_list(Str name, const char *words)
{
    Str rest = str_c(words), word;
    while (str_cut(&rest, ' ', &word))
        if (str_eq(word, name))
            return true;
    return false;
}

static const char *whose(Arena *a, Str name)
{
    static const char keywords[] =
        "alignas alignof auto bool break case char const constexpr continue default do double else enum extern false "
        "float "
        "for goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct "
        "switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while asm linux unix";
    static const char folders[] = "build clef main settings static templates test tests urls";
    if (in_list(name, keywords))
        return "a word of the C language";
    if (in_list(name, folders))
        return "what another file or folder of every project is called";
    char *c = str_dup_c(a, name);
    if (dlsym(RTLD_DEFAULT, c))
        return "a name of the C library";
    if (access(str_format(a, "/usr/include/%s.h", c).p, F_OK) == 0)
        return "the name of a header of the system";
    return NULL;
}

const char *name_problem(Arena *a, const char *what, Str name)
{
    bool fits = name.n && is_lower(name.p[0]);
    for (size_t i = 0; i < name.n; i++)
        fits = fits && (is_lower(name.p[i]) || name.p[i] == '_' || (name.p[i] >= '0' && name.p[i] <= '9'));
    if (!fits)
        return str_format(a,
                          "'%.*s' cannot be the name of %s %s: it becomes a part of C names, so it has small letters, "
                          "digits and '_', and begins with a letter. Try '%s'.",
                          STR_FMT(name), what[0] == 'a' ? "an" : "a", what, suggest(a, name))
            .p;
    if (name.n > NAME_LENGTH_MAX)
        return str_format(a, "The name '%.*s' is longer than %d letters. Choose a shorter one.", STR_FMT(name),
                          NAME_LENGTH_MAX)
            .p;
    const char *taken = whose(a, name);
    return taken ? str_format(a, "'%.*s' cannot be the name of %s %s: it is %s. Try '%.*s_%s'.", STR_FMT(name),
                              what[0] == 'a' ? "an" : "a", what, taken, STR_FMT(name), what[0] == 'a' ? "app" : "site")
                       .p
                 : NULL;
}
