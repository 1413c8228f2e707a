/* inherit.c: models that have fields and options from others. */
#include "blog.h"
#include <clef/base/map.h>
#include <clef/signals.h>

typedef struct Stamped {
    DateTime created;
    OptDateTime updated;
} Stamped;
typedef struct Shelf {
    MODEL_HEAD;
    Str name;
} Shelf;
typedef struct Label {
    MODEL_HEAD;
    Str text;
} Label;
typedef struct Item {
    MODEL_HEAD;
    Str name;
    Stamped stamps;
    int64_t stock;
    REL(Shelf, shelf);
} Item;
typedef struct Book {
    BASE(Item, item);
    Str isbn;
    int32_t pages;
    REL(struct Book, sequel_of);
} Book;
typedef struct Novel {
    BASE(Book, book);
    Str genre;
} Novel;
typedef struct Review {
    MODEL_HEAD;
    REL(Book, book);
    int64_t stars;
} Review;
typedef struct Place {
    MODEL_HEAD_NO_ID;
    Str code;
    Str town;
} Place;
typedef struct Cafe {
    BASE_NO_ID(Place, place);
    bool wifi;
} Cafe;
typedef Item Bargain;

extern const Model Stamped_model, Shelf_model, Label_model, Item_model, Book_model, Novel_model, Review_model,
    Place_model, Cafe_model, Bargain_model;

static Str item_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Item *)row)->name;
}
static Str bargain_str(Context *cx, const void *row)
{
    return str_format(cx->arena, "cheap %.*s", STR_FMT(((const Item *)row)->name));
}

/* clang-format off */
const Model Stamped_model = {
    ABSTRACT(Stamped), .get_latest_by = "created",
    INDEXES(NAMED_INDEX("%(app_label)s_%(class)s_made", "created")),
    FIELDS(Stamped, DateTimeField(created), OptDateTimeField(updated, .blank = true)),
};
const Model Shelf_model = { MODEL(Shelf), FIELDS(Shelf, CharField(name, .max_length = 9)) };
const Model Label_model = { MODEL(Label), FIELDS(Label, CharField(text, .max_length = 9)) };
const Model Item_model = {
    MODEL(Item), .ordering = ORDER("name"), .str = item_str,
    FIELDS(Item, Abstract(stamps, Stamped), CharField(name, .max_length = 40), IntegerField(stock),
           ForeignKey(shelf, Shelf, .null = true, .on_delete = SET_NULL, .related_name = "items"),
           ManyToManyField(labels, Label, .related_name = "items")),
};
const Model Book_model = {
    MODEL(Book),
    FIELDS(Book, Parent(item, Item), CharField(isbn, .max_length = 13, .unique = true), IntegerField(pages),
           ForeignKey(sequel_of, Book, .null = true, .on_delete = SET_NULL, .related_name = "sequels")),
};
const Model Novel_model = {
    MODEL(Novel), .ordering = ORDER(NULL), FIELDS(Novel, Parent(book, Book), CharField(genre, .max_length = 9)),
};
const Model Review_model = {
    MODEL(Review),
    FIELDS(Review, ForeignKey(book, Book, .on_delete = CASCADE, .related_name = "reviews"), IntegerField(stars)),
};
const Model Place_model = {
    MODEL(Place), FIELDS(Place, CharField(code, .max_length = 4, .primary_key = true), CharField(town, .max_length = 9)),
};
const Model Cafe_model = { MODEL(Cafe), FIELDS(Cafe, Parent(place, Place), BooleanField(wifi)) };
const Model Bargain_model = { PROXY(Bargain, Item), .ordering = ORDER("-stock"), .str = bargain_str };
/* clang-format on */

static const App stock_app = { .label = "stock",
                               .models = MODELS(Novel, Book, Bargain, Item, Shelf, Label, Review, Place, Cafe) };

static Str ran[16];
static size_t nlog;

/* The statements that ran since the last call. */
static void take_log(Context *cx)
{
    static const LoggedQuery *last;
    nlog = 0;
    for (const LoggedQuery *q = last ? last->next : sql_log(cx); q; q = q->next) {
        REQUIRE(nlog < 16);
        ran[nlog++] = q->sql;
        last = q;
    }
}

static void with_stock(void (*fn)(Context *cx)) { with_app(&stock_app, fn); }

