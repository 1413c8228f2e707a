/* manager.c: managers of a model and of its bases. */
#include "orm/info.h"
#include <clef/orm/manager.h>

QuerySet *model_manager(Context *cx, const Model *m, Str name)
{
    const ModelInfo *info = model_info(cx, m);
    info_check_swapped(cx, info);
    for (const ModelInfo *at = info; at; at = at->base)
        for (const Manager *of = at->meta->managers; of && of->name; of++)
            if (str_eq(str_c(of->name), name))
                return of->queryset(queryset_of(cx, m));
    return str_eq(name, STR("objects")) ? queryset_of(cx, m) : NULL;
}
