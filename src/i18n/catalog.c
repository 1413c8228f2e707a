/*
 * catalog.c: .mo files, checked once and indexed by a hash of their own (the table in the file is optional, and its order
 * is not worth trusting); and the table of Clef's own messages behind the same functions.
 */
#include "i18n/catalog.h"

#include <clef/codec/gzip.h>

const char *catalog_outcome_text(CatalogOutcome outcome)
{
    static const char *const texts[] = {
        [CATALOG_OK] = "fine",
        [CATALOG_NOT_MO] = "not a .mo file of a known revision",
        [CATALOG_DAMAGED] = "damaged: a text lies outside of the file",
        [CATALOG_BAD_CHARSET] = "not in UTF-8",
        [CATALOG_BAD_PLURAL] = "its Plural-Forms cannot be read",
        [CATALOG_TOO_LARGE] = "too large",
    };
    return texts[outcome];
}

static uint64_t hash_part(uint64_t h, Str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h;
}

/* Of the msgid as it stands in the file: the context, a byte 4, the message. */
static uint32_t hash_key_of(Str context, Str msgid)
{
    uint64_t h = 0xcbf29ce484222325u;
    if (context.p)
        h = hash_part(hash_part(h, context), STR("\4"));
    h = hash_part(h, msgid);
    return (uint32_t)(h ^ h >> 32);
}

static int key_cmp(Str context, Str msgid, Str key)
{
    if (!context.p)
        return str_cmp(msgid, key);
    int c = str_cmp(context, str_slice(key, 0, context.n));
    if (c)
        return c;
    key = str_from_byte(key, context.n);
    if (key.n == 0)
        return 1;
    return key.p[0] != 4 ? 4 - (unsigned char)key.p[0] : str_cmp(msgid, str_from_byte(key, 1));
}

static bool form_at(Str forms, unsigned i, Str *out)
{
    for (;; i--) {
        size_t end = str_find_byte(forms, 0);
        if (i == 0) {
            *out = end == STR_NPOS ? forms : str_slice(forms, 0, end);
            return true;
        }
        if (end == STR_NPOS)
            return false;
        forms = str_from_byte(forms, end + 1);
    }
}

/* --- Clef's own */

static bool row_find(const Catalog *c, Str context, Str msgid, bool plural, int64_t n, Str *out)
{
    size_t lo = 0, hi = LOCALE_MESSAGES;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        unsigned i = locale_messages_sorted[middle];
        int order = key_cmp(context, msgid, locale_messages[i]);
        if (order == 0) {
            if (!c->texts || !c->row->at[i] || (plural && i < LOCALE_PLURALS))
                return false;
            unsigned form = i < LOCALE_PLURALS ? 0 : plural_form(c->plural, n);
            const char *p = c->texts + c->row->at[i];
            if (form && form >= c->row->nplurals)
                return false;
            while (form--)
                p += strlen(p) + 1;
            *out = str_c(p);
            return true;
        }
        if (order < 0)
            hi = middle;
        else
            lo = middle + 1;
    }
    return false;
}

const Catalog *catalog_of_row(Arena *a, const LocaleRow *row)
{
    Catalog *c = NEW(a, Catalog);
    c->row = row;
    Buf texts = BUF_INIT(a, row->texts->n);
    Str packed = str_from((const char *)row->texts->packed, row->texts->packed_n);
    if (gzip_decompress(&texts, packed, GZIP_RAW, row->texts->n) == GZIP_OK)
        c->texts = texts.p;
    if (row->plural)
        (void)!plural_read(a, str_c(row->plural), &c->plural);
    return c;
}

/* --- finding */

static const CatalogEntry *find(const Catalog *c, Str context, Str msgid)
{
    if (!c->nentries)
        return NULL;
    for (uint32_t i = hash_key_of(context, msgid);; i++) {
        uint32_t slot = c->slots[i & c->mask];
        if (!slot)
            return NULL;
        if (key_cmp(context, msgid, c->entries[slot - 1].key) == 0)
            return &c->entries[slot - 1];
    }
}

bool catalog_find(const Catalog *c, Str context, Str msgid, Str *out)
{
    if (c->row)
        return row_find(c, context, msgid, false, 1, out);
    const CatalogEntry *e = find(c, context, msgid);
    if (!e)
        return false;
    return form_at(e->forms, e->plural ? plural_form(c->plural, 1) : 0, out);
}

bool catalog_find_plural(const Catalog *c, Str context, Str msgid, int64_t n, Str *out)
{
    if (c->row)
        return row_find(c, context, msgid, true, n, out);
    const CatalogEntry *e = find(c, context, msgid);
    return e && e->plural && form_at(e->forms, plural_form(c->plural, n), out);
}

