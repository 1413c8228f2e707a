/* plural.c: plural expressions, and their value for some numbers. */
#include <clef/i18n/plural.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    const PluralForms *p;
    if (plural_read(a, (Str){ (const char *)data, n }, &p) == PLURAL_OK) {
        static const int64_t numbers[] = { 0, 1, 2, 5, 11, 111, -1, INT64_MAX, INT64_MIN };
        for (size_t i = 0; i < CLEF_COUNT(numbers); i++)
            (void)plural_form(p, numbers[i]);
    }
    arena_destroy(a);
    return 0;
}
