/* delete.c: what goes with a row, what stops it, how many rows of what went. */
#include "blog.h"
#include <clef/base/map.h>
#include <clef/signals.h>

typedef struct Owner {
    MODEL_HEAD;
    Str name;
} Owner;
typedef struct House {
    MODEL_HEAD;
    REL(Owner, owner);
    REL(Owner, heir);
    REL(Owner, keeper);
} House;
typedef struct Room {
    MODEL_HEAD;
    REL(House, house);
    REL(Owner, guest);
} Room;
typedef struct Chair {
    MODEL_HEAD;
    REL(Room, room);
} Chair;
typedef struct Lock {
    MODEL_HEAD;
    REL(Owner, owner);
    REL(House, house);
} Lock;
typedef struct Vehicle {
    MODEL_HEAD;
    Str name;
} Vehicle;
typedef struct Car {
    BASE(Vehicle, vehicle);
    int64_t seats;
} Car;
typedef struct Fine {
    MODEL_HEAD;
    REL(Vehicle, vehicle);
} Fine;
extern const Model Owner_model, House_model, Room_model, Chair_model, Lock_model, Vehicle_model, Car_model, Fine_model;

static Value keeper_for_all(Context *cx)
{
    (void)cx;
    return value_int(1);
}
/* clang-format off */
const Model Owner_model = { MODEL(Owner), FIELDS(Owner, CharField(name, .max_length = 9), ManyToManyField(friends, Owner)) };
const Model House_model = {
    MODEL(House),
    FIELDS(House, ForeignKey(owner, Owner, .on_delete = CASCADE, .related_name = "+"),
           ForeignKey(heir, Owner, .null = true, .on_delete = SET_NULL, .related_name = "+"),
           ForeignKey(keeper, Owner, .on_delete = SET_TO, .set_to_fn = keeper_for_all, .related_name = "+")),
};
const Model Room_model = {
    MODEL(Room),
    FIELDS(Room, ForeignKey(house, House, .on_delete = CASCADE), ForeignKey(guest, Owner, .null = true, .on_delete = PROTECT)),
};
const Model Chair_model = { MODEL(Chair), FIELDS(Chair, ForeignKey(room, Room, .on_delete = CASCADE)) };
const Model Lock_model = {
    MODEL(Lock),
    FIELDS(Lock, ForeignKey(owner, Owner, .null = true, .on_delete = CASCADE), ForeignKey(house, House, .on_delete = RESTRICT)),
};
const Model Vehicle_model = { MODEL(Vehicle), FIELDS(Vehicle, CharField(name, .max_length = 9)) };
const Model Car_model = { MODEL(Car), FIELDS(Car, Parent(vehicle, Vehicle), BigIntegerField(seats)) };
const Model Fine_model = { MODEL(Fine), FIELDS(Fine, ForeignKey(vehicle, Vehicle, .on_delete = PROTECT)) };
/* clang-format on */
static const App town_app = { .label = "town", .models = MODELS(Owner, House, Room, Chair, Lock, Vehicle, Car, Fine) };

static void fill(Context *cx)
{
    Owner *city = CREATE(cx, Owner, .name = STR("city")), *ann = CREATE(cx, Owner, .name = STR("ann")),
          *bob = CREATE(cx, Owner, .name = STR("bob"));
    RELATED_ADD(cx, ann, "friends", bob);
    House *one = CREATE(cx, House, .owner = ann, .heir = bob, .keeper = bob);
    CREATE(cx, House, .owner = ann, .keeper = city);
    Room *hall = CREATE(cx, Room, .house = one);
    CREATE(cx, Chair, .room = hall);
    CREATE(cx, Chair, .room = hall);
}

static int64_t counted(const Map *counts, const char *label)
{
    const Value *v = map_get(counts, str_c(label));
    return v ? v->i : -1;
}
static Owner *owner(Context *cx, const char *name) { return GET_ROW(OBJECTS(cx, Owner), Owner, LOOKUP("name", name)); }

static void cascade(Context *cx)
{
    Map *counts;
    fill(cx);
    size_t before = sql_count(cx);
    Owner *ann = owner(cx, "ann");
    CHECK_EQ(DELETE(cx, ann, .counts = &counts), 7u);
    CHECK_EQ(sql_count(cx) - before, 15u);
    CHECK_EQ(ann->id, 0);
    CHECK_EQ(counted(counts, "town.Owner"), 1);
    CHECK_EQ(counted(counts, "town.House"), 2);
    CHECK_EQ(counted(counts, "town.Room"), 1);
    CHECK_EQ(counted(counts, "town.Chair"), 2);
    CHECK_EQ(counted(counts, "town.Owner_friends"), 1);
    CHECK_EQ(counted(counts, "town.Lock"), -1);
    CHECK_EQ(COUNT(OBJECTS(cx, Chair)), 0u);
}
TEST(delete, what_refers_goes_and_is_counted)
{
    with_app(&town_app, cascade);
}

static void changes(Context *cx)
{
    fill(cx);
    DELETE(cx, owner(cx, "bob"));
    House *house = FIRST(OBJECTS(cx, House), House);
    CHECK_EQ(house->heir_id, 0);
    CHECK_EQ(house->keeper_id, 1);
}
TEST(delete, references_are_set)
{
    with_app(&town_app, changes);
}

