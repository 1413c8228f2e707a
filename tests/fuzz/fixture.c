/* fixture: any bytes as a fixture: every object that is read is read again from its own text. */
#include "serializers/serializers.h"
#include <clef/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    FixtureReader reader;
    FixtureObject object, again;
    Str error;
    FixtureText text = { .text = { (const char *)data + 1, n - 1 }, .packed = data[0] >= 128 };
    FixtureSource source;
    size_t line = 0;
    FixtureFormat format = (FixtureFormat)(data[0] % FIXTURE_FORMATS);
    if (!fixture_source_open(&source, a, &text))
        ASSERT(source.error);
    fixture_reader_init(&reader, a, format, &source);
    while (fixture_next(&reader, a, &object, &error)) {
        ASSERT(object.fields && object.line >= line && !error.n);
        ASSERT(fixture_object_read(a, object.source, &again, &error));
        ASSERT(str_eq(again.model, object.model) && again.has_pk == object.has_pk);
        line = object.line;
    }
    ASSERT(!fixture_next(&reader, a, &object, &error));
    arena_destroy(a);
    return 0;
}
