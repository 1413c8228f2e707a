/* swappable.c: migrations of models that a setting replaces by others. */
#include "../orm/blog.h"

#include "migrations/graph.h"
#include "migrations/writer.h"
#include <clef/migrations.h>

typedef struct Person {
    MODEL_HEAD;
    Str name;
    int64_t rank;
} Person;
typedef struct Customer {
    MODEL_HEAD;
    Str name;
} Customer;
typedef struct Note {
    MODEL_HEAD;
    REL(Customer, owner);
} Note;
typedef struct Letter {
    MODEL_HEAD;
    REL(Person, owner);
} Letter;

static const Model Person_model, Customer_model, Note_model, Letter_model;
/* clang-format off */
static const Model Person_model = { MODEL(Person), .swappable = "PEOPLE_PERSON_MODEL",
    FIELDS(Person, CharField(name, .max_length = 20), IntegerField(rank)) };
static const Model Customer_model = { MODEL(Customer), FIELDS(Customer, CharField(name, .max_length = 20)) };
static const Model Note_model = { MODEL(Note), FIELDS(Note, ForeignKey(owner, Customer, .on_delete = CASCADE)) };
static const Model Letter_model = { MODEL(Letter), FIELDS(Letter, ForeignKey(owner, Person, .on_delete = CASCADE)) };

static const Migration people = {
    .app = "people", .name = "0001_initial", .initial = true,
    OPERATIONS(CreateModel("Person", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20)),
                           .swappable = "PEOPLE_PERSON_MODEL")),
};
static const Migration ranked = {
    .app = "people", .name = "0002_person_rank", .dependencies = DEPENDS({ "people", "0001_initial" }),
    OPERATIONS(AddField("person", IntegerField(rank, .default_value = DEFAULT(0)), .drop_default = true),
               AddIndex("person", NAMED_INDEX("by_rank", "rank")), RemoveIndex("person", "by_rank")),
};
static const Migration sales = {
    .app = "sales", .name = "0001_initial", .initial = true,
    OPERATIONS(CreateModel("Customer", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20)))),
};
static const Migration desk = {
    .app = "desk", .name = "0001_initial", .initial = true, .dependencies = DEPENDS(SWAPPABLE_DEPENDENCY("PEOPLE_PERSON_MODEL")),
    OPERATIONS(CreateModel("Note", COLUMNS(BigAutoField(id, .primary_key = true),
                                           ForeignKey(owner, SWAPPABLE("PEOPLE_PERSON_MODEL"), .on_delete = CASCADE)))),
};
/* clang-format on */
static const Migration *const people_migrations[] = { &people, &ranked, NULL };
static const Migration *const sales_migrations[] = { &sales, NULL };
static const Migration *const desk_migrations[] = { &desk, NULL };
static const App desk_app = { .label = "desk", .models = MODELS(Note), .migrations = desk_migrations };
static const App letters_app = { .label = "desk", .models = MODELS(Letter), .migrations = desk_migrations };
static const App people_app = { .label = "people", .models = MODELS(Person), .migrations = people_migrations };
static const App sales_app = { .label = "sales", .models = MODELS(Customer), .migrations = sales_migrations };
/* The one that depends on a setting stands first: its dependency alone orders them. */
static const App *const swapped[] = { &desk_app, &people_app, &sales_app, NULL };
static const App *const plain[] = { &letters_app, &people_app, &sales_app, NULL };

static const Str pairs[] = { STR("PEOPLE_PERSON_MODEL=sales.Customer") };
static const Str itself[] = { STR("PEOPLE_PERSON_MODEL=people.Person") };
static void swap(const Str *pair) { swaps_install((Str){ 0 }, (StrList){ pair, pair != NULL }); }

static void leads_to(Context *cx, Str table)
{
    if (!str_eq(str_c(test_vendor()), STR("sqlite")))
        return;
    SqlRows keys = sql_query(cx, STR(""), STR("SELECT \"table\" FROM pragma_foreign_key_list('desk_note')"), NULL, 0);
    REQUIRE(keys.n == 1);
    CHECK_STR(keys.rows[0][0].s, table);
}

static void lead_to_customer(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), swapped, NULL, NULL), 4u);
    CHECK_STR(test_tables(cx, "people"), STR(""));
    CREATE(cx, Note, .owner = CREATE(cx, Customer, .name = STR("Ada")));
    leads_to(cx, STR("sales_customer"));
    Graph *g = graph_create(cx, swapped);
    Node *first = graph_find(g, "desk", "0001");
    CHECK(graph_follows(g, first, graph_find(g, "sales", "0001")));
    CHECK(!graph_follows(g, first, graph_find(g, "people", "0001")));
    Change *found;
    const Questioner nobody = { 0 };
    CHECK_EQ(changes_detect(cx, graph_state(g, false, NULL), state_of_apps(cx, swapped), &nobody, NULL, NULL, &found),
             0u);
    CHECK_EQ(migrate_to(cx, swapped, &(MigrateOptions){ .app = "people", .name = "zero" }), 2u);
    CHECK_EQ(migrate_to(cx, swapped, &(MigrateOptions){ .app = "sales", .name = "zero" }), 2u);
    CHECK_STR(test_tables(cx, "desk"), STR(""));
}
TEST(migrations, a_swapped_model_has_no_table)
{
    swap(pairs);
    with_apps(swapped, false, lead_to_customer);
    swap(NULL);
}

