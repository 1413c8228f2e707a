/*
 * query.c: the dictionary of <clef/codec/query.h>: a table of names in order, each with a chain through a table of
 * values. Deleting marks a name; its slots are reused by nobody, since such dictionaries die with their request.
 */
#include <clef/base/assert.h>
#include <clef/base/hash.h>
#include <clef/base/utf8.h>
#include <clef/base/vec.h>
#include <clef/codec/query.h>
#include <clef/codec/url.h>

#include "codec/text.h"

#define NONE    UINT32_MAX
#define DELETED (UINT32_MAX - 1)

typedef struct QueryKey {
    Str name;
    uint32_t first, last; /* in `values`, or NONE */
    uint32_t count;       /* DELETED: the name is gone */
} QueryKey;

typedef struct QueryValue {
    Str s;
    uint32_t next;
} QueryValue;

struct QueryDict {
    Arena *arena;
    struct {
        QueryKey *p;
        size_t n, cap;
    } keys;
    struct {
        QueryValue *p;
        size_t n, cap;
    } values;
    uint32_t *index; /* key number + 1 by hash, 0 empty; NULL up to QUERY_SMALL keys */
    uint32_t mask;
    uint32_t live;
    bool frozen;
};

static HashKey query_hash_key(void) { return hash_key(0x7175657279); }

static void index_put(QueryDict *q, uint32_t key)
{
    uint32_t at = (uint32_t)hash_str(query_hash_key(), q->keys.p[key].name) & q->mask;
    while (q->index[at])
        at = (at + 1) & q->mask;
    q->index[at] = key + 1;
}

/* Called after a key was added: keeps the index at most half full. */
static void index_added(QueryDict *q)
{
    if (q->keys.n <= QUERY_SMALL)
        return;
    if (q->index && q->keys.n * 2 <= (size_t)q->mask + 1) {
        index_put(q, (uint32_t)q->keys.n - 1);
        return;
    }
    uint32_t size = q->index ? (q->mask + 1) * 2 : 64;
    while (size < q->keys.n * 2)
        size *= 2;
    q->index = NEW_ARRAY(q->arena, uint32_t, size);
    q->mask = size - 1;
    for (uint32_t i = 0; i < q->keys.n; i++)
        if (q->keys.p[i].count != DELETED)
            index_put(q, i);
}

static QueryKey *find(const QueryDict *q, Str name)
{
    if (!q->index) {
        for (size_t i = 0; i < q->keys.n; i++)
            if (str_eq(q->keys.p[i].name, name) && q->keys.p[i].count != DELETED)
                return &q->keys.p[i];
        return NULL;
    }
    uint32_t at = (uint32_t)hash_str(query_hash_key(), name) & q->mask;
    for (; q->index[at]; at = (at + 1) & q->mask) {
        QueryKey *key = &q->keys.p[q->index[at] - 1];
        if (str_eq(key->name, name) && key->count != DELETED)
            return key;
    }
    return NULL;
}

static QueryKey *find_or_add(QueryDict *q, Str name)
{
    QueryKey *key = find(q, name);
    if (key)
        return key;
    ASSERT(q->keys.n < QUERY_FIELDS_MAX);
    VEC_PUSH(q->arena, &q->keys, (QueryKey){ .name = name, .first = NONE, .last = NONE });
    q->live++;
    index_added(q);
    return &VEC_LAST(&q->keys);
}

static void append(QueryDict *q, QueryKey *key, Str value)
{
    ASSERT(q->values.n < QUERY_FIELDS_MAX);
    uint32_t at = (uint32_t)q->values.n;
    VEC_PUSH(q->arena, &q->values, (QueryValue){ value.p ? value : STR(""), NONE });
    if (key->last == NONE)
        key->first = at;
    else
        q->values.p[key->last].next = at;
    key->last = at;
    key->count++;
}

static void empty(QueryKey *key)
{
    key->first = key->last = NONE;
    key->count = 0;
}

static void must_be_mutable(const QueryDict *q) { ASSERT(!q->frozen && "this QueryDict is read-only: query_copy it"); }

QueryDict *query_create(Arena *a)
{
    QueryDict *q = NEW(a, QueryDict);
    q->arena = a;
    return q;
}

/* The number of pieces between & marks. */
static size_t count_fields(Str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '&';
    return n;
}

static Str decode(Arena *a, Str s, bool escaped, Charset charset)
{
    if (!escaped)
        return s;
    bool foreign = charset != CHARSET_UTF8 && charset != CHARSET_UNKNOWN;
    if (!foreign)
        return url_unquote_plus(a, s);
    if (str_find_byte(s, '+') != STR_NPOS)
        s = str_replace(a, s, STR("+"), STR(" "));
    return charset_decode(a, url_unquote_bytes(a, s), charset);
}

/* A copy of `s` as UTF-8, each byte one character, where it is not valid UTF-8. */
static Str whole_text(Arena *a, Str s) { return utf8_valid(s) ? s : charset_decode(a, s, CHARSET_LATIN1); }

