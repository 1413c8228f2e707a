/* swap.c: models in the place of others, as settings say. */
#include "orm/info.h"
#include <clef/orm/swap.h>

/* Of the process; set before models are populated. */
static struct {
    Str user;
    StrList others;
} installed;

void swaps_install(Str auth_user_model, StrList swapped_models)
{
    installed.user = auth_user_model;
    installed.others = swapped_models;
}

Str swap_setting(Str name)
{
    if (str_eq(name, STR("AUTH_USER_MODEL")))
        return installed.user.n ? installed.user : (Str){ 0 };
    for (size_t i = 0; i < installed.others.n; i++) {
        Str rest = installed.others.p[i], first;
        if (str_cut(&rest, '=', &first) && str_eq(str_trim(first), name))
            return str_trim(rest);
    }
    return (Str){ 0 };
}

static bool names(Str label, Str app, Str name)
{
    Str rest = label, first;
    return str_cut(&rest, '.', &first) && str_eq(first, app) && str_ieq(rest, name);
}

Str swapped_for(Str app, const Model *m)
{
    Str value = m->swappable ? swap_setting(str_c(m->swappable)) : (Str){ 0 };
    return names(value, app, str_c(m->name)) ? (Str){ 0 } : value;
}

const Model *swap_model(Str setting)
{
    Str rest = swap_setting(setting), app;
    return str_cut(&rest, '.', &app) ? model_find(app, rest) : NULL;
}

Str model_swapped(const Model *m) { return model_info_known(m)->swapped; }

void info_refuse_swapped(Context *cx, const ModelInfo *info)
{
    RAISE(cx, 500, "attribute_error", "Manager isn't available; '%.*s.%s' has been swapped for '%.*s'",
          STR_FMT(info->label), info->m->name, STR_FMT(info->swapped));
}

const char *swap_setting_of(const char *label)
{
    const ModelInfos *all = models_known();
    for (size_t i = 0; label && i < all->n; i++) {
        const ModelInfo *info = all->p[i];
        const char *setting = info->meta->swappable;
        if (!setting || info->between_only)
            continue;
        if (str_ieq(info->swapped, str_c(label)) || names(str_c(label), info->label, info->name))
            return setting;
    }
    return NULL;
}
