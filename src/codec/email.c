/* email.c: addresses and domain names, label by label. */
#include <clef/codec/email.h>
#include <clef/codec/host.h>

#include "codec/domain.h"
#include "codec/text.h"
#include <clef/base/utf8.h>

static bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

typedef struct Label {
    size_t characters;
    bool digits; /* one at least */
    bool ascii;
} Label;

/* Letters, digits, hyphens and all between U+00A1 and U+FFFF. */
static bool label_of(Str s, Label *out)
{
    *out = (Label){ .ascii = true };
    for (size_t i = 0; i < s.n; out->characters++) {
        uint32_t c;
        i += text_char(s.p + i, s.n - i, &c);
        if (c < 0x80 ? !is_alnum((char)c) && c != '-' : c < 0xa1 || c > 0xffff)
            return false;
        out->digits |= c >= '0' && c <= '9';
        out->ascii &= c < 0x80;
    }
    return s.n && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

bool domain_labels_are_valid(Str name)
{
    Str label;
    Label l;
    if (!name.n)
        return false;
    while (str_cut(&name, '.', &label))
        if (!label_of(label, &l) || l.characters > 63)
            return false;
    return true;
}

bool domain_name_is_valid(Str name)
{
    size_t dot = str_rfind_byte(name, '.');
    Label l;
    if (dot == STR_NPOS || !domain_labels_are_valid(str_slice(name, 0, dot)))
        return false;
    Str last = str_from_byte(name, dot + 1);
    if (!label_of(last, &l))
        return false;
    if (l.ascii && str_istarts(last, STR("xn--")) && last.n > 4 && last.n <= 63) {
        for (size_t i = 4; i < last.n; i++)
            if (!is_alnum(last.p[i]))
                return false;
        return true;
    }
    return !l.digits && l.characters >= 2 && l.characters <= 63;
}

static bool is_dot_atom(Str s)
{
    Str part;
    while (str_cut(&s, '.', &part)) {
        if (!part.n)
            return false;
        for (size_t i = 0; i < part.n; i++)
            if (!is_alnum(part.p[i]) && (!part.p[i] || !strchr("-!#$%&'*+/=?^_`{}|~", part.p[i])))
                return false;
    }
    return true;
}

static bool is_quoted(Str s)
{
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return false;
    for (size_t i = 1; i < s.n - 1; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 1 && c <= 8) || c == 0x0b || c == 0x0c || (c >= 0x0e && c <= 0x1f) || c == '!' ||
                     (c >= '#' && c <= '[') || (c >= ']' && c <= 0x7f);
        if (plain)
            continue;
        if (c != '\\' || ++i >= s.n - 1)
            return false;
        c = (unsigned char)s.p[i];
        if (c == 0 || c == '\n' || c == '\r' || c > 0x7f)
            return false;
    }
    return true;
}

static bool is_literal(Str s)
{
    uint8_t four[4], six[16];
    if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
        return false;
    Str inside = str_slice(s, 1, s.n - 1);
    return ip4_parse(inside, four) || (inside.n <= IP6_TEXT_MAX && ip6_parse(inside, six));
}

bool email_is_valid(Str s, const Str *domains, size_t n)
{
    size_t at = str_rfind_byte(s, '@');
    if (at == STR_NPOS || utf8_count(s) > EMAIL_LENGTH_MAX)
        return false;
    Str user = str_slice(s, 0, at), domain = str_from_byte(s, at + 1);
    if (!is_dot_atom(user) && !is_quoted(user))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_eq(domains[i], domain))
            return true;
    return domain_name_is_valid(domain) || is_literal(domain);
}
