/* backends.c: engines beside Clef's: which are asked for a template, in which order, and what they are given. */
#include "template/template.h"
#include <clef/http/csrf.h>

struct TemplateTrials {
    TriedList list;
};

const TemplateBackend template_own_backend = { .name = "clef" };

static bool is_own(const BackendPlace *p) { return p->backend == &template_own_backend; }

static bool is_named(const BackendPlace *p, Str using)
{
    return str_eq(p->name, using) || (is_own(p) && str_eq(using, STR("django")));
}

static void list_backend(TemplateEngine *e, const TemplateBackend *b, const TemplateLoader *loaders)
{
    BackendPlace place = { b, loaders, str_c(b->name) };
    for (size_t i = 0; i < e->backends.n; i++)
        if (is_named(&e->backends.p[i], place.name) ||
            (b == &template_own_backend && is_named(&place, e->backends.p[i].name)))
            e->twice = place.name;
    VEC_PUSH(e->arena, &e->backends, place);
}

void engine_list_backends(TemplateEngine *e)
{
    const TemplateBackend *const *all = e->options.backends;
    bool placed = false;
    for (size_t i = 0; all && all[i]; i++)
        placed |= all[i] == &template_own_backend;
    if (!placed)
        list_backend(e, &template_own_backend, NULL);
    for (size_t i = 0; all && all[i]; i++)
        list_backend(e, all[i], e->options.backend_loaders ? e->options.backend_loaders[i] : NULL);
}

/* --- what a backend may ask for */

bool template_call_source(TemplateCall *call, Str name, TemplateFound *found)
{
    return loaders_find(call->cx, call->loaders, name, call->engine->options.limits.source_bytes, found,
                        &call->trials->list);
}

void template_call_tried(TemplateCall *call, Str origin, const char *why)
{
    add_tried(call->cx, &call->trials->list, origin, why);
}

void template_call_process(TemplateCall *call)
{
    if (!call->request)
        return;
    const TemplateContext *own = call->context;
    TemplateContext all;
    request_context_init(call->request, call->engine, &all);
    for (uint32_t i = 0; i < own->n; i++)
        context_add(&all, own->p[i]);
    *call->context = all;
}

/* A rendering of no template: for what works on values. */
static TemplateRender render_of(TemplateCall *call)
{
    const TemplateEngineOptions *o = &call->engine->options;
    Context *cx = call->cx;
    TemplateRender r = { .cx = cx,
                         .arena = cx->arena,
                         .out = call->out,
                         .context = call->context,
                         .engine = call->engine,
                         .request = call->request,
                         .locale = cx->locale ? cx->locale : i18n_locale(o->i18n),
                         .localize_off = o->localize_off,
                         .autoescape = true,
                         .max_depth = o->limits.depth,
                         .max_steps = o->limits.loop_steps,
                         .max_text = o->limits.output_bytes };
    r.use_tz = r.locale->use_tz;
    return r;
}

bool template_call_lookup(TemplateCall *call, Str path, Value *out)
{
    TemplateRender r = render_of(call);
    Variable v;
    return variable_make(call->cx->arena, path, &v) && variable_resolve(&r, &v, out);
}

Value template_call_text(TemplateCall *call, Value v)
{
    TemplateRender r = render_of(call);
    return template_text(&r, v);
}

void template_call_write(TemplateCall *call, Value v)
{
    TemplateRender r = render_of(call);
    write_escaped(&r, call->out, v);
}

/* --- what it is given */

static Str csrf_input_str(Arena *a, const void *self)
{
    Str token = csrf_get_token((Request *)(uintptr_t)self);
    return str_format(a, "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"%.*s\">", STR_FMT(token));
}
static const ValueClass csrf_input_class = { .name = "CsrfInput", .str = csrf_input_str, .is_markup = true };

static void set_variables(TemplateContext *c, const RenderOptions *o)
{
    if (o->map)
        template_set_map(c, o->map);
    if (o->pairs)
        template_set_pairs(c, o->pairs);
}

/* One search for a template, through engines and names. */
typedef struct Search {
    Context *cx;
    TemplateEngine *engine;
    const RenderOptions *options;
    struct TemplateTrials trials;
    VEC(Str) tried_by;
} Search;

