/* generic.c: relations to rows of any model, and the ways back. */
#include "things.h"

static Album *fill(Context *cx)
{
    Album *blue = CREATE(cx, Album, .name = STR("Blue")), *red = CREATE(cx, Album, .name = STR("Red"));
    Song *one = CREATE(cx, Song, .title = STR("one"), .album = blue);
    CREATE(cx, Song, .title = STR("two"), .album = red);
    CREATE(cx, Remark, .text = STR("a"), .content_object = blue);
    CREATE(cx, Remark, .text = STR("b"), .content_object = one);
    CREATE(cx, Remark, .text = STR("c"), .content_object = red);
    CREATE(cx, Remark, .text = STR("d"), .content_object = blue);
    CREATE(cx, Badge, .text = STR("loud"), .target = one);
    return blue;
}

static Str texts(Context *cx, QuerySet *q)
{
    Buf b = BUF_INIT(cx->arena, 1 << 12);
    EACH (Remark, note, q)
        buf_str(&b, note->text);
    return buf_view(&b);
}

/* Statements that a piece of work ran. */
static size_t ran(Context *cx, size_t before) { return sql_count(cx) - before; }

static void forward(Context *cx)
{
    Album *blue = fill(cx);
    Remark *a = GET_ROW(OBJECTS(cx, Remark), Remark, Q(Remark, text, EQ, "a"));
    CHECK_EQ(a->object_id, blue->id);
    CHECK_EQ(a->content_type_id, CONTENT_TYPE(cx, Album)->id);
    Album *there = RELATED(cx, a, content_object);
    REQUIRE(there != NULL);
    CHECK(row_model(there) == &Album_model);
    CHECK_STR(there->name, STR("Blue"));
    Badge *label = FIRST(OBJECTS(cx, Badge), Badge);
    CHECK_STR(((Song *)RELATED(cx, label, target))->title, STR("one"));
    /* What the keys say now counts. */
    Album *red = GET_ROW(OBJECTS(cx, Album), Album, Q(Album, name, EQ, "Red"));
    a->object_id = red->id;
    CHECK_STR(((Album *)RELATED(cx, a, content_object))->name, STR("Red"));
    Song *song = FIRST(OBJECTS(cx, Song), Song);
    GENERIC_SET(cx, a, content_object, song);
    CHECK(RELATED(cx, a, content_object) == (void *)song);
    SAVE(cx, a);
    REFRESH(cx, a);
    CHECK_STR(((Song *)RELATED(cx, a, content_object))->title, song->title);
    GENERIC_SET(cx, label, target, NULL);
    SAVE(cx, label);
    label = FIRST(OBJECTS(cx, Badge), Badge);
    CHECK(!label->key.p && !label->kind_id && RELATED(cx, label, target) == NULL);
    a->object_id = 12345; /* leads nowhere, which is no error */
    CHECK(RELATED(cx, a, content_object) == NULL);
}
TEST(generic, keys_lead_to_rows_of_any_model)
{
    with_things(forward);
}

static void siblings(Context *cx)
{
    fill(cx);
    (void)CONTENT_TYPE(cx, Album), (void)CONTENT_TYPE(cx, Song); /* made, and read */
    (void)CONTENT_TYPE(cx, Album), (void)CONTENT_TYPE(cx, Song);
    size_t before = sql_count(cx);
    Buf b = BUF_INIT(cx->arena, 1 << 12);
    EACH (Remark, note, OBJECTS(cx, Remark)) {
        void *to = RELATED(cx, note, content_object);
        buf_str(&b, row_model(to) == &Album_model ? ((Album *)to)->name : ((Song *)to)->title);
        buf_byte(&b, ' ');
    }
    CHECK_STR(buf_view(&b), STR("Blue one Red Blue "));
    CHECK_EQ(ran(cx, before), 3u); /* the notes, albums, songs */
    before = sql_count(cx);
    QuerySet *albums = ONLY(OBJECTS(cx, Album), "name");
    EACH (Remark, note,
          PREFETCH_RELATED(OBJECTS(cx, Remark), PREFETCH("content_object", .querysets = QUERYSETS(albums))))
        CHECK(note->content_object != NULL);
    CHECK_EQ(ran(cx, before), 3u);
    before = sql_count(cx);
    QuerySet *of_albums = FILTER(OBJECTS(cx, Remark), Q(Remark, content_type->model, EQ, "album"));
    EACH (Remark, note, PREFETCH_RELATED(of_albums, PREFETCH("content_object__songs")))
        CHECK_EQ(queryset_length(RELATED_SET(cx, (Album *)note->content_object, "songs")), 1u);
    CHECK_EQ(ran(cx, before), 3u);
}
TEST(generic, rows_behind_siblings_are_read_together)
{
    with_things(siblings);
}

