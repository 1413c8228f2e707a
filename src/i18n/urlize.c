/* urlize.c: links in text, word by word. */
#include <clef/i18n/normalize.h>
#include <clef/i18n/urlize.h>

#include "codec/domain.h"
#include "codec/text.h"
#include <clef/base/utf8.h>
#include <clef/codec/email.h>
#include <clef/codec/host.h>
#include <clef/codec/html.h>
#include <clef/codec/url.h>

#define RESERVED STR("!$&'()*+,;=:/?#[]@~")

static Str requote(Arena *a, Str s) { return url_quote(a, url_unquote(a, s), RESERVED); }

/* Names and values apart, so that a quoted separator within one stays there. */
static Str requote_query(Arena *a, Str query)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    Str pair, name;
    buf_add(&b, "", 0);
    while (str_cut(&query, '&', &pair)) {
        if (!pair.n)
            continue;
        Str value = pair;
        (void)str_cut(&value, '=', &name);
        if (b.n)
            buf_byte(&b, '&');
        url_quote_plus_add(&b, url_unquote(a, url_unquote_plus(a, name)), STR(""));
        buf_byte(&b, '=');
        url_quote_plus_add(&b, url_unquote(a, url_unquote_plus(a, value)), STR(""));
    }
    return buf_view(&b);
}

Str smart_urlquote(Arena *a, Str url)
{
    UrlParts p;
    if (!url_split(a, url, &p))
        return requote(a, url);
    p.netloc = requote(a, p.netloc);
    p.path = requote(a, p.path);
    p.query = requote_query(a, p.query);
    p.fragment = requote(a, p.fragment);
    return url_unsplit(a, &p);
}

/* --- what is an address */

static bool is_url(Str s)
{
    size_t n = str_istarts(s, STR("http://")) ? 7 : str_istarts(s, STR("https://")) ? 8 : 0;
    uint32_t c;
    if (n && n < s.n && s.p[n] == '[')
        n++;
    if (!n || n >= s.n)
        return false;
    (void)text_char(s.p + n, s.n - n, &c);
    return c != TEXT_BAD && text_is_word(c);
}

static bool is_name(Str s)
{
    static const Str ends[] = { STR(".com"), STR(".edu"), STR(".gov"), STR(".int"),
                                STR(".mil"), STR(".net"), STR(".org") };
    if (str_istarts(s, STR("www.")))
        return true;
    if (str_istarts(s, STR("http")))
        return false;
    size_t slash = str_find_byte(s, '/');
    Str host = str_slice(s, 0, slash);
    if (host.n < 5)
        return false;
    for (size_t i = 0; i < CLEF_COUNT(ends); i++)
        if (str_ieq(str_from_byte(host, host.n - 4), ends[i]))
            return domain_labels_are_valid(str_slice(host, 0, host.n - 4));
    return false;
}

/* --- punctuation around it */