static void lead_to_person(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), plain, NULL, NULL), 4u);
    CHECK_STR(test_tables(cx, "people"), STR("people_person"));
    CHECK(test_has_column(cx, "people_person", "rank"));
    Graph *g = graph_create(cx, plain);
    CHECK(graph_follows(g, graph_find(g, "desk", "0001"), graph_find(g, "people", "0001")));
    leads_to(cx, STR("people_person"));
}
TEST(migrations, a_swappable_model_in_its_place)
{
    swap(itself);
    with_apps(plain, false, lead_to_person);
    swap(NULL);
}

/* --- written */

static Str source_of(Context *cx, const App *const *apps, const char *app)
{
    Change *found;
    const Questioner nobody = { 0 };
    ProjectState *to = state_of_apps(cx, apps), *read = state_new(cx->arena);
    size_t n = changes_detect(cx, state_new(cx->arena), to, &nobody, NULL, NULL, &found);
    Str source = { 0 };
    for (size_t i = 0; i < n; i++) {
        for (const Operation *op = found[i].operations; op->kind; op++)
            state_apply(cx, read, found[i].app, op);
        if (same_c(found[i].app, app))
            source = migration_source(cx->arena, &found[i].migration);
    }
    CHECK_EQ(changes_detect(cx, read, to, &nobody, NULL, NULL, &found), 0u);
    return source;
}
static void both_are_left_to_it(Context *cx)
{
    const App *const *apps = swap_model(STR("PEOPLE_PERSON_MODEL")) == &Customer_model ? swapped : plain;
    Str source = source_of(cx, apps, "desk");
    CHECK_STR_CONTAINS(source, STR(".dependencies = DEPENDS(SWAPPABLE_DEPENDENCY(\"PEOPLE_PERSON_MODEL\"))"));
    CHECK_STR_CONTAINS(source, STR("ForeignKey(owner, SWAPPABLE(\"PEOPLE_PERSON_MODEL\"), .on_delete = CASCADE)"));
    CHECK_STR_CONTAINS(source_of(cx, apps, "people"), STR(".swappable = \"PEOPLE_PERSON_MODEL\""));
}
static void as_it_is_declared(Context *cx)
{
    Str source = source_of(cx, swapped, "desk");
    CHECK_STR_CONTAINS(source, STR("DEPENDS({ \"sales\", \"0001_initial\" })"));
    CHECK_STR_CONTAINS(source, STR("ForeignKey(owner, \"sales.Customer\", .on_delete = CASCADE)"));
}
TEST(migrations, a_relation_to_a_swappable_model_is_left_to_the_setting)
{
    swap(pairs);
    with_apps(swapped, false, both_are_left_to_it);
    swap(itself);
    with_apps(plain, false, both_are_left_to_it);
    swap(NULL);
    with_apps(swapped, false, as_it_is_declared);
}

/* --- squashed, and without the setting */

static void squashes(Context *cx)
{
    size_t before, after;
    Graph *g = graph_create(cx, swapped);
    const Node *one[] = { graph_find(g, "desk", "0001") };
    Str source = migration_source(cx->arena, migration_squash(g, one, 1, "0001_all", true, &before, &after));
    CHECK_STR_CONTAINS(source, STR("DEPENDS(SWAPPABLE_DEPENDENCY(\"PEOPLE_PERSON_MODEL\"))"));
    CHECK_STR_CONTAINS(source, STR("SWAPPABLE(\"PEOPLE_PERSON_MODEL\")"));
}
static void build(Context *cx) { (void)graph_create(cx, swapped); }
static void says_which(Context *cx)
{
    CHECK_STR(raised(cx, build)->message,
              STR("A migration leaves a model to the setting PEOPLE_PERSON_MODEL, which names none: set it to "
                  "'app.Model' in SWAPPED_MODELS."));
}
TEST(migrations, a_setting_stays_in_a_squashed_migration)
{
    swap(pairs);
    with_apps(swapped, false, squashes);
    swap(NULL);
    with_apps(swapped, false, says_which);
}

/* --- an application without migrations */

static const App loose_app = { .label = "desk", .models = MODELS(Note) };
static const App *const loose[] = { &loose_app, &people_app, &sales_app, NULL };
static void made_as_they_are(Context *cx)
{
    CHECK_EQ(migrate(cx, STR(""), loose, NULL, NULL), 4u);
    CREATE(cx, Note, .owner = CREATE(cx, Customer, .name = STR("Ada")));
}
TEST(migrations, models_without_migrations_lead_to_the_one_that_stands_in)
{
    swap(pairs);
    with_apps(loose, false, made_as_they_are);
    swap(NULL);
}
