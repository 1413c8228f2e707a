/* tag_querystring.c: {% querystring %}: the query of the page, with names set, replaced and taken out. */
#include "template/tags.h"
#include <clef/base/map.h>
#include <clef/http/request.h>

static void set_list(TemplateTagCall *c, QueryDict *q, Str name, Value v)
{
    VEC(Str) values = { 0 };
    Value item;
    for (size_t at = 0; value_next(c->r->arena, v, &at, &item);)
        if (!value_is_null(item))
            VEC_PUSH(c->r->arena, &values, template_text(c->r, item).s);
    query_set_list(q, name, values.p, values.n);
}

static void set(TemplateTagCall *c, QueryDict *q, Value name, Value v)
{
    Arena *a = c->r->arena;
    if (!value_is_text(name)) {
        Buf b = BUF_INIT(a, 4096);
        write_repr(&b, a, name);
        template_raise(c->r, "TemplateSyntaxError", "querystring requires strings for mapping keys (got %.*s instead).",
                       STR_FMT(buf_view(&b)));
    }
    if (value_is_null(v))
        (void)query_delete(q, name.s);
    else if (value_is_iterable(v) && !value_is_text(v))
        set_list(c, q, name.s, v);
    else
        query_set(q, name.s, template_text(c->r, v).s);
}

/* A mapping: a Map, a query dictionary, or an object with the attribute `items` that gives pairs. */
static void merge(TemplateTagCall *c, QueryDict *q, Value v)
{
    Arena *a = c->r->arena;
    MapEntry *e;
    Value items, pair, name, value;
    const QueryDict *query = value_query(v);
    if (query) {
        QueryName at = { 0 };
        while (query_next(query, &at)) {
            size_t n;
            const Str *values = query_list(query, a, at.name, &n);
            query_set_list(q, at.name, values, n);
        }
        return;
    }
    if (v.tag == VALUE_MAP) {
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            set(c, q, value_str(e->key), e->value);
        return;
    }
    if (v.tag != VALUE_OBJECT || !v.cls->item || !v.cls->item(a, v.object, value_str(STR("items")), &items)) {
        Buf b = render_buf(c->r);
        write_repr(&b, a, v);
        if (v.tag == VALUE_LIST && v.flags & LIST_TUPLE && v.list->n != 1) /* Python's % takes a tuple apart */
            template_raise(c->r, "TypeError", "not all arguments converted during string formatting");
        template_raise(c->r, "TemplateSyntaxError",
                       "querystring requires mappings for positional arguments (got %.*s instead).",
                       STR_FMT(buf_view(&b)));
    }
    for (size_t at = 0; value_next(a, items, &at, &pair);)
        if (value_item(a, pair, value_int(0), &name) && value_item(a, pair, value_int(1), &value))
            set(c, q, name, value);
}

Value tag_querystring(TemplateTagCall *c)
{
    Arena *a = c->r->arena;
    QueryDict *q = query_create(a);
    if (!c->nrest) {
        if (!c->r->request)
            template_raise(c->r, "AttributeError", "'Context' object has no attribute 'request'");
        q = query_copy(a, request_get(c->r->request));
    }
    for (size_t i = 0; i < c->nrest; i++)
        merge(c, q, c->rest[i]);
    for (size_t i = 0; i < c->nnamed; i++)
        set(c, q, value_str(c->named[i].name), c->named[i].value);
    return value_str(str_concat(a, STR("?"), query_urlencode(a, q, STR(""))));
}
