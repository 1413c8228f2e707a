/* output.c: values as people read them, and as JSON for machines. */
#include "orm/queryset.h"
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/utf8.h>
#include <clef/base/uuid.h>
#include <clef/codec/json.h>
#include <math.h>

enum { OUTPUT_DEPTH = 32, CELL_MAX = 40, COLUMNS_MAX = 12 };

/* --- JSON */

static bool tagged(JsonWriter *w, const char *name, Str text)
{
    return json_object(w) && json_name(w, str_c(name)) && json_str(w, text) && json_object_end(w);
}

/* Rows that lead to one another end here, as the recordings of Django do. */
enum { CACHED_DEPTH = 5, PREFETCHED_DEPTH = 6 };

typedef struct Output {
    Shell *s;
    JsonWriter *w;
    unsigned depth;
    unsigned rows; /* that this one stands in */
    void *from;    /* the row that led here by a OneToOneField, and the name that leads back */
    Str back;
    const struct Followed *seen; /* rows that a relation led to, on the way here */
} Output;
typedef struct Followed {
    const void *row;
    const struct Followed *next;
} Followed;

static bool write_json(const Output *o, Value v);
static bool list_json(const Output *o, const List *list);

static bool is_seen(const Output *o, const void *row)
{
    for (const Followed *f = o->seen; f; f = f->next)
        if (f->row == row)
            return true;
    return false;
}

static bool row_head(const Output *o, const ModelInfo *info, void *row)
{
    Value label = value_str(str_format(o->s->cx->arena, "%.*s.%s", STR_FMT(info->label), info->m->name));
    return json_object(o->w) && json_name(o->w, STR("$model")) && json_str(o->w, label.s) &&
           json_name(o->w, STR("pk")) && write_json(o, shell_row_attribute(o->s, row, STR("pk")));
}

/* Begins the member `name` with the first entry. */
static bool entry(const Output *o, bool *begun, const char *member, Str name)
{
    if (!*begun && !(json_name(o->w, str_c(member)) && json_object(o->w)))
        return false;
    *begun = true;
    return json_name(o->w, name);
}

/* A row that another one leads to. `back`: the name that leads from it to `from`. */
static bool followed(const Output *o, void *to, void *from, Str back)
{
    Output inner = *o;
    inner.from = back.n ? from : NULL;
    inner.back = back;
    inner.rows++;
    inner.seen = &(Followed){ to, o->seen };
    if (is_seen(o, to))
        return row_head(o, row_info(o->s->cx, NULL, to), to) && json_object_end(o->w);
    return write_json(&inner, value_object(to, &row_class));
}

/* The name on the other side of a OneToOneField; empty: many rows may lead there. */
static Str name_back(const FieldInfo *field)
{
    if (field->f->kind != FIELD_ONE_TO_ONE)
        return (Str){ 0 };
    return field->f->related_name ? str_c(field->f->related_name) : field->model->lower;
}

/* The link of an inherited model has no pointer that would lead back. */
static Str link_back(const ModelInfo *info, Str name)
{
    const FieldInfo *by;
    return names_reverse(info, name, &by) && by->f->parent_link ? by->name : (Str){ 0 };
}

/* What prefetch_related read for the row under the name of this part; NULL: nothing. */
static void *read_before(const Prefetched *p, size_t at) { return at < p->n && p->known[at] ? p->of[at] : NULL; }

static const Prefetched *prefetched_of(void *row, size_t *at)
{
    RowState *state = *row_state_of(row);
    *at = state && state->set && state->set->prefetched ? result_index(state->set, row) : SIZE_MAX;
    return *at == SIZE_MAX ? NULL : state->set->prefetched;
}

/* Is it the name of a relation to one row? Else it is a to_attr. */
static bool leads_to_one(const ModelInfo *info, Str name)
{
    const FieldInfo *field;
    return info_field(info, name) || names_reverse(info, name, &field) || generic_named(info, name);
}

