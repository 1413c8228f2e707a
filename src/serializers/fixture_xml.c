/*
 * fixture_xml.c: fixtures in XML. They are read by libexpat, which a process loads when it first needs it; what it tells is noted
 * in a record of bytes on the heap (its callbacks cannot be left by a jump), and written as JSON lines behind it. Document types
 * are refused, and with them entities of their own.
 */
#include "base/config.h"
#include "serializers/fixture_text.h"
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

enum { RECORD_MAX = 1 << 30, PIECE = 1 << 20 };

#define FUNCTIONS(F)                                                                                  \
    F(ParserCreate), F(ParserFree), F(SetUserData), F(SetElementHandler), F(SetCharacterDataHandler), \
        F(SetStartDoctypeDeclHandler), F(StopParser), F(Parse), F(GetErrorCode), F(ErrorString),      \
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
    MEMBER(Parse);
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
typedef struct Telling {
    XML_Parser parser;
    Buf record;
    bool doctype;
} Telling;

static void noted(Telling *t)
{
    if (t->record.failed)
        library.StopParser(t->parser, XML_FALSE);
}

static void text_noted(Telling *t, const char *text)
{
    buf_c(&t->record, text);
    buf_byte(&t->record, 0);
}

static void XMLCALL element_begins(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    Telling *t = arg;
    buf_byte(&t->record, 'S');
    buf_printf(&t->record, "%zu", (size_t)library.GetCurrentLineNumber(t->parser));
    buf_byte(&t->record, 0);
    text_noted(t, name);
    for (; *attributes; attributes++)
        text_noted(t, *attributes);
    buf_byte(&t->record, 0);
    noted(t);
}

static void XMLCALL element_ends(void *arg, const XML_Char *name)
{
    Telling *t = arg;
    (void)name;
    buf_byte(&t->record, 'E');
    noted(t);
}

static void XMLCALL text_comes(void *arg, const XML_Char *text, int n)
{
    Telling *t = arg;
    buf_byte(&t->record, 'T');
    buf_add(&t->record, text, (size_t)n);
    buf_byte(&t->record, 0);
    noted(t);
}

static void XMLCALL doctype_begins(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                   int own)
{
    Telling *t = arg;
    (void)name, (void)system, (void)public, (void)own;
    t->doctype = true;
    library.StopParser(t->parser, XML_FALSE);
}

static void end_telling(void *arg)
{
    Telling *t = arg;
    library.ParserFree(t->parser);
    buf_finish(&t->record);
}

static bool listen(Arena *a, Telling *t, Str xml, Str *error)
{
    library.SetUserData(t->parser, t);
    library.SetElementHandler(t->parser, element_begins, element_ends);
    library.SetCharacterDataHandler(t->parser, text_comes);
    library.SetStartDoctypeDeclHandler(t->parser, doctype_begins);
    for (size_t at = 0; at == 0 || at < xml.n; at += PIECE) {
        size_t n = xml.n - at < PIECE ? xml.n - at : PIECE;
        if (library.Parse(t->parser, xml.n ? xml.p + at : "", (int)n, at + n >= xml.n) != XML_STATUS_OK) {
            size_t line = (size_t)library.GetCurrentLineNumber(t->parser);
            *error = t->doctype ? str_format(a, "line %zu: a fixture has no document type (DTDForbidden)", line)
                     : t->record.failed
                         ? STR("the fixture is too large")
                         : str_format(a, "line %zu: %s", line, library.ErrorString(library.GetErrorCode(t->parser)));
            return false;
        }
    }
    return true;
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

static bool write_lines(Records *r, Buf *text, FixtureLines *out)
{
    for (char kind; (kind = take(r)) != 0;) {
        if (kind != 'S' || !str_eq(r->element.name, STR("object"))) /* around the objects, and what is none */
            continue;
        VEC_PUSH(r->a, &out->lines, r->element.line);
        json_writer_init(&r->json, text, (JsonStyle){ .unicode = true, .nan = true, .depth_max = JSON_DEPTH_MAX });
        if (!write_object(r) || !json_writer_end(&r->json))
            return fails(r, r->json.error ? r->json.error : "the object is too large");
        BUF_LIT(text, "\n");
    }
    return true;
}

bool fixture_from_xml(Arena *a, Str xml, FixtureLines *out, Str *error)
{
    if (!load(error))
        return false;
    Telling *t = NEW(a, Telling);
    *t = (Telling){ .record = BUF_INIT(NULL, RECORD_MAX) };
    t->parser = library.ParserCreate(NULL);
    if (!t->parser) {
        *error = STR("there is no memory for a parser of XML");
        return false;
    }
    arena_defer(a, end_telling, t);
    *error = (Str){ 0 };
    bool ok = listen(a, t, xml, error);
    if (ok) {
        Buf text = BUF_INIT(a, RECORD_MAX);
        Records r = { .a = a, .at = buf_view(&t->record).p, .end = buf_view(&t->record).p + t->record.n };
        ok = write_lines(&r, &text, out);
        *error = ok ? (Str){ 0 } : r.error;
        out->text = buf_view(&text);
    }
    arena_forget(a, end_telling, t);
    end_telling(t);
    return ok;
}

#else

bool fixture_from_xml(Arena *a, Str xml, FixtureLines *out, Str *error)
{
    (void)a, (void)xml, (void)out;
    *error = STR("this Clef was built without libexpat, so that it has no fixtures in XML");
    return false;
}

#endif
