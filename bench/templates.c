/*
 * templates.c: templates FOLDER WHAT [SECONDS]: the templates of bench/templates over fixed data, for
 * bench/templates.py, which renders the same with others. Prints a line "name nanoseconds", the fastest of the rounds.
 * WHAT is one of
 *
 *     render    each page interpreted
 *     compiled  each page by the C that was made of it
 *     parse     a typical page read and parsed, without what it extends
 *     memory    bytes that this page holds when it is parsed ("name bytes")
 *     show:X, compiled-show:X    the page X's text, for comparing
 *     count:X, compiled-count:X  renders X SECONDS times, for callgrind
 */
#include <clef/base.h>
#include <clef/template.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const pages[] = { "fortunes.html", "table.html", "grid.html", "page.html" };
enum { ROWS = 1000, SOURCE_MAX = 1 << 20 };

typedef struct Bench {
    TemplateEngine *engine;
    Map *data;
    Str name, output;
    size_t count;
} Bench;

static void put(Map *m, const char *name, Value v) { (void)!map_set(m, str_c(name), v); }

static Value fortunes(Arena *a)
{
    static const struct {
        int id;
        const char *message;
    } rows[] = {
        { 11, "<script>alert(\"This should not be displayed in a browser alert box.\");</script>" },
        { 4, "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1" },
        { 5, "A computer program does what you tell it to do, not what you want it to do." },
        { 2, "A computer scientist is someone who fixes things that aren't broken." },
        { 8, "A list is only as strong as its weakest link. \342\200\224 Donald Knuth" },
        { 0, "Additional fortune added at request time." },
        { 3, "After enough decimal places, nobody gives a damn." },
        { 7, "Any program that runs right is obsolete." },
        { 10, "Computers make very fast, very accurate mistakes." },
        { 6, "Emacs is a nice operating system, but I prefer UNIX. \342\200\224 Tom Christaensen" },
        { 9, "Feature: A bug with seniority." },
        { 1, "fortune: No such file or directory" },
        { 12, "\343\203\225\343\203\254\343\203\274\343\203\240\343\203\257\343\203\274\343\202\257\343\201\256"
              "\343\203\231\343\203\263\343\203\201\343\203\236\343\203\274\343\202\257" },
    };
    List *l = list_new(a);
    for (size_t i = 0; i < CLEF_COUNT(rows); i++) {
        Map *m = map_new(a);
        put(m, "id", value_int(rows[i].id));
        put(m, "message", value_c(rows[i].message));
        list_push(a, l, value_map(m));
    }
    return value_list(l);
}

static Map *data(Arena *a)
{
    Map *all = map_new(a);
    List *rows = list_new(a), *grid = list_new(a);
    for (int i = 0; i < ROWS; i++) {
        Map *m = map_new(a);
        put(m, "id", value_int(i));
        put(m, "name", value_str(str_format(a, "Customer number %d", i)));
        put(m, "city", value_c(i % 3 ? "Paris" : "<Berlin>"));
        put(m, "visits", value_int(i * 37 % 1000));
        put(m, "note", value_c(i % 5 ? "a short note" : "likes tea & biscuits"));
        list_push(a, rows, value_map(m));
        List *cells = list_new(a);
        MapEntry *e;
        for (size_t at = 0; (e = map_next(m, &at)) != NULL;)
            list_push(a, cells, e->value);
        list_push(a, grid, value_list(cells));
    }
    put(all, "fortunes", fortunes(a));
    put(all, "rows", value_list(rows));
    put(all, "grid", value_list(grid));
    List *menu = list_new(a), *comments = list_new(a), *paragraphs = list_new(a);
    static const char *const titles[] = { "Home", "News", "Q & A", "About" };
    for (int i = 0; i < 4; i++) {
        Map *m = map_new(a);
        put(m, "title", value_c(titles[i]));
        put(m, "url", value_str(str_format(a, "/section/%d/", i)));
        put(m, "current", value_bool(i == 1));
        list_push(a, menu, value_map(m));
        Map *c = map_new(a);
        put(c, "name", value_str(str_format(a, "reader %d", i)));
        put(c, "text", value_c("I don't agree with <that>."));
        put(c, "mine", value_bool(i == 2));
        list_push(a, comments, value_map(c));
        list_push(a, paragraphs,
                  value_c("It was a dark and stormy night; the rain fell in torrents, except at "
                          "occasional intervals, when it was checked by a violent gust of wind."));
    }
    Map *article = map_new(a);
    put(article, "title", value_c("Weather & stories"));
    put(article, "author", value_c("E. B.-L."));
    put(article, "words", value_int(1234));
    put(article, "short", value_bool(false));
    put(article, "paragraphs", value_list(paragraphs));
    put(all, "menu", value_list(menu));
    put(all, "user", value_c("paul"));
    put(all, "article", value_map(article));
    put(all, "comments", value_list(comments));
    return all;
}