static void fill(Context *cx)
{
    Shelf *shelf = CREATE(cx, Shelf, .name = STR("A1"));
    CREATE(cx, Item, .name = STR("Lamp"), .stock = 3, .shelf = shelf);
    Book *one = CREATE(cx, Book, .item.name = STR("Zebra"), .item.stock = 7, .item.shelf = shelf, .isbn = STR("1"),
                       .pages = 100);
    CREATE(cx, Book, .item.name = STR("Apple"), .item.stock = 1, .isbn = STR("2"), .pages = 200, .sequel_of = one);
    CREATE(cx, Novel, .book.item.name = STR("Night"), .book.isbn = STR("3"), .book.pages = 300, .genre = STR("dark"));
    CREATE(cx, Review, .book = one, .stars = 5);
}

TEST(inherit, names_and_options_come_from_bases)
{
    Str error;
    REQUIRE(apps_populate(test_arena(), (const App *const[]){ &stock_app, NULL }, &error));
    CHECK_STR(model_table(&Book_model), STR("stock_book"));
    CHECK_STR(model_table(&Bargain_model), STR("stock_item"));
    CHECK_STR(str_c(model_pk(&Book_model)->name), STR("item_ptr"));
    CHECK_STR(str_c(model_pk(&Novel_model)->name), STR("book_ptr"));
    CHECK_STR(model_column(&Book_model, model_pk(&Book_model)), STR("item_ptr_id"));
    CHECK_EQ(model_field_count(&Item_model), 6u);
    CHECK_EQ(model_field_count(&Novel_model), 6u + 4u + 2u);
    CHECK_STR(str_c(model_field_at(&Book_model, 0)->name), STR("id"));
    CHECK_STR(str_c(model_field_at(&Book_model, 1)->name), STR("created"));
    CHECK_STR(str_c(model_field_at(&Book_model, 6)->name), STR("item_ptr"));
    CHECK_EQ(model_field(&Book_model, STR("created"))->offset, offsetof(Book, item.stamps.created));
    CHECK_EQ(model_field(&Novel_model, STR("isbn"))->offset, offsetof(Novel, book.isbn));
    CHECK_EQ(offsetof(Book, id), offsetof(Item, id));
    CHECK_STR(model_verbose_name(&Bargain_model), STR("bargain"));
}

static void tables(Context *cx)
{
    const Str *sql;
    size_t n = schema_create_sql(cx, STR("sqlite"), MODELS(Item, Book, Bargain), &sql);
    REQUIRE(n >= 3);
    CHECK_STR(sql[2],
              STR("CREATE TABLE \"stock_book\" (\"item_ptr_id\" bigint NOT NULL PRIMARY KEY REFERENCES \"stock_item\" "
                  "(\"id\") DEFERRABLE INITIALLY DEFERRED, \"isbn\" varchar(13) NOT NULL UNIQUE, \"pages\" integer NOT "
                  "NULL, \"sequel_of_id\" bigint NULL REFERENCES \"stock_book\" (\"item_ptr_id\") DEFERRABLE INITIALLY "
                  "DEFERRED)"));
    bool index = false;
    for (size_t i = 0; i < n; i++) {
        index |= str_eq(sql[i], STR("CREATE INDEX \"stock_item_made\" ON \"stock_item\" (\"created\")"));
        CHECK(!str_contains(sql[i], STR("bargain")));
    }
    CHECK(index);
}
TEST(inherit, a_child_has_a_table_whose_key_is_the_link)
{
    with_stock(tables);
}

