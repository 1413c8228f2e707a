/*
 * fixture_xml.c: fixtures in XML. They are read by libexpat, which a process loads when it first needs it. It is told a
 * piece at a time; what it says of objects is noted in a record of bytes on the heap (its callbacks cannot be left by a
 * jump), and becomes JSON from there. Document types are refused, and with them entities of their own.
 */
#include "base/config.h"
#include "serializers/serializers.h"
#include <clef/codec/json.h>

bool xml_text(Buf *b, Str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
            return false;
        if (c == '&')
            BUF_LIT(b, "&amp;");
        else if (c == '<')
            BUF_LIT(b, "&lt;");
        else if (c == '>')
            BUF_LIT(b, "&gt;");
        else
            buf_byte(b, (char)c);
    }
    return true;
}

void xml_attribute(Buf *b, const char *name, Str value)
{
    buf_printf(b, " %s=\"", name);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '"')
            BUF_LIT(b, "&quot;");
        else if (value.p[i] == '\n')
            BUF_LIT(b, "&#10;");
        else if (value.p[i] == '\t')
            BUF_LIT(b, "&#9;");
        else if (value.p[i] == '\r')
            BUF_LIT(b, "&#13;");
        else
            (void)xml_text(b, str_slice(value, i, i + 1));
    BUF_LIT(b, "\"");
}

#if CLEF_HAVE_EXPAT

#include <dlfcn.h>
#include <expat.h>

enum { RECORD_MAX = 1 << 28 /* one object and a piece */ };

#define FUNCTIONS(F)                                                                                                 \
    F(ParserCreate), F(ParserFree), F(SetUserData), F(SetElementHandler), F(SetCharacterDataHandler),                \
        F(SetStartDoctypeDeclHandler), F(StopParser), F(GetBuffer), F(ParseBuffer), F(GetErrorCode), F(ErrorString), \
        F(GetCurrentLineNumber)

typedef struct ExpatLibrary {
#define MEMBER(f) __typeof__(XML_##f) *f
    MEMBER(ParserCreate);
    MEMBER(ParserFree);
    MEMBER(SetUserData);
    MEMBER(SetElementHandler);
    MEMBER(SetCharacterDataHandler);
    MEMBER(SetStartDoctypeDeclHandler);
    MEMBER(StopParser);
    MEMBER(GetBuffer);
    MEMBER(ParseBuffer);
    MEMBER(GetErrorCode);
    MEMBER(ErrorString);
    MEMBER(GetCurrentLineNumber);
} ExpatLibrary;

static ExpatLibrary library;

static bool load(Str *error)
{
    static bool loaded;
#define NAME(f)                              \
    {                                        \
        "XML_" #f, offsetof(ExpatLibrary, f) \
    }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = { FUNCTIONS(NAME) };
    _Static_assert(CLEF_COUNT(functions) * sizeof(void *) == sizeof(ExpatLibrary), "every function is looked up");
    if (loaded)
        return true;
    void *so = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so) {
        *error = STR("fixtures in XML need libexpat.so.1, which is not installed (Debian: libexpat1)");
        return false;
    }
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *f = dlsym(so, functions[i].name);
        if (!f) {
            *error = STR("fixtures in XML need a newer libexpat; this one lacks a function");
            return false;
        }
        memcpy((char *)&library + functions[i].at, &f, sizeof f);
    }
    return loaded = true;
}

/* --- what expat tells */

/* 'S' line name, pairs of names and values, an empty name; 'T' text; 'E'. Texts end at a NUL, which XML has not. */
struct FixtureXml {
    FixtureSource *source;
    XML_Parser parser;
    Buf record;
    size_t at;      /* up to here the record was read */
    size_t depth;   /* of elements within the object at hand; 0: between objects */
    size_t objects; /* whole ones behind `at` */
    bool doctype, ended;
};

static void text_noted(FixtureXml *t, const char *text)
{
    buf_c(&t->record, text);
    buf_byte(&t->record, 0);
}

/* What is around objects, and what is none, is not noted. */
static void XMLCALL element_begins(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    FixtureXml *t = arg;
    if (!t->depth && strcmp(name, "object") != 0)
        return;
    t->depth++;
    buf_byte(&t->record, 'S');
    buf_printf(&t->record, "%zu", (size_t)library.GetCurrentLineNumber(t->parser));
    buf_byte(&t->record, 0);
    text_noted(t, name);
    for (; *attributes; attributes++)
        text_noted(t, *attributes);
    buf_byte(&t->record, 0);
    if (t->record.failed)
        library.StopParser(t->parser, XML_FALSE);
}

static void XMLCALL element_ends(void *arg, const XML_Char *name)
{
    FixtureXml *t = arg;
    (void)name;
    if (!t->depth)
        return;
    buf_byte(&t->record, 'E');
    t->objects += --t->depth == 0;
    if (t->record.failed)
        library.StopParser(t->parser, XML_FALSE);
}

