/* fields.c: columns that the database fills, and the order of rows of one parent. */
#include "blog.h"
#include <clef/base/map.h>

typedef struct Basket {
    MODEL_HEAD;
    Str name;
} Basket;
typedef struct Entry {
    MODEL_HEAD;
    REL(Basket, basket);
    int64_t qty;
    Decimal price;
    Decimal total;
    int64_t twice;
    DateTime at;
    int64_t weight;
    int64_t _order;
} Entry;
extern const Model Basket_model, Entry_model;

/* clang-format off */
const Model Basket_model = { MODEL(Basket), FIELDS(Basket, CharField(name, .max_length = 9)) };
const Model Entry_model = {
    MODEL(Entry), ORDER_WITH_RESPECT_TO(Entry, basket),
    FIELDS(Entry,
        ForeignKey(basket, Basket, .on_delete = CASCADE),
        IntegerField(qty), DecimalField(price, .max_digits = 6, .decimal_places = 2),
        GeneratedField(DecimalField(total, .max_digits = 8, .decimal_places = 2), .expression = MUL(F("qty"), F("price")),
                       .db_persist = true),
        GeneratedField(IntegerField(twice), .expression = MUL(F("qty"), 2), .db_persist = true),
        DateTimeField(at, .db_default = DEFAULT(Now())),
        IntegerField(weight, .db_default = DEFAULT(7))),
};
/* clang-format on */
static const App basket_app = { .label = "shop", .models = MODELS(Basket, Entry) };

static Str money(Context *cx, Decimal d)
{
    Buf b = BUF_INIT(cx->arena, 64);
    buf_decimal(&b, d);
    return buf_view(&b);
}

static Entry *entry(Context *cx, Basket *basket, int64_t qty)
{
    return CREATE(cx, Entry, .basket = basket, .qty = qty, .price = decimal_of(250, -2));
}

static void computed(Context *cx)
{
    Basket *basket = CREATE(cx, Basket, .name = STR("b"));
    DateTime before = datetime_now();
    Entry *e = entry(cx, basket, 3);
    CHECK_STR(money(cx, e->total), STR("7.50"));
    CHECK_EQ(e->twice, 6);
    CHECK_EQ(e->weight, 7);
    CHECK(e->at.us > before.us - 60000000 && e->at.us < before.us + 60000000);
    e->qty = 4;
    SAVE(cx, e);
    CHECK_STR(money(cx, e->total), STR("10.00"));
    CHECK_EQ(e->twice, 8);
    e->qty = 5;
    SAVE(cx, e, .update_fields = ORDER("qty"));
    CHECK_EQ(e->twice, 10);
    DateTime then = { 1700000000000000 };
    Entry *given = CREATE(cx, Entry, .basket = basket, .at = then, .weight = 0);
    CHECK_EQ(given->at.us, then.us);
    CHECK_EQ(given->weight, 0);
    Entry *again = GET_ROW(OBJECTS(cx, Entry), Entry, Q(Entry, id, EQ, e->id));
    CHECK_STR(money(cx, again->total), STR("12.50"));
    CHECK_EQ(again->at.us, e->at.us);
}
TEST(fields, what_the_database_computes_is_read_back)
{
    with_app(&basket_app, computed);
}

static void ordered(Context *cx)
{
    Basket *one = CREATE(cx, Basket, .name = STR("one")), *two = CREATE(cx, Basket, .name = STR("two"));
    Entry *a = entry(cx, one, 1), *b = entry(cx, one, 2), *c = entry(cx, one, 3), *other = entry(cx, two, 4);
    CHECK_EQ(a->_order, 0);
    CHECK_EQ(b->_order, 1);
    CHECK_EQ(c->_order, 2);
    CHECK_EQ(other->_order, 0);
    CHECK_EQ(NEXT_IN_ORDER(cx, a)->id, b->id);
    CHECK_EQ(PREVIOUS_IN_ORDER(cx, c)->id, b->id);
    CHECK_NULL(PREVIOUS_IN_ORDER(cx, a));
    CHECK_NULL(NEXT_IN_ORDER(cx, other));
    SET_RELATED_ORDER(cx, one, Entry, c->id, a->id, b->id, other->id);
    List *keys = RELATED_ORDER(cx, one, Entry);
    REQUIRE(keys->n == 3);
    CHECK_EQ(keys->p[0].i, c->id);
    CHECK_EQ(keys->p[1].i, a->id);
    CHECK_EQ(keys->p[2].i, b->id);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Entry), Entry, Q(Entry, id, EQ, other->id))->_order, 0); /* not of this basket */
    CHECK_EQ(FIRST(FILTER(OBJECTS(cx, Entry), Q(Entry, basket, EQ, one)), Entry)->id, c->id);
    CHECK_EQ(NEXT_IN_ORDER(cx, a)->id, b->id);
    Str sql = queryset_sql(OBJECTS(cx, Entry));
    CHECK(str_ends(sql, STR("ORDER BY \"shop_entry\".\"_order\" ASC")));
}
TEST(fields, rows_of_one_parent_have_an_order)
{
    with_app(&basket_app, ordered);
}

static void neighbours(Context *cx)
{
    fill_blog(cx);
    int64_t i = 0;
    EACH (Post, post, ORDER_BY(OBJECTS(cx, Post), "id")) {
        post->created = (DateTime){ 1000000 * (i++ / 2) };
        SAVE(cx, post);
    }
    Post *first = FIRST(ORDER_BY(OBJECTS(cx, Post), "id"), Post);
    static const int64_t forward[] = { 2, 3, 4, 5 };
    for (size_t k = 0; k < 4; k++) {
        first = NEXT_BY(cx, first, "created");
        REQUIRE(first != NULL);
        CHECK_EQ(first->id, forward[k]);
    }
    CHECK_NULL(NEXT_BY(cx, first, "created"));
    CHECK_EQ(PREVIOUS_BY(cx, first, "created")->id, 4);
    CHECK_EQ(PREVIOUS_BY(cx, first, "created", Q(Post, views, LT, 30))->id, 2);
}
TEST(fields, neighbours_by_a_date)
{
    with_blog(neighbours);
}

