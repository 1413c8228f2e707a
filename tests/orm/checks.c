/* checks.c: Django's system checks of models: errors when they are populated, warnings for `check`. */
#include "blog.h"
#include <clef/clef.h>
#include <clef/orm/checks.h>
#include <clef/test/project.h>

typedef struct Man {
    MODEL_HEAD;
    Str name;
} Man;
typedef struct Team {
    MODEL_HEAD;
    Str name;
    int64_t size;
    Date since;
    DateTime made;
    REL(Man, chief);
    int64_t twice;
} Team;
typedef struct Member {
    MODEL_HEAD;
    REL(Man, man);
    REL(Man, inviter);
    REL(Team, team);
} Member;

static Value today(Arena *a, const void *at)
{
    (void)a, (void)at;
    return value_date(naive_date(datetime_utc(datetime_now())));
}
static Value instant(Arena *a, const void *at)
{
    (void)a, (void)at;
    return value_datetime(datetime_now(), NULL);
}

extern const Model Man_model, Team_model, Member_model;
static const Validator some[] = { { .check = check_email }, { .check = NULL } };
/* clang-format off */
const Model Man_model = { MODEL(Man), FIELDS(Man, CharField(name, .max_length = 20), ManyToManyField(friends, Man, .symmetrical = true, .related_name = "them")) };
const Model Team_model = { MODEL(Team), .db_table_comment = "teams",
    FIELDS(Team, CharField(name, .max_length = 20, .db_comment = "its name"), IntegerField(size, .max_length = 4),
           DateField(since, .default_value = { today, NULL }), DateTimeField(made, .default_value = { instant, NULL }),
           ForeignKey(chief, Man, .on_delete = CASCADE, .unique = true),
           GeneratedField(IntegerField(twice), .expression = ADD(F("size"), F("size")), .db_persist = true, .max_length = 3),
           ManyToManyField(men, Man, .null = true, .validators = some, .db_comment = "who", .through = &Member_model,
                           .through_fields = ORDER("team", "man"), .related_name = "teams")),
    INDEXES(INDEX_OF(.name = "covering", .fields = ORDER("name"), .include = ORDER("size")),
            INDEX_ON("low", EXPRESSIONS(Lower("name"))), INDEX_WHERE("some", Q(Team, size, GT, 1), "name")),
    CONSTRAINTS({ .name = "late", .unique = ORDER("name"), .deferrable = true },
                { .name = "nulls", .unique = ORDER("name", "size"), .nulls_not_distinct = true },
                UNIQUE_CONSTRAINT_WHERE("part", Q(Team, size, GT, 3), "since"),
                { .name = "more", .unique = ORDER("made"), .include = ORDER("name") },
                CHECK_CONSTRAINT("raw", COND(RawSQL("size > 0")))) };
const Model Member_model = { MODEL(Member), FIELDS(Member, ForeignKey(man, Man, .on_delete = CASCADE),
    ForeignKey(inviter, Man, .on_delete = CASCADE, .related_name = "invited"), ForeignKey(team, Team, .on_delete = CASCADE)) };
/* clang-format on */
static const App teams_app = { .label = "teams", .models = MODELS(Man, Team, Member) };

/* --- warnings */

static const ModelWarning *find(const ModelWarning *w, size_t n, const char *id, const char *object)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(w[i].id, id) == 0 && str_eq(w[i].object, str_c(object)))
            return &w[i];
    return NULL;
}

static void warnings(Context *cx)
{
    static const struct {
        const char *id, *object, *text;
    } rows[] = {
        { "fields.W122", "teams.Team.size", "'max_length' is ignored when used with IntegerField." },
        { "fields.W161", "teams.Team.since", "Fixed default value provided." },
        { "fields.W161", "teams.Team.made", "Fixed default value provided." },
        { "fields.W224", "teams.Team.twice",
          "GeneratedField.output_field has warnings:\n    'max_length' is ignored when used with IntegerField. "
          "(fields.W122)" },
        { "fields.W340", "teams.Team.men", "null has no effect on ManyToManyField." },
        { "fields.W341", "teams.Team.men", "ManyToManyField does not support validators." },
        { "fields.W342", "teams.Team.chief",
          "Setting unique=True on a ForeignKey has the same effect as using a OneToOneField." },
        { "fields.W345", "teams.Man.friends",
          "related_name has no effect on ManyToManyField with a symmetrical relationship, e.g. to \"self\"." },
        { "fields.W346", "teams.Team.men", "db_comment has no effect on ManyToManyField." },
    };
    const ModelWarning *w;
    size_t n = models_warnings(cx->arena, &w);
    EACH_ROW (row, rows) {
        const ModelWarning *found = find(w, n, row->id, row->object);
        CHECK(found != NULL);
        if (found)
            CHECK_STR(found->text, str_c(row->text));
    }
    CHECK_EQ(n, CLEF_COUNT(rows));
}
TEST(checks, warnings)
{
    const App *const apps[] = { &teams_app, NULL };
    with_apps(apps, false, warnings);
}

