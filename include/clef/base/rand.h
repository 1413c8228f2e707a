/*
 * rand.h: randomness for secrets, from the kernel (getrandom(2)). Nothing is kept between calls, so a fork cannot give two
 * processes the same numbers. The functions return false, and leave *out alone, where the kernel has no randomness to
 * give (a filtered system call, a kernel older than 3.17): no caller may go on with less.
 */
#ifndef CLEF_BASE_RAND_H
#define CLEF_BASE_RAND_H

#include <clef/base/str.h>

/* The alphabet of Django's get_random_string. */
#define RAND_ALPHANUMERIC STR("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
/* The longest string of rand_str. */
#define RAND_STR_MAX ((size_t)1 << 20)

CLEF_API(bool, rand_bytes, void *p, size_t n) CLEF_MUST_USE;
/* 0 <= *out < n, each as likely as the others. n of 0 is false. */
CLEF_API(bool, rand_below, uint64_t n, uint64_t *out) CLEF_MUST_USE;
/*
 * n bytes, each drawn from the alphabet of 1 to 256 bytes (a byte that stands in it twice is twice as likely); a terminated
 * string in the arena. False also when n is above RAND_STR_MAX or the alphabet has another size.
 */
CLEF_API(bool, rand_str, Arena *a, size_t n, Str alphabet, Str *out) CLEF_MUST_USE;

#endif
