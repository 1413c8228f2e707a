/* arena.c: chunks of memory with a bump pointer, in a tree. The contract is in <clef/base/arena.h>. */
#include "base/sanitizer.h"
#include <clef/base/arena.h>
#include <clef/base/assert.h>

#include "base/fault.h"

#include <stdlib.h>

#if CLEF_ASAN
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = 16 };
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
enum { RED_ZONE = 0 };
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#endif

enum { ALIGN = 16, FIRST_CHUNK = 4096, MAX_CHUNK = 1 << 20 };

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next; /* older */
    size_t size; /* of the whole block, this head included */
};

typedef struct Cleanup Cleanup;
struct Cleanup {
    Cleanup *next;
    ArenaCleanupFn *fn;
    void *arg;
};

struct Arena {
    char *at, *end; /* free part of the newest chunk */
    Chunk *chunks;  /* newest first; the last of the list is `first` */
    Chunk *first;   /* holds this struct, stays over a reset */
    size_t used, limit;
    Cleanup *cleanups;
    ArenaLimitFn *on_limit;
    void *on_limit_arg;
    Arena *parent, *child, *prev, *next;
};

_Static_assert(sizeof(Chunk) % ALIGN == 0, "memory behind a chunk's head is aligned");

static size_t round_up(size_t n) { return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1); }

bool arena_has_room(const Arena *a, size_t n)
{
    for (const Arena *at = a; at; at = at->parent)
        if (at->limit && (n > at->limit || at->used > at->limit - n))
            return false;
    return true;
}

/* Counts n bytes in the arena and its ancestors; false, and nothing counted, when one of them would pass its limit. */
static bool charge(Arena *a, size_t n)
{
    if (!arena_has_room(a, n))
        return false;
    for (Arena *at = a; at; at = at->parent)
        at->used += n;
    return true;
}

static void discharge(Arena *a, size_t n)
{
    for (Arena *at = a; at; at = at->parent)
        at->used -= n;
}

enum { HEAD = sizeof(Chunk) + ((sizeof(Arena) + ALIGN - 1) & ~(size_t)(ALIGN - 1)) };

static size_t first_size(size_t first_chunk)
{
    size_t size = first_chunk ? first_chunk : FIRST_CHUNK;
    return size < HEAD + 256 ? HEAD + 256 : size;
}

/* The arena that lies in its first chunk. */
static Arena *begin(Chunk *c, size_t size, Arena *parent, size_t limit)
{
    *c = (Chunk){ .size = size };
    Arena *a = (Arena *)(void *)(c + 1);
    *a = (Arena){
        .at = (char *)c + HEAD, .end = (char *)c + size, .chunks = c, .first = c, .limit = limit, .parent = parent
    };
    POISON(a->at, size - HEAD);
    a->used = size;
    if (parent) {
        a->next = parent->child;
        if (a->next)
            a->next->prev = a;
        parent->child = a;
        for (Arena *up = parent; up; up = up->parent)
            up->used += size;
    }
    return a;
}

Arena *arena_create(Arena *parent, size_t limit, size_t first_chunk)
{
    size_t size = first_size(first_chunk);
    Chunk *c = size > PTRDIFF_MAX ? NULL : malloc(size);
    if (!c)
        PANIC("out of memory: no %zu bytes for an arena", size);
    return begin(c, size, parent, limit);
}

Arena *arena_try_create(Arena *parent, size_t limit, size_t first_chunk)
{
    size_t size = first_size(first_chunk);
    Chunk *c = size > PTRDIFF_MAX || fault_fails(FAULT_MEMORY) ? NULL : malloc(size);
    return c ? begin(c, size, parent, limit) : NULL;
}

static void run_cleanups(Arena *a)
{
    while (a->child)
        arena_destroy(a->child);
    while (a->cleanups) {
        Cleanup *c = a->cleanups;
        a->cleanups = c->next;
        c->fn(c->arg);
    }
}

static __attribute__((noinline)) void reset_all(Arena *a)
{
    if (a->child || a->cleanups)
        run_cleanups(a);
    while (a->chunks != a->first) {
        Chunk *c = a->chunks;
        a->chunks = c->next;
        discharge(a, c->size);
        UNPOISON(c + 1, c->size - sizeof(Chunk));
        free(c);
    }
    a->at = (char *)a->first + HEAD;
    a->end = (char *)a->first + a->first->size;
    POISON(a->at, (size_t)(a->end - a->at));
}

void arena_reset(Arena *a)
{
    /* An arena that needed nothing but its first chunk: its end has not moved. */
    if (!CLEF_ASAN && CLEF_LIKELY(!a->child && !a->cleanups && a->chunks == a->first)) {
        a->at = (char *)a->first + HEAD;
        return;
    }
    reset_all(a);
}

