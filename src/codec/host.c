/* host.c: host names, redirect targets and IP addresses (see <clef/codec/host.h>). */
#include <clef/codec/host.h>
#include <clef/codec/url.h>

#include "codec/text.h"

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }

/* The length of the host at the head of s, or 0: a name, or brackets with a colon somewhere in hexadecimal and dots. */
static size_t host_length(Str s)
{
    size_t i = 0;
    if (s.n && s.p[0] == '[') {
        /* [hex*:(hex|.|:)+] */
        for (i = 1; i < s.n && hex_digit(s.p[i]) >= 0;)
            i++;
        size_t colon = i;
        if (i == s.n || s.p[i] != ':')
            return 0;
        while (++i < s.n && (hex_digit(s.p[i]) >= 0 || s.p[i] == '.' || s.p[i] == ':'))
            ;
        return i > colon + 1 && i < s.n && s.p[i] == ']' ? i + 1 : 0;
    }
    while (i < s.n) {
        char c = fold(s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            break;
        i++;
    }
    return i;
}

bool split_domain_port(Arena *a, Str host, Str *domain, Str *port)
{
    *domain = *port = STR("");
    size_t n = host_length(host);
    if (n == 0)
        return false;
    Str tail = str_from_byte(host, n);
    if (tail.n) {
        if (tail.p[0] != ':' || tail.n == 1)
            return false;
        tail = str_from_byte(tail, 1);
        for (size_t i = 0; i < tail.n; i++)
            if (tail.p[i] < '0' || tail.p[i] > '9')
                return false;
        *port = tail;
    }
    host = str_slice(host, 0, n);
    if (host.p[n - 1] == '.')
        host.n--;
    *domain = host;
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] >= 'A' && host.p[i] <= 'Z') {
            *domain = str_lower(a, host);
            break;
        }
    return true;
}

/* a equals b with b's ASCII letters folded. */
static bool eq_folded(Str a, Str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (a.p[i] != fold(b.p[i]))
            return false;
    return true;
}

bool is_same_domain(Str host, Str pattern)
{
    if (pattern.n == 0)
        return false;
    if (eq_folded(host, pattern))
        return true;
    if (pattern.p[0] != '.')
        return false;
    return (host.n >= pattern.n && eq_folded(str_from_byte(host, host.n - pattern.n), pattern)) ||
           eq_folded(host, str_from_byte(pattern, 1));
}

bool validate_host(Str domain, const Str *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(patterns[i], STR("*")) || is_same_domain(domain, patterns[i]))
            return true;
    return false;
}

static size_t characters(Str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return count;
}

static bool target_allowed(Arena *scratch, Str url, const Str *hosts, size_t n, bool require_https)
{
    /* Browsers take any run of slashes for "//". */
    if (str_starts(url, STR("///")))
        return false;
    UrlParts u;
    if (!url_split(scratch, url, &u))
        return false;
    /* Browsers read http:///host as http://host. */
    if (u.netloc.n == 0 && u.scheme.n)
        return false;
    uint32_t first;
    text_char(url.p, url.n, &first);
    if (first == TEXT_BAD || text_is_other(first))
        return false;
    if (u.netloc.n) {
        size_t i = 0;
        while (i < n && !str_eq(hosts[i], u.netloc))
            i++;
        if (i == n)
            return false;
    }
    Str scheme = u.scheme.n == 0 && u.netloc.n ? STR("http") : u.scheme;
    return scheme.n == 0 || str_eq(scheme, STR("https")) || (!require_https && str_eq(scheme, STR("http")));
}

bool url_has_allowed_host_and_scheme(Arena *scratch, Str url, const Str *hosts, size_t n, bool require_https)
{
    url = text_strip(url);
    if (url.n == 0 || url.n > (size_t)URL_LENGTH_MAX * 4 || characters(url) > URL_LENGTH_MAX)
        return false;
    if (!target_allowed(scratch, url, hosts, n, require_https))
        return false;
    return str_find_byte(url, '\\') == STR_NPOS ||
           target_allowed(scratch, str_replace(scratch, url, STR("\\"), STR("/")), hosts, n, require_https);
}

