/* paginator.c: Django's tests of its Paginator, in cases of our own. */
#include "orm/blog.h"
#include <clef/core.h>
#include <clef/template.h>

static List *numbers(size_t n)
{
    List *list = list_new(test_arena());
    for (size_t i = 0; i < n; i++)
        list_push(test_arena(), list, value_int((int64_t)i + 1));
    return list;
}

static Context *context(void)
{
    Context *cx = NEW(test_arena(), Context);
    context_init(cx, test_arena());
    return cx;
}

TEST(paginator, pages_by_count_size_and_orphans)
{
    static const struct {
        size_t count, per_page, orphans;
        bool no_empty;
        size_t pages;
    } table[] = {
        { 9, 3, 0, false, 3 },  { 10, 3, 0, false, 4 }, { 11, 3, 2, false, 3 }, { 12, 3, 2, false, 4 },
        { 10, 4, 1, false, 3 }, { 10, 4, 2, false, 2 }, { 10, 4, 6, false, 1 }, { 1, 4, 6, false, 1 },
        { 0, 4, 0, false, 1 },  { 0, 4, 0, true, 0 },   { 1, 1, 0, true, 1 },   { 2, 1, 0, false, 2 },
        { 3, 1, 2, false, 1 },  { 4, 4, 0, false, 1 },  { 5, 4, 0, false, 2 },  { 5, 4, 1, false, 1 },
    };
    Context *cx = context();
    EACH_ROW (row, table) {
        Paginator *p = Paginator(cx, numbers(row->count), row->per_page, .orphans = row->orphans,
                                 .no_empty_first_page = row->no_empty);
        CHECK_EQ(paginator_num_pages(p), row->pages);
        CHECK_EQ(paginator_count(p), row->count);
    }
}

TEST(paginator, the_places_of_a_page)
{
    static const struct {
        size_t count, per_page, orphans, number, start, end, length;
        bool next, previous;
    } table[] = {
        { 10, 4, 0, 1, 1, 4, 4, true, false },  { 10, 4, 0, 2, 5, 8, 4, true, true },
        { 10, 4, 0, 3, 9, 10, 2, false, true }, { 10, 4, 2, 2, 5, 10, 6, false, true },
        { 0, 4, 0, 1, 0, 0, 0, false, false },  { 4, 4, 0, 1, 1, 4, 4, false, false },
    };
    Context *cx = context();
    EACH_ROW (row, table) {
        PaginatorPage *page =
            paginator_page(Paginator(cx, numbers(row->count), row->per_page, .orphans = row->orphans), row->number);
        CHECK_EQ(page_start_index(page), row->start);
        CHECK_EQ(page_end_index(page), row->end);
        CHECK_EQ(page_length(page), row->length);
        CHECK_EQ(page_has_next(page), row->next);
        CHECK_EQ(page_has_previous(page), row->previous);
        CHECK_EQ(page_has_other_pages(page), row->next || row->previous);
        CHECK_NULL(page_queryset(page));
    }
}

TEST(paginator, numbers_from_outside)
{
    static const struct {
        Str number;
        PageProblem problem;
        size_t get_page;
    } table[] = {
        { STR("1"), PAGE_OK, 1 },
        { STR(" 2\n"), PAGE_OK, 2 },
        { STR("+3"), PAGE_OK, 3 },
        { STR("0_3"), PAGE_OK, 3 },
        { STR("4"), PAGE_EMPTY, 3 },
        { STR("0"), PAGE_LESS_THAN_ONE, 3 },
        { STR("-1"), PAGE_LESS_THAN_ONE, 3 },
        { STR("99999999999999999999999999"), PAGE_EMPTY, 3 },
        { STR("-99999999999999999999999999"), PAGE_LESS_THAN_ONE, 3 },
        { STR(""), PAGE_NOT_AN_INTEGER, 1 },
        { STR("1.0"), PAGE_NOT_AN_INTEGER, 1 },
        { STR("x"), PAGE_NOT_AN_INTEGER, 1 },
        { STR("1__2"), PAGE_NOT_AN_INTEGER, 1 },
        { STR("_1"), PAGE_NOT_AN_INTEGER, 1 },
        { STR("1_"), PAGE_NOT_AN_INTEGER, 1 },
        { STR("+"), PAGE_NOT_AN_INTEGER, 1 },
        { { 0 }, PAGE_NOT_AN_INTEGER, 1 },
    };
    Context *cx = context();
    EACH_ROW (row, table) {
        Paginator *p = Paginator(cx, numbers(9), 3);
        size_t n = 77;
        CHECK_EQ(paginator_validate_number(p, row->number, &n), row->problem);
        CHECK_EQ(n, row->problem == PAGE_OK ? row->get_page : 77);
        CHECK_EQ(paginator_get_page(p, row->number)->number, row->get_page);
    }
    CHECK_STR(str_c(page_problem_text(PAGE_EMPTY)), STR("That page contains no results"));
}

TEST(paginator, a_list_without_any_page_still_has_a_last_one_for_get_page)
{
    Paginator *p = Paginator(context(), numbers(0), 3, .no_empty_first_page = true);
    CHECK_EQ(page_length(paginator_get_page(p, STR("5"))), 0);
}

static void past_the_end(Context *cx) { (void)paginator_page(Paginator(cx, numbers(9), 3), 4); }
static void before_the_first(Context *cx) { (void)paginator_page(Paginator(cx, numbers(9), 3), 0); }
static void next_of_the_last(Context *cx)
{
    (void)page_next_page_number(paginator_page(Paginator(cx, numbers(9), 3), 3));
}
static void no_room(Context *cx) { (void)Paginator(cx, numbers(9), 0); }
static void no_list(Context *cx) { (void)Paginator(cx, 12, 3); }

