/* request_host.c: the scheme, the checked host, and URIs of a request. */
#include "http/request.h"
#include "http/site.h"
#include <clef/codec/host.h>
#include <clef/codec/url.h>
#include <clef/conf.h>

bool request_is_secure(Request *r)
{
    const Settings *s = r->settings;
    if (s->secure_proxy_ssl_header.name.n) {
        Str value = request_meta(r, s->secure_proxy_ssl_header.name);
        if (!str_is_null(value)) {
            Str first;
            str_cut(&value, ',', &first);
            return str_eq(str_trim(first), s->secure_proxy_ssl_header.value);
        }
    }
    return r->source->tls;
}

Str request_scheme(Request *r) { return request_is_secure(r) ? STR("https") : STR("http"); }

Str request_port(Request *r)
{
    Str forwarded = r->settings->use_x_forwarded_port ? request_known_header(r, HDR_X_FORWARDED_PORT) : (Str){ 0 };
    return str_is_null(forwarded) ? request_meta(r, STR("SERVER_PORT")) : forwarded;
}

/* The host as the client named it, before it is checked. */
static Str raw_host(Request *r)
{
    if (r->settings->use_x_forwarded_host) {
        Str forwarded = request_known_header(r, HDR_X_FORWARDED_HOST);
        if (!str_is_null(forwarded))
            return forwarded;
    }
    if (r->source->head->host.n)
        return r->source->head->host;
    Str port = request_port(r);
    if (str_eq(port, request_is_secure(r) ? STR("443") : STR("80")))
        return request_meta(r, STR("SERVER_NAME"));
    return str_format(r->cx.arena, "%.*s:%.*s", STR_FMT(request_meta(r, STR("SERVER_NAME"))), STR_FMT(port));
}

/* Whether the site has found this very text good before. */
static bool is_known(const Site *site, Str host)
{
    return site && site->good_host_n == host.n && host.n && memcmp(site->good_host, host.p, host.n) == 0;
}

static void remember(Site *site, Str host)
{
    if (!site || host.n > sizeof site->good_host || !host.n)
        return;
    memcpy(site->good_host, host.p, host.n);
    site->good_host_n = host.n;
}

Str request_host(Request *r)
{
    RequestParts *parts = request_parts(r);
    if (parts->has_host)
        return parts->host;
    static const Str local[] = { STR(".localhost"), STR("127.0.0.1"), STR("[::1]") };
    const Settings *s = r->settings;
    Str host = raw_host(r);
    if (CLEF_LIKELY(is_known(r->site, host))) {
        parts->has_host = true;
        return parts->host = host;
    }
    const Str *allowed = s->allowed_hosts.p;
    size_t n = s->allowed_hosts.n;
    if (s->debug && n == 0) {
        allowed = local;
        n = CLEF_COUNT(local);
    }
    Str domain, port;
    bool valid = split_domain_port(r->cx.arena, host, &domain, &port);
    if (!valid || !domain.n || !validate_host(domain, allowed, n)) {
        if (valid && domain.n)
            RAISE(r, 400, "disallowed_host",
                  "Invalid HTTP_HOST header: '%.*s'. You may need to add '%.*s' to ALLOWED_HOSTS.", STR_FMT(host),
                  STR_FMT(domain));
        RAISE(r, 400, "disallowed_host",
              "Invalid HTTP_HOST header: '%.*s'. The domain name provided is not valid according to RFC 1034/1035.",
              STR_FMT(host));
    }
    remember(r->site, host);
    parts->has_host = true;
    return parts->host = host;
}

static Str full_path(Request *r, Str path, bool force_append_slash)
{
    Arena *a = r->cx.arena;
    Buf b = BUF_INIT(a, SIZE_MAX - 1);
    buf_str(&b, escape_uri_path(a, path));
    if (force_append_slash && !str_ends(path, STR("/")))
        buf_byte(&b, '/');
    if (r->query_string.n) {
        buf_byte(&b, '?');
        buf_str(&b, iri_to_uri(a, r->query_string));
    }
    return buf_view(&b);
}

Str request_full_path(Request *r, bool force_append_slash) { return full_path(r, r->path, force_append_slash); }
Str request_full_path_info(Request *r, bool force_append_slash)
{
    return full_path(r, r->path_info, force_append_slash);
}

Str request_build_absolute_uri(Request *r, Str location)
{
    Arena *a = r->cx.arena;
    if (str_is_null(location))
        location = str_format(a, "//%.*s", STR_FMT(request_full_path(r, false))); /* a path, whatever it looks like */
    UrlParts parts = { 0 };
    bool is_url = url_split(a, location, &parts);
    if (is_url && parts.scheme.n && parts.netloc.n)
        return iri_to_uri(a, location);
    Str here = str_format(a, "%.*s://%.*s", STR_FMT(request_scheme(r)), STR_FMT(request_host(r)));
    if (is_url && !parts.scheme.n && !parts.netloc.n && str_starts(parts.path, STR("/")) &&
        str_find(parts.path, STR("/./")) == STR_NPOS && str_find(parts.path, STR("/../")) == STR_NPOS) {
        /* An absolute path; "//" before it stands for the host that is not named. */
        return iri_to_uri(a,
                          str_concat(a, here, str_starts(location, STR("//")) ? str_from_byte(location, 2) : location));
    }
    Str out, base = str_concat(a, here, r->path);
    if (!is_url || !url_join(a, base, location, &out))
        RAISE(r, 500, "bad_url", "\"%.*s\" is not a URL that can be joined with %.*s", STR_FMT(location),
              STR_FMT(base));
    return iri_to_uri(a, out);
}
