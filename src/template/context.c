/* context.c: scopes as one array of bindings; a scope is the part of it from a mark on. */
#include "template/template.h"
#include <clef/base/assert.h>
#include <clef/template/compiled.h>

void template_context_init(TemplateContext *c, Arena *arena, Request *request)
{
    *c = (TemplateContext){ .arena = arena, .request = request };
}

void context_grow(TemplateContext *c)
{
    size_t cap = c->cap;
    c->p = vec_grow(c->arena, c->p, &cap, sizeof *c->p);
    ASSERT(cap <= UINT32_MAX);
    c->cap = (uint32_t)cap;
}

void template_set(TemplateContext *c, Str name, Value value)
{
    uint32_t hash = template_name_hash(name);
    for (uint32_t i = c->n; i-- > c->scope;)
        if (c->p[i].hash == hash && c->p[i].name.p && c->p[i].name.n == name.n &&
            bytes_same(c->p[i].name.p, name.p, name.n)) {
            c->p[i].value = value;
            return;
        }
    context_add(c, (TemplateBinding){ .name = name.p ? name : STR(""), .value = value, .hash = hash });
}

void template_set_map(TemplateContext *c, const Map *map)
{
    context_add(c,
                (TemplateBinding){ .value = { .tag = VALUE_MAP, .map = (Map *)(uintptr_t)map }, .hash = UINT32_MAX });
}

void template_set_pairs(TemplateContext *c, const TemplatePair *pairs)
{
    for (; pairs->name; pairs++)
        template_set(c, str_c(pairs->name), pairs->value);
}

void template_set_upward(TemplateContext *c, Str name, Value value)
{
    uint32_t hash = template_name_hash(name);
    for (uint32_t i = c->n; i-- > c->floor;)
        if (c->p[i].hash == hash && c->p[i].name.p && c->p[i].name.n == name.n &&
            bytes_same(c->p[i].name.p, name.p, name.n)) {
            c->p[i].value = value;
            return;
        }
    template_set(c, name, value);
}

const Value *template_find_below(const TemplateContext *c, uint32_t above, Str name, uint32_t hash)
{
    for (uint32_t i = above; i-- > c->floor;) {
        const TemplateBinding *b = &c->p[i];
        const Value *found = NULL;
        if (!b->name.p)
            found = map_get(b->value.map, name);
        else if (b->hash == hash && str_eq(b->name, name))
            found = &b->value;
        if (found)
            return found;
    }
    return NULL;
}

bool template_find_constant(Str name, Value *out)
{
    if (str_eq(name, STR("True")))
        *out = value_bool(true);
    else if (str_eq(name, STR("False")))
        *out = value_bool(false);
    else if (str_eq(name, STR("None")))
        *out = value_null();
    else
        return false;
    return true;
}

bool template_lookup(const TemplateContext *c, Str name, Value *out)
{
    const Value *found = template_find(c, name, template_name_hash(name));
    if (!found)
        return template_find_constant(name, out);
    *out = *found;
    return true;
}

static bool is_visible(const TemplateContext *c, Str name, const Value *value)
{
    return template_find_below(c, c->n, name, template_name_hash(name)) == value;
}

bool template_context_next(const TemplateContext *c, TemplateCursor *cursor, Str *name, Value *value)
{
    while (cursor->binding < c->n - c->floor) {
        const TemplateBinding *b = &c->p[c->n - 1 - cursor->binding];
        Str key = b->name;
        const Value *found = &b->value;
        if (!key.p) {
            const MapEntry *entry = map_next(b->value.map, &cursor->entry);
            found = entry ? &entry->value : NULL;
            key = entry ? entry->key : key;
        }
        if (b->name.p || !found) {
            cursor->binding++;
            cursor->entry = 0;
        }
        if (found && is_visible(c, key, found)) {
            *name = key;
            *value = *found;
            return true;
        }
    }
    return false;
}

TemplateMark template_push(TemplateContext *c)
{
    TemplateMark mark = { c->n, c->scope, c->floor };
    c->scope = c->n;
    return mark;
}

TemplateMark template_push_isolated(TemplateContext *c)
{
    TemplateMark mark = template_push(c);
    c->floor = c->n;
    return mark;
}

void template_pop(TemplateContext *c, TemplateMark mark)
{
    c->n = mark.n;
    c->scope = mark.scope;
    c->floor = mark.floor;
}
