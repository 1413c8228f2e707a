/* regex.c: PCRE2 behind regex.h. Memory of compiled patterns goes with the arena by a clean-up. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "codec/regex.h"

#include <clef/base/assert.h>
#include <pcre2.h>

static void free_code(void *code) { pcre2_code_free(code); }

const Regex *regex_compile(Arena *a, Str pattern, bool full, Str *error)
{
    Str *names = NEW_ARRAY(a, Str, REGEX_MAX_GROUPS + 1);
    uint32_t ngroups = 0, flags = 0;
    Str translated = regex_translate(a, pattern, names, &ngroups, &flags, error);
    if (str_is_null(translated))
        return NULL;
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= flags & REGEX_ASCII ? 0 : PCRE2_UCP;
    options |= full ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        PANIC("out of memory for a regular expression");
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(context, PCRE2_BSR_ANYCRLF);
    pcre2_set_parens_nest_limit(context, 64);
    int code = 0;
    size_t at = 0;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)translated.p, translated.n, options, &code, &at, context);
    pcre2_compile_context_free(context);
    if (!compiled) {
        unsigned char text[160] = "";
        pcre2_get_error_message(code, text, sizeof text);
        *error = str_format(a, "%s at position %zu of '%.*s'", (const char *)text, at, STR_FMT(translated));
        return NULL;
    }
    arena_defer(a, free_code, compiled);
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* where there is none, the interpreter matches the same */
    Regex *x = NEW(a, Regex);
    *x = (Regex){ .code = compiled, .ngroups = ngroups, .names = names };
    for (uint32_t i = 1; i <= ngroups; i++)
        x->named |= names[i].n > 0;
    return x;
}

static void free_match_data(void *p) { pcre2_match_data_free(p); }
static void free_context(void *p) { pcre2_match_context_free(p); }
static void free_stack(void *p) { pcre2_jit_stack_free(p); }

RegexScratch *regex_scratch_create(Arena *a)
{
    /* Compiled code would otherwise take 32 KiB of the stack that it is called on, and a fiber has only 64. */
    pcre2_jit_stack *stack = pcre2_jit_stack_create((size_t)16 << 10, (size_t)256 << 10, NULL);
    pcre2_match_data *data = pcre2_match_data_create(REGEX_MAX_GROUPS + 1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!data || !context)
        PANIC("out of memory for matching regular expressions");
    pcre2_set_match_limit(context, REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(context, 5000);
    pcre2_set_heap_limit(context, 4096);
    if (stack) {
        pcre2_jit_stack_assign(context, NULL, stack);
        arena_defer(a, free_stack, stack);
    }
    arena_defer(a, free_context, context);
    arena_defer(a, free_match_data, data);
    RegexScratch *scratch = NEW(a, RegexScratch);
    *scratch = (RegexScratch){ .match_data = data, .context = context };
    return scratch;
}

RegexResult regex_match(const Regex *x, RegexScratch *scratch, Str subject)
{
    int n = pcre2_match(x->code, (PCRE2_SPTR)(subject.p ? subject.p : ""), subject.n, 0, 0, scratch->match_data,
                        scratch->context);
    if (CLEF_LIKELY(n > 0))
        return REGEX_YES;
    return n == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}

Str regex_group(const RegexScratch *scratch, Str subject, uint32_t group)
{
    const size_t *ends = pcre2_get_ovector_pointer(scratch->match_data);
    size_t from = ends[2 * group], to = ends[2 * group + 1];
    if (from == PCRE2_UNSET || to < from || to > subject.n)
        return (Str){ 0 };
    return (Str){ (subject.p ? subject.p : "") + from, to - from };
}
