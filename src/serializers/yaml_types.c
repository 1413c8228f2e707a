/* yaml_types.c: plain scalars of YAML 1.1 by the patterns that PyYAML has: what is no text must be quoted to be one. */
#include "serializers/fixture_text.h"

static bool is_one_of(Str s, const char *words)
{
    Str rest = str_c(words), word;
    while (str_cut(&rest, ' ', &word))
        if (str_eq(word, s))
            return true;
    return false;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* How many bytes from `at` on are digits or underscores. */
static size_t digits(Str s, size_t at, const char *allowed)
{
    size_t n = 0;
    while (at + n < s.n && strchr(allowed, s.p[at + n]) && s.p[at + n])
        n++;
    return n;
}

#define DECIMAL_DIGITS "0123456789_"

/* ":59" as often as it stands there; where it ends. */
static size_t sexagesimals(Str s, size_t at)
{
    while (at + 1 < s.n && s.p[at] == ':' && is_digit(s.p[at + 1]))
        at += at + 2 < s.n && is_digit(s.p[at + 2]) && s.p[at + 1] <= '5' ? 3 : 2;
    return at;
}

static size_t exponent(Str s, size_t at)
{
    size_t n;
    if (at + 2 < s.n && (s.p[at] == 'e' || s.p[at] == 'E') && (s.p[at + 1] == '+' || s.p[at + 1] == '-') &&
        (n = digits(s, at + 2, "0123456789")) > 0)
        return at + 2 + n;
    return at;
}

static YamlType number(Str s)
{
    size_t at = s.p[0] == '+' || s.p[0] == '-', n;
    Str rest = str_from_byte(s, at);
    if (is_one_of(rest, ".inf .Inf .INF") || is_one_of(s, ".nan .NaN .NAN"))
        return YAML_IS_FLOAT;
    if (rest.n > 2 && rest.p[0] == '0' && rest.p[1] == 'b' && digits(rest, 2, "01_") == rest.n - 2)
        return YAML_IS_INT;
    if (rest.n > 2 && rest.p[0] == '0' && rest.p[1] == 'x' && digits(rest, 2, "0123456789abcdefABCDEF_") == rest.n - 2)
        return YAML_IS_INT;
    if (rest.n > 1 && rest.p[0] == '0' && digits(rest, 1, "01234567_") == rest.n - 1)
        return YAML_IS_INT;
    if (rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1])) {
        n = 1 + digits(rest, 1, DECIMAL_DIGITS);
        return at == 0 && exponent(rest, n) == rest.n ? YAML_IS_FLOAT : YAML_IS_TEXT;
    }
    if (!rest.n || !is_digit(rest.p[0]))
        return YAML_IS_TEXT;
    n = digits(rest, 0, DECIMAL_DIGITS);
    if (n == rest.n)
        return rest.p[0] != '0' || n == 1 ? YAML_IS_INT : YAML_IS_TEXT;
    if (rest.p[n] == '.')
        return exponent(rest, n + 1 + digits(rest, n + 1, DECIMAL_DIGITS)) == rest.n ? YAML_IS_FLOAT : YAML_IS_TEXT;
    size_t end = sexagesimals(rest, n);
    if (end == n)
        return YAML_IS_TEXT;
    if (end == rest.n)
        return rest.p[0] != '0' ? YAML_IS_INT : YAML_IS_TEXT;
    return rest.p[end] == '.' && end + 1 + digits(rest, end + 1, DECIMAL_DIGITS) == rest.n ? YAML_IS_FLOAT
                                                                                           : YAML_IS_TEXT;
}

/* A day, or an instant: it begins "2024-01-31", and nothing stands behind that a clock or a zone has not. */
static bool is_moment(Str s)
{
    if (s.n < 8 || digits(s, 0, "0123456789") != 4 || s.p[4] != '-')
        return false;
    size_t month = digits(s, 5, "0123456789"), at = 5 + month;
    if (month < 1 || month > 2 || at >= s.n || s.p[at] != '-')
        return false;
    size_t day = digits(s, at + 1, "0123456789");
    at += 1 + day;
    if (day < 1 || day > 2)
        return false;
    if (at == s.n)
        return month == 2 && day == 2;
    return digits(s, at, "Tt 0123456789:.+-Z\t") == s.n - at && str_find_byte(str_from_byte(s, at), ':') != STR_NPOS;
}

YamlType yaml_type(Str s)
{
    if (!s.n || is_one_of(s, "~ null Null NULL"))
        return YAML_IS_NULL;
    if (is_one_of(s, "yes Yes YES no No NO true True TRUE false False FALSE on On ON off Off OFF"))
        return YAML_IS_BOOL;
    if (is_one_of(s, "<< = ! & *") || is_moment(s))
        return YAML_IS_OTHER;
    return is_digit(s.p[0]) || s.p[0] == '+' || s.p[0] == '-' || s.p[0] == '.' ? number(s) : YAML_IS_TEXT;
}
