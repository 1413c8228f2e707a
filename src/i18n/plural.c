/* plural.c: plural expressions: read into a tree of small nodes, evaluated by a walk over it. */
#include <clef/i18n/plural.h>

enum Op {
    OP_NUMBER,
    OP_N,
    OP_NOT,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_ADD,
    OP_SUB,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_EQ,
    OP_NE,
    OP_AND,
    OP_OR,
    OP_IF,
};

typedef struct Node {
    uint8_t op, depth;
    uint16_t a, b, c; /* operands, by index; all smaller than the node's own */
    int32_t number;
} Node;

struct PluralForms {
    uint16_t n;
    Node nodes[]; /* the last one is the root */
};

/* --- reading */

typedef struct Reader {
    Str s;
    size_t at;
    unsigned depth;
    bool too_deep;
    uint16_t n;
    Node nodes[PLURAL_TEXT_MAX]; /* each takes a character at least */
} Reader;

static void skip(Reader *r)
{
    while (r->at < r->s.n && (r->s.p[r->at] == ' ' || r->s.p[r->at] == '\t'))
        r->at++;
}

static char peek(Reader *r, size_t ahead) { return r->at + ahead < r->s.n ? r->s.p[r->at + ahead] : 0; }

/* A node above others that are there; what is evaluated by recursion has a depth. */
static int put(Reader *r, Node node)
{
    if (r->n == CLEF_COUNT(r->nodes))
        return -1;
    if (node.op >= OP_NOT) {
        unsigned depth = r->nodes[node.a].depth;
        if (node.op > OP_NOT && r->nodes[node.b].depth > depth)
            depth = r->nodes[node.b].depth;
        if (node.op == OP_IF && r->nodes[node.c].depth > depth)
            depth = r->nodes[node.c].depth;
        if (depth >= PLURAL_DEPTH) {
            r->too_deep = true;
            return -1;
        }
        node.depth = (uint8_t)(depth + 1);
    }
    r->nodes[r->n] = node;
    return r->n++;
}

static int read_if(Reader *r);

static bool enter(Reader *r)
{
    if (++r->depth <= PLURAL_DEPTH)
        return true;
    r->too_deep = true;
    return false;
}

static int read_primary(Reader *r)
{
    skip(r);
    char c = peek(r, 0);
    if (c == 'n') {
        r->at++;
        char next = peek(r, 0);
        bool word = (next | 0x20) >= 'a' && (next | 0x20) <= 'z';
        return word || next == '_' || (next >= '0' && next <= '9') ? -1 : put(r, (Node){ .op = OP_N });
    }
    if (c >= '0' && c <= '9') {
        int32_t v = 0;
        for (int digits = 0; (c = peek(r, 0)) >= '0' && c <= '9'; r->at++, digits++) {
            if (digits == 9)
                return -1;
            v = v * 10 + (c - '0');
        }
        bool word = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        return word || c == '_' ? -1 : put(r, (Node){ .op = OP_NUMBER, .number = v });
    }
    if (c != '!' && c != '(')
        return -1;
    if (!enter(r))
        return -1;
    r->at++;
    int a;
    if (c == '!') {
        a = read_primary(r);
        a = a < 0 ? -1 : put(r, (Node){ .op = OP_NOT, .a = (uint16_t)a });
    } else {
        a = read_if(r);
        skip(r);
        if (peek(r, 0) != ')')
            return -1;
        r->at++;
    }
    r->depth--;
    return a;
}

/* The binary operator here, and how tightly it binds; 0: none. */
static int operator_at(Reader *r, enum Op *op, size_t *length)
{
    static const struct {
        char text[3];
        uint8_t op, level;
    } table[] = {
        { "||", OP_OR, 1 }, { "&&", OP_AND, 2 }, { "==", OP_EQ, 3 }, { "!=", OP_NE, 3 }, { "<=", OP_LE, 4 },
        { ">=", OP_GE, 4 }, { "<", OP_LT, 4 },   { ">", OP_GT, 4 },  { "+", OP_ADD, 5 }, { "-", OP_SUB, 5 },
        { "*", OP_MUL, 6 }, { "/", OP_DIV, 6 },  { "%", OP_MOD, 6 },
    };
    skip(r);
    for (size_t i = 0; i < CLEF_COUNT(table); i++)
        if (str_starts(str_from_byte(r->s, r->at), str_c(table[i].text))) {
            *op = table[i].op;
            *length = strlen(table[i].text);
            return table[i].level;
        }
    return 0;
}

