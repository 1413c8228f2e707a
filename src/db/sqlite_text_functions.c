/*
 * sqlite_text_functions.c: Django's functions of texts and numbers that SQLite has not, and its aggregates over
 * samples. A NULL among the arguments gives NULL; aggregates leave NULLs out.
 */
#include "db/sqlite.h"
#include <clef/base/rand.h>
#include <clef/base/utf8.h>
#include <math.h>

enum { FUNCTION_TEXT_MAX = 16 << 20 };

static Str text_of(sqlite3_value *v)
{
    const unsigned char *p = sqlite3_value_text(v);
    return p ? str_from((const char *)p, (size_t)sqlite3_value_bytes(v)) : (Str){ 0 };
}

static bool any_null(int n, sqlite3_value **v)
{
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(v[i]) == SQLITE_NULL)
            return true;
    return false;
}

/* A text built in an arena of its own, which SQLite copies. */
typedef struct Building {
    Arena *arena;
    Buf b;
} Building;

static Building building(void)
{
    Arena *a = arena_create(NULL, 0, 0);
    return (Building){ a, BUF_INIT(a, FUNCTION_TEXT_MAX) };
}

static void give(sqlite3_context *cx, Building *building)
{
    Str s = buf_view(&building->b);
    if (building->b.failed)
        sqlite3_result_error_toobig(cx);
    else
        sqlite3_result_text64(cx, s.p, s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    arena_destroy(building->arena);
}

/* The first `count` characters of `fill` repeated. */
static void add_fill(Buf *b, Str fill, int64_t count)
{
    int64_t each = (int64_t)utf8_count(fill);
    for (; each && count > 0 && !b->failed; count -= each)
        buf_str(b, count >= each ? fill : utf8_slice(fill, 0, (size_t)count));
}

static void pad(sqlite3_context *cx, sqlite3_value **v, bool left)
{
    Str text = text_of(v[0]), fill = text_of(v[2]);
    int64_t length = sqlite3_value_int64(v[1]), have = (int64_t)utf8_count(text);
    Building out = building();
    if (have >= length)
        text = utf8_slice(text, 0, length > 0 ? (size_t)length : 0);
    if (!left)
        buf_str(&out.b, text);
    add_fill(&out.b, fill, length - have);
    if (left)
        buf_str(&out.b, text);
    give(cx, &out);
}

static void fn_lpad(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!any_null(n, v))
        pad(cx, v, true);
}
static void fn_rpad(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!any_null(n, v))
        pad(cx, v, false);
}

static void fn_repeat(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (any_null(n, v))
        return;
    Building out = building();
    buf_str(&out.b, STR(""));
    for (int64_t i = sqlite3_value_int64(v[1]); i > 0 && !out.b.failed && text_of(v[0]).n; i--)
        buf_str(&out.b, text_of(v[0]));
    give(cx, &out);
}

static void fn_reverse(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (any_null(n, v))
        return;
    Str text = text_of(v[0]);
    Building out = building();
    for (size_t end = text.n; end > 0;) {
        size_t begin = end - 1;
        while (begin > 0 && ((unsigned char)text.p[begin] & 0xc0) == 0x80)
            begin--;
        buf_str(&out.b, str_slice(text, begin, end));
        end = begin;
    }
    give(cx, &out);
}

static void fn_bitxor(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!any_null(n, v))
        sqlite3_result_int64(cx, sqlite3_value_int64(v[0]) ^ sqlite3_value_int64(v[1]));
}

static void fn_cot(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!any_null(n, v))
        sqlite3_result_double(cx, 1 / tan(sqlite3_value_double(v[0])));
}

static void fn_rand(sqlite3_context *cx, int n, sqlite3_value **v)
{
    uint64_t bits = 0;
    (void)n, (void)v;
    if (rand_bytes(&bits, sizeof bits))
        sqlite3_result_double(cx, (double)(bits >> 11) * 0x1p-53);
}

/* --- aggregates */

/* Mean and sum of squared distances so far (Welford). */
typedef struct Spread {
    int64_t n;
    double mean, squares;
} Spread;

static void spread_step(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Spread *s = sqlite3_aggregate_context(cx, sizeof *s);
    if (!s || any_null(n, v))
        return;
    double x = sqlite3_value_double(v[0]), before = s->mean;
    s->mean += (x - before) / (double)++s->n;
    s->squares += (x - before) * (x - s->mean);
}

static void give_spread(sqlite3_context *cx, bool sample, bool root)
{
    const Spread *s = sqlite3_aggregate_context(cx, 0);
    int64_t n = s ? s->n - sample : 0;
    if (n <= 0)
        return;
    double variance = s->squares / (double)n;
    sqlite3_result_double(cx, root ? sqrt(variance) : variance);
}
static void stddev_pop(sqlite3_context *cx) { give_spread(cx, false, true); }
static void stddev_samp(sqlite3_context *cx) { give_spread(cx, true, true); }
static void var_pop(sqlite3_context *cx) { give_spread(cx, false, false); }
static void var_samp(sqlite3_context *cx) { give_spread(cx, true, false); }

static void any_step(sqlite3_context *cx, int n, sqlite3_value **v)
{
    sqlite3_value **first = sqlite3_aggregate_context(cx, sizeof *first);
    if (first && !*first && !any_null(n, v))
        *first = sqlite3_value_dup(v[0]);
}
static void any_end(sqlite3_context *cx)
{
    sqlite3_value **first = sqlite3_aggregate_context(cx, 0);
    if (first && *first) {
        sqlite3_result_value(cx, *first);
        sqlite3_value_free(*first);
    }
}

int sqlite_add_text_functions(sqlite3 *db)
{
    static const struct {
        const char *name;
        int n;
        void (*fn)(sqlite3_context *, int, sqlite3_value **);
        void (*end)(sqlite3_context *);
    } functions[] = {
        { "LPAD", 3, fn_lpad, NULL },
        { "RPAD", 3, fn_rpad, NULL },
        { "REPEAT", 2, fn_repeat, NULL },
        { "REVERSE", 1, fn_reverse, NULL },
        { "BITXOR", 2, fn_bitxor, NULL },
        { "COT", 1, fn_cot, NULL },
        { "RAND", 0, fn_rand, NULL },
        { "STDDEV_POP", 1, spread_step, stddev_pop },
        { "STDDEV_SAMP", 1, spread_step, stddev_samp },
        { "VAR_POP", 1, spread_step, var_pop },
        { "VAR_SAMP", 1, spread_step, var_samp },
        { "ANY_VALUE", 1, any_step, any_end },
    };
    for (size_t i = 0; i < CLEF_COUNT(functions); i++) {
        int flags = SQLITE_UTF8 | (functions[i].fn == fn_rand ? 0 : SQLITE_DETERMINISTIC);
        int code = sqlite3_create_function_v2(db, functions[i].name, functions[i].n, flags, NULL,
                                              functions[i].end ? NULL : functions[i].fn,
                                              functions[i].end ? functions[i].fn : NULL, functions[i].end, NULL);
        if (code != SQLITE_OK)
            return code;
    }
    return SQLITE_OK;
}