static void of_sqlite(Context *cx)
{
    static const struct {
        const char *id, *object, *text;
    } rows[] = {
        { "models.W046", "teams.Team", "SQLite does not support comments on tables (db_table_comment)." },
        { "fields.W163", "teams.Team.name", "SQLite does not support comments on columns (db_comment)." },
        { "models.W040", "teams.Team", "SQLite does not support indexes with non-key columns." },
        { "models.W038", "teams.Team", "SQLite does not support deferrable unique constraints." },
        { "models.W039", "teams.Team", "SQLite does not support unique constraints with non-key columns." },
        { "models.W045", "teams.Team",
          "Check constraint 'raw' contains RawSQL() expression and won't be validated during the model full_clean()." },
        { "models.W047", "teams.Team", "SQLite does not support unique constraints with nulls distinct." },
    };
    const ModelWarning *w;
    size_t n = models_database_warnings(cx, STR("default"), &w);
    EACH_ROW (row, rows) {
        const ModelWarning *found = find(w, n, row->id, row->object);
        CHECK(found != NULL);
        if (found)
            CHECK_STR(found->text, str_c(row->text));
    }
    CHECK(!find(w, n, "models.W037", "teams.Team") && !find(w, n, "models.W043", "teams.Team"));
}
TEST(checks, warnings_of_a_database)
{
    const App *const apps[] = { &teams_app, NULL };
    if (strcmp(test_vendor(), "sqlite") == 0)
        with_apps(apps, false, of_sqlite);
}

/* --- by the command */

static const Url no_urls[] = { URLS_END };
static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->root_urlconf = no_urls;
    s->installed_apps = APPS(&teams_app);
    env_database(s, "default", "", STR("sqlite:///x.sqlite3"));
}
static const Project project = { .name = "teams", .settings = SETTINGS(settings) };
TEST(checks, by_the_command)
{
    static const Str silent[] = { STR("fields.W342"), STR("fields.W161") };
    test_use_project(&project);
    test_site_settings()->silenced_system_checks = (StrList){ silent, 2 };
    TestCommand c = TEST_COMMAND("check");
    CHECK_EQ(c.status, 0);
    CHECK_STR_CONTAINS(c.out, STR("WARNINGS:\n"));
    CHECK_STR_CONTAINS(c.out, STR("teams.Team.size: (fields.W122) 'max_length' is ignored when used with "
                                  "IntegerField.\n\tHINT: Remove 'max_length' from field\n"));
    CHECK(!str_contains(c.out, STR("W342")));
    CHECK_STR_CONTAINS(c.out, STR("System check identified 6 issues (3 silenced)."));
    CHECK(!str_contains(c.out, STR("W046")));
    c = TEST_COMMAND("check", "--database", "default");
    CHECK_STR_CONTAINS(c.out, STR("teams.Team: (models.W046) SQLite does not support comments"));
    CHECK_EQ(TEST_COMMAND("check", "--fail-level", "WARNING").status, 1);
}

/* --- errors */

typedef struct Wrong {
    MODEL_HEAD;
    REL(Man, a);
    REL(Man, b);
} Wrong;
/* clang-format off */
#define WRONG(name, ...) static const Model name = { MODEL(Wrong), .other_members = true, __VA_ARGS__ }
WRONG(accessor, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE, .related_name = "name", .related_query_name = "other")));
WRONG(twins, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE, .related_query_name = "x"), ForeignKey(b, Man, .on_delete = CASCADE, .related_query_name = "y")));
WRONG(invalid, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE, .related_name = "no word")));
WRONG(underscore, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE, .related_name = "wrong_")));
WRONG(doubled, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE, .related_name = "wr__ong")));
WRONG(unique, FIELDS(Wrong, ManyToManyField(men, Man, .unique = true)));
WRONG(clash, FIELDS(Wrong, ManyToManyField(men, Man, .db_table = "wrongs_man")));
WRONG(index_twice, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE)), INDEXES(NAMED_INDEX("same", "a"), NAMED_INDEX("same", "a")));
WRONG(constraint, FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE)), CONSTRAINTS(UNIQUE_CONSTRAINT("same", "a"), UNIQUE_CONSTRAINT("same", "a")));
/* clang-format on */

static void check_wrong(const Model *m, Str says)
{
    Str error;
    /* A model of its own each time, for its slot. */
    const App app = { .label = "wrongs", .models = (const Model *const[]){ m, &Man_model, NULL } };
    const App *const apps[] = { &app, NULL };
    CHECK(!apps_populate(arena_create(test_arena(), 0, 0), apps, &error));
    CHECK_STR_CONTAINS(error, says);
}

