/* fixture.c: fixtures written and read, over a small library with natural keys. */
#include "../orm/blog.h"
#include <clef/serializers.h>

typedef struct Writer {
    MODEL_HEAD;
    Str name;
    Str town;
} Writer;
typedef struct Subject {
    MODEL_HEAD;
    Str name;
} Subject;
typedef struct Volume {
    MODEL_HEAD;
    Str title;
    REL(Writer, writer);
    REL(struct Volume, sequel_of);
    DateTime printed;
    OptTime read_at;
    Duration took;
    Decimal price;
    Uuid token;
    Str blob;
    Value data;
    DateTime changed;
} Volume;
typedef struct Rack {
    MODEL_HEAD_NO_ID;
    Str aisle;
    int64_t number;
    Str note;
} Rack;
typedef struct Atlas {
    BASE(Volume, volume);
    int64_t maps;
} Atlas;
extern const Model Writer_model, Subject_model, Volume_model, Rack_model, Atlas_model;
/* clang-format off */
const Model Writer_model = { MODEL(Writer), NATURAL_KEY("name", "town"),
    FIELDS(Writer, CharField(name, .max_length = 20), CharField(town, .max_length = 20)) };
const Model Subject_model = { MODEL(Subject), NATURAL_KEY("name"), FIELDS(Subject, CharField(name, .max_length = 20, .unique = true)) };
const Model Volume_model = { MODEL(Volume), NATURAL_KEY("title", "writer__name"),
    FIELDS(Volume, CharField(title, .max_length = 20), ForeignKey(writer, Writer, .on_delete = CASCADE),
           ForeignKey(sequel_of, Volume, .null = true, .on_delete = SET_NULL), DateTimeField(printed), OptTimeField(read_at),
           DurationField(took), DecimalField(price, .max_digits = 6, .decimal_places = 2), UUIDField(token),
           BinaryField(blob), JSONField(data), DateTimeField(changed, .auto_now = true),
           ManyToManyField(subjects, Subject)) };
const Model Rack_model = { MODEL(Rack),
    FIELDS(Rack, CompositePrimaryKey("aisle", "number"), CharField(aisle, .max_length = 3), IntegerField(number),
           CharField(note, .max_length = 9)) };
const Model Atlas_model = { MODEL(Atlas), FIELDS(Atlas, Parent(volume, Volume), IntegerField(maps)) };
/* clang-format on */
/* Volumes first, so that natural keys have to sort them. */
static const App library_app = { .label = "library", .models = MODELS(Volume, Subject, Rack, Atlas, Writer) };

static void keep(Context *cx, void *arg, Str text)
{
    (void)cx;
    buf_str(arg, text);
}

static Str dump(Context *cx, FixtureStyle style, const Model *const *models, size_t n)
{
    Buf *b = NEW(cx->arena, Buf);
    *b = BUF_INIT(cx->arena, 1 << 20);
    FixtureWriter *w = fixture_writer_create(cx, style, keep, b);
    for (size_t i = 0; i < n; i++)
        fixture_write(w, ORDER_BY(queryset_of(cx, models[i]), "pk"));
    fixture_writer_end(w);
    return buf_view(b);
}

static FixtureText load(Context *cx, const char *json)
{
    FixtureText text = { .name = STR("some.json"), .text = str_c(json) };
    fixtures_load(cx, &text, 1, NULL);
    return text;
}

static const char *const all =
    "[{\"model\": \"library.volume\", \"pk\": 7, \"fields\": {\"title\": \"One\", \"writer\": 2, \"sequel_of\": null, "
    "\"printed\": \"2024-02-29T23:59:59.123Z\", \"read_at\": \"10:20:30.500\", \"took\": \"1 00:00:01.000002\", "
    "\"price\": "
    "\"3.50\", \"token\": \"00112233-4455-6677-8899-aabbccddeeff\", \"blob\": \"AP8=\", \"data\": {\"a\": [1, null, "
    "\"é\"]}, \"changed\": \"2001-01-01T00:00:00Z\", \"subjects\": [4, 9]}}, {\"model\": \"library.subject\", \"pk\": "
    "4, "
    "\"fields\": {\"name\": \"sea\"}}, {\"model\": \"library.subject\", \"pk\": 9, \"fields\": {\"name\": \"land\"}}, "
    "{\"model\": \"library.rack\", \"pk\": [\"A\", 3], \"fields\": {\"aisle\": \"A\", \"number\": 3, \"note\": "
    "\"\"}}, "
    "{\"model\": \"library.atlas\", \"pk\": 7, \"fields\": {\"maps\": 12}}, {\"model\": \"library.writer\", \"pk\": 2, "
    "\"fields\": {\"name\": \"Ann\", \"town\": \"Rome\"}}]";

