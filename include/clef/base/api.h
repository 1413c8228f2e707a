/*
 * api.h: how Clef declares what it offers, and the few compiler attributes that its headers use.
 *
 * A function declared CLEF_API(Str, str_trim, Str s) is called `str_trim` in C and `clef_str_trim` by the linker, so that
 * user code reads well and no symbol of the library can clash with one of the program. CLEF_PRIVATE is the same for a
 * function that one source file of the library offers to another: hidden, and `clef__str_trim` to the linker. Every
 * function of the library is declared by one of the two or is static; a check of the build holds this.
 */
#ifndef CLEF_BASE_API_H
#define CLEF_BASE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLEF_EXPORT __attribute__((visibility("default")))
#define CLEF_HIDDEN __attribute__((visibility("hidden")))

#define CLEF_API(ret, name, ...)      CLEF_EXPORT ret name(__VA_ARGS__) __asm__("clef_" #name)
#define CLEF_PRIVATE(ret, name, ...)  CLEF_HIDDEN ret name(__VA_ARGS__) __asm__("clef__" #name)
#define CLEF_DATA(type, name)         extern CLEF_EXPORT type name __asm__("clef_" #name)
#define CLEF_PRIVATE_DATA(type, name) extern CLEF_HIDDEN type name __asm__("clef__" #name)

#define CLEF_MUST_USE                    __attribute__((warn_unused_result))
#define CLEF_NONNULL                     __attribute__((returns_nonnull))
#define CLEF_NORETURN                    __attribute__((noreturn))
#define CLEF_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define CLEF_PURE                        __attribute__((pure))
#define CLEF_COLD                        __attribute__((cold, noinline))

#define CLEF_LIKELY(x)   __builtin_expect(!!(x), 1)
#define CLEF_UNLIKELY(x) __builtin_expect(!!(x), 0)

#define CLEF_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The struct that holds `member`, from a pointer to the member. */
#define CLEF_CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
