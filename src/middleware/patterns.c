/* patterns.c: lists of regular expressions; the contract is in patterns.h. */
#include "middleware/patterns.h"

Patterns patterns_compile(Context *cx, const char *setting, StrList list, bool whole)
{
    Patterns patterns = { .n = list.n };
    if (!list.n)
        return patterns;
    patterns.p = NEW_ARRAY(cx->arena, const Regex *, list.n);
    patterns.scratch = regex_scratch_create(cx->arena);
    for (size_t i = 0; i < list.n; i++) {
        Str error = STR("");
        patterns.p[i] = regex_compile(cx->arena, list.p[i], whole, &error);
        if (!patterns.p[i])
            RAISE(cx, 500, "settings", "%s: '%.*s' is not a regular expression: %.*s", setting, STR_FMT(list.p[i]),
                  STR_FMT(error));
    }
    return patterns;
}

bool patterns_match(const Patterns *patterns, Str subject, bool on_limit)
{
    for (size_t i = 0; i < patterns->n; i++) {
        RegexResult result = regex_match(patterns->p[i], patterns->scratch, subject);
        if (result == REGEX_YES || (result == REGEX_LIMIT && on_limit))
            return true;
    }
    return false;
}
