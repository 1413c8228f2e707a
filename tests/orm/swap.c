/* swap.c: models that a setting replaces by others: no table, no rows, no ways to them. */
#include "blog.h"
#include <clef/clef.h>
#include <clef/test/project.h>

typedef struct Person {
    MODEL_HEAD;
    Str name;
} Person;
typedef struct Customer {
    MODEL_HEAD;
    Str name;
} Customer;
typedef struct Order {
    MODEL_HEAD;
    REL(Customer, buyer);
} Order;
typedef struct Letter {
    MODEL_HEAD;
    REL(Person, reader);
} Letter;

static const Model Person_model, Customer_model, Order_model, Letter_model;
/* clang-format off */
static const Model Person_model = { MODEL(Person), .swappable = "PEOPLE_PERSON_MODEL",
    FIELDS(Person, CharField(name, .max_length = 20), ManyToManyField(bought, Customer, .related_name = "persons")) };
static const Model Customer_model = { MODEL(Customer), FIELDS(Customer, CharField(name, .max_length = 20)) };
static const Model Order_model = { MODEL(Order), FIELDS(Order, ForeignKey(buyer, Customer, .on_delete = CASCADE)) };
static const Model Letter_model = { MODEL(Letter), FIELDS(Letter, ForeignKey(reader, Person, .on_delete = CASCADE)) };
/* clang-format on */
static const App people_app = { .label = "people", .models = MODELS(Person) };
static const App sales_app = { .label = "sales", .models = MODELS(Customer, Order) };
static const App post_app = { .label = "mail", .models = MODELS(Letter) };
/* The table that others lead to is made first. */
static const App *const both[] = { &sales_app, &people_app, NULL };

static void swap(const char *pair)
{
    Str *one = NEW(test_arena(), Str);
    *one = str_c(pair);
    swaps_install((Str){ 0 }, (StrList){ one, pair != NULL });
}

/* --- out */

static void read_it(Context *cx) { (void)COUNT(OBJECTS(cx, Person)); }
static void name_it(Context *cx) { (void)MANAGER(cx, Person, "objects"); }
static void make_it(Context *cx) { (void)CREATE(cx, Person, .name = STR("Ada")); }
static void make_several(Context *cx)
{
    Person *rows[] = { NEW_ROW(cx, Person, .name = STR("Ada")) };
    BULK_CREATE(cx, Person, rows, 1);
}
static void delete_customer(Context *cx) { DELETE(cx, CREATE(cx, Customer, .name = STR("Bob"))); }

static void is_out(Context *cx)
{
    static void (*const uses[])(Context *) = { read_it, name_it, make_it, make_several };
    for (size_t i = 0; i < CLEF_COUNT(uses); i++) {
        const Error *e = raised(cx, uses[i]);
        CHECK_STR(str_c(e->code), STR("attribute_error"));
        CHECK_STR(e->message, STR("Manager isn't available; 'people.Person' has been swapped for 'sales.Customer'"));
    }
    CHECK_STR(test_tables(cx, "people"), STR(""));
    CHECK_STR(test_tables(cx, "sales"), STR("sales_customer sales_order"));
    CHECK_STR(model_swapped(&Person_model), STR("sales.Customer"));
    CHECK(!model_swapped(&Customer_model).n);
    CHECK(swap_model(STR("PEOPLE_PERSON_MODEL")) == &Customer_model);
    CHECK(model_find(STR("people"), STR("Person")) == &Person_model);
    for (size_t i = 0; model_at(i); i++)
        CHECK(model_at(i) != &Person_model);
    delete_customer(cx); /* its relation to customers is none that a deletion follows */
    CREATE(cx, Order, .buyer = CREATE(cx, Customer, .name = STR("Eve")));
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Order), LOOKUP("buyer__name", "Eve"))), 1u);
}
static void look_back(Context *cx) { (void)COUNT(FILTER(OBJECTS(cx, Customer), LOOKUP("persons__name", "Ada"))); }
static void has_no_way_back(Context *cx) { CHECK_STR(str_c(raised(cx, look_back)->code), STR("field_error")); }
TEST(swap, a_model_is_out)
{
    swap("PEOPLE_PERSON_MODEL=sales.Customer");
    with_apps(both, true, is_out);
    with_apps(both, true, has_no_way_back);
    swap(NULL);
}

/* --- in its place */

static void is_in(Context *cx)
{
    CHECK(!model_swapped(&Person_model).n);
    make_it(cx);
    CHECK_EQ(COUNT(OBJECTS(cx, Person)), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Customer), LOOKUP("persons__name", "Ada"))), 0u);
}
TEST(swap, a_model_stays)
{
    static const char *const pairs[] = { NULL, "OTHER_MODEL=sales.Customer", "PEOPLE_PERSON_MODEL=people.person" };
    EACH_ROW (pair, pairs) {
        swap(*pair);
        with_apps(both, true, is_in);
    }
    swap(NULL);
}

/* --- what is wrong */

static Str errors(const char *pair, const App *const *apps)
{
    Str error;
    swap(pair);
    bool right = apps_populate(arena_create(test_arena(), 0, 0), apps, &error);
    swap(NULL);
    CHECK_EQ(right, error.n == 0);
    return error;
}
TEST(swap, checks)
{
    static const App *const all[] = { &people_app, &sales_app, &post_app, NULL };
    CHECK_STR(errors("PEOPLE_PERSON_MODEL=Customer", both),
              STR("Person: 'PEOPLE_PERSON_MODEL' is not of the form 'app_label.app_name'. (models.E001)"));
    CHECK_STR(errors("PEOPLE_PERSON_MODEL=a.b.c", both),
              STR("Person: 'PEOPLE_PERSON_MODEL' is not of the form 'app_label.app_name'. (models.E001)"));
    CHECK_STR(errors("PEOPLE_PERSON_MODEL=sales.Nobody", both),
              STR("Person: 'PEOPLE_PERSON_MODEL' references 'sales.Nobody', which has not been installed, or is "
                  "abstract. (models.E002)"));
    CHECK_STR(errors("PEOPLE_PERSON_MODEL=sales.Customer", all),
              STR("Letter.reader: Field defines a relation with the model 'people.Person', which has been swapped out: "
                  "let it lead to 'sales.Customer', which the setting PEOPLE_PERSON_MODEL names. (fields.E301)"));
    CHECK_STR(errors(NULL, all), STR(""));
}

/* --- by the settings of a project */

static const Url no_urls[] = { URLS_END };
static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->root_urlconf = no_urls;
    s->installed_apps = APPS(&people_app, &sales_app);
    s->swapped_models = STRS("PEOPLE_PERSON_MODEL = sales.Customer");
    env_database(s, "default", "", STR("sqlite:///x.sqlite3"));
}
static const Project project = { .name = "sales", .settings = SETTINGS(settings) };
TEST(swap, by_settings)
{
    test_use_project(&project);
    Context *cx = test_context();
    CHECK_STR(model_swapped(&Person_model), STR("sales.Customer"));
    CHECK_EQ(raised(cx, read_it)->status, 500);
    CREATE(cx, Customer, .name = STR("Ada"));
    TestCommand c = TEST_COMMAND("dumpdata");
    CHECK_EQ(c.status, 0);
    CHECK_STR_CONTAINS(c.out, STR("sales.customer"));
    CHECK_EQ(TEST_COMMAND("check").status, 0);
}
