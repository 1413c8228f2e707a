/* fixture_write.c: rows as the text of a fixture, chunk by chunk. */
#include "serializers/serializers.h"
#include <clef/base/double.h>
#include <clef/base/vec.h>
#include <clef/codec/base64.h>
#include <clef/orm/row.h>

enum { FLUSH_AT = 1 << 16 };

struct FixtureWriter {
    Context *cx;
    FixtureStyle style;
    FixtureSink *sink;
    void *arg;
    Buf out;        /* what the sink has not got yet */
    Arena *scratch; /* of the row that is being written */
    const ModelInfo *info;
    size_t rows;
    YamlWriter *yaml;
};

const FixtureEnding fixture_endings[FIXTURE_ENDINGS] = { { "json", FIXTURE_JSON },
                                                         { "jsonl", FIXTURE_JSONL },
                                                         { "xml", FIXTURE_XML },
                                                         { "yaml", FIXTURE_YAML },
                                                         { "yml", FIXTURE_YAML } };

bool fixture_format(Str name, FixtureFormat *out)
{
    for (size_t i = 0; i < FIXTURE_ENDINGS; i++)
        if (str_eq(name, str_c(fixture_endings[i].text))) {
            *out = fixture_endings[i].format;
            return true;
        }
    return false;
}

FixtureWriter *fixture_writer_create(Context *cx, FixtureStyle style, FixtureSink *sink, void *arg)
{
    FixtureWriter *w = NEW(cx->arena, FixtureWriter);
    *w = (FixtureWriter){ .cx = cx, .style = style, .sink = sink, .arg = arg };
    w->out = BUF_INIT(cx->arena, (size_t)FIXTURE_ROW_MAX + FLUSH_AT);
    w->scratch = arena_create(cx->arena, 0, 0);
    Str error = { 0 };
    if (style.format == FIXTURE_JSON)
        BUF_LIT(&w->out, "[");
    else if (style.format == FIXTURE_XML)
        BUF_LIT(&w->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<django-objects version=\"1.0\">");
    else if (style.format == FIXTURE_YAML && !(w->yaml = yaml_writer_create(cx->arena, style.indent, &error)))
        RAISE(cx, 500, "serialization_error", "%.*s.", STR_FMT(error));
    return w;
}

static void flush(FixtureWriter *w)
{
    if (w->out.n)
        w->sink(w->cx, w->arg, buf_view(&w->out));
    buf_truncate(&w->out, 0);
}

static void check_yaml(FixtureWriter *w, bool last)
{
    if (!yaml_writer_take(w->yaml, &w->out, last))
        RAISE(w->cx, 500, "serialization_error", "The rows cannot be written as YAML.");
}

void fixture_writer_end(FixtureWriter *w)
{
    if (w->style.format == FIXTURE_JSON) {
        if (w->style.indent)
            BUF_LIT(&w->out, "\n");
        BUF_LIT(&w->out, "]");
        if (w->style.indent)
            BUF_LIT(&w->out, "\n");
    }
    if (w->style.format == FIXTURE_XML)
        buf_c(&w->out, w->style.indent ? "\n</django-objects>" : "</django-objects>");
    if (w->yaml)
        check_yaml(w, true);
    flush(w);
    arena_destroy(w->scratch);
    w->scratch = NULL;
}

/* What has no form of its own in JSON goes as Django's value_to_string. */
static Value written(FixtureWriter *w, Value v)
{
    Buf b = BUF_INIT(w->scratch, FIXTURE_ROW_MAX);
    if (v.tag == VALUE_DURATION) {
        duration_string(&b, (Duration){ v.us });
        return value_str(buf_view(&b));
    }
    return v.tag == VALUE_BYTES ? value_str(base64_encode(w->scratch, v.s, BASE64_STANDARD)) : v;
}

static Value field_value(FixtureWriter *w, const FieldInfo *field, const void *row)
{
    Value v = member_load(w->scratch, field->f, row);
    /* A text that cannot be NULL is one, though nobody has set it. */
    if (v.tag == VALUE_NULL && field->f->member == MEMBER_STR && !field->f->null && !field->to)
        return value_str(STR(""));
    if (v.tag != VALUE_LIST || field->kind != FIELD_COMPOSITE)
        return field->kind == FIELD_JSON ? v : written(w, v);
    for (size_t i = 0; i < v.list->n; i++)
        v.list->p[i] = written(w, v.list->p[i]);
    return v;
}

static Value natural(FixtureWriter *w, const ModelInfo *info, const void *row)
{
    Value key = natural_key_value(w->cx, w->scratch, info, row);
    for (size_t i = 0; i < key.list->n; i++)
        key.list->p[i] = written(w, key.list->p[i]);
    return key;
}