static void there_and_back(Context *cx)
{
    FixtureText text = load(cx, all);
    CHECK(text.objects == 6 && text.loaded == 6);
    CHECK_STR(dump(cx, (FixtureStyle){ .indent = 0 }, library_app.models, 5), str_c(all));
    text = load(cx, all); /* the same rows once more */
    CHECK(text.loaded == 6 && COUNT(OBJECTS(cx, Volume)) == 1 && COUNT(OBJECTS(cx, Writer)) == 1);
    CHECK_STR(dump(cx, (FixtureStyle){ .indent = 0 }, library_app.models, 5), str_c(all));
}
TEST(serializers, what_is_loaded_is_dumped_again)
{
    with_app(&library_app, there_and_back);
}

static void layouts(Context *cx)
{
    load(cx, all);
    const Model *const subjects[] = { &Subject_model };
    CHECK_STR(dump(cx, (FixtureStyle){ .format = FIXTURE_JSONL }, subjects, 1),
              STR("{\"model\": \"library.subject\",\"pk\": 4,\"fields\": {\"name\": \"sea\"}}\n"
                  "{\"model\": \"library.subject\",\"pk\": 9,\"fields\": {\"name\": \"land\"}}\n"));
    CHECK_STR(
        dump(cx, (FixtureStyle){ .indent = 2 }, subjects, 1),
        STR("[\n{\n  \"model\": \"library.subject\",\n  \"pk\": 4,\n  \"fields\": {\n    \"name\": \"sea\"\n  "
            "}\n},\n{\n  "
            "\"model\": \"library.subject\",\n  \"pk\": 9,\n  \"fields\": {\n    \"name\": \"land\"\n  }\n}\n]\n"));
    CHECK_STR(dump(cx, (FixtureStyle){ .indent = 0 }, NULL, 0), STR("[]"));
}
TEST(serializers, lines_and_indents)
{
    with_app(&library_app, layouts);
}

static FixtureText load_as(Context *cx, FixtureFormat format, Str text)
{
    FixtureText one = { .name = STR("some"), .format = format, .text = text };
    fixtures_load(cx, &one, 1, NULL);
    return one;
}

/* The libraries are optional; which message says so is no matter here. */
static void make_writer(Context *cx, void *unused)
{
    (void)unused;
    (void)dump(cx, (FixtureStyle){ .format = FIXTURE_YAML }, NULL, 0);
}
static void read_some_xml(Context *cx, void *unused)
{
    (void)unused;
    (void)load_as(cx, FIXTURE_XML, STR("<django-objects/>"));
}
static void needs(Context *cx, AttemptFn *fn)
{
    const Error *e = attempt(cx, fn, NULL);
    if (e)
        test_skip(str_dup_c(cx->arena, e->message));
}

static void in_format(Context *cx, FixtureFormat format)
{
    load(cx, all);
    for (uint8_t indent = 0; indent < 5; indent += 4) {
        Str text = dump(cx, (FixtureStyle){ .format = format, .indent = indent }, library_app.models, 5);
        for (size_t i = 0; i < 5; i++)
            queryset_delete(queryset_of(cx, library_app.models[i]));
        CHECK_EQ(load_as(cx, format, text).loaded, 6u);
        CHECK_STR(dump(cx, (FixtureStyle){ .indent = 0 }, library_app.models, 5), str_c(all));
        CHECK_STR(dump(cx, (FixtureStyle){ .format = format, .indent = indent }, library_app.models, 5), text);
    }
}

