/* url.c: URLs taken apart, put together and resolved (see <clef/codec/url.h>). */
#include <clef/base/vec.h>
#include <clef/codec/host.h>
#include <clef/codec/url.h>

#include "codec/text.h"

static const char *const relative_schemes[] = { "",      "ftp",   "http",  "gopher",  "nntp",     "imap", "wais",
                                                "file",  "https", "shttp", "mms",     "prospero", "rtsp", "rtsps",
                                                "rtspu", "sftp",  "svn",   "svn+ssh", "ws",       "wss" };
static const char *const netloc_schemes[] = { "",     "ftp",   "http",    "gopher", "nntp",  "telnet",       "imap",
                                              "wais", "file",  "mms",     "https",  "shttp", "snews",        "prospero",
                                              "rtsp", "rtsps", "rtspu",   "rsync",  "svn",   "svn+ssh",      "sftp",
                                              "nfs",  "git",   "git+ssh", "ws",     "wss",   "itms-services" };
static const char *const params_schemes[] = { "",     "ftp",   "hdl",   "prospero", "http", "imap", "https", "shttp",
                                              "rtsp", "rtsps", "rtspu", "sip",      "sips", "mms",  "sftp",  "tel" };

static bool in_list(Str scheme, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(scheme, str_c(list[i])))
            return true;
    return false;
}
#define IN_LIST(scheme, list) in_list((scheme), (list), CLEF_COUNT(list))

/* Without leading controls and spaces, and without tab, CR and LF anywhere. */
static Str clean(Arena *a, Str url)
{
    size_t i = 0;
    while (i < url.n && (unsigned char)url.p[i] <= ' ')
        i++;
    url = str_from_byte(url, i);
    for (i = 0; i < url.n; i++)
        if (url.p[i] == '\t' || url.p[i] == '\r' || url.p[i] == '\n')
            break;
    if (i == url.n)
        return url;
    char *out = str_dup_c(a, url);
    size_t n = i;
    for (; i < url.n; i++)
        if (url.p[i] != '\t' && url.p[i] != '\r' && url.p[i] != '\n')
            out[n++] = url.p[i];
    out[n] = 0;
    return str_from(out, n);
}

static bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The bytes of a scheme at the head of url, or 0. */
static size_t scheme_length(Str url)
{
    if (url.n == 0 || !is_alpha(url.p[0]))
        return 0;
    for (size_t i = 1; i < url.n; i++) {
        char c = url.p[i];
        if (c == ':')
            return i;
        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
            return 0;
    }
    return 0;
}

static Str lower(Arena *a, Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return str_lower(a, s);
    return s;
}

/* "v" hexadecimal-digits "." at-least-one */
static bool ip_future(Str host)
{
    size_t i = 1;
    while (i < host.n && hex_digit(host.p[i]) >= 0)
        i++;
    return i > 1 && i + 1 < host.n && host.p[i] == '.';
}

static bool bracketed_host_ok(Str host)
{
    if (str_starts(host, STR("v")))
        return ip_future(host);
    size_t zone = str_find_byte(host, '%');
    if (zone != STR_NPOS) {
        Str name = str_from_byte(host, zone + 1);
        if (name.n == 0 || str_find_byte(name, '%') != STR_NPOS)
            return false;
        host = str_slice(host, 0, zone);
    }
    uint8_t address[16];
    return ip6_parse(host, address);
}

/* What follows the last @. */
static Str host_and_port(Str netloc)
{
    size_t at = str_rfind_byte(netloc, '@');
    return at == STR_NPOS ? netloc : str_from_byte(netloc, at + 1);
}

static bool brackets_ok(Str netloc)
{
    size_t open = str_find_byte(netloc, '['), close = str_find_byte(netloc, ']');
    if (open == STR_NPOS && close == STR_NPOS)
        return true;
    if (open == STR_NPOS || close == STR_NPOS)
        return false;
    Str rest = host_and_port(netloc);
    if (rest.n == 0 || rest.p[0] != '[')
        return false;
    close = str_find_byte(rest, ']');
    if (close == STR_NPOS)
        return false;
    Str after = str_from_byte(rest, close + 1);
    return (after.n == 0 || after.p[0] == ':') && bracketed_host_ok(str_slice(rest, 1, close));
}

/* Characters whose NFKC form holds one of / ? # @ : and could so move the end of the host. */
static bool becomes_delimiter(uint32_t c)
{
    static const uint16_t codes[] = { 0x2047, 0x2048, 0x2049, 0x2100, 0x2101, 0x2105, 0x2106, 0x2a74, 0xfe13, 0xfe16,
                                      0xfe55, 0xfe56, 0xfe5f, 0xfe6b, 0xff03, 0xff0f, 0xff1a, 0xff1f, 0xff20 };
    for (size_t i = 0; i < CLEF_COUNT(codes); i++)
        if (c == codes[i])
            return true;
    return false;
}

