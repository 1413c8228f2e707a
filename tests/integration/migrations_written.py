#!/usr/bin/env python3
"""Migrations that makemigrations writes of all kinds of fields and options: both compilers take them without a warning, in both
languages, and they say all: afterwards there is nothing to be made. Then the same models with everything altered, and taken back.

    tests/integration/migrations_written.py [sqlite] [postgresql] [mariadb]"""
import contextlib, glob, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import building, databases
from checking import check, closing

MODELS = r"""
#include <clef/clef.h>

typedef struct Shelf { MODEL_HEAD; Str code; int64_t number; } Shelf;
typedef struct Stamped { DateTime made; DateTime changed; } Stamped;
typedef struct Item {
    MODEL_HEAD;
    Str name, shown, slug, text, email, url, ip, blob, file, image, path, note;
    int64_t n, big, small, positive, positive_big, positive_small, chosen, computed;
    bool flag;
    OptBool maybe;
    double f;
    OptDouble maybe_f;
    Decimal price;
    OptDecimal maybe_price;
    Date day;
    Time hour;
    DateTime at;
    Duration length;
    Uuid uuid;
    Value json;
    OptInt opt;
    OptDate maybe_day;
    OptDateTime maybe_at;
    REL(Shelf, shelf);
    REL_STR(Shelf, by_code);
    REL(struct Item, parent);
    REL(Shelf, only);
    REL(ContentType, content_type);
    int64_t object_id;
    GENERIC_REL(content);
    Stamped stamps;
} Item;
typedef struct Special { BASE(Item, item); int64_t extra; } Special;
typedef Item Cheap;
typedef struct Bond { MODEL_HEAD; REL(Item, item); REL(Shelf, shelf); int64_t rank; int64_t _order; } Bond;
typedef struct Cell { MODEL_HEAD_NO_ID; int64_t row; Str col; REL(Shelf, shelf); } Cell;
typedef struct Keyed { MODEL_HEAD_NO_ID; Uuid key; Str t; } Keyed;
extern const Model Shelf_model, Stamped_model, Item_model, Special_model, Cheap_model, Bond_model, Cell_model, Keyed_model;

const Model Shelf_model = { MODEL(Shelf), .db_table_comment = "where \"things\" lie?" "?!",
    FIELDS(Shelf, CharField(code, .max_length = 7, .unique = true), IntegerField(number, .db_default = DEFAULT(3))) };
const Model Stamped_model = { ABSTRACT(Stamped), .get_latest_by = "made",
    FIELDS(Stamped, DateTimeField(made, .auto_now_add = true), DateTimeField(changed, .auto_now = true)) };

#ifndef SECOND
const Model Item_model = {
    MODEL(Item), .verbose_name = "thing", .verbose_name_plural = "things\\", .ordering = ORDER("-name", "n"), .default_related_name = "every",
    .permissions = PERMISSION_NAMES({ "can_sell", "Can \"sell\"" }, { "can_buy", "Can buy" }), .default_permissions = ORDER("add", "view"),
    FIELDS(Item,
        CharField(name, .max_length = 40, .default_value = DEFAULT("it's \"x\"\n\t\\"), .verbose_name = "Name\xc3\xa9", .help_text = "100% ?" "?/ sure",
                  .validators = VALIDATORS(MinLengthValidator(2), RegexValidator("^[^\\d\"]+$", .message = "no", .code = "c", .inverse_match = true), ProhibitNullCharactersValidator()),
                  .error_messages = ERROR_MESSAGES("null", "No?", "blank", "Not \"blank\"")),
        SlugField(slug, .no_db_index = true, .unique_for_date = "maybe_day"), TextField(text, .blank = true, .db_comment = "it's"),
        EmailField(email, .null = true, .unique = true), URLField(url, .max_length = 100, .validators = VALIDATORS(URLValidator(), validate_email)),
        GenericIPAddressField(ip, .protocol = "IPv4", .validators = VALIDATORS(validate_ipv4_address)), BinaryField(blob, .null = true),
        FileField(file, .upload_to = "f/%Y", .validators = VALIDATORS(FileExtensionValidator("pdf", "txt"))), ImageField(image, .blank = true),
        FilePathField(path, .path = "/tmp"), TextField(note, .db_default = DEFAULT("n'n")),
        IntegerField(n, .default_value = DEFAULT(-5), .validators = VALIDATORS(MinValueValidator(-9), MaxValueValidator(9), StepValueValidator(2))),
        BigIntegerField(big, .default_value = DEFAULT(INT64_C(9007199254740993)), .db_index = true), SmallIntegerField(small, .db_default = DEFAULT(-1)),
        PositiveIntegerField(positive, .unique = true), PositiveBigIntegerField(positive_big), PositiveSmallIntegerField(positive_small, .db_column = "Odd Name"),
        IntegerField(chosen, .choices = CHOICES(CHOICE(1, "one"), CHOICE_GROUP("more \"ones\"", CHOICE(2, "two"), CHOICE(3, "three")))),
        GeneratedField(IntegerField(computed), .expression = ADD(F("n"), MUL(F("big"), 2)), .db_persist = true),
        GeneratedField(CharField(shown, .max_length = 9), .expression = Cast(F("n"), FIELD_CHAR, .max_length = 9), .db_persist = true),
        BooleanField(flag, .default_value = DEFAULT(true)), OptBooleanField(maybe), FloatField(f, .default_value = DEFAULT(1.5)), OptFloatField(maybe_f, .db_default = DEFAULT(0.25)),
        DecimalField(price, .max_digits = 9, .decimal_places = 3, .default_value = DEFAULT_DECIMAL("1.500"), .validators = VALIDATORS(DecimalValidator(9, 3))),
        OptDecimalField(maybe_price, .max_digits = 4, .decimal_places = 0, .blank = true),
        DateField(day, .default_value = DEFAULT_DATE("2024-02-29")), TimeField(hour, .default_value = DEFAULT_TIME("23:59:59.000001")),
        DateTimeField(at, .default_value = DEFAULT_DATETIME("2024-01-31 10:30:00.25")), DurationField(length, .default_value = DEFAULT_DURATION("-1 02:30:00.5")),
        UUIDField(uuid, .default_value = DEFAULT_UUID("12345678-1234-5678-1234-567812345678")), JSONField(json, .default_value = DEFAULT_JSON("{\"a\": [1, \"x\\\"y\", null]}")),
        OptIntegerField(opt, .db_index = true), OptDateField(maybe_day), OptDateTimeField(maybe_at, .not_editable = true),
        ForeignKey(shelf, Shelf, .on_delete = PROTECT, .related_name = "items", .related_query_name = "thing"),
        ForeignKey(by_code, Shelf, .on_delete = CASCADE, .to_field = "code", .related_name = "+", .no_db_index = true),
        ForeignKey(parent, Item, .on_delete = SET_NULL, .null = true, .blank = true, .no_constraint = true),
        OneToOneField(only, Shelf, .on_delete = SET_TO, .set_to = DEFAULT(1), .related_name = "the_one", .db_column = "only_key"),
        ForeignKey(content_type, ContentType, .on_delete = DO_NOTHING), PositiveBigIntegerField(object_id), GenericForeignKey(content, content_type, object_id),
        ManyToManyField(shelves, Shelf, .related_name = "held", .db_table = "item_on_shelf"), ManyToManyField(linked, Shelf, .through = &Bond_model, .related_name = "+"),
        ManyToManyField(friends, Item, .symmetrical = true), Abstract(stamps, Stamped)),
    INDEXES(INDEX("name", "-n"), NAMED_INDEX("by_key", "shelf"), INDEX_WHERE("some", Q_OR(LOOKUP("n__gt", 3), Q_NOT(LOOKUP("name", "it's"))), "small")),
    CONSTRAINTS(UNIQUE_CONSTRAINT("one_name", "name", "n"),
                CHECK_CONSTRAINT("odd", Q_XOR(LOOKUP("n__lt", 50), LOOKUP_BOXED("day__gt", DEFAULT_DATE("1990-01-01")), LOOKUP("big__gt", ADD(F("n"), 1)))),
                CHECK_CONSTRAINT("whole", COND(LOOKUP_OF("lte", Mod(F("n"), 2), ExpressionWrapper(ADD(F("n"), VAL(500, .output = FIELD_INTEGER)), .output = FIELD_INTEGER)))),
                CHECK_CONSTRAINT("cases", LOOKUP("n__gte", Case(CASES(When(LOOKUP("small__gt", 1), -200), When(Q_NOT(LOOKUP("name", "")), VAL(-300))), .otherwise = DEFAULT(-400)))),
                CHECK_CONSTRAINT("few", Q_AND(LOOKUP("n__lt", 100), Q_OR(LOOKUP("small__isnull", false), LOOKUP_BOXED("n__in", DEFAULT_JSON("[1, 2]"))))),
                { .name = "said", .check = (const Pred[1]){ LOOKUP("n__gte", -100) }, .violation_error_message = "Too \"few\"", .violation_error_code = "few" }),
    UNIQUE_TOGETHER(ORDER("name", "small"), ORDER("big", "shelf")),
};
const Model Keyed_model = { MODEL(Keyed), .db_table = "keys of", FIELDS(Keyed, UUIDField(key, .primary_key = true), TextField(t)) };
#else
const Model Item_model = {
    MODEL(Item), .ordering = ORDER("n"), .get_latest_by = "at", .select_on_save = true, .default_permissions = ORDER(NULL),
    FIELDS(Item,
        CharField(name, .max_length = 50), SlugField(slug, .max_length = 60), TextField(text), EmailField(email, .null = true), URLField(url),
        GenericIPAddressField(ip), BinaryField(blob, .null = true), FileField(file), ImageField(image), FilePathField(path, .path = "/var"), TextField(note, .blank = true),
        IntegerField(n, .help_text = "n"), BigIntegerField(big), SmallIntegerField(small, .default_value = DEFAULT(2)), PositiveIntegerField(positive),
        PositiveBigIntegerField(positive_big, .db_index = true), PositiveSmallIntegerField(positive_small, .db_column = "odd"),
        IntegerField(chosen, .choices = CHOICES(CHOICE(1, "one"), CHOICE_GROUP("more", CHOICE(2, "two"))), .db_comment = "of few"), GeneratedField(IntegerField(computed), .expression = ADD(F("n"), MUL(F("big"), 2)), .db_persist = true),
        GeneratedField(CharField(shown, .max_length = 9), .expression = Cast(F("n"), FIELD_CHAR, .max_length = 9), .db_persist = true),
        BooleanField(flag), OptBooleanField(maybe, .default_value = DEFAULT(false)), FloatField(f), OptFloatField(maybe_f),
        DecimalField(price, .max_digits = 12, .decimal_places = 4), OptDecimalField(maybe_price, .max_digits = 5, .decimal_places = 1),
        DateField(day, .auto_now = true), TimeField(hour), DateTimeField(at), DurationField(length), UUIDField(uuid), JSONField(json), OptIntegerField(opt),
        OptDateField(maybe_day), OptDateTimeField(maybe_at),
        ForeignKey(shelf, Shelf, .on_delete = CASCADE), ForeignKey(by_code, Shelf, .on_delete = CASCADE, .to_field = "code", .related_name = "+"),
        ForeignKey(parent, Item, .on_delete = CASCADE, .null = true), OneToOneField(only, Shelf, .on_delete = RESTRICT, .related_name = "the_only"),
        ForeignKey(content_type, ContentType, .on_delete = CASCADE), PositiveBigIntegerField(object_id), GenericForeignKey(content, content_type, object_id),
        ManyToManyField(shelves, Shelf, .related_name = "held"), ManyToManyField(linked, Shelf, .through = &Bond_model, .related_name = "+"), Abstract(stamps, Stamped)),
    INDEXES(NAMED_INDEX("by_n", "-n"), NAMED_INDEX("by_shelf", "shelf")),
    CONSTRAINTS(UNIQUE_CONSTRAINT("one_name", "name"), CHECK_CONSTRAINT("few", LOOKUP("n__lt", 1000))),
};
const Model Keyed_model = { MODEL(Keyed), .db_table = "keys", FIELDS(Keyed, UUIDField(key, .primary_key = true), CharField(t, .max_length = 20)) };
#endif
const Model Special_model = { MODEL(Special), FIELDS(Special, Parent(item, Item), IntegerField(extra)) };
const Model Cheap_model = { PROXY(Cheap, Item), .ordering = ORDER("price"), .verbose_name = "bargain" };
const Model Bond_model = { MODEL(Bond), ORDER_WITH_RESPECT_TO(Bond, item),
    FIELDS(Bond, ForeignKey(item, Item, .on_delete = CASCADE), ForeignKey(shelf, Shelf, .on_delete = CASCADE), IntegerField(rank)) };
const Model Cell_model = { MODEL(Cell), FIELDS(Cell, CompositePrimaryKey("row", "col"), IntegerField(row), CharField(col, .max_length = 5), ForeignKey(shelf, Shelf, .on_delete = CASCADE)) };

#ifdef LISTED
extern const Migration *const store_migrations[];
#else
#define store_migrations NULL
#endif
static const App store_app = { .label = "store", .models = MODELS(Shelf, Item, Special, Cheap, Bond, Cell, Keyed), .migrations = store_migrations };
static void settings(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only-for-a-test-of-written-migrations-0123456789-0123456789");
    s->installed_apps = APPS(&contenttypes_app, &store_app);
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///site.sqlite3"));
}
int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "site", .settings = SETTINGS(settings) });
}
"""
STRICT = ["-Wall", "-Wextra", "-Werror", "-Werror=int-conversion", "-Werror=incompatible-pointer-types"]