static Value relation_value(FixtureWriter *w, const FieldInfo *field, void *row)
{
    if (!w->style.natural_foreign || !natural_key_of(field->to))
        return field_value(w, field, row);
    const void *to = row;
    if (field_has_pointer(field->f)) {
        to = *(void **)(void *)((char *)row + field->f->to_offset);
        if (!to && !member_is_null(field->f, row))
            to = model_related(w->cx, row, field->f->to_offset);
    }
    return to ? natural(w, field->to, to) : value_null();
}

static Value between_value(FixtureWriter *w, const FieldInfo *field, const void *row)
{
    List *keys = list_new(w->scratch);
    const ResultSet *set = prefetched_set(row, field->name);
    bool by_natural = w->style.natural_foreign && natural_key_of(field->to);
    for (size_t i = 0; set && i < set->n; i++) {
        const void *to = result_at(set, i);
        list_push(w->scratch, keys, by_natural ? natural(w, field->to, to) : field_value(w, field->to->pk, to));
    }
    return value_list(keys);
}

static bool is_between_written(const FieldInfo *field) { return field->through && field->through->between_only; }

static void write_fields(FixtureWriter *w, JsonWriter *json, void *row, bool with_pk)
{
    const ModelInfo *info = w->info->concrete;
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        bool link = field->f->parent_link && !with_pk;
        if (field->f->primary_key && !link)
            continue;
        json_name(json, field->name);
        json_value(json, field->to ? relation_value(w, field, row) : field_value(w, field, row));
    }
    for (size_t i = 0; i < info->nbetween; i++)
        if (is_between_written(&info->between[i])) {
            json_name(json, info->between[i].name);
            json_value(json, between_value(w, &info->between[i], row));
        }
}

Str fixture_value_string(Arena *a, Value v)
{
    Buf b = BUF_INIT(a, FIXTURE_ROW_MAX);
    char text[DATETIME_TEXT_MAX];
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return STR("None");
    case VALUE_BOOL:
        return v.b ? STR("True") : STR("False");
    case VALUE_INT:
        buf_i64(&b, v.i);
        break;
    case VALUE_DOUBLE:
        buf_double(&b, v.d);
        break;
    case VALUE_BIGINT:
    case VALUE_DECIMAL:
        buf_decimal(&b, *v.decimal);
        break;
    case VALUE_STR:
    case VALUE_SAFE:
        return v.s;
    case VALUE_BYTES:
        return base64_encode(a, v.s, BASE64_STANDARD);
    case VALUE_DATE:
        buf_date(&b, (Date){ (int32_t)v.us });
        break;
    case VALUE_TIME:
        buf_time(&b, (Time){ .us = v.us });
        break;
    case VALUE_DATETIME:
        buf_add(&b, text,
                v.zone ? datetime_format_iso((DateTime){ v.us }, 0, 'T', text)
                       : naive_format_iso((NaiveDateTime){ v.us }, 'T', text));
        break;
    case VALUE_DURATION:
        duration_string(&b, (Duration){ v.us });
        break;
    case VALUE_UUID:
        buf_uuid(&b, *v.uuid);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OBJECT:
        (void)json_write(&b, v, (JsonStyle){ .nan = true });
        break;
    }
    return buf_view(&b);
}

/* --- XML */

static void xml_indent(FixtureWriter *w, unsigned level)
{
    if (!w->style.indent)
        return;
    BUF_LIT(&w->out, "\n");
    buf_fill(&w->out, ' ', (size_t)w->style.indent * level);
}

static void xml_value(FixtureWriter *w, const FieldInfo *field, Value v)
{
    Str text = v.tag == VALUE_STR && field->kind != FIELD_JSON ? v.s : fixture_value_string(w->scratch, v);
    if (field->kind == FIELD_JSON && v.tag != VALUE_LIST && v.tag != VALUE_MAP) {
        Buf b = BUF_INIT(w->scratch, FIXTURE_ROW_MAX);
        (void)json_write(&b, v, (JsonStyle){ .nan = true });
        text = buf_view(&b);
    }
    if (!xml_text(&w->out, text))
        RAISE(w->cx, 500, "value_error",
              "%s.%.*s contains unserializable characters: XML has no control characters. Write JSON or YAML.",
              w->info->m->name, STR_FMT(field->name));
}

static void xml_natural(FixtureWriter *w, Value key)
{
    for (size_t i = 0; i < key.list->n; i++) {
        BUF_LIT(&w->out, "<natural>");
        (void)xml_text(&w->out, fixture_value_string(w->scratch, key.list->p[i]));
        BUF_LIT(&w->out, "</natural>");
    }
}