static void XMLCALL text_comes(void *arg, const XML_Char *text, int n)
{
    FixtureXml *t = arg;
    if (!t->depth)
        return;
    buf_byte(&t->record, 'T');
    buf_add(&t->record, text, (size_t)n);
    buf_byte(&t->record, 0);
    if (t->record.failed)
        library.StopParser(t->parser, XML_FALSE);
}

static void XMLCALL doctype_begins(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                   int own)
{
    FixtureXml *t = arg;
    (void)name, (void)system, (void)public, (void)own;
    t->doctype = true;
    library.StopParser(t->parser, XML_FALSE);
}

static void end_telling(void *arg)
{
    FixtureXml *t = arg;
    library.ParserFree(t->parser);
    buf_finish(&t->record);
}

/* One piece more. */
static bool listen(FixtureXml *t, Arena *a, Str *error)
{
    char *piece = library.GetBuffer(t->parser, FIXTURE_PIECE);
    if (!piece) {
        *error = STR("there is no memory for a parser of XML");
        return false;
    }
    buf_consume(&t->record, t->at);
    t->at = 0;
    size_t n = fixture_pull(t->source, piece, FIXTURE_PIECE);
    t->ended = n == 0;
    if (t->source->error)
        return false;
    if (library.ParseBuffer(t->parser, (int)n, t->ended) == XML_STATUS_OK)
        return true;
    size_t line = (size_t)library.GetCurrentLineNumber(t->parser);
    *error = t->doctype ? str_format(a, "line %zu: a fixture has no document type (DTDForbidden)", line)
             : t->record.failed
                 ? STR("the object is too large")
                 : str_format(a, "line %zu: %s", line, library.ErrorString(library.GetErrorCode(t->parser)));
    return false;
}

/* --- from the record to JSON */

typedef struct Element {
    Str name;
    size_t line;
    const char *attributes;
} Element;

typedef struct Records {
    Arena *a;
    const char *at, *end;
    Element element; /* behind 'S' */
    Str text;        /* behind 'T' */
    Str error;
    JsonWriter json;
} Records;

static Str take_text(Records *r)
{
    Str s = str_c(r->at);
    r->at += s.n + 1;
    return s;
}

/* 'S', 'T', 'E'; 0 at the end. */
static char take(Records *r)
{
    int64_t line;
    if (r->at >= r->end)
        return 0;
    char kind = *r->at++;
    if (kind == 'T')
        r->text = take_text(r);
    if (kind != 'S')
        return kind;
    r->element.line = str_to_i64(take_text(r), &line) ? (size_t)line : 0;
    r->element.name = take_text(r);
    r->element.attributes = r->at;
    while (*r->at)
        (void)take_text(r);
    r->at++;
    return kind;
}

/* The NULL string: there is no such attribute. */
static Str attribute(const Element *e, const char *name)
{
    for (const char *p = e->attributes; *p;) {
        Str key = str_c(p), value = str_c(p + key.n + 1);
        if (str_eq(key, str_c(name)))
            return value;
        p += key.n + value.n + 2;
    }
    return (Str){ 0 };
}

static bool fails(Records *r, const char *what)
{
    if (!r->error.n)
        r->error = str_format(r->a, "line %zu: %s", r->element.line, what);
    return false;
}

/* All text up to the end of the element that has begun, trimmed; elements within it are counted by name. */
typedef struct Inside {
    Str text;
    bool none;     /* <None></None> */
    List *natural; /* texts of <natural>; NULL: none */
} Inside;

static Inside take_inside(Records *r)
{
    Inside in = { .natural = NULL };
    Buf text = BUF_INIT(r->a, RECORD_MAX), one = BUF_INIT(r->a, RECORD_MAX);
    bool natural = false;
    for (size_t depth = 1; depth;) {
        char kind = take(r);
        if (kind == 'S') {
            depth++;
            in.none |= str_eq(r->element.name, STR("None"));
            if (str_eq(r->element.name, STR("natural"))) {
                natural = true;
                one = BUF_INIT(r->a, RECORD_MAX);
            }
        } else if (kind == 'T') {
            buf_str(natural ? &one : &text, r->text);
        } else {
            depth--;
            if (natural) {
                in.natural = in.natural ? in.natural : list_new(r->a);
                list_push(r->a, in.natural, value_str(str_trim(buf_view(&one))));
            }
            natural = false;
        }
    }
    in.text = str_trim(buf_view(&text));
    return in;
}

