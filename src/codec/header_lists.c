/* header_lists.c: the comma-separated headers of <clef/codec/header.h>: caching, links, forwarding. */
#include <clef/base/vec.h>
#include <clef/codec/header.h>

#include "codec/text.h"

/* The next element between commas, with the white space around the commas gone (not that at both ends of the whole). */
static bool cut_element(Str *rest, Str *element, bool *first)
{
    if (!str_cut(rest, ',', element))
        return false;
    Str both = text_strip(*element);
    const char *from = *first ? element->p : both.p, *to = rest->p ? both.p + both.n : element->p + element->n;
    if (both.n == 0)
        *element = str_from(both.p, 0);
    else
        *element = str_from(from, (size_t)(to - from));
    *first = false;
    return true;
}

Str vary_patch(Arena *a, Str existing, const Str *names, size_t n)
{
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    Str rest = existing, element;
    bool first = true, none = true;
    while (existing.n && cut_element(&rest, &element, &first)) {
        if (str_eq(element, STR("*")))
            return STR("*");
        if (!none)
            BUF_LIT(&b, ", ");
        none = false;
        buf_str(&b, element);
    }
    for (size_t i = 0; i < n; i++) {
        bool there = false;
        rest = existing;
        first = true;
        while (!there && cut_element(&rest, &element, &first))
            there = str_ieq(element, names[i]);
        if (there)
            continue;
        if (str_eq(names[i], STR("*")))
            return STR("*");
        if (!none)
            BUF_LIT(&b, ", ");
        none = false;
        buf_str(&b, names[i]);
    }
    return buf_view(&b);
}

bool vary_has(Str header, Str name)
{
    Str element;
    name = text_strip(name);
    while (str_cut(&header, ',', &element))
        if (str_ieq(text_strip(element), name))
            return true;
    return false;
}

typedef VEC(CacheDirective) Directives;

/* Sets a directive in its place; no-cache keeps all the field names it is given, once each. */
static void set_directive(Arena *a, Directives *all, Str name, Str value)
{
    bool collects = str_eq(name, STR("no-cache"));
    for (size_t i = 0; i < all->n; i++) {
        CacheDirective *d = &all->p[i];
        if (!str_eq(d->name, name))
            continue;
        if (!collects) {
            d->value = value;
            return;
        }
        if (str_is_null(d->value) ? str_is_null(value) : str_eq(d->value, value) && !str_is_null(value))
            return;
    }
    VEC_PUSH(a, all, (CacheDirective){ name, value });
}

static void drop_directive(Directives *all, Str name)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!str_eq(all->p[i].name, name))
            all->p[kept++] = all->p[i];
    all->n = kept;
}

static const CacheDirective *find_directive(const Directives *all, Str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->p[i].name, name))
            return &all->p[i];
    return NULL;
}

static bool given(const CacheDirective *set, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(set[i].name, name))
            return true;
    return false;
}

/* The smaller of what stands there and what is wanted; what is no number does not count. */
static Str smaller_age(const Directives *all, Str wanted)
{
    const CacheDirective *now = find_directive(all, STR("max-age"));
    int64_t x, y;
    if (now && str_to_i64(text_strip(now->value), &x) && str_to_i64(wanted, &y) && x < y)
        return now->value;
    return wanted;
}

/* Writes all that have this name; a no-cache that stands alone swallows its field names. */
static void write_directives(Buf *b, const Directives *all)
{
    bool alone = false;
    for (size_t i = 0; i < all->n; i++)
        alone |= str_eq(all->p[i].name, STR("no-cache")) && str_is_null(all->p[i].value);
    bool written = false;
    for (size_t i = 0; i < all->n; i++) {
        const CacheDirective *d = &all->p[i];
        Str value = d->value;
        if (alone && str_eq(d->name, STR("no-cache"))) {
            if (written)
                continue;
            written = true;
            value = (Str){ 0 };
        }
        if (b->n)
            BUF_LIT(b, ", ");
        buf_str(b, d->name);
        if (!str_is_null(value)) {
            buf_byte(b, '=');
            buf_str(b, value);
        }
    }
}

Str cache_control_patch(Arena *a, Str existing, const CacheDirective *set, size_t n)
{
    Directives all = { 0 };
    Str element;
    bool first = true;
    if (existing.n == 0)
        existing = (Str){ 0 };
    while (cut_element(&existing, &element, &first)) {
        if (element.n == 0)
            continue;
        size_t equals = str_find_byte(element, '=');
        set_directive(a, &all, str_lower(a, str_slice(element, 0, equals)),
                      equals == STR_NPOS ? (Str){ 0 } : str_from_byte(element, equals + 1));
    }
    if (find_directive(&all, STR("private")) && given(set, n, STR("public")))
        drop_directive(&all, STR("private"));
    else if (find_directive(&all, STR("public")) && given(set, n, STR("private")))
        drop_directive(&all, STR("public"));
    for (size_t i = 0; i < n; i++) {
        Str name = str_lower(a, set[i].name), value = set[i].value;
        if (str_eq(name, STR("max-age")))
            value = smaller_age(&all, value);
        set_directive(a, &all, name, value);
    }
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    write_directives(&b, &all);
    return buf_view(&b);
}

Str cache_control_get(Str header, Str name)
{
    Str element, found = { 0 };
    while (str_cut(&header, ',', &element)) {
        size_t equals = str_find_byte(element, '=');
        if (str_ieq(text_strip(str_slice(element, 0, equals)), name))
            found = equals == STR_NPOS ? STR("") : text_strip(str_from_byte(element, equals + 1));
    }
    return found;
}