static void of_a_text(Context *cx)
{
    fill_blog(cx);
    (void)NEXT_BY(cx, FIRST(OBJECTS(cx, Post), Post), "title");
}
static void of_an_unsaved(Context *cx) { (void)NEXT_BY(cx, NEW_ROW(cx, Post), "created"); }
static void not_ordered(Context *cx) { (void)NEXT_IN_ORDER(cx, NEW_ROW(cx, Post)); }
static void wrong_neighbours(Context *cx)
{
    CHECK_STR(raised(cx, of_a_text)->message, STR("Post has no date or time 'title'."));
    CHECK_STR(raised(cx, of_an_unsaved)->message, STR("get_next/get_previous cannot be used on unsaved objects."));
    CHECK_STR(raised(cx, not_ordered)->message, STR("Post has no order_with_respect_to."));
}
TEST(fields, neighbours_that_cannot_be)
{
    with_blog(wrong_neighbours);
}

typedef struct Orderless {
    MODEL_HEAD;
    REL(Basket, basket);
} Orderless;
static const Model Orderless_model = { MODEL(Orderless), .order_with_respect_to = "basket", .ordering = ORDER("id"),
                                       FIELDS(Orderless, ForeignKey(basket, Basket, .on_delete = CASCADE)) };
TEST(fields, an_order_needs_its_member)
{
    Str error;
    App app = { .label = "x", .models = MODELS(Orderless, Basket) };
    CHECK(!apps_populate(test_arena(), (const App *const[]){ &app, NULL }, &error));
    CHECK_STR_CONTAINS(error, STR("write ORDER_WITH_RESPECT_TO(Orderless, basket), and a member int64_t _order"));
    CHECK_STR_CONTAINS(error, STR("(models.E021)"));
}

typedef struct Cell {
    MODEL_HEAD_NO_ID;
    Str aisle;
    int64_t number;
    int64_t room;
} Cell;
static const Model Cell_model = {
    MODEL(Cell),
    FIELDS(Cell, CompositePrimaryKey("aisle", "number"), CharField(aisle, .max_length = 3),
                                         IntegerField(number), IntegerField(room)) };
static const App cell_app = { .label = "shop", .models = MODELS(Cell) };

static List *pair(Context *cx, const char *aisle, int64_t number)
{
    List *pair = list_new(cx->arena);
    list_push(cx->arena, pair, value_c(aisle));
    list_push(cx->arena, pair, value_int(number));
    return pair;
}

static void composite(Context *cx)
{
    const Str *sql;
    REQUIRE(schema_create_sql(cx, STR("sqlite"), MODELS(Cell), &sql) == 1);
    CHECK_STR(sql[0],
              STR("CREATE TABLE \"shop_cell\" (\"aisle\" varchar(3) NOT NULL, \"number\" integer NOT NULL, \"room\" "
                  "integer NOT NULL, PRIMARY KEY (\"aisle\", \"number\"))"));
    for (int64_t i = 0; i < 4; i++)
        CREATE(cx, Cell, .aisle = STR("A"), .number = i, .room = 10 * i);
    Cell *b = CREATE(cx, Cell, .aisle = STR("B"), .number = 1, .room = 7);
    CHECK_STR(row_str(cx, &Cell_model, b), STR("Cell object (('B', 1))"));
    List *key = pair(cx, "A", 2), *both = list_new(cx->arena);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Cell), Cell, LOOKUP("pk", key))->room, 20);
    CHECK_STR(
        queryset_sql(FILTER(OBJECTS(cx, Cell), LOOKUP("pk", key))),
        STR("SELECT \"shop_cell\".\"aisle\", \"shop_cell\".\"number\", \"shop_cell\".\"room\" FROM \"shop_cell\" WHERE "
            "(\"shop_cell\".\"aisle\", \"shop_cell\".\"number\") = (?, ?)"));
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Cell), LOOKUP("pk__gte", key))), 3u);
    list_push(cx->arena, both, value_list(key));
    list_push(cx->arena, both, value_list(pair(cx, "B", 1)));
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Cell), LOOKUP("pk__in", both))), 2u);
    CHECK_EQ(LAST(ORDER_BY(OBJECTS(cx, Cell), "pk"), Cell)->room, 7);
    List *rows = queryset_list(VALUES_LIST(ORDER_BY(OBJECTS(cx, Cell), "-pk"), "pk", "room"));
    REQUIRE(rows->n == 5);
    CHECK_STR(rows->p[0].list->p[0].list->p[0].s, STR("B"));
    CHECK_EQ(rows->p[0].list->p[1].i, 7);
    b->room = 8;
    SAVE(cx, b);
    CHECK_EQ(COUNT(OBJECTS(cx, Cell)), 5u);
    REFRESH(cx, b);
    CHECK_EQ(b->room, 8);
    CHECK_EQ(UPDATE(OBJECTS(cx, Cell), LOOKUP("pk", key), SET("room", 99)), 1u);
    CHECK_EQ(DELETE(cx, b), 1u);
    CHECK_EQ(queryset_delete(FILTER(OBJECTS(cx, Cell), LOOKUP("aisle", "A"))), 4u);
}
TEST(fields, a_key_of_several_columns)
{
    with_app(&cell_app, composite);
}
