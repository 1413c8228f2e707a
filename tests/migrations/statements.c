#include "../orm/blog.h"

#include "migrations/changes.h"
#include "migrations/operation.h"
#include "migrations/writer.h"
#include <clef/base/vec.h>
#include <clef/migrations.h>

/* Which statements SQLite gets, and which operations the autodetector finds, where Django's own ways are not obvious. */

/* clang-format off */
static const Operation tree[] = {
    CreateModel("Owner", COLUMNS(BigAutoField(id, .primary_key = true, .auto_created = true),
                                 PositiveIntegerField(rank, .unique = true))),
    CreateModel("Item",
        COLUMNS(BigAutoField(id, .primary_key = true, .auto_created = true),
                IntegerField(n), DecimalField(price, .max_digits = 5, .decimal_places = 2), DateTimeField(at, .null = true),
                JSONField(notes, .null = true),
                ForeignKey(parent, "shop.Item", .on_delete = CASCADE, .null = true),
                ForeignKey(owner, "shop.Owner", .on_delete = CASCADE),
                ForeignKey(ranked, "shop.Owner", .on_delete = CASCADE, .to_field = "rank", .related_name = "+"),
                IntegerField(last)),
        INDEXES(NAMED_INDEX("by_n", "n")),
        CONSTRAINTS(UNIQUE_CONSTRAINT("one_last", "last")),
        UNIQUE_TOGETHER(ORDER("n", "last"))),
    { .kind = OPERATION_NONE },
};
/* clang-format on */

static ProjectState *state_with(Context *cx, const Operation *operations, ProjectState *s)
{
    s = s ? state_clone(cx->arena, s) : state_new(cx->arena);
    for (const Operation *op = operations; op->kind; op++)
        state_apply(cx, s, "shop", op);
    return s;
}

typedef struct Lines {
    Arena *a;
    Buf text;
} Lines;

static void collect(void *arg, Str sql)
{
    Lines *l = arg;
    buf_str(&l->text, sql);
    buf_byte(&l->text, '\n');
}

static Str statements_on(Context *cx, Str vendor, const Operation *op, bool back)
{
    Lines l = { cx->arena, BUF_INIT(cx->arena, 1 << 16) };
    ProjectState *from = state_with(cx, tree, NULL);
    SchemaEditor *e = editor_create(cx, vendor, collect, &l);
    OperationRun r = { .cx = cx, .editor = e, .app = "shop", .collect = true };
    buf_c(&l.text, "");
    for (; op->kind; op++) {
        ProjectState *to = state_clone(cx->arena, from);
        state_apply(cx, to, "shop", op);
        if (back)
            operation_backwards(&r, op, to, from);
        else
            operation_forwards(&r, op, from, to);
        from = to;
    }
    editor_finish(e);
    return buf_view(&l.text);
}

static Str statements(Context *cx, const Operation *op, bool back)
{
    return statements_on(cx, STR("sqlite"), op, back);
}

#define FORWARDS(...)  statements(cx, OPERATION_LIST(__VA_ARGS__), false)
#define BACKWARDS(...) statements(cx, OPERATION_LIST(__VA_ARGS__), true)

