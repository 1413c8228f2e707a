/* json.c: lookups in columns of JSON: keys, elements of arrays, null against nothing at all. */
#include "blog.h"
#include <clef/codec/json.h>

typedef struct Paper {
    MODEL_HEAD;
    Str name;
    Value data;
} Paper;
extern const Model Paper_model;
/* clang-format off */
const Model Paper_model = {
    MODEL(Paper), .ordering = ORDER("id"),
    FIELDS(Paper, CharField(name, .max_length = 9), JSONField(data, .null = true)),
};
/* clang-format on */
static const App desk_app = { .label = "desk", .models = MODELS(Paper) };

static Value parsed(Context *cx, const char *text)
{
    Value v;
    JsonError why;
    REQUIRE(json_read(cx->arena, str_c(text), (JsonOptions){ 0 }, &v, &why));
    return v;
}

static void fill(Context *cx)
{
    CREATE(cx, Paper, .name = STR("one"),
           .data = parsed(cx, "{\"size\": {\"w\": 20, \"h\": 9.5}, \"tags\": [\"a\", \"b\"], \"lang\": \"en\"}"));
    CREATE(cx, Paper, .name = STR("two"), .data = parsed(cx, "{\"size\": {\"w\": 3}, \"tags\": [], \"lang\": null}"));
    CREATE(cx, Paper, .name = STR("three"), .data = parsed(cx, "{\"tags\": [\"b\"], \"lang\": \"English\"}"));
    CREATE(cx, Paper, .name = STR("four"));
}

/* "one two": the rows of q. */
static Str names(Context *cx, QuerySet *q)
{
    Buf b = BUF_INIT(cx->arena, 1 << 10);
    const List *rows = queryset_list(VALUES_FLAT(q, "name"));
    for (size_t i = 0; i < rows->n; i++)
        buf_printf(&b, "%s%.*s", i ? " " : "", STR_FMT(rows->p[i].s));
    return buf_view(&b);
}
#define CHECK_FOUND(path, value, expected) \
    CHECK_STR(names(cx, FILTER(OBJECTS(cx, Paper), LOOKUP(path, value))), STR(expected))

static void keys(Context *cx)
{
    fill(cx);
    CHECK_FOUND("data__lang", "en", "one");
    CHECK_FOUND("data__size__w", 3, "two");
    CHECK_FOUND("data__size__w__gt", 3, "one"); /* as numbers: "20" comes before "3" as text */
    CHECK_FOUND("data__size__h__lt", 10.0, "one");
    CHECK_FOUND("data__tags__0", "b", "three");
    CHECK_FOUND("data__lang__istartswith", "EN", "one three");
    CHECK_FOUND("data__nothing", "x", "");
}
TEST(json_lookups, keys_and_elements)
{
    with_app(&desk_app, keys);
}

static void presence(Context *cx)
{
    fill(cx);
    List *both = list_new(cx->arena), *either = list_new(cx->arena);
    list_push(cx->arena, both, value_str(STR("size")));
    list_push(cx->arena, both, value_str(STR("lang")));
    list_push(cx->arena, either, value_str(STR("size")));
    list_push(cx->arena, either, value_str(STR("nothing")));
    CHECK_FOUND("data__has_key", "size", "one two");
    CHECK_FOUND("data__size__has_key", "h", "one");
    CHECK_FOUND("data__has_keys", both, "one two");
    CHECK_FOUND("data__has_any_keys", either, "one two");
    CHECK_FOUND("data__isnull", true, "four");
    CHECK_FOUND("data__lang__isnull", true, "four"); /* a null is something that is there */
    CHECK_FOUND("data__lang__isnull", false, "one two three");
    Value none = value_null();
    CHECK_FOUND("data__lang", none, "two");
}
TEST(json_lookups, what_is_there_and_what_is_null)
{
    with_app(&desk_app, presence);
}

static void whole(Context *cx)
{
    fill(cx);
    Value same = parsed(cx, "{\"lang\": \"English\", \"tags\": [\"b\"]}");
    Paper *three = GET_ROW(OBJECTS(cx, Paper), Paper, LOOKUP("name", "three"));
    CHECK(value_eq(three->data, same));
    CHECK_EQ(three->data.tag, VALUE_MAP);
    const List *widths = queryset_list(VALUES_FLAT(OBJECTS(cx, Paper), "data__size__w"));
    CHECK_EQ(widths->n, 4u);
    CHECK_EQ(widths->p[0].i, 20);
    CHECK_EQ(widths->p[3].tag, VALUE_NULL);
    /* MariaDB sorts JSON as the texts that it is to it, as in Django. */
    bool as_texts = str_eq(str_c(test_vendor()), STR("mariadb"));
    CHECK_STR(names(cx, ORDER_BY(FILTER(OBJECTS(cx, Paper), LOOKUP("data__has_key", "size")), "data__size__w")),
              as_texts ? STR("one two") : STR("two one"));
}
TEST(json_lookups, values_and_orders)
{
    with_app(&desk_app, whole);
}

