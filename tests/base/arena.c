#include <clef/base.h>
#include <clef/test.h>

static int ran[4], nran;
static void note(void *arg) { ran[nran++] = *(int *)arg; }

TEST(arena, memory_is_aligned_and_separate)
{
    Arena *a = test_arena();
    char *p[200];
    for (int i = 0; i < 200; i++) {
        p[i] = arena_alloc(a, (size_t)(i * 37 + 1));
        CHECK_EQ((uintptr_t)p[i] % 16, 0);
        memset(p[i], i, (size_t)(i * 37 + 1));
    }
    for (int i = 0; i < 200; i++)
        for (int j = 0; j < i * 37 + 1; j++)
            if ((unsigned char)p[i][j] != i)
                CHECK_EQ((unsigned char)p[i][j], i);
}

TEST(arena, cleanups_run_newest_first_and_children_before)
{
    static int one = 1, two = 2, three = 3;
    Arena *a = arena_create(NULL, 0, 0);
    arena_defer(a, note, &one);
    arena_defer(a, note, &two);
    Arena *child = arena_create(a, 0, 0);
    arena_defer(child, note, &three);
    arena_defer(a, note, &three);
    CHECK(arena_forget(a, note, &three));
    CHECK(!arena_forget(a, note, &three));
    arena_destroy(a);
    CHECK_EQ(nran, 3);
    CHECK_EQ(ran[0], 3);
    CHECK_EQ(ran[1], 2);
    CHECK_EQ(ran[2], 1);
}

TEST(arena, limits_count_children_and_end_with_the_reset)
{
    Arena *a = arena_create(NULL, 64 << 10, 1024);
    Arena *child = arena_create(a, 0, 1024);
    CHECK(arena_try_alloc(child, 60 << 10) != NULL);
    CHECK(arena_try_alloc(a, 10 << 10) == NULL);
    CHECK(arena_try_alloc(child, 10 << 10) == NULL);
    arena_reset(child);
    CHECK(arena_try_alloc(a, 10 << 10) != NULL);
    CHECK(arena_try_alloc(a, SIZE_MAX) == NULL);
    CHECK(arena_try_alloc(a, SIZE_MAX - 8) == NULL);
    arena_destroy(a);
}

TEST(arena, grow_keeps_the_bytes)
{
    Arena *a = test_arena();
    size_t n = 1;
    char *p = arena_alloc(a, 1);
    p[0] = 'x';
    for (int i = 0; i < 12; i++) {
        p = arena_grow(a, p, n, n * 3);
        memset(p + n, 'x', n * 2);
        n *= 3;
        if (i % 3 == 0)
            (void)arena_alloc(a, 5);
    }
    for (size_t i = 0; i < n; i++)
        REQUIRE(p[i] == 'x');
}
