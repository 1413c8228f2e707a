/* decimal: what is read prints and reads back the same, and arithmetic agrees with itself. */
#include <clef/base.h>

static void check_round_trip(Arena *a, Decimal x)
{
    Str text = decimal_str(a, x);
    Decimal back;
    ASSERT(decimal_parse(a, text, &back) == DECIMAL_OK);
    ASSERT(str_eq(decimal_str(a, back), text));
    ASSERT(back.exponent == x.exponent && back.nlimbs == x.nlimbs);
    if (decimal_is_nan(x))
        return;
    ASSERT(decimal_eq(x, back));
    ASSERT(decimal_hash(hash_key(1), x) == decimal_hash(hash_key(1), back));
    if (!decimal_is_finite(x))
        return;
    Decimal normal = decimal_normalize(a, x);
    ASSERT(decimal_eq(x, normal) && decimal_hash(hash_key(1), x) == decimal_hash(hash_key(1), normal));
    Buf plain = BUF_INIT(a, 4000);
    if (buf_decimal_plain(&plain, x)) {
        ASSERT(decimal_parse(a, buf_view(&plain), &back) == DECIMAL_OK);
        ASSERT(decimal_eq(x, back));
    }
    double v = decimal_to_double(x), read;
    ASSERT(double_parse(text, &read) && v == read);
    int64_t i;
    if (decimal_to_i64(x, &i) == DECIMAL_OK)
        ASSERT(decimal_eq(decimal_from_i64(i), x));
}

static void check_pair(Arena *a, Decimal x, Decimal y)
{
    Decimal r, s;
    int order, back;
    ASSERT(decimal_cmp(x, y, &order) && decimal_cmp(y, x, &back) && order == -back);
    if (decimal_add(a, x, y, &r) == DECIMAL_OK && decimal_sub(a, r, y, &s) == DECIMAL_OK && decimal_is_finite(x) &&
        decimal_is_finite(y))
        ASSERT(decimal_eq(s, x));
    if (decimal_mul(a, x, y, &r) == DECIMAL_OK && decimal_is_finite(r) && !decimal_is_zero(y) &&
        decimal_digits(x) <= 3000 && decimal_div(a, r, y, decimal_digits(x), ROUND_HALF_EVEN, &s) == DECIMAL_OK)
        ASSERT(decimal_eq(s, x));
    for (DecimalRounding mode = ROUND_HALF_EVEN; mode <= ROUND_05UP; mode++) {
        if (decimal_is_finite(y) && decimal_quantize(a, x, y.exponent, mode, &r) == DECIMAL_OK)
            ASSERT(r.exponent == y.exponent);
        if (decimal_round(a, x, 5, mode, &r) == DECIMAL_OK)
            ASSERT(!decimal_is_finite(r) || decimal_digits(r) <= 5);
    }
}

/* Two numbers with a line feed between them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 2000)
        return 0;
    Arena *a = arena_create(NULL, 0, 0);
    Str rest = { (const char *)data, n }, first;
    Decimal x, y;
    if (str_cut(&rest, '\n', &first) && decimal_parse(a, first, &x) == DECIMAL_OK) {
        check_round_trip(a, x);
        if (decimal_parse(a, rest, &y) == DECIMAL_OK && !decimal_is_nan(x) && !decimal_is_nan(y))
            check_pair(a, x, y);
    }
    arena_destroy(a);
    return 0;
}
