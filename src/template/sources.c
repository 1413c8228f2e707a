/* sources.c: every template that an engine could find by its loaders, for generating C of them. */
#include "template/template.h"
#include <clef/rt/file.h>
#include <clef/template/generate.h>

#include <dirent.h>

enum { FILES_MAX = 100000, FOLDERS_DEEP = 32 };

typedef struct Walk {
    Context *cx;
    TemplateEngine *engine;
    GeneratedSources *out;
} Walk;

static void add(Walk *w, GeneratedSource source)
{
    GeneratedSources *s = w->out;
    if (s->n == s->cap)
        s->p = vec_grow(w->cx->arena, s->p, &s->cap, sizeof *s->p);
    s->p[s->n++] = source;
}

static CLEF_NORETURN void unreadable(Walk *w, const char *path, int error)
{
    RAISE(w->cx, 500, "template_directory", "%s cannot be read: %s", path, strerror(error));
}

static bool is_left_out(Str name) { return name.p[0] == '.' || name.p[name.n - 1] == '~'; }

static void walk(Walk *w, const char *path, Str prefix, int depth)
{
    Arena *a = w->cx->arena;
    FileEntry *entries = NULL;
    ssize_t n = file_list(a, path, FILES_MAX, &entries);
    if (n < 0)
        unreadable(w, path, (int)-n);
    for (ssize_t i = 0; i < n; i++) {
        FileEntry *e = &entries[i];
        if (is_left_out(e->name))
            continue;
        Str name = str_concat(a, prefix, e->name), text;
        const char *file = str_format(a, "%s/%.*s", path, STR_FMT(e->name)).p;
        if (e->type == DT_DIR || e->type == DT_LNK) {
            DIR *dir = opendir(file);
            if (dir) {
                closedir(dir);
                if (depth < FOLDERS_DEEP)
                    walk(w, file, str_concat(a, name, STR("/")), depth + 1);
                continue;
            }
        }
        int error = file_read(a, file, w->engine->options.limits.source_bytes, &text);
        if (error < 0)
            unreadable(w, file, -error);
        add(w, (GeneratedSource){ .name = name, .origin = str_c(file), .text = text });
    }
}

GeneratedSources template_sources(Context *cx, TemplateEngine *engine)
{
    GeneratedSources sources = { 0 };
    Walk w = { cx, engine, &sources };
    for (const TemplateLoader *l = engine->options.loaders; l && (l->directory || l->sources || l->load); l++) {
        size_t n = l->directory ? strlen(l->directory) : 0;
        while (n > 1 && l->directory[n - 1] == '/')
            n--;
        if (n)
            walk(&w, str_format(cx->arena, "%.*s", (int)n, l->directory).p, STR(""), 0);
        for (size_t i = 0; i < l->nsources; i++)
            add(&w, (GeneratedSource){ l->sources[i].name, l->sources[i].name, l->sources[i].text });
    }
    return sources;
}