static void xml_field_begins(FixtureWriter *w, const FieldInfo *field, const char *rel)
{
    xml_indent(w, 2);
    BUF_LIT(&w->out, "<field");
    xml_attribute(&w->out, "name", field->name);
    if (!rel) {
        xml_attribute(&w->out, "type", str_c(field_class(field->f)));
    } else {
        xml_attribute(&w->out, "rel", str_c(rel));
        xml_attribute(&w->out, "to",
                      str_format(w->scratch, "%.*s.%.*s", STR_FMT(field->to->label), STR_FMT(field->to->lower)));
    }
    BUF_LIT(&w->out, ">");
}

static void xml_row(FixtureWriter *w, void *row, Str label, bool with_pk)
{
    const ModelInfo *info = w->info->concrete;
    xml_indent(w, 1);
    BUF_LIT(&w->out, "<object");
    xml_attribute(&w->out, "model", label);
    if (with_pk)
        xml_attribute(&w->out, "pk", fixture_value_string(w->scratch, field_value(w, w->info->pk, row)));
    BUF_LIT(&w->out, ">");
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        bool link = field->f->parent_link && !with_pk;
        if (field->f->primary_key && !link)
            continue;
        Value v = field->to ? relation_value(w, field, row) : field_value(w, field, row);
        xml_field_begins(w, field,
                         !field->to                           ? NULL
                         : field->f->kind == FIELD_ONE_TO_ONE ? "OneToOneRel"
                                                              : "ManyToOneRel");
        if (v.tag == VALUE_NULL && (field->kind != FIELD_JSON || field->f->null))
            BUF_LIT(&w->out, "<None></None>");
        else if (v.tag == VALUE_LIST && field->to)
            xml_natural(w, v);
        else
            xml_value(w, field, v);
        BUF_LIT(&w->out, "</field>");
    }
    for (size_t i = 0; i < info->nbetween; i++) {
        const FieldInfo *field = &info->between[i];
        if (!is_between_written(field))
            continue;
        Value keys = between_value(w, field, row);
        xml_field_begins(w, field, "ManyToManyRel");
        for (size_t k = 0; k < keys.list->n; k++) {
            Value key = keys.list->p[k];
            BUF_LIT(&w->out, "<object");
            if (key.tag != VALUE_LIST)
                xml_attribute(&w->out, "pk", fixture_value_string(w->scratch, key));
            BUF_LIT(&w->out, ">");
            if (key.tag == VALUE_LIST)
                xml_natural(w, key);
            BUF_LIT(&w->out, "</object>");
        }
        BUF_LIT(&w->out, "</field>");
    }
    xml_indent(w, 1);
    BUF_LIT(&w->out, "</object>");
}

/* --- YAML */

static void yaml_row(FixtureWriter *w, void *row, Str label, bool with_pk)
{
    const ModelInfo *info = w->info->concrete;
    yaml_begin(w->yaml, true);
    yaml_value(w->yaml, w->scratch, value_str(STR("model")));
    yaml_value(w->yaml, w->scratch, value_str(label));
    if (with_pk) {
        yaml_value(w->yaml, w->scratch, value_str(STR("pk")));
        yaml_value(w->yaml, w->scratch, field_value(w, w->info->pk, row));
    }
    yaml_value(w->yaml, w->scratch, value_str(STR("fields")));
    yaml_begin(w->yaml, true);
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        bool link = field->f->parent_link && !with_pk;
        if (field->f->primary_key && !link)
            continue;
        yaml_value(w->yaml, w->scratch, value_str(field->name));
        yaml_value(w->yaml, w->scratch, field->to ? relation_value(w, field, row) : field_value(w, field, row));
    }
    for (size_t i = 0; i < info->nbetween; i++)
        if (is_between_written(&info->between[i])) {
            yaml_value(w->yaml, w->scratch, value_str(info->between[i].name));
            yaml_value(w->yaml, w->scratch, between_value(w, &info->between[i], row));
        }
    yaml_end(w->yaml, true);
    yaml_end(w->yaml, true);
    check_yaml(w, false);
}

/* --- rows */

