#include "../orm/blog.h"

#include "migrations/graph.h"
#include "migrations/writer.h"
#include <clef/migrations.h>

/* clang-format off */
static const Operation before[] = {
    CreateModel("Author", COLUMNS(BigAutoField(id, .primary_key = true), CharField(name, .max_length = 20))),
    CreateModel("Book",
        COLUMNS(BigAutoField(id, .primary_key = true),
                CharField(title, .max_length = 20),
                IntegerField(pages, .null = true),
                ForeignKey(author, "shop.Author", .on_delete = CASCADE)),
        INDEXES(NAMED_INDEX("by_pages", "pages"))),
    { .kind = OPERATION_NONE },
};
/* clang-format on */

static ProjectState *state_of(Context *cx, const Operation *operations)
{
    ProjectState *s = state_new(cx->arena);
    for (const Operation *op = operations; op->kind; op++)
        state_apply(cx, s, "shop", op);
    return s;
}

static bool yes_model(void *arg, const char *app, const char *old_name, const char *new_name)
{
    (void)arg, (void)app, (void)old_name, (void)new_name;
    return true;
}
static bool yes_field(void *arg, const char *model, const char *old_name, const char *new_name, const Field *f)
{
    (void)arg, (void)model, (void)old_name, (void)new_name, (void)f;
    return true;
}
static bool seven(void *arg, const char *model, const Field *f, Value *out)
{
    (void)arg, (void)model, (void)f;
    *out = value_int(7);
    return true;
}
static const Questioner yes = { yes_model, yes_field, seven, seven, NULL };
static const char *leaf(void *arg, const char *app)
{
    (void)arg, (void)app;
    return "0004_before";
}

/* What leads from `before` to the same with more operations, in words. */
static Str changes(Context *cx, const Operation *more, Change **out)
{
    ProjectState *to = state_of(cx, before);
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    for (const Operation *op = more; op->kind; op++)
        state_apply(cx, to, "shop", op);
    size_t n = changes_detect(cx, state_of(cx, before), to, &yes, &(KnownMigrations){ leaf, NULL }, NULL, out);
    for (size_t i = 0; i < n; i++)
        for (const Operation *op = (*out)[i].operations; op->kind; op++) {
            buf_c(&b, b.n ? "; " : "");
            buf_str(&b, operation_describe(cx->arena, op));
        }
    return buf_view(&b);
}
#define CHANGES(...) changes(cx, OPERATION_LIST(__VA_ARGS__), &found)

static void detects(Context *cx)
{
    Change *found;
    CHECK_STR(changes(cx, (const Operation[]){ { .kind = OPERATION_NONE } }, &found), STR(""));
    CHECK_STR(CHANGES(AddField("book", IntegerField(price))), STR("Add field price to book"));
    CHECK_STR(str_c(found->name), STR("0005_book_price"));
    CHECK(found->operations[0].drop_default);
    CHECK_STR(str_c(found->dependencies[0].name), STR("0004_before"));
    CHECK_STR(CHANGES(AddField("book", IntegerField(price, .null = true))), STR("Add field price to book"));
    CHECK(!found->operations[0].drop_default);
    CHECK_STR(CHANGES(RemoveField("book", "author")), STR("Remove field author from book"));
    CHECK_STR(CHANGES(RenameField("book", "title", "name")), STR("Rename field title on book to name"));
    CHECK_STR(str_c(found->name), STR("0005_rename_title_book_name"));
    CHECK_STR(CHANGES(RenameModel("Author", "Writer")), STR("Rename model Author to Writer"));
    CHECK_STR(CHANGES(AlterField("book", IntegerField(pages))), STR("Alter field pages on book"));
    CHECK(found->operations[0].drop_default);
    CHECK_STR(CHANGES(RemoveIndex("book", "by_pages")), STR("Remove index by_pages from book"));
    CHECK_STR(CHANGES(RenameIndex("book", "by_pages", "pages_idx")), STR("Rename index by_pages on book to pages_idx"));
    CHECK_STR(CHANGES(AlterUniqueTogether("book", ORDER("title", "author"))),
              STR("Alter unique_together for book (1 constraint(s))"));
    CHECK_STR(CHANGES(AddConstraint("book", UNIQUE_CONSTRAINT("one", "title"))),
              STR("Create constraint one on model book"));
    CHECK_STR(CHANGES(AlterModelTable("book", "books")), STR("Rename table for book to books"));
    CHECK_STR(CHANGES(AlterModelOptions("book", .ordering = ORDER("title"))), STR("Change Meta options on book"));
    CHECK_STR(CHANGES(DeleteModel("Book")), STR("Remove index by_pages from book; Delete model Book"));
    CHECK_STR(
        CHANGES(DeleteModel("Book"), DeleteModel("Author")),
        STR("Remove index by_pages from book; Remove field author from book; Delete model Author; Delete model Book"));
    CHECK_STR(CHANGES(AddField("author", ForeignKey(best, "shop.Book", .on_delete = CASCADE, .null = true))),
              STR("Add field best to author"));
}
TEST(migrations, changes_are_found)
{
    with_database(":memory:", detects);
}