TEST(paginator, what_is_raised)
{
    static const struct {
        void (*fn)(Context *cx);
        int status;
        Str message;
    } table[] = {
        { past_the_end, 404, STR("That page contains no results") },
        { before_the_first, 404, STR("That page number is less than 1") },
        { next_of_the_last, 404, STR("That page contains no results") },
        { no_room, 500, STR("The pages of a Paginator must have room for one object at least.") },
        { no_list, 500, STR("A Paginator takes a QuerySet or a List, not int.") },
    };
    EACH_ROW (row, table) {
        const Error *e = raised(context(), row->fn);
        CHECK_EQ(e->status, row->status);
        CHECK_STR(e->message, row->message);
    }
}

TEST(paginator, the_row_of_links_leaves_out_the_middle)
{
    static const struct {
        size_t pages, number;
        const char *links;
    } table[] = {
        { 10, 1, "1 2 3 4 5 6 7 8 9 10" },
        { 11, 1, "1 2 3 4 … 10 11" },
        { 50, 7, "1 2 3 4 5 6 7 8 9 10 … 49 50" },
        { 50, 8, "1 2 … 5 6 7 8 9 10 11 … 49 50" },
        { 50, 43, "1 2 … 40 41 42 43 44 45 46 … 49 50" },
        { 50, 44, "1 2 … 41 42 43 44 45 46 47 48 49 50" },
        { 50, 50, "1 2 … 47 48 49 50" },
    };
    Context *cx = context();
    EACH_ROW (row, table) {
        Buf b = BUF_INIT(test_arena(), 1000);
        List *links = paginator_elided_page_range(Paginator(cx, numbers(row->pages), 1), row->number, 3, 2);
        for (size_t i = 0; i < links->n; i++) {
            Str text;
            buf_c(&b, i ? " " : "");
            if (value_to_str(links->p[i], &text))
                buf_str(&b, text);
            else
                buf_printf(&b, "%lld", (long long)links->p[i].i);
        }
        CHECK_STR(buf_view(&b), str_c(row->links));
    }
}

static Str page_text(Context *cx, PaginatorPage *page, const char *text)
{
    TemplateEngine *engine = template_engine_create(cx->arena, &(TemplateEngineOptions){ 0 });
    TemplateContext c;
    template_context_init(&c, cx->arena, NULL);
    TEMPLATE_SET(&c, "page_obj", page);
    return template_render_text(cx, template_of_text(cx, engine, (Str){ 0 }, str_c(text)), &c);
}

static void show(Context *cx)
{
    static const struct {
        const char *text, *shown;
    } table[] = {
        { "{{ page_obj }}", "&lt;Page 2 of 4&gt;" },
        { "{{ page_obj.number }}/{{ page_obj.paginator.num_pages }}", "2/4" },
        { "{{ page_obj.has_next }} {{ page_obj.next_page_number }}", "True 3" },
        { "{{ page_obj.has_previous }} {{ page_obj.previous_page_number }}", "True 1" },
        { "{{ page_obj.has_other_pages }} {{ page_obj|length }}", "True 3" },
        { "{{ page_obj.start_index }}-{{ page_obj.end_index }} of {{ page_obj.paginator.count }}", "4-6 of 10" },
        { "{% for n in page_obj %}{{ n }},{% endfor %}", "4,5,6," },
        { "{% for n in page_obj.object_list %}{{ n }},{% endfor %}{{ page_obj.0 }}", "4,5,6,4" },
        { "{% for n in page_obj.paginator.page_range %}{{ n }} {% endfor %}", "1 2 3 4 " },
        { "{{ page_obj.paginator.page_range }} {{ page_obj.paginator.page_range.1 }}", "range(1, 5) 2" },
        { "{% for p in page_obj.paginator %}{{ p.end_index }} {% endfor %}", "3 6 9 10 " },
        { "{% for n in page_obj.elided_page_range %}{{ n }} {% endfor %}", "1 2 3 4 " },
        { "{{ page_obj.paginator.per_page }} {{ page_obj.nothing }}.", "3 ." },
    };
    EACH_ROW (row, table)
        CHECK_STR(page_text(cx, paginator_page(Paginator(cx, numbers(10), 3), 2), row->text), str_c(row->shown));
}

static void call(Context *cx, void *arg)
{
    (void)arg;
    show(cx);
}

TEST(paginator, what_templates_see)
{
    CHECK_NULL(attempt(context(), call, NULL));
}

static void querysets(Context *cx)
{
    fill_blog(cx);
    sql_log_start(cx);
    size_t before = sql_count(cx);
    PaginatorPage *page = paginator_get_page(Paginator(cx, ORDER_BY(OBJECTS(cx, Post), "views"), 2), STR("2"));
    CHECK_EQ(sql_count(cx) - before, 1); /* the count */
    CHECK_EQ(page_length(page), 2);
    CHECK(page_has_next(page));
    CHECK_EQ(page_end_index(page), 4);
    CHECK_EQ(sql_count(cx) - before, 2); /* the rows, once */
    CHECK_STR(page_text(cx, page, "{% for post in page_obj %}{{ post.title }} {% endfor %}{{ page_obj.0.views }}"),
              STR("Third fourth 30"));
    CHECK_EQ(sql_count(cx) - before, 2);
    REQUIRE(page_queryset(page) != NULL);
    CHECK_EQ(COUNT(page_queryset(page)), 2);
}

TEST(paginator, a_queryset_is_counted_once_and_read_by_pages)
{
    with_blog(querysets);
}
