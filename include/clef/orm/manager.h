/*
 * manager.h: querysets of a model under names of their own: Django's custom managers.
 *
 *     static QuerySet *available(QuerySet *all)
 *     {
 *         return FILTER(all, Q(Product, available, EQ, true));
 *     }
 *     const Model Product_model = { MODEL(Product), MANAGERS({ "in_stock", available }), FIELDS(...) };
 *
 *     QuerySet *q = MANAGER(r, Product, "in_stock");
 *
 * A model has the managers of its bases, too, over its own rows; its own count first. "objects" is always there.
 * https://docs.djangoproject.com/en/6.0/topics/db/managers/
 */
#ifndef CLEF_ORM_MANAGER_H
#define CLEF_ORM_MANAGER_H

#include <clef/orm/queryset.h>

typedef struct Manager {
    const char *name; /* NULL ends a list */
    QuerySet *(*queryset)(QuerySet *all);
} Manager;
#define MANAGERS(...)                 \
    .managers = (const Manager[])     \
    {                                 \
        __VA_ARGS__, { .name = NULL } \
    }

/* NULL: the model has no manager of this name. */
CLEF_API(QuerySet *, model_manager, Context *cx, const Model *m, Str name);
#define MANAGER(r, T, name) model_manager(CX(r), &T##_model, str_c(name))

#endif