static void in_xml(Context *cx)
{
    needs(cx, read_some_xml);
    in_format(cx, FIXTURE_XML);
    const Model *const models[] = { &Volume_model };
    CHECK_STR(dump(cx, (FixtureStyle){ .format = FIXTURE_XML, .indent = 2 }, models, 1),
              STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<django-objects version=\"1.0\">\n"
                  "  <object model=\"library.volume\" pk=\"7\">\n"
                  "    <field name=\"title\" type=\"CharField\">One</field>\n"
                  "    <field name=\"writer\" rel=\"ManyToOneRel\" to=\"library.writer\">2</field>\n"
                  "    <field name=\"sequel_of\" rel=\"ManyToOneRel\" to=\"library.volume\"><None></None></field>\n"
                  "    <field name=\"printed\" type=\"DateTimeField\">2024-02-29T23:59:59.123000+00:00</field>\n"
                  "    <field name=\"read_at\" type=\"TimeField\">10:20:30.500000</field>\n"
                  "    <field name=\"took\" type=\"DurationField\">1 00:00:01.000002</field>\n"
                  "    <field name=\"price\" type=\"DecimalField\">3.50</field>\n"
                  "    <field name=\"token\" type=\"UUIDField\">00112233-4455-6677-8899-aabbccddeeff</field>\n"
                  "    <field name=\"blob\" type=\"BinaryField\">AP8=</field>\n"
                  "    <field name=\"data\" type=\"JSONField\">{\"a\": [1, null, \"\\u00e9\"]}</field>\n"
                  "    <field name=\"changed\" type=\"DateTimeField\">2001-01-01T00:00:00+00:00</field>\n"
                  "    <field name=\"subjects\" rel=\"ManyToManyRel\" to=\"library.subject\"><object pk=\"4\"></object>"
                  "<object pk=\"9\"></object></field>\n"
                  "  </object>\n</django-objects>"));
}
TEST(serializers, xml_there_and_back)
{
    with_app(&library_app, in_xml);
}

static void in_yaml(Context *cx)
{
    needs(cx, make_writer);
    in_format(cx, FIXTURE_YAML);
    const Model *const models[] = { &Volume_model };
    CHECK_STR(dump(cx, (FixtureStyle){ .format = FIXTURE_YAML }, models, 1),
              STR("- model: library.volume\n  pk: 7\n  fields:\n    title: One\n    writer: 2\n    sequel_of: null\n"
                  "    printed: 2024-02-29 23:59:59.123000+00:00\n    read_at: '10:20:30.500000'\n"
                  "    took: 1 00:00:01.000002\n    price: '3.50'\n    token: 00112233-4455-6677-8899-aabbccddeeff\n"
                  "    blob: AP8=\n    data:\n      a:\n      - 1\n      - null\n      - é\n"
                  "    changed: 2001-01-01 00:00:00+00:00\n    subjects:\n    - 4\n    - 9\n"));
    CHECK_STR(dump(cx, (FixtureStyle){ .format = FIXTURE_YAML }, NULL, 0), STR("[]\n"));
}
TEST(serializers, yaml_there_and_back)
{
    with_app(&library_app, in_yaml);
}