static void several_models(Context *cx)
{
    EACH (Remark, note, PREFETCH_RELATED(OBJECTS(cx, Remark), PREFETCH("content_object__songs")))
        (void)note;
}
static void blocked(Context *cx)
{
    EACH (Remark, note, FETCH_MODE(OBJECTS(cx, Remark), FETCH_RAISE))
        (void)RELATED(cx, note, content_object);
}
static void unsaved(Context *cx)
{
    CREATE(cx, Remark, .text = STR("x"), .content_object = NEW_ROW(cx, Album, .name = STR("new")));
}
static void wrong(Context *cx)
{
    fill(cx);
    CHECK_STR_CONTAINS(raised(cx, several_models)->message, STR("leads to rows of several models"));
    CHECK_STR_CONTAINS(raised(cx, blocked)->message, STR("content_object"));
    CHECK_STR_CONTAINS(raised(cx, unsaved)->message, STR("unsaved related object 'content_object'"));
}
TEST(generic, says_what_cannot_be)
{
    with_things(wrong);
}

static void backward(Context *cx)
{
    Album *blue = fill(cx);
    CHECK_STR(texts(cx, RELATED_SET(cx, blue, "notes")), STR("ad"));
    Song *one = FIRST(OBJECTS(cx, Song), Song);
    CHECK_STR(texts(cx, RELATED_SET(cx, one, "notes")), STR("b"));
    CHECK_EQ(COUNT(RELATED_SET(cx, one, "labels")), 1u);
    size_t before = sql_count(cx);
    Buf b = BUF_INIT(cx->arena, 1 << 12);
    EACH (Album, album, OBJECTS(cx, Album)) {
        buf_str(&b, texts(cx, RELATED_SET(cx, album, "notes")));
        buf_byte(&b, ' ');
    }
    CHECK_STR(buf_view(&b), STR("ad c "));
    CHECK_EQ(ran(cx, before), 2u);
    before = sql_count(cx);
    EACH (Song, song, PREFETCH_RELATED(OBJECTS(cx, Song), PREFETCH("notes"), PREFETCH("labels")))
        CHECK_EQ(queryset_length(RELATED_SET(cx, song, "labels")), song->id == one->id ? 1u : 0u);
    CHECK_EQ(ran(cx, before), 3u);
}
TEST(generic, ways_back_are_relations)
{
    with_things(backward);
}

