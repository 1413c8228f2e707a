/* ddl_value.c: values as SQL, and conditions with their values in them: DDL takes no parameters. */
#include "orm/ddl.h"
#include "orm/node.h"
#include <clef/base/double.h>
#include <clef/codec/json.h>

/* --- literals */

static Str text_literal(Arena *a, Str s)
{
    return str_format(a, "'%.*s'", STR_FMT(str_replace(a, s, STR("'"), STR("''"))));
}

static Str bytes_literal(Arena *a, Str s)
{
    Buf b = BUF_INIT(a, DDL_MAX);
    BUF_LIT(&b, "X'");
    for (size_t i = 0; i < s.n; i++)
        buf_printf(&b, "%02x", (unsigned char)s.p[i]);
    buf_byte(&b, '\'');
    return buf_view(&b);
}

Str ddl_literal(Context *cx, Value v)
{
    Arena *a = cx->arena;
    char text[DATETIME_TEXT_MAX + UUID_TEXT_LEN];
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        return STR("NULL");
    case VALUE_BOOL:
        return v.b ? STR("1") : STR("0");
    case VALUE_INT:
        return str_format(a, "%lld", (long long)v.i);
    case VALUE_STR:
    case VALUE_SAFE:
        return text_literal(a, v.s);
    case VALUE_BYTES:
        return bytes_literal(a, v.s);
    case VALUE_DOUBLE: {
        char digits[DOUBLE_TEXT_MAX];
        return str_copy(a, str_from(digits, double_format(v.d, digits)));
    }
    case VALUE_BIGINT:
        return decimal_str(a, *v.decimal);
    case VALUE_DECIMAL:
        return text_literal(a, decimal_str(a, *v.decimal));
    case VALUE_UUID:
        uuid_format(*v.uuid, text);
        return text_literal(a, str_replace(a, str_from(text, UUID_TEXT_LEN), STR("-"), STR("")));
    case VALUE_DURATION:
        return str_format(a, "%lld", (long long)v.us);
    case VALUE_DATE:
        date_format_iso((Date){ (int32_t)v.us }, text);
        return text_literal(a, str_from(text, DATE_TEXT_LEN));
    case VALUE_TIME:
        return text_literal(a, str_from(text, time_format_iso((Time){ .us = v.us }, text)));
    case VALUE_DATETIME:
        return text_literal(a, str_from(text, naive_format_iso((NaiveDateTime){ v.us }, ' ', text)));
    case VALUE_LIST:
    case VALUE_MAP: {
        Buf b = BUF_INIT(a, DDL_MAX);
        if (json_write(&b, v, (JsonStyle){ .nan = true }))
            return text_literal(a, buf_view(&b));
        break;
    }
    default:
        break;
    }
    RAISE(cx, 500, "schema_error", "A %s cannot stand in a statement that defines a table.", value_type_name(v));
}

static Value json_of(Context *cx, Value v)
{
    Buf b = BUF_INIT(cx->arena, DDL_MAX);
    if (!json_write(&b, v, (JsonStyle){ .nan = true }))
        RAISE(cx, 500, "schema_error", "The default of a JSONField has a part that JSON cannot hold.");
    return value_str(buf_view(&b));
}

Value ddl_default(Context *cx, const FieldInfo *field)
{
    const Field *f = field->f;
    if (f->default_fn || f->default_value.box) {
        Value v = f->default_fn ? f->default_fn(cx) : f->default_value.box(cx->arena, f->default_value.at);
        return field->kind == FIELD_JSON ? json_of(cx, v) : v;
    }
    if (!f->null && f->blank && f->kind == FIELD_BINARY)
        return value_bytes(STR(""));
    if (!f->null && f->blank && f->member == MEMBER_STR && !field->to)
        return value_str(STR(""));
    if (f->auto_now || f->auto_now_add) {
        NaiveDateTime now = datetime_utc(datetime_now());
        return f->kind == FIELD_DATE   ? value_date(naive_date(now))
               : f->kind == FIELD_TIME ? value_time(naive_time(now))
                                       : value_datetime(datetime_now(), NULL);
    }
    return value_null();
}

/* --- conditions */

typedef struct Condition {
    Context *cx;
    const TableShape *t;
    Buf b;
} Condition;

static const FieldInfo *field_and_op(Condition *c, const Pred *p, Op *op)
{
    Str name = str_c(p->path ? p->path : p->lookup);
    size_t cut = p->path ? STR_NPOS : str_find(name, STR("__"));
    *op = p->path ? p->op : OP_EQ;
    if (cut != STR_NPOS) {
        Str word = str_from_byte(name, cut + 2);
        if (!op_find(word, op))
            RAISE(c->cx, 500, "schema_error", "A condition of %s: '%.*s' is no lookup that a constraint can have.",
                  c->t->meta->m->name, STR_FMT(word));
        name = str_slice(name, 0, cut);
    }
    const FieldInfo *field = ddl_field(c->t, name);
    if (!field)
        RAISE(c->cx, 500, "schema_error", "A condition of %s: '%.*s' is no column of it.", c->t->meta->m->name,
              STR_FMT(name));
    return field;
}