/* Two models that refer to each other: one of the relations comes afterwards. */
static const Operation two[] = {
    CreateModel("A", COLUMNS(BigAutoField(id, .primary_key = true),
                             ForeignKey(b, "shop.B", .on_delete = CASCADE, .null = true))),
    CreateModel("B", COLUMNS(BigAutoField(id, .primary_key = true), ForeignKey(a, "shop.A", .on_delete = CASCADE)),
                INDEXES(NAMED_INDEX("by_a", "a"))),
    { .kind = OPERATION_NONE },
};
static void circle(Context *cx)
{
    Change *found;
    CHECK_STR(changes(cx, two, &found),
              STR("Create model A; Create model B; Add field b to a; Create index by_a on field(s) a of model b"));
    CHECK_EQ(found->operations[1].table->nfields, 2u);
}
TEST(migrations, models_may_refer_to_each_other)
{
    with_database(":memory:", circle);
}

static const Operation many[] = { CreateModel("A", COLUMNS(BigAutoField(id, .primary_key = true))),
                                  AddField("a", IntegerField(n)),
                                  AlterField("a", BigIntegerField(n)),
                                  RenameField("a", "n", "m"),
                                  AddField("a", IntegerField(gone)),
                                  CreateModel("B", COLUMNS(BigAutoField(id, .primary_key = true))),
                                  RemoveField("a", "gone"),
                                  AddIndex("a", NAMED_INDEX("i", "m")),
                                  DeleteModel("B"),
                                  { .kind = OPERATION_NONE } };
static const Operation fixed[] = { CreateModel("A", COLUMNS(BigAutoField(id, .primary_key = true))),
                                   RunSQL("SELECT 1", NULL),
                                   AddField("a", IntegerField(n)),
                                   { .kind = OPERATION_NONE } };

static void optimizes(Context *cx)
{
    const Operation *few = operations_optimize(cx->arena, "shop", many);
    CHECK_EQ(operations_count(few), 1u);
    CHECK_EQ(few[0].table->nfields, 2u);
    CHECK_STR(str_c(few[0].table->fields[1].name), STR("m"));
    CHECK_EQ((int)few[0].table->fields[1].kind, (int)FIELD_BIG_INTEGER);
    CHECK_EQ(few[0].table->nindexes, 1u);
    /* Nothing passes SQL of one's own. */
    CHECK_EQ(operations_count(operations_optimize(cx->arena, "shop", fixed)), 3u);
}
TEST(migrations, operations_are_merged)
{
    with_database(":memory:", optimizes);
}