static bool write_cached(const Output *o, const ModelInfo *info, void *row)
{
    bool begun = false;
    size_t at;
    if (o->rows >= CACHED_DEPTH)
        return true;
    for (size_t i = 0; i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        void *to = field_has_pointer(field->f) ? *(void **)((char *)row + field->f->to_offset) : NULL;
        if (to && !(entry(o, &begun, "cached", field->name) && followed(o, to, row, name_back(field))))
            return false;
    }
    if (o->from && !(entry(o, &begun, "cached", o->back) && followed(o, o->from, NULL, (Str){ 0 })))
        return false;
    for (const Prefetched *p = prefetched_of(row, &at); p; p = p->next) {
        void *to = p->single ? read_before(p, at) : NULL;
        const FieldInfo *field = info_field(info, p->name);
        if (to && leads_to_one(info, p->name) && !(field && field_has_pointer(field->f)) &&
            !(o->from && str_eq(o->back, p->name)) &&
            !(entry(o, &begun, "cached", p->name) && followed(o, to, row, link_back(info, p->name))))
            return false;
    }
    return !begun || json_object_end(o->w);
}

/* Is it the name of a relation? Else it is a to_attr. */
static bool leads_on(const ModelInfo *info, Str name)
{
    const FieldInfo *field;
    if (str_ends(name, STR("_set")))
        name = str_slice(name, 0, name.n - 4);
    return names_between(info, name) || names_reverse(info, name, &field);
}

static bool write_prefetched(const Output *o, const ModelInfo *info, void *row, bool as_attributes, bool *begun)
{
    Output inner = *o;
    size_t at;
    inner.rows += as_attributes ? 2 : 1; /* an attribute's list counts, too */
    for (const Prefetched *p = prefetched_of(row, &at); p; p = p->next) {
        QuerySet *q = p->single || !read_before(p, at)
                          ? NULL
                          : row_prefetched(o->s->cx, row, str_dup_c(o->s->cx->arena, p->name));
        if (q && leads_on(info, p->name) != as_attributes &&
            !(entry(o, begun, as_attributes ? "extra" : "prefetched", p->name) &&
              list_json(&inner, shell_rows(o->s, q))))
            return false;
    }
    return true;
}

static bool write_extra(const Output *o, const ModelInfo *info, void *row)
{
    RowState *state = *row_state_of(row);
    bool begun = false;
    for (size_t i = 0; state && state->set && i < state->set->nextra; i++) {
        Value v;
        Str name = state->set->extra[i].name;
        if (str_starts(name, STR("_"))) /* the ORM's own, by which rows find their owners */
            continue;
        if (row_annotation(row, str_dup_c(o->s->cx->arena, name), &v) &&
            !(entry(o, &begun, "extra", name) && write_json(o, v)))
            return false;
    }
    Output inner = *o;
    size_t at;
    inner.from = NULL;
    inner.rows += 2;
    for (const Prefetched *p = prefetched_of(row, &at); p; p = p->next) {
        void *to = p->single && !leads_to_one(info, p->name) ? read_before(p, at) : NULL;
        if (to && !(entry(o, &begun, "extra", p->name) && write_json(&inner, value_object(to, &row_class))))
            return false;
    }
    return (o->rows >= PREFETCHED_DEPTH || write_prefetched(o, info, row, true, &begun)) &&
           (!begun || json_object_end(o->w));
}

/* The key of a base is the row's own, but no attribute of its own where only() did not name it. */
static bool is_left_out(Shell *s, const ModelInfo *info, void *row, const FieldInfo *field)
{
    const RowState *state = *row_state_of(row);
    if (field->f->kind == FIELD_COMPOSITE || row_is_deferred(s->cx, row, str_dup_c(s->cx->arena, field->attname)))
        return true;
    return field->model != info && field == field->model->pk && state && state->set &&
           is_column_deferred(state->set->deferred, info, field);
}

static bool row_json(const Output *o, void *row)
{
    const ModelInfo *info = row_info(o->s->cx, NULL, row);
    bool begun = false, good = row_head(o, info, row) && json_name(o->w, STR("fields")) && json_object(o->w);
    for (size_t i = 0; good && i < info->nall; i++) {
        const FieldInfo *field = info->all[i];
        if (is_left_out(o->s, info, row, field))
            continue;
        good = json_name(o->w, field->attname) && write_json(o, shell_row_attribute(o->s, row, field->attname));
    }
    good = good && json_object_end(o->w) && write_extra(o, info, row) && write_cached(o, info, row);
    if (good && o->rows < PREFETCHED_DEPTH)
        good = write_prefetched(o, info, row, false, &begun) && (!begun || json_object_end(o->w));
    return good && json_object_end(o->w);
}

