#include <clef/base.h>
#include <clef/test.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

TEST(rand, below_reaches_every_number_and_no_other)
{
    unsigned seen[7] = { 0 };
    for (int i = 0; i < 2000; i++) {
        uint64_t v = 99;
        REQUIRE(rand_below(7, &v));
        REQUIRE(v < 7);
        seen[v]++;
    }
    for (int i = 0; i < 7; i++)
        CHECK(seen[i] > 150 && seen[i] < 450);
    uint64_t v = 99;
    CHECK(!rand_below(0, &v));
    CHECK(rand_below(1, &v));
    CHECK_EQ(v, 0ul);
    for (int i = 0; i < 100; i++) {
        CHECK(rand_below(((uint64_t)1 << 63) + 1, &v));
        CHECK(v <= (uint64_t)1 << 63);
    }
}

TEST(rand, strings_are_of_the_alphabet)
{
    Str s, t;
    REQUIRE(rand_str(test_arena(), 5000, RAND_ALPHANUMERIC, &s));
    CHECK_EQ(s.n, 5000ul);
    CHECK_EQ(s.p[5000], 0);
    unsigned seen[256] = { 0 };
    for (size_t i = 0; i < s.n; i++)
        seen[(unsigned char)s.p[i]]++;
    Str alphabet = RAND_ALPHANUMERIC;
    unsigned total = 0;
    for (size_t i = 0; i < alphabet.n; i++) {
        CHECK(seen[(unsigned char)alphabet.p[i]] > 20);
        total += seen[(unsigned char)alphabet.p[i]];
    }
    CHECK_EQ(total, 5000u);
    REQUIRE(rand_str(test_arena(), 32, RAND_ALPHANUMERIC, &s));
    REQUIRE(rand_str(test_arena(), 32, RAND_ALPHANUMERIC, &t));
    CHECK(!str_eq(s, t));
    REQUIRE(rand_str(test_arena(), 3, STR("x"), &s));
    CHECK_STR(s, STR("xxx"));
    REQUIRE(rand_str(test_arena(), 0, STR("x"), &s));
    CHECK_STR(s, STR(""));
    CHECK(!rand_str(test_arena(), 3, STR(""), &s));
    CHECK(rand_str(test_arena(), RAND_STR_MAX, STR("ab"), &s));
    CHECK(!rand_str(test_arena(), RAND_STR_MAX + 1, STR("ab"), &s));
}

TEST(rand, a_kernel_without_randomness_is_an_outcome)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { CLEF_COUNT(code), code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        test_skip("no seccomp filters here");
    char bytes[16];
    uint64_t v = 99;
    Str s = STR("kept");
    CHECK(!rand_bytes(bytes, sizeof bytes));
    CHECK(!rand_below(10, &v));
    CHECK_EQ(v, 99ul);
    CHECK(!rand_str(test_arena(), 8, RAND_ALPHANUMERIC, &s));
    CHECK_STR(s, STR("kept"));
}
