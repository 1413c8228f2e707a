/*
 * arena.h: memory that goes together. An arena hands out memory that is freed all at once, when it is reset or
 * destroyed; arenas form a tree (process > worker > connection > request > scratch), and a child never outlives its
 * parent. Allocation never returns NULL: past the arena's limit, or when the system has no more memory, the limit handler
 * of the nearest ancestor runs, and it must not return (the request layer raises 413 or 503; without a handler the
 * process panics). So arena_alloc may leave the calling function by a jump: hold nothing across it that neither the arena
 * nor a clean-up or a DEFER will release. Code that cannot be jumped through (a callback from a C library) uses
 * arena_try_alloc.
 *
 * An arena and its tree belong to one thread at a time. Memory is aligned to 16 bytes. Under AddressSanitizer the unused
 * part of each chunk is poisoned, with a red zone between allocations.
 */
#ifndef CLEF_BASE_ARENA_H
#define CLEF_BASE_ARENA_H

#include <clef/base/api.h>
#include <string.h>

typedef struct Arena Arena;

/* Runs when `wanted` more bytes would pass the limit (or the system is out of memory). Must not return. */
typedef void ArenaLimitFn(Arena *arena, size_t wanted, void *arg);
/* Runs when the arena is reset or destroyed, in reverse order of registration, before the memory goes. */
typedef void ArenaCleanupFn(void *arg);

/*
 * A new arena under `parent` (NULL: a root) holding at most `limit` bytes, its children's included; 0 means no limit of
 * its own. The first chunk has `first_chunk` bytes (0: 4 KiB) and is kept by arena_reset.
 */
CLEF_API(Arena *, arena_create, Arena *parent, size_t limit, size_t first_chunk) CLEF_NONNULL CLEF_MUST_USE;
/* The same, but NULL when the system has no more memory: for who can do without. */
CLEF_API(Arena *, arena_try_create, Arena *parent, size_t limit, size_t first_chunk) CLEF_MUST_USE;
/* Destroys the children, runs the clean-ups, frees the memory. NULL is fine. */
CLEF_API(void, arena_destroy, Arena *a);
/* The same, but the arena stays, empty, with its first chunk, limit and handler. */
CLEF_API(void, arena_reset, Arena *a);

CLEF_API(void *, arena_alloc, Arena *a, size_t n) CLEF_NONNULL __attribute__((malloc, alloc_size(2)));
/* The same, zeroed. */
CLEF_API(void *, arena_zalloc, Arena *a, size_t n) CLEF_NONNULL __attribute__((malloc, alloc_size(2)));
/* count * size bytes, zeroed, the product checked. */
CLEF_API(void *, arena_array, Arena *a, size_t count, size_t size) CLEF_NONNULL __attribute__((malloc));
/* NULL instead of the limit handler. */
CLEF_API(void *, arena_try_alloc, Arena *a, size_t n) CLEF_MUST_USE;
/*
 * Makes the allocation p of old_n bytes new_n bytes long, in place when it was the arena's last one, else by a copy (the
 * old memory stays until the reset). p may be NULL.
 */
CLEF_API(void *, arena_grow, Arena *a, void *p, size_t old_n, size_t new_n) CLEF_NONNULL CLEF_MUST_USE;
/* The same, but NULL (and p untouched) instead of the limit handler. */
CLEF_API(void *, arena_try_grow, Arena *a, void *p, size_t old_n, size_t new_n) CLEF_MUST_USE;

/* fn(arg) runs when the arena is reset or destroyed. */
CLEF_API(void, arena_defer, Arena *a, ArenaCleanupFn *fn, void *arg);
/* Takes the newest clean-up with this fn and arg back, without running it. False when there is none. */
CLEF_API(bool, arena_forget, Arena *a, ArenaCleanupFn *fn, void *arg);
CLEF_API(void, arena_on_limit, Arena *a, ArenaLimitFn *fn, void *arg);
CLEF_API(void, arena_set_limit, Arena *a, size_t limit);
/* Whether n more bytes keep within the limits, its own and those of its ancestors. */
CLEF_API(bool, arena_has_room, const Arena *a, size_t n) CLEF_PURE;
/* Bytes of chunks that the arena and its children hold. */
CLEF_API(size_t, arena_used, const Arena *a) CLEF_PURE;

#define NEW(arena, T)              ((T *)arena_zalloc((arena), sizeof(T)))
#define NEW_ARRAY(arena, T, count) ((T *)arena_array((arena), (count), sizeof(T)))

#endif
