#include "blog.h"

static const App *const blog[] = { &blog_app, NULL };
static Str error;

static bool populate(const Model *const *models)
{
    App *app = NEW(test_arena(), App);
    *app = (App){ .label = "x", .models = models };
    return apps_populate(test_arena(), (const App *const[]){ app, NULL }, &error);
}

TEST(models, names_are_djangos)
{
    REQUIRE(apps_populate(test_arena(), blog, &error));
    CHECK_STR(model_app_label(&Post_model), STR("blog"));
    CHECK_STR(model_table(&Post_model), STR("blog_post"));
    CHECK_STR(model_column(&Post_model, model_field(&Post_model, STR("author"))), STR("author_id"));
    CHECK_STR(str_c(model_pk(&Post_model)->name), STR("id"));
    CHECK_STR(str_c(model_pk(&Country_model)->name), STR("code"));
    CHECK_PTR(model_field(&Post_model, STR("pk")), model_pk(&Post_model));
    CHECK_PTR(model_field(&Post_model, STR("author_id")), model_field(&Post_model, STR("author")));
    CHECK_NULL(model_field(&Post_model, STR("nothing")));
    CHECK_PTR(model_find(STR("blog"), STR("post")), &Post_model);
    CHECK_NULL(model_find(STR("blog"), STR("nothing")));
    CHECK_PTR(model_at(0), &Country_model);
    CHECK_NULL(model_at(5));
    CHECK_STR(model_verbose_name(&Post_model), STR("post"));
    CHECK_EQ(model_field_count(&Post_model), 14u);
    CHECK_STR(str_c(field_class(model_field(&Post_model, STR("author")))), STR("ForeignKey"));
}

typedef struct Forgetful {
    MODEL_HEAD;
    int64_t kept;
    Str forgotten;
    bool also_kept;
} Forgetful;
static const Model Forgetful_model = { MODEL(Forgetful),
                                       FIELDS(Forgetful, IntegerField(kept), BooleanField(also_kept)) };
typedef struct Careless {
    MODEL_HEAD;
    Str no_length;
    Decimal no_digits;
    REL(struct Careless, no_delete);
    REL(struct Careless, null_delete);
    int64_t nullable;
    OptInt not_nullable;
    REL(Country, wrong_key);
} Careless;
static const Model Careless_model = {
    MODEL(Careless),
    .ordering = ORDER("-nothing"),
    INDEXES(INDEX("none")),
    FIELDS(Careless, CharField(no_length), DecimalField(no_digits), ForeignKey(no_delete, Careless),
           ForeignKey(null_delete, Careless, .on_delete = SET_NULL), IntegerField(nullable, .null = true),
           (CLEF_COLUMN, not_nullable, OptInt, FIELD_INTEGER, ), ForeignKey(wrong_key, Country, .on_delete = CASCADE)),
                                                                  };

TEST(models, what_the_compiler_cannot_see_is_told_at_the_start)
{
    CHECK(!populate(MODELS(Forgetful)));
    CHECK_STR(error,
              STR("Forgetful: FIELDS has no entry for the member (or members) between 'kept' and 'also_kept' of the "
                  "struct"));
    static const char *const parts[] = {
        "Careless.no_length: CharFields must define a 'max_length' attribute. (fields.E120)",
        "Careless.no_digits: DecimalFields must define 'max_digits'",
        "Careless.no_delete: a ForeignKey needs .on_delete: CASCADE",
        "Careless.null_delete: Field specifies on_delete=SET_NULL, but cannot be null. (fields.E320)",
        "Careless.nullable: a nullable IntegerField needs a member that can be absent: write OptIntegerField",
        "Careless.not_nullable: the column is not nullable",
        "Careless.wrong_key: the key of Country is a CharField: declare the member by REL_STR",
        "Careless: 'ordering' refers to the nonexistent field, related field, or lookup 'nothing'. (models.E015)",
        "Careless: 'indexes' refers to the nonexistent field, related field, or lookup 'none'",
    };
    CHECK(!populate(MODELS(Careless, Country)));
    EACH_ROW (part, parts)
        CHECK_STR_CONTAINS(error, str_c(*part));
    CHECK(!populate(MODELS(Tag, Tag)));
    CHECK_STR_CONTAINS(error, STR("the model Tag is in the MODELS of two applications"));
    CHECK(!populate(MODELS(Author)));
    CHECK_STR_CONTAINS(error,
                       STR("Author.country: the related model Country is in no application: add it to the MODELS"));
    CHECK(!apps_populate(test_arena(), (const App *const[]){ &blog_app, &(App){ .label = "blog" }, NULL }, &error));
    CHECK_STR(error, STR("Application labels aren't unique, duplicates: blog"));
}

