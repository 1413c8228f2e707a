/* dotenv.c: any bytes as a .env file. */
#include <clef/conf/dotenv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, (size_t)256 << 20, 0);
    Dotenv d;
    uint32_t bad;
    (void)dotenv_parse(a, (Str){ (const char *)data, n }, NULL, NULL, &d, &bad);
    for (size_t i = 0; i < d.n; i++)
        if (d.p[i].name.n == 0)
            __builtin_trap();
    arena_destroy(a);
    return 0;
}
