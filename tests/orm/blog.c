#include "blog.h"
#include "../db/servers.h"

#include <stdlib.h>

static Str post_str(Context *cx, const void *row)
{
    (void)cx;
    return ((const Post *)row)->title;
}

static Value new_token(Context *cx)
{
    Uuid *u = NEW(cx->arena, Uuid);
    return uuid_v4(u) ? value_uuid(u) : value_null();
}

/* clang-format off */
const Model Country_model = {
    MODEL(Country),
    FIELDS(Country, CharField(code, .max_length = 2, .primary_key = true), CharField(name, .max_length = 60, .unique = true)),
};

const Model Author_model = {
    MODEL(Author),
    .ordering = ORDER("name"),
    FIELDS(Author, CharField(name, .max_length = 40, .db_index = true), EmailField(email, .unique = true),
           ForeignKey(country, Country, .null = true, .on_delete = PROTECT),
           ForeignKey(mentor, Author, .null = true, .on_delete = SET_NULL)),
};

const Model Tag_model = { MODEL(Tag), FIELDS(Tag, CharField(name, .max_length = 30)) };

const Model Post_model = {
    MODEL(Post),
    .ordering = ORDER("-created", "title"),
    .str = post_str,
    FIELDS(Post,
        CharField(title, .max_length = 200),
        SlugField(slug, .unique = true),
        ForeignKey(author, Author, .on_delete = CASCADE, .related_name = "posts"),
        TextField(body, .blank = true),
        PositiveIntegerField(views),
        OptIntegerField(rating, .choices = CHOICES(CHOICE(1, "poor"), CHOICE(5, "splendid"))),
        BooleanField(published, .default_value = DEFAULT(true)),
        DateTimeField(created, .auto_now_add = true),
        DateTimeField(changed, .auto_now = true),
        DecimalField(price, .max_digits = 7, .decimal_places = 2),
        UUIDField(token, .default_fn = new_token),
        OptDateField(day),
        CharField(note, .max_length = 20, .null = true),
        ManyToManyField(tags, Tag, .related_name = "posts")),
    INDEXES(INDEX("author", "-created")),
    CONSTRAINTS(CHECK_CONSTRAINT("views_small", Q(Post, views, LT, 1000000)), UNIQUE_CONSTRAINT("one_title", "author", "title")),
};

const Model Thing_model = {
    MODEL(Thing),
    FIELDS(Thing,
        TextField(text), OptBooleanField(maybe), FloatField(real), OptFloatField(opt_real),
        DecimalField(decimal, .max_digits = 10, .decimal_places = 3),
        OptDecimalField(opt_decimal, .max_digits = 10, .decimal_places = 3), DateField(date), TimeField(time),
        OptTimeField(opt_time), OptDateTimeField(opt_datetime), DurationField(duration), OptDurationField(opt_duration),
        OptUUIDField(opt_uuid), SmallIntegerField(small), PositiveSmallIntegerField(positive), BinaryField(bytes),
        URLField(url)),
};

/* clang-format on */

const App blog_app = { .label = "blog", .models = MODELS(Country, Author, Tag, Post, Thing) };

typedef struct Call {
    void (*fn)(Context *cx);
} Call;

static void call(Context *cx, void *arg) { ((Call *)arg)->fn(cx); }

static const App *const *current;

static void make_tables(Context *cx)
{
    for (size_t i = 0; current[i]; i++)
        schema_create(cx, STR(""), current[i]);
}

static void run(Context *cx, void (*fn)(Context *cx))
{
    const Error *e = attempt(cx, call, &(Call){ fn });
    if (e) {
        CHECK_STR(e->message, STR("nothing raised"));
        CHECK_STR(e->hint, STR(""));
    }
}

const char *test_vendor(void)
{
    const char *vendor = getenv("CLEF_TEST_DATABASE");
    return vendor ? vendor : "sqlite";
}

void sqlite_only(void)
{
    if (!str_eq(str_c(test_vendor()), STR("sqlite")))
        test_skip("it is about SQLite");
}

bool test_ddl_rolls_back(void) { return !str_eq(str_c(test_vendor()), STR("mariadb")); }

static bool on_sqlite(void) { return str_eq(str_c(test_vendor()), STR("sqlite")); }