static void protected_by_guest(Context *cx) { DELETE(cx, owner(cx, "bob")); }
static void restricted(Context *cx) { DELETE(cx, owner(cx, "ann")); }
static void stops(Context *cx)
{
    fill(cx);
    Owner *bob = owner(cx, "bob");
    Room *hall = FIRST(OBJECTS(cx, Room), Room);
    hall->guest_id = bob->id;
    SAVE(cx, hall);
    CHECK_STR(
        raised(cx, protected_by_guest)->message,
        STR("Cannot delete some instances of model 'Owner' because they are referenced through protected foreign keys: "
            "'Room.guest'."));
    CHECK_EQ(COUNT(OBJECTS(cx, Owner)), 3u);
    hall->guest_id = 0;
    SAVE(cx, hall);
    House *house = FIRST(OBJECTS(cx, House), House);
    Lock *lock = CREATE(cx, Lock, .house = house);
    const Error *e = raised(cx, restricted);
    CHECK_STR(str_c(e->code), STR("restricted_error"));
    REQUIRE(e->payload != NULL);
    CHECK_EQ(((const DeleteError *)e->payload)->rows->n, 1u);
    CHECK_EQ(((const Lock *)((const DeleteError *)e->payload)->rows->p[0].object)->id, lock->id);
    CHECK_STR(e->message,
              STR("Cannot delete some instances of model 'Owner' because they are referenced through restricted "
                  "foreign keys: 'Lock.house'."));
    /* A lock that goes by itself is no reason. */
    lock->owner = owner(cx, "ann");
    SAVE(cx, lock);
    CHECK_EQ(DELETE(cx, owner(cx, "ann")), 8u);
}
TEST(delete, protect_and_restrict)
{
    with_app(&town_app, stops);
}

static void cars_go(Context *cx) { queryset_delete_with(OBJECTS(cx, Vehicle), NULL); }
static void of_a_base(Context *cx)
{
    Car *car = CREATE(cx, Car, .vehicle.name = STR("red"), .seats = 4);
    Fine *first = CREATE(cx, Fine, .vehicle_id = car->vehicle.id),
         *second = CREATE(cx, Fine, .vehicle_id = car->vehicle.id);
    const Error *e = raised(cx, cars_go);
    CHECK_STR(e->message, STR("Cannot delete some instances of model 'Vehicle' because they are referenced through "
                              "protected foreign keys: 'Car.vehicle_ptr', 'Fine.vehicle'."));
    REQUIRE(e->payload != NULL);
    const List *rows = ((const DeleteError *)e->payload)->rows; /* each once, though it is in the way twice */
    CHECK_EQ(rows->n, 2u);
    CHECK_PTR(row_model(rows->p[0].object), &Fine_model);
    CHECK_EQ(((const Fine *)rows->p[0].object)->id + ((const Fine *)rows->p[1].object)->id, first->id + second->id);
    DELETE(cx, first);
    DELETE(cx, second);
    CHECK_EQ(queryset_delete_with(OBJECTS(cx, Vehicle), NULL), 2u);
    CHECK_EQ(COUNT(OBJECTS(cx, Car)), 0u);
}
TEST(delete, what_refers_to_a_base_stops_its_children)
{
    with_app(&town_app, of_a_base);
}

static void fast(Context *cx)
{
    Map *counts;
    fill(cx);
    size_t before = sql_count(cx);
    CHECK_EQ(queryset_delete_with(FILTER(OBJECTS(cx, Chair), LOOKUP("room__house__owner__name", "ann")),
                                  &(DeleteOptions){ .counts = &counts }),
             2u);
    CHECK_EQ(sql_count(cx) - before, 1u);
    CHECK_EQ(counted(counts, "town.Chair"), 2);
    CHECK_EQ(queryset_delete_with(OBJECTS(cx, Chair), &(DeleteOptions){ .counts = &counts }), 0u);
    CHECK_EQ(counts->n, 0u);
}
TEST(delete, rows_that_nothing_refers_to_go_by_one_statement)
{
    with_app(&town_app, fast);
}

static int heard_before, heard_after;
static void hear_before(Context *cx, const SignalEvent *event)
{
    const ModelSignal *s = event->data;
    (void)cx;
    heard_before++;
    CHECK_PTR(s->model, &Chair_model);
    CHECK(s->row != NULL);
    CHECK_NULL(s->origin == s->row ? s->row : NULL);
}
static void hear_after(Context *cx, const SignalEvent *event)
{
    (void)cx;
    (void)event;
    heard_after++;
}
static void signals(Context *cx)
{
    fill(cx);
    heard_before = heard_after = 0;
    signal_connect_with(&pre_delete, hear_before, &(ConnectOptions){ .sender = &Chair_model });
    signal_connect_with(&post_delete, hear_after, &(ConnectOptions){ .sender = &Chair_model });
    DELETE(cx, owner(cx, "ann"));
    signal_clear(&pre_delete);
    signal_clear(&post_delete);
    CHECK_EQ(heard_before, 2);
    CHECK_EQ(heard_after, 2);
    CHECK_EQ(COUNT(OBJECTS(cx, Chair)), 0u);
}
TEST(delete, who_listens_hears_of_each_row)
{
    with_app(&town_app, signals);
}