static size_t count(Str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

static Str rstrip(Str s, const char *set)
{
    while (s.n && s.p[s.n - 1] && strchr(set, s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The last `n` characters taken off. */
static Str drop_characters(Str s, size_t n)
{
    size_t have = utf8_count(s);
    return utf8_slice(s, 0, have > n ? have - n : 0);
}

/* A ';' that ends no character reference is punctuation. */
static bool drop_semicolon(Arena *a, Str *s, size_t amp)
{
    Str entity = amp == STR_NPOS ? str_from_byte(*s, s->n - 1) : str_from_byte(*s, amp),
        plain = html_unescape(a, entity);
    if (!str_eq(plain, entity) && !str_ends(plain, STR(";")))
        return false;
    Str stripped = rstrip(*s, ".,:;!");
    size_t semicolons = s->n - rstrip(*s, ";").n;
    if (amp != STR_NPOS && semicolons > 1)
        s->n = stripped.n + str_find_byte(str_from_byte(*s, stripped.n), ';') + 1;
    else
        *s = stripped;
    return true;
}

/* The address within a word. */
static Str trim(Arena *a, Str word)
{
    static const char pairs[][2] = { { '(', ')' }, { '[', ']' } };
    Str middle = word;
    while (middle.n && (middle.p[0] == '(' || middle.p[0] == '['))
        middle = str_from_byte(middle, 1);
    size_t opening[2], closing[2];
    for (size_t i = 0; i < 2; i++) {
        opening[i] = count(middle, pairs[i][0]);
        closing[i] = count(middle, pairs[i][1]);
    }
    for (bool again = true; again && middle.n;) {
        again = false;
        for (size_t i = 0; i < 2; i++)
            if (opening[i] < closing[i] && middle.n && middle.p[middle.n - 1] == pairs[i][1]) {
                middle = drop_characters(middle, closing[i] - opening[i]);
                closing[i] = opening[i];
                again = true;
            }
        size_t amp = str_rfind_byte(middle, '&');
        Str stripped = rstrip(middle, amp == STR_NPOS ? ".,:;!" : ".,:!");
        again |= stripped.n != middle.n;
        middle = stripped;
        if (str_ends(middle, STR(";")) && drop_semicolon(a, &middle, amp))
            again = true;
    }
    return middle;
}

/* --- links */

static Str target_of(Arena *a, Str s, const UrlizeOptions *o, bool *mail)
{
    bool fits = s.n <= URL_LENGTH_MAX || utf8_count(s) <= URL_LENGTH_MAX;
    *mail = false;
    if (fits && is_url(s))
        return smart_urlquote(a, html_unescape(a, s));
    if (fits && is_name(s))
        return smart_urlquote(a,
                              str_concat(a, o->assume_https ? STR("https://") : STR("http://"), html_unescape(a, s)));
    if (str_find_byte(s, ':') == STR_NPOS && email_is_valid(s, NULL, 0)) {
        size_t at = str_rfind_byte(s, '@');
        *mail = true;
        return str_format(a, "mailto:%.*s@%.*s", STR_FMT(url_quote(a, str_slice(s, 0, at), STR(""))),
                          STR_FMT(url_quote(a, str_from_byte(s, at + 1), STR(""))));
    }
    return (Str){ 0 };
}

static void add_text(Buf *b, Str s, bool escape) { escape ? html_escape_add(b, s) : buf_str(b, s); }

static void add_word(Arena *a, Buf *b, Str word, const UrlizeOptions *o)
{
    bool mail;
    Str middle = { 0 }, target = { 0 };
    for (size_t i = 0; i < word.n && !middle.p; i++)
        if (word.p[i] == '.' || word.p[i] == '@' || word.p[i] == ':')
            middle = trim(a, word);
    if (middle.p)
        target = target_of(a, middle, o, &mail);
    if (!target.n) {
        add_text(b, word, o->escape);
        return;
    }
    size_t from = (size_t)(middle.p - word.p);
    Str shown = middle;
    bool cut = o->trim && (o->trim_limit < 0 || utf8_count(middle) > (uint64_t)o->trim_limit);
    if (cut)
        shown = utf8_slice(middle, 0, o->trim_limit > 1 ? (size_t)o->trim_limit - 1 : 0);
    add_text(b, str_slice(word, 0, from), o->escape);
    BUF_LIT(b, "<a href=\"");
    html_escape_add(b, target);
    buf_c(b, o->nofollow && !mail ? "\" rel=\"nofollow\">" : "\">");
    add_text(b, shown, o->escape);
    buf_c(b, cut ? "\xe2\x80\xa6</a>" : "</a>");
    add_text(b, str_from_byte(word, from + middle.n), o->escape);
}

Str urlize(Arena *a, Str s, UrlizeOptions o)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    buf_add(&b, "", 0);
    size_t from = 0;
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t step = text_char(s.p + i, s.n - i, &c);
        if ((c < 0x80 && c && strchr("<>\"'", (int)c)) || (c != TEXT_BAD && text_is_space(c))) {
            add_word(a, &b, str_slice(s, from, i), &o);
            add_text(&b, str_slice(s, i, i + step), o.escape);
            from = i + step;
        }
        i += step;
    }
    add_word(a, &b, str_from_byte(s, from), &o);
    return buf_view(&b);
}
