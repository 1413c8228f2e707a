/* output.c: values as people read them, and as JSON for machines. */
#include "orm/info.h"
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/utf8.h>
#include <clef/base/uuid.h>
#include <clef/codec/json.h>

enum { OUTPUT_DEPTH = 32, CELL_MAX = 40, COLUMNS_MAX = 12 };

/* --- JSON */

static bool tagged(JsonWriter *w, const char *name, Str text)
{
    return json_object(w) && json_name(w, str_c(name)) && json_str(w, text) && json_object_end(w);
}

static bool write_json(Shell *s, JsonWriter *w, Value v, unsigned depth);

static bool row_json(Shell *s, JsonWriter *w, void *row, unsigned depth)
{
    const ModelInfo *info = model_info(s->cx, row_model(row));
    Arena *a = s->cx->arena;
    bool good = json_object(w) && json_name(w, STR("$model")) &&
                json_str(w, str_format(a, "%.*s.%s", STR_FMT(info->label), info->m->name)) && json_name(w, STR("pk")) &&
                write_json(s, w, member_load(a, info->pk->f, row), depth) && json_name(w, STR("fields")) &&
                json_object(w);
    for (size_t i = 0; good && i < info->nall; i++)
        good = json_name(w, info->all[i]->attname) && write_json(s, w, member_load(a, info->all[i]->f, row), depth);
    return good && json_object_end(w) && json_object_end(w);
}

static bool list_json(Shell *s, JsonWriter *w, const List *list, unsigned depth)
{
    bool good = json_array(w);
    for (size_t i = 0; good && i < list->n; i++)
        good = write_json(s, w, list->p[i], depth);
    return good && json_array_end(w);
}

static bool moment_json(Shell *s, JsonWriter *w, Value v)
{
    Buf b = BUF_INIT(s->cx->arena, 256);
    switch ((ValueTag)v.tag) {
    case VALUE_DATE:
        buf_date(&b, (Date){ (int32_t)v.us });
        return tagged(w, "$date", buf_view(&b));
    case VALUE_TIME:
        buf_time(&b, (Time){ .us = v.us });
        return tagged(w, "$time", buf_view(&b));
    case VALUE_DURATION:
        buf_printf(&b, "%s%lld", v.us < 0 ? "-" : "", (long long)(v.us < 0 ? -v.us : v.us) / 1000000);
        if (v.us % 1000000)
            buf_printf(&b, ".%06lld", (long long)(v.us < 0 ? -v.us : v.us) % 1000000);
        return tagged(w, "$timedelta", buf_view(&b));
    default:
        if (v.zone) {
            buf_datetime(&b, (DateTime){ v.us }, 0);
            return json_object(w) && json_name(w, STR("$datetime")) && json_str(w, buf_view(&b)) &&
                   json_name(w, STR("tz")) && json_str(w, timezone_name(v.zone)) && json_object_end(w);
        }
        buf_naive(&b, (NaiveDateTime){ v.us });
        return tagged(w, "$datetime", buf_view(&b));
    }
}

static bool write_json(Shell *s, JsonWriter *w, Value v, unsigned depth)
{
    if (depth >= OUTPUT_DEPTH)
        return json_null(w);
    if (is_a(v, &row_class))
        return row_json(s, w, (void *)v.object, depth + 1);
    if (is_a(v, &queryset_class))
        return list_json(s, w, queryset_list((QuerySet *)v.object), depth + 1);
    if (is_a(v, &shell_tuple_class)) {
        return json_object(w) && json_name(w, STR("$tuple")) && list_json(s, w, v.object, depth + 1) &&
               json_object_end(w);
    }
    Buf b = BUF_INIT(s->cx->arena, 1 << 16);
    MapEntry *e;
    size_t cursor = 0;
    switch ((ValueTag)v.tag) {
    case VALUE_LIST:
        return list_json(s, w, v.list, depth + 1);
    case VALUE_MAP:
        if (!json_object(w))
            return false;
        while ((e = map_next(v.map, &cursor)) != NULL)
            if (!json_name(w, e->key) || !write_json(s, w, e->value, depth + 1))
                return false;
        return json_object_end(w);
    case VALUE_DECIMAL:
        buf_decimal(&b, *v.decimal);
        return tagged(w, "$decimal", buf_view(&b));
    case VALUE_UUID:
        buf_uuid(&b, *v.uuid);
        return tagged(w, "$uuid", buf_view(&b));
    case VALUE_BYTES:
        for (size_t i = 0; i < v.s.n; i++) { /* as Latin-1 text */
            char text[4];
            buf_add(&b, text, utf8_encode((unsigned char)v.s.p[i], text));
        }
        return tagged(w, "$bytes", buf_view(&b));
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DURATION:
        return moment_json(s, w, v);
    case VALUE_OBJECT:
        return json_str(w, v.cls->str ? v.cls->str(s->cx->arena, v.object) : str_c(v.cls->name));
    default:
        return json_value(w, v);
    }
}

