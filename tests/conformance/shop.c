/* shop.c: the shop's database, thrown away at the end: a copy of the recorded one, or a server's filled from that. */
#include "conformance/shop.h"
#include "../../examples/shop/shop.h"
#include "conformance/shop_server.h"

#include <clef/db.h>
#include <clef/i18n/locale.h>
#include <clef/orm.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct Shop {
    Databases *databases;
    I18n *i18n;
    char path[32];
    DbConfig server; /* driver NULL: SQLite */
    Str name;        /* of the database on it; the NULL string: not made */
};

static Str database_of(Run *run)
{
    Arena *a = run->arena;
    Str file = str_c(run->file);
    size_t slash = str_rfind_byte(file, '/');
    Str folder = slash == STR_NPOS ? STR(".") : str_slice(file, 0, slash);
    const char *shared = getenv("CLEF_SHARED");
    const Str places[] = { folder, str_format(a, "%s/conformance", shared ? shared : "../shared"),
                           str_format(a, "%.*s/conformance", STR_FMT(folder)) };
    for (size_t i = 0; i < CLEF_COUNT(places); i++) {
        Str bytes = read_whole_file(a, str_format(a, "%.*s/shop/shop.sqlite3", STR_FMT(places[i])).p);
        if (!str_is_null(bytes))
            return bytes;
    }
    return (Str){ 0 };
}

static bool write_copy(Shop *shop, Str bytes)
{
    snprintf(shop->path, sizeof shop->path, "/tmp/clef-shop-XXXXXX");
    int fd = mkstemp(shop->path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    bool good = f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
    return f && fclose(f) == 0 && good;
}

void shop_close(Shop *shop)
{
    static const char *const tails[] = { "", "-wal", "-shm" };
    char path[48];
    if (!shop)
        return;
    databases_destroy(shop->databases);
    for (size_t i = 0; i < CLEF_COUNT(tails); i++) {
        snprintf(path, sizeof path, "%s%s", shop->path, tails[i]);
        unlink(path);
    }
    if (shop->name.n)
        shop_server_drop(&shop->server, shop->name);
}

static bool fill(Shop *shop)
{
    Context cx;
    shop_context(shop, &cx, arena_create(NULL, 0, 0));
    const Error *e = attempt(&cx, shop_server_fill, NULL);
    if (e)
        fprintf(stderr, "clef-conformance: the server's shop: %.*s\n", STR_FMT(e->message));
    context_finish(&cx);
    arena_destroy(cx.arena);
    return !e;
}

Shop *shop_open(Run *run)
{
    Str error = { 0 }, bytes = database_of(run);
    if (str_is_null(bytes)) {
        fprintf(stderr, "clef-conformance: shop/shop.sqlite3 is not beside %s\n", run->file);
        return NULL;
    }
    Shop *shop = NEW(run->arena, Shop);
    if (!write_copy(shop, bytes)) {
        fprintf(stderr, "clef-conformance: no copy of the shop's database can be written to /tmp\n");
        return NULL;
    }
    if (!apps_populate(run->arena, (const App *const[]){ &catalog_app, &sales_app, NULL }, &error)) {
        fprintf(stderr, "clef-conformance: %.*s\n", STR_FMT(error));
        return NULL;
    }
    static const DbOption fast[] = { { CLEF_STR("synchronous"), CLEF_STR("OFF") } };
    DbConfig configs[2] = { { .alias = STR("default"),
                              .driver = &sqlite_driver,
                              .name = str_c(shop->path),
                              .options = fast,
                              .noptions = CLEF_COUNT(fast) } };
    bool on_server = !str_eq(str_c(run->database), STR("sqlite"));
    if (on_server) {
        if (!shop_server_config(run, &shop->server))
            return NULL;
        configs[1] = configs[0];
        configs[1].alias = STR("recorded");
        configs[0] = shop->server;
        if (!shop_server_create(run, &configs[0]))
            return NULL;
        shop->name = configs[0].name;
    }
    shop->databases = databases_create(run->arena, configs, on_server ? 2 : 1);
    shop->i18n = i18n_create(run->arena, &(I18nOptions){ .use_tz = true });
    if (on_server && !fill(shop)) {
        shop_close(shop);
        return NULL;
    }
    return shop;
}

void shop_context(Shop *shop, Context *cx, Arena *arena)
{
    context_init(cx, arena);
    cx->databases = shop->databases;
    cx->locale = i18n_locale(shop->i18n);
}

void shop_after(Shop *shop, const Context *ran)
{
    Context cx;
    if (!shop->name.n)
        return;
    shop_context(shop, &cx, arena_create(NULL, 0, 0));
    const Error *e = attempt(&cx, shop_server_after, (void *)(uintptr_t)ran);
    if (e)
        fprintf(stderr, "clef-conformance: %.*s\n", STR_FMT(e->message));
    context_finish(&cx);
    arena_destroy(cx.arena);
}
