/*
 * normalize.c: a scan that builds a list of items (texts, captures, groups), then the flattening of that list into forms.
 * It follows Django's reading of an expression, not PCRE's, because reverse() must answer what Django answers.
 */
#include "urls/normalize.h"

#include <clef/base/buf.h>

typedef struct Item Item;
typedef VEC(Item) Items;
typedef enum ItemKind { ITEM_TEXT, ITEM_CAPTURE, ITEM_BACK_REFERENCE, ITEM_GROUP } ItemKind;
struct Item {
    ItemKind kind;
    bool optional; /* none, or once */
    Str text;      /* the characters, or the name */
    Item *items;   /* GROUP */
    size_t nitems;
};

typedef struct Scanner {
    Arena *arena;
    Str in;
    size_t at;
    Items items;
    VEC(size_t) open; /* where the non-capturing groups that are open began */
    unsigned nunnamed;
    size_t total;
    size_t steps, written; /* of putting forms together: items, and bytes of text with all copies */
    Str *error;
} Scanner;

/* One character, or what stands for an escape. `p` NULL: the end. */
typedef struct Character {
    Str text;
    bool escaped;
} Character;

static size_t character_length(Str in, size_t at)
{
    size_t n = 1;
    while (at + n < in.n && ((unsigned char)in.p[at + n] & 0xc0) == 0x80)
        n++;
    return n;
}

static Character next(Scanner *s)
{
    while (s->at < s->in.n) {
        size_t n = character_length(s->in, s->at);
        Str text = { s->in.p + s->at, n };
        s->at += n;
        if (text.p[0] != '\\')
            return (Character){ text, false };
        if (s->at >= s->in.n)
            break;
        n = character_length(s->in, s->at);
        text = (Str){ s->in.p + s->at, n };
        s->at += n;
        switch (text.p[0]) {
        case 'A':
        case 'b':
        case 'B':
        case 'Z':
            continue;
        case 'd':
            return (Character){ STR("0"), true };
        case 's':
            return (Character){ STR(" "), true };
        case 'D':
        case 'S':
        case 'w':
            return (Character){ STR("x"), true };
        case 'W':
            return (Character){ STR("!"), true };
        default:
            return (Character){ text, true };
        }
    }
    return (Character){ 0 };
}

static bool ended(Character c) { return c.text.p == NULL; }
static bool is(Character c, char byte) { return !c.escaped && c.text.n == 1 && c.text.p[0] == byte; }
/* Django compares some characters without asking whether they were escaped. */
static bool looks(Character c, const char *set)
{
    return c.text.n == 1 && c.text.p[0] && strchr(set, c.text.p[0]) != NULL;
}

static bool fail(Scanner *s, Str sentence)
{
    *s->error = sentence;
    return false;
}

static bool push(Scanner *s, Item item)
{
    if (++s->total > NORMALIZE_MAX_PIECES)
        return fail(s, STR("the expression has too many parts to be reversed"));
    VEC_PUSH(s->arena, &s->items, item);
    return true;
}

/* Past the end of a capturing group whose first character was c. */
static void skip_group(Scanner *s, Character c)
{
    size_t nesting = looks(c, "(");
    for (c = next(s); !ended(c); c = next(s)) {
        if (is(c, '('))
            nesting++;
        else if (is(c, ')') && nesting-- == 0)
            return;
    }
}

static bool named(Scanner *s, bool *more)
{
    Character c = next(s);
    if (ended(c)) {
        *more = false;
        return true;
    }
    if (!looks(c, "=<"))
        return fail(s, str_format(s->arena, "Non-reversible reg-exp portion: '(?P%.*s'", STR_FMT(c.text)));
    bool reference = looks(c, "=");
    Buf name = BUF_INIT(s->arena, s->in.n);
    for (c = next(s); !looks(c, reference ? ")" : ">"); c = next(s)) {
        if (ended(c)) {
            *more = false;
            return true;
        }
        buf_str(&name, c.text);
    }
    if (!push(s, (Item){ .kind = reference ? ITEM_BACK_REFERENCE : ITEM_CAPTURE, .text = buf_view(&name) }))
        return false;
    if (!reference)
        skip_group(s, c);
    return true;
}