static void expressions(Context *cx)
{
#define GENERATED_AS(...) \
    FORWARDS(AddField(    \
        "item", GeneratedField(DecimalField(g, .max_digits = 5, .decimal_places = 2), .expression = __VA_ARGS__)))
    CHECK_STR_CONTAINS(GENERATED_AS(Round(F("n"))), STR("AS (ROUND(\"n\", 0)) VIRTUAL"));
    CHECK_STR_CONTAINS(GENERATED_AS(POW(F("n"), 2)), STR("AS ((POWER(\"n\",2))) VIRTUAL"));
    CHECK_STR_CONTAINS(GENERATED_AS(MUL(F("price"), 2)), STR("AS ((CAST((\"price\" * 2) AS NUMERIC))) VIRTUAL"));
    CHECK_STR_CONTAINS(GENERATED_AS(Cast(F("n"), FIELD_CHAR, .max_length = 4)), STR("CAST(\"n\" AS varchar(4))"));
    CHECK_STR_CONTAINS(GENERATED_AS(Cast(F("n"), FIELD_CHAR)), STR("CAST(\"n\" AS text)"));
    CHECK_STR_CONTAINS(FORWARDS(AddConstraint("item", CHECK_CONSTRAINT("c", Q_XOR(LOOKUP("n", 1), LOOKUP("last", 2))))),
                       STR("CHECK (((\"n\" = 1 OR \"last\" = 2) AND 1 = (CASE WHEN \"n\" = 1 THEN 1 ELSE 0 END + CASE "
                           "WHEN \"last\" = 2 "
                           "THEN 1 ELSE 0 END)))"));
    CHECK_STR_CONTAINS(FORWARDS(AddConstraint("item", CHECK_CONSTRAINT("c", LOOKUP("n__in", VALUES(1, value_null()))))),
                       STR("CHECK (\"n\" IN (1))"));
}

static void conditions(Context *cx)
{
#define CHECKED(...) FORWARDS(AddConstraint("item", CHECK_CONSTRAINT("c", __VA_ARGS__)))
#define JSON_KEY(path)                                                                                        \
    "(CASE WHEN JSON_TYPE(\"notes\", '" path "') IN ('false','true','null') THEN JSON_TYPE(\"notes\", '" path \
    "') ELSE JSON_EXTRACT(\"notes\", '" path "') END)"
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("notes__a", 1)), STR("CHECK (" JSON_KEY("$.\"a\"") " = JSON_EXTRACT('1', '$'))"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("notes__a__0__gt", 1)), STR("CHECK (" JSON_KEY("$.\"a\"[0]") " > 1)"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("notes__has_key", "a")),
                       STR("CHECK (JSON_TYPE(\"notes\", '$.\"a\"') IS NOT NULL)"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("notes", value_null())), STR("CHECK (\"notes\" = 'null')"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("notes__isnull", true)), STR("CHECK (\"notes\" IS NULL)"));
    CHECK_STR_CONTAINS(CHECKED(Q_NOT(LOOKUP("notes__a", 1))),
                       STR(" = JSON_EXTRACT('1', '$') AND \"notes\" IS NOT NULL))"));
    CHECK_STR_CONTAINS(FORWARDS(AddIndex("item", INDEX_ON("by_a", EXPRESSIONS(F("notes__a"))))),
                       STR("((" JSON_KEY("$.\"a\"") "))"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("at__year", 2024)),
                       STR("CHECK (\"at\" BETWEEN '2024-01-01 00:00:00' AND '2024-12-31 23:59:59.999999')"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("at__year__gt", 2024)), STR("CHECK (\"at\" > '2024-12-31 23:59:59.999999')"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("n__gt", 1.5)), STR("CHECK (\"n\" > 1)"));
    CHECK_STR_CONTAINS(CHECKED(LOOKUP("n__gte", 1.5)), STR("CHECK (\"n\" >= 2)"));
    CHECK_STR_CONTAINS(FORWARDS(AddIndex("item", INDEX_ON("by_price", EXPRESSIONS(Abs("price"))))),
                       STR("((CAST(((CAST(ABS(\"price\") AS NUMERIC))) AS NUMERIC)))"));
    /* What the database computes has no check; a new definition makes the table anew, whatever has changed. */
    Str sql = FORWARDS(AddField("item", GeneratedField(PositiveIntegerField(g), .expression = F("n"))));
    CHECK_STR_CONTAINS(sql, STR("\"g\" integer unsigned GENERATED ALWAYS AS (\"n\") VIRTUAL, "));
    /* A model of a migration may have a text of any length, and an index over a field that is gone by then. */
    CHECK_STR_CONTAINS(FORWARDS(AddField("item", CharField(any, .null = true))), STR("\"any\" varchar NULL"));
    CHECK_STR_CONTAINS(BACKWARDS(RemoveField("item", "n")), STR("CREATE INDEX \"by_n\""));
}
TEST(migrations, conditions_stand_in_tables_as_django_writes_them)
{
    with_database(":memory:", conditions);
}

