/* What the shop sells, and who wrote it. */
#ifndef CATALOG_MODELS_H
#define CATALOG_MODELS_H

#include <clef/orm.h>

typedef struct Country {
    MODEL_HEAD_NO_ID;
    Str code;
    Str name;
    int64_t population;
    OptDouble area;
} Country;

typedef struct Publisher {
    MODEL_HEAD;
    Str name;
    REL_STR(Country, country);
    OptDate founded;
    Str website;
    bool active;
    OptDecimal rating;
} Publisher;

/* An abstract base: who inherits it has its columns. */
typedef struct TimeStamped {
    DateTime created;
    OptDateTime updated;
} TimeStamped;

typedef struct Author {
    MODEL_HEAD;
    TimeStamped stamps;
    Str first_name;
    Str last_name;
    Str email;
    OptDate born;
    int32_t age;
    Str bio;
    REL_STR(Country, country);
    REL(struct Author, mentor);
} Author;

typedef struct Category {
    MODEL_HEAD;
    Str name;
    Str slug;
    REL(struct Category, parent);
    int16_t sort;
} Category;

typedef struct Tag {
    MODEL_HEAD;
    Str name;
    Str color;
} Tag;

typedef struct Product {
    MODEL_HEAD;
    Uuid sku;
    Str name;
    Decimal price;
    OptDouble weight;
    int64_t stock;
    bool available;
    REL(Category, category);
    Value metadata;
    Date added;
} Product;

/* A product, with a table of its own for the rest. */
typedef struct Book {
    BASE(Product, product);
    Str isbn;
    Str title;
    Str subtitle;
    int64_t pages;
    OptDate published;
    REL(Publisher, publisher);
    Str language;
    REL(Author, author);
    REL(struct Book, sequel_of);
} Book;

typedef struct Gadget {
    BASE(Product, product);
    Str serial;
    OptDuration warranty;
    Str ip;
    int64_t power;
    OptTime release_time;
} Gadget;

typedef struct Contribution {
    MODEL_HEAD;
    REL(Author, author);
    REL(Book, book);
    int32_t role;
    Decimal royalty;
} Contribution;

typedef struct Review {
    MODEL_HEAD;
    REL(Book, book);
    Str reviewer;
    int16_t stars;
    Str text;
    DateTime posted;
    OptBool approved;
} Review;

extern const Model TimeStamped_model, Country_model, Publisher_model, Author_model, Category_model, Tag_model,
    Product_model, Book_model, Gadget_model, Contribution_model, Review_model;
extern const App catalog_app;

#endif
