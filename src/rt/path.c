/* path.c: paths as text. The contract is in <clef/rt/path.h>. */
#include <clef/rt/path.h>

Str path_join(Arena *a, Str folder, Str name)
{
    if (name.n && name.p[0] == '/')
        folder.n = 0;
    if (folder.n == 0 || name.n == 0)
        return str_copy(a, folder.n ? folder : name.n ? name : STR(""));
    bool slash = folder.p[folder.n - 1] != '/';
    size_t n = folder.n + slash + name.n;
    char *p = arena_alloc(a, n + 1);
    memcpy(p, folder.p, folder.n);
    p[folder.n] = '/';
    memcpy(p + folder.n + slash, name.p, name.n);
    p[n] = 0;
    return (Str){ p, n };
}

Str path_normalize(Arena *a, Str path)
{
    bool absolute = path.n && path.p[0] == '/';
    char *p = arena_alloc(a, path.n + 3);
    size_t n = 0, keep = 0; /* nothing before `keep` may be taken back */
    if (absolute)
        p[n++] = '/', keep = 1;
    Str rest = path, part;
    while (str_cut(&rest, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (str_eq(part, STR(".."))) {
            if (n > keep) {
                while (n > keep && p[n - 1] != '/')
                    n--;
                if (n > keep)
                    n--;
                continue;
            }
            if (absolute)
                continue;
        }
        if (n && p[n - 1] != '/')
            p[n++] = '/';
        memcpy(p + n, part.p, part.n);
        n += part.n;
        if (str_eq(part, STR("..")))
            keep = n;
    }
    if (n == 0)
        p[n++] = '.';
    p[n] = 0;
    return (Str){ p, n };
}

Str path_base(Str path)
{
    size_t slash = str_rfind_byte(path, '/');
    return slash == STR_NPOS ? path : str_from_byte(path, slash + 1);
}

Str path_folder(Str path)
{
    size_t slash = str_rfind_byte(path, '/');
    if (slash == STR_NPOS)
        return STR(".");
    while (slash > 0 && path.p[slash - 1] == '/')
        slash--;
    return str_slice(path, 0, slash ? slash : 1);
}

Str path_extension(Str path)
{
    Str base = path_base(path);
    size_t dot = str_rfind_byte(base, '.');
    return dot == STR_NPOS || dot == 0 ? STR("") : str_from_byte(base, dot);
}

Str path_join_beneath(Arena *a, Str folder, Str name)
{
    if (str_find_byte(name, 0) != STR_NPOS || str_find_byte(folder, 0) != STR_NPOS)
        return (Str){ 0 };
    Str root = path_normalize(a, folder), whole = path_normalize(a, path_join(a, root, name));
    if (str_eq(root, STR("/")) || str_eq(whole, root))
        return whole;
    if (str_eq(root, STR(".")))
        return whole.p[0] == '/' || str_eq(whole, STR("..")) || str_starts(whole, STR("../")) ? (Str){ 0 } : whole;
    return str_starts(whole, root) && whole.p[root.n] == '/' ? whole : (Str){ 0 };
}
