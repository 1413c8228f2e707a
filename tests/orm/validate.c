/* validate.c: full_clean with Django's messages and codes. */
#include "blog.h"
#include <clef/base/map.h>
#include <clef/validators.h>

typedef struct Shop {
    MODEL_HEAD;
    Str name;
} Shop;
typedef struct Offer {
    MODEL_HEAD;
    Str title;
    Str email;
    Str size;
    int64_t stock;
    OptInt pages;
    Decimal price;
    Date day;
    OptDate until;
    bool open;
    Str note;
    REL(Shop, shop);
} Offer;
extern const Model Shop_model, Offer_model;

static void offer_clean(Context *cx, void *row, struct RowErrors *errors)
{
    const Offer *offer = row;
    (void)cx;
    if (str_eq(offer->title, STR("bad")))
        ROW_INVALID(errors, NULL, "bad", "It is %s.", "bad");
    if (str_eq(offer->title, STR("worse")))
        ROW_INVALID(errors, "title", "worse", "It is worse.");
}

/* clang-format off */
const Model Shop_model = { MODEL(Shop), FIELDS(Shop, CharField(name, .max_length = 9)) };
const Model Offer_model = {
    MODEL(Offer), .clean = offer_clean, .verbose_name = "special offer",
    UNIQUE_TOGETHER(ORDER("title", "shop")),
    FIELDS(Offer,
        CharField(title, .max_length = 5, .unique_for_month = "day"),
        EmailField(email, .unique = true, .blank = true, .null = true,
                   .error_messages = ERROR_MESSAGES("unique", "Taken!")),
        CharField(size, .max_length = 1, .choices = CHOICES(CHOICE("S", "Small"), CHOICE_GROUP("Big", CHOICE("L", "Large")))),
        PositiveIntegerField(stock, .validators = VALIDATORS(MaxValueValidator(99))),
        OptIntegerField(pages, .blank = true),
        DecimalField(price, .max_digits = 5, .decimal_places = 2),
        DateField(day), OptDateField(until, .blank = true), BooleanField(open),
        CharField(note, .max_length = 9, .blank = true),
        ForeignKey(shop, Shop, .on_delete = CASCADE)),
    CONSTRAINTS(CHECK_CONSTRAINT("price_above_1", Q(Offer, price, GT, 1)),
                CHECK_CONSTRAINT("until_after_day", Q_OR(Q(Offer, until, ISNULL, true), LOOKUP("until__gt", F("day")))),
                UNIQUE_CONSTRAINT_WHERE("one_open", Q(Offer, open, EQ, true), "shop"),
                UNIQUE_ON("one_note", EXPRESSIONS(Lower("note")), .check = (const Pred[]){ Q_NOT(Q(Offer, note, EQ, "")) },
                          .violation_error_message = "Somebody wrote this.", .violation_error_code = "note")),
};
/* clang-format on */
static const App offer_app = { .label = "offers", .models = MODELS(Shop, Offer) };

static Offer *right(Context *cx, Shop *shop, const char *title)
{
    Date day = { 20000 };
    return NEW_ROW(cx, Offer, .title = str_c(title), .size = STR("S"), .stock = 3, .price = decimal_of(250, -2),
                   .day = day, .shop = shop);
}

static Str texts(Context *cx, const RowErrors *errors)
{
    Buf b = BUF_INIT(cx->arena, 1 << 14);
    for (size_t i = 0; errors && i < errors->n; i++)
        for (size_t j = 0; j < errors->p[i].errors.n; j++) {
            const ValidationError *e = &errors->p[i].errors.p[j];
            buf_printf(&b, "%s%.*s[%.*s]: %.*s", b.n ? "\n" : "", STR_FMT(errors->p[i].field), STR_FMT(e->code),
                       STR_FMT(validation_error_text(cx->arena, e)));
        }
    return buf_view(&b);
}

