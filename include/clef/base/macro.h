/*
 * macro.h: macros that walk over their arguments, for the declarative tables. CLEF_EACH(M, T, a, b) is M(T, a), M(T, b),
 * for up to 340 arguments (and nothing at all for none).
 */
#ifndef CLEF_BASE_MACRO_H
#define CLEF_BASE_MACRO_H

#define CLEF_PARENS       ()
#define CLEF_UNPAREN(...) __VA_ARGS__

#define CLEF_EXPAND(...)   CLEF_EXPAND_4(CLEF_EXPAND_4(CLEF_EXPAND_4(CLEF_EXPAND_4(__VA_ARGS__))))
#define CLEF_EXPAND_4(...) CLEF_EXPAND_3(CLEF_EXPAND_3(CLEF_EXPAND_3(CLEF_EXPAND_3(__VA_ARGS__))))
#define CLEF_EXPAND_3(...) CLEF_EXPAND_2(CLEF_EXPAND_2(CLEF_EXPAND_2(CLEF_EXPAND_2(__VA_ARGS__))))
#define CLEF_EXPAND_2(...) CLEF_EXPAND_1(CLEF_EXPAND_1(CLEF_EXPAND_1(CLEF_EXPAND_1(__VA_ARGS__))))
#define CLEF_EXPAND_1(...) __VA_ARGS__

#define CLEF_EACH(M, T, ...)        __VA_OPT__(CLEF_EXPAND(CLEF_EACH_ONE(M, T, __VA_ARGS__)))
#define CLEF_EACH_ONE(M, T, a, ...) M(T, a), __VA_OPT__(CLEF_EACH_AGAIN CLEF_PARENS(M, T, __VA_ARGS__))
#define CLEF_EACH_AGAIN()           CLEF_EACH_ONE

#endif
