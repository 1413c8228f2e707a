/* catalog.c: .mo files: what is read answers lookups within the file. */
#include <clef/i18n/catalog.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    const Catalog *c;
    char *p = arena_alloc(a, n + 1); /* so that a read behind the end is seen */
    volatile char sum = 0;
    memcpy(p, data, n);
    if (catalog_read(a, (Str){ p, n }, &c) == CATALOG_OK) {
        static const Str ids[] = { STR("Hello"), STR("%d day"), STR("A"), STR("") };
        for (size_t i = 0; i < CLEF_COUNT(ids); i++) {
            Str out;
            if (catalog_find(c, (Str){ 0 }, ids[i], &out))
                for (size_t k = 0; k < out.n; k++)
                    sum += out.p[k];
            if (catalog_find_plural(c, i % 2 ? STR("ctx") : (Str){ 0 }, ids[i], (int64_t)n - 5, &out))
                for (size_t k = 0; k < out.n; k++)
                    sum += out.p[k];
        }
        (void)catalog_header(c, STR("Language"));
    }
    (void)sum;
    arena_destroy(a);
    return 0;
}