static bool ask_backend(Search *s, const BackendPlace *place, Str name, Str *text)
{
    Request *r = s->options->request;
    TemplateContext c;
    template_context_init(&c, s->cx->arena, r);
    set_variables(&c, s->options);
    if (r) {
        template_set(&c, STR("request"), template_request_value(r));
        template_set(&c, STR("csrf_input"), value_object(r, &csrf_input_class));
        template_set(&c, STR("csrf_token"), csrf_token_value(r));
    }
    uint64_t most = s->engine->options.limits.output_bytes;
    Buf out = BUF_INIT(s->cx->arena, most < SIZE_MAX ? (size_t)most : SIZE_MAX - 1);
    (void)buf_add(&out, "", 0);
    TemplateCall call = { .cx = s->cx,
                          .request = r,
                          .name = name,
                          .context = &c,
                          .out = &out,
                          .backend = place->backend,
                          .engine = s->engine,
                          .loaders = place->loaders,
                          .trials = &s->trials };
    if (!place->backend->render(&call, place->backend->arg))
        return false;
    TemplateRender render = render_of(&call);
    *text = render_text_of(&render, &out);
    return true;
}

/* As engine_find, but a partial that its page does not have is a template that is not there. */
static const Template *find_own(Search *s, Str name)
{
    size_t hash = str_find_byte(name, '#');
    if (hash == STR_NPOS || hash == 0 || hash + 1 == name.n)
        return engine_find(s->cx, s->engine, name, NULL, 0, &s->trials.list);
    const Template *page = engine_find(s->cx, s->engine, str_slice(name, 0, hash), NULL, 0, &s->trials.list);
    const Template *part = page ? template_partial(s->cx->arena, page, str_from_byte(name, hash + 1)) : NULL;
    if (page && !part)
        add_tried(s->cx, &s->trials.list, name, "Partial does not exist");
    return part;
}

static bool ask_own(Search *s, Str name, Str *text)
{
    const Template *t = find_own(s, name);
    if (!t)
        return false;
    Request *r = s->options->request;
    TemplateContext c;
    if (r)
        request_context_init(r, s->engine, &c);
    else
        template_context_init(&c, s->cx->arena, NULL);
    set_variables(&c, s->options);
    *text = template_render_text(s->cx, t, &c);
    return true;
}

static bool ask(Search *s, const BackendPlace *place, Str name, Str *text)
{
    size_t before = s->trials.list.n;
    if (is_own(place) ? ask_own(s, name, text) : ask_backend(s, place, name, text))
        return true;
    if (s->trials.list.n == before)
        add_tried(s->cx, &s->trials.list, name, "Source does not exist");
    while (s->tried_by.n < s->trials.list.n)
        VEC_PUSH(s->cx->arena, &s->tried_by, place->name);
    return false;
}

static void raise_with(Context *cx, const char *type, Str message) CLEF_NORETURN;
static void raise_with(Context *cx, const char *type, Str message)
{
    template_error_raise(cx, &(TemplateError){ .type = type, .message = message });
}

static void raise_no_name(Search *s, const Str *names, size_t n) CLEF_NORETURN;
static void raise_no_name(Search *s, const Str *names, size_t n)
{
    Buf b = BUF_INIT(s->cx->arena, 1 << 16);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%.*s", i ? ", " : "", STR_FMT(names[i]));
    template_error_raise(s->cx, &(TemplateError){ .type = "TemplateDoesNotExist",
                                                  .message = n ? buf_view(&b) : STR("No template names provided"),
                                                  .tried = s->trials.list.p,
                                                  .ntried = s->trials.list.n,
                                                  .tried_by = s->tried_by.p });
}

Str render_select(Context *cx, TemplateEngine *e, const Str *names, size_t n, const RenderOptions *options)
{
    Search s = { .cx = cx, .engine = e, .options = options };
    Str using = options->using, text;
    bool known = !using.n;
    if (e->twice.n)
        raise_with(cx, "ImproperlyConfigured",
                   str_format(cx->arena,
                              "Two template engines are called '%.*s': TEMPLATE_BACKENDS needs a name for each",
                              STR_FMT(e->twice)));
    for (size_t i = 0; i < e->backends.n; i++)
        known |= is_named(&e->backends.p[i], using);
    if (!known)
        raise_with(
            cx, "InvalidTemplateEngineError",
            str_format(cx->arena, "Could not find config for '%.*s' in settings.TEMPLATE_BACKENDS", STR_FMT(using)));
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < e->backends.n; i++)
            if ((!using.n || is_named(&e->backends.p[i], using)) && ask(&s, &e->backends.p[i], names[k], &text))
                return text;
    raise_no_name(&s, names, n);
}
