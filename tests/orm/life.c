/* life.c: what happens to rows: own save and delete, who hears of links, rows of several databases, days and the latest. */
#include "blog.h"
#include <clef/clef.h>
#include <clef/test/project.h>

typedef struct Sticker {
    MODEL_HEAD;
    Str text;
} Sticker;
typedef struct Chore {
    MODEL_HEAD;
    Str title;
    Str slug;
    int64_t version;
    Date due;
    DateTime made;
    REL(Sticker, main);
} Chore;
extern const Model Sticker_model, Chore_model;

static int saves, deletes;
static void chore_save(Context *cx, void *row, const SaveOptions *options)
{
    Chore *t = row;
    saves++;
    t->slug = str_replace(cx->arena, str_lower(cx->arena, t->title), STR(" "), STR("-"));
    model_save_base(cx, &Chore_model, t, options);
}
static size_t chore_delete(Context *cx, void *row, const DeleteOptions *options)
{
    Chore *t = row;
    deletes++;
    if (str_eq(t->title, STR("keep")))
        return 0;
    return model_delete_base(cx, &Chore_model, row, options);
}
/* clang-format off */
const Model Sticker_model = { MODEL(Sticker), FIELDS(Sticker, CharField(text, .max_length = 20)) };
const Model Chore_model = { MODEL(Chore), .get_latest_by = "due", .save = chore_save, .delete = chore_delete, .ordering = ORDER("id"),
    FIELDS(Chore, CharField(title, .max_length = 20), SlugField(slug, .blank = true), IntegerField(version), DateField(due), DateTimeField(made),
           ForeignKey(main, Sticker, .on_delete = SET_NULL, .null = true, .related_name = "+"), ManyToManyField(labels, Sticker, .related_name = "chores")) };
/* clang-format on */
static const App chores_app = { .label = "chores", .models = MODELS(Sticker, Chore) };

/* --- a model's own save() and delete() */

static void own(Context *cx)
{
    saves = deletes = 0;
    Chore *t = CREATE(cx, Chore, .title = STR("Wash Up"));
    CHECK_STR(t->slug, STR("wash-up"));
    t->title = STR("Dry Up");
    SAVE(cx, t);
    CHECK_STR(GET_ROW(OBJECTS(cx, Chore), Chore, Q(Chore, id, EQ, t->id))->slug, STR("dry-up"));
    CHECK_EQ(saves, 2);
    Chore *rows[] = { NEW_ROW(cx, Chore, .title = STR("a")), NEW_ROW(cx, Chore, .title = STR("keep")) };
    BULK_CREATE(cx, Chore, (void *const *)rows, 2);
    UPDATE(OBJECTS(cx, Chore), Q(Chore, title, EQ, "a"), SET("title", "b"));
    SAVE(cx, t, .raw = true); /* as a fixture */
    CHECK_EQ(saves, 2);
    CHECK_EQ(DELETE(cx, rows[1]), 0u);
    CHECK_EQ(COUNT(OBJECTS(cx, Chore)), 3u);
    CHECK_EQ(DELETE(cx, t), 1u);
    CHECK_EQ(deletes, 2);
    CHECK_EQ(queryset_delete(OBJECTS(cx, Chore)), 2u);
    CHECK_EQ(deletes, 2);
}
TEST(life, a_model_overrides_save_and_delete)
{
    with_app(&chores_app, own);
}

/* --- signals */

static Buf heard;
static void hear_links(Context *cx, const SignalEvent *event)
{
    static const char *const names[] = {
        "pre_add", "post_add", "pre_remove", "post_remove", "pre_clear", "post_clear"
    };
    const M2mChanged *e = event->data;
    (void)cx;
    buf_printf(&heard, "%s%s%s/%zu ", names[e->action], e->reverse ? " reverse " : " ", e->model->name,
               e->pk_set ? e->pk_set->n : 0);
}

