/* sanitizer.h: which sanitizer this file is compiled under: CLEF_ASAN and CLEF_TSAN, 0 or 1, by gcc's and clang's marks. */
#ifndef CLEF_SRC_BASE_SANITIZER_H
#define CLEF_SRC_BASE_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define CLEF_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CLEF_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define CLEF_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLEF_TSAN 1
#endif
#endif

#ifndef CLEF_ASAN
#define CLEF_ASAN 0
#endif
#ifndef CLEF_TSAN
#define CLEF_TSAN 0
#endif

#endif
