/*
 * fixture_yaml.c: fixtures in YAML by libyaml, which a process loads when it first needs it. Reading pulls events and
 * writes JSON of them; aliases are refused, since a short text of them can mean an endless one. Writing gives what
 * PyYAML gives.
 */
#include "base/config.h"
#include "serializers/serializers.h"
#include <clef/base/double.h>
#include <clef/base/map.h>

#if CLEF_HAVE_YAML

#include <dlfcn.h>
#include <yaml.h>

enum { DEPTH_MAX = 64, TEXT_MAX_BYTES = 1 << 28 };

#define FUNCTIONS(F)                                                                                                  \
    F(parser_initialize), F(parser_set_input), F(parser_parse), F(parser_delete), F(event_delete),                    \
        F(emitter_initialize), F(emitter_set_output), F(emitter_set_unicode), F(emitter_set_indent), F(emitter_emit), \
        F(emitter_flush), F(emitter_delete), F(stream_start_event_initialize), F(stream_end_event_initialize),        \
        F(document_start_event_initialize), F(document_end_event_initialize), F(sequence_start_event_initialize),     \
        F(sequence_end_event_initialize), F(mapping_start_event_initialize), F(mapping_end_event_initialize),         \
        F(scalar_event_initialize)

typedef struct YamlLibrary {
#define MEMBER(f) __typeof__(yaml_##f) *f
    MEMBER(parser_initialize);
    MEMBER(parser_set_input);
    MEMBER(parser_parse);
    MEMBER(parser_delete);
    MEMBER(event_delete);
    MEMBER(emitter_initialize);
    MEMBER(emitter_set_output);
    MEMBER(emitter_set_unicode);
    MEMBER(emitter_set_indent);
    MEMBER(emitter_emit);
    MEMBER(emitter_flush);
    MEMBER(emitter_delete);
    MEMBER(stream_start_event_initialize);
    MEMBER(stream_end_event_initialize);
    MEMBER(document_start_event_initialize);
    MEMBER(document_end_event_initialize);
    MEMBER(sequence_start_event_initialize);
    MEMBER(sequence_end_event_initialize);
    MEMBER(mapping_start_event_initialize);
    MEMBER(mapping_end_event_initialize);
    MEMBER(scalar_event_initialize);
} YamlLibrary;

static YamlLibrary library;

static bool load(Str *error)
{
    static bool loaded;
#define NAME(f)                              \
    {                                        \
        "yaml_" #f, offsetof(YamlLibrary, f) \
    }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = { FUNCTIONS(NAME) };
    _Static_assert(CLEF_COUNT(functions) * sizeof(void *) == sizeof(YamlLibrary), "every function is looked up");
    if (loaded)
        return true;
    void *so = dlopen("libyaml-0.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!so) {
        *error = STR("fixtures in YAML need libyaml-0.so.2, which is not installed (Debian: libyaml-0-2)");
        return false;
    }
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        void *f = dlsym(so, functions[i].name);
        if (!f) {
            *error = STR("fixtures in YAML need a newer libyaml; this one lacks a function");
            return false;
        }
        memcpy((char *)&library + functions[i].at, &f, sizeof f);
    }
    return loaded = true;
}

/* --- reading */

struct FixtureYaml {
    FixtureSource *source;
    Arena *a; /* of the object at hand */
    bool in_list;
    yaml_parser_t parser;
    yaml_event_t event;
    JsonWriter json;
    Str error;
};

static void end_reading(void *arg)
{
    FixtureYaml *r = arg;
    library.event_delete(&r->event);
    library.parser_delete(&r->parser);
}

static bool fails(FixtureYaml *r, const char *what)
{
    if (!r->error.n)
        r->error = str_format(r->a, "line %zu: %s", r->event.start_mark.line + 1, what);
    return false;
}

