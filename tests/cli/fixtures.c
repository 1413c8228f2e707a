/* fixtures.c: dumpdata, loaddata, remove_stale_contenttypes as commands of a project, and the fixtures of a test. */
#include "base/config.h"
#include <clef/clef.h>
#include <clef/contenttypes.h>
#include <clef/serializers.h>
#include <clef/test/client.h>

#include <sys/stat.h>
#include <unistd.h>

typedef struct Town {
    MODEL_HEAD;
    Str name;
} Town;
typedef struct Saying {
    MODEL_HEAD;
    Str text;
    REL(ContentType, about);
    REL(Town, town);
} Saying;
extern const Model Town_model, Saying_model;
/* clang-format off */
const Model Town_model = { MODEL(Town), NATURAL_KEY("name"), FIELDS(Town, CharField(name, .max_length = 20, .unique = true)) };
const Model Saying_model = { MODEL(Saying),
    FIELDS(Saying, CharField(text, .max_length = 20), ForeignKey(about, ContentType, .on_delete = CASCADE),
           ForeignKey(town, Town, .null = true, .on_delete = CASCADE)) };
/* clang-format on */
static const App towns_app = { .label = "towns", .models = MODELS(Town, Saying) };
static const App old_app = { .label = "old", .folder = "older" };

static const Url no_urls[] = { URLS_END };

static void settings(Settings *s)
{
    s->secret_key = STR("test");
    s->allowed_hosts = STRS("example.com");
    s->base_dir = str_c(test_dir());
    s->root_urlconf = no_urls;
    s->installed_apps = APPS(&contenttypes_app, &towns_app, &old_app);
    env_database(s, "default", "", STR("sqlite:///x.sqlite3"));
    env_database(s, "other", "", STR("sqlite:///y.sqlite3"));
}
static const Project project = { .name = "towns", .settings = SETTINGS(settings) };

static Context *begin(void)
{
    test_use_project(&project);
    return test_context();
}

static void folder(const char *name)
{
    REQUIRE(mkdir(str_format(test_arena(), "%s/%s", test_dir(), name).p, 0700) == 0);
}
static const char one_town[] = "[{\"model\": \"towns.town\", \"pk\": %d, \"fields\": {\"name\": \"t%d\"}}]";
static void town_in(const char *file, int pk) { test_file(file, str_format(test_arena(), one_town, pk, pk)); }
static void folders(void)
{
    test_use_project(&project);
    folder("towns");
    folder("towns/fixtures");
    folder("towns/fixtures/deep");
    folder("older");
    folder("older/fixtures");
    folder("more");
    Settings *s = test_site_settings();
    Str *dirs = NEW(test_arena(), Str);
    *dirs = STR("more");
    s->fixture_dirs = (StrList){ dirs, 1 };
}

static Str message(TestCommand c) { return c.error ? c.error->message : STR("nothing was raised"); }

static size_t towns(void) { return COUNT(OBJECTS(test_context(), Town)); }

TEST(fixtures, are_found_by_name)
{
    folders();
    town_in("towns/fixtures/here.json", 1);
    town_in("older/fixtures/here.json", 2);
    town_in("more/here.json", 3);
    town_in("towns/fixtures/deep/down.json", 4);
    town_in("more/only.json", 5);
    TestCommand c = TEST_COMMAND("loaddata", "here", "-v", "2");
    CHECK_EQ(c.status, 0);
    CHECK_STR_CONTAINS(c.out, STR("Loading 'here' fixtures...\n"));
    CHECK_STR_CONTAINS(c.out, STR("/towns/fixtures' for fixtures...\n"));
    CHECK_STR_CONTAINS(c.out, STR("No fixture 'here' in '"));
    CHECK_STR_CONTAINS(c.out, STR("Installed 3 object(s) from 3 fixture(s)\n"));
    CHECK_EQ(towns(), 3u);
    CHECK_EQ(TEST_COMMAND("loaddata", "deep/down").status, 0);
    CHECK_EQ(TEST_COMMAND("loaddata", "only.json").status, 0);
    CHECK_EQ(towns(), 5u);
    town_in("there.json", 6);
    CHECK_EQ(TEST_COMMAND("loaddata", str_format(test_arena(), "%s/there", test_dir()).p).status, 0);
    CHECK_EQ(TEST_COMMAND("loaddata", str_format(test_arena(), "%s/there.json", test_dir()).p).status, 0);
    CHECK_EQ(towns(), 6u);
    REQUIRE(chdir(test_dir()) == 0);
    town_in("local.json", 7);
    CHECK_EQ(TEST_COMMAND("loaddata", "local").status, 0);
    CHECK_EQ(towns(), 7u);
    /* One application only. */
    town_in("towns/fixtures/both.json", 8);
    town_in("older/fixtures/both.json", 9);
    CHECK_STR(TEST_COMMAND("loaddata", "--app", "old", "both").out, STR("Installed 1 object(s) from 1 fixture(s)\n"));
    CHECK_EQ(towns(), 8u);
}

