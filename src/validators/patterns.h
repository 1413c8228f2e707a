/* patterns.h: expressions that are compiled once in a thread. */
#ifndef VALIDATORS_PATTERNS_H
#define VALIDATORS_PATTERNS_H

#include <clef/validators/validator.h>

/* Does the expression (Python's) match somewhere in s? False too for one that is malformed, or backtracks without end. */
CLEF_PRIVATE(bool, pattern_found, Str pattern, bool ignore_case, Str s);

#endif
