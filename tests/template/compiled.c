/* compiled.c: the pages of template/compiled, whose C the build made: the same bytes and the same errors as interpreted. */
#include "template/harness.h"
#include "template/testing_tags.h"
#include <clef/rt.h>

extern const CompiledTemplate compiled_pages[];

static bool thing_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    (void)self;
    *out = value_c("<name>");
    return value_is_text(key) && str_eq(key.s, STR("name"));
}
static Str thing_str(Arena *a, const void *self)
{
    (void)a;
    (void)self;
    return STR("<thing>");
}
static bool thing_call(Arena *a, const void *self, const Value *args, size_t nargs, Value *out)
{
    (void)self;
    (void)args;
    (void)nargs;
    Map *m = map_new(a);
    map_set(m, STR("name"), value_c("called"));
    *out = value_map(m);
    return true;
}
static const ValueClass thing_class = { .name = "Thing", .str = thing_str, .item = thing_item };
static const ValueClass callable_class = { .name = "Callable", .call = thing_call };

static Value pair(Value x, Value y)
{
    List *l = list_new(test_arena());
    list_push(test_arena(), l, x);
    list_push(test_arena(), l, y);
    return value_list(l);
}

static Str wide = { "wide", 4 };

static const TemplatePair *names(void)
{
    static const int here = 1;
    Arena *a = test_arena();
    List *numbers = list_new(a), *rows = list_new(a), *pairs = list_new(a), *objects = list_new(a);
    for (int i = 1; i <= 3; i++) {
        list_push(a, numbers, value_int(i));
        list_push(a, pairs, pair(value_int(i), value_c("<p>")));
        list_push(a, objects, value_object(&here, &thing_class));
        Map *m = map_new(a);
        if (i == 2) /* so that the place of the name differs */
            map_set(m, STR("first"), value_int(0));
        map_set(m, STR("pairs"), i == 3 ? value_list(list_new(a)) : value_list(pairs));
        map_set(m, STR("name"), value_str(str_format(a, "row & %d", i)));
        list_push(a, rows, value_map(m));
    }
    List *cycle = list_new(a);
    list_push(a, cycle, value_list(cycle));
    TemplatePair *p = NEW_ARRAY(a, TemplatePair, 10);
    size_t n = 0;
    p[n++] = (TemplatePair){ "l", value_list(numbers) };
    p[n++] = (TemplatePair){ "rows", value_list(rows) };
    p[n++] = (TemplatePair){ "pairs", value_list(pairs) };
    p[n++] = (TemplatePair){ "objects", value_list(objects) };
    p[n++] = (TemplatePair){ "callable", value_object(&here, &callable_class) };
    p[n++] = (TemplatePair){ "title", value_c("Tom & <Jerry>") };
    p[n++] = (TemplatePair){ "five", value_int(5) };
    p[n++] = (TemplatePair){ "cycle", value_list(cycle) };
    p[n++] = (TemplatePair){ "wide", value_str(wide) };
    p[n++] = (TemplatePair){ .name = NULL };
    return p;
}

static Trial page(const char *name, bool compiled, TemplateEngineOptions options)
{
    options.loaders = TEMPLATE_LOADERS(TEMPLATE_DIR(CLEF_TESTS "/template/compiled"));
    options.compiled = compiled ? compiled_pages : NULL;
    options.libraries = TEMPLATE_LIBRARIES(&testing_tags);
    Trial t = { .options = options, .name = str_c(name), .pairs = names() };
    trial_run(&t);
    return t;
}

/* The same output, or the same error at the same place. */
static void check_same(const char *name, TemplateEngineOptions options)
{
    Trial x = page(name, false, options), y = page(name, true, options);
    CHECK_EQ(x.raised != NULL, y.raised != NULL);
    if (!x.raised && !y.raised) {
        CHECK_STR(y.output, x.output);
        return;
    }
    REQUIRE(x.error && y.error);
    CHECK_STR(str_c(y.error->type), str_c(x.error->type));
    CHECK_STR(y.error->message, x.error->message);
    CHECK_STR(y.error->place.name, x.error->place.name);
    CHECK_EQ(y.error->place.line, x.error->place.line);
    CHECK_EQ(y.error->start, x.error->start);
    CHECK_EQ(y.error->end, x.error->end);
    CHECK_EQ(y.error->nchain, x.error->nchain);
}

static const char *const pages[] = {
    "base.html",         "child.html", "loops.html", "conditions.html", "names.html",   "tags.html",
    "invalid.html",      "text.html",  "empty.html", "self.html",       "raising.html", "unpacking.html",
    "not_iterable.html", "maps.html",  "cycle.html", "wide.html",
};

