/*
 * parser.c: from tokens to nodes. The parser knows no tag: a tag's compile function reads its words and parses on to
 * its own end. What is open stands in `commands`, for the message about what was not closed.
 */
#include "template/nodes.h"

static void raise_typed(TemplateParser *p, const TemplateToken *token, const char *type, Str message) CLEF_NORETURN;
static void raise_typed(TemplateParser *p, const TemplateToken *token, const char *type, Str message)
{
    Arena *a = p->cx->arena;
    TemplateError *e = NEW(a, TemplateError);
    e->type = type;
    e->message =
        p->t->name.n ? str_format(a, "Template: %.*s, %.*s", STR_FMT(p->t->origin), STR_FMT(message)) : message;
    e->place = (TemplatePlace){ str_copy(a, p->t->name), str_copy(a, p->t->origin), token->line };
    e->source = str_copy(a, p->t->source);
    e->start = token->start;
    e->end = token->end;
    raise_template_error(p->cx, e);
}

static void raise_at(TemplateParser *p, const TemplateToken *token, Str message) CLEF_NORETURN;
static void raise_at(TemplateParser *p, const TemplateToken *token, Str message)
{
    raise_typed(p, token, "TemplateSyntaxError", message);
}

void template_parse_error(TemplateParser *p, const char *type, Str message)
{
    raise_typed(p, &p->token, type, message);
}

void template_syntax_error(TemplateParser *p, const char *format, ...)
{
    Buf b = BUF_INIT(p->cx->arena, 1 << 16);
    va_list args;
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    raise_at(p, &p->token, buf_view(&b));
}

Arena *template_parser_arena(TemplateParser *p) { return p->arena; }

bool template_next_token(TemplateParser *p, TemplateToken *out) { return lexer_next(p, out); }

/* The number of names in a list that NULL ends; NULL: none. */
static size_t words_until(const char *const *until)
{
    size_t n = 0;
    while (until && until[n])
        n++;
    return n;
}

static bool stands_in(const char *const *until, Str command)
{
    for (; until && *until; until++)
        if (**until == command.p[0] && str_eq(command, str_c(*until)))
            return true;
    return false;
}

void invalid_block_tag(TemplateParser *p, const TemplateToken *t, Str command, const char *const *until)
{
    size_t n = words_until(until);
    Buf b = BUF_INIT(p->cx->arena, 1 << 16);
    buf_printf(&b, "Invalid block tag on line %u: '%.*s'", (unsigned)t->line, STR_FMT(command));
    if (n)
        BUF_LIT(&b, ", expected ");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s'%s'", i == 0 ? "" : i + 1 == n ? " or " : ", ", until[i]);
    BUF_LIT(&b, ". Did you forget to register or load this tag?");
    raise_at(p, t, buf_view(&b));
}