/* Everything that binds at least as tightly as `level`. */
static int read_binary(Reader *r, int level)
{
    enum Op op;
    size_t length;
    int a = read_primary(r), found;
    while (a >= 0 && (found = operator_at(r, &op, &length)) >= level && found) {
        r->at += length;
        if (!enter(r))
            return -1;
        int b = read_binary(r, found + 1);
        r->depth--;
        a = b < 0 ? -1 : put(r, (Node){ .op = (uint8_t)op, .a = (uint16_t)a, .b = (uint16_t)b });
    }
    return a;
}

static int read_if(Reader *r)
{
    int test = read_binary(r, 1);
    skip(r);
    if (test < 0 || peek(r, 0) != '?')
        return test;
    r->at++;
    if (!enter(r))
        return -1;
    int yes = read_if(r);
    skip(r);
    if (yes < 0 || peek(r, 0) != ':')
        return -1;
    r->at++;
    int no = read_if(r);
    r->depth--;
    return no < 0 ? -1 : put(r, (Node){ .op = OP_IF, .a = (uint16_t)test, .b = (uint16_t)yes, .c = (uint16_t)no });
}

PluralOutcome plural_read(Arena *a, Str expression, const PluralForms **out)
{
    if (expression.n > PLURAL_TEXT_MAX)
        return PLURAL_TOO_LONG;
    Reader *r = NEW(a, Reader);
    r->s = expression;
    int root = read_if(r);
    skip(r);
    if (r->too_deep)
        return PLURAL_TOO_DEEP;
    if (root < 0 || r->at != r->s.n)
        return PLURAL_BAD;
    PluralForms *p = arena_alloc(a, sizeof *p + r->n * sizeof(Node));
    p->n = r->n;
    memcpy(p->nodes, r->nodes, r->n * sizeof(Node));
    *out = p;
    return PLURAL_OK;
}

/* --- evaluating */

static int64_t value_at(const PluralForms *p, unsigned i, int64_t n, bool *failed)
{
    const Node *x = &p->nodes[i];
    if (x->op == OP_NUMBER)
        return x->number;
    if (x->op == OP_N)
        return n;
    int64_t a = value_at(p, x->a, n, failed), b, out;
    if (x->op == OP_NOT)
        return !a;
    if (x->op == OP_IF)
        return value_at(p, a ? x->b : x->c, n, failed);
    if (x->op == OP_AND && !a)
        return 0;
    if (x->op == OP_OR && a)
        return 1;
    b = value_at(p, x->b, n, failed);
    switch (x->op) {
    case OP_MUL:
        *failed |= __builtin_mul_overflow(a, b, &out);
        return out;
    case OP_DIV:
    case OP_MOD:
        if (b == 0 || (b == -1 && a == INT64_MIN)) {
            *failed = true;
            return 0;
        }
        if (x->op == OP_DIV)
            return a / b - (a % b != 0 && (a < 0) != (b < 0));
        return a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
    case OP_ADD:
        *failed |= __builtin_add_overflow(a, b, &out);
        return out;
    case OP_SUB:
        *failed |= __builtin_sub_overflow(a, b, &out);
        return out;
    case OP_LT:
        return a < b;
    case OP_LE:
        return a <= b;
    case OP_GT:
        return a > b;
    case OP_GE:
        return a >= b;
    case OP_EQ:
        return a == b;
    case OP_NE:
        return a != b;
    default: /* && and || */
        return b != 0;
    }
}

unsigned plural_form(const PluralForms *p, int64_t n)
{
    if (!p)
        return n != 1;
    bool failed = false;
    int64_t form = value_at(p, p->n - 1u, n, &failed);
    return failed || form < 0 || form > 1000 ? 0 : (unsigned)form;
}
