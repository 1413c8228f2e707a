/* deploy.c: `check --deploy`: what Django's security checks find, by their ids and in their words. */
#include <clef/base/buf.h>
#include <clef/base/vec.h>
#include <clef/conf/load.h>

enum { KEY_MIN = 50, KEY_MIN_UNIQUE = 5 };

typedef struct Finder {
    const Settings *s;
    DeployFacts facts;
    Arena *arena;
    VEC(DeployFinding) found;
} Finder;

static void find(Finder *f, bool wrong, const char *id, const char *text)
{
    if (wrong)
        VEC_PUSH(f->arena, &f->found,
                 (DeployFinding){ .id = id, .error = strstr(id, ".E") != NULL, .text = str_c(text) });
}

static bool weak_key(Str key)
{
    bool seen[256] = { false };
    size_t unique = 0;
    for (size_t i = 0; i < key.n; i++) {
        unique += !seen[(unsigned char)key.p[i]];
        seen[(unsigned char)key.p[i]] = true;
    }
    return key.n < KEY_MIN || unique < KEY_MIN_UNIQUE || str_starts(key, STR("django-insecure-")) ||
           str_starts(key, STR("clef-insecure-"));
}

#define WEAK_KEY                                                                                                       \
    "has less than 50 characters, less than 5 unique characters, or it's prefixed with 'django-insecure-' indicating " \
    "that "                                                                                                            \
    "it was generated automatically by Django. Please generate a long and random value, otherwise many of Django's "   \
    "security-critical features will be vulnerable to attack."

static void check_keys(Finder *f)
{
    find(f, weak_key(f->s->secret_key), "security.W009", "Your SECRET_KEY " WEAK_KEY);
    for (size_t i = 0; i < f->s->secret_key_fallbacks.n; i++)
        find(f, weak_key(f->s->secret_key_fallbacks.p[i]), "security.W025",
             str_format(f->arena, "Your SECRET_KEY_FALLBACKS[%zu] " WEAK_KEY, i).p);
}

static void check_transport(Finder *f)
{
    const Settings *s = f->s;
    bool on = f->facts.security;
    find(f, !on, "security.W001",
         "You do not have security_middleware in your MIDDLEWARE so the "
         "SECURE_HSTS_SECONDS, "
         "SECURE_CONTENT_TYPE_NOSNIFF, SECURE_REFERRER_POLICY, SECURE_CROSS_ORIGIN_OPENER_POLICY, and "
         "SECURE_SSL_REDIRECT "
         "settings will have no effect.");
    find(f, on && !s->secure_hsts_seconds, "security.W004",
         "You have not set a value for the SECURE_HSTS_SECONDS setting. If your entire site is served only over SSL, "
         "you may "
         "want to consider setting a value and enabling HTTP Strict Transport Security. Be sure to read the "
         "documentation "
         "first; enabling HSTS carelessly can cause serious, irreversible problems.");
    find(f, on && s->secure_hsts_seconds && !s->secure_hsts_include_subdomains, "security.W005",
         "You have not set the SECURE_HSTS_INCLUDE_SUBDOMAINS setting to True. Without this, your site is potentially "
         "vulnerable to attack via an insecure connection to a subdomain. Only set this to True if you are certain "
         "that all "
         "subdomains of your domain should be served exclusively via SSL.");
    find(f, on && !s->secure_content_type_nosniff, "security.W006",
         "Your SECURE_CONTENT_TYPE_NOSNIFF setting is not set to True, so your pages will not be served with an "
         "'X-Content-Type-Options: nosniff' header. You should consider enabling this header to prevent the browser "
         "from "
         "identifying content types incorrectly.");
    find(f, on && !s->secure_ssl_redirect, "security.W008",
         "Your SECURE_SSL_REDIRECT setting is not set to True. Unless your site should be available over both SSL and "
         "non-SSL "
         "connections, you may want to either set this setting True or configure a load balancer or reverse-proxy "
         "server to "
         "redirect all connections to HTTPS.");
    find(f, on && s->secure_hsts_seconds && !s->secure_hsts_preload, "security.W021",
         "You have not set the SECURE_HSTS_PRELOAD setting to True. Without this, your site cannot be submitted to the "
         "browser "
         "preload list.");
}

static void check_referrer(Finder *f)
{
    static const char *const valid[] = {
        "no-referrer",   "no-referrer-when-downgrade",      "origin",    "origin-when-cross-origin", "same-origin",
        "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"
    };
    Str rest = f->s->secure_referrer_policy, value;
    if (!f->facts.security)
        return;
    find(f, rest.n == 0, "security.W022",
         "You have not set the SECURE_REFERRER_POLICY setting. Without this, your site will not send a Referrer-Policy "
         "header. "
         "You should consider enabling this header to protect user privacy.");
    bool all = true;
    while (f->s->secure_referrer_policy.n && str_cut(&rest, ',', &value)) {
        bool known = false;
        for (size_t i = 0; i < CLEF_COUNT(valid); i++)
            known |= str_eq(str_trim(value), str_c(valid[i]));
        all &= known;
    }
    find(f, !all, "security.E023",
         "You have set the SECURE_REFERRER_POLICY setting to an invalid value. Valid values are: no-referrer, "
         "no-referrer-when-downgrade, origin, origin-when-cross-origin, same-origin, strict-origin, "
         "strict-origin-when-cross-origin, unsafe-url.");
}

