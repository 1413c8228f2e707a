/* saving.c: columns that are saved by expressions, what the database computes, texts of rows that were read in part. */
#include "blog.h"
#include <clef/signals/builtin.h>

typedef struct Parcel {
    MODEL_HEAD;
    Str name;
    int64_t grams;
    int64_t doubled;
    DateTime changed;
    REL(Author, sender);
} Parcel;
extern const Model Parcel_model;
static Str parcel_str(Context *cx, const void *row)
{
    const Parcel *p = row;
    return str_format(cx->arena, "%.*s of %lld g", STR_FMT(p->name), (long long)p->grams);
}
/* clang-format off */
const Model Parcel_model = { MODEL(Parcel), .str = parcel_str, .str_fields = ORDER("name", "grams"), .ordering = ORDER("id"),
    FIELDS(Parcel, CharField(name, .max_length = 20), IntegerField(grams),
           GeneratedField(IntegerField(doubled), .expression = ADD(F("grams"), F("grams")), .db_persist = true),
           DateTimeField(changed, .auto_now = true), ForeignKey(sender, Author, .on_delete = CASCADE, .null = true)) };
/* clang-format on */
static const App post_app = { .label = "mail", .models = MODELS(Parcel) };
static const App *const apps[] = { &blog_app, &post_app, NULL };

static Parcel *stored(Context *cx, int64_t id) { return GET_ROW(OBJECTS(cx, Parcel), Parcel, Q(Parcel, id, EQ, id)); }

static int sent;
static void count(Context *cx, const SignalEvent *event)
{
    (void)cx, (void)event;
    sent++;
}

static void save_by_expressions(Context *cx)
{
    Parcel *p = CREATE(cx, Parcel, .name = STR("a"), .grams = 5);
    CHECK_EQ(p->doubled, 10);
    UPDATE(OBJECTS(cx, Parcel), Q(Parcel, id, EQ, p->id), SET("grams", 100)); /* by somebody else */
    signal_connect(&post_save, count, .sender = &Parcel_model);
    size_t before = sql_count(cx);
    SAVE(cx, p, .set = SETS(SET("grams", ADD(F("grams"), 1)), SET("name", Upper("name"))));
    if (strcmp(test_vendor(), "mysql") != 0 && strcmp(test_vendor(), "mariadb") != 0)
        CHECK_EQ(sql_count(cx) - before, 1u); /* by RETURNING */
    CHECK_EQ(p->grams, 101);
    CHECK_EQ(p->doubled, 202);
    CHECK_STR(p->name, STR("A"));
    CHECK_EQ(sent, 1);
    CHECK_EQ(stored(cx, p->id)->grams, 101);
    SAVE(cx, p); /* the expression is not saved again */
    CHECK_EQ(stored(cx, p->id)->grams, 101);
    /* Of named columns only; values that are none. */
    p->name = STR("kept in the struct");
    SAVE(cx, p, .update_fields = ORDER("grams"), .set = SETS(SET("grams", MUL(F("grams"), 2))));
    CHECK_EQ(p->grams, 202);
    CHECK_STR(stored(cx, p->id)->name, STR("A"));
    SAVE(cx, p, .set = SETS(SET("grams", 7), SET("name", "b")));
    CHECK(p->grams == 7 && str_eq(p->name, STR("b")) && p->doubled == 14);
    /* An INSERT takes what asks for no column. */
    Parcel *q = NEW_ROW(cx, Parcel, .name = STR("new"));
    SAVE(cx, q, .set = SETS(SET("grams", Length(VAL("four")))));
    CHECK(q->id && q->grams == 4 && q->doubled == 8);
}
TEST(saving, by_expressions)
{
    with_apps(apps, true, save_by_expressions);
}

/* One statement on every database; where it returns nothing, the columns are read when they are asked for. */
static void read_later(Context *cx)
{
    bool returns = strcmp(test_vendor(), "mysql") != 0 && strcmp(test_vendor(), "mariadb") != 0;
    Parcel *p = CREATE(cx, Parcel, .name = STR("a"), .grams = 5);
    size_t before = sql_count(cx);
    SAVE(cx, p, .read_later = true, .set = SETS(SET("grams", ADD(F("grams"), 1))));
    CHECK_EQ(sql_count(cx) - before, 1u);
    CHECK_EQ(row_is_deferred(cx, p, "grams"), !returns);
    CHECK_EQ(row_is_deferred(cx, p, "doubled"), !returns);
    CHECK(!row_is_deferred(cx, p, "name"));
    CHECK_EQ(row_value(cx, p, "doubled").i, 12);
    CHECK_EQ(p->doubled, 12);
    before = sql_count(cx);
    model_refresh(cx, &Parcel_model, p);
    CHECK_EQ(sql_count(cx) - before, 1u);
    CHECK(p->grams == 6 && !row_is_deferred(cx, p, "grams"));
    SAVE(cx, p); /* as a row like any other */
    CHECK_EQ(stored(cx, p->id)->grams, 6);
}
TEST(saving, computed_columns_are_read_later)
{
    with_apps(apps, true, read_later);
}

