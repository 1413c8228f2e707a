/* custom.c: lookups and transforms of an application, limit_choices_to. */
#include "blog.h"
#include <clef/forms.h>

typedef struct Judge {
    MODEL_HEAD;
    Str name;
    bool works;
} Judge;
typedef struct Piece {
    MODEL_HEAD;
    Str title;
    OptInt score;
    Date day;
    REL(Judge, judge);
    REL(Judge, second);
} Piece;
extern const Model Judge_model, Piece_model;

static QuerySet *named_a(QuerySet *q) { return FILTER(q, LOOKUP("name__startswith", "A")); }
static Date day(int d)
{
    Date out;
    REQUIRE(date_make(2024, 1, d, &out));
    return out;
}
static Str judge_str(Context *cx, const void *row) { return (void)cx, ((const Judge *)row)->name; }

/* clang-format off */
const Model Judge_model = { MODEL(Judge), .ordering = ORDER("id"), .str = judge_str, FIELDS(Judge, CharField(name, .max_length = 20), BooleanField(works)) };
const Model Piece_model = { MODEL(Piece), .ordering = ORDER("id"),
    FIELDS(Piece, CharField(title, .max_length = 20), OptIntegerField(score, .blank = true), DateField(day),
           ForeignKey(judge, Judge, .on_delete = CASCADE, LIMIT_CHOICES_TO(Q(Judge, works, EQ, true))),
           ForeignKey(second, Judge, .on_delete = CASCADE, .null = true, .blank = true, .related_name = "+", .limit_choices_fn = named_a)) };
/* clang-format on */

static Value bare(Context *cx, const Field *f, Value v)
{
    CHECK(f && f->kind == FIELD_CHAR);
    REQUIRE(value_is_text(v));
    return value_str(str_replace(cx->arena, v.s, STR(" "), STR("")));
}
static const Lookup not_equal = { .name = "ne", .sql = "$1 <> $2" };
static const Lookup absolute = {
    .name = "abs", .kinds = LOOKUP_KINDS(FIELD_INTEGER, FIELD_FLOAT), .sql = "ABS($1)", .transform = true
};
static const Lookup tight = {
    .name = "tight", .kinds = LOOKUP_KINDS(FIELD_CHAR), .sql = "REPLACE($1, ' ', '') = $2", .prepare = bare
};
static const Lookup length = {
    .name = "length", .kinds = LOOKUP_KINDS(FIELD_CHAR), .sql = "LENGTH($1)", .transform = true, .output = FIELD_INTEGER
};
static const Lookup half = {
    .name = "half", .sql = "$1 = $2", .sqlite = "$1 * 2 = $2", .postgresql = "$1 * 2 = $2", .mysql = "$1 * 2 = $2"
};
static const App show_app = { .label = "show",
                              .models = MODELS(Piece, Judge),
                              .lookups = LOOKUPS(&not_equal, &absolute, &tight, &length, &half) };

static void fill(Context *cx)
{
    Judge *ann = CREATE(cx, Judge, .name = STR("Ann"), .works = true);
    Judge *bob = CREATE(cx, Judge, .name = STR("Bob"), .works = false);
    CREATE(cx, Piece, .title = STR("a b"), .score = OPT(OptInt, -3), .judge_id = ann->id, .day = day(2));
    CREATE(cx, Piece, .title = STR("ab"), .score = OPT(OptInt, 3), .judge_id = bob->id, .day = day(2));
    CREATE(cx, Piece, .title = STR("long one"), .judge_id = ann->id, .day = day(2));
}

#define HAS(n, ...) CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Piece), __VA_ARGS__)), (size_t)(n))

static void conditions(Context *cx)
{
    fill(cx);
    HAS(2, LOOKUP("title__ne", "ab"));
    HAS(1, LOOKUP("score__ne", 3));
    HAS(2, LOOKUP("score__abs", 3));
    HAS(0, LOOKUP("score__abs__ne", 3));
    HAS(2, LOOKUP("title__tight", " a b"));
    HAS(1, LOOKUP("title__length__gt", 3));
    HAS(1, LOOKUP("score__half", 6));
    HAS(1, LOOKUP("judge__name__ne", "Ann"));
    HAS(3, LOOKUP("day__ne", day(3)));
    HAS(1, LOOKUP("title__ne", F("judge__name")), LOOKUP("title__tight", "longone"));
    HAS(2, COND(LOOKUP_OF("ne", "title", "ab")));
    /* NOT takes what is NULL, as of the lookups that are Clef's. */
    CHECK_EQ(COUNT(EXCLUDE(OBJECTS(cx, Piece), LOOKUP("score__ne", 3))), 2u);
    CHECK_EQ(COUNT(EXCLUDE(OBJECTS(cx, Judge), LOOKUP("piece__title__ne", "ab"))), 1u);
    /* A transform in an order, an annotation; a lookup of its result. */
    Piece *longest = FIRST(ORDER_BY(OBJECTS(cx, Piece), "-title__length"), Piece);
    CHECK_STR(longest->title, STR("long one"));
    QuerySet *q = ANNOTATE(OBJECTS(cx, Piece), AS("n", F("title__length")));
    CHECK_EQ(COUNT(FILTER(q, LOOKUP("n__ne", 2))), 2u);
    HAS(2, LOOKUP("title__ne", "a b")); /* once more, from the cache of shapes */
    HAS(1, LOOKUP("score__ne", -3));
}
TEST(custom, lookups_and_transforms)
{
    with_app(&show_app, conditions);
}