static void paths(Context *cx)
{
    Album *blue = fill(cx);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Album), LOOKUP("notes__text", "a"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Album), LOOKUP("notes__text", "b"))),
             0u); /* a note of a song with the same key */
    CHECK_EQ(COUNT(EXCLUDE(OBJECTS(cx, Album), LOOKUP("notes__text", "a"))), 1u);
    CHECK_EQ(COUNT(EXCLUDE(OBJECTS(cx, Album), LOOKUP("notes__text", "b"))), 2u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Song), LOOKUP("album__notes__text", "c"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Song), LOOKUP("labels__text", "loud"))), 1u);
    CHECK_STR(texts(cx, FILTER(OBJECTS(cx, Remark), LOOKUP("album__name", "Blue"))), STR("ad"));
    CHECK_STR(texts(cx, FILTER(OBJECTS(cx, Remark), LOOKUP("album", blue))), STR("ad"));
    CHECK_STR(texts(cx, FILTER(OBJECTS(cx, Remark), LOOKUP("album__pk", blue->id))), STR("ad"));
    CHECK_STR(texts(cx, FILTER(OBJECTS(cx, Remark), LOOKUP("album__isnull", true))), STR("b"));
    EACH (Album, album, ANNOTATE(ORDER_BY(OBJECTS(cx, Album), "id"), SET("n", Count("notes")))) {
        Value n;
        CHECK(row_annotation(album, "n", &n));
        CHECK_EQ(n.i, album->id == blue->id ? 2 : 1);
    }
}
TEST(generic, paths_go_over_them)
{
    with_things(paths);
}

static void links(Context *cx)
{
    Album *blue = fill(cx);
    Song *one = FIRST(OBJECTS(cx, Song), Song);
    Remark *b = GET_ROW(OBJECTS(cx, Remark), Remark, Q(Remark, text, EQ, "b"));
    CHECK_EQ(RELATED_ADD(cx, blue, "notes", b), 1u);
    CHECK_STR(texts(cx, RELATED_SET(cx, blue, "notes")), STR("abd"));
    CHECK_EQ(COUNT(RELATED_SET(cx, one, "notes")), 0u);
    CHECK_EQ(RELATED_REMOVE(cx, blue, "notes", b), 1u); /* there is nothing that it could belong to else */
    CHECK_EQ(COUNT(OBJECTS(cx, Remark)), 3u);
    Remark *c = GET_ROW(OBJECTS(cx, Remark), Remark, Q(Remark, text, EQ, "c"));
    RELATED_REPLACE(cx, blue, "notes", c);
    CHECK_STR(texts(cx, OBJECTS(cx, Remark)), STR("c"));
    CHECK_EQ(RELATED_CLEAR(cx, blue, "notes"), 1u);
    CHECK_EQ(COUNT(OBJECTS(cx, Remark)), 0u);
    CHECK_EQ(COUNT(OBJECTS(cx, Badge)), 1u);
}
TEST(generic, sets_are_changed)
{
    with_things(links);
}

static void deletes(Context *cx)
{
    Album *blue = fill(cx);
    Map *counts;
    CHECK_EQ(model_delete_with(cx, NULL, blue, &(DeleteOptions){ .counts = &counts }), 6u);
    CHECK_EQ(map_get(counts, STR("things.Remark"))->i, 3); /* two of its own, one of its song */
    CHECK_EQ(map_get(counts, STR("things.Badge"))->i, 1);
    CHECK_STR(texts(cx, OBJECTS(cx, Remark)), STR("c"));
    CHECK_EQ(queryset_delete(OBJECTS(cx, Album)), 3u);
    CHECK_EQ(COUNT(OBJECTS(cx, Remark)), 0u);
}
TEST(generic, a_row_goes_with_what_refers_to_it)
{
    with_things(deletes);
}

/* --- what the tables may say wrongly */

typedef struct Loose {
    MODEL_HEAD;
    int64_t content_type_id;
    int64_t object_id;
    GENERIC_REL(target);
} Loose;
/* clang-format off */
static const Model Loose_model = {
    MODEL(Loose),
    FIELDS(Loose, BigIntegerField(content_type_id), PositiveBigIntegerField(object_id),
           GenericForeignKey(target, content_type, object_id)),
};
/* clang-format on */
static const App loose_app = { .label = "loose", .models = MODELS(Loose) };
TEST(generic, wrong_columns_are_found)
{
    Str error;
    CHECK(!apps_populate(test_arena(), (const App *const[]){ &contenttypes_app, &loose_app, NULL }, &error));
    CHECK_STR(error, STR("Loose.target: The GenericForeignKey content type references the nonexistent field "
                         "'Loose.content_type'. (contenttypes.E002)"));
}
