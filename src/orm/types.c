/* types.c: the types of what the database computes: Django's output fields, and which of them mix. */
#include "orm/node.h"

#define TYPE(k, m, ...) [k] = { .name = "expression", .kind = k, .member = m, .null = true, __VA_ARGS__ }
static const Field type_fields[FIELD_KINDS] = {
    TYPE(FIELD_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_BIG_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_SMALL_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_POSITIVE_INTEGER, MEMBER_OPT_INT),
    TYPE(FIELD_FLOAT, MEMBER_OPT_DOUBLE),
    TYPE(FIELD_DECIMAL, MEMBER_OPT_DECIMAL, .max_digits = 1000),
    TYPE(FIELD_BOOLEAN, MEMBER_OPT_BOOL),
    TYPE(FIELD_CHAR, MEMBER_STR),
    TYPE(FIELD_SLUG, MEMBER_STR),
    TYPE(FIELD_EMAIL, MEMBER_STR),
    TYPE(FIELD_URL, MEMBER_STR),
    TYPE(FIELD_TEXT, MEMBER_STR),
    TYPE(FIELD_DATE, MEMBER_OPT_DATE),
    TYPE(FIELD_TIME, MEMBER_OPT_TIME),
    TYPE(FIELD_DATETIME, MEMBER_OPT_DATETIME),
    TYPE(FIELD_DURATION, MEMBER_OPT_DURATION),
    TYPE(FIELD_UUID, MEMBER_OPT_UUID),
    TYPE(FIELD_BINARY, MEMBER_STR),
    TYPE(FIELD_GENERIC_IP, MEMBER_STR),
    TYPE(FIELD_JSON, MEMBER_VALUE),
};
#define INFO(k)                              \
    [k] = { .f = &type_fields[k],            \
            .kind = k,                       \
            .stored = &type_fields[k],       \
            .name = { "expression", 10 },    \
            .attname = { "expression", 10 }, \
            .column = { "expression", 10 } }
static const FieldInfo type_infos[FIELD_KINDS] = {
    INFO(FIELD_INTEGER), INFO(FIELD_BIG_INTEGER), INFO(FIELD_SMALL_INTEGER), INFO(FIELD_POSITIVE_INTEGER),
    INFO(FIELD_FLOAT),   INFO(FIELD_DECIMAL),     INFO(FIELD_BOOLEAN),       INFO(FIELD_CHAR),
    INFO(FIELD_SLUG),    INFO(FIELD_EMAIL),       INFO(FIELD_URL),           INFO(FIELD_TEXT),
    INFO(FIELD_DATE),    INFO(FIELD_TIME),        INFO(FIELD_DATETIME),      INFO(FIELD_DURATION),
    INFO(FIELD_UUID),    INFO(FIELD_BINARY),      INFO(FIELD_GENERIC_IP),    INFO(FIELD_JSON),
};

const FieldInfo *type_field(FieldKind kind)
{
    if (kind >= FIELD_KINDS)
        return NULL;
    return type_infos[kind].f ? &type_infos[kind] : kind_is_integer(kind) ? &type_infos[FIELD_INTEGER] : NULL;
}

const FieldInfo *type_with(Context *cx, FieldKind kind, int max_length, int max_digits, int places)
{
    const FieldInfo *plain = type_field(kind);
    if (!plain || (max_length <= 0 && max_digits <= 0))
        return plain;
    Field *f = NEW(cx->arena, Field);
    FieldInfo *info = NEW(cx->arena, FieldInfo);
    *f = *plain->f;
    f->max_length = max_length;
    if (max_digits > 0) {
        f->max_digits = max_digits;
        f->decimal_places = places;
    }
    *info = *plain;
    info->f = info->stored = f;
    return info;
}

bool kind_is_integer(FieldKind k)
{
    return (k >= FIELD_INTEGER && k <= FIELD_POSITIVE_SMALL_INTEGER) || (k >= FIELD_AUTO && k <= FIELD_SMALL_AUTO);
}

const FieldInfo *node_type(Context *cx, const Node *n)
{
    if (CLEF_UNLIKELY(n->trouble.p != NULL))
        RAISE(cx, 500,
              str_starts(n->trouble, STR("Cannot resolve expression type")) ? "output_field_is_none_error"
                                                                            : "field_error",
              "%.*s", STR_FMT(n->trouble));
    return n->out;
}

/* --- several of one type */

