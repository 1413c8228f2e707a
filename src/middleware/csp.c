/* csp.c: the Content-Security-Policy headers; the contract is in <clef/middleware/csp.h>. */
#include "http/headers.h"
#include "http/request.h"
#include <clef/codec/http1.h>
#include <clef/conf/settings.h>
#include <clef/middleware/builtin.h>
#include <clef/middleware/csp.h>

enum { POLICY_MAX = 16384 }; /* bytes of one header; servers and browsers take no more */

const CspConfig csp_off = { 0 };

/* Calls fn for each directive that the policy has, members first. */
typedef void DirectiveFn(void *arg, const char *name, const char *const *values);

static void each_directive(const CspConfig *config, DirectiveFn *fn, void *arg)
{
#define VISIT(member, name) \
    if (config->member)     \
        fn(arg, name, config->member);
    CLEF_CSP_DIRECTIVES(VISIT)
#undef VISIT
    if (config->upgrade_insecure_requests)
        fn(arg, "upgrade-insecure-requests", CSP(CSP_ALONE));
    for (const CspDirective *d = config->more; d && d->name; d++)
        if (d->values)
            fn(arg, d->name, d->values);
}

typedef struct Writer {
    Buf out;
    Str nonce;
} Writer;

static bool is_nonce(const char *value) { return strcmp(value, CSP_NONCE) == 0; }

static void write_directive(void *arg, const char *name, const char *const *values)
{
    Writer *w = arg;
    size_t n = 0;
    for (size_t i = 0; values[i]; i++)
        n += w->nonce.n || !is_nonce(values[i]);
    if (!n)
        return;
    if (w->out.n)
        BUF_LIT(&w->out, "; ");
    buf_c(&w->out, name);
    for (size_t i = 0; values[i]; i++) {
        if (!is_nonce(values[i])) {
            if (values[i][0])
                buf_byte(&w->out, ' ');
            buf_c(&w->out, values[i]);
        } else if (w->nonce.n) {
            BUF_LIT(&w->out, " 'nonce-");
            buf_str(&w->out, w->nonce);
            buf_byte(&w->out, '\'');
        }
    }
}

Str csp_build_policy(Arena *a, const CspConfig *config, Str nonce)
{
    Writer w = { .out = BUF_INIT(a, POLICY_MAX), .nonce = nonce };
    each_directive(config, write_directive, &w);
    return w.out.failed ? (Str){ 0 } : buf_view(&w.out);
}

typedef struct Checker {
    Arena *arena;
    Str problem;
} Checker;

static void check_directive(void *arg, const char *name, const char *const *values)
{
    static const char *const keywords[] = { "none",          "self",          "strict-dynamic", "unsafe-eval",
                                            "unsafe-inline", "unsafe-hashes", "report-sample",  "wasm-unsafe-eval" };
    Checker *c = arg;
    if (!str_is_null(c->problem))
        return;
    if (!http_is_token(str_c(name)))
        c->problem = str_format(c->arena, "\"%s\" is not the name of a directive", name);
    for (size_t i = 0; values[i] && str_is_null(c->problem); i++) {
        for (size_t k = 0; k < CLEF_COUNT(keywords); k++)
            if (strcmp(values[i], keywords[k]) == 0)
                c->problem = str_format(c->arena, "%s: the keyword %s needs quotes of its own: \"'%s'\"", name,
                                        values[i], values[i]);
        for (const char *p = values[i]; *p && str_is_null(c->problem); p++)
            if (*p <= ' ' || *p >= 0x7f || *p == ';' || *p == ',')
                c->problem = str_format(c->arena,
                                        "%s: \"%s\" contains white space, ';' or ',' (or what is not ASCII): give each "
                                        "value by itself, and percent-encode the rest",
                                        name, values[i]);
    }
}

Str csp_check(Arena *a, const CspConfig *config)
{
    Checker c = { .arena = a };
    each_directive(config, check_directive, &c);
    if (str_is_null(c.problem) && str_is_null(csp_build_policy(a, config, (Str){ 0 })))
        c.problem = str_format(a, "the policy is longer than %d bytes", POLICY_MAX);
    return c.problem;
}

/* --- the middleware */

typedef struct Policy {
    const CspConfig *config; /* NULL: none */
    Str without_nonce;       /* the header of most responses */
} Policy;

typedef struct Csp {
    Policy enforced, reported;
} Csp;

static Policy prepare(Context *cx, const char *setting, const CspConfig *config)
{
    if (!config)
        return (Policy){ 0 };
    Str problem = csp_check(cx->arena, config);
    if (!str_is_null(problem))
        RAISE(cx, 500, "settings", "%s: %.*s", setting, STR_FMT(problem));
    return (Policy){ config, csp_build_policy(cx->arena, config, (Str){ 0 }) };
}

static bool init(Context *cx, const Settings *s, void **state)
{
    Csp *csp = NEW(cx->arena, Csp);
    csp->enforced = prepare(cx, "SECURE_CSP", s->secure_csp);
    csp->reported = prepare(cx, "SECURE_CSP_REPORT_ONLY", s->secure_csp_report_only);
    *state = csp;
    return true;
}

/* `instead` is the response's own configuration, when it has one. */
static void set_policy(Request *r, Response *response, HeaderId id, const Policy *policy, bool overridden,
                       const CspConfig *instead)
{
    const CspConfig *config = overridden ? instead : policy->config;
    if (!config || headers_has_id(&response->headers, id))
        return;
    Str nonce = r->parts ? r->parts->csp_nonce : (Str){ 0 };
    if (CLEF_LIKELY(!overridden && !nonce.n)) {
        if (policy->without_nonce.n)
            headers_default_checked(&r->cx, &response->headers, id, policy->without_nonce);
        return;
    }
    Str text = csp_build_policy(r->cx.arena, config, nonce);
    if (str_is_null(text))
        RAISE(r, 500, "csp", "The policy of this response is longer than %d bytes.", POLICY_MAX);
    if (text.n)
        headers_set_id(&r->cx, &response->headers, id, text);
}

static Response *process_response(Request *r, Response *response)
{
    const Csp *csp = middleware_state(r);
    set_policy(r, response, HEADER_CONTENT_SECURITY_POLICY, &csp->enforced, response->csp_overridden, response->csp);
    set_policy(r, response, HEADER_CONTENT_SECURITY_POLICY_REPORT_ONLY, &csp->reported,
               response->csp_report_only_overridden, response->csp_report_only);
    return response;
}

const Middleware csp_middleware = { .name = "csp", .init = init, .process_response = process_response };