static const struct {
    FixtureFormat format;
    const char *text, *wrong;
} wrong_texts[] = {
    { FIXTURE_XML, "<django-objects><object model='library.subject' pk='1'>", "line 1: no element found" },
    { FIXTURE_XML, "<!DOCTYPE a [<!ENTITY b 'c'>]>\n<django-objects></django-objects>", "DTDForbidden" },
    { FIXTURE_XML, "<django-objects>\n<object pk='1'></object></django-objects>", "line 2: <object> node is missing" },
    { FIXTURE_XML, "<a><object model='library.subject'><field type='CharField'>x</field></object></a>",
      "'name' attribute" },
    { FIXTURE_XML, "<a>\n\n<object model='library.nothing' pk='1'></object></a>",
      "Invalid model identifier: 'library.nothing'" },
    { FIXTURE_YAML, "- model: library.subject\n  pk: &a 1\n  fields: {name: *a}\n", "line 3: aliases are not taken" },
    { FIXTURE_YAML, "model: library.subject\n", "a fixture in YAML is a list of objects" },
    { FIXTURE_YAML, "- model: [\n", "line 2: " },
    { FIXTURE_YAML, "- 1\n", "line 1: an object of a fixture is a JSON object" },
};
static size_t wrong_at;
static void read_wrong(Context *cx)
{
    (void)load_as(cx, wrong_texts[wrong_at].format, str_c(wrong_texts[wrong_at].text));
}
static void wrong_xml_and_yaml(Context *cx)
{
    needs(cx, read_some_xml);
    needs(cx, make_writer);
    for (wrong_at = 0; wrong_at < CLEF_COUNT(wrong_texts); wrong_at++)
        CHECK_STR_CONTAINS(raised(cx, read_wrong)->message, str_c(wrong_texts[wrong_at].wrong));
    /* Scalars as YAML 1.1 has them, and texts that only look like others. */
    Str text = STR("# a comment\n- {model: library.subject, pk: 1, fields: {name: 'true'}}\n"
                   "- model: library.subject\n  pk: +2\n  fields: {name: sea of\n      words}\n");
    CHECK_EQ(load_as(cx, FIXTURE_YAML, text).loaded, 2u);
    CHECK_STR(GET_ROW(OBJECTS(cx, Subject), Subject, LOOKUP("pk", 1))->name, STR("true"));
    CHECK_STR(GET_ROW(OBJECTS(cx, Subject), Subject, LOOKUP("pk", 2))->name, STR("sea of words"));
}
TEST(serializers, wrong_xml_and_yaml_say_where)
{
    with_app(&library_app, wrong_xml_and_yaml);
}

static void naturals(Context *cx)
{
    load(cx, all);
    const Model **sorted = models_by_dependency(cx, library_app.models, 5, false);
    /* The writer and the subjects are needed by the volume, the volume by the atlas. */
    CHECK(sorted[0] == &Subject_model && sorted[1] == &Rack_model && sorted[2] == &Writer_model);
    CHECK(sorted[3] == &Volume_model && sorted[4] == &Atlas_model);
    FixtureStyle style = { .natural_foreign = true, .natural_primary = true };
    Str text = dump(cx, style, (const Model *const[]){ &Writer_model, &Subject_model, &Volume_model }, 3);
    CHECK(str_find(text, STR("\"writer\": [\"Ann\", \"Rome\"]")) != STR_NPOS);
    CHECK(str_find(text, STR("\"subjects\": [[\"sea\"], [\"land\"]]")) != STR_NPOS);
    CHECK(str_find(text, STR("\"pk\"")) == STR_NPOS);
    load(cx, str_dup_c(cx->arena, text)); /* known again by their natural keys */
    CHECK(COUNT(OBJECTS(cx, Volume)) == 1 && COUNT(OBJECTS(cx, Writer)) == 1 && COUNT(OBJECTS(cx, Subject)) == 2);
    CHECK_STR(dump(cx, (FixtureStyle){ .indent = 0 }, library_app.models, 5), str_c(all));
}
TEST(serializers, natural_keys)
{
    with_app(&library_app, naturals);
}

static void forward(Context *cx)
{
    FixtureText text = load(
        cx,
        "[{\"model\": \"library.volume\", \"pk\": 1, \"fields\": {\"title\": \"Two\", \"writer\": [\"Ann\", \"Rome\"], "
        "\"sequel_of\": [\"One\", \"Ann\"], \"subjects\": [[\"sea\"]]}},"
        "{\"model\": \"library.volume\", \"pk\": 2, \"fields\": {\"title\": \"One\", \"writer\": [\"Ann\", \"Rome\"]}},"
        "{\"model\": \"library.subject\", \"fields\": {\"name\": \"sea\"}},"
        "{\"model\": \"library.writer\", \"fields\": {\"name\": \"Ann\", \"town\": \"Rome\"}}]");
    CHECK(text.objects == 4 && text.loaded == 4);
    Volume *two = GET_ROW(OBJECTS(cx, Volume), Volume, Q(Volume, title, EQ, "Two"));
    CHECK(two->id == 1 && two->sequel_of_id == 2);
    CHECK_EQ(COUNT(RELATED_SET(cx, two, "subjects")), 1u);
}
TEST(serializers, natural_keys_of_rows_that_come_later)
{
    with_app(&library_app, forward);
}

