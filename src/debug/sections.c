/* sections.c: what was asked and with which settings, secrets hidden. */
#include "debug/page.h"

#include <clef/conf/table.h>

#define STARS STR("********************")

bool page_is_secret(const Settings *settings, Str name)
{
    static const Str words[] = { STR("API"),    STR("AUTH"), STR("TOKEN"),     STR("KEY"),
                                 STR("SECRET"), STR("PASS"), STR("SIGNATURE"), STR("HTTP_COOKIE") };
    if (str_eq(name, settings->session_cookie_name))
        return true;
    for (size_t w = 0; w < CLEF_COUNT(words); w++)
        for (size_t at = 0; at + words[w].n <= name.n; at++)
            if (str_ieq(str_slice(name, at, at + words[w].n), words[w]))
                return true;
    return false;
}

static void safe_row(DebugPage *p, Str name, Str value)
{
    page_row(p, name, page_is_secret(p->settings, name) && value.n ? STARS : value);
}

static void query_table(DebugPage *p, const char *title, const QueryDict *q)
{
    page_table(p, title);
    for (QueryName at = { 0 }; query_next(q, &at);)
        for (Str value; query_next_value(q, &at, &value);)
            safe_row(p, at.name, value);
    page_table_end(p);
}

/* A table that reads the body, which may raise, as when the body is what was wrong with the request. */
typedef struct Part {
    DebugPage *p;
    Request *r;
} Part;

static void form_table(Context *cx, void *arg)
{
    (void)cx;
    Part *part = arg;
    query_table(part->p, "POST", request_post(part->r));
}

static void files_table(Context *cx, void *arg)
{
    (void)cx;
    Part *part = arg;
    Request *r = part->r;
    const UploadedFile *file;
    page_table(part->p, "FILES");
    for (size_t i = 0; (file = request_file_at(r, i)) != NULL; i++)
        page_row(part->p, file->field,
                 str_format(r->cx.arena, "%.*s (%.*s, %llu bytes)", STR_FMT(file->name), STR_FMT(file->content_type),
                            (unsigned long long)file->size));
    page_table_end(part->p);
}

static void query_part(Context *cx, void *arg)
{
    (void)cx;
    Part *part = arg;
    query_table(part->p, "GET", request_get(part->r));
}

static void cookies_part(Context *cx, void *arg)
{
    (void)cx;
    Part *part = arg;
    query_table(part->p, "COOKIES", request_cookies(part->r));
}

static Str meta_key(Arena *a, Str header)
{
    Buf b = BUF_INIT(a, header.n + 5);
    if (!str_ieq(header, STR("Content-Type")) && !str_ieq(header, STR("Content-Length")))
        BUF_LIT(&b, "HTTP_");
    for (size_t i = 0; i < header.n; i++) {
        char c = header.p[i];
        buf_byte(&b, c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    return buf_view(&b);
}

static void header_rows(DebugPage *p, const HttpHead *head)
{
    for (size_t i = 0; i < head->nheaders; i++)
        safe_row(p, meta_key(p->a, head->headers[i].name), head->headers[i].value);
}

static void meta_table(Context *cx, void *arg)
{
    (void)cx;
    Part *part = arg;
    static const Str keys[] = { STR("REQUEST_METHOD"), STR("PATH_INFO"),   STR("QUERY_STRING"),
                                STR("SCRIPT_NAME"),    STR("REMOTE_ADDR"), STR("REMOTE_PORT"),
                                STR("SERVER_NAME"),    STR("SERVER_PORT"), STR("SERVER_PROTOCOL") };
    page_table(part->p, "META");
    header_rows(part->p, part->r->source->head);
    for (size_t i = 0; i < CLEF_COUNT(keys); i++)
        safe_row(part->p, keys[i], request_meta(part->r, keys[i]));
    page_table_end(part->p);
}

void page_request(DebugPage *p, Request *r)
{
    AttemptFn *const parts[] = { query_part, form_table, files_table, cookies_part, meta_table };
    static const char *const titles[] = { "GET", "POST", "FILES", "COOKIES", "META" };
    page_section(p, "request", "Request");
    for (size_t i = 0; i < CLEF_COUNT(parts); i++) {
        size_t before = p->b.n;
        const Error *e = attempt(&r->cx, parts[i], &(Part){ p, r });
        if (!e)
            continue;
        buf_truncate(&p->b, before);
        page_table(p, titles[i]);
        page_row(p, STR("could not be read"), e->message);
        page_table_end(p);
    }
    page_section_end(p);
}

void page_head(DebugPage *p, const HttpHead *head)
{
    page_section(p, "request", "Request");
    page_table(p, "META");
    header_rows(p, head);
    page_table_end(p);
    page_section_end(p);
}

void page_settings(DebugPage *p)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    page_section(p, "settings", "Settings");
    page_table(p, p->settings->profile.n ? str_dup_c(p->a, p->settings->profile) : "Settings");
    for (size_t i = 0; i < n; i++) {
        Str value = setting_show(p->settings, &rows[i], p->a);
        bool text = rows[i].type == SETTING_STR || rows[i].type == SETTING_LIST || rows[i].type == SETTING_HEADER;
        page_row(p, str_c(rows[i].name),
                 text && value.n > 2 && page_is_secret(p->settings, str_c(rows[i].name)) ? STARS : value);
    }
    page_table_end(p);
    page_section_end(p);
}