QueryDict *query_parse(Arena *a, Str text, const QueryOptions *options)
{
    static const QueryOptions defaults = { 0 };
    const QueryOptions *o = options ? options : &defaults;
    QueryDict *q = query_create(a);
    q->frozen = !o->mutable;
    if (text.n == 0)
        return q;
    size_t fields = count_fields(text), max = o->max_fields ? o->max_fields : QUERY_MAX_FIELDS;
    if ((max != QUERY_NO_LIMIT && fields > max) || fields > QUERY_FIELDS_MAX)
        return NULL;
    /* With a foreign charset the raw bytes are of that charset, and are decoded with the escapes. */
    bool foreign = o->charset != CHARSET_UTF8 && o->charset != CHARSET_UNKNOWN;
    if (!foreign)
        text = whole_text(a, text);
    q->keys.p = NEW_ARRAY(a, QueryKey, fields);
    q->values.p = NEW_ARRAY(a, QueryValue, fields);
    q->keys.cap = q->values.cap = fields;

    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const char *from = p, *equals = NULL;
        bool name_escaped = foreign, value_escaped = foreign;
        for (; p < end && *p != '&'; p++) {
            if (*p == '=' && !equals)
                equals = p;
            else if (*p == '%' || *p == '+') {
                if (equals)
                    value_escaped = true;
                else
                    name_escaped = true;
            }
        }
        Str name = str_from(from, (size_t)((equals ? equals : p) - from));
        Str value = equals ? str_from(equals + 1, (size_t)(p - equals - 1)) : STR("");
        bool there = p > from && !(o->drop_blank && value.n == 0);
        p++;
        if (!there)
            continue;
        name = decode(a, name, name_escaped, o->charset);
        append(q, find_or_add(q, name), decode(a, value, value_escaped, o->charset));
    }
    return q;
}

Str query_get(const QueryDict *q, Str name)
{
    QueryKey *key = find(q, name);
    return key && key->last != NONE ? q->values.p[key->last].s : (Str){ 0 };
}

bool query_has(const QueryDict *q, Str name) { return find(q, name) != NULL; }

uint32_t query_count(const QueryDict *q, Str name)
{
    QueryKey *key = find(q, name);
    return key ? key->count : 0;
}

static const Str *list_of(const QueryDict *q, const QueryKey *key, Arena *a, size_t *n)
{
    Str *list = NEW_ARRAY(a, Str, key->count + (size_t)1);
    *n = 0;
    for (uint32_t at = key->first; at != NONE; at = q->values.p[at].next)
        list[(*n)++] = q->values.p[at].s;
    return list;
}

const Str *query_list(const QueryDict *q, Arena *a, Str name, size_t *n)
{
    static const Str none[1];
    QueryKey *key = find(q, name);
    *n = 0;
    return key ? list_of(q, key, a, n) : none;
}

uint32_t query_names(const QueryDict *q) { return q->live; }

bool query_next(const QueryDict *q, QueryName *at)
{
    while (at->next_key < q->keys.n) {
        const QueryKey *key = &q->keys.p[at->next_key++];
        if (key->count == DELETED)
            continue;
        at->name = key->name;
        at->next_value = key->first;
        return true;
    }
    return false;
}

bool query_next_value(const QueryDict *q, QueryName *at, Str *value)
{
    if (at->next_value == NONE)
        return false;
    *value = q->values.p[at->next_value].s;
    at->next_value = q->values.p[at->next_value].next;
    return true;
}

void query_set(QueryDict *q, Str name, Str value) { query_set_list(q, name, &value, 1); }

void query_append(QueryDict *q, Str name, Str value)
{
    must_be_mutable(q);
    append(q, find_or_add(q, name), value);
}

void query_set_list(QueryDict *q, Str name, const Str *values, size_t n)
{
    must_be_mutable(q);
    QueryKey *key = find_or_add(q, name);
    empty(key);
    for (size_t i = 0; i < n; i++)
        append(q, key, values[i]);
}

Str query_set_default(QueryDict *q, Str name, Str value)
{
    if (!query_has(q, name))
        query_set(q, name, value);
    return query_get(q, name);
}

bool query_delete(QueryDict *q, Str name)
{
    must_be_mutable(q);
    QueryKey *key = find(q, name);
    if (!key)
        return false;
    empty(key);
    key->count = DELETED;
    q->live--;
    return true;
}

const Str *query_pop(QueryDict *q, Arena *a, Str name, size_t *n)
{
    must_be_mutable(q);
    QueryKey *key = find(q, name);
    *n = 0;
    if (!key)
        return NULL;
    const Str *list = list_of(q, key, a, n);
    query_delete(q, name);
    return list;
}

void query_clear(QueryDict *q)
{
    must_be_mutable(q);
    q->keys.n = q->values.n = 0;
    q->live = 0;
    q->index = NULL;
}

QueryDict *query_copy(Arena *a, const QueryDict *q)
{
    QueryDict *copy = query_create(a);
    for (QueryName at = { 0 }; query_next(q, &at);) {
        QueryKey *key = find_or_add(copy, at.name);
        for (Str value; query_next_value(q, &at, &value);)
            append(copy, key, value);
    }
    return copy;
}

bool query_urlencode_add(Buf *out, const QueryDict *q, Str safe)
{
    bool first = true;
    for (QueryName at = { 0 }; query_next(q, &at);)
        for (Str value; query_next_value(q, &at, &value);) {
            if (!first)
                buf_byte(out, '&');
            first = false;
            bool (*add)(Buf *, Str, Str) = safe.n ? url_quote_add : url_quote_plus_add;
            add(out, at.name, safe);
            buf_byte(out, '=');
            add(out, value, safe);
        }
    return !out->failed;
}

Str query_urlencode(Arena *a, const QueryDict *q, Str safe)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    query_urlencode_add(&b, q, safe);
    return buf_view(&b);
}
