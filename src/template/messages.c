/*
 * messages.c: the messages of a template, written as calls that xgettext reads: what {% translate %}, {% blocktranslate
 * %} and _("...") look up, and comments that begin with "Translators". Newlines stay where they are, so that places are
 * those of the template.
 */
#include "template/messages.h"
#include "codec/text.h"
#include "template/libraries.h"
#include "template/template.h"
#include <clef/i18n/words.h>

typedef struct Finder {
    Context *cx;
    Arena *a;
    Str file;
    Buf out, warnings;
    /* {# Translators: ... #}: written when the line ends with it */
    Buf comment;
    uint32_t comment_line;
    /* a block */
    bool plural, trimmed;
    Str context; /* p NULL: none */
    Buf one, many;
} Finder;

enum { MESSAGES_MAX = 256 << 20 };
#define MARK STR("Translators")

/* The line breaks of what was read: nothing else of it is code. */
static void keep_lines(Finder *f, Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\n')
            buf_byte(&f->out, '\n');
}

static void add_literal(Finder *f, Str s)
{
    BUF_LIT(&f->out, "u\"");
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            BUF_LIT(&f->out, "\\n");
        } else if ((unsigned char)c < ' ') {
            buf_printf(&f->out, "\\%03o", (unsigned)c);
        } else {
            if (c == '"' || c == '\\')
                buf_byte(&f->out, '\\');
            buf_byte(&f->out, c);
        }
    }
    buf_byte(&f->out, '"');
}

static void add_call(Finder *f, Str context, Str one, const Str *many)
{
    buf_printf(&f->out, " %s%sgettext(", many ? "n" : "", context.p ? "p" : "");
    if (context.p) {
        add_literal(f, context);
        BUF_LIT(&f->out, ", ");
    }
    add_literal(f, one);
    if (many) {
        BUF_LIT(&f->out, ", ");
        add_literal(f, *many);
        BUF_LIT(&f->out, ", count");
    }
    BUF_LIT(&f->out, ") ");
}

static Str plain_text(Finder *f, Str s) { return str_replace(f->a, s, STR("\r\n"), STR("\n")); }

/* The quoted string that s begins with, without its quotes; false when there is none. */
static bool literal_of(Finder *f, Str s, Str *out)
{
    if (!s.n || (s.p[0] != '"' && s.p[0] != '\''))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == s.p[0])
            return unescape_string_literal(f->a, str_slice(s, 0, i + 1), out);
    return false;
}

/* Every _("..."). */
static void add_constants(Finder *f, Str s)
{
    Str text;
    for (size_t i = 0; i + 2 < s.n; i++)
        if (s.p[i] == '_' && s.p[i + 1] == '(' && literal_of(f, str_from_byte(s, i + 2), &text))
            add_call(f, (Str){ 0 }, text, NULL);
}

/* The literal behind the word `context`; the NULL string without one. A name there is known only when it is rendered. */
static Str context_of(Finder *f, TextWords words)
{
    Str text = { 0 };
    for (size_t i = 1; i + 1 < words.n; i++)
        if (str_eq(words.p[i], STR("context")) && literal_of(f, words.p[i + 1], &text))
            return text;
    return (Str){ 0 };
}

static void flush_comment(Finder *f)
{
    if (f->comment.n)
        buf_printf(&f->out, "# %.*s", STR_FMT(buf_view(&f->comment)));
    buf_clear(&f->comment);
}

/* A comment counts for the next line, when nothing but comments follows on its own. */
static void settle_comment(Finder *f, const TemplateToken *t)
{
    if (!f->comment.n)
        return;
    bool ends_line =
        t->line != f->comment_line || (t->kind == TEMPLATE_TEXT && str_find_byte(t->contents, '\n') != STR_NPOS &&
                                       !text_strip(str_slice(t->contents, 0, str_find_byte(t->contents, '\n'))).n);
    if (ends_line) {
        flush_comment(f);
    } else if (t->kind != TEMPLATE_COMMENT && !(t->kind == TEMPLATE_TEXT && !text_strip(t->contents).n)) {
        buf_printf(&f->warnings,
                   "%.*s:%u: the comment '%.*s' was ignored, because it wasn't the last item on the line.\n",
                   STR_FMT(f->file), (unsigned)f->comment_line, STR_FMT(buf_view(&f->comment)));
        buf_clear(&f->comment);
    }
}

