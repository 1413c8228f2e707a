/* arguments.c: what Django refuses of the arguments of functions before it makes any SQL, in its words. */
#include "shell/eval.h"

/* The function, which argument, the least number that it may be (None is less), and the sentence. */
static const struct {
    const char *name;
    size_t at;
    int64_t least;
    const char *message;
} numbers[] = {
    { "Left", 1, 1, "'length' must be greater than 0." },
    { "Right", 1, 1, "'length' must be greater than 0." },
    { "Substr", 1, 1, "'pos' must be greater than 0" },
    { "Repeat", 1, 0, "'number' must be greater or equal to 0." },
    { "LPad", 1, 0, "'length' must be greater or equal to 0." },
    { "RPad", 1, 0, "'length' must be greater or equal to 0." },
    { "Ntile", 0, 1, "num_buckets must be greater than 0." },
    { "NthValue", 1, 1, "NthValue requires a positive integer as for nth." },
    { "Lag", 1, 1, "Lag requires a positive integer for the offset." },
    { "Lead", 1, 1, "Lead requires a positive integer for the offset." },
};

static bool is_one_of(Str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_c(names[i])))
            return true;
    return false;
}

void shell_check_arguments(Shell *s, const char *name, const Value *values, size_t n)
{
    static const char *const pairs[] = { "Concat", "Coalesce", "Greatest", "Least" };
    static const char *const sources[] = { "Lag", "Lead", "NthValue" };
    if (n == 1 && is_one_of(str_c(name), pairs, CLEF_COUNT(pairs)))
        RAISE(s->cx, 500, "value_error", "%s must take at least two expressions", name);
    if (n && values[0].tag == VALUE_NULL && is_one_of(str_c(name), sources, CLEF_COUNT(sources)))
        RAISE(s->cx, 500, "value_error", "%s requires a non-null source expression.", name);
    for (size_t i = 0; i < CLEF_COUNT(numbers); i++)
        if (str_eq(str_c(name), str_c(numbers[i].name)) && n > numbers[i].at &&
            values[numbers[i].at].tag == VALUE_INT && values[numbers[i].at].i < numbers[i].least)
            RAISE(s->cx, 500, "value_error", "%s", numbers[i].message);
}