static const Migration written = {
    .app = "shop",
    .name = "0002_more",
    .dependencies = DEPENDS({ "shop", "0001_initial" }),
    OPERATIONS(
        CreateModel(
            "Sale",
            COLUMNS(BigAutoField(id, .primary_key = true, .auto_created = true),
                    DecimalField(sum, .max_digits = 8, .decimal_places = 2, .default_value = DEFAULT_DECIMAL("1.50")),
                    CharField(state, .max_length = 5, .default_value = DEFAULT("a\"b"),
                              .choices = CHOICES(CHOICE("n", "New"), CHOICE("o", "Old"))),
                    JSONField(extra, .default_value = DEFAULT_JSON("[1, 2]")),
                    ForeignKey(book, "shop.Book", .on_delete = SET_NULL, .null = true)),
            .ordering = ORDER("-sum"), INDEXES(INDEX_WHERE("open_sales", LOOKUP("state", "n"), "sum")),
            CONSTRAINTS(CHECK_CONSTRAINT(
                "sane", Q_AND(LOOKUP("sum__gte", 0), LOOKUP_BOXED("sum__range", DEFAULT_JSON("[0, 9]")))))),
        RemoveField("book", "pages"), AlterUniqueTogether("book", ORDER("title", "author"))),
};

static void writes(Context *cx)
{
    Str source = migration_source(cx->arena, &written);
    CHECK_STR(
        source,
        STR("#include <clef/migrations.h>\n\nconst Migration shop_0002_more = {\n    .app = \"shop\",\n"
            "    .name = \"0002_more\",\n    .dependencies = DEPENDS({ \"shop\", \"0001_initial\" }),\n"
            "    OPERATIONS(\n        CreateModel(\"Sale\",\n"
            "                    COLUMNS(BigAutoField(id, .primary_key = true, .auto_created = true),\n"
            "                            DecimalField(sum, .max_digits = 8, .decimal_places = 2, .default_value = "
            "DEFAULT_DECIMAL(\"1.50\")),\n"
            "                            CharField(state, .max_length = 5, .default_value = "
            "DEFAULT(\"a\\\"b\"), "
            ".choices = CHOICES(CHOICE(\"n\", \"New\"), CHOICE(\"o\", \"Old\"))),\n"
            "                            JSONField(extra, .default_value = DEFAULT_JSON(\"[1, "
            "2]\")),\n"
            "                            ForeignKey(book, \"shop.Book\", .on_delete = "
            "SET_NULL, .null = true)),\n"
            "                    .ordering = ORDER(\"-sum\"),\n"
            "                    INDEXES(INDEX_WHERE(\"open_sales\", LOOKUP(\"state\", \"n\"), "
            "\"sum\")),\n"
            "                    CONSTRAINTS(CHECK_CONSTRAINT(\"sane\", "
            "Q_AND(LOOKUP(\"sum__gte\", 0), "
            "LOOKUP_BOXED(\"sum__range\", DEFAULT_JSON(\"[0, 9]\")))))),\n"
            "        RemoveField(\"book\", \"pages\"),\n"
            "        AlterUniqueTogether(\"book\", ORDER(\"title\", \"author\"))),\n};\n"));
    CHECK_STR(migration_index_source(cx->arena, "shop", (const char *const[]){ "0001_initial", "0002_more" }, 2),
              STR("/* The migrations of shop, in order. makemigrations writes this list. */\n"
                  "#include <clef/migrations.h>\n\nMIGRATIONS(shop_migrations,\n           shop_0001_initial,\n"
                  "           shop_0002_more);\n"));
}
TEST(migrations, are_written_as_c)
{
    with_database(":memory:", writes);
}

/* The state of the code is that of the migration that was made of it: nothing is found a second time. */
static void settles(Context *cx)
{
    const App *const apps[] = { &blog_app, NULL };
    Graph *g = graph_create(cx, apps);
    Change *found;
    CHECK_EQ(changes_detect(cx, graph_state(g, false, NULL), state_of_apps(cx, apps), &yes, NULL, NULL, &found), 0u);
}
TEST(migrations, the_code_and_its_migration_agree)
{
    with_database(":memory:", settles);
}