bool cache_control_max_age(Str header, int64_t *seconds)
{
    return str_to_i64(cache_control_get(header, STR("max-age")), seconds);
}

/* A token or a quoted string at the head of *s, unquoted. */
static Str take_value(Arena *a, Str *s)
{
    size_t i = 0;
    if (s->n == 0 || s->p[0] != '"') {
        while (i < s->n && s->p[i] != ';' && s->p[i] != ',')
            i++;
        Str token = text_strip(str_slice(*s, 0, i));
        *s = str_from_byte(*s, i);
        return token;
    }
    bool escaped = false;
    for (i = 1; i < s->n && s->p[i] != '"'; i++)
        if (s->p[i] == '\\') {
            escaped = true;
            i++;
        }
    Str inner = str_slice(*s, 1, i);
    *s = str_from_byte(*s, i + 1);
    if (!escaped)
        return inner;
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (i = 0; i < inner.n; i++) {
        if (inner.p[i] == '\\' && i + 1 < inner.n)
            i++;
        buf_byte(&b, inner.p[i]);
    }
    return buf_view(&b);
}

static void skip_spaces(Str *s)
{
    while (s->n && (s->p[0] == ' ' || s->p[0] == '\t'))
        *s = str_from_byte(*s, 1);
}

/* The next ;name=value; false at a comma or the end. *name is "" where nothing stands between. */
static bool take_pair(Arena *a, Str *s, Str *name, Str *value)
{
    skip_spaces(s);
    if (s->n && s->p[0] == ';') {
        *s = str_from_byte(*s, 1);
        skip_spaces(s);
    }
    if (s->n == 0 || s->p[0] == ',')
        return false;
    size_t i = 0;
    while (i < s->n && s->p[i] != '=' && s->p[i] != ';' && s->p[i] != ',')
        i++;
    *name = text_strip(str_slice(*s, 0, i));
    *s = str_from_byte(*s, i);
    *value = STR("");
    if (s->n && s->p[0] == '=') {
        *s = str_from_byte(*s, 1);
        skip_spaces(s);
        *value = take_value(a, s);
        /* What follows a quoted string up to the next mark is noise. */
        while (s->n && s->p[0] != ';' && s->p[0] != ',')
            *s = str_from_byte(*s, 1);
    }
    return true;
}

/* Keeps the first value that is given. */
static void keep(Str *slot, Str value)
{
    if (str_is_null(*slot))
        *slot = value;
}

static void skip_separators(Str *s)
{
    while (s->n && (s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == ','))
        *s = str_from_byte(*s, 1);
}

bool link_next(Arena *a, Str *header, Link *out)
{
    skip_separators(header);
    size_t end = str_find_byte(*header, '>');
    if (header->n == 0 || header->p[0] != '<' || end == STR_NPOS)
        return false;
    *out = (Link){ .target = str_slice(*header, 1, end) };
    *header = str_from_byte(*header, end + 1);
    Str name, value;
    while (take_pair(a, header, &name, &value)) {
        if (str_ieq(name, STR("rel")))
            keep(&out->rel, value);
        else if (str_ieq(name, STR("type")))
            keep(&out->type, value);
        else if (str_ieq(name, STR("title")))
            keep(&out->title, value);
    }
    return true;
}

static bool visible(Str s, const char *refused)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~' || strchr(refused, s.p[i]))
            return false;
    return true;
}

bool link_add(Buf *out, const Link *link)
{
    if (!visible(link->target, "<> ") || !visible(link->rel, "\"\\") || !visible(link->type, "\"\\") ||
        !visible(link->title, "\"\\"))
        return false;
    if (out->n)
        BUF_LIT(out, ", ");
    buf_byte(out, '<');
    buf_str(out, link->target);
    buf_byte(out, '>');
    const struct {
        const char *open;
        Str value;
    } pairs[] = { { "; rel=\"", link->rel }, { "; type=\"", link->type }, { "; title=\"", link->title } };
    for (size_t i = 0; i < CLEF_COUNT(pairs); i++)
        if (!str_is_null(pairs[i].value)) {
            buf_c(out, pairs[i].open);
            buf_str(out, pairs[i].value);
            buf_byte(out, '"');
        }
    return !out->failed;
}

bool forwarded_next(Arena *a, Str *header, Forwarded *out)
{
    skip_separators(header);
    if (header->n == 0)
        return false;
    *out = (Forwarded){ 0 };
    Str name, value;
    while (take_pair(a, header, &name, &value)) {
        if (str_ieq(name, STR("for")))
            keep(&out->for_, value);
        else if (str_ieq(name, STR("by")))
            keep(&out->by, value);
        else if (str_ieq(name, STR("host")))
            keep(&out->host, value);
        else if (str_ieq(name, STR("proto")))
            keep(&out->proto, value);
    }
    return true;
}

Str forwarded_for(Str header, unsigned proxies)
{
    Str entry = { 0 };
    for (unsigned i = 0; i < proxies; i++) {
        if (str_is_null(header))
            return (Str){ 0 };
        size_t comma = str_rfind_byte(header, ',');
        entry = text_strip(comma == STR_NPOS ? header : str_from_byte(header, comma + 1));
        header = comma == STR_NPOS ? (Str){ 0 } : str_slice(header, 0, comma);
    }
    return entry.n ? entry : (Str){ 0 };
}