bool shell_json(Shell *s, Buf *out, Value v)
{
    JsonWriter w;
    json_writer_init(&w, out, (JsonStyle){ .nan = true });
    return write_json(s, &w, v, 0) && json_writer_end(&w) && buf_byte(out, '\n');
}

/* --- for people */

static Str plain(Shell *s, Value v)
{
    Buf b = BUF_INIT(s->cx->arena, 1 << 20);
    if (value_is_text(v))
        return v.s;
    if (v.tag == VALUE_NULL)
        return STR("None");
    if (v.tag == VALUE_BOOL)
        return v.b ? STR("True") : STR("False");
    if (is_a(v, &row_class))
        return row_str(s->cx, row_model(v.object), v.object);
    if (v.tag == VALUE_OBJECT && v.cls->str)
        return v.cls->str(s->cx->arena, v.object);
    switch ((ValueTag)v.tag) {
    case VALUE_DECIMAL:
        buf_decimal(&b, *v.decimal);
        break;
    case VALUE_UUID:
        buf_uuid(&b, *v.uuid);
        break;
    case VALUE_DATE:
        buf_date(&b, (Date){ (int32_t)v.us });
        break;
    case VALUE_TIME:
        buf_time(&b, (Time){ .us = v.us });
        break;
    case VALUE_DATETIME:
        buf_naive(&b, (NaiveDateTime){ v.us });
        if (v.zone)
            BUF_LIT(&b, "+00:00");
        break;
    case VALUE_DURATION:
        duration_string(&b, (Duration){ v.us });
        break;
    default:
        shell_json(s, &b, v);
    }
    return str_trim(buf_view(&b));
}

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
    Str text = plain(s, v);
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
    if (v.tag == VALUE_NULL)
        return true;
    if (is_a(v, &shell_related_class))
        v = value_object(related_set(s->cx, ((const Related *)v.object)->row, ((const Related *)v.object)->name),
                         &queryset_class);
    if (is_a(v, &queryset_class)) {
        const List *rows = queryset_list((QuerySet *)v.object);
        bool of_rows = rows->n && (is_a(rows->p[0], &row_class) || rows->p[0].tag == VALUE_MAP);
        if (!rows->n)
            return buf_c(out, "(no rows)\n");
        if (of_rows)
            return table(s, out, rows, most ? most : 21);
        for (size_t i = 0; i < rows->n && i < (most ? most : 21); i++) {
            buf_str(out, plain(s, rows->p[i]));
            buf_byte(out, '\n');
        }
        if (rows->n > (most ? most : 21))
            buf_printf(out, "(%zu of %zu rows)\n", most ? most : 21, rows->n);
        return !out->failed;
    }
    buf_str(out, plain(s, v));
    return buf_byte(out, '\n');
}

Str shell_error_name(Context *cx, const Error *e)
{
    static const struct {
        const char *code, *name;
    } names[] = {
        { "field_error", "FieldError" },
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
    };
    (void)cx;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(str_c(e->code), str_c(names[i].code)))
            return str_c(names[i].name);
    return str_c(e->code);
}
