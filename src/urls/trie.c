/*
 * trie.c: the prefix tree in front of a level. It answers which entries may match a path; it never leaves out one that
 * does, and is allowed to name one that does not, because each is matched for itself afterwards. Text is walked byte
 * runs at a time; a parameter whose end is plain to see (HOW_PARAMS) is an edge too, so that a thousand routes behind
 * `<int:id>/` cost no more than a thousand behind `id/`. Routes end in the tree where certainty ends: at a regular
 * expression, an INCLUDE, an ambiguous parameter.
 */
#include "urls/urlconf.h"

typedef struct ParamEdge {
    ConverterKind kind;
    TrieNode *node;
} ParamEdge;

struct TrieNode {
    Str text;             /* to walk before this node counts as reached */
    VEC(TrieNode *) next; /* by different first bytes, sorted by them */
    VEC(ParamEdge) params;
    VEC(uint32_t) exact; /* entries that match when the path ends here */
    VEC(uint32_t) open;  /* entries to try whatever follows */
};

static TrieNode *child_of(TrieNode *node, unsigned char first, size_t *where)
{
    size_t lo = 0, hi = node->next.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        unsigned char c = (unsigned char)node->next.p[mid]->text.p[0];
        if (c == first) {
            *where = mid;
            return node->next.p[mid];
        }
        if (c < first)
            lo = mid + 1;
        else
            hi = mid;
    }
    *where = lo;
    return NULL;
}

/* Splits `node` (the where-th child of `of`) so that its text ends after `keep` bytes. */
static TrieNode *split(Arena *a, TrieNode *of, size_t where, size_t keep)
{
    TrieNode *lower = of->next.p[where], *upper = NEW(a, TrieNode);
    upper->text = str_slice(lower->text, 0, keep);
    lower->text = str_from_byte(lower->text, keep);
    VEC_PUSH(a, &upper->next, lower);
    of->next.p[where] = upper;
    return upper;
}

static TrieNode *add_text(Arena *a, TrieNode *node, Str text)
{
    while (text.n) {
        size_t where, same = 1;
        TrieNode *child = child_of(node, (unsigned char)text.p[0], &where);
        if (!child) {
            child = NEW(a, TrieNode);
            child->text = text;
            VEC_PUSH(a, &node->next, NULL);
            memmove(node->next.p + where + 1, node->next.p + where, (node->next.n - 1 - where) * sizeof *node->next.p);
            node->next.p[where] = child;
            return child;
        }
        while (same < text.n && same < child->text.n && text.p[same] == child->text.p[same])
            same++;
        node = same < child->text.n ? split(a, node, where, same) : child;
        text = str_from_byte(text, same);
    }
    return node;
}

static TrieNode *add_param(Arena *a, TrieNode *node, ConverterKind kind)
{
    for (size_t i = 0; i < node->params.n; i++)
        if (node->params.p[i].kind == kind)
            return node->params.p[i].node;
    TrieNode *to = NEW(a, TrieNode);
    VEC_PUSH(a, &node->params, (ParamEdge){ .kind = kind, .node = to });
    return to;
}

TrieNode *trie_build(Arena *a, const Entry *entries, uint32_t n)
{
    TrieNode *root = NEW(a, TrieNode);
    for (uint32_t i = 0; i < n; i++) {
        const Entry *e = &entries[i];
        if (e->url->kind == URL_HANDLER)
            continue;
        TrieNode *node = add_text(a, root, e->literal);
        bool certain = e->how == HOW_LITERAL || e->how == HOW_PARAMS;
        for (uint32_t k = 0; certain && k < e->nparams; k++) {
            node = add_param(a, node, e->params[k].converter->kind);
            node = add_text(a, node, e->params[k].after);
        }
        if (certain && e->endpoint)
            VEC_PUSH(a, &node->exact, i);
        else
            VEC_PUSH(a, &node->open, i);
    }
    return root;
}

static bool add(Candidates *out, const uint32_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (out->n == CANDIDATES_MAX)
            return false;
        uint32_t at = out->n++;
        for (; at > 0 && out->at[at - 1] > p[i]; at--)
            out->at[at] = out->at[at - 1];
        out->at[at] = p[i];
    }
    return true;
}

/* Recursion is as deep as a route has parameters: URL_MAX_CAPTURES at most. */
bool trie_find(const TrieNode *node, Str path, Candidates *out)
{
    for (;;) {
        if (!add(out, node->open.p, node->open.n) || (path.n == 0 && !add(out, node->exact.p, node->exact.n)))
            return false;
        for (size_t i = 0; i < node->params.n; i++) {
            size_t n = converter_take(node->params.p[i].kind, path);
            if (n && !trie_find(node->params.p[i].node, str_from_byte(path, n), out))
                return false;
        }
        if (path.n == 0 || node->next.n == 0)
            return true;
        size_t where;
        const TrieNode *child = child_of((TrieNode *)node, (unsigned char)path.p[0], &where);
        if (!child || !str_starts(path, child->text))
            return true;
        path = str_from_byte(path, child->text.n);
        node = child;
    }
}
