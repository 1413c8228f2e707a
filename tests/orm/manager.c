/* manager.c: querysets under names of their own, a base's among them. */
#include "blog.h"

typedef struct Ware {
    MODEL_HEAD;
    Str name;
    int64_t stock;
} Ware;
typedef struct Toy {
    BASE(Ware, ware);
    int64_t age;
} Toy;
extern const Model Ware_model, Toy_model;

static QuerySet *in_stock(QuerySet *all) { return FILTER(all, Q(Ware, stock, GT, 0)); }
static QuerySet *cheap_end(QuerySet *all) { return ORDER_BY(all, "-name"); }
static QuerySet *much(QuerySet *all) { return FILTER(all, Q(Ware, stock, GTE, 5)); }
static QuerySet *for_small_ones(QuerySet *all) { return FILTER(all, Q(Toy, age, LT, 3)); }

/* clang-format off */
const Model Ware_model = {
    MODEL(Ware), .ordering = ORDER("id"), MANAGERS({ "in_stock", in_stock }, { "backwards", cheap_end }),
    FIELDS(Ware, CharField(name, .max_length = 9), BigIntegerField(stock)),
};
const Model Toy_model = {
    MODEL(Toy), MANAGERS({ "in_stock", much }, { "for_small_ones", for_small_ones }),
    FIELDS(Toy, Parent(ware, Ware), BigIntegerField(age)),
};
/* clang-format on */
static const App stall_app = { .label = "stall", .models = MODELS(Ware, Toy) };

static void fill(Context *cx)
{
    CREATE(cx, Ware, .name = STR("pan"), .stock = 2);
    CREATE(cx, Ware, .name = STR("lid"), .stock = 0);
    CREATE(cx, Toy, .ware.name = STR("ball"), .ware.stock = 4, .age = 1);
    CREATE(cx, Toy, .ware.name = STR("kite"), .ware.stock = 6, .age = 8);
}

static void named(Context *cx)
{
    fill(cx);
    CHECK_EQ(COUNT(MANAGER(cx, Ware, "objects")), 4u);
    CHECK_EQ(COUNT(MANAGER(cx, Ware, "in_stock")), 3u);
    CHECK_EQ(COUNT(FILTER(MANAGER(cx, Ware, "in_stock"), LOOKUP("name__startswith", "p"))), 1u);
    CHECK_STR(FIRST(MANAGER(cx, Ware, "backwards"), Ware)->name, STR("pan"));
    CHECK_NULL(MANAGER(cx, Ware, "sold_out"));
    CHECK_NULL(MANAGER(cx, Ware, "for_small_ones"));
}
TEST(manager, querysets_by_name)
{
    with_app(&stall_app, named);
}

static void inherited(Context *cx)
{
    fill(cx);
    CHECK_PTR(queryset_model(MANAGER(cx, Toy, "backwards")), &Toy_model); /* the base's, over the model's own rows */
    CHECK_STR(FIRST(MANAGER(cx, Toy, "backwards"), Toy)->ware.name, STR("kite"));
    CHECK_EQ(COUNT(MANAGER(cx, Toy, "in_stock")), 1u); /* its own goes before the base's */
    CHECK_EQ(COUNT(MANAGER(cx, Toy, "for_small_ones")), 1u);
}
TEST(manager, a_base_lends_its_own)
{
    with_app(&stall_app, inherited);
}
