/*
 * regex.h: regular expressions as Python's re reads them, run by PCRE2. The pattern is rewritten where the two differ (\Z,
 * \uXXXX, {,n}, '[' in a class, inline flags, names of groups) and what Python refuses is refused. \d, \w and \s know
 * Unicode. A subject that is not UTF-8 simply does not match where it is malformed.
 */
#ifndef CODEC_REGEX_H
#define CODEC_REGEX_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

#define REGEX_MAX_GROUPS 64u
/* Steps of backtracking in one match; a pattern that needs more on some path is a REGEX_LIMIT. */
#define REGEX_MATCH_LIMIT 200000u

typedef struct Regex {
    void *code; /* pcre2_code */
    uint32_t ngroups;
    bool named;       /* has named groups */
    const Str *names; /* ngroups + 1; NULL string: unnamed; [0] unused */
} Regex;

/* What one thread needs to run any of them. */
typedef struct RegexScratch {
    void *match_data, *context;
} RegexScratch;

typedef enum RegexResult { REGEX_NO, REGEX_YES, REGEX_LIMIT } RegexResult;

/*
 * NULL, and *error a sentence with the place, when the pattern is not valid. `full`: it must match the whole subject, else
 * anywhere (re.search). Freed with the arena.
 */
CLEF_PRIVATE(const Regex *, regex_compile, Arena *a, Str pattern, bool full, Str *error);
CLEF_PRIVATE(RegexScratch *, regex_scratch_create, Arena *a);
/* After REGEX_YES regex_group gives the groups (0: all), until the next match with this scratch. */
CLEF_PRIVATE(RegexResult, regex_match, const Regex *x, RegexScratch *scratch, Str subject);
/* The NULL string when the group did not take part. */
CLEF_PRIVATE(Str, regex_group, const RegexScratch *scratch, Str subject, uint32_t group);

/* The text that every match must begin with, at the start of the subject: "" when there is none. Python syntax. */
CLEF_PRIVATE(Str, regex_literal_prefix, Arena *a, Str pattern);
/* The pattern rewritten for PCRE2; NULL string and *error otherwise. Names: REGEX_MAX_GROUPS + 1 places. */
CLEF_PRIVATE(Str, regex_translate, Arena *a, Str pattern, Str *names, uint32_t *ngroups, uint32_t *flags, Str *error);
enum { REGEX_ASCII = 1 };

#endif
