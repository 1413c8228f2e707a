/*
 * query.h: query strings and url-encoded forms, and the dictionary with several values for a name that they become
 * (Django's QueryDict). Names keep the order in which they first came, values the order in which they came.
 *
 *     QueryDict *q = query_parse(arena, STR("a=1&b=x+y&a=2"), NULL);
 *     query_get(q, STR("a"))                  "2", the last one
 *     query_count(q, STR("a"))                2
 *
 * Parsing is one pass and one allocation for the tables; a name or value without an escape is a view into the input,
 * which must live as long as the dictionary. Up to QUERY_SMALL names are searched one after the other; more get an index
 * by a keyed hash, so that a client cannot choose names that collide.
 *
 * A parsed dictionary is read-only, as in Django: changing it is a bug (ASSERT); query_copy gives one that may change.
 * Strings given to it are borrowed.
 */
#ifndef CLEF_CODEC_QUERY_H
#define CLEF_CODEC_QUERY_H

#include <clef/base/buf.h>
#include <clef/codec/charset.h>

enum {
    QUERY_SMALL = 8,
    QUERY_MAX_FIELDS = 1000, /* the default of QueryOptions.max_fields, Django's DATA_UPLOAD_MAX_NUMBER_FIELDS */
};
#define QUERY_NO_LIMIT UINT32_MAX
/* The most fields that any dictionary holds. */
#define QUERY_FIELDS_MAX ((uint32_t)1 << 30)

typedef struct QueryOptions {
    uint32_t max_fields; /* 0: QUERY_MAX_FIELDS */
    Charset charset;     /* of the decoded escapes; 0: UTF-8 */
    bool drop_blank;     /* leave fields with an empty value out */
    bool mutable;
} QueryOptions;

typedef struct QueryDict QueryDict;

/* An empty dictionary that may change. */
CLEF_API(QueryDict *, query_create, Arena *a) CLEF_NONNULL;
/*
 * The fields of `text`, separated by &: + is a space, %XX a byte, a bad escape stays, a field without = has an empty
 * value, an empty field is none. Bytes that are not UTF-8 (escaped or not) become U+FFFD; a text with raw bytes that are
 * not UTF-8 is read as ISO 8859-1 altogether, as Django does. NULL when there are more than max_fields fields, the empty
 * ones counted. `options` may be NULL.
 */
CLEF_API(QueryDict *, query_parse, Arena *a, Str text, const QueryOptions *options) CLEF_MUST_USE;

/* The last value, or the NULL string when the name is not there. */
CLEF_API(Str, query_get, const QueryDict *q, Str name) CLEF_PURE;
static inline Str query_get_or(const QueryDict *q, Str name, Str fallback)
{
    Str s = query_get(q, name);
    return str_is_null(s) ? fallback : s;
}
CLEF_API(bool, query_has, const QueryDict *q, Str name) CLEF_PURE;
/* How many values a name has; a name set to an empty list is there with none. */
CLEF_API(uint32_t, query_count, const QueryDict *q, Str name) CLEF_PURE;
/* All values of a name, in the arena; *n of them. */
CLEF_API(const Str *, query_list, const QueryDict *q, Arena *a, Str name, size_t *n);
/* The number of names. */
CLEF_API(uint32_t, query_names, const QueryDict *q) CLEF_PURE;

/*
 * The names in order, and the values of each:
 *
 *     for (QueryName at = { 0 }; query_next(q, &at);)
 *         for (Str value; query_next_value(q, &at, &value);)
 *             ... at.name, value ...
 */
typedef struct QueryName {
    Str name;
    uint32_t next_key, next_value; /* private */
} QueryName;
CLEF_API(bool, query_next, const QueryDict *q, QueryName *at);
CLEF_API(bool, query_next_value, const QueryDict *q, QueryName *at, Str *value);

/* Replaces all values of the name by one. */
CLEF_API(void, query_set, QueryDict *q, Str name, Str value);
CLEF_API(void, query_append, QueryDict *q, Str name, Str value);
CLEF_API(void, query_set_list, QueryDict *q, Str name, const Str *values, size_t n);
/* The value when there is one, else sets it. */
CLEF_API(Str, query_set_default, QueryDict *q, Str name, Str value);
/* Takes a name out; false when it was not there. */
CLEF_API(bool, query_delete, QueryDict *q, Str name);
/* Takes a name out and gives its values, in the arena; NULL when it was not there. */
CLEF_API(const Str *, query_pop, QueryDict *q, Arena *a, Str name, size_t *n);
CLEF_API(void, query_clear, QueryDict *q);
/* A copy that may change; its strings are still borrowed. */
CLEF_API(QueryDict *, query_copy, Arena *a, const QueryDict *q) CLEF_NONNULL;

/* "a=1&a=2&b=x+y". With a `safe` set of bytes, those stay, and a space is %20 (Django's urlencode(safe)). */
CLEF_API(Str, query_urlencode, Arena *a, const QueryDict *q, Str safe);
CLEF_API(bool, query_urlencode_add, Buf *out, const QueryDict *q, Str safe);

#endif
