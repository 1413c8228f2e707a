/* dependencies.c: which model's rows must be there before another's, when rows are known by natural keys. */
#include "serializers/serializers.h"
#include <clef/base/vec.h>

typedef VEC(const ModelInfo *) Infos;

static bool has(const Infos *list, const ModelInfo *info)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i]->concrete == info->concrete)
            return true;
    return false;
}

static const ModelInfo *by_label(Context *cx, const char *label)
{
    Str name = str_c(label), app;
    const Model *m = str_cut(&name, '.', &app) ? model_find(app, name) : NULL;
    if (!m)
        RAISE(cx, 500, "lookup_error", "natural_key_dependencies: there is no model '%s'.", label);
    return m->slot->info;
}

static Infos needs_of(Context *cx, const ModelInfo *info)
{
    Infos out = { 0 };
    const char *const *named = natural_key_of(info) ? info->meta->natural_key_dependencies : NULL;
    for (; named && *named; named++)
        VEC_PUSH(cx->arena, &out, by_label(cx, *named));
    for (size_t i = 0; i < info->nall; i++)
        if (info->all[i]->to && natural_key_of(info->all[i]->to) && info->all[i]->to->concrete != info->concrete)
            VEC_PUSH(cx->arena, &out, info->all[i]->to);
    for (size_t i = 0; i < info->nbetween; i++) {
        const FieldInfo *m2m = &info->between[i];
        if (m2m->through && m2m->through->between_only && natural_key_of(m2m->to) &&
            m2m->to->concrete != info->concrete)
            VEC_PUSH(cx->arena, &out, m2m->to);
    }
    return out;
}

const Model **models_by_dependency(Context *cx, const Model *const *models, size_t n, bool circles)
{
    Arena *a = cx->arena;
    const Model **out = NEW_ARRAY(a, const Model *, n + 1);
    Infos *needs = NEW_ARRAY(a, Infos, n + 1), waiting = { 0 };
    bool *done = NEW_ARRAY(a, bool, n + 1);
    size_t placed = 0;
    for (size_t i = 0; i < n; i++) {
        done[i] = false;
        needs[i] = needs_of(cx, model_info(cx, models[i]));
        VEC_PUSH(a, &waiting, model_info(cx, models[i]));
    }
    /* As Django's: every round takes those whose needs are placed, or are not asked for; what waits comes in the next. */
    while (placed < n) {
        size_t before = placed;
        for (size_t i = 0; i < n; i++) {
            bool ready = !done[i];
            for (size_t k = 0; ready && k < needs[i].n; k++)
                ready = !has(&waiting, needs[i].p[k]);
            if (!ready)
                continue;
            done[i] = true;
            out[placed++] = models[i];
            for (size_t k = 0; k < waiting.n; k++)
                if (waiting.p[k]->m == models[i]) {
                    memmove(&waiting.p[k], &waiting.p[k + 1], (waiting.n - k - 1) * sizeof waiting.p[0]);
                    waiting.n--;
                    break;
                }
        }
        if (placed > before)
            continue;
        if (!circles) {
            Buf names = BUF_INIT(a, 1 << 14);
            for (size_t i = 0; i < waiting.n; i++)
                buf_printf(&names, "%s%.*s.%s", i ? ", " : "", STR_FMT(waiting.p[i]->label), waiting.p[i]->m->name);
            RAISE(cx, 500, "runtime_error", "Can't resolve dependencies for %.*s in serialized app list.",
                  STR_FMT(buf_view(&names)));
        }
        for (size_t i = 0; i < n; i++)
            if (!done[i]) {
                done[i] = true;
                out[placed++] = models[i];
            }
    }
    out[n] = NULL;
    return out;
}