static void insert(Context *cx)
{
    sql_log_start(cx);
    Book *book = CREATE(cx, Book, .item.name = STR("Zebra"), .isbn = STR("1"), .pages = 3);
    take_log(cx);
    CHECK_EQ(book->id, 1);
    CHECK_EQ(book->item.id, 1);
    CHECK_PTR(row_model(book), &Book_model);
    CHECK_PTR(row_model(&book->item), &Book_model);
    REQUIRE(nlog == 4);
    CHECK_STR_CONTAINS(ran[1],
                       STR("INSERT INTO \"stock_item\" (\"created\", \"updated\", \"name\", \"stock\", \"shelf_id\")"));
    CHECK_STR_CONTAINS(ran[2],
                       STR("INSERT INTO \"stock_book\" (\"item_ptr_id\", \"isbn\", \"pages\", \"sequel_of_id\")"));
    book->pages = 4;
    book->item.stock = 5;
    SAVE(cx, book);
    take_log(cx);
    REQUIRE(nlog == 4);
    CHECK_STR(ran[1], STR("UPDATE \"stock_item\" SET \"created\" = ?, \"updated\" = ?, \"name\" = ?, \"stock\" = ?, "
                          "\"shelf_id\" = ? WHERE \"stock_item\".\"id\" = ?"));
    CHECK_STR(ran[2], STR("UPDATE \"stock_book\" SET \"isbn\" = ?, \"pages\" = ?, \"sequel_of_id\" = ? WHERE "
                          "\"stock_book\".\"item_ptr_id\" = ?"));
    SAVE(cx, book, .update_fields = ORDER("pages"));
    take_log(cx);
    REQUIRE(nlog == 3);
    CHECK_STR(ran[1], STR("UPDATE \"stock_book\" SET \"pages\" = ? WHERE \"stock_book\".\"item_ptr_id\" = ?"));
    Book *again = GET_ROW(OBJECTS(cx, Book), Book, Q(Book, id, EQ, 1));
    CHECK_EQ(again->pages, 4);
    CHECK_EQ(again->item.stock, 5);
    /* An item that becomes a book. */
    Item *item = CREATE(cx, Item, .name = STR("Paper"));
    Book *made = NEW_ROW(cx, Book, .item = *item, .isbn = STR("9"), .pages = 1);
    model_save(cx, &Book_model, made, NULL);
    CHECK_EQ(COUNT(OBJECTS(cx, Item)), 2u);
    CHECK_EQ(made->id, item->id);
}
TEST(inherit, saving_writes_the_tables_of_the_bases_first)
{
    with_stock(insert);
}

static void saves_part(Context *cx)
{
    fill(cx);
    Novel *before = FIRST(OBJECTS(cx, Novel), Novel);
    Novel *novel = FIRST(ONLY(OBJECTS(cx, Novel), "genre", "name"), Novel);
    novel->genre = STR("light");
    novel->book.item.name = STR("Day");
    sql_log_start(cx);
    SAVE(cx, novel);
    size_t updates = 0;
    for (const LoggedQuery *q = sql_log(cx); q; q = q->next) {
        if (!str_starts(q->sql, STR("UPDATE")))
            continue;
        CHECK_STR_CONTAINS(q->sql, updates++ ? STR("\"stock_novel\" SET \"genre\" = ? WHERE")
                                             : STR("\"stock_item\" SET \"name\" = ? WHERE"));
    }
    CHECK_EQ(updates, 2u);
    Novel *now = FIRST(OBJECTS(cx, Novel), Novel);
    CHECK_STR(now->genre, STR("light"));
    CHECK_STR(now->book.item.name, STR("Day"));
    CHECK_STR(now->book.isbn, before->book.isbn);
    CHECK(now->book.pages == before->book.pages && now->book.item.stock == before->book.item.stock);
}
TEST(inherit, a_row_read_in_part_is_saved_in_part_in_each_table)
{
    sqlite_only();
    with_stock(saves_part);
}

