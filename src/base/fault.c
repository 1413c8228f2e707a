/* fault.c: the count of requests that fail on purpose. The only state of this floor, and only in builds for tests. */
#include "base/fault.h"

#include <clef/base/assert.h>

#if CLEF_FAULTS
#include <stdatomic.h>

static atomic_uint armed;         /* kinds counted; 0: nothing fails */
static atomic_uint_fast64_t left; /* requests until the one that fails */
static atomic_bool fired;
static __thread bool spared;

bool fault_fails(FaultKind kind)
{
    if (CLEF_LIKELY(!(atomic_load_explicit(&armed, memory_order_relaxed) & (unsigned)kind)) || spared)
        return false;
    if (atomic_fetch_sub(&left, 1) != 1)
        return false;
    atomic_store(&armed, 0);
    atomic_store(&fired, true);
    return true;
}

void fault_arm(unsigned kinds, uint64_t n)
{
    atomic_store(&armed, 0);
    atomic_store(&fired, false);
    atomic_store(&left, n);
    atomic_store(&armed, n ? kinds : 0);
}

bool fault_fired(void) { return atomic_load(&fired); }

void fault_spare_thread(bool yes) { spared = yes; }

bool fault_loop_next(FaultLoop *loop)
{
    bool again = loop->n == 0 || fault_fired();
    if (loop->n == FAULT_LOOP_MAX)
        PANIC("a fault loop still fails at request %d", FAULT_LOOP_MAX);
    fault_arm(loop->kinds, again ? ++loop->n : 0);
    return again;
}
#endif
