/*
 * switch.h: from one stack to another. A Side is where a flow of control stands while it does not run: a fiber, or the
 * loop on its thread's own stack. side_switch() leaves one for another, and tells the sanitizers.
 *
 * The switch saves what the ABI says a call preserves and nothing else. Not saved: the control words of the floating
 * point units (x86-64: mxcsr, x87; aarch64: fpcr) and the signal mask, so code that changes one restores it before it
 * waits. Control-flow protection: the switch leaves a stack by a jump, not by a return; its objects do not carry the
 * marks for shadow stacks, so the linker does not ask the kernel for them in a program that holds them; with ucontext
 * glibc switches shadow stacks itself.
 */
#ifndef CLEF_SRC_RT_SWITCH_H
#define CLEF_SRC_RT_SWITCH_H

#include "base/config.h"
#include "base/sanitizer.h"
#include <clef/base/api.h>

#if !defined(CLEF_FIBERS_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define CLEF_FIBERS_UCONTEXT 1
#endif

#ifdef CLEF_FIBERS_UCONTEXT
#include <ucontext.h>
typedef struct Machine {
    ucontext_t context;
} Machine;
#else
typedef struct Machine {
    void *sp; /* the saved registers lie above it */
} Machine;
#endif

typedef void MachineFn(void *arg); /* never returns */

/* Prepares a stack so that the first switch to *m calls fn(arg) on it. */
CLEF_PRIVATE(void, machine_init, Machine *m, void *stack, size_t size, MachineFn *fn, void *arg);
/* Saves the running flow in *from, goes on with *to; returns when something switches to *from. */
CLEF_PRIVATE(void, machine_switch, Machine *from, const Machine *to);

typedef struct Side {
    Machine machine;
    const void *stack; /* lowest address; NULL for a thread's own stack until ASan has said it */
    size_t size;
#if CLEF_ASAN
    void *fake_stack;
    struct Side *came_from;
#endif
#if CLEF_TSAN
    void *tsan;
#endif
} Side;

#if CLEF_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if CLEF_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* The first thing that runs on the side after each switch to it. */
static inline __attribute__((always_inline)) void side_arrived(Side *at)
{
#if CLEF_ASAN
    const void *stack = NULL;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(at->fake_stack, &stack, &size);
    if (at->came_from) {
        at->came_from->stack = stack;
        at->came_from->size = size;
    }
#else
    (void)at;
#endif
}

/* Leaves `from` (which is running) for `to`. `for_good`: nothing will switch to `from` again. */
static inline __attribute__((always_inline)) void side_switch(Side *from, Side *to, bool for_good)
{
#if CLEF_ASAN
    to->came_from = from;
    __sanitizer_start_switch_fiber(for_good ? NULL : &from->fake_stack, to->stack, to->size);
#else
    (void)for_good;
#endif
#if CLEF_TSAN
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    machine_switch(&from->machine, &to->machine);
    side_arrived(from);
}

#endif
