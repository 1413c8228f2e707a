/*
 * engine.c: names to compiled templates. Each template has an arena of its own below the engine's, so that a changed file
 * can be compiled anew; the old one stays until template_engine_reset, because a rendering may be using it.
 */
#include "template/libraries.h"
#include "template/nodes.h"
#include <clef/cache.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

TemplateEngine *template_engine_create(Arena *parent, const TemplateEngineOptions *options)
{
    Arena *a = arena_create(parent, 0, 0);
    TemplateEngine *e = NEW(a, TemplateEngine);
    e->arena = a;
    e->options = *options;
    TemplateLimits *l = &e->options.limits;
    l->nesting = l->nesting ? l->nesting : TEMPLATE_NESTING;
    l->depth = l->depth ? l->depth : TEMPLATE_DEPTH;
    l->output_bytes = l->output_bytes ? l->output_bytes : TEMPLATE_OUTPUT_BYTES;
    l->loop_steps = l->loop_steps ? l->loop_steps : TEMPLATE_LOOP_STEPS;
    l->source_bytes = l->source_bytes ? l->source_bytes : TEMPLATE_SOURCE_BYTES;
    if (!e->options.i18n)
        e->options.i18n =
            i18n_create(a, &(I18nOptions){ .use_tz = e->options.use_tz, .time_zone = e->options.time_zone });
    static const TemplateFilter *const filters[] = { string_filters, list_filters,   number_filters, html_filters,
                                                     date_filters,   format_filters, pprint_filters };
    TemplateLibrary *own = NEW_ARRAY(a, TemplateLibrary, CLEF_COUNT(filters));
    for (size_t i = 0; i < CLEF_COUNT(filters); i++) {
        own[i].filters = filters[i];
        VEC_PUSH(a, &e->builtins, &own[i]);
    }
    VEC_PUSH(a, &e->builtins, &template_default_tags);
    for (const TemplateLibrary *const *l2 = options->builtins; l2 && *l2; l2++)
        VEC_PUSH(a, &e->builtins, *l2);
    if (!e->options.caches) {
        Caches *own_caches = caches_create(a);
        caches_add(own_caches, STR("default"), cache_create(a, &cache_locmem, &(CacheOptions){ 0 }));
        e->options.caches = own_caches;
    }
    static const TemplateLibrary *const always[] = { &template_cache_library,  &template_humanize_library,
                                                     &template_i18n_library,   &template_l10n_library,
                                                     &template_static_library, &template_tz_library };
    for (size_t i = 0; i < CLEF_COUNT(always) && !options->only_these_libraries; i++)
        VEC_PUSH(a, &e->libraries, always[i]);
    for (const TemplateLibrary *const *l2 = options->libraries; l2 && *l2; l2++)
        VEC_PUSH(a, &e->libraries, *l2);
    engine_list_backends(e);
    template_engine_reset(e);
    return e;
}

void template_engine_reset(TemplateEngine *e)
{
    arena_destroy(e->compiled);
    e->compiled = arena_create(e->arena, 0, 0);
    e->cache = map_new(e->compiled);
    e->origins = map_new(e->compiled);
}

const TemplateEngineOptions *template_engine_options(const TemplateEngine *e) { return &e->options; }
bool template_is_compiled(const Template *t)
{
    return t->body.n == 0 || (t->body.p[0]->kind == NODE_LIST && ((const ListNode *)t->body.p[0])->fn);
}

Str template_name(const Template *t) { return t->name; }
Str template_origin(const Template *t) { return t->origin; }

/* --- loading */

typedef enum Loaded { LOADED, LOAD_MISSING, LOAD_OUTSIDE, LOAD_TOO_LARGE } Loaded;

