#include "things.h"

#include <clef/migrations.h>

/* clang-format off */
const Model Album_model = {
    MODEL(Album), .ordering = ORDER("id"),
    FIELDS(Album, CharField(name, .max_length = 20),
           GenericRelation(notes, Remark, .related_query_name = "album")),
};
const Model Song_model = {
    MODEL(Song), .ordering = ORDER("id"),
    FIELDS(Song, CharField(title, .max_length = 20), ForeignKey(album, Album, .on_delete = CASCADE, .related_name = "songs"),
           GenericRelation(notes, Remark), GenericRelation(labels, Badge, .type_field = "kind", .id_field = "key")),
};
const Model Single_model = { PROXY(Single, Song) };
const Model Remark_model = {
    MODEL(Remark), .ordering = ORDER("id"),
    FIELDS(Remark, CharField(text, .max_length = 20), ForeignKey(content_type, ContentType, .on_delete = CASCADE),
           PositiveBigIntegerField(object_id), GenericForeignKey(content_object, content_type, object_id)),
};
const Model Badge_model = {
    MODEL(Badge), .ordering = ORDER("id"),
    FIELDS(Badge, CharField(text, .max_length = 20), ForeignKey(kind, ContentType, .on_delete = CASCADE, .null = true),
           CharField(key, .max_length = 40, .null = true), GenericForeignKey(target, kind, key)),
};
/* clang-format on */
const App things_app = { .label = "things", .models = MODELS(Album, Song, Single, Remark, Badge) };
static const App *const apps[] = { &contenttypes_app, &things_app, NULL };

void with_things(void (*fn)(Context *cx))
{
    content_types_clear_cache();
    with_apps(apps, true, fn);
    content_types_clear_cache();
}

/* --- rows for models */

static void rows(Context *cx)
{
    ContentType *song = CONTENT_TYPE(cx, Song);
    CHECK_STR(song->app_label, STR("things"));
    CHECK_STR(song->model, STR("song"));
    CHECK(content_type_model(song) == &Song_model);
    CHECK_STR(content_type_str(cx, song), STR("Things | song"));
    CHECK_EQ(CONTENT_TYPE(cx, Single)->id, song->id);
    ContentType *single = CONTENT_TYPE(cx, Single, .for_proxies = true);
    CHECK_STR(single->model, STR("single"));
    CHECK(single->id != song->id);
    CHECK_EQ(content_type_for_id(cx, STR(""), single->id)->id, single->id);
    CHECK(content_type_for_id(cx, STR(""), 999) == NULL);
    CHECK_EQ(content_type_by_name(cx, STR("default"), STR("things"), STR("song"))->id, song->id);
    CHECK(content_type_by_name(cx, STR(""), STR("things"), STR("none")) == NULL);
    const Model *models[] = { &Album_model, &Song_model, &Remark_model };
    ContentType *types[3];
    content_types_for_models(cx, models, 3, NULL, types);
    CHECK_STR(types[0]->model, STR("album"));
    CHECK_EQ(types[1]->id, song->id);
    CHECK_STR(types[2]->model, STR("remark"));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), 4u);
}
TEST(contenttypes, each_model_has_a_row)
{
    with_things(rows);
}

static void cached(Context *cx)
{
    int64_t id = CONTENT_TYPE(cx, Song)->id;
    CHECK_EQ(CONTENT_TYPE(cx, Song)->id, id); /* read once more: it was made a moment ago */
    UPDATE_ALL(OBJECTS(cx, ContentType), SET("app_label", "else"));
    CHECK_STR(CONTENT_TYPE(cx, Song)->app_label, STR("things"));
    CHECK_STR(content_type_for_id(cx, STR(""), id)->app_label, STR("things"));
    content_types_clear_cache();
    CHECK_STR(content_type_for_id(cx, STR(""), id)->app_label, STR("else"));
    CHECK(CONTENT_TYPE(cx, Song)->id != id);
}
TEST(contenttypes, what_was_read_is_not_read_again)
{
    with_things(cached);
}

static void make_in_vain(Context *cx)
{
    ATOMIC(cx)
    {
        (void)CONTENT_TYPE(cx, Song);
        RAISE(cx, 500, "in_vain", "taken back");
    }
}
static void taken_back(Context *cx)
{
    CHECK_STR(raised(cx, make_in_vain)->message, STR("taken back"));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), 0u);
    ContentType *song = CONTENT_TYPE(cx, Song);
    CHECK(EXISTS(FILTER(OBJECTS(cx, ContentType), Q(ContentType, id, EQ, song->id))));
}
TEST(contenttypes, a_row_whose_making_was_taken_back_is_made_again)
{
    with_things(taken_back);
}