static void queries(Context *cx)
{
    fill(cx);
    CHECK_STR(
        queryset_sql(FILTER(OBJECTS(cx, Book), Q(Book, item.name, STARTSWITH, "Z"))),
        STR("SELECT \"stock_item\".\"id\", \"stock_item\".\"created\", \"stock_item\".\"updated\", "
            "\"stock_item\".\"name\", \"stock_item\".\"stock\", \"stock_item\".\"shelf_id\", "
            "\"stock_book\".\"item_ptr_id\", \"stock_book\".\"isbn\", \"stock_book\".\"pages\", "
            "\"stock_book\".\"sequel_of_id\" FROM \"stock_book\" INNER JOIN \"stock_item\" ON "
            "(\"stock_book\".\"item_ptr_id\" = \"stock_item\".\"id\") WHERE \"stock_item\".\"name\" LIKE ? ESCAPE "
            "'\\' ORDER BY \"stock_item\".\"name\" ASC"));
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Book), LOOKUP("name", "Zebra"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Book), LOOKUP("item_ptr__name", "Zebra"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Book), Q(Book, item.shelf->name, EQ, "A1"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Novel), Q(Novel, book.item.name, EQ, "Night"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Novel), Q(Novel, book.sequel_of->item.name, ISNULL, true))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Item), LOOKUP("book__isbn", "2"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Item), LOOKUP("book__novel__genre", "dark"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Shelf), LOOKUP("items__book__pages", 100))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Review), LOOKUP("book__name", "Zebra"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Item), LOOKUP("book__reviews__stars", 5))), 1u);
    CHECK_STR(queryset_sql(VALUES_OF(FILTER(OBJECTS(cx, Book), LOOKUP("id", 3)), "id")),
              STR("SELECT \"stock_book\".\"item_ptr_id\" FROM \"stock_book\" INNER JOIN \"stock_item\" ON "
                  "(\"stock_book\".\"item_ptr_id\" = \"stock_item\".\"id\") WHERE \"stock_book\".\"item_ptr_id\" = ? "
                  "ORDER BY "
                  "\"stock_item\".\"name\" ASC"));
    Book *first = FIRST(OBJECTS(cx, Book), Book);
    CHECK_STR(first->item.name, STR("Apple"));
    CHECK_STR(RELATED(cx, first, sequel_of)->item.name, STR("Zebra"));
    CHECK_STR(RELATED(cx, first->sequel_of, item.shelf)->name, STR("A1"));
    CHECK_STR(row_str(cx, &Book_model, first), STR("Apple"));
    /* A novel is a book: its rows stand wherever books do. */
    Novel *novel = FIRST(OBJECTS(cx, Novel), Novel);
    CREATE(cx, Review, .book = &novel->book, .stars = 1);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Review), Q(Review, book, EQ, &novel->book))), 1u);
    CHECK_EQ(COUNT(RELATED_SET(cx, novel, "reviews")), 1u);
    Label *label = CREATE(cx, Label, .text = STR("new"));
    CHECK_EQ(RELATED_ADD(cx, novel, "labels", label), 1u);
    CHECK_EQ(COUNT(RELATED_SET(cx, label, "items")), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Book), LOOKUP("labels__text", "new"))), 1u);
    CHECK_EQ(COUNT(EXCLUDE(OBJECTS(cx, Book), LOOKUP("labels__text", "new"))), 2u);
    Map *row = queryset_list(VALUES_OF(OBJECTS(cx, Novel)))->p[0].map;
    CHECK_EQ(row->n, 12u);
    CHECK_STR(map_get(row, STR("name"))->s, STR("Night"));
    novel->book.item.name = STR("other");
    REFRESH(cx, novel);
    CHECK_STR(novel->book.item.name, STR("Night"));
    CHECK_EQ(COUNT(ANNOTATE(OBJECTS(cx, Book), AS("n", Count("reviews")))), 3u);
    EACH (Book, book, ORDER_BY(ANNOTATE(OBJECTS(cx, Book), AS("n", Count("reviews"))), "-n", "name")) {
        Value n;
        REQUIRE(row_annotation(book, "n", &n));
        CHECK_EQ(n.i, str_eq(book->isbn, STR("2")) ? 0 : 1);
    }
}
TEST(inherit, queries_read_rows_of_several_tables)
{
    sqlite_only();
    with_stock(queries);
}

static void updates(Context *cx)
{
    fill(cx);
    CHECK_EQ(UPDATE_ALL(OBJECTS(cx, Book), SET("stock", ADD(F("stock"), 10)), SET("pages", 9)), 3u);
    EACH (Book, book, OBJECTS(cx, Book)) {
        CHECK(book->item.stock >= 10);
        CHECK_EQ(book->pages, 9);
    }
    CHECK_EQ(FIRST(OBJECTS(cx, Item), Item)->stock, 11);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Item), Item, LOOKUP("name", "Lamp"))->stock, 3);
    CHECK_EQ(UPDATE(OBJECTS(cx, Novel), Q(Novel, book.item.name, EQ, "Night"), SET("pages", 1)), 1u);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Book), Book, LOOKUP("isbn", "3"))->pages, 1);
}
TEST(inherit, update_reaches_the_tables_of_the_bases)
{
    with_stock(updates);
}