static bool netloc_ok(Str netloc)
{
    for (size_t i = text_ascii_run(netloc); i < netloc.n;) {
        uint32_t code;
        i += text_char(netloc.p + i, netloc.n - i, &code);
        if (becomes_delimiter(code))
            return false;
    }
    return brackets_ok(netloc);
}

/* *head and *tail around the first `mark`; *tail is "" where there is none. */
static void part(Str s, char mark, Str *head, Str *tail)
{
    size_t at = str_find_byte(s, mark);
    *head = str_slice(s, 0, at);
    *tail = at == STR_NPOS ? STR("") : str_from_byte(s, at + 1);
}

bool url_split(Arena *a, Str url, UrlParts *out)
{
    UrlParts parts = { .scheme = STR(""), .netloc = STR("") };
    url = clean(a, url);
    size_t n = scheme_length(url);
    if (n) {
        parts.scheme = lower(a, str_slice(url, 0, n));
        url = str_from_byte(url, n + 1);
    }
    if (str_starts(url, STR("//"))) {
        size_t end = 2;
        while (end < url.n && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#')
            end++;
        parts.netloc = str_slice(url, 2, end);
        url = str_from_byte(url, end);
        if (!netloc_ok(parts.netloc))
            return false;
    }
    part(url, '#', &url, &parts.fragment);
    part(url, '?', &parts.path, &parts.query);
    *out = parts;
    return true;
}

static Str unsplit(Arena *a, const UrlParts *u, Str params)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    if (u->scheme.n) {
        buf_str(&b, u->scheme);
        buf_byte(&b, ':');
    }
    /* An empty netloc is written where the path would be read as one, and for schemes that have one by habit. */
    bool rooted = u->path.n == 0 || u->path.p[0] == '/';
    if (u->netloc.n || str_starts(u->path, STR("//")) ||
        (u->scheme.n && rooted && IN_LIST(u->scheme, netloc_schemes))) {
        BUF_LIT(&b, "//");
        buf_str(&b, u->netloc);
        if (!rooted)
            buf_byte(&b, '/');
    }
    buf_str(&b, u->path);
    if (params.n) {
        buf_byte(&b, ';');
        buf_str(&b, params);
    }
    if (u->query.n) {
        buf_byte(&b, '?');
        buf_str(&b, u->query);
    }
    if (u->fragment.n) {
        buf_byte(&b, '#');
        buf_str(&b, u->fragment);
    }
    return buf_view(&b);
}

Str url_unsplit(Arena *a, const UrlParts *parts) { return unsplit(a, parts, STR("")); }

/* Cuts the parameters of the last segment off the path (RFC 1808; Python's urlparse still does). */
static Str cut_params(UrlParts *u)
{
    if (!IN_LIST(u->scheme, params_schemes))
        return STR("");
    size_t slash = str_rfind_byte(u->path, '/');
    size_t from = slash == STR_NPOS ? 0 : slash;
    size_t at = str_find_byte(str_from_byte(u->path, from), ';');
    if (at == STR_NPOS)
        return STR("");
    Str params = str_from_byte(u->path, from + at + 1);
    u->path = str_slice(u->path, 0, from + at);
    return params;
}

typedef VEC(Str) Segments;

static void add_segments(Arena *a, Segments *to, Str path)
{
    Str segment;
    while (str_cut(&path, '/', &segment))
        VEC_PUSH(a, to, segment);
}

/* Resolves the dot segments; joined by slashes. */
static Str resolve(Arena *a, const Segments *segments)
{
    Segments kept = { 0 };
    for (size_t i = 0; i < segments->n; i++) {
        Str s = segments->p[i];
        bool up = str_eq(s, STR("..")), last = i + 1 == segments->n;
        if (up && kept.n)
            kept.n--;
        if (!up && !str_eq(s, STR(".")))
            VEC_PUSH(a, &kept, s);
        else if (last)
            VEC_PUSH(a, &kept, STR(""));
    }
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < kept.n; i++) {
        if (i)
            buf_byte(&b, '/');
        buf_str(&b, kept.p[i]);
    }
    return b.n ? buf_view(&b) : STR("/");
}

/* The segments of `path` seen from the directory of `base`; inner empty ones are dropped, the first stays. */
static void relative_segments(Arena *a, Segments *to, Str base, Str path)
{
    Segments all = { 0 };
    add_segments(a, &all, base.n ? base : STR(""));
    if (VEC_LAST(&all).n)
        all.n--;
    add_segments(a, &all, path);
    for (size_t i = 0; i < all.n; i++)
        if (i == 0 || i + 1 == all.n || all.p[i].n)
            VEC_PUSH(a, to, all.p[i]);
}