/* {% comment %} ... {% endcomment %}: from the last line on that begins with the mark, for the translators. */
static void read_comment(Finder *f, TemplateParser *p)
{
    TemplateToken t;
    Buf text = BUF_INIT(f->a, MESSAGES_MAX);
    while (lexer_next(p, &t) && !(t.kind == TEMPLATE_BLOCK && str_eq(t.contents, STR("endcomment"))))
        buf_str(&text, t.contents);
    Str rest = buf_view(&text), whole = rest, line;
    size_t from = STR_NPOS, at = 0;
    for (; at < whole.n; at += line.n + 1) {
        rest = str_from_byte(whole, at);
        size_t end = str_find_byte(rest, '\n');
        line = str_slice(rest, 0, end == STR_NPOS ? rest.n : end);
        if (str_starts(text_strip(line), MARK))
            from = at;
    }
    for (at = 0; at <= whole.n; at += line.n + 1) {
        rest = str_from_byte(whole, at);
        size_t end = str_find_byte(rest, '\n');
        line = str_slice(rest, 0, end == STR_NPOS ? rest.n : end);
        BUF_LIT(&f->out, " #");
        if (from != STR_NPOS && at >= from)
            buf_printf(&f->out, " %.*s", STR_FMT(line));
        if (end != STR_NPOS)
            buf_byte(&f->out, '\n');
    }
}

static Str message_of(Finder *f, Buf *b)
{
    Str text = plain_text(f, buf_view(b));
    return f->trimmed ? trimmed_lines(f->a, text) : text;
}

static void read_block(Finder *f, TemplateParser *p, const TemplateToken *first)
{
    TemplateToken t;
    TextWords words = smart_split(f->a, first->contents);
    f->context = context_of(f, words);
    f->plural = f->trimmed = false;
    for (size_t i = 1; i < words.n; i++)
        f->trimmed |= str_eq(words.p[i], STR("trimmed"));
    buf_clear(&f->one);
    buf_clear(&f->many);
    add_constants(f, first->contents);
    size_t lines = 0;
    while (lexer_next(p, &t)) {
        Buf *b = f->plural ? &f->many : &f->one;
        if (t.kind == TEMPLATE_VAR) {
            buf_printf(b, "%%(%.*s)s", STR_FMT(t.contents));
        } else if (t.kind == TEMPLATE_TEXT) {
            buf_str(b, str_replace(f->a, t.contents, STR("%"), STR("%%")));
            for (size_t i = 0; i < t.contents.n; i++)
                lines += t.contents.p[i] == '\n';
        } else if (t.kind == TEMPLATE_COMMENT) {
            continue;
        } else if (str_eq(t.contents, STR("plural"))) {
            f->plural = true;
        } else if (str_eq(t.contents, STR("endblocktranslate")) || str_eq(t.contents, STR("endblocktrans"))) {
            Str one = message_of(f, &f->one), many = message_of(f, &f->many);
            add_call(f, f->context, one, f->plural ? &many : NULL);
            buf_fill(&f->out, '\n', lines);
            return;
        } else {
            RAISE(f->cx, 500, "template_messages",
                  "%.*s:%u: Translation blocks must not include other block tags: %.*s", STR_FMT(f->file),
                  (unsigned)t.line, STR_FMT(t.contents));
        }
    }
    buf_fill(&f->out, '\n', lines);
}

static void read_tag(Finder *f, TemplateParser *p, const TemplateToken *t)
{
    TextWords words = smart_split(f->a, t->contents);
    Str name = words.n ? words.p[0] : STR(""), text;
    if ((str_eq(name, STR("translate")) || str_eq(name, STR("trans"))) && words.n > 1 &&
        literal_of(f, words.p[1], &text))
        add_call(f, context_of(f, words), str_replace(f->a, text, STR("%"), STR("%%")), NULL);
    else if (str_eq(name, STR("blocktranslate")) || str_eq(name, STR("blocktrans")))
        read_block(f, p, t);
    else if (str_eq(name, STR("comment")))
        read_comment(f, p);
    else
        add_constants(f, t->contents);
}

Str template_messages(Context *cx, Str file, Str source, Str *warnings)
{
    Arena *a = cx->arena;
    Finder *f = NEW(a, Finder);
    Buf empty = BUF_INIT(a, MESSAGES_MAX);
    *f = (Finder){
        .cx = cx, .a = a, .file = file, .out = empty, .warnings = empty, .comment = empty, .one = empty, .many = empty
    };
    Template *text = NEW(a, Template);
    TemplateParser *p = NEW(a, TemplateParser);
    text->source = source;
    *p = (TemplateParser){ .cx = cx, .arena = a, .t = text, .line = 1 };
    TemplateToken t;
    while (lexer_next(p, &t)) {
        settle_comment(f, &t);
        if (t.kind == TEMPLATE_TEXT) {
            keep_lines(f, t.contents);
        } else if (t.kind == TEMPLATE_BLOCK) {
            read_tag(f, p, &t);
        } else if (t.kind == TEMPLATE_VAR) {
            add_constants(f, t.contents);
        } else if (str_starts(t.contents, MARK)) {
            if (f->comment.n)
                BUF_LIT(&f->comment, " | ");
            buf_str(&f->comment, t.contents);
            f->comment_line = t.line;
        }
    }
    *warnings = buf_view(&f->warnings);
    return buf_view(&f->out);
}
