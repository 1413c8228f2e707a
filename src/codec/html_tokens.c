/*
 * html_tokens.c: see html_tokens.h. A search that failed once fails from every later place too; this is remembered, so that
 * text full of beginnings costs one pass.
 */
#include "codec/html_tokens.h"

#include "codec/text.h"

static const size_t NONE = SIZE_MAX;

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The length of the white space character at i; 0 for anything else. */
static size_t space_at(Str s, size_t i)
{
    uint32_t c;
    if (i >= s.n)
        return 0;
    size_t step = text_char(s.p + i, s.n - i, &c);
    return c != TEXT_BAD && text_is_space(c) ? step : 0;
}

static size_t skip_space(Str s, size_t i)
{
    for (size_t step; (step = space_at(s, i)) != 0;)
        i += step;
    return i;
}

static size_t find_from(Str s, size_t from, char c)
{
    size_t at = str_find_byte(str_from_byte(s, from), c);
    return at == STR_NPOS ? NONE : from + at;
}

static size_t find_close(HtmlTokens *t, size_t from)
{
    size_t at = t->no_close ? NONE : find_from(t->s, from, '>');
    t->no_close |= at == NONE;
    return at;
}

/* --- start tags */

/* The end of a tag's name that begins at i. */
static size_t name_end(Str s, size_t i)
{
    while (i < s.n && !strchr("\t\n\r\f />", s.p[i]))
        i++;
    return i;
}

/* White space, and slashes that do not end the tag. */
static size_t skip_between(Str s, size_t i)
{
    for (size_t step; i < s.n; i += step) {
        step = s.p[i] == '/' && !(i + 1 < s.n && s.p[i + 1] == '>') ? 1 : space_at(s, i);
        if (!step)
            break;
    }
    return i;
}

/* `= value` at i; i itself when there is none. */
static size_t value_end(Str s, size_t i)
{
    size_t at = skip_space(s, i), first = at;
    while (at < s.n && s.p[at] == '=')
        at++;
    if (at == first)
        return i;
    size_t signs = at - first, from = skip_space(s, at);
    if (from < s.n && (s.p[from] == '"' || s.p[from] == '\'')) {
        size_t end = find_from(s, from + 1, s.p[from]);
        if (end != NONE)
            return end + 1;
        if (from > at) /* an empty value, then a name that begins with the quote */
            return at;
        if (signs < 2)
            return i;
        from = at - 1; /* the last sign begins the value */
    }
    while (from < s.n && s.p[from] != '>' && !space_at(s, from))
        from++;
    return from;
}

/* Behind the attributes at i; *value is where the last value ended. */
static size_t attributes_end(Str s, size_t i, size_t *value)
{
    *value = 0;
    for (size_t step; i < s.n; i += step)
        if (!(step = s.p[i] == '/' ? 1 : space_at(s, i)))
            break;
    for (;;) {
        char before = s.p[i - 1];
        if (i >= s.n || s.p[i] == '/' || s.p[i] == '>' || space_at(s, i) ||
            !(before == '"' || before == '\'' || before == '/' || before == ' ' || (before >= '\t' && before <= '\r') ||
              (before >= 0x1c && before <= 0x1f) || (before & 0x80)))
            break;
        if ((before & 0x80)) { /* only a character of white space may stand there */
            size_t back = i - 1;
            while (back > 0 && ((unsigned char)s.p[back] & 0xc0) == 0x80)
                back--;
            if (!space_at(s, back))
                break;
        }
        for (i++; i < s.n && s.p[i] != '/' && s.p[i] != '=' && s.p[i] != '>' && !space_at(s, i);)
            i++;
        size_t end = value_end(s, i);
        if (end != i)
            i = skip_space(s, *value = end);
        i = skip_between(s, i);
    }
    return skip_space(s, i);
}

/* Behind the start tag at i; NONE when it is not complete. */
static size_t start_tag_end(Str s, size_t i, bool *slash)
{
    size_t value, j = attributes_end(s, name_end(s, i + 1), &value);
    /* the slash of "<a href=x/>" belongs to the value */
    *slash = j < s.n && (s.p[j] == '/' || (s.p[j - 1] == '/' && value != j));
    if (j >= s.n)
        return NONE;
    if (s.p[j] == '>')
        return j + 1;
    if (s.p[j] == '/')
        return j + 1 < s.n && s.p[j + 1] == '>' ? j + 2 : NONE;
    return is_letter(s.p[j]) || s.p[j] == '=' ? NONE : j;
}

static bool iequals(Str a, const char *b) { return str_ieq(a, str_c(b)); }

