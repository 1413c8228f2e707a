/* url: taking apart, putting together and resolving; what was put together must come apart the same way. */
#include <clef/base.h>
#include <clef/base/utf8.h>
#include <clef/codec/charset.h>
#include <clef/codec/host.h>
#include <clef/codec/url.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str s = str_from((const char *)data, n), joined, path, domain, port;
    ASSERT(str_eq(url_unquote_bytes(a, url_quote(a, s, STR("/"))), s));
    ASSERT(utf8_valid(url_unquote(a, s)));
    ASSERT(utf8_valid(uri_to_iri(a, s)));
    Str uri = iri_to_uri(a, s);
    for (size_t i = 0; i < uri.n; i++)
        ASSERT((unsigned char)uri.p[i] < 0x80);
    UrlParts u, again;
    UrlAuthority authority;
    if (url_split(a, s, &u)) {
        bool ok = url_authority(a, u.netloc, &authority);
        if (url_split(a, url_unsplit(a, &u), &again))
            ASSERT(u.netloc.n == 0 || str_eq(u.netloc, again.netloc));
        ok |= url_join(a, STR("http://h/a/b;p?q"), s, &joined);
        ok |= url_join(a, s, STR("../x"), &joined);
        (void)ok;
    }
    if (url_path_inside(a, s, &path)) {
        ASSERT(path.n == 0 || path.p[0] != '/');
        ASSERT(!str_eq(path, STR("..")) && !str_starts(path, STR("../")) && !str_contains(path, STR("/../")));
    }
    url_remove_dots(a, s);
    if (split_domain_port(a, s, &domain, &port))
        ASSERT(str_find_byte(domain, '@') == STR_NPOS && str_find_byte(domain, '/') == STR_NPOS);
    Str host = STR("h");
    bool visible = true; /* white space around a URL is dropped before it is judged */
    for (size_t i = 0; i < n; i++)
        visible &= data[i] > ' ' && data[i] < 0x7f;
    if (visible && url_has_allowed_host_and_scheme(a, s, &host, 1, false) && url_split(a, s, &u))
        ASSERT(u.netloc.n == 0 || str_eq(u.netloc, host));
    uint8_t address[16];
    uint8_t back[16];
    if (ip6_parse(s, address))
        ASSERT(ip6_parse(ip6_format(a, address, false), back) && memcmp(address, back, 16) == 0);
    arena_destroy(a);
    return 0;
}
