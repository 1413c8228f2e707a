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

/* Without keys to give back, by COPY on PostgreSQL. */
static void created_with_keys(Context *cx)
{
    enum { SOME = 300 };
    Tag *tags[SOME];
    for (int i = 0; i < SOME; i++)
        tags[i] = NEW_ROW(cx, Tag, .id = i + 1, .name = str_format(cx->arena, "tag\t%d", i));
    BULK_CREATE(cx, Tag, tags, SOME);
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), (size_t)SOME);
    CHECK_STR(GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 12))->name, STR("tag\t11"));
    tags[4]->name = STR("another");
    SAVE(cx, tags[4]); /* is there, so it is updated */
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), (size_t)SOME);
}

TEST(orm_many, rows_with_keys_are_created)
{
    with_blog(created_with_keys);
}

static void again(Context *cx)
{
    Tag *tags[200];
    for (int i = 0; i < 200; i++)
        tags[i] = NEW_ROW(cx, Tag, .id = i + 200, .name = str_format(cx->arena, "more %d", i));
    BULK_CREATE(cx, Tag, tags, 200);
}

static void refused_with_keys(Context *cx)
{
    created_with_keys(cx);
    const Error *e = raised(cx, again);
    CHECK_STR(str_c(e->code), STR("integrity_error"));
    const IntegrityError *why = e->payload;
    CHECK_STR(str_c(why->problem), STR("unique"));
    CHECK(why->model == &Tag_model);
    CHECK_EQ(COUNT(OBJECTS(cx, Tag)), 300u);
}

TEST(orm_many, a_key_that_is_there_is_told)
{
    with_blog(refused_with_keys);
}

typedef struct Lines {
    int at, n, bad;
} Lines;

static int authors; /* made so far */

static bool next_author(Context *cx, void *row, void *arg)
{
    Lines *s = arg;
    Author *author = row;
    if (s->at == s->n)
        return false;
    if (++s->at == s->bad)
        RAISE(cx, 400, "bad_line", "line %d is none", s->at);
    author->name = str_format(cx->arena, "author %d", s->at);
    author->email = str_format(cx->arena, "%d@example.org", ++authors);
    author->country_id = s->at % 2 ? STR("DE") : (Str){ 0 };
    return true;
}

static void bad_line(Context *cx) { (void)BULK_LOAD(cx, Author, next_author, &((Lines){ .n = 700, .bad = 650 })); }
static void loaded(Context *cx)
{
    (void)CREATE(cx, Country, .code = STR("DE"), .name = STR("Germany"));
    CHECK_EQ(BULK_LOAD(cx, Author, next_author, &(Lines){ .n = 1234 }), 1234u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Author), Q(Author, country, ISNULL, true))), 617u);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Author), Author, Q(Author, name, EQ, "author 7"))->mentor_id, 0);
    /* All of them or none. */
    const Error *e = raised(cx, bad_line);
    CHECK_STR(e->message, STR("line 650 is none"));
    CHECK_EQ(e->status, 400);
    CHECK_EQ(COUNT(OBJECTS(cx, Author)), 1234u);
    size_t before = arena_used(cx->arena);
    CHECK_EQ(BULK_LOAD(cx, Author, next_author, &(Lines){ .n = 20000 }), 20000u);
    CHECK(arena_used(cx->arena) - before < 300000);
    ATOMIC(cx)
    {
        CHECK_EQ(BULK_LOAD(cx, Author, next_author, &(Lines){ .n = 10 }), 10u);
        CHECK_EQ(COUNT(OBJECTS(cx, Author)), 21244u);
        transaction_set_rollback(cx);
    }
    CHECK_EQ(COUNT(OBJECTS(cx, Author)), 21234u);
}

TEST(orm_many, rows_are_loaded_from_a_stream, .seconds = 60)
{
    with_blog(loaded);
}

static bool next_tag(Context *cx, void *row, void *arg)
{
    Lines *s = arg;
    Tag *tag = row;
    if (s->at == s->n)
        return false;
    tag->id = 1000 + ++s->at;
    tag->name = str_format(cx->arena, "tag %d", s->at);
    return true;
}

static void loaded_with_keys(Context *cx)
{
    CHECK_EQ(BULK_LOAD(cx, Tag, next_tag, &(Lines){ .n = 5 }, .with_keys = true), 5u);
    CHECK_STR(GET_ROW(OBJECTS(cx, Tag), Tag, Q(Tag, id, EQ, 1003))->name, STR("tag 3"));
}

TEST(orm_many, a_stream_may_bring_its_keys)
{
    with_blog(loaded_with_keys);
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
