/*
 * template_compiled.c: batches of cases become one C file each, which the C compiler makes a shared object of (without
 * optimising: what is looked at is the generated code, not the compiler), which is loaded into this program and calls
 * its library.
 */
#include "conformance/template_compiled.h"

#include <clef/codec/json.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 400, GENERATED_MAX = 64 << 20 };

struct CompiledCases {
    Map *tables; /* the record's text to its table's address */
};

typedef struct Generate {
    TemplateEngine *engine;
    const GeneratedSource *sources;
    size_t n;
    const char *table;
    Buf *out;
} Generate;

static void generate(Context *cx, void *arg)
{
    Generate *g = arg;
    template_generate(cx, g->engine, g->sources, g->n, g->table, g->out);
}

static bool try_generate(Arena *a, Generate *g)
{
    Context cx;
    context_init(&cx, a);
    bool ok = attempt(&cx, generate, g) == NULL;
    context_finish(&cx);
    return ok;
}

/* The C of one case. False: none of its templates parses. */
static bool add_case(Run *run, const Map *record, TemplateEngine *engine, const char *table, Buf *out)
{
    Arena *a = run->scratch;
    const Map *templates = record_get(record, "templates").map;
    GeneratedSource *sources = NEW_ARRAY(a, GeneratedSource, map_count(templates) + 1);
    size_t n = 0;
    MapEntry *e;
    bool unnamed = value_truth(record_get(record, "from_string"));
    for (size_t at = 0; (e = map_next(templates, &at)) != NULL;) {
        bool is_shown = unnamed && str_eq(e->key, record_text(record, "render"));
        sources[n] = (GeneratedSource){ is_shown ? (Str){ 0 } : e->key, is_shown ? STR("<unknown source>") : e->key,
                                        e->value.s };
        Buf scratch = BUF_INIT(a, GENERATED_MAX);
        n += try_generate(a, &(Generate){ engine, &sources[n], 1, "trial", &scratch });
    }
    return n && try_generate(a, &(Generate){ engine, sources, n, table, out });
}

static bool compile(Run *run, const char *folder, size_t number, Buf *code, void **library)
{
    Str c = str_format(run->arena, "%s/batch%zu.c", folder, number);
    Str so = str_format(run->arena, "%s/batch%zu.so", folder, number);
    FILE *f = fopen(c.p, "wb");
    if (!f || fwrite(code->p, 1, code->n, f) != code->n || fclose(f) != 0) {
        fprintf(stderr, "clef-conformance: %s cannot be written\n", c.p);
        return false;
    }
    const char *cc = getenv("CC");
    Str command = str_format(run->arena, "%s -std=gnu2x -O0 -w -fPIC -shared -I%s -o %s %s", cc ? cc : "cc",
                             CLEF_INCLUDE, so.p, c.p);
    if (system(command.p) != 0 || !(*library = dlopen(so.p, RTLD_NOW | RTLD_LOCAL))) {
        const char *why = dlerror();
        fprintf(stderr, "clef-conformance: %s: %s\n", c.p, why ? why : "the generated C does not compile");
        return false;
    }
    if (!getenv("CLEF_KEEP")) {
        (void)unlink(c.p);
        (void)unlink(so.p);
    }
    return true;
}

static bool load_batch(Run *run, const char *folder, size_t number, Buf *code, Map *names, CompiledCases *cases)
{
    void *library;
    MapEntry *e;
    if (!map_count(names))
        return true;
    if (!compile(run, folder, number, code, &library))
        return false;
    for (size_t at = 0; (e = map_next(names, &at)) != NULL;) {
        const CompiledTemplate *table = dlsym(library, str_dup_c(run->arena, e->value.s));
        if (!table)
            return fprintf(stderr, "clef-conformance: no table in batch %zu\n", number), false;
        map_set(cases->tables, e->key, value_bytes((Str){ (const char *)table, 0 }));
    }
    return true;
}

/* What a case is known by: its id, and the templates, since ids may repeat. */
static Str key_of(Arena *a, const Map *record)
{
    Buf b = BUF_INIT(a, GENERATED_MAX);
    buf_str(&b, record_text(record, "id"));
    buf_byte(&b, '\n');
    (void)json_write(&b, record_get(record, "templates"), (JsonStyle){ .unicode = true, .nan = true });
    (void)json_write(&b, record_get(record, "options"), (JsonStyle){ .unicode = true, .nan = true });
    return buf_view(&b);
}

CompiledCases *compiled_cases(Run *run, CaseEngineFn *engine_of)
{
    Str text = read_whole_file(run->arena, run->file), row;
    CompiledCases *cases = NEW(run->arena, CompiledCases);
    cases->tables = map_new(run->arena);
    char folder[] = "/tmp/clef-conformance-XXXXXX";
    if (!mkdtemp(folder))
        return fprintf(stderr, "clef-conformance: no folder in /tmp\n"), NULL;
    Buf code = BUF_INIT(NULL, GENERATED_MAX);
    Map *names = map_new(run->arena);
    size_t batch = 0, number = 0;
    bool ok = true;
    template_generate_head(&code);
    while (ok && str_cut(&text, '\n', &row)) {
        Value record;
        JsonError error;
        if (json_read(run->scratch, row, (JsonOptions){ .nan = true, .replace_surrogates = true }, &record, &error) &&
            record.tag == VALUE_MAP) {
            Str table = str_format(run->arena, "case_%zu", number++);
            TemplateEngine *engine = engine_of(run, record.map);
            if (add_case(run, record.map, engine, table.p, &code))
                map_set(names, str_copy(run->arena, key_of(run->scratch, record.map)), value_str(table));
        }
        arena_reset(run->scratch);
        if (map_count(names) == BATCH) {
            ok = load_batch(run, folder, batch++, &code, names, cases);
            map_clear(names);
            buf_clear(&code);
            template_generate_head(&code);
        }
    }
    ok = ok && load_batch(run, folder, batch, &code, names, cases);
    buf_finish(&code);
    (void)rmdir(folder);
    printf("note: %u cases have C for their templates\n", (unsigned)map_count(cases->tables));
    return ok ? cases : NULL;
}

const CompiledTemplate *compiled_case(const CompiledCases *cases, const Map *record)
{
    Arena *a = arena_create(NULL, 0, 0);
    const Value *v = map_get(cases->tables, key_of(a, record));
    arena_destroy(a);
    return v ? (const CompiledTemplate *)(const void *)v->s.p : NULL;
}
