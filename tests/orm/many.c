/* many.c: many rows: written by few statements, read and written again in constant memory. */
#include "blog.h"

enum { MANY = 5000, FEW = 3000 };

static void make_authors(Context *cx, int n)
{
    Author **rows = NEW_ARRAY(cx->arena, Author *, n);
    (void)CREATE(cx, Country, .code = STR("de"), .name = STR("Germany"));
    for (int i = 0; i < n; i++)
        rows[i] = NEW_ROW(cx, Author, .name = str_format(cx->arena, "author %05d", i),
                          .email = str_format(cx->arena, "a%05d@example.org", i),
                          .country_id = i % 3 ? STR("de") : (Str){ 0 });
    BULK_CREATE(cx, Author, rows, (size_t)n);
    for (int i = 1; i < n; i++)
        CHECK(rows[i]->id > rows[i - 1]->id);
}

static void created(Context *cx)
{
    make_authors(cx, MANY);
    CHECK_EQ(COUNT(OBJECTS(cx, Author)), (size_t)MANY);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Author), Q(Author, country, ISNULL, true))), (size_t)(MANY + 2) / 3);
    Author *some = GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "author 04321"));
    CHECK_STR(some->email, STR("a04321@example.org"));
    CHECK_EQ(some->mentor_id, 0);
}

TEST(orm_many, rows_are_created_with_their_keys, .seconds = 60)
{
    with_blog(created);
}

static void twice(Context *cx)
{
    Tag *tags[] = { NEW_ROW(cx, Tag, .id = 5, .name = STR("a")), NEW_ROW(cx, Tag, .id = 5, .name = STR("b")) };
    BULK_CREATE(cx, Tag, tags, 2);
}

static void too_long(Context *cx)
{
    Tag *tags[] = { NEW_ROW(cx, Tag, .name = STR("a")),
                    NEW_ROW(cx, Tag, .name = STR("a name that is longer than its column")) };
    BULK_CREATE(cx, Tag, tags, 2);
}

static void refused(Context *cx)
{
    const Error *e = raised(cx, twice);
    CHECK_STR(str_c(e->code), STR("integrity_error"));
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 0u);
    if (!str_eq(str_c(test_vendor()), STR("sqlite"))) {
        CHECK_STR(str_c(raised(cx, too_long)->code), STR("data_error"));
        CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 0u);
    }
    Tag *tags[] = { NEW_ROW(cx, Tag, .id = 5, .name = STR("a")), NEW_ROW(cx, Tag, .id = 6, .name = STR("b")) };
    BULK_CREATE(cx, Tag, tags, 2);
    Tag *more[] = { NEW_ROW(cx, Tag, .id = 6, .name = STR("c")), NEW_ROW(cx, Tag, .id = 7, .name = STR("d")) };
    BULK_CREATE(cx, Tag, more, 2, .ignore_conflicts = true);
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 3u);
    CHECK_STR(GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 6))->name, STR("b"));
}

TEST(orm_many, what_does_not_fit_is_refused_whole)
{
    with_blog(refused);
}

/* --- constant memory */

static size_t most;

static bool look(Context *cx, void *row, void *arg)
{
    size_t used = arena_used(cx->arena);
    *(int64_t *)arg += ((const Author *)row)->id > 0;
    if (used > most)
        most = used;
    return true;
}

/* What the work has more at its height, when all rows are walked over. */
static size_t height(Context *cx, size_t n)
{
    size_t before = arena_used(cx->arena);
    int64_t seen = 0;
    most = 0;
    CHECK_EQ(queryset_iterate(SLICE(ORDER_BY(OBJECTS(cx, Author), "id"), 0, n), 200, look, &seen), n);
    CHECK_EQ(seen, (int64_t)n);
    return most - before;
}

static void walks(Context *cx)
{
    make_authors(cx, MANY);
    size_t few = height(cx, MANY / 5), all = height(cx, MANY);
    CHECK(few > 0);
    CHECK(all < few + few / 4);
}

TEST(orm_many, walking_takes_the_same_memory_for_any_number, .seconds = 60)
{
    with_blog(walks);
}

/* By the key of the row before: each page costs the same, however far it is. */
static void pages(Context *cx)
{
    make_authors(cx, FEW);
    int64_t last = 0;
    size_t seen = 0, n;
    do {
        QuerySet *page = SLICE(ORDER_BY(FILTER(OBJECTS(cx, Author), Q(Author, id, GT, last)), "id"), 0, 700);
        n = queryset_length(page);
        for (size_t i = 0; i < n; i++) {
            Author *a = queryset_at(page, &Author_model, i);
            CHECK(a->id > last);
            last = a->id;
        }
        seen += n;
    } while (n == 700);
    CHECK_EQ(seen, (size_t)FEW);
}

TEST(orm_many, pages_by_key, .seconds = 60)
{
    with_blog(pages);
}

static size_t steps;
static int64_t done_before;

static bool progress(Context *cx, size_t done, void *arg)
{
    (void)cx, (void)arg;
    CHECK((int64_t)done > done_before);
    done_before = (int64_t)done;
    steps++;
    return true;
}

static bool stops(Context *cx, size_t done, void *arg)
{
    (void)cx, (void)done, (void)arg;
    return ++steps < 2;
}

static void chunks(Context *cx)
{
    make_authors(cx, FEW);
    QuerySet *germans = FILTER(OBJECTS(cx, Author), Q(Author, country_id, EQ, "de"));
    steps = 0, done_before = 0;
    CHECK_EQ(queryset_update_chunks(germans, CLEF_NAMED(SET("name", VAL("nobody"))), 300, progress, NULL), 2000u);
    CHECK_EQ(steps, 7u);
    CHECK_EQ(done_before, 2000);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Author), Q(Author, name, EQ, "nobody"))), 2000u);
    steps = 0, done_before = 0;
    CHECK_EQ(queryset_delete_chunks(germans, 300, stops, NULL), 600u);
    CHECK_EQ(COUNT(germans), 1400u);
    steps = 0, done_before = 0;
    CHECK_EQ(queryset_delete_chunks(germans, 500, progress, NULL), 1400u);
    CHECK_EQ(steps, 3u);
    CHECK_EQ(COUNT(OBJECTS(cx, Author)), 1000u);
}

TEST(orm_many, chunks_with_progress, .seconds = 60)
{
    with_blog(chunks);
}