static bool list_json(const Output *outer, const List *list)
{
    Output inner = *outer;
    const Output *o = &inner;
    bool good = json_array(o->w);
    inner.from = NULL;
    for (size_t i = 0; good && i < list->n; i++)
        good = write_json(o, list->p[i]);
    return good && json_array_end(o->w);
}

static bool moment_json(const Output *o, Value v)
{
    JsonWriter *w = o->w;
    Buf b = BUF_INIT(o->s->cx->arena, 256);
    switch ((ValueTag)v.tag) {
    case VALUE_DATE:
        buf_date(&b, (Date){ (int32_t)v.us });
        return tagged(w, "$date", buf_view(&b));
    case VALUE_TIME:
        buf_time(&b, (Time){ .us = v.us });
        return tagged(w, "$time", buf_view(&b));
    case VALUE_DURATION: {
        unsigned long long us = v.us < 0 ? 0 - (unsigned long long)v.us : (unsigned long long)v.us;
        buf_printf(&b, "%s%llu.%06llu", v.us < 0 ? "-" : "", us / 1000000, us % 1000000);
        return tagged(w, "$timedelta", buf_view(&b));
    }
    default:
        if (v.zone) {
            buf_datetime(&b, (DateTime){ v.us }, timezone_offset(v.zone, (DateTime){ v.us }).seconds);
            if (b.n && b.p[b.n - 1] == 'Z') {
                buf_truncate(&b, b.n - 1);
                buf_c(&b, "+00:00");
            }
            return json_object(w) && json_name(w, STR("$datetime")) && json_str(w, buf_view(&b)) &&
                   json_name(w, STR("tz")) && json_str(w, timezone_name(v.zone)) && json_object_end(w);
        }
        buf_naive(&b, (NaiveDateTime){ v.us });
        return tagged(w, "$datetime", buf_view(&b));
    }
}

static bool pairs_json(const Output *o, Value v)
{
    JsonWriter *w = o->w;
    List *keys, *values;
    if (!shell_pairs(o->s, v, &keys, &values))
        return false;
    bool texts = v.tag == VALUE_MAP, good = json_object(w);
    if (!texts)
        good = good && json_name(w, STR("$dict")) && json_array(w);
    for (size_t i = 0; good && i < keys->n; i++) {
        good = texts ? json_name(w, keys->p[i].s) : json_array(w) && write_json(o, keys->p[i]);
        good = good && write_json(o, values->p[i]) && (texts || json_array_end(w));
    }
    return good && (texts || json_array_end(w)) && json_object_end(w);
}

static bool object_json(const Output *o, Value v)
{
    JsonWriter *w = o->w;
    v = shell_simple(v);
    if (v.tag != VALUE_OBJECT)
        return write_json(o, v);
    Output inner = *o;
    if (is_a(v, &shell_tuple_class))
        return json_object(w) && json_name(w, STR("$tuple")) && list_json(o, v.object) && json_object_end(w);
    if (is_a(v, &shell_set_class)) {
        List *sorted = list_new(o->s->cx->arena);
        for (size_t i = 0; i < list_of(v)->n; i++)
            list_push(o->s->cx->arena, sorted, list_of(v)->p[i]);
        if (sorted->n && value_cmp(sorted->p[0], sorted->p[0]) == VALUE_EQUAL)
            shell_sort(o->s, sorted, value_null(), false);
        return json_object(w) && json_name(w, STR("$set")) && list_json(o, sorted) && json_object_end(w);
    }
    if (is_a(v, &shell_named_class)) {
        const NamedTuple *t = v.object;
        bool good = json_object(w) && json_name(w, STR("$namedtuple")) && json_array(w);
        for (size_t i = 0; good && i < t->values->n; i++)
            good = json_str(w, str_c(t->names[i]));
        return good && json_array_end(w) && json_name(w, STR("values")) && list_json(o, t->values) &&
               json_object_end(w);
    }
    if (is_a(v, &shell_dict_class))
        return pairs_json(o, v);
    QuerySet *q = shell_queryset(o->s, v);
    if (q)
        return list_json(&inner, shell_rows(o->s, q));
    return json_str(w, shell_str(o->s, v));
}