static void links(Context *cx)
{
    heard = BUF_INIT(cx->arena, 1 << 12);
    Chore *t = CREATE(cx, Chore, .title = STR("x"));
    Sticker *a = CREATE(cx, Sticker, .text = STR("a")), *b = CREATE(cx, Sticker, .text = STR("b"));
    signal_connect(&m2m_changed, hear_links);
    related_add(cx, t, "labels", VALUES(a, b));
    CHECK_STR(buf_view(&heard), STR("pre_add Sticker/2 post_add Sticker/2 "));
    buf_clear(&heard);
    related_add(cx, t, "labels", VALUES(a)); /* is there */
    CHECK_STR(buf_view(&heard), STR(""));
    related_remove(cx, t, "labels", VALUES(a));
    CHECK_STR(buf_view(&heard), STR("pre_remove Sticker/1 post_remove Sticker/1 "));
    buf_clear(&heard);
    related_add(cx, a, "chores", VALUES(t));
    CHECK_STR(buf_view(&heard), STR("pre_add reverse Chore/1 post_add reverse Chore/1 "));
    buf_clear(&heard);
    related_replace(cx, t, "labels", VALUES(b));
    CHECK_STR(buf_view(&heard), STR("pre_remove Sticker/1 post_remove Sticker/1 "));
    buf_clear(&heard);
    related_clear(cx, t, "labels");
    CHECK_STR(buf_view(&heard), STR("pre_clear Sticker/0 post_clear Sticker/0 "));
    signal_clear(&m2m_changed);
}
TEST(life, who_listens_hears_of_links)
{
    with_app(&chores_app, links);
}

static int told;
static void tell(Context *cx, const SignalEvent *event) { (void)cx, (void)event, told++; }

static void in_bulk(Context *cx)
{
    Sticker *rows[] = { NEW_ROW(cx, Sticker, .text = STR("a")), NEW_ROW(cx, Sticker, .text = STR("b")) };
    told = 0;
    signal_connect(&pre_save, tell, .sender = &Sticker_model);
    signal_connect(&post_save, tell, .sender = &Sticker_model);
    BULK_CREATE(cx, Sticker, (void *const *)rows, 2);
    UPDATE(OBJECTS(cx, Sticker), Q(Sticker, text, EQ, "a"), SET("text", "c"));
    CHECK_EQ(told, 0);
    SAVE(cx, rows[0]);
    CHECK_EQ(told, 2);
    signal_clear(&pre_save);
    signal_clear(&post_save);
}
TEST(life, bulk_statements_are_not_told)
{
    with_app(&chores_app, in_bulk);
}

/* --- who was first: a row changes only while its version is the one that was read */

static size_t change(Context *cx, const Chore *t, const char *title)
{
    return UPDATE(FILTER(OBJECTS(cx, Chore), Q(Chore, id, EQ, t->id)), Q(Chore, version, EQ, t->version),
                  SET("title", title), SET("version", ADD(F("version"), 1)));
}
static void versions(Context *cx)
{
    int64_t id = CREATE(cx, Chore, .title = STR("x"))->id;
    Chore *mine = GET_ROW(OBJECTS(cx, Chore), Chore, Q(Chore, id, EQ, id));
    Chore *yours = GET_ROW(OBJECTS(cx, Chore), Chore, Q(Chore, id, EQ, id));
    CHECK_EQ(change(cx, mine, "mine"), 1u);
    CHECK_EQ(change(cx, yours, "yours"), 0u);
    CHECK_STR(GET_ROW(OBJECTS(cx, Chore), Chore, Q(Chore, id, EQ, id))->title, STR("mine"));
}
TEST(life, an_optimistic_lock)
{
    with_app(&chores_app, versions);
}

/* --- days, and the latest */

static Date day(int month, int d)
{
    Date out;
    REQUIRE(date_make(2024, month, d, &out));
    return out;
}
static void earliest(Context *cx) { (void)queryset_earliest(OBJECTS(cx, Sticker), &Sticker_model, NULL); }