static bool next(FixtureYaml *r)
{
    library.event_delete(&r->event);
    if (library.parser_parse(&r->parser, &r->event))
        return true;
    r->error = str_format(r->a, "line %zu: %s", r->parser.problem_mark.line + 1,
                          r->parser.problem ? r->parser.problem : "this is no YAML");
    memset(&r->event, 0, sizeof r->event);
    return false;
}

static Str scalar_text(const FixtureYaml *r)
{
    return (Str){ (const char *)r->event.data.scalar.value, r->event.data.scalar.length };
}

static void write_number(FixtureYaml *r, Str text, YamlType type)
{
    char digits[64];
    size_t n = 0;
    int64_t i;
    Value v;
    JsonError e = { 0 };
    for (size_t k = 0; k < text.n && n + 1 < sizeof digits; k++)
        if (text.p[k] != '_' && !(k == 0 && text.p[k] == '+'))
            digits[n++] = text.p[k];
    Str plain = { digits, n };
    bool negative = n && digits[0] == '-', dotted = str_ends(str_lower(r->a, plain), STR("inf"));
    if (type == YAML_IS_INT && str_to_i64(plain, &i))
        json_int(&r->json, i);
    else if (type == YAML_IS_FLOAT && (dotted || str_ends(str_lower(r->a, plain), STR("nan"))))
        json_double(&r->json, !dotted ? __builtin_nan("") : negative ? -__builtin_inf() : __builtin_inf());
    else if (json_read(r->a, str_ends(plain, STR(".")) ? str_concat(r->a, plain, STR("0")) : plain, (JsonOptions){ 0 },
                       &v, &e) &&
             (v.tag == VALUE_DOUBLE || v.tag == VALUE_DECIMAL || v.tag == VALUE_INT || v.tag == VALUE_BIGINT))
        json_value(&r->json, v);
    else
        json_str(&r->json, text); /* a number of another base: the column may read it */
}

static void write_scalar(FixtureYaml *r)
{
    Str text = scalar_text(r);
    bool plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && r->event.data.scalar.plain_implicit;
    YamlType type = plain ? yaml_type(text) : YAML_IS_TEXT;
    if (type == YAML_IS_NULL)
        json_null(&r->json);
    else if (type == YAML_IS_BOOL)
        json_bool(&r->json, strchr("yYtT", text.p[0]) != NULL || str_ieq(text, STR("on")));
    else if (type == YAML_IS_INT || type == YAML_IS_FLOAT)
        write_number(r, text, type);
    else
        json_str(&r->json, text);
}

/* The value that begins with the event at hand. */
static bool read_value(FixtureYaml *r, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return fails(r, "values are nested too deeply");
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        write_scalar(r);
        return true;
    case YAML_SEQUENCE_START_EVENT:
        json_array(&r->json);
        for (;;) {
            if (!next(r))
                return false;
            if (r->event.type == YAML_SEQUENCE_END_EVENT)
                return json_array_end(&r->json);
            if (!read_value(r, depth + 1))
                return false;
        }
    case YAML_MAPPING_START_EVENT:
        json_object(&r->json);
        for (;;) {
            if (!next(r))
                return false;
            if (r->event.type == YAML_MAPPING_END_EVENT)
                return json_object_end(&r->json);
            if (r->event.type != YAML_SCALAR_EVENT)
                return fails(r, "a name of a mapping must be a text");
            json_name(&r->json, str_copy(r->a, scalar_text(r)));
            if (!next(r) || !read_value(r, depth + 1))
                return false;
        }
    case YAML_ALIAS_EVENT:
        return fails(r, "aliases are not taken in a fixture");
    default:
        return fails(r, "a value is wanted");
    }
}

static int pull(void *arg, unsigned char *to, size_t n, size_t *got)
{
    FixtureYaml *r = arg;
    *got = fixture_pull(r->source, (char *)to, n);
    return r->source->error == NULL;
}

FixtureYaml *fixture_yaml_create(Arena *a, FixtureSource *source, Str *error)
{
    if (!load(error))
        return NULL;
    FixtureYaml *r = NEW(a, FixtureYaml);
    *r = (FixtureYaml){ .source = source };
    if (!library.parser_initialize(&r->parser)) {
        *error = STR("there is no memory for a parser of YAML");
        return NULL;
    }
    arena_defer(a, end_reading, r);
    library.parser_set_input(&r->parser, pull, r);
    return r;
}

