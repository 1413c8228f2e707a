/*
 * fixture_read.c: the objects of a fixture, one after the other. A window of the source is in memory, as long as the
 * object at hand and a piece behind it. Of JSON only brackets, texts and commas between objects are looked at here; the
 * object's text is read as a whole.
 */
#include "serializers/serializers.h"
#include <clef/base/map.h>

static const JsonOptions options = { .nan = true, .replace_surrogates = true };

static void finish_at_end(void *arg) { buf_finish(&((FixtureReader *)arg)->window); }

void fixture_reader_init(FixtureReader *r, Arena *a, FixtureFormat format, FixtureSource *source)
{
    *r = (FixtureReader){
        .format = format, .source = source, .line = 1, .window = BUF_INIT(NULL, FIXTURE_ROW_MAX + FIXTURE_PIECE)
    };
    arena_defer(a, finish_at_end, r);
    if (format == FIXTURE_XML)
        r->xml = fixture_xml_create(a, source, &r->error);
    else if (format == FIXTURE_YAML)
        r->yaml = fixture_yaml_create(a, source, &r->error);
}

static bool fails(Str *error, Str text)
{
    if (!error->n)
        *error = text;
    return false;
}

bool fixture_object_read(Arena *a, Str source, FixtureObject *out, Str *error)
{
    Value v;
    JsonError e = { 0 };
    *error = (Str){ 0 };
    *out = (FixtureObject){ .source = source };
    if (!json_read(a, source, options, &v, &e))
        return fails(error, json_error_text(a, &e));
    if (v.tag != VALUE_MAP)
        return fails(error, str_format(a, "an object of a fixture is a JSON object, not %s", value_type_name(v)));
    const Value *model = map_get(v.map, STR("model")), *pk = map_get(v.map, STR("pk"));
    const Value *fields = map_get(v.map, STR("fields"));
    if (!model || !value_to_str(*model, &out->model))
        return fails(error, STR("an object has no \"model\""));
    if (!fields || fields->tag != VALUE_MAP)
        return fails(error, str_format(a, "an object of %.*s has no \"fields\"", STR_FMT(out->model)));
    out->has_pk = pk != NULL;
    out->pk = pk ? *pk : value_null();
    out->fields = fields->map;
    return true;
}

/* --- the window: what lies before `from` is done with */

static void mark(FixtureReader *r)
{
    for (; r->from < r->at; r->from++)
        r->line += r->window.p[r->from] == '\n';
}

/* False at the end, and where *error is set. */
static bool more(FixtureReader *r, Str *error)
{
    if (r->from)
        buf_consume(&r->window, r->from);
    r->at -= r->from;
    r->from = 0;
    if (!buf_reserve(&r->window, FIXTURE_PIECE))
        return fails(error, STR("an object is too large"));
    size_t n = fixture_pull(r->source, r->window.p + r->window.n, FIXTURE_PIECE);
    r->window.n += n;
    return n > 0;
}

/* JSON's white space is passed over; the byte at hand, or -1 at the end. */
static int look(FixtureReader *r, Str *error)
{
    for (;; r->at++) {
        if (r->at == r->window.n) {
            mark(r);
            if (!more(r, error))
                return -1;
        }
        char c = r->window.p[r->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return (unsigned char)c;
    }
}

/* The text from the bracket at hand to the one that ends it, or to the end of all. */
static Str take_object(FixtureReader *r, Str *error)
{
    size_t depth = 0;
    bool text = false;
    mark(r);
    for (;; r->at++) {
        if (r->at == r->window.n && !more(r, error))
            break;
        char c = r->window.p[r->at];
        if (text && c == '\\') {
            if (++r->at == r->window.n && !more(r, error))
                break;
        } else if (c == '"') {
            text = !text;
        } else if (!text && (c == '{' || c == '[')) {
            depth++;
        } else if (!text && (c == '}' || c == ']') && --depth == 0) {
            r->at++;
            break;
        }
    }
    return (Str){ r->window.p + r->from, r->at - r->from };
}

static bool next_of_list(FixtureReader *r, Str *source, Str *error)
{
    static const Str no_list = STR("a fixture in JSON is a list of objects");
    int c = look(r, error);
    bool first = !r->begun;
    if (first && c != '[')
        return fails(error, c < 0 ? STR("Expecting value") : no_list);
    if (first || c == ',') {
        r->begun = true;
        r->at++;
        c = look(r, error);
        if (!first && c == ']')
            return fails(error, STR("Illegal trailing comma before end of array"));
    } else if (c != ']') {
        return fails(error, STR("Expecting ',' delimiter"));
    }
    if (c == ']') {
        r->at++;
        return look(r, error) < 0 ? false : fails(error, STR("Extra data"));
    }
    if (c != '{')
        return fails(error, c < 0 ? STR("Expecting value") : no_list);
    *source = take_object(r, error);
    return true;
}

static bool next_line(FixtureReader *r, Str *line, Str *error)
{
    size_t seen = 0; /* of the line at hand, without its end */
    mark(r);
    for (;;) {
        Str rest = str_from_byte(buf_view(&r->window), r->from);
        const char *stop = rest.n > seen ? memchr(rest.p + seen, '\n', rest.n - seen) : NULL;
        seen = rest.n;
        if (!stop && more(r, error))
            continue;
        rest = str_from_byte(buf_view(&r->window), r->from);
        *line = str_trim(stop ? (Str){ rest.p, (size_t)(stop - rest.p) } : rest);
        r->at = stop ? r->from + (size_t)(stop - rest.p) + 1 : r->window.n;
        if (line->n || !stop)
            return line->n > 0;
        mark(r);
        seen = 0;
    }
}

/* --- */

static bool next_source(FixtureReader *r, Arena *a, Str *source, Str *error)
{
    FixtureLine line = { .line = 0 };
    bool some;
    if (r->format == FIXTURE_JSON || r->format == FIXTURE_JSONL) {
        some = r->format == FIXTURE_JSONL ? next_line(r, source, error) : next_of_list(r, source, error);
        if (!some && error->n)
            *error = str_format(a, "line %zu: %.*s", r->line, STR_FMT(*error));
        if (some)
            *source = str_copy(a, *source);
        return some;
    }
    some = r->format == FIXTURE_XML ? fixture_xml_next(r->xml, a, &line, error)
                                    : fixture_yaml_next(r->yaml, a, &line, error);
    *source = line.text;
    r->line = line.line;
    return some;
}

bool fixture_next(FixtureReader *r, Arena *a, FixtureObject *out, Str *error)
{
    Str source;
    *error = r->error;
    if (r->ended)
        return false;
    bool some = !r->error.n && next_source(r, a, &source, error);
    if (r->source->error)
        *error = str_c(r->source->error);
    if (some && !error->n) {
        if (fixture_object_read(a, source, out, error)) {
            out->line = r->line;
            return true;
        }
        *error = str_format(a, "line %zu: %.*s", r->line, STR_FMT(*error));
    }
    r->ended = true;
    return false;
}