TEST(fixtures, wrong_names_are_told)
{
    folders();
    town_in("more/two.json", 1);
    town_in("more/two.jsonl", 1);
    CHECK_STR(message(TEST_COMMAND("loaddata", "nothing")), STR("No fixture named 'nothing' found."));
    CHECK_STR(message(TEST_COMMAND("loaddata", "nothing.json")), STR("No fixture named 'nothing' found."));
    CHECK_STR(message(TEST_COMMAND("loaddata", "a/b.xyz")),
              STR("Problem installing fixture 'a/b': xyz is not a known serialization format."));
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "two")), STR("Multiple fixtures named 'two' in '"));
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "two")), STR("/more'. Aborting."));
    CHECK_EQ(TEST_COMMAND("loaddata", "two.json").status, 0);
    Settings *s = test_site_settings();
    Str *dirs = NEW_ARRAY(test_arena(), Str, 2);
    dirs[0] = dirs[1] = STR("more");
    s->fixture_dirs = (StrList){ dirs, 2 };
    CHECK_STR(message(TEST_COMMAND("loaddata", "two.json")), STR("settings.FIXTURE_DIRS contains duplicates."));
    dirs[1] = STR("towns/fixtures");
    CHECK_STR(message(TEST_COMMAND("loaddata", "two.json")),
              STR("'towns/fixtures' is a default fixture directory for the 'towns' app and cannot be listed in "
                  "settings.FIXTURE_DIRS."));
}

TEST(fixtures, may_name_their_database)
{
    folders();
    town_in("more/a.default.json", 1);
    town_in("more/a.other.json", 2);
    CHECK_EQ(TEST_COMMAND("loaddata", "a").status, 0);
    CHECK_EQ(TEST_COMMAND("loaddata", "a.json", "--database", "other").status, 0);
    CHECK_EQ(FIRST(OBJECTS(test_context(), Town), Town)->id, 1);
    CHECK_EQ(FIRST(queryset_using(OBJECTS(test_context(), Town), STR("other")), Town)->id, 2);
    town_in("more/a.json", 3);
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "a")), STR("Multiple fixtures named 'a'"));
    CHECK_EQ(TEST_COMMAND("loaddata", "a.other.json").status, 0); /* its name as it stands */
    CHECK_EQ(towns(), 2u);
}

static void packed_text(Str text)
{
    Buf packed = BUF_INIT(test_arena(), 1 << 20);
    REQUIRE(gzip_compress(&packed, text, (GzipOptions){ .format = GZIP_GZIP }));
    test_file("more/p.json.gz", buf_view(&packed));
    test_file("more/short.json.gz", str_slice(buf_view(&packed), 0, packed.n - 9));
    test_file("more/wrong.json.gz", STR("this is not packed"));
}

TEST(fixtures, may_be_packed)
{
    folders();
    packed_text(str_format(test_arena(), one_town, 1, 1));
    CHECK_EQ(TEST_COMMAND("loaddata", "p").status, 0);
    CHECK_EQ(TEST_COMMAND("loaddata", "p.json").status, 0);
    CHECK_EQ(TEST_COMMAND("loaddata", "p.json.gz").status, 0);
    CHECK_EQ(towns(), 1u);
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "short")), STR("short.json.gz': "));
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "wrong")), STR("compressed data is damaged"));
    town_in("more/p.json", 1);
    CHECK_STR_CONTAINS(message(TEST_COMMAND("loaddata", "p")), STR("Multiple fixtures named 'p'"));
}