/* The name below the directory with "." and ".." worked out; false when it would leave it. */
static bool join_inside(Arena *a, const char *directory, Str name, Str *out)
{
    VEC(Str) parts = { 0 };
    Str rest = name, part;
    if (str_find_byte(name, 0) != STR_NPOS || (name.n && name.p[0] == '/'))
        return false;
    while (str_cut(&rest, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        if (!str_eq(part, STR(".."))) {
            VEC_PUSH(a, &parts, part);
        } else {
            if (parts.n == 0)
                return false;
            parts.n--;
        }
    }
    Buf b = BUF_INIT(a, 4096);
    buf_c(&b, directory);
    for (size_t i = 0; i < parts.n; i++) {
        if (b.n == 0 || b.p[b.n - 1] != '/')
            buf_byte(&b, '/');
        buf_str(&b, parts.p[i]);
    }
    *out = buf_view(&b);
    return parts.n && !b.failed;
}

static Loaded read_file(Arena *a, Str path, uint64_t most, TemplateFound *found)
{
    struct stat st;
    int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return LOAD_MISSING;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return LOAD_MISSING;
    }
    if ((uint64_t)st.st_size > most) {
        close(fd);
        return LOAD_TOO_LARGE;
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
    if (!p)
        return LOAD_TOO_LARGE;
    p[n] = 0;
    found->text = (Str){ p, n };
    found->mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    found->size = st.st_size;
    return LOADED;
}

static Loaded load(Arena *a, const TemplateLoader *l, Str name, uint64_t most, TemplateFound *found)
{
    *found = (TemplateFound){ .origin = name };
    if (l->directory)
        return join_inside(a, l->directory, name, &found->origin) ? read_file(a, found->origin, most, found)
                                                                  : LOAD_OUTSIDE;
    for (size_t i = 0; i < l->nsources; i++)
        if (str_eq(l->sources[i].name, name)) {
            found->text = l->sources[i].text;
            return found->text.n > most ? LOAD_TOO_LARGE : LOADED;
        }
    if (l->load && l->load(a, name, found, l->arg))
        return found->text.n > most ? LOAD_TOO_LARGE : LOADED;
    return LOAD_MISSING;
}

static bool is_end(const TemplateLoader *l) { return !l->directory && !l->sources && !l->load; }

void template_engine_add_loader(TemplateEngine *e, TemplateLoader loader)
{
    size_t n = 0;
    while (e->options.loaders && !is_end(&e->options.loaders[n]))
        n++;
    TemplateLoader *loaders = NEW_ARRAY(e->arena, TemplateLoader, n + 2);
    if (n)
        memcpy(loaders, e->options.loaders, n * sizeof *loaders);
    loaders[n] = loader;
    e->options.loaders = loaders;
}

/* --- compiling */

typedef struct Compile {
    TemplateEngine *engine;
    Template *t;
    const CompiledTemplate *row; /* C for it; NULL */
    TemplateTrace *trace;        /* to be filled; NULL */
} Compile;

/* C takes the place of the lists that it was made of, when the parse found the same tree. */
static void attach(TemplateParser *p, const CompiledTemplate *row)
{
    TemplateTrace *trace = p->trace;
    CompiledUnit *unit = NEW(p->arena, CompiledUnit);
    *unit = (CompiledUnit){ trace->nodes.p, trace->exprs.p };
    if (trace->check != row->check || trace->lists.n != row->nlists)
        return;
    for (size_t i = 0; i < trace->lists.n; i++) {
        trace->lists.p[i]->fn = row->lists[i];
        trace->lists.p[i]->unit = unit;
    }
}

static void compile(Context *cx, void *arg)
{
    Compile *c = arg;
    TemplateParser *p = NEW(cx->arena, TemplateParser);
    *p = (TemplateParser){ .cx = cx, .arena = c->t->arena ? c->t->arena : cx->arena, .engine = c->engine, .t = c->t };
    p->trace = c->row ? NEW(cx->arena, TemplateTrace) : c->trace;
    template_compile(p);
    if (c->row)
        attach(p, c->row);
}

static const Template *compile_found(Context *cx, TemplateEngine *e, Str name, const TemplateFound *found,
                                     const CompiledTemplate *row)
{
    Arena *a = arena_create(e->compiled, 0, 0);
    Template *t = NEW(a, Template);
    *t = (Template){ .engine = e,
                     .arena = a,
                     .name = str_copy(a, name),
                     .origin = str_copy(a, found->origin),
                     .source = row ? row->source : str_copy(a, found->text),
                     .mtime = found->mtime,
                     .size = found->size };
    Compile c = { .engine = e, .t = t, .row = row };
    const Error *error = attempt(cx, compile, &c);
    if (error) {
        arena_destroy(a);
        context_raise_error(cx, error);
    }
    return t;
}

static const Template *of_text(Context *cx, TemplateEngine *e, Str name, Str text, const CompiledTemplate *row)
{
    Template *t = NEW(cx->arena, Template);
    *t = (Template){ .engine = e, .name = name, .origin = name.n ? name : STR("<unknown source>"), .source = text };
    if (text.n > e->options.limits.source_bytes) {
        TriedList none = { 0 };
        raise_not_found(cx, STR("The template's text is larger than the engine's limits.source_bytes"), &none);
    }
    Compile c = { .engine = e, .t = t, .row = row };
    compile(cx, &c);
    return t;
}

const Template *template_of_text(Context *cx, TemplateEngine *e, Str name, Str text)
{
    return of_text(cx, e, name, text, NULL);
}

const Template *template_of_compiled(Context *cx, TemplateEngine *e, const CompiledTemplate *row)
{
    return of_text(cx, e, row->name, row->source, row);
}

const Template *template_traced(Context *cx, TemplateEngine *e, Str name, Str origin, Str text, TemplateTrace *trace)
{
    Template *t = NEW(cx->arena, Template);
    *t = (Template){ .engine = e, .name = name, .origin = origin, .source = text };
    Compile c = { .engine = e, .t = t, .trace = trace };
    compile(cx, &c);
    return t;
}

static bool is_fresh(const Template *t)
{
    struct stat st;
    if (!t->mtime)
        return true;
    return stat(t->origin.p, &st) == 0 && st.st_size == t->size &&
           (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == t->mtime;
}

static bool skips(const Str *skip, size_t n, Str origin)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(skip[i], origin))
            return true;
    return false;
}

