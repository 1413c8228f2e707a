/* error.c: raising errors with their place, and showing the lines around it. */
#include "template/template.h"

const char template_error_code[] = "template_error";

const TemplateError *template_error_of(const Error *e)
{
    return e && e->code && strcmp(e->code, template_error_code) == 0 ? e->payload : NULL;
}

void raise_template_error(Context *cx, TemplateError *e)
{
    Error raised = { .status = 500, .code = template_error_code, .payload = e, .message = e->message };
    if (e->place.name.n && e->place.line)
        raised.hint = str_format(cx->arena, "%s in template %.*s, line %u", e->type, STR_FMT(e->place.name),
                                 (unsigned)e->place.line);
    else
        raised.hint = str_format(cx->arena, "%s", e->type);
    context_raise_error(cx, &raised);
}

void template_error_raise(Context *cx, const TemplateError *e)
{
    TemplateError *own = NEW(cx->arena, TemplateError);
    *own = *e;
    raise_template_error(cx, own);
}

void template_raise(TemplateRender *r, const char *type, const char *format, ...)
{
    TemplateError *e = NEW(r->cx->arena, TemplateError);
    Buf b = BUF_INIT(r->cx->arena, 1 << 16);
    va_list args;
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    e->type = type;
    e->message = buf_view(&b);
    const TemplateFrame *f = r->frame;
    if (f) {
        e->place = (TemplatePlace){ f->t->name, f->t->origin, r->node ? r->node->line : 0 };
        e->source = str_copy(r->cx->arena, f->t->source);
        if (r->node) {
            e->start = r->node->start;
            e->end = r->node->end;
        }
        for (const TemplateFrame *o = f->outer; o; o = o->outer)
            e->nchain++;
        TemplatePlace *chain = NEW_ARRAY(r->cx->arena, TemplatePlace, e->nchain ? e->nchain : 1);
        size_t at = e->nchain;
        for (; f->outer; f = f->outer)
            chain[--at] = (TemplatePlace){ f->outer->t->name, f->outer->t->origin, f->caller ? f->caller->line : 0 };
        e->chain = chain;
    }
    raise_template_error(r->cx, e);
}

void raise_not_found(Context *cx, Str message, const TriedList *tried)
{
    TemplateError *e = NEW(cx->arena, TemplateError);
    e->type = "TemplateDoesNotExist";
    e->message = message;
    if (tried) {
        e->tried = tried->p;
        e->ntried = tried->n;
    }
    raise_template_error(cx, e);
}

size_t template_error_lines(const TemplateError *e, size_t context, TemplateErrorLine *out)
{
    size_t n = 0;
    uint32_t number = 0;
    Str rest = e->source, line;
    while (str_cut(&rest, '\n', &line)) {
        number++;
        if (e->place.line > context && number < e->place.line - context)
            continue;
        if (number > e->place.line + context)
            break;
        TemplateErrorLine *l = &out[n++];
        *l = (TemplateErrorLine){ .number = number, .before = line, .marked = number == e->place.line };
        size_t from = (size_t)(line.p - e->source.p);
        if (l->marked && e->start >= from && e->start <= from + line.n) {
            size_t end = e->end < from + line.n ? e->end : from + line.n;
            l->before = str_slice(line, 0, e->start - from);
            l->during = str_slice(line, e->start - from, end - from);
            l->after = str_from_byte(line, end - from);
        }
    }
    return n;
}