void arena_destroy(Arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    if (a->parent) {
        if (a->prev)
            a->prev->next = a->next;
        else
            a->parent->child = a->next;
        if (a->next)
            a->next->prev = a->prev;
        discharge(a->parent, a->first->size);
    }
    Chunk *first = a->first;
    UNPOISON(first, first->size);
    free(first);
}

static void *bump(Arena *a, size_t n)
{
    char *p = a->at;
    a->at += n + RED_ZONE;
    UNPOISON(p, n);
    return p;
}

/* A chunk for n more bytes (n rounded already). Chunks double up to MAX_CHUNK; a large request gets one of its own. */
static CLEF_COLD bool add_chunk(Arena *a, size_t n)
{
    size_t need = n + RED_ZONE + sizeof(Chunk);
    size_t size = a->chunks->size < MAX_CHUNK / 2 ? a->chunks->size * 2 : MAX_CHUNK;
    if (size < need)
        size = need;
    if (!charge(a, size)) {
        size = need;
        if (!charge(a, size))
            return false;
    }
    Chunk *c = fault_fails(FAULT_MEMORY) ? NULL : malloc(size);
    if (!c) {
        discharge(a, size);
        return false;
    }
    *c = (Chunk){ .next = a->chunks, .size = size };
    a->chunks = c;
    a->at = (char *)(c + 1);
    a->end = (char *)c + size;
    POISON(a->at, size - sizeof(Chunk));
    return true;
}

static CLEF_COLD CLEF_NORETURN void over_limit(Arena *a, size_t n)
{
    for (Arena *at = a; at; at = at->parent)
        if (at->on_limit)
            at->on_limit(a, n, at->on_limit_arg);
    PANIC("out of memory: %zu more bytes in an arena of %zu with a limit of %zu", n, a->used, a->limit);
}

void *arena_try_alloc(Arena *a, size_t n)
{
    if (n > PTRDIFF_MAX - MAX_CHUNK)
        return NULL;
    n = round_up(n ? n : 1);
    if (CLEF_UNLIKELY(a->at > a->end || n + RED_ZONE > (size_t)(a->end - a->at)) && !add_chunk(a, n))
        return NULL;
    return bump(a, n);
}

static __attribute__((noinline)) void *alloc_slowly(Arena *a, size_t n)
{
    void *p = arena_try_alloc(a, n);
    if (CLEF_UNLIKELY(!p))
        over_limit(a, n);
    return p;
}

void *arena_alloc(Arena *a, size_t n)
{
    /* Rounded to 0 when n is 0, or too large. */
    size_t room = round_up(n);
    if (CLEF_ASAN || CLEF_UNLIKELY(room - 1 >= (size_t)(a->end - a->at)))
        return alloc_slowly(a, n);
    char *p = a->at;
    a->at = p + room;
    return p;
}

void *arena_zalloc(Arena *a, size_t n) { return memset(arena_alloc(a, n), 0, n); }

void *arena_array(Arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        over_limit(a, SIZE_MAX);
    return arena_zalloc(a, n);
}

void *arena_try_grow(Arena *a, void *p, size_t old_n, size_t new_n)
{
    if (!p)
        return arena_try_alloc(a, new_n);
    size_t old_room = round_up(old_n ? old_n : 1);
    if (new_n <= old_room) {
        return p;
    }
    if (new_n > PTRDIFF_MAX - MAX_CHUNK)
        return NULL;
    size_t new_room = round_up(new_n);
    if ((char *)p + old_room + RED_ZONE == a->at && new_room - old_room <= (size_t)(a->end - a->at)) {
        a->at += new_room - old_room;
        UNPOISON(p, new_room);
        return p;
    }
    void *q = arena_try_alloc(a, new_n);
    if (q)
        memcpy(q, p, old_n);
    return q;
}

void *arena_grow(Arena *a, void *p, size_t old_n, size_t new_n)
{
    void *q = arena_try_grow(a, p, old_n, new_n);
    if (CLEF_UNLIKELY(!q))
        over_limit(a, new_n);
    return q;
}

void arena_defer(Arena *a, ArenaCleanupFn *fn, void *arg)
{
    Cleanup *c = arena_alloc(a, sizeof *c);
    *c = (Cleanup){ .next = a->cleanups, .fn = fn, .arg = arg };
    a->cleanups = c;
}

bool arena_forget(Arena *a, ArenaCleanupFn *fn, void *arg)
{
    for (Cleanup **at = &a->cleanups; *at; at = &(*at)->next)
        if ((*at)->fn == fn && (*at)->arg == arg) {
            *at = (*at)->next;
            return true;
        }
    return false;
}

void arena_on_limit(Arena *a, ArenaLimitFn *fn, void *arg)
{
    a->on_limit = fn;
    a->on_limit_arg = arg;
}

void arena_set_limit(Arena *a, size_t limit) { a->limit = limit; }

size_t arena_used(const Arena *a) { return a->used; }
