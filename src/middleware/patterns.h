/* patterns.h: a setting that is a list of regular expressions, compiled once. */
#ifndef MIDDLEWARE_PATTERNS_H
#define MIDDLEWARE_PATTERNS_H

#include "codec/regex.h"
#include <clef/conf/settings.h>
#include <clef/rt/context.h>

typedef struct Patterns {
    const Regex **p;
    size_t n;
    RegexScratch *scratch;
} Patterns;

/* In the context's arena. Raises 500 "settings" with the setting's name for what is no regular expression. */
CLEF_PRIVATE(Patterns, patterns_compile, Context *cx, const char *setting, StrList list, bool whole);
/* Whether one of them matches; `on_limit` when a pattern gives up on this subject. */
CLEF_PRIVATE(bool, patterns_match, const Patterns *patterns, Str subject, bool on_limit);

#endif
