/* headers.c: the list of response headers; the contract is in <clef/http/headers.h>. */
#include <clef/codec/http1.h>
#include <clef/http/headers.h>

#include "http/headers.h"

const HeaderNames header_names = { .of = {
#define NAME(id, name) [HEADER_##id] = { name, sizeof(name) - 1 },
                                       CLEF_RESPONSE_HEADERS(NAME)
#undef NAME
                                   } };

HeaderId header_id(Str name)
{
    for (int id = 1; id < HEADER_COUNT; id++)
        if (header_names.of[id].n == name.n && str_ieq(header_names.of[id], name))
            return (HeaderId)id;
    return HEADER_OTHER;
}

void headers_refuse(Context *cx, Str name)
{
    RAISE(cx, 500, "bad_header", "The value of the header %.*s contains a line break or a NUL byte.", STR_FMT(name));
}

static void check(Context *cx, Str name, Str value, bool known)
{
    if (!known && !http_is_token(name))
        RAISE(cx, 500, "bad_header", "\"%.*s\" is not a header name: letters, digits and dashes only", STR_FMT(name));
    if (!http_is_value(value))
        headers_refuse(cx, name);
}

static Header *find(const Headers *h, HeaderId id, Str name)
{
    if (id != HEADER_OTHER && !headers_has_id(h, id))
        return NULL;
    for (uint32_t i = 0; i < h->n; i++)
        if (h->p[i].id == id && (id != HEADER_OTHER || str_ieq(h->p[i].name, name)))
            return &h->p[i];
    return NULL;
}

void headers_grow(Context *cx, Headers *h)
{
    uint32_t cap = h->cap ? h->cap * 2 : 8;
    if (cap < h->cap)
        RAISE(cx, 500, "bad_header", "too many response headers");
    h->p = arena_grow(cx->arena, h->p, h->cap * sizeof *h->p, cap * sizeof *h->p);
    h->cap = cap;
}

static void append(Context *cx, Headers *h, HeaderId id, Str name, Str value)
{
    if (h->n == h->cap)
        headers_grow(cx, h);
    h->p[h->n++] = (Header){ .name = name, .value = value, .id = id };
    h->known |= (uint64_t)1 << id;
}

Str headers_get(const Headers *h, Str name)
{
    Header *at = find(h, header_id(name), name);
    return at ? at->value : (Str){ 0 };
}

Str headers_get_id(const Headers *h, HeaderId id)
{
    Header *at = find(h, id, (Str){ 0 });
    return at ? at->value : (Str){ 0 };
}

static void set(Context *cx, Headers *h, HeaderId id, Str name, Str value)
{
    check(cx, name, value, id != HEADER_OTHER);
    Header *at = find(h, id, name);
    if (at)
        at->value = value;
    else
        append(cx, h, id, name, value);
}

void headers_set(Context *cx, Headers *h, Str name, Str value) { set(cx, h, header_id(name), name, value); }

void headers_set_id(Context *cx, Headers *h, HeaderId id, Str value) { set(cx, h, id, header_names.of[id], value); }

void headers_set_default(Context *cx, Headers *h, Str name, Str value)
{
    HeaderId id = header_id(name);
    if (!find(h, id, name))
        set(cx, h, id, name, value);
}

void headers_add(Context *cx, Headers *h, Str name, Str value)
{
    HeaderId id = header_id(name);
    check(cx, name, value, id != HEADER_OTHER);
    append(cx, h, id, id == HEADER_OTHER ? name : header_names.of[id], value);
}

bool headers_delete(Headers *h, Str name)
{
    HeaderId id = header_id(name);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < h->n; i++)
        if (h->p[i].id != id || (id == HEADER_OTHER && !str_ieq(h->p[i].name, name)))
            h->p[kept++] = h->p[i];
    bool found = kept != h->n;
    h->n = kept;
    if (id != HEADER_OTHER)
        h->known &= ~((uint64_t)1 << id);
    return found;
}