static bool write_json(const Output *outer, Value v)
{
    Output inner = *outer, *o = &inner;
    Buf b = BUF_INIT(o->s->cx->arena, 1 << 16);
    if (o->depth++ >= OUTPUT_DEPTH)
        return json_null(o->w);
    switch ((ValueTag)v.tag) {
    case VALUE_LIST:
        return list_json(o, v.list);
    case VALUE_MAP:
        return pairs_json(o, v);
    case VALUE_DOUBLE:
        if (isfinite(v.d))
            return json_value(o->w, v);
        return tagged(o->w, "$float", isnan(v.d) ? STR("nan") : v.d < 0 ? STR("-inf") : STR("inf"));
    case VALUE_DECIMAL:
        buf_decimal(&b, *v.decimal);
        return tagged(o->w, "$decimal", buf_view(&b));
    case VALUE_UUID:
        buf_uuid(&b, *v.uuid);
        return tagged(o->w, "$uuid", buf_view(&b));
    case VALUE_BYTES:
        for (size_t i = 0; i < v.s.n; i++) { /* as Latin-1 text */
            char text[4];
            buf_add(&b, text, utf8_encode((unsigned char)v.s.p[i], text));
        }
        return tagged(o->w, "$bytes", buf_view(&b));
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return moment_json(o, v);
    case VALUE_OBJECT:
        return is_a(v, &row_class) ? row_json(o, (void *)v.object) : object_json(o, v);
    default:
        return json_value(o->w, v);
    }
}

bool shell_json(Shell *s, Buf *out, Value v)
{
    JsonWriter w;
    Output o = { .s = s, .w = &w };
    json_writer_init(&w, out, (JsonStyle){ .nan = true });
    return write_json(&o, v) && json_writer_end(&w) && buf_byte(out, '\n');
}

/* --- for people */

typedef struct Table {
    Str names[COLUMNS_MAX];
    size_t n;
    bool cut; /* there are more columns */
} Table;

static Table columns_of(Shell *s, Value first)
{
    Table t = { .n = 0 };
    if (is_a(first, &row_class)) {
        const ModelInfo *info = model_info(s->cx, row_model(first.object));
        for (size_t i = 0; i < info->nall; i++)
            if (t.n < COLUMNS_MAX)
                t.names[t.n++] = info->all[i]->attname;
            else
                t.cut = true;
    } else if (first.tag == VALUE_MAP) {
        MapEntry *e;
        size_t cursor = 0;
        while ((e = map_next(first.map, &cursor)) != NULL)
            if (t.n < COLUMNS_MAX)
                t.names[t.n++] = e->key;
            else
                t.cut = true;
    }
    return t;
}

static Str cell_of(Shell *s, Value row, Str name)
{
    Value v = value_null();
    if (is_a(row, &row_class)) {
        const ModelInfo *info = model_info(s->cx, row_model(row.object));
        v = member_load(s->cx->arena, info_field(info, name)->f, row.object);
    } else if (row.tag == VALUE_MAP) {
        Value *found = map_get(row.map, name);
        v = found ? *found : v;
    }
    Str text = shell_str(s, v);
    size_t newline = str_find(text, STR("\n"));
    if (newline != STR_NPOS)
        text = str_slice(text, 0, newline);
    if (utf8_count(text) <= CELL_MAX)
        return text;
    return str_concat(s->cx->arena, utf8_slice(text, 0, CELL_MAX - 1), STR("…"));
}