/* --- what dumpdata writes, in each format, is what loaddata reads */

static void some_rows(Context *cx)
{
    Town *rome = CREATE(cx, Town, .name = STR("Rome"));
    CREATE(cx, Town, .name = STR("<Ülm & co>"));
    CREATE(cx, Saying, .text = STR("old"), .about_id = CONTENT_TYPE(cx, Town)->id, .town_id = rome->id);
}

static bool lacks(const char *format)
{
    if ((!CLEF_HAVE_EXPAT && strcmp(format, "xml") == 0) || (!CLEF_HAVE_YAML && strcmp(format, "yaml") == 0))
        return true;
    const Error *e = TEST_COMMAND("dumpdata", "towns", "--format", format).error;
    return e != NULL;
}

TEST(fixtures, dumpdata_in_every_format)
{
    static const struct {
        const char *format, *has;
    } formats[] = {
        { "json", "{\"model\": \"towns.town\", \"pk\": 1, \"fields\": {\"name\": \"Rome\"}}" },
        { "jsonl", "{\"model\": \"towns.town\",\"pk\": 1,\"fields\": {\"name\": \"Rome\"}}\n" },
        { "xml", "<field name=\"name\" type=\"CharField\">&lt;Ülm &amp; co&gt;</field>" },
        { "yaml", "- model: towns.town\n  pk: 1\n  fields:\n    name: Rome\n" },
    };
    Context *cx = begin();
    some_rows(cx);
    Str first = TEST_COMMAND("dumpdata", "towns").out;
    EACH_ROW (row, formats) {
        const char *file = str_format(test_arena(), "%s/rows.%s", test_dir(), row->format).p;
        if (lacks(row->format))
            continue;
        CHECK_STR_CONTAINS(TEST_COMMAND("dumpdata", "towns", "--format", row->format).out, str_c(row->has));
        TEST_COMMAND("dumpdata", "towns", "--format", row->format, "-o", file);
        queryset_delete(OBJECTS(cx, Town));
        CHECK_EQ(towns(), 0u);
        CHECK_STR(TEST_COMMAND("loaddata", file).out, STR("Installed 3 object(s) from 1 fixture(s)\n"));
        CHECK_STR(TEST_COMMAND("dumpdata", "towns").out, first);
    }
    CHECK_STR_CONTAINS(message(TEST_COMMAND("dumpdata", "--format", "csv")), STR("csv"));
}

TEST(fixtures, content_types_by_natural_keys)
{
    Context *cx = begin();
    some_rows(cx);
    TestCommand c = TEST_COMMAND("dumpdata", "towns", "--natural-foreign", "--natural-primary");
    CHECK_STR_CONTAINS(c.out, STR("{\"model\": \"towns.town\", \"fields\": {\"name\": \"Rome\"}}"));
    CHECK_STR_CONTAINS(c.out, STR("\"about\": [\"towns\", \"town\"], \"town\": [\"Rome\"]"));
    const char *file = test_file("natural.json", c.out);
    queryset_delete(OBJECTS(cx, Town));
    queryset_delete(OBJECTS(cx, ContentType)); /* the types get other keys in another database */
    content_types_clear_cache();
    CREATE(cx, ContentType, .id = 40, .app_label = STR("towns"), .model = STR("town"));
    CHECK_EQ(TEST_COMMAND("loaddata", file).status, 0);
    CHECK_EQ(FIRST(OBJECTS(cx, Saying), Saying)->about_id, 40);
    c = TEST_COMMAND("dumpdata", "contenttypes", "--natural-primary");
    CHECK_STR(c.out, STR("[{\"model\": \"contenttypes.contenttype\", \"fields\": {\"app_label\": \"towns\", \"model\": "
                         "\"town\"}}]"));
    content_types_clear_cache();
}

/* --- a fixture is read in little memory */

typedef struct Endless {
    FixtureFormat format;
    const char *begin, *row, *end;
} Endless;
enum { ROWS = 20000 };

