/*
 * literals.c: whole paths, by hash. An endpoint whose way from the root has no parameter, no regular expression and no
 * language prefix answers exactly one path. Where the tree names it before anything else on every level of that way,
 * nothing that stands in the table can answer first, so that the path is found by one comparison.
 */
#include "urls/urlconf.h"

static inline uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

static inline uint64_t load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The table is the program's own, and its longest chain is known at start: no key is needed. */
static uint64_t hash(Str s)
{
    uint64_t h = s.n, word = 0;
    if (s.n < 8) {
        for (size_t i = 0; i < s.n; i++)
            word = word << 8 | (uint8_t)s.p[i];
        return mix(h, word);
    }
    for (size_t i = 8; i < s.n; i += 8)
        h = mix(h, load(s.p + i - 8));
    return mix(h, load(s.p + s.n - 8)); /* overlaps what was mixed in already */
}

static __attribute__((noinline)) const Entry *find_any(const UrlConf *conf, Str path)
{
    const LiteralPath *slots = conf->literals;
    for (uint32_t i = (uint32_t)hash(path) & conf->literal_mask; slots[i].path.p; i = (i + 1) & conf->literal_mask)
        if (str_eq(slots[i].path, path))
            return slots[i].entry;
    return NULL;
}

const Entry *literals_find(const UrlConf *conf, Str path)
{
    /* Paths of 9 to 16 bytes are two words that overlap: no loop, no call. */
    if (CLEF_UNLIKELY(path.n - 9 > 7))
        return find_any(conf, path);
    uint64_t first = load(path.p), last = load(path.p + path.n - 8);
    const LiteralPath *slots = conf->literals, *at;
    for (uint32_t i = (uint32_t)mix(mix(path.n, first), last);; i++) {
        at = &slots[i & conf->literal_mask];
        if (CLEF_UNLIKELY(!at->path.p))
            return NULL;
        if (CLEF_LIKELY(at->path.n == path.n && load(at->path.p) == first && load(at->path.p + path.n - 8) == last))
            return at->entry;
    }
}

static void insert(UrlConf *conf, Str path, const Entry *e)
{
    uint32_t i = (uint32_t)hash(path) & conf->literal_mask;
    for (; conf->literals[i].path.p; i = (i + 1) & conf->literal_mask)
        if (str_eq(conf->literals[i].path, path))
            return;
    conf->literals[i] = (LiteralPath){ path, e };
}

/* Nothing of the level stands before entry `index` for this path. */
static bool comes_first(const Level *level, uint32_t index, Str path)
{
    Candidates found = { .n = 0 };
    return trie_find(level->trie, path, &found) && found.n && found.at[0] == index;
}

static bool is_certain(const UrlConf *conf, const Entry *leaf, Str path)
{
    const Entry *way[URL_MAX_DEPTH + 1];
    uint32_t n = 0;
    for (const Entry *at = leaf; at; at = at->parent)
        way[n++] = at;
    path = str_from_byte(path, 1);
    while (n-- > 0) {
        const Level *level = way[n]->parent ? way[n]->parent->inside : &conf->root;
        if (!comes_first(level, way[n]->index, path))
            return false;
        path = str_from_byte(path, way[n]->literal.n);
    }
    return true;
}

/* Depth is limited by URL_MAX_DEPTH, at compile time. */
static uint32_t count_or_add(UrlConf *conf, const Level *level, Str before, bool add)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < level->n; i++) {
        const Entry *e = &level->entries[i];
        if (e->how != HOW_LITERAL || e->url->kind == URL_HANDLER)
            continue;
        Str path = add ? str_concat(conf->arena, before, e->literal) : before;
        if (!e->endpoint)
            n += count_or_add(conf, e->inside, path, add);
        else if (n++, add && is_certain(conf, e, path))
            insert(conf, path, e);
    }
    return n;
}

void literals_build(UrlConf *conf)
{
    uint32_t n = count_or_add(conf, &conf->root, STR("/"), false), slots = 8;
    while (slots < 2 * n)
        slots *= 2;
    conf->literals = NEW_ARRAY(conf->arena, LiteralPath, slots);
    conf->literal_mask = slots - 1;
    (void)count_or_add(conf, &conf->root, STR("/"), true);
}
