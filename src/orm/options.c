/*
 * options.c: how a queryset reads: related rows with it or behind it, some of its columns, locks, the plan of the
 * database.
 */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/orm/transaction.h>

static size_t count_names(const char *const *names)
{
    size_t n = 0;
    while (names && names[n])
        n++;
    return n;
}

static CLEF_COLD CLEF_NORETURN void not_after_values(const QuerySet *q, const char *what)
{
    RAISE(q->cx, 500, "type_error", "Cannot call %s() after .values() or .values_list()", what);
}

/* The old names and the new ones, each once. */
static const Str *names_with(Context *cx, const Str *old, size_t nold, const char *const *names, size_t *n)
{
    size_t more = count_names(names);
    Str *all = NEW_ARRAY(cx->arena, Str, nold + more + 1);
    *n = 0;
    for (size_t i = 0; i < nold + more; i++) {
        Str name = i < nold ? old[i] : str_copy(cx->arena, str_c(names[i - nold]));
        bool twice = false;
        for (size_t k = 0; k < *n; k++)
            twice |= str_eq(all[k], name);
        if (!twice)
            all[(*n)++] = name;
    }
    return all;
}

static bool has_name(const Str *names, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

/* --- related rows */

QuerySet *queryset_select_related(QuerySet *q, const char *const *names)
{
    check_not_combined(q, "select_related");
    if (q->mode != MODE_ROWS)
        not_after_values(q, "select_related");
    QuerySet *copy = queryset_copy(q);
    copy->related_all = names && !names[0];
    if (!names)
        copy->related = NULL, copy->nrelated = 0;
    else
        copy->related = names_with(q->cx, q->related, q->nrelated, names, &copy->nrelated);
    return copy;
}

QuerySet *queryset_prefetch_related(QuerySet *q, const Prefetch *terms)
{
    Context *cx = q->cx;
    check_not_combined(q, "prefetch_related");
    QuerySet *copy = queryset_copy(q);
    size_t n = 0;
    while (terms && terms[n].path)
        n++;
    if (!terms) {
        copy->prefetch = NULL;
        copy->nprefetch = 0;
        return copy;
    }
    PrefetchTerm *all = NEW_ARRAY(cx->arena, PrefetchTerm, q->nprefetch + n + 1);
    if (q->nprefetch)
        memcpy(all, q->prefetch, q->nprefetch * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        PrefetchTerm term = { .path = str_copy(cx->arena, str_c(terms[i].path)), .queryset = terms[i].queryset };
        size_t nquerysets = 0;
        while (terms[i].querysets && terms[i].querysets[nquerysets])
            nquerysets++;
        if (nquerysets) {
            QuerySet **own = NEW_ARRAY(cx->arena, QuerySet *, nquerysets + 1);
            memcpy(own, terms[i].querysets, nquerysets * sizeof *own);
            term.querysets = own;
        }
        if (terms[i].to_attr)
            term.to_attr = str_copy(cx->arena, str_c(terms[i].to_attr));
        if (term.queryset && term.queryset->mode != MODE_ROWS)
            RAISE(cx, 500, "value_error", "Prefetch querysets cannot use raw(), values(), and values_list().");
        for (size_t k = 0; k < copy->nprefetch + i; k++)
            if (term.queryset && str_eq(all[k].path, term.path) && str_eq(all[k].to_attr, term.to_attr))
                RAISE(
                    cx, 500, "value_error",
                    "'%.*s' lookup was already seen with a different queryset. You may need to adjust the ordering of "
                    "your lookups.",
                    STR_FMT(term.path));
        all[q->nprefetch + i] = term;
    }
    copy->prefetch = all;
    copy->nprefetch = q->nprefetch + n;
    return copy;
}

/* --- some of the columns */

QuerySet *queryset_only(QuerySet *q, const char *const *names)
{
    check_not_combined(q, "only");
    if (q->mode != MODE_ROWS)
        not_after_values(q, "only");
    if (!names)
        RAISE(q->cx, 500, "type_error", "Cannot pass None as an argument to only().");
    QuerySet *copy = queryset_copy(q);
    const Deferring *old = &q->deferring;
    size_t n;
    const Str *all = names_with(q->cx, NULL, 0, names, &n);
    Str *kept = NEW_ARRAY(q->cx->arena, Str, n + 1);
    copy->deferring = (Deferring){ .names = kept, .only = true };
    /* What was deferred before stays so. */
    for (size_t i = 0; i < n; i++)
        if (old->only || !has_name(old->names, old->n, all[i]))
            kept[copy->deferring.n++] = all[i];
    return copy;
}

QuerySet *queryset_defer(QuerySet *q, const char *const *names)
{
    Context *cx = q->cx;
    check_not_combined(q, "defer");
    if (q->mode != MODE_ROWS)
        not_after_values(q, "defer");
    QuerySet *copy = queryset_copy(q);
    const Deferring *old = &q->deferring;
    size_t n;
    if (!names) {
        copy->deferring = (Deferring){ .n = 0 };
        return copy;
    }
    if (!old->only || !old->n) {
        copy->deferring.names = names_with(cx, old->names, old->n, names, &copy->deferring.n);
        copy->deferring.only = false;
        return copy;
    }
    const Str *gone = names_with(cx, NULL, 0, names, &n);
    Str *kept = NEW_ARRAY(cx->arena, Str, old->n + n + 1);
    copy->deferring = (Deferring){ .names = kept, .only = true };
    for (size_t i = 0; i < old->n; i++)
        if (!has_name(gone, n, old->names[i]))
            kept[copy->deferring.n++] = old->names[i];
    if (copy->deferring.n)
        return copy;
    /* Nothing is left of what only() named: what defer() named besides is deferred. */
    copy->deferring.only = false;
    for (size_t i = 0; i < n; i++)
        if (!has_name(old->names, old->n, gone[i]))
            kept[copy->deferring.n++] = gone[i];
    return copy;
}

/* --- locks */

QuerySet *queryset_select_for_update(QuerySet *q, const SelectForUpdate *options)
{
    Context *cx = q->cx;
    const Dialect *d = dialect_of(cx, q->alias);
    SelectForUpdate o = options ? *options : (SelectForUpdate){ .nowait = false };
    if (o.nowait && o.skip_locked)
        RAISE(cx, 500, "value_error", "The nowait option cannot be used with skip_locked.");
    QuerySet *copy = queryset_copy(q);
    copy->lock = (LockOptions){ .on = true, .nowait = o.nowait, .skip_locked = o.skip_locked, .no_key = o.no_key };
    if (!d->has.has_select_for_update)
        return copy;
    if (o.nowait && !d->has.has_select_for_update_nowait)
        RAISE(cx, 500, "not_supported_error", "NOWAIT is not supported on this database backend.");
    if (o.skip_locked && !d->has.has_select_for_update_skip_locked)
        RAISE(cx, 500, "not_supported_error", "SKIP LOCKED is not supported on this database backend.");
    if (o.of && o.of[0] && !d->has.has_select_for_update_of)
        RAISE(cx, 500, "not_supported_error", "FOR UPDATE OF is not supported on this database backend.");
    if (o.no_key && !d->has.has_select_for_no_key_update)
        RAISE(cx, 500, "not_supported_error", "FOR NO KEY UPDATE is not supported on this database backend.");
    size_t n = count_names(o.of);
    Str *of = NEW_ARRAY(cx->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        Names way;
        if (str_eq(str_c(o.of[i]), STR("self"))) {
            of[i] = q->info->quoted;
            continue;
        }
        names_resolve(cx, q->info, str_c(o.of[i]), &way);
        if (!way.asked || way.rest.p)
            RAISE(cx, 500, "field_error",
                  "Invalid field name(s) given in select_for_update(of=(...)): %s. Only relational fields followed in "
                  "the "
                  "query are allowed.",
                  o.of[i]);
        of[i] = (names_end_ahead(&way) ? way.field->to : way.field->model)->quoted;
    }
    copy->lock.of = of;
    copy->lock.nof = n;
    return copy;
}

/* --- the plan */

static bool is_word(Str words, Str word)
{
    Str one;
    while (str_cut(&words, ' ', &one))
        if (str_ieq(one, word))
            return true;
    return false;
}

Str queryset_explain(QuerySet *q, const char *format)
{
    Context *cx = q->cx;
    const Dialect *d = dialect_of(cx, q->alias);
    Sql sql = queryset_compile(q, SELECT_ROWS);
    if (sql.empty)
        return STR("");
    Buf b = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    Str named = format ? str_c(format) : (Str){ 0 };
    if (named.n && (!d->explain_formats || !is_word(str_c(d->explain_formats), named)))
        RAISE(cx, 500, "value_error", "%.*s is not a recognized format.%s%s", STR_FMT(named),
              d->explain_formats && *d->explain_formats ? " Allowed formats: " : " ",
              d->explain_formats && *d->explain_formats ? d->explain_formats
                                                        : "This database does not support any formats.");
    Str verb = str_trim(str_c(d->explain));
    buf_str(&b, verb);
    if (named.n)
        buf_printf(&b, str_eq(str_c(d->vendor), STR("postgresql")) ? " (FORMAT %.*s)" : " FORMAT=%.*s",
                   STR_FMT(str_upper(cx->arena, named)));
    BUF_LIT(&b, " ");
    buf_str(&b, sql.text);
    SqlRows rows = sql_query(cx, q->alias, buf_view(&b), sql.params, sql.nparams);
    Buf out = BUF_INIT(cx->arena, QUERY_SQL_MAX);
    for (size_t i = 0; i < rows.n; i++) {
        if (i)
            buf_byte(&out, '\n');
        for (size_t k = 0; k < rows.columns; k++) {
            Value v = rows.rows[i][k];
            if (k)
                buf_byte(&out, ' ');
            if (v.tag == VALUE_INT)
                buf_printf(&out, "%lld", (long long)v.i);
            else if (value_is_text(v))
                buf_str(&out, v.s);
            else
                buf_c(&out, v.tag == VALUE_NULL ? "None" : value_type_name(v));
        }
    }
    return buf_view(&out);
}