/* What is left in the arena of so many rows; the rows' own memory is emptied again and again. */
static size_t memory_of(const Endless *e, int rows)
{
    Arena *a = test_arena();
    Buf text = BUF_INIT(a, 1 << 26);
    buf_c(&text, e->begin);
    for (int i = 1; i <= rows; i++) {
        if (e->format == FIXTURE_JSON && i > 1)
            buf_byte(&text, ',');
        for (const char *p = e->row; *p; p++)
            *p == '#' ? buf_i64(&text, i) : buf_byte(&text, *p);
    }
    buf_c(&text, e->end);
    const char *path = test_file("many", buf_view(&text));
    FixtureText file = { .name = STR("many"), .path = path, .format = e->format };
    Context *cx = test_context();
    size_t before = arena_used(cx->arena);
    fixtures_load(cx, &file, 1, NULL);
    size_t used = arena_used(cx->arena) - before;
    CHECK_EQ(file.loaded, (size_t)rows);
    CHECK(rows < ROWS || text.n > 1000000);
    queryset_delete(OBJECTS(cx, Town));
    return used;
}

TEST(fixtures, are_read_in_little_memory, .seconds = 60)
{
    static const Endless formats[] = {
        { FIXTURE_JSON, "[", "{\"model\": \"towns.town\", \"pk\": #, \"fields\": {\"name\": \"t#\"}}", "]" },
        { FIXTURE_JSONL, "", "{\"model\": \"towns.town\", \"pk\": #, \"fields\": {\"name\": \"t#\"}}\n", "" },
        { FIXTURE_XML, "<django-objects version='1.0'>",
          "<object model='towns.town' pk='#'><field name='name' type='CharField'>t#</field></object>",
          "</django-objects>" },
        { FIXTURE_YAML, "", "- model: towns.town\n  pk: #\n  fields:\n    name: t#\n", "" },
    };
    begin();
    EACH_ROW (row, formats)
        if (row->format == FIXTURE_JSON || row->format == FIXTURE_JSONL ||
            !lacks(row->format == FIXTURE_XML ? "xml" : "yaml"))
            CHECK(memory_of(row, ROWS) < memory_of(row, ROWS / 10) + 100000);
}

/* --- fixtures of a test */

TEST(fixtures, of_a_test, .fixtures = FIXTURES("first", "second.jsonl"))
{
    folders();
    town_in("towns/fixtures/first.json", 1);
    town_in("more/second.jsonl", 2);
    test_file("more/second.jsonl", STR("{\"model\": \"towns.town\", \"pk\": 2, \"fields\": {\"name\": \"t2\"}}"));
    Context *cx = test_context();
    CHECK_EQ(towns(), 2u);
    CHECK_EQ(COUNT(queryset_using(OBJECTS(cx, Town), STR("other"))), 2u);
    CREATE(cx, Town, .name = STR("t3"));
    CHECK_EQ(LAST(OBJECTS(cx, Town), Town)->id, 3);
}

/* --- remove_stale_contenttypes */

TEST(fixtures, stale_content_types_are_removed)
{
    Context *cx = begin();
    ContentType *gone = CREATE(cx, ContentType, .app_label = STR("towns"), .model = STR("village"));
    CREATE(cx, ContentType, .app_label = STR("forgotten"), .model = STR("thing"));
    CREATE(cx, Saying, .text = STR("x"), .about_id = gone->id);
    size_t before = COUNT(OBJECTS(cx, ContentType));
    TestCommand c = TEST_COMMAND("remove_stale_contenttypes"); /* standard input is empty: nobody said yes */
    CHECK_STR_CONTAINS(c.out, STR("Some content types in your database are stale and can be deleted:"));
    CHECK_STR_CONTAINS(c.out, STR("    - Content type for towns.village\n"));
    CHECK_STR_CONTAINS(c.out, STR("Stale content types remain."));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), before);
    c = TEST_COMMAND("remove_stale_contenttypes", "--no-input");
    CHECK_STR_CONTAINS(c.out, STR("Deleted 2 row(s).\n"));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), before - 1);
    CHECK_EQ(COUNT(OBJECTS(cx, Saying)), 0u);
    c = TEST_COMMAND("remove_stale_contenttypes", "--no-input", "--include-stale-apps");
    CHECK_STR_CONTAINS(c.out, STR("    - Content type for forgotten.thing\n"));
    CHECK_EQ(COUNT(OBJECTS(cx, ContentType)), before - 2);
    CHECK_STR(TEST_COMMAND("remove_stale_contenttypes", "--no-input").out, STR(""));
}
