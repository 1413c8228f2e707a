/* python.c: expressions of the recordings' Python. */
#include "conformance/python.h"

#include <clef/base/double.h>
#include <clef/base/vec.h>

typedef struct Parser {
    Arena *a;
    Str s;
    size_t at;
    bool failed;
} Parser;

static Py *parse_or(Parser *p);

static void skip(Parser *p)
{
    while (p->at < p->s.n && (p->s.p[p->at] == ' ' || p->s.p[p->at] == '\n' || p->s.p[p->at] == '\t'))
        p->at++;
}

static char peek(Parser *p)
{
    skip(p);
    return p->at < p->s.n ? p->s.p[p->at] : 0;
}

static bool take(Parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static Py *node(Parser *p, PyKind kind)
{
    Py *n = NEW(p->a, Py);
    n->kind = kind;
    return n;
}

static Py *fail(Parser *p)
{
    p->failed = true;
    return node(p, PY_NONE);
}

static Py *parse_string(Parser *p)
{
    char quote = p->s.p[p->at++];
    Buf b = BUF_INIT(p->a, 1 << 16);
    buf_add(&b, "", 0);
    while (p->at < p->s.n && p->s.p[p->at] != quote) {
        char c = p->s.p[p->at++];
        if (c == '\\' && p->at < p->s.n) {
            c = p->s.p[p->at++];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        buf_byte(&b, c);
    }
    p->at++;
    Py *n = node(p, PY_VALUE);
    n->v = value_str(buf_view(&b));
    return n;
}

static Py *parse_number(Parser *p)
{
    size_t from = p->at;
    while (p->at < p->s.n && (is_word(p->s.p[p->at]) || p->s.p[p->at] == '.'))
        p->at++;
    Str text = str_slice(p->s, from, p->at);
    Py *n = node(p, PY_VALUE);
    int64_t i;
    double d;
    if (str_to_i64(text, &i))
        n->v = value_int(i);
    else if (double_parse_any(text, &d))
        n->v = value_double(d);
    else
        return fail(p);
    return n;
}

static void parse_items(Parser *p, Py *n, char close)
{
    VEC(Py *) items = { 0 };
    VEC(Str) keys = { 0 };
    while (!p->failed && peek(p) != close) {
        size_t from = p->at;
        Str key = { 0 };
        while (p->at < p->s.n && is_word(p->s.p[p->at]))
            p->at++;
        Str word = str_slice(p->s, from, p->at);
        if (n->kind == PY_CALL && word.n && peek(p) == '=' && p->s.p[p->at + 1] != '=') {
            key = word;
            p->at++;
        } else {
            p->at = from;
        }
        Py *item = parse_or(p);
        VEC_PUSH(p->a, &items, item);
        VEC_PUSH(p->a, &keys, key);
        if (n->open == '{' && take(p, ':')) {
            n->kind = PY_DICT;
            Py *value = parse_or(p);
            VEC_PUSH(p->a, &items, value);
            VEC_PUSH(p->a, &keys, (Str){ 0 });
        }
        if (!take(p, ','))
            break;
    }
    if (!take(p, close))
        fail(p);
    n->items = items.p;
    n->keys = keys.p;
    n->n = items.n;
}

static Py *parse_name(Parser *p)
{
    size_t from = p->at;
    while (p->at < p->s.n && (is_word(p->s.p[p->at]) || p->s.p[p->at] == '.'))
        p->at++;
    Py *n = node(p, PY_NAME);
    n->name = str_slice(p->s, from, p->at);
    if (str_eq(n->name, STR("True")) || str_eq(n->name, STR("False"))) {
        n->kind = PY_VALUE;
        n->v = value_bool(n->name.n == 4);
    } else if (str_eq(n->name, STR("None"))) {
        n->kind = PY_VALUE;
    }
    return n;
}

static Py *parse_atom(Parser *p)
{
    char c = peek(p);
    Py *n;
    if (c == '\'' || c == '"')
        return parse_string(p);
    if ((c == 'b' || c == 'r') && p->at + 1 < p->s.n && (p->s.p[p->at + 1] == '\'' || p->s.p[p->at + 1] == '"')) {
        p->at++;
        n = parse_string(p);
        if (c == 'b')
            n->v.tag = VALUE_BYTES;
        return n;
    }
    if (c >= '0' && c <= '9')
        return parse_number(p);
    if (c == '(' || c == '[' || c == '{') {
        p->at++;
        n = node(p, PY_SEQUENCE);
        n->open = c;
        size_t from = p->at;
        parse_items(p, n, c == '(' ? ')' : c == '[' ? ']' : '}');
        /* One thing in parentheses without a comma is that thing. */
        Str inside = str_trim(str_slice(p->s, from, p->at ? p->at - 1 : 0));
        if (c == '(' && n->n == 1 && !str_ends(inside, STR(",")))
            return n->items[0];
        return n;
    }
    if (!is_word(c))
        return fail(p);
    return parse_name(p);
}

static Py *parse_postfix(Parser *p)
{
    size_t from = (skip(p), p->at);
    Py *n = parse_atom(p);
    while (!p->failed) {
        if (peek(p) == '(' && (n->kind == PY_NAME || n->kind == PY_CALL)) {
            Py *call = node(p, PY_CALL);
            if (n->kind == PY_NAME)
                call->name = n->name;
            else
                call->on = n;
            p->at++;
            parse_items(p, call, ')');
            n = call;
        } else if (peek(p) == '.' && n->kind == PY_CALL) {
            p->at++;
            Py *method = parse_name(p), *call = node(p, PY_CALL);
            call->name = method->name;
            call->on = n;
            if (take(p, '('))
                parse_items(p, call, ')');
            n = call;
        } else {
            break;
        }
    }
    n->text = str_trim(str_slice(p->s, from, p->at));
    return n;
}

static Py *parse_unary(Parser *p)
{
    char c = peek(p);
    if (c != '~' && c != '-')
        return parse_postfix(p);
    p->at++;
    Py *inner = parse_unary(p);
    if (c == '-' && inner->kind == PY_VALUE && inner->v.tag == VALUE_INT) {
        inner->v.i = -inner->v.i;
        return inner;
    }
    if (c == '-' && inner->kind == PY_VALUE && inner->v.tag == VALUE_DOUBLE) {
        inner->v.d = -inner->v.d;
        return inner;
    }
    Py *n = node(p, PY_UNARY);
    n->name = c == '~' ? STR("~") : STR("-");
    n->items = NEW_ARRAY(p->a, Py *, 1);
    n->items[0] = inner;
    n->n = 1;
    return n;
}

static Py *binary(Parser *p, const char *operators, Py *(*inner)(Parser *))
{
    Py *left = inner(p);
    for (char c; !p->failed && (c = peek(p)) != 0 && strchr(operators, c);) {
        p->at++;
        Py *n = node(p, PY_BINARY);
        n->name = str_copy(p->a, str_from(&c, 1));
        n->items = NEW_ARRAY(p->a, Py *, 2);
        n->items[0] = left;
        n->items[1] = inner(p);
        n->n = 2;
        left = n;
    }
    return left;
}

/* Binds tighter than the others, and to the right. */
static Py *parse_power(Parser *p)
{
    Py *left = parse_unary(p);
    if (peek(p) != '*' || p->at + 1 >= p->s.n || p->s.p[p->at + 1] != '*')
        return left;
    p->at += 2;
    Py *n = node(p, PY_BINARY);
    n->name = STR("**");
    n->items = NEW_ARRAY(p->a, Py *, 2);
    n->items[0] = left;
    n->items[1] = parse_power(p);
    n->n = 2;
    return n;
}
static Py *parse_product(Parser *p) { return binary(p, "*/%", parse_power); }
static Py *parse_sum(Parser *p) { return binary(p, "+-", parse_product); }
static Py *parse_and(Parser *p) { return binary(p, "&", parse_sum); }
static Py *parse_xor(Parser *p) { return binary(p, "^", parse_and); }
static Py *parse_or(Parser *p) { return binary(p, "|", parse_xor); }

Py *py_parse(Arena *a, Str text)
{
    Parser p = { .a = a, .s = text };
    Py *n = parse_or(&p);
    skip(&p);
    return p.failed || p.at < text.n ? NULL : n;
}

Str py_last(Str name)
{
    size_t dot = str_rfind_byte(name, '.');
    return dot == STR_NPOS ? name : str_from_byte(name, dot + 1);
}

Py *py_argument(const Py *call, const char *key, int position)
{
    size_t at = 0;
    for (size_t i = 0; i < call->n; i++) {
        if (call->keys[i].n) {
            if (str_eq(call->keys[i], str_c(key)))
                return call->items[i];
        } else if (position >= 0 && at++ == (size_t)position) {
            return call->items[i];
        }
    }
    return NULL;
}