size_t catalog_count(const Catalog *c) { return c->row ? LOCALE_MESSAGES : c->nentries; }

Str catalog_header(const Catalog *c, Str name)
{
    Str rest = c->header, line;
    while (str_cut(&rest, '\n', &line)) {
        size_t colon = str_find_byte(line, ':');
        if (colon != STR_NPOS && str_ieq(str_trim(str_slice(line, 0, colon)), name))
            return str_trim(str_from_byte(line, colon + 1));
    }
    return STR("");
}

/* --- reading */

typedef struct Mo {
    Str file;
    bool swapped;
} Mo;

static uint32_t word_at(const Mo *m, size_t at)
{
    uint32_t v;
    memcpy(&v, m->file.p + at, 4);
    return m->swapped ? __builtin_bswap32(v) : v;
}

/* The text that the descriptor at `at` names; false when it is outside of the file or does not end with NUL. */
static bool text_at(const Mo *m, size_t at, Str *out)
{
    uint64_t length = word_at(m, at), offset = word_at(m, at + 4);
    if (offset >= m->file.n || length >= m->file.n - offset || m->file.p[offset + length] != 0)
        return false;
    *out = (Str){ m->file.p + offset, (size_t)length };
    return true;
}

static CatalogOutcome read_header(Arena *a, Catalog *c)
{
    Str type = catalog_header(c, STR("Content-Type")), forms = catalog_header(c, STR("Plural-Forms"));
    size_t at = str_find(type, STR("charset="));
    if (at != STR_NPOS) {
        Str charset = str_trim(str_from_byte(type, at + 8));
        static const Str known[] = { STR("utf-8"), STR("utf8"), STR("us-ascii"), STR("ascii"), STR("charset") };
        bool ok = false;
        for (size_t i = 0; i < CLEF_COUNT(known); i++)
            ok |= str_ieq(charset, known[i]);
        if (!ok)
            return CATALOG_BAD_CHARSET;
    }
    at = str_find(forms, STR("plural="));
    if (at == STR_NPOS)
        return CATALOG_OK;
    Str expression = str_from_byte(forms, at + 7);
    size_t end = str_find_byte(expression, ';');
    if (plural_read(a, str_trim(str_slice(expression, 0, end)), &c->plural) != PLURAL_OK)
        return CATALOG_BAD_PLURAL;
    return CATALOG_OK;
}

CatalogOutcome catalog_read(Arena *a, Str file, const Catalog **out)
{
    Mo m = { .file = file };
    if (file.n > CATALOG_FILE_MAX)
        return CATALOG_TOO_LARGE;
    if (file.n < 28)
        return CATALOG_NOT_MO;
    uint32_t magic = word_at(&m, 0);
    m.swapped = magic == 0xde120495u;
    if ((!m.swapped && magic != 0x950412deu) || word_at(&m, 4) >> 16 > 1)
        return CATALOG_NOT_MO;
    uint32_t n = word_at(&m, 8);
    uint64_t ids = word_at(&m, 12), texts = word_at(&m, 16);
    if (n > CATALOG_MESSAGES_MAX)
        return CATALOG_TOO_LARGE;
    if (ids + 8 * (uint64_t)n > file.n || texts + 8 * (uint64_t)n > file.n)
        return CATALOG_DAMAGED;
    Catalog *c = NEW(a, Catalog);
    CatalogEntry *entries = NEW_ARRAY(a, CatalogEntry, n + 1);
    uint32_t size = 8;
    while (size < 2 * n)
        size *= 2;
    uint32_t *slots = NEW_ARRAY(a, uint32_t, size);
    c->entries = entries;
    c->slots = slots;
    c->mask = size - 1;
    for (uint32_t i = 0; i < n; i++) {
        CatalogEntry e;
        if (!text_at(&m, (size_t)ids + 8 * i, &e.key) || !text_at(&m, (size_t)texts + 8 * i, &e.forms))
            return CATALOG_DAMAGED;
        if (e.key.n == 0) {
            if (!c->header.p)
                c->header = e.forms;
            continue;
        }
        size_t end = str_find_byte(e.key, 0);
        e.plural = end != STR_NPOS;
        if (e.plural)
            e.key.n = end;
        if (e.key.n == 0 || find(c, (Str){ 0 }, e.key))
            continue;
        entries[c->nentries++] = e;
        uint32_t slot = hash_key_of((Str){ 0 }, e.key);
        while (slots[slot & c->mask])
            slot++;
        slots[slot & c->mask] = c->nentries;
    }
    CatalogOutcome outcome = read_header(a, c);
    if (outcome == CATALOG_OK)
        *out = c;
    return outcome;
}
