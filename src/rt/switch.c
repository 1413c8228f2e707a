/* switch.c: the first frame of a new stack, and the whole switch where there is no assembly for the machine. */
#include "rt/switch.h"

#ifdef CLEF_FIBERS_UCONTEXT

#include <clef/base/assert.h>

/* makecontext passes ints: a pointer goes in two halves. */
static void entry(unsigned fn_high, unsigned fn_low, unsigned arg_high, unsigned arg_low)
{
    MachineFn *fn = (MachineFn *)(uintptr_t)((uint64_t)fn_high << 32 | fn_low);
    fn((void *)(uintptr_t)((uint64_t)arg_high << 32 | arg_low));
}

void machine_init(Machine *m, void *stack, size_t size, MachineFn *fn, void *arg)
{
    ASSERT(getcontext(&m->context) == 0);
    m->context.uc_stack.ss_sp = stack;
    m->context.uc_stack.ss_size = size;
    m->context.uc_link = NULL;
    uint64_t f = (uintptr_t)fn, a = (uintptr_t)arg;
    makecontext(&m->context, (void (*)(void))entry, 4, (unsigned)(f >> 32), (unsigned)f, (unsigned)(a >> 32),
                (unsigned)a);
}

void machine_switch(Machine *from, const Machine *to) { ASSERT(swapcontext(&from->context, &to->context) == 0); }

#else

CLEF_PRIVATE(void, machine_entry, void);

void machine_init(Machine *m, void *stack, size_t size, MachineFn *fn, void *arg)
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
#if defined(__x86_64__)
    /* r15 r14 r13 r12 rbx rbp, where to go on, and a word so that the entry calls with an aligned stack. */
    uintptr_t *sp = (uintptr_t *)top - 9;
    for (int i = 0; i < 9; i++)
        sp[i] = 0;
    sp[2] = (uintptr_t)arg;           /* r13 */
    sp[3] = (uintptr_t)fn;            /* r12 */
    sp[6] = (uintptr_t)machine_entry; /* after it is popped, sp is top - 16 */
#else
    uintptr_t *sp = (uintptr_t *)top - 20;
    for (int i = 0; i < 20; i++)
        sp[i] = 0;
    sp[1] = (uintptr_t)machine_entry; /* x30 */
    sp[2] = (uintptr_t)fn;            /* x19 */
    sp[3] = (uintptr_t)arg;           /* x20 */
#endif
    m->sp = sp;
}

#endif
