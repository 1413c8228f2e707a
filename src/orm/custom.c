/* custom.c: the lookups and transforms of applications. A condition by one is a call of its SQL. */
#include "orm/queryset.h"
#include <clef/conf/app.h>
#include <clef/orm/lookup.h>

/* Begins with the function, so that a node's function leads back here. */
typedef struct Custom {
    Function fn;
    const Lookup *lookup;
    const char *sqlite, *postgresql, *mysql; /* its SQL there, in brackets: it may stand beside any operator */
} Custom;

static struct {
    Custom *p;
    size_t n;
} customs;

static bool is_name(Str name)
{
    bool right = name.n > 0 && name.n < 64 && !str_contains(name, STR("__")) && !str_starts(name, STR("_"));
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        right &= c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
    return right;
}

static bool has_values(const char *sql, bool transform)
{
    Str s = str_c(sql ? sql : "");
    return str_contains(s, STR("$1")) && str_contains(s, STR("$2")) == !transform && !str_contains(s, STR("$3"));
}

static const char *trouble_of(const Lookup *l)
{
    const char *const own[] = { l->sqlite, l->postgresql, l->mysql };
    Op op;
    if (!l->name || !is_name(str_c(l->name)))
        return "its name is no word of letters, digits and single underscores";
    if (!l->transform && op_find(str_c(l->name), &op))
        return "there is a lookup of this name";
    if (!has_values(l->sql, l->transform))
        return l->transform ? "its SQL must have $1, the column"
                            : "its SQL must have $1, the column, and $2, the value";
    for (size_t i = 0; i < CLEF_COUNT(own); i++)
        if (own[i] && !has_values(own[i], l->transform))
            return "the SQL of a database must have the places of the others";
    return NULL;
}

static const char *in_brackets(Arena *a, const Lookup *l, const char *own)
{
    return str_format(a, "(%s)", own ? own : l->sql).p;
}

void customs_forget(void)
{
    customs.p = NULL;
    customs.n = 0;
}

void customs_populate(Arena *a, const App *const *apps, Buf *errors)
{
    size_t n = 0;
    customs_forget();
    for (size_t i = 0; apps && apps[i]; i++)
        for (const Lookup *const *l = apps[i]->lookups; l && *l; l++)
            n++;
    if (!n)
        return;
    Custom *all = NEW_ARRAY(a, Custom, n);
    for (size_t i = 0; apps[i]; i++)
        for (const Lookup *const *l = apps[i]->lookups; l && *l; l++) {
            const char *trouble = trouble_of(*l);
            if (trouble) {
                buf_printf(errors, "%s: the lookup '%s' cannot be used: %s\n", apps[i]->label,
                           (*l)->name ? (*l)->name : "", trouble);
                continue;
            }
            int least = (*l)->transform ? 1 : 2;
            all[customs.n++] = (Custom){ .fn = { .name = str_format(a, "lookup %s", (*l)->name).p,
                                                 .sql = (*l)->sql,
                                                 .out = (*l)->transform ? (*l)->output : FIELD_BOOLEAN,
                                                 .flags = FN_CUSTOM | ((*l)->transform ? FN_KEEPS : 0),
                                                 .least = least,
                                                 .most = least },
                                         .lookup = *l,
                                         .sqlite = in_brackets(a, *l, (*l)->sqlite),
                                         .postgresql = in_brackets(a, *l, (*l)->postgresql),
                                         .mysql = in_brackets(a, *l, (*l)->mysql) };
        }
    customs.p = all;
}

const char *custom_template(const Dialect *d, const Function *fn)
{
    const Custom *c = (const Custom *)(const void *)fn;
    Str vendor = str_c(d->vendor);
    return str_eq(vendor, STR("sqlite")) ? c->sqlite : str_eq(vendor, STR("postgresql")) ? c->postgresql : c->mysql;
}

/* --- which of them */

/* The kinds that Django's classes of kinds derive from. */
static FieldKind kind_above(FieldKind kind)
{
    switch (kind) {
    case FIELD_AUTO:
    case FIELD_BIG_INTEGER:
    case FIELD_SMALL_INTEGER:
    case FIELD_POSITIVE_INTEGER:
        return FIELD_INTEGER;
    case FIELD_BIG_AUTO:
    case FIELD_POSITIVE_BIG_INTEGER:
        return FIELD_BIG_INTEGER;
    case FIELD_SMALL_AUTO:
    case FIELD_POSITIVE_SMALL_INTEGER:
        return FIELD_SMALL_INTEGER;
    case FIELD_SLUG:
    case FIELD_EMAIL:
    case FIELD_URL:
        return FIELD_CHAR;
    case FIELD_DATETIME:
        return FIELD_DATE;
    case FIELD_IMAGE:
        return FIELD_FILE;
    default:
        return FIELD_NONE;
    }
}

static bool fits(const Lookup *l, const FieldInfo *type)
{
    if (!l->kinds)
        return true;
    for (FieldKind kind = type && !type->to ? type->kind : FIELD_NONE; kind != FIELD_NONE; kind = kind_above(kind))
        for (const FieldKind *k = l->kinds; *k != FIELD_NONE; k++)
            if (*k == kind)
                return true;
    return false;
}

static const Custom *find(Str name, const FieldInfo *type, bool transform)
{
    for (size_t i = 0; i < customs.n; i++)
        if (customs.p[i].lookup->transform == transform && str_eq(str_c(customs.p[i].lookup->name), name) &&
            fits(customs.p[i].lookup, type))
            return &customs.p[i];
    return NULL;
}

bool custom_find(Str name, const FieldInfo *type, Op *op)
{
    const Custom *c = customs.n && !(type && type->to) ? find(name, type, false) : NULL;
    if (c)
        *op = (Op)(OP_COUNT + 1 + (int)(c - customs.p));
    return c != NULL;
}

static const Custom *custom_of(Op op) { return &customs.p[(int)op - OP_COUNT - 1]; }

const char *custom_name(Op op) { return custom_of(op)->lookup->name; }

size_t custom_names(const FieldInfo *type, Str *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < customs.n && n < max; i++)
        if (fits(customs.p[i].lookup, type))
            out[n++] = str_c(customs.p[i].lookup->name);
    return n;
}

/* --- what they become */

const Node *custom_transform(Resolving *r, Str name, const Node *of)
{
    const Custom *c = customs.n ? find(name, of->out, true) : NULL;
    return c ? function_call(r, &c->fn, &of, 1, NULL) : NULL;
}

const Node *custom_condition(Resolving *r, Op op, const Node *left, const Node *right)
{
    return function_call(r, &custom_of(op)->fn, (const Node *const[]){ left, right }, 2, NULL);
}

const Node *custom_compare(Resolving *r, const Node *left, Op op, Right right)
{
    Context *cx = r->q->cx;
    const Lookup *l = custom_of(op)->lookup;
    const FieldInfo *field = left->out;
    if (right.query)
        return custom_condition(r, op, left, node_subquery(r, NODE_SUBQUERY, right.query));
    if (right.expr)
        return custom_condition(r, op, left, expr_resolve(r, right.expr));
    Value v = right.value;
    if (v.tag == VALUE_NULL)
        RAISE(cx, 500, "value_error", "Cannot use None as a query value");
    v = l->prepare ? l->prepare(cx, field ? field->f : NULL, v) : field ? value_for_lookup(cx, field, OP_EQ, v) : v;
    return custom_condition(r, op, left, node_value(cx, v, l->prepare ? NULL : field));
}
