/*
 * queries.c: what the request asked its databases, on the page about what went wrong: a log that each request keeps while
 * DEBUG is on.
 */
#include "debug/page.h"

#include <clef/debug/queries.h>
#include <clef/orm/databases.h>

enum { SHOWN_MAX = 200, VALUE_SHOWN = 200 };

static bool log_init(Context *cx, const Settings *settings, void **state)
{
    (void)cx, (void)state;
    return settings->debug && settings->ndatabases > 0;
}

static Response *log_request(Request *r)
{
    sql_log_start(CX(r));
    return NULL;
}

/* How many statements, and how long they took, for who looks at the answer in a browser's tools. */
static Response *log_response(Request *r, Response *response)
{
    int64_t total = 0;
    for (const LoggedQuery *q = sql_log(CX(r)); q; q = q->next)
        total += q->duration_ns;
    response_set_header(
        r, response, STR("Server-Timing"),
        str_format(CX(r)->arena, "sql;desc=\"%zu queries\";dur=%.2f", sql_count(CX(r)), (double)total / 1e6));
    return response;
}

const Middleware query_log_middleware = {
    .name = "query log", .init = log_init, .process_request = log_request, .process_response = log_response
};

const Middleware *const *query_log_list(Arena *a, const Settings *settings, const Middleware *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    if (!settings->debug || !settings->ndatabases)
        return list;
    const Middleware **with = NEW_ARRAY(a, const Middleware *, n + 2);
    with[0] = &query_log_middleware;
    for (size_t i = 0; i < n; i++)
        with[i + 1] = list[i];
    return with;
}

static void write_param(Buf *b, Value v)
{
    char text[DATETIME_TEXT_MAX + UUID_TEXT_LEN];
    Str s;
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        BUF_LIT(b, "NULL");
        break;
    case VALUE_BOOL:
        buf_c(b, v.b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_i64(b, v.i);
        break;
    case VALUE_DOUBLE:
        buf_printf(b, "%g", v.d);
        break;
    case VALUE_STR:
    case VALUE_SAFE:
        s = str_slice(v.s, 0, VALUE_SHOWN);
        buf_printf(b, "'%.*s'%s", STR_FMT(s), s.n < v.s.n ? "..." : "");
        break;
    case VALUE_BYTES:
        buf_printf(b, "%zu bytes", v.s.n);
        break;
    case VALUE_DATE:
        date_format_iso((Date){ (int32_t)v.us }, text);
        buf_printf(b, "'%.*s'", DATE_TEXT_LEN, text);
        break;
    case VALUE_DATETIME:
        buf_printf(b, "'%.*s'", (int)naive_format_iso((NaiveDateTime){ v.us }, ' ', text), text);
        break;
    case VALUE_TIME:
        buf_printf(b, "'%.*s'", (int)time_format_iso((Time){ .us = v.us }, text), text);
        break;
    case VALUE_DURATION:
        buf_i64(b, v.us);
        break;
    case VALUE_UUID:
        uuid_format(*v.uuid, text);
        buf_printf(b, "'%.*s'", UUID_TEXT_LEN, text);
        break;
    default:
        buf_printf(b, "<%s>", value_type_name(v));
        break;
    }
}

static Str described(Arena *a, const LoggedQuery *q)
{
    Buf b = BUF_INIT(a, DEBUG_PAGE_MAX);
    buf_str(&b, q->sql);
    if (q->failed)
        BUF_LIT(&b, "\nFAILED");
    for (size_t i = 0; i < q->nparams; i++) {
        buf_c(&b, i ? ", " : "\nwith ");
        write_param(&b, q->params[i]);
    }
    return buf_view(&b);
}

void page_queries(DebugPage *p, const Context *cx)
{
    size_t n = sql_count(cx), shown = 0;
    int64_t total = 0;
    page_section(p, "sql", "SQL");
    for (const LoggedQuery *q = sql_log(cx); q; q = q->next)
        total += q->duration_ns;
    page_table(p, str_format(p->a, "%zu statement%s, %.2f ms", n, n == 1 ? "" : "s", (double)total / 1e6).p);
    for (const LoggedQuery *q = sql_log(cx); q && shown < SHOWN_MAX; q = q->next, shown++)
        page_row(p, str_format(p->a, "%zu. %.2f ms", shown + 1, (double)q->duration_ns / 1e6), described(p->a, q));
    if (shown < n)
        page_row(p, STR("..."), str_format(p->a, "%zu more", n - shown));
    page_table_end(p);
    page_section_end(p);
}