bool ip4_parse(Str text, uint8_t out[4])
{
    uint8_t address[4];
    for (int k = 0; k < 4; k++) {
        unsigned v = 0;
        size_t i = 0;
        while (i < text.n && i < 3 && text.p[i] >= '0' && text.p[i] <= '9')
            v = v * 10 + (unsigned)(text.p[i++] - '0');
        if (i == 0 || v > 255 || (i > 1 && text.p[0] == '0'))
            return false;
        address[k] = (uint8_t)v;
        text = str_from_byte(text, i);
        if (k < 3) {
            if (text.n == 0 || text.p[0] != '.')
                return false;
            text = str_from_byte(text, 1);
        }
    }
    if (text.n)
        return false;
    memcpy(out, address, 4);
    return true;
}

bool ip6_parse(Str text, uint8_t out[16])
{
    uint8_t address[16] = { 0 };
    size_t n = 0, gap = STR_NPOS; /* bytes written; where "::" stood */
    if (str_starts(text, STR("::"))) {
        gap = 0;
        text = str_from_byte(text, 2);
    }
    while (text.n) {
        unsigned v = 0;
        size_t i = 0;
        while (i < text.n && i < 4 && hex_digit(text.p[i]) >= 0)
            v = v << 4 | (unsigned)hex_digit(text.p[i++]);
        if (i < text.n && text.p[i] == '.') {
            if (n > 12 || !ip4_parse(text, address + n))
                return false;
            n += 4;
            break;
        }
        if (i == 0 || n > 14)
            return false;
        address[n++] = (uint8_t)(v >> 8);
        address[n++] = (uint8_t)v;
        text = str_from_byte(text, i);
        if (text.n == 0)
            break;
        if (text.p[0] != ':' || text.n == 1)
            return false;
        text = str_from_byte(text, 1);
        if (text.p[0] == ':') {
            if (gap != STR_NPOS)
                return false;
            gap = n;
            text = str_from_byte(text, 1);
        }
    }
    if (gap == STR_NPOS ? n != 16 : n > 14)
        return false;
    if (gap != STR_NPOS) {
        memmove(address + 16 - (n - gap), address + gap, n - gap);
        memset(address + gap, 0, 16 - n);
    }
    memcpy(out, address, 16);
    return true;
}

bool ip6_parse_field(Str text, uint8_t out[16])
{
    size_t zone = str_find_byte(text, '%');
    if (text.n > IP6_TEXT_MAX)
        return false;
    if (zone == STR_NPOS)
        return ip6_parse(text, out);
    bool named = zone + 1 < text.n && str_find_byte(str_from_byte(text, zone + 1), '%') == STR_NPOS;
    return named && ip6_parse(str_slice(text, 0, zone), out);
}

Str ip6_format(Arena *a, const uint8_t address[16], bool unpack_ipv4)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (memcmp(address, mapped, 12) == 0)
        return str_format(a, "%s%u.%u.%u.%u", unpack_ipv4 ? "" : "::ffff:", address[12], address[13], address[14],
                          address[15]);
    int best = -1, best_n = 1; /* one zero alone is not shortened */
    for (int i = 0; i < 8;) {
        int n = 0;
        while (i + n < 8 && address[2 * (i + n)] == 0 && address[2 * (i + n) + 1] == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
        i += n ? n : 1;
    }
    Buf b = BUF_INIT(a, 40);
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            BUF_LIT(&b, "::");
            i += best_n - 1;
            continue;
        }
        if (i && i != best + best_n)
            buf_byte(&b, ':');
        buf_printf(&b, "%x", (unsigned)address[2 * i] << 8 | address[2 * i + 1]);
    }
    return buf_view(&b);
}
