/* lib_cache.c: {% load cache %}: a part of a page, kept for a time. */
#include "template/libraries.h"
#include <clef/cache.h>
#include <clef/codec/crypto.h>

typedef struct CacheNode {
    TemplateNode node;
    const TemplateExpr *timeout, *cache_name;
    Str fragment;
    const TemplateExpr **vary;
    size_t nvary;
    TemplateNodes nodes;
} CacheNode;

static Cache *find_cache(TemplateRender *r, const CacheNode *n)
{
    const Caches *all = r->engine->options.caches;
    if (!n->cache_name) {
        Cache *c = caches_find(all, STR("template_fragments"));
        return c ? c : caches_find(all, STR("default"));
    }
    Value name = template_eval(r, n->cache_name, false);
    Cache *c = caches_find(all, template_text(r, name).s);
    if (!c) {
        Buf b = render_buf(r);
        write_repr(&b, r->arena, name);
        template_raise(r, "TemplateSyntaxError", "Invalid cache name specified for cache tag: %.*s",
                       STR_FMT(render_text_of(r, &b)));
    }
    return c;
}

/* Seconds as the tag was given them; None is for ever, and 0 not at all. */
static int64_t timeout_of(TemplateRender *r, const CacheNode *n)
{
    Value v = template_eval(r, n->timeout, false);
    int64_t seconds;
    if (value_is_null(v))
        return CACHE_FOREVER;
    if (!python_int(r, v, &seconds)) {
        Buf b = render_buf(r);
        write_repr(&b, r->arena, v);
        template_raise(r, "TemplateSyntaxError", "\"cache\" tag got a non-integer timeout value: %.*s",
                       STR_FMT(render_text_of(r, &b)));
    }
    return seconds > 0 ? seconds : CACHE_AT_ONCE;
}

Str template_fragment_key(Arena *a, Str fragment, const Str *vary_on, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[DIGEST_MAX];
    Buf all = BUF_INIT(a, TEXT_MAX), b = BUF_INIT(a, TEXT_MAX);
    buf_add(&all, "", 0);
    for (size_t i = 0; i < n; i++) {
        buf_str(&all, vary_on[i]);
        buf_byte(&all, ':');
    }
    buf_printf(&b, "template.cache.%.*s.", STR_FMT(fragment));
    if (!digest_bytes(DIGEST_MD5, buf_view(&all), digest))
        return (Str){ 0 };
    for (size_t i = 0; i < digest_size(DIGEST_MD5); i++) {
        buf_byte(&b, hex[digest[i] >> 4]);
        buf_byte(&b, hex[digest[i] & 15]);
    }
    return buf_view(&b);
}

static void render_cache(TemplateRender *r, const TemplateNode *node)
{
    const CacheNode *n = (const CacheNode *)node;
    int64_t timeout = timeout_of(r, n);
    Cache *cache = find_cache(r, n);
    Str *vary = NEW_ARRAY(r->arena, Str, n->nvary + 1);
    for (size_t i = 0; i < n->nvary; i++)
        vary[i] = template_text(r, template_eval(r, n->vary[i], false)).s;
    Str key = template_fragment_key(r->arena, n->fragment, vary, n->nvary);
    Value found;
    if (cache && key.p && cache_get(cache, r->arena, key, (CacheCall){ 0 }, &found) && value_is_text(found)) {
        buf_str(r->out, found.s);
        return;
    }
    size_t from = r->out->n;
    template_render_nodes(r, n->nodes);
    if (cache && key.p)
        (void)cache_set(cache, key, value_safe((SafeStr){ str_from_byte(buf_view(r->out), from) }),
                        (CacheCall){ .timeout = timeout });
}

static TemplateNode *compile_cache(TemplateParser *p, const TemplateToken *token)
{
    Arena *a = template_parser_arena(p);
    CacheNode *n = TEMPLATE_NODE(p, CacheNode, render_cache);
    TemplateToken own = *token;
    n->nodes = TEMPLATE_PARSE(p, "endcache");
    take_end(p);
    TemplateWords w = template_split(p, &own);
    if (w.n < 3)
        template_syntax_error(p, "'%.*s' tag requires at least 2 arguments.", STR_FMT(repr_text(a, w.p[0])));
    if (w.n > 3 && str_starts(w.p[w.n - 1], STR("using="))) {
        n->cache_name = template_compile_expr(p, str_from_byte(w.p[--w.n], strlen("using=")));
    }
    n->timeout = template_compile_expr(p, w.p[1]);
    n->fragment = w.p[2];
    n->vary = NEW_ARRAY(a, const TemplateExpr *, w.n);
    for (size_t i = 3; i < w.n; i++)
        n->vary[n->nvary++] = template_compile_expr(p, w.p[i]);
    return &n->node;
}

static const TemplateTag tags[] = { { "cache", compile_cache }, { .name = NULL } };
const TemplateLibrary template_cache_library = { .name = "cache", .tags = tags };
