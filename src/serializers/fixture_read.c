/* fixture_read.c: the objects of a fixture's text, one after the other. */
#include "serializers/serializers.h"
#include <clef/base/map.h>

static const JsonOptions options = { .nan = true, .replace_surrogates = true };

void fixture_reader_init(FixtureReader *r, Arena *a, FixtureFormat format, Str text)
{
    FixtureLines lines = { 0 };
    Str error = { 0 };
    if (format == FIXTURE_XML || format == FIXTURE_YAML) {
        bool ok = format == FIXTURE_XML ? fixture_from_xml(a, text, &lines, &error)
                                        : fixture_from_yaml(a, text, &lines, &error);
        format = FIXTURE_JSONL;
        text = ok ? lines.text : (Str){ 0 };
    }
    *r = (FixtureReader){ .format = format, .text = text, .at = text.p, .counted = text.p, .line = 1, .lines = lines };
    r->error = error;
    json_reader_init(&r->json, text, options);
}

static void count_lines(FixtureReader *r, const char *to)
{
    for (; r->counted < to; r->counted++)
        r->line += *r->counted == '\n';
}

static bool fails(Str *error, Str text)
{
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

static bool next_line(FixtureReader *r, Str *line)
{
    const char *end = r->text.p + r->text.n;
    while (r->at < end) {
        const char *from = r->at, *stop = memchr(from, '\n', (size_t)(end - from));
        if (!stop)
            stop = end;
        r->at = stop < end ? stop + 1 : end;
        *line = str_trim((Str){ from, (size_t)(stop - from) });
        if (line->n)
            return true;
    }
    return false;
}

static bool next_of_list(FixtureReader *r, Arena *a, Str *source, Str *error)
{
    JsonToken token;
    if (!r->begun) {
        r->begun = true;
        token = json_next(&r->json);
        if (token != JSON_ARRAY && token != JSON_ERROR)
            return fails(error, STR("a fixture in JSON is a list of objects"));
    }
    token = json_next(&r->json);
    if (token == JSON_ARRAY_END)
        token = json_next(&r->json);
    if (token == JSON_END)
        return false;
    if (token == JSON_OBJECT) {
        const char *from = r->json.at - 1;
        if (json_skip(&r->json)) {
            *source = (Str){ from, (size_t)(r->json.at - from) };
            return true;
        }
        token = JSON_ERROR;
    }
    if (token == JSON_ERROR)
        return fails(error, json_error_text(a, &r->json.error));
    return fails(error, STR("a fixture in JSON is a list of objects"));
}

bool fixture_next(FixtureReader *r, Arena *a, FixtureObject *out, Str *error)
{
    Str source;
    *error = (Str){ 0 };
    if (r->ended)
        return false;
    if (r->error.n) {
        *error = r->error;
        r->ended = true;
        return false;
    }
    bool some = r->format == FIXTURE_JSONL ? next_line(r, &source) : next_of_list(r, a, &source, error);
    if (some) {
        count_lines(r, source.p);
        if (r->nth < r->lines.lines.n)
            r->line = r->lines.lines.p[r->nth++];
        if (fixture_object_read(a, source, out, error)) {
            out->line = r->line;
            return true;
        }
        *error = str_format(a, "line %zu: %.*s", r->line, STR_FMT(*error));
    }
    r->ended = true;
    return false;
}