static void days(Context *cx)
{
    static const struct {
        int month, day;
    } when[] = { { 3, 5 }, { 1, 2 }, { 3, 5 }, { 3, 9 } };
    for (size_t i = 0; i < CLEF_COUNT(when); i++)
        CREATE(cx, Chore, .title = STR("x"), .due = day(when[i].month, when[i].day),
               .made = (DateTime){ (int64_t)day(when[i].month, when[i].day).days * 86400000000 + 3600000000 });
    List *found = queryset_list(queryset_dates(OBJECTS(cx, Chore), "due", "month", false));
    REQUIRE(found->n == 2);
    CHECK(found->p[0].tag == VALUE_DATE && found->p[0].us == day(1, 1).days && found->p[1].us == day(3, 1).days);
    found = queryset_list(queryset_dates(OBJECTS(cx, Chore), "due", "day", true));
    REQUIRE(found->n == 3);
    CHECK(found->p[0].us == day(3, 9).days && found->p[2].us == day(1, 2).days);
    CHECK_STR(str_c(model_get_latest_by(&Chore_model)), STR("due"));
    CHECK(model_get_latest_by(&Sticker_model) == NULL);
    CHECK_EQ(((Chore *)queryset_latest(OBJECTS(cx, Chore), &Chore_model, NULL))->id, 4);
    CHECK_EQ(((Chore *)queryset_earliest(OBJECTS(cx, Chore), &Chore_model, NULL))->id, 2);
    CHECK_STR_CONTAINS(raised(cx, earliest)->message, STR("earliest() and latest() require either fields"));
}
TEST(life, days_and_the_latest)
{
    with_app(&chores_app, days);
}

/* --- rows of several databases */

static const Url no_urls[] = { URLS_END };
static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->root_urlconf = no_urls;
    s->installed_apps = APPS(&chores_app);
    env_database(s, "default", "", STR("sqlite:///x.sqlite3"));
    env_database(s, "other", "", STR("sqlite:///y.sqlite3"));
}
static const Project project = { .name = "chores", .settings = SETTINGS(settings) };

static RouterAnswer answer;
static RouterAnswer may(Context *cx, const Model *a, const Model *b)
{
    (void)cx;
    CHECK((a == &Chore_model && b == &Sticker_model) || (a == &Sticker_model && b == &Chore_model));
    return answer;
}
static const DatabaseRouter router = { .allow_relation = may };

static Chore *chore;
static Sticker *label;
static void assign(Context *cx, void *arg)
{
    (void)arg;
    chore->main = label;
    chore->main_id = 0;
    SAVE(cx, chore);
}
static void add(Context *cx, void *arg)
{
    (void)arg;
    related_add(cx, chore, "labels", VALUES(label));
}
TEST(life, rows_of_several_databases)
{
    test_use_project(&project);
    Context *cx = test_context();
    chore = CREATE(cx, Chore, .title = STR("x"));
    label = NEW_ROW(cx, Sticker, .text = STR("elsewhere"));
    SAVE(cx, label, .using = STR("other"));
    const Error *e = attempt(cx, assign, NULL);
    REQUIRE(e != NULL);
    CHECK_STR_CONTAINS(e->message, STR("the current database router prevents this relation."));
    e = attempt(cx, add, NULL);
    REQUIRE(e != NULL);
    CHECK_STR_CONTAINS(e->message, STR("instance is on database \"default\", value is on database \"other\""));
    CHECK(router_allow_relation(cx, &Chore_model, &Sticker_model));
    routers_install(ROUTERS(&router));
    answer = ROUTER_NO;
    CHECK(attempt(cx, assign, NULL) != NULL);
    CHECK(!router_allow_relation(cx, &Chore_model, &Sticker_model));
    answer = ROUTER_YES;
    CREATE(cx, Sticker, .text = STR("the same key here"));
    CHECK(attempt(cx, assign, NULL) == NULL);
    CHECK(attempt(cx, add, NULL) == NULL);
    routers_install(NULL);
}
