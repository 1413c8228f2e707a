/* query: a parsed dictionary, written and read again, is the same one; changing a copy keeps the counts. */
#include <clef/base.h>
#include <clef/base/utf8.h>
#include <clef/codec/query.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str text = str_from((const char *)data, n);
    QueryDict *q = query_parse(a, text, NULL);
    if (q) {
        Str written = query_urlencode(a, q, STR(""));
        QueryDict *again = query_parse(a, written, &(QueryOptions){ .max_fields = QUERY_NO_LIMIT });
        ASSERT(again && query_names(again) == query_names(q));
        QueryDict *copy = query_copy(a, q);
        for (QueryName at = { 0 }; query_next(q, &at);) {
            ASSERT(utf8_valid(at.name));
            ASSERT(query_count(again, at.name) == query_count(q, at.name));
            ASSERT(str_eq(query_get(again, at.name), query_get(q, at.name)));
            Str value;
            while (query_next_value(q, &at, &value))
                ASSERT(utf8_valid(value));
            size_t count;
            query_append(copy, at.name, STR("x"));
            ASSERT(query_pop(copy, a, at.name, &count) && count == query_count(q, at.name) + 1);
            ASSERT(!query_has(copy, at.name));
        }
        ASSERT(query_names(copy) == 0);
    }
    q = query_parse(a, text, &(QueryOptions){ .charset = CHARSET_CP1251, .drop_blank = true, .max_fields = 5 });
    ASSERT(!q || query_names(q) <= 5);
    arena_destroy(a);
    return 0;
}