static bool group(Scanner *s, bool *more)
{
    Character c = next(s);
    if (ended(c)) {
        *more = false;
        return true;
    }
    if (!is(c, '?')) {
        if (!push(s, (Item){ .kind = ITEM_CAPTURE, .text = str_format(s->arena, "_%u", s->nunnamed++) }))
            return false;
        skip_group(s, c);
        return true;
    }
    c = next(s);
    if (ended(c)) {
        *more = false;
        return true;
    }
    if (looks(c, "!=<")) {
        skip_group(s, c);
        return true;
    }
    if (looks(c, ":")) {
        if (s->open.n >= NORMALIZE_MAX_DEPTH)
            return fail(s, STR("the expression's groups are nested too deeply to be reversed"));
        VEC_PUSH(s->arena, &s->open, s->items.n);
        return true;
    }
    if (looks(c, "P"))
        return named(s, more);
    return fail(s, str_format(s->arena, "Non-reversible reg-exp portion: '(?%.*s'", STR_FMT(c.text)));
}

static bool close_group(Scanner *s)
{
    if (s->open.n == 0)
        return fail(s, STR("the expression has a ')' too many"));
    size_t from = s->open.p[--s->open.n], n = s->items.n - from;
    Item *inner = NEW_ARRAY(s->arena, Item, n ? n : 1);
    if (n)
        memcpy(inner, s->items.p + from, n * sizeof *inner);
    s->items.n = from;
    return push(s, (Item){ .kind = ITEM_GROUP, .items = inner, .nitems = n });
}

static bool captures(const Item *item, unsigned depth)
{
    if (item->kind == ITEM_CAPTURE || item->kind == ITEM_BACK_REFERENCE)
        return true;
    for (size_t i = 0; depth && i < item->nitems; i++)
        if (!item->items[i].optional && captures(&item->items[i], depth - 1))
            return true;
    return false;
}

/* The least count of a quantifier that began with c; *ahead is a character that was read past it, if any. */
static bool quantifier(Scanner *s, Character c, uint64_t *least, Character *ahead)
{
    if (looks(c, "*?+")) {
        *least = looks(c, "+");
    } else {
        size_t from = s->at;
        for (c = next(s); !looks(c, "}"); c = next(s))
            if (ended(c))
                return true;
        Str low = str_slice(s->in, from, s->at - 1), rest = low;
        (void)str_cut(&rest, ',', &low);
        if (low.n == 0)
            low = STR("0");
        if (!str_to_u64(low, least))
            return fail(s, str_format(s->arena, "'{%.*s' is no count", STR_FMT(low)));
    }
    *ahead = next(s);
    if (looks(*ahead, "?"))
        *ahead = (Character){ 0 };
    return true;
}

static bool repeat(Scanner *s, Character c, Character *ahead)
{
    uint64_t least = 1;
    if (!quantifier(s, c, &least, ahead))
        return false;
    if (s->items.n == 0)
        return least == 1 || fail(s, STR("nothing to repeat"));
    Item *last = &VEC_LAST(&s->items);
    if (least == 0) {
        if (last->optional || captures(last, NORMALIZE_MAX_DEPTH))
            last->optional = true;
        else
            s->items.n--;
        return true;
    }
    Item copy = *last;
    for (; least > 1; least--)
        if (!push(s, copy))
            return false;
    return true;
}

/* The items of the expression. *alternation: it has a '|' where Django gives up. */
static bool scan(Scanner *s, bool *alternation)
{
    bool more = true;
    Character c = next(s);
    while (more && !ended(c)) {
        Character ahead = { 0 };
        bool ok = true;
        if (c.escaped)
            ok = push(s, (Item){ .text = c.text });
        else if (is(c, '|')) {
            *alternation = true;
            return true;
        } else if (is(c, '$'))
            return true;
        else if (is(c, ')'))
            ok = close_group(s);
        else if (is(c, '(')) {
            ok = group(s, &more);
        } else if (is(c, '[')) {
            c = next(s);
            if (ended(c) || !push(s, (Item){ .text = c.text }))
                return ended(c);
            do
                c = next(s);
            while (!ended(c) && !is(c, ']'));
        } else if (looks(c, "*?+{"))
            ok = repeat(s, c, &ahead);
        else if (!is(c, '^'))
            ok = push(s, (Item){ .text = c.text });
        if (!ok)
            return false;
        c = ended(ahead) ? next(s) : ahead;
    }
    return true;
}