static void asks(Context *cx) { (void)COUNT(OBJECTS(cx, Tag)); }
TEST(models, a_model_of_no_application_is_named)
{
    REQUIRE(populate(MODELS(Country)));
    Context cx;
    context_init(&cx, test_arena());
    const Error *e = raised(&cx, asks);
    CHECK_STR(str_c(e->code), STR("model_not_installed"));
    CHECK_STR_CONTAINS(e->message, STR("The model Tag is in no application: add it to the MODELS"));
    context_finish(&cx);
}

TEST(models, databases_come_from_settings)
{
    Settings s = { 0 };
    DatabaseSettings one[] = { { .engine = STR("django.db.backends.sqlite3"), .name = STR(":memory:") } };
    s.databases = one;
    s.ndatabases = 1;
    Databases *d = databases_from_settings(test_arena(), &s, &error);
    REQUIRE(d != NULL);
    CHECK_PTR(db_pool_config(databases_pool(d, STR("")))->driver, &sqlite_driver);
    databases_destroy(d);
    one[0].engine = STR("oracle");
    CHECK_NULL(databases_from_settings(test_arena(), &s, &error));
    CHECK_STR_CONTAINS(error, STR("'oracle'"));
}

typedef struct Clash {
    MODEL_HEAD;
    Str bad_;
    Str kind;
    DateTime made;
    REL(Tag, one);
    REL(Tag, two);
    REL(Tag, named);
} Clash;
static const Model Clash_model = {
    MODEL(Clash),
    UNIQUE_TOGETHER(ORDER("kind", "many")),
    INDEXES(NAMED_INDEX("_begins_with_an_underscore_and_is_long", "kind")),
    CONSTRAINTS(UNIQUE_CONSTRAINT("twice", "kind"), UNIQUE_CONSTRAINT("twice", "bad_")),
    FIELDS(Clash, CharField(bad_, .max_length = 3), CharField(kind, .max_length = 2, .choices = CHOICES(CHOICE("long", "Long"))),
           DateTimeField(made, .auto_now = true, .default_value = DEFAULT_DATETIME("2024-01-01 00:00:00")),
           ForeignKey(one, Tag, .on_delete = CASCADE), ForeignKey(two, Tag, .on_delete = SET_DEFAULT),
           ForeignKey(named, Tag, .on_delete = CASCADE, .related_name = "name", .to_field = "name"),
           ManyToManyField(many, Tag, .related_name = "+")),
                                                 };

TEST(models, djangos_checks_are_told_by_their_ids)
{
    static const char *const parts[] = {
        "Clash.bad_: Field names must not end with an underscore. (fields.E001)",
        "Clash.kind: 'max_length' is too small to fit the longest value in 'choices' (4 characters). (fields.E009)",
        "Only one of these options may be present. (fields.E160)",
        "Clash.two: Field specifies on_delete=SET_DEFAULT, but has no default value. (fields.E321)",
        "Clash.named: 'Tag.name' must be unique because it is referenced by a foreign key. (fields.E311)",
        "Clash.one: Reverse query name for 'Clash.one' clashes with reverse query name for 'Clash.two'. (fields.E305)",
        "Clash.named: Reverse query name for 'Clash.named' clashes with field name 'Tag.name'. (fields.E303)",
        "Clash: 'unique_together' refers to a ManyToManyField 'many'",
        "cannot start with an underscore or a number. (models.E033)",
        "cannot be longer than 30 characters. (models.E034)",
        "Clash: constraint name 'twice' is not unique for the model. (models.E031)",
    };
    CHECK(!populate(MODELS(Clash, Tag)));
    EACH_ROW (part, parts)
        CHECK_STR_CONTAINS(error, str_c(*part));
    REQUIRE(apps_populate(test_arena(), blog, &error));
}
