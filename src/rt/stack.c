/* stack.c: mapping, trimming and measuring stacks. */
#include "rt/stack.h"
#include "base/config.h"
#include "base/fault.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#if CLEF_HAVE_VALGRIND
#include <valgrind/valgrind.h>
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(start, end) 0U
#define VALGRIND_STACK_DEREGISTER(id)       ((void)(id))
#endif
#if CLEF_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

size_t stack_guard(void)
{
    size_t page = page_size();
    return (STACK_GUARD + page - 1) / page * page;
}

bool stack_map(Stack *s)
{
    size_t guard = stack_guard();
    if (fault_fails(FAULT_SYSTEM)) {
        errno = ENOMEM;
        return false;
    }
    char *p = mmap(NULL, guard + STACK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (p == MAP_FAILED)
        return false;
    if (FAULT_CALL(ENOMEM, mprotect(p + guard, STACK_SIZE, PROT_READ | PROT_WRITE)) != 0) {
        int error = errno;
        munmap(p, guard + STACK_SIZE);
        errno = error;
        return false;
    }
    *s = (Stack){ .p = p + guard, .n = STACK_SIZE };
    s->valgrind = VALGRIND_STACK_REGISTER(s->p, s->p + s->n);
#if CLEF_ASAN
    __asan_unpoison_memory_region(s->p, s->n);
    /* What only a parked fiber's frames point at is not lost. */
    __lsan_register_root_region(s->p, s->n);
#endif
    return true;
}

void stack_unmap(Stack *s)
{
    VALGRIND_STACK_DEREGISTER(s->valgrind);
#if CLEF_ASAN
    __lsan_unregister_root_region(s->p, s->n);
    __asan_unpoison_memory_region(s->p, s->n);
#endif
    size_t guard = stack_guard();
    munmap(s->p - guard, guard + s->n);
}

void stack_trim(Stack *s, const void *keep_from)
{
    size_t page = page_size();
    size_t n = (size_t)((const char *)keep_from - s->p) / page * page;
    if (n)
        (void)madvise(s->p, n, MADV_DONTNEED);
}

/*
 * A mapped page is zero until it is written, so nothing has to be painted: the lowest page that is there at all is found
 * without touching the others, and in it the first byte that is not zero.
 */
__attribute__((no_sanitize("address", "thread"))) size_t stack_used(const Stack *s)
{
    enum { PAGES = STACK_SIZE / 4096 };
    unsigned char there[PAGES];
    size_t page = page_size();
    if (mincore(s->p, s->n, there) != 0)
        return 0;
    for (size_t i = 0; i < s->n / page; i++) {
        if (!(there[i] & 1))
            continue;
        const volatile uint64_t *at = (const volatile uint64_t *)(const void *)(s->p + i * page);
        for (size_t k = 0; k < page / 8; k++)
            if (at[k])
                return s->n - (i * page + k * 8);
    }
    return 0;
}