TEST(compiled, pages_are_the_same)
{
    for (size_t i = 0; i < CLEF_COUNT(pages); i++) {
        check_same(pages[i], (TemplateEngineOptions){ 0 });
        check_same(pages[i], (TemplateEngineOptions){ .string_if_invalid = STR("[%s]") });
        check_same(pages[i], (TemplateEngineOptions){ .autoescape_off = true });
    }
}

TEST(compiled, pages_come_out_as_they_should)
{
    CHECK_STR(page("child.html", true, (TemplateEngineOptions){ 0 }).output,
              STR("<title>TOM &amp; &lt;JERRY&gt; of base</title>\n<11 22 33 >[3]\n\n"));
    CHECK_STR_CONTAINS(page("raising.html", true, (TemplateEngineOptions){ 0 }).raised->message, STR("missing"));
    CHECK_EQ(page("raising.html", true, (TemplateEngineOptions){ 0 }).error->place.line, 4);
}

TEST(compiled, limits_are_the_same)
{
    for (size_t i = 0; i < CLEF_COUNT(pages); i++) {
        check_same(pages[i], (TemplateEngineOptions){ .limits = { .loop_steps = 2 } });
        check_same(pages[i], (TemplateEngineOptions){ .limits = { .output_bytes = 20 } });
        for (uint32_t depth = 1; depth < 6; depth++)
            check_same(pages[i], (TemplateEngineOptions){ .limits = { .depth = depth } });
    }
}

TEST(compiled, a_hundred_megabytes_are_right_where_the_limit_allows_them, .seconds = 60)
{
    enum { EACH = 33333333 };
    char *text = arena_alloc(test_arena(), EACH);
    memset(text, 'w', EACH);
    wide = str_from(text, EACH);
    Trial t = page("wide.html", true, (TemplateEngineOptions){ .limits = { .output_bytes = 100000000 } });
    CHECK(!t.raised);
    CHECK_EQ(t.output.n, 3 * EACH + 1);
    t = page("wide.html", true, (TemplateEngineOptions){ .limits = { .output_bytes = 3 * EACH } });
    REQUIRE(t.error != NULL);
    CHECK_STR_CONTAINS(t.error->message, STR("larger than 99999999 bytes (the engine's limits.output_bytes)"));
}

TEST(compiled, a_cycle_in_the_context_is_shown_with_an_end)
{
    CHECK_STR(page("cycle.html", true, (TemplateEngineOptions){ 0 }).output, STR("[[...]]1[[...]]\n"));
}

TEST(compiled, no_file_is_needed)
{
    Trial t = { .options = { .compiled = compiled_pages }, .name = STR("base.html"), .pairs = names() };
    trial_run(&t);
    REQUIRE(!t.raised);
    CHECK_STR_CONTAINS(t.output, STR("<title>base</title>"));
}

/* A comment whose body is rendered: another tree than the one that C was made of. */
static TemplateNode *compile_shown_comment(TemplateParser *p, const TemplateToken *token)
{
    (void)token;
    TestingNode *n = TEMPLATE_NODE(p, TestingNode, render_boxed);
    n->body = TEMPLATE_PARSE(p, "endcomment");
    TemplateToken end;
    (void)template_next_token(p, &end);
    return &n->node;
}

static void ask_compiled(Context *cx, void *arg)
{
    bool *is = arg;
    static const TemplateTag tags[] = { { "comment", compile_shown_comment }, { NULL, NULL } };
    static const TemplateLibrary other = { .name = "other", .tags = tags };
    TemplateEngineOptions o = { .compiled = compiled_pages, .libraries = TEMPLATE_LIBRARIES(&testing_tags) };
    is[0] = template_is_compiled(template_get(cx, template_engine_create(cx->arena, &o), STR("invalid.html")));
    o.builtins = TEMPLATE_LIBRARIES(&other);
    is[1] = template_is_compiled(template_get(cx, template_engine_create(cx->arena, &o), STR("invalid.html")));
    is[2] = template_is_compiled(template_get(cx, template_engine_create(cx->arena, &o), STR("comment.html")));
}

TEST(compiled, another_tree_is_interpreted)
{
    bool is[3] = { false, false, true };
    Context cx;
    context_init(&cx, test_arena());
    const Error *e = attempt(&cx, ask_compiled, is);
    CHECK(!e);
    CHECK(is[0]);
    CHECK(is[1]);
    CHECK(!is[2]);
    context_finish(&cx);
}

static void on_fiber(void *arg)
{
    Trial *t = arg;
    *t = page("self.html", true, (TemplateEngineOptions){ 0 });
}

TEST(compiled, the_deepest_rendering_fits_a_fibers_stack)
{
    Trial t = { .text = { 0 } };
    Loop *loop = loop_create(test_arena());
    fiber_spawn(loop, on_fiber, &t);
    loop_run(loop);
    REQUIRE(t.error != NULL);
    CHECK(strcmp(t.error->type, "RecursionError") == 0);
}