static void deletes(Context *cx)
{
    fill(cx);
    Book *one = GET_ROW(OBJECTS(cx, Book), Book, LOOKUP("isbn", "1"));
    CHECK_EQ(DELETE(cx, one), 3u); /* the review, the book, the item */
    CHECK_EQ(COUNT(OBJECTS(cx, Item)), 3u);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Book), Book, LOOKUP("isbn", "2"))->sequel_of_id, 0);
    Item *night = GET_ROW(OBJECTS(cx, Item), Item, LOOKUP("name", "Night"));
    CHECK_EQ(DELETE(cx, night), 3u); /* the novel and the book with it */
    CHECK_EQ(COUNT(OBJECTS(cx, Novel)), 0u);
    CHECK_EQ(queryset_delete(OBJECTS(cx, Book)), 2u);
    CHECK_EQ(COUNT(OBJECTS(cx, Item)), 1u);
}
TEST(inherit, deleting_goes_to_bases_and_children)
{
    with_stock(deletes);
}

static void keys(Context *cx)
{
    Cafe *cafe = CREATE(cx, Cafe, .place.code = STR("OSL"), .place.town = STR("Oslo"), .wifi = true);
    CHECK_STR(row_pk(cx->arena, &Cafe_model, cafe).s, STR("OSL"));
    Cafe *again = GET_ROW(OBJECTS(cx, Cafe), Cafe, LOOKUP("pk", "OSL"));
    CHECK_STR(again->place.town, STR("Oslo"));
    CHECK(again->wifi);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Place), LOOKUP("cafe__wifi", true))), 1u);
}
TEST(inherit, a_parent_may_have_a_key_of_its_own)
{
    with_stock(keys);
}

static void proxies(Context *cx)
{
    fill(cx);
    Bargain *most = FIRST(OBJECTS(cx, Bargain), Bargain);
    CHECK_STR(row_str(cx, &Bargain_model, most), STR("cheap Zebra"));
    CHECK_PTR(row_model(most), &Bargain_model);
    Item *same = GET_ROW(OBJECTS(cx, Item), Item, Q(Item, id, EQ, most->id));
    CHECK(value_eq(value_object(most, &row_class), value_object(same, &row_class)));
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Bargain), LOOKUP("book__isbn", "1"))), 1u);
    CHECK_EQ(COUNT(FILTER(OBJECTS(cx, Shelf), Q_OR(LOOKUP("items", most)))), 1u);
    most->stock = 99;
    SAVE(cx, most);
    CHECK_EQ(GET_ROW(OBJECTS(cx, Item), Item, LOOKUP("id", most->id))->stock, 99);
    CREATE(cx, Bargain, .name = STR("Cup"), .stock = 100);
    CHECK_STR(FIRST(OBJECTS(cx, Bargain), Bargain)->name, STR("Cup"));
    CHECK_EQ(DELETE(cx, most), 3u);
    CHECK_EQ(COUNT(OBJECTS(cx, Book)), 2u);
}
TEST(inherit, a_proxy_is_another_face_of_the_same_rows)
{
    with_stock(proxies);
}

typedef struct WrongChild {
    BASE(Item, item);
    Str name;
} WrongChild;
static const Model WrongChild_model = { MODEL(WrongChild),
                                        FIELDS(WrongChild, Parent(item, Item), CharField(name, .max_length = 3)) };
typedef struct ForgetfulChild {
    BASE(Item, item);
    Str isbn;
} ForgetfulChild;
static const Model ForgetfulChild_model = { MODEL(ForgetfulChild),
                                            FIELDS(ForgetfulChild, CharField(isbn, .max_length = 3)) };
static const Model FatBargain_model = { PROXY(Bargain, Item), FIELDS(Bargain, CharField(name, .max_length = 2)) };

TEST(inherit, wrong_bases_are_told_at_the_start)
{
    const struct {
        const Model *const *models;
        Str says;
    } cases[] = {
        { MODELS(WrongChild, Item, Shelf, Label),
          STR("WrongChild.name: The field 'name' clashes with the field 'name' from model 'x.item'. (models.E006)") },
        { MODELS(ForgetfulChild),
          STR("ForgetfulChild: FIELDS has no entry for the member (or members) between 'row_state' and") },
        { MODELS(FatBargain, Item, Shelf, Label), STR("Proxy model 'Bargain' contains model fields. (models.E017)") },
        { MODELS(Book), STR("Book: its base Item is in no application") },
    };
    EACH_ROW (c, cases) {
        Str error;
        App app = { .label = "x", .models = c->models };
        CHECK(!apps_populate(test_arena(), (const App *const[]){ &app, NULL }, &error));
        CHECK_STR_CONTAINS(error, c->says);
    }
}
