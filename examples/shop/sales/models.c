#include "models.h"

static Str customer_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Customer *)row)->name;
}

static const Boxed limits[] = { CLEF_BOXED(1), CLEF_BOXED(100) };
static const Values whole_percents = { limits, 2 };

/* clang-format off */
const Model Customer_model = {
    MODEL(Customer),
    .str = customer_str,
    FIELDS(Customer,
        CharField(name, .max_length = 60),
        EmailField(email),
        DateTimeField(joined),
        BooleanField(vip, .default_value = DEFAULT(false)),
        ForeignKey(referrer, Customer, .null = true, .on_delete = SET_NULL, .related_name = "referred"),
        DecimalField(credit, .max_digits = 10, .decimal_places = 3, .default_value = DEFAULT(0)),
        ManyToManyField(favorite_tags, Tag, .related_name = "fans")),
};

const Model Profile_model = {
    MODEL(Profile),
    FIELDS(Profile,
        OneToOneField(customer, Customer, .primary_key = true, .on_delete = CASCADE),
        FileField(avatar, .upload_to = "avatars/", .blank = true),
        OptDateField(birthday),
        BooleanField(newsletter, .default_value = DEFAULT(true)),
        CharField(phone, .max_length = 20, .blank = true),
        OptTimeField(wake_up),
        BinaryField(blob, .null = true),
        JSONField(prefs, .default_value = DEFAULT_JSON("{}"))),
};

const Model Address_model = {
    MODEL(Address),
    .db_table = "sales_addr", ORDER_WITH_RESPECT_TO(Address, customer),
    FIELDS(Address,
        ForeignKey(customer, Customer, .on_delete = CASCADE, .related_name = "addresses"),
        CharField(line, .max_length = 100),
        CharField(city, .max_length = 50, .db_column = "town"),
        ForeignKey(country, Country, .on_delete = PROTECT, .related_name = "+")),
};

const Model Order_model = {
    MODEL(Order),
    .ordering = ORDER("-placed", "id"), .get_latest_by = "placed",
    FIELDS(Order,
        CharField(number, .max_length = 12, .unique = true),
        ForeignKey(customer, Customer, .on_delete = CASCADE, .related_name = "orders"),
        DateTimeField(placed),
        OptDateTimeField(paid_at),
        CharField(status, .max_length = 1, .default_value = DEFAULT(NEW_ORDER),
                  .choices = CHOICES(CHOICE(NEW_ORDER, "New"), CHOICE(PAID, "Paid"), CHOICE(SHIPPED, "Shipped"),
                                     CHOICE(CANCELLED, "Cancelled"))),
        DecimalField(total, .max_digits = 10, .decimal_places = 2, .default_value = DEFAULT(0)),
        ForeignKey(ship_to, Address, .null = true, .on_delete = SET_NULL, .related_name = "orders"),
        TextField(notes, .null = true),
        ManyToManyField(products, Product, .through = &OrderLine_model, .related_name = "orders")),
    INDEXES(NAMED_INDEX("order_status_placed", "status", "-placed")),
    CONSTRAINTS(CHECK_CONSTRAINT("paid_after_placed",
                                 Q_OR(LOOKUP("paid_at__isnull", true), LOOKUP("paid_at__gte", F("placed"))))),
};

const Model OrderLine_model = {
    MODEL(OrderLine),
    FIELDS(OrderLine,
        ForeignKey(order, Order, .on_delete = CASCADE, .related_name = "lines"),
        ForeignKey(product, Product, .on_delete = PROTECT, .related_name = "lines"),
        PositiveSmallIntegerField(qty, .default_value = DEFAULT(1)),
        DecimalField(unit_price, .max_digits = 8, .decimal_places = 2),
        FloatField(discount, .default_value = DEFAULT(0)),
        GeneratedField(DecimalField(subtotal, .max_digits = 12, .decimal_places = 2),
                       .expression = MUL(F("qty"), F("unit_price")), .db_persist = true)),
};

const Model Coupon_model = {
    MODEL(Coupon),
    FIELDS(Coupon,
        CharField(code, .max_length = 12, .primary_key = true),
        SmallIntegerField(percent),
        DateField(valid_from),
        OptDateField(valid_to),
        ForeignKey(customer, Customer, .null = true, .on_delete = CASCADE, .related_name = "coupons"),
        BooleanField(used, .default_value = DEFAULT(false), .db_default = DEFAULT(false))),
    CONSTRAINTS(CHECK_CONSTRAINT("percent_1_100", LOOKUP_BOXED("percent__range", { box_values, &whole_percents })),
                UNIQUE_CONSTRAINT_WHERE("one_unused_coupon", Q(Coupon, used, EQ, false), "customer")),
};

const Model Event_model = {
    MODEL(Event),
    FIELDS(Event,
        BigAutoField(id, .primary_key = true),
        CharField(kind, .max_length = 20),
        DateTimeField(at, .db_default = DEFAULT(Now())),
        DurationField(took),
        JSONField(payload, .null = true),
        ForeignKey(customer, Customer, .null = true, .on_delete = DO_NOTHING, .no_constraint = true, .related_name = "events")),
};

const Model Shelf_model = {
    MODEL(Shelf),
    FIELDS(Shelf,
        CompositePrimaryKey("aisle", "number"),
        CharField(aisle, .max_length = 3),
        IntegerField(number),
        IntegerField(capacity, .default_value = DEFAULT(10))),
};
/* clang-format on */

const App sales_app = {
    .label = "sales",
    .models = MODELS(Customer, Profile, Address, Order, OrderLine, Coupon, Event, Shelf),
};
