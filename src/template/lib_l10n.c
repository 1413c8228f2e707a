/* lib_l10n.c: {% load l10n %} and {% load tz %}: whether values are written in the locale's formats, and in which zone. */
#include "template/libraries.h"

/* --- formats */

typedef struct SwitchNode {
    TemplateNode node;
    TemplateNodes nodes;
    bool on;
} SwitchNode;

/* "on", "off" or nothing (on). */
static bool read_switch(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    bool off = w.n == 2 && str_eq(w.p[1], STR("off"));
    if (w.n > 2 || (w.n == 2 && !off && !str_eq(w.p[1], STR("on"))))
        template_syntax_error(p, "%.*s argument should be 'on' or 'off'",
                              STR_FMT(repr_text(template_parser_arena(p), w.p[0])));
    return !off;
}

static void render_localize(TemplateRender *r, const TemplateNode *node)
{
    const SwitchNode *n = (const SwitchNode *)node;
    bool outer = r->localize_off;
    r->localize_off = !n->on;
    template_render_nodes(r, n->nodes);
    r->localize_off = outer;
}

static TemplateNode *compile_localize(TemplateParser *p, const TemplateToken *token)
{
    SwitchNode *n = TEMPLATE_NODE(p, SwitchNode, render_localize);
    n->on = read_switch(p, token);
    n->nodes = TEMPLATE_PARSE(p, "endlocalize");
    take_end(p);
    return &n->node;
}

static Value localized(TemplateFilterCall *c, Value v, bool on)
{
    Buf b = filter_buf(c);
    return localize_add(&b, c->r->arena, v, c->r->locale, on) ? value_str(filter_text(c, &b)) : template_text(c->r, v);
}
FILTER(localize) { return localized(c, v, true); }
FILTER(unlocalize) { return localized(c, v, false); }

static const TemplateFilter l10n_filters[] = { { .name = "localize", .fn = localize },
                                               { .name = "unlocalize", .fn = unlocalize },
                                               { .name = NULL } };
static const TemplateTag l10n_tags[] = { { "localize", compile_localize }, { .name = NULL } };
const TemplateLibrary template_l10n_library = { .name = "l10n", .filters = l10n_filters, .tags = l10n_tags };

/* --- zones */

static Value in_zone(TemplateFilterCall *c, Value v, const TimeZone *zone)
{
    DateTime t = { v.us };
    if (v.tag != VALUE_DATETIME)
        return value_str(STR(""));
    if (!v.zone && !timezone_instant(c->r->locale->default_zone, (NaiveDateTime){ v.us }, 0, &t))
        return value_str(STR(""));
    Value out = value_datetime(t, zone);
    out.flags = DATETIME_KEEPS_ZONE;
    return out;
}

FILTER(localtime_filter) { return in_zone(c, v, c->r->locale->zone); }
FILTER(utc) { return in_zone(c, v, timezone_utc()); }
FILTER(timezone_filter)
{
    const TimeZone *zone;
    if (value_timezone_of(c->arg, &zone) ||
        (value_is_text(c->arg) && locale_find_zone(c->r->cx, c->arg.s, &zone) == TIMEZONE_OK))
        return in_zone(c, v, zone);
    return value_str(STR(""));
}

static void render_localtime(TemplateRender *r, const TemplateNode *node)
{
    const SwitchNode *n = (const SwitchNode *)node;
    bool outer = r->use_tz;
    r->use_tz = n->on;
    template_render_nodes(r, n->nodes);
    r->use_tz = outer;
}

static TemplateNode *compile_localtime(TemplateParser *p, const TemplateToken *token)
{
    SwitchNode *n = TEMPLATE_NODE(p, SwitchNode, render_localtime);
    n->on = read_switch(p, token);
    n->nodes = TEMPLATE_PARSE(p, "endlocaltime");
    take_end(p);
    return &n->node;
}

typedef struct TimezoneNode {
    TemplateNode node;
    const TemplateExpr *zone;
    TemplateNodes nodes;
} TimezoneNode;

/* What os.path.normpath leaves as long as it is; Python reads no other names of zones. */
static bool is_normal_path(Str name)
{
    Str rest = name, part;
    bool ok = name.n != 0;
    while (ok && str_cut(&rest, '/', &part))
        ok = part.n && !str_eq(part, STR(".")) && !str_eq(part, STR("..")) && str_find_byte(part, 0) == STR_NPOS;
    return ok;
}

static void render_timezone(TemplateRender *r, const TemplateNode *node)
{
    const TimezoneNode *n = (const TimezoneNode *)node;
    Value v = template_eval(r, n->zone, false);
    const TimeZone *zone = NULL;
    if (!value_is_null(v) && !value_timezone_of(v, &zone)) {
        if (!value_is_text(v))
            template_raise(r, "ValueError", "Invalid timezone: %.*s", STR_FMT(template_text(r, v).s));
        Str name = v.s;
        TimeZoneOutcome outcome = locale_find_zone(r->cx, name, &zone);
        if (outcome == TIMEZONE_BAD_NAME && !is_normal_path(name))
            template_raise(r, "ValueError", "ZoneInfo keys must be normalized relative paths, got: %.*s",
                           STR_FMT(name));
        if (outcome != TIMEZONE_OK)
            template_raise(r, "ZoneInfoNotFoundError", "'No time zone found with key %.*s'", STR_FMT(name));
    }
    render_in_locale(r, locale_zone(r->cx, zone), n->nodes);
}

static TemplateNode *compile_timezone(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    if (w.n != 2)
        template_syntax_error(p, "'%.*s' takes one argument (timezone)", STR_FMT(w.p[0]));
    TimezoneNode *n = TEMPLATE_NODE(p, TimezoneNode, render_timezone);
    n->zone = template_compile_expr(p, w.p[1]);
    n->nodes = TEMPLATE_PARSE(p, "endtimezone");
    take_end(p);
    return &n->node;
}

typedef struct CurrentZoneNode {
    TemplateNode node;
    Str name;
} CurrentZoneNode;

static void render_current_zone(TemplateRender *r, const TemplateNode *node)
{
    template_set(r->context, ((const CurrentZoneNode *)node)->name, value_str(timezone_name(r->locale->zone)));
}

static TemplateNode *compile_current_zone(TemplateParser *p, const TemplateToken *token)
{
    CurrentZoneNode *n = TEMPLATE_NODE(p, CurrentZoneNode, render_current_zone);
    n->name = as_variable(p, token);
    return &n->node;
}

static const TemplateFilter tz_filters[] = {
    { .name = "localtime", .fn = localtime_filter },
    { "timezone", timezone_filter, .argument = TEMPLATE_ARGUMENT },
    { .name = "utc", .fn = utc },
    { .name = NULL },
};
static const TemplateTag tz_tags[] = {
    { "get_current_timezone", compile_current_zone },
    { "localtime", compile_localtime },
    { "timezone", compile_timezone },
    { .name = NULL },
};
const TemplateLibrary template_tz_library = { .name = "tz", .filters = tz_filters, .tags = tz_tags };