static const char *wrong;
static void load_wrong(Context *cx) { load(cx, wrong); }

static void complaints(Context *cx)
{
    static const struct {
        const char *json, *says;
    } cases[] = {
        { "[{\"model\": \"library.wrter\", \"fields\": {}}]",
          "'some.json': Invalid model identifier: 'library.wrter'" },
        { "[{\"model\": \"library.writer\", \"pk\": 3, \"fields\": {\"nme\": 1}}]",
          "Writer has no field named 'nme': (library.writer:pk=3)" },
        { "[{\"model\": \"library.volume\", \"pk\": 3, \"fields\": {\"printed\": \"soon\"}}]",
          "(library.volume:pk=3) field_value was 'soon'" },
        { "[{\"model\": \"library.volume\", \"pk\": 3, \"fields\": {\"writer\": [\"No\", \"One\"]}}]",
          "Writer matching query does not exist.: (library.volume:pk=3)" },
        { "[{\"model\": \"library.writer\", \"pk\": 3, \"fields\": {\"name\": null}}]", "cannot be null" },
        { "[{\"model\": \"library.subject\", \"pk\": 1, \"fields\": {\"name\": \"a\"}}, {\"model\": "
          "\"library.subject\", \"pk\": "
          "2, \"fields\": {\"name\": \"a\"}}]",
          "'some.json': Could not load library.Subject(pk=2): " },
        { "[{\"model\": \"library.volume\", \"pk\": 3, \"fields\": {\"writer\": 99}}]",
          "Problem installing fixtures: The row in table 'library_volume' with primary key '3' has an invalid foreign "
          "key: "
          "library_volume.writer_id contains a value '99' that does not have a corresponding value in "
          "library_writer.id." },
        { "[{\"model\": \"library.writer\", \"pk\": 1, \"fields\": {\"name\": \"a\"}}", "'some.json': " },
        { "{}", "a fixture in JSON is a list of objects" },
        { "[1]", "a fixture in JSON is a list of objects" },
        { "[{\"model\": 1}]", "line 1: an object has no \"model\"" },
        { "[{\"model\": \"library.writer\"}]", "has no \"fields\"" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        wrong = cases[i].json;
        const Error *e = raised(cx, load_wrong);
        if (str_find(e->message, str_c(cases[i].says)) == STR_NPOS)
            CHECK_STR(e->message, str_c(cases[i].says));
        CHECK_EQ(COUNT(OBJECTS(cx, Writer)) + COUNT(OBJECTS(cx, Subject)) + COUNT(OBJECTS(cx, Volume)), 0u);
    }
}
TEST(serializers, errors_name_the_place_and_leave_nothing)
{
    with_app(&library_app, complaints);
}

static void passes(Context *cx)
{
    FixtureText text = {
        .name = STR("x"),
        .format = FIXTURE_JSONL,
        .text = STR("{\"model\": \"gone.model\", \"fields\": {}}\n\n"
                    "{\"model\": \"library.writer\", \"pk\": 1, \"fields\": {\"name\": \"Ann\", \"town\": \"\", "
                    "\"gone\": 1}}\n{\"model\": \"library.subject\", \"pk\": 1, \"fields\": {\"name\": \"a\"}}")
    };
    const Model *const without[] = { &Subject_model, NULL };
    fixtures_load(cx, &text, 1, &(FixtureLoad){ .ignore_nonexistent = true, .exclude = without });
    CHECK(text.objects == 2 && text.loaded == 1);
    CHECK(COUNT(OBJECTS(cx, Writer)) == 1 && COUNT(OBJECTS(cx, Subject)) == 0);
}
TEST(serializers, what_is_passed_over)
{
    with_app(&library_app, passes);
}