static const char *path;
static void ask(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Piece), LOOKUP(path, 3))); }
static void ask_none(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Piece), LOOKUP("score__ne", value_null()))); }
static void wrong(Context *cx)
{
    path = "day__abs";
    CHECK_STR_CONTAINS(raised(cx, ask)->message, STR("Unsupported lookup 'abs' for DateField"));
    path = "title__lenth";
    CHECK_STR_CONTAINS(raised(cx, ask)->message, STR("perhaps you meant length"));
    path = "judge__ne";
    CHECK_STR_CONTAINS(raised(cx, ask)->message, STR("Unsupported lookup 'ne' for ForeignKey"));
    path = "score__ne__abs";
    CHECK_STR_CONTAINS(raised(cx, ask)->message, STR("Unsupported lookup 'ne"));
    CHECK_STR(raised(cx, ask_none)->message, STR("Cannot use None as a query value"));
}
TEST(custom, lookups_that_do_not_fit_are_told)
{
    with_app(&show_app, wrong);
}

TEST(custom, lookups_are_checked)
{
    static const Lookup cases[] = {
        { .name = "a__b", .sql = "$1 = $2" },
        { .name = "gt", .sql = "$1 > $2" },
        { .name = "one", .sql = "$1 = 1" },
        { .name = "two", .sql = "$1 + $2", .transform = true },
        { .name = "three", .sql = "$1 = $2", .mysql = "$2" },
    };
    static const char *const says[] = { "letters, digits and single underscores", "there is a lookup of this name",
                                        "must have $1, the column, and $2, the value", "must have $1, the column",
                                        "the places of the others" };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        Str error;
        const App app = { .label = "x", .lookups = LOOKUPS(&cases[i]) };
        const App *const apps[] = { &app, NULL };
        CHECK(!apps_populate(test_arena(), apps, &error));
        CHECK_STR_CONTAINS(error, str_c(says[i]));
    }
}

/* --- limit_choices_to */

static const FormClass PieceForm_form = { MODEL_FORM(Piece, title, score, day, judge, second) };

static bool form_takes(Context *cx, int64_t judge, const char *second)
{
    Str text = str_format(cx->arena, "title=x&day=2024-01-02&judge=%lld&second=%s", (long long)judge, second);
    return form_is_valid(FORM(cx, PieceForm, .data = query_parse(cx->arena, text, NULL)));
}

static void choices(Context *cx)
{
    fill(cx);
    Judge *ann = GET_ROW(OBJECTS(cx, Judge), Judge, Q(Judge, name, EQ, "Ann"));
    Judge *bob = GET_ROW(OBJECTS(cx, Judge), Judge, Q(Judge, name, EQ, "Bob"));
    Piece *e = NEW_ROW(cx, Piece, .title = STR("x"), .day = day(1), .judge_id = ann->id, .second_id = ann->id);
    CHECK(FULL_CLEAN(cx, e) == NULL);
    e->judge_id = e->second_id = bob->id;
    RowErrors *errors = FULL_CLEAN(cx, e);
    REQUIRE(errors != NULL && errors->n == 2);
    CHECK_STR(validation_error_text(cx->arena, &row_errors_of(errors, "judge")->p[0]),
              str_format(cx->arena, "judge instance with id %lld is not a valid choice.", (long long)bob->id));
    CHECK(row_errors_of(errors, "second") != NULL);
    Str html = form_as_p(FORM(cx, PieceForm)).s;
    CHECK(!str_contains(html, STR(">Bob</option>")));
    CHECK_STR_CONTAINS(html, STR(">Ann</option>"));
    CHECK(form_takes(cx, ann->id, ""));
    CHECK(!form_takes(cx, bob->id, ""));
    CHECK(!form_takes(cx, ann->id, str_format(cx->arena, "%lld", (long long)bob->id).p));
}
TEST(custom, limit_choices_to)
{
    with_app(&show_app, choices);
}