/* Django has three ids for one matter: the application, the middleware, or both are there. */
static void check_session_cookie(Finder *f, bool wrong, const char *const id[3], const char *app,
                                 const char *middleware, const char *both)
{
    bool a = f->facts.session_app, m = f->facts.sessions;
    if (wrong && (a || m))
        find(f, true, a && m ? id[2] : a ? id[0] : id[1], a && m ? both : a ? app : middleware);
}

#define SECURE_WHY                                                                                             \
    " Using a secure-only session cookie makes it more difficult for network traffic sniffers to hijack user " \
    "sessions."
#define HTTPONLY_WHY                                                                                             \
    " Using an HttpOnly session cookie makes it more difficult for cross-site scripting attacks to hijack user " \
    "sessions."

static void check_cookies(Finder *f)
{
    const Settings *s = f->s;
    find(f, !f->facts.csrf, "security.W003",
         "You don't appear to be using Django's built-in cross-site request forgery protection via the middleware "
         "(csrf_middleware is not in your MIDDLEWARE). Enabling the middleware is the "
         "safest "
         "approach to ensure you don't leave any holes.");
    check_session_cookie(
        f, !s->session_cookie_secure, (const char *const[]){ "security.W010", "security.W011", "security.W012" },
        "You have 'django.contrib.sessions' in your INSTALLED_APPS, but you have not set SESSION_COOKIE_SECURE "
        "to True." SECURE_WHY,
        "You have 'django.contrib.sessions.middleware.SessionMiddleware' in your MIDDLEWARE, but you have not "
        "set SESSION_COOKIE_SECURE to True." SECURE_WHY,
        "SESSION_COOKIE_SECURE is not set to True." SECURE_WHY);
    check_session_cookie(
        f, !s->session_cookie_httponly, (const char *const[]){ "security.W013", "security.W014", "security.W015" },
        "You have 'django.contrib.sessions' in your INSTALLED_APPS, but you have not set "
        "SESSION_COOKIE_HTTPONLY to True." HTTPONLY_WHY,
        "You have 'django.contrib.sessions.middleware.SessionMiddleware' in your MIDDLEWARE, but you have not "
        "set SESSION_COOKIE_HTTPONLY to True." HTTPONLY_WHY,
        "SESSION_COOKIE_HTTPONLY is not set to True." HTTPONLY_WHY);
    find(f, f->facts.csrf && !s->csrf_use_sessions && !s->csrf_cookie_secure, "security.W016",
         "You have csrf_middleware in your MIDDLEWARE, but you have not set "
         "CSRF_COOKIE_SECURE to "
         "True. Using a secure-only CSRF cookie makes it more difficult for network traffic sniffers to steal the CSRF "
         "token.");
}

size_t settings_check_deploy(const Settings *s, DeployFacts facts, Arena *a, const DeployFinding **findings)
{
    Finder f = { .s = s, .facts = facts, .arena = a };
    Str coop = s->secure_cross_origin_opener_policy;
    check_transport(&f);
    find(&f, !facts.clickjacking, "security.W002",
         "You do not have clickjacking_middleware in your MIDDLEWARE, so your pages "
         "will not be "
         "served with an 'x-frame-options' header. Unless there is a good reason for your site to be served in a "
         "frame, you "
         "should consider enabling this header to help prevent clickjacking attacks.");
    check_cookies(&f);
    check_keys(&f);
    find(&f, s->debug, "security.W018", "You should not have DEBUG set to True in deployment.");
    find(&f, facts.clickjacking && !str_eq(s->x_frame_options, STR("DENY")), "security.W019",
         "You have clickjacking_middleware in your MIDDLEWARE, but X_FRAME_OPTIONS is "
         "not set to "
         "'DENY'. Unless there is a good reason for your site to serve other parts of itself in a frame, you should "
         "change it to "
         "'DENY'.");
    find(&f, s->allowed_hosts.n == 0, "security.W020", "ALLOWED_HOSTS must not be empty in deployment.");
    check_referrer(&f);
    find(&f,
         facts.security && coop.n && !str_eq(coop, STR("same-origin")) &&
             !str_eq(coop, STR("same-origin-allow-popups")) && !str_eq(coop, STR("unsafe-none")),
         "security.E024",
         "You have set the SECURE_CROSS_ORIGIN_OPENER_POLICY setting to an invalid value. Valid values are: "
         "same-origin, "
         "same-origin-allow-popups, unsafe-none.");
    *findings = f.found.p;
    return f.found.n;
}
