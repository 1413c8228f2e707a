#include <clef/base.h>
#include <clef/test.h>

/* The expected numbers are Python 3.11's hash(bytes), which is the same function, with its keys for the seeds 0 and 42. */
TEST(hash, is_siphash_1_3)
{
    const HashKey none = { 0 }, seeded = { 0xdc504fd368cd90af, 0xb920bb9ffe99e9c1 };
    char all[64];
    for (int i = 0; i < 64; i++)
        all[i] = (char)i;
    const struct {
        Str s;
        uint64_t zero, key;
    } cases[] = {
        { STR("a"), 4644417185603328019u, 18323536319731619102u },
        { STR("abcdefg"), 7904145750247929094u, 1375323160596907757u },
        { STR("abcdefgh"), 4574395652268504554u, 12988872177719840854u },
        { STR("abcdefghi"), 17913969820989044453u, 12476478069047217279u },
        { { all, 64 }, 8493894268803903686u, 10476391945621820107u },
        { STR("The quick brown fox jumps"), 11417078571473703723u, 15302319711580378516u },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++) {
        CHECK_EQ(hash_str(none, cases[i].s), cases[i].zero);
        CHECK_EQ(hash_str(seeded, cases[i].s), cases[i].key);
    }
}

TEST(hash, keys_differ_by_salt_and_stay_in_a_process)
{
    HashKey a = hash_key(1), b = hash_key(1), c = hash_key(2);
    CHECK_EQ(a.k0, b.k0);
    CHECK_EQ(a.k1, b.k1);
    CHECK(a.k0 != c.k0);
    CHECK(a.k1 != c.k1);
    CHECK(a.k0 != a.k1);
}