Str test_tables(Context *cx, const char *prefix)
{
    const char *sql = on_sqlite() ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ORDER BY name"
                      : test_ddl_rolls_back()
                          ? "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE ? "
                            "ORDER BY tablename"
                          : "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
                            "AND table_name LIKE ? ORDER BY table_name";
    Value like = value_str(str_format(cx->arena, "%s%%", prefix));
    SqlRows rows = sql_query(cx, STR(""), str_c(sql), &like, 1);
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    for (size_t i = 0; i < rows.n; i++) {
        buf_c(&b, i ? " " : "");
        buf_str(&b, rows.rows[i][0].s);
    }
    return buf_view(&b);
}

bool test_has_column(Context *cx, const char *table, const char *column)
{
    Value names[] = { value_str(str_c(table)), value_str(str_c(column)) };
    Str sql = on_sqlite() ? STR("SELECT 1 FROM pragma_table_info(?) WHERE name = ?")
              : test_ddl_rolls_back()
                  ? STR("SELECT 1 FROM information_schema.columns WHERE table_name = ? AND column_name = ?")
                  : STR("SELECT 1 FROM information_schema.columns WHERE table_name = ? AND column_name = ? AND "
                        "table_schema = DATABASE()");
    return sql_query(cx, STR(""), sql, names, 2).n > 0;
}

/* CLEF_TEST_DATABASE: the server on which these tests run instead of SQLite. */
static DbConfig database(const char *path)
{
    if (getenv("CLEF_TEST_DATABASE"))
        return test_database(test_vendor());
    return (DbConfig){ .alias = STR("default"), .driver = &sqlite_driver, .name = str_c(path) };
}

static void with(const App *const *apps, const char *path, void (*first)(Context *cx), void (*fn)(Context *cx))
{
    current = apps;
    Arena *arena = arena_create(test_arena(), 0, 0);
    DbConfig config = database(path);
    Str error;
    if (!apps_populate(arena, apps, &error))
        CHECK_STR(error, STR(""));
    Databases *databases = databases_create(arena, &config, 1);
    Context cx;
    context_init(&cx, arena);
    cx.databases = databases;
    if (first)
        run(&cx, first);
    run(&cx, fn);
    context_finish(&cx);
    databases_destroy(databases);
    arena_destroy(arena);
}

static const App *const blog_alone[] = { &blog_app, NULL };
void with_blog(void (*fn)(Context *cx)) { with(blog_alone, ":memory:", make_tables, fn); }
void with_app(const App *app, void (*fn)(Context *cx))
{
    with((const App *const[]){ app, NULL }, ":memory:", make_tables, fn);
}
void with_apps(const App *const *apps, bool tables, void (*fn)(Context *cx))
{
    with(apps, ":memory:", tables ? make_tables : NULL, fn);
}
void with_database(const char *path, void (*fn)(Context *cx)) { with(blog_alone, path, NULL, fn); }

const Error *raised(Context *cx, void (*fn)(Context *cx))
{
    const Error *e = attempt(cx, call, &(Call){ fn });
    REQUIRE(e != NULL);
    return e;
}

void fill_blog(Context *cx)
{
    Country *no = CREATE(cx, Country, .code = STR("NO"), .name = STR("Norway"));
    Author *ada = CREATE(cx, Author, .name = STR("Ada"), .email = STR("ada@example.org"), .country_id = no->code);
    Author *bob = CREATE(cx, Author, .name = STR("Bob"), .email = STR("bob@example.com"), .mentor = ada);
    Author *eve = CREATE(cx, Author, .name = STR("Eve"), .email = STR("EVE@example.org"), .mentor = bob);
    CREATE(cx, Post, .title = STR("First"), .slug = STR("first"), .author = ada, .views = 10, .rating = OPT(OptInt, 5));
    CREATE(cx, Post, .title = STR("Second"), .slug = STR("second"), .author = ada, .views = 20, .note = STR("50%_off"));
    CREATE(cx, Post, .title = STR("Third"), .slug = STR("third"), .author = bob, .views = 30, .published = false);
    CREATE(cx, Post, .title = STR("fourth"), .slug = STR("fourth"), .author = eve, .views = 40,
           .rating = OPT(OptInt, 1));
    CREATE(cx, Post, .title = STR("Fifth"), .slug = STR("fifth"), .author = eve, .views = 50,
           .price = decimal_of(1250, -2));
}
