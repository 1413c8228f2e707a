/* route.c: routes of PATH: text with <converter:name> in it. */
#include "urls/urlconf.h"

#include <clef/base/buf.h>

static bool fail(UrlConf *conf, const Entry *e, Str *error, const char *problem, Str what, const char *remedy)
{
    *error = str_format(conf->arena, "URL route '%.*s' %s'%.*s'%s", STR_FMT(e->route), problem, STR_FMT(what), remedy);
    return false;
}

static bool is_identifier(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i], l = c | 0x20;
        if (!((l >= 'a' && l <= 'z') || c == '_' || c >= 0x80 || (i && c >= '0' && c <= '9')))
            return false;
    }
    return s.n > 0;
}

static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", s.p[i]))
            buf_byte(b, '\\');
        buf_byte(b, s.p[i]);
    }
}

/* The next <...> in s from *at on: its bounds and its content. */
static bool find_parameter(Str s, size_t *at, size_t *end, Str *inside)
{
    for (; *at < s.n; ++*at) {
        if (s.p[*at] != '<')
            continue;
        size_t n = str_find_byte(str_from_byte(s, *at + 1), '>');
        if (n == STR_NPOS)
            return false;
        if (n == 0)
            continue;
        *inside = str_slice(s, *at + 1, *at + 1 + n);
        *end = *at + n + 2;
        return true;
    }
    return false;
}

static const Converter *find_converter(const UrlConf *conf, Str name)
{
    for (size_t i = 0; i < conf->nconverters; i++)
        if (str_eq(conf->converters[i].name, name))
            return &conf->converters[i];
    return NULL;
}

static bool add_parameter(UrlConf *conf, Entry *e, Str inside, Str *error)
{
    static const char set[] = " \t\n\r\v\f";
    for (size_t i = 0; i < sizeof set - 1; i++)
        if (str_find_byte(inside, set[i]) != STR_NPOS)
            return fail(conf, e, error, "cannot contain whitespace in angle brackets: ", inside, "; take it out");
    Str name = inside, converter = STR("str");
    size_t colon = str_find_byte(inside, ':');
    if (colon != STR_NPOS && colon > 0 && colon + 1 < inside.n) {
        converter = str_slice(inside, 0, colon);
        name = str_from_byte(inside, colon + 1);
    }
    if (!is_identifier(name))
        return fail(conf, e, error, "uses parameter name ", name,
                    " which isn't a valid identifier: take letters, digits and '_', a letter first");
    for (uint32_t i = 0; i < e->nparams; i++)
        if (str_eq(e->params[i].name, name))
            return fail(conf, e, error, "uses parameter name ", name, " more than once: rename one of them");
    const Converter *c = find_converter(conf, converter);
    if (!c)
        return fail(conf, e, error, "uses invalid converter ", converter,
                    ": str, int, slug, uuid and path are built in, others are listed in UrlOptions.converters");
    if (e->nparams >= URL_MAX_CAPTURES)
        return fail(conf, e, error, "captures too many values: ", name, " is past the limit (URL_MAX_CAPTURES)");
    e->params[e->nparams++] = (Param){ .name = name, .converter = c, .after = STR("") };
    return true;
}

static bool takes(ConverterKind kind, char c) { return converter_take(kind, (Str){ &c, 1 }) == 1; }

/* Is it plain where the parameter ends, whatever the path? */
static bool is_plain(const Entry *e, uint32_t i)
{
    const Param *p = &e->params[i];
    bool last = i + 1 == e->nparams && p->after.n == 0;
    switch (p->converter->kind) {
    case CONVERT_USER:
        return false;
    case CONVERT_UUID:
        return true;
    case CONVERT_PATH:
        return last;
    default:
        return last || (p->after.n && !takes(p->converter->kind, p->after.p[0]));
    }
}

/* Without parameters the expression has one spelling only, so that it is made for reversing and messages, never run. */
static void make_pattern(UrlConf *conf, Entry *e)
{
    Buf b = BUF_INIT(conf->arena, (size_t)1 << 20);
    buf_add(&b, "", 0);
    add_escaped(&b, e->literal);
    for (uint32_t i = 0; i < e->nparams; i++) {
        buf_printf(&b, "(?P<%.*s>%.*s)", STR_FMT(e->params[i].name), STR_FMT(e->params[i].converter->regex));
        add_escaped(&b, e->params[i].after);
    }
    if (e->endpoint)
        BUF_LIT(&b, "\\Z");
    e->pattern = buf_view(&b);
}

bool route_parse(UrlConf *conf, Entry *e, Str *error)
{
    Str s = e->route;
    size_t at = 0, from = 0, end = 0, count = 0;
    Str inside;
    for (size_t i = 0; i < s.n; i++)
        count += s.p[i] == '<';
    e->params = NEW_ARRAY(conf->arena, Param, count ? count : 1);
    for (; find_parameter(s, &at, &end, &inside); at = from = end) {
        if (e->nparams)
            e->params[e->nparams - 1].after = str_slice(s, from, at);
        else
            e->literal = str_slice(s, from, at);
        if (!add_parameter(conf, e, inside, error))
            return false;
    }
    if (e->nparams)
        e->params[e->nparams - 1].after = str_from_byte(s, from);
    else
        e->literal = s;
    e->ncaptures = e->nparams;
    make_pattern(conf, e);
    e->how = e->nparams ? HOW_PARAMS : HOW_LITERAL;
    for (uint32_t i = 0; i < e->nparams; i++)
        if (!is_plain(e, i))
            e->how = HOW_REGEX;
    return true;
}
