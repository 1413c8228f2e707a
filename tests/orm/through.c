/* through.c: relations over a model of the program's own, whose rows have members to fill. */
#include "blog.h"

typedef struct Person {
    MODEL_HEAD;
    Str name;
} Person;
typedef struct Film {
    MODEL_HEAD;
    Str name;
} Film;
typedef struct Part {
    MODEL_HEAD;
    REL(Film, film);
    REL(Person, person);
    Str role;
    int64_t pay;
} Part;
extern const Model Person_model, Film_model, Part_model;
/* clang-format off */
const Model Person_model = {
    MODEL(Person), .ordering = ORDER("id"),
    FIELDS(Person, CharField(name, .max_length = 9), ManyToManyField(friends, Person, .symmetrical = true)),
};
const Model Film_model = {
    MODEL(Film), FIELDS(Film, CharField(name, .max_length = 9), ManyToManyField(cast, Person, .through = &Part_model, .related_name = "films")),
};
const Model Part_model = {
    MODEL(Part), .ordering = ORDER("id"),
    FIELDS(Part, ForeignKey(film, Film, .on_delete = CASCADE), ForeignKey(person, Person, .on_delete = CASCADE),
           CharField(role, .max_length = 9, .null = true), BigIntegerField(pay, .default_value = DEFAULT(100))),
};
/* clang-format on */
static const App screen_app = { .label = "screen", .models = MODELS(Person, Film, Part) };

static void members(Context *cx)
{
    Person *ann = CREATE(cx, Person, .name = STR("ann")), *bob = CREATE(cx, Person, .name = STR("bob"));
    Film *film = CREATE(cx, Film, .name = STR("night"));
    CHECK_EQ(RELATED_ADD(cx, film, "cast", ann), 1u);
    Part *part = GET_ROW(OBJECTS(cx, Part), Part, LOOKUP("person", ann->id));
    CHECK_EQ(part->pay, 100);
    CHECK_EQ(RELATED_ADD_THROUGH(cx, film, "cast", THROUGH(SET("role", "queen"), SET("pay", 7)), ann, bob), 1u);
    part = GET_ROW(OBJECTS(cx, Part), Part, LOOKUP("person", bob->id));
    CHECK_STR(part->role, STR("queen"));
    CHECK_EQ(part->pay, 7);
    RELATED_REPLACE_THROUGH(cx, bob, "films", THROUGH(SET("role", "king")), film);
    CHECK_EQ(COUNT(OBJECTS(cx, Part)), 2u); /* he was linked already: his part stays as it is */
    RELATED_REPLACE(cx, bob, "films");
    RELATED_REPLACE_THROUGH(cx, bob, "films", THROUGH(SET("role", "king")), film);
    part = GET_ROW(OBJECTS(cx, Part), Part, LOOKUP("person", bob->id));
    CHECK_STR(part->role, STR("king"));
    CHECK_EQ(part->pay, 100);
}
TEST(through, rows_between_have_their_defaults_and_what_is_given)
{
    with_app(&screen_app, members);
}

static void no_model(Context *cx)
{
    Person *ann = FIRST(OBJECTS(cx, Person), Person);
    RELATED_ADD_THROUGH(cx, ann, "friends", THROUGH(SET("since", 3)), ann->id);
}
static void no_member(Context *cx)
{
    Film *film = FIRST(OBJECTS(cx, Film), Film);
    RELATED_ADD_THROUGH(cx, film, "cast", THROUGH(SET("since", 3)), 1);
}
static void refused(Context *cx)
{
    CREATE(cx, Person, .name = STR("ann"));
    CREATE(cx, Film, .name = STR("night"));
    const Error *e = raised(cx, no_model);
    CHECK_STR(str_c(e->code), STR("type_error"));
    CHECK_STR(e->message, STR("This relation of Person has no model between, so 'since' is a member of nothing."));
    CHECK_STR(str_c(raised(cx, no_member)->code), STR("field_error"));
    CHECK_EQ(COUNT(OBJECTS(cx, Part)), 0u);
}
TEST(through, members_of_nothing_are_refused)
{
    with_app(&screen_app, refused);
}
