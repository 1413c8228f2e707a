#include "i18n/mo.h"
#include <clef/i18n.h>
#include <clef/test.h>

#define NO_CONTEXT ((Str){ 0 })
#define HEADER                                                                                               \
    {                                                                                                        \
        STR(""), STR("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=3; plural=n==1 ? 0 : " \
                     "n<5 ? 1 : 2;\nLanguage: cs\n")                                                         \
    }

static Str file(bool swapped)
{
    static const MoMessage messages[] = {
        HEADER,
        { STR("Hello"), STR("Ahoj") },
        { STR("verb\4Open"), STR("Otevřít") },
        { STR("Open"), STR("Otevřeno") },
        { STR("%d day\0%d days"), STR("%d den\0%d dny\0%d dní") },
        { STR("ctx\4%d day\0%d days"), STR("jeden\0málo") },
    };
    return mo_make(test_arena(), messages, CLEF_COUNT(messages), swapped);
}

TEST(i18n, a_catalogue_has_messages_contexts_and_plurals)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        const Catalog *c;
        Str out = STR("-");
        REQUIRE(catalog_read(test_arena(), file(swapped), &c) == CATALOG_OK);
        CHECK_EQ(catalog_count(c), 5u);
        CHECK(catalog_find(c, NO_CONTEXT, STR("Hello"), &out));
        CHECK_STR(out, STR("Ahoj"));
        CHECK(catalog_find(c, STR("verb"), STR("Open"), &out));
        CHECK_STR(out, STR("Otevřít"));
        CHECK(catalog_find(c, NO_CONTEXT, STR("Open"), &out));
        CHECK_STR(out, STR("Otevřeno"));
        CHECK(!catalog_find(c, STR("noun"), STR("Open"), &out));
        CHECK(!catalog_find(c, STR("ver"), STR("bOpen"), &out));
        CHECK(!catalog_find(c, NO_CONTEXT, STR("Hell"), &out));
        CHECK(!catalog_find(c, NO_CONTEXT, STR(""), &out));
        static const Str days[] = { STR("%d dní"), STR("%d den"), STR("%d dny"),
                                    STR("%d dny"), STR("%d dny"), STR("%d dní") };
        for (int n = 1; n < 6; n++) {
            CHECK(catalog_find_plural(c, NO_CONTEXT, STR("%d day"), n, &out));
            CHECK_STR(out, days[n]);
        }
        CHECK(catalog_find(c, NO_CONTEXT, STR("%d day"), &out));
        CHECK_STR(out, STR("%d den"));
        CHECK(!catalog_find_plural(c, NO_CONTEXT, STR("Hello"), 1, &out));
        CHECK(catalog_find_plural(c, STR("ctx"), STR("%d day"), 2, &out));
        CHECK_STR(out, STR("málo"));
        CHECK(!catalog_find_plural(c, STR("ctx"), STR("%d day"), 9, &out)); /* it has two forms of three */
        CHECK_STR(catalog_header(c, STR("language")), STR("cs"));
        CHECK_STR(catalog_header(c, STR("nothing")), STR(""));
    }
}

TEST(i18n, every_cut_catalogue_is_refused_or_fine)
{
    Str whole = file(false);
    for (size_t n = 0; n < whole.n; n++) {
        char *p = arena_alloc(test_arena(), n + 1);
        const Catalog *c;
        memcpy(p, whole.p, n);
        CatalogOutcome o = catalog_read(test_arena(), (Str){ p, n }, &c);
        CHECK_EQ((int)o, n < 28 ? CATALOG_NOT_MO : CATALOG_DAMAGED);
    }
}

TEST(i18n, catalogues_that_cannot_be_read_say_why)
{
    Arena *a = test_arena();
    const Catalog *c;
    Str good = file(false);
    char *bytes = arena_alloc(a, good.n);
    memcpy(bytes, good.p, good.n);
    bytes[6] = 2; /* major revision 2 */
    CHECK_EQ((int)catalog_read(a, (Str){ bytes, good.n }, &c), CATALOG_NOT_MO);
    bytes[6] = 0;
    bytes[11] = 0x7f; /* a count of messages beyond the limit */
    CHECK_EQ((int)catalog_read(a, (Str){ bytes, good.n }, &c), CATALOG_TOO_LARGE);
    bytes[11] = 0;
    memset(bytes + 28, 0xff, 4); /* a length */
    CHECK_EQ((int)catalog_read(a, (Str){ bytes, good.n }, &c), CATALOG_DAMAGED);
    Str latin = MO_MAKE(a, { STR(""), STR("Content-Type: text/plain; charset=koi8-r\n") });
    CHECK_EQ((int)catalog_read(a, latin, &c), CATALOG_BAD_CHARSET);
    Str plural = MO_MAKE(a, { STR(""), STR("Plural-Forms: nplurals=2; plural=n is 1;\n") });
    CHECK_EQ((int)catalog_read(a, plural, &c), CATALOG_BAD_PLURAL);
    Str none = MO_MAKE(a, { STR("Hello"), STR("Hallo") });
    CHECK_EQ((int)catalog_read(a, none, &c), CATALOG_OK);
    for (int o = CATALOG_OK; o <= CATALOG_TOO_LARGE; o++)
        CHECK(*catalog_outcome_text((CatalogOutcome)o) != 0);
}

TEST(i18n, messages_are_counted_up_to_the_limit)
{
    Arena *a = test_arena();
    const Catalog *c;
    uint32_t n = CATALOG_MESSAGES_MAX + 1;
    char *p = arena_zalloc(a, 28 + 16 * (size_t)n);
    const uint32_t head[] = { 0x950412de, 0, n, 28, 28 + 8 * n, 0, 0 };
    memcpy(p, head, sizeof head);
    CHECK_EQ((int)catalog_read(a, (Str){ p, 28 + 16 * (size_t)n }, &c), CATALOG_TOO_LARGE);
    n--;
    memcpy(p + 8, &n, 4);
    CHECK_EQ((int)catalog_read(a, (Str){ p, 28 + 16 * (size_t)n + 16 }, &c), CATALOG_DAMAGED);
}
