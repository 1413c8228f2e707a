/* service_url.c: any bytes as the URL of a database, a cache and a mail server. */
#include <clef/conf.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, (size_t)64 << 20, 0);
    Str url = { (const char *)data, n }, error;
    DatabaseSettings d;
    CacheSettings c;
    Settings s;
    settings_init(&s, a);
    if (database_url_parse(a, url, &d, &error) && d.name.n == 0 && !str_eq(d.engine, STR("sqlite3")))
        __builtin_trap();
    (void)!cache_url_parse(a, url, &c, &error);
    (void)!email_url_parse(&s, url, &error);
    arena_destroy(a);
    return 0;
}