static void unclosed(TemplateParser *p, const char *const *until) CLEF_NORETURN;
static void unclosed(TemplateParser *p, const char *const *until)
{
    Command c = p->commands.n ? VEC_LAST(&p->commands) : (Command){ .token = p->token };
    Buf b = BUF_INIT(p->cx->arena, 1 << 16);
    buf_printf(&b, "Unclosed tag on line %u: '%.*s'. Looking for one of: ", (unsigned)c.token.line, STR_FMT(c.name));
    for (size_t i = 0; until[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", until[i]);
    BUF_LIT(&b, ".");
    raise_at(p, &c.token, buf_view(&b));
}

void template_skip_past(TemplateParser *p, const char *end)
{
    TemplateToken t;
    while (lexer_next(p, &t))
        if (t.kind == TEMPLATE_BLOCK && str_eq(t.contents, str_c(end)))
            return;
    unclosed(p, (const char *const[]){ end, NULL });
}

bool library_tag(const TemplateLibrary *l, Str name, FoundTag *out)
{
    for (const TemplateSimpleTag *t = l->simple_tags; t && t->name; t++)
        if (str_eq(name, str_c(t->name))) {
            *out = (FoundTag){ .simple = t };
            return true;
        }
    for (const TemplateTag *t = l->tags; t && t->name; t++)
        if (str_eq(name, str_c(t->name))) {
            *out = (FoundTag){ .tag = t };
            return true;
        }
    return false;
}

static bool find_tag(TemplateParser *p, Str name, FoundTag *out)
{
    for (size_t i = p->loaded_tags.n; i-- > 0;) {
        *out = p->loaded_tags.p[i];
        if (str_eq(name, str_c(out->tag ? out->tag->name : out->simple->name)))
            return true;
    }
    for (size_t i = p->loaded.n; i-- > 0;)
        if (library_tag(p->loaded.p[i], name, out))
            return true;
    return false;
}

const TemplateFilter *parser_find_filter(TemplateParser *p, Str name)
{
    for (size_t i = p->loaded_filters.n; i-- > 0;)
        if (str_eq(name, str_c(p->loaded_filters.p[i].name)))
            return &p->loaded_filters.p[i];
    for (size_t i = p->loaded.n; i-- > 0;)
        for (const TemplateFilter *f = p->loaded.p[i]->filters; f && f->name; f++)
            if (str_eq(name, str_c(f->name)))
                return f;
    template_syntax_error(p, "Invalid filter: '%.*s'", STR_FMT(name));
}

static TemplateNode *compile_block(TemplateParser *p, const TemplateToken *token, Str command, const char *const *until)
{
    FoundTag found;
    VEC_PUSH(p->arena, &p->commands, (Command){ command, *token });
    if (!find_tag(p, command, &found))
        invalid_block_tag(p, token, command, until);
    if (p->depth >= p->engine->options.limits.nesting)
        template_syntax_error(p,
                              "Block tags are nested deeper than %u levels at '%.*s' on line %u "
                              "(the engine's limits.nesting)",
                              (unsigned)p->engine->options.limits.nesting, STR_FMT(command), (unsigned)token->line);
    p->depth++;
    TemplateNode *node = found.tag ? found.tag->compile(p, token) : compile_simple(p, token, found.simple);
    p->depth--;
    p->commands.n--;
    return node;
}

/* The list that begins, for a parse that is traced. */
static ListNode *begin_list(TemplateParser *p)
{
    if (CLEF_LIKELY(!p->trace))
        return NULL;
    ListNode *l = TEMPLATE_NODE(p, ListNode, render_list);
    l->node.kind = NODE_LIST;
    l->number = (uint32_t)p->trace->lists.n;
    l->self[0] = &l->node;
    VEC_PUSH(p->arena, &p->trace->lists, l);
    return l;
}

static TemplateNodes end_list(TemplateParser *p, ListNode *l, TemplateNodes nodes)
{
    if (CLEF_LIKELY(!l))
        return nodes;
    trace_mix(p->trace, nodes.n);
    l->plain = nodes;
    return nodes.n ? (TemplateNodes){ l->self, 1 } : nodes;
}

static void trace_node(TemplateParser *p, TemplateNode *node)
{
    trace_mix(p->trace, (uint64_t)node->kind << 56 ^ (uint64_t)node->start << 28 ^ node->end);
    VEC_PUSH(p->arena, &p->trace->nodes, node);
}

TemplateNodes template_parse(TemplateParser *p, const char *const *until)
{
    ListNode *list = begin_list(p);
    VEC(TemplateNode *) nodes = { 0 };
    bool nontext = false;
    TemplateToken token, outer = p->token;
    while (lexer_next(p, &token)) {
        TemplateNode *node = NULL;
        p->token = token;
        if (token.kind == TEMPLATE_TEXT) {
            TextNode *text = TEMPLATE_NODE(p, TextNode, render_text);
            text->text = token.contents;
            node = &text->node;
            node->is_text = true;
            node->kind = NODE_TEXT;
        } else if (token.kind == TEMPLATE_VAR) {
            if (token.contents.n == 0)
                template_syntax_error(p, "Empty variable tag on line %u", (unsigned)token.line);
            VariableNode *v = TEMPLATE_NODE(p, VariableNode, render_variable);
            v->expr = template_compile_expr(p, token.contents);
            node = &v->node;
            node->kind = NODE_VARIABLE;
        } else if (token.kind == TEMPLATE_BLOCK) {
            if (token.contents.n == 0)
                template_syntax_error(p, "Empty block tag on line %u", (unsigned)token.line);
            Str command = template_split_plain(p, token.contents).p[0];
            if (stands_in(until, command)) {
                p->pending = token;
                p->has_pending = true;
                p->token = outer;
                return end_list(p, list, (TemplateNodes){ nodes.p, nodes.n });
            }
            node = compile_block(p, &token, command, until);
            if (node && node->must_be_first && nontext) {
                p->token = token;
                template_syntax_error(p, "{%% %.*s %%} must be the first tag in %.*s.", STR_FMT(token.contents),
                                      STR_FMT(p->t->name.n ? repr_text(p->arena, p->t->name) : STR("the template")));
            }
        }
        if (!node)
            continue;
        nontext |= !node->is_text;
        node->start = token.start;
        node->end = token.end;
        node->line = token.line;
        VEC_PUSH(p->arena, &nodes, node);
        if (CLEF_UNLIKELY(p->trace != NULL))
            trace_node(p, node);
    }
    p->token = outer;
    if (until)
        unclosed(p, until);
    return end_list(p, list, (TemplateNodes){ nodes.p, nodes.n });
}

void template_compile(TemplateParser *p)
{
    for (size_t i = 0; i < p->engine->builtins.n; i++)
        VEC_PUSH(p->arena, &p->loaded, p->engine->builtins.p[i]);
    p->line = 1;
    p->t->body = template_parse(p, NULL);
    p->t->nodes = nodes_plain(p->t->body);
    p->t->blocks = p->blocks.p;
    p->t->nblocks = p->blocks.n;
    p->t->partials = (const PartialNode *const *)p->partials.p;
    p->t->npartials = p->partials.n;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

bool split_keyword(Str word, Str *name, Str *value)
{
    size_t n = 0;
    while (n < word.n && is_word(word.p[n]))
        n++;
    if (n == 0 || n + 1 >= word.n || word.p[n] != '=')
        return false;
    *name = str_slice(word, 0, n);
    *value = str_from_byte(word, n + 1);
    return true;
}

Assignments parse_assignments(TemplateParser *p, TemplateWords words, size_t *at, bool legacy)
{
    VEC(Assignment) list = { 0 };
    Str name, value;
    bool keywords = *at < words.n && split_keyword(words.p[*at], &name, &value);
    if (!keywords && (!legacy || words.n - *at < 3 || !str_eq(words.p[*at + 1], STR("as"))))
        return (Assignments){ 0 };
    while (*at < words.n) {
        if (keywords) {
            if (!split_keyword(words.p[*at], &name, &value))
                break;
            (*at)++;
        } else {
            if (words.n - *at < 3 || !str_eq(words.p[*at + 1], STR("as")))
                break;
            value = words.p[*at];
            name = words.p[*at + 2];
            *at += 3;
        }
        const TemplateExpr *e = template_compile_expr(p, value);
        size_t i = 0;
        while (i < list.n && !str_eq(list.p[i].name, name))
            i++;
        if (i < list.n)
            list.p[i].value = e;
        else
            VEC_PUSH(p->arena, &list, (Assignment){ name, e });
        if (!keywords && *at < words.n) {
            if (!str_eq(words.p[*at], STR("and")))
                break;
            (*at)++;
        }
    }
    return (Assignments){ list.p, list.n };
}
