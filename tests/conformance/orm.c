/*
 * orm.c: the suite "orm": what was typed at Django's shell, run by Clef's shell on the models of examples/shop and a
 * copy of the recordings' database. Each case runs in a transaction that is rolled back, and may need no more queries
 * than Django.
 */
#include "conformance/conformance.h"
#include "conformance/shop.h"

#include <clef/codec/json.h>
#include <clef/orm.h>
#include <clef/shell.h>
#include <math.h>

typedef struct Case {
    Shell *shell;
    Str query;
    Str json;
    size_t queries;
} Case;

/* As the recordings count them: savepoints are none. */
static size_t statements(const Context *cx)
{
    size_t n = 0;
    for (const LoggedQuery *q = sql_log(cx); q; q = q->next)
        n += !str_starts(q->sql, STR("SAVEPOINT")) && !str_starts(q->sql, STR("RELEASE")) &&
             !str_starts(q->sql, STR("ROLLBACK")) && !str_starts(q->sql, STR("BEGIN"));
    return n;
}

static void run(Context *cx, void *arg)
{
    Case *c = arg;
    Buf b = BUF_INIT(cx->arena, (size_t)64 << 20);
    ATOMIC(cx)
    {
        transaction_set_rollback(cx);
        sql_log_start(cx);
        Value v = shell_run(c->shell, c->query);
        if (!shell_json(c->shell, &b, v))
            RAISE(cx, 500, "conformance", "the result cannot be written as JSON");
        c->queries = statements(cx);
        c->json = buf_view(&b);
    }
}

/* --- comparing */

static bool close_to(double a, double b)
{
    double size = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * (size > 1 ? size : 1);
}

static bool same(Arena *a, Value x, Value y, bool ordered);

static bool same_list(Arena *a, const List *x, const List *y, bool ordered)
{
    if (x->n != y->n)
        return false;
    if (ordered) {
        for (size_t i = 0; i < x->n; i++)
            if (!same(a, x->p[i], y->p[i], true))
                return false;
        return true;
    }
    bool *taken = NEW_ARRAY(a, bool, y->n + 1);
    for (size_t i = 0; i < x->n; i++) {
        size_t k = 0;
        while (k < y->n && (taken[k] || !same(a, x->p[i], y->p[k], true)))
            k++;
        if (k == y->n)
            return false;
        taken[k] = true;
    }
    return true;
}

/* A relation that was loaded and led nowhere is a NULL pointer in C, as one that was not loaded: nulls do not count. */
static bool same_cached(Arena *a, Value x, Value y)
{
    const Map *maps[2] = { x.tag == VALUE_MAP ? x.map : NULL, y.tag == VALUE_MAP ? y.map : NULL };
    for (int side = 0; side < 2; side++) {
        const MapEntry *e;
        for (size_t at = 0; maps[side] && (e = map_next(maps[side], &at)) != NULL;) {
            Value *other = maps[!side] ? map_get(maps[!side], e->key) : NULL;
            if (e->value.tag != VALUE_NULL && (!other || !same(a, e->value, *other, true)))
                return false;
        }
    }
    return true;
}

static bool same_map(Arena *a, const Map *x, const Map *y)
{
    const MapEntry *e;
    if (map_has(x, STR("$model")) && map_has(y, STR("$model"))) {
        static const char *const rest[] = { "$model", "pk", "fields", "extra", "prefetched" };
        for (size_t i = 0; i < CLEF_COUNT(rest); i++)
            if (!same(a, record_get(x, rest[i]), record_get(y, rest[i]), true))
                return false;
        return same_cached(a, record_get(x, "cached"), record_get(y, "cached"));
    }
    if (map_count(x) != map_count(y))
        return false;
    for (size_t at = 0; (e = map_next(x, &at)) != NULL;) {
        const Value *other = map_get(y, e->key);
        double p, q;
        if (!other)
            return false;
        if (str_eq(e->key, STR("$decimal")) && value_is_text(e->value) && value_is_text(*other)) {
            Decimal dx, dy;
            if (str_eq(e->value.s, other->s))
                continue;
            if (decimal_parse(a, e->value.s, &dx) != DECIMAL_OK || decimal_parse(a, other->s, &dy) != DECIMAL_OK)
                return false;
            p = decimal_to_double(dx);
            q = decimal_to_double(dy);
            if (!close_to(p, q))
                return false;
        } else if (!same(a, e->value, *other, !str_eq(e->key, STR("$set")))) {
            return false;
        }
    }
    return true;
}

static bool same(Arena *a, Value x, Value y, bool ordered)
{
    if (x.tag == VALUE_DOUBLE && y.tag == VALUE_DOUBLE)
        return close_to(x.d, y.d);
    if (x.tag != y.tag)
        return false;
    if (x.tag == VALUE_LIST)
        return same_list(a, x.list, y.list, ordered);
    if (x.tag == VALUE_MAP)
        return same_map(a, x.map, y.map);
    return value_eq(x, y);
}