static Parcel *subject;
static void insert_column(Context *cx)
{
    Parcel *p = NEW_ROW(cx, Parcel, .name = STR("x"));
    SAVE(cx, p, .set = SETS(SET("grams", ADD(F("grams"), 1))));
}
static void save_nothing(Context *cx) { SAVE(cx, subject, .set = SETS(SET("weight", 1))); }
static void save_generated(Context *cx) { SAVE(cx, subject, .set = SETS(SET("doubled", 1))); }
static void save_joined(Context *cx) { SAVE(cx, subject, .set = SETS(SET("name", F("sender__name")))); }
static void save_aggregate(Context *cx) { SAVE(cx, subject, .set = SETS(SET("grams", Count("id")))); }

static void refused(Context *cx)
{
    subject = CREATE(cx, Parcel, .name = STR("a"), .grams = 5);
    CHECK_STR_CONTAINS(raised(cx, insert_column)->message,
                       STR("mail.Parcel.grams. F() expressions can only be used to update, not to insert."));
    CHECK_STR_CONTAINS(raised(cx, save_nothing)->message, STR("'weight'"));
    CHECK_STR_CONTAINS(raised(cx, save_generated)->message, STR("'doubled'"));
    CHECK_STR(raised(cx, save_joined)->message, STR("Joined field references are not permitted in this query"));
    CHECK_STR(raised(cx, save_aggregate)->message, STR("Aggregate expressions are not allowed in this query (grams)."));
    CHECK_EQ(COUNT(OBJECTS(cx, Parcel)), 1u);
}
TEST(saving, expressions_that_cannot_be)
{
    with_apps(apps, true, refused);
}

static void many(Context *cx)
{
    Parcel *rows[3];
    for (int i = 0; i < 3; i++)
        rows[i] = NEW_ROW(cx, Parcel, .name = STR("x"), .grams = i + 1);
    rows[2]->id = 77;
    BULK_CREATE(cx, Parcel, rows, 3);
    bool back = strcmp(test_vendor(), "mysql") != 0;
    for (int i = 0; i < 3 && back; i++) {
        CHECK(rows[i]->id != 0);
        CHECK_EQ(rows[i]->doubled, 2 * (i + 1));
        CHECK_EQ(stored(cx, rows[i]->id)->grams, i + 1);
    }
}
TEST(saving, generated_columns_after_bulk_create)
{
    with_apps(apps, true, many);
}

static void texts(Context *cx)
{
    Author *ann = CREATE(cx, Author, .name = STR("Ann"), .email = STR("a@x.org"));
    CREATE(cx, Parcel, .name = STR("a"), .grams = 5, .sender_id = ann->id);
    Parcel *p = FIRST(ONLY(OBJECTS(cx, Parcel), "sender"), Parcel);
    size_t before = sql_count(cx);
    CHECK_STR(row_str(cx, &Parcel_model, p), STR("a of 5 g")); /* both at once */
    CHECK_EQ(sql_count(cx) - before, 1u);
    p = FIRST(DEFER_FIELDS(OBJECTS(cx, Parcel), "grams"), Parcel);
    before = sql_count(cx);
    CHECK_STR(row_str(cx, &Parcel_model, p), STR("a of 5 g"));
    CHECK_EQ(sql_count(cx) - before, 1u);
    p = FIRST(ONLY(OBJECTS(cx, Parcel), "name", "grams"), Parcel); /* what str reads is there */
    before = sql_count(cx);
    CHECK_STR(row_str(cx, &Parcel_model, p), STR("a of 5 g"));
    CHECK_EQ(sql_count(cx) - before, 0u);
}
TEST(saving, the_text_of_a_row_that_was_read_in_part)
{
    with_apps(apps, true, texts);
}
