/* address.c: validators of addresses: IP, domain names, mail, URLs. */
#include "validators/patterns.h"
#include <clef/base/utf8.h>
#include <clef/codec/host.h>
#include <clef/codec/url.h>

/* Labels of a host name: letters of any script, digits, hyphens within; the last one has no digits, or is punycode. */
#define ULETTERS "\\u00a1-\\uffff"
#define HOSTNAME "[a-z" ULETTERS "0-9](?:[a-z" ULETTERS "0-9-]{0,61}[a-z" ULETTERS "0-9])?"
#define DOMAIN   "(?:\\.(?!-)[a-z" ULETTERS "0-9-]{1,63}(?<!-))*"
#define TLD      "\\.(?!-)(?:[a-z" ULETTERS "-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)"
#define IPV4                                              \
    "(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)" \
    "(?:\\.(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)){3}"
/* The longest of each, in characters: RFC 1034, RFC 3696, and Django's own bound of a URL. */
enum { DOMAIN_MAX = 255, HOST_MAX = 253, EMAIL_MAX = 320, URL_MAX = 2048 };

static Map *params_of(Validation *v, const char *protocol)
{
    Map *m = map_new(v->arena);
    if (protocol)
        map_set(m, STR("protocol"), value_c(protocol));
    map_set(m, STR("value"), v->value);
    return m;
}

static void check_ip(Validation *v, bool four, bool six, const char *protocol)
{
    uint8_t address[16];
    Str s = value_is_text(v->value) ? v->value.s : STR("");
    if (!(four && ip4_parse(s, address)) && !(six && ip6_parse_field(s, address)))
        validation_fail_params(v, "invalid", "Enter a valid %(protocol)s address.", params_of(v, protocol));
}

void check_ipv4(Validation *v) { check_ip(v, true, false, "IPv4"); }
void check_ipv6(Validation *v) { check_ip(v, false, true, "IPv6"); }
void check_ipv46(Validation *v) { check_ip(v, true, true, "IPv4 or IPv6"); }

static void invalid(Validation *v, const char *message)
{
    validation_fail_params(v, "invalid", message, params_of(v, NULL));
}

void check_domain_name(Validation *v)
{
    Str s = value_is_text(v->value) ? v->value.s : STR("");
    bool fits = utf8_count(s) <= DOMAIN_MAX;
    bool good = v->validator && v->validator->ascii_only
                    ? utf8_is_ascii(s) &&
                          pattern_found(STR("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.(?!-)[a-z0-9-]{1,63}(?<!-))*"
                                            "\\.(?!-)(?:[a-z0-9-]{2,63})(?<!-)\\.?\\Z"),
                                        true, s)
                    : pattern_found(STR("^" HOSTNAME DOMAIN TLD "\\.?\\Z"), true, s);
    if (!fits || !good)
        invalid(v, "Enter a valid domain name.");
}

static bool is_listed(const char *const *words, Str s)
{
    for (; words && *words; words++)
        if (str_eq(str_c(*words), s))
            return true;
    return false;
}

static bool is_mail_domain(Str domain)
{
    if (pattern_found(STR("^" HOSTNAME DOMAIN TLD "\\Z"), true, domain))
        return true;
    uint8_t address[16];
    if (domain.n < 2 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
        return false;
    Str inside = str_slice(domain, 1, domain.n - 1);
    return ip4_parse(inside, address) || (inside.n <= IP6_TEXT_MAX && ip6_parse(inside, address));
}

void check_email(Validation *v)
{
    static const char *const local[] = { "localhost", NULL };
    const char *const *allowed = v->validator && v->validator->words ? v->validator->words : local;
    Str s = value_is_text(v->value) ? v->value.s : STR("");
    size_t at = str_rfind_byte(s, '@');
    if (at != STR_NPOS && utf8_count(s) <= EMAIL_MAX) {
        Str user = str_slice(s, 0, at), domain = str_from_byte(s, at + 1);
        bool good_user = pattern_found(STR("(^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\\Z"
                                           "|^\"([\\001-\\010\\013\\014\\016-\\037!#-\\[\\]-\\177]"
                                           "|\\\\[\\001-\\011\\013\\014\\016-\\177])*\"\\Z)"),
                                       true, user);
        if (good_user && (is_listed(allowed, domain) || is_mail_domain(domain)))
            return;
    }
    invalid(v, "Enter a valid email address.");
}

static bool is_url(Validation *v, Str s)
{
    static const char *const usual[] = { "http", "https", "ftp", "ftps", NULL };
    const char *const *schemes = v->validator && v->validator->words ? v->validator->words : usual;
    if (utf8_count(s) > URL_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n')
            return false;
    size_t end = str_find(s, STR("://"));
    if (!is_listed(schemes, str_lower(v->arena, end == STR_NPOS ? s : str_slice(s, 0, end))))
        return false;
    UrlParts parts;
    if (!url_split(v->arena, s, &parts))
        return false;
    if (!pattern_found(STR("^(?:[a-z0-9.+-]*)://(?:[^\\s:@/]+(?::[^\\s:@/]*)?@)?(?:" IPV4
                           "|\\[[0-9a-f:.]+\\]|(" HOSTNAME DOMAIN TLD
                           "\\.?|localhost))(?::[0-9]{1,5})?(?:[/?#][^\\s]*)?\\Z"),
                       true, s))
        return false;
    Str netloc = parts.netloc;
    if (netloc.n && netloc.p[0] == '[') {
        size_t close = str_rfind_byte(netloc, ']');
        uint8_t address[16];
        Str inside = close == STR_NPOS ? STR("") : str_slice(netloc, 1, close);
        if (inside.n > IP6_TEXT_MAX || !ip6_parse(inside, address))
            return false;
    }
    size_t user = str_rfind_byte(netloc, '@');
    Str host = user == STR_NPOS ? netloc : str_from_byte(netloc, user + 1);
    size_t port = host.n && host.p[0] == '[' ? STR_NPOS : str_find_byte(host, ':');
    if (port != STR_NPOS)
        host = str_slice(host, 0, port);
    return host.n && utf8_count(host) <= HOST_MAX;
}

void check_url(Validation *v)
{
    if (!value_is_text(v->value) || !is_url(v, v->value.s))
        invalid(v, "Enter a valid URL.");
}
