#include "models.h"

static Str country_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Country *)row)->name;
}

static Str publisher_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Publisher *)row)->name;
}

static Str author_str(Context *cx, const void *row)
{
    const Author *author = row;
    return str_format(cx->arena, "%.*s %.*s", STR_FMT(author->first_name), STR_FMT(author->last_name));
}

static Str category_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Category *)row)->name;
}

static Str tag_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Tag *)row)->name;
}

static Str product_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Product *)row)->name;
}

static Value new_sku(Context *cx)
{
    Uuid *sku = NEW(cx->arena, Uuid);
    return uuid_v4(sku) ? value_uuid(sku) : value_null();
}

static QuerySet *available(QuerySet *all) { return FILTER(all, Q(Product, available, EQ, true)); }

/* clang-format off */
const Model Country_model = {
    MODEL(Country),
    .ordering = ORDER("name"), .verbose_name_plural = "countries", .str = country_str,
    FIELDS(Country,
        CharField(code, .max_length = 2, .primary_key = true),
        CharField(name, .max_length = 60, .unique = true),
        BigIntegerField(population, .default_value = DEFAULT(0)),
        OptFloatField(area)),
};

const Model Publisher_model = {
    MODEL(Publisher),
    .str = publisher_str,
    FIELDS(Publisher,
        CharField(name, .max_length = 80),
        ForeignKey(country, Country, .on_delete = PROTECT, .related_name = "publishers"),
        OptDateField(founded, .blank = true),
        URLField(website, .blank = true),
        BooleanField(active, .default_value = DEFAULT(true)),
        OptDecimalField(rating, .max_digits = 4, .decimal_places = 2)),
};

const Model TimeStamped_model = {
    ABSTRACT(TimeStamped), .get_latest_by = "created",
    FIELDS(TimeStamped, DateTimeField(created), OptDateTimeField(updated, .blank = true)),
};

const Model Author_model = {
    MODEL(Author),
    .ordering = ORDER("last_name", "first_name", "id"), .str = author_str,
    FIELDS(Author,
        Abstract(stamps, TimeStamped),
        CharField(first_name, .max_length = 40),
        CharField(last_name, .max_length = 40, .db_index = true),
        EmailField(email, .unique = true),
        OptDateField(born, .blank = true),
        PositiveSmallIntegerField(age, .default_value = DEFAULT(30)),
        TextField(bio, .blank = true),
        ForeignKey(country, Country, .null = true, .on_delete = SET_NULL, .related_name = "authors"),
        ForeignKey(mentor, Author, .null = true, .blank = true, .on_delete = SET_NULL, .related_name = "mentees"),
        ManyToManyField(friends, Author, .symmetrical = true, .blank = true)),
    INDEXES(NAMED_INDEX("author_ln_born", "last_name", "-born")),
    CONSTRAINTS(CHECK_CONSTRAINT("author_age_gte_10", Q(Author, age, GTE, 10)),
                UNIQUE_ON("author_email_ci", EXPRESSIONS(Lower("email")))),
};

const Model Category_model = {
    MODEL(Category),
    .ordering = ORDER("sort", "name"), .verbose_name_plural = "categories", .str = category_str,
    .unique_together = (const char *const *const[]){ ORDER("parent", "name"), NULL },
    FIELDS(Category,
        CharField(name, .max_length = 50),
        SlugField(slug, .unique = true),
        ForeignKey(parent, Category, .null = true, .blank = true, .on_delete = CASCADE, .related_name = "children"),
        SmallIntegerField(sort, .default_value = DEFAULT(0))),
};

const Model Tag_model = {
    MODEL(Tag),
    .str = tag_str,
    FIELDS(Tag,
        CharField(name, .max_length = 30, .unique = true),
        CharField(color, .max_length = 7, .default_value = DEFAULT("#000000"))),
};

const Model Product_model = {
    MODEL(Product),
    .str = product_str, MANAGERS({ "in_stock", available }),
    FIELDS(Product,
        UUIDField(sku, .unique = true, .default_fn = new_sku, .not_editable = true),
        CharField(name, .max_length = 100),
        DecimalField(price, .max_digits = 8, .decimal_places = 2),
        OptFloatField(weight, .blank = true),
        PositiveIntegerField(stock, .default_value = DEFAULT(0)),
        BooleanField(available, .default_value = DEFAULT(true)),
        ForeignKey(category, Category, .on_delete = PROTECT, .related_name = "products"),
        JSONField(metadata, .null = true, .blank = true),
        DateField(added),
        ManyToManyField(tags, Tag, .blank = true, .related_name = "products")),
    INDEXES(INDEX("price"),
            INDEX_ON("product_name_price", EXPRESSIONS(ASC(F("name")), DESC(F("price")))),
            INDEX_WHERE("product_avail_added", Q(Product, available, EQ, true), "added")),
    CONSTRAINTS(CHECK_CONSTRAINT("price_non_negative", Q(Product, price, GTE, 0))),
};

const Model Book_model = {
    MODEL(Book),
    .ordering = ORDER("title", "id"),
    FIELDS(Book,
        Parent(product, Product),
        CharField(isbn, .max_length = 13, .unique = true),
        CharField(title, .max_length = 120),
        CharField(subtitle, .max_length = 120, .null = true, .blank = true),
        IntegerField(pages),
        OptDateField(published),
        ForeignKey(publisher, Publisher, .on_delete = CASCADE, .related_name = "books"),
        CharField(language, .max_length = 2, .default_value = DEFAULT("en"),
                  .choices = CHOICES(CHOICE("en", "English"), CHOICE("de", "German"), CHOICE("fr", "French"))),
        ForeignKey(author, Author, .on_delete = CASCADE, .related_name = "books"),
        OneToOneField(sequel_of, Book, .null = true, .blank = true, .on_delete = SET_NULL, .related_name = "sequel"),
        ManyToManyField(contributors, Author, .through = &Contribution_model, .related_name = "contributed_books")),
};

const Model Gadget_model = {
    MODEL(Gadget),
    FIELDS(Gadget,
        Parent(product, Product),
        SlugField(serial, .max_length = 20),
        OptDurationField(warranty),
        GenericIPAddressField(ip, .null = true, .blank = true),
        BigIntegerField(power, .default_value = DEFAULT(0)),
        OptTimeField(release_time)),
};

const Model Contribution_model = {
    MODEL(Contribution),
    FIELDS(Contribution,
        ForeignKey(author, Author, .on_delete = CASCADE),
        ForeignKey(book, Book, .on_delete = CASCADE),
        PositiveSmallIntegerField(role,
            .choices = CHOICES(CHOICE(1, "Editor"), CHOICE(2, "Translator"), CHOICE(3, "Illustrator"))),
        DecimalField(royalty, .max_digits = 5, .decimal_places = 2, .default_value = DEFAULT(0))),
    CONSTRAINTS(UNIQUE_CONSTRAINT("uniq_contribution", "author", "book", "role")),
};

const Model Review_model = {
    MODEL(Review),
    .ordering = ORDER("-posted"), .get_latest_by = "posted",
    FIELDS(Review,
        ForeignKey(book, Book, .on_delete = CASCADE, .related_name = "reviews"),
        CharField(reviewer, .max_length = 40),
        SmallIntegerField(stars),
        TextField(text, .blank = true),
        DateTimeField(posted),
        OptBooleanField(approved)),
};
/* clang-format on */

const App catalog_app = {
    .label = "catalog",
    .models = MODELS(Country, Publisher, Author, Category, Tag, Product, Book, Gadget, Contribution, Review),
};