static const Template *cached(const TemplateEngine *e, const Map *map, Str key)
{
    const Value *v = map_get(map, key);
    const Template *t = v ? v->object : NULL;
    return t && (!e->options.reload || is_fresh(t)) ? t : NULL;
}

/* "page.html#part": a partial of a template. */
static const Template *find_partial(Context *cx, TemplateEngine *e, Str name, size_t hash, TriedList *tried)
{
    const Template *t = hash ? engine_find(cx, e, str_slice(name, 0, hash), NULL, 0, tried) : NULL;
    if (hash + 1 == name.n)
        return t;
    const Template *part = t ? template_partial(e->compiled, t, str_from_byte(name, hash + 1)) : NULL;
    if (t && !part)
        raise_not_found(cx, str_copy(cx->arena, str_from_byte(name, hash + 1)), tried);
    if (part && !e->options.reload)
        map_set(e->cache, part->name, template_value(part));
    return part;
}

static const char *tried_why(Loaded outcome)
{
    return outcome == LOAD_TOO_LARGE ? "larger than the engine's limits.source_bytes" : "Source does not exist";
}

void add_tried(Context *cx, TriedList *tried, Str origin, const char *why)
{
    VEC_PUSH(cx->arena, tried, str_format(cx->arena, "%.*s (%s)", STR_FMT(origin), why));
}

static void add_skipped(Context *cx, TriedList *tried, Str origin, bool *skipped)
{
    *skipped = true;
    add_tried(cx, tried, origin, "Skipped to avoid recursion");
}