/* To the event with which an object begins; false at the end. */
static bool find_object(FixtureYaml *r)
{
    for (;;) {
        if (!next(r))
            return false;
        yaml_event_type_t type = r->event.type;
        if (r->in_list && type != YAML_SEQUENCE_END_EVENT)
            return true;
        r->in_list = !r->in_list && type == YAML_SEQUENCE_START_EVENT;
        if (type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT ||
            (type == YAML_SCALAR_EVENT && scalar_text(r).n))
            return fails(r, "a fixture in YAML is a list of objects");
        if (type == YAML_STREAM_END_EVENT)
            return false;
    }
}

bool fixture_yaml_next(FixtureYaml *r, Arena *a, FixtureLine *out, Str *error)
{
    Buf text = BUF_INIT(a, TEXT_MAX_BYTES);
    r->a = a;
    if (find_object(r)) {
        out->line = r->event.start_mark.line + 1;
        json_writer_init(&r->json, &text, (JsonStyle){ .unicode = true, .nan = true, .depth_max = JSON_DEPTH_MAX });
        if (read_value(r, 0)) {
            if (!json_writer_end(&r->json))
                (void)fails(r, r->json.error ? r->json.error : "the object is too large");
        } else {
            (void)fails(r, "this is no YAML");
        }
    }
    *error = r->error;
    out->text = buf_view(&text);
    return text.n && !r->error.n;
}

/* --- writing */

struct YamlWriter {
    yaml_emitter_t emitter;
    Buf out; /* on the heap: libyaml's callback cannot be left by a jump */
    bool failed;
};

static int take(void *data, unsigned char *p, size_t n) { return buf_add(&((YamlWriter *)data)->out, p, n); }

static void end_writing(void *arg)
{
    YamlWriter *w = arg;
    library.emitter_delete(&w->emitter);
    buf_finish(&w->out);
}

static void emit(YamlWriter *w, yaml_event_t *e, int made)
{
    w->failed = w->failed || !made || !library.emitter_emit(&w->emitter, e);
}