static void no_object(Context *cx) { (void)content_type_get_object(cx, CONTENT_TYPE(cx, Album), value_int(77)); }
static void stale_object(Context *cx)
{
    (void)content_type_get_object(cx, FIRST(content_types_stale(cx, STR("")), ContentType), value_int(1));
}
static void objects(Context *cx)
{
    Album *album = CREATE(cx, Album, .name = STR("Kind of Blue"));
    ContentType *type = CONTENT_TYPE(cx, Album);
    CHECK_STR(((Album *)content_type_get_object(cx, type, value_int(album->id)))->name, album->name);
    CHECK_EQ(COUNT(content_type_all_objects(cx, type)), 1u);
    CHECK_STR(str_c(raised(cx, no_object)->code), STR("does_not_exist"));
    CHECK_EQ(COUNT(content_types_stale(cx, STR(""))), 0u);
    ContentType *old = CREATE(cx, ContentType, .app_label = STR("gone"), .model = STR("thing"));
    CHECK_EQ(COUNT(content_types_stale(cx, STR(""))), 1u);
    CHECK_STR(row_str(cx, &ContentType_model, old), STR("thing"));
    CHECK_STR_CONTAINS(raised(cx, stale_object)->message, STR("'gone.thing', which is no installed model"));
}
TEST(contenttypes, lead_to_models_and_their_rows)
{
    with_things(objects);
}

/* --- migrations */

static void told(Context *cx)
{
    contenttypes_app.ready(cx, NULL);
    CHECK_EQ(migrate(cx, STR(""), apps, NULL, NULL), 3u);
    CHECK(migration_is_applied(cx, STR(""), STR("contenttypes"), STR("0001_initial")));
    CHECK(!test_has_column(cx, "django_content_type", "name"));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), 6u);
    CHECK(EXISTS(FILTER(OBJECTS(cx, ContentType), Q(ContentType, app_label, EQ, "contenttypes"))));
    CHECK_EQ(migrate(cx, STR(""), apps, NULL, NULL), 0u);
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), 6u);
    /* And the other way: the names come back. */
    migrate_to(cx, apps, &(MigrateOptions){ .app = "contenttypes", .name = "0001" });
    SqlRows named = sql_query(cx, STR(""), STR("SELECT name FROM django_content_type WHERE model = 'song'"), NULL, 0);
    CHECK_STR(named.rows[0][0].s, STR("Song"));
}
TEST(contenttypes, migrate_makes_the_rows)
{
    content_types_clear_cache();
    with_apps(apps, false, told);
    content_types_clear_cache();
}

/* clang-format off */
static const Migration first = {
    .app = "things", .name = "0001_initial", .initial = true,
    OPERATIONS(CreateModel("Tune", COLUMNS(BigAutoField(id, .primary_key = true), CharField(title, .max_length = 20)))),
};
static const Migration second = {
    .app = "things", .name = "0002_rename", .dependencies = DEPENDS({ "things", "0001_initial" }),
    OPERATIONS(RenameModel("Tune", "Hymn")),
};
/* clang-format on */
static const Migration *const history[] = { &first, &second, NULL };
static const App renamed_app = { .label = "things",
                                 .models = MODELS(Album, Song, Remark, Badge),
                                 .migrations = history };
static const App *const renamed_apps[] = { &contenttypes_app, &renamed_app, NULL };

static void renames(Context *cx)
{
    contenttypes_app.ready(cx, NULL);
    migrate_to(cx, renamed_apps, &(MigrateOptions){ .app = "contenttypes" });
    migrate_to(cx, renamed_apps, &(MigrateOptions){ .app = "things", .name = "0001" });
    ContentType *tune = CREATE(cx, ContentType, .app_label = STR("things"), .model = STR("tune"));
    (void)content_type_for_id(cx, STR(""), tune->id);
    migrate_to(cx, renamed_apps, &(MigrateOptions){ .app = "things" });
    CHECK_STR(content_type_for_id(cx, STR(""), tune->id)->model, STR("hymn"));
    migrate_to(cx, renamed_apps, &(MigrateOptions){ .app = "things", .name = "0001" });
    CHECK_STR(content_type_for_id(cx, STR(""), tune->id)->model, STR("tune"));
    (void)CREATE(cx, ContentType, .app_label = STR("things"), .model = STR("hymn"));
    migrate_to(cx, renamed_apps, &(MigrateOptions){ .app = "things" });
    CHECK_STR(content_type_for_id(cx, STR(""), tune->id)->model, STR("tune"));
}
TEST(contenttypes, a_renamed_model_keeps_its_row)
{
    content_types_clear_cache();
    with_apps(renamed_apps, false, renames);
    content_types_clear_cache();
}