static bool too_long(Scanner *s)
{
    return fail(s, STR("the expression's repetitions make too long a text to be reversed"));
}

static bool form_add(Scanner *s, Form *form, FormPiece piece)
{
    FormPiece *last = form->pieces.n ? &VEC_LAST(&form->pieces) : NULL;
    if (!last || last->param || piece.param) {
        VEC_PUSH(s->arena, &form->pieces, piece);
        return true;
    }
    s->written += last->text.n + piece.text.n;
    if (s->written > NORMALIZE_MAX_TEXT)
        return too_long(s);
    last->text = str_concat(s->arena, last->text, piece.text);
    return true;
}

static bool form_join(Scanner *s, Form *form, const Form *more)
{
    for (size_t i = 0; i < more->pieces.n; i++)
        if (!form_add(s, form, more->pieces.p[i]))
            return false;
    for (size_t i = 0; i < more->params.n; i++)
        VEC_PUSH(s->arena, &form->params, more->params.p[i]);
    return true;
}

static bool flatten(Scanner *s, const Item *items, size_t n, Forms *out);

static bool flatten_item(Scanner *s, const Item *item, Forms *out)
{
    Arena *a = s->arena;
    Forms inner = { 0 };
    if (++s->steps > NORMALIZE_MAX_STEPS)
        return too_long(s);
    if (item->optional)
        VEC_PUSH(a, &inner, (Form){ 0 });
    if (item->kind == ITEM_GROUP) {
        Forms once = { 0 };
        if (!flatten(s, item->items, item->nitems, &once))
            return false;
        for (size_t i = 0; i < once.n; i++)
            VEC_PUSH(a, &inner, once.p[i]);
    } else {
        Form f = { 0 };
        (void)form_add(s, &f, (FormPiece){ .text = item->text, .param = item->kind != ITEM_TEXT });
        if (item->kind == ITEM_CAPTURE)
            VEC_PUSH(a, &f.params, item->text);
        VEC_PUSH(a, &inner, f);
    }
    if (inner.n == 1) {
        for (size_t i = 0; i < out->n; i++)
            if (!form_join(s, &out->p[i], &inner.p[0]))
                return false;
        return true;
    }
    if (out->n * inner.n > NORMALIZE_MAX_FORMS)
        return fail(s, STR("the expression has too many optional groups to be reversed"));
    Forms product = { 0 };
    for (size_t i = 0; i < out->n; i++)
        for (size_t j = 0; j < inner.n; j++) {
            Form f = { 0 };
            if (!form_join(s, &f, &out->p[i]) || !form_join(s, &f, &inner.p[j]))
                return false;
            VEC_PUSH(a, &product, f);
        }
    *out = product;
    return true;
}

static bool flatten(Scanner *s, const Item *items, size_t n, Forms *out)
{
    VEC_PUSH(s->arena, out, (Form){ 0 });
    for (size_t i = 0; i < n; i++)
        if (!flatten_item(s, &items[i], out))
            return false;
    return true;
}

bool normalize(Arena *a, Str pattern, Forms *out, Str *error)
{
    Scanner s = { .arena = a, .in = pattern, .error = error };
    bool alternation = false;
    *out = (Forms){ 0 };
    if (!scan(&s, &alternation))
        return false;
    if (!alternation)
        return flatten(&s, s.items.p, s.items.n, out);
    VEC_PUSH(a, out, (Form){ 0 });
    return true;
}

Str form_text(Arena *a, const Form *form)
{
    Buf b = BUF_INIT(a, (size_t)1 << 20);
    buf_add(&b, "", 0);
    for (size_t i = 0; i < form->pieces.n; i++) {
        if (form->pieces.p[i].param)
            buf_printf(&b, "%%(%.*s)s", STR_FMT(form->pieces.p[i].text));
        else
            buf_str(&b, form->pieces.p[i].text);
    }
    return buf_view(&b);
}
