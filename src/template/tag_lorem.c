/* tag_lorem.c: {% lorem %}: text to fill a layout: the usual passage first, then sentences of its words by chance. */
#include "template/tags.h"
#include <clef/base/rand.h>

#define PASSAGE                                                                                                       \
    "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et dolore " \
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea "         \
    "commodo consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat "      \
    "nulla pariatur. Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim " \
    "id est laborum."

static const char *const first_words[] = { "lorem",       "ipsum",       "dolor",      "sit",   "amet",
                                           "consectetur", "adipisicing", "elit",       "sed",   "do",
                                           "eiusmod",     "tempor",      "incididunt", "ut",    "labore",
                                           "et",          "dolore",      "magna",      "aliqua" };
static const char *const words[] = {
    "ab",        "ad",         "alias",     "animi",     "aperiam", "architecto", "aut",      "beatae",  "blanditiis",
    "commodi",   "corporis",   "culpa",     "cumque",    "debitis", "delectus",   "dicta",    "dolorem", "ducimus",
    "ea",        "eaque",      "earum",     "eligendi",  "enim",    "error",      "est",      "eum",     "eveniet",
    "ex",        "explicabo",  "facere",    "facilis",   "fuga",    "fugiat",     "harum",    "hic",     "id",
    "illo",      "impedit",    "in",        "inventore", "ipsa",    "iste",       "itaque",   "iure",    "iusto",
    "laborum",   "laudantium", "libero",    "magnam",    "maiores", "maxime",     "minima",   "minus",   "modi",
    "molestiae", "mollitia",   "nam",       "natus",     "nemo",    "neque",      "nihil",    "nisi",    "nobis",
    "nostrum",   "nulla",      "numquam",   "occaecati", "odio",    "officia",    "omnis",    "optio",   "pariatur",
    "placeat",   "porro",      "possimus",  "provident", "quae",    "quam",       "quasi",    "quia",    "quidem",
    "quis",      "quod",       "ratione",   "rem",       "rerum",   "saepe",      "sapiente", "sequi",   "similique",
    "sint",      "sunt",       "suscipit",  "tempora",   "tenetur", "totam",      "ullam",    "unde",    "vel",
    "velit",     "veniam",     "veritatis", "vero",      "vitae",   "voluptas",
};

typedef struct LoremNode {
    TemplateNode node;
    const TemplateExpr *count;
    char method; /* w, p, b */
    bool by_chance;
} LoremNode;

static uint64_t between(uint64_t low, uint64_t high)
{
    uint64_t n;
    return rand_below(high - low + 1, &n) ? low + n : low;
}

static const char *any_word(void) { return words[between(0, CLEF_COUNT(words) - 1)]; }

static void add_sentence(Buf *b)
{
    size_t start = b->n;
    for (uint64_t sections = between(1, 5), i = 0; i < sections; i++)
        for (uint64_t n = between(3, 12), k = 0; k < n; k++) {
            buf_c(b, k ? " " : i ? ", " : "");
            buf_c(b, any_word());
        }
    if (b->n > start)
        b->p[start] = (char)(b->p[start] - 32);
    buf_byte(b, between(0, 1) ? '.' : '?');
}

static void check_room(TemplateRender *r)
{
    r->steps++;
    if (r->out->failed || r->steps > r->engine->options.limits.loop_steps)
        template_raise(r, "OutputError", "lorem: the text is larger than the engine's limits allow");
}

static void render_lorem(TemplateRender *r, const TemplateNode *node)
{
    const LoremNode *n = (const LoremNode *)node;
    int64_t count;
    if (!python_int(r, template_eval(r, n->count, false), &count))
        count = 1;
    if (n->method == 'w') {
        int64_t common = n->by_chance ? 0 : (int64_t)CLEF_COUNT(first_words);
        if (count < 0) /* Python's list[:count] */
            count = common + count;
        for (int64_t i = 0; i < count; i++) {
            check_room(r);
            buf_c(r->out, i ? " " : "");
            buf_c(r->out, i < common ? first_words[i] : any_word());
        }
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        check_room(r);
        buf_c(r->out, i ? "\n\n" : "");
        buf_c(r->out, n->method == 'p' ? "<p>" : "");
        if (i == 0 && !n->by_chance)
            buf_c(r->out, PASSAGE);
        else
            for (uint64_t sentences = between(1, 4), k = 0; k < sentences; k++) {
                buf_c(r->out, k ? " " : "");
                add_sentence(r->out);
            }
        buf_c(r->out, n->method == 'p' ? "</p>" : "");
    }
}

TemplateNode *compile_lorem(TemplateParser *p, const TemplateToken *token)
{
    TemplateWords w = template_split(p, token);
    LoremNode *n = TEMPLATE_NODE(p, LoremNode, render_lorem);
    Str name = w.p[0], last = w.p[w.n - 1], count = STR("1");
    n->by_chance = str_eq(last, STR("random"));
    if (n->by_chance)
        w.n--;
    n->method = 'b';
    if (w.n && w.p[w.n - 1].n == 1 && strchr("wpb", w.p[w.n - 1].p[0]))
        n->method = w.p[--w.n].p[0];
    if (w.n > 1)
        count = w.p[--w.n];
    n->count = template_compile_expr(p, count);
    if (w.n != 1)
        template_syntax_error(p, "Incorrect format for '%.*s' tag", STR_FMT(name));
    return &n->node;
}
