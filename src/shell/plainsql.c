/* plainsql.c: raw() and extra(): SQL of the user's own in querysets. */
#include "orm/queryset.h"
#include "shell/eval.h"

/* Django's %s are ?; %% is %. */
static Str placeholders(Shell *s, Str sql)
{
    Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX);
    for (size_t i = 0; i < sql.n; i++) {
        bool percent = sql.p[i] == '%' && i + 1 < sql.n;
        if (percent && (sql.p[i + 1] == 's' || sql.p[i + 1] == '%'))
            buf_byte(&b, sql.p[++i] == 's' ? '?' : '%');
        else
            buf_byte(&b, sql.p[i]);
    }
    return buf_view(&b);
}

/* %(name)s of a mapping of parameters. */
static Str named_placeholders(Shell *s, Str sql, Value map, List *params)
{
    Buf b = BUF_INIT(s->cx->arena, SHELL_TEXT_MAX);
    for (size_t i = 0; i < sql.n; i++) {
        size_t end =
            str_starts(str_from_byte(sql, i), STR("%(")) ? str_find(str_from_byte(sql, i), STR(")s")) : STR_NPOS;
        if (end == STR_NPOS) {
            i += str_starts(str_from_byte(sql, i), STR("%%"));
            buf_byte(&b, sql.p[i]);
            continue;
        }
        list_push(s->cx->arena, params, shell_item(s, map, value_str(str_slice(sql, i + 2, i + end))));
        buf_byte(&b, '?');
        i += end + 1;
    }
    return buf_view(&b);
}

QuerySet *shell_raw(Shell *s, QuerySet *q, Args args)
{
    Str sql = str_c(shell_text(s, shell_argument(args, 0, "raw_query", value_null()), "raw()"));
    Value given = shell_argument(args, 1, "params", value_null());
    Value translations = shell_argument(args, 2, "translations", value_null());
    List *params = list_new(s->cx->arena), *from, *to;
    if (given.tag == VALUE_MAP)
        sql = named_placeholders(s, sql, given, params);
    else if (given.tag != VALUE_NULL)
        params = shell_elements(s, given);
    sql = params->n && given.tag != VALUE_MAP ? placeholders(s, sql) : sql;
    QuerySet *out = queryset_raw(s->cx, q->info->m, sql, params->p, params->n);
    if (translations.tag != VALUE_NULL && shell_pairs(s, translations, &from, &to)) {
        NamedExpr *names = NEW_ARRAY(s->cx->arena, NamedExpr, from->n + 1);
        for (size_t i = 0; i < from->n; i++)
            names[i] = (NamedExpr){ shell_text(s, from->p[i], "translations"), shell_boxed(s, to->p[i]) };
        out = queryset_raw_translated(out, names);
    }
    return out;
}

/* Plain SQL, whose placeholders take the next of the values. */
static Value plain_sql(Shell *s, Value text, const List *params, size_t *used)
{
    Str sql = placeholders(s, str_c(shell_text(s, text, "extra()")));
    Boxed *args = NEW_ARRAY(s->cx->arena, Boxed, sql.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < sql.n; i++)
        if (sql.p[i] == '?' && *used < params->n)
            args[n++] = shell_boxed(s, params->p[(*used)++]);
    return shell_expr(s, &(Expr){ .kind = EXPR_RAW, .detail = sql.p, .args = args, .n = n });
}

static const List *list_given(Shell *s, Args args, const char *name)
{
    Value v = shell_keyword(args, name, value_null());
    return v.tag == VALUE_NULL ? list_new(s->cx->arena) : shell_elements(s, v);
}

/* extra(select={"name": "SQL"}, where=["SQL"], order_by=["-name"]): annotations and conditions of plain SQL. */
QuerySet *shell_extra(Shell *s, QuerySet *q, Args args)
{
    check_not_combined(q, "extra");
    List *keys, *values;
    size_t used = 0;
    Value select = shell_argument(args, 0, "select", value_null()),
          tables = shell_keyword(args, "tables", value_null());
    if (tables.tag != VALUE_NULL)
        RAISE(s->cx, 500, "not_implemented_error", "extra() has no tables= here: filter() joins what it names.");
    if (select.tag != VALUE_NULL && shell_pairs(s, select, &keys, &values)) {
        NamedExpr *exprs = NEW_ARRAY(s->cx->arena, NamedExpr, keys->n + 1);
        const List *params = list_given(s, args, "select_params");
        for (size_t i = 0; i < keys->n; i++)
            exprs[i] = (NamedExpr){ shell_text(s, keys->p[i], "extra()"),
                                    shell_boxed(s, plain_sql(s, values->p[i], params, &used)) };
        q = queryset_annotate(q, exprs);
    }
    const List *where = list_given(s, args, "where"), *params = list_given(s, args, "params"),
               *order = list_given(s, args, "order_by");
    used = 0;
    for (size_t i = 0; i < where->n; i++) {
        Value sql = plain_sql(s, where->p[i], params, &used);
        q = queryset_filter(q, shell_conditions(s, (Args){ .p = &sql, .n = 1 }));
    }
    return order->n ? queryset_order_by_terms(q, shell_terms(s, (Args){ .p = order->p, .n = order->n })) : q;
}