static size_t take_start(HtmlTokens *t, size_t i, HtmlToken *out)
{
    Str s = t->s;
    bool slash;
    size_t end = start_tag_end(s, i, &slash);
    if (end == NONE)
        return NONE;
    out->name = str_slice(s, i + 1, name_end(s, i + 1));
    if (s.p[end - 1] != '>') { /* junk: the whole is text */
        out->kind = HTML_RAW_TEXT;
        return end;
    }
    out->kind = slash ? HTML_START_END : HTML_START;
    if (!slash && (iequals(out->name, "script") || iequals(out->name, "style")))
        t->raw = out->name;
    return end;
}

/* --- end tags, comments, declarations */

static size_t take_end(HtmlTokens *t, size_t i, HtmlToken *out)
{
    Str s = t->s;
    size_t close = find_close(t, i + 1);
    if (close == NONE)
        return NONE;
    size_t from = skip_space(s, i + 2), at = from;
    if (at < s.n && is_letter(s.p[at]))
        for (at++; at < s.n && (is_letter(s.p[at]) || is_digit(s.p[at]) || strchr("-.:_", s.p[at]));)
            at++;
    size_t behind = skip_space(s, at);
    bool plain = at > from && behind < s.n && s.p[behind] == '>';
    out->kind = HTML_END;
    out->name = str_slice(s, from, at);
    if (t->raw.n && (!plain || !str_ieq(out->name, t->raw))) {
        out->kind = HTML_RAW_TEXT;
        return close + 1;
    }
    if (plain) {
        t->raw = (Str){ 0 };
        return behind + 1;
    }
    if (i + 2 < s.n && is_letter(s.p[i + 2])) {
        size_t end = name_end(s, i + 2);
        out->name = str_slice(s, i + 2, end);
        return find_close(t, skip_between(s, end)) + 1;
    }
    out->kind = HTML_OTHER;
    return find_close(t, i + 2) + 1;
}

/* The end of `mark`, white space and '>' (and, when it has two parts, the second with white space between). */
static size_t closed_by(Str s, size_t from, const char *first, const char *second)
{
    Str mark = str_c(first);
    for (size_t at; (at = str_find(str_from_byte(s, from), mark)) != STR_NPOS; from += at + 1) {
        size_t end = skip_space(s, from + at + mark.n);
        if (second) {
            if (end >= s.n || s.p[end] != *second)
                continue;
            end = skip_space(s, end + 1);
        }
        if (end < s.n && s.p[end] == '>')
            return end + 1;
    }
    return NONE;
}

static size_t take_comment(HtmlTokens *t, size_t i)
{
    size_t end = t->no_comment_end ? NONE : closed_by(t->s, i + 4, "--", NULL);
    t->no_comment_end |= end == NONE;
    return end;
}

static size_t take_section(HtmlTokens *t, size_t i)
{
    Str s = t->s;
    size_t at = i + 3;
    while (at < s.n && (is_letter(s.p[at]) || (at > i + 3 && (is_digit(s.p[at]) || strchr("-_.", s.p[at])))))
        at++;
    Str name = str_slice(s, i + 3, at);
    bool known = iequals(name, "temp") || iequals(name, "cdata") || iequals(name, "ignore") ||
                 iequals(name, "include") || iequals(name, "rcdata");
    bool conditional = iequals(name, "if") || iequals(name, "else") || iequals(name, "endif");
    if (conditional)
        return closed_by(s, i + 3, "]", NULL);
    if (!known) {
        size_t close = find_close(t, i + 2);
        return close == NONE ? NONE : close + 1;
    }
    size_t end = t->no_section_end ? NONE : closed_by(s, i + 3, "]", "]");
    t->no_section_end |= end == NONE;
    return end;
}

static size_t take_markup(HtmlTokens *t, size_t i, HtmlToken *out)
{
    Str rest = str_from_byte(t->s, i);
    size_t close;
    out->kind = HTML_OTHER;
    if (rest.n > 1 && is_letter(rest.p[1]))
        return take_start(t, i, out);
    if (str_starts(rest, STR("</")))
        return take_end(t, i, out);
    if (str_starts(rest, STR("<!--")))
        return take_comment(t, i);
    if (str_starts(rest, STR("<![")))
        return take_section(t, i);
    if (str_starts(rest, STR("<!")) || str_starts(rest, STR("<?")))
        return (close = find_close(t, i + 2)) == NONE ? NONE : close + 1;
    return 0;
}

/* --- references */

