/*
 * stack.h: stacks for fibers. A stack is mapped memory with a guard below it; running off its end is a fault at an address
 * inside the guard, never a write into a neighbour.
 */
#ifndef CLEF_SRC_RT_STACK_H
#define CLEF_SRC_RT_STACK_H

#include "rt/switch.h"

/* The bytes of a stack, without its guard. Frames are larger where nothing is optimised or much is checked. */
#if CLEF_ASAN || CLEF_TSAN || !defined(__OPTIMIZE__)
enum { STACK_SIZE = 256 << 10 };
#define STACK_MEASURED 1
#else
enum { STACK_SIZE = 64 << 10 };
#define STACK_MEASURED 0
#endif
enum { STACK_GUARD = 16 << 10 }; /* rounded up to a page */

typedef struct Stack {
    char *p; /* lowest address, above the guard */
    size_t n;
    unsigned valgrind;
} Stack;

/* False when the kernel gives no memory (errno). */
CLEF_PRIVATE(bool, stack_map, Stack *s);
CLEF_PRIVATE(void, stack_unmap, Stack *s);
/* Gives the pages below `keep_from` back to the kernel; they read as zero afterwards. */
CLEF_PRIVATE(void, stack_trim, Stack *s, const void *keep_from);
/* Bytes of guard below a stack. */
CLEF_PRIVATE(size_t, stack_guard, void);
/* Bytes from the top to the lowest byte that was ever written since the stack was mapped or trimmed. */
CLEF_PRIVATE(size_t, stack_used, const Stack *s);

#endif
