/*
 * builtin.h: middleware for the MIDDLEWARE setting, outermost first. Each reads its settings once, at start, and raises
 * there what is wrong with them. A good order:
 *
 *     s->middleware = MIDDLEWARE(&request_log_middleware, &security_middleware, &gzip_middleware,
 *                                &conditional_get_middleware, &cors_middleware, &common_middleware, &csrf_middleware,
 *                                &csp_middleware, &clickjacking_middleware);
 *
 * The names in brackets are Django's. What concerns one view is said in its url: see <clef/http/view_options.h>.
 */
#ifndef CLEF_MIDDLEWARE_BUILTIN_H
#define CLEF_MIDDLEWARE_BUILTIN_H

#include <clef/http/middleware.h>

/*
 * [SecurityMiddleware] Redirects to HTTPS (SECURE_SSL_REDIRECT, _HOST, SECURE_REDIRECT_EXEMPT) and adds, where the response
 * has none of its own: Strict-Transport-Security over HTTPS (SECURE_HSTS_SECONDS, _INCLUDE_SUBDOMAINS, _PRELOAD),
 * X-Content-Type-Options (SECURE_CONTENT_TYPE_NOSNIFF), Referrer-Policy (SECURE_REFERRER_POLICY) and
 * Cross-Origin-Opener-Policy (SECURE_CROSS_ORIGIN_OPENER_POLICY).
 */
CLEF_DATA(const Middleware, security_middleware);

/*
 * [CommonMiddleware] Answers 403 to DISALLOWED_USER_AGENTS, 400 to a bad Host; redirects to the host with "www."
 * (PREPEND_WWW) and to the path with "/" (APPEND_SLASH) where that leads to a view that the path alone does not. With DEBUG
 * a POST, PUT, PATCH or DELETE that would be redirected so, and lose its body, is an error that says so. Content-Length,
 * which Django adds here, is the server's to write.
 */
CLEF_DATA(const Middleware, common_middleware);

/*
 * [CsrfViewMiddleware] Answers 403 to a request that changes something (any method but GET, HEAD, OPTIONS, TRACE) unless it
 * comes from a page of ours: by the Origin header, or over HTTPS the Referer (this host, or CSRF_TRUSTED_ORIGINS), and by a
 * token that belongs to the client's cookie (form field csrfmiddlewaretoken, or CSRF_HEADER_NAME). Sets the cookie by the
 * CSRF_COOKIE_ settings when a page showed a token. A url's options: csrf_exempt, ensure_csrf_cookie. The answer is that of
 * CSRF_FAILURE_VIEW, or a page that, with DEBUG, says the reason; the log says it always (component "security.csrf").
 */
CLEF_DATA(const Middleware, csrf_middleware);

/* [XFrameOptionsMiddleware] X-Frame-Options (X_FRAME_OPTIONS), unless the response has one or is exempt. */
CLEF_DATA(const Middleware, clickjacking_middleware);

/* [ContentSecurityPolicyMiddleware] SECURE_CSP and SECURE_CSP_REPORT_ONLY: see csp.h. */
CLEF_DATA(const Middleware, csp_middleware);

/* [ConditionalGetMiddleware] An ETag for each GET that may be stored, and 304 for what the client has already. */
CLEF_DATA(const Middleware, conditional_get_middleware);

/* [GZipMiddleware] Compresses: see <clef/http/gzip.h>. */
CLEF_DATA(const Middleware, gzip_middleware);

/*
 * A line in the log for each answer, component "request": method, path, status, duration (seconds until the response was
 * there; for a stream until its end), bytes of the body; never a body, a query or a cookie. 5xx is an ERROR, 4xx a WARNING,
 * all else INFO. REQUEST_LOG_EXCLUDE lists paths that are left out unless the answer is a 5xx ("/health"; one that ends in
 * "/" stands for all below it: "/static/"). REQUEST_LOG_FIELDS adds "remote_addr", "user_agent", "referer", "host",
 * "request_id" (X-Request-ID), "query". Not used when the settings have no logger. Outermost, it times everything.
 */
CLEF_DATA(const Middleware, request_log_middleware);

/*
 * Cross-origin requests, with the settings of the package django-cors-headers: CORS_ALLOWED_ORIGINS,
 * CORS_ALLOWED_ORIGIN_REGEXES (which must match the whole origin), CORS_ALLOW_ALL_ORIGINS, CORS_ALLOW_CREDENTIALS,
 * CORS_ALLOW_METHODS, CORS_ALLOW_HEADERS, CORS_EXPOSE_HEADERS, CORS_PREFLIGHT_MAX_AGE, CORS_URLS_REGEX. A preflight is
 * answered here and meets no view, so this stands outside of common_middleware. All origins together with credentials are
 * refused at start: that would hand every user's data to every site.
 */
CLEF_DATA(const Middleware, cors_middleware);

#endif