static const Template *use_found(Context *cx, TemplateEngine *e, Str name, const TemplateFound *found,
                                 const CompiledTemplate *row, bool by_name)
{
    const Template *t = cached(e, e->origins, found->origin);
    if (!t)
        t = compile_found(cx, e, name, found, row);
    Value v = template_value(t);
    map_set(e->origins, t->origin, v);
    if (by_name)
        map_set(e->cache, t->name, v);
    return t;
}

static const Template *find_compiled(Context *cx, TemplateEngine *e, Str name, const Str *skip, size_t nskip,
                                     bool *skipped, TriedList *tried)
{
    for (const CompiledTemplate *row = e->options.compiled; row && row->lists; row++) {
        if (!str_eq(row->name, name))
            continue;
        if (skips(skip, nskip, row->origin))
            add_skipped(cx, tried, row->origin, skipped);
        else if (row->source.n > e->options.limits.source_bytes)
            add_tried(cx, tried, row->origin, "larger than the engine's limits.source_bytes");
        else
            return use_found(cx, e, name, &(TemplateFound){ .text = row->source, .origin = row->origin }, row,
                             !*skipped);
    }
    return NULL;
}

const Template *engine_find(Context *cx, TemplateEngine *e, Str name, const Str *skip, size_t nskip, TriedList *tried)
{
    const Template *t;
    bool skipped = false; /* then what is found is not what the name alone means */
    if ((t = cached(e, e->cache, name)) != NULL && !skips(skip, nskip, t->origin))
        return t;
    size_t hash = str_find_byte(name, '#');
    if (hash != STR_NPOS)
        return find_partial(cx, e, name, hash, tried);
    if (!e->options.reload && (t = find_compiled(cx, e, name, skip, nskip, &skipped, tried)) != NULL)
        return t;
    for (const TemplateLoader *l = e->options.loaders; l && !is_end(l); l++) {
        TemplateFound found;
        Loaded outcome = load(cx->arena, l, name, e->options.limits.source_bytes, &found);
        if (outcome == LOAD_OUTSIDE)
            continue;
        if (outcome != LOADED)
            add_tried(cx, tried, found.origin, tried_why(outcome));
        else if (skips(skip, nskip, found.origin))
            add_skipped(cx, tried, found.origin, &skipped);
        else
            return use_found(cx, e, name, &found, NULL, !skipped);
    }
    return e->options.reload ? find_compiled(cx, e, name, skip, nskip, &skipped, tried) : NULL;
}

bool loaders_find(Context *cx, const TemplateLoader *l, Str name, uint64_t most, TemplateFound *found, TriedList *tried)
{
    for (; l && !is_end(l); l++) {
        Loaded outcome = load(cx->arena, l, name, most, found);
        if (outcome == LOADED)
            return true;
        if (outcome != LOAD_OUTSIDE)
            add_tried(cx, tried, found->origin, tried_why(outcome));
    }
    return false;
}

const Template *template_get(Context *cx, TemplateEngine *e, Str name)
{
    TriedList tried = { 0 };
    const Template *t = engine_find(cx, e, name, NULL, 0, &tried);
    if (!t)
        raise_not_found(cx, str_copy(cx->arena, template_missing_name(name)), &tried);
    return t;
}

const Template *template_select(Context *cx, TemplateEngine *e, const Str *names, size_t n)
{
    TriedList tried = { 0 };
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        const Template *t = engine_find(cx, e, names[i], NULL, 0, &tried);
        if (t)
            return t;
        buf_printf(&b, "%s%.*s", i ? ", " : "", STR_FMT(names[i]));
    }
    raise_not_found(cx, n ? buf_view(&b) : STR("No template names provided"), &tried);
}

static Str template_str(Arena *a, const void *self)
{
    return str_format(a, "<Template %.*s>", STR_FMT(((const Template *)self)->name));
}

static const ValueClass template_class = { .name = "Template", .str = template_str };

Value template_value(const Template *t) { return value_object(t, &template_class); }
const Template *value_template(Value v) { return v.tag == VALUE_OBJECT && v.cls == &template_class ? v.object : NULL; }