static void write_like(Condition *c, Str s, Op op)
{
    Arena *a = c->cx->arena;
    bool before = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_ENDSWITH || op == OP_IENDSWITH;
    bool after = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_STARTSWITH || op == OP_ISTARTSWITH;
    s = str_replace(a, s, STR("\\"), STR("\\\\"));
    s = str_replace(a, s, STR("%"), STR("\\%"));
    s = str_replace(a, s, STR("_"), STR("\\_"));
    s = str_format(a, "%s%.*s%s", before ? "%" : "", STR_FMT(s), after ? "%" : "");
    buf_printf(&c->b, " LIKE %.*s ESCAPE '\\'", STR_FMT(text_literal(a, s)));
}

static void write_list(Condition *c, const List *list, const char *between)
{
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            buf_c(&c->b, between);
        buf_str(&c->b, ddl_literal(c->cx, list->p[i]));
    }
}

static void write_leaf(Condition *c, const Pred *p, bool negated)
{
    static const char *const operators[OP_COUNT] = {
        [OP_EQ] = " = ", [OP_GT] = " > ", [OP_GTE] = " >= ", [OP_LT] = " < ", [OP_LTE] = " <= "
    };
    Op op;
    const FieldInfo *field = field_and_op(c, p, &op);
    Value v = p->value.box(c->cx->arena, p->value.at);
    Str text;
    if (op == OP_EQ && v.tag == VALUE_NULL) {
        op = OP_ISNULL;
        v = value_bool(true);
    }
    if (op == OP_EQ && v.tag == VALUE_BOOL && field->kind == FIELD_BOOLEAN) {
        buf_printf(&c->b, "%s%.*s", v.b ? "" : "NOT ", STR_FMT(field->quoted));
        return;
    }
    buf_str(&c->b, field->quoted);
    if (op == OP_ISNULL) {
        buf_c(&c->b, value_truth(v) ? " IS NULL" : " IS NOT NULL");
        return;
    }
    if (operators[op]) {
        buf_c(&c->b, operators[op]);
        buf_str(&c->b, ddl_literal(c->cx, v));
    } else if (op == OP_RANGE && v.tag == VALUE_LIST && v.list->n == 2) {
        BUF_LIT(&c->b, " BETWEEN ");
        write_list(c, v.list, " AND ");
    } else if (op == OP_IN && v.tag == VALUE_LIST && v.list->n) {
        BUF_LIT(&c->b, " IN (");
        write_list(c, v.list, ", ");
        BUF_LIT(&c->b, ")");
    } else if (value_to_str(v, &text) && op >= OP_IEXACT && op <= OP_IENDSWITH) {
        write_like(c, text, op);
    } else {
        RAISE(c->cx, 500, "schema_error", "A condition of %s compares '%.*s' by '%s' with a %s, which it cannot.",
              c->t->meta->m->name, STR_FMT(field->name), op_name(op), value_type_name(v));
    }
    /* NOT over NULL is NULL: rows without a value must count as different. */
    if (negated && field->f->null)
        buf_printf(&c->b, " AND %.*s IS NOT NULL", STR_FMT(field->quoted));
}

static void write(Condition *c, const Pred *p, bool negated, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        RAISE(c->cx, 500, "schema_error", "A condition of %s is nested deeper than %d.", c->t->meta->m->name,
              QUERY_MAX_DEPTH);
    if (!p->connector) {
        write_leaf(c, p, negated);
        return;
    }
    bool not = p->connector == CONNECT_NOT;
    negated ^= not ;
    /* NOT (OR (...)) is one level. */
    if (not &&p->nchildren == 1 && p->children[0].connector && p->children[0].connector != CONNECT_NOT)
        p = &p->children[0];
    if (!not &&p->nchildren == 1) {
        write(c, &p->children[0], negated, depth + 1);
        return;
    }
    buf_c(&c->b, not ? "NOT (" : "(");
    for (size_t i = 0; i < p->nchildren; i++) {
        if (i)
            buf_c(&c->b, p->connector == CONNECT_OR ? " OR " : " AND ");
        write(c, &p->children[i], negated, depth + 1);
    }
    buf_byte(&c->b, ')');
}

Str ddl_condition(Context *cx, const TableShape *t, const Pred *p)
{
    Condition c = { .cx = cx, .t = t, .b = BUF_INIT(cx->arena, DDL_MAX) };
    write(&c, p, false, 0);
    return buf_view(&c.b);
}
