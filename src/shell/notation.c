/* notation.c: conditions and expressions as Django's repr() writes them; texts with % in them. */
#include "orm/node.h"
#include "shell/eval.h"

enum { NOTATION_MAX = 1 << 16, NOTATION_DEPTH = 32 };

static void write_pred(Shell *s, Buf *b, const Pred *p, unsigned depth);

static Value value_of(Shell *s, Boxed b) { return b.box ? b.box(s->cx->arena, b.at) : value_null(); }

static void write_leaf(Shell *s, Buf *b, const Pred *p)
{
    if (p->lookup && *p->lookup)
        buf_printf(b, "('%s', %.*s)", p->lookup, STR_FMT(shell_repr(s, value_of(s, p->value))));
    else
        buf_str(b, shell_repr(s, value_of(s, p->value)));
}

static void write_inner(Shell *s, Buf *b, const Pred *p, unsigned depth)
{
    if (p->connector)
        write_pred(s, b, p, depth);
    else
        write_leaf(s, b, p);
}

static void write_pred(Shell *s, Buf *b, const Pred *p, unsigned depth)
{
    const char *name = p->connector == CONNECT_OR ? "OR" : p->connector == CONNECT_XOR ? "XOR" : "AND";
    if (depth >= NOTATION_DEPTH) {
        BUF_LIT(b, "...");
        return;
    }
    if (p->connector == CONNECT_NOT) {
        BUF_LIT(b, "(NOT ");
        for (size_t i = 0; i < p->nchildren; i++)
            write_pred(s, b, &p->children[i], depth + 1);
        BUF_LIT(b, ")");
        return;
    }
    buf_printf(b, "(%s: ", name);
    if (!p->connector)
        write_leaf(s, b, p);
    for (size_t i = 0; i < p->nchildren; i++) {
        buf_c(b, i ? ", " : "");
        write_inner(s, b, &p->children[i], depth + 1);
    }
    BUF_LIT(b, ")");
}

Str shell_q_text(Shell *s, const Pred *p)
{
    Buf b = BUF_INIT(s->cx->arena, NOTATION_MAX);
    write_pred(s, &b, p, 0);
    return buf_view(&b);
}

static bool is_sign(const char *name)
{
    return name && !((*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z'));
}

static void write_expr(Shell *s, Buf *b, const Expr *e, bool inside, unsigned depth);

static void write_arg(Shell *s, Buf *b, Boxed arg, bool names, unsigned depth)
{
    Value v = value_of(s, arg);
    if (is_a(v, &expr_class))
        write_expr(s, b, v.object, true, depth + 1);
    else if (names && value_is_text(v))
        buf_printf(b, "F(%.*s)", STR_FMT(v.s));
    else
        buf_printf(b, "Value(%.*s)", STR_FMT(shell_repr(s, v)));
}

static void write_expr(Shell *s, Buf *b, const Expr *e, bool inside, unsigned depth)
{
    if (depth >= NOTATION_DEPTH) {
        BUF_LIT(b, "...");
        return;
    }
    switch (e->kind) {
    case EXPR_FIELD:
        buf_printf(b, "F(%s)", e->name);
        return;
    case EXPR_OUTER:
        buf_printf(b, "OuterRef(%s)", e->name ? e->name : "...");
        return;
    case EXPR_VALUE:
        write_arg(s, b, e->args[0], false, depth);
        return;
    case EXPR_CALL:
        if (is_sign(e->name) && e->n == 2) {
            buf_c(b, inside ? "" : "<CombinedExpression: ");
            write_arg(s, b, e->args[0], true, depth);
            buf_printf(b, " %s ", e->name);
            write_arg(s, b, e->args[1], false, depth);
            buf_c(b, inside ? "" : ">");
            return;
        }
        break;
    case EXPR_ORDER:
        BUF_LIT(b, "OrderBy(");
        write_arg(s, b, e->args[0], true, depth);
        buf_printf(b, ", descending=%s)", e->descending ? "True" : "False");
        return;
    default:
        break;
    }
    buf_printf(b, "%s(", e->name ? e->name : "Expression");
    for (size_t i = 0; i < e->n; i++) {
        buf_c(b, i ? ", " : "");
        write_arg(s, b, e->args[i], true, depth);
    }
    BUF_LIT(b, ")");
}

Str shell_expr_text(Shell *s, const Expr *e)
{
    Buf b = BUF_INIT(s->cx->arena, NOTATION_MAX);
    write_expr(s, &b, e, false, 0);
    return buf_view(&b);
}

/* "b%d" % 1, "%s and %r" % (a, b), "%(name)s" % {"name": a} */
Value shell_percent(Shell *s, Str format, Value v)
{
    Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX);
    const List *list = is_a(v, &shell_tuple_class) || is_a(v, &shell_named_class) ? list_of(v) : NULL;
    size_t used = 0, n = list ? list->n : 1;
    for (size_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%') {
            buf_byte(&b, format.p[i]);
            continue;
        }
        if (++i < format.n && format.p[i] == '%') {
            buf_byte(&b, '%');
            continue;
        }
        Value one;
        if (i < format.n && format.p[i] == '(') {
            size_t end = str_find_byte(str_from_byte(format, i), ')');
            if (end == STR_NPOS)
                RAISE(s->cx, 500, "value_error", "incomplete format key");
            one = shell_item(s, v, value_str(str_slice(format, i + 1, i + end)));
            i += end + 1;
            used = n;
        } else if (used >= n) {
            RAISE(s->cx, 500, "type_error", "not enough arguments for format string");
        } else {
            one = list ? list->p[used] : v;
            used++;
        }
        size_t begin = i;
        while (i < format.n && memchr("0123456789.-+ ", format.p[i], 14))
            i++;
        if (i == format.n)
            RAISE(s->cx, 500, "value_error", "incomplete format");
        Str width = str_slice(format, begin, i);
        bool left = str_starts(width, STR("-"));
        char type = format.p[i];
        if (type == 'd' && one.tag == VALUE_DOUBLE) {
            if (!(one.d > -0x1p63 && one.d < 0x1p63))
                RAISE(s->cx, 500, "value_error", "%%d format: the number is too large, or none");
            one = value_int((int64_t)one.d);
        }
        if (type == 's' || type == 'r')
            one = value_str(type == 's' ? shell_str(s, one) : shell_repr(s, one));
        if (type == 'd' && one.tag != VALUE_INT && one.tag != VALUE_BOOL)
            RAISE(s->cx, 500, "type_error", "%%d format: a real number is required, not %s", value_type_name(one));
        const char *spec = str_format(s->cx->arena, "%s%.*s%c",
                                      left                         ? "<"
                                      : type == 's' || type == 'r' ? ">"
                                                                   : "",
                                      STR_FMT(left ? str_from_byte(width, 1) : width), type == 'r' ? 's' : type)
                               .p;
        buf_str(&b, shell_format(s, one, str_c(spec)));
    }
    if (used < n && !(v.tag == VALUE_MAP))
        RAISE(s->cx, 500, "type_error", "not all arguments converted during string formatting");
    return value_str(buf_view(&b));
}