static void render_once(Context *cx, Bench *b)
{
    TemplateContext c;
    template_context_init(&c, cx->arena, NULL);
    MapEntry *e;
    for (size_t at = 0; (e = map_next(b->data, &at)) != NULL;)
        template_set(&c, e->key, e->value);
    b->output = template_render_text(cx, template_get(cx, b->engine, b->name), &c);
}

static void render_many(Context *cx, void *arg)
{
    Bench *b = arg;
    for (size_t i = 0; i < b->count; i++) {
        arena_reset(cx->arena);
        render_once(cx, b);
    }
}

static void parse_many(Context *cx, void *arg)
{
    Bench *b = arg;
    for (size_t i = 0; i < b->count; i++) {
        arena_reset(cx->arena);
        (void)template_of_text(cx, b->engine, b->name, b->output);
    }
}

/* Bytes of the page's nodes, which stand in the arena alone. */
static void parse_once(Context *cx, void *arg)
{
    Bench *b = arg;
    (void)template_of_text(cx, b->engine, b->name, b->output);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run(Arena *a, AttemptFn *fn, Bench *b)
{
    Context cx;
    context_init(&cx, a);
    const Error *e = attempt(&cx, fn, b);
    if (e) {
        fprintf(stderr, "templates: %.*s: %.*s\n", STR_FMT(b->name), STR_FMT(e->message));
        exit(1);
    }
    context_finish(&cx);
}

/* Nanoseconds of one, the best of rounds that take `seconds` together. */
static double measure(Arena *a, AttemptFn *fn, Bench *b, double seconds)
{
    b->count = 1;
    double took = 0, best = 1e9, end;
    while (took < seconds / 20) {
        double from = now();
        run(a, fn, b);
        took = now() - from;
        b->count = took < seconds / 20 ? b->count * 2 : b->count;
    }
    end = now() + seconds;
    do {
        double from = now();
        run(a, fn, b);
        took = (now() - from) / (double)b->count;
        best = took < best ? took : best;
    } while (now() < end);
    return best * 1e9;
}

static Str read_source(Arena *a, const char *folder, const char *name)
{
    Buf b = BUF_INIT(a, SOURCE_MAX);
    FILE *f = fopen(str_format(a, "%s/%s", folder, name).p, "rb");
    if (!f || !buf_reserve(&b, SOURCE_MAX - 1)) {
        fprintf(stderr, "templates: %s/%s cannot be read\n", folder, name);
        exit(1);
    }
    b.n = fread(b.p, 1, SOURCE_MAX - 1, f);
    b.p[b.n] = 0;
    fclose(f);
    return buf_view(&b);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fprintf(stderr, "usage: templates FOLDER WHAT [SECONDS]\n"), 2;
    const char *folder = argv[1];
    Str what = str_c(argv[2]), kind, page = what;
    double seconds = argc > 3 ? strtod(argv[3], NULL) : 1;
    Arena *a = arena_create(NULL, 0, 0), *request = arena_create(a, 0, 1 << 20);
    Bench b = { .data = data(a), .name = STR("page.html"), .output = read_source(a, folder, "page.html") };
    bool compiled = str_starts(what, STR("compiled"));
    b.engine = template_engine_create(a, &(TemplateEngineOptions){
                                             .loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(folder)),
                                             .compiled = compiled ? program_templates : NULL,
                                         });
    if (str_eq(what, STR("render")) || str_eq(what, STR("compiled"))) {
        for (size_t i = 0; i < CLEF_COUNT(pages); i++) {
            b.name = str_c(pages[i]);
            printf("%s %.0f\n", pages[i], measure(request, render_many, &b, seconds));
        }
    } else if (str_eq(what, STR("parse"))) {
        printf("page.html %.0f\n", measure(request, parse_many, &b, seconds));
    } else if (str_eq(what, STR("memory"))) {
        Arena *small = arena_create(a, 0, 256);
        size_t before = arena_used(small);
        run(small, parse_once, &b);
        printf("page.html %zu\n", arena_used(small) - before);
    } else if (str_cut(&page, ':', &kind)) {
        b.name = page;
        b.count = str_ends(kind, STR("show")) ? 1 : (size_t)seconds;
        run(request, render_many, &b);
        if (str_ends(kind, STR("show")))
            fwrite(b.output.p, 1, b.output.n, stdout);
    }
    arena_destroy(a);
    return 0;
}