class Site:
    def __init__(self, folder, vendor, url):
        self.folder, self.vendor, self.url = folder, vendor, url

    def files(self):
        return sorted(glob.glob(os.path.join(self.folder, "store/migrations/*.c")))

    def build(self, *flags):
        os.makedirs(os.path.join(self.folder, "store"), exist_ok=True)
        main = os.path.join(self.folder, "main.c")
        with open(main, "w") as f:
            f.write(MODELS)
        made = building.build(os.path.join(self.folder, "site"), [main] + self.files(), *flags, *(["-DLISTED"] if self.files() else []))
        return check(made.returncode == 0, f"{self.vendor}: it builds {flags}: {made.stderr[:3000]}")

    def run(self, *words, given=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
        env["DATABASE_URL"] = self.url
        return subprocess.run(["./site", *words], cwd=self.folder, env=env, input=given, capture_output=True, text=True, timeout=180)

    def compiles(self):
        for compiler in filter(shutil.which, ("gcc", "clang")):
            for language in ("gnu17", "gnu2x"):
                for file in self.files():
                    made = subprocess.run([compiler, "-std=" + language, *STRICT, "-I" + os.path.join(building.ROOT, "include"), "-fsyntax-only", file],
                                          capture_output=True, text=True)
                    check(made.returncode == 0, f"{compiler} {language} {os.path.basename(file)}: {made.stderr[:2000]}")

    def unchanged(self, what):
        done = self.run("makemigrations", "--check", "--dry-run", "-v", "3")
        check(done.returncode == 0 and "No changes detected" in done.stdout, f"{self.vendor}: {what}: nothing is left to be made: {done.stdout[:3000]} {done.stderr[:2000]}")

    def all_of(self, *words, says=""):
        done = self.run(*words)
        return check(done.returncode == 0 and says in done.stdout, f"{self.vendor}: {' '.join(words)}: {done.stdout[-1500:]} {done.stderr[-2500:]}")


def on(site):
    if not site.build() or not site.all_of("makemigrations", "store", "--no-input", says="Create model Item"):
        return
    if site.vendor == "sqlite":
        site.compiles()
    if not site.build():
        return
    site.unchanged("after the first")
    site.all_of("migrate", says="Applying store.0001_initial... OK")
    if not site.build("-DSECOND") or not site.all_of("makemigrations", "--no-input", "--name", "altered", says="Alter field"):
        return
    if site.vendor == "sqlite":
        site.compiles()
    if not site.build("-DSECOND"):
        return
    site.unchanged("after the second")
    site.all_of("migrate", says="0002_altered... OK")
    site.all_of("migrate", "store", "0001", says="Unapplying store.0002_altered... OK")
    site.all_of("migrate", "store", says="0002_altered... OK")
    site.all_of("sqlmigrate", "store", "0002", "--backwards")
    site.all_of("squashmigrations", "store", "0002", "--no-input")
    if site.vendor == "sqlite":
        site.compiles()
    if not site.build("-DSECOND"):
        return
    site.unchanged("after they were squashed")
    site.all_of("migrate", says="No migrations to apply")
    site.all_of("migrate", "store", "zero", says="OK")
    site.all_of("migrate", says="_squashed_0002_altered... OK")


def main():
    chosen = sys.argv[1:] or ["sqlite", "postgresql", "mariadb"]
    with contextlib.ExitStack() as stack:
        for vendor in chosen:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="clef-written-"))
            try:
                server = stack.enter_context(databases.SERVERS[vendor]()) if vendor != "sqlite" else None
            except databases.Missing as why:
                print(f"skipped {vendor}: {why}")
                continue
            on(Site(folder, vendor, server.url if server else "sqlite:///" + os.path.join(folder, "site.sqlite3")))
    return closing()


if __name__ == "__main__":
    sys.exit(main())
