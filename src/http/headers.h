/* headers.h: headers that need no check. The public contract is in <clef/http/headers.h>. */
#ifndef CLEF_SRC_HTTP_HEADERS_H
#define CLEF_SRC_HTTP_HEADERS_H

#include <clef/codec/http1.h>
#include <clef/http/headers.h>

/* By HeaderId; that of HEADER_OTHER is the NULL string. */
typedef struct HeaderNames {
    Str of[HEADER_COUNT];
} HeaderNames;
CLEF_PRIVATE_DATA(const HeaderNames, header_names);

/* Room for one more. */
CLEF_PRIVATE(void, headers_grow, Context *cx, Headers *h) CLEF_COLD;

CLEF_PRIVATE(void, headers_refuse, Context *cx, Str name) CLEF_NORETURN CLEF_COLD;

/* The first header of a list with room, by number. The value is checked. */
static inline void headers_begin(Context *cx, Headers *h, HeaderId id, Str value)
{
    if (CLEF_UNLIKELY(!http_is_value(value)))
        headers_refuse(cx, header_names.of[id]);
    h->p[0] = (Header){ .name = header_names.of[id], .value = value, .id = id };
    h->n = 1;
    h->known = (uint64_t)1 << id;
}

/* Appends a known header unless there is one. The value was checked before, or is ours. */
static inline void headers_default_checked(Context *cx, Headers *h, HeaderId id, Str value)
{
    if (headers_has_id(h, id))
        return;
    if (CLEF_UNLIKELY(h->n == h->cap))
        headers_grow(cx, h);
    h->p[h->n++] = (Header){ .name = header_names.of[id], .value = value, .id = id };
    h->known |= (uint64_t)1 << id;
}

#endif