YamlWriter *yaml_writer_create(Arena *a, int indent, Str *error)
{
    yaml_event_t e;
    if (!load(error))
        return NULL;
    YamlWriter *w = NEW(a, YamlWriter);
    *w = (YamlWriter){ .out = BUF_INIT(NULL, TEXT_MAX_BYTES) };
    if (!library.emitter_initialize(&w->emitter)) {
        *error = STR("there is no memory to write YAML");
        return NULL;
    }
    arena_defer(a, end_writing, w);
    library.emitter_set_output(&w->emitter, take, w);
    library.emitter_set_unicode(&w->emitter, 1);
    if (indent)
        library.emitter_set_indent(&w->emitter, indent);
    emit(w, &e, library.stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
    emit(w, &e, library.document_start_event_initialize(&e, NULL, NULL, NULL, 1));
    yaml_begin(w, false);
    return w;
}

void yaml_begin(YamlWriter *w, bool map)
{
    yaml_event_t e;
    emit(w, &e,
         map ? library.mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
             : library.sequence_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
}

void yaml_end(YamlWriter *w, bool map)
{
    yaml_event_t e;
    emit(w, &e, map ? library.mapping_end_event_initialize(&e) : library.sequence_end_event_initialize(&e));
}

static void scalar(YamlWriter *w, Str s, bool plain)
{
    yaml_event_t e;
    emit(w, &e,
         library.scalar_event_initialize(&e, NULL, NULL, (yaml_char_t *)(uintptr_t)(s.p ? s.p : ""), (int)s.n, plain,
                                         true, YAML_ANY_SCALAR_STYLE));
}

/* "1e+17" is no number of YAML 1.1: the point must be there. */
static Str float_text(Arena *a, double d)
{
    Buf b = BUF_INIT(a, 64);
    if (d != d)
        return STR(".nan");
    if (d > __DBL_MAX__ || d < -__DBL_MAX__)
        return d > 0 ? STR(".inf") : STR("-.inf");
    buf_double(&b, d);
    Str text = buf_view(&b);
    size_t e = str_find_byte(text, 'e');
    return str_find_byte(text, '.') != STR_NPOS || e == STR_NPOS
               ? text
               : str_format(a, "%.*s.0%.*s", STR_FMT(str_slice(text, 0, e)), STR_FMT(str_from_byte(text, e)));
}

void yaml_value(YamlWriter *w, Arena *scratch, Value v)
{
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        scalar(w, STR("null"), true);
        return;
    case VALUE_BOOL:
        scalar(w, v.b ? STR("true") : STR("false"), true);
        return;
    case VALUE_INT:
        scalar(w, str_format(scratch, "%lld", (long long)v.i), true);
        return;
    case VALUE_DOUBLE:
        scalar(w, float_text(scratch, v.d), true);
        return;
    case VALUE_DATE: {
        Buf b = BUF_INIT(scratch, 64);
        buf_date(&b, (Date){ (int32_t)v.us });
        scalar(w, buf_view(&b), true);
        return;
    }
    case VALUE_DATETIME: {
        char text[DATETIME_TEXT_MAX];
        size_t n = v.zone ? datetime_format_iso((DateTime){ v.us }, 0, ' ', text)
                          : naive_format_iso((NaiveDateTime){ v.us }, ' ', text);
        scalar(w, str_from(text, n), true);
        return;
    }
    case VALUE_LIST:
        yaml_begin(w, false);
        for (size_t i = 0; i < v.list->n; i++)
            yaml_value(w, scratch, v.list->p[i]);
        yaml_end(w, false);
        return;
    case VALUE_MAP: {
        size_t at = 0;
        yaml_begin(w, true);
        for (const MapEntry *e; (e = map_next(v.map, &at)) != NULL;) {
            scalar(w, e->key, yaml_type(e->key) == YAML_IS_TEXT);
            yaml_value(w, scratch, e->value);
        }
        yaml_end(w, true);
        return;
    }
    default: {
        Str text = fixture_value_string(scratch, v);
        scalar(w, text, yaml_type(text) == YAML_IS_TEXT);
    }
    }
}

bool yaml_writer_take(YamlWriter *w, Buf *out, bool last)
{
    yaml_event_t e;
    if (last) {
        yaml_end(w, false);
        emit(w, &e, library.document_end_event_initialize(&e, 1));
        emit(w, &e, library.stream_end_event_initialize(&e));
    }
    w->failed = w->failed || !library.emitter_flush(&w->emitter) || w->out.failed;
    buf_str(out, buf_view(&w->out));
    buf_clear(&w->out);
    return !w->failed;
}

#else

#define MISSING STR("this Clef was built without libyaml, so that it has no fixtures in YAML")

FixtureYaml *fixture_yaml_create(Arena *a, FixtureSource *source, Str *error)
{
    (void)a, (void)source;
    *error = MISSING;
    return NULL;
}

bool fixture_yaml_next(FixtureYaml *r, Arena *a, FixtureLine *out, Str *error)
{
    (void)r, (void)a, (void)out, (void)error;
    return false;
}

YamlWriter *yaml_writer_create(Arena *a, int indent, Str *error)
{
    (void)a, (void)indent;
    *error = MISSING;
    return NULL;
}

void yaml_begin(YamlWriter *w, bool map) { (void)w, (void)map; }
void yaml_end(YamlWriter *w, bool map) { (void)w, (void)map; }
void yaml_value(YamlWriter *w, Arena *scratch, Value v) { (void)w, (void)scratch, (void)v; }
bool yaml_writer_take(YamlWriter *w, Buf *out, bool last)
{
    (void)w, (void)out, (void)last;
    return false;
}

#endif