static bool write_plain(Records *r, Str type, const Inside *in)
{
    Value v;
    JsonError e = { 0 };
    bool is_bool = str_eq(type, STR("BooleanField")) || str_eq(type, STR("NullBooleanField"));
    if (in->none)
        return json_null(&r->json);
    if (is_bool && (str_eq(in->text, STR("True")) || str_eq(in->text, STR("False"))))
        return json_bool(&r->json, in->text.n == 4);
    if (!str_eq(type, STR("JSONField")))
        return json_str(&r->json, in->text);
    if (!json_read(r->a, in->text, (JsonOptions){ .nan = true, .replace_surrogates = true }, &v, &e))
        return fails(r, "the text of a JSONField is no JSON");
    return json_value(&r->json, v);
}

/* <object pk="1"></object> and <object><natural>...</natural></object>, as a list. */
static bool write_many(Records *r)
{
    json_array(&r->json);
    for (;;) {
        char kind = take(r);
        if (kind == 'E' || !kind)
            return json_array_end(&r->json);
        if (kind == 'T')
            continue;
        bool object = str_eq(r->element.name, STR("object"));
        Str pk = attribute(&r->element, "pk");
        Inside in = take_inside(r);
        if (object && in.natural)
            json_value(&r->json, value_list(in.natural));
        else if (object && pk.p)
            json_str(&r->json, pk);
        else if (object)
            return fails(r, "an object of a list of keys has neither a pk nor a natural key");
    }
}

static bool write_field(Records *r)
{
    Str name = attribute(&r->element, "name"), rel = attribute(&r->element, "rel"),
        type = attribute(&r->element, "type");
    if (!name.n)
        return fails(r, "<field> node is missing the 'name' attribute");
    json_name(&r->json, name);
    if (str_eq(rel, STR("ManyToManyRel")))
        return write_many(r);
    Inside in = take_inside(r);
    if (in.natural)
        return json_value(&r->json, value_list(in.natural));
    return write_plain(r, type, &in);
}

static bool write_object(Records *r)
{
    Str model = attribute(&r->element, "model"), pk = attribute(&r->element, "pk");
    if (!model.n)
        return fails(r, "<object> node is missing the required 'model' attribute");
    json_object(&r->json);
    json_name(&r->json, STR("model"));
    json_str(&r->json, model);
    if (pk.p) {
        json_name(&r->json, STR("pk"));
        json_str(&r->json, pk);
    }
    json_name(&r->json, STR("fields"));
    json_object(&r->json);
    for (;;) {
        char kind = take(r);
        if (kind == 'E' || !kind) {
            json_object_end(&r->json);
            return json_object_end(&r->json);
        }
        if (kind == 'T')
            continue;
        if (!str_eq(r->element.name, STR("field")))
            (void)take_inside(r);
        else if (!write_field(r))
            return fails(r, r->json.error ? r->json.error : "the object is too large");
    }
}

FixtureXml *fixture_xml_create(Arena *a, FixtureSource *source, Str *error)
{
    if (!load(error))
        return NULL;
    FixtureXml *t = NEW(a, FixtureXml);
    *t = (FixtureXml){ .source = source, .record = BUF_INIT(NULL, RECORD_MAX) };
    t->parser = library.ParserCreate(NULL);
    if (!t->parser) {
        *error = STR("there is no memory for a parser of XML");
        return NULL;
    }
    arena_defer(a, end_telling, t);
    library.SetUserData(t->parser, t);
    library.SetElementHandler(t->parser, element_begins, element_ends);
    library.SetCharacterDataHandler(t->parser, text_comes);
    library.SetStartDoctypeDeclHandler(t->parser, doctype_begins);
    return t;
}

bool fixture_xml_next(FixtureXml *t, Arena *a, FixtureLine *out, Str *error)
{
    while (!t->objects)
        if (t->ended || !listen(t, a, error))
            return false;
    Buf text = BUF_INIT(a, RECORD_MAX);
    const char *from = t->record.p;
    Records r = { .a = a, .at = from + t->at, .end = from + t->record.n };
    (void)take(&r);
    *out = (FixtureLine){ .line = r.element.line };
    json_writer_init(&r.json, &text, (JsonStyle){ .unicode = true, .nan = true, .depth_max = JSON_DEPTH_MAX });
    if (!write_object(&r) || !json_writer_end(&r.json)) {
        (void)fails(&r, r.json.error ? r.json.error : "the object is too large");
        *error = r.error;
        return false;
    }
    t->at = (size_t)(r.at - from);
    t->objects--;
    out->text = buf_view(&text);
    return true;
}

#else

FixtureXml *fixture_xml_create(Arena *a, FixtureSource *source, Str *error)
{
    (void)a, (void)source;
    *error = STR("this Clef was built without libexpat, so that it has no fixtures in XML");
    return NULL;
}

bool fixture_xml_next(FixtureXml *t, Arena *a, FixtureLine *out, Str *error)
{
    (void)t, (void)a, (void)out, (void)error;
    return false;
}

#endif