static bool write_row(Context *cx, void *row, void *arg)
{
    FixtureWriter *w = arg;
    const ModelInfo *info = w->info;
    bool with_pk = !w->style.natural_primary || !natural_key_of(info);
    bool lines = w->style.format == FIXTURE_JSONL;
    JsonWriter json;
    arena_reset(w->scratch);
    Str label = str_format(w->scratch, "%.*s.%.*s", STR_FMT(info->label), STR_FMT(info->lower));
    if (w->style.format == FIXTURE_XML || w->style.format == FIXTURE_YAML) {
        (w->yaml ? yaml_row : xml_row)(w, row, label, with_pk);
        w->rows++;
        if (w->out.n >= FLUSH_AT)
            flush(w);
        return true;
    }
    if (!lines && w->rows)
        buf_str(&w->out, w->style.indent ? STR(",") : STR(", "));
    if (!lines && w->style.indent)
        BUF_LIT(&w->out, "\n");
    json_writer_init(&json, &w->out,
                     (JsonStyle){ .unicode = true,
                                  .nan = true,
                                  .compact = lines,
                                  .spaced_names = lines,
                                  .depth_max = JSON_DEPTH_MAX,
                                  .indent = lines ? 0 : w->style.indent });
    json_object(&json);
    json_name(&json, STR("model"));
    json_str(&json, label);
    if (with_pk) {
        json_name(&json, STR("pk"));
        json_value(&json, field_value(w, info->pk, row));
    }
    json_name(&json, STR("fields"));
    json_object(&json);
    write_fields(w, &json, row, with_pk);
    json_object_end(&json);
    json_object_end(&json);
    if (!json_writer_end(&json))
        RAISE(cx, 500, "value_error", "Unable to serialize a row of %.*s: %s.", STR_FMT(label), json.error);
    if (lines)
        BUF_LIT(&w->out, "\n");
    w->rows++;
    if (w->out.n >= FLUSH_AT)
        flush(w);
    return true;
}

/* The relations that the natural keys of `info` lead through, behind `prefix`. */
static void add_natural_ways(Context *cx, const ModelInfo *info, Str prefix, const char **names, size_t *n, size_t room)
{
    for (const char *const *path = natural_key_of(info); path && *path; path++) {
        size_t last = STR_NPOS;
        Str text = str_c(*path);
        for (size_t i = 0; i + 1 < text.n; i++)
            if (text.p[i] == '_' && text.p[i + 1] == '_')
                last = i;
        if (last != STR_NPOS && *n < room)
            names[(*n)++] = str_format(cx->arena, "%.*s%.*s", STR_FMT(prefix), STR_FMT(str_slice(text, 0, last))).p;
    }
}

static size_t keys_in(const ModelInfo *info)
{
    size_t n = 1;
    for (const char *const *path = natural_key_of(info); path && *path; path++)
        n++;
    return n;
}

/* What the natural keys need is read with the rows. */
static QuerySet *with_related(FixtureWriter *w, QuerySet *q)
{
    const ModelInfo *info = w->info->concrete;
    size_t n = 0, room = keys_in(info);
    for (size_t i = 0; i < info->n; i++)
        room += info->fields[i].to ? 1 + keys_in(info->fields[i].to) : 0;
    const char **names = NEW_ARRAY(w->cx->arena, const char *, room + 1);
    for (size_t i = 0; i < info->n; i++) {
        const FieldInfo *field = &info->fields[i];
        if (!field->to || !field_has_pointer(field->f) || !natural_key_of(field->to))
            continue;
        names[n++] = str_dup_c(w->cx->arena, field->name);
        add_natural_ways(w->cx, field->to, str_format(w->cx->arena, "%s__", names[n - 1]), names, &n, room);
    }
    if (!n)
        return q;
    names[n] = NULL;
    return queryset_select_related(q, names);
}

static QuerySet *with_between(FixtureWriter *w, QuerySet *q)
{
    const ModelInfo *info = w->info->concrete;
    Prefetch *terms = NEW_ARRAY(w->cx->arena, Prefetch, info->nbetween + 1);
    size_t n = 0;
    for (size_t i = 0; i < info->nbetween; i++) {
        const FieldInfo *field = &info->between[i];
        if (!is_between_written(field))
            continue;
        QuerySet *others = queryset_using(queryset_of(w->cx, field->to->m), q->alias);
        if (!field->to->ordering) /* the same rows, the same text */
            others = ORDER_BY(others, "pk");
        if (w->style.natural_foreign && natural_key_of(field->to)) {
            size_t ways = 0, room = keys_in(field->to);
            const char **names = NEW_ARRAY(w->cx->arena, const char *, room + 1);
            add_natural_ways(w->cx, field->to, STR(""), names, &ways, room);
            names[ways] = NULL;
            if (ways)
                others = queryset_select_related(others, names);
        } else {
            others = ONLY(others, "pk");
        }
        terms[n++] = (Prefetch){ .path = str_dup_c(w->cx->arena, field->name), .queryset = others };
    }
    terms[n] = (Prefetch){ .path = NULL };
    return n ? queryset_prefetch_related(q, terms) : q;
}

size_t fixture_write(FixtureWriter *w, QuerySet *q)
{
    size_t before = w->rows;
    w->info = q->info;
    if (w->style.natural_foreign)
        q = with_related(w, q);
    queryset_iterate(with_between(w, q), 0, write_row, w);
    return w->rows - before;
}
