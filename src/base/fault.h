/*
 * fault.h: failures on purpose, for tests. Code that asks the system for something that may be refused asks here first:
 *
 *     if (fault_fails(FAULT_SYSTEM)) {
 *         errno = EIO;
 *         return -1;
 *     }
 *
 * A test then runs a scenario again and again, failing the first such request, then the second, and so on, until the
 * scenario comes through without a failure:
 *
 *     FAULT_LOOP (FAULT_MEMORY | FAULT_SYSTEM) {
 *         bool ok = scenario();
 *         CHECK(ok || fault_fired());
 *     }
 *
 * What the scenario leaks on the way is found by the leak check at the test's end. A memory request is one for a chunk
 * of an arena or the memory of a heap Buf; the first chunk of an arena counts where arena_try_create asks for it, not
 * where arena_create does, which has no outcome.
 *
 * The requests of all threads are counted together, so a scenario with threads is repeated, but not exactly; a thread
 * that is spared (the client of a server under test) has none that count. In a build without -Dfaults (a release)
 * nothing is left of this: fault_fails is false, and a FAULT_LOOP runs once.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <clef/base/api.h>

typedef enum FaultKind {
    FAULT_MEMORY = 1,   /* an allocation */
    FAULT_SYSTEM = 2,   /* a system call */
    FAULT_DATABASE = 4, /* a reply of a database */
    FAULT_LIBRARY = 8,  /* an allocation of a library, where a test has put itself between */
} FaultKind;

typedef struct FaultLoop {
    unsigned kinds;
    uint64_t n; /* which request fails */
} FaultLoop;

enum { FAULT_LOOP_MAX = 1000000 }; /* a scenario that needs more rounds never ends: a bug */

#if CLEF_FAULTS
/* True when this request is the one to fail. */
CLEF_PRIVATE(bool, fault_fails, FaultKind kind);
/* The n-th request of these kinds (a set of FaultKind) from now on fails; n = 0: none. One fails, not those after it. */
CLEF_PRIVATE(void, fault_arm, unsigned kinds, uint64_t n);
/* Whether the request armed for has come and failed. */
CLEF_PRIVATE(bool, fault_fired, void);
CLEF_PRIVATE(bool, fault_loop_next, FaultLoop *loop);
/* Requests of the calling thread do not count from now on, or do again. */
CLEF_PRIVATE(void, fault_spare_thread, bool spared);
#else
static inline bool fault_fails(FaultKind kind) { return (void)kind, false; }
static inline void fault_arm(unsigned kinds, uint64_t n) { (void)kinds, (void)n; }
static inline bool fault_fired(void) { return false; }
static inline bool fault_loop_next(FaultLoop *loop) { return loop->n++ == 0; }
static inline void fault_spare_thread(bool spared) { (void)spared; }
#endif

/*
 * A system call that says -1 and an errno when it is refused: int fd = FAULT_CALL(EMFILE, open(...)). errno.h is the
 * user's.
 */
#define FAULT_CALL(error, call) (fault_fails(FAULT_SYSTEM) ? (errno = (error), -1) : (call))

#define FAULT_LOOP(kinds_) for (FaultLoop fault_loop = { .kinds = (kinds_) }; fault_loop_next(&fault_loop);)

#endif