TEST(migrations, expressions_stand_in_tables_as_django_writes_them)
{
    with_database(":memory:", expressions);
}

static void columns(Context *cx)
{
    /* A key of a positive number may be any number where it is no key of its own. */
    CHECK_STR_CONTAINS(FORWARDS(RemoveConstraint("item", "one_last")),
                       STR("\"ranked_id\" integer NOT NULL REFERENCES \"shop_owner\" (\"rank\")"));
    CHECK_STR_CONTAINS(FORWARDS(AddField("item", FloatField(f, .default_value = DEFAULT(0)))), STR(", 0.0 FROM"));
    CHECK_STR_CONTAINS(
        FORWARDS(AddField("item", DecimalField(d, .max_digits = 5, .decimal_places = 2, .default_value = DEFAULT(0)))),
        STR(", '0' FROM"));
    CHECK_STR_CONTAINS(FORWARDS(AddField("item", FloatField(f, .db_default = DEFAULT(2)))),
                       STR("DEFAULT 2.0 NOT NULL"));
    /* A new type of the key is that of keys to the table itself, and the implied key is the first column again. */
    Str sql = FORWARDS(AlterField("item", CharField(id, .primary_key = true, .max_length = 9)));
    CHECK_STR_CONTAINS(sql, STR("\"parent_id\" varchar(9) NULL REFERENCES \"shop_item\" (\"id\")"));
    sql = BACKWARDS(AlterField("item", CharField(id, .primary_key = true, .max_length = 9)));
    CHECK_STR_CONTAINS(sql,
                       STR("CREATE TABLE \"new__shop_item\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "));
    /* The type of the column stays: so do the tables with keys to it. */
    sql = FORWARDS(AlterField("owner", IntegerField(id, .primary_key = true)));
    CHECK_STR_CONTAINS(sql, STR("new__shop_owner"));
    CHECK(!str_contains(sql, STR("new__shop_item")));
    CHECK_STR_CONTAINS(FORWARDS(AlterField("owner", UUIDField(id, .primary_key = true))), STR("new__shop_item"));
    /* Columns stay where they are when a table they lead to is renamed. */
    CHECK_STR_CONTAINS(
        FORWARDS(RenameModel("Owner", "Keeper")),
        STR("\"owner_id\" bigint NOT NULL REFERENCES \"shop_keeper\" (\"id\") DEFERRABLE INITIALLY DEFERRED, "
            "\"ranked_id\""));
}
TEST(migrations, columns_are_djangos_after_a_change)
{
    with_database(":memory:", columns);
}

static size_t place(Str all, const char *part) { return str_find(all, str_c(part)); }