/* Django's classes of fields: is `kind` `of`, or made from it? */
static bool kind_is_a(FieldKind kind, FieldKind of)
{
    if (kind == of)
        return true;
    switch (of) {
    case FIELD_INTEGER:
        return kind_is_integer(kind);
    case FIELD_BIG_INTEGER:
        return kind == FIELD_BIG_AUTO;
    case FIELD_SMALL_INTEGER:
        return kind == FIELD_SMALL_AUTO;
    case FIELD_CHAR:
        return kind == FIELD_SLUG || kind == FIELD_EMAIL || kind == FIELD_URL;
    case FIELD_DATE:
        return kind == FIELD_DATETIME;
    case FIELD_FILE:
        return kind == FIELD_IMAGE;
    default:
        return false;
    }
}

void type_of_same(Context *cx, Node *n, const Node *const *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const FieldInfo *type = args[i]->out;
        if (args[i]->trouble.p) {
            n->trouble = args[i]->trouble;
            return;
        }
        if (!type)
            continue;
        if (!n->out)
            n->out = type;
        else if (!kind_is_a(n->out->kind, type->kind))
            n->trouble = str_format(cx->arena, "Expression contains mixed types: %s, %s. You must set output_field.",
                                    field_class(n->out->f), field_class(type->f));
        if (n->trouble.p) {
            n->out = NULL;
            return;
        }
    }
    /* What is computed has the type of the column, not its digits. */
    if (n->out && n->out->kind == FIELD_DECIMAL)
        n->out = type_field(FIELD_DECIMAL);
}

/* --- arithmetic */

typedef enum Family { OTHER, WHOLE, REAL, EXACT, DAY, CLOCK, INSTANT, SPAN } Family;

static Family family_of(const FieldInfo *t)
{
    switch (t ? t->kind : FIELD_NONE) {
    case FIELD_FLOAT:
        return REAL;
    case FIELD_DECIMAL:
        return EXACT;
    case FIELD_DATE:
        return DAY;
    case FIELD_TIME:
        return CLOCK;
    case FIELD_DATETIME:
        return INSTANT;
    case FIELD_DURATION:
        return SPAN;
    default:
        return t && kind_is_integer(t->kind) ? WHOLE : OTHER;
    }
}

static FieldKind mixed(char sign, Family a, Family b)
{
    bool plus = sign == '+', minus = sign == '-',
         bits = sign == '&' || sign == '|' || sign == '^' || sign == '<' || sign == '>';
    if (a == WHOLE && b == WHOLE)
        return FIELD_INTEGER;
    if (bits)
        return FIELD_NONE;
    if ((a == REAL || a == WHOLE) && (b == REAL || b == WHOLE))
        return FIELD_FLOAT;
    if ((a == EXACT || a == WHOLE) && (b == EXACT || b == WHOLE))
        return FIELD_DECIMAL;
    if (!plus && !minus)
        return FIELD_NONE;
    if (a == SPAN && b == SPAN)
        return FIELD_DURATION;
    if (b == SPAN || (a == SPAN && plus)) {
        Family moment = b == SPAN ? a : b;
        return moment == DAY || moment == INSTANT ? FIELD_DATETIME : moment == CLOCK ? FIELD_TIME : FIELD_NONE;
    }
    if (minus && ((a == CLOCK && b == CLOCK) || ((a == DAY || a == INSTANT) && (b == DAY || b == INSTANT))))
        return FIELD_DURATION;
    return FIELD_NONE;
}

void type_of_operator(Context *cx, Node *n)
{
    const Node *left = n->args[0], *right = n->args[1];
    if (left->trouble.p || right->trouble.p) {
        n->trouble = left->trouble.p ? left->trouble : right->trouble;
        return;
    }
    const FieldInfo *a = left->out, *b = right->out;
    Family fa = family_of(a), fb = family_of(b);
    /* A NULL takes the type of the other side. */
    if (!a && (fb == WHOLE || fb == REAL || fb == EXACT))
        n->out = type_field(b->kind);
    else if (!b && (fa == WHOLE || fa == REAL || fa == EXACT))
        n->out = type_field(a->kind);
    else if (a && b)
        n->out = type_field(mixed(*n->fn->name, fa, fb));
    if (!n->out)
        n->trouble = str_format(cx->arena,
                                "Cannot infer type of '%s' expression involving these types: %s, %s. You must set "
                                "output_field.",
                                n->fn->name, a ? field_class(a->f) : "NoneType", b ? field_class(b->f) : "NoneType");
}
