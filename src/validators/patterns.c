/* patterns.c: validators by regular expressions. */
#include "validators/patterns.h"
#include "codec/regex.h"
#include <clef/base/buf.h>

/*
 * The expressions of a program are literals, a few dozens: they stay compiled, in a map of the thread. A program that makes
 * expressions without end starts over with an empty map.
 */
enum { PATTERNS_MAX = 500 };

typedef struct Patterns {
    Arena *arena;
    Map *compiled;
    RegexScratch *scratch;
} Patterns;

static __thread Patterns patterns;

static const Regex *compile(Str pattern, bool ignore_case)
{
    Str key = pattern;
    char head[160];
    if (ignore_case && pattern.n < sizeof head - 8) {
        memcpy(head, "(?i)", 4);
        memcpy(head + 4, pattern.p, pattern.n);
        key = (Str){ head, pattern.n + 4 };
    } else if (ignore_case) {
        key = str_concat(patterns.arena, STR("(?i)"), pattern);
    }
    const Value *known = map_get(patterns.compiled, key);
    if (known)
        return known->object;
    Str error;
    key = str_copy(patterns.arena, key);
    const Regex *x = regex_compile(patterns.arena, key, false, &error);
    static const ValueClass regex_class = { .name = "Regex" };
    map_set(patterns.compiled, key, value_object(x, &regex_class));
    return x;
}

bool pattern_found(Str pattern, bool ignore_case, Str s)
{
    if (patterns.arena && map_count(patterns.compiled) >= PATTERNS_MAX) {
        arena_destroy(patterns.arena);
        patterns = (Patterns){ 0 };
    }
    if (!patterns.arena) {
        patterns.arena = arena_create(NULL, 0, 0);
        patterns.compiled = map_new(patterns.arena);
        patterns.scratch = regex_scratch_create(patterns.arena);
    }
    const Regex *x = compile(pattern, ignore_case);
    return x && patterns.scratch && regex_match(x, patterns.scratch, s) == REGEX_YES;
}

static Map *value_params(Validation *v)
{
    Map *m = map_new(v->arena);
    map_set(m, STR("value"), v->value);
    return m;
}

static void invalid(Validation *v, const char *message)
{
    validation_fail_params(v, "invalid", message, value_params(v));
}

void check_regex(Validation *v)
{
    const Validator *own = v->validator;
    Str text = value_python_str(v->arena, v->value);
    if (pattern_found(str_c(own->pattern), own->ignore_case, text) == own->inverse_match)
        invalid(v, "Enter a valid value.");
}

/* Is every character one of letters, digits, hyphen and underscore, and is there one at all? */
static bool is_slug(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!good)
            return false;
    }
    return s.n > 0;
}

void check_slug(Validation *v)
{
    if (!is_slug(value_python_str(v->arena, v->value)))
        invalid(v, "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.");
}

void check_unicode_slug(Validation *v)
{
    Str s = value_python_str(v->arena, v->value);
    if (!is_slug(s) && !pattern_found(STR("^[-\\w]+\\Z"), false, s))
        invalid(v, "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.");
}

void check_integer(Validation *v)
{
    if (!pattern_found(STR("^-?\\d+\\Z"), false, value_python_str(v->arena, v->value)))
        invalid(v, "Enter a valid integer.");
}

void check_integer_list(Validation *v)
{
    if (!pattern_found(STR("^\\d+(?:,\\d+)*\\Z"), false, value_python_str(v->arena, v->value)))
        invalid(v, "Enter only digits separated by commas.");
}