/* --- texts, lists, what is in what */

static void texts(Context *cx)
{
    fill(cx);
    CREATE(cx, Paper, .name = STR("five"),
           .data = parsed(cx, "{\"lang\": \"a%b\", \"n\": 7, \"on\": true, \"0\": \"zero\"}"));
    CHECK_FOUND("data__lang__iexact", "EN", "one");
    CHECK_FOUND("data__lang__icontains", "GLIS", "three");
    CHECK_FOUND("data__lang__startswith", "Eng", "three");
    CHECK_FOUND("data__lang__iendswith", "LISH", "three");
    CHECK_FOUND("data__lang__regex", "^E.*h$", "three");
    CHECK_FOUND("data__lang__iregex", "^e", "one three");
    CHECK_FOUND("data__icontains", "ENGLISH", "three");
    CHECK_FOUND("data__on", true, "five");
    CHECK_FOUND("data__n__gte", 7, "five");
    CHECK_FOUND("data__has_key", "0", "five"); /* a key, not the first element */
    CHECK_FOUND("data__tags__0__isnull", false, "one three");
    List *langs = list_new(cx->arena), *numbers = list_new(cx->arena);
    list_push(cx->arena, langs, value_str(STR("en")));
    list_push(cx->arena, langs, value_str(STR("English")));
    list_push(cx->arena, numbers, value_int(3));
    list_push(cx->arena, numbers, value_int(20));
    CHECK_FOUND("data__lang__in", langs, "one three");
    CHECK_FOUND("data__size__w__in", numbers, "one two");
    CHECK_FOUND("data__size__w__range", numbers, "one two");
    CHECK_FOUND("data__tags", parsed(cx, "[\"b\"]"), "three");
    CHECK_FOUND("data__size", parsed(cx, "{\"w\": 3}"), "two");
    CHECK_FOUND("data", parsed(cx, "{\"tags\": [\"b\"], \"lang\": \"English\"}"), "three");
    CHECK_STR(names(cx, EXCLUDE(OBJECTS(cx, Paper), LOOKUP("data__lang", "en"))), STR("two three four five"));
    CHECK_STR(names(cx, EXCLUDE(OBJECTS(cx, Paper), LOOKUP("data__size__isnull", true))), STR("one two"));
}
TEST(json_lookups, texts_and_lists)
{
    with_app(&desk_app, texts);
}

static void lookup_contains(Context *cx) { CHECK_FOUND("data__contains", parsed(cx, "{\"lang\": \"en\"}"), "one"); }
static void lookup_contained(Context *cx)
{
    CHECK_FOUND("data__contained_by", parsed(cx, "{\"lang\": \"English\", \"tags\": [\"b\", \"c\"]}"), "three");
}

static void inside(Context *cx)
{
    fill(cx);
    if (str_eq(str_c(test_vendor()), STR("sqlite"))) {
        const Error *e = raised(cx, lookup_contains);
        CHECK_STR(str_c(e->code), STR("not_supported_error"));
        CHECK_STR(e->message, STR("contains lookup is not supported on this database backend."));
        CHECK_STR(raised(cx, lookup_contained)->message,
                  STR("contained_by lookup is not supported on this database backend."));
        return;
    }
    lookup_contains(cx);
    lookup_contained(cx);
    CHECK_FOUND("data__tags__contains", "a", "one");
}
TEST(json_lookups, what_contains_what)
{
    with_app(&desk_app, inside);
}

/* --- computed */

static Str json_of(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, 1 << 12);
    CHECK(json_write(&b, v, (JsonStyle){ .sort_names = true }));
    return buf_view(&b);
}

static void computed(Context *cx)
{
    fill(cx);
    QuerySet *q = FILTER(OBJECTS(cx, Paper), LOOKUP("name", "one"));
    q = ANNOTATE(q, AS("lang", KT("data__lang")), AS("w", KT("data__size__w")),
                 AS("pair", JSONArray("name", VAL("x"), 2)), AS("object", JSONObject(AS("name", "name"), AS("n", 2))));
    void *row = queryset_first(q, &Paper_model);
    Value v;
    REQUIRE(row_annotation(row, "lang", &v));
    CHECK_STR(v.s, STR("en"));
    REQUIRE(row_annotation(row, "pair", &v));
    CHECK_STR(json_of(cx, v), STR("[\"one\", \"x\", 2]"));
    REQUIRE(row_annotation(row, "object", &v));
    CHECK_STR(json_of(cx, v), STR("{\"n\": 2, \"name\": \"one\"}"));
}
TEST(json_lookups, made_of_columns)
{
    with_app(&desk_app, computed);
}