/* "(..., {<A: 1>, <B: 2>})": the elements of Python's set have no order. */
static List *elements_of_set(Arena *a, Str text, Str *head)
{
    size_t brace = str_find(text, STR("{<"));
    List *list = list_new(a);
    *head = str_slice(text, 0, brace == STR_NPOS ? text.n : brace);
    Str rest = brace == STR_NPOS ? (Str){ 0 } : str_from_byte(text, brace + 1);
    if (str_ends(rest, STR("})")))
        rest = str_slice(rest, 0, rest.n - 2);
    while (rest.n) {
        size_t end = str_find(rest, STR(">, <"));
        list_push(a, list, value_str(str_slice(rest, 0, end == STR_NPOS ? rest.n : end + 1)));
        rest = end == STR_NPOS ? (Str){ 0 } : str_from_byte(rest, end + 3);
    }
    return list;
}

/* Sentences of Python's own are compared by the type of the error. */
static bool is_of_python(Str type)
{
    static const char *const types[] = { "AttributeError", "KeyError",      "IndexError",       "NameError",
                                         "SyntaxError",    "OverflowError", "ZeroDivisionError" };
    for (size_t i = 0; i < CLEF_COUNT(types); i++)
        if (str_eq(type, str_c(types[i])))
            return true;
    return false;
}

/* What a database words itself, and another one words otherwise. */
static bool is_of_database(Str type)
{
    return str_eq(type, STR("IntegrityError")) || str_eq(type, STR("OperationalError")) ||
           str_eq(type, STR("DataError")) || str_eq(type, STR("ProgrammingError"));
}

static bool same_error(const Run *r, const Map *x, const Map *y)
{
    Arena *a = r->scratch;
    Str type = record_text(x, "type"), mx = record_text(x, "message"), my = record_text(y, "message"), hx, hy;
    if (!str_eq(type, record_text(y, "type")))
        return false;
    if (is_of_python(type) || str_eq(mx, my))
        return true;
    if (is_of_database(type) && !str_eq(str_c(r->database), STR("sqlite")))
        return true;
    /* Clef says what was probably meant behind what Django says. */
    if (str_starts(mx, my) && str_starts(str_from_byte(mx, my.n), STR(". Did you mean")))
        return true;
    /* So it does why a function of the database failed. */
    if (str_starts(mx, my) && str_ends(my, STR("raised exception")) && str_starts(str_from_byte(mx, my.n), STR(": ")))
        return true;
    List *ex = elements_of_set(a, mx, &hx), *ey = elements_of_set(a, my, &hy);
    return ex->n && str_eq(hx, hy) && same_list(a, ex, ey, false);
}

/* --- the suite */

static bool open(Run *r)
{
    if (r->state)
        return true;
    r->state = shop_open(r);
    return r->state != NULL;
}

static void close_shop(Run *r) { shop_close(r->state); }

static Value note(Arena *a, Value result, size_t queries)
{
    Map *m = map_new(a);
    map_set(m, STR("num_queries"), value_int((int64_t)queries));
    map_set(m, STR("result"), result);
    return value_map(m);
}

typedef struct Text {
    Shell *shell;
    Error e;
    Str text;
} Text;

static void get_text(Context *cx, void *arg)
{
    Text *t = arg;
    (void)cx;
    t->text = shell_error_text(t->shell, &t->e);
}

static Str text_of(Context *cx, Shell *shell, const Error *e)
{
    Text t = { .shell = shell, .e = *e };
    return attempt(cx, get_text, &t) ? e->message : t.text;
}

static bool answer(Run *r, const Map *record, Value *got, Value *expected)
{
    Arena *a = r->scratch;
    Context cx;
    Case c = { .query = record_text(record, "query") };
    shop_context(r->state, &cx, arena_create(a, 0, 0));
    c.shell = shell_create(&cx);
    const Error *e = attempt(&cx, run, &c);
    const Value *error = map_get(record, STR("error")), *result = map_get(record, STR("result"));
    Value ordered = record_get(record, "ordered");
    int64_t most = record_get(record, "num_queries").i;
    JsonError why;
    if (e) {
        const char *type = str_dup_c(a, shell_error_name(&cx, e));
        *got = error_value(a, type, str_copy(a, text_of(&cx, c.shell, e)));
        Map *of = map_new(a);
        if (error)
            map_set(of, STR("error"), *error);
        *expected = error ? value_map(of) : *result;
        if (error && same_error(r, record_get(got->map, "error").map, error->map))
            *expected = *got;
    } else if (!json_read(a, str_copy(a, c.json), (JsonOptions){ .nan = true }, got, &why)) {
        *got = value_str(str_concat(a, STR("no JSON: "), c.json));
        *expected = value_null();
    } else {
        *expected = result ? *result : value_null();
        if (error) {
            Map *of = map_new(a);
            map_set(of, STR("error"), *error);
            *expected = value_map(of);
        } else if (same(a, *got, *expected, ordered.tag != VALUE_BOOL || ordered.b)) {
            *expected = *got;
            if ((int64_t)c.queries > most) {
                *got = note(a, value_null(), c.queries);
                *expected = note(a, value_null(), (size_t)most);
            }
        }
    }
    shop_after(r->state, &cx);
    context_finish(&cx);
    return true;
}

const Suite orm_suite = { .name = "orm", .open = open, .answer = answer, .close = close_shop };
