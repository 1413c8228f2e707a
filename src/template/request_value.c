/* request_value.c: a request and its dictionaries as templates see them. */
#include "template/template.h"
#include <clef/http/request.h>
#include <clef/template/response.h>

/* --- QueryDict: by name the last value; in loops its names */

static Value last_value(Arena *a, const QueryDict *q, Str name)
{
    Str s = query_get(q, name);
    return str_is_null(s) ? value_list(list_new(a)) : value_str(s);
}

static Value pair(Arena *a, Value x, Value y)
{
    List *l = list_new(a);
    list_push(a, l, x);
    list_push(a, l, y);
    return value_tuple(l);
}

static Value all_values(Arena *a, const QueryDict *q, Str name)
{
    size_t n;
    const Str *values = query_list(q, a, name, &n);
    List *l = list_new(a);
    for (size_t i = 0; i < n; i++)
        list_push(a, l, value_str(values[i]));
    return value_list(l);
}

static bool query_item(Arena *a, const void *self, Value key, Value *out)
{
    const QueryDict *q = self;
    if (!value_is_text(key))
        return false;
    if (query_has(q, key.s)) {
        *out = last_value(a, q, key.s);
        return true;
    }
    bool items = str_eq(key.s, STR("items")), lists = str_eq(key.s, STR("lists"));
    bool keys = str_eq(key.s, STR("keys")), values = str_eq(key.s, STR("values"));
    if (str_eq(key.s, STR("urlencode"))) {
        *out = value_str(query_urlencode(a, q, (Str){ 0 }));
        return true;
    }
    if (!items && !lists && !keys && !values)
        return false;
    List *l = list_new(a);
    for (QueryName at = { 0 }; query_next(q, &at);) {
        Value name = value_str(at.name);
        list_push(a, l,
                  keys     ? name
                  : values ? last_value(a, q, at.name)
                           : pair(a, name, items ? last_value(a, q, at.name) : all_values(a, q, at.name)));
    }
    *out = value_list(l);
    return true;
}

static bool query_length(const void *self, size_t *out)
{
    *out = query_names(self);
    return true;
}

static bool query_next_name(Arena *a, const void *self, size_t *cursor, Value *out)
{
    (void)a;
    QueryName at = { .next_key = (uint32_t)*cursor };
    if (!query_next(self, &at))
        return false;
    *cursor = at.next_key;
    *out = value_str(at.name);
    return true;
}

static Str query_str(Arena *a, const void *self)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_c(&b, "<QueryDict: {");
    bool first = true;
    for (QueryName at = { 0 }; query_next(self, &at); first = false) {
        buf_c(&b, first ? "" : ", ");
        write_repr(&b, a, value_str(at.name));
        buf_c(&b, ": ");
        write_repr(&b, a, all_values(a, self, at.name));
    }
    buf_c(&b, "}>");
    return buf_view(&b);
}

static const ValueClass query_class = {
    .name = "QueryDict", .str = query_str, .length = query_length, .item = query_item, .next = query_next_name
};

Value template_query_value(const QueryDict *q) { return value_object(q, &query_class); }
const QueryDict *value_query(Value v) { return v.tag == VALUE_OBJECT && v.cls == &query_class ? v.object : NULL; }

/* --- the request: its path, method, GET, ...; what a middleware put into its state */

static bool request_item(Arena *a, const void *self, Value key, Value *out)
{
    (void)a;
    Request *r = (Request *)(uintptr_t)self;
    if (!value_is_text(key))
        return false;
    Str k = key.s;
    if (str_eq(k, STR("path")))
        *out = value_str(r->path);
    else if (str_eq(k, STR("path_info")))
        *out = value_str(r->path_info);
    else if (str_eq(k, STR("method")))
        *out = value_str(r->method_name);
    else if (str_eq(k, STR("scheme")))
        *out = value_str(request_scheme(r));
    else if (str_eq(k, STR("get_full_path")))
        *out = value_str(request_full_path(r, false));
    else if (str_eq(k, STR("get_host")))
        *out = value_str(request_host(r));
    else if (str_eq(k, STR("is_secure")))
        *out = value_bool(request_is_secure(r));
    else if (str_eq(k, STR("GET")))
        *out = template_query_value(request_get(r));
    else if (str_eq(k, STR("POST")))
        *out = template_query_value(request_post(r));
    else if (str_eq(k, STR("COOKIES")))
        *out = template_query_value(request_cookies(r));
    else {
        *out = request_state(r, k);
        return !value_is_null(*out);
    }
    return true;
}
static const ValueClass request_class = { .name = "Request", .item = request_item };

Value template_request_value(Request *r) { return value_object(r, &request_class); }