TEST(checks, errors)
{
    check_wrong(&accessor, STR("Reverse accessor 'Man.name' for 'Wrong.a' clashes with field name 'Man.name'. "
                               "(fields.E302)"));
    check_wrong(&twins, STR("Reverse accessor 'Man.wrong_set' for 'Wrong.a' clashes with reverse accessor for "
                            "'Wrong.b'. (fields.E304)"));
    check_wrong(&invalid, STR("(fields.E306)"));
    check_wrong(&underscore, STR("Reverse query name 'wrong_' must not end with an underscore. (fields.E308)"));
    check_wrong(&doubled, STR("Reverse query name 'wr__ong' must not contain '__'. (fields.E309)"));
    check_wrong(&unique, STR("ManyToManyFields cannot be unique. (fields.E330)"));
    check_wrong(&clash, STR("The field's intermediary table 'wrongs_man' clashes with the table name of "
                            "'wrongs.Man'. (fields.E340)"));
    check_wrong(&index_twice, STR("index name 'same' is not unique for the model. (models.E029)"));
    check_wrong(&constraint, STR("constraint name 'same' is not unique for the model. (models.E031)"));
}

/* --- through_fields */

typedef struct Pair {
    MODEL_HEAD;
    REL(Wrong, wrong);
    REL(Man, x);
    REL(Man, y);
} Pair;
extern const Model Wrong_model, Pair_model;
/* clang-format off */
const Model Wrong_model = { MODEL(Wrong), .other_members = true, FIELDS(Wrong, ManyToManyField(men, Man, .through = &Pair_model)) };
const Model Pair_model = { MODEL(Pair), FIELDS(Pair, ForeignKey(wrong, Wrong, .on_delete = CASCADE),
    ForeignKey(x, Man, .on_delete = CASCADE, .related_name = "+"), ForeignKey(y, Man, .on_delete = CASCADE, .related_name = "+")) };
/* clang-format on */
TEST(checks, which_relation_of_the_model_between)
{
    Str error;
    const App app = { .label = "teams", .models = MODELS(Wrong, Man, Pair) };
    const App *const apps[] = { &app, NULL };
    CHECK(!apps_populate(test_arena(), apps, &error));
    CHECK_STR_CONTAINS(error,
                       STR("Wrong.men: The model is used as an intermediate model by 'Wrong.men', but it has more "
                           "than one foreign key to 'Man', which is ambiguous."));
    CHECK_STR_CONTAINS(error, STR("(fields.E335)"));
}

static void named(void)
{
    test_use_project(&project);
    Context *cx = test_context();
    Man *a = CREATE(cx, Man, .name = STR("a")), *b = CREATE(cx, Man, .name = STR("b"));
    Team *t = CREATE(cx, Team, .name = STR("t"), .size = 2, .chief_id = a->id);
    CREATE(cx, Member, .man_id = a->id, .inviter_id = b->id, .team_id = t->id);
    CHECK_EQ(COUNT(RELATED_SET(cx, t, "men")), 1u);
    CHECK_EQ(((Man *)queryset_first(RELATED_SET(cx, t, "men"), &Man_model))->id, a->id);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Man), LOOKUP("teams", t->id))), 1u);
}
TEST(checks, through_fields)
{
    named();
}

/* --- tables that routers keep apart */

static Str elsewhere(Context *cx, const Model *m, const void *row) { return (void)cx, (void)m, (void)row, (Str){ 0 }; }
static const DatabaseRouter router = { .db_for_read = elsewhere };
/* clang-format off */
static const Model twin = { MODEL(Wrong), .other_members = true, .db_table = "teams_man", FIELDS(Wrong, ForeignKey(a, Man, .on_delete = CASCADE)) };
/* clang-format on */
TEST(checks, one_table_of_two_models)
{
    Str error;
    const ModelWarning *w;
    const App app = { .label = "teams", .models = (const Model *const[]){ &twin, &Man_model, NULL } };
    const App *const apps[] = { &app, NULL };
    CHECK(!apps_populate(arena_create(test_arena(), 0, 0), apps, &error));
    CHECK_STR_CONTAINS(error, STR("db_table 'teams_man' is used by multiple models: Wrong, Man. (models.E028)"));
    routers_install(ROUTERS(&router));
    CHECK(apps_populate(arena_create(test_arena(), 0, 0), apps, &error));
    size_t n = models_warnings(test_arena(), &w);
    routers_install(NULL);
    const ModelWarning *found = find(w, n, "models.W035", "teams_man");
    REQUIRE(found != NULL);
    CHECK_STR(found->text, STR("db_table 'teams_man' is used by multiple models: teams.Wrong, teams.Man."));
}
