#include "base/fault.h"

#include <clef/base/buf.h>
#include <clef/test.h>

#if CLEF_FAULTS
TEST(fault, the_nth_request_of_the_kind_fails_and_only_it)
{
    fault_arm(FAULT_SYSTEM, 3);
    CHECK(!fault_fails(FAULT_SYSTEM));
    CHECK(!fault_fails(FAULT_MEMORY));
    CHECK(!fault_fails(FAULT_SYSTEM));
    CHECK(!fault_fired());
    CHECK(fault_fails(FAULT_SYSTEM));
    CHECK(fault_fired());
    CHECK(!fault_fails(FAULT_SYSTEM));
    fault_arm(FAULT_SYSTEM, 0);
    CHECK(!fault_fails(FAULT_SYSTEM));
    CHECK(!fault_fired());
}

TEST(fault, a_loop_visits_every_request_and_then_none)
{
    int rounds = 0, failures[8] = { 0 };
    FAULT_LOOP (FAULT_SYSTEM | FAULT_MEMORY) {
        REQUIRE(rounds < 8);
        for (int i = 0; i < 3; i++)
            if (fault_fails(i == 1 ? FAULT_MEMORY : FAULT_SYSTEM))
                failures[rounds] = i + 1;
        rounds++;
    }
    CHECK_EQ(rounds, 4);
    CHECK_EQ(failures[0], 1);
    CHECK_EQ(failures[1], 2);
    CHECK_EQ(failures[2], 3);
    CHECK_EQ(failures[3], 0);
    CHECK(!fault_fails(FAULT_SYSTEM));
}
#endif

TEST(fault, a_heap_buf_without_memory_keeps_its_bytes_and_fails)
{
    int rounds = 0;
    FAULT_LOOP (FAULT_MEMORY) {
        Buf b = BUF_INIT(NULL, 1 << 20);
        size_t n = 0;
        while (n < 1000 && BUF_LIT(&b, "0123456789"))
            n += 10;
        CHECK_EQ(b.n, n);
        CHECK_EQ(b.failed, fault_fired());
        CHECK(n == 1000 || fault_fired());
        CHECK_EQ(n ? b.p[n] : 0, 0);
        buf_finish(&b);
        rounds++;
    }
    CHECK(rounds > (CLEF_FAULTS ? 3 : 0));
}

TEST(fault, an_arena_without_memory_stays_usable_and_counts_nothing)
{
    int rounds = 0;
    FAULT_LOOP (FAULT_MEMORY) {
        Arena *parent = arena_create(NULL, 0, 0), *a = arena_create(parent, 1 << 20, 0);
        for (int i = 0; i < 20; i++) {
            size_t before = arena_used(parent);
            char *p = arena_try_alloc(a, 5000);
            CHECK(p || fault_fired());
            if (p)
                memset(p, i, 5000);
            else
                CHECK_EQ(arena_used(parent), before);
        }
        arena_destroy(parent);
        rounds++;
    }
    CHECK(rounds > (CLEF_FAULTS ? 3 : 0));
}