/* The end of the name or number at i, which is an '&'; 0 when it is none, or may not be complete. */
static size_t reference_end(Str s, size_t i)
{
    size_t at = i + 1;
    if (at < s.n && is_letter(s.p[at])) {
        while (at < s.n && (is_letter(s.p[at]) || is_digit(s.p[at]) || s.p[at] == '-' || s.p[at] == '.'))
            at++;
        if (at < s.n)
            return at;
        while (--at > i + 1) /* at the end of the text, the last mark stands behind the name */
            if (s.p[at] == '-' || s.p[at] == '.')
                return at;
        return 0;
    }
    if (at >= s.n || s.p[at] != '#')
        return 0;
    at++;
    if (at < s.n && (s.p[at] == 'x' || s.p[at] == 'X')) {
        size_t from = ++at;
        while (at < s.n && hex_digit(s.p[at]) >= 0)
            at++;
        return at > from && at < s.n ? at : 0;
    }
    size_t from = at;
    while (at < s.n && is_digit(s.p[at]))
        at++;
    return at > from && at < s.n && hex_digit(s.p[at]) < 0 ? at : 0;
}

static void give(HtmlTokens *t, HtmlTokenKind kind, size_t end, HtmlToken *out)
{
    *out = (HtmlToken){ .kind = kind, .source = str_slice(t->s, t->at, end) };
    t->at = end;
}

/* Where the text from t->at ends; NONE when it may go on. */
static size_t text_end(const HtmlTokens *t)
{
    Str s = t->s;
    size_t i = t->at;
    if (t->raw.n) {
        for (; (i = find_from(s, i, '<')) != NONE; i++) {
            if (i + 1 >= s.n || s.p[i + 1] != '/')
                continue;
            size_t name = skip_space(s, i + 2), end = skip_space(s, name + t->raw.n);
            if (str_ieq(str_slice(s, name, name + t->raw.n), t->raw) && end < s.n && s.p[end] == '>')
                return i;
        }
        return NONE;
    }
    if (t->references) {
        while (i < s.n && s.p[i] != '<' && s.p[i] != '&')
            i++;
        return i;
    }
    size_t j = find_from(s, i, '<');
    if (j != NONE)
        return j;
    size_t amp = str_rfind_byte(str_from_byte(s, s.n > i + 34 ? s.n - 34 : i), '&');
    if (amp == STR_NPOS)
        return s.n;
    amp += s.n > i + 34 ? s.n - 34 : i;
    for (; amp < s.n; amp++)
        if (s.p[amp] == ';' || space_at(s, amp))
            return s.n;
    return NONE;
}

/* What cannot be read yet: from here on once more as the end, then as text. False at the end. */
static bool stop(HtmlTokens *t, HtmlToken *out)
{
    if (!t->whole)
        return false;
    if (!t->closing) {
        t->closing = true;
        return html_tokens_next(t, out);
    }
    if (t->raw.n || t->at >= t->s.n)
        return false;
    give(t, HTML_TEXT, t->s.n, out);
    return true;
}

static bool next_reference(HtmlTokens *t, HtmlToken *out)
{
    Str s = t->s;
    size_t i = t->at, end = reference_end(s, i);
    if (end) {
        give(t, HTML_REFERENCE, end, out);
        if (t->at < s.n && s.p[t->at] == ';')
            t->at++;
        return true;
    }
    bool number = i + 1 < s.n && s.p[i + 1] == '#';
    if (number && find_from(s, i, ';') != NONE) { /* and what follows is read as the end */
        give(t, HTML_TEXT, t->closing ? s.n : i + 2, out);
        t->closing = true;
        return true;
    }
    if (!number && i + 1 < s.n && !is_letter(s.p[i + 1])) {
        give(t, HTML_TEXT, i + 1, out);
        return true;
    }
    return stop(t, out);
}

bool html_tokens_next(HtmlTokens *t, HtmlToken *out)
{
    Str s = t->s;
    if (t->at >= s.n)
        return false;
    size_t j = text_end(t);
    if (j == NONE)
        return stop(t, out);
    if (j > t->at) {
        give(t, t->raw.n ? HTML_RAW_TEXT : HTML_TEXT, j, out);
        return true;
    }
    if (s.p[t->at] == '&')
        return next_reference(t, out);
    HtmlToken token = { .kind = HTML_OTHER };
    size_t i = t->at, end = take_markup(t, i, &token);
    if (end == 0) { /* a '<' that begins nothing */
        if (i + 1 >= s.n)
            return stop(t, out);
        give(t, HTML_TEXT, i + 1, out);
        return true;
    }
    if (end == NONE) {
        if (!t->closing)
            return stop(t, out);
        end = find_close(t, i + 1);
        if (end != NONE)
            end++;
        else if ((end = find_from(s, i + 1, '<')) == NONE)
            end = i + 1;
        give(t, HTML_TEXT, end, out);
        return true;
    }
    give(t, token.kind, end, out);
    out->name = token.name;
    return true;
}

bool html_is_void(Str name)
{
    static const char *const names[] = { "area",  "base", "br",   "col",   "embed",  "frame",  "hr",    "img",
                                         "input", "link", "meta", "param", "source", "spacer", "track", "wbr" };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (iequals(name, names[i]))
            return true;
    return false;
}
