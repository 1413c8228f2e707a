/*
 * csp.h: Content Security Policy: what a page may load and run, said in a header. A policy is a constant; the directives
 * are members, so that a misspelt one does not compile. It stands outside of functions:
 *
 *     static const CspConfig csp = {
 *         .default_src = CSP(CSP_SELF),
 *         .script_src = CSP(CSP_SELF, CSP_NONCE, "https://cdn.example.com"),
 *         .upgrade_insecure_requests = true,
 *     };
 *     s->secure_csp = &csp;
 *
 * CSP_NONCE stands for the nonce of the request: it is in the header when the page asked for it (request_csp_nonce),
 * else it is left out, and so is a directive that has nothing else. A view has a policy of its own by VIEW_OPTIONS(.csp
 * = &strict), or none by &csp_off; or it sets the header, which is then left alone.
 *
 * Specification: Content Security Policy Level 3. Django's page: "Content Security Policy".
 */
#ifndef CLEF_MIDDLEWARE_CSP_H
#define CLEF_MIDDLEWARE_CSP_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

#define CSP_NONE             "'none'"
#define CSP_REPORT_SAMPLE    "'report-sample'"
#define CSP_SELF             "'self'"
#define CSP_STRICT_DYNAMIC   "'strict-dynamic'"
#define CSP_UNSAFE_EVAL      "'unsafe-eval'"
#define CSP_UNSAFE_HASHES    "'unsafe-hashes'"
#define CSP_UNSAFE_INLINE    "'unsafe-inline'"
#define CSP_WASM_UNSAFE_EVAL "'wasm-unsafe-eval'"
#define CSP_NONCE            "<nonce>" /* no value of the header: it is replaced */
#define CSP_ALONE            ""        /* the directive without a value: .sandbox = CSP(CSP_ALONE) */

/* The values of a directive. For use outside of functions, where it lives as long as the program. */
#define CSP(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

/* In the order in which they are written. */
#define CLEF_CSP_DIRECTIVES(X)                                \
    X(default_src, "default-src")                             \
    X(script_src, "script-src")                               \
    X(script_src_elem, "script-src-elem")                     \
    X(script_src_attr, "script-src-attr")                     \
    X(style_src, "style-src")                                 \
    X(style_src_elem, "style-src-elem")                       \
    X(style_src_attr, "style-src-attr")                       \
    X(img_src, "img-src")                                     \
    X(font_src, "font-src")                                   \
    X(connect_src, "connect-src")                             \
    X(media_src, "media-src")                                 \
    X(object_src, "object-src")                               \
    X(child_src, "child-src")                                 \
    X(frame_src, "frame-src")                                 \
    X(worker_src, "worker-src")                               \
    X(manifest_src, "manifest-src")                           \
    X(base_uri, "base-uri")                                   \
    X(form_action, "form-action")                             \
    X(frame_ancestors, "frame-ancestors")                     \
    X(sandbox, "sandbox")                                     \
    X(trusted_types, "trusted-types")                         \
    X(require_trusted_types_for, "require-trusted-types-for") \
    X(report_uri, "report-uri")                               \
    X(report_to, "report-to")

/* A directive that has no member. */
typedef struct CspDirective {
    const char *name; /* NULL ends the list */
    const char *const *values;
} CspDirective;

typedef struct CspConfig {
#define CLEF_CSP_MEMBER(member, name) const char *const *member;
    CLEF_CSP_DIRECTIVES(CLEF_CSP_MEMBER)
#undef CLEF_CSP_MEMBER
    bool upgrade_insecure_requests;
    const CspDirective *more; /* CSP_MORE({ "fenced-frame-src", CSP("https:") }) */
} CspConfig;
#define CSP_MORE(...) ((const CspDirective[]){ __VA_ARGS__, { NULL, NULL } })

/* For views that want no header. */
CLEF_DATA(const CspConfig, csp_off);

/* The header's value; empty when nothing is left to say. `nonce` NULL: what stands for it is left out. */
CLEF_API(Str, csp_build_policy, Arena *a, const CspConfig *config, Str nonce);
/*
 * What is wrong with a policy, as a sentence with the remedy; the NULL string when nothing is. The settings' policies are
 * checked at start: a keyword without its quotes, a value that would end the directive.
 */
CLEF_API(Str, csp_check, Arena *a, const CspConfig *config);

#endif
