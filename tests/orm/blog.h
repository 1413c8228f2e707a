/* blog.h: the models that the tests of the ORM use, in a database of their own. */
#ifndef TESTS_ORM_BLOG_H
#define TESTS_ORM_BLOG_H

#include <clef/base.h>
#include <clef/db.h>
#include <clef/orm.h>
#include <clef/rt.h>
#include <clef/test.h>

typedef struct Country {
    MODEL_HEAD_NO_ID;
    Str code;
    Str name;
} Country;

typedef struct Author {
    MODEL_HEAD;
    Str name;
    Str email;
    REL_STR(Country, country);
    REL(struct Author, mentor);
} Author;

typedef struct Tag {
    MODEL_HEAD;
    Str name;
} Tag;

typedef struct Post {
    MODEL_HEAD;
    Str title;
    Str slug;
    REL(Author, author);
    Str body;
    int64_t views;
    OptInt rating;
    bool published;
    DateTime created;
    DateTime changed;
    Decimal price;
    Uuid token;
    OptDate day;
    Str note;
} Post;

/* One of each kind of column. */
typedef struct Thing {
    MODEL_HEAD;
    Str text;
    OptBool maybe;
    double real;
    OptDouble opt_real;
    Decimal decimal;
    OptDecimal opt_decimal;
    Date date;
    Time time;
    OptTime opt_time;
    OptDateTime opt_datetime;
    Duration duration;
    OptDuration opt_duration;
    OptUuid opt_uuid;
    int16_t small;
    int32_t positive;
    Str bytes;
    Str url;
} Thing;

extern const Model Country_model, Author_model, Tag_model, Post_model, Thing_model;
extern const App blog_app;

/* Runs fn(cx) with a context over a new database in memory that has the blog's tables. What it raises fails the test. */
void with_blog(void (*fn)(Context *cx));
/* The same with the tables of another application. */
void with_app(const App *app, void (*fn)(Context *cx));
/* The same for several, with their tables or without. */
void with_apps(const App *const *apps, bool tables, void (*fn)(Context *cx));
/* "sqlite", or on which server the tests run. */
const char *test_vendor(void);
/* Skips the test where it runs on another database. */
void sqlite_only(void);
/* Can the database take changes of tables back? MariaDB cannot: each is a commit. */
bool test_ddl_rolls_back(void);
/* The tables whose names begin so, sorted, with spaces between. */
Str test_tables(Context *cx, const char *prefix);
/* Has the table this column? */
bool test_has_column(Context *cx, const char *table, const char *column);
/* The same without the tables, on the database of this path. */
void with_database(const char *path, void (*fn)(Context *cx));
/* What fn raises; the test fails when it raises nothing. */
const Error *raised(Context *cx, void (*fn)(Context *cx));
/* Three authors and five posts. */
void fill_blog(Context *cx);

#endif