bool url_join(Arena *a, Str base, Str reference, Str *out)
{
    if (base.n == 0 || reference.n == 0) {
        *out = base.n ? base : reference;
        return true;
    }
    UrlParts b, r;
    if (!url_split(a, base, &b) || !url_split(a, reference, &r))
        return false;
    if (r.scheme.n == 0)
        r.scheme = b.scheme;
    Str b_params = cut_params(&b), r_params = cut_params(&r);
    if (!str_eq(r.scheme, b.scheme) || !IN_LIST(r.scheme, relative_schemes)) {
        *out = reference;
        return true;
    }
    bool with_netloc = IN_LIST(r.scheme, netloc_schemes);
    if (with_netloc && r.netloc.n) {
        *out = unsplit(a, &r, r_params);
        return true;
    }
    if (with_netloc)
        r.netloc = b.netloc;
    if (r.path.n == 0 && r_params.n == 0) {
        r.path = b.path;
        if (r.query.n == 0)
            r.query = b.query;
        *out = unsplit(a, &r, b_params);
        return true;
    }
    Segments segments = { 0 };
    if (r.path.n && r.path.p[0] == '/')
        add_segments(a, &segments, r.path);
    else
        relative_segments(a, &segments, b.path, r.path.n ? r.path : STR(""));
    r.path = resolve(a, &segments);
    *out = unsplit(a, &r, r_params);
    return true;
}

bool url_authority(Arena *a, Str netloc, UrlAuthority *out)
{
    UrlAuthority u = { .port = -1 };
    size_t at = str_rfind_byte(netloc, '@');
    if (at != STR_NPOS) {
        Str info = str_slice(netloc, 0, at);
        size_t colon = str_find_byte(info, ':');
        u.user = str_slice(info, 0, colon);
        if (colon != STR_NPOS)
            u.password = str_from_byte(info, colon + 1);
        netloc = str_from_byte(netloc, at + 1);
    }
    Str port, ignored;
    size_t open = str_find_byte(netloc, '[');
    if (open != STR_NPOS) {
        part(str_from_byte(netloc, open + 1), ']', &u.host, &port);
        part(port, ':', &ignored, &port);
    } else
        part(netloc, ':', &u.host, &port);
    if (u.host.n == 0)
        u.host = (Str){ 0 };
    else {
        size_t zone = str_find_byte(u.host, '%');
        if (zone == STR_NPOS)
            u.host = lower(a, u.host);
        else
            u.host = str_concat(a, lower(a, str_slice(u.host, 0, zone)), str_from_byte(u.host, zone));
    }
    if (port.n) {
        uint64_t v;
        if (!is_digit(port.p[0]) || !str_to_u64(port, &v) || v > 65535)
            return false;
        u.port = (int32_t)v;
    }
    *out = u;
    return true;
}

bool url_path_inside(Arena *a, Str path, Str *out)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == 0 || path.p[i] == '\\')
            return false;
    bool slash = str_ends(path, STR("/"));
    Segments kept = { 0 };
    Str segment;
    while (str_cut(&path, '/', &segment)) {
        if (segment.n == 0 || str_eq(segment, STR(".")))
            continue;
        if (!str_eq(segment, STR("..")))
            VEC_PUSH(a, &kept, segment);
        else if (kept.n)
            kept.n--;
        else
            return false;
    }
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < kept.n; i++) {
        buf_str(&b, kept.p[i]);
        if (slash || i + 1 < kept.n)
            buf_byte(&b, '/');
    }
    *out = buf_view(&b);
    return true;
}

Str url_remove_dots(Arena *a, Str path)
{
    if (!str_contains(path, STR("/.")) && !str_starts(path, STR(".")))
        return path;
    bool rooted = path.p[0] == '/';
    Segments all = { 0 }, kept = { 0 };
    add_segments(a, &all, rooted ? str_from_byte(path, 1) : path);
    for (size_t i = 0; i < all.n; i++) {
        bool up = str_eq(all.p[i], STR(".."));
        if (up && kept.n)
            kept.n--;
        if (!up && !str_eq(all.p[i], STR(".")))
            VEC_PUSH(a, &kept, all.p[i]);
        else if (i + 1 == all.n)
            VEC_PUSH(a, &kept, STR(""));
    }
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < kept.n; i++) {
        if (i || rooted)
            buf_byte(&b, '/');
        buf_str(&b, kept.p[i]);
    }
    return buf_view(&b);
}