static bool table(Shell *s, Buf *out, const List *rows, size_t most)
{
    Table t = columns_of(s, rows->p[0]);
    size_t n = rows->n < most ? rows->n : most, widths[COLUMNS_MAX];
    Str *cells = NEW_ARRAY(s->cx->arena, Str, n * t.n + 1);
    for (size_t c = 0; c < t.n; c++) {
        widths[c] = utf8_count(t.names[c]);
        for (size_t r = 0; r < n; r++) {
            cells[r * t.n + c] = cell_of(s, rows->p[r], t.names[c]);
            size_t width = utf8_count(cells[r * t.n + c]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    for (size_t r = 0; r <= n + 1; r++) {
        for (size_t c = 0; c < t.n; c++) {
            Str text = r == 0 ? t.names[c] : r == 1 ? (Str){ 0 } : cells[(r - 2) * t.n + c];
            buf_str(out, text);
            bool last = c + 1 == t.n;
            for (size_t i = r == 1 ? 0 : utf8_count(text); i < widths[c] && (r == 1 || !last); i++)
                buf_byte(out, r == 1 ? '-' : ' ');
            if (!last)
                buf_c(out, "  ");
        }
        if (t.cut && r == 0)
            buf_c(out, "  …");
        buf_byte(out, '\n');
    }
    if (rows->n > n)
        buf_printf(out, "(%zu of %zu rows)\n", n, rows->n);
    return !out->failed;
}

bool shell_print(Shell *s, Buf *out, Value v, size_t most)
{
    QuerySet *q = shell_queryset(s, v);
    if (v.tag == VALUE_NULL)
        return true;
    if (!q) {
        buf_str(out, is_a(v, &row_class) || value_is_text(v) ? shell_str(s, v) : shell_repr(s, v));
        return buf_byte(out, '\n');
    }
    const List *rows = shell_rows(s, q);
    bool of_rows = rows->n && (is_a(rows->p[0], &row_class) || rows->p[0].tag == VALUE_MAP);
    most = most ? most : 21;
    if (!rows->n)
        return buf_c(out, "(no rows)\n");
    if (of_rows)
        return table(s, out, rows, most);
    for (size_t i = 0; i < rows->n && i < most; i++) {
        buf_str(out, shell_str(s, rows->p[i]));
        buf_byte(out, '\n');
    }
    if (rows->n > most)
        buf_printf(out, "(%zu of %zu rows)\n", most, rows->n);
    return !out->failed;
}

Str shell_error_text(Shell *s, const Error *e)
{
    bool one = e->message.n && e->message.p[0] != '{' && e->message.p[0] != '[';
    if (one &&
        str_eq(str_c(e->code), STR("validation_error"))) /* a list of one, as Django's ValidationError is shown */
        return str_format(s->cx->arena, "[%.*s]", STR_FMT(shell_repr(s, value_str(e->message))));
    bool refused = str_eq(str_c(e->code), STR("protected_error")) || str_eq(str_c(e->code), STR("restricted_error"));
    if (!refused || !e->payload)
        return e->message;
    Value rows = value_object(((const DeleteError *)e->payload)->rows, &shell_set_class);
    Value both = shell_tuple(s, 2, (Value[]){ value_str(e->message), rows });
    return shell_repr(s, both);
}

Str shell_error_name(Context *cx, const Error *e)
{
    static const struct {
        const char *code, *name;
    } names[] = {
        { "field_error", "FieldError" },
        { "field_does_not_exist", "FieldDoesNotExist" },
        { "value_error", "ValueError" },
        { "type_error", "TypeError" },
        { "does_not_exist", "DoesNotExist" },
        { "multiple_objects_returned", "MultipleObjectsReturned" },
        { "integrity_error", "IntegrityError" },
        { "protected_error", "ProtectedError" },
        { "restricted_error", "RestrictedError" },
        { "syntax_error", "SyntaxError" },
        { "name_error", "NameError" },
        { "attribute_error", "AttributeError" },
        { "key_error", "KeyError" },
        { "index_error", "IndexError" },
        { "overflow_error", "OverflowError" },
        { "zero_division_error", "ZeroDivisionError" },
        { "database_error", "DatabaseError" },
        { "not_updated", "NotUpdated" },
        { "operational_error", "OperationalError" },
        { "programming_error", "ProgrammingError" },
        { "data_error", "DataError" },
        { "no_related", "RelatedObjectDoesNotExist" },
        { "not_implemented_error", "NotImplementedError" },
        { "not_supported_error", "NotSupportedError" },
        { "validation_error", "ValidationError" },
        { "output_field_is_none_error", "OutputFieldIsNoneError" },
        { "assertion_error", "AssertionError" },
        { "import_error", "ImportError" },
        { "stop_iteration", "StopIteration" },
        { "zone_not_found", "ZoneInfoNotFoundError" },
    };
    /* Python's module for SQLite has one class for all that goes wrong with a statement. */
    if (str_eq(str_c(e->code), STR("programming_error")) &&
        str_eq(str_c(dialect_of(cx, (Str){ 0 })->vendor), STR("sqlite")))
        return STR("OperationalError");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(str_c(e->code), str_c(names[i].code)))
            return str_c(names[i].name);
    return str_c(e->code);
}
