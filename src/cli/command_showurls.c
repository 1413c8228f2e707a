/* command_showurls.c: showurls: every route of the project with its view and its name. */
#include "cli/commands.h"
#include <clef/codec/json.h>
#include <clef/urls.h>

static void showurls(CommandCall *c);

const Command showurls_command = {
    .name = "showurls",
    .help = "Lists the routes with their views and names.",
    .options = OPTIONS({ .name = "format",
                         .kind = OPTION_CHOICE,
                         .choices = "dense|table|json",
                         .fallback = "dense",
                         .help = "Fields between tabs, columns, or JSON." },
                       { .name = "unsorted", .letter = 'u', .help = "In the order of the tables." }),
    .run = showurls,
};

enum { ROUTES_MAX = 100000, OUTPUT_MAX = 64 << 20 };

typedef struct Shown {
    Str route, view, name;
} Shown;

typedef struct Listing {
    Shown *p;
    size_t n, cap;
    Arena *arena;
} Listing;

static void add(Listing *l, Shown s)
{
    if (l->n >= ROUTES_MAX)
        return;
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        l->p = arena_grow(l->arena, l->p, l->cap * sizeof *l->p, cap * sizeof *l->p);
        l->cap = cap;
    }
    l->p[l->n++] = s;
}

/* As Django's simplify_regex: groups become <name>, what marks and quotes goes. */
static Str simple_regex(Arena *a, Str regex)
{
    Buf b = BUF_INIT(a, 2 * URL_MAX_ROUTE);
    buf_c(&b, "");
    for (size_t i = 0; i < regex.n; i++) {
        char ch = regex.p[i];
        if (ch == '(') {
            Str rest = str_from_byte(regex, i), name = STR("var");
            if (str_starts(rest, STR("(?P<")))
                name = str_slice(rest, 4, str_find_byte(rest, '>'));
            bool shown = !str_starts(rest, STR("(?:"));
            size_t depth = 0;
            for (; i < regex.n; i++) {
                if (regex.p[i] == '\\')
                    i++;
                else if (regex.p[i] == '(')
                    depth++;
                else if (regex.p[i] == ')' && --depth == 0)
                    break;
            }
            if (shown)
                buf_printf(&b, "<%.*s>", STR_FMT(name));
        } else if (ch == '\\' && i + 1 < regex.n) {
            char next = regex.p[++i];
            if (next != 'Z' && next != 'A' && next != 'b' && next != 'B')
                buf_byte(&b, next);
        } else if (ch != '^' && ch != '$' && ch != '?') {
            buf_byte(&b, ch);
        }
    }
    return buf_view(&b);
}

static Str route_text(Arena *a, const Url *u)
{
    if (u->kind == URL_LOCALE)
        return STR("<language>/");
    return u->kind == URL_REGEX ? simple_regex(a, str_c(u->route)) : str_c(u->route);
}

static void walk(Listing *l, const Url *table, Str route, Str names, size_t depth)
{
    for (const Url *u = table; u && u->route; u++) {
        if (u->kind == URL_HANDLER)
            continue;
        Str here = str_concat(l->arena, route, route_text(l->arena, u));
        if (u->include) {
            const char *space = u->namespace && *u->namespace ? u->namespace : u->app_name;
            Str inner = space && *space ? str_format(l->arena, "%.*s%s:", STR_FMT(names), space) : names;
            if (depth < URL_MAX_DEPTH)
                walk(l, u->include, here, inner, depth + 1);
            continue;
        }
        add(l, (Shown){ .route = here,
                        .view = str_c(u->view_name ? u->view_name : ""),
                        .name = u->name ? str_format(l->arena, "%.*s%s", STR_FMT(names), u->name) : STR("") });
    }
}

/* Merge sort: stable, so that routes that are equal keep the order in which they are tried. */
static void sort(Shown *p, Shown *spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            size_t i = from, mid = from + width < n ? from + width : n, end = mid + width < n ? mid + width : n,
                   j = mid;
            for (size_t k = from; k < end; k++)
                spare[k] = i < mid && (j >= end || str_cmp(p[i].route, p[j].route) <= 0) ? p[i++] : p[j++];
        }
        memcpy(p, spare, n * sizeof *p);
    }
}

static size_t widest(size_t now, Str s) { return s.n > now ? s.n : now; }

static void show_table(Buf *b, const Listing *l)
{
    size_t route = 5, view = 4;
    for (size_t i = 0; i < l->n; i++) {
        route = widest(route, l->p[i].route);
        view = widest(view, l->p[i].view);
    }
    buf_printf(b, "%-*s  %-*s  %s\n", (int)route, "Route", (int)view, "View", "Name");
    for (size_t i = 0; i < l->n; i++)
        buf_printf(b, "%-*.*s  %-*.*s  %.*s\n", (int)route, STR_FMT(l->p[i].route), (int)view, STR_FMT(l->p[i].view),
                   STR_FMT(l->p[i].name));
}

static void show_json(Buf *b, const Listing *l)
{
    JsonWriter w;
    json_writer_init(&w, b, (JsonStyle){ .indent = 4, .unicode = true });
    json_array(&w);
    for (size_t i = 0; i < l->n; i++) {
        json_object(&w);
        json_name(&w, STR("url"));
        json_str(&w, l->p[i].route);
        json_name(&w, STR("view"));
        json_str(&w, l->p[i].view);
        json_name(&w, STR("name"));
        json_str(&w, l->p[i].name);
        json_object_end(&w);
    }
    json_array_end(&w);
    (void)json_writer_end(&w);
    buf_byte(b, '\n');
}

static void showurls(CommandCall *c)
{
    (void)project_urls(&c->cx, c->settings); /* a table that cannot be used is said to be so */
    Listing l = { .arena = c->cx.arena };
    Str prefix = c->settings->force_script_name;
    walk(&l, c->settings->root_urlconf, prefix.n ? str_concat(l.arena, prefix, STR("/")) : STR("/"), STR(""), 0);
    if (!option_flag(c, "unsorted") && l.n)
        sort(l.p, NEW_ARRAY(l.arena, Shown, l.n), l.n);
    Buf b = BUF_INIT(l.arena, OUTPUT_MAX);
    Str format = option_text(c, "format");
    if (str_eq(format, STR("table")))
        show_table(&b, &l);
    else if (str_eq(format, STR("json")))
        show_json(&b, &l);
    else
        for (size_t i = 0; i < l.n; i++)
            buf_printf(&b, "%.*s\t%.*s\t%.*s\n", STR_FMT(l.p[i].route), STR_FMT(l.p[i].view), STR_FMT(l.p[i].name));
    command_write(c, buf_view(&b));
}