static void fields(Context *cx)
{
    Shop *shop = CREATE(cx, Shop, .name = STR("one"));
    Offer *offer = right(cx, shop, "tea");
    CHECK_STR(texts(cx, FULL_CLEAN(cx, offer)), STR(""));
    CHECK_NULL(FULL_CLEAN(cx, offer));
    Offer *wrong = NEW_ROW(cx, Offer, .title = STR("too long"), .email = STR("nobody"), .size = STR("M"), .stock = -1,
                           .price = decimal_of(12345, -3), .shop_id = 77);
    CHECK_STR(texts(cx, FULL_CLEAN(cx, wrong)),
              STR("title[max_length]: Ensure this value has at most 5 characters (it has 8).\n"
                  "email[invalid]: Enter a valid email address.\n"
                  "size[invalid_choice]: Value 'M' is not a valid choice.\n"
                  "stock[min_value]: Ensure this value is greater than or equal to 0.\n"
                  "price[max_decimal_places]: Ensure that there are no more than 2 decimal places.\n"
                  "shop[invalid]: shop instance with id 77 is not a valid choice."));
    Offer *none = NEW_ROW(cx, Offer, .stock = 100, .price = decimal_of(2, 0));
    CHECK_STR(texts(cx, FULL_CLEAN(cx, none)),
              STR("title[blank]: This field cannot be blank.\nsize[blank]: This field cannot be blank.\n"
                  "stock[max_value]: Ensure this value is less than or equal to 99.\nshop[null]: This field cannot be "
                  "null."));
    RowErrors *some = FULL_CLEAN(cx, none, .exclude = ORDER("title", "size", "stock", "shop"));
    CHECK_NULL(some);
    Map *map = row_errors_map(FULL_CLEAN(cx, none));
    CHECK_EQ(map_count(map), 4u);
    CHECK_STR(map_get(map, STR("title"))->list->p[0].s, STR("This field cannot be blank."));
    CHECK_EQ(row_errors_of(FULL_CLEAN(cx, none), "shop")->n, 1u);
    CHECK_NULL(row_errors_of(FULL_CLEAN(cx, none), "email"));
}
TEST(validate, fields_by_themselves)
{
    with_app(&offer_app, fields);
}

static void own_rule(Context *cx)
{
    Shop *shop = CREATE(cx, Shop, .name = STR("one"));
    CHECK_STR(texts(cx, FULL_CLEAN(cx, right(cx, shop, "bad"))), STR("__all__[bad]: It is bad."));
    CHECK_STR(texts(cx, FULL_CLEAN(cx, right(cx, shop, "worse"))), STR("title[worse]: It is worse."));
    CHECK_NULL(FULL_CLEAN(cx, right(cx, shop, "bad"), .no_clean = true));
}
TEST(validate, the_models_own_rule)
{
    with_app(&offer_app, own_rule);
}

static void unique(Context *cx)
{
    Shop *shop = CREATE(cx, Shop, .name = STR("one")), *other = CREATE(cx, Shop, .name = STR("two"));
    Offer *first = right(cx, shop, "tea");
    first->email = STR("a@example.org");
    SAVE(cx, first);
    CHECK_NULL(FULL_CLEAN(cx, first)); /* not compared with itself */
    Offer *again = right(cx, shop, "tea");
    again->email = first->email;
    CHECK_STR(texts(cx, FULL_CLEAN(cx, again)),
              STR("__all__[unique_together]: Special offer with this Title and Shop already exists.\n"
                  "title[unique_for_date]: Title must be unique for Day month.\nemail[unique]: Taken!"));
    Offer *later = right(cx, other, "tea");
    later->day.days += 40;
    CHECK_NULL(FULL_CLEAN(cx, later));
    CHECK_STR(texts(cx, FULL_CLEAN(cx, right(cx, other, "tea"))),
              STR("title[unique_for_date]: Title must be unique for Day month."));
    CHECK_NULL(FULL_CLEAN(cx, right(cx, other, "tea"), .no_unique = true));
}
TEST(validate, what_must_be_unique)
{
    with_app(&offer_app, unique);
}

static void constraints(Context *cx)
{
    Shop *shop = CREATE(cx, Shop, .name = STR("one"));
    Offer *cheap = right(cx, shop, "tea");
    cheap->price = decimal_of(1, 0);
    CHECK_STR(texts(cx, FULL_CLEAN(cx, cheap)), STR("__all__[]: Constraint “price_above_1” is violated."));
    CHECK_NULL(FULL_CLEAN(cx, cheap, .exclude = ORDER("price")));
    CHECK_NULL(FULL_CLEAN(cx, cheap, .no_constraints = true));
    Offer *ended = right(cx, shop, "tea");
    ended->until = OPT(OptDate, ended->day);
    CHECK_STR(texts(cx, FULL_CLEAN(cx, ended)), STR("__all__[]: Constraint “until_after_day” is violated."));
    Date next = { ended->day.days + 1 };
    ended->until = OPT(OptDate, next);
    CHECK_NULL(FULL_CLEAN(cx, ended));
    ended->open = true;
    ended->note = STR("Hello");
    SAVE(cx, ended);
    CHECK_NULL(FULL_CLEAN(cx, ended));
    Offer *second = right(cx, shop, "milk");
    CHECK_NULL(FULL_CLEAN(cx, second));
    second->open = true;
    second->note = STR("HELLO");
    CHECK_STR(texts(cx, FULL_CLEAN(cx, second)),
              STR("__all__[]: Constraint “one_open” is violated.\n__all__[note]: Somebody wrote this."));
}
TEST(validate, constraints_are_judged_by_the_database)
{
    with_app(&offer_app, constraints);
}