static void on_servers(Context *cx)
{
#define ON(vendor, ...) statements_on(cx, STR(vendor), OPERATION_LIST(__VA_ARGS__), false)
    /* MODIFY forgets what it does not say. */
    CHECK_STR(ON("mariadb", AlterField("item", BigIntegerField(n, .db_default = DEFAULT(3), .db_comment = "it's"))),
              STR("ALTER TABLE \"shop_item\" MODIFY \"n\" bigint DEFAULT 3 NOT NULL COMMENT 'it''s'\n"
                  "ALTER TABLE \"shop_item\" ALTER COLUMN \"n\" SET DEFAULT 3\n"));
    CHECK_STR(ON("mariadb", AlterField("item", IntegerField(n, .db_comment = "new"))),
              STR("ALTER TABLE \"shop_item\" MODIFY \"n\" integer NOT NULL COMMENT 'new'\n"));
    CHECK_STR_CONTAINS(ON("mariadb", AlterField("item", CharField(n, .max_length = 5, .db_collation = "utf8mb4_bin"))),
                       STR("MODIFY \"n\" varchar(5) COLLATE \"utf8mb4_bin\" NOT NULL\n"));
    CHECK_STR_CONTAINS(ON("postgresql", AlterField("item", CharField(n, .max_length = 5, .db_collation = "C"))),
                       STR("TYPE varchar(5) COLLATE \"C\" USING \"n\"::varchar(5)\n"));
    /* What is filled in is of the new type, and is there before NULL is refused. */
    static const char *const vendors[] = { "postgresql", "mariadb" };
    for (size_t i = 0; i < CLEF_COUNT(vendors); i++) {
        Str sql = statements_on(
            cx, str_c(vendors[i]),
            OPERATION_LIST(AlterField("item", CharField(at, .max_length = 9, .default_value = DEFAULT("x")))), false);
        size_t type = place(sql, "varchar(9)"), update = place(sql, "UPDATE"),
               null = place(sql, i ? "NOT NULL" : "SET NOT NULL");
        CHECK(type < update && update < null && null != STR_NPOS);
    }
    /* The name of a key tells its column. */
    CHECK_STR_CONTAINS(ON("postgresql", RenameField("item", "owner", "keeper")),
                       STR("ADD CONSTRAINT \"shop_item_keeper_id_"));
    CHECK_STR_CONTAINS(ON("postgresql", RenameField("item", "owner", "keeper")), STR("SET CONSTRAINTS %I IMMEDIATE"));
    /* An index that only LIKE uses goes with the text, and comes with the index. */
    CHECK_STR_CONTAINS(ON("postgresql", AlterField("item", CharField(last, .max_length = 5, .db_index = true))),
                       STR("varchar_pattern_ops"));
    CHECK(!str_contains(ON("postgresql", AlterField("item", CharField(last, .max_length = 5))), STR("_like")));
    /* A comment stands before a check; tables have comments, and indexes names, without being made anew. */
    CHECK_STR_CONTAINS(
        ON("mariadb", AddField("item", PositiveIntegerField(c, .default_value = DEFAULT(1), .db_comment = "c"))),
        STR("NOT NULL COMMENT 'c' CHECK (\"c\" >= 0)"));
    CHECK_STR(ON("mariadb", AlterModelTableComment("item", "it's")),
              STR("ALTER TABLE \"shop_item\" COMMENT = 'it''s'\n"));
    CHECK_STR(ON("postgresql", AlterModelTableComment("item", "c")), STR("COMMENT ON TABLE \"shop_item\" IS 'c'\n"));
    CHECK_STR(ON("postgresql", RenameIndex("item", "by_n", "n_by")), STR("ALTER INDEX \"by_n\" RENAME TO \"n_by\"\n"));
    CHECK_STR(ON("mariadb", RenameIndex("item", "by_n", "n_by")),
              STR("ALTER TABLE \"shop_item\" RENAME INDEX \"by_n\" TO \"n_by\"\n"));
    /* Values that are no texts. */
    CHECK_STR_CONTAINS(
        ON("postgresql", AddField("item", DurationField(d, .default_value = DEFAULT_DURATION("-1 02:30:00.5")))),
        STR("'-1 day 2:30:00.500000'::interval"));
    CHECK_STR_CONTAINS(ON("mariadb", AddField("item", FloatField(d, .default_value = DEFAULT(1.5)))),
                       STR("DEFAULT 1.5e0"));
    CHECK_STR_CONTAINS(ON("mariadb", AddField("item", DecimalField(d, .max_digits = 4, .decimal_places = 2,
                                                                   .default_value = DEFAULT_DECIMAL("1.50")))),
                       STR("DEFAULT 1.50 "));
    CHECK_STR(ON("mariadb", AddIndex("item", INDEX_WHERE("few", LOOKUP("n__gt", 3), "n"))),
              STR("CREATE INDEX \"few\" ON \"shop_item\" (\"n\")\n"));
    CHECK_STR_CONTAINS(ON("postgresql", AddConstraint("item", CHECK_CONSTRAINT("c", LOOKUP("price__gte", 0)))),
                       STR("CHECK (\"price\" >= 0)"));
    /* What a database has no index for is not dropped either. */
    CHECK_STR(ON("mariadb", AddIndex("item", INDEX_ON("low", EXPRESSIONS(Abs("n"))))), STR(""));
    CHECK_STR(statements_on(cx, STR("mariadb"),
                            OPERATION_LIST(AddIndex("item", INDEX_ON("low", EXPRESSIONS(Abs("n"))))), true),
              STR(""));
    /* What waits for the end is of the old names: it does not wait for new ones, and goes with its column. */
    CHECK_STR_CONTAINS(ON("postgresql",
                          AddField("item", ForeignKey(second, "shop.Owner", .on_delete = CASCADE, .null = true)),
                          RenameField("item", "second", "third")),
                       STR("RENAME COLUMN \"second_id\""));
    Str kept =
        ON("postgresql", AddField("item", IntegerField(z, .null = true, .db_index = true)), RemoveField("item", "z"));
    CHECK(!str_contains(kept, STR("CREATE INDEX")));
    kept = ON("postgresql", AddField("item", IntegerField(z, .null = true, .db_index = true)),
              RenameField("item", "z", "y"));
    CHECK(place(kept, "CREATE INDEX") < place(kept, "RENAME COLUMN"));
    /* A key of one table only becomes one of many: its index is Django's, not the key's own. */
    CHECK_STR_CONTAINS(
        statements_on(cx, STR("mariadb"),
                      OPERATION_LIST(AlterField("item", OneToOneField(owner, "shop.Owner", .on_delete = CASCADE))),
                      true),
        STR("CREATE INDEX \"shop_item_owner_id_"));
}
TEST(migrations, columns_are_altered_on_servers_as_django_does)
{
    with_database(":memory:", on_servers);
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
static const char *leaf(void *arg, const char *app)
{
    (void)arg, (void)app;
    return "0001_initial";
}

static Str words(Context *cx, ProjectState *from, ProjectState *to, Change **out)
{
    static const Questioner yes = { NULL, yes_field, seven, seven, NULL };
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    size_t n = changes_detect(cx, from, to, &yes, &(KnownMigrations){ leaf, NULL }, NULL, out);
    buf_c(&b, "");
    for (size_t i = 0; i < n; i++)
        for (const Operation *op = (*out)[i].operations; op->kind; op++) {
            buf_c(&b, b.n ? "; " : "");
            buf_str(&b, operation_describe(cx->arena, op));
        }
    return buf_view(&b);
}

static Str found(Context *cx, const Operation *more, Change **out)
{
    ProjectState *from = state_with(cx, tree, NULL);
    return words(cx, from, state_with(cx, more, from), out);
}
#define FOUND(...) found(cx, OPERATION_LIST(__VA_ARGS__), &changes)

static void finds(Context *cx)
{
    Change *changes;
    /* Nobody is asked what a computed column is to have; what it is computed from comes first. */
    CHECK_STR(FOUND(AddField("item", IntegerField(zed, .null = true)),
                    AddField("item", GeneratedField(IntegerField(all), .expression = ADD(F("zed"), 1)))),
              STR("Add field zed to item; Add field all to item"));
    CHECK(!changes->operations[1].drop_default);
    CHECK_STR(
        FOUND(AlterConstraint("item", { .name = "one_last", .unique = ORDER("last"), .violation_error_code = "x" })),
        STR("Alter constraint one_last on item"));
    CHECK_STR(str_c(changes->name), STR("0002_alter_item_one_last"));
    /* Messages are a part of the field; groups of choices are compared within. */
    CHECK_STR(FOUND(AlterField("item", IntegerField(n, .error_messages = ERROR_MESSAGES("null", "No n?")))),
              STR("Alter field n on item"));
    CHECK_STR_CONTAINS(migration_source(cx->arena, &changes->migration),
                       STR(".error_messages = ERROR_MESSAGES(\"null\", \"No n?\")"));
    CHECK_STR(FOUND(AlterField(
                  "item", IntegerField(n, .choices = CHOICES(CHOICE(0, "none"), CHOICE_GROUP("few", CHOICE(1, "one"),
                                                                                             CHOICE(2, "two")))))),
              STR("Alter field n on item"));
    CHECK_STR_CONTAINS(
        migration_source(cx->arena, &changes->migration),
        STR(".choices = CHOICES(CHOICE(0, \"none\"), CHOICE_GROUP(\"few\", CHOICE(1, \"one\"), CHOICE(2, \"two\")))"));
    CHECK_STR(FOUND(AlterField("item", ForeignKey(owner, "shop.Owner", .on_delete = SET_TO, .set_to = DEFAULT(1)))),
              STR("Alter field owner on item"));
    CHECK_STR_CONTAINS(migration_source(cx->arena, &changes->migration),
                       STR(".on_delete = SET_TO, .set_to = DEFAULT(1)"));
    /* The key that leads to a renamed field follows it. */
    CHECK_STR(FOUND(RenameField("owner", "rank", "place")), STR("Rename field rank on owner to place"));
    CHECK_STR(FOUND(RenameField("item", "n", "m")),
              STR("Remove index by_n from item; Rename field n on item to m; Alter unique_together for item (1 "
                  "constraint(s)); Create index by_n on field(s) m of model item"));
    CHECK_STR(FOUND(DeleteModel("Item")),
              STR("Alter unique_together for item (0 constraint(s)); Remove index by_n from item; Remove constraint "
                  "one_last from model item; Delete model Item"));
}
TEST(migrations, changes_are_djangos)
{
    with_database(":memory:", finds);
}

/* clang-format off */
static const Operation circle[] = {
    CreateModel("A", COLUMNS(BigAutoField(id, .primary_key = true), ForeignKey(b, "shop.B", .on_delete = CASCADE))),
    CreateModel("B", COLUMNS(BigAutoField(id, .primary_key = true), ForeignKey(c, "shop.C", .on_delete = CASCADE))),
    CreateModel("C", COLUMNS(BigAutoField(id, .primary_key = true), ForeignKey(a, "shop.A", .on_delete = CASCADE))),
    { .kind = OPERATION_NONE },
};
static const Operation between[] = {
    CreateModel("Other", COLUMNS(BigAutoField(id, .primary_key = true))),
    CreateModel("Thing", COLUMNS(BigAutoField(id, .primary_key = true),
                                 ManyToManyField(m, "shop.Other", .through_label = "shop.Link"))),
    CreateModel("Link", COLUMNS(BigAutoField(id, .primary_key = true), ForeignKey(o, "shop.Other", .on_delete = CASCADE),
                                ForeignKey(t, "shop.Thing", .on_delete = CASCADE))),
    { .kind = OPERATION_NONE },
};
/* clang-format on */

static void orders(Context *cx)
{
    Change *changes;
    ProjectState *none = state_new(cx->arena);
    CHECK_STR(words(cx, none, state_with(cx, circle, NULL), &changes),
              STR("Create model B; Create model A; Create model C; Add field c to b"));
    CHECK_STR(words(cx, state_with(cx, circle, NULL), none, &changes),
              STR("Remove field a from c; Remove field c from b; Delete model A; Delete model B; Delete model C"));
    CHECK_STR(words(cx, none, state_with(cx, between, NULL), &changes),
              STR("Create model Other; Create model Link; Create model Thing; Add field t to link"));
}
TEST(migrations, models_in_circles_come_in_djangos_order)
{
    with_database(":memory:", orders);
}
